"""What clients prefer: traditional or emerging products, which channel. What they use and what they say stand apart."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.core.estimate import Estimate, Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.policy import Policy
from analysis.intake.portfolio import Portfolio
from analysis.metrics.definitions import FAMILIES
from analysis.metrics.panel import load_panel
from analysis.portrait.grouping import Group, Grouping, group_clients
from analysis.portrait.open_needs import open_needs
from analysis.portrait.rates import wilson

GREEN = "green_loan"
NO_PRODUCTS = Unavailable(Text("数据源没有产品持有", "the source has no products held"))
NO_INTEREST = Unavailable(
    Text("数据源没有需求记录，客户自述的偏好不可得", "the source has no needs, so what clients say is not known")
)
NO_CHANNELS = Unavailable(Text("数据源没有分渠道的交易", "the source has no entries by channel"))
NO_SURVEY = Unavailable(Text("数据源没有问卷中的偏好渠道", "the source has no preferred channel from surveys"))
FEW = Unavailable(Text("客户少于披露下限", "fewer clients than the disclosure limit"))


@dataclass(frozen=True, slots=True)
class GroupPreference:
    """What the clients of one group use and ask for.

    Parameters
    ----------
    take_up : share of clients that hold at least one emerging product
    share_of_use : emerging among all product families held, from 0 to 1
    index : take-up over that of all clients; 1 is the bank's mean
    interest : share of the clients with an open need that name an emerging one
    """

    group: Group
    take_up: Estimate
    share_of_use: float
    index: float | Unavailable
    interest: Estimate | Unavailable


@dataclass(frozen=True)
class Preference:
    """Use of emerging products and channels, by one column of the register.

    Parameters
    ----------
    take_up : of all clients now; `before` a year ago, unavailable where the data begin later
    products : share of clients that hold each emerging product now
    interest : what all clients with an open need ask for
    channels : share of entries by channel in the quarter (rows add up to one), and the digital ones together
    stated_channels : share of answers by preferred channel, of those who answered a survey in the last year
    """

    by: str
    label: Text
    groups: tuple[GroupPreference, ...]
    take_up: Estimate
    before: float | Unavailable
    products: Mapping[str, Estimate]
    names: Mapping[str, Text]
    interest: Estimate | Unavailable
    channels: Mapping[str, float] | Unavailable
    digital: float | Unavailable
    digital_before: float | Unavailable
    stated_channels: Mapping[str, float] | Unavailable
    n_answers: int


def preference_by(portfolio: Portfolio, by: str = "size_class") -> Preference | Unavailable:
    """Take-up of emerging products by group, interest in them, and channels used and preferred.

    Parameters
    ----------
    by : a key of `analysis.features.groups.DIMENSIONS`
    """
    clients = corporate_clients(portfolio)
    limit = int(portfolio.policy.number("disclosure_min_clients"))
    if len(clients) < limit:
        return FEW
    held = holdings(portfolio)
    if held is None:
        return NO_PRODUCTS
    kinds = {row["id"]: row["kind"] for row in portfolio.policy.table("product_kinds")}
    emerging = [str(name) for name in held if kinds.get(name) == "emerging"]
    uses = held[emerging].any(axis=1)
    overall = wilson(int(uses.sum()), len(uses))
    assert isinstance(overall, Estimate)  # there are clients
    names = {row["id"]: Text.of(row) for row in portfolio.policy.table("product_kinds")}
    grouping = group_clients(portfolio, clients, by, minimum=limit)
    asks = _asks_for_emerging(portfolio, clients)
    digital, channels = channel_mix(portfolio, portfolio.quarter)
    year_ago = portfolio.quarter.same_quarter_last_year
    stated, n_answers = _stated_channels(portfolio, limit)
    return Preference(
        by,
        grouping.label,
        tuple(_group(group, grouping, held, uses, emerging, asks, overall, limit) for group in grouping.groups),
        overall,
        _take_up_at(portfolio, year_ago, kinds),
        {name: _share(held[name]) for name in emerging},
        names,
        NO_INTEREST if asks is None else wilson(int(asks.sum()), len(asks)),
        channels,
        digital,
        channel_mix(portfolio, year_ago)[0],
        stated,
        n_answers,
    )


def holdings(portfolio: Portfolio) -> pd.DataFrame | None:
    """Whether each client holds each product family at the quarter's end, green loans as one of their own."""
    clients = corporate_clients(portfolio)
    names = [f"holds_{family}" for family in FAMILIES]
    panel = load_panel(portfolio, names, [portfolio.quarter]).set_index("client_id").drop(columns="quarter")
    if panel.empty or not len(panel.columns):
        return None
    held = panel.reindex(clients.index).fillna(0.0) > 0
    held.columns = held.columns.str.removeprefix("holds_")
    if "loan" in held and clients["is_green"].notna().any():
        held[GREEN] = held["loan"] & clients["is_green"].fillna(value=False).astype(bool)
    return held


def _group(
    group: Group,
    grouping: Grouping,
    held: pd.DataFrame,
    uses: "pd.Series[bool]",
    emerging: list[str],
    asks: "pd.Series[bool] | None",
    overall: Estimate,
    limit: int,
) -> GroupPreference:
    inside = (grouping.codes == group.code).to_numpy()
    n_held = int(held[inside].drop(columns=GREEN, errors="ignore").to_numpy().sum())
    n_emerging = int(held.loc[inside, [name for name in emerging if name != GREEN]].to_numpy().sum())
    take_up = wilson(int(uses[inside].sum()), int(inside.sum()))
    assert isinstance(take_up, Estimate)  # no group is empty
    interest: Estimate | Unavailable = NO_INTEREST
    if asks is not None:
        named = asks[asks.index.isin(grouping.codes.index[inside])]
        interest = wilson(int(named.sum()), len(named)) if len(named) >= limit else FEW
    index = take_up.estimate / overall.estimate if overall.estimate > 0 else NO_USE
    return GroupPreference(group, take_up, n_emerging / n_held if n_held else 0.0, index, interest)


NO_USE = Unavailable(
    Text("没有客户使用新兴产品，指数无意义", "no client uses an emerging product, so an index has no meaning")
)


def _share(flags: "pd.Series[bool]") -> Estimate:
    found = wilson(int(flags.sum()), len(flags))
    assert isinstance(found, Estimate)  # there are clients
    return found


def _take_up_at(portfolio: Portfolio, quarter: Quarter, kinds: Mapping[str, str]) -> float | Unavailable:
    """Share of the clients of an earlier quarter that held an emerging product then."""
    if quarter < portfolio.first_quarter:
        return Unavailable(
            Text(
                f"数据始于 {portfolio.first_quarter}，没有一年前",
                f"the data begin in {portfolio.first_quarter}: no year before",
            )
        )
    held = holdings(portfolio.at(quarter))
    if held is None or held.empty:
        return NO_PRODUCTS
    return float(held[[name for name in held if kinds.get(str(name)) == "emerging"]].any(axis=1).mean())


def _asks_for_emerging(portfolio: Portfolio, clients: pd.DataFrame) -> "pd.Series[bool] | None":
    """Of each client with an open need, whether one of them is emerging."""
    rows = open_needs(portfolio)
    if rows is None:
        return None
    codes = {row["id"] for row in portfolio.policy.table("emerging_needs")}
    rows = rows[rows["client_id"].isin(clients.index)]
    return rows["need"].isin(codes).groupby(rows["client_id"]).any()


def channel_mix(
    portfolio: Portfolio, quarter: Quarter
) -> tuple[float | Unavailable, Mapping[str, float] | Unavailable]:
    """Share of entries of a quarter that came over a digital channel, and the share of each channel."""
    if not portfolio.has("transactions"):
        return NO_CHANNELS, NO_CHANNELS
    table = portfolio.table("transactions")
    rows = table.filter(table["month"].isin(list(quarter.months)))
    counted = rows.group_by("channel").aggregate(
        n=(rows["n_in"].fill_null(0) + rows["n_out"].fill_null(0)).sum().cast("int64")
    )
    frame = portfolio.to_frame(counted).set_index("channel")["n"].sort_index()
    total = int(frame.sum())
    if total <= 0:
        return NO_CHANNELS, NO_CHANNELS
    shares = {str(channel): int(n) / total for channel, n in frame.items()}
    digital = digital_codes(portfolio.policy)
    return sum(share for channel, share in shares.items() if channel in digital), shares


def digital_codes(policy: Policy) -> set[str]:
    """Channels that count as digital."""
    return {str(row["id"]) for row in policy.table("digital_channels")}


def _stated_channels(portfolio: Portfolio, limit: int) -> tuple[Mapping[str, float] | Unavailable, int]:
    """Preferred channel of those who answered in the last year, the latest answer of each client."""
    if not portfolio.has("surveys"):
        return NO_SURVEY, 0
    rows = portfolio.to_frame(portfolio.table("surveys").select("client_id", "date", "channel_preferred")).dropna()
    rows = rows[rows["date"] > pd.Timestamp(portfolio.quarter.same_quarter_last_year.end)]
    latest = rows.sort_values(["client_id", "date"]).groupby("client_id")["channel_preferred"].last()
    if len(latest) < limit:
        return NO_SURVEY, len(latest)
    counts = latest.value_counts().sort_index()
    return {str(channel): int(n) / len(latest) for channel, n in counts.items() if n >= limit}, len(latest)
