"""K-means segments: known truth, published optimum, invariances, honest when there is nothing."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans as LloydKMeans
from sklearn.datasets import load_iris
from sklearn.metrics import adjusted_rand_score

from analysis.core.errors import MethodError, ParameterError
from analysis.core.estimate import Unavailable
from analysis.features import FeatureMatrix, apply_scales
from analysis.segmentation import KMeans
from analysis.segmentation.methods.kmeans import fit_centres, nearest_two, within_sum
from tests.segmentation.planted import blobs, feature, matrix


def _says(segmentation, words: str) -> bool:
    return any(words in caution.en for caution in segmentation.cautions)


def test_two_tight_pairs_become_two_segments_with_the_richer_one_first() -> None:
    # clients at 0, 1 and 100, 101: centres 0.5 and 100.5; totals 1 and 201, so the second pair is A
    result = KMeans(2, seed=1).fit(matrix({"f0": [0, 1, 100, 101], "f1": [0, 0, 5, 5]}))
    assert result.assignment["segment"].tolist() == ["B", "B", "A", "A"]
    assert [segment.n_clients for segment in result.segments] == [2, 2]
    assert result.assignment["runner_up"].tolist() == ["A", "A", "B", "B"]
    assert result.order.en == "in descending total of f0"


def test_certainty_is_one_minus_the_ratio_of_the_two_nearest_distances() -> None:
    # centres at 0 and 10. Client at 2: 1 − 2/8 = 0.75. At 5: 1 − 5/5 = 0. At 10: on a centre, 1 − 0/10 = 1
    place, certainty, second = nearest_two(np.array([[2.0], [5.0], [10.0]]), np.array([[0.0], [10.0]]))
    assert place.tolist() == [0, 0, 1]
    assert certainty.tolist() == [0.75, 0.0, 1.0]
    assert second.tolist() == [1, 1, 0]


def test_within_sum_of_squares_by_hand() -> None:
    # centres 0 and 10; distances 1, 1, 2: 1 + 1 + 4 = 6
    assert within_sum(np.array([[1.0], [-1.0], [12.0]]), np.array([[0.0], [10.0]])) == 6.0


def test_iris_reaches_the_published_optimum() -> None:
    # raw inertia 78.851, standardised 139.820, adjusted Rand 0.730 and 0.620: Gagolewski, clustering-data-v1, and the
    # scikit-learn and R manuals for the same set
    iris = load_iris()
    raw = iris.data
    scaled = (raw - raw.mean(axis=0)) / raw.std(axis=0)
    for data, inertia, rand in ((raw, 78.851, 0.730), (scaled, 139.820, 0.620)):
        centres = fit_centres(data, 3, seed=7)
        assert within_sum(data, centres) == pytest.approx(inertia, abs=0.001)
        assert adjusted_rand_score(iris.target, nearest_two(data, centres)[0]) == pytest.approx(rand, abs=0.001)


def test_the_method_equals_scikit_learn_on_the_scaled_features() -> None:
    features, _ = blobs(400)
    result = KMeans(5, seed=3).fit(features)
    coordinates = apply_scales(features.values, result.recipe.scales)
    direct = LloydKMeans(5, n_init=10, random_state=3).fit(coordinates)
    assert within_sum(coordinates, result.recipe.centres) == pytest.approx(direct.inertia_, rel=1e-9)
    assert adjusted_rand_score(direct.labels_, result.assignment["segment"]) == 1.0


def test_planted_segments_are_recovered() -> None:
    features, truth = blobs(2_000)
    result = KMeans(5, seed=7).fit(features)
    assert adjusted_rand_score(truth, result.assignment["segment"]) > 0.9
    assert result.structure.is_clear
    assert not _says(result, "no clear structure")


def test_one_cloud_is_called_no_clear_structure() -> None:
    rng = np.random.default_rng(4)
    features = matrix({f"f{k}": rng.normal(size=1_500) for k in range(6)})
    result = KMeans(5, seed=7).fit(features)
    assert not result.structure.is_clear
    assert _says(result, "no clear structure")


def test_skewed_amounts_with_many_zeros_and_a_common_size_are_no_structure_either() -> None:
    # one size factor behind all amounts, four fifths of one and half of another are zero: no groups
    rng = np.random.default_rng(5)
    size = rng.normal(size=1_500)
    columns = {f"f{k}": np.exp(size + rng.normal(size=1_500)) for k in range(4)}
    columns["f4"] = np.where(rng.random(1_500) < 0.8, 0.0, columns["f0"])
    columns["f5"] = np.where(rng.random(1_500) < 0.5, 0.0, columns["f1"])
    result = KMeans(5, seed=7).fit(matrix(columns, "log1p"))
    assert not result.structure.is_clear


def test_the_recipe_gives_the_same_clients_exactly_the_same_assignment() -> None:
    features, _ = blobs(500, distance=1.5)
    result = KMeans(4, seed=2).fit(features)
    pd.testing.assert_frame_equal(result.assign(features), result.assignment)


def test_a_single_new_client_is_placed_as_it_is_in_company() -> None:
    features, _ = blobs(300, distance=1.0)
    result = KMeans(4, seed=2).fit(features)
    one = dataclasses.replace(features, values=features.values.iloc[[17]])
    pd.testing.assert_frame_equal(result.assign(one), result.assignment.iloc[[17]].reset_index(drop=True))


def test_order_of_clients_changes_nothing() -> None:
    features, _ = blobs(400, distance=1.0)
    shuffled = dataclasses.replace(features, values=features.values.sample(frac=1, random_state=1))
    first, second = KMeans(5, seed=7).fit(features), KMeans(5, seed=7).fit(shuffled)
    assert first.labels.to_dict() == second.labels.to_dict()
    assert first.segments == second.segments
    assert first.structure == second.structure


@settings(max_examples=5, deadline=None)
@given(unit=st.sampled_from([1e-4, 1e-2, 100.0, 1e4]))
def test_the_unit_of_money_changes_nothing(unit: float) -> None:
    rng = np.random.default_rng(8)
    amounts = {
        "f0": np.exp(rng.normal(size=120) * 2),
        "f1": rng.normal(size=120) * 1e3,
        "f2": np.exp(rng.normal(size=120)),
    }
    yuan = matrix(amounts, "log1p")
    other = matrix({code: amount * unit for code, amount in amounts.items()}, "log1p")
    assert KMeans(3, seed=1).fit(yuan).labels.equals(KMeans(3, seed=1).fit(other).labels)


def test_the_same_fit_twice_is_the_same() -> None:
    features, _ = blobs(300, distance=0.5)
    first, second = KMeans(5, seed=7).fit(features), KMeans(5, seed=7).fit(features)
    pd.testing.assert_frame_equal(first.assignment, second.assignment)
    assert np.array_equal(first.recipe.centres, second.recipe.centres)


def test_segments_are_lettered_by_descending_total_of_the_value_feature() -> None:
    features, _ = blobs(600)
    result = KMeans(5, seed=7).fit(features)
    totals = features.values["f0"].groupby(result.labels).sum()
    assert totals.sort_values(ascending=False).index.tolist() == ["A", "B", "C", "D", "E"]


@pytest.mark.parametrize("n_segments", [0, 1, 13])
def test_a_useless_number_of_segments_is_refused(n_segments: int) -> None:
    with pytest.raises(ParameterError) as error:
        KMeans(n_segments)
    assert str(error.value) == f"{n_segments} segments cannot be made. Choose a number from 2 to 12."


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ParameterError) as error:
        KMeans(5, seed=-1)
    assert str(error.value) == "-1 is no seed. Give a whole number from 0."


def test_fewer_different_clients_than_segments_are_refused() -> None:
    with pytest.raises(MethodError) as error:
        KMeans(3).fit(matrix({"f0": [1, 1, 2, 2], "f1": [0, 0, 1, 1]}))
    assert str(error.value) == (
        "4 clients with 2 different sets of features cannot form 3 segments. Ask for fewer segments."
    )


def test_clients_that_are_all_alike_are_refused() -> None:
    with pytest.raises(MethodError) as error:
        KMeans(2).fit(matrix({"f0": [3, 3, 3]}))
    assert str(error.value) == (
        "No feature differs between the clients, so there is nothing to segment by. Build features that vary."
    )


def test_a_feature_that_is_the_same_for_all_is_left_out_and_said_so() -> None:
    result = KMeans(2, seed=1).fit(matrix({"f0": [0, 1, 100, 101], "same": [7, 7, 7, 7]}))
    assert result.recipe.needs == ("f0",)
    assert _says(result, "these features are the same for all clients and were left out: same")


def test_assigning_without_a_needed_feature_is_refused() -> None:
    features, _ = blobs(50, n_segments=2, n_features=2)
    result = KMeans(2).fit(features)
    with pytest.raises(MethodError) as error:
        result.assign(features.only(["f0"]))
    assert str(error.value) == (
        "The segments need the features f1, which were not built. "
        "See FeatureMatrix.missing for the reason, or fit again without them."
    )


def test_a_giant_does_not_get_a_scale_of_its_own() -> None:
    # one client a million times larger: with the scale held at the percentiles the others still form their two groups
    values = np.concatenate([np.zeros(100) + np.linspace(0, 1, 100), 10 + np.linspace(0, 1, 100)])
    values[150] = 1e7
    result = KMeans(2, seed=1).fit(matrix({"f0": values, "f1": np.r_[np.zeros(100), np.ones(100)]}))
    assert [segment.n_clients for segment in result.segments] == [100, 100]


def test_structure_is_measured_on_a_sample_of_at_most_ten_thousand() -> None:
    features, _ = blobs(12_000, n_features=3)
    result = KMeans(3, seed=1).fit(features)
    assert not isinstance(result.structure, Unavailable)
    assert result.structure.n_sampled == 10_000


def test_ambiguous_clients_are_counted() -> None:
    # centres settle at 0.5 and 9.5; the client at 5 lies 4.5 from both: certainty 0
    features = matrix({"f0": [0, 0, 0, 0, 1, 1, 1, 1, 9, 9, 9, 9, 10, 10, 10, 10]})
    result = KMeans(2, seed=1).fit(features)
    middle = dataclasses.replace(
        features, values=pd.DataFrame({"f0": [5.0]}, index=pd.Index(["new"], name="client_id"))
    )
    assert result.ambiguous_share == 0.0
    assert result.assign(middle)["certainty"].tolist() == pytest.approx([0.0], abs=1e-9)


def test_a_matrix_with_gaps_is_refused() -> None:
    with pytest.raises(ParameterError) as error:
        matrix({"f0": [1.0, np.nan]})
    assert str(error.value) == "The feature matrix has missing or infinite values. Use build_features."


def test_a_client_twice_is_refused() -> None:
    values = pd.DataFrame({"f0": [1.0, 2.0]}, index=["a", "a"])
    good = matrix({"f0": [1.0, 2.0]})
    with pytest.raises(ParameterError) as error:
        FeatureMatrix(good.quarter, values, (feature("f0"),), "f0")
    assert str(error.value) == "A client stands twice in the feature matrix. One row a client is needed."
