"""Days, months and quarters as people write them."""

from datetime import date

import pytest

from tests.intake.mapping.raw_builders import read_cells

DAY = date(2026, 9, 30)
UNREADABLE = "unreadable"


@pytest.mark.parametrize(
    "cell",
    [
        "2026-09-30",
        "2026/9/30",
        "2026.9.30",
        "20260930",
        "2026年9月30日",
        "2026 年 9 月 30 日",
        "２０２６－０９－３０",
        "2026-09-30 00:00:00",
        "2026-09-30T08:00:00Z",
        "20260930 12:00",
        "20260930120000",
        "30-Sep-26",
        "30-SEP-2026",
        "30 Sep 2026",
        "46295",  # Excel counts days from 1899-12-30
        "46295.5",
        " 2026-09-30 ",
    ],
)
def test_usual_forms_of_a_day_are_read(cell: str) -> None:
    assert read_cells("loans", "start", [cell]) == [DAY]


@pytest.mark.parametrize(
    "cell",
    [
        "2026-02-30",
        "20260230",
        "2026年13月1日",
        "30/09/2026",  # which is the month?
        "09-30-2026",
        "2026-09",  # a month is no day
        "12345",  # as a serial 1933: more likely a count
        "infinity",
        "epoch",
        "today",
        "0026-09-30",
    ],
)
def test_what_is_no_clear_day_is_named(cell: str) -> None:
    assert read_cells("loans", "start", [cell]) == [UNREADABLE]


def test_no_end_is_a_day_like_another() -> None:
    assert read_cells("limits", "expiry", ["9999-12-31", "99991231"]) == [date(9999, 12, 31)] * 2


def test_a_declared_format_is_the_only_one() -> None:
    cells = ["30/09/2026", "2026-09-30", "31/09/2026", "infinity"]
    assert read_cells("loans", "start", cells, dates="%d/%m/%Y") == [DAY, UNREADABLE, UNREADABLE, UNREADABLE]


def test_the_format_of_a_month_gives_its_end() -> None:
    assert read_cells("positions", "month", ["09/2026"], dates="%m/%Y") == [DAY]


@pytest.mark.parametrize(
    "cell",
    ["2026-09", "202609", "2026/9", "2026年9月", "2026年09月份", "2026年9月末", "2026-09-01", "20260915", "46295"],
)
def test_a_month_is_stored_as_its_last_day(cell: str) -> None:
    assert read_cells("positions", "month", [cell]) == [DAY]


@pytest.mark.parametrize("cell", ["2026-13", "2026.1", "202613", "Sep-26", "9"])
def test_what_is_no_clear_month_is_named(cell: str) -> None:
    # 2026.1 may be January, or October whose nought a spreadsheet dropped
    assert read_cells("positions", "month", [cell]) == [UNREADABLE]


@pytest.mark.parametrize(
    "cell",
    [
        "2026Q3",
        "2026q3",
        "2026-Q3",
        "2026 Q3",
        "Q3 2026",
        "3Q2026",
        "2026年三季度",
        "2026年第3季度",
        "2026年第三季度",
        "2026三季度",
        "2026-09-30",
        "202607",
        "2026年8月",
        "20260930",
    ],
)
def test_a_quarter_is_named_in_many_ways(cell: str) -> None:
    assert read_cells("clients", "quarter", [cell]) == ["2026Q3"]


@pytest.mark.parametrize("cell", ["2026Q5", "2026", "Q3", "2026-3"])
def test_what_is_no_clear_quarter_is_named(cell: str) -> None:
    expected = ["2026Q1"] if cell == "2026-3" else [UNREADABLE]  # a month, March
    assert read_cells("clients", "quarter", [cell]) == expected


def test_a_year_may_be_given_by_a_day_in_it() -> None:
    cells = ["2025", "2025年", "2025年度", "2025-12-31", "20251231", "25"]
    assert read_cells("financials", "year", cells) == [2025, 2025, 2025, 2025, 2025, UNREADABLE]
