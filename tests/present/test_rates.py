"""Default rates: the worst group against the book, gaps with their reason, nothing where the states say more."""

import pytest

from analysis.core.blocks import Figure, Missing
from analysis.core.estimate import Estimate
from analysis.core.text import Text
from analysis.portrait import Group, GroupRate
from analysis.portrait.rates import NO_OUTCOMES, NONE_KNOWN, SEEN_BY_STATES, WILSON, DefaultRates, wilson
from analysis.present.rates import rates_figure, rates_figures, rates_table
from tests.present.prose import GONE, cell, en, fact_ids, keeps_the_promises, value, zh


def default_rates(counts: dict[str, tuple[int, int]]) -> DefaultRates:
    """Default rates by stage from (charged off, known) a group."""
    groups = tuple(
        GroupRate(
            Group(code, Text(f"{code}企业", f"{code} firms"), "group", 9, (code,)), known, lost, wilson(lost, known)
        )
        for code, (lost, known) in counts.items()
    )
    lost, known = (sum(pair[place] for pair in counts.values()) for place in (0, 1))
    total = wilson(lost, known)
    shown = total if isinstance(total, Estimate) else Estimate(0, 0, 0, 0, "ratio", WILSON)
    return DefaultRates("stage", Text("阶段", "stage"), groups, known, lost, shown)


@pytest.mark.parametrize(("new", "old", "worst"), [((80, 200), (10, 200), "new"), ((10, 200), (80, 200), "old")])
def test_the_figure_names_the_worst_group_beside_the_book(
    new: tuple[int, int], old: tuple[int, int], worst: str
) -> None:
    # 80 ÷ 200 = 40 % (Wilson from 33 %), of all 90 ÷ 400 = 22.5 %
    figure = rates_figure(default_rates({"new": new, "old": old}))
    assert isinstance(figure, Figure)
    assert zh(figure.finding) == f"{worst} 企业的违约率最高，为 40.00%，全部贷款为 22.50%"
    assert en(figure.finding) == (
        f"{worst.capitalize()} firms has the highest default rate, 40.00%, against 22.50% of all loans"
    )
    assert figure.id == "default_by_stage_figure"
    assert keeps_the_promises(figure)


def test_a_group_that_cannot_be_told_from_the_book_is_not_called_the_highest() -> None:
    # 8 ÷ 20 = 40 %, but its Wilson interval starts at 21.9 %, below the 22.5 % of all
    figure = rates_figure(default_rates({"new": (8, 20), "old": (1, 20)}))
    assert isinstance(figure, Figure)
    assert zh(figure.finding) == "没有哪一组的违约率明显高于全部贷款的 22.50%"
    assert en(figure.finding) == "No group's default rate is clearly above that of all loans, 22.50%"


def test_the_table_has_the_book_first_and_a_group_without_outcomes_is_missing_with_its_reason() -> None:
    table = rates_table(default_rates({"new": (2, 20), "old": (0, 0)}))
    assert [row.role for row in table.rows] == ["total", "normal", "normal"]
    assert (value(cell(table, 0, "rate")), value(cell(table, 0, "n_known"))) == (0.1, 20)
    assert [cell(table, 2, key) for key in ("rate", "low", "high")] == [Missing(NONE_KNOWN.reason)] * 3
    assert cell(table, 2, "n_known") == 0
    assert fact_ids(table) == [
        f"10_describe_clients.default_rate.{end}" for end in ("n_known", "n_charged_off", "book.total", "stage.new")
    ]
    assert table.metrics == ("DEF_R",)


def test_nobody_defaulted_is_a_rate_of_zero() -> None:
    table = rates_table(default_rates({"new": (0, 20), "old": (0, 20)}))
    assert [value(row.cells["rate"]) for row in table.rows] == [0.0, 0.0, 0.0]


def test_without_any_known_outcome_there_is_the_reason_and_no_crash() -> None:
    assert rates_figure(default_rates({"new": (0, 0)})) is NONE_KNOWN
    assert rates_figure(GONE) is GONE


def test_what_is_not_known_at_all_is_said_once_and_not_where_loans_have_monthly_states() -> None:
    known = default_rates({"new": (1, 20)})
    assert rates_figures({"industry": NO_OUTCOMES, "stage": NO_OUTCOMES}) == (NO_OUTCOMES,)
    assert rates_figures({"industry": SEEN_BY_STATES, "stage": SEEN_BY_STATES}) == ()
    assert rates_figures({}) == ()
    (only,) = rates_figures({"industry": NO_OUTCOMES, "stage": known})
    assert isinstance(only, Figure)
