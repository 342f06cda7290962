"""Every defect planted into an export is found once, by the rule meant for it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analysis.intake.check_folder import FolderCheck, check_folder
from analysis.intake.sources.demo import DemoParameters, generate, patterns
from analysis.intake.sources.demo.export import STYLES, text_tables, write_export
from analysis.intake.sources.demo.traps import TRAPS, plant

Planter = Callable[[Any, dict[str, str]], Any]


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bank")
    generate(DemoParameters(n_clients=200, n_months=12), folder)
    return folder


def with_planted(bank: Path, folder: Path, planter: Planter, style: str = "csv") -> tuple[Any, FolderCheck]:
    """What was planted into an export, and what trying its folder found."""
    with duckdb.connect(config={"threads": 1}) as connection:
        tables = text_tables(connection, bank)
        planted = planter(connection, tables)
        write_export(connection, tables, folder / "extracts", STYLES[style])
    return planted, check_folder(folder / "extracts", cache=folder / "cache")


def found_by(found: FolderCheck) -> dict[tuple[str, str, str, str], int]:
    return {(check.table, check.column, check.rule, check.action): check.n_rows for check in found.checks}


def test_every_planted_row_is_found_once_by_its_rule(bank: Path, tmp_path: Path) -> None:
    planted, found = with_planted(bank, tmp_path, plant, "csv_gb18030")
    expected = {(one.trap.table, one.trap.column, one.trap.rule, one.trap.action): one.n_rows for one in planted}
    assert len(expected) == len(TRAPS)
    assert [one.n_rows for one in planted] == [trap.n for trap in TRAPS]
    assert found_by(found) == expected
    aside = sum(one.n_rows for one in planted if one.trap.action == "set_aside")
    assert sum(count.n_set_aside for count in found.counts) == aside
    for count in found.counts:
        assert count.n_read == count.n_kept + count.n_set_aside
        assert count.money_read == count.money_kept + count.money_set_aside


def test_every_planted_pattern_is_found_once_by_its_rule(bank: Path, tmp_path: Path) -> None:
    def planter(connection: Any, tables: dict[str, str]) -> dict[str, int]:
        found = (
            patterns.wrong_check_digits(connection, tables, 2),
            patterns.old_industries(connection, tables, 4),
            patterns.used_loan_numbers(connection, tables, 2),
            patterns.second_numbers(connection, tables, 3),
            patterns.yuan_for_wan(connection, tables, 3),
            patterns.missing_codes(connection, tables, 24),
            patterns.came_back(connection, tables, 2),
        )
        return {pattern.name: pattern.n_rows for pattern in found}

    planted, found = with_planted(bank, tmp_path, planter)
    assert min(planted.values()) > 0
    assert found_by(found) == {
        ("clients", "credit_code", "credit_code_digit", "flag"): planted["wrong_check_digits"],
        ("clients", "industry_division", "industry_edition_2011", "flag"): planted["old_industries"],
        ("loan_states", "loan_id", "reused_loan_id", "flag"): planted["used_loan_numbers"],
        ("clients", "credit_code", "alias", "changed"): planted["second_numbers"],
        ("positions", "balance_avg", "unit_jump", "flag"): planted["yuan_for_wan"],
        # Codes missing on old records and clients who came back are no defects.
    }


def test_half_a_month_missing_is_a_warning_and_a_dormant_account_none(bank: Path, tmp_path: Path) -> None:
    def planter(connection: Any, tables: dict[str, str]) -> None:
        patterns.half_a_month(connection, tables, "2026-08-31")
        connection.execute(f"UPDATE {tables['clients']} SET status = '久悬' WHERE status = 'dormant'")

    _, found = with_planted(bank, tmp_path, planter, "csv_gb18030")
    assert found.checks == ()
    assert (found.quality.state, found.quality.warned_tables) == ("warn", ("transactions",))
