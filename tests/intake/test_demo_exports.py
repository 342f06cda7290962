"""The demo bank written out in every format and read back says what it said."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from analysis.core.errors import DataError
from analysis.features import build_features
from analysis.intake.check_folder import check_folder
from analysis.intake.identity import pseudonym_key
from analysis.intake.load import load_portfolio
from analysis.intake.mapping import draft_toml
from analysis.intake.portfolio import Portfolio
from analysis.intake.sources.demo import DemoParameters, generate
from analysis.intake.sources.demo.export import STYLES, text_tables, write_export
from analysis.intake.sources.demo.patterns import corrected_balances, late_postings
from analysis.intake.sources.folder import look
from analysis.metrics import METRICS, measure
from tests.intake.exports import SIZE, differences, write_workbook
from tests.postgres import PASSWORD, Server, copy_tables

PUBLISHED = pseudonym_key("synthetic")
SECRET = "a key of this test alone"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exports")


@pytest.fixture(scope="module")
def demo(place: Path) -> Portfolio:
    return load_portfolio("demo", cache=place / "cache", options=SIZE)


@pytest.fixture(scope="module")
def bank(place: Path) -> Path:
    """The bank's own tables, with the names and codes that are never stored."""
    generate(DemoParameters(n_clients=200, n_months=12), place / "bank")
    return place / "bank"


def exported(bank: Path, folder: Path, style: str) -> Path:
    with duckdb.connect(config={"threads": 1}) as connection:
        write_export(connection, text_tables(connection, bank), folder, STYLES[style])
    return folder


def some(tables: dict[str, str], *names: str) -> dict[str, str]:
    """These tables alone: the others would tell nothing new."""
    return {name: tables[name] for name in names}


def loaded(folder: Path, place: Path) -> Portfolio:
    return load_portfolio("folder", data=str(folder), cache=place / "cache")


@pytest.mark.parametrize("style", STYLES)
def test_a_clean_export_raises_nothing_and_is_read_back_row_by_row(
    style: str, bank: Path, demo: Portfolio, place: Path
) -> None:
    found = check_folder(exported(bank, place / style, style), cache=place / "cache")
    assert (found.checks, found.set_aside, found.quality.state) == ((), None, "pass")
    again = loaded(place / style, place)
    assert again.tables == demo.tables
    assert differences(demo, again, PUBLISHED) == {}
    assert (again.quarter, again.first_quarter, again.last_quarter) == (
        demo.quarter,
        demo.first_quarter,
        demo.last_quarter,
    )


def test_a_workbook_with_titles_is_read_back_row_by_row(bank: Path, demo: Portfolio, place: Path) -> None:
    with duckdb.connect(config={"threads": 1}) as connection:
        tables = some(text_tables(connection, bank), "clients", "positions", "loans", "staff")
        write_workbook(connection, tables, place / "excel")
    again = loaded(place / "excel", place)
    assert set(again.tables) == set(tables)
    assert differences(demo, again, PUBLISHED) == {}


def test_late_postings_and_corrections_are_told_and_end_in_the_right_rows(
    bank: Path, demo: Portfolio, place: Path
) -> None:
    folder = place / "quarters"
    with duckdb.connect(config={"threads": 1}) as connection:
        tables = some(text_tables(connection, bank), "clients", "positions", "transactions")
        late = late_postings(connection, tables, 0.015)
        corrected = corrected_balances(connection, tables, 5)
        write_export(connection, tables, folder, STYLES["csv"], by_quarter=True)
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == ["2025Q4", "2026Q1", "2026Q2", "2026Q3"]
    again = loaded(folder, place)
    assert differences(demo, again, PUBLISHED) == {}
    restated = f"'{again.folder / 'restatements.parquet'}'"
    query = f"""SELECT "table", kind, count(*) FROM {restated} WHERE "column" IN ('amount_in', 'balance_end')
        GROUP BY ALL ORDER BY ALL"""
    assert duckdb.execute(query).fetchall() == [
        ("positions", "changed", corrected.n_rows),
        ("transactions", "late", late.n_rows),
    ]
    moved = (
        f"""SELECT DISTINCT "before"::DECIMAL(18,2) - "after"::DECIMAL(18,2) FROM {restated} WHERE kind = 'changed'"""
    )
    assert duckdb.execute(moved).fetchall() == [(100,)]


def test_an_export_under_names_of_the_contract_needs_no_mapping_file(
    bank: Path, demo: Portfolio, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANALYSIS_ID_KEY", SECRET)
    folder = exported(bank, place / "guessed", "csv")
    (folder / "mapping.toml").unlink()
    assert differences(demo, loaded(folder, place), SECRET.encode()) == {}


def test_the_draft_for_a_chinese_export_is_right_and_must_be_looked_at(
    bank: Path, demo: Portfolio, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANALYSIS_ID_KEY", SECRET)
    folder = exported(bank, place / "chinese-guessed", "csv_gb18030")
    (folder / "mapping.toml").unlink()
    with pytest.raises(DataError) as refusal:
        loaded(folder, place)
    assert str(refusal.value) == (
        "The folder chinese-guessed has no mapping.toml, and what its columns mean is not certain. "
        "Run analysis data check chinese-guessed: it shows its guess and writes a draft to correct."
    )
    guess = look(str(folder)).guess
    assert guess is not None
    (folder / "mapping.toml").write_text(draft_toml(guess), encoding="utf-8")
    assert differences(demo, loaded(folder, place), SECRET.encode()) == {}


def test_a_database_is_read_back_row_by_row(
    demo: Portfolio, place: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANALYSIS_DATABASE_PASSWORD", PASSWORD)
    monkeypatch.setenv("ANALYSIS_ID_KEY", SECRET)
    copy_tables(postgres, demo, "exports")
    again = load_portfolio(postgres.url("exports"), cache=place / "cache")
    assert differences(demo, again, SECRET.encode()) == {}


@pytest.mark.parametrize("route", ["csv_gb18030", "workbook"])
def test_every_metric_and_feature_of_an_export_is_that_of_the_demo_bank(
    route: str, bank: Path, demo: Portfolio, place: Path
) -> None:
    folder = place / f"figures_{route}"
    if route == "workbook":
        with duckdb.connect(config={"threads": 1}) as connection:
            write_workbook(connection, text_tables(connection, bank), folder)
    else:
        exported(bank, folder, route)
    again = loaded(folder, place)
    assert again.tables == demo.tables
    assert differences(demo, again, PUBLISHED) == {}
    codes = tuple(code for code, metric in METRICS.items() if metric.compute is not None)
    for by in (None, "industry", "region_tier"):
        pd.testing.assert_frame_equal(measure(again, codes, by=by), measure(demo, codes, by=by))
    here, there = build_features(demo), build_features(again)
    assert here.features == there.features
    order = list(here.values.columns)
    pd.testing.assert_frame_equal(
        here.values.sort_values(order, ignore_index=True),
        there.values.sort_values(order, ignore_index=True),
        rtol=1e-9,
        atol=0,
    )
