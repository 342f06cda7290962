"""Published data load by a mapping file alone, the Czech bank by joins; counts are those of the READMEs beside them."""

import shutil
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
    # README: 525,461 lines, 28,816 invoices, 40 countries, 12,326 lines of negative quantity, 4,383 customers.
    # The contract has no place for an invoice: an entry is a line. A line without a customer is nobody's entry.
    path = staged("online_retail_2009_2010/online_retail_2009_2010.parquet")
    lines = "count(*), count(DISTINCT Invoice), count(DISTINCT Country), count(*) FILTER (WHERE Quantity < 0)"
    whole = duckdb.execute(f"SELECT {lines}, count(DISTINCT CustomerID) FROM '{path}'").fetchall()
    assert whole == [(525_461, 28_816, 40, 12_326, 4_383)]
    named = duckdb.execute(f"SELECT {lines} FROM '{path}' WHERE CustomerID IS NOT NULL").fetchall()
    assert named == [(417_534, 23_587, 37, 9_839)]
    found = by_mapping("online_retail", "online_retail_2009_2010/online_retail_2009_2010.parquet", tmp_path)
    assert counted(found)["events"] == (525_461, 417_534, 107_927)
    rules = {(check.table, check.column, check.rule) for check in found.checks if check.action == "set_aside"}
    assert ("events", "client_id", "required") in rules
    clients = "SELECT count(DISTINCT client_id), count(DISTINCT region) FROM given"
    assert stored(tmp_path, "clients", clients) == [(4_383, 37)]
    entries = "SELECT sum(n_in), sum(n_out), sum(amount_in) - sum(amount_out) FROM given"
    received = duckdb.execute(
        f"SELECT sum(round(Quantity * Price::DECIMAL(18, 4), 2)) FROM '{path}' WHERE CustomerID IS NOT NULL"
    ).fetchone()
    assert received is not None
    assert stored(tmp_path, "transactions", entries) == [(417_534 - 9_839, 9_839, received[0])]


@pytest.mark.parametrize(
    ("name", "file", "n_rows"),
    [
        ("wholesale_customers", "wholesale_customers/wholesale_customers.csv", 440),
        ("mcdonalds", "mcdonalds/mcdonalds.csv", 1_453),
    ],
)
def test_a_published_file_is_read_once_and_known_by_its_hash(name: str, file: str, n_rows: int, tmp_path: Path) -> None:
    given = load_portfolio(name, data=str(staged(file)), cache=tmp_path).provenance
    assert [(one.name, one.rows) for one in given.inputs] == [(Path(file).name, n_rows)]
    assert (given.parameters["checked"], given.cleaning) == (True, ())


def test_another_file_of_the_same_form_is_accepted_and_named(tmp_path: Path) -> None:
    other = tmp_path / "mine.csv"
    other.write_bytes(b"\n".join(staged("wholesale_customers/wholesale_customers.csv").read_bytes().split(b"\n")[:11]))
    given = load_portfolio("wholesale_customers", data=str(other), cache=tmp_path).provenance
    assert given.parameters["checked"] is False
    assert [(note.column, note.rule.en, note.n_rows) for note in given.cleaning] == [
        ("*", "not a file this project was checked with; accepted, as its columns are right", 10)
    ]


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
    assert portfolio.provenance.parameters["checked"] is True


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
