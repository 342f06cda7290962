"""Numbers as people write them. Every expected value is the cell's own arithmetic, done by hand."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.intake.mapping import numbers
from tests.intake.mapping.raw_builders import read_cells

UNREADABLE = "unreadable"


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1234.56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1，234，567．8", "1234567.80"),
        ("１２３４．５６", "1234.56"),
        ("1 234 567.1", "1234567.10"),
        ("1\u00a0234", "1234.00"),
        ("  12\u3000", "12.00"),
        ("¥1,234", "1234.00"),
        ("￥ -12", "-12.00"),
        ("-$12.5", "-12.50"),
        ("+5", "5.00"),
        ("(1,234.5)", "-1234.50"),
        ("（12）", "-12.00"),
        ("1,234-", "-1234.00"),
        ("−7", "-7.00"),
        ("1.2E+05", "120000.00"),
        ("1.2e5", "120000.00"),
        ("12500.5e-2", "125.01"),
        ("5.820766091346741e-11", "0.00"),
        ("12.5万元", "125000.00"),
        ("12.5 万", "125000.00"),
        ("3亿", "300000000.00"),
        ("0.5亿元", "50000000.00"),
        ("5元", "5.00"),
        (".5", "0.50"),
        ("5.", "5.00"),
        ("0.125", "0.13"),
        ("-0.125", "-0.13"),
        ("9999999999999999.99", "9999999999999999.99"),
    ],
)
def test_an_amount_is_read_to_the_fen(cell: str, amount: str) -> None:
    assert read_cells("positions", "balance_avg", [cell]) == [Decimal(amount)]


@pytest.mark.parametrize(
    "cell",
    [
        "abc",
        "1.234,56",  # a comma is never a decimal point
        "12,34",
        "1,2345",
        "12 34",
        "1_000",
        "0x10",
        "inf",
        "--5",
        "(-5)",
        "1e5万元",  # two exponents
        "1e400",
        "99999999999999999",  # no room in DECIMAL(18,2)
        "9999999999999999.995",
        "1.2.3",
        "12%",
        "'; DROP TABLE raw; --",
    ],
)
def test_what_is_no_clear_amount_is_named_and_left_empty(cell: str) -> None:
    assert read_cells("positions", "balance_avg", [cell]) == [UNREADABLE]


@pytest.mark.parametrize("cell", [None, "", " ", "-", "--", "—", "NULL", "null", "N/A", "#N/A", "无", "空", " - "])
def test_an_empty_word_is_empty_and_not_unreadable(cell: str | None) -> None:
    assert read_cells("positions", "balance_avg", [cell]) == [None]
    assert read_cells("clients", "region", [cell]) == [None]
    assert read_cells("loans", "start", [cell]) == [None]


def test_a_multiple_is_applied_before_rounding() -> None:
    # 1.23456789 万元 = 12,345.6789 元; 0.00000125 万元 = 0.0125 元; 1.5E1 万元 = 150,000 元
    cells = ["1.23456789", "0.00000125", "1.5E1", "(1,000)"]
    expected = [Decimal("12345.68"), Decimal("0.01"), Decimal("150000.00"), Decimal("-10000000.00")]
    assert read_cells("positions", "balance_avg", cells, multiply=10000) == expected


def test_a_unit_in_the_cell_takes_the_place_of_the_declared_power_of_ten() -> None:
    # a column in 万元 with one cell that says 元 and one that says 亿
    assert read_cells("positions", "balance_avg", ["3", "3元", "3亿"], multiply=10000) == [30000, 3, 300_000_000]
    assert read_cells("positions", "balance_avg", ["3", "3元"], multiply="-10000") == [-30000, -3]
    assert read_cells("positions", "rate", ["3.85", "3.85%", "5‰"], multiply="0.01") == [0.0385, 0.0385, 0.005]


def test_an_exchange_rate_is_no_power_of_ten_and_multiplies_every_cell() -> None:
    # 100.005 × 7.1 = 710.0355; 2万 × 7.1 = 142,000; 123456789012345.67 × 7.1 = 876543201987654.257
    cells = ["100.005", "2万", "123456789012345.67"]
    expected = [Decimal("710.04"), Decimal("142000.00"), Decimal("876543201987654.26")]
    assert read_cells("positions", "balance_avg", cells, multiply="7.1") == expected


def test_a_rate_is_the_nearest_double_of_what_is_written() -> None:
    cells = ["3.85%", "0.0385", "1E-12", "１％", "nan", "inf"]
    assert read_cells("positions", "rate", cells) == [0.0385, 0.0385, 1e-12, 0.01, None, UNREADABLE]


def test_a_whole_number_has_no_fraction() -> None:
    cells = ["3", "3.0", "1,234", "１", "1e2", "-3", "3.5", "9007199254740993.5", "999999999999999999"]
    expected = [3, 3, 1234, 1, 100, -3, UNREADABLE, UNREADABLE, 999999999999999999]
    assert read_cells("loan_states", "days_overdue", cells) == expected


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.decimals(Decimal(-(10**9)), Decimal(10**9), places=7), min_size=1, max_size=40),
    st.sampled_from([0, 2, 4, -2]),
)
def test_reading_is_exact_and_rounds_half_away_from_zero(values: list[Decimal], shift: int) -> None:
    multiply = Decimal(1).scaleb(shift)
    cells = [f"{value:,f}" for value in values]
    expected = [(value * multiply).quantize(Decimal("0.01"), ROUND_HALF_UP) for value in values]
    assert read_cells("positions", "balance_avg", cells, multiply=multiply) == expected


def test_every_wide_character_has_its_plain_one() -> None:
    assert len(numbers._WIDE) == len(numbers._PLAIN)
