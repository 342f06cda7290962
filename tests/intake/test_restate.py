"""A later folder wins by key; what it changes in earlier quarters is told."""

import duckdb
import pytest

from analysis.intake.restate import merge_folders
from analysis.intake.schemas import SCHEMAS


@pytest.fixture
def connection():
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


def folder(connection, name, select):
    connection.execute(f"CREATE TABLE {name} AS {select}")
    return name


def positions(*rows, columns="client_id, month, product, balance_avg, balance_end"):
    values = ", ".join(
        f"('{client}', DATE '{month}', 'p', {average}::DECIMAL(18,2), {end}::DECIMAL(18,2), 'f.csv', {line})"
        for line, (client, month, average, end) in enumerate(rows, start=2)
    )
    return f"SELECT * FROM (VALUES {values}) AS t({columns}, _file, _line)"


def merged(connection, table, *folders):
    found = merge_folders(connection, SCHEMAS[table], folders)
    rows = connection.execute(f"SELECT * FROM {found.relation} ORDER BY ALL").fetchall()
    query = f'SELECT * EXCLUDE ("table") FROM {found.restatements} ORDER BY ALL'
    return rows, connection.execute(query).fetchall()


def test_an_earlier_value_that_a_later_folder_changes_is_a_restatement(connection):
    old = folder(connection, "old", positions(("C1", "2026-06-30", 10, 11), ("C2", "2026-06-30", 20, 21)))
    new = folder(connection, "new", positions(("C1", "2026-06-30", 10, 12), ("C1", "2026-09-30", 30, 31)))
    found = merge_folders(connection, SCHEMAS["positions"], [("2026Q2", old), ("2026Q3", new)])
    rows = connection.execute(f"SELECT client_id, month::VARCHAR, balance_end::INT FROM {found.relation} ORDER BY ALL")
    assert rows.fetchall() == [("C1", "2026-06-30", 12), ("C1", "2026-09-30", 31), ("C2", "2026-06-30", 21)]
    told = connection.execute(
        f'SELECT "table", kind, client_id, month::VARCHAR, product, "column", before, after, folder'
        f" FROM {found.restatements}"
    ).fetchall()
    assert told == [("positions", "changed", "C1", "2026-06-30", "p", "balance_end", "11.00", "12.00", "2026Q3")]


def test_a_new_row_of_a_closed_quarter_is_late_and_one_of_the_new_quarter_is_not(connection):
    old = folder(connection, "old", positions(("C1", "2026-06-30", 10, 11)))
    new = folder(connection, "new", positions(("C2", "2026-05-31", 5, 6), ("C1", "2026-07-31", 7, 8)))
    _, told = merged(connection, "positions", ("2026Q2", old), ("2026Q3", new))
    lines = [(row[0], row[1], *row[4:]) for row in told]
    assert lines == [
        ("late", "C2", "balance_avg", None, "5.00", "2026Q3"),
        ("late", "C2", "balance_end", None, "6.00", "2026Q3"),
    ]


def test_three_folders_are_compared_each_with_what_was_in_force_before_it(connection):
    folders = [
        (label, folder(connection, f"f{label}", positions(("C1", "2026-03-31", 1, value))))
        for label, value in (("2026Q1", 1), ("2026Q2", 2), ("2026Q3", 1))
    ]
    rows, told = merged(connection, "positions", *folders)
    assert [row[4] for row in rows] == [1]
    assert [row[4:] for row in told] == [
        ("balance_end", "1.00", "2.00", "2026Q2"),
        ("balance_end", "2.00", "1.00", "2026Q3"),
    ]


def test_a_column_that_the_later_folder_lacks_keeps_its_earlier_value(connection):
    old = folder(connection, "old", positions(("C1", "2026-06-30", 10, 11)))
    new = folder(connection, "new", f"SELECT * EXCLUDE (balance_avg) FROM ({positions(('C1', '2026-06-30', 0, 12))})")
    found = merge_folders(connection, SCHEMAS["positions"], [("2026Q2", old), ("2026Q3", new)])
    rows = connection.execute(f"SELECT balance_avg::INT, balance_end::INT, _line FROM {found.relation}").fetchall()
    assert rows == [(10, 12, 2)]


def test_values_of_restricted_columns_are_covered(connection):
    rows = "SELECT 'C1' client_id, '2026Q2' AS quarter, '{}' AS name, 'f.csv' _file, 2 _line"
    old, new = (folder(connection, name, rows.format(name)) for name in ("before", "after"))
    _, told = merged(connection, "clients", ("2026Q2", old), ("2026Q3", new))
    assert told == [("changed", "C1", "2026Q2", "name", "•••", "•••", "2026Q3")]


def test_the_outcome_of_a_loan_that_was_open_is_news_and_a_changed_one_a_restatement(connection):
    select = "SELECT * FROM (VALUES ('L1', 'C1', {}), ('L2', 'C2', {})) AS t(loan_id, client_id, outcome)"
    old = folder(connection, "old", select.format("NULL::VARCHAR", "'paid_in_full'"))
    new = folder(connection, "new", select.format("'charged_off'", "'charged_off'"))
    _, told = merged(connection, "loans", ("2026Q2", old), ("2026Q3", new))
    assert told == [("changed", "L2", "outcome", "paid_in_full", "charged_off", "2026Q3")]


def test_history_that_no_earlier_folder_spoke_about_is_not_late(connection):
    old = folder(connection, "old", positions(("C1", "2026-06-30", 10, 11)))
    new = folder(connection, "new", positions(("C1", "2025-12-31", 5, 6), ("C1", "2026-06-30", 10, 11)))
    rows, told = merged(connection, "positions", ("2026Q2", old), ("2026Q3", new))
    assert len(rows) == 2
    assert told == []


def test_a_column_that_only_the_later_folder_gives_is_added(connection):
    old = folder(connection, "old", f"SELECT * EXCLUDE (balance_avg) FROM ({positions(('C1', '2026-06-30', 0, 11))})")
    new = folder(connection, "new", positions(("C1", "2026-09-30", 10, 12)))
    found = merge_folders(connection, SCHEMAS["positions"], [("2026Q2", old), ("2026Q3", new)])
    rows = connection.execute(f"SELECT month::VARCHAR, balance_avg::INT FROM {found.relation} ORDER BY 1").fetchall()
    assert rows == [("2026-06-30", None), ("2026-09-30", 10)]


def test_one_folder_alone_restates_nothing(connection):
    only = folder(connection, "alone", positions(("C1", "2026-06-30", 10, 11)))
    rows, told = merged(connection, "positions", ("2026Q2", only))
    assert len(rows) == 1
    assert told == []
