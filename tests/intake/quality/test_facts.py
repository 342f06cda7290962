"""What is counted on canonical tables for the gate."""

import duckdb

from analysis.core.quarter import Quarter
from analysis.intake.quality import PeriodFacts, TableFacts, measure_tables
from analysis.intake.schemas import SCHEMAS


def measured(table: str, columns: str, *rows: str) -> TableFacts:
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE clean AS SELECT * FROM (VALUES {', '.join(rows)}) t({columns})")
    return measure_tables(connection, {table: "clean"}, SCHEMAS)[0]


def test_rows_entries_and_filled_cells_are_counted_by_month():
    found = measured(
        "transactions",
        "client_id, month, channel, n_in, n_out, amount_in",
        "('A', DATE '2026-08-31', 'online', 3, 2, 10.0)",
        "('B', DATE '2026-08-31', 'online', 1, NULL, NULL)",
        "('A', DATE '2026-09-30', 'counter', 5, 0, 7.0)",
    )
    assert found.clock == "month"
    assert [(one.period, one.n_rows, one.volume) for one in found.periods] == [
        ("2026-08-31", 2, 6.0),  # 3 + 2 + 1
        ("2026-09-30", 1, 5.0),
    ]
    assert found.periods[0].filled["n_out"] == 1
    assert found.periods[0].filled["amount_in"] == 1
    assert "amount_out" not in found.periods[0].filled  # the source has no such column


def test_loans_are_records_counted_by_the_month_they_start_in():
    found = measured("loans", "loan_id, client_id, start, amount", "('1', 'A', DATE '2026-02-03', 5)")
    assert found.clock == "record"
    assert [one.period for one in found.periods] == ["2026-02-28"]
    assert found.periods[0].quarter == "2026Q1"


def test_entries_are_so_many_that_they_are_counted_by_month():
    found = measured(
        "events", "entry_id, client_id, date", "('1', 'A', DATE '2026-02-03')", "('2', 'A', DATE '2026-02-09')"
    )
    assert (found.clock, [(one.period, one.n_rows) for one in found.periods]) == ("month", [("2026-02-28", 2)])


def test_clients_written_down_at_one_date_each_are_a_register_and_not_gaps():
    once = measured("clients", "client_id, quarter, name", "('A', '2004Q1', 'x')", "('B', '2006Q1', 'y')")
    again = measured("clients", "client_id, quarter, name", "('A', '2004Q1', 'x')", "('A', '2006Q1', 'x')")
    assert (once.clock, again.clock) == ("record", "quarter")
    assert "name" not in once.periods[0].filled  # restricted columns are not looked at


def test_a_year_belongs_to_its_last_quarter_and_is_unknown_before():
    found = TableFacts("financials", "year", (PeriodFacts("2025", 3, None, {}), PeriodFacts("2026", 3, None, {})))
    assert [one.period for one in found.until(Quarter("2026Q3"))] == ["2025"]


def test_facts_survive_the_manifest():
    found = measured("transactions", "client_id, month, n_in", "('A', DATE '2026-08-31', 3)")
    assert TableFacts.from_json(found.as_json()) == found
