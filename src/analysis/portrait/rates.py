"""Default rates of a book of loans with known outcomes, by group, with their intervals."""

from dataclasses import dataclass

from statsmodels.stats.proportion import proportion_confint

from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.portfolio import Portfolio
from analysis.metrics.panel import load_panel
from analysis.portrait.grouping import Group, group_clients

WILSON = Text("Wilson 得分区间", "Wilson score interval")
NO_OUTCOMES = Unavailable(
    Text("数据源没有贷款最终结果，不列违约率", "the source has no final outcome of loans, so there is no default rate")
)
SEEN_BY_STATES = Unavailable(
    Text("贷款逐月有状态，资产质量看不良率", "loans are followed month by month, so their quality is the bad-loan rate")
)
NONE_KNOWN = Unavailable(Text("没有已知结果的贷款", "no loan with a known outcome"))


@dataclass(frozen=True, slots=True)
class GroupRate:
    """Default rate of one group: charged off among loans with a known outcome."""

    group: Group
    n_known: int
    n_charged_off: int
    rate: Estimate | Unavailable


@dataclass(frozen=True)
class DefaultRates:
    """Default rates by one column of the register, and of the whole book.

    Parameters
    ----------
    groups : in the order of the distribution
    total : of all loans with a known outcome
    """

    by: str
    label: Text
    groups: tuple[GroupRate, ...]
    n_known: int
    n_charged_off: int
    total: Estimate


def wilson(n_charged_off: int, n_known: int) -> Estimate | Unavailable:
    """Share with a 95 % Wilson score interval.

    References
    ----------
    Wilson (1927), JASA 22, 209–212; recommended for single proportions by Newcombe (1998), Statistics in Medicine 17.

    Examples
    --------
    >>> rate = wilson(81, 263)
    >>> round(rate.ci_low, 4), round(rate.ci_high, 4)
    (0.2553, 0.3662)
    """
    if n_known == 0:
        return NONE_KNOWN
    low, high = proportion_confint(n_charged_off, n_known, alpha=0.05, method="wilson")
    share = n_charged_off / n_known
    return Estimate(share, min(float(low), share), max(float(high), share), n_known, "ratio", WILSON)


def default_rates(portfolio: Portfolio, by: str) -> DefaultRates | Unavailable:
    """Charged off ÷ known outcomes of every group, small groups merged as in the distribution.

    Parameters
    ----------
    by : a key of `analysis.features.groups.DIMENSIONS`
    """
    if portfolio.has("loan_states"):
        return SEEN_BY_STATES
    clients = corporate_clients(portfolio)
    panel = load_panel(portfolio, ["n_known", "n_charged_off"], 1).set_index("client_id")
    if not {"n_known", "n_charged_off"} <= set(panel.columns):
        return NO_OUTCOMES
    counts = panel[["n_known", "n_charged_off"]].reindex(clients.index).fillna(0.0)
    if counts["n_known"].sum() == 0:
        return NO_OUTCOMES
    grouping = group_clients(portfolio, clients, by, minimum=int(portfolio.policy.number("disclosure_min_clients")))
    sums = counts.groupby(grouping.codes).sum()

    def rate(group: Group) -> GroupRate:
        known, lost = int(sums["n_known"][group.code]), int(sums["n_charged_off"][group.code])
        return GroupRate(group, known, lost, wilson(lost, known))

    known, lost = int(counts["n_known"].sum()), int(counts["n_charged_off"].sum())
    total = wilson(lost, known)
    assert isinstance(total, Estimate)  # known is positive
    return DefaultRates(by, grouping.label, tuple(map(rate, grouping.groups)), known, lost, total)
