"""Which open needs come first: importance × urgency, four fields, and a line where the managers' capacity ends."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata, spearmanr

from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.policy import Policy
from analysis.intake.portfolio import Portfolio
from analysis.portrait.needs.evidence import NeedEvidence

Floats = npt.NDArray[np.float64]

FIELDS = ("now", "plan", "quick", "watch")
"""Important and urgent · important, not urgent · urgent, not important · neither."""

NOTHING_OPEN = Unavailable(Text("没有未办结的需求", "no need is open"))
NO_MANAGERS = Unavailable(
    Text("数据源没有客户经理，无法画出承接能力线", "the source has no client managers, so there is no capacity line")
)
UNCHANGED = Unavailable(Text("需求太少，排序没有可变之处", "too few needs for the order to change"))


@dataclass(frozen=True, slots=True)
class Shift:
    """How the order moves when one weight is halved or doubled.

    Parameters
    ----------
    correlation : rank correlation (Spearman) of the scores with those of the policy
    overlap : share of the needs above the line that stay above it
    """

    driver: str
    factor: float
    correlation: float
    overlap: float


@dataclass(frozen=True)
class Priority:
    """Open needs in the order in which they should be served.

    Parameters
    ----------
    table : one row a client and need, first the one to serve first; columns client_id, need, driver_… (0 to 1),
        importance, urgency, score, field, rank, is_overdue, is_served (above the line), amount, deadline, opened
    capacity : needs the managers can serve in a quarter
    left_out : drivers the source does not know; their weight goes to the others in proportion
    shifts : what halving and doubling each weight does
    """

    table: pd.DataFrame
    importance_weights: Mapping[str, float]
    urgency_weights: Mapping[str, float]
    importance_cut: float
    urgency_cut: float
    capacity: int | Unavailable
    left_out: tuple[str, ...]
    shifts: tuple[Shift, ...]

    @property
    def n_overdue(self) -> int:
        return int(self.table["is_overdue"].sum())

    @property
    def n_overdue_below(self) -> int:
        """Overdue needs that the capacity does not reach."""
        return int((self.table["is_overdue"] & ~self.table["is_served"]).sum())

    @property
    def worst(self) -> Shift | Unavailable:
        """The change of a weight that moves the list above the line most."""
        return min(self.shifts, key=lambda one: (one.overlap, one.correlation)) if self.shifts else UNCHANGED

    def n_in(self, field: str) -> int:
        return int((self.table["field"] == field).sum())


def rank_needs(
    portfolio: Portfolio,
    evidence: NeedEvidence,
    value: "pd.Series[float]",
    *,
    potential: "pd.Series[float] | None" = None,
) -> Priority | Unavailable:
    """The open needs of all clients, ranked.

    Parameters
    ----------
    value : what a client is worth (contribution, else the best the source has), index client_id; may be empty
    potential : from 0 to 1 by client, from the handover table `values`; left out where nobody has made it yet

    Notes
    -----
    Importance and urgency are weighted means of drivers between 0 and 1, so a need that is at least as high in every
    driver never ranks lower. An overdue need is urgent whatever its other drivers say. Equal scores share a rank and
    stand in the order of client and need. A driver a record does not speak of counts as 0.
    """
    open_needs = _open_needs(evidence)
    if open_needs.empty:
        return NOTHING_OPEN
    policy = portfolio.policy
    drivers = _drivers(portfolio, evidence, open_needs, value, potential)
    weights = {name: _weights(policy, f"need_{name}", drivers) for name in ("importance", "urgency")}
    known = {driver for side in weights.values() for driver in side}
    left_out = tuple(row["id"] for name in weights for row in policy.table(f"need_{name}") if row["id"] not in known)
    table = open_needs.assign(**{f"driver_{name}": values for name, values in drivers.items() if name in known})
    table["is_overdue"] = table["deadline"] < evidence.as_of
    table = _scored(table, weights["importance"], weights["urgency"], policy)
    capacity = _capacity(portfolio)
    table["is_served"] = table["rank"] <= (len(table) if isinstance(capacity, Unavailable) else capacity)
    if not isinstance(capacity, Unavailable):  # ties at the line: no more than can be served
        table["is_served"] &= np.arange(len(table)) < capacity
    return Priority(
        table,
        weights["importance"],
        weights["urgency"],
        policy.number("need_importance_cut"),
        policy.number("need_urgency_cut"),
        capacity,
        left_out,
        _sensitivity(table, weights["importance"], weights["urgency"], policy, int(table["is_served"].sum())),
    )


def _open_needs(evidence: NeedEvidence) -> pd.DataFrame:
    """One row a client and need with the earliest day, earliest deadline, and the strongest words of its records."""
    rows = evidence.records.open
    rows = rows[rows["source"].isin(evidence.taxonomy.counted_sources)]
    return (
        rows.groupby(["client_id", "need"], sort=True)
        .agg(
            strength=("strength", "max"),
            urgency_stated=("urgency", "max"),
            importance_stated=("importance", "max"),
            opened=("opened", "min"),
            deadline=("deadline", "min"),
            amount=("amount", "max"),
        )
        .reset_index()
    )


def _drivers(
    portfolio: Portfolio,
    evidence: NeedEvidence,
    rows: pd.DataFrame,
    value: "pd.Series[float]",
    potential: "pd.Series[float] | None",
) -> dict[str, Floats]:
    """Each driver from 0 to 1; those the source knows nothing of are missing."""
    as_of, policy = evidence.as_of, portfolio.policy
    found: dict[str, pd.Series] = {"strength": rows["strength"]}
    if len(value):
        standing = pd.Series(rankdata(value.to_numpy(dtype=float)) / len(value), index=value.index)
        found["value"] = rows["client_id"].map(standing)
    if rows["amount"].notna().any():
        found["money"] = rows["amount"].rank() / rows["amount"].notna().sum()
    if potential is not None and len(potential):
        found["potential"] = rows["client_id"].map(potential)
    if rows["urgency_stated"].notna().any():
        found["stated"] = rows["urgency_stated"]
    if rows["deadline"].notna().any():
        left = (rows["deadline"] - as_of).dt.days / policy.number("need_deadline_days")
        found["deadline"] = (1 - left).clip(0.0, 1.0)
    waited = (as_of - rows["opened"]).dt.days / policy.number("need_open_days")
    found["waiting"] = waited.clip(0.0, 1.0)
    if portfolio.has("feedback"):
        found["event"] = rows["client_id"].isin(_complaining(portfolio))
    return {name: np.asarray(values.astype(float).fillna(0.0), dtype=np.float64) for name, values in found.items()}


def _complaining(portfolio: Portfolio) -> set[str]:
    """Clients with a complaint that is still open."""
    rows = portfolio.to_frame(portfolio.table("feedback").select("client_id", "kind", "closed"))
    closed = pd.to_datetime(rows["closed"]) <= pd.Timestamp(portfolio.quarter.end)
    return set(rows.loc[(rows["kind"] == "complaint") & ~closed, "client_id"])


def _weights(policy: Policy, table: str, drivers: Mapping[str, Floats]) -> dict[str, float]:
    """Weights of the drivers that are known, adding up to one."""
    known = {row["id"]: float(row["weight"]) for row in policy.table(table) if row["id"] in drivers}
    total = sum(known.values())
    return {driver: weight / total for driver, weight in known.items()}


def _scored(
    table: pd.DataFrame, importance: Mapping[str, float], urgency: Mapping[str, float], policy: Policy
) -> pd.DataFrame:
    """Scores, fields and ranks, best first."""
    scored = table.assign(**_scores(table, importance, urgency, policy))
    is_important = scored["importance"] >= policy.number("need_importance_cut")
    is_urgent = scored["urgency"] >= policy.number("need_urgency_cut")
    scored["field"] = np.select([is_important & is_urgent, is_important, is_urgent], list(FIELDS[:3]), FIELDS[3])
    scored = scored.sort_values(["score", "client_id", "need"], ascending=[False, True, True], ignore_index=True)
    scored["rank"] = rankdata(-scored["score"].to_numpy(), method="min").astype(int)
    return scored


def _scores(
    table: pd.DataFrame, importance: Mapping[str, float], urgency: Mapping[str, float], policy: Policy
) -> dict[str, Floats]:
    """Weighted means of the drivers; rounded, so that equal drivers give equal scores whatever the order of adding."""
    share = policy.number("need_importance_share")
    important = sum(
        (weight * table[f"driver_{driver}"].to_numpy() for driver, weight in importance.items()), np.zeros(len(table))
    )
    urgent = sum(
        (weight * table[f"driver_{driver}"].to_numpy() for driver, weight in urgency.items()), np.zeros(len(table))
    )
    urgent = np.where(table["is_overdue"], np.maximum(urgent, policy.number("need_urgency_cut")), urgent)
    scores = {"importance": important, "urgency": urgent, "score": share * important + (1 - share) * urgent}
    return {name: np.asarray(values.round(DIGITS)) for name, values in scores.items()}


DIGITS = 9


def _capacity(portfolio: Portfolio) -> int | Unavailable:
    """Needs all client managers together can serve in a quarter."""
    managers = corporate_clients(portfolio)["manager_id"].nunique()
    return int(managers * portfolio.policy.number("need_capacity")) if managers else NO_MANAGERS


def _sensitivity(
    table: pd.DataFrame,
    importance: Mapping[str, float],
    urgency: Mapping[str, float],
    policy: Policy,
    n_served: int,
) -> tuple[Shift, ...]:
    """Each weight halved and doubled in turn, the others scaled so that they still add up to one."""
    if len(table) < 3 or table["score"].nunique() < 2:
        return ()
    found = []
    before = table["score"].to_numpy()
    for side, weights in enumerate((importance, urgency)):
        for driver in weights if len(weights) > 1 else ():
            for factor in (0.5, 2.0):
                bent = {name: weight * (factor if name == driver else 1.0) for name, weight in weights.items()}
                bent = {name: weight / sum(bent.values()) for name, weight in bent.items()}
                first, second = (bent, urgency) if side == 0 else (importance, bent)
                after = _scores(table, first, second, policy)["score"]
                found.append(_shift(driver, factor, before, after, n_served))
    return tuple(found)


def _shift(driver: str, factor: float, before: Floats, after: Floats, n_served: int) -> Shift:
    correlation = float(spearmanr(before, after).statistic) if len(np.unique(after)) > 1 else 0.0
    # rows already stand in the order of the policy's scores, ties by client and need, and a stable sort keeps these
    served = np.argsort(-after, kind="stable")[:n_served]
    overlap = float((served < n_served).mean()) if n_served else 1.0
    return Shift(driver, factor, correlation, overlap)
