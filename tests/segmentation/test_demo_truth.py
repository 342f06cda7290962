"""On the demo bank the methods find a good part of what was planted, and say what they cannot know."""

from pathlib import Path

import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from analysis.core.estimate import Estimate
from analysis.features import FeatureMatrix, build_features
from analysis.intake import load_portfolio
from analysis.intake.portfolio import Portfolio
from analysis.intake.sources.demo.parameters import DemoParameters
from analysis.intake.sources.demo.truth import write_truth
from analysis.portrait import pareto
from analysis.segmentation import KMeans, make_segmenter, profile

OPTIONS = {"n_clients": 1_500, "n_months": 18}


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    return load_portfolio("demo", quarter="2026Q3", cache=tmp_path_factory.mktemp("demo"), options=OPTIONS)


@pytest.fixture(scope="module")
def features(bank: Portfolio) -> FeatureMatrix:
    return build_features(bank)


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> "pd.Series[str]":
    folder: Path = tmp_path_factory.mktemp("truth")
    write_truth(DemoParameters(**OPTIONS), folder)
    return pd.read_parquet(folder / "truth_clients.parquet").set_index("client_id")["segment"]


def test_k_means_recovers_a_good_part_of_the_planted_segments(features: FeatureMatrix, truth: "pd.Series[str]") -> None:
    # planted segments overlap on purpose: a forest that is told the truth reaches an adjusted Rand of about 0.64 on the
    # full bank, k-means with five segments about 0.32 and with eight 0.36; chance is 0
    result = KMeans(8, seed=7).fit(features)
    assert adjusted_rand_score(truth.reindex(result.labels.index), result.labels) > 0.25
    assert result.structure.is_clear


def test_the_long_tail_is_found_and_named_for_what_it_is(features: FeatureMatrix, truth: "pd.Series[str]") -> None:
    result = KMeans(5, seed=7).fit(features)
    tail = truth.reindex(result.labels.index) == "G8"
    home = result.labels[tail].mode()[0]
    assert (result.labels[tail] == home).mean() > 0.6
    assert "交易少" in result.segment(home).name.zh or "低存款" in result.segment(home).name.zh


def test_the_high_value_tier_brings_most_of_the_contribution(bank: Portfolio, features: FeatureMatrix) -> None:
    tiers = make_segmenter("value_tiers", policy=bank.policy).fit(features)
    sizes = profile(tiers, features, min_clients=5).sizes.set_index("segment")
    assert sizes.loc["A", "value_share"] > 0.6
    assert sizes["n_clients"].sum() == features.n_clients


def test_contribution_is_far_more_concentrated_than_eighty_twenty(features: FeatureMatrix) -> None:
    found = pareto(features.values["contribution"], seed=7)
    assert isinstance(found.top_share, Estimate)
    assert found.judgement == "more_concentrated"
    assert found.top_share.estimate > 0.9


def test_features_of_a_lender_without_accounts_are_not_used_here(features: FeatureMatrix) -> None:
    assert "deposit_avg" in features.values.columns
    assert {missing.feature.code for missing in features.missing} >= {"approved_amount", "staff"}
