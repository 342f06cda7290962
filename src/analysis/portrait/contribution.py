"""What clients leave after funds, service, expected loss and capital: parts, return, hurdle; and on what basis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.intake.policy import Policy
from analysis.intake.portfolio import Portfolio
from analysis.metrics.definitions import has_capital
from analysis.metrics.ladder import in_ladder_order, tier_name
from analysis.metrics.panel import load_panel
from analysis.portrait.distribution import exact_sums
from analysis.portrait.grouping import Group, group_clients
from analysis.portrait.resampling import Floats, interval_of, resampled

INPUTS = (
    "deposit_funds", "deposit_interest", "loan_interest", "loan_funds", "fee", "operating_revenue", "surcharges",
    "direct_cost", "expected_loss", "contribution", "economic_capital",
)  # fmt: skip

PARTS: Mapping[str, Text] = {
    "deposit_spread": Text("存款利差", "deposit spread"),
    "loan_spread": Text("贷款利差", "loan spread"),
    "fee": Text("中间业务净收入", "net fees"),
    "surcharges": Text("税金及附加", "surcharges"),
    "direct_cost": Text("服务成本", "cost to serve"),
    "expected_loss": Text("预期损失", "expected loss"),
    "contribution": Text("综合贡献", "contribution"),
    "tax": Text("所得税", "income tax"),
    "capital_charge": Text("资本成本", "capital charge"),
    "eva": Text("经济增加值", "economic value added"),
}
"""Columns of the waterfall in printing order; what takes away is negative, `contribution` and `eva` are levels."""
COSTS = ("surcharges", "direct_cost", "expected_loss", "tax", "capital_charge")

NO_INCOME = Unavailable(
    Text("数据源没有客户收入，不能计算客户价值", "the source has no income of clients, so their value cannot be told")
)
NO_BORROWERS = Unavailable(Text("没有占用资本的客户", "no client uses capital"))
NO_CAPITAL = Unavailable(
    Text("数据源没有风险权重，不能计算资本成本", "the source has no risk weights, so there is no capital charge")
)


@dataclass(frozen=True, slots=True)
class ValueBasis:
    """What stands for a client's value in this source.

    Parameters
    ----------
    code : `contribution`, `before_loss`, `operating_revenue` or `gross_income`, from the fullest to the barest
    label : in words, for headings
    missing : what could not be deducted, in words
    """

    code: str
    label: Text
    missing: tuple[Text, ...]

    @property
    def is_full(self) -> bool:
        """Whether funds price, cost and expected loss are all in it: the KPI CONTRIB."""
        return self.code == "contribution"


_COST = Text("服务成本", "cost to serve")
_LOSS = Text("预期损失", "expected loss")
_FUNDS = Text("内部资金价格", "funds price")
BASES = {
    "contribution": ValueBasis("contribution", Text("综合贡献", "contribution"), ()),
    "before_loss": ValueBasis("before_loss", Text("未扣预期损失的贡献", "contribution before expected loss"), (_LOSS,)),
    "operating_revenue": ValueBasis("operating_revenue", Text("营业净收入", "operating revenue"), (_COST, _LOSS)),
    "gross_income": ValueBasis("gross_income", Text("利息与手续费收入", "interest and fees"), (_FUNDS, _COST, _LOSS)),
}
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "contribution": ("contribution",),
    "before_loss": ("operating_revenue", "surcharges", "direct_cost"),
    "operating_revenue": ("operating_revenue",),
    "gross_income": ("loan_interest", "fee", "deposit_interest"),
}
"""Measures each basis takes; `gross_income` takes those of them that there are."""


def value_basis(portfolio: Portfolio) -> ValueBasis | Unavailable:
    """The fullest measure of a client's value that the source allows, named with what it leaves out."""
    panel = load_panel(portfolio, INPUTS, 1)
    known = {name for name in INPUTS if name in panel and panel[name].notna().any()}
    for code, basis in BASES.items():
        needs = set(_NEEDS[code])
        if needs <= known or (code == "gross_income" and needs & known - {"deposit_interest"}):
            return basis
    return NO_INCOME


def value_amounts(portfolio: Portfolio, basis: ValueBasis, quarters: int = 1) -> pd.DataFrame:
    """Columns client_id, quarter, amount: the value of every client with rows in the last quarters, in money.

    Notes
    -----
    `before_loss` = operating revenue − surcharges − cost; `gross_income` = loan interest + fees − deposit interest.
    """
    panel = load_panel(portfolio, _NEEDS[basis.code], quarters)
    given = panel.reindex(columns=list(_NEEDS[basis.code])).fillna(0.0)
    signs = {"surcharges": -1.0, "direct_cost": -1.0, "deposit_interest": -1.0}
    amount = sum((given[name] * signs.get(name, 1.0) for name in given.columns), start=pd.Series(0.0, panel.index))
    return panel[["client_id", "quarter"]].assign(amount=amount)


@dataclass(frozen=True)
class ContributionBridge:
    """From spread to economic value added by group, and who is under the hurdle.

    Parameters
    ----------
    table : a row a group and a last row `total`; columns of `PARTS` in money of the quarter, `n_clients`, `n_losing`,
        `losing` (their contribution), `n_with_capital`, `capital`, `n_under`, `capital_under`, `gap` (what clients
        under the hurdle lack to reach it, money of the quarter)
    raroc : by group and `total`, a year, with its interval
    risk_inputs : where default probability, loss given default and capital come from, in words
    hurdle, cost_of_capital : fractions a year
    minimum : disclosure limit
    """

    by: str
    label: Text
    groups: tuple[Group, ...]
    table: pd.DataFrame
    raroc: Mapping[str, Estimate | Unavailable]
    risk_inputs: tuple[Text, ...]
    hurdle: float
    cost_of_capital: float
    minimum: int

    def number(self, code: str, column: str) -> float:
        """A number of one group or of `total`."""
        return float(self.table[column][code])


def contribution_bridge(
    portfolio: Portfolio, by: str, *, seed: int, minimum: int | None = None
) -> ContributionBridge | Unavailable:
    """Contribution, return on capital and economic value added of every group; the total row equals the KPIs.

    Parameters
    ----------
    by : a key of `analysis.features.groups.DIMENSIONS`
    seed : of the resampling
    minimum : fewest clients in a printed group, by default the policy's disclosure limit

    Notes
    -----
    All clients of the quarter are in it, those closed during it too, as in the KPIs CONTRIB and EVA.
    RAROC = contribution of clients with capital × (1 − t) × 365 ÷ D ÷ their capital; a client is under the hurdle h
    when its own is; its gap is h × capital × D ÷ 365 less its profit after tax.
    """
    basis = value_basis(portfolio)
    if isinstance(basis, Unavailable) or not basis.is_full:
        return basis if isinstance(basis, Unavailable) else _not_full(basis)
    panel = load_panel(portfolio, ["n_clients", *INPUTS], 1).set_index("client_id")
    if "economic_capital" not in panel or panel["economic_capital"].isna().all():
        return NO_CAPITAL
    register = portfolio.register.set_index("client_id").reindex(panel.index)
    least = minimum if minimum is not None else int(portfolio.policy.number("disclosure_min_clients"))
    grouping = group_clients(portfolio, register, by, minimum=least)
    groups = in_order(grouping.groups, by, portfolio.policy)
    codes = [group.code for group in groups]
    cells = np.asarray(grouping.codes.map({code: k for k, code in enumerate(codes)}), dtype=np.int64)
    columns = client_parts(panel, portfolio.policy, portfolio.quarter.days)
    sums = {name: exact_sums(columns[name], cells, len(codes)) for name in columns}
    table = pd.DataFrame(sums, index=pd.Index(codes, name=by))
    everyone = np.zeros(len(columns), dtype=np.int64)
    table.loc["total"] = [float(exact_sums(columns[name], everyone, 1)[0]) for name in columns]
    year = portfolio.policy.number("days_in_year") / portfolio.quarter.days
    return ContributionBridge(
        by=by,
        label=grouping.label,
        groups=groups,
        table=table.drop(columns="nopat_with_capital"),
        raroc=_returns(columns, cells, codes, year=year, seed=seed),
        risk_inputs=risk_inputs(portfolio),
        hurdle=portfolio.policy.number("raroc_hurdle"),
        cost_of_capital=portfolio.policy.number("cost_of_capital"),
        minimum=least,
    )


def in_order(groups: Sequence[Group], by: str, policy: Policy) -> tuple[Group, ...]:
    """Groups as they stand in a table: tiers from the top of the ladder down under their names, others as they come."""
    if by != "tier":
        return tuple(groups)
    tiers = {group.code: group for group in groups if group.kind == "group"}
    named = [replace(tiers[code], label=tier_name(policy, code)) for code in in_ladder_order(policy, tiers)]
    return (*named, *(group for group in groups if group.kind != "group"))


def _returns(
    columns: pd.DataFrame, cells: npt.NDArray[np.int64], codes: list[str], *, year: float, seed: int
) -> dict[str, Estimate | Unavailable]:
    """Return on capital by group and in total: yearly profit after tax over capital, of clients that use capital."""
    n = len(codes)
    member = np.eye(n)[cells]
    profit = member * columns["nopat_with_capital"].to_numpy(dtype=float)[:, None] * year
    capital = member * columns["capital"].to_numpy(dtype=float)[:, None]
    counts = np.column_stack([profit, capital])[columns["n_with_capital"].to_numpy() > 0]
    sizes = columns["n_with_capital"].groupby(cells).sum().reindex(range(n), fill_value=0.0)
    if len(counts) == 0:
        return dict.fromkeys([*codes, "total"], NO_BORROWERS)

    def statistic(sums: Floats) -> Floats:
        top = np.append(sums[:n], sums[:n].sum())
        bottom = np.append(sums[n:], sums[n:].sum())
        return np.asarray(np.divide(top, bottom, out=np.full(n + 1, np.nan), where=bottom > 0), dtype=np.float64)

    values = statistic(counts.sum(axis=0))
    draws = resampled(counts, statistic, seed=seed)
    n_clients = [*map(int, sizes), int(sizes.sum())]
    return {
        code: interval_of(float(values[k]), draws[:, k], n_clients[k], "ratio") if n_clients[k] else NO_BORROWERS
        for k, code in enumerate([*codes, "total"])
    }


def client_parts(panel: pd.DataFrame, policy: Policy, days: int) -> pd.DataFrame:
    """What each client adds to the columns of the bridge, index as the panel."""
    share = days / policy.number("days_in_year")
    tax = policy.number("tax_rate")
    charge = panel["economic_capital"] * policy.number("cost_of_capital") * share
    nopat = panel["contribution"] * (1 - tax)
    with_capital = has_capital(panel, policy)
    needed = policy.number("raroc_hurdle") * panel["economic_capital"] * share
    under = with_capital & (nopat < needed)
    losing = panel["contribution"] < 0
    return pd.DataFrame(
        {
            "n_clients": panel["n_clients"],
            "deposit_spread": panel["deposit_funds"] - panel["deposit_interest"],
            "loan_spread": panel["loan_interest"] - panel["loan_funds"],
            "fee": panel["fee"],
            "surcharges": -panel["surcharges"],
            "direct_cost": -panel["direct_cost"],
            "expected_loss": -panel["expected_loss"],
            "contribution": panel["contribution"],
            "tax": -panel["contribution"] * tax,
            "capital_charge": -charge,
            "eva": nopat - charge,
            "n_losing": losing.astype(float),
            "losing": panel["contribution"].where(losing, 0.0),
            "n_with_capital": with_capital.astype(float),
            "capital": panel["economic_capital"].where(with_capital, 0.0),
            "n_under": under.astype(float),
            "capital_under": panel["economic_capital"].where(under, 0.0),
            "gap": (needed - nopat).where(under, 0.0),
            "nopat_with_capital": nopat.where(with_capital, 0.0),
        }
    )


def _not_full(basis: ValueBasis) -> Unavailable:
    zh = "、".join(text.zh for text in basis.missing)
    en = ", ".join(text.en for text in basis.missing)
    return Unavailable(
        Text(
            f"缺{zh}，不能算到综合贡献与资本回报；客户价值改用{basis.label.zh}",
            f"without {en} there is no contribution or return on capital; client value is {basis.label.en} instead",
        )
    )


def risk_inputs(portfolio: Portfolio) -> tuple[Text, ...]:
    """Where default probability, loss given default and capital come from: the bank's columns, or what instead."""
    columns = ("default_prob", "loss_given_default")
    states = portfolio.table("loan_states")
    counts = {name: states[name].count() for name in columns}
    filled = portfolio.to_frame(states.aggregate(**counts, rows=states.count())).iloc[0]
    whole = int(filled["rows"])
    return (
        _source(Text("违约概率", "default probability"), int(filled["default_prob"]), whole, SCALE),
        _source(Text("违约损失率", "loss given default"), int(filled["loss_given_default"]), whole, POLICY_LOSS),
        Text(f"经济资本：{CAPITAL_PROXY.zh}", f"economic capital: {CAPITAL_PROXY.en}"),
    )


def _source(what: Text, n_own: int, whole: int, otherwise: Text) -> Text:
    """Whose numbers an input is: all the bank's, none of them, or partly."""
    if n_own == whole:
        return Text(f"{what.zh}：{OWN.zh}", f"{what.en}: {OWN.en}")
    if n_own == 0:
        return Text(f"{what.zh}：{otherwise.zh}", f"{what.en}: {otherwise.en}")
    return Text(f"{what.zh}：{OWN.zh}，缺者取{otherwise.zh}", f"{what.en}: {OWN.en}, else {otherwise.en}")


OWN = Text("银行自有", "the bank's own")
SCALE = Text("政策评级标尺", "the policy's rating scale")
POLICY_LOSS = Text("政策取值", "the policy's value")
CAPITAL_PROXY = Text("风险加权资产 × 资本占用比例（代理）", "risk-weighted assets × capital ratio, a proxy")
