"""Loading refuses early and cheaply, writes tables once, and puts them in place whole."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis.core.errors import DataError, ParameterError
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake import SOURCES, load_portfolio
from analysis.intake.lock import locked
from analysis.intake.source import Extract, Prepared, Source
from tests.builders import client_rows

QUARTERS = (Quarter("2026Q2"), Quarter("2026Q3"))


@pytest.fixture
def source(monkeypatch):
    """A source that counts how often it is asked to write, and writes the frame it holds."""
    state = {"written": 0, "clients": client_rows("A", colour="red")}

    def write(folder: Path) -> Extract:
        state["written"] += 1
        state["clients"].to_parquet(folder / "clients.parquet")
        return Extract(*QUARTERS)

    def prepare(data, options, quarter):
        return Prepared((data, *options.items()), write)

    counting = Source("counting", Text("计数", "counting"), "synthetic", "CNY", "gbt4754", prepare, ())
    monkeypatch.setitem(SOURCES, "counting", counting)
    return state


def test_tables_are_written_once_and_used_again(tmp_path, source):
    first = load_portfolio("counting", cache=tmp_path)
    second = load_portfolio("counting", cache=tmp_path, quarter="2026Q2")
    assert source["written"] == 1
    assert first.folder == second.folder
    assert (first.quarter.label, second.quarter.label) == ("2026Q3", "2026Q2")


def test_another_option_makes_other_tables(tmp_path, source):
    first = load_portfolio("counting", cache=tmp_path, options={"seed": 1})
    second = load_portfolio("counting", cache=tmp_path, options={"seed": 2})
    assert source["written"] == 2
    assert first.key != second.key


def test_two_at_once_write_once(tmp_path, source):
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: load_portfolio("counting", cache=tmp_path), range(2)))
    assert source["written"] == 1


def test_a_table_that_was_deleted_is_written_again(tmp_path, source):
    (load_portfolio("counting", cache=tmp_path).folder / "clients.parquet").unlink()
    assert load_portfolio("counting", cache=tmp_path).clients.client_id.tolist() == ["A"]
    assert source["written"] == 2


def test_refused_tables_leave_nothing_behind(tmp_path, source):
    source["clients"] = client_rows("A", "A")
    with pytest.raises(DataError, match=r"^The data of counting fail 1 check of the data contract"):
        load_portfolio("counting", cache=tmp_path)
    assert [path.suffix for path in (tmp_path / "tables").iterdir()] == [".lock"]


def test_a_column_the_contract_does_not_know_is_left_out_and_told(tmp_path, source):
    portfolio = load_portfolio("counting", cache=tmp_path)
    (note,) = portfolio.provenance.cleaning
    assert (note.table, note.column, note.n_rows) == ("clients", "colour", 2)
    assert "colour" not in portfolio.clients


def test_an_unknown_source_is_answered_with_the_nearest_and_all():
    with pytest.raises(
        ParameterError,
        match=r"^There is no source 'sbaa'. Did you mean 'sba'\? Known are berka, "
        "database, demo, folder, mcdonalds, online_retail, sba, wholesale_customers.$",
    ):
        load_portfolio("sbaa")


def test_a_malformed_quarter_is_refused_and_a_quarter_without_data_gets_the_span(tmp_path, source):
    with pytest.raises(ParameterError, match=r"^'2026-3' is not a quarter."):
        load_portfolio("counting", quarter="2026-3", cache=tmp_path)
    assert source["written"] == 0
    with pytest.raises(
        DataError, match=r"^The source counting has no data for 2031Q1. Its first quarter is 2026Q2, its last 2026Q3.$"
    ):
        load_portfolio("counting", quarter="2031Q1", cache=tmp_path)


def test_refusing_imports_neither_pandas_nor_the_data_engine():
    code = (
        "import sys\nfrom analysis.intake import load_portfolio\n"
        "for name, quarter in (('nosuch', 'latest'), ('demo', '2026-3')):\n"
        "    try:\n        load_portfolio(name, quarter=quarter)\n    except Exception as error:\n"
        "        assert type(error).__name__ == 'ParameterError'\n    else:\n        raise SystemExit('not refused')\n"
        "heavy = {'pandas', 'duckdb', 'ibis', 'pyarrow', 'numpy', 'sklearn'} & set(sys.modules)\n"
        "raise SystemExit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (0, "")


def test_the_demo_bank_takes_no_data_and_only_known_options():
    with pytest.raises(ParameterError, match=r"^The source demo makes its own data and takes no DATA."):
        load_portfolio("demo", data="x.csv")
    with pytest.raises(ParameterError, match=r"^The demo bank has no option 'clients'. Did you mean 'n_clients'\?"):
        load_portfolio("demo", options={"clients": 300})
    with pytest.raises(ParameterError, match=r"^The option seed of the demo bank is '7'. Give a whole number."):
        load_portfolio("demo", options={"seed": "7"})


def test_the_demo_bank_passes_the_contract_and_is_marked_synthetic(tmp_path):
    portfolio = load_portfolio("demo", cache=tmp_path, options={"n_clients": 200, "n_months": 12})
    assert portfolio.provenance.kind == "synthetic"
    assert portfolio.provenance.parameters["n_clients"] == 200
    # Twelve months are four quarters.
    assert portfolio.first_quarter == portfolio.last_quarter.shift(-3)
    assert len(portfolio.clients) == 200
    assert portfolio.clients.client_id.is_unique
    known = portfolio.clients.size_class.notna()
    assert ((portfolio.clients.size_reason == "") == known).all()
    last_month = portfolio.table("positions").month.max()
    assert portfolio.to_frame(last_month.as_table()).iloc[0, 0] == pd.Timestamp(portfolio.quarter.end)


def test_the_lock_works_without_the_system_call(tmp_path, monkeypatch):
    monkeypatch.setattr("analysis.intake.lock.fcntl", None)
    path = tmp_path / "x.lock"
    with locked(path):
        assert path.exists()
    assert not path.exists()


def test_every_source_says_what_it_is():
    for name, registered in SOURCES.items():
        assert registered.name == name
        assert registered.title.zh
        assert registered.kind in {"synthetic", "open", "production"}
        assert replace(registered) == registered


def test_the_frame_of_clients_can_be_used_without_changing_the_portfolio(tmp_path, source):
    portfolio = load_portfolio("counting", cache=tmp_path)
    assert isinstance(portfolio.clients, pd.DataFrame)
    assert portfolio.clients.client_id.tolist() == ["A"]
