"""Who needs what more than the others: the heat map and the list of clear differences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.core.blocks import Cell, Column, Figure, Missing, Ref, Row, Sentence, Suppressed, Table
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.portrait.grouping import Group
from analysis.portrait.needs import Intensity, Taxonomy
from analysis.portrait.needs.intensity import CORRECTION, NEWCOMBE
from analysis.present.charts import Measure, draw
from analysis.present.charts.heat import Heat, plot_heat
from analysis.present.needs.words import CLIENTS, NEED, column_label, count, fact, need_label, quoted, spelt_out
from analysis.present.numbers import capital

HEAT_ROWS = 22
"""Needs a page holds; those named most. The workbook has all."""
LISTED = 14
"""Differences in the printed list."""


NOBODY_ENOUGH = Unavailable(Text("没有一项需求达到披露下限", "no need is shared by enough clients to be shown"))


@dataclass(frozen=True, slots=True)
class Mark:
    """One cell of an intensity that differs from the others beyond chance."""

    by: str
    by_label: Text
    group: Group
    need: str
    n: int
    share: float
    rest: float
    lift: float
    low: float
    high: float
    sign: int

    @property
    def size(self) -> float:
        """The difference of shares that is sure: the end of its interval that is nearer to zero."""
        return min(abs(self.low), abs(self.high))


def marks_of(found: Intensity | Unavailable) -> list[Mark]:
    """The marked cells of an intensity, the surest differences first; unclassified clients are no group."""
    if isinstance(found, Unavailable):
        return []
    marks = [
        Mark(
            found.grouping.by,
            found.grouping.label,
            group,
            need,
            int(found.n[k]),
            float(found.share[row, k]),
            float(found.rest[row, k]),
            float(found.lift[row, k]),
            float(found.low[row, k]),
            float(found.high[row, k]),
            int(found.mark[row, k]),
        )
        for row, need in enumerate(found.needs)
        for k, group in enumerate(found.groups)
        if found.mark[row, k] and group.kind == "group"
    ]
    return sorted(marks, key=lambda mark: (-mark.size, mark.need, mark.group.code))


def strongest(found: Mapping[str, Intensity | Unavailable]) -> Mark | None:
    """The over-index a manager should know first: the largest gain in clients, not the largest ratio of a rarity."""
    over = [mark for one in found.values() for mark in marks_of(one) if mark.sign > 0]
    return max(over, key=lambda mark: (mark.low * mark.n, mark.need), default=None)


def share_ref(mark: Mark, taxonomy: Taxonomy, *, others: bool = False) -> Ref:
    """Share of a need in a group, or among all others, as a fact."""
    key = f"intensity.{mark.by}.{mark.group.code}.{mark.need}.{'rest' if others else 'share'}"
    who = Text("其余客户", "all others") if others else mark.group.label
    need = taxonomy.label(mark.need)
    label = Text(f"{mark.group.label.zh}：{need.zh}，{who.zh}", f"{mark.group.label.en}: {need.en}, {who.en}")
    return fact(key, mark.rest if others else mark.share, "percent_1", label)


def heat_figure(found: Intensity | Unavailable, taxonomy: Taxonomy) -> Figure | Unavailable:
    """Need × group with the share in each cell, filled where it differs from the others beyond chance."""
    if isinstance(found, Unavailable):
        return found
    told = _told(found)
    shown = _drawn(found, told)
    if not shown:
        return NOBODY_ENOUGH
    data = Heat(
        rows=tuple(need_label(taxonomy, found.needs[row]) for row in shown),
        columns=tuple(column_label(found.grouping, group) for group in found.groups),
        values=tuple(tuple(_shown(found, row, k) for k in range(len(found.groups))) for row in shown),
        depth=tuple(tuple(_depth(found, row, k) for k in range(len(found.groups))) for row in shown),
        marks=tuple(tuple(int(value) for value in found.mark[row]) for row in shown),
        counts=tuple(int(n) for n in found.n),
        totals=tuple(float(found.total[row]) for row in shown),
        measure=Measure(Text("有该需求的客户占比", "Clients with the need"), "percent_1"),
        count=Measure(CLIENTS, "count"),
        total_name=Text("全部", "All"),
    )
    by = found.grouping.label
    return Figure(
        id=f"need_heat_{found.grouping.by}",
        finding=_heat_finding(found, told, taxonomy),
        shows=Sentence.of(
            "各{by}客户中有各项需求者的占比，%；列首为户数",
            "Share of clients of each {by} with each need, %; clients at the head of the columns",
            by=by,
        ),
        name=Text(f"需求 × {by.zh}", f"Needs by {by.en}"),
        note=_heat_note(found, len(shown)),
        alt=Text(
            f"热力图：行为需求，列为{by.zh}，格内为占比，着色者与其余客户有显著差别",
            f"Heat map: needs by {by.en}, shares in the cells, filled where they differ from the others",
        ),
        images=draw(plot_heat, data),
        behind=_behind(found, taxonomy),
    )


def _told(found: Intensity) -> Mark | None:
    """The difference the figure's headline tells: the largest gain in clients that is sure."""
    over = [mark for mark in marks_of(found) if mark.sign > 0]
    return max(over, key=lambda one: (one.low * one.n, one.need), default=None)


def _drawn(found: Intensity, told: Mark | None) -> list[int]:
    """Rows of the figure: the needs most clients have, and the one its headline tells."""
    order = sorted(range(len(found.needs)), key=lambda row: (-found.total[row], found.needs[row]))
    rows = [row for row in order if not found.is_few[row]]
    shown = rows[:HEAT_ROWS]
    if told is None or found.needs.index(told.need) in shown:
        return shown
    return [*shown[: HEAT_ROWS - 1], found.needs.index(told.need)]


def _shown(found: Intensity, row: int, column: int) -> float | None:
    return None if found.hidden[row, column] else float(found.share[row, column])


def _depth(found: Intensity, row: int, column: int) -> float:
    lift = float(found.lift[row, column])
    return float(np.log2(lift)) if np.isfinite(lift) and lift > 0 else 1.0


_BASE = {
    "stated": Text("问卷、访谈与客户经理所述", "stated in surveys, interviews or to managers"),
    "revealed": Text("产品使用与数据所示", "revealed by use and data"),
    "combined": Text("所述与所示合并", "stated and revealed together"),
}


def _heat_note(found: Intensity, n_drawn: int) -> Sentence:
    note = Sentence.of(
        "口径：{base}；分母为问得到的客户。▲ 高于、▼ 低于其余客户（{how}），颜色越深差别越大；未着色者与其余客户无法区分；* 为低于披露下限。",
        "Needs {base}; base: clients that could be asked. ▲ above, ▼ below all others ({how}), deeper the further away; cells without a fill cannot be "
        "told from the others; * below the disclosure limit.",
        base=_BASE[found.evidence],
        how=CORRECTION,
    )
    note = spelt_out(found.grouping, note)
    if n_drawn == len(found.needs):
        return note
    by, left_out = found.grouping.by, len(found.needs) - n_drawn
    return note + Sentence.of(
        "图中 {drawn} 项，为有此需求的客户最多者和标题所述者；其余 {left} 项未画，见数据表。",
        "Drawn are {drawn} needs, those most clients have and that of the headline; the other {left} stand in the table behind the figure.",
        drawn=count(f"heat.{by}.drawn", n_drawn, Text("图中需求项数", "needs drawn")),
        left=count(f"heat.{by}.left_out", left_out, Text("未画需求项数", "needs not drawn")),
    )


def _heat_finding(found: Intensity, mark: Mark | None, taxonomy: Taxonomy) -> Sentence:
    by = found.grouping.label
    if mark is None:
        return Sentence.of(
            "各{by}客户的需求没有超出偶然的差别", "Needs do not differ between clients by {by} beyond chance", by=by
        )
    return Sentence.of(
        "{group}客户的{need}需求占比 {share}，其余客户 {rest}",
        "{group} clients: {share} need {need}, against {rest} of all others",
        group=capital(mark.group.label),
        need=quoted(taxonomy.label(mark.need)),
        share=share_ref(mark, taxonomy),
        rest=share_ref(mark, taxonomy, others=True),
    )


def _behind(found: Intensity, taxonomy: Taxonomy) -> Table:
    columns = (
        Column("need", NEED, "words"),
        *(Column(group.code, capital(group.label), "percent_1") for group in found.groups),
        Column("total", Text("全部", "All"), "percent_1"),
    )
    rows = []
    for row, code in enumerate(found.needs):
        total: Cell = Suppressed() if found.is_few[row] else float(found.total[row])
        cells: dict[str, Cell] = {"need": need_label(taxonomy, code), "total": total}
        for k, group in enumerate(found.groups):
            value = _shown(found, row, k)
            cells[group.code] = Suppressed() if value is None else value
        rows.append(Row(cells))
    by = found.grouping.label
    title = Text(f"需求 × {by.zh}", f"Needs by {by.en}")
    note = Sentence.of(
        "* 为低于披露下限，或可由合计推出者。", "* below the disclosure limit, or would give such a cell away."
    )
    return Table(f"need_heat_{found.grouping.by}_table", title, Text("%", "%"), columns, tuple(rows), note)


def difference_table(found: Sequence[Intensity | Unavailable], taxonomy: Taxonomy) -> Table | Unavailable:
    """The clear differences over several groupings, the surest first, at most some from each grouping."""
    marks = [mark for one in found for mark in marks_of(one)[: LISTED // 2]]
    if not marks:
        return Unavailable(
            Text("各组客户的需求没有超出偶然的差别", "needs do not differ between groups of clients beyond chance")
        )
    marks = sorted(marks, key=lambda mark: (-mark.size, mark.need, mark.group.code))[:LISTED]
    columns = (
        Column("group", Text("客户组", "Group"), "words"),
        Column("need", NEED, "words"),
        Column("n", CLIENTS, "count"),
        Column("share", Text("占比", "Share"), "percent_1"),
        Column("rest", Text("其余客户", "Others"), "percent_1"),
        Column("lift", Text("倍数", "Ratio"), "decimal_2"),
        Column("low", Text("差，下限", "Difference from"), "points"),
        Column("high", Text("差，上限", "to"), "points"),
    )
    note = Sentence.of(
        "倍数为该组占比与其余客户占比之比；差的区间：{interval}；{how}。这是关联：组间规模、行业构成不同，未作调整。",
        "Ratio: share in the group over that of all others; interval of the difference: {interval}; {how}. An association: groups differ in size and industry too, "
        "and nothing is adjusted.",
        interval=NEWCOMBE,
        how=CORRECTION,
    )
    title = Text("需求差别最大的客户组", "Where needs differ most")
    unit = Text("户、%、个百分点", "clients, %, pp")
    return Table("need_differences", title, unit, columns, tuple(_mark_row(m, taxonomy) for m in marks), note)


def _mark_row(mark: Mark, taxonomy: Taxonomy) -> Row:
    cells: dict[str, Cell] = {
        "group": capital(
            Text(f"{mark.by_label.zh}：{mark.group.label.zh}", f"{mark.by_label.en}: {mark.group.label.en}")
        ),
        "need": need_label(taxonomy, mark.need),
        "n": mark.n,
        "share": share_ref(mark, taxonomy),
        "rest": share_ref(mark, taxonomy, others=True),
        "lift": mark.lift
        if np.isfinite(mark.lift)
        else Missing(Text("其余客户均无此需求", "nobody else has the need")),
        "low": mark.low,
        "high": mark.high,
    }
    return Row(cells)


def strength_table(found: Sequence[Intensity | Unavailable]) -> Table | Unavailable:
    """How far needs differ over each grouping altogether, against shuffled groups."""
    known = [one for one in found if not isinstance(one, Unavailable)]
    if not known:
        return next(one for one in found if isinstance(one, Unavailable))
    columns = (
        Column("by", Text("分组", "By"), "words"),
        Column("groups", Text("组数", "Groups"), "count"),
        Column("n", CLIENTS, "count"),
        Column("v", Text("平均关联强度", "Mean strength"), "decimal_3"),
        Column("p", Text("随机分组达到的概率", "Chance of random groups"), "decimal_3"),
        Column("marks", Text("有差别的格", "Cells that differ"), "count"),
        Column("cells", Text("全部格", "All cells"), "count"),
    )
    rows = []
    for one in known:
        differ = one.differ
        cells: dict[str, Cell] = {
            "by": capital(one.grouping.label),
            "groups": len(one.groups),
            "n": one.n_clients,
            "v": Missing(differ.reason) if isinstance(differ, Unavailable) else differ.strength,
            "p": Missing(differ.reason) if isinstance(differ, Unavailable) else differ.p_value,
            "marks": int((one.mark != 0).sum()),
            "cells": int(one.mark.size),
        }
        rows.append(Row(cells))
    note = Sentence.of(
        "强度为各需求校正偏差后的 Cramér V 之均值，零为无关、一为完全决定；概率由打乱客户所属组得出。",
        "Strength: mean over needs of the bias-corrected Cramér's V, none at zero and complete at one; the chance comes from shuffling clients among groups.",
    )
    title = Text("各种分组能说明多少需求差别", "How much each grouping tells of needs")
    return Table("need_strength", title, Text("户、个", "clients, number"), columns, tuple(rows), note)
