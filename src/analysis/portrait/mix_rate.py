"""A change of a ratio in two parts: who is in the book (structure), and what each group does (rate)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from analysis.core.errors import ParameterError
from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.features.groups import DIMENSIONS, UNCLASSIFIED, group_label
from analysis.intake.portfolio import Portfolio
from analysis.metrics import UNASSIGNED, Metric
from analysis.metrics.ladder import in_ladder_order, tier_name
from analysis.metrics.measure import STEPS, formula_metric
from analysis.portrait.grouping import MERGED, MERGED_LABEL
from analysis.portrait.two_quarters import Scheme, TwoQuarters, opening_quarter, two_quarters

State = Literal["both", "entered", "left", "outside"]
"""both: in the base at both ends · entered, left: at one of them · outside: never in the base, yet with an amount"""


@dataclass(frozen=True, slots=True)
class MixRateRow:
    """One group.

    Parameters
    ----------
    weight_before, weight_after : share of the base (clients, capital), 0 where the group has none
    rate_before, rate_after : the KPI of the group, Unavailable where it has no base
    structure : what the change of its weight adds; for a group that came or went, all that it adds
    rate : what the change of its own rate adds, at its weight of now
    n_before, n_after : clients in the base
    """

    code: str
    label: Text
    state: State
    weight_before: float
    weight_after: float
    rate_before: float | Unavailable
    rate_after: float | Unavailable
    structure: float
    rate: float
    n_before: int
    n_after: int


@dataclass(frozen=True)
class MixRate:
    """The change of a ratio from the opening to now, split by group.

    Parameters
    ----------
    by : name of the grouping
    base : measure the groups are weighed by
    before, after, change : of all clients
    structure, rate : the two parts; they add up to the change
    n_moved : clients of the base that stand in another group now; they are counted in that of the opening
    """

    code: str
    by: str
    base: str
    start: Quarter
    end: Quarter
    before: float
    after: float
    structure: float
    rate: float
    rows: tuple[MixRateRow, ...]
    n_moved: int

    @property
    def change(self) -> float:
        return self.after - self.before


def mix_rate(
    portfolio: Portfolio, code: str, *, by: Scheme = "tier", start: Quarter | None = None
) -> MixRate | Unavailable:
    """How much of a ratio's change comes from who is in the book, and how much from what each group does.

    Parameters
    ----------
    code : a KPI that is taken over a base: 户均 (over clients), RAROC (over capital), a yield (over balances)
    by : a column of the register, or two assignments (group by client id at the opening and now)
    start : the opening quarter, by default a year ago

    Notes
    -----
    With w the share of the base and k the ratio of a group, K = Σ w k and
    ΔK = Σ (w₁ − w₀)(k₀ − K₀) + Σ w₁ (k₁ − k₀): structure and rate, the interaction in the rate. As Σ (w₁ − w₀) = 0,
    the first sum is Σ (w₁ − w₀) k₀. A group without a base at one end has no k there; it adds w₁ (k₁ − K₀) when it
    enters and −w₀ (k₀ − K₀) when it leaves, counted as structure. Clients there at the opening stay in their group of
    then, so moving a label is neither structure nor rate. See docs/methods/mix_rate.md.
    """
    metric = formula_metric(code)
    if not metric.base:
        raise ParameterError(
            f"{metric.code} ({metric.name.en}) is not taken over a base, so its change has no structure and rate.",
            hint="Take an amount a client, a return or a yield; an amount has a bridge.",
        )
    opening = opening_quarter([metric], portfolio.quarter, start)
    found = two_quarters(portfolio, [metric], by, opening, also=[metric.base])
    if isinstance(found, Unavailable):
        return found
    groups = _merged(found, metric.base, int(portfolio.policy.number("disclosure_min_clients")))
    name = by if isinstance(by, str) else "assignment"
    labels = {code: _label(portfolio, name, code) for code in in_ladder_order(portfolio.policy, groups)}
    return mix_rate_of(found, metric, groups, labels, by=name)


def mix_rate_of(
    found: TwoQuarters, metric: Metric, groups: "pd.Series[str]", labels: Mapping[str, Text], *, by: str
) -> MixRate | Unavailable:
    """The split for clients already set side by side, each in one group.

    Parameters
    ----------
    labels : name of each group, in printing order for tiers; other groups print by weight
    """
    ends = [
        _End.of(metric, frame, groups, given)
        for frame, given in ((found.before, found.given_before), (found.after, found.given_after))
    ]
    for end in ends:
        if isinstance(end.whole, Unavailable):
            return end.whole
    before, after = ends
    assert not isinstance(before.whole, Unavailable)
    assert not isinstance(after.whole, Unavailable)
    codes = list(labels)
    if by != "tier":
        codes.sort(key=lambda code: (code in (UNASSIGNED, UNCLASSIFIED, MERGED), -after.bases.get(code, 0)))
    rows = tuple(_row(code, labels[code], before, after) for code in codes)
    shown = tuple(row for row in rows if row.state != "outside" or row.structure != 0)
    is_in_base = (found.before[metric.base] > 0) & (found.after[metric.base] > 0)
    moved = is_in_base & (found.group_before != found.group_after)
    return MixRate(
        metric.code, by, metric.base, found.start, found.end, before.whole, after.whole,
        math.fsum(row.structure for row in rows), math.fsum(row.rate for row in rows), shown, int(moved.sum()),
    )  # fmt: skip


@dataclass(frozen=True)
class _End:
    """The groups at one end: base, clients in the base, ratio, and the part of the whole each stands for."""

    whole: float | Unavailable
    total: float
    bases: dict[str, float]
    counts: dict[str, int]
    rates: dict[str, float | Unavailable]
    parts: dict[str, float]

    @classmethod
    def of(cls, metric: Metric, frame: pd.DataFrame, groups: "pd.Series[str]", given: dict[str, float]) -> "_End":
        assert metric.compute is not None
        needs = list(dict.fromkeys([*metric.needs, metric.base]))
        sums = frame[needs].groupby(groups).sum()
        counts = frame[metric.base].ne(0).groupby(groups).sum()

        def ratio(line: "pd.Series[int]", base: float) -> float | Unavailable:
            assert metric.compute is not None
            inputs = {need: int(line[need]) / STEPS for need in needs} | {metric.base: base}
            return metric.compute(given | inputs)

        total = int(sums[metric.base].sum()) / STEPS
        bases = {str(code): int(value) / STEPS for code, value in sums[metric.base].items()}
        rates: dict[str, float | Unavailable] = {}
        parts: dict[str, float] = {}
        for code, line in sums.iterrows():
            rates[str(code)] = ratio(line, bases[str(code)])
            part = ratio(line, total)  # the same sums over the whole base: w × k, for a group without a base too
            parts[str(code)] = 0.0 if isinstance(part, Unavailable) else part
        whole = ratio(sums.sum(), total)
        return cls(whole, total, bases, {str(c): int(n) for c, n in counts.items()}, rates, parts)

    def weight(self, code: str) -> float:
        return self.bases.get(code, 0.0) / self.total


def _row(code: str, label: Text, before: _End, after: _End) -> MixRateRow:
    assert not isinstance(before.whole, Unavailable)
    w0, w1, k0, k1 = before.weight(code), after.weight(code), before.rates[code], after.rates[code]
    has0, has1 = not isinstance(k0, Unavailable), not isinstance(k1, Unavailable)
    state: State = "both" if has0 and has1 else "entered" if has1 else "left" if has0 else "outside"
    if not isinstance(k0, Unavailable) and not isinstance(k1, Unavailable):
        structure, rate = (w1 - w0) * (k0 - before.whole), w1 * (k1 - k0)
    else:
        structure, rate = after.parts[code] - before.parts[code] - (w1 - w0) * before.whole, 0.0
    return MixRateRow(
        code, label, state, w0, w1, k0, k1, structure, rate,
        before.counts.get(code, 0), after.counts.get(code, 0),
    )  # fmt: skip


def _label(portfolio: Portfolio, by: str, code: str) -> Text:
    if code == MERGED:
        return MERGED_LABEL
    if by == "tier":
        return tier_name(portfolio.policy, code)
    if by in DIMENSIONS:
        return group_label(portfolio, by, UNCLASSIFIED if code == UNASSIGNED else code)
    return Text("未分组", "no group") if code == UNASSIGNED else Text(code, code)


def _merged(found: TwoQuarters, base: str, minimum: int) -> "pd.Series[str]":
    """The group of each client, groups with too few clients in the base at either end put together.

    If they are still too few together, the smallest of the others joins them.
    """
    groups = found.opening_group
    counts = pd.DataFrame(
        {when: frame[base].ne(0).groupby(groups).sum() for when, frame in (("b", found.before), ("a", found.after))}
    )
    few = counts.index[((counts > 0) & (counts < minimum)).any(axis="columns")]
    if few.empty:
        return groups
    others = counts.drop(few).min(axis="columns").sort_values(kind="stable").index.tolist()
    together = list(few)
    while others and (counts.loc[together].sum() < minimum).any():
        together.append(others.pop(0))
    return groups.where(~groups.isin(together), MERGED)
