"""Structure and rate of a ratio, and growth of deposits at quarter-end beside that of their average."""

from analysis.core.blocks import Block, Cell, Column, Missing, Paragraph, Row, Sentence, Style, Suppressed, Table
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.core.units import Currency
from analysis.features.groups import DIMENSIONS
from analysis.metrics import METRICS
from analysis.metrics.metric import label_of
from analysis.portrait.mix_rate import MixRate, MixRateRow
from analysis.portrait.window_dressing import DressingRow, WindowDressing
from analysis.present.bridges import unit_of
from analysis.present.numbers import capital, number
from analysis.present.sentences.bridges import (
    CHANGE_OF,
    CHAPTER,
    deviation_sentence,
    dressing_ref,
    dressing_sentence,
    effect_ref,
    mix_rate_finding,
)

_ABOUT_BASE = Text("该组一端没有基数", "the group has no base at one end")


# --- structure and rate ---------------------------------------------------------------------------------------------


def mix_rate_blocks(found: MixRate | Unavailable, *, currency: Currency) -> tuple[Block, ...]:
    """What moved the ratio in a sentence, and the table of the groups; nothing where the chapter names why."""
    if isinstance(found, Unavailable):
        return ()
    text = Paragraph(f"mix_rate_{found.code}_{found.by}_text", mix_rate_finding(found, _by(found)))
    return text, mix_rate_table(found, currency=currency)


def _by(found: MixRate) -> Text:
    return DIMENSIONS.get(found.by, Text("分组", "group"))


def mix_rate_table(found: MixRate, *, currency: Currency) -> Table:
    """Weight and ratio of every group then and now, and what each adds to the change; all clients first."""
    metric = METRICS[found.code]
    change = CHANGE_OF.get(metric.style, "decimal_2")
    columns = (
        Column("group", capital(_by(found)), "words"),
        Column("weight_before", Text("期初占比", "Weight then"), "percent_1"),
        Column("weight_after", Text("现占比", "Weight now"), "percent_1"),
        Column("rate_before", Text("期初水平", "Then"), metric.style),
        Column("rate_after", Text("现水平", "Now"), metric.style),
        Column("structure", Text("结构效应", "Structure"), change),
        Column("rate", Text("水平效应", "Rate"), change),
    )
    rows = [_mix_total(found), *(_mix_row(found, row) for row in found.rows)]
    n_moved = number(
        CHAPTER, f"mix_rate.{found.code}.{found.by}.n_moved", found.n_moved, "count",
        Text("改换分组的客户数", "clients in another group now"), unit=False,
    )  # fmt: skip
    note = Sentence.of(
        "占比按{base}计。结构与水平之和等于变动，交互项计入水平；一端没有基数的组全部计入结构。期间换组的 {n} 户留在期初的组。户数少的组合并。",
        "Weights are shares of {base}. Structure and rate add up to the change, the interaction is in the rate; a group "
        "without a base at one end is all structure. The {n} clients that changed group stay in that of the opening. Small "
        "groups are merged.",
        base=label_of(found.base),
        n=n_moved,
    )
    unit = Text(f"%、{_change_unit(change, currency).zh}", f"%, {_change_unit(change, currency).en}")
    title = Text(
        f"{metric.name.zh}：{found.start} 至 {found.end} 的结构与水平",
        f"{metric.name.en}: structure and rate, {found.start} to {found.end}",
    )
    return Table(f"mix_rate_{found.code}_{found.by}", title, unit, columns, tuple(rows), note, (found.code,))


def _change_unit(style: Style, currency: Currency) -> Text:
    if style == "points":
        return Text("个百分点", "percentage points")
    return unit_of(style, currency)


def _mix_total(found: MixRate) -> Row:
    metric, whole = METRICS[found.code], Text("全体", "All")
    cells: dict[str, Cell] = {
        "group": whole,
        "structure": effect_ref(found, "structure"),
        "rate": effect_ref(found, "rate"),
    }
    for when, value, quarter in (("before", found.before, str(found.start)), ("after", found.after, "")):
        cells[f"weight_{when}"] = Missing(Text("全体为一", "all of it"))
        key = f"mix_rate.{found.code}.{found.by}.total.rate_{when}"
        cells[f"rate_{when}"] = number(
            CHAPTER, key, value, metric.style, metric.name, metric=metric.code, quarter=quarter
        )
    return Row(cells, "total")


def _mix_row(found: MixRate, row: MixRateRow) -> Row:
    metric = METRICS[found.code]
    cells: dict[str, Cell] = {"group": capital(row.label)}
    for when, weight, rate in (
        ("before", row.weight_before, row.rate_before),
        ("after", row.weight_after, row.rate_after),
    ):
        key = f"mix_rate.{found.code}.{found.by}.{row.code}"
        quarter = str(found.start) if when == "before" else ""
        share = Text(f"{row.label.zh}：占比", f"{row.label.en}: weight")
        cells[f"weight_{when}"] = number(CHAPTER, f"{key}.weight_{when}", weight, "percent_1", share, quarter=quarter)
        label = Text(f"{row.label.zh}：{metric.name.zh}", f"{row.label.en}: {metric.name.en}")
        cells[f"rate_{when}"] = (
            Missing(_ABOUT_BASE)
            if isinstance(rate, Unavailable)
            else number(CHAPTER, f"{key}.rate_{when}", rate, metric.style, label, metric=metric.code, quarter=quarter)
        )
    for which, value in (("structure", row.structure), ("rate", row.rate)):
        cells[which] = effect_ref(found, which, group=row.code, label=row.label, value=value)
    return Row(cells)


# --- quarter-end and average ----------------------------------------------------------------------------------------


def dressing_blocks(found: WindowDressing | Unavailable, *, currency: Currency) -> tuple[Block | Unavailable, ...]:
    """Growth at quarter-end beside that of the average, in a sentence and by tier; nothing where the chapter names why."""
    if isinstance(found, Unavailable):
        return ()
    sentence = dressing_sentence(found)
    text = sentence if isinstance(sentence, Unavailable) else Paragraph("quarter_end_text", sentence)
    return text, dressing_table(found, currency=currency)


def dressing_paragraph(found: WindowDressing | Unavailable) -> tuple[Block | Unavailable, ...]:
    """Growth at quarter-end beside that of the average and the month-end deviation, in words, for a page without room."""
    if isinstance(found, Unavailable):
        return ()
    sentence = dressing_sentence(found)
    if isinstance(sentence, Unavailable):
        return (sentence,)
    return (Paragraph("quarter_end", sentence + deviation_sentence(found)),)


def dressing_table(found: WindowDressing, *, currency: Currency) -> Table:
    """Deposits at quarter-end by tier, with growth at the day, on average, and the gap between the two."""
    columns = (
        Column("tier", Text("层级", "Tier"), "words"),
        Column("end", Text("时点存款", "Quarter-end"), "money_large"),
        Column("end_growth", Text("时点同比", "Growth, quarter-end"), "growth"),
        Column("average_growth", Text("日均同比", "Growth, average"), "growth"),
        Column("gap", Text("时点日均偏离", "Gap to average"), "percent"),
        Column("gap_change", Text("偏离变化", "Change of gap"), "points"),
    )
    rows = [_dressing_row(row, "total" if row is found.total else "normal") for row in (found.total, *found.rows)]
    note = Sentence.of(
        "偏离为时点高出季日均的比例，变化为较上年同期的百分点。按现名单计，客户调级见分层级变动表。",
        "The gap is how far quarter-end lies above the quarter's average; its change is in points on a year ago. Present list; "
        "for clients that changed tier see the table of changes by tier.",
    )
    unit = Text(f"{unit_of('money_large', currency).zh}、%、个百分点", f"{unit_of('money_large', currency).en}, %, pp")
    return Table(
        "quarter_end",
        Text("时点存款的增长与偏离", "Deposits at quarter-end: growth and gap"),
        unit,
        columns,
        tuple(rows),
        note + deviation_sentence(found),
        ("DEP_EOP", "DEP_ADB", "ADBGAP", "MEDEV"),
    )


def _dressing_row(row: DressingRow, role: str) -> Row:
    cells: dict[str, Cell] = {"tier": capital(row.label)}
    for item in ("end", "end_growth", "average_growth", "gap", "gap_change"):
        ref = dressing_ref(row, item)
        missing = Missing(ref.fact.reason) if ref.fact.value is None and ref.fact.reason else None
        cells[item] = Suppressed() if row.is_hidden else missing or ref
    return Row(cells, "total" if role == "total" else "normal")
