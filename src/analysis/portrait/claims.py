"""The statements of the source documents against the bank's own data: supported, in part, not, or not testable.

What is tested lies in `data/policy/claims.toml`. A statement has parts; a part is one number with an interval, and
holds when the number differs from no difference in the direction the statement says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm
from statsmodels.stats.multitest import multipletests

from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.portfolio import Portfolio
from analysis.metrics.panel import load_panel
from analysis.portrait.eighty_twenty import client_amounts, pareto, value_measure
from analysis.portrait.needs import NeedEvidence, combine_needs, need_ratio, needs_differ

Verdict = Literal["supported", "partly", "not_supported", "not_testable"]
Outcome = Literal["holds", "contrary", "no_evidence"]
Scale = Literal["ratio", "difference", "share", "strength"]
"""What a part's number is: no difference is 1, 0, nothing (a share is compared with what is said), or 0."""
Row = Mapping[str, str]

LEVEL = 0.05
LEAST = 30
"""Clients in and outside a group below which a mean is not compared: its interval rests on a large sample."""
LEAST_WITH_NEED = 5
Z = float(norm.ppf(0.975))

LARGE_SAMPLE = Text("大样本区间", "large-sample interval")
STRATIFIED = Text("分层加权之差，大样本区间", "difference weighted over strata, large-sample interval")
TWO_QUARTERS = Text(
    "两期比例之比，按相互独立计（同一客户两期相关，区间偏宽）",
    "ratio of two quarters' shares, taken as independent (the same clients answer twice, so it is too wide)",
)
SHUFFLED = Text("组别随机打乱", "groups shuffled among clients")
RETAIL = Unavailable(Text("没有个人客户数据，无法比较", "there are no data on private clients to compare with"))
NO_NEEDS = Unavailable(Text("数据源没有需求记录", "the source has no records of needs"))
TOO_SHORT = Unavailable(Text("历史不足一年", "there is less than a year of history"))
TOO_FEW = Unavailable(Text("组内或组外客户太少", "too few clients in or outside the group"))
NO_SURVEY = Unavailable(Text("没有风险偏好的答复", "nobody told its risk appetite"))


@dataclass(frozen=True)
class Part:
    """One number of a statement.

    Parameters
    ----------
    measured : in the unit of `scale`, with its interval; a strength has none, its p-value comes from shuffles
    p_value : two-sided, after Holm's correction over the parts of the statement; NaN where the part has none
    """

    id: str
    label: Text
    measured: Estimate | Unavailable
    p_value: float
    outcome: Outcome | None
    scale: Scale = "ratio"


@dataclass(frozen=True)
class Claim:
    """A statement with its parts and the verdict on this bank."""

    id: str
    statement: Text
    reference: str
    parts: tuple[Part, ...]

    @property
    def verdict(self) -> Verdict:
        """Supported when every part holds, in part when some do; not testable when no part has a number."""
        outcomes = [part.outcome for part in self.parts]
        if all(outcome is None for outcome in outcomes):
            return "not_testable"
        n_held = outcomes.count("holds")
        return "supported" if n_held == len(outcomes) else "partly" if n_held else "not_supported"


@dataclass(frozen=True)
class _Found:
    """A measured part before the correction: its number, p-value, and whether it lies on the side the part says."""

    measured: Estimate
    p_value: float
    is_as_said: bool
    scale: Scale


def judge_claims(
    portfolio: Portfolio, evidence: NeedEvidence | Unavailable, *, tiers: "pd.Series[str] | None" = None, seed: int
) -> tuple[Claim, ...]:
    """The verdict on every statement of the policy.

    Parameters
    ----------
    evidence : the needs of every client; Unavailable where the source has none, then what rests on them has no number
    tiers : tier or segment by client id for the statement on tiers; by default the tier in force
    seed : of shuffles and resamples
    """
    study = _Study(portfolio, evidence, tiers, seed)
    rows = portfolio.policy.table("claim_parts")
    return tuple(
        _claim(row, [(part, _measure(study, part)) for part in rows if part["claim"] == row["id"]])
        for row in portfolio.policy.table("claims")
    )


def _claim(row: Row, found: "list[tuple[Row, _Found | Unavailable]]") -> Claim:
    tested = [one.p_value for _, one in found if isinstance(one, _Found)]
    adjusted = iter(multipletests(tested, method="holm")[1] if tested else ())
    parts = []
    for part, one in found:
        label = Text(part["zh"], part["en"])
        if isinstance(one, Unavailable):
            parts.append(Part(part["id"], label, one, float("nan"), None))
            continue
        p = float(next(adjusted))
        outcome: Outcome = "no_evidence" if p >= LEVEL else "holds" if one.is_as_said else "contrary"
        parts.append(Part(part["id"], label, one.measured, p, outcome, one.scale))
    return Claim(row["id"], Text(row["zh"], row["en"]), row["reference"], tuple(parts))


@dataclass(frozen=True)
class _Study:
    portfolio: Portfolio
    evidence: NeedEvidence | Unavailable
    tiers: "pd.Series[str] | None"
    seed: int

    @cached_property
    def before(self) -> NeedEvidence | Unavailable:
        """The needs two years before, or one year where the data are shorter."""
        portfolio = self.portfolio
        quarters = [portfolio.quarter.shift(-lag) for lag in (8, 4)]
        reached = [quarter for quarter in quarters if quarter >= portfolio.first_quarter]
        return combine_needs(portfolio.at(reached[0])) if reached else TOO_SHORT

    def column(self, name: str) -> "pd.Series[str] | Unavailable":
        """A column of the register as words, the clients without a value left out."""
        clients = corporate_clients(self.portfolio)
        if name not in clients or clients[name].isna().all():
            return Unavailable(Text(f"客户表没有 {name}", f"the clients have no {name}"))
        words: pd.Series[str] = clients[name].dropna().astype("str")
        return words


def _measure(study: _Study, part: Row) -> _Found | Unavailable:
    return TESTS[part["test"]](study, part)


def _sides(study: _Study, part: Row) -> "pd.Series[bool] | Unavailable":
    """Whether each client is in the group, for the clients in it and in what it is set against."""
    words = study.column(part["by"])
    if isinstance(words, Unavailable):
        return words
    inside = words.isin(part["group"].split())
    compared = inside | words.isin(part["against"].split()) if part["against"] else inside.notna()
    return inside[compared]


def _stated(study: _Study, part: Row) -> "tuple[pd.DataFrame, pd.Series[bool], pd.Series[str] | None] | Unavailable":
    """Needs, sides and strata of the clients that were asked for their needs."""
    if isinstance(study.evidence, Unavailable):
        return NO_NEEDS
    sides = _sides(study, part)
    if isinstance(sides, Unavailable):
        return sides
    base = study.evidence.base("stated")
    asked = sides.index.intersection(base.index[base.to_numpy()])
    strata = study.column(part["within"]) if part["within"] else None
    if isinstance(strata, Unavailable):
        return strata
    has = study.evidence.present("stated").loc[asked]
    return has, sides.loc[asked], None if strata is None else strata.reindex(asked)


# --- the tests ------------------------------------------------------------------------------------------------------


def _need_ratio(study: _Study, part: Row) -> _Found | Unavailable:
    """Share with any of the needs in the group ÷ among those it is set against."""
    found = _stated(study, part)
    if isinstance(found, Unavailable):
        return found
    has, inside, strata = found
    return _found(need_ratio(has[part["needs"].split()].any(axis="columns"), inside, within=strata), "ratio")


def _need_count(study: _Study, part: Row) -> _Found | Unavailable:
    """Needs of a client in the group less those of the others."""
    found = _stated(study, part)
    if isinstance(found, Unavailable):
        return found
    has, inside, strata = found
    business = [code for code in has.columns if not _is_service(study, code)]
    return _found(mean_difference(has[business].sum(axis="columns"), inside, within=strata), "difference")


def _is_service(study: _Study, code: str) -> bool:
    return not isinstance(study.evidence, Unavailable) and study.evidence.taxonomy.group_of(code) == "service_quality"


def _count_ratio(study: _Study, part: Row) -> _Found | Unavailable:
    """Clients in the group ÷ clients in the others; as if the bank had drawn its clients, a share of a sample."""
    sides = _sides(study, part)
    if isinstance(sides, Unavailable):
        return sides
    n_in, n_out = int(sides.sum()), int((~sides).sum())
    if min(n_in, n_out) < LEAST:
        return TOO_FEW
    reach = Z * float(np.sqrt(1 / n_in + 1 / n_out))
    return _found(_on_logs(n_in / n_out, reach, n_in + n_out, LARGE_SAMPLE), "ratio")


def _entry_ratio(study: _Study, part: Row) -> _Found | Unavailable:
    """Entries a client in the quarter, group ÷ others."""
    sides = _sides(study, part)
    if isinstance(sides, Unavailable):
        return sides
    panel = load_panel(study.portfolio, ["n_entries"], 1).set_index("client_id")
    if "n_entries" not in panel or panel["n_entries"].isna().all():
        return Unavailable(Text("数据源没有交易", "the source has no entries"))
    entries = panel["n_entries"].reindex(sides.index).fillna(0.0)
    return _found(mean_ratio(entries[sides].to_numpy(), entries[~sides].to_numpy()), "ratio")


def _appetite(study: _Study, part: Row) -> _Found | Unavailable:
    """Risk appetite told in surveys, by each client's latest answer, group less others."""
    sides = _sides(study, part)
    if isinstance(sides, Unavailable):
        return sides
    if not study.portfolio.has("surveys"):
        return NO_SURVEY
    rows = study.portfolio.to_frame(study.portfolio.table("surveys").select("client_id", "date", "risk_appetite"))
    rows = rows.dropna(subset="risk_appetite").sort_values(["client_id", "date"])
    latest = rows.groupby("client_id")["risk_appetite"].last().astype(float)
    told = latest[latest.index.isin(sides.index)]
    if told.empty:
        return NO_SURVEY
    return _found(mean_difference(told, sides.loc[told.index]), "difference")


def _need_growth(study: _Study, part: Row) -> _Found | Unavailable:
    """Share of the asked clients with the need now ÷ two years before, or one year where the data are shorter."""
    if isinstance(study.evidence, Unavailable):
        return NO_NEEDS
    if isinstance(study.before, Unavailable):
        return study.before
    code = part["needs"]
    (k1, n1), (k0, n0) = (_stated_count(one, code) for one in (study.evidence, study.before))
    if min(k1, k0) < LEAST_WITH_NEED or min(n1, n0) < LEAST:
        return TOO_FEW
    reach = Z * float(np.sqrt(1 / k1 - 1 / n1 + 1 / k0 - 1 / n0))
    return _found(_on_logs((k1 / n1) / (k0 / n0), reach, n1 + n0, TWO_QUARTERS), "ratio")


def _stated_count(evidence: NeedEvidence, code: str) -> tuple[int, int]:
    base = evidence.base("stated")
    return int(evidence.present("stated").loc[base.to_numpy(), code].sum()), int(base.sum())


def _top_share(study: _Study, part: Row) -> _Found | Unavailable:  # noqa: ARG001 - every test takes its row
    """Whether the interval of the top fifth's share holds four fifths: then, and only then, the saying is true."""
    measure = value_measure(study.portfolio)
    share = pareto(client_amounts(study.portfolio, measure), seed=study.seed).top_share
    if isinstance(share, Unavailable):
        return share
    is_said = share.ci_low <= 0.8 <= share.ci_high
    return _Found(share, 0.0, is_said, "share")


def _needs_differ(study: _Study, part: Row) -> _Found | Unavailable:
    if isinstance(study.evidence, Unavailable):
        return NO_NEEDS
    words = study.column(part["by"]) if study.tiers is None else study.tiers.dropna().astype("str")
    if isinstance(words, Unavailable):
        return words
    base = study.evidence.base("stated")
    asked = words.index.intersection(base.index[base.to_numpy()])
    if len(asked) < LEAST:
        return TOO_FEW
    has = study.evidence.present("stated").loc[asked].to_numpy(dtype=bool)
    cells = pd.Categorical(words.loc[asked]).codes.astype(np.int64)
    found = needs_differ(has, cells, seed=study.seed)
    if isinstance(found, Unavailable):
        return found
    at = found.strength
    return _Found(
        Estimate(at, at, at, found.n_clients, "index", SHUFFLED), found.p_value, is_as_said=True, scale="strength"
    )


def _retail(study: _Study, part: Row) -> _Found | Unavailable:  # noqa: ARG001 - every test takes the same
    return RETAIL


TESTS: Mapping[str, Callable[[_Study, Row], _Found | Unavailable]] = {
    "need_ratio": _need_ratio,
    "need_count": _need_count,
    "need_growth": _need_growth,
    "needs_differ": _needs_differ,
    "count_ratio": _count_ratio,
    "entry_ratio": _entry_ratio,
    "appetite": _appetite,
    "top_share": _top_share,
    "retail": _retail,
}
"""What the column `test` of the policy may say."""


# --- numbers --------------------------------------------------------------------------------------------------------


def mean_difference(
    values: "pd.Series[Any]", inside: "pd.Series[bool]", *, within: "pd.Series[str] | None" = None
) -> Estimate | Unavailable:
    """Mean of a group less the mean of the others, inside strata where these are given.

    Parameters
    ----------
    values, inside, within : by client, same index; clients without a stratum are left out

    Notes
    -----
    d = Σ_s w_s (m1_s − m0_s) ÷ Σ_s w_s with w_s = n1_s n0_s ÷ (n1_s + n0_s), variance
    Σ w_s² (v1_s ÷ n1_s + v0_s ÷ n0_s) ÷ (Σ w_s)²; strata with less than two clients on a side add nothing.

    References
    ----------
    Cochran (1954), Biometrics 10, 417–451: the weights.
    """
    strata = pd.Series("", index=values.index) if within is None else within
    weight = top = spread = 0.0
    n = 0
    sides = inside.to_numpy(dtype=bool)
    for stratum in sorted(strata.dropna().unique()):
        here = (strata == stratum).to_numpy(dtype=bool)
        one, other = values[here & sides].to_numpy(dtype=float), values[here & ~sides].to_numpy(dtype=float)
        if min(len(one), len(other)) < 2:
            continue
        w = len(one) * len(other) / (len(one) + len(other))
        weight, top, n = weight + w, top + w * (one.mean() - other.mean()), n + len(one) + len(other)
        spread += w**2 * (one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
    if n < 2 * LEAST or not weight:
        return TOO_FEW
    difference, reach = top / weight, Z * float(np.sqrt(spread)) / weight
    interval = LARGE_SAMPLE if within is None else STRATIFIED
    return Estimate(float(difference), float(difference - reach), float(difference + reach), n, "index", interval)


def mean_ratio(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> Estimate | Unavailable:
    """Mean of one group over that of another, interval on logs by the delta method.

    Parameters
    ----------
    one, other : ndarray of shape (n,), amounts of zero or more
    """
    if min(len(one), len(other)) < LEAST or min(one.mean(), other.mean()) <= 0:
        return TOO_FEW
    parts = [values.var(ddof=1) / len(values) / values.mean() ** 2 for values in (one, other)]
    return _on_logs(
        float(one.mean() / other.mean()), Z * float(np.sqrt(sum(parts))), len(one) + len(other), LARGE_SAMPLE
    )


def _on_logs(ratio: float, reach: float, n: int, interval: Text) -> Estimate:
    return Estimate(ratio, ratio * float(np.exp(-reach)), ratio * float(np.exp(reach)), n, "index", interval)


def _found(measured: Estimate | Unavailable, scale: Scale) -> _Found | Unavailable:
    """The number with the p-value its interval implies, on logs for a ratio; every statement says more, never less."""
    if isinstance(measured, Unavailable):
        return measured
    low, at, high = (
        (np.log(x) if scale == "ratio" else x) for x in (measured.ci_low, measured.estimate, measured.ci_high)
    )
    error = (high - low) / (2 * Z)
    p = 2 * float(norm.sf(abs(at) / error)) if error > 0 else float(at == 0)
    return _Found(measured, p, bool(at > 0), scale)
