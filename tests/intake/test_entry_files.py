"""Files of entries in a load: of a folder that grows by a quarter only the new quarter is read and summed."""

from decimal import Decimal
from pathlib import Path
from shutil import rmtree
from typing import Any

import duckdb
import numpy as np
import pytest

from analysis.core.errors import DataError
from analysis.intake import load_portfolio
from analysis.intake.check_folder import check_folder
from analysis.intake.entries import step
from analysis.intake.portfolio import Portfolio

MAPPING = """
[source]
name = "flows"
kind = "production"

[[file]]
table = "clients"
files = ["clients.csv"]
[file.columns]
client_id = "no"
credit_code = "code"

[[file]]
table = "events"
files = ["flow*.csv"]
[file.columns]
entry_id = "serial"
client_id = "no"
date = "day"
direction = "way"
amount = "sum"
channel = "channel"
counterparty = "other"
"""
HEADER = "serial,no,day,way,sum,channel,other\n"
CLIENTS = "no,code\nK1,\nK2,\nK3,\n"
QUARTERS = ("2026Q1", "2026Q2", "2026Q3")
MONTHS = {"2026Q1": 2, "2026Q2": 5, "2026Q3": 8}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANALYSIS_ID_KEY", "a key for tests only")


def flows(quarter: str, n_rows: int = 200) -> str:
    """Entries of one month of a quarter; every number once."""
    draw = np.random.default_rng(int(quarter[-1]))
    lines = [
        f"{quarter}-{n},K{draw.integers(1, 4)},2026-{MONTHS[quarter]:02d}-{draw.integers(1, 29):02d},"
        f"{draw.choice(['in', 'out'])},{draw.lognormal(8, 2):.2f},{draw.choice(['online', 'counter'])},"
        f"P{draw.integers(0, 9)}"
        for n in range(n_rows)
    ]
    return HEADER + "\n".join(lines) + "\n"


def deliver(root: Path, quarter: str, entries: str = "", clients: str = CLIENTS) -> None:
    """A quarter's folder."""
    (root / quarter).mkdir(parents=True)
    (root / quarter / "clients.csv").write_text(clients, encoding="utf-8")
    (root / quarter / "flow.csv").write_text(entries or flows(quarter), encoding="utf-8")
    (root / "mapping.toml").write_text(MAPPING, encoding="utf-8")


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    root = tmp_path / "bank"
    for quarter in QUARTERS[:2]:
        deliver(root, quarter)
    return root


class Counter:
    """Which files of entries were read, and which were summed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read: list[str] = []
        self.summed: list[tuple[str, ...]] = []
        read, compute = step.read_unit, step._compute

        def reading(clients: Any, unit: Any, number: int) -> Any:
            self.read += [file.file for file in unit.files]
            return read(clients, unit, number)

        def computing(clients: Any, members: Any, folder: Path) -> None:
            self.summed.append(tuple(file.file for one in members for file in one.unit.files))
            compute(clients, members, folder)

        monkeypatch.setattr(step, "read_unit", reading)
        monkeypatch.setattr(step, "_compute", computing)

    def taken(self) -> tuple[list[str], list[tuple[str, ...]]]:
        found = self.read, self.summed
        self.read, self.summed = [], []
        return found


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> Counter:
    return Counter(monkeypatch)


def tables(portfolio: Portfolio) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(portfolio.folder.iterdir())}


def test_a_new_quarter_is_read_alone_and_the_tables_are_those_of_a_whole_load(
    bank: Path, tmp_path: Path, counter: Counter
) -> None:
    load_portfolio(str(bank), cache=tmp_path / "cache")
    both = ["2026Q1/flow.csv", "2026Q2/flow.csv"]
    assert counter.taken() == (both, [(name,) for name in both])
    deliver(bank, "2026Q3")
    grown = load_portfolio(str(bank), cache=tmp_path / "cache")
    assert counter.taken() == (["2026Q3/flow.csv"], [("2026Q3/flow.csv",)])
    whole = load_portfolio(str(bank), cache=tmp_path / "elsewhere")
    assert len(counter.taken()[0]) == 3
    assert {"activity.parquet", "transactions.parquet", "manifest.json"} <= set(tables(whole))
    assert tables(grown) == tables(whole)


def test_what_is_kept_may_be_deleted_and_holds_no_number_of_a_client(bank: Path, tmp_path: Path) -> None:
    before = tables(load_portfolio(str(bank), cache=tmp_path / "cache"))
    kept = tmp_path / "cache" / "entries"
    assert not [path for path in kept.rglob("*") if path.name.startswith(".")]
    for path in kept.rglob("*.parquet"):
        assert "'K1'" not in str(duckdb.execute(f"SELECT * FROM '{path}'").fetchall())
    rmtree(tmp_path / "cache")
    assert tables(load_portfolio(str(bank), cache=tmp_path / "cache")) == before


def test_a_client_that_becomes_known_brings_its_old_entries_back(bank: Path, tmp_path: Path, counter: Counter) -> None:
    text = flows("2026Q1") + "x1,K9,2026-02-03,in,500.00,online,P1\n"
    (bank / "2026Q1" / "flow.csv").write_text(text, encoding="utf-8")
    before = load_portfolio(str(bank), cache=tmp_path / "cache")
    assert before.set_aside["rule"].tolist() == ["orphan"]
    counter.taken()
    deliver(bank, "2026Q3", clients=CLIENTS + "K9,\n")
    after = load_portfolio(str(bank), cache=tmp_path / "cache")
    assert counter.taken()[1] == [("2026Q1/flow.csv",), ("2026Q3/flow.csv",)]
    assert len(after.set_aside) == 0
    assert tables(after) == tables(load_portfolio(str(bank), cache=tmp_path / "elsewhere"))


def test_two_numbers_of_one_client_are_summed_as_one_whenever_that_shows(bank: Path, tmp_path: Path) -> None:
    load_portfolio(str(bank), cache=tmp_path / "cache")
    code = "91350100M000100Y43"
    deliver(bank, "2026Q3", clients=f"no,code\nK1,{code}\nK2,{code}\nK3,\n")
    grown = load_portfolio(str(bank), cache=tmp_path / "cache")
    frame = grown.to_frame(grown.table("activity"))
    assert frame.groupby("quarter")["client_id"].nunique().tolist() == [2, 2, 2]
    assert int(frame["n_in"].sum() + frame["n_out"].sum()) == 600
    assert tables(grown) == tables(load_portfolio(str(bank), cache=tmp_path / "elsewhere"))


def test_a_later_folder_that_speaks_of_an_earlier_quarter_is_summed_with_it(
    bank: Path, tmp_path: Path, counter: Counter
) -> None:
    load_portfolio(str(bank), cache=tmp_path / "cache")
    counter.taken()
    corrected = flows("2026Q1").splitlines()[1].split(",")
    corrected[4] = "1.00"
    deliver(bank, "2026Q3", flows("2026Q3") + ",".join(corrected) + "\nlate,K1,2026-02-03,in,7.00,online,P1\n")
    grown = load_portfolio(str(bank), cache=tmp_path / "cache")
    assert counter.taken()[1] == [("2026Q3/flow.csv",), ("2026Q1/flow.csv", "2026Q3/flow.csv")]
    changed = grown.restatements
    assert changed["column"].tolist() == ["amount"]
    assert Decimal(changed["after"].tolist()[0]) == 1
    frame = grown.to_frame(grown.table("activity"))
    first = frame[frame["quarter"] == "2026Q1"]
    assert int(first["n_in"].sum() + first["n_out"].sum()) == 201
    assert tables(grown) == tables(load_portfolio(str(bank), cache=tmp_path / "elsewhere"))


def test_an_entry_named_in_two_quarters_stays_once_in_the_later(bank: Path, tmp_path: Path, counter: Counter) -> None:
    load_portfolio(str(bank), cache=tmp_path / "cache")
    counter.taken()
    deliver(bank, "2026Q3", flows("2026Q3") + "2026Q1-0,K1,2026-08-03,in,7.00,online,P1\n")
    grown = load_portfolio(str(bank), cache=tmp_path / "cache")
    assert counter.taken()[1][-1] == ("2026Q1/flow.csv", "2026Q3/flow.csv")
    frame = grown.to_frame(grown.table("activity")).groupby("quarter")[["n_in", "n_out"]].sum().sum(axis=1)
    assert frame.to_dict() == {"2026Q1": 199, "2026Q2": 200, "2026Q3": 201}


def test_files_of_a_folder_that_holds_all_history_are_kept_one_by_one(tmp_path: Path, counter: Counter) -> None:
    root = tmp_path / "flat"
    root.mkdir()
    clients = "".join(f"K{n},,{quarter}\n" for n in (1, 2, 3) for quarter in QUARTERS)
    (root / "clients.csv").write_text(f"no,code,quarter\n{clients}", encoding="utf-8")
    text = MAPPING.replace('credit_code = "code"', 'credit_code = "code"\nquarter = "quarter"')
    (root / "mapping.toml").write_text(text, encoding="utf-8")
    for quarter in QUARTERS[:2]:
        (root / f"flow_{quarter}.csv").write_text(flows(quarter), encoding="utf-8")
    load_portfolio(str(root), cache=tmp_path / "cache")
    counter.taken()
    (root / "flow_2026Q3.csv").write_text(flows("2026Q3"), encoding="utf-8")
    grown = load_portfolio(str(root), cache=tmp_path / "cache")
    assert counter.taken() == (["flow_2026Q3.csv"], [("flow_2026Q3.csv",)])
    assert tables(grown) == tables(load_portfolio(str(root), cache=tmp_path / "elsewhere"))


def test_entries_that_cannot_be_read_are_named_all_at_once(bank: Path, tmp_path: Path) -> None:
    for quarter in QUARTERS[:2]:
        (bank / quarter / "flow.csv").write_text(flows(quarter).replace("way", "direction"), encoding="utf-8")
    with pytest.raises(DataError) as refusal:
        load_portfolio(str(bank), cache=tmp_path / "cache")
    assert refusal.value.message == (
        "Columns are missing: 2026Q1/flow.csv has no column 'way' for events.direction (Did you mean 'day'?); "
        "2026Q2/flow.csv has no column 'way' for events.direction (Did you mean 'day'?)."
    )


def test_sums_that_the_bank_gives_itself_are_not_replaced(bank: Path, tmp_path: Path) -> None:
    text = MAPPING + '[[file]]\ntable = "transactions"\nfiles = ["sums.csv"]\n[file.columns]\n'
    text += 'client_id = "no"\nmonth = "month"\nchannel = "channel"\nn_in = "n"\n'
    (bank / "mapping.toml").write_text(text, encoding="utf-8")
    (bank / "2026Q2" / "sums.csv").write_text("no,month,channel,n\nK1,2026-06-30,online,77\n", encoding="utf-8")
    loaded = load_portfolio(str(bank), cache=tmp_path / "cache")
    assert loaded.to_frame(loaded.table("transactions"))["n_in"].tolist() == [77]
    assert sorted(set(loaded.to_frame(loaded.table("activity"))["quarter"])) == ["2026Q1", "2026Q2"]


def test_entries_read_are_kept_or_set_aside_to_the_fen_from_what_was_kept_too(bank: Path, tmp_path: Path) -> None:
    text = flows("2026Q1") + "x1,K9,2026-02-03,in,500.00,online,P1\nx2,K1,2026-02-03,in,50x,online,P1\n"
    (bank / "2026Q1" / "flow.csv").write_text(text, encoding="utf-8")
    first = check_folder(bank, cache=tmp_path / "cache")
    deliver(bank, "2026Q3")
    second = check_folder(bank, cache=tmp_path / "cache")
    for result, n_rows in ((first, 402), (second, 602)):
        (count,) = (count for count in result.counts if count.table == "events")
        assert (count.n_read, count.n_kept, count.n_set_aside) == (n_rows, n_rows - 2, 2)
        assert count.money_set_aside == 500
        assert count.money_read == count.money_kept + count.money_set_aside
        assert {check.rule for check in result.checks if check.table == "events"} == {"orphan", "type"}
