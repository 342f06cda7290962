"""Every row is kept or set aside once, by the first rule it breaks, and rows and money add up."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from analysis.core.errors import AnalysisError
from analysis.core.text import Text
from analysis.intake.quarantine import split
from analysis.intake.schemas import SCHEMAS, Reference, Rule
from tests.intake.quarantine_builders import part

POSITIONS = replace(SCHEMAS["positions"], rules=(), references=())
AS_OF = date(2026, 9, 30)
COLUMNS = "client_id month product balance_avg"


@pytest.fixture
def connection():
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


def outcome(connection, *parts, schema=POSITIONS, references=None, as_of=AS_OF):
    found = split(connection, schema, parts, references=references or {}, as_of=as_of)
    kept = connection.execute(f"SELECT _file, _line FROM {found.clean} ORDER BY ALL").fetchall()
    query = f'SELECT "file", "line", "rule", "column" FROM {found.set_aside} ORDER BY ALL'
    return found, kept, connection.execute(query).fetchall()


def raw_texts(connection, found):
    return [row[0] for row in connection.execute(f"SELECT raw FROM {found.set_aside} ORDER BY line").fetchall()]


def position(client="C1", month="2026-09-30", product="p", balance="10.00"):
    return (client, month, product, balance)


def test_clean_rows_are_kept_and_raise_nothing(connection):
    found, kept, aside = outcome(connection, part(connection, "positions", COLUMNS, position(), position("C2")))
    assert kept == [("a.csv", 2), ("a.csv", 3)]
    assert aside == []
    assert found.checks == ()
    (count,) = found.counts
    assert (count.table, count.quarter) == ("positions", "2026Q3")
    assert (count.n_read, count.n_kept, count.n_set_aside) == (2, 2, 0)
    assert (count.money_read, count.money_kept, count.money_set_aside) == (Decimal(20), Decimal(20), Decimal(0))


def test_each_rule_sets_its_row_aside_once(connection):
    rows = part(
        connection,
        "positions",
        f"{COLUMNS} rate _unreadable _unknown",
        (*position(), 0.01, [], []),
        (*position("C2", balance=None), 0.01, ["balance_avg"], []),
        (*position(None), 0.01, [], []),
        (*position("C4", product="gold"), 0.01, [], ["product"]),
        (*position("C5"), 2.75, [], []),
        (*position("C6", month="2026-10-31"), 0.01, [], []),
        (*position(None, month="2027-01-31", balance=None), 2.75, ["balance_avg"], []),
        raw={(3, "balance_avg"): "12O5"},
    )
    found, kept, aside = outcome(connection, rows)
    assert kept == [("a.csv", 2)]
    assert aside == [
        ("a.csv", 3, "type", "balance_avg"),
        ("a.csv", 4, "required", "client_id"),
        ("a.csv", 5, "unknown_code", "product"),
        ("a.csv", 6, "range", "rate"),
        ("a.csv", 7, "later_than_quarter", "month"),
        ("a.csv", 8, "type", "balance_avg"),
    ]
    # the last row breaks four rules and is still one row: type, required, range, later
    query = f'SELECT n_rules FROM {found.set_aside} WHERE "line" = 8'
    assert connection.execute(query).fetchall() == [(4,)]


def test_a_check_names_file_column_rule_count_money_and_examples(connection):
    rows = [(*position(f"C{n}"), 0.5 + n) for n in range(1, 9)]
    found, _, _ = outcome(connection, part(connection, "positions", f"{COLUMNS} rate", *rows, rows[0]))
    (check,) = found.checks
    assert (check.table, check.file, check.column, check.rule) == ("positions", "a.csv", "rate", "range")
    assert (check.dimension, check.action, check.n_rows, check.money) == ("validity", "set_aside", 9, Decimal(90))
    assert check.label == Text("不在 -0.05 至 1 之间", "is not between -0.05 and 1")
    assert check.quarter == "2026Q3"
    assert check.examples == ("1.5 (line 2)", "2.5 (line 3)", "3.5 (line 4)", "4.5 (line 5)", "5.5 (line 6)")


def test_a_number_that_is_not_finite_is_out_of_range(connection):
    rows = [(f"C{n}", "2026Q3", value) for n, value in enumerate(("inf", "nan", "-inf", "5"))]
    schema = replace(SCHEMAS["clients"], rules=())
    _, kept, aside = outcome(connection, part(connection, "clients", "client_id quarter staff", *rows), schema=schema)
    assert kept == [("a.csv", 5)]
    assert [row[1:] for row in aside] == [(2, "range", "staff"), (3, "range", "staff"), (4, "range", "staff")]


def test_of_two_equal_rows_the_first_is_kept(connection):
    _, kept, aside = outcome(connection, part(connection, "positions", COLUMNS, position(), position("C2"), position()))
    assert kept == [("a.csv", 2), ("a.csv", 3)]
    assert aside == [("a.csv", 4, "duplicate_row", "client_id")]


def test_of_two_rows_with_one_key_the_last_is_kept(connection):
    rows = part(connection, "positions", COLUMNS, position(balance="1"), position(balance="2"), position(balance="1"))
    _, kept, aside = outcome(connection, rows)
    # the third row says again what the first said, so the first is the latest word and stays; the second is overruled
    assert kept == [("a.csv", 2)]
    assert aside == [("a.csv", 3, "duplicate_key", "client_id"), ("a.csv", 4, "duplicate_row", "client_id")]


def test_a_file_with_priority_wins_over_later_lines_of_others(connection):
    best = part(connection, "positions", COLUMNS, position(balance="1"), name="core.csv", priority=0)
    other = part(connection, "positions", COLUMNS, position(balance="2"), name="crm.csv", priority=1)
    _, kept, aside = outcome(connection, other, best)
    assert kept == [("core.csv", 2)]
    assert aside == [("crm.csv", 2, "duplicate_key", "client_id")]


def test_a_row_already_set_aside_is_no_twin_of_a_good_one(connection):
    rows = [(*position(), 9.0), (*position(), 0.1)]
    _, kept, aside = outcome(connection, part(connection, "positions", f"{COLUMNS} rate", *rows))
    assert kept == [("a.csv", 3)]
    assert aside == [("a.csv", 2, "range", "rate")]


def test_files_with_different_columns_are_one_table(connection):
    first = part(connection, "positions", COLUMNS, position(), name="a.csv")
    second = part(connection, "positions", "client_id month product fee", position("C2", balance="3"), name="b.csv")
    found, kept, _ = outcome(connection, first, second)
    assert kept == [("a.csv", 2), ("b.csv", 2)]
    values = connection.execute(f"SELECT client_id, balance_avg, fee FROM {found.clean} ORDER BY ALL").fetchall()
    assert values == [("C1", Decimal(10), None), ("C2", None, Decimal(3))]


def test_a_required_column_that_no_file_gives_sets_every_row_aside(connection):
    _, kept, aside = outcome(connection, part(connection, "positions", "client_id month", ("C1", "2026-09-30")))
    assert kept == []
    assert aside == [("a.csv", 2, "required", "product")]


def test_a_row_that_points_to_nothing_is_an_orphan(connection):
    connection.execute("CREATE TABLE known AS SELECT 'C1' AS client_id")
    schema = replace(POSITIONS, references=(Reference("client_id", "clients", "client_id"),))
    rows = part(connection, "positions", COLUMNS, position(), position("C2"))
    found, kept, aside = outcome(connection, rows, schema=schema, references={"clients": "known"})
    assert kept == [("a.csv", 2)]
    assert aside == [("a.csv", 3, "orphan", "client_id")]
    assert found.checks[0].examples == ("line 3",)
    assert found.checks[0].label == Text("在“客户”保留的行中找不到", "does not occur in the rows kept of clients")


def test_a_reference_to_a_table_that_was_not_given_is_not_judged(connection):
    schema = replace(POSITIONS, references=(Reference("client_id", "clients", "client_id"),))
    _, kept, _ = outcome(connection, part(connection, "positions", COLUMNS, position()), schema=schema)
    assert kept == [("a.csv", 2)]


FALLS = Rule("falls", "balance_avg", Text("变小", "falls"), "balance_avg < lag(balance_avg) OVER (ORDER BY month)")
SMALL = Rule("small", "balance_avg", Text("很小", "is small"), "balance_avg < 5", "flag", "validity")


def test_a_rule_of_the_table_may_look_at_earlier_rows_and_a_flag_keeps_its_row(connection):
    rows = [position(month=f"2026-0{n}-28", balance=value) for n, value in ((1, "9"), (2, "3"), (3, "4"), (4, "2"))]
    schema = replace(POSITIONS, rules=(FALLS, SMALL))
    found, kept, aside = outcome(connection, part(connection, "positions", COLUMNS, *rows), schema=schema)
    assert kept == [("a.csv", 2), ("a.csv", 4)]
    assert aside == [("a.csv", 3, "falls", "balance_avg"), ("a.csv", 5, "falls", "balance_avg")]
    assert [(check.rule, check.action, check.n_rows, check.examples) for check in found.checks] == [
        ("falls", "set_aside", 2, ("3 (line 3)", "2 (line 5)")),
        ("small", "flag", 1, ("4 (line 4)",)),
    ]


def test_counts_are_given_by_quarter_and_rows_without_a_date_have_none(connection):
    rows = [position(), position("C2", month="2026-03-31"), position("C3", month=None), position(None)]
    found, _, _ = outcome(connection, part(connection, "positions", COLUMNS, *rows))
    counts = [(c.quarter, c.n_read, c.n_kept, c.n_set_aside, c.money_set_aside) for c in found.counts]
    assert counts == [("", 1, 0, 1, 10), ("2026Q1", 1, 1, 0, 0), ("2026Q3", 2, 1, 1, 10)]
    assert [(check.column, check.quarter) for check in found.checks] == [("client_id", "2026Q3"), ("month", "")]


def test_the_raw_text_shows_headers_and_cells_but_no_number_of_a_client_and_no_column_that_is_not_mapped(connection):
    rows = part(
        connection,
        "positions",
        f"{COLUMNS} _unreadable",
        (*position("C77", balance=None), ["balance_avg"]),
        raw={(2, "balance_avg"): "1,2O5.00"},
        headers={"client_id": "客户号", "balance_avg": "日均|余额"},
    )
    connection.execute(f"ALTER TABLE {rows.raw.relation} ADD COLUMN 联系人 VARCHAR DEFAULT '张三'")
    rows = replace(rows, raw=replace(rows.raw, columns=(*rows.raw.columns, "联系人")))
    found, _, _ = outcome(connection, rows)
    assert raw_texts(connection, found) == ["客户号=••• | month=2026-09-30 | product=p | 日均|余额=1,2O5.00 | •••"]


@pytest.mark.parametrize(
    ("cell", "seen"),
    [
        ("12万5千", "12万5千"),
        ("1.2E5.0", "1.2E5.0"),
        ("#REF!", "#REF!"),
        ("张三", "•••"),
        ("Zhang San", "•••"),
        ("13912345678", "•••"),
        ("620102198001011234", "•••"),
        ("0931-8888888", "•••"),
        ("兰州某某有限公司", "•••"),
        ("a@b.cn", "•••"),
        ("'; DROP TABLE x --", "•••"),
    ],
)
def test_a_word_in_a_column_of_numbers_may_be_a_name_that_slipped_over_and_is_covered(connection, cell, seen):
    rows = part(
        connection,
        "positions",
        f"{COLUMNS} _unreadable",
        (*position(balance=None), ["balance_avg"]),
        raw={(2, "balance_avg"): cell},
    )
    found, _, _ = outcome(connection, rows)
    assert found.checks[0].examples == (f"{seen} (line 2)",)
    assert raw_texts(connection, found)[0].endswith(f"balance_avg={seen}")


def test_headers_and_cells_never_act_as_sql(connection):
    header = "x\" FROM nothing; DROP TABLE keep; --'"
    connection.execute("CREATE TABLE keep AS SELECT 1 AS one")
    rows = part(
        connection,
        "positions",
        f"{COLUMNS} _unreadable",
        (*position(balance=None), ["balance_avg"]),
        headers={"balance_avg": header},
        name="a'b.csv",
        raw={(2, "balance_avg"): "1'2"},
    )
    found, _, aside = outcome(connection, rows)
    assert aside == [("a'b.csv", 2, "type", "balance_avg")]
    assert raw_texts(connection, found) == [f"client_id=••• | month=2026-09-30 | product=p | {header}=•••"]
    assert connection.execute("SELECT one FROM keep").fetchone() == (1,)


def test_rows_lost_before_the_split_are_a_fault_of_the_program(connection):
    rows = part(connection, "positions", COLUMNS, position())
    with pytest.raises(AnalysisError) as raised:
        outcome(connection, replace(rows, raw=replace(rows.raw, n_lines=3)))
    assert str(raised.value) == (
        "a.csv has 3 rows, but 1 were mapped to positions."
        " This is a fault of the program and not of the files; nothing was written."
    )


def test_a_mapping_that_takes_only_some_rows_loses_none(connection):
    rows = part(connection, "positions", COLUMNS, position())
    taken = replace(rows, raw=replace(rows.raw, n_lines=3), mapping=replace(rows.mapping, where={"kind": ("balance",)}))
    found, _, _ = outcome(connection, taken)
    assert [(count.n_read, count.n_kept) for count in found.counts] == [(1, 1)]


def test_an_empty_file_is_a_table_without_rows(connection):
    found, kept, aside = outcome(connection, part(connection, "positions", COLUMNS))
    assert (kept, aside, found.checks, found.counts) == ([], [], (), ())
