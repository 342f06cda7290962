"""Findings over several rows or tables are flagged and counted; what is odd but right is left alone."""

from decimal import Decimal

import duckdb
import pytest

from analysis.intake.quarantine import cross_checks


@pytest.fixture
def connection():
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


MONEY = {"balance", "balance_avg", "balance_end", "opening_balance", "repaid", "written_off", "credit_limit"}


def table(connection, name, columns, *rows):
    names = columns.split()
    types = {"month": "DATE"} | dict.fromkeys(MONEY, "DECIMAL(18,2)")
    spelt = ", ".join(f"{column} {types.get(column, 'VARCHAR')}" for column in names)
    connection.execute(f"CREATE TABLE {name} ({spelt}, _file VARCHAR, _line BIGINT)")
    for line, row in enumerate(rows, start=2):
        connection.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))}, 'f.csv', {line})", list(row))
    return name


def told(connection, **tables):
    return [
        (check.table, check.column, check.rule, check.n_rows, check.money, check.examples)
        for check in cross_checks(connection, tables)
    ]


CLIENT = "client_id quarter credit_code industry industry_division outlet_id"


def clients(connection, *rows):
    return table(connection, "c", CLIENT, *((*row, *[None] * (6 - len(row))) for row in rows))


def test_a_credit_code_with_a_wrong_check_digit_is_flagged_without_showing_it(connection):
    # 91350100M000100Y43 is the example of GB 32100-2015; the second ends otherwise, the third is written with spaces
    codes = ("91350100M000100Y43", "91350100M000100Y44", "9135 0100 M000100Y43", None)
    rows = clients(connection, *((f"C{n}", "2026Q3", code) for n, code in enumerate(codes)))
    assert told(connection, clients=rows) == [
        ("clients", "credit_code", "credit_code_digit", 1, Decimal(0), ("f.csv line 3",))
    ]


def test_industries_of_the_edition_of_2011_are_told_apart_from_other_mistakes(connection):
    pairs = [
        ("O", "80"),  # 居民服务业 in 2017
        ("O", "79"),  # 居民服务业 in 2011
        ("S", "90"),  # 中国共产党机关 in 2011, 娱乐业 (R) in 2017
        ("A", "51"),  # 批发业 is of section F in both
        ("44", "44"),  # another scheme
        ("A", None),
    ]
    rows = clients(connection, *((f"C{n}", "2026Q3", None, *pair) for n, pair in enumerate(pairs)))
    assert told(connection, clients=rows) == [
        (
            "clients",
            "industry_division",
            "industry_edition_2011",
            2,
            Decimal(0),
            ("79 f.csv line 3", "90 f.csv line 4"),
        ),
        ("clients", "industry_division", "industry_not_of_section", 1, Decimal(0), ("51 f.csv line 5",)),
    ]


STATE = "loan_id client_id month balance repaid written_off"


def test_a_loan_number_of_two_clients_is_flagged_in_all_its_months(connection):
    states = table(
        connection,
        "s",
        STATE,
        ("L1", "C1", "2026-08-31", 10, 0, 0),
        ("L1", "C2", "2026-09-30", 10, 0, 0),
        ("L2", "C1", "2026-09-30", 10, 0, 0),
        ("L3", "C1", "2026-09-30", 10, 0, 0),
    )
    loans = table(connection, "l", "loan_id client_id", ("L2", "C9"), ("L3", "C1"))
    assert told(connection, loan_states=states, loans=loans) == [
        (
            "loan_states",
            "loan_id",
            "reused_loan_id",
            3,
            Decimal(0),
            ("f.csv line 2", "f.csv line 3", "f.csv line 4"),
        )
    ]


def test_loans_that_together_exceed_the_limit_are_flagged(connection):
    states = table(
        connection,
        "s",
        STATE,
        ("L1", "C1", "2026-09-30", 600, 0, 0),
        ("L2", "C1", "2026-09-30", 601, 0, 0),
        ("L3", "C2", "2026-09-30", 600, 0, 0),
    )
    limits = table(
        connection, "l", "client_id month credit_limit", ("C1", "2026-09-30", 1100), ("C2", "2026-09-30", 600)
    )
    # C1 owes 1,201, which is 101 above its limit: more than rounding to 万元 explains
    assert told(connection, loan_states=states, limits=limits) == [
        (
            "loan_states",
            "balance",
            "balance_above_limit",
            2,
            Decimal(1201),
            ("600.00 f.csv line 2", "601.00 f.csv line 3"),
        )
    ]


def test_a_loan_that_shrinks_without_being_repaid_is_flagged_and_one_with_a_gap_is_not_judged(connection):
    states = table(
        connection,
        "s",
        STATE,
        ("L1", "C1", "2026-07-31", 9000, 0, None),
        ("L1", "C1", "2026-08-31", 5000, 4000, None),
        ("L1", "C1", "2026-09-30", 2000, 1000, 500),
        ("L2", "C1", "2026-07-31", 9000, 0, 0),
        ("L2", "C1", "2026-09-30", 1000, 0, 0),
        ("L3", "C1", "2026-08-31", 1000, 0, 0),
        ("L3", "C1", "2026-09-30", 9000, 0, 0),
    )
    # L1 in September: 5,000 − 1,000 − 500 = 3,500 were expected
    assert told(connection, loan_states=states) == [
        ("loan_states", "balance", "balance_does_not_follow", 1, Decimal(2000), ("2000.00 f.csv line 4",))
    ]


def test_a_balance_that_opens_elsewhere_than_it_closed_is_flagged(connection):
    positions = table(
        connection,
        "p",
        "client_id month product opening_balance balance_end",
        ("C1", "2026-07-31", "p", 0, 5000),
        ("C1", "2026-08-31", "p", 5000, 6000),
        ("C1", "2026-09-30", "p", 5000, 7000),
        ("C1", "2026-09-30", "q", 900, 7000),
    )
    assert told(connection, positions=positions) == [
        ("positions", "opening_balance", "opening_is_not_last_end", 1, Decimal(5000), ("5000.00 f.csv line 4",))
    ]


def monthly(connection, factors, *, outlet="N1"):
    """Five clients of an outlet whose balances are 1,000 times the factor of each month."""
    rows = [
        (f"{outlet}{n}", f"2026-0{month}-{'31' if month in (7, 8) else '30'}", 1000 * factor)
        for n in range(5)
        for month, factor in zip(range(6, 10), factors, strict=False)
    ]
    return rows, [(f"{outlet}{n}", "2026Q3", None, None, None, outlet) for n in range(5)]


def test_an_outlet_that_writes_yuan_for_wan_in_one_month_is_told_once(connection):
    wrong, of_wrong = monthly(connection, (1, 10_000, 1, 1))
    right, of_right = monthly(connection, (1, 1, 1, 2), outlet="N2")
    more, of_more = monthly(connection, (1, 1, 1, 1), outlet="N3")
    positions = table(connection, "p", "client_id month balance_avg", *wrong, *right, *more)
    rows = clients(connection, *of_wrong, *of_right, *of_more)
    # 5 clients × 10,000,000; the month after falls back, which is the same fault
    assert told(connection, positions=positions, clients=rows) == [
        (
            "positions",
            "balance_avg",
            "unit_jump",
            5,
            Decimal(50_000_000),
            ("outlet N1, 2026-07-31: ×10,000",),
        )
    ]


def test_a_file_that_changes_its_unit_for_good_is_told_in_the_first_month(connection):
    rows, of_rows = monthly(connection, (1, 1, 0.0001, 0.0001))
    positions = table(connection, "p", "client_id month balance_avg", *rows)
    assert told(connection, positions=positions, clients=clients(connection, *of_rows)) == [
        ("positions", "balance_avg", "unit_jump", 5, Decimal("0.50"), ("file f.csv, 2026-08-31: ÷10,000",))
    ]


def test_four_clients_or_growth_of_nine_hundredfold_are_no_jump(connection):
    few, of_few = monthly(connection, (1, 10_000, 1, 1))
    grown, of_grown = monthly(connection, (1, 900, 900, 900), outlet="N2")
    positions = table(connection, "p", "client_id month balance_avg", *few[:16], *grown)
    assert told(connection, positions=positions, clients=clients(connection, *of_few, *of_grown)) == []
