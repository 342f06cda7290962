"""Change arithmetic: valid comparisons, growth, points, words for a change of sign."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.errors import ParameterError
from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.policy import load_policy
from analysis.intake.portfolio import Portfolio
from analysis.metrics import METRICS, Change, base_quarter, compare, comparisons, kind_name
from analysis.metrics.compare import smallest_base

POLICY = load_policy()
M = 1e6


def change(code: str, current: object, base: object, kind: str = "qoq", **options: object) -> Change:
    return compare(METRICS[code], current, base, kind=kind, policy=POLICY, **options)  # type: ignore[arg-type]


def test_growth_is_the_difference_over_the_base() -> None:
    # 110 − 100 = 10 million, 10 ÷ 100
    found = change("DEP_ADB", 110 * M, 100 * M)
    assert found.absolute == 10 * M
    assert found.growth == pytest.approx(0.1)
    assert found.word is None
    assert found.style == "growth"


@pytest.mark.parametrize(
    ("current", "base", "word"),
    [
        (5.0, -3.0, "turned to profit"),
        (5.0, 0.0, "turned to profit"),
        (-5.0, 3.0, "turned to loss"),
        (0.0, 3.0, "turned to loss"),
        (-1.0, 0.0, "turned to loss"),
        (-2.0, -3.0, "loss narrowed"),
        (0.0, -3.0, "loss narrowed"),
        (-4.0, -3.0, "loss widened"),
    ],
)
def test_a_change_of_sign_has_a_word_in_place_of_a_rate(current: float, base: float, word: str) -> None:
    found = change("EVA", current * M, base * M)
    assert found.word is not None
    assert found.word.en == word
    assert found.absolute == (current - base) * M
    assert isinstance(found.growth, Unavailable)
    assert found.growth.reason.en == f"{word}, no rate is given"


def test_the_words_in_chinese() -> None:
    pairs = {(1, -1): "扭亏", (-1, 1): "转亏", (-1, -2): "减亏", (-2, -1): "增亏"}
    for (current, base), word in pairs.items():
        found = change("CONTRIB", current * M, base * M).word
        assert found is not None
        assert found.zh == word


def test_an_unchanged_loss_has_no_word_and_no_rate() -> None:
    found = change("EVA", -3 * M, -3 * M)
    assert found.word is None
    assert found.absolute == 0
    assert isinstance(found.growth, Unavailable)


def test_a_count_that_rises_from_zero_did_not_turn_to_profit() -> None:
    found = change("NEWLOAN", 7.0, 0.0)
    assert found.word is None
    assert isinstance(found.growth, Unavailable)
    assert found.growth.reason.zh == "基数不为正，不计算增长率"


def test_a_tiny_base_gives_the_difference_and_the_reason() -> None:
    found = change("NETFEE", 5 * M, 999_999.0)
    assert found.absolute == pytest.approx(4_000_001.0)
    assert found.growth == Unavailable(Text("基数过小，不计算增长率", "the base is too small for a rate"))
    assert change("NETFEE", 2 * M, 1 * M).growth == pytest.approx(1.0)
    # one client's amounts have a smaller limit of their own
    assert change("NETFEE", 30_000.0, 20_000.0, is_client=True).growth == pytest.approx(0.5)
    assert isinstance(change("NETFEE", 30_000.0, 9_999.0, is_client=True).growth, Unavailable)
    assert isinstance(change("VALCLI", 9.0, 4.0).growth, Unavailable)
    assert change("VALCLI", 9.0, 5.0).growth == pytest.approx(0.8)


def test_the_smallest_base_follows_the_unit() -> None:
    assert smallest_base(METRICS["DEP_ADB"], POLICY) == 1_000_000
    assert smallest_base(METRICS["PER_DEP"], POLICY) == 10_000
    assert smallest_base(METRICS["NCLI"], POLICY) == 5
    assert smallest_base(METRICS["PPC"], POLICY) == 0


def test_ratios_change_in_points_or_basis_points() -> None:
    found = change("NPLR", 0.0193, 0.0181)
    assert found.style == "points"
    assert found.absolute == pytest.approx(0.0012)
    assert isinstance(found.growth, Unavailable)
    assert change("LOANRATE", 0.0401, 0.0410).style == "bp"


def test_an_index_changes_by_a_plain_difference() -> None:
    found = change("HHI", 0.12, 0.10)
    assert found.style == "absolute"
    assert found.absolute == pytest.approx(0.02)
    assert isinstance(found.growth, Unavailable)


def test_growth_of_a_ratio_is_refused() -> None:
    with pytest.raises(
        ParameterError,
        match=r"^NPLR \(Bad-loan rate\) is a ratio and has no growth rate\. It changes in points or bp\.$",
    ):
        change("NPLR", 0.02, 0.01, style="growth")


@pytest.mark.parametrize(
    ("code", "kind", "valid"),
    [
        ("OPREV", "ytd", "qoq, yoy"),
        ("DEP_ADB", "ytd", "qoq, yoy"),
        ("RAROC", "ytd", "qoq, yoy"),
        ("ATT", "yoy", "none"),
    ],
)
def test_a_comparison_without_a_meaning_is_refused(code: str, kind: str, valid: str) -> None:
    with pytest.raises(ParameterError) as caught:
        change(code, 2 * M, M, kind=kind)
    assert str(caught.value) == f"{code} ({METRICS[code].name.en}) has no comparison {kind!r}. Valid are: {valid}."


def test_what_is_unavailable_stays_unavailable_with_its_reason() -> None:
    gone = Unavailable(Text("无", "none"))
    for found in (change("DEP_ADB", gone, M), change("DEP_ADB", M, gone)):
        assert found.absolute is gone
        assert found.growth is gone
        assert found.word is None


def test_base_quarters() -> None:
    quarter = Quarter("2026Q1")
    assert base_quarter(quarter, "qoq") == Quarter("2025Q4")
    assert base_quarter(quarter, "ytd") == Quarter("2025Q4")
    assert base_quarter(quarter, "yoy") == Quarter("2025Q1")


def test_stocks_and_flows_have_their_own_words_for_a_comparison() -> None:
    assert kind_name(METRICS["DEP_EOP"], "qoq").zh == "较上季末"
    assert kind_name(METRICS["DEP_EOP"], "ytd").zh == "较年初"
    assert kind_name(METRICS["OPREV"], "qoq").zh == "环比"
    assert kind_name(METRICS["NPLR"], "yoy").zh == "较上年同期末"
    assert kind_name(METRICS["RAROC"], "yoy").zh == "同比"


def test_comparisons_of_a_portfolio_use_the_right_quarters(bank: Portfolio) -> None:
    deposits, clients, rate = comparisons(bank, ["DEP_ADB", "NCLI", "MIG_N"])
    # second quarter of 2026: 300,000; third of 2025: A 300,000 and D 30,000
    assert deposits.current == 1_560_000
    assert deposits.change("qoq").base == 300_000
    assert deposits.change("yoy").base == 330_000
    assert [one.kind for one in deposits.changes] == ["qoq", "yoy"]
    assert clients.change("ytd").base == 4
    assert clients.change("ytd").absolute == -1
    short = rate.change("yoy").base
    assert isinstance(short, Unavailable)
    assert short.reason.en == "the data start in 2025Q3, too late for this"


def test_comparisons_on_a_fixed_list_follow_the_same_clients(bank: Portfolio) -> None:
    (deposits,) = comparisons(bank, ["DEP_ADB"], clients=iter(["A"]))
    assert deposits.current == 1_530_000
    assert deposits.change("yoy").base == 300_000


def test_a_comparison_that_is_not_there_is_refused(bank: Portfolio) -> None:
    (deposits,) = comparisons(bank, ["DEP_ADB"])
    with pytest.raises(ParameterError, match=r"^DEP_ADB has no comparison 'ytd'\. It has qoq, yoy\.$"):
        deposits.change("ytd")


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_growth_is_given_exactly_when_base_is_large_and_the_sign_does_not_turn(current: float, base: float) -> None:
    found = change("OPREV", current, base)
    assert found.absolute == current - base
    has_rate = not isinstance(found.growth, Unavailable)
    assert has_rate == (base >= 1e6 and current > 0)


@given(st.floats(1e6, 1e9), st.floats(1e6, 1e9))
def test_growth_does_not_depend_on_the_currency_unit(current: float, base: float) -> None:
    one, other = change("OPREV", current, base).growth, change("OPREV", current * 7, base * 7).growth
    assert other == pytest.approx(one, abs=1e-9)
