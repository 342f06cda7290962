"""Who was asked, who answered, what the silence may hide, and whether two coders read an interview alike."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.portfolio import Portfolio
from analysis.portrait.grouping import Group, group_clients
from analysis.portrait.needs.records import NeedRecords
from analysis.portrait.rates import wilson

NO_SURVEYS = Unavailable(
    Text("数据源没有问卷表，无法计算答复率", "the source has no surveys, so there is no response rate")
)
NOBODY_ASKED = Unavailable(Text("期内没有发放问卷", "no survey was sent in the period"))
ONE_CODER = Unavailable(
    Text(
        "没有由两人分别编码的访谈，无法衡量编码一致性", "no interview was coded by two people, so agreement is unknown"
    )
)
ALL_ALIKE = Unavailable(
    Text(
        "两名编码人只用了同一个判断，一致性系数无意义",
        "both coders gave one and the same verdict, so kappa has no meaning",
    )
)
ANALYTIC = Text("大样本区间", "large-sample interval")
WEIGHTED = Text("按规模加权，Wilson 区间用有效样本量", "weighted by size, Wilson interval at the effective sample size")


def survey_answers(portfolio: Portfolio, months: int) -> pd.DataFrame | Unavailable:
    """Each client asked within so many months before the quarter's end, by its latest wave.

    Columns client_id, date, answered. A row without a mark counts as answered when it holds a rating.
    """
    if not portfolio.has("surveys"):
        return NO_SURVEYS
    rows = portfolio.to_frame(
        portfolio.table("surveys").select("client_id", "wave", "date", "responded", "satisfaction", "loyalty")
    )
    as_of = pd.Timestamp(portfolio.quarter.end)
    rows["date"] = pd.to_datetime(rows["date"])
    rows = rows[
        (rows["date"] > as_of - pd.DateOffset(months=months))
        & rows["client_id"].isin(corporate_clients(portfolio).index)
    ]
    rated = rows["satisfaction"].notna() | rows["loyalty"].notna()
    rows = rows.assign(answered=rows["responded"].astype("boolean").fillna(rated).astype(bool))
    # A client who answered one wave and not the next one has still told its needs within the period.
    rows = rows.sort_values(["client_id", "answered", "date", "wave"]).groupby("client_id").last().reset_index()
    return NOBODY_ASKED if rows.empty else rows[["client_id", "date", "answered"]]


@dataclass(frozen=True, slots=True)
class ResponseLine:
    """Response of one group: answered among asked, and how many clients one answer stands for."""

    group: Group
    n_asked: int
    n_answered: int
    rate: Estimate | Unavailable
    weight: float | Unavailable


@dataclass(frozen=True)
class Response:
    """Response to the surveys of the period.

    Parameters
    ----------
    lines : by size class
    total : answered among asked
    first, last : days of the earliest and latest answers
    weights : for every client that answered, how many clients asked it stands for; index client_id
    """

    lines: tuple[ResponseLine, ...]
    n_asked: int
    n_answered: int
    total: Estimate | Unavailable
    first: pd.Timestamp
    last: pd.Timestamp
    weights: "pd.Series[float]"


NO_ANSWER = Unavailable(Text("该组无人答复", "nobody of the group answered"))


def survey_response(portfolio: Portfolio, *, by: str = "size_class") -> Response | Unavailable:
    """Response rates by size class with the weights that undo their differences.

    Notes
    -----
    Weight of an answer in group h: clients asked in h ÷ clients of h that answered. It repairs differences between
    groups, not within: if the unhappy of one size answer less, no weight can know. `need_range` says how much that
    could matter.
    """
    policy = portfolio.policy
    answers = survey_answers(portfolio, int(policy.number("need_window_months")))
    if isinstance(answers, Unavailable):
        return answers
    asked = corporate_clients(portfolio).loc[answers["client_id"]]
    grouping = group_clients(portfolio, asked, by, minimum=int(policy.number("disclosure_min_clients")))
    answered = pd.Series(answers["answered"].to_numpy(), index=asked.index)
    n_asked = grouping.codes.value_counts()
    n_answered = grouping.codes[answered.to_numpy()].value_counts()
    lines = []
    for group in grouping.groups:
        n, k = int(n_asked[group.code]), int(n_answered.get(group.code, 0))
        lines.append(ResponseLine(group, n, k, wilson(k, n), n / k if k else NO_ANSWER))
    weight = {line.group.code: line.weight for line in lines if isinstance(line.weight, float)}
    who = answered.index[answered.to_numpy()]
    days = answers.loc[answers["answered"], "date"] if answered.any() else answers["date"]
    return Response(
        tuple(lines),
        len(answered),
        int(answered.sum()),
        wilson(int(answered.sum()), len(answered)),
        days.min(),
        days.max(),
        grouping.codes.loc[who].map(weight).astype(float),
    )


@dataclass(frozen=True, slots=True)
class NeedRange:
    """Share of clients with a need, as answered, weighted, and at the two ends that silence leaves open.

    Parameters
    ----------
    low, high : share if no silent client had the need, and if all of them had it
    """

    raw: Estimate | Unavailable
    weighted: Estimate | Unavailable
    low: float
    high: float


def need_range(has_need: "pd.Series[bool]", response: Response) -> NeedRange:
    """What the survey says about a need, and what it cannot say.

    Parameters
    ----------
    has_need : index client_id, of at least the clients that answered

    References
    ----------
    Manski (2003), Partial Identification of Probability Distributions, chapter 1: the bounds.
    Kish (1965), Survey Sampling, section 11.7: effective sample size (Σw)² ÷ Σw².
    """
    weights = response.weights
    named = has_need.reindex(weights.index, fill_value=False).to_numpy(dtype=bool)
    n, k = len(named), int(named.sum())
    silent = response.n_asked - n
    bounds = (k / response.n_asked, (k + silent) / response.n_asked) if response.n_asked else (0.0, 1.0)
    if n == 0:
        return NeedRange(NO_ANSWER, NO_ANSWER, *bounds)
    share = float(np.average(named, weights=weights))
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    low, high = proportion_confint(share * effective, effective, alpha=0.05, method="wilson")
    weighted = Estimate(share, min(float(low), share), max(float(high), share), n, "ratio", WEIGHTED)
    return NeedRange(wilson(k, n), weighted, *bounds)


@dataclass(frozen=True, slots=True)
class Interviews:
    """Interviews of the records: how many clients, when, and how alike two coders read them."""

    n_clients: int
    n_double_coded: int
    first: pd.Timestamp
    last: pd.Timestamp
    kappa: Estimate | Unavailable


NO_INTERVIEWS = Unavailable(Text("没有访谈记录", "there are no records of interviews"))


def interview_evidence(records: NeedRecords) -> Interviews | Unavailable:
    """How many clients were interviewed, when, and the agreement of coders."""
    rows = records.frame[records.frame["source"] == "interview"]
    if rows.empty:
        return NO_INTERVIEWS
    first, second = coded_twice(records)
    n_needs = len(records.taxonomy.codes)
    return Interviews(
        rows["client_id"].nunique(),
        len(first) // n_needs,
        rows["opened"].min(),
        rows["opened"].max(),
        cohen_kappa(first, second, n_clients=len(first) // n_needs) if len(first) else ONE_CODER,
    )


def coded_twice(records: NeedRecords) -> tuple[np.ndarray, np.ndarray]:
    """Verdicts of two coders on every need of every interview that both coded: does the client have it."""
    codes = pd.Index(records.taxonomy.codes)
    sides: list[list[np.ndarray]] = [[], []]
    for _, visit in records.codings.groupby(["client_id", "opened"]):
        coders = sorted(visit["coder_id"].unique())[:2]
        for side, coder in zip(sides, coders if len(coders) > 1 else (), strict=False):
            side.append(codes.isin(visit.loc[visit["coder_id"] == coder, "need"]))
    if not sides[0]:
        return np.zeros(0, dtype=bool), np.zeros(0, dtype=bool)
    return np.concatenate(sides[0]), np.concatenate(sides[1])


def cohen_kappa(first: np.ndarray, second: np.ndarray, *, n_clients: int) -> Estimate | Unavailable:
    """Agreement of two coders beyond chance on yes/no verdicts, with its large-sample interval.

    Notes
    -----
    κ = (p_o − p_e) ÷ (1 − p_e), p_o the share of equal verdicts, p_e that expected from each coder's own shares.
    Variance: Fleiss, Cohen and Everitt, for κ not zero.

    References
    ----------
    Cohen (1960), Educational and Psychological Measurement 20; Fleiss, Cohen and Everitt (1969), Psychological
    Bulletin 72, equation 14.

    Examples
    --------
    >>> a = np.repeat([True, True, False, False], [20, 5, 10, 15])
    >>> b = np.repeat([True, False, True, False], [20, 5, 10, 15])
    >>> round(cohen_kappa(a, b, n_clients=50).estimate, 3)
    0.4
    """
    table = np.array([[np.mean((first == i) & (second == j)) for j in (True, False)] for i in (True, False)])
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    observed, expected = float(np.trace(table)), float(rows @ columns)
    if expected >= 1.0:
        return ALL_ALIKE
    kappa = (observed - expected) / (1 - expected)
    on = sum(table[i, i] * ((1 - expected) - (rows[i] + columns[i]) * (1 - observed)) ** 2 for i in range(2))
    off = (1 - observed) ** 2 * sum(
        table[i, j] * (columns[i] + rows[j]) ** 2 for i in range(2) for j in range(2) if i != j
    )
    variance = (on + off - (observed * expected - 2 * expected + observed) ** 2) / (len(first) * (1 - expected) ** 4)
    reach = float(norm.ppf(0.975)) * float(np.sqrt(max(variance, 0.0)))
    return Estimate(kappa, max(kappa - reach, -1.0), min(kappa + reach, 1.0), n_clients, "index", ANALYTIC)
