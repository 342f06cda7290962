"""Regions by number of clients and by activity: the index as a figure, clients and money in the table behind it."""

from dataclasses import replace

from analysis.core.blocks import Block, Cell, Column, Figure, Missing, Ref, Sentence, Style, Table
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.core.units import Currency
from analysis.metrics.units import MarketShare
from analysis.portrait import Activity, Distribution
from analysis.portrait.activity import GroupActivity
from analysis.present.charts import Bars, Measure, Side, draw, plot_bars
from analysis.present.numbers import capital, number
from analysis.present.portrait import CHAPTER, MAX_BARS, distribution_blocks, distribution_table

INDEX = Text("户均收付笔数指数（全行均值为一）", "Entries a client, index (mean of the bank is one)")
ENTRIES = Text("本季户均收付笔数", "entries a client in the quarter")
ADJUSTED = Text("按规模结构调整后的指数", "index with the bank's mix of sizes")
MONTHS = Text("近一年户均有交易的月数", "months with an entry in the last year, a client")
Markets = tuple[MarketShare, ...]
MARKET_NAMES = {
    "deposits": Text("存款", "deposit"),
    "loans": Text("贷款", "loan"),
    "fees": Text("中间业务", "fee"),
}
KINDS = Text("产品类的有效种类数", "effective number of product families")


def place_blocks(
    found: Activity | Unavailable,
    spread: Distribution | Unavailable,
    markets: Markets | Unavailable,
    *,
    currency: Currency,
) -> tuple[Block | Unavailable, ...]:
    """The figure of activity where entries are known; clients and money alone where they are not.

    Parameters
    ----------
    markets : our share of each region's markets, in the workbook's table of the figure
    """
    if isinstance(found, Unavailable) or isinstance(spread, Unavailable) or len(_shown(found)) < 2:
        return distribution_blocks(spread, currency=currency)
    return (activity_figure(found, spread, () if isinstance(markets, Unavailable) else markets, currency=currency),)


def _shown(found: Activity) -> list[GroupActivity]:
    """Groups with a name of their own, the most active first."""
    named = [one for one in found.groups if one.group.kind == "group"]
    return sorted(named, key=lambda one: (-one.index, one.group.code))[:MAX_BARS]


def activity_figure(found: Activity, spread: Distribution, markets: Markets, *, currency: Currency) -> Figure:
    """Bars of the index, most active first, with clients and entries a client beside."""
    shown = _shown(found)
    data = Bars(
        labels=tuple(one.group.label for one in shown),
        values=tuple(one.index for one in shown),
        measure=Measure(INDEX, "decimal_2"),
        sides=(
            Side(Measure(Text("户数", "Clients"), "count"), tuple(float(one.group.n_clients) for one in shown)),
            Side(Measure(Text("户均笔数", "Entries a client"), "decimal_2"), tuple(one.entries for one in shown)),
        ),
    )
    return Figure(
        id=f"activity_{found.by}_figure",
        finding=_finding(found, shown),
        shows=Sentence.of(
            "各{by}客户本季户均收付笔数对全行均值的倍数，旁列户数与笔数",
            "Entries a client of each {by} over the bank's mean, with clients and entries beside",
            by=found.label,
        ),
        name=Text(f"客户活跃度按{found.label.zh}", f"Activity of clients by {found.label.en}"),
        note=Sentence.of(
            "全行户均 {mean} 笔；{mix}。工作簿另列按规模结构调整后的指数、有交易的月数、产品种类与金额。",
            "The bank's mean is {mean} entries a client. {mix}. The workbook adds the index with the bank's mix of sizes, active months, "
            "kinds of products and money.",
            mean=number(CHAPTER, f"activity.{found.by}.mean", found.entries, "decimal_2", ENTRIES, unit=False),
            mix=_mix_words(shown),
        ),
        alt=Text(
            f"条形图：各{found.label.zh}的户均收付笔数指数，从高到低",
            f"Bar chart: index of entries a client by {found.label.en}, highest first",
        ),
        images=draw(plot_bars, data),
        behind=_behind(found, spread, markets, currency=currency),
    )


def _index_ref(found: Activity, one: GroupActivity) -> Ref:
    label = one.group.label
    title = Text(f"{label.zh}：{INDEX.zh}", f"{label.en}: {INDEX.en}")
    return number(CHAPTER, f"activity.{found.by}.{one.group.code}.index", one.index, "decimal_2", title)


def _finding(found: Activity, shown: list[GroupActivity]) -> Sentence:
    """The most and the least active group."""
    top, low = shown[0], shown[-1]
    return Sentence.of(
        "本季{top}客户最活跃，户均收付为全行的 {high} 倍；{low}最低，为 {least} 倍",
        "{top} is the most active this quarter, {high} times the bank's entries a client; {low} the least, {least} times",
        top=capital(top.group.label),
        high=_index_ref(found, top),
        low=low.group.label,
        least=_index_ref(found, low),
    )


def _mix_words(shown: list[GroupActivity]) -> Text:
    """Whether the gap between the most and the least active stays once both have the bank's mix of sizes."""
    top, low = shown[0], shown[-1]
    adjusted = top.index_within_size, low.index_within_size
    if isinstance(adjusted[0], Unavailable) or isinstance(adjusted[1], Unavailable) or top.index <= low.index:
        return Text("规模结构的影响无法扣除", "The mix of sizes cannot be set aside")
    if (adjusted[0] - adjusted[1]) / (top.index - low.index) >= 0.5:
        return Text("调整规模结构后差距仍在", "The gap stays with equal mixes of sizes")
    return Text("差距主要来自规模结构", "The gap is mostly one of sizes")


def _behind(found: Activity, spread: Distribution, markets: Markets, *, currency: Currency) -> Table:
    """Clients and money of each group, its activity, and our share of its markets with the source of their totals."""
    base = distribution_table(spread, currency=currency)
    assert isinstance(base, Table)  # spread is a distribution
    extra = (
        Column("entries", capital(ENTRIES), "decimal_2"),
        Column("index", INDEX, "decimal_2"),
        Column("adjusted", capital(ADJUSTED), "decimal_2"),
        Column("months", capital(MONTHS), "decimal_2"),
        Column("kinds", capital(KINDS), "decimal_2"),
    )
    by_code = {one.group.code: one for one in found.groups}
    codes = ["total", *spread.codes()]
    names = [Text("合计", "total"), *(group.label for group in spread.groups)]
    rows = tuple(
        replace(
            row, cells={**row.cells, **_activity_cells(found, by_code.get(code)), **_market_cells(markets, code, name)}
        )
        for row, code, name in zip(base.rows, codes, names, strict=True)
    )
    return replace(base, columns=(*base.columns, *extra, *_market_columns(markets)), rows=rows)


def _products(markets: Markets) -> list[str]:
    return sorted({one.product for one in markets})


def _market_columns(markets: Markets) -> tuple[Column, ...]:
    """A share and its change for each market, then who published the totals; nothing without markets."""
    columns = tuple(
        column
        for product in _products(markets)
        for column in (
            Column(f"market_{product}", _market_label(product), "percent"),
            Column(f"market_{product}_change", Text("同比", "on the year"), "points"),
        )
    )
    return (
        (*columns, Column("market_source", Text("市场总额来源", "Source of market totals"), "words")) if markets else ()
    )


def _market_label(product: str) -> Text:
    name = MARKET_NAMES.get(product, Text(product, product))
    return Text(f"{name.zh}市场份额", f"Share of the {name.en} market")


def _market_cells(markets: Markets, region: str, name: Text) -> dict[str, Cell]:
    """Our share of each market of a region and its change on a year ago; nothing for a total or a region without one."""
    cells: dict[str, Cell] = {}
    for one in markets:
        if one.region != region:
            continue
        cells["market_source"] = one.source or Missing(Text("未注明来源", "no source is given"))
        if isinstance(one.share, Unavailable):
            cells[f"market_{one.product}"] = Missing(one.share.reason)
            continue
        label = _market_label(one.product)
        title = Text(f"{name.zh}：{label.zh}", f"{name.en}: {label.en}")
        cells[f"market_{one.product}"] = number(CHAPTER, f"market.{region}.{one.product}", one.share, "percent", title)
        if isinstance(one.share_before, Unavailable):
            cells[f"market_{one.product}_change"] = Missing(one.share_before.reason)
        else:
            cells[f"market_{one.product}_change"] = one.share - one.share_before
    return cells


def _activity_cells(found: Activity, one: GroupActivity | None) -> dict[str, Cell]:
    if one is None:
        total = {"entries": found.entries, "months": found.active_months, "index": 1.0}
        none = Missing(Text("合计不作调整", "nothing to adjust in the total"))
        return {**total, "adjusted": none, "kinds": none}

    def fact(key: str, value: float | Unavailable, what: Text, style: Style = "decimal_2") -> Cell:
        if isinstance(value, Unavailable):
            return Missing(value.reason)
        title = Text(f"{one.group.label.zh}：{what.zh}", f"{one.group.label.en}: {what.en}")
        return number(CHAPTER, f"activity.{found.by}.{one.group.code}.{key}", value, style, title)

    return {
        "entries": fact("entries", one.entries, ENTRIES),
        "index": _index_ref(found, one),
        "adjusted": fact("adjusted", one.index_within_size, ADJUSTED),
        "months": fact("months", one.active_months, MONTHS),
        "kinds": fact("kinds", one.kinds, KINDS),
    }
