"""Both methods run on the open loan data, which know no accounts, and say what they went by."""

from pathlib import Path

import pytest

from analysis.core.estimate import Estimate
from analysis.features import FeatureMatrix, build_features
from analysis.intake import load_portfolio
from analysis.intake.portfolio import Portfolio
from analysis.portrait import Distribution, distribution, pareto
from analysis.segmentation import KMeans, make_segmenter

FILE = Path(__file__).parents[3] / "shared" / "data" / "sba_national" / "sba_national_dev.csv.gz"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="the published loan file is not beside the repository")


@pytest.fixture(scope="module")
def loans(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    return load_portfolio("sba", data=str(FILE), cache=tmp_path_factory.mktemp("sba"))


@pytest.fixture(scope="module")
def features(loans: Portfolio) -> FeatureMatrix:
    return build_features(loans)


def test_features_come_from_loans_and_register(features: FeatureMatrix) -> None:
    assert list(features.values.columns) == [
        "tenure_years",
        "approved_amount",
        "loan_term_months",
        "staff",
        "is_startup",
    ]
    assert features.value_feature == "approved_amount"
    assert features.values["approved_amount"].sum() == 1_711_632_565  # approved total of the published slice


def test_k_means_makes_five_segments_that_hold_everybody(features: FeatureMatrix) -> None:
    result = KMeans(5, seed=7).fit(features)
    assert sum(segment.n_clients for segment in result.segments) == 14_917
    assert len({segment.name for segment in result.segments}) == 5


def test_tiers_go_by_the_amount_approved_and_say_so(loans: Portfolio, features: FeatureMatrix) -> None:
    result = make_segmenter("value_tiers", policy=loans.policy).fit(features)
    assert result.recipe.needs == ("approved_amount",)
    words = " ".join(caution.en for caution in result.cautions)
    assert "the score “business volume” is taken from amount approved so far" in words
    assert "profit contribution" in words


def test_clients_by_sector_add_up_to_all_with_the_unclassified(loans: Portfolio) -> None:
    found = distribution(loans, "industry")
    assert isinstance(found, Distribution)
    table = found.table.set_index("code")
    assert table.loc["total", "n_clients"] == 14_917
    assert table["n_clients"].iloc[:-1].sum() == 14_917
    assert table["approved_amount"].iloc[:-1].sum() == table.loc["total", "approved_amount"]
    assert "unclassified" in table.index


def test_the_top_fifth_of_borrowers_holds_less_than_eighty_per_cent(features: FeatureMatrix) -> None:
    found = pareto(features.values["approved_amount"], seed=7)
    assert isinstance(found.top_share, Estimate)
    assert found.judgement == "less_concentrated"
    assert found.top_share.estimate == pytest.approx(0.6897, abs=1e-4)
