"""From the opening of each tier to now: own growth of its clients, who moved in and out, who came, who left."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.core.disclosure import suppress_amounts
from analysis.core.errors import ParameterError
from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.policy import Policy
from analysis.intake.portfolio import Portfolio
from analysis.metrics import TOTAL, Metric, compare
from analysis.metrics.ladder import in_ladder_order, tier_name
from analysis.metrics.measure import STEPS, formula_metric
from analysis.metrics.metric import ComparisonKind, Compute, Value
from analysis.portrait.two_quarters import Scheme, TwoQuarters, comparison_kind, opening_quarter, two_quarters

Item = Literal["start", "organic", "moved_in", "moved_out", "new", "lost", "end"]
ITEMS: tuple[Item, ...] = get_args(Item)
_SIGNS: dict[Item, int] = {"start": 1, "organic": 1, "moved_in": 1, "moved_out": -1, "new": 1, "lost": -1, "end": -1}
"""start + organic + moved in − moved out + new − lost − end = 0."""
ALL = Text("全体客户", "all clients")


@dataclass(frozen=True, slots=True)
class BridgeRow:
    """One tier from the opening to now, in the KPI's unit.

    Parameters
    ----------
    start, end : on the list of the opening, and on the present list
    organic : change of the clients of the opening list that are still there, wherever they are now
    moved_in, moved_out : what clients that changed tier hold now; the one tier's in is the other's out
    new : what clients hold that were not there at the opening
    lost : what clients of the opening held that have no open account any more, less what they still brought
    residual : start + organic + moved_in − moved_out + new − lost − end, from whole ten-thousandths: zero
    current_growth : end over start, the list as it stands at each end
    fixed_growth : what the clients of the opening list hold now over what they held then
    n_clients : clients behind each item
    hidden : items that may not be printed, or would give such an item away
    """

    tier: str
    label: Text
    start: float
    organic: float
    moved_in: float
    moved_out: float
    new: float
    lost: float
    end: float
    residual: float
    current_growth: Value
    fixed_growth: Value
    n_clients: dict[Item, int]
    hidden: frozenset[Item] = frozenset()

    def amount(self, item: Item) -> float:
        """One item of the row."""
        return float(getattr(self, item))

    @property
    def from_moves(self) -> float:
        """What the movement of clients between tiers adds."""
        return self.moved_in - self.moved_out


@dataclass(frozen=True)
class Bridge:
    """Start to end of a KPI by tier, the highest first.

    Parameters
    ----------
    kind : which comparison the opening is the base of
    rows : a row a tier; clients without one under `unassigned`
    total : all clients; what moved in is what moved out
    """

    code: str
    start: Quarter
    end: Quarter
    kind: ComparisonKind
    rows: tuple[BridgeRow, ...]
    total: BridgeRow

    def row(self, tier: str) -> BridgeRow:
        """The row of one tier."""
        for row in (*self.rows, self.total):
            if row.tier == tier:
                return row
        raise ParameterError(
            f"The bridge has no tier {tier!r}.", hint=f"It has {', '.join(r.tier for r in self.rows)}."
        )


def bridge(
    portfolio: Portfolio, code: str, *, scheme: Scheme = "tier", start: Quarter | None = None
) -> Bridge | Unavailable:
    """How a KPI came from the opening to now, tier by tier: growth of its own clients apart from changes of the list.

    Parameters
    ----------
    code : a KPI that adds up over clients; a ratio is refused
    scheme : a column of the register, or two assignments (group by client id at the opening and now)
    start : the opening quarter, by default a year ago; a quarter-end the KPI may be compared with

    Notes
    -----
    See docs/methods/bridge.md. With tier g₀ at the opening and g₁ now, v₀ and v₁ what a client holds:
    organic(g) = Σ v₁ − v₀ over g₀ = g, there at both ends; moved out(g) = Σ v₁ over g₀ = g ≠ g₁, moved in(g) the same
    over g₁ = g ≠ g₀; new(g) = Σ v₁ over clients that were not there; lost(g) = Σ v₀ − v₁ over those gone.
    Sums are in whole ten-thousandths, so every row closes to zero.
    """
    metric = _additive(code)
    opening = opening_quarter([metric], portfolio.quarter, start)
    kind = comparison_kind(metric, portfolio.quarter, opening)
    found = two_quarters(portfolio, [metric], scheme, opening)
    if isinstance(found, Unavailable):
        return found
    assert kind is not None  # opening_quarter has refused the others
    return bridge_of(found, metric, kind, portfolio.policy)


def bridge_of(found: TwoQuarters, metric: Metric, kind: ComparisonKind, policy: Policy) -> Bridge:
    """The bridge of clients already set side by side."""
    cells = _cells(found, metric)
    tiers = in_ladder_order(policy, [*cells["origin"], *cells["goal"]])
    steps = {tier: _steps(cells, tier) for tier in tiers}
    counts = {tier: _counts(cells, tier) for tier in tiers}
    hidden = _hidden(found, metric, steps, counts, policy)
    fixed = {tier: int(cells.loc[cells["is_old"] & (cells["origin"] == tier), "after"].sum()) for tier in tiers}

    def row(tier: str, label: Text, own: dict[Item, int], n: dict[Item, int], kept: int) -> BridgeRow:
        def growth(value: int) -> Value:
            return compare(metric, value / STEPS, own["start"] / STEPS, kind=kind, policy=policy).growth

        return BridgeRow(
            tier,
            label,
            own["start"] / STEPS,
            own["organic"] / STEPS,
            own["moved_in"] / STEPS,
            own["moved_out"] / STEPS,
            own["new"] / STEPS,
            own["lost"] / STEPS,
            own["end"] / STEPS,
            residual=sum(_SIGNS[item] * own[item] for item in ITEMS) / STEPS,
            current_growth=growth(own["end"]),
            fixed_growth=growth(kept),
            n_clients=n,
            hidden=hidden.get(tier, frozenset()),
        )

    rows = tuple(row(tier, tier_name(policy, tier), steps[tier], counts[tier], fixed[tier]) for tier in tiers)
    total = row(TOTAL, ALL, _summed(steps), _summed(counts), sum(fixed.values()))
    return Bridge(metric.code, found.start, found.end, kind, rows, total)


def _additive(code: str) -> Metric:
    metric = formula_metric(code)
    if not metric.is_additive:
        raise ParameterError(
            f"{metric.code} ({metric.name.en}) does not add up over clients and has no bridge.",
            hint="Take an amount or a count, or mix_rate for a ratio.",
        )
    return metric


def _cells(found: TwoQuarters, metric: Metric) -> pd.DataFrame:
    """One row a kind, opening tier and present tier: the KPI before and after in ten-thousandths, and the clients."""
    assert metric.compute is not None
    needs = list(metric.needs)
    keys = pd.DataFrame({"kind": _kinds(found), "origin": found.opening_group, "goal": found.group_after})
    names = list(keys.columns)
    # a client gone since still brought something in its last months: that stands in the tier it is in now
    carries = (keys["kind"] == "kept") | found.after[needs].ne(0).any(axis="columns")
    cells = keys.assign(n=1, n_carrying=carries.astype(int)).groupby(names).sum()
    for when, frame, given in (
        ("before", found.before, found.given_before),
        ("after", found.after, found.given_after),
    ):
        sums = frame[needs].groupby([keys[name] for name in names]).sum().to_numpy()
        cells[when] = [_evaluate(metric.compute, given, needs, row) for row in sums]
    cells = cells.reset_index()
    return cells.assign(is_old=cells["kind"] != "new", moved=cells["origin"] != cells["goal"])


def _kinds(found: TwoQuarters) -> "npt.NDArray[np.str_]":
    """What became of each client: kept, lost, or new since the opening."""
    return np.select([found.was_there & found.is_open, found.was_there], ["kept", "lost"], "new")


def _evaluate(compute: Compute, given: dict[str, float], needs: list[str], sums: "npt.NDArray[np.int64]") -> int:
    value = compute(given | {need: int(step) / STEPS for need, step in zip(needs, sums, strict=True)})
    assert not isinstance(value, Unavailable)  # an additive KPI has no denominator
    return round(value * STEPS)


def _steps(cells: pd.DataFrame, tier: str) -> dict[Item, int]:
    """The items of one tier in ten-thousandths."""
    was, now, before, after = cells["origin"] == tier, cells["goal"] == tier, cells["before"], cells["after"]
    return {
        "start": int(before[was].sum()),
        "organic": int((after - before)[was & (cells["kind"] == "kept")].sum()),
        "moved_in": int(after[now & cells["moved"]].sum()),
        "moved_out": int(after[was & cells["moved"]].sum()),
        "new": int(after[now & (cells["kind"] == "new")].sum()),
        "lost": int((before - after)[was & (cells["kind"] == "lost")].sum()),
        "end": int(after[now].sum()),
    }


def _counts(cells: pd.DataFrame, tier: str) -> dict[Item, int]:
    """Clients behind each item of one tier."""
    was, now, n = cells["origin"] == tier, cells["goal"] == tier, cells["n"]
    return {
        "start": int(n[was & cells["is_old"]].sum()),
        "organic": int(n[was & (cells["kind"] == "kept")].sum()),
        "moved_in": int(cells["n_carrying"][now & cells["moved"]].sum()),
        "moved_out": int(cells["n_carrying"][was & cells["moved"]].sum()),
        "new": int(n[now & (cells["kind"] == "new")].sum()),
        "lost": int(n[was & (cells["kind"] == "lost")].sum()),
        "end": int(n[now & (cells["kind"] != "lost")].sum()),
    }


def _summed(parts: dict[str, dict[Item, int]]) -> dict[Item, int]:
    return {item: sum(part[item] for part in parts.values()) for item in ITEMS}


def _hidden(
    found: TwoQuarters,
    metric: Metric,
    steps: dict[str, dict[Item, int]],
    counts: dict[str, dict[Item, int]],
    policy: Policy,
) -> dict[str, frozenset[Item]]:
    """Items of too few clients, or in which few large ones hold too much, and what would give them away.

    Every row closes to zero and the total of every column is printed: a table whose margins are all known.
    """
    tiers = list(steps)
    minimum = policy.number("disclosure_min_clients")
    amounts = np.array([[_SIGNS[item] * steps[tier][item] / STEPS for item in ITEMS] for tier in tiers])
    clients = np.array([[counts[tier][item] for item in ITEMS] for tier in tiers])
    few = (clients > 0) & (clients < minimum)
    if metric.unit == "money":
        few |= _dominated(found, metric, tiers, policy)
    hidden = suppress_amounts(amounts, clients, few)
    return {
        tier: frozenset(item for item, mask in zip(ITEMS, line, strict=True) if mask)
        for tier, line in zip(tiers, hidden, strict=True)
    }


def _dominated(found: TwoQuarters, metric: Metric, tiers: list[str], policy: Policy) -> "npt.NDArray[np.bool_]":
    """Items of which the largest clients hold more than the dominance rule allows, a row a tier."""
    n_largest = int(policy.number("disclosure_dominance_clients"))
    share = policy.number("disclosure_dominance_share")
    needs = list(metric.needs)
    before, after = (frame[needs].abs().sum(axis="columns").astype(float) for frame in (found.before, found.after))
    change = (found.after[needs] - found.before[needs]).abs().sum(axis="columns").astype(float)
    kinds = pd.Series(_kinds(found), index=before.index)
    moved = found.opening_group != found.group_after
    parts: dict[Item, tuple[pd.Series, pd.Series, pd.Series]] = {
        "start": (before, found.opening_group, found.was_there),
        "organic": (change, found.opening_group, kinds == "kept"),
        "moved_in": (after, found.group_after, moved),
        "moved_out": (after, found.opening_group, moved),
        "new": (after, found.group_after, kinds == "new"),
        "lost": (change, found.opening_group, kinds == "lost"),
        "end": (after, found.group_after, pd.Series(True, index=before.index)),
    }
    mask = np.zeros((len(tiers), len(ITEMS)), dtype=bool)
    for column, item in enumerate(ITEMS):
        size, group, is_in = parts[item]
        size, group = size[is_in], group[is_in]
        largest = size.groupby(group).nlargest(n_largest).groupby(level=0).sum()
        whole = size.groupby(group).sum()
        over = (whole > 0) & (largest > share * whole)
        mask[:, column] = [bool(over.get(tier, False)) for tier in tiers]
    return mask
