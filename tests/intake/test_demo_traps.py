"""Every defect planted into an export is found once, by the rule meant for it; a clean export raises nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analysis.intake.check_folder import FolderCheck, check_folder
from analysis.intake.sources.demo import DemoParameters, generate
from analysis.intake.sources.demo import patterns as plant_patterns
from analysis.intake.sources.demo.export import STYLES, text_tables, write_export
from analysis.intake.sources.demo.traps import TRAPS, plant

Planter = Callable[[Any, dict[str, str]], Any]


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bank")
    generate(DemoParameters(n_clients=300, n_months=12), folder)
    return folder


def with_planted(
    bank: Path, folder: Path, planter: Planter, style: str = "csv", *, by_quarter: bool = False
) -> tuple[Any, FolderCheck]:
    """What was planted into an export, and what trying its folder found."""
    with duckdb.connect(config={"threads": 1}) as connection:
        tables = text_tables(connection, bank)
        planted = planter(connection, tables)
        write_export(connection, tables, folder / "extracts", STYLES[style], by_quarter=by_quarter)
    return planted, check_folder(folder / "extracts", cache=folder / "cache")


def found_by(found: FolderCheck) -> dict[tuple[str, str, str, str], int]:
    return {(check.table, check.column, check.rule, check.action): check.n_rows for check in found.checks}


def stored(folder: Path, query: str) -> list[Any]:
    """Rows of a query on a table written by the load, named `given` in it."""
    (path,) = (folder / "cache" / "tables").glob("*/restatements.parquet")
    return duckdb.execute(query.replace("given", f"'{path}'")).fetchall()


@pytest.mark.parametrize("style", STYLES)
def test_a_clean_export_raises_nothing(style: str, bank: Path, tmp_path: Path) -> None:
    _, found = with_planted(bank, tmp_path, lambda connection, tables: None, style)
    assert (found.checks, found.set_aside, found.quality.state) == ((), None, "pass")


@pytest.mark.parametrize("style", ["csv", "csv_gb18030"])
def test_every_planted_row_is_found_once_by_its_rule(style: str, bank: Path, tmp_path: Path) -> None:
    planted, found = with_planted(bank, tmp_path, plant, style)
    expected = {(one.trap.table, one.trap.column, one.trap.rule, one.trap.action): one.n_rows for one in planted}
    assert len(expected) == len(TRAPS)
    assert found_by(found) == expected
    aside = sum(one.n_rows for one in planted if one.trap.action == "set_aside")
    assert sum(count.n_set_aside for count in found.counts) == aside
    for count in found.counts:
        assert count.money_read == count.money_kept + count.money_set_aside


@pytest.mark.parametrize(
    ("planter", "key"),
    [
        (
            lambda c, t: plant_patterns.second_numbers(c, t, 3),
            ("clients", "credit_code", "alias", "changed"),
        ),
        (
            lambda c, t: plant_patterns.wrong_check_digits(c, t, 2),
            ("clients", "credit_code", "credit_code_digit", "flag"),
        ),
        (
            lambda c, t: plant_patterns.old_industries(c, t, 4),
            ("clients", "industry_division", "industry_edition_2011", "flag"),
        ),
        (
            lambda c, t: plant_patterns.used_loan_numbers(c, t, 2),
            ("loan_states", "loan_id", "reused_loan_id", "flag"),
        ),
        (
            lambda c, t: plant_patterns.yuan_for_wan(c, t, 3),
            ("positions", "balance_avg", "unit_jump", "flag"),
        ),
    ],
    ids=["two numbers", "check digit", "industry edition", "loan number used again", "yuan for 万元"],
)
def test_a_planted_pattern_is_found_once_by_its_rule(
    planter: Planter, key: tuple[str, str, str, str], bank: Path, tmp_path: Path
) -> None:
    pattern, found = with_planted(bank, tmp_path, planter)
    assert pattern.n_rows > 0
    assert found_by(found) == {key: pattern.n_rows}


def test_clients_who_came_back_are_no_defect(bank: Path, tmp_path: Path) -> None:
    _, found = with_planted(bank, tmp_path, lambda c, t: plant_patterns.came_back(c, t, 3))
    assert found.checks == ()


def test_missing_credit_codes_of_old_records_are_no_defect(bank: Path, tmp_path: Path) -> None:
    pattern, found = with_planted(bank, tmp_path, lambda c, t: plant_patterns.missing_codes(c, t, 36))
    assert pattern.n_rows > 36
    assert found.checks == ()


def test_late_postings_and_corrections_become_restatements(bank: Path, tmp_path: Path) -> None:
    def planter(connection: Any, tables: dict[str, str]) -> tuple[Any, Any]:
        late = plant_patterns.late_postings(connection, tables, 0.015)
        return late, plant_patterns.corrected_balances(connection, tables, 5)

    (late, corrected), found = with_planted(bank, tmp_path, planter, by_quarter=True)
    assert found.checks == ()
    counted = stored(
        tmp_path, """SELECT "table", kind, "column", count(*) FROM given GROUP BY ALL HAVING "column" = 'amount_in'"""
    )
    assert counted == [("transactions", "late", "amount_in", late.n_rows)]
    changed = stored(
        tmp_path,
        """SELECT "column", "before"::DECIMAL(18,2) - "after"::DECIMAL(18,2) FROM given WHERE kind = 'changed'""",
    )
    assert changed == [("balance_end", 100)] * corrected.n_rows


def test_half_a_month_missing_is_a_warning(bank: Path, tmp_path: Path) -> None:
    _, found = with_planted(bank, tmp_path, lambda c, t: plant_patterns.half_a_month(c, t, "2026-08-31"))
    assert found.checks == ()
    assert (found.quality.state, found.quality.warned_tables) == ("warn", ("transactions",))


def test_a_dormant_account_under_its_chinese_word_is_read(bank: Path, tmp_path: Path) -> None:
    def planter(connection: Any, tables: dict[str, str]) -> None:
        connection.execute(f"UPDATE {tables['clients']} SET status = '久悬' WHERE status = 'dormant'")

    _, found = with_planted(bank, tmp_path, planter, "csv_gb18030")
    assert found.checks == ()
