"""Concentration, resampling and quantiles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.core.errors import ParameterError
from analysis.core.estimate import Unavailable
from analysis.core.numerics import (
    EMPTY,
    MANY_NEGATIVE,
    NEGATIVE,
    NO_TOTAL,
    NOT_REACHED,
    UNSTABLE,
    bootstrap_interval,
    clients_needed,
    cumulative_curve,
    gini,
    hhi,
    top_share,
    value_order,
    weighted_quantile,
)

amounts = arrays(np.float64, st.integers(1, 40), elements=st.integers(1, 10_000).map(float))
FEW = [10.0, 20.0, 30.0, 40.0]


def value_of(result: float | Unavailable) -> float:
    assert not isinstance(result, Unavailable)
    return float(result)


# --- Gini -----------------------------------------------------------------------------------------------------------


def test_gini_of_four_clients_by_hand() -> None:
    # ranks -3, -1, 1, 3: (-30 - 20 + 30 + 120) / (4 * 100) = 100 / 400
    assert gini(FEW) == pytest.approx(0.25)


def test_gini_equals_half_the_relative_mean_difference() -> None:
    # independent definition: mean absolute difference over all pairs (with itself) / (2 * mean)
    values = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0])
    pairs = np.abs(values[:, None] - values[None, :]).mean()
    assert gini(values) == pytest.approx(pairs / (2 * values.mean()))


def test_gini_of_the_first_ten_whole_numbers_matches_its_closed_form() -> None:
    # for 1..n the coefficient is (n - 1) / (3n): 9 / 30
    assert gini(np.arange(1.0, 11.0)) == pytest.approx(0.3)


def test_gini_is_zero_when_all_are_equal_and_when_there_is_one_client() -> None:
    assert gini([7.0, 7.0, 7.0]) == 0.0
    assert gini([5.0]) == 0.0


def test_gini_is_n_minus_one_over_n_when_one_client_holds_everything() -> None:
    assert gini([0.0, 0.0, 0.0, 8.0]) == pytest.approx(0.75)


def test_gini_is_refused_without_clients_or_without_a_positive_total() -> None:
    assert gini([]) is EMPTY
    assert gini([0.0, 0.0]) is NO_TOTAL
    assert gini([-1.0, -2.0]) is NO_TOTAL


def test_gini_is_refused_when_more_than_a_twentieth_is_negative() -> None:
    assert gini([-1.0] + [10.0] * 18) is MANY_NEGATIVE  # 1 / 19 = 5.3 %
    assert gini([-1.0] + [10.0] * 19) == pytest.approx(
        # 20 values, total 189: (-19 * -1 + 10 * (-17 - 15 ... + 19)) / (20 * 189); the other ranks sum to 19
        (19 + 190) / (20 * 189)
    )
    assert not isinstance(gini([-1.0] + [10.0] * 18, max_negative=0.1), Unavailable)


@given(amounts, st.sampled_from([0.01, 3.0, 1e6]))
def test_gini_ignores_scale_and_order_and_lies_between_zero_and_one(values: np.ndarray, scale: float) -> None:
    plain = value_of(gini(values))
    assert -1e-12 <= plain < 1
    assert value_of(gini(values[::-1] * scale)) == pytest.approx(plain, abs=1e-9)


# --- Herfindahl -----------------------------------------------------------------------------------------------------


def test_hhi_by_hand() -> None:
    # shares 0.1 0.2 0.3 0.4: 0.01 + 0.04 + 0.09 + 0.16
    assert hhi(FEW) == pytest.approx(0.30)


def test_hhi_limits() -> None:
    assert hhi([5.0]) == 1.0
    assert hhi([2.0] * 4) == pytest.approx(0.25)
    assert hhi([0.0, 9.0]) == 1.0
    assert hhi([]) is EMPTY
    assert hhi([0.0]) is NO_TOTAL
    assert hhi([3.0, -1.0]) is NEGATIVE


@given(amounts)
def test_hhi_lies_between_one_over_n_and_one_and_halves_when_every_part_is_split(values: np.ndarray) -> None:
    whole = value_of(hhi(values))
    assert 1 / values.size - 1e-12 <= whole <= 1 + 1e-12
    assert value_of(hhi(np.concatenate([values / 2, values / 2]))) == pytest.approx(whole / 2)


# --- cumulative curve, top share, clients needed --------------------------------------------------------------------


def test_curve_with_a_loss_making_client_passes_one() -> None:
    # largest first 6, 6, -2 of a net total of 10
    curve = cumulative_curve([-2.0, 6.0, 6.0])
    assert not isinstance(curve, Unavailable)
    assert curve.clients.tolist() == [0.0, 1 / 3, 2 / 3, 1.0]
    assert curve.total.tolist() == [0.0, 0.6, 1.2, 1.0]
    assert curve.peak == pytest.approx(1.2)


def test_curve_is_refused_without_clients_or_positive_total() -> None:
    assert cumulative_curve([]) is EMPTY
    assert cumulative_curve([1.0, -1.0]) is NO_TOTAL


def test_top_share_counts_the_last_client_in_part() -> None:
    # a fifth of 4 clients is 0.8 of one: 0.8 * 40 / 100
    assert top_share(FEW, 0.2) == pytest.approx(0.32)
    # three eighths of 4 clients is 1.5: (40 + 15) / 100
    assert top_share(FEW, 0.375) == pytest.approx(0.55)


def test_top_share_treats_tied_clients_alike() -> None:
    # four equal clients: any fraction of clients holds that fraction of the total
    assert top_share([5.0] * 4, 0.2) == pytest.approx(0.2)
    assert top_share([5.0] * 4, 0.6) == pytest.approx(0.6)


def test_top_share_limits() -> None:
    assert top_share(FEW, 0.0) == 0.0
    assert top_share(FEW, 1.0) == pytest.approx(1.0)
    assert top_share([3.0], 0.2) == pytest.approx(0.2)
    assert top_share([6.0, 6.0, -2.0], 2 / 3) == pytest.approx(1.2)
    assert top_share([], 0.2) is EMPTY
    assert top_share([-1.0], 0.2) is NO_TOTAL
    with pytest.raises(ParameterError, match=r"^1.2 is not a share of clients. Give a fraction from 0 to 1.$"):
        top_share(FEW, 1.2)


@given(amounts, st.floats(0, 1), st.floats(0, 1))
def test_top_share_never_falls_with_the_fraction_and_is_at_least_the_fraction(
    values: np.ndarray, one: float, other: float
) -> None:
    low, high = sorted([one, other])
    assert value_of(top_share(values, low)) <= value_of(top_share(values, high)) + 1e-12
    assert value_of(top_share(values, high)) >= high - 1e-9


def test_clients_needed_by_hand() -> None:
    # 40 + 30 = 70 < 80; with 20 it is 90
    assert clients_needed(FEW, 0.8) == 3
    assert clients_needed(FEW, 0.7) == 2
    assert clients_needed(FEW, 0.0) == 0


def test_clients_needed_limits() -> None:
    assert clients_needed([0.1] * 10, 0.8) == 8  # sums of tenths miss 0.8 by rounding only
    assert clients_needed([6.0, 6.0, -2.0], 1.1) == 2
    assert clients_needed(FEW, 1.1) is NOT_REACHED
    assert clients_needed([], 0.8) is EMPTY
    assert clients_needed([-4.0, -5.0], 0.8) is NO_TOTAL


# --- bootstrap ------------------------------------------------------------------------------------------------------


def test_bootstrap_interval_of_a_mean_is_close_to_the_normal_one() -> None:
    # 400 values with mean 0 and s.d. 1 exactly: standard error 1 / 20, so about +-0.098
    values = np.random.default_rng(1).normal(size=400)
    values = (values - values.mean()) / values.std()
    interval = bootstrap_interval(lambda rows: float(rows.mean()), values, seed=3)
    assert not isinstance(interval, Unavailable)
    assert interval == pytest.approx((-0.098, 0.098), abs=0.012)


def test_bootstrap_interval_repeats_with_its_seed_and_shrinks_to_a_point_for_one_client() -> None:
    def mean(rows: np.ndarray) -> float:
        return float(rows.mean())

    assert bootstrap_interval(mean, FEW, seed=5) == bootstrap_interval(mean, FEW, seed=5)
    assert bootstrap_interval(mean, FEW, seed=5) != bootstrap_interval(mean, FEW, seed=6)
    assert bootstrap_interval(mean, [4.0], seed=5) == (4.0, 4.0)


def test_bootstrap_draws_whole_rows() -> None:
    # the second column is always twice the first, so the ratio of sums is always two
    pairs = np.array([[1.0, 2.0], [3.0, 6.0], [5.0, 10.0]])
    interval = bootstrap_interval(lambda rows: float(rows[:, 1].sum() / rows[:, 0].sum()), pairs, seed=0)
    assert interval == pytest.approx((2.0, 2.0))


def test_bootstrap_is_refused_when_the_statistic_is_often_undefined() -> None:
    assert bootstrap_interval(lambda rows: gini(rows), [1.0, -1.0], seed=0) is UNSTABLE
    assert bootstrap_interval(lambda rows: 0.0, [], seed=0) is EMPTY


def test_bootstrap_intervals_of_a_mean_cover_at_about_the_stated_rate() -> None:
    rng = np.random.default_rng(11)
    hits = 0
    for seed in range(200):
        interval = bootstrap_interval(lambda rows: float(rows.mean()), rng.normal(size=60), seed=seed, n_resamples=300)
        assert not isinstance(interval, Unavailable)
        hits += interval[0] <= 0 <= interval[1]
    assert 178 <= hits <= 198  # 95 % of 200 is 190, a percentile interval of 60 values runs slightly short


# --- weighted quantile ----------------------------------------------------------------------------------------------


def test_weighted_quantile_by_hand() -> None:
    # cumulated weights 0.1, 0.3, 0.6, 1.0
    assert weighted_quantile(FEW, 0.5, [1, 2, 3, 4]) == 30.0
    assert weighted_quantile(FEW, 0.61, [1, 2, 3, 4]) == 40.0
    assert weighted_quantile(FEW, 0.3, [1, 2, 3, 4]) == 25.0  # the flat step between 20 and 30


def test_weighted_quantile_limits() -> None:
    assert weighted_quantile(FEW, 0.0) == 10.0
    assert weighted_quantile(FEW, 1.0) == 40.0
    assert weighted_quantile([8.0], 0.37) == 8.0
    assert weighted_quantile([1.0, 2.0, 3.0], 0.5, [1.0, 0.0, 0.0]) == 1.0
    assert weighted_quantile([], 0.5) is EMPTY
    assert weighted_quantile([1.0], 0.5, [0.0]) is EMPTY


def test_weighted_quantile_refuses_bad_arguments() -> None:
    with pytest.raises(ParameterError, match=r"^2 is not a quantile. Give a fraction from 0 to 1.$"):
        weighted_quantile(FEW, 2)
    with pytest.raises(ParameterError, match=r"^4 values came with 1 weights. Give one weight a value.$"):
        weighted_quantile(FEW, 0.5, [1.0])
    with pytest.raises(
        ParameterError, match=r"^Some weights are negative. Weights are counts or amounts, zero or more.$"
    ):
        weighted_quantile([1.0], 0.5, [-1.0])
    with pytest.raises(ParameterError, match=r"^The values hold gaps. Leave out clients without a value first.$"):
        weighted_quantile([float("nan")], 0.5)


@given(amounts, st.floats(0, 1))
def test_weighted_quantile_with_equal_weights_is_the_averaged_inverse_of_numpy(
    values: np.ndarray, quantile: float
) -> None:
    expected = np.quantile(values, quantile, method="averaged_inverted_cdf")
    between = abs(quantile * values.size - round(quantile * values.size))
    if between > 1e-9 or between == 0:
        assert weighted_quantile(values, quantile) == pytest.approx(float(expected))


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 5)), min_size=1, max_size=12), st.floats(0.01, 0.99))
def test_a_whole_weight_acts_like_so_many_copies(pairs: list[tuple[int, int]], quantile: float) -> None:
    values, weights = [float(v) for v, _ in pairs], [float(w) for _, w in pairs]
    copies = [float(v) for v, w in pairs for _ in range(w)]
    assert weighted_quantile(values, quantile, weights) == weighted_quantile(copies, quantile)


# --- order of rows --------------------------------------------------------------------------------------------------


def test_rows_are_ordered_by_their_first_number_then_by_the_next() -> None:
    assert value_order([[2.0, 0.0], [1.0, 9.0], [1.0, 7.0], [-5.0, 0.0]]).tolist() == [3, 2, 1, 0]
    assert value_order([3.0, 1.0, 2.0]).tolist() == [1, 2, 0]


def test_numbers_that_agree_in_nine_digits_tie() -> None:
    # 0.1 + 0.2 is 0.30000000000000004: the next column decides
    assert value_order([[0.1 + 0.2, 2.0], [0.3, 3.0], [0.3, 1.0]]).tolist() == [2, 0, 1]


def test_rows_without_columns_and_no_rows_have_an_order() -> None:
    assert value_order(np.empty((3, 0))).tolist() == [0, 1, 2]
    assert value_order(np.empty((0, 2))).tolist() == []


@given(arrays(np.float64, st.tuples(st.integers(1, 30), st.integers(1, 3)), elements=st.integers(-3, 3).map(float)))
def test_rows_in_another_order_come_out_in_the_same(rows: np.ndarray) -> None:
    shuffled = rows[np.random.default_rng(1).permutation(len(rows))]
    assert np.array_equal(rows[value_order(rows)], shuffled[value_order(shuffled)])
    # the independent answer: tuples sorted by Python
    assert [tuple(row) for row in rows[value_order(rows)]] == sorted(tuple(row) for row in rows)


def test_a_bootstrap_does_not_depend_on_the_order_of_clients() -> None:
    rows = np.array([[1.0, 5.0], [3.0, 2.0], [2.0, 2.0], [9.0, 1.0]])
    intervals = {
        bootstrap_interval(lambda drawn: float(drawn[:, 0].mean()), rows[order], seed=3, n_resamples=200)
        for order in ([0, 1, 2, 3], [3, 1, 0, 2], [2, 3, 1, 0])
    }
    assert len(intervals) == 1
