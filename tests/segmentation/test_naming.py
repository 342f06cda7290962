"""Names follow the data, differ within a segmentation and never change by chance."""

import dataclasses

import numpy as np

from analysis.core.text import Text
from analysis.segmentation import KMeans
from analysis.segmentation.naming import PLAIN, name_segments, unique_names
from tests.segmentation.planted import blobs, feature, matrix

DEPOSIT, MANY, LOAN = Text("高存款", "deposit-rich"), Text("多产品", "many products"), Text("高贷款", "loan-heavy")


def test_a_name_is_made_of_the_two_strongest_words() -> None:
    names = unique_names({"A": [DEPOSIT, MANY, LOAN], "B": [LOAN]})
    assert names["A"] == Text("高存款·多产品", "deposit-rich, many products")
    assert names["B"] == LOAN


def test_two_segments_with_the_same_two_words_get_a_third() -> None:
    names = unique_names({"A": [DEPOSIT, MANY, LOAN], "B": [DEPOSIT, MANY]})
    assert names["A"].en == "deposit-rich, many products, loan-heavy"
    assert names["B"].en == "deposit-rich, many products"


def test_where_words_run_out_the_letter_tells_them_apart() -> None:
    names = unique_names({"A": [], "B": [], "C": [LOAN]})
    assert names["A"] == Text("无突出特征（A 组）", "no distinctive trait (group A)")
    assert names["B"].en == "no distinctive trait (group B)"


def test_rich_and_poor_segments_are_named_so_and_carry_their_letter() -> None:
    result = KMeans(2, seed=1).fit(matrix({"deposit": np.r_[np.linspace(0, 1, 50), np.linspace(9, 10, 50)]}))
    assert [segment.title.en for segment in result.segments] == ["A high deposit", "B low deposit"]
    assert result.segments[0].title.zh == "A 高deposit"


def test_other_data_give_other_names() -> None:
    low, noise = np.linspace(0, 1, 50), np.random.default_rng(1).normal(size=100)
    first = KMeans(2, seed=1).fit(matrix({"deposit": np.r_[low, low + 9], "loan": noise}))
    second = KMeans(2, seed=1).fit(matrix({"deposit": noise, "loan": np.r_[low, low + 9]}))
    assert {segment.name.en for segment in first.segments} == {"high deposit", "low deposit"}
    assert {segment.name.en for segment in second.segments} == {"high loan", "low loan"}


def test_two_features_of_one_theme_give_one_word() -> None:
    values = np.r_[np.linspace(0, 1, 50), np.linspace(9, 10, 50)]
    base = matrix({"deposit": values, "balance": values + np.tile([0, 0.1], 50)})
    themed = tuple(feature(code, theme="money") for code in base.values.columns)
    result = KMeans(2, seed=1).fit(dataclasses.replace(base, features=themed))
    assert {segment.name.en for segment in result.segments} <= {
        "high deposit",
        "low deposit",
        "high balance",
        "low balance",
    }


def test_names_are_the_same_whatever_the_order_of_clients() -> None:
    features, _ = blobs(300)
    result = KMeans(5, seed=7).fit(features)
    shuffled = dataclasses.replace(features, values=features.values.sample(frac=1, random_state=2))
    assert name_segments(shuffled, result.assignment) == {segment.id: segment.name for segment in result.segments}


def test_random_segments_are_plain() -> None:
    features, _ = blobs(300)
    labels = np.array(["A", "B", "C"], dtype=object)[np.random.default_rng(5).integers(0, 3, 300)]
    assignment = KMeans(3, seed=1).fit(features).assignment.assign(segment=labels)
    assert all(name.en.startswith(PLAIN.en) for name in name_segments(features, assignment).values())
