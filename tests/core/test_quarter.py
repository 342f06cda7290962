"""Quarters are the grain of every study."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.errors import ParameterError
from analysis.core.quarter import Quarter, month_end, nearest_quarter

QUARTERS = st.builds(lambda year, number: Quarter(f"{year}Q{number}"), st.integers(1950, 2080), st.integers(1, 4))


def test_third_quarter_of_2026_by_hand() -> None:
    quarter = Quarter("2026Q3")
    assert quarter.start == date(2026, 7, 1)
    assert quarter.end == quarter.as_of == date(2026, 9, 30)
    assert quarter.days == 31 + 31 + 30
    assert quarter.months == (date(2026, 7, 31), date(2026, 8, 31), date(2026, 9, 30))
    assert quarter.previous == Quarter("2026Q2")
    assert quarter.same_quarter_last_year == Quarter("2025Q3")
    assert quarter.year_start == Quarter("2025Q4")


def test_the_base_of_year_to_date_in_a_fourth_quarter_is_the_previous_december() -> None:
    assert Quarter("2026Q4").year_start == Quarter("2025Q4")


def test_first_quarter_of_a_leap_year_has_91_days() -> None:
    assert Quarter("2024Q1").days == 31 + 29 + 31
    assert Quarter("2025Q1").days == 90


def test_month_end_rolls_over_years() -> None:
    assert month_end(2026, 12) == date(2026, 12, 31)
    assert month_end(2026, 13) == date(2027, 1, 31)
    assert month_end(2026, 0) == date(2025, 12, 31)


def test_trailing_quarters_are_oldest_first() -> None:
    assert [q.label for q in Quarter("2026Q2").trailing(3)] == ["2025Q4", "2026Q1", "2026Q2"]


@pytest.mark.parametrize(
    "text", ["2026Q5", "2026q3", "2026-Q3", "", "2026Q3\n", "$(shell id)", "20261Q1", "２０２６Q3"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ParameterError):
        Quarter(text)


def test_the_refusal_names_the_nearest_quarter() -> None:
    with pytest.raises(ParameterError) as caught:
        Quarter("2026Q5")
    assert str(caught.value) == (
        "'2026Q5' is not a quarter. Write year, Q and a number from 1 to 4, for example 2026Q4."
    )
    assert nearest_quarter("2026-q3") == "2026Q3"
    assert nearest_quarter("next") == ""


@given(QUARTERS, st.integers(-200, 200))
def test_shifting_there_and_back_returns(quarter: Quarter, steps: int) -> None:
    assert quarter.shift(steps).shift(-steps) == quarter


@given(QUARTERS)
def test_quarters_follow_each_other_without_gap(quarter: Quarter) -> None:
    assert (quarter.start - quarter.previous.end).days == 1
    assert quarter.previous < quarter
    assert Quarter.of(quarter.start) == Quarter.of(quarter.end) == quarter
