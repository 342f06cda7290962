"""Which group needs what more than the others: shares with lift, interval and a correction for many cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm
from statsmodels.stats.multitest import multipletests

from analysis.core.disclosure import suppress_parts
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.portfolio import Portfolio
from analysis.portrait.grouping import Group, Grouping, group_clients
from analysis.portrait.needs.evidence import Evidence, NeedEvidence

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

LEVEL = 0.05
LEAST_EXPECTED = 5.0
"""Expected clients in each of the four corners below which the score test is not trusted and the cell is not tested."""

CORRECTION = Text(
    "逐格得分检验，Benjamini–Hochberg 法控制错误发现率",
    "score test a cell, false discovery rate held by Benjamini–Hochberg",
)
NEWCOMBE = Text("Newcombe 混合得分区间", "Newcombe hybrid score interval")
MANTEL_HAENSZEL = Text("Mantel–Haenszel 比，对数区间", "Mantel–Haenszel ratio, log interval")
MANTEL_HAENSZEL_STRATA = Text("Mantel–Haenszel 分层比，对数区间", "stratified Mantel–Haenszel ratio, log interval")
NOBODY = Unavailable(Text("没有被问到需求的客户", "no client was asked about its needs"))
ONE_GROUP = Unavailable(Text("只有一个组，无从比较", "there is only one group, so nothing to compare"))


@dataclass(frozen=True)
class Intensity:
    """Share of clients with each need, by group.

    Parameters
    ----------
    groups : columns; `grouping` is of the clients in the base only
    n : clients in the base by group
    share, rest : ndarray (n_needs, n_groups), share in the group and in all other groups together
    lift : share ÷ rest; NaN where the others have none
    low, high : interval of share − rest
    p_adjusted : after the correction; NaN where a cell is too small to test
    mark : 1 more than the others, −1 less, 0 not told apart
    hidden : cells below the disclosure limit, with those that would give them away
    total : share over the whole base
    is_few : needs of fewer clients than the limit, whose whole row is hidden
    differ : how far needs differ between the groups altogether
    """

    needs: tuple[str, ...]
    grouping: Grouping
    n: npt.NDArray[np.int64]
    share: Floats
    rest: Floats
    lift: Floats
    low: Floats
    high: Floats
    p_adjusted: Floats
    mark: npt.NDArray[np.int64]
    hidden: Mask
    total: Floats
    is_few: Mask
    evidence: Evidence
    differ: "Difference | Unavailable"
    n_clients: int

    @property
    def groups(self) -> tuple[Group, ...]:
        return self.grouping.groups


@dataclass(frozen=True, slots=True)
class Difference:
    """How far needs differ between groups: mean bias-corrected Cramér's V over needs, against shuffled groups.

    Parameters
    ----------
    strength : 0 no relation, 1 the group tells the need
    p_value : share of shuffles at least as strong, the real order counted among them
    """

    strength: float
    p_value: float
    n_clients: int
    n_shuffles: int


def need_groups(portfolio: Portfolio, evidence: NeedEvidence, by: str, kind: Evidence = "stated") -> Grouping:
    """The clients in the base by a column of the register, small groups merged."""
    base = evidence.base(kind)
    clients = corporate_clients(portfolio).loc[base.index[base.to_numpy()]]
    return group_clients(portfolio, clients, by, minimum=int(portfolio.policy.number("disclosure_min_clients")))


def assigned_groups(
    evidence: NeedEvidence,
    assignment: "pd.Series[str]",
    names: Mapping[str, Text],
    label: Text,
    kind: Evidence = "stated",
    *,
    minimum: int,
) -> Grouping:
    """The clients in the base by a segment assignment; segments with too few clients in the base are left out.

    Parameters
    ----------
    assignment : segment of each client, index client_id
    """
    base = evidence.base(kind)
    codes = assignment.reindex(base.index[base.to_numpy()]).dropna().astype("str")
    counts = codes.value_counts()
    kept = [code for code in sorted(counts.index) if counts[code] >= minimum]
    groups = tuple(Group(code, names.get(code, Text(code, code)), "group", int(counts[code]), (code,)) for code in kept)
    return Grouping("assignment", label, codes[codes.isin(kept)], groups)


def intensity(
    evidence: NeedEvidence, grouping: Grouping, *, kind: Evidence = "stated", minimum: int, seed: int
) -> Intensity | Unavailable:
    """Share of clients with each need in each group, set against all other groups.

    Parameters
    ----------
    grouping : of clients in the base of `kind`; see `need_groups` and `assigned_groups`
    minimum : disclosure limit
    seed : of the shuffles behind `differ`

    Notes
    -----
    Stated needs are counted over clients that were asked and answered. Over all clients a share would mostly show who
    answers surveys: large firms do, small ones do not.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17, 873–890, method 10: interval of a difference.
    Benjamini and Hochberg (1995), JRSS B 57: false discovery rate.
    """
    if len(grouping.codes) < minimum:
        return NOBODY
    if len(grouping.groups) < 2:
        return ONE_GROUP
    has = evidence.present(kind).loc[grouping.codes.index].to_numpy(dtype=bool)
    place = {group.code: k for k, group in enumerate(grouping.groups)}
    cells: npt.NDArray[np.int64] = np.asarray(grouping.codes.map(place), dtype=np.int64)
    k, n = _counts(has, cells, len(place)), np.bincount(cells, minlength=len(place)).astype(np.int64)
    all_k, all_n = k.sum(axis=1, keepdims=True), int(n.sum())
    rest_k, rest_n = all_k - k, all_n - n
    share, rest = k / n, rest_k / rest_n
    low, high = newcombe(k, np.broadcast_to(n, k.shape), rest_k, np.broadcast_to(rest_n, k.shape))
    adjusted = _adjusted(_score_p(k, n, rest_k, rest_n))
    found = np.where(adjusted < LEVEL, np.sign(share - rest), 0).astype(np.int64)
    hidden = np.array([suppress_parts(row, minimum) | suppress_parts(n - row, minimum) for row in k])
    is_few = np.asarray((all_k < minimum).ravel())
    hidden |= is_few[:, None]
    return Intensity(
        needs=evidence.taxonomy.codes,
        grouping=grouping,
        n=n,
        share=share,
        rest=rest,
        lift=np.divide(share, rest, out=np.full(share.shape, np.nan), where=rest > 0),
        low=low,
        high=high,
        p_adjusted=adjusted,
        mark=np.where(hidden, 0, found),
        hidden=hidden,
        total=np.asarray((all_k / all_n).ravel()),
        is_few=is_few,
        evidence=kind,
        differ=needs_differ(has, cells, seed=seed),
        n_clients=all_n,
    )


def _counts(has: Mask, cells: npt.NDArray[np.int64], n_groups: int) -> Floats:
    """Clients with each need in each group, ndarray (n_needs, n_groups)."""
    return _counted(np.nonzero(has), cells, has.shape[1], n_groups)


def _counted(
    named: tuple[npt.NDArray[np.intp], ...], cells: npt.NDArray[np.int64], n_needs: int, n_groups: int
) -> Floats:
    """The same from the positions (client, need) alone: a client has two needs of forty, so this is the short way."""
    clients, needs = named
    counts = np.bincount(needs * n_groups + cells[clients], minlength=n_needs * n_groups)
    return counts.reshape(n_needs, n_groups).astype(np.float64)


def _score_p(k: Floats, n: npt.NDArray[np.int64], rest_k: Floats, rest_n: npt.NDArray[np.int64]) -> Floats:
    """Two-sided p of equal shares (pooled score test); NaN where an expected corner is too small."""
    pooled = (k + rest_k) / (n + rest_n)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / rest_n))
    z = np.divide(k / n - rest_k / rest_n, error, out=np.zeros(k.shape), where=error > 0)
    least = np.minimum(np.minimum(pooled, 1 - pooled) * n, np.minimum(pooled, 1 - pooled) * rest_n)
    return np.where(least >= LEAST_EXPECTED, 2 * norm.sf(np.abs(z)), np.nan)


def _adjusted(p: Floats) -> Floats:
    tested = np.isfinite(p)
    out = np.full(p.shape, np.nan)
    if tested.any():
        out[tested] = multipletests(p[tested], method="fdr_bh")[1]
    return out


def newcombe(
    k1: npt.ArrayLike, n1: npt.ArrayLike, k2: npt.ArrayLike, n2: npt.ArrayLike
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """95 % interval of a difference of two shares, k1 ÷ n1 − k2 ÷ n2.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17, 873–890, method 10; his example 56/70 − 48/80 gives 0.0524 to 0.3339.

    Examples
    --------
    >>> low, high = newcombe([56], [70], [48], [80])
    >>> float(low[0].round(4)), float(high[0].round(4))
    (0.0524, 0.3339)
    """
    (p1, l1, u1), (p2, l2, u2) = (_wilson(np.asarray(k, float), np.asarray(n, float)) for k, n in ((k1, n1), (k2, n2)))
    difference = p1 - p2
    low = difference - np.sqrt((p1 - l1) ** 2 + (u2 - p2) ** 2)
    return low, difference + np.sqrt((u1 - p1) ** 2 + (p2 - l2) ** 2)


def _wilson(k: Floats, n: Floats) -> tuple[Floats, Floats, Floats]:
    z = float(norm.ppf(0.975))
    p = k / n
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return p, middle - reach, middle + reach


def _corrected(phi: Floats, n: float, rows: int, columns: int) -> Floats:
    """Bias-corrected V of many tables of one shape, as `core.association.cramers_v` gives for one (Bergsma 2013)."""
    corrected = np.maximum(phi - (rows - 1) * (columns - 1) / (n - 1), 0.0)
    least = min(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)) - 1
    return np.asarray(np.minimum(np.sqrt(corrected / least), 1.0)) if least > 0 else np.asarray(phi * 0.0)


N_SHUFFLES = 199


def needs_differ(has: Mask, cells: npt.NDArray[np.int64], *, seed: int) -> Difference | Unavailable:
    """Whether needs differ between groups beyond chance.

    Parameters
    ----------
    has : ndarray (n_clients, n_needs)
    cells : ndarray (n_clients,), group of each client, from 0

    Notes
    -----
    Strength: mean over needs of the bias-corrected V of need × group. Its p-value: groups shuffled among clients, so
    the needs of one client may depend on each other as they like.
    """
    n_groups = int(cells.max()) + 1 if len(cells) else 0
    varied = has[:, (has.any(axis=0)) & (~has.all(axis=0))]
    if n_groups < 2 or not varied.shape[1]:
        return ONE_GROUP
    rng = np.random.default_rng(seed)
    named, n_needs = np.nonzero(varied), varied.shape[1]
    real = _mean_v(_counted(named, cells, n_needs, n_groups), cells)
    orders = (rng.permutation(cells) for _ in range(N_SHUFFLES))
    shuffled = [_mean_v(_counted(named, order, n_needs, n_groups), cells) for order in orders]
    beyond = sum(value >= real - 1e-12 for value in shuffled)
    return Difference(real, (1 + beyond) / (1 + N_SHUFFLES), len(cells), N_SHUFFLES)


def _mean_v(k: Floats, cells: npt.NDArray[np.int64]) -> float:
    """Mean corrected V over the needs, all 2 × n_groups tables at once.

    Parameters
    ----------
    k : clients with each need in each group, ndarray (n_needs, n_groups)
    """
    n = np.bincount(cells, minlength=k.shape[1])
    share = k.sum(axis=1, keepdims=True) / n.sum()
    expected = share * n
    phi = ((k - expected) ** 2 / (expected * (1 - share))).sum(axis=1) / n.sum()
    return float(_corrected(phi, float(n.sum()), 2, k.shape[1]).mean())


TOO_FEW_OF_BOTH = Unavailable(
    Text("组内或组外客户太少，比值无法计算", "too few clients in or outside the group for a ratio")
)


def need_ratio(
    has_need: "pd.Series[bool]",
    in_group: "pd.Series[bool]",
    *,
    within: "pd.Series[str] | None" = None,
    minimum: int = 5,
) -> Estimate | Unavailable:
    """Share of a need in a group ÷ its share among the others, compared inside strata where these are given.

    Parameters
    ----------
    has_need, in_group : by client, same index: the clients in the base of the study
    within : stratum of each client, such as its size class; clients without one are left out
    minimum : clients with the need, in the group and outside, below which there is no ratio

    Notes
    -----
    R = Σ_s a_s n0_s ÷ N_s ÷ Σ_s c_s n1_s ÷ N_s, with a of n1 in the group and c of n0 outside it, N = n0 + n1.
    Strata without anybody in or outside the group add nothing. Interval on the log scale.

    References
    ----------
    Mantel and Haenszel (1959), JNCI 22; Greenland and Robins (1985), Biometrics 41, 55–68: the variance.
    """
    strata = pd.Series("", index=has_need.index) if within is None else within.reindex(has_need.index)
    frame = pd.DataFrame({"need": has_need.astype(float), "group": in_group.reindex(has_need.index), "stratum": strata})
    frame = frame.dropna()
    inside = frame["group"].astype(bool)
    strata_codes = frame["stratum"].astype("str")

    def per_stratum(rows: pd.DataFrame) -> tuple[Floats, Floats]:
        grouped = rows.groupby(strata_codes.loc[rows.index])["need"].agg(["sum", "count"])
        grouped = grouped.reindex(sorted(strata_codes.unique()), fill_value=0)
        return grouped["sum"].to_numpy(dtype=float), grouped["count"].to_numpy(dtype=float)

    a, n1 = per_stratum(frame[inside])
    c, n0 = per_stratum(frame[~inside])
    total = n1 + n0
    use = (n1 > 0) & (n0 > 0)
    a, c, n1, n0, total = a[use], c[use], n1[use], n0[use], total[use]
    if a.sum() < minimum or c.sum() < minimum:
        return TOO_FEW_OF_BOTH
    upper, lower = float((a * n0 / total).sum()), float((c * n1 / total).sum())
    if upper <= 0 or lower <= 0:
        return TOO_FEW_OF_BOTH
    variance = float((((a + c) * n1 * n0 - a * c * total) / total**2).sum()) / (upper * lower)
    reach = float(norm.ppf(0.975)) * float(np.sqrt(max(variance, 0.0)))
    ratio = upper / lower
    how = MANTEL_HAENSZEL if within is None else MANTEL_HAENSZEL_STRATA
    return Estimate(ratio, ratio * float(np.exp(-reach)), ratio * float(np.exp(reach)), int(total.sum()), "index", how)


def intensity_by(
    portfolio: Portfolio, evidence: NeedEvidence, dimensions: Sequence[str], *, kind: Evidence = "stated", seed: int
) -> dict[str, Intensity | Unavailable]:
    """The intensity over several columns of the register, one after the other."""
    minimum = int(portfolio.policy.number("disclosure_min_clients"))
    return {
        by: intensity(evidence, need_groups(portfolio, evidence, by, kind), kind=kind, minimum=minimum, seed=seed)
        for by in dimensions
    }
