"""Sentences on changes: how much of a growth is its own clients', what moved revenue, structure or rate."""

from collections.abc import Mapping
from dataclasses import replace

from analysis.core.blocks import Ref, Sentence, Style
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.metrics import METRICS, Metric, kind_name
from analysis.metrics.metric import ComparisonKind, Value
from analysis.portrait.bridge import Bridge, BridgeRow
from analysis.portrait.mix_rate import MixRate
from analysis.portrait.price_volume import PriceVolume
from analysis.portrait.window_dressing import DressingRow, WindowDressing
from analysis.present.numbers import capital, moved, number

CHAPTER = "10_describe_clients"
CHANGE_OF: Mapping[Style, Style] = {
    "money_large": "money_large_change",
    "money_small": "money_small_change",
    "count": "count_change",
    "percent": "points",
    "percent_1": "points",
}
"""How the difference of two numbers of a style prints."""
WHOLE = {
    "volume": Text("规模", "volume"),
    "mix": Text("结构", "mix"),
    "margin": Text("利差", "margin"),
    "fee": Text("中间业务", "fees"),
    "days": Text("天数", "the days of the quarter"),
}
"""Parts of a change of revenue, loans and deposits together."""
PART_CODES = {"volume": "PV_VOLUME", "mix": "PV_MIX", "margin": "PV_MARGIN", "fee": "PV_FEE", "days": "PV_DAYS"}


def short(metric: Metric) -> Text:
    """The name of a KPI as it stands inside an English sentence."""
    name = metric.name.en
    return Text(metric.name.zh, name if name[:2].isupper() else name[:1].lower() + name[1:])


def period(metric: Metric, kind: ComparisonKind) -> Text:
    """同比, 较年初 … as a sentence says it."""
    return kind_name(metric, kind)


# --- bridge ---------------------------------------------------------------------------------------------------------


def growth_ref(found: Bridge, row: BridgeRow, which: str, *, size_only: bool = False) -> Ref:
    """Growth of the present list (`current`) or of the fixed list (`fixed`) as a fact."""
    value: Value = row.current_growth if which == "current" else row.fixed_growth
    words = {"current": Text("现名单增长", "growth, present list"), "fixed": Text("固定名单增长", "growth, fixed list")}
    label = Text(f"{row.label.zh}：{words[which].zh}", f"{row.label.en}: {words[which].en}")
    key = f"bridge.{found.code}.{row.tier}.{which}_growth"
    return number(CHAPTER, key, value, "growth", label, metric=found.code, size_only=size_only)


def bridge_finding(found: Bridge, row: BridgeRow) -> Sentence:
    """What the growth of a tier is made of: its own clients, or a change of the list.

    A rise of the present list is told with that of the clients of the opening; where these did not grow, all of it
    comes from the list.
    """
    metric = METRICS[found.code]
    parts = {"tier": capital(row.label), "name": short(metric), "period": period(metric, found.kind)}
    if isinstance(row.current_growth, Unavailable) or isinstance(row.fixed_growth, Unavailable):
        ends = {when: bridge_ref(found, row, when) for when in ("start", "end")}
        return Sentence.of(
            "{tier}的{name}由 {start}变为 {end}", "{tier}: {name} from {start} to {end}", **parts, **ends
        )
    refs = {which: growth_ref(found, row, which, size_only=True) for which in ("current", "fixed")}
    fixed = {"fixed_moved": moved(row.fixed_growth)}
    if row.current_growth == 0 and row.fixed_growth == 0:
        return Sentence.of(
            "{tier}的{name}{period}持平，固定名单也持平（{current}、{fixed}）",
            "{tier}: {name} unchanged {period}, on the present list ({current}) and on the fixed list ({fixed})",
            **parts,
            **refs,
        )
    if row.current_growth > 0:
        zh, en = _rise(row.current_growth, row.fixed_growth)
    else:
        zh, en = _fall(row.current_growth, row.fixed_growth)
    return Sentence.of(f"{{tier}}的{{name}}{{period}}{zh}", f"{{tier}}: {{name}} {en}", **parts, **refs, **fixed)


def _rise(current: float, fixed: float) -> tuple[str, str]:
    if fixed < 0:
        return (
            "增长 {current}，全部来自名单变动：期初名单{fixed_moved} {fixed}",
            "up {current} {period}, all of it from the list: the clients of the opening are {fixed_moved} {fixed}",
        )
    if fixed == 0:
        return (
            "增长 {current}，全部来自名单变动：期初名单{fixed_moved}（{fixed}）",
            "up {current} {period}, all of it from the list: the clients of the opening are {fixed_moved} ({fixed})",
        )
    if fixed >= current:
        return (
            "增长 {current}，全部来自存量客户：期初名单{fixed_moved} {fixed}",
            "up {current} {period}, all of it from its own clients: those of the opening are {fixed_moved} {fixed}",
        )
    return (
        "增长 {current}，期初名单只{fixed_moved} {fixed}，其余来自名单变动",
        "up {current} {period}; the clients of the opening are {fixed_moved} {fixed}, the rest comes from the list",
    )


def _fall(current: float, fixed: float) -> tuple[str, str]:
    verb = ("持平（{current}）", "unchanged ({current})") if current == 0 else ("下降 {current}", "down {current}")
    if fixed > 0:
        return (
            f"{verb[0]}，由名单变动所致：期初名单{{fixed_moved}} {{fixed}}",
            f"{verb[1]} {{period}} because of the list: the clients of the opening are {{fixed_moved}} {{fixed}}",
        )
    if fixed == 0:
        return (
            f"{verb[0]}，由名单变动所致：期初名单{{fixed_moved}}（{{fixed}}）",
            f"{verb[1]} {{period}} because of the list: the clients of the opening are {{fixed_moved}} ({{fixed}})",
        )
    return (
        f"{verb[0]}，存量客户也在减少：期初名单{{fixed_moved}} {{fixed}}",
        f"{verb[1]} {{period}}, and its own clients shrink: those of the opening are {{fixed_moved}} {{fixed}}",
    )


ITEM_WORDS = {
    "start": Text("期初", "opening"),
    "organic": Text("内生增长", "own growth"),
    "moved_in": Text("加：调入", "plus: moved in"),
    "moved_out": Text("减：调出", "less: moved out"),
    "new": Text("加：新增", "plus: new"),
    "lost": Text("减：流失", "less: lost"),
    "end": Text("期末", "now"),
}
ITEM_CODES = {
    "organic": "BR_ORGANIC",
    "moved_in": "BR_IN",
    "moved_out": "BR_OUT",
    "new": "BR_NEW",
    "lost": "BR_LOST",
}


def bridge_ref(found: Bridge, row: BridgeRow, item: str) -> Ref:
    """An item of the bridge as a fact."""
    label = Text(f"{row.label.zh}：{ITEM_WORDS[item].zh}", f"{row.label.en}: {ITEM_WORDS[item].en}")
    quarter = str(found.start) if item == "start" else ""
    value = float(getattr(row, item))
    style = METRICS[found.code].style
    key = f"bridge.{found.code}.{row.tier}.{item}"
    return number(CHAPTER, key, value, style, label, metric=ITEM_CODES.get(item, found.code), quarter=quarter)


# --- price and volume -----------------------------------------------------------------------------------------------


def part_ref(found: PriceVolume, part: str, *, size_only: bool = False) -> Ref:
    """What one part adds to revenue, loans and deposits together."""
    label = Text(f"营业净收入变动：{WHOLE[part].zh}", f"change of operating revenue: {WHOLE[part].en}")
    value = found.together()[part]
    key = f"price_volume.{part}"
    return number(CHAPTER, key, value, "money_large_change", label, metric=PART_CODES[part], size_only=size_only)


def revenue_ref(found: PriceVolume, when: str) -> Ref:
    """Operating revenue of the opening quarter, of this one, or the change."""
    words = {
        "before": Text("期初营业净收入", "operating revenue then"),
        "after": Text("本期营业净收入", "operating revenue now"),
        "change": Text("营业净收入变动", "change of operating revenue"),
    }
    value = {"before": found.before, "after": found.after, "change": found.change}[when]
    style: Style = "money_large_change" if when == "change" else "money_large"
    quarter = str(found.start) if when == "before" else ""
    return number(CHAPTER, f"price_volume.{when}", value, style, words[when], metric="OPREV", quarter=quarter)


def price_volume_finding(found: PriceVolume, kind: ComparisonKind = "yoy") -> Sentence:
    """Which part moved revenue most in its direction, and what stood against it."""
    together = {part: value for part, value in found.together().items() if round(value, 2) != 0}
    sign = 1 if found.change > 0 else -1
    drivers = sorted((part for part in together if together[part] * sign > 0), key=lambda part: -abs(together[part]))
    against = sorted((part for part in together if together[part] * sign < 0), key=lambda part: -abs(together[part]))
    change = replace(revenue_ref(found, "change"), size_only=True)
    slots: dict[str, Ref | Text] = {"change": change, "period": period(METRICS["OPREV"], kind)}
    if found.change == 0 or not drivers:
        return Sentence.of(
            "营业净收入{period}持平（{change}）", "Operating revenue unchanged {period} ({change})", **slots
        )
    slots |= {"direction": moved(found.change), "first": WHOLE[drivers[0]], "one": part_ref(found, drivers[0])}
    zh = "营业净收入{period}{direction} {change}，主要是{first} {one}"
    en = "Operating revenue {direction} {change} {period}, mainly {first} ({one})"
    if against:
        slots |= {"second": WHOLE[against[0]], "two": part_ref(found, against[0])}
        zh, en = zh + "，{second} {two}只抵去一部分", en + ", partly offset by {second} ({two})"
    return Sentence.of(zh, en, **slots)


# --- structure and rate ---------------------------------------------------------------------------------------------


def effect_ref(
    found: MixRate, which: str, *, group: str = "total", label: Text | None = None, value: float | None = None
) -> Ref:
    """The structure or the rate effect of a group, or of all."""
    metric = METRICS[found.code]
    words = {
        "structure": Text("结构效应", "structure effect"),
        "rate": Text("水平效应", "rate effect"),
        "change": Text("变动", "change"),
    }
    own = label or Text("全体", "all")
    whole = {"structure": found.structure, "rate": found.rate, "change": found.change}[which]
    return number(
        CHAPTER, f"mix_rate.{found.code}.{found.by}.{group}.{which}", whole if value is None else value,
        CHANGE_OF.get(metric.style, "decimal_2"),
        Text(f"{metric.name.zh}：{own.zh}{words[which].zh}", f"{metric.name.en}: {words[which].en}, {own.en}"),
        metric={"structure": "MIX_EFF", "rate": "RATE_EFF", "change": found.code}[which],
    )  # fmt: skip


def mix_rate_finding(found: MixRate, by: Text, kind: ComparisonKind = "yoy") -> Sentence:
    """Whether the change of a ratio is who is in the book, or what they do."""
    metric = METRICS[found.code]
    slots: dict[str, Ref | Text] = {which: effect_ref(found, which) for which in ("structure", "rate")}
    slots |= {"name": metric.name, "by": by, "period": period(metric, kind)}
    slots["change"] = replace(effect_ref(found, "change"), size_only=True)
    slots["direction"] = Text("上升", "up") if found.change > 0 else Text("下降", "down")
    same = found.structure * found.rate > 0
    heavier_rate = abs(found.rate) >= abs(found.structure)
    if found.change == 0:
        lead = ("**{name}{period}没有变动（{change}）。**", "**{name} did not change {period} ({change}).**")
    elif heavier_rate:
        lead = (
            "**{name}{period}{direction} {change}，主要因各组自身水平。**",
            "**{name} {direction} {change} {period}, mainly by what each group does.**",
        )
    else:
        lead = (
            "**{name}{period}{direction} {change}，主要因结构。**",
            "**{name} {direction} {change} {period}, mainly by who is in the book.**",
        )
    tail = ("两者同向", "both the same way") if same else ("两者相抵", "one against the other")
    if found.structure == 0 or found.rate == 0:
        tail = ("另一项为零", "the other is zero")
    return Sentence.of(
        f"{lead[0]}按{{by}}拆分，结构 {{structure}}，水平 {{rate}}，{tail[0]}；层级或分类改动不计入。",
        f"{lead[1]} By {{by}}: structure {{structure}}, rate {{rate}}, {tail[1]}; a client given another label counts as neither.",
        **slots,
    )


# --- quarter-end and average ----------------------------------------------------------------------------------------


def dressing_ref(row: DressingRow, item: str, *, size_only: bool = False) -> Ref:
    """A number of the quarter-end table as a fact."""
    value: Value = getattr(row, item)
    style, code, words = _DRESSING[item]
    label = Text(f"{row.label.zh}：{words.zh}", f"{row.label.en}: {words.en}")
    return number(CHAPTER, f"quarter_end.{row.tier}.{item}", value, style, label, metric=code, size_only=size_only)


_DRESSING: Mapping[str, tuple[Style, str, Text]] = {
    "end": ("money_large", "DEP_EOP", Text("时点存款", "deposits at quarter-end")),
    "end_growth": ("growth", "DEP_EOP", Text("时点增长", "growth at quarter-end")),
    "average_growth": ("growth", "DEP_ADB", Text("日均增长", "growth of the average")),
    "gap": ("percent", "ADBGAP", Text("时点日均偏离", "gap to the average")),
    "gap_change": ("points", "ADBGAP", Text("偏离变化", "change of the gap")),
}
"""Style, KPI and words of each column."""


def deviation_sentence(found: WindowDressing) -> Sentence:
    """The month-end deviation beside its ceiling."""
    limit = number(
        CHAPTER, "quarter_end.limit", found.limit, "percent", Text("月末存款偏离度上限", "ceiling of the deviation")
    )
    if isinstance(found.deviation, Unavailable):
        return Sentence.of(
            "月末存款偏离度无法计算，上限 {limit}。",
            "The month-end deviation cannot be computed; its ceiling is {limit}.",
            limit=limit,
        )
    deviation = number(
        CHAPTER, "quarter_end.deviation", found.deviation, "percent", METRICS["MEDEV"].name, metric="MEDEV"
    )
    where = Text("高于", "above") if found.is_over else Text("不高于", "not above")
    return Sentence.of(
        "季末月月末存款偏离度 {deviation}，{where}监管上限 {limit}（只含对公存款）。",
        "Month-end deviation of the quarter's last month {deviation}, {where} the ceiling of {limit} (corporate deposits only).",
        deviation=deviation,
        where=where,
        limit=limit,
    )


def dressing_sentence(found: WindowDressing) -> Sentence | Unavailable:
    """Whether growth at the day ran ahead of the average."""
    total = found.total
    if isinstance(total.end_growth, Unavailable):
        return total.end_growth
    if isinstance(total.average_growth, Unavailable):
        return total.average_growth
    refs = {item: dressing_ref(total, item) for item in ("end_growth", "average_growth", "gap")}
    ahead = round(total.end_growth, 4) > round(total.average_growth, 4)
    behind = round(total.end_growth, 4) < round(total.average_growth, 4)
    lead = (
        (
            "**时点增长快于日均，超出部分来自季末时点。**",
            "**Deposits grew faster at quarter-end than on average: the rest is that one day.**",
        )
        if ahead
        else ("**时点增长慢于日均。**", "**Deposits grew slower at quarter-end than on average.**")
        if behind
        else ("**时点与日均增长一致。**", "**Deposits grew alike at quarter-end and on average.**")
    )
    return Sentence.of(
        f"{lead[0]}时点存款同比 {{end_growth}}，日均 {{average_growth}}，季末时点偏离日均 {{gap}}。",
        f"{lead[1]} At quarter-end {{end_growth}} on the year, on average {{average_growth}}; quarter-end stands {{gap}} off the average.",
        **refs,
    )
