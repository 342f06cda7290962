"""The quality of the data in the report: a light at its head, a line a fault, and the scorecard in the appendix."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.core.blocks import Cell, Column, Missing, Row, Sentence, Table
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.reporting.render.document import ControlRow, State

if TYPE_CHECKING:
    from analysis.intake.policy import Policy
    from analysis.intake.quality import Quality, Score
    from analysis.intake.quality import State as GateState

_STATES: "dict[GateState, tuple[State, Text]]" = {
    "pass": ("good", Text("通过", "passed")),
    "warn": ("near", Text("注意", "attention")),
    "stop": ("bad", Text("未通过", "failed")),
}
_CHIPS: "dict[GateState, Text]" = {
    "pass": Text("● 通过", "● passed"),
    "warn": Text("◆ 注意", "◆ attention"),
    "stop": Text("▲ 未通过", "▲ failed"),
}
_NOT_JUDGED = Missing(Text("记录类数据，没有应有日期", "records that have no date to be there by"))


def quality_light(quality: "Quality | None") -> ControlRow:
    """The traffic light of the data: may conclusions be taken as they stand."""
    label = Text("数据质量", "Data quality")
    if quality is None:
        return ControlRow(label, Text("未评估", "not judged"), is_light=True)
    state, word = _STATES[quality.state]
    n_tables, n_warned = len(quality.tables), len(quality.warned_tables)
    value = Text(
        f"{n_tables} 张表全部达到政策要求"
        if not n_warned
        else f"{n_tables} 张表中 {n_warned} 张有缺陷，有关结论已标注",
        f"all {n_tables} tables meet the policy"
        if not n_warned
        else f"{n_warned} of {n_tables} tables have faults; conclusions that rest on them are marked",
    )
    return ControlRow(label, value, state, word, is_light=True)


def quality_tables(quality: "Quality | None", policy: "Policy") -> Iterator[Table]:
    """The scorecard, the scores of the last quarters where they were not all full, and the limits in force."""
    if quality is None:
        return
    yield _scorecard(quality)
    yield _trend(quality)
    yield _limits(policy)


def _scorecard(quality: "Quality") -> Table:
    from analysis.intake.quality import DIMENSION_LABELS, DIMENSIONS
    from analysis.intake.quality.verdict import worst
    from analysis.intake.schemas import SCHEMAS

    rows = []
    for table in quality.tables:
        scores = [quality.score(table, dimension) for dimension in DIMENSIONS]
        cells: dict[str, Cell] = {
            score.dimension: _NOT_JUDGED if score.score is None else score.score for score in scores
        }
        state = worst([flaw.state for flaw in quality.flaws if flaw.table == table])
        rows.append(Row({"table": SCHEMAS[table].label, **cells, "state": _CHIPS[state]}))
    columns = (
        Column("table", Text("数据表", "Table"), "words"),
        *(Column(dimension, _titled(DIMENSION_LABELS[dimension]), "percent_1") for dimension in DIMENSIONS),
        Column("state", Text("状态", "State"), "words"),
    )
    note = Sentence.of(
        "分数为没有问题的行、单元格或时段所占的比重，取该维度最差的一项。",
        "A score is the share of rows, cells or periods without a fault, in the worst respect of its dimension.",
    )
    title = Text("数据质量评分", "Scorecard of the data")
    return Table("appendix_quality", title, Text("%", "%"), columns, tuple(rows), note)


def _trend(quality: "Quality") -> Table:
    """Scores over the last quarters, only where one of them was not full."""
    from analysis.intake.quality.verdict import N_TREND

    quarters = [quarter.label for quarter in Quarter(quality.quarter).trailing(N_TREND)]
    columns = (
        Column("table", Text("数据表", "Table"), "words"),
        Column("dimension", Text("维度", "Dimension"), "words"),
        *(Column(label, Text(label, label), "percent_1") for label in quarters),
    )
    rows = tuple(_trend_row(score, quarters) for score in quality.scores if any(_is_low(one) for one in score.trend))
    note = Sentence.of("只列出有季度未满分的。", "Only what was not full in every quarter is listed.")
    title = Text("数据质量评分：近四季", "Scorecard of the data: the last four quarters")
    return Table("appendix_quality_trend", title, Text("%", "%"), columns, rows, note)


def _limits(policy: "Policy") -> Table:
    """How much may be wrong before conclusions are marked, and before no report is made."""
    columns = (
        Column("what", Text("有问题的部分", "What is wrong"), "words"),
        Column("warn", Text("提示：占比超过", "Marked above"), "percent_1"),
        Column("stop", Text("停发：占比超过", "Stopped above"), "percent_1"),
        Column("warn_money", Text("提示：金额占比超过", "Marked above, of the money"), "percent_1"),
        Column("stop_money", Text("停发：金额占比超过", "Stopped above, of the money"), "percent_1"),
    )
    levels = ("warn", "stop", "warn_money", "stop_money")
    rows = tuple(
        Row({"what": Text.of(row), **{level: _limit(float(row[level])) for level in levels}})
        for row in policy.table("quality_gate")
    )
    note = Sentence.of(
        "只有重要的表可使报告停发，其余只作提示。",
        "Only essential tables can stop a report; the others give a warning.",
    )
    title = Text("数据质量闸口的界限", "Limits of the quality gate")
    return Table("appendix_quality_limits", title, Text("%", "%"), columns, rows, note)


def _limit(share: float) -> Cell:
    return _NO_LIMIT if share >= 1 else share


_NO_LIMIT = Missing(Text("不按金额判断", "not judged by money"))


def _trend_row(score: "Score", quarters: list[str]) -> Row:
    from analysis.intake.quality import DIMENSION_LABELS
    from analysis.intake.schemas import SCHEMAS

    values: dict[str, Cell] = {
        label: _NO_DATA if one is None else one for label, one in zip(quarters, score.trend, strict=True)
    }
    return Row({"table": SCHEMAS[score.table].label, "dimension": DIMENSION_LABELS[score.dimension], **values})


_NO_DATA = Missing(Text("当季没有数据", "no data in the quarter"))
_PRINTED_AS_FULL = 0.9995
"""A score from here on prints as 100.0 %."""


def _is_low(score: float | None) -> bool:
    return score is not None and score < _PRINTED_AS_FULL


def _titled(text: Text) -> Text:
    return Text(text.zh, text.en.capitalize())
