"""Credit state of clients: operation, record and industry to a grade. It describes; it is no default model."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.core.disclosure import suppress_parts
from analysis.core.errors import DataError
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.features.groups import UNCLASSIFIED, group_codes
from analysis.intake.policy import Policy
from analysis.intake.portfolio import Portfolio
from analysis.metrics.panel import load_panel
from analysis.portrait.scoring import Component, read_components, weigh
from analysis.portrait.statements import client_ratios

PARTS = ("operation", "record", "industry")
CAPS = ("no_statement", "overdue", "special_mention", "bad")
NOT_GRADED = "not_graded"
NOT_GRADED_LABEL = Text("未评级", "not graded")
FULL = 100.0
RECORD_QUARTERS = 4
OVERDUE_STEPS = {"overdue_balance": 1, "overdue_30_balance": 31, "overdue_90_balance": 91}
"""Measures of overdue money and the days that money in them is overdue at least."""

NOTHING = Unavailable(
    Text("数据源没有报表与贷款状态，不能评信用状态", "without statements and loan states there is no credit state")
)
INDUSTRY_TABLE = Text("行业资料", "the table of industries")
OWN_BOOK = Text("本行分行业不良率", "our own bad loans by industry")


@dataclass(frozen=True)
class CreditStates:
    """Credit state by client, and how many stand in each grade.

    Parameters
    ----------
    scores : index client_id, columns of `PARTS`, 0 to 100; NaN where nothing is known
    total : weighted mean of what is known, 0 to 100
    coverage : share of the weight known of a client
    grade : A to D or `not_graded`
    cap : condition that held the grade down, empty for none
    grades : a row a grade, the best first, `not_graded` last; columns n_clients, exposure (money), hidden
    industry_from : where the industries' share of bad loans comes from
    with_statements : share of clients with a usable statement
    """

    components: tuple[Component, ...]
    scores: pd.DataFrame
    total: "pd.Series[float]"
    coverage: "pd.Series[float]"
    grade: pd.Series
    cap: pd.Series
    grades: pd.DataFrame
    labels: Mapping[str, Text]
    industry_from: Text | None
    with_statements: float
    minimum: int


def credit_states(portfolio: Portfolio) -> CreditStates | Unavailable:
    """Credit state of every client analysed, by policy.

    Notes
    -----
    Operation: ratios of the latest statement, each from worst to best in a straight line, weighted over those known.
    Record, of clients with a loan in the last year: 100 less the longest overdue of the year over the policy's days; a
    bad loan scores 0, a special-mention one at most half. Industry: 100 less its share of bad loans over the policy's.
    The total weighs what is known of a client; with less than the policy's coverage there is no grade. A missing
    statement is no average: it lowers the coverage and caps the grade.
    """
    policy = portfolio.policy
    components = read_components(policy, "credit_parts", PARTS)
    clients = corporate_clients(portfolio)
    credit = _credit(portfolio, clients)
    operation = operation_scores(client_ratios(portfolio), policy)
    if isinstance(operation, Unavailable) and credit is None:
        return NOTHING
    unknown = pd.Series(np.nan, index=clients.index)
    has_statement = unknown.isna() & False if isinstance(operation, Unavailable) else operation.notna()
    industry, source = _industry(portfolio, clients, credit)
    scores = pd.DataFrame(
        {
            "operation": unknown if isinstance(operation, Unavailable) else operation,
            "record": unknown if credit is None else record_scores(credit, policy),
            "industry": industry,
        }
    )
    weighted = weigh(scores, components)
    caps = _conditions(has_statement, credit)
    grade, cap = grades_of(weighted.total, weighted.coverage, caps, policy)
    rows = policy.table("credit_grades")
    labels = {row["id"]: Text.of(row) for row in rows} | {NOT_GRADED: NOT_GRADED_LABEL}
    minimum = int(policy.number("disclosure_min_clients"))
    return CreditStates(
        components=components,
        scores=scores,
        total=weighted.total,
        coverage=weighted.coverage,
        grade=grade,
        cap=cap,
        grades=_counts(portfolio, grade, list(labels), minimum),
        labels=labels,
        industry_from=source,
        with_statements=float(has_statement.mean()) if len(clients) else 0.0,
        minimum=minimum,
    )


def operation_scores(ratios: pd.DataFrame | Unavailable, policy: Policy) -> "pd.Series[float] | Unavailable":
    """0 to 100 from the ratios of the latest statement; NaN without any of them."""
    if isinstance(ratios, Unavailable):
        return ratios
    components = read_components(policy, "credit_ratios", [name for name in ratios.columns if name != "year"])
    rows = {row["id"]: row for row in policy.table("credit_ratios")}
    points = pd.DataFrame(
        {
            one.id: linear(ratios[one.id], float(rows[one.id]["worst"]), float(rows[one.id]["best"]))
            for one in components
        }
    )
    return weigh(points, components).total


def linear(values: "pd.Series[float]", worst: float, best: float) -> "pd.Series[float]":
    """Points from 0 at the worst value to 100 at the best, in a straight line, held between them.

    Examples
    --------
    >>> linear(pd.Series([0.95, 0.65, 0.2]), worst=0.9, best=0.4).round(1).tolist()
    [0.0, 50.0, 100.0]
    """
    return ((values - worst) / (best - worst)).clip(0.0, 1.0) * FULL


def _credit(portfolio: Portfolio, clients: pd.DataFrame) -> pd.DataFrame | None:
    """Loans, bad and special-mention loans now, and the longest overdue (least days) of a year, of the borrowers."""
    names = ["loan_balance", "npl_balance", "special_mention_balance", *OVERDUE_STEPS]
    panel = load_panel(portfolio, names, RECORD_QUARTERS)
    if "loan_balance" not in panel or panel["loan_balance"].isna().all():
        return None
    given = panel.reindex(columns=["client_id", "quarter", *names]).fillna(dict.fromkeys(names, 0.0))
    days = pd.Series(0.0, index=given.index)
    for name, least in OVERDUE_STEPS.items():
        days = days.where(given[name] <= 0, float(least))
    given["days"] = days
    year = given.groupby("client_id").agg(days=("days", "max"), borrowed=("loan_balance", "max"))
    now = given[given["quarter"] == portfolio.quarter.label].set_index("client_id")
    found = year.join(now[["loan_balance", "npl_balance", "special_mention_balance", "days"]].add_suffix("_now"))
    found = found.reindex(clients.index)
    return found.where(found["borrowed"] > 0)


def record_scores(credit: pd.DataFrame, policy: Policy) -> "pd.Series[float]":
    """0 to 100 from overdue and loan class; NaN for clients that did not borrow within the year."""
    points = linear(credit["days"], worst=policy.number("credit_overdue_days"), best=0.0)
    points = points.where(~(credit["special_mention_balance_now"] > 0), points.clip(upper=FULL / 2))
    return points.where(~(credit["npl_balance_now"] > 0), 0.0).where(credit["days"].notna())


def _industry(
    portfolio: Portfolio, clients: pd.DataFrame, credit: pd.DataFrame | None
) -> "tuple[pd.Series[float], Text | None]":
    """Points of each client's industry, and where its share of bad loans comes from."""
    codes = group_codes(portfolio, clients, "industry")
    policy = portfolio.policy
    limit = policy.number("credit_industry_bad_rate")
    if portfolio.has("industries"):
        table = portfolio.table("industries")
        rows = portfolio.to_frame(table.select("industry", "quarter", "bad_rate")).dropna()
        rates = rows.sort_values(["industry", "quarter"]).groupby("industry")["bad_rate"].last()
        if len(rates):
            return linear(codes.map(rates.to_dict()).astype(float), worst=limit, best=0.0), INDUSTRY_TABLE
    if credit is None:
        return pd.Series(np.nan, index=clients.index), None
    owed = credit["loan_balance_now"].fillna(0.0)
    sums = pd.DataFrame({"owed": owed, "bad": credit["npl_balance_now"].fillna(0.0), "n": (owed > 0).astype(float)})
    by = sums.groupby(codes).sum()
    whole = sums.sum()
    if whole["owed"] <= 0:
        return pd.Series(np.nan, index=clients.index), None
    is_wide = (by["n"] >= policy.number("credit_industry_borrowers")) & (by["owed"] > 0)
    rate = (by["bad"] / by["owed"].where(is_wide)).fillna(whole["bad"] / whole["owed"])
    known = codes.where(codes != UNCLASSIFIED)
    return linear(known.map(rate.to_dict()).astype(float), worst=limit, best=0.0), OWN_BOOK


def _conditions(has_statement: "pd.Series[bool]", credit: pd.DataFrame | None) -> pd.DataFrame:
    """Whether each condition of the caps holds for each client."""
    caps = pd.DataFrame(False, index=has_statement.index, columns=list(CAPS))
    caps["no_statement"] = ~has_statement
    if credit is not None:
        caps["overdue"] = credit["days_now"] > 0
        caps["special_mention"] = (credit["special_mention_balance_now"] > 0) | (credit["days_now"] > 30)
        caps["bad"] = credit["npl_balance_now"] > 0
    return caps


def grades_of(
    total: "pd.Series[float]", coverage: "pd.Series[float]", caps: pd.DataFrame, policy: Policy
) -> tuple[pd.Series, pd.Series]:
    """Grade of each client, and the condition that held it down.

    Parameters
    ----------
    caps : a column a condition of the policy table `credit_caps`, whether it holds
    """
    rows = policy.table("credit_grades")
    names = [row["id"] for row in rows]
    lowers = [float(row["from"]) for row in rows]
    if lowers != sorted(set(lowers), reverse=True) or lowers[-1] != 0:
        raise DataError(
            f"{policy.about('credit_grades').file}: the bounds {lowers} of credit_grades do not go down to 0.",
            hint="Write the best grade first; the last starts at 0.",
        )
    place = sum((total < lower).astype(int) for lower in lowers[:-1])
    place = pd.Series(place, index=total.index)
    cap = pd.Series("", index=total.index, dtype=object)
    for row in policy.table("credit_caps"):
        if row["best"] not in names or row["id"] not in caps:
            raise DataError(
                f"{policy.about('credit_caps').file}: the row {row['id']!r} of credit_caps is no condition or grade.",
                hint=f"Conditions are {', '.join(CAPS)}; grades {', '.join(names)}.",
            )
        best = names.index(row["best"])
        held = caps[row["id"]] & (place < best)
        place, cap = place.where(~held, best), cap.where(~held, row["id"])
    known = (coverage >= policy.number("credit_min_coverage")) & total.notna()
    grade = pd.Series(np.array(names, dtype=object)[place.to_numpy()], index=total.index)
    return grade.where(known, NOT_GRADED), cap.where(known, "")


def _counts(portfolio: Portfolio, grade: pd.Series, order: list[str], minimum: int) -> pd.DataFrame:
    """Clients and exposure by grade, small ones marked to be hidden."""
    panel = load_panel(portfolio, ["exposure", "loan_end"], 1).set_index("client_id")
    name = next((name for name in ("exposure", "loan_end") if name in panel and panel[name].notna().any()), "")
    exposure = panel[name].reindex(grade.index).fillna(0.0) if name else pd.Series(np.nan, index=grade.index)
    table = pd.DataFrame(
        {
            "n_clients": grade.value_counts().reindex(order, fill_value=0),
            "exposure": exposure.groupby(grade).sum(min_count=1).reindex(order),
        }
    )
    return table.assign(hidden=suppress_parts(table["n_clients"].to_numpy(), minimum))
