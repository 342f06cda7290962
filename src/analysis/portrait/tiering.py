"""Diagnosis of the present tiering: is everybody in it, does it follow its rule, does it tell clients apart?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from analysis.core.association import Separation, cramers_v, separation
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.features.groups import DIMENSIONS, group_codes, group_label
from analysis.intake.portfolio import Portfolio
from analysis.metrics.panel import load_panel
from analysis.portrait.eighty_twenty import value_measure
from analysis.portrait.rates import wilson
from analysis.portrait.tier_rule import NO_TIERS, RuleCheck, check_rule

VALUE = ("contribution", "deposit_avg", "loan_avg")
BEHAVIOUR = ("n_entries", "amount_settled", "n_families")
CRITERIA = ("tier", "size_class", "industry", "region", "stage", "ownership")
"""Columns of the register that could sort clients by value, the tier in force first."""
LITTLE = 0.06
"""Cohen (1988, section 8.2) calls 6 % of the variance a medium difference; a tiering that tells less of their worth
is no ground for a service of its own. Revisit when the bank sets a target."""

WEAK_LINK = 0.2
"""A Cramér's V under this is under a medium link (Cohen 1988, section 7.2: w = 0.3 over three classes or more is 0.21):
service then hardly follows the tier."""

NO_VALUE = Unavailable(Text("数据源没有可衡量客户价值的金额", "the source has no amount to measure clients' worth by"))
NO_TEAMS = Unavailable(
    Text("数据源没有客户经理团队，无法看服务差异", "the source has no teams of managers, so service cannot be compared")
)
NO_MANAGER = "none"


@dataclass(frozen=True)
class TierDiagnosis:
    """What can be said of the tiers in force.

    Parameters
    ----------
    coverage : share of clients with a tier
    sizes : clients by tier, index tier code
    rule : against the written standard
    separations : by measure, what the tiers explain of its ranks (between tiers; the rest lies within)
    criteria : by column of the register, what its groups explain of the ranks of the value measure
    value : measure by which criteria are compared
    service : strength of the link between tier and team of the client's manager, from 0 to 1
    teams : share of clients by tier (rows) and team (columns); rows add up to one
    """

    n_clients: int
    coverage: Estimate
    sizes: "pd.Series[int]"
    labels: Mapping[str, Text]
    rule: RuleCheck | Unavailable
    separations: Mapping[str, Separation | Unavailable]
    criteria: Mapping[str, Separation | Unavailable]
    value: str
    service: Estimate | Unavailable
    teams: pd.DataFrame | None

    @property
    def of_value(self) -> Separation | Unavailable:
        """What the tiers explain of the clients' worth."""
        return self.criteria["tier"]

    @property
    def is_informative(self) -> bool | Unavailable:
        """Whether the tiers tell more about the clients' worth than random tiers of the same sizes."""
        found = self.of_value
        return found if isinstance(found, Unavailable) else found.is_beyond_chance

    @property
    def best_criterion(self) -> str | Unavailable:
        """The column that explains most of the clients' worth."""
        known = {name: one.explained.estimate for name, one in self.criteria.items() if isinstance(one, Separation)}
        return max(known, key=lambda name: known[name]) if known else NO_VALUE


def diagnose_tiers(portfolio: Portfolio, *, seed: int) -> TierDiagnosis | Unavailable:
    """Coverage, agreement with the written rule, separation of value and behaviour, and whether service follows.

    Parameters
    ----------
    seed : of the resamples and permutations

    Notes
    -----
    Separation is η² on ranks, because money is so skewed that a few giants would decide it otherwise. `by_chance` is
    what random tiers of the same sizes stay under in 95 of 100 draws.
    """
    clients = corporate_clients(portfolio)
    tiers = clients["tier"].dropna().astype("str")
    if tiers.empty:
        return NO_TIERS
    value = value_measure(portfolio)
    names = tuple(dict.fromkeys((*VALUE, *BEHAVIOUR, *([value] if value else []))))
    panel = load_panel(portfolio, names, 1).set_index("client_id").reindex(clients.index)
    known = [name for name in names if name in panel and panel[name].notna().any()]
    ranks = pd.DataFrame({name: ranked(panel[name].fillna(0.0)) for name in known}, index=clients.index)
    coverage = wilson(len(tiers), len(clients))
    assert isinstance(coverage, Estimate)  # somebody has a tier
    service, teams = _service(portfolio, clients, tiers)
    sizes = tiers.value_counts().sort_index()
    separations = {name: separation(ranks.loc[tiers.index, name], tiers, seed=seed) for name in known}
    return TierDiagnosis(
        len(clients),
        coverage,
        sizes,
        {code: group_label(portfolio, "tier", code) for code in sizes.index},
        check_rule(portfolio),
        separations,
        {"tier": separations.get(value, NO_VALUE)} | _criteria(portfolio, clients, ranks, value, seed),
        value,
        service,
        teams,
    )


def ranked(values: "pd.Series[float]") -> npt.NDArray[np.float64]:
    """Ranks, ties sharing their mean rank."""
    return np.asarray(rankdata(values.to_numpy(dtype=float)), dtype=np.float64)


def _criteria(
    portfolio: Portfolio, clients: pd.DataFrame, ranks: pd.DataFrame, value: str, seed: int
) -> dict[str, Separation | Unavailable]:
    """What each other column explains of the clients' worth, over the clients that have it."""
    found: dict[str, Separation | Unavailable] = {}
    for by in CRITERIA[1:]:
        codes = group_codes(portfolio, clients, by)
        known = codes.index[(codes != "unclassified").to_numpy()]
        if value:
            found[by] = separation(ranks.loc[known, value], codes[known], seed=seed)
        else:
            found[by] = NO_VALUE
    return found


def _service(
    portfolio: Portfolio, clients: pd.DataFrame, tiers: pd.Series
) -> tuple[Estimate | Unavailable, pd.DataFrame | None]:
    """Link between tier and team of the manager, and the share of each team in each tier."""
    if not portfolio.has("staff") or clients["manager_id"].isna().all():
        return NO_TEAMS, None
    staff = portfolio.to_frame(portfolio.table("staff").select("staff_id", "quarter", "team"))
    team_of = staff.sort_values("quarter").groupby("staff_id")["team"].last()
    if team_of.isna().all():
        return NO_TEAMS, None
    teams = clients.loc[tiers.index, "manager_id"].map(team_of).astype("str").fillna(NO_MANAGER)
    return cramers_v(tiers, teams), pd.crosstab(tiers, teams, normalize="index")


def criterion_label(by: str) -> Text:
    """Name of a criterion."""
    return DIMENSIONS[by]
