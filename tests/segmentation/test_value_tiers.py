"""Value tiers: the bank's own standard applied to the letter."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.core.errors import MethodError, ParameterError
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.intake import load_policy
from analysis.segmentation import ValueTiers, make_segmenter
from analysis.segmentation.methods.value_tiers import Score, Tier
from tests.segmentation.planted import matrix

ONE = Score("value", Text("价值", "value"), ("f0",), (), 1.0, True)
TIERS = (
    Tier("high", Text("高价值", "high value"), 0.8),
    Tier("middle", Text("中价值", "middle value"), 0.4),
    Tier("low", Text("低价值", "low value"), 0.0),
)


def _standard(*scores: Score) -> ValueTiers:
    return ValueTiers(scores or (ONE,), TIERS)


def test_ten_clients_by_hand() -> None:
    # values 1 … 10: mid-ranks 0.05, 0.15 … 0.95. At least 0.8: 0.85 and 0.95; at least 0.4: 0.45 to 0.75; below: four
    result = _standard().fit(matrix({"f0": range(1, 11)}))
    assert "".join(result.assignment["segment"]) == "CCCCBBBBAA"
    assert [segment.title.en for segment in result.segments] == ["A high value", "B middle value", "C low value"]
    assert [segment.n_clients for segment in result.segments] == [2, 4, 4]


def test_a_total_exactly_at_a_cut_point_is_in_the_upper_tier() -> None:
    # five clients: mid-ranks 0.1, 0.3, 0.5, 0.7, 0.9. Cuts at 0.7 and 0.3 are met exactly
    tiers = (dataclasses.replace(TIERS[0], lower=0.7), dataclasses.replace(TIERS[1], lower=0.3), TIERS[2])
    result = ValueTiers((ONE,), tiers).fit(matrix({"f0": [1, 2, 3, 4, 5]}))
    assert "".join(result.assignment["segment"]) == "CBBAA"


def test_three_scores_are_weighted_and_a_low_variation_counts_as_stable() -> None:
    # ranks of two clients: 0.25 and 0.75. Client 1: profit .75, volume .25, variation low so stability .75:
    # 0.5·0.75 + 0.3·0.25 + 0.2·0.75 = 0.6; client 2: 0.5·0.25 + 0.3·0.75 + 0.2·0.25 = 0.4, at the cut: both middle
    scores = (
        Score("profit", Text("利润", "profit"), ("f0",), (), 0.5, True),
        Score("volume", Text("业务量", "volume"), ("f1", "f2"), (), 0.3, True),
        Score("stability", Text("稳定", "stability"), ("f3",), (), 0.2, False),
    )
    features = matrix({"f0": [9, 1], "f1": [1, 2], "f2": [1, 2], "f3": [0.1, 0.5]})
    result = ValueTiers(scores, TIERS).fit(features)
    assert result.recipe.total(features.values).tolist() == pytest.approx([0.6, 0.4])
    assert "".join(result.assignment["segment"]) == "BB"


def test_volume_is_the_sum_of_its_features_not_of_their_ranks() -> None:
    # sums 10, 9, 8 although the first client is last in f1
    score = Score("volume", Text("业务量", "volume"), ("f0", "f1"), (), 1.0, True)
    features = matrix({"f0": [10, 4, 1], "f1": [0, 5, 7]})
    assert ValueTiers((score,), TIERS).fit(features).recipe.total(features.values).tolist() == pytest.approx(
        [5 / 6, 3 / 6, 1 / 6]
    )


def test_equal_clients_get_the_same_tier() -> None:
    # four equal amounts: all have the mid-rank 0.5
    result = _standard().fit(matrix({"f0": [3, 3, 3, 3]}))
    assert "".join(result.assignment["segment"]) == "BBBB"


def test_certainty_is_the_distance_to_the_nearest_cut_within_the_tier() -> None:
    # mid-ranks 0.05 … 0.95. 0.45 is 0.05 above the cut 0.4, half-width of the middle tier 0.2: 0.25, runner-up low;
    # 0.95 is 0.15 above 0.8, room 0.2: 0.75; 0.05 is 0.35 below 0.4, room 0.4: 0.875
    result = _standard().fit(matrix({"f0": range(1, 11)}))
    certainty = result.assignment["certainty"]
    assert [certainty[4], certainty[9], certainty[0]] == pytest.approx([0.25, 0.75, 0.875])
    assert result.assignment["runner_up"].tolist() == ["B", "B", "B", "B", "C", "C", "A", "A", "B", "B"]


def test_a_later_client_is_ranked_among_those_the_standard_was_set_on() -> None:
    features = matrix({"f0": range(1, 11)})
    result = _standard().fit(features)
    new = dataclasses.replace(features, values=pd.DataFrame({"f0": [100.0, 0.0, 5.5]}, index=["x", "y", "z"]))
    assert "".join(result.assign(new)["segment"]) == "ACB"


def test_the_same_clients_get_the_same_tier_again() -> None:
    features = matrix({"f0": np.random.default_rng(1).normal(size=200)})
    result = _standard().fit(features)
    pd.testing.assert_frame_equal(result.assign(features), result.assignment)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(min_value=-1000, max_value=1000), min_size=1, max_size=60))
def test_more_value_never_means_a_lower_tier(amounts: list[int]) -> None:
    result = _standard().fit(matrix({"f0": amounts}))
    tiers = result.assignment["segment"].to_numpy()
    order = np.argsort(amounts)
    assert all(tiers[order][k] >= tiers[order][k + 1] for k in range(len(amounts) - 1))
    assert sum(segment.n_clients for segment in result.segments) == len(amounts)


@settings(max_examples=25, deadline=None)
@given(unit=st.sampled_from([1e-4, 1e4]), shift=st.floats(min_value=-10, max_value=10))
def test_unit_and_origin_of_an_amount_change_nothing(unit: float, shift: float) -> None:
    amounts = np.arange(30.0) ** 2
    first, second = _standard().fit(matrix({"f0": amounts})), _standard().fit(matrix({"f0": (amounts + shift) * unit}))
    assert first.labels.tolist() == second.labels.tolist()


def test_one_giant_re_ranks_nobody_else() -> None:
    small, giant = np.arange(100.0), np.r_[np.arange(99.0), 1e12]
    assert (
        _standard().fit(matrix({"f0": small})).labels.tolist() == _standard().fit(matrix({"f0": giant})).labels.tolist()
    )


def test_a_score_without_data_is_left_out_said_so_and_the_others_weigh_more() -> None:
    scores = (
        dataclasses.replace(ONE, weight=0.5),
        Score("stability", Text("稳定性", "stability"), ("f9",), (), 0.5, True),
    )
    features = matrix({"f0": [1, 2]})
    result = ValueTiers(scores, TIERS).fit(features)
    assert result.recipe.total(features.values).tolist() == [0.25, 0.75]
    assert result.cautions[-1].en == (
        "the source lacks what the score “stability” needs: it is left out and the other weights are scaled up"
    )


def test_a_stand_in_is_used_and_said_so() -> None:
    score = dataclasses.replace(ONE, features=("f9",), otherwise=("f0",))
    result = ValueTiers((score,), TIERS).fit(matrix({"f0": [1, 2, 3]}))
    assert result.recipe.needs == ("f0",)
    assert result.cautions[-1].en == "the score “value” is taken from f0"


def test_without_any_score_the_method_refuses() -> None:
    with pytest.raises(MethodError) as error:
        _standard().fit(matrix({"other": [1, 2]}))
    assert str(error.value) == (
        "None of the value scores can be computed from this source. "
        "They need contribution, deposits, loans or loan amounts; use k-means instead."
    )


def test_weights_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ParameterError) as error:
        _standard(dataclasses.replace(ONE, weight=0.9))
    assert str(error.value) == (
        "The weights of the value scores add up to 0.9, not to 1, or one is negative. "
        "Correct data/policy/value_tiers.toml."
    )


def test_cut_points_that_do_not_go_down_to_zero_are_refused() -> None:
    with pytest.raises(ParameterError) as error:
        ValueTiers((ONE,), TIERS[::-1])
    assert str(error.value) == (
        "The cut points [0.0, 0.4, 0.8] do not go down from below 1 to 0. Correct data/policy/value_tiers.toml."
    )


def test_tiers_claim_no_groups_by_nature() -> None:
    assert isinstance(_standard().fit(matrix({"f0": [1, 2]})).structure, Unavailable)


def test_the_standard_in_force_is_read_from_the_policy() -> None:
    spec = make_segmenter("value_tiers", policy=load_policy())
    assert isinstance(spec, ValueTiers)
    assert [score.features for score in spec.scores] == [
        ("contribution",),
        ("deposit_avg", "loan_avg"),
        ("deposit_variation",),
    ]
    assert [(tier.id, tier.lower) for tier in spec.tiers] == [("high", 0.8), ("middle", 0.4), ("low", 0.0)]


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(ParameterError) as error:
        make_segmenter("k-means", policy=load_policy())
    assert str(error.value) == "There is no segmentation method 'k-means'. Known are value_tiers, kmeans."
