"""Latent needs: planted take-up is found after training, noise is not, and nothing later than a date is used."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss, log_loss

from analysis.core.estimate import Estimate, Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.portfolio import Portfolio
from analysis.portrait.needs import Latent, latent_needs
from analysis.portrait.needs.adoption import Snapshot, snapshot
from analysis.portrait.needs.latent import Cases, Validation, calibration, predict, validate, validate_scores
from tests.builders import tiny_portfolio
from tests.portrait.needs.builders import TAXONOMY

LAST = Quarter("2026Q3")
QUARTERS = LAST.trailing(7)
N = 400


def _bank(tmp_path: Path, *, strong: bool, seed: int = 1, later: bool = False) -> Portfolio:
    """400 clients over seven quarters. Payroll is taken up by large manufacturers (planted) or by anybody (noise)."""
    rng = np.random.default_rng(seed)
    ids = [f"C{k:04d}" for k in range(N)]
    industry = np.where(rng.random(N) < 0.5, "C", "F")
    taste = np.where(industry == "C", 0.35, 0.03) if strong else np.full(N, 0.15)
    since = np.array([int(rng.geometric(chance)) if chance > 0 else 99 for chance in taste / 2]) - 1
    quarters = [*QUARTERS, LAST.shift(1), LAST.shift(2)] if later else list(QUARTERS)
    clients = pd.DataFrame(
        [
            {
                "client_id": id, "quarter": quarter.label, "entity_type": "enterprise", "status": "open",
                "industry": industry[k], "stage": "mature", "relation_start": "2020-01-31", "region_tier": "core",
            }
            for quarter in quarters
            for k, id in enumerate(ids)
        ]
    )  # fmt: skip
    lines = [
        (id, quarter.end.isoformat(), product, 100.0, 100.0, 0.0, 0.0, 0.0, 0.0)
        for q, quarter in enumerate(quarters)
        for k, id in enumerate(ids)
        for product in ("deposit_demand", *(("payroll",) if since[k] <= q else ()))
    ]
    header = "client_id month product balance_avg balance_end interest funds_amount fee direct_cost"
    positions = pd.DataFrame(lines, columns=header.split())
    return tiny_portfolio(tmp_path, {"clients": clients, "positions": positions}, "2026Q3")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Latent:
    found = latent_needs(_bank(tmp_path_factory.mktemp("planted"), strong=True), seed=1)
    assert isinstance(found, Latent)
    return found


def test_planted_take_up_is_found_after_the_training_period(planted: Latent) -> None:
    assert planted.uses_model
    assert planted.validation.scores.gain.ci_low > 0
    assert planted.validation.scores.lift.estimate > 2
    assert [str(quarter) for quarter in planted.validation.train] == ["2025Q1", "2025Q3"]
    assert str(planted.validation.test) == "2026Q1"
    assert planted.cautions == ()


def test_its_probabilities_are_right_on_average_and_absent_where_the_product_is_in_use(planted: Latent) -> None:
    scores = planted.validation.scores
    assert scores.log_loss < scores.naive_log_loss
    payroll = planted.probability["payroll"]
    assert 0 < payroll.notna().sum() < N
    row = planted.table.set_index("need").loc["payroll"]
    assert row["n_without"] == payroll.notna().sum()
    assert row["expected"] == pytest.approx(payroll.sum())


def test_the_reasons_name_what_was_planted(planted: Latent) -> None:
    row = planted.table.set_index("need").loc["payroll"]
    assert row["n_candidates"] > 0
    assert row["test_hits"] / row["test_n"] > row["base"]
    words = " ".join(text.en for text in row["reasons"])
    assert "manufacturing" in words.lower() or "similar clients" in words


def _window(rng: np.random.Generator, quarter: str, effect: float) -> Cases:
    """800 clients with three traits; the chance to take payroll up follows the first of them on the logit scale."""
    traits = rng.normal(size=(800, 3))
    chance = 1 / (1 + np.exp(2.2 - effect * traits[:, :1]))
    nothing = np.zeros((800, 1), dtype=bool)
    names = tuple(Text(f"特征{k}", f"trait {k}") for k in range(3))
    start = Snapshot(Quarter(quarter), pd.RangeIndex(800), traits, names, nothing, nothing, np.zeros((800, 1)))
    return Cases(start, rng.random((800, 1)) < chance)


def _validated(effect: float, seed: int) -> Validation:
    rng = np.random.default_rng(seed)
    train = [_window(rng, "2025Q3", effect), _window(rng, "2025Q1", effect)]
    test = _window(rng, "2026Q1", effect)
    return validate(test, predict(train, test.start), train, seed=1)


def test_on_noise_no_model_is_claimed_and_a_planted_effect_is() -> None:
    # on noise the true gain is below zero, the model overfits: an interval above it in 2 of 40 would be a lot
    assert sum(_validated(0.0, seed).is_better for seed in range(40)) <= 1
    assert sum(_validated(0.8, seed).is_better for seed in range(10)) == 10


def test_where_naive_does_as_well_it_is_used_and_nobody_is_a_candidate(tmp_path: Path) -> None:
    found = latent_needs(_bank(tmp_path, strong=False), seed=1)
    assert isinstance(found, Latent)
    assert not found.uses_model
    assert found.cautions[0].en == (
        "the model of next needs was no better than each need's average in the test, so the average is used"
    )
    chances = found.probability["payroll"].dropna()
    assert (chances == chances.iloc[0]).all()
    assert (found.table["n_candidates"] == 0).all()


def test_what_comes_later_changes_nothing(tmp_path: Path, planted: Latent) -> None:
    again = latent_needs(_bank(tmp_path, strong=True, later=True), seed=1)
    assert isinstance(again, Latent)
    pd.testing.assert_frame_equal(again.probability, planted.probability)
    assert again.validation.scores == planted.validation.scores


def test_a_snapshot_knows_its_own_day_only(tmp_path: Path) -> None:
    portfolio = _bank(tmp_path, strong=True)
    early = snapshot(portfolio.at("2025Q1"), ("payroll",), TAXONOMY)
    late = snapshot(portfolio, ("payroll",), TAXONOMY)
    assert early.held.sum() < late.held.sum()
    assert early.traits.shape == late.traits.shape
    # peers leave the client itself out: the share of users among the other 399 or those of its cell
    assert ((early.peers >= 0) & (early.peers <= 1)).all()


def test_too_short_a_history_and_no_positions_give_reasons(tmp_path: Path) -> None:
    portfolio = _bank(tmp_path, strong=True)
    short = tiny_portfolio(
        tmp_path,
        {
            name: portfolio.to_frame(portfolio.table(name)).pipe(
                lambda rows: rows[rows.get("quarter", rows.get("month", "")).astype(str) >= "2026"]
            )
            for name in ("clients", "positions")
        },
        first_quarter="2026Q1",
    )
    without = tiny_portfolio(tmp_path, {"clients": portfolio.to_frame(portfolio.table("clients"))})
    found = [latent_needs(one, seed=1) for one in (short, without)]
    assert all(isinstance(one, Unavailable) for one in found)
    assert [one.reason.en for one in found if isinstance(one, Unavailable)] == [
        "the history is too short to test the model on what came after",
        "the source has no holdings, so latent needs cannot be found",
    ]


def test_losses_and_lift_by_hand_and_against_scikit_learn() -> None:
    # ten cases, the best tenth is one: the model's top case was taken up, the naive guess ties all: 3 of 10 each
    y = np.array([1.0, 0, 0, 1, 0, 0, 1, 0, 0, 0])
    model = np.array([0.9, 0.1, 0.2, 0.6, 0.3, 0.1, 0.5, 0.2, 0.1, 0.1])
    naive = np.full(10, 0.3)
    found = validate_scores(y, model, naive, np.arange(10), seed=1)
    assert found.log_loss == pytest.approx(log_loss(y, model))
    assert found.naive_log_loss == pytest.approx(log_loss(y, naive))
    assert found.brier == pytest.approx(brier_score_loss(y, model))
    assert found.gain.estimate == pytest.approx(log_loss(y, naive) - log_loss(y, model))
    assert found.lift.estimate == pytest.approx(1 / 0.3)
    assert found.naive_lift == pytest.approx(1.0)


def test_the_interval_of_the_gain_draws_clients_not_cases() -> None:
    # every client's ten cases are copies: 20 clients, not 200 cases, so the interval is √10 times as wide
    rng = np.random.default_rng(2)
    y = (rng.random(20) < 0.3).astype(float)
    p = np.clip(rng.random(20), 0.05, 0.95)
    copies = [np.repeat(side, 10) for side in (y, p, np.full(20, 0.3))]
    together = validate_scores(*copies, np.repeat(np.arange(20), 10), seed=1).gain
    apart = validate_scores(*copies, np.arange(200), seed=1).gain
    ratio = (together.ci_high - together.ci_low) / (apart.ci_high - apart.ci_low)
    assert 2.4 < ratio < 4.2


def test_calibration_by_hand() -> None:
    y = np.array([0.0, 0, 1, 1, 0, 1])
    bins = calibration(y, np.array([0.005, 0.015, 0.3, 0.3, 0.3, 0.9]))
    assert [(one.low, one.n_cases) for one in bins] == [(0.0, 1), (0.01, 1), (0.2, 3), (0.4, 1)]
    assert bins[2].predicted == pytest.approx(0.3)
    assert isinstance(bins[2].observed, Estimate)
    assert bins[2].observed.estimate == pytest.approx(2 / 3)
