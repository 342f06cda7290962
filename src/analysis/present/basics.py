"""The four basic features by size class, as one table of medians."""

from collections.abc import Mapping

from analysis.core.blocks import Cell, Column, Missing, Ref, Row, Sentence, Style, Suppressed, Table
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.core.units import Currency, Unit
from analysis.portrait import BasicFeatures, Indicator
from analysis.portrait.basics import ALL, BLOCKS, FEW, Block
from analysis.portrait.strength import Strength
from analysis.present.format import unit_word
from analysis.present.numbers import capital, number
from analysis.present.portrait import CHAPTER

_STYLE: dict[Unit, Style] = {
    "money": "money_small",
    "ratio": "percent_1",
    "index": "decimal_2",
    "count": "decimal_2",
    "per_client": "decimal_2",
    "days": "decimal_2",
}
_GRADES: Mapping[Strength, Text] = {
    "strong": Text("实力强的企业占比", "Strong firms"),
    "weak": Text("实力弱的企业占比", "Weak firms"),
}
_SHORT = {"I": Text("规则外", "outside the rule")}
"""Names of size classes that would not fit over a column of numbers."""
MAX_NUMBERS = 7
"""Columns of numbers that a page holds; beyond it the clients without a class are in the workbook only."""
_MIXES: dict[str, tuple[Block, Text]] = {
    "products": ("needs", Text("产品类的有效种类数", "effective number of families")),
    "needs": ("needs", Text("需求的有效种类数", "effective number of needs")),
}


def basic_blocks(found: BasicFeatures | Unavailable, *, currency: Currency) -> tuple[Table, ...]:
    """The table, or nothing: what is missing altogether is named with the other absent parts."""
    return () if isinstance(found, Unavailable) else (basic_table(found, currency=currency),)


def basic_table(found: BasicFeatures, *, currency: Currency) -> Table:
    """Medians by size class, block by block, with the share of clients that each number rests on."""
    groups = [group for group in found.grouping.groups if group.kind == "group"]
    others = [group for group in found.grouping.groups if group.kind != "group"]
    shown = [*groups, *others] if len(groups) + len(others) + 2 <= MAX_NUMBERS else groups
    codes = [*(group.code for group in shown), ALL]
    columns = (
        Column("item", Text("特征（中位数）", "Feature (median)"), "words"),
        *(Column(group.code, _SHORT.get(group.code, group.label), "decimal_2") for group in shown),
        Column(ALL, Text("全体", "All"), "decimal_2"),
        Column("coverage", Text("有数据", "With data"), "percent_1"),
    )
    rows: list[Row] = []
    for block, label in BLOCKS.items():
        inside = [_row(found, one, codes, currency) for one in found.indicators if one.block == block]
        inside += [_spread_row(found, one, codes) for one in found.indicators if one.block == block == "size"]
        inside += [_strength_row(found, grade, codes) for grade in _GRADES if block == "size" and found.strength]
        inside += [_mix_row(found, name, codes) for name in found.diversity if _MIXES[name][0] == block]
        if inside:
            rows += [Row({"item": capital(label)}), *inside]
    return Table(
        "basic_features",
        Text("四项基本特征按规模", "Four basic features by size"),
        Text("见各行；“有数据”为 %", "as each row says; with data in %"),
        columns,
        tuple(rows),
        _note(found),
    )


def _note(found: BasicFeatures) -> Sentence:
    note = Sentence.of(
        "各行为有数据客户的中位数，比率取最近一期年报；分母为零或负的不计；实力按政策由净资产占比与净利率判定，与规模无关。有效种类数为香农熵的指数：各种类等量时即种类数。* 为有数据的客户少于披露下限。",
        "Medians of the clients with data; ratios are those of the latest yearly statement, none where the denominator is zero or "
        "negative; strength by policy from equity and margin, whatever the size. Effective number: the exponential of Shannon's entropy, the number of kinds if all were equal. * fewer clients "
        "with data than the disclosure limit.",
    )
    for reason in found.missing.values():
        note = note + Sentence.of("{reason}。", "{reason}.", reason=capital(reason.reason))
    return note


def _label(one: Indicator, currency: Currency) -> Text:
    """Name and unit of a row."""
    style = _STYLE[one.unit]
    units = {"days": Text("天", "days"), "count": Text("级", "levels"), "per_client": Text("个", "a client")}
    zh = unit_word(style, "zh", currency) or (units[one.unit].zh if one.unit in units else "")
    en = unit_word(style, "en", currency) or (units[one.unit].en if one.unit in units else "")
    name = capital(one.label)
    return Text(f"{name.zh}（{zh}）" if zh else name.zh, f"{name.en} ({en})" if en else name.en)


def _row(found: BasicFeatures, one: Indicator, codes: list[str], currency: Currency) -> Row:
    cells: dict[str, Cell] = {"item": _label(one, currency)}
    for code in codes:
        median = found.median(one.code, code)
        cells[code] = _cell(f"basic.{one.code}.{code}", median, _STYLE[one.unit], one.label)
    cells["coverage"] = _coverage(found, one)
    return Row(cells, "indent")


def _coverage(found: BasicFeatures, one: Indicator) -> Cell:
    """Share of all clients that the number rests on."""
    spread = found.spreads[one.code][ALL]
    if isinstance(spread, Unavailable):
        return Suppressed()
    n_clients = sum(group.n_clients for group in found.grouping.groups)
    title = Text(f"{one.label.zh}：有数据的客户占比", f"{one.label.en}: share of clients with data")
    return number(CHAPTER, f"basic.{one.code}.coverage", spread.n_clients / n_clients, "percent_1", title)


def _spread_row(found: BasicFeatures, one: Indicator, codes: list[str]) -> Row:
    """Upper over lower quartile: how far the clients of one class lie apart."""
    label = Text(f"{one.label.zh}：上四分位 ÷ 下四分位", f"{capital(one.label).en}: upper ÷ lower quartile")
    cells: dict[str, Cell] = {"item": label}
    for code in codes:
        spread = found.spreads[one.code][code]
        if isinstance(spread, Unavailable):
            cells[code] = Suppressed()
        elif spread.low <= 0:
            cells[code] = Missing(Text("下四分位不为正", "the lower quartile is not positive"))
        else:
            cells[code] = number(
                CHAPTER, f"basic.{one.code}.{code}.spread", spread.high / spread.low, "decimal_2", label
            )
    cells["coverage"] = _coverage(found, one)
    return Row(cells, "indent")


def _strength_row(found: BasicFeatures, grade: Strength, codes: list[str]) -> Row:
    """Share of strong or weak firms of each class: strength apart from scale."""
    label = _GRADES[grade]
    cells: dict[str, Cell] = {"item": Text(f"{label.zh}（%）", f"{label.en} (%)")}
    for code in codes:
        share = found.strength[grade][code]
        value = share if isinstance(share, Unavailable) else share.estimate
        cells[code] = (
            Suppressed()
            if isinstance(value, Unavailable)
            else number(CHAPTER, f"basic.{grade}.{code}", value, "percent_1", label, unit=False)
        )
    whole = found.strength[grade][ALL]
    n_known = 0 if isinstance(whole, Unavailable) else whole.n_clients
    title = Text("有强弱判定的客户占比", "share of clients graded by strength")
    covered = n_known / sum(group.n_clients for group in found.grouping.groups)
    cells["coverage"] = number(CHAPTER, "basic.strength.coverage", covered, "percent_1", title)
    return Row(cells, "indent")


def _mix_row(found: BasicFeatures, name: str, codes: list[str]) -> Row:
    label = capital(_MIXES[name][1])
    cells: dict[str, Cell] = {"item": label}
    for code in codes:
        cells[code] = _cell(f"basic.mix_{name}.{code}", found.diversity[name][code], "decimal_2", label)
    cells["coverage"] = Missing(Text("按组计，不按户", "of the group, not of a client"))
    return Row(cells, "indent")


def _cell(key: str, value: float | Unavailable, style: Style, label: Text) -> Ref | Missing | Suppressed:
    if isinstance(value, Unavailable):
        return Suppressed() if value is FEW else Missing(value.reason)
    return number(CHAPTER, key, value, style, label, unit=False)
