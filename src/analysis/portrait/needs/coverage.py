"""How far products reach: share of clients of each group that uses a product of each need, now and a year ago."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.core.disclosure import suppress_parts
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.portfolio import Portfolio
from analysis.metrics.holdings import products_held
from analysis.portrait.grouping import Grouping, group_clients
from analysis.portrait.needs.adoption import marked_needs
from analysis.portrait.needs.taxonomy import load_taxonomy

Floats = npt.NDArray[np.float64]

NO_POSITIONS = Unavailable(
    Text("数据源没有产品持有，无法计算产品覆盖", "the source has no holdings, so coverage cannot be computed")
)
NOT_THERE = Unavailable(Text("一年前没有数据", "there are no data of a year ago"))


@dataclass(frozen=True)
class Coverage:
    """Use of products by need and group.

    Parameters
    ----------
    needs : those that a product of the catalogue serves
    share : ndarray (n_needs, n_groups), users ÷ clients of the group
    hidden : cells below the disclosure limit, with those that would give them away
    is_few : needs whose products fewer clients than the limit use; their whole row is hidden
    total : share over all clients
    before : the same a year ago
    """

    needs: tuple[str, ...]
    grouping: Grouping
    n_clients: int
    share: Floats
    hidden: npt.NDArray[np.bool_]
    is_few: npt.NDArray[np.bool_]
    total: Floats
    before: Floats | Unavailable


def product_coverage(portfolio: Portfolio, *, by: str = "size_class") -> Coverage | Unavailable:
    """Share of clients that use a product of each need, by group of clients.

    Parameters
    ----------
    by : a column of the register; small groups are merged
    """
    if not portfolio.has("positions"):
        return NO_POSITIONS
    taxonomy = load_taxonomy(portfolio.policy)
    needs = tuple(code for code in taxonomy.codes if code in taxonomy.has_product)
    minimum = int(portfolio.policy.number("disclosure_min_clients"))
    clients = corporate_clients(portfolio)
    grouping = group_clients(portfolio, clients, by, minimum=minimum)
    held = marked_needs(products_held(portfolio), clients.index, needs, taxonomy)
    member = np.column_stack([(grouping.codes == group.code).to_numpy() for group in grouping.groups]).astype(float)
    users, n = held.T.astype(float) @ member, member.sum(axis=0)
    year_ago = portfolio.quarter.same_quarter_last_year
    is_few = users.sum(axis=1) < minimum
    before: Floats | Unavailable = NOT_THERE
    if year_ago >= portfolio.first_quarter:
        earlier = portfolio.at(year_ago)
        then = corporate_clients(earlier).index
        before = np.asarray(marked_needs(products_held(earlier), then, needs, taxonomy).mean(axis=0))
    return Coverage(
        needs,
        grouping,
        len(clients),
        users / n,
        np.array([suppress_parts(row, minimum) | suppress_parts(n - row, minimum) for row in users]) | is_few[:, None],
        is_few,
        np.asarray(held.mean(axis=0)),
        before,
    )
