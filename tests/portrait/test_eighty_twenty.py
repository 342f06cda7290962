"""The measured share of the top 20 %, by hand, against closed forms, at its limits, and with intervals that cover."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.core.errors import ParameterError
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.numerics import bootstrap_interval, top_share
from analysis.portrait import eighty_twenty, pareto


def _value(estimate: Estimate | Unavailable) -> float:
    assert isinstance(estimate, Estimate)
    return estimate.estimate


def test_ten_clients_by_hand() -> None:
    # total 100; the top fifth is two clients: 50 + 30 = 80 %. Two clients reach 80 %: a fifth of ten.
    # Gini: ascending ranks weighted (2i − 11): (−9−7−5−3−1+1+3+5)·2.5 + 7·30 + 9·50 = −40 + 210 + 450 = 620; 620 ÷ 1000
    found = pareto([50, 30, *[2.5] * 8], seed=1)
    assert _value(found.top_share) == pytest.approx(0.8)
    assert _value(found.clients_for_target) == pytest.approx(0.2)
    assert found.n_for_target == 2
    assert _value(found.gini) == pytest.approx(0.62)
    assert found.total == 100
    assert [(top.n_clients, round(top.share, 3)) for top in found.top_n] == [(5, 0.875)]


def test_losses_lift_the_curve_over_one_hundred_per_cent() -> None:
    # 60 + 60 − 20 = 100 over three clients: peak 120 % at two thirds; one third loses; 0.2·3 = 0.6 client = 36 %
    found = pareto([60, -20, 60], seed=1)
    assert _value(found.peak) == pytest.approx(1.2)
    assert found.peak_clients == pytest.approx(2 / 3)
    assert found.negative_share == pytest.approx(1 / 3)
    assert found.negative_total == -20
    assert _value(found.top_share) == pytest.approx(0.36)
    assert isinstance(found.gini, Unavailable)


def test_equal_clients_have_the_diagonal() -> None:
    found = pareto(np.full(50, 3.0), seed=1)
    assert _value(found.top_share) == pytest.approx(0.2)
    assert _value(found.gini) == pytest.approx(0.0, abs=1e-12)
    assert found.judgement == "less_concentrated"


def test_one_holding_everything_is_the_other_end() -> None:
    # the others hold a ten-thousandth of nothing, so that a draw without the giant has a total too
    found = pareto([100.0, *[1e-6] * 99], seed=1)
    assert _value(found.top_share) == pytest.approx(1.0, abs=1e-5)
    assert found.n_for_target == 1
    assert _value(found.gini) == pytest.approx(0.99, abs=1e-5)


def test_ties_at_the_limit_are_treated_alike() -> None:
    # seven clients of 1: a fifth is 1.4 clients, so 20 % whichever of them falls inside
    assert _value(pareto([1.0] * 7, seed=1).top_share) == pytest.approx(0.2)


def test_an_exponential_amount_has_its_closed_forms() -> None:
    # Lorenz curve of the exponential: top share p (1 − ln p), so 0.2·(1 + ln 5) = 0.52189; Gini 1/2
    amount = -np.log(1 - (np.arange(40_000) + 0.5) / 40_000)
    found = pareto(amount, seed=1)
    assert _value(found.top_share) == pytest.approx(0.2 * (1 + np.log(5)), abs=2e-4)
    assert _value(found.gini) == pytest.approx(0.5, abs=2e-4)


def test_pareto_s_own_law_has_its_closed_forms() -> None:
    # index α = 3: top share 0.2^(1 − 1/α) = 0.2^(2/3) = 0.34200, Gini 1 ÷ (2α − 1) = 0.2 (Arnold 2015, Pareto
    # Distributions, section 4.2); taken on a grid of quantiles
    amount = (1 - (np.arange(40_000) + 0.5) / 40_000) ** (-1 / 3)
    found = pareto(amount, seed=1)
    assert _value(found.top_share) == pytest.approx(0.2 ** (2 / 3), abs=5e-4)
    assert _value(found.gini) == pytest.approx(0.2, abs=5e-4)


def test_the_interval_is_that_of_the_plain_bootstrap() -> None:
    # same percentile bootstrap, written the slow way, other draws: ends agree within Monte-Carlo error
    amount = np.random.default_rng(3).exponential(size=400)
    found = pareto(amount, seed=5).top_share
    slow = bootstrap_interval(lambda drawn: top_share(drawn, 0.2), amount, seed=8)
    assert isinstance(found, Estimate)
    assert not isinstance(slow, Unavailable)
    assert (found.ci_low, found.ci_high) == pytest.approx(slow, abs=0.006)


def test_intervals_cover_the_true_share_at_about_their_level(monkeypatch: pytest.MonkeyPatch) -> None:
    # exponential, n = 300, truth 0.5219. 200 trials: 0.95 ± 2·0.015, and a percentile bootstrap runs a little short
    monkeypatch.setattr(eighty_twenty, "MAX_RESAMPLES", 200)
    truth = 0.2 * (1 + np.log(5))
    rng = np.random.default_rng(11)
    hits = 0
    for trial in range(200):
        share = pareto(rng.exponential(size=300), seed=trial).top_share
        assert isinstance(share, Estimate)
        hits += share.ci_low <= truth <= share.ci_high
    assert 0.88 <= hits / 200 <= 0.99


def test_nobody_one_client_and_no_total_give_a_reason_and_no_number() -> None:
    for values, words in (
        ([], "there are no clients"),
        ([5.0], "there is only one client, so concentration has no meaning"),
        ([1.0, -1.0, 0.0], "the total is not positive, so shares have no meaning"),
    ):
        found = pareto(values, seed=1)
        for part in (found.top_share, found.gini, found.clients_for_target, found.n_for_target, found.peak):
            assert isinstance(part, Unavailable)
            assert part.reason.en == words
        assert found.curve.empty
        assert found.judgement == "not_testable"


def test_a_total_near_zero_has_no_interval() -> None:
    # many resamples of +1 and −1 have no positive total
    found = pareto([1.0] * 21 + [-1.0] * 20, seed=1)
    assert isinstance(found.top_share, Unavailable)


def test_clients_without_a_value_are_left_out_and_counted() -> None:
    found = pareto([4.0, 3.0, np.nan, 2.0, 1.0], seed=1)
    assert (found.n_clients, found.n_missing, found.total) == (4, 1, 10.0)
    assert "some clients have no value" in found.cautions[0].en


def test_the_judgement_of_eighty_twenty_follows_the_interval() -> None:
    rng = np.random.default_rng(2)
    assert pareto(np.exp(3 * rng.normal(size=3_000)), seed=1).judgement == "more_concentrated"
    assert pareto(rng.exponential(size=3_000), seed=1).judgement == "less_concentrated"
    assert pareto([50, 30, *[2.5] * 8], seed=1).judgement == "supported"


def test_the_drawn_curve_has_at_most_two_hundred_points_with_its_ends_and_peak() -> None:
    amount = np.r_[np.random.default_rng(1).exponential(size=5_000), -np.ones(500)]
    found = pareto(amount, seed=1)
    assert len(found.curve) <= 200
    assert found.curve.iloc[0].tolist() == [0, 0]
    assert found.curve.iloc[-1].tolist() == pytest.approx([1, 1])
    assert found.curve["total_share"].max() == pytest.approx(_value(found.peak))


def test_no_point_of_the_curve_and_no_top_share_shows_fewer_clients_than_the_limit() -> None:
    # 23 clients: points at 0, 6, 12, 17, 23 are at least 5 apart; top 5 and 10 leave 18 and 13, top 20 would leave 3
    found = pareto(np.arange(1.0, 24.0), seed=1, min_clients=5)
    steps = (found.curve["clients_share"] * 23).round().diff().dropna()
    assert steps.min() >= 5
    assert [top.n_clients for top in found.top_n] == [5, 10]
    # a peak too close to the end is not a point of its own
    with_loss = pareto([*np.arange(1.0, 24.0), -3.0], seed=1, min_clients=5)
    assert (with_loss.curve["clients_share"] * 24).round().diff().dropna().min() >= 5


def test_a_share_that_is_no_share_is_refused() -> None:
    with pytest.raises(ParameterError) as error:
        pareto([1.0, 2.0], seed=1, fraction=20)
    assert str(error.value) == "Top 20 and target 0.8 are not shares of a whole. Give fractions between 0 and 1."


def test_the_same_seed_gives_the_same_interval() -> None:
    amount = np.random.default_rng(1).exponential(size=100)
    assert pareto(amount, seed=4).top_share == pareto(amount, seed=4).top_share


@settings(max_examples=25, deadline=None)
@given(
    amounts=st.lists(st.floats(min_value=0.01, max_value=1e6), min_size=2, max_size=40),
    unit=st.sampled_from([1e-4, 100.0, 1e4]),
)
def test_scale_and_order_change_nothing_and_shares_are_bounded(amounts: list[float], unit: float) -> None:
    first, second = pareto(amounts, seed=1), pareto(np.array(amounts[::-1]) * unit, seed=1)
    assert _value(first.top_share) == pytest.approx(_value(second.top_share))
    assert _value(first.gini) == pytest.approx(_value(second.gini), abs=1e-9)
    assert 0.2 - 1e-9 <= _value(first.top_share) <= 1 + 1e-9
    assert first.curve["total_share"].is_monotonic_increasing or first.curve["total_share"].diff().min() > -1e-12
