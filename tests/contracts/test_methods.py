"""What every registered segmentation method promises."""

import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.features import FeatureMatrix
from analysis.intake import load_policy
from analysis.segmentation import METHODS, Segmentation, Segmenter, make_segmenter
from tests.segmentation.planted import feature

CODES = ("contribution", "deposit_avg", "loan_avg", "deposit_variation")
DOCS = Path(__file__).parents[2] / "docs" / "methods"


def _features(n: int = 240, seed: int = 1) -> FeatureMatrix:
    """Clients with the features that the methods read; a third is much richer."""
    rng = np.random.default_rng(seed)
    rich = np.where(np.arange(n) % 3 == 0, 3.0, 0.0)
    columns = {code: np.exp(rng.normal(size=n) + rich) for code in CODES}
    frame = pd.DataFrame(columns, index=pd.Index([f"C{k:05d}" for k in range(n)], name="client_id"))
    features = tuple(feature(code, "log1p") for code in CODES)
    return FeatureMatrix(Quarter("2026Q3"), frame, features, "contribution")


@pytest.fixture(params=list(METHODS))
def method(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def segmenter(method: str) -> Segmenter:
    return make_segmenter(method, policy=load_policy(), n_segments=3, seed=5)


@pytest.fixture
def fitted(segmenter: Segmenter) -> Segmentation:
    return segmenter.fit(_features())


def test_a_spec_is_frozen_and_equal_to_itself(method: str, segmenter: Segmenter) -> None:
    assert isinstance(segmenter, METHODS[method])
    assert dataclasses.is_dataclass(segmenter)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(segmenter, dataclasses.fields(segmenter)[0].name, 3)
    assert segmenter == make_segmenter(method, policy=load_policy(), n_segments=3, seed=5)


def test_fitting_changes_neither_spec_nor_features(segmenter: Segmenter) -> None:
    features = _features()
    before, spec = features.values.copy(), dataclasses.replace(segmenter)  # type: ignore[type-var]
    segmenter.fit(features)
    pd.testing.assert_frame_equal(features.values, before)
    assert segmenter == spec


def test_every_client_is_in_exactly_one_segment(fitted: Segmentation) -> None:
    assert fitted.assignment["client_id"].tolist() == _features().values.index.tolist()
    letters = {segment.id for segment in fitted.segments}
    assert set(fitted.assignment["segment"]) <= letters
    assert sum(segment.n_clients for segment in fitted.segments) == 240


def test_certainty_is_between_zero_and_one_and_the_runner_up_is_another_segment(fitted: Segmentation) -> None:
    assert fitted.assignment["certainty"].between(0, 1).all()
    assert (fitted.assignment["runner_up"] != fitted.assignment["segment"]).all()
    assert 0 <= fitted.ambiguous_share <= 1


def test_the_same_clients_are_assigned_as_they_were(fitted: Segmentation) -> None:
    pd.testing.assert_frame_equal(fitted.assign(_features()), fitted.assignment)


def test_new_clients_are_placed_without_changing_the_recipe(fitted: Segmentation) -> None:
    others = _features(n=50, seed=9)
    first, second = fitted.assign(others), fitted.assign(others)
    pd.testing.assert_frame_equal(first, second)
    assert len(first) == 50
    assert first.columns.tolist() == fitted.assignment.columns.tolist()


def test_order_of_clients_does_not_matter(segmenter: Segmenter, fitted: Segmentation) -> None:
    features = _features()
    shuffled = dataclasses.replace(features, values=features.values.sample(frac=1, random_state=3))
    assert segmenter.fit(shuffled).labels.to_dict() == fitted.labels.to_dict()


def test_how_clients_are_numbered_does_not_matter(segmenter: Segmenter, fitted: Segmentation) -> None:
    features = _features()
    anew = {old: hashlib.sha256(old.encode()).hexdigest() for old in features.values.index}
    renumbered = dataclasses.replace(features, values=features.values.rename(index=anew).sort_index())
    again = segmenter.fit(renumbered)
    assert again.labels.to_dict() == {anew[old]: segment for old, segment in fitted.labels.items()}
    assert again.segments == fitted.segments
    assert again.structure == fitted.structure


def test_fitting_twice_gives_the_same(segmenter: Segmenter, fitted: Segmentation) -> None:
    again = segmenter.fit(_features())
    pd.testing.assert_frame_equal(again.assignment, fitted.assignment)
    assert again.segments == fitted.segments
    assert again.cautions == fitted.cautions


def test_letters_follow_the_stated_order_and_names_differ(fitted: Segmentation) -> None:
    assert [segment.id for segment in fitted.segments] == list("ABC")
    assert len({segment.name for segment in fitted.segments}) == 3
    assert isinstance(fitted.order, Text)
    means = _features().values["contribution"].groupby(fitted.labels).mean()
    assert means["A"] > means["C"]


def test_the_text_a_reader_sees_holds_no_numeral(fitted: Segmentation) -> None:
    texts = [*fitted.cautions, fitted.order, *(segment.name for segment in fitted.segments)]
    assert not any(character.isdigit() for text in texts for character in text.zh + text.en)


def test_an_outcome_is_not_read_by_methods_that_learn_from_features_alone(
    segmenter: Segmenter, fitted: Segmentation
) -> None:
    features = _features()
    outcome = pd.Series(np.arange(240.0), index=features.values.index)
    pd.testing.assert_frame_equal(segmenter.fit(features, outcome).assignment, fitted.assignment)


def test_every_method_has_its_page(method: str) -> None:
    text = (DOCS / f"{method}.md").read_text(encoding="utf-8")
    for heading in ("Terms", "Assumptions", "Inputs", "Formula", "Limits", "References"):
        assert f"## {heading}" in text
