"""Concentration of an amount: by hand, against a brute-force formula, with losses, at its limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.core.errors import ParameterError
from analysis.core.estimate import Unavailable
from analysis.portrait import concentration


def test_one_to_five_by_hand() -> None:
    # Gini: (2i − 6)·x_i = −4 − 4 + 0 + 8 + 20 = 20; 20 ÷ (5·15) = 4/15. The top fifth is one client: 5 ÷ 15.
    # HHI: (1 + 4 + 9 + 16 + 25) ÷ 225 = 55/225, so 225/55 equal clients would be as concentrated
    found = concentration([1, 2, 3, 4, 5])
    assert found.gini == pytest.approx(4 / 15)
    assert found.top_share(0.2) == pytest.approx(1 / 3)
    assert found.hhi == pytest.approx(55 / 225)
    assert found.effective_number == pytest.approx(225 / 55)
    assert found.peak == 1.0
    assert found.peak_clients == 1.0
    assert (found.largest(2), found.largest(99)) == (pytest.approx(9 / 15), 1.0)
    assert (found.n_clients, found.n_missing, found.total) == (5, 0, 15.0)


def test_losses_lift_the_whale_curve_and_take_the_gini_away() -> None:
    # 70 + 60 − 10 − 20 = 100: 70 %, 130 %, 120 %, 100 %; the peak of 130 % is reached by half of the clients
    found = concentration([-20, 70, -10, 60])
    assert not isinstance(found.curve, Unavailable)
    assert found.curve.total.tolist() == pytest.approx([0.0, 0.7, 1.3, 1.2, 1.0])
    assert found.peak == pytest.approx(1.3)
    assert found.peak_clients == 0.5
    assert found.top_share(0.5) == pytest.approx(1.3)
    for refused in (found.gini, found.hhi, found.effective_number):
        assert isinstance(refused, Unavailable)
    assert isinstance(found.gini, Unavailable)
    assert found.gini.reason.en == "some values are negative, so a Gini coefficient may pass one; read the whale curve"


def test_one_small_loss_among_many_is_enough_to_refuse_the_gini() -> None:
    found = concentration([-0.01, *np.arange(1.0, 1_000.0)])
    assert isinstance(found.gini, Unavailable)
    assert found.peak == pytest.approx(1.0, abs=1e-4)


def test_ties_are_exact() -> None:
    found = concentration([3.0] * 7)
    assert found.gini == 0.0
    assert found.hhi == pytest.approx(1 / 7)
    assert found.top_share(0.2) == pytest.approx(0.2, abs=1e-15)
    # two of four tie for the first place: a quarter of the clients is one of them, whichever
    assert concentration([4, 4, 1, 1]).top_share(0.25) == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([], "there are no clients"),
        ([np.nan, np.nan], "there are no clients"),
        ([5.0], "there is only one client, so concentration has no meaning"),
        ([0.0, 0.0, 0.0], "the total is not positive, so shares have no meaning"),
        ([0.0], "the total is not positive, so shares have no meaning"),
        ([-5.0, 2.0], "the total is not positive, so shares have no meaning"),
    ],
)
def test_what_has_no_concentration_gives_the_reason_in_place_of_every_number(values: list[float], words: str) -> None:
    found = concentration(values)
    numbers = (found.gini, found.hhi, found.peak, found.peak_clients, found.effective_number, found.top_share(0.2))
    for number in (*numbers, found.largest(5), found.curve):
        assert isinstance(number, Unavailable)
        assert number.reason.en == words


def test_clients_without_a_value_are_left_out_and_counted() -> None:
    found = concentration([1.0, np.nan, 3.0])
    assert (found.n_clients, found.n_missing, found.total) == (2, 1, 4.0)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([np.inf, 1.0], "1 of 2 values are infinite. Write NaN for a gap."),
        ([-np.inf, np.nan, 1.0], "1 of 3 values are infinite. Write NaN for a gap."),
        ([1e308, 1e308], "A value of 1e+308 is too large to be added up. Give amounts of money."),
    ],
    ids=["infinite", "minus infinite", "too large"],
)
def test_what_cannot_be_added_up_is_refused_and_no_gap(values: list[float], words: str) -> None:
    with pytest.raises(ParameterError) as refused:
        concentration(values)
    assert str(refused.value) == words


def test_a_fraction_that_is_no_share_is_refused() -> None:
    with pytest.raises(ParameterError) as refusal:
        concentration([1.0, 2.0]).top_share(20)
    assert str(refusal.value) == "20 is not a share of clients. Give a fraction from 0 to 1."


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(min_value=1, max_value=10**6), min_size=2, max_size=30))
def test_gini_is_half_the_mean_difference_over_the_mean_and_the_curve_is_bounded(amounts: list[int]) -> None:
    # Gini's own definition, by brute force over all pairs: Σ|x_i − x_j| ÷ (2 n² mean)
    values = np.array(amounts, dtype=float)
    pairs = np.abs(values[:, None] - values[None, :]).sum()
    found = concentration(values)
    assert found.gini == pytest.approx(pairs / (2 * len(values) * values.sum()), abs=1e-9)
    assert not isinstance(found.hhi, Unavailable)
    assert 1 / len(values) - 1e-12 <= found.hhi <= 1 + 1e-12
    share = found.top_share(0.2)
    assert not isinstance(share, Unavailable)
    assert 0.2 - 1e-9 <= share <= 1 + 1e-9
    assert concentration(values[::-1] * 1e4).top_share(0.2) == pytest.approx(share)
