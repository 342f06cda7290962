"""Changes that cannot mislead: the bridge of a KPI by tier, and operating revenue by price and volume."""

from collections.abc import Sequence

from analysis.core.blocks import (
    Block,
    Cell,
    Column,
    Figure,
    Missing,
    Ref,
    Row,
    Sentence,
    Style,
    Suppressed,
    Table,
)
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.core.units import Currency
from analysis.metrics import METRICS
from analysis.portrait.bridge import ITEMS, Bridge, BridgeRow
from analysis.portrait.price_volume import PARTS, Part, PriceVolume
from analysis.present.charts import Measure, Step, Waterfall, draw, plot_waterfall
from analysis.present.format import unit_word
from analysis.present.numbers import capital, number
from analysis.present.sentences.bridges import (
    CHANGE_OF,
    CHAPTER,
    ITEM_WORDS,
    PART_CODES,
    WHOLE,
    bridge_finding,
    bridge_ref,
    growth_ref,
    part_ref,
    price_volume_finding,
    revenue_ref,
    short,
)

FLOWS = ("organic", "moved_in", "moved_out", "new", "lost")
_MINUS = ("moved_out", "lost")


def unit_of(style: Style, currency: Currency) -> Text:
    """The unit a style prints in, counts in clients."""
    if style == "count":
        return Text("户", "clients")
    return Text(unit_word(style, "zh", currency), unit_word(style, "en", currency))


# --- bridge ---------------------------------------------------------------------------------------------------------


def bridge_blocks(found: Bridge | Unavailable, *, currency: Currency) -> tuple[Block, ...]:
    """The waterfall of the tier that moved most, and the table of all tiers; nothing where the chapter names why."""
    if isinstance(found, Unavailable):
        return ()
    return bridge_figure(found, currency=currency), bridge_table(found, currency=currency)


def shown_tier(found: Bridge) -> BridgeRow:
    """The tier whose list changed most for its size, of those that may be printed; all clients where there is none."""
    rows = [row for row in found.rows if not row.hidden and row.start > 0]
    return max(rows, key=lambda row: abs(row.end - row.start - row.organic) / row.start, default=found.total)


def bridge_figure(found: Bridge, *, currency: Currency) -> Figure:
    """What changed one tier, drawn from zero; both levels are told above."""
    metric, row = METRICS[found.code], shown_tier(found)
    steps = [
        Step(capital(_plain(item)), row.amount(item) * (-1 if item in _MINUS else 1)) for item in ITEMS if item in FLOWS
    ]
    steps.append(Step(Text("合计变动", "Change"), row.end - row.start, "total"))
    style = CHANGE_OF.get(metric.style, "money_large_change")
    measure = Measure(
        Text(f"{metric.name.zh}变动", f"Change of {short(metric).en}"), style, _count_unit(style), currency
    )
    return Figure(
        id=f"bridge_{found.code}_figure",
        finding=bridge_finding(found, row),
        shows=Sentence.of(
            "{tier}{name}的变动，{unit}：由 {start}到 {end}",
            "Change of {name}, {tier}, {unit}: from {start} to {end}",
            tier=row.label,
            name=short(metric),
            unit=unit_of(metric.style, currency),
            start=bridge_ref(found, row, "start"),
            end=bridge_ref(found, row, "end"),
        ),
        name=Text(f"{metric.name.zh}变动的来源", f"Where the change of {short(metric).en} comes from"),
        note=Sentence.of(
            "内生增长按期初名单计，层级变动的客户仍在期初层级；调入、调出按客户现在的金额计，各层级相抵。图为名单变动相对期初最大的层级。",
            "Own growth is that of the clients of the opening, in their tier of then; moves count what a client holds now and "
            "cancel over all tiers. Drawn is the tier whose list changed most against its opening.",
        ),
        alt=Text(
            f"瀑布图：{row.label.zh}{metric.name.zh}由期初到期末，内生增长、调入、调出、新增与流失",
            f"Waterfall: {short(metric).en} of {row.label.en} from the opening to now: own growth, moves, new and lost",
        ),
        images=draw(plot_waterfall, Waterfall(tuple(steps), measure, measure)),
        behind=_behind(f"bridge_{found.code}_numbers", metric.name, steps, style, currency),
        metrics=(found.code,),
    )


def _count_unit(style: Style) -> Text:
    return Text("户", "clients") if style.startswith("count") else Text("", "")


def _plain(item: str) -> Text:
    """An item without the words plus and less, for a chart that has signs."""
    words = ITEM_WORDS[item]
    return Text(words.zh.split("：")[-1], words.en.split(": ")[-1])


def _behind(id: str, title: Text, steps: Sequence[Step], style: Style, currency: Currency) -> Table:
    columns = (Column("step", Text("项目", "Item"), "words"), Column("value", Text("金额", "Amount"), style))
    rows = tuple(Row({"step": capital(step.label), "value": step.value}) for step in steps)
    note = Sentence.of("各项之和等于合计变动。", "The items add up to the change.")
    return Table(id, Text(f"{title.zh}变动", f"Change of {title.en}"), unit_of(style, currency), columns, rows, note)


def bridge_table(found: Bridge, *, currency: Currency) -> Table:
    """Every tier from the opening to now, with growth on the present and on the fixed list; all clients first."""
    metric = METRICS[found.code]
    rows_of = (found.total, *found.rows)
    columns = (
        Column("item", Text("项目", "Item"), "words"),
        *(Column(row.tier, capital(row.label), metric.style) for row in rows_of),
    )
    lines = [
        Row(
            {"item": capital(ITEM_WORDS[item])}
            | {row.tier: Suppressed() if item in row.hidden else bridge_ref(found, row, item) for row in rows_of},
            "total" if item in ("start", "end") else "normal",
        )
        for item in ITEMS
    ]
    for which, words in (
        ("current", Text("现名单增长", "Growth, present list")),
        ("fixed", Text("固定名单增长", "Growth, fixed list")),
    ):
        lines.append(Row({"item": words} | {row.tier: _growth_cell(found, row, which) for row in rows_of}))
    note = Sentence.of(
        "期初加各项等于期末，逐列闭合。现名单增长受客户调级影响；固定名单增长只看期初名单上的客户，含其后流失者。* 为户数少或少数大户占比过高而不列，或可由其推出。",
        "The opening plus the items is the end, in every column. Growth of the present list moves with the tiers; that of the "
        "fixed list is of the clients of the opening, those lost included. * few clients or few large ones, or would tell of such.",
    )
    title = Text(
        f"{metric.name.zh}：{found.start} 至 {found.end} 分层级变动",
        f"{metric.name.en} by tier, {found.start} to {found.end}",
    )
    return Table(
        f"bridge_{found.code}", title, unit_of(metric.style, currency), columns, tuple(lines), note, (found.code,)
    )


def _growth_cell(found: Bridge, row: BridgeRow, which: str) -> Cell:
    if {"start", "end"} & row.hidden or (which == "fixed" and {"organic", "lost"} & row.hidden):
        return Suppressed()
    ref = growth_ref(found, row, which)
    return Missing(ref.fact.reason) if ref.fact.value is None and ref.fact.reason else ref


# --- price and volume -----------------------------------------------------------------------------------------------


def price_volume_blocks(found: PriceVolume | Unavailable, *, currency: Currency) -> tuple[Block, ...]:
    """The waterfall of operating revenue, its numbers behind it; nothing where the chapter names why."""
    return () if isinstance(found, Unavailable) else (price_volume_figure(found, currency=currency),)


def price_volume_figure(found: PriceVolume, *, currency: Currency) -> Figure:
    """Volume, mix, margin and fees, drawn from zero; both levels are told above."""
    together = found.together()
    steps = [Step(capital(WHOLE[part]), value) for part, value in together.items() if part != "days" or value != 0]
    steps.append(Step(Text("合计变动", "Change"), found.change, "total"))
    measure = Measure(Text("营业净收入变动", "Change of operating revenue"), "money_large_change", currency=currency)
    spreads = _spreads(found)
    note = Sentence.of(
        "规模按期初利差计；结构为产品与层级占比的变化；利差为各产品与层级 FTP 利差的变化；客户留在期初层级。",
        "Volume at the spread of the opening; mix: shares of products and tiers; margin: spreads at funds prices of each "
        "product and tier; clients stay in their tier of the opening.",
    )
    return Figure(
        id="price_volume_figure",
        finding=price_volume_finding(found),
        shows=Sentence.of(
            "营业净收入的变动，{unit}：由 {before}到 {after}",
            "Change of operating revenue, {unit}: from {before} to {after}",
            unit=unit_of("money_large", currency),
            before=revenue_ref(found, "before"),
            after=revenue_ref(found, "after"),
        ),
        name=Text("营业净收入的量价拆分", "Operating revenue by price and volume"),
        note=note + spreads if spreads else note,
        alt=Text(
            "瀑布图：营业净收入由上年同期到本期，规模、结构、利差与中间业务",
            "Waterfall: operating revenue from a year ago to now: volume, mix, margin and fees",
        ),
        images=draw(plot_waterfall, Waterfall(tuple(steps), measure, measure)),
        behind=price_volume_table(found, currency=currency),
        metrics=("OPREV",),
    )


def _spreads(found: PriceVolume) -> Sentence | None:
    """Spread of loans and of deposits then and now."""
    refs: dict[str, Ref | Text | str] = {}
    for family, words in (
        ("loan", Text("贷款利差", "spread of loans")),
        ("deposit", Text("存款利差", "spread of deposits")),
    ):
        prices = found.families[family]
        for when, value in (("before", prices.spread_before), ("after", prices.spread_after)):
            if isinstance(value, Unavailable):
                return None
            quarter = str(found.start) if when == "before" else ""
            key = f"price_volume.{family}.spread_{when}"
            refs[f"{family}_{when}"] = number(
                CHAPTER, key, value, "percent", words, metric="PV_MARGIN", quarter=quarter
            )
    return Sentence.of(
        "贷款利差由 {loan_before} 变为 {loan_after}，存款利差由 {deposit_before} 变为 {deposit_after}。",
        "Spread of loans from {loan_before} to {loan_after}, of deposits from {deposit_before} to {deposit_after}.",
        **refs,
    )


_PART_OF: dict[Part, str] = {
    "loan_volume": "volume", "deposit_volume": "volume", "mix": "mix", "loan_margin": "margin", "deposit_margin": "margin",
    "fee": "fee", "days": "days",
}  # fmt: skip


def price_volume_table(found: PriceVolume, *, currency: Currency) -> Table:
    """Every part of the change, loans and deposits apart, and what it is of the revenue of the opening."""
    columns = (
        Column("part", Text("项目", "Part"), "words"),
        Column("amount", Text("金额", "Amount"), "money_large_change"),
        Column("share", Text("占期初收入", "Of opening revenue"), "growth"),
    )
    rows = [
        _part_row(found, key, label, value, PART_CODES[_PART_OF[key]])
        for key, label in PARTS.items()
        if (value := found.parts[key]) != 0 or key != "days"
    ]
    total = Row(
        {"part": Text("合计变动", "Change"), "amount": revenue_ref(found, "change"),
         "share": _of_opening(found, "change", Text("合计变动", "change"), found.change)}, "total",
    )  # fmt: skip
    own = tuple(part_ref(found, part).fact for part in WHOLE)
    note = Sentence.of("各项之和等于合计变动。", "The parts add up to the change.")
    return Table(
        "price_volume",
        Text("营业净收入变动的来源", "What changed operating revenue"),
        Text(f"{unit_of('money_large', currency).zh}、%", f"{unit_of('money_large', currency).en}, %"),
        columns,
        (*rows, total),
        note,
        ("OPREV",),
        own_facts=own,
    )


def _part_row(found: PriceVolume, key: str, label: Text, value: float, code: str) -> Row:
    title = Text(f"营业净收入变动：{label.zh}", f"change of operating revenue: {label.en}")
    amount = number(CHAPTER, f"price_volume.part.{key}", value, "money_large_change", title, metric=code)
    return Row({"part": capital(label), "amount": amount, "share": _of_opening(found, key, label, value)})


def _of_opening(found: PriceVolume, key: str, label: Text, value: float) -> Cell:
    if found.before <= 0:
        return Missing(Text("期初收入不为正", "the revenue of the opening is not positive"))
    title = Text(f"{label.zh}占期初营业净收入", f"{label.en} over operating revenue of the opening")
    return number(CHAPTER, f"price_volume.of_opening.{key}", value / found.before, "growth", title, metric="OPREV")
