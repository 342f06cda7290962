"""Lifetime value: by hand, against published figures, at its limits; chances, margins and intervals from a history."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.core.errors import MethodError, ParameterError
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.quarter import Quarter
from analysis.intake.policy import Policy, load_policy
from analysis.intake.portfolio import Portfolio
from analysis.portrait import ClientLifetime, client_lifetime, lifetime, lifetime_value, resampling
from analysis.portrait.lifetime import quarterly, standard_changes
from analysis.portrait.resampling import resampled
from tests.builders import client_rows, rows, tiny_portfolio

RECENCY = [
    [0.30, 0.70, 0.00, 0.00, 0.00],
    [0.20, 0.00, 0.80, 0.00, 0.00],
    [0.15, 0.00, 0.00, 0.85, 0.00],
    [0.05, 0.00, 0.00, 0.00, 0.95],
    [0.00, 0.00, 0.00, 0.00, 1.00],
]
MARGINS = [40 - 4, -4, -4, -4, 0]


def test_the_published_recency_example_is_met() -> None:
    # Pfeifer and Carraway (2000), section on recency: contribution 40, marketing 4, d = 0.2, chances to buy again
    # 0.30, 0.20, 0.15, 0.05; their V = (52.320, 5.554, 1.251, −1.820, 0)
    value = lifetime_value(MARGINS, RECENCY, discount=0.2)
    assert value == pytest.approx([52.320, 5.554, 1.251, -1.820, 0.0], abs=5e-4)


def test_a_lost_state_may_be_left_out_of_the_matrix() -> None:
    inner = np.array(RECENCY)[:4, :4]
    assert lifetime_value(MARGINS[:4], inner, discount=0.2) == pytest.approx(
        lifetime_value(MARGINS, RECENCY, discount=0.2)[:4]
    )


def test_two_states_by_hand() -> None:
    # d = 0.25, step = P ÷ 1.25: A stays 0.5 → 0.4, moves to B 0.25 → 0.2; B stays 0.5 → 0.4, never returns.
    # V_B = 10 ÷ (1 − 0.4) = 50/3; V_A = (30 + 0.2 · 50/3) ÷ 0.6 = (100/3) ÷ 0.6 = 500/9
    value = lifetime_value([30, 10], [[0.5, 0.25], [0.0, 0.5]], discount=0.25)
    assert value == pytest.approx([500 / 9, 50 / 3])


def test_a_horizon_counts_the_present_and_so_many_periods_after() -> None:
    # 10 now, 10 · 0.5 next, 10 · 0.25 the one after
    assert lifetime_value([10.0], [[0.5]], discount=0.0, horizon=0).tolist() == [10.0]
    assert lifetime_value([10.0], [[0.5]], discount=0.0, horizon=2).tolist() == [17.5]
    # published matrix, five periods in all, summed term by term
    step, value, power = np.array(RECENCY) / 1.2, np.zeros(5), np.eye(5)
    for _ in range(5):
        value, power = value + power @ MARGINS, power @ step
    assert lifetime_value(MARGINS, RECENCY, discount=0.2, horizon=4) == pytest.approx(value)
    assert lifetime_value(MARGINS, RECENCY, discount=0.2, horizon=400) == pytest.approx(
        lifetime_value(MARGINS, RECENCY, discount=0.2)
    )


def test_clients_that_stay_for_ever_without_discount_have_no_value_without_end() -> None:
    with pytest.raises(MethodError) as refused:
        lifetime_value(MARGINS, RECENCY, discount=0.0)
    assert str(refused.value) == (
        "Lifetime value without end does not exist: clients stay for ever at a discount of 0 (spectral radius 1). "
        "Give a positive discount, a horizon, or leave the lost state out of the matrix."
    )


@pytest.mark.parametrize(
    ("margins", "matrix", "discount", "message"),
    [
        (
            [1.0],
            [[0.5, 0.5]],
            0.1,
            "1 margins came with a transition matrix of shape (1, 2). Give one margin a state and a square matrix.",
        ),
        (
            [1.0, 1.0],
            [[0.5, 0.5], [0.6, 0.5]],
            0.1,
            "Row 2 of the transition matrix adds up to 1.1 or holds a negative number. "
            "A row holds probabilities that add up to at most 1.",
        ),
        (
            [1.0, 1.0],
            [[-0.1, 0.5], [0.5, 0.5]],
            0.1,
            "Row 1 of the transition matrix adds up to 0.4 or holds a negative number. "
            "A row holds probabilities that add up to at most 1.",
        ),
        (
            [np.nan],
            [[0.5]],
            0.1,
            "A margin or a transition probability is no number. Fill or leave out the state.",
        ),
        ([1.0], [[0.5]], -1.0, "A discount of -1 a period has no meaning. Give a rate such as 0.02."),
        ([1.0], [[0.5]], -0.3, "A discount of -0.3 a period has no meaning. Give a rate such as 0.02."),
        ([1.0], [[0.5]], np.nan, "A discount of nan a period has no meaning. Give a rate such as 0.02."),
        ([1.0], [[0.5]], np.inf, "A discount of inf a period has no meaning. Give a rate such as 0.02."),
    ],
    ids=["shape", "row above one", "negative", "gap", "discount", "below nothing", "no number", "endless"],
)
def test_impossible_inputs_are_refused_by_name(
    margins: list[float], matrix: list[list[float]], discount: float, message: str
) -> None:
    with pytest.raises(ParameterError) as refused:
        lifetime_value(margins, matrix, discount=discount)
    assert str(refused.value) == message


def test_a_horizon_before_now_is_refused() -> None:
    with pytest.raises(ParameterError) as refused:
        lifetime_value([1.0], [[0.5]], discount=0.1, horizon=-1)
    assert str(refused.value) == "The horizon -1 is before the present period. Give 0 or more periods."
    with pytest.raises(ParameterError) as refused:
        lifetime_value([1.0], [[0.5]], discount=0.1, horizon=2.5)  # type: ignore[arg-type]
    assert str(refused.value) == "The horizon 2.5 is no whole number. Give 0 or more periods."


@given(
    st.lists(st.floats(-100, 100), min_size=3, max_size=3),
    st.lists(st.floats(0.01, 1), min_size=9, max_size=9),
    st.integers(0, 2),
    st.floats(0.1, 50),
)
@settings(max_examples=60, deadline=None)
def test_value_rises_with_the_margin_of_any_state(
    margins: list[float], weights: list[float], state: int, more: float
) -> None:
    moves = np.reshape(weights, (3, 3))
    moves = 0.95 * moves / moves.sum(axis=1, keepdims=True)
    raised = np.array(margins)
    raised[state] += more
    before, after = (lifetime_value(m, moves, discount=0.02) for m in (margins, raised))
    assert (after >= before - 1e-9).all()
    assert after[state] >= before[state] + more * (1 - 1e-9)


def test_a_yearly_rate_compounds_from_quarters() -> None:
    assert (1 + quarterly(0.10)) ** 4 == pytest.approx(1.1)
    assert quarterly(0.0) == 0.0


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough to have an interval; how well it covers is tested apart."""
    monkeypatch.setattr(resampling, "N_RESAMPLES", 60)


# --- from a history -------------------------------------------------------------------------------------------------

QUARTERS = ("2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3")
MONTHS = ("2025-09-30", "2025-12-31", "2026-03-31", "2026-06-30", "2026-09-30")


def _positions(income: dict[str, tuple[float, ...]]) -> pd.DataFrame:
    """Deposits and fees of one month a quarter; no funds price, no cost."""
    return rows(
        "client_id month product balance_avg balance_end interest fee",
        *[
            (client, month, "deposit_demand", 1e6, 1e6, 0.0, fee)
            for client, fees in income.items()
            for month, fee in zip(MONTHS, fees, strict=True)
            if fee != 0
        ],
    )


def one_standard() -> Policy:
    """The project's policy with the tier standard of 2021 alone."""
    policy = load_policy()
    about = policy.about("tier_standard")
    first = replace(about, rows=tuple(row for row in about.rows if row["valid_from"].year == 2021))
    return replace(policy, tables=tuple(first if one.name == "tier_standard" else one for one in policy.tables))


def _two_tiers(tmp_path: Path) -> Portfolio:
    """A, B in tier T1, C and D in T2; B falls to T2 in the last step, D closes in the third."""
    clients = client_rows("A", "B", "C", "D", quarters=QUARTERS, tier={"A": "T1", "B": "T1", "C": "T2", "D": "T2"})
    clients.loc[(clients["client_id"] == "B") & (clients["quarter"] == "2026Q3"), "tier"] = "T2"
    clients.loc[(clients["client_id"] == "D") & (clients["quarter"] == "2026Q2"), "status"] = "closed"
    clients = clients[~((clients["client_id"] == "D") & (clients["quarter"] == "2026Q3"))]
    fees = {"A": (100.0,) * 5, "B": (60.0,) * 5, "C": (10.0,) * 5, "D": (30.0, 30.0, 30.0, 0.0, 0.0)}
    return tiny_portfolio(tmp_path, {"clients": clients, "positions": _positions(fees)}, policy=one_standard())


def test_moves_losses_and_margins_by_hand(tmp_path: Path) -> None:
    found = client_lifetime(_two_tiers(tmp_path), seed=1)
    assert not isinstance(found, Unavailable)
    # T1: A stays in 4 steps, B in 3, then falls: 7/8 and 1/8. T2: C 4 steps, D stays 2, is lost in the third: 6/7, 1/7
    assert found.transition.loc["T1"].tolist() == pytest.approx([7 / 8, 1 / 8, 0])
    assert found.transition.loc["T2"].tolist() == pytest.approx([0, 6 / 7, 1 / 7])
    # the last four quarters: T1 A 4 × 100, B 3 × 60 over 7; T2 C 4 × 10, B 60, D 2 × 30 over 7 (absent 2026Q2 on)
    assert found.margins.to_dict() == pytest.approx({"T1": 580 / 7, "T2": 160 / 7})
    assert found.n_clients.to_dict() == {"T1": 1, "T2": 2}
    assert found.steps == 4
    expected = lifetime_value([580 / 7, 160 / 7], [[7 / 8, 1 / 8], [0, 6 / 7]], discount=1.1**0.25 - 1)
    for tier, value in zip(("T1", "T2"), expected, strict=True):
        estimate = found.values[tier]
        assert isinstance(estimate, Estimate)
        assert estimate.estimate == pytest.approx(value)
        assert estimate.ci_low <= value <= estimate.ci_high
    assert found.retention["T2"] == pytest.approx((6 / 7) ** 4)


def test_without_cost_and_funds_price_income_stands_in_and_is_named(tmp_path: Path) -> None:
    found = client_lifetime(_two_tiers(tmp_path), seed=1)
    assert not isinstance(found, Unavailable)
    assert found.basis.code == "gross_income"
    assert found.basis.label.en == "interest and fees"
    assert [text.en for text in found.basis.missing] == ["funds price", "cost to serve", "expected loss"]


def test_a_higher_discount_and_more_churn_lower_the_value(tmp_path: Path) -> None:
    found = client_lifetime(_two_tiers(tmp_path), seed=1)
    assert not isinstance(found, Unavailable)
    row, value = found.sensitivity.loc["T2"], found.values["T2"]
    assert isinstance(value, Estimate)
    assert row["discount_up"] < value.estimate < row["discount_down"]
    assert row["churn_up"] < value.estimate < row["churn_down"]
    assert row["horizon"] < value.estimate
    # T2 alone: 160/7 ÷ (1 − kept ÷ (1 + d)), kept = 1 − 1.5/7
    rate = 1.1**0.25 - 1
    assert row["churn_up"] == pytest.approx(160 / 7 / (1 - (1 - 1.5 / 7) / (1 + rate)))


def test_the_interval_does_not_depend_on_how_clients_are_numbered(tmp_path: Path) -> None:
    portfolio = _two_tiers(tmp_path)
    frames = {name: portfolio.to_frame(portfolio.table(name)) for name in ("clients", "positions")}
    names = {"A": "Z", "B": "Y", "C": "X", "D": "W"}
    renamed = {name: frame.assign(client_id=frame["client_id"].map(names)) for name, frame in frames.items()}
    other = client_lifetime(tiny_portfolio(tmp_path, renamed, policy=one_standard()), seed=1)
    first = client_lifetime(portfolio, seed=1)
    assert not isinstance(first, Unavailable)
    assert not isinstance(other, Unavailable)
    assert first.values == other.values


def test_the_value_without_moves_keeps_as_many_clients(tmp_path: Path) -> None:
    # T1 keeps 8/8 a quarter, T2 6/7: margins 580/7 and 160/7 over 1 − kept ÷ (1 + d)
    found = client_lifetime(_two_tiers(tmp_path), seed=1)
    assert not isinstance(found, Unavailable)
    rate = 1.1**0.25 - 1
    assert found.sensitivity.loc["T1", "no_moves"] == pytest.approx(580 / 7 / (1 - 1 / (1 + rate)))
    assert found.sensitivity.loc["T2", "no_moves"] == pytest.approx(160 / 7 / (1 - (6 / 7) / (1 + rate)))


def _raised(tmp_path: Path, policy: Policy) -> ClientLifetime:
    """Four clients: C rises from T2 to T1 in 2026Q1, when the second standard is first used; D closes in 2026Q2."""
    clients = client_rows("A", "B", "C", "D", quarters=QUARTERS, tier="T2")
    clients.loc[clients["client_id"] == "A", "tier"] = "T1"
    clients.loc[(clients["client_id"] == "C") & (clients["quarter"] >= "2026Q1"), "tier"] = "T1"
    clients.loc[(clients["client_id"] == "D") & (clients["quarter"] >= "2026Q2"), "status"] = "closed"
    tables = {"clients": clients, "positions": _positions(dict.fromkeys("ABCD", (10.0,) * 5))}
    found = client_lifetime(tiny_portfolio(tmp_path, tables, policy=policy), seed=1)
    assert isinstance(found, ClientLifetime)
    return found


def test_moves_of_the_quarter_in_which_the_written_standard_changed_are_left_out(tmp_path: Path) -> None:
    # steps into 2025Q4, 2026Q2, 2026Q3 are left: T2 has B three times, C once, D once and lost: 5/6 kept, no rise
    found = _raised(tmp_path, load_policy())
    assert found.steps == 3
    assert found.transition.loc["T2"].tolist() == pytest.approx([0, 5 / 6, 1 / 6])
    assert [text.en for text in found.cautions] == [
        "in 2026Q1 tiers were set by a changed written standard: moves of that quarter are left out"
    ]
    assert found.cautions[0].zh == "2026Q1 按修订后的书面分层标准重新定级，该季的迁移不计入迁移率"


def test_a_bank_whose_standard_did_not_change_keeps_every_step_and_says_that_moves_come_in_one(tmp_path: Path) -> None:
    # all four steps: T2 has B four times, C once and risen, D twice and lost: 7 of 9 hold, one rises, one is lost
    found = _raised(tmp_path, one_standard())
    assert found.steps == 4
    assert found.transition.loc["T2"].tolist() == pytest.approx([1 / 9, 7 / 9, 1 / 9])
    assert [text.en for text in found.cautions] == [
        "moves between tiers come in few quarters and the chances are their average, which takes them to go on so; "
        "the interval does not reflect that: read the value without moves beside it"
    ]


def test_the_standard_changes_at_the_first_review_under_it() -> None:
    # the policy's standards: of 2021, and of 1 January 2026; reviews in first quarters
    policy = load_policy()
    quarters = Quarter("2026Q3").trailing(12)
    assert standard_changes(policy, quarters, ("T1", "T5")) == (Quarter("2026Q1"),)
    assert standard_changes(policy, quarters, ("gold",)) == ()


def test_no_tier_no_income_and_a_short_history_give_their_reasons(tmp_path: Path) -> None:
    fees = _positions({"A": (1.0,) * 5})
    untiered = tiny_portfolio(tmp_path, {"clients": client_rows("A", quarters=QUARTERS), "positions": fees})
    assert client_lifetime(untiered, seed=1) is lifetime.NO_TIERS
    poor = tiny_portfolio(tmp_path, {"clients": client_rows("A", quarters=QUARTERS, tier="T1")})
    found = client_lifetime(poor, seed=1)
    assert isinstance(found, Unavailable)
    assert found.reason.en == "the source has no income of clients, so their value cannot be told"
    short = client_rows("A", quarters=QUARTERS[-2:], tier="T1")
    assert client_lifetime(tiny_portfolio(tmp_path, {"clients": short, "positions": fees}), seed=1) is lifetime.SHORT


def test_intervals_cover_the_true_value_at_about_their_level(monkeypatch: pytest.MonkeyPatch) -> None:
    # one state, kept with 0.9 a period over 8 periods, margin exponential with mean 20, d = 0.02:
    # V = 20 ÷ (1 − 0.9 ÷ 1.02) = 170. 100 histories of 150 clients; 0.95 ± 2 · 0.02
    monkeypatch.setattr(resampling, "N_RESAMPLES", 150)
    rng = np.random.default_rng(4)
    truth = float(lifetime_value([20.0], [[0.9]], discount=0.02)[0])
    hits = 0
    for trial in range(100):
        periods = np.minimum(rng.geometric(0.1, size=150), 8)  # periods begun; the last one ends in loss if under 8
        lost = (periods < 8) | (rng.random(150) < 0.1)
        margin = np.array([rng.exponential(20.0, size=k).sum() for k in periods])
        counts = np.column_stack([periods - lost, lost, margin, periods]).astype(float)
        draws = resampled(
            counts,
            lambda s: lifetime_value([s[2] / s[3]], [[s[0] / (s[0] + s[1])]], discount=0.02),
            seed=trial,
        )
        low, high = np.quantile(draws[:, 0], [0.025, 0.975])
        hits += bool(low <= truth <= high)
    assert 0.88 <= hits / 100 <= 0.99
