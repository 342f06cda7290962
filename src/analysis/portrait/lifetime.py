"""Lifetime value of a client by tier: margins, retention and moves between tiers as a Markov chain."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from numbers import Integral

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.core.errors import MethodError, ParameterError
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.numerics import TOLERANCE
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.policy import Policy
from analysis.intake.portfolio import Portfolio
from analysis.metrics.ladder import in_ladder_order, tier_name
from analysis.metrics.measure import attribute
from analysis.metrics.panel import load_panel, panel_quarters
from analysis.portrait.contribution import ValueBasis, value_amounts, value_basis
from analysis.portrait.resampling import interval_of, resampled
from analysis.portrait.tier_rule import STANDARD, last_review, standard_in_force

Floats = npt.NDArray[np.float64]

LOST = "lost"
QUARTERS_IN_YEAR = 4

NO_TIERS = Unavailable(
    Text("客户没有现行层级，不能估计层级迁移", "clients have no tier in force, so moves between tiers cannot be told")
)
SHORT = Unavailable(Text("历史不足一年，不能估计留存", "less than a year of history, so retention cannot be estimated"))


def lifetime_value(
    margins: npt.ArrayLike, transition: npt.ArrayLike, *, discount: float, horizon: int | None = None
) -> Floats:
    """Expected present value of a client that starts in each state.

    Parameters
    ----------
    margins : ndarray of shape (n_states,), money earned in a period spent in the state
    transition : ndarray of shape (n_states, n_states), chance to be in a column's state next period, given the row's;
        what a row lacks to 1 is the chance to leave for good
    discount : rate a period, as a fraction, 0 or more
    horizon : last period counted, the present one being 0; endless when left out

    Notes
    -----
    V = Σ_{t=0}^{T} (P ÷ (1 + d))^t R; without end V = (I − P ÷ (1 + d))^{-1} R, which exists when the spectral radius
    of P ÷ (1 + d) is below 1.

    References
    ----------
    Pfeifer and Carraway (2000), Modeling customer relationships as Markov chains, Journal of Interactive Marketing
    14(2), 43–55.

    Examples
    --------
    >>> lifetime_value([100.0], [[0.8]], discount=0.0).round(6).tolist()
    [500.0]
    """
    earned, moves = _checked(margins, transition, discount)
    step = moves / (1 + discount)
    if horizon is not None:
        if not isinstance(horizon, Integral):
            raise ParameterError(f"The horizon {horizon} is no whole number.", hint="Give 0 or more periods.")
        if horizon < 0:
            raise ParameterError(f"The horizon {horizon} is before the present period.", hint="Give 0 or more periods.")
        value = earned.copy()
        for _ in range(horizon):
            value = earned + step @ value
        return value
    # no radius is above the largest row sum; eigenvalues are asked for only where that does not settle it
    radius = float(np.abs(step).sum(axis=1).max(initial=0.0))
    if radius >= 1 - TOLERANCE:
        radius = float(np.abs(np.linalg.eigvals(step)).max(initial=0.0))
    if radius >= 1 - TOLERANCE:
        raise MethodError(
            f"Lifetime value without end does not exist: clients stay for ever at a discount of {discount:g} "
            f"(spectral radius {radius:g}).",
            hint="Give a positive discount, a horizon, or leave the lost state out of the matrix.",
        )
    return np.asarray(np.linalg.solve(np.eye(len(earned)) - step, earned), dtype=np.float64)


def _checked(margins: npt.ArrayLike, transition: npt.ArrayLike, discount: float) -> tuple[Floats, Floats]:
    earned = np.asarray(margins, dtype=np.float64)
    moves = np.asarray(transition, dtype=np.float64)
    if earned.ndim != 1 or moves.shape != (earned.size, earned.size):
        raise ParameterError(
            f"{earned.size} margins came with a transition matrix of shape {moves.shape}.",
            hint="Give one margin a state and a square matrix.",
        )
    if not (np.isfinite(earned).all() and np.isfinite(moves).all()):
        raise ParameterError("A margin or a transition probability is no number.", hint="Fill or leave out the state.")
    # below 0 money later would be worth more than money now
    if not 0 <= discount < np.inf:
        raise ParameterError(f"A discount of {discount:g} a period has no meaning.", hint="Give a rate such as 0.02.")
    totals = moves.sum(axis=1)
    wrong = np.flatnonzero((moves < -TOLERANCE).any(axis=1) | (totals > 1 + TOLERANCE))
    if wrong.size:
        row = int(wrong[0])
        raise ParameterError(
            f"Row {row + 1} of the transition matrix adds up to {totals[row]:g} or holds a negative number.",
            hint="A row holds probabilities that add up to at most 1.",
        )
    return earned, moves


@dataclass(frozen=True)
class ClientLifetime:
    """Lifetime value by tier.

    Parameters
    ----------
    basis : what the margin of a quarter is
    tiers : codes from the top of the ladder down
    labels : what each tier is called
    transition : a row a tier, columns the tiers and `lost`; chances a quarter
    margins : mean margin of a client and quarter by tier, money
    n_clients : by tier, at the quarter's end
    values : by tier, money, with intervals
    sensitivity : a row a tier; columns `discount_down`, `discount_up`, `churn_down`, `churn_up`, `horizon`,
        `no_moves` (as many clients kept, none of them in another tier), money
    steps : quarterly steps the chances were read from
    discount : a year
    minimum : disclosure limit
    """

    basis: ValueBasis
    scheme: str
    tiers: tuple[str, ...]
    labels: dict[str, Text]
    transition: pd.DataFrame
    margins: "pd.Series[float]"
    n_clients: "pd.Series[int]"
    values: dict[str, Estimate | Unavailable]
    sensitivity: pd.DataFrame
    steps: int
    discount: float
    horizon: int
    churn_factor: float
    discount_step: float
    minimum: int
    cautions: tuple[Text, ...] = ()

    @property
    def retention(self) -> "pd.Series[float]":
        """Chance to be still a client a year later, by tier."""
        step = self.transition[list(self.tiers)].to_numpy(dtype=float)
        kept = np.linalg.matrix_power(step, QUARTERS_IN_YEAR).sum(axis=1)
        return pd.Series(kept, index=list(self.tiers))


def client_lifetime(portfolio: Portfolio, *, seed: int, scheme: str = "tier") -> ClientLifetime | Unavailable:
    """Lifetime value of a client by its present tier, from the moves and margins of whole years.

    Parameters
    ----------
    scheme : column of the register that holds the tier
    seed : of the resampling

    Notes
    -----
    Each quarterly step takes the list at its start: clients with an open, not silent account. At its end they are in a
    tier or lost: closed, gone from the register, or silent (not effective at as many quarter-ends as the policy says).
    Lost is the end; one who comes back counts as new. Newcomers enter with the step after. A step in which tiers
    were set by a changed written standard is left out: clients moved because the rungs did, which does not come again.
    """
    basis = value_basis(portfolio)
    if isinstance(basis, Unavailable):
        return basis
    policy = portfolio.policy
    history = read_history(portfolio, scheme, steps=int(policy.number("lifetime_history")))
    if isinstance(history, Unavailable):
        return history
    counts = _counts(history, value_amounts(portfolio, basis, history.steps + 1))
    yearly = policy.number("lifetime_discount")
    step, factor = policy.number("lifetime_discount_step"), policy.number("lifetime_churn_factor")
    horizon = int(policy.number("lifetime_horizon"))

    def value(sums: Floats, *, rate: float = yearly, churn: float = 1.0, until: int | None = None) -> Floats:
        margins, moves = _estimated(sums, len(history.tiers))
        return lifetime_value(margins, _with_churn(moves, churn), discount=quarterly(rate), horizon=until)

    sums = counts.sum(axis=0)
    margins, moves = _estimated(sums, len(history.tiers))
    transition = pd.DataFrame(moves, index=list(history.tiers), columns=list(history.tiers))
    transition[LOST] = 1 - moves.sum(axis=1)
    variants = {
        "discount_down": value(sums, rate=max(yearly - step, 0.0)),
        "discount_up": value(sums, rate=yearly + step),
        "churn_down": value(sums, churn=1 / factor),
        "churn_up": value(sums, churn=factor),
        "horizon": value(sums, until=horizon),
        "no_moves": lifetime_value(margins, np.diag(moves.sum(axis=1)), discount=quarterly(yearly)),
    }
    draws = resampled(counts, value, seed=seed)
    return ClientLifetime(
        basis=basis,
        scheme=scheme,
        tiers=history.tiers,
        labels={tier: tier_name(policy, tier) for tier in history.tiers},
        transition=transition,
        margins=pd.Series(margins, index=list(history.tiers)),
        n_clients=history.n_now,
        values=_estimates(history, value(sums), draws),
        sensitivity=pd.DataFrame(variants, index=list(history.tiers)),
        steps=history.steps - len(history.restandard),
        discount=yearly,
        horizon=horizon,
        churn_factor=factor,
        discount_step=step,
        minimum=int(policy.number("disclosure_min_clients")),
        cautions=history.cautions,
    )


def quarterly(yearly: float) -> float:
    """The rate a quarter that compounds to a yearly one.

    Examples
    --------
    >>> round((1 + quarterly(0.1)) ** 4, 12)
    1.1
    """
    return float((1 + yearly) ** (1 / QUARTERS_IN_YEAR) - 1)


# --- reading the history --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TierHistory:
    """Tier of every client at every quarter-end read.

    Parameters
    ----------
    states : DataFrame, index client_id, a column a quarter: position of the tier, −1 lost, −2 not there
    n_now : clients by tier at the last quarter-end
    restandard : quarters in which tiers were first set by a changed written standard; the steps into them are not used
    """

    tiers: tuple[str, ...]
    states: pd.DataFrame
    n_now: "pd.Series[int]"
    restandard: tuple[Quarter, ...]
    cautions: tuple[Text, ...]

    @property
    def steps(self) -> int:
        return self.states.shape[1] - 1


_GONE, _ABSENT = -1, -2


def read_history(portfolio: Portfolio, scheme: str, *, steps: int) -> TierHistory | Unavailable:
    """Tier or loss of every client at the quarter-ends of the last whole years."""
    if attribute(portfolio, scheme).isna().all():
        return NO_TIERS
    quarters = panel_quarters(portfolio, steps + 1)
    whole = (len(quarters) - 1) // QUARTERS_IN_YEAR * QUARTERS_IN_YEAR
    if whole == 0:
        return SHORT
    quarters = quarters[-whole - 1 :]
    labels = [quarter.label for quarter in quarters]
    table = portfolio.table("clients")
    rows = portfolio.to_frame(
        table.filter(table["quarter"].isin(labels)).select("client_id", "quarter", "entity_type", "status", scheme)
    )
    rows = rows[~(rows["entity_type"] == "individual").fillna(value=False)]
    tiers = tuple(in_ladder_order(portfolio.policy, map(str, rows[scheme].dropna().unique())))
    place = rows[scheme].map({tier: k for k, tier in enumerate(tiers)})
    place = place.where(~(rows["status"] == "closed").fillna(value=False), _GONE).fillna(_ABSENT).astype(int)
    states = rows.assign(state=place).pivot_table(index="client_id", columns="quarter", values="state", aggfunc="last")
    states = states.reindex(columns=labels).sort_index()
    seen = states.notna()
    # a client whose rows end is gone; one without a row yet is not there
    ended = ~seen & seen.cummax(axis=1)
    states = states.where(~ended, _GONE).fillna(_ABSENT).astype(int)
    states = states.mask(_silent(portfolio, states) & (states >= 0), _GONE)
    now = states.iloc[:, -1]
    counts = pd.Series({tier: int((now == k).sum()) for k, tier in enumerate(tiers)})
    changed = standard_changes(portfolio.policy, quarters[1:], tiers) if scheme == "tier" else ()
    return TierHistory(tiers, states, counts, changed, _cautions(states, changed))


def standard_changes(policy: Policy, quarters: Iterable[Quarter], tiers: Iterable[str]) -> tuple[Quarter, ...]:
    """Quarters of a review that was the first under another written standard; none where it names other tiers.

    Parameters
    ----------
    tiers : codes in force; rungs of the standard must name them all
    """
    if STANDARD not in {table.name for table in policy.tables}:
        return ()
    if not set(tiers) <= {str(row["tier"]) for row in policy.table(STANDARD)}:
        return ()
    reviews = [quarter for quarter in quarters if quarter == last_review(policy, quarter)]
    found = []
    for review in reviews:
        now = standard_in_force(policy, review.end)
        before = standard_in_force(policy, review.shift(-QUARTERS_IN_YEAR).end)
        if before and now != before:
            found.append(review)
    return tuple(found)


def _silent(portfolio: Portfolio, states: pd.DataFrame) -> pd.DataFrame:
    """Whether a client was effective at none of the last quarter-ends, as many as the policy's churn rule says."""
    span = int(portfolio.policy.number("churn_quarters"))
    panel = load_panel(portfolio, ["n_effective"], states.shape[1] + span - 1)
    if "n_effective" not in panel or panel["n_effective"].isna().all():
        return pd.DataFrame(False, index=states.index, columns=states.columns)
    effective = panel.pivot_table(index="client_id", columns="quarter", values="n_effective", aggfunc="last")
    last = effective.T.rolling(span, min_periods=span).max().T
    return (last.reindex(index=states.index, columns=states.columns) == 0).astype(bool)


def _cautions(states: pd.DataFrame, changed: tuple[Quarter, ...]) -> tuple[Text, ...]:
    values = states.to_numpy()
    left_out = {quarter.label for quarter in changed}
    said: list[Text] = []
    if changed:
        names = "、".join(sorted(left_out)), ", ".join(sorted(left_out))
        said.append(
            Text(
                f"{names[0]} 按修订后的书面分层标准重新定级，该季的迁移不计入迁移率",
                f"in {names[1]} tiers were set by a changed written standard: moves of that quarter are left out",
            )
        )
    moved = [
        float(((values[:, k] != values[:, k + 1]) & (values[:, k] >= 0) & (values[:, k + 1] >= 0)).mean())
        for k in range(values.shape[1] - 1)
        if states.columns[k + 1] not in left_out
    ]
    if moved and max(moved) > 3 * float(np.mean(moved)):
        said.append(
            Text(
                "层级变动集中在个别季度，迁移率是各季平均，等于假定以后照此迁移；区间不反映这一假定，请对照层级不变的终身价值",
                "moves between tiers come in few quarters and the chances are their average, which takes them to go on "
                "so; the interval does not reflect that: read the value without moves beside it",
            )
        )
    return tuple(said)


# --- estimating -----------------------------------------------------------------------------------------------------


def _counts(history: TierHistory, amounts: pd.DataFrame) -> Floats:
    """A row a client: its steps from tier to tier or loss, then margin and quarters by tier, flattened."""
    n = len(history.tiers)
    states = history.states
    values = states.to_numpy()
    out = np.zeros((len(states), n * (n + 1) + 2 * n))
    rows = np.arange(len(states))
    left_out = {quarter.label for quarter in history.restandard}
    for now, after in pairwise(range(values.shape[1])):
        if states.columns[after] in left_out:
            continue
        start = values[:, now]
        use = (start >= 0) & (values[:, after] != _ABSENT)
        end = np.where(values[:, after] >= 0, values[:, after], n)
        np.add.at(out, (rows[use], (start * (n + 1) + end)[use]), 1.0)
    wide = amounts.pivot_table(index="client_id", columns="quarter", values="amount", aggfunc="sum")
    money = wide.reindex(index=states.index, columns=states.columns).fillna(0.0).to_numpy(dtype=float)
    first = n * (n + 1)
    for k in range(max(values.shape[1] - QUARTERS_IN_YEAR, 0), values.shape[1]):  # the last year: one of each season
        use = values[:, k] >= 0
        np.add.at(out, (rows[use], first + values[use, k]), money[use, k])
        np.add.at(out, (rows[use], first + n + values[use, k]), 1.0)
    return out


def _estimated(sums: Floats, n: int) -> tuple[Floats, Floats]:
    """Margin a client and quarter, and chances to move, from summed counts; a tier nobody was in earns and keeps 0."""
    steps = sums[: n * (n + 1)].reshape(n, n + 1)
    total = steps.sum(axis=1, keepdims=True)
    moves = np.divide(steps[:, :n], total, out=np.zeros((n, n)), where=total > 0)
    money, quarters = sums[n * (n + 1) : n * (n + 2)], sums[n * (n + 2) :]
    return np.divide(money, quarters, out=np.zeros(n), where=quarters > 0), moves


def _with_churn(moves: Floats, factor: float) -> Floats:
    """The chances with the loss of each row multiplied, what is kept scaled to fit."""
    kept = moves.sum(axis=1, keepdims=True)
    wanted = np.clip(1 - (1 - kept) * factor, 0.0, 1.0)
    return np.asarray(moves * np.divide(wanted, kept, out=np.zeros_like(kept), where=kept > 0))


def _estimates(history: TierHistory, values: Floats, draws: Floats) -> dict[str, Estimate | Unavailable]:
    return {
        tier: interval_of(float(values[k]), draws[:, k], int(history.n_now[tier]), "money")
        for k, tier in enumerate(history.tiers)
    }
