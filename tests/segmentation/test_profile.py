"""What is typical of a segment: only what differs beyond chance and by enough; random segments have almost nothing."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.core.errors import ParameterError
from analysis.core.text import Text
from analysis.segmentation import KMeans, Segment, Segmentation, profile
from analysis.segmentation.profile import differences, typical
from tests.segmentation.planted import blobs, matrix


def _relabel(segmentation: Segmentation, letters: np.ndarray) -> Segmentation:
    """The same segmentation with other labels."""
    assignment = segmentation.assignment.assign(segment=letters)
    segments = tuple(Segment(id, Text(id, id), int((letters == id).sum())) for id in sorted(set(letters)))
    return dataclasses.replace(segmentation, assignment=assignment, segments=segments)


def test_difference_and_error_by_hand() -> None:
    # inside 1, 3: mean 2, variance 2. Outside 0, 0, 3: mean 1, variance 3. Lift 1, error √(2/2 + 3/3) = √2
    values = np.array([[1.0], [3.0], [0.0], [0.0], [3.0]])
    first = differences(values, ["x"], np.array(list("AABBB"), dtype=object))[0]
    assert (first.segment, first.lift, first.n_clients) == ("A", pytest.approx(1.0), 2)
    assert first.std_error == pytest.approx(np.sqrt(2))


def test_the_difference_is_that_of_welch_s_test() -> None:
    # scipy's Welch statistic is lift ÷ error
    rng = np.random.default_rng(1)
    values, labels = rng.normal(size=(60, 1)), np.array(["A", "B"], dtype=object)[rng.integers(0, 2, 60)]
    first = differences(values, ["x"], labels)[0]
    welch = stats.ttest_ind(values[labels == "A", 0], values[labels == "B", 0], equal_var=False)
    assert first.lift / first.std_error == pytest.approx(welch.statistic)


def test_only_large_and_certain_differences_of_large_enough_segments_are_typical() -> None:
    # z for one comparison is 1.96: lift 1 ± 0.98 passes, 1 ± 1.2 does not, 0.1 is too small, 4 clients are too few
    rows = [("A", 1.0, 0.5, 50), ("B", 1.0, 0.61, 50), ("C", 0.1, 0.01, 50), ("D", 1.0, 0.1, 4)]
    for segment, lift, error, n in rows:
        one = differences(np.array([[0.0], [0.0], [1.0], [1.0]]), ["x"], np.array(list("AABB"), dtype=object))[0]
        one = dataclasses.replace(one, segment=segment, lift=lift, std_error=error, n_clients=n)
        assert bool(typical([one], min_clients=5)) == (segment == "A")


def test_random_segments_have_almost_no_typical_trait() -> None:
    # 40 random segmentations × 5 segments × 6 features at a family-wise 5 %: expect 2 traits in all, allow 6
    features, _ = blobs(400)
    base = KMeans(5, seed=1).fit(features)
    rng = np.random.default_rng(3)
    found = 0
    for _ in range(40):
        shuffled = _relabel(base, rng.permutation(base.assignment["segment"].to_numpy(dtype=object)))
        found += len(profile(shuffled, features, min_clients=5).traits)
    assert found <= 6


def test_planted_segments_have_the_traits_they_were_made_with() -> None:
    features = matrix(
        {
            "deposit": np.r_[np.zeros(50), np.ones(50) * 9] + np.linspace(0, 1, 100),
            "noise": np.random.default_rng(1).normal(size=100),
        }
    )
    result = KMeans(2, seed=1).fit(features)
    traits = profile(result, features, min_clients=5).traits_of("A")
    assert [trait.code for trait in traits] == ["deposit"]
    assert traits[0].is_high
    assert traits[0].lift.ci_low > 0
    # medians: of 9 + 0.51…1 about 9.75, of all the middle between 0.49 and 9.51
    assert traits[0].typical == pytest.approx(9.758, abs=0.01)
    assert traits[0].overall == pytest.approx(5.0, abs=0.01)


def test_sizes_shares_and_totals_tie() -> None:
    features, _ = blobs(300)
    result = KMeans(4, seed=1).fit(features)
    found = profile(result, features, min_clients=5)
    assert found.sizes["n_clients"].sum() == 300
    assert found.sizes["share"].sum() == pytest.approx(1.0)
    assert found.sizes["value_total"].sum() == pytest.approx(features.values["f0"].sum())
    totals = found.values.pivot_table(index="segment", columns="feature", values="total")
    assert totals.sum().tolist() == pytest.approx(features.values.sum().tolist())


def test_a_client_group_is_typical_when_its_share_is() -> None:
    features = matrix({"deposit": np.r_[np.zeros(40), np.ones(60) * 9] + np.linspace(0, 1, 100)})
    result = KMeans(2, seed=1).fit(features)
    # 54 of the 60 rich clients export, 4 of the 40 others: shares 0.90 and 0.58 of all
    groups = pd.DataFrame({"industry": ["F"] * 36 + ["C"] * 58 + ["F"] * 6}, index=features.values.index)
    found = profile(
        result, features, min_clients=5, groups=groups, group_labels={"industry=C": Text("制造业", "manufacturing")}
    )
    trait = next(trait for trait in found.traits_of("A") if trait.code == "industry=C")
    assert (trait.label.en, trait.kind, trait.theme) == ("manufacturing", "group", "industry")
    assert (trait.typical, trait.overall) == (pytest.approx(0.9), pytest.approx(0.58))


def test_a_segment_below_the_limit_is_hidden_with_the_one_that_would_give_it_away() -> None:
    features = matrix({"f0": [0, 1, 2, 50, 51, 52, 53, 54, 55, 100, 101, 102, 103, 104, 105, 106, 107]})
    result = KMeans(3, seed=1).fit(features)
    assert [segment.n_clients for segment in result.segments] == [8, 6, 3]
    found = profile(result, features, min_clients=5)
    assert found.hidden == ("B", "C")
    assert found.sizes.set_index("segment")["n_clients"].isna().tolist() == [False, True, True]
    assert found.values[found.values["segment"] == "C"]["median"].isna().all()
    assert found.cautions[0].en == (
        "segments B, C are below the disclosure limit, or would give one away, and are not shown"
    )


def test_features_of_other_clients_are_refused() -> None:
    features, _ = blobs(60)
    result = KMeans(2, seed=1).fit(features)
    renamed = features.values.rename(index=lambda id: f"x{id}")
    with pytest.raises(ParameterError) as error:
        profile(result, dataclasses.replace(features, values=renamed), min_clients=5)
    assert str(error.value) == (
        "Some clients of the features are in no segment. Use the features the segments were made from."
    )
