"""Features at an as-of date: by hand, never later, nothing filled silently."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.errors import DataError, MethodError, ParameterError
from analysis.core.quarter import Quarter
from analysis.features import FEATURES, apply_scales, build_features, corporate_clients, learn_scales, transform_values
from analysis.features.as_of import HISTORY, _variation
from analysis.features.groups import DIMENSIONS, WORDS
from analysis.intake.portfolio import Portfolio
from analysis.intake.schemas import CLIENTS
from analysis.segmentation import KMeans
from tests.builders import client_rows, rows, tiny_portfolio

MONTHS = [str(month) for quarter in Quarter("2026Q3").trailing(6) for month in quarter.months]
QUARTERS = tuple(quarter.label for quarter in Quarter("2026Q3").trailing(6))


def _positions(amounts: dict[str, list[float]], product: str = "deposit_demand") -> pd.DataFrame:
    """Monthly average and end balances of each client, oldest first, ending with September 2026."""
    lines = [
        (client, month, product, amount, amount, 0.0, 0.0, 0.0, 0.0)
        for client, series in amounts.items()
        for month, amount in zip(MONTHS[-len(series) :], series, strict=True)
    ]
    header = "client_id month product balance_avg balance_end interest funds_amount fee direct_cost"
    return rows(header, *lines)


def _bank(tmp_path: Path, **tables: pd.DataFrame) -> Portfolio:
    return tiny_portfolio(tmp_path, tables)


def test_average_deposits_are_those_of_the_quarter_weighted_by_days(tmp_path: Path) -> None:
    # July 31 days at 310, August 31 at 310, September 30 at 300: (9610 + 9610 + 9000) ÷ 92
    portfolio = _bank(
        tmp_path,
        clients=client_rows("A", "B", quarters=QUARTERS),
        positions=_positions({"A": [310.0, 310.0, 300.0], "B": [1.0, 1.0, 1.0]}),
    )
    values = build_features(portfolio, codes=["deposit_avg"]).values["deposit_avg"]
    assert values["A"] == pytest.approx((9610 + 9610 + 9000) / 92, abs=1e-3)
    assert values["B"] == pytest.approx(1.0)


def test_growth_on_the_year_is_the_change_over_the_mean_of_both(tmp_path: Path) -> None:
    # A from 100 to 300: 200 ÷ 200 = 1; B from 300 to 100: −1; C unchanged: 0
    series = {
        "A": [100.0] * 3 + [200.0] * 9 + [300.0] * 3,
        "B": [300.0] * 3 + [200.0] * 9 + [100.0] * 3,
        "C": [7.0] * 15,
    }
    portfolio = _bank(tmp_path, clients=client_rows("A", "B", "C", quarters=QUARTERS), positions=_positions(series))
    values = build_features(portfolio, codes=["deposit_growth"]).values["deposit_growth"]
    assert values.tolist() == pytest.approx([1.0, -1.0, 0.0])


def test_variation_is_standard_deviation_over_mean_of_twelve_months(tmp_path: Path) -> None:
    # six months at 100 and six at 300: mean 200, squares 12·100² ÷ 11, deviation 104.447, ratio 0.522. Months before
    # do not count, and a steady client has 0
    series = {"A": [9999.0] * 3 + [100.0] * 6 + [300.0] * 6, "B": [50.0] * 15}
    portfolio = _bank(tmp_path, clients=client_rows("A", "B", quarters=QUARTERS), positions=_positions(series))
    values = build_features(portfolio, codes=["deposit_variation"]).values["deposit_variation"]
    assert values.tolist() == pytest.approx([100 * np.sqrt(12 / 11) / 200, 0.0])


def test_variation_needs_three_months_and_a_mean() -> None:
    months = np.array([[np.nan, 1.0, 2.0], [0.0, 0.0, 0.0], [1.0, 1.0, 4.0]])
    # third row: mean 2, deviation √((1 + 1 + 4) ÷ 2) = √3, ratio 0.866
    found = _variation(months, pd.Index(["A", "B", "C"]))
    assert found.isna().tolist() == [True, True, False]
    assert found["C"] == pytest.approx(np.sqrt(3) / 2)


def test_shares_and_counts_over_four_quarters_by_hand(tmp_path: Path) -> None:
    # A: 12 months with 2 in, 3 out each: 60 entries; settled 12·(100 + 100), cross-border 12·50: 600 ÷ 2400 = 0.25
    lines = [("A", month, "online", 2, 3, 100.0, 100.0, 50.0) for month in MONTHS[-12:]]
    lines.append(("B", MONTHS[-1], "online", 1, 0, 10.0, 0.0, 0.0))
    header = "client_id month channel n_in n_out amount_in amount_out amount_cross_border"
    portfolio = _bank(tmp_path, clients=client_rows("A", "B", quarters=QUARTERS), transactions=rows(header, *lines))
    found = build_features(portfolio, codes=["entries_year", "cross_border_share"])
    assert found.values["entries_year"].tolist() == [60, 1]
    assert found.values["cross_border_share"].tolist() == pytest.approx([0.25, 0.0])


def test_tenure_is_the_years_from_the_start_to_the_last_day_of_the_quarter(tmp_path: Path) -> None:
    starts = {"A": "2016-09-30", "B": "2026-09-30"}
    portfolio = _bank(tmp_path, clients=client_rows("A", "B", relation_start=starts))
    values = build_features(portfolio, codes=["tenure_years"]).values["tenure_years"]
    assert values.tolist() == pytest.approx([3652 / 365.25, 0.0])


def test_loan_terms_are_averaged_by_amount(tmp_path: Path) -> None:
    # A: 100 over 12 months and 300 over 36: (1200 + 10800) ÷ 400 = 30
    loans = rows(
        "loan_id client_id start term_months amount",
        ("1", "A", "2026-01-31", 12.0, 100.0),
        ("2", "A", "2026-02-28", 36.0, 300.0),
        ("3", "B", "2026-02-28", 6.0, 50.0),
        ("4", "B", "2026-12-31", 99.0, 50.0),  # after the as-of date: unknown
    )
    portfolio = _bank(tmp_path, clients=client_rows("A", "B"), loans=loans)
    found = build_features(portfolio, codes=["loan_term_months", "approved_amount"])
    assert found.values["loan_term_months"].tolist() == [30, 6]
    assert found.values["approved_amount"].tolist() == [400, 50]


def test_later_quarters_change_no_feature(tmp_path: Path) -> None:
    series = {"A": [100.0] * 15 + [7e6] * 3, "B": [50.0] * 15 + [1.0] * 3}
    clients = client_rows("A", "B", quarters=QUARTERS, relation_start="2020-01-01")
    whole = _bank(tmp_path, clients=clients, positions=_positions(series))
    early = clients[clients["quarter"] <= "2026Q2"]
    cut = {client: amounts[:15] for client, amounts in series.items()}
    positions = _positions(series)
    truncated = tiny_portfolio(
        tmp_path, {"clients": early, "positions": positions[positions["month"] <= "2026-06-30"]}, "2026Q2"
    )
    assert len(cut["A"]) == 15
    before = build_features(whole.at("2026Q2"))
    assert before.quarter == Quarter("2026Q2")
    pd.testing.assert_frame_equal(before.values, build_features(truncated).values)


def test_a_missing_value_gets_the_median_and_is_counted(tmp_path: Path) -> None:
    starts = {"A": "2016-09-30", "B": "2020-09-30", "C": "2024-09-30", "D": None}
    portfolio = _bank(tmp_path, clients=client_rows("A", "B", "C", "D", relation_start=starts))
    found = build_features(portfolio, codes=["tenure_years"])
    assert found.values["tenure_years"]["D"] == found.values["tenure_years"]["B"]
    assert found.n_imputed == {"tenure_years": 1}
    assert found.cautions[0].en == (
        "some clients lack these features and got the median of the others: years with the bank"
    )


def test_a_feature_unknown_for_most_clients_is_not_built(tmp_path: Path) -> None:
    starts = {"A": "2016-09-30", "B": None, "C": None}
    clients = client_rows("A", "B", "C", relation_start=starts, staff=5.0)
    found = build_features(_bank(tmp_path, clients=clients), codes=["tenure_years", "staff"])
    assert list(found.values.columns) == ["staff"]
    assert [(m.feature.code, m.reason.en) for m in found.missing] == [
        ("tenure_years", "more than half of the clients have no value")
    ]


def test_what_a_source_lacks_is_reported_with_its_reason(tmp_path: Path) -> None:
    portfolio = _bank(tmp_path, clients=client_rows("A", "B", staff=5.0))
    found = build_features(portfolio)
    reasons = {m.feature.code: m.reason.en for m in found.missing}
    assert reasons["deposit_avg"] == "the source lacks what average daily deposits needs"
    assert reasons["deposit_variation"] == "the source has no positions"
    assert "staff" in found.values.columns


def test_individuals_and_closed_accounts_are_no_clients_of_the_study(tmp_path: Path) -> None:
    kinds = {"A": "enterprise", "B": "individual", "C": "enterprise"}
    clients = client_rows("A", "B", "C", entity_type=kinds, status={"A": "open", "B": "open", "C": "closed"}, staff=1.0)
    portfolio = _bank(tmp_path, clients=clients)
    assert corporate_clients(portfolio).index.tolist() == ["A"]
    assert build_features(portfolio).n_clients == 1


def test_no_feature_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        build_features(_bank(tmp_path, clients=client_rows("A")), codes=["deposit_avg"])
    assert str(error.value) == (
        "No feature can be built at 2026Q3: the source lacks what average daily deposits needs. "
        "Give positions, transactions or loans."
    )


def test_an_unknown_feature_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError) as error:
        build_features(_bank(tmp_path, clients=client_rows("A")), codes=["deposits"])
    assert str(error.value) == f"There is no feature 'deposits'. Known are {', '.join(FEATURES)}."


def test_every_feature_is_declared_whole() -> None:
    for code, feature in FEATURES.items():
        assert code == feature.code
        assert 1 <= feature.window <= HISTORY
        assert all((feature.high.zh, feature.high.en, feature.low.zh, feature.low.en, feature.label.zh))
        assert feature.high != feature.low
        assert set(feature.instead_of) <= set(FEATURES)


def test_every_coded_value_of_the_contract_has_words() -> None:
    for column in CLIENTS.columns:
        if column.name in WORDS and column.allowed:
            assert set(column.allowed) <= set(WORDS[column.name])
    assert set(WORDS) <= set(DIMENSIONS)


def test_fewer_features_can_be_taken_and_unknown_ones_are_refused(tmp_path: Path) -> None:
    clients = client_rows("A", "B", staff={"A": 1.0, "B": 2.0}, relation_start="2020-01-01")
    found = build_features(_bank(tmp_path, clients=clients))
    assert found.only(["staff"]).value_feature == "staff"
    with pytest.raises(MethodError) as error:
        found.only(["deposit_avg"])
    assert str(error.value) == "The features ['deposit_avg'] are not there. See FeatureMatrix.missing for the reason."


def test_what_is_made_of_a_measure_must_not_be_judged_by_it(tmp_path: Path) -> None:
    portfolio = _bank(
        tmp_path,
        clients=client_rows("A", "B", quarters=QUARTERS, relation_start="2020-01-01"),
        positions=_positions({"A": [1.0] * 15, "B": [2.0] * 15}),
    )
    forbidden = build_features(portfolio).forbidden_outcomes
    assert "deposit_avg" in forbidden
    assert "relation_start" not in forbidden


# --- scales ---------------------------------------------------------------------------------------------------------


def test_the_signed_logarithm_and_the_arcsine_by_hand() -> None:
    # ln(1 + 3/1) = 1.3863 with its sign; arcsin √0.25 = π/6
    assert transform_values(np.array([-3.0, 0.0, 3.0]), "log1p", 1.0).tolist() == pytest.approx(
        [-1.38629, 0, 1.38629], abs=1e-5
    )
    assert transform_values(np.array([0.25, 1.0, 2.0]), "share").tolist() == pytest.approx(
        [np.pi / 6, np.pi / 2, np.pi / 2]
    )


def test_scaled_features_have_mean_zero_and_spread_one_where_they_were_learnt() -> None:
    values = pd.DataFrame({"x": np.random.default_rng(1).normal(3, 2, 1000)})
    coordinates = apply_scales(values, learn_scales(values, ["identity"]))
    assert coordinates.mean() == pytest.approx(0, abs=1e-12)
    assert coordinates.std() == pytest.approx(1)


@given(unit=st.floats(min_value=1e-6, max_value=1e6))
def test_scaled_amounts_do_not_depend_on_the_unit(unit: float) -> None:
    amounts = pd.DataFrame({"x": [0.0, 1.0, 10.0, 500.0, 1e5, 3.0]})
    one, other = (apply_scales(v, learn_scales(v, ["log1p"])) for v in (amounts, amounts * unit))
    assert np.allclose(one, other)


def test_a_column_without_spread_says_so() -> None:
    scale = learn_scales(pd.DataFrame({"x": [4.0, 4.0]}), ["log1p"])[0]
    assert scale.spread == 0


def test_k_means_runs_on_what_the_features_give(tmp_path: Path) -> None:
    # ten small and ten large firms
    ids = [f"K{k:02d}" for k in range(20)]
    staff = {id: float(5 + k % 10 + (900 if k >= 10 else 0)) for k, id in enumerate(ids)}
    start = {id: f"20{10 + k % 10}-01-31" for k, id in enumerate(ids)}
    portfolio = _bank(tmp_path, clients=client_rows(*ids, staff=staff, relation_start=start))
    result = KMeans(2, seed=1).fit(build_features(portfolio))
    assert [segment.n_clients for segment in result.segments] == [10, 10]
    assert result.quarter == Quarter("2026Q3")
