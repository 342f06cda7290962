"""η² and Cramér's V: by hand, against other implementations, at their limits, under chance, and how intervals cover."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, kruskal, rankdata

from analysis.core.association import chi_squared, cramers_v, eta_squared, separation
from analysis.core.errors import ParameterError
from analysis.core.estimate import Estimate, Unavailable


def test_two_groups_by_hand() -> None:
    # mean 4, group means 2 and 6: between 2·4 + 2·4 = 16; total 9 + 1 + 1 + 9 = 20
    assert eta_squared([1.0, 3.0, 5.0, 7.0], ["a", "a", "b", "b"]) == pytest.approx(0.8)


def test_equal_means_explain_nothing_and_equal_members_everything() -> None:
    assert eta_squared([1.0, 5.0, 2.0, 4.0], ["a", "a", "b", "b"]) == pytest.approx(0.0)
    assert eta_squared([3.0, 3.0, 8.0, 8.0], ["a", "a", "b", "b"]) == pytest.approx(1.0)


def test_on_ranks_it_is_the_kruskal_wallis_statistic_over_n_minus_one() -> None:
    rng = np.random.default_rng(4)
    values, groups = np.round(rng.normal(size=300), 1), rng.integers(0, 4, 300)  # rounded: with ties
    expected = kruskal(*(values[groups == k] for k in range(4))).statistic / 299
    assert eta_squared(rankdata(values), groups) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("values", "groups", "words"),
    [
        ([], [], "there are no clients"),
        ([1.0, 2.0], ["a", "a"], "there is only one group, so nothing to compare"),
        ([1.0, 2.0], ["a", "b"], "there are no more clients than groups, so nothing to compare"),
        ([2.0, 2.0, 2.0], ["a", "a", "b"], "all values are equal, so there is no difference to explain"),
    ],
)
def test_what_cannot_be_compared_gives_its_reason(values: list[float], groups: list[str], words: str) -> None:
    for found in (eta_squared(values, groups), separation(values, groups, seed=1)):
        assert isinstance(found, Unavailable)
        assert found.reason.en == words


def test_gaps_and_labels_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ParameterError) as gaps:
        eta_squared([1.0, np.nan], ["a", "b"])
    assert str(gaps.value) == "The values hold gaps or infinities. Leave out clients without a value first."
    with pytest.raises(ParameterError) as lengths:
        eta_squared([1.0, 2.0], ["a"])
    assert str(lengths.value) == "2 values came with 1 labels. Give each client both."
    with pytest.raises(ParameterError) as pairs:
        cramers_v(["a", "b"], ["x"])
    assert str(pairs.value) == "2 labels came with 1. Give each client both."


def test_random_groups_are_beyond_chance_about_one_time_in_twenty() -> None:
    # 300 trials of 120 clients in 5 random groups: 0.05 ± 2·√(0.05·0.95/300) = 0.025 … 0.075; 100 shuffles are coarse
    rng = np.random.default_rng(6)
    hits = 0
    for trial in range(300):
        found = separation(rng.normal(size=120), rng.integers(0, 5, 120), seed=trial, n_draws=100)
        assert not isinstance(found, Unavailable)
        hits += found.is_beyond_chance
    assert 0.02 <= hits / 300 <= 0.085


def test_real_groups_are_beyond_chance_and_their_share_is_found() -> None:
    # two groups a distance d apart, sd 1: η² = d²/4 ÷ (1 + d²/4); d = 2 gives 0.5
    rng = np.random.default_rng(2)
    groups = np.repeat([0, 1], 1_000)
    found = separation(rng.normal(size=2_000) + 2 * groups, groups, seed=3)
    assert not isinstance(found, Unavailable)
    assert found.is_beyond_chance
    assert found.explained.ci_low < 0.5 < found.explained.ci_high
    assert found.by_chance < 0.005
    assert found.n_groups == 2


def test_the_order_of_clients_and_the_names_of_groups_change_nothing() -> None:
    rng = np.random.default_rng(8)
    values, groups = rng.exponential(size=200), rng.integers(0, 3, 200)
    shuffled = rng.permutation(200)
    first = separation(values, groups, seed=1)
    assert separation(values[shuffled], groups[shuffled], seed=1) == first
    assert eta_squared(values, np.array(["z", "k", "b"])[groups]) == pytest.approx(eta_squared(values, groups))


@settings(max_examples=50, deadline=None)
@given(
    values=st.lists(st.integers(-1000, 1000), min_size=5, max_size=30),
    scale=st.sampled_from([1e-4, 3.0, 1e4]),
    shift=st.sampled_from([0.0, -7.0]),
)
def test_share_explained_is_bounded_and_free_of_unit(values: list[int], scale: float, shift: float) -> None:
    groups = [place % 2 for place in range(len(values))]
    found = eta_squared(values, groups)
    if isinstance(found, Unavailable):
        return
    assert 0 <= found <= 1
    assert eta_squared(np.array(values) * scale + shift, groups) == pytest.approx(found, abs=1e-9)


# --- Cramér's V -----------------------------------------------------------------------------------------------------


def labels(table: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """The clients of a table of counts, by row and by column."""
    counts = np.array(table)
    rows, columns = np.indices(counts.shape)
    return np.repeat(rows.ravel(), counts.ravel()), np.repeat(columns.ravel(), counts.ravel())


def test_a_table_by_hand() -> None:
    # [[10, 20], [30, 40]]: χ² = 4/12 + 4/18 + 4/28 + 4/42 = 0.7937, under its expectation of one: corrected to zero
    found = cramers_v(*labels([[10, 20], [30, 40]]))
    assert isinstance(found, Estimate)
    assert found.estimate == 0.0
    # [[40, 10], [10, 40]]: φ² = 0.36 less 1/99 = 0.34990; r̃ − 1 = 1 − 1/99; V = √(0.34990 ÷ 0.98990) = 0.59453
    linked = cramers_v(*labels([[40, 10], [10, 40]]))
    assert isinstance(linked, Estimate)
    assert linked.estimate == pytest.approx(0.59453, abs=1e-5)
    assert linked.ci_low < linked.estimate < linked.ci_high


def test_chi_squared_is_that_of_scipy() -> None:
    table = np.random.default_rng(1).integers(1, 40, (4, 3))
    assert chi_squared(table) == pytest.approx(chi2_contingency(table, correction=False).statistic)


def test_one_grouping_that_gives_the_other_has_one() -> None:
    found = cramers_v(["a"] * 50 + ["b"] * 50, ["x"] * 50 + ["y"] * 50)
    assert isinstance(found, Estimate)
    assert found.estimate == pytest.approx(1.0)
    assert found.ci_high == 1.0


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ([], [], "there are no clients"),
        (["a", "b"], ["x", "x"], "there is only one group, so nothing to compare"),
        (["a", "b"], ["x", "y"], "there are no more clients than groups, so nothing to compare"),
    ],
)
def test_a_table_that_says_nothing_gives_its_reason(first: list[str], second: list[str], words: str) -> None:
    found = cramers_v(first, second)
    assert isinstance(found, Unavailable)
    assert found.reason.en == words


def test_independent_groupings_average_near_zero_and_their_interval_starts_there() -> None:
    # uncorrected V of independent 5 × 3 tables with n = 200 averages √(8 ÷ (200·2)) ≈ 0.14
    rng = np.random.default_rng(5)
    found = [cramers_v(rng.integers(0, 5, 200), rng.integers(0, 3, 200)) for _ in range(100)]
    estimates = [one for one in found if isinstance(one, Estimate)]
    assert len(estimates) == 100
    assert np.mean([one.estimate for one in estimates]) < 0.05
    assert np.mean([one.ci_low == 0.0 for one in estimates]) >= 0.93


def test_intervals_hold_a_known_strength_at_about_their_level() -> None:
    # the second label copies the first with chance a, else drawn evenly from three: φ² ÷ 2 = a², so V = a = 0.4
    rng = np.random.default_rng(9)
    hits = 0
    for _ in range(300):
        first = rng.integers(0, 3, 400)
        second = np.where(rng.random(400) < 0.4, first, rng.integers(0, 3, 400))
        found = cramers_v(first, second)
        assert isinstance(found, Estimate)
        hits += found.ci_low <= 0.4 <= found.ci_high
    assert 0.90 <= hits / 300 <= 0.99
