"""Published data load by a mapping file alone, the Czech bank by joins; counts are those of the READMEs beside them."""

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analysis.core.errors import DataError, ParameterError
from analysis.intake.check_folder import FolderCheck, check_folder
from analysis.intake.load import load_portfolio
from analysis.intake.portfolio import Portfolio, parquet_sql
from analysis.intake.reference import project_root
from analysis.intake.sources import SOURCES

PUBLISHED = project_root().parent / "shared" / "data"


def staged(name: str) -> Path:
    """A published file, or a skip that says what is missing."""
    path = PUBLISHED / name
    if not path.exists():
        pytest.skip(f"the published file {path.name} is not there")
    return path


def by_mapping(name: str, file: str, folder: Path) -> FolderCheck:
    """The published file in a folder with nothing but its committed mapping."""
    (folder / "extracts").mkdir()
    shutil.copy(staged(file), folder / "extracts")
    shutil.copy(project_root() / "data" / "mappings" / f"{name}.toml", folder / "extracts" / "mapping.toml")
    return check_folder(folder / "extracts", cache=folder / "cache")


def counted(found: FolderCheck) -> dict[str, tuple[int, int, int]]:
    return {count.table: (count.n_read, count.n_kept, count.n_set_aside) for count in found.counts}


def stored(folder: Path, table: str, query: str) -> list[Any]:
    """Rows of a query on a table that was loaded, called `given` in it."""
    (path,) = (folder / "cache" / "tables").glob(f"*/{table}.parquet")
    return duckdb.execute(query.replace("given", f"'{path}'")).fetchall()


def asked(portfolio: Portfolio, table: str, query: str) -> list[Any]:
    return duckdb.execute(query.replace("given", parquet_sql(portfolio.folder, table))).fetchall()


def test_loans_of_the_small_business_administration_load_by_a_mapping_alone(tmp_path: Path) -> None:
    found = by_mapping("sba", "sba_national/sba_national_dev.csv.gz", tmp_path)
    assert found.checks == ()
    assert counted(found) == {"clients": (14_917, 14_917, 0), "loans": (14_917, 14_917, 0)}
    outcomes = "SELECT outcome, count(*), sum(charged_off) FROM given GROUP BY outcome ORDER BY outcome NULLS LAST"
    assert stored(tmp_path, "loans", outcomes) == [
        ("charged_off", 3_084, Decimal("160328472.00")),
        ("paid_in_full", 11_763, None),
        (None, 70, None),
    ]
    assert stored(tmp_path, "loans", "SELECT sum(amount) FROM given") == [(Decimal("1711632565.00"),)]
    assert stored(tmp_path, "clients", "SELECT count(DISTINCT region) FROM given") == [(51,)]


def test_the_same_loans_by_the_source_that_dates_what_is_paid() -> None:
    path = staged("sba_national/sba_national_dev.csv.gz")
    assert SOURCES["sba"].prepare(str(path), {}, None).key[0] == path.name


def test_wholesale_customers_load_by_a_mapping_alone(tmp_path: Path) -> None:
    found = by_mapping("wholesale_customers", "wholesale_customers/wholesale_customers.csv", tmp_path)
    assert found.checks == ()
    assert counted(found) == {"clients": (440, 440, 0), "features": (3_080, 3_080, 0)}  # 6 products and the channel
    assert stored(tmp_path, "clients", "SELECT region, count(*) FROM given GROUP BY region ORDER BY region") == [
        ("Lisbon", 77),
        ("Oporto", 47),
        ("other", 316),
    ]
    channels = "SELECT value, count(*) FROM given WHERE feature = 'channel' GROUP BY value ORDER BY value"
    assert stored(tmp_path, "features", channels) == [(1.0, 298), (2.0, 142)]
    means = (
        "SELECT feature, round(avg(value), 2) FROM given WHERE feature <> 'channel' GROUP BY feature ORDER BY feature"
    )
    assert stored(tmp_path, "features", means) == [
        ("delicassen", 1524.87),
        ("detergents_paper", 2881.49),
        ("fresh", 12000.3),
        ("frozen", 3071.93),
        ("grocery", 7951.28),
        ("milk", 5796.27),
    ]


def test_the_brand_survey_loads_by_a_mapping_alone(tmp_path: Path) -> None:
    found = by_mapping("mcdonalds", "mcdonalds/mcdonalds.csv", tmp_path)
    assert found.checks == ()
    assert counted(found) == {"clients": (1_453, 1_453, 0), "features": (21_795, 21_795, 0)}  # 15 columns
    means = (
        "SELECT feature, round(avg(value), 2) FROM given WHERE feature NOT IN ('like', 'age') AND value IS NOT NULL"
        " GROUP BY feature ORDER BY feature"
    )
    assert dict(stored(tmp_path, "features", means)) == {
        "yummy": 0.55,
        "convenient": 0.91,
        "spicy": 0.09,
        "fattening": 0.87,
        "greasy": 0.53,
        "fast": 0.90,
        "cheap": 0.60,
        "tasty": 0.64,
        "expensive": 0.36,
        "healthy": 0.20,
        "disgusting": 0.24,
    }
    genders = "SELECT word, count(*) FROM given WHERE feature = 'gender' GROUP BY word ORDER BY word"
    assert stored(tmp_path, "features", genders) == [("Female", 788), ("Male", 665)]
    extremes = "SELECT count(*) FILTER (WHERE value = -5), count(*) FILTER (WHERE value = 5) FROM given"
    assert stored(tmp_path, "features", f"{extremes} WHERE feature = 'like'") == [(152, 143)]


def test_invoices_of_an_online_retailer_load_by_a_mapping_alone(tmp_path: Path) -> None:
    found = by_mapping("online_retail", "online_retail_2009_2010/online_retail_2009_2010.parquet", tmp_path)
    events = counted(found)["events"]
    assert events == (525_461, 417_534, 107_927)  # every line set aside has no customer
    rules = {(check.table, check.column, check.rule) for check in found.checks if check.action == "set_aside"}
    assert ("events", "client_id", "required") in rules
    assert stored(tmp_path, "clients", "SELECT count(DISTINCT client_id) FROM given") == [(4_383,)]


def test_the_czech_bank_loads_by_joins(tmp_path: Path) -> None:
    folder = staged("berka_czech_bank")
    portfolio = load_portfolio("berka", data=str(folder), cache=tmp_path)
    assert (portfolio.first_quarter.label, portfolio.last_quarter.label) == ("1995Q2", "1998Q4")  # of the entries
    assert asked(portfolio, "clients", "SELECT count(DISTINCT client_id) FROM given") == [(3_597,)]
    outcomes = "SELECT outcome, count(*) FROM given GROUP BY outcome ORDER BY outcome NULLS LAST"
    assert asked(portfolio, "loans", outcomes) == [
        ("charged_off", 21),  # B
        ("paid_in_full", 140),  # A
        (None, 303),  # C 273 and D 30 still run
    ]
    assert asked(portfolio, "transactions", "SELECT sum(n_in + n_out) FROM given") == [(19_984,)]
    assert asked(portfolio, "activity", "SELECT sum(n_in + n_out) FROM given") == [(19_984,)]


def test_a_folder_without_the_czech_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loan.csv").write_text("loan_id\n1\n")
    with pytest.raises(DataError) as refusal:
        SOURCES["berka"].prepare(str(tmp_path), {}, None)
    assert str(refusal.value) == (
        f"The folder {tmp_path.name} has no file of the Czech bank called account, client, disp, district, trans. "
        "They are published with Petr Berka (1999), PKDD'99 Discovery Challenge, financial data. Write DATA=folder."
    )


def test_a_mapping_of_ones_own_may_not_take_the_name_of_published_data(tmp_path: Path) -> None:
    (tmp_path / "clients.csv").write_text("client_id,quarter\nA,2026Q3\n")
    (tmp_path / "mapping.toml").write_text(
        '[source]\nname = "sba"\n[[file]]\ntable = "clients"\nfiles = ["clients.csv"]\n'
        '[file.columns]\nclient_id = "client_id"\nquarter = "quarter"\n'
    )
    with pytest.raises(ParameterError) as refusal:
        check_folder(tmp_path, cache=tmp_path / "cache")
    assert str(refusal.value) == (
        "The mapping calls its source 'sba', which is a name of this project. "
        "Choose another name in [source] of the mapping file."
    )
