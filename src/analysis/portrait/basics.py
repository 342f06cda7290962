"""The four basic features of clients by size class: size, diversity of needs, decisions, capacity for risk."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.core.units import Unit
from analysis.features import corporate_clients
from analysis.intake.portfolio import Portfolio
from analysis.metrics.definitions import FAMILIES
from analysis.metrics.panel import load_panel
from analysis.portrait.grouping import Grouping, group_clients
from analysis.portrait.open_needs import open_needs
from analysis.portrait.statements import RATIOS, client_ratios, divided
from analysis.portrait.strength import Strength, strength, strength_grid

Block = Literal["size", "needs", "decision", "risk"]

BLOCKS: Mapping[Block, Text] = {
    "size": Text("规模与实力", "size and strength"),
    "needs": Text("需求多样性", "diversity of needs"),
    "decision": Text("决策复杂度", "complexity of decisions"),
    "risk": Text("风险承受能力", "capacity for risk"),
}
ALL = "all"
FEW = Unavailable(Text("有数据的客户少于披露下限", "fewer clients with data than the disclosure limit"))
NOTHING = Unavailable(
    Text(
        "数据源没有资产、收入、产品、需求、流程与报表",
        "the source has no assets, revenue, products, needs, processes or statements",
    )
)
NOT_GIVEN: Mapping[Block, Unavailable] = {
    "size": Unavailable(
        Text("数据源没有资产与收入", "the source has neither assets nor revenue of clients"),
    ),
    "needs": Unavailable(
        Text("数据源没有产品持有与需求记录", "the source has neither products held nor needs"),
    ),
    "decision": Unavailable(
        Text(
            "数据源没有办理流程，登记表也没有客户决策层级与天数",
            "the source has no processes, and its register no levels or days of clients' decisions",
        ),
    ),
    "risk": Unavailable(
        Text(
            "数据源没有客户财务报表，无法看风险承受能力",
            "the source has no financial statements, so capacity for risk cannot be seen",
        )
    ),
}


@dataclass(frozen=True, slots=True)
class Indicator:
    """One number a client that a block is made of."""

    code: str
    block: Block
    label: Text
    unit: Unit


@dataclass(frozen=True, slots=True)
class Spread:
    """Middle and spread of one number over the clients of a group that have it.

    Parameters
    ----------
    low, median, high : quartiles, in the indicator's unit; medians, because money is skewed
    """

    n_clients: int
    low: float
    median: float
    high: float


@dataclass(frozen=True)
class BasicFeatures:
    """The four blocks by size class.

    Parameters
    ----------
    indicators : those that at least one client has, block by block
    spreads : by indicator, then by group code or `all`
    diversity : by `products` and `needs`, then by group: effective number of kinds, exp of Shannon's entropy
    strength : by grade (strong, middling, weak), then by group: share of the firms with a statement; empty without any
    missing : blocks without any number, and why
    """

    grouping: Grouping
    indicators: tuple[Indicator, ...]
    spreads: Mapping[str, Mapping[str, Spread | Unavailable]]
    diversity: Mapping[str, Mapping[str, float | Unavailable]]
    strength: Mapping[Strength, Mapping[str, Estimate | Unavailable]]
    missing: Mapping[Block, Unavailable]
    minimum: int

    def median(self, indicator: str, group: str) -> float | Unavailable:
        found = self.spreads[indicator][group]
        return found if isinstance(found, Unavailable) else found.median


def entropy(counts: npt.ArrayLike) -> float | Unavailable:
    """Shannon's entropy of a mix in natural units: 0 when all is of one kind, ln k when k kinds are equal.

    Parameters
    ----------
    counts : ndarray of shape (n_kinds,), none negative

    References
    ----------
    Shannon (1948), A mathematical theory of communication; Hill (1973): its exponential is the effective number.

    Examples
    --------
    >>> round(entropy([2.0, 1.0, 1.0]), 4)
    1.0397
    """
    vector = np.asarray(counts, dtype=np.float64).ravel()
    total = float(vector.sum())
    if total <= 0:
        return Unavailable(Text("没有可计的种类", "there is nothing to count kinds of"))
    shares = vector[vector > 0] / total
    return float(-(shares * np.log(shares)).sum()) + 0.0


def basic_features(portfolio: Portfolio, *, by: str = "size_class") -> BasicFeatures | Unavailable:
    """Medians, quartiles and coverage of the four blocks by size class and of all clients.

    Parameters
    ----------
    by : a key of `analysis.features.groups.DIMENSIONS`
    """
    clients = corporate_clients(portfolio)
    minimum = int(portfolio.policy.number("disclosure_min_clients"))
    if len(clients) < minimum:
        return FEW
    grouping = group_clients(portfolio, clients, by, minimum=minimum)
    statements = client_ratios(portfolio)
    values = _values(portfolio, clients, statements)
    kept = tuple(one for one in INDICATORS if one.code in values and values[one.code].notna().any())
    if not kept:
        return NOTHING
    spreads = {one.code: spread_by_group(values[one.code], grouping, minimum=minimum) for one in kept}
    blocks = {one.block for one in kept}
    return BasicFeatures(
        grouping,
        kept,
        spreads,
        _diversity(portfolio, clients, grouping, minimum),
        _strength(portfolio, statements, grouping, minimum),
        {block: NOT_GIVEN[block] for block in BLOCKS if block not in blocks},
        minimum,
    )


def spread_by_group(values: "pd.Series[float]", grouping: Grouping, *, minimum: int) -> dict[str, Spread | Unavailable]:
    """Quartiles of a number in each group and of all clients; the reason where too few clients have it.

    Parameters
    ----------
    values : index client_id; NaN where a client has none
    """
    known = values.dropna()
    codes = grouping.codes.reindex(known.index)
    parts = {group.code: known[codes == group.code] for group in grouping.groups} | {ALL: known}
    return {code: _spread(part, minimum) for code, part in parts.items()}


def _spread(known: "pd.Series[float]", minimum: int) -> Spread | Unavailable:
    if len(known) < minimum:
        return FEW
    low, median, high = (float(q) for q in np.quantile(known.to_numpy(dtype=float), [0.25, 0.5, 0.75]))
    return Spread(len(known), low, median, high)


# --- the numbers of each client -------------------------------------------------------------------------------------


def _strength(
    portfolio: Portfolio, statements: pd.DataFrame | Unavailable, grouping: Grouping, minimum: int
) -> Mapping[Strength, Mapping[str, Estimate | Unavailable]]:
    if isinstance(statements, Unavailable):
        return {}
    grades = strength(divided(statements["equity"], statements["assets"]), statements["margin"], portfolio.policy)
    return strength_grid(grades, grouping, minimum=minimum, everyone=ALL) if grades.notna().any() else {}


def _values(
    portfolio: Portfolio, clients: pd.DataFrame, statements: pd.DataFrame | Unavailable
) -> dict[str, "pd.Series[float]"]:
    """Every indicator that the source can give, index client_id."""
    found: dict[str, pd.Series[float]] = {}
    if isinstance(statements, Unavailable):
        found |= {name: clients[name].astype(float) for name in ("assets", "revenue")}
    else:
        names = ("assets", "revenue", "leverage", "current_ratio", "cash_cover", "equity")
        found |= {name: statements[name] for name in names}
    panel = load_panel(portfolio, ["n_families"], 1).set_index("client_id")
    if "n_families" in panel:
        found["n_families"] = panel["n_families"].reindex(clients.index).fillna(0.0)
    needs = open_needs(portfolio)
    if needs is not None:
        found["n_needs"] = needs.groupby("client_id")["need"].nunique().astype(float).reindex(clients.index)
    for name in ("decision_levels", "decision_days"):
        found[name] = clients[name].astype(float)
    return found | _processes(portfolio, clients)


def _processes(portfolio: Portfolio, clients: pd.DataFrame) -> dict[str, "pd.Series[float]"]:
    """Approval levels and days from proposal to the end of each client's finished cases of the last year (medians)."""
    if not portfolio.has("processes"):
        return {}
    table = portfolio.table("processes")
    cases = portfolio.to_frame(
        table.group_by("client_id", "case_id").aggregate(
            levels=table["approval_level"].max(),
            start=table["start"].min(),
            until=table["until"].max(),
            n_open=table["until"].isnull().cast("int64").sum(),  # noqa: PD003
        )
    )
    end = pd.Timestamp(portfolio.quarter.end)
    year_ago = pd.Timestamp(portfolio.quarter.same_quarter_last_year.end)
    is_finished = (cases["n_open"] == 0) & (cases["until"] <= end) & (cases["until"] > year_ago)
    done = cases[is_finished]
    days = (done["until"] - done["start"]).dt.days.astype(float)

    def median(column: "pd.Series[float]") -> "pd.Series[float]":
        return column.astype(float).groupby(done["client_id"]).median().reindex(clients.index)

    return {"approval_levels": median(done["levels"]), "approval_days": median(days)}


def _diversity(
    portfolio: Portfolio, clients: pd.DataFrame, grouping: Grouping, minimum: int
) -> dict[str, dict[str, float | Unavailable]]:
    """Effective number of product families held, and of kinds of open needs, in each group and of all."""
    mixes: dict[str, pd.DataFrame] = {}
    panel = load_panel(portfolio, [f"holds_{family}" for family in FAMILIES], 1).set_index("client_id")
    if len(panel.columns) > 1:
        mixes["products"] = panel.drop(columns="quarter").reindex(clients.index).fillna(0.0)
    needs = open_needs(portfolio)
    if needs is not None and len(needs):
        counts = pd.crosstab(needs["client_id"], needs["need"]).clip(upper=1)
        mixes["needs"] = counts[counts.index.isin(clients.index)].astype(float)
    return {name: _effective(mix, grouping, minimum) for name, mix in mixes.items()}


def _effective(mix: pd.DataFrame, grouping: Grouping, minimum: int) -> dict[str, float | Unavailable]:
    codes = grouping.codes.reindex(mix.index)
    parts = {group.code: mix[codes == group.code] for group in grouping.groups} | {ALL: mix}
    found: dict[str, float | Unavailable] = {}
    for code, part in parts.items():
        kinds = entropy(part.sum().to_numpy()) if len(part) >= minimum else FEW
        found[code] = kinds if isinstance(kinds, Unavailable) else float(np.exp(kinds))
    return found


INDICATORS: tuple[Indicator, ...] = (
    Indicator("assets", "size", RATIOS["assets"].label, "money"),
    Indicator("revenue", "size", RATIOS["revenue"].label, "money"),
    Indicator("n_families", "needs", Text("持有产品类数", "product families held"), "per_client"),
    Indicator("n_needs", "needs", Text("未满足的已登记需求数", "recorded needs still open"), "per_client"),
    Indicator("approval_levels", "decision", Text("本行审批层级", "levels of our approval"), "count"),
    Indicator("approval_days", "decision", Text("提出至办结天数", "days from proposal to the end"), "days"),
    Indicator("decision_levels", "decision", Text("客户自身决策层级", "levels of the client's decision"), "count"),
    Indicator("decision_days", "decision", Text("客户自身决策天数", "days of the client's decision"), "days"),
    Indicator("leverage", "risk", RATIOS["leverage"].label, "ratio"),
    Indicator("current_ratio", "risk", RATIOS["current_ratio"].label, "index"),
    Indicator("cash_cover", "risk", RATIOS["cash_cover"].label, "ratio"),
    Indicator("equity", "risk", RATIOS["equity"].label, "money"),
)
"""The numbers of the four blocks, in printing order."""
