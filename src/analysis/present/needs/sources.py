"""Where the knowledge of needs comes from: coverage of each source, who answered, how alike coders read."""

import pandas as pd

from analysis.core.blocks import Cell, Column, Missing, Ref, Row, Sentence, Suppressed, Table
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.portrait.needs import Coverage, NeedEvidence, Response, Taxonomy, need_range, source_lines
from analysis.portrait.needs.evidence import SourceLine
from analysis.portrait.needs.response import Interviews, NeedRange, ResponseLine
from analysis.present.needs.words import (
    CHAPTER,
    HIGH,
    LOW,
    NEED,
    column_label,
    count,
    fact,
    interval,
    measured,
    need_label,
    spelt_out,
)
from analysis.present.numbers import capital, number

_KINDS = {
    "stated": Text("客户或经理所述", "stated"),
    "revealed": Text("行为所示", "revealed"),
    "inferred": Text("推断", "inferred"),
}
_GRADES = {
    "A": Text("所述与行为相符", "words and use agree"),
    "B": Text("两个来源所述", "two sources of words"),
    "C": Text("仅一个来源，或仅有行为", "one source of words, or use alone"),
    "D": Text("仅为推断，或已过时", "inferred only, or stale"),
}


def source_table(evidence: NeedEvidence) -> Table:
    """Coverage, age and agreement of each source."""
    columns = (
        Column("source", Text("来源", "Source"), "words"),
        Column("kind", Text("性质", "Kind"), "words"),
        Column("weight", Text("可信度", "Weight"), "decimal_2"),
        Column("n_clients", Text("覆盖户数", "Clients covered"), "count"),
        Column("share", Text("覆盖率", "Coverage"), "percent_1"),
        Column("n_needs", Text("需求数", "Needs named"), "count"),
        Column("age", Text("距今中位天数", "Median age, days"), "count"),
        Column("stale", Text("已过时", "Stale"), "percent_1"),
        Column("confirmed", Text("他源佐证", "Confirmed"), "percent_1"),
    )
    note = Sentence.of(
        "需求数按客户 × 需求计。可信度是该来源单独指出的需求确实存在的可能；他源佐证是其所指需求中被另一来源同样指出的比例。推断来源单列，不计入合并强度。",
        "Needs are counted as client × need. Weight: the chance that a need this source alone names is there. Confirmed: share of its needs that "
        "another source names too. Inferred sources are shown apart and not combined.",
    )
    rows = tuple(_source_row(line) for line in source_lines(evidence))
    title = Text("需求来源的覆盖与互证", "Sources of needs: coverage and agreement")
    return Table("need_sources", title, Text("户、项、%、天", "clients, needs, %, days"), columns, rows, note)


def _source_row(line: SourceLine) -> Row:
    base = f"source.{line.source.code}"
    name = line.source.label
    cells: dict[str, Cell] = {
        "source": Text(name.zh, name.en[:1].upper() + name.en[1:]),
        "kind": _KINDS[line.source.kind],
        "weight": line.source.weight,
        "n_clients": count(
            f"{base}.n_clients", line.n_clients, Text(f"{name.zh}：覆盖户数", f"{name.en}: clients covered")
        ),
        "share": fact(f"{base}.share", line.share, "percent_1", Text(f"{name.zh}：覆盖率", f"{name.en}: coverage")),
        "n_needs": count(f"{base}.n_needs", line.n_needs, Text(f"{name.zh}：需求数", f"{name.en}: needs named")),
        "age": measured(line.median_age_days),
        "stale": measured(line.stale_share),
        "confirmed": measured(line.confirmed),
    }
    return Row(cells)


def grade_table(evidence: NeedEvidence) -> Table:
    """How many needs stand on which grade of evidence."""
    grades = evidence.grades()
    total = int((grades != "").sum())
    rows = []
    for grade, meaning in _GRADES.items():
        n = int((grades == grade).sum())
        share: Cell = n / total if total else Missing(Text("没有需求", "there are no needs"))
        rows.append(Row({"grade": grade, "meaning": meaning, "n": n, "share": share}))
    columns = (
        Column("grade", Text("等级", "Grade"), "words"),
        Column("meaning", Text("含义", "Meaning"), "words"),
        Column("n", Text("需求数", "Needs"), "count"),
        Column("share", Text("占比", "Share"), "percent_1"),
    )
    note = Sentence.of(
        "需求数按客户 × 需求计；全部证据均已过时者降一级。",
        "Counted as client × need; one grade lower when all evidence is stale.",
    )
    return Table(
        "need_grades", Text("需求证据等级", "Grades of evidence"), Text("项、%", "needs, %"), columns, tuple(rows), note
    )


def response_blocks(
    evidence: NeedEvidence, response: Response | Unavailable, interviews: Interviews | Unavailable
) -> tuple[Table | Unavailable, ...]:
    """Who answered and what silence leaves open; one reason where there was no survey."""
    if isinstance(response, Unavailable):
        return (response,)
    return response_table(response, interviews), range_table(evidence, response)


def response_table(response: Response | Unavailable, interviews: Interviews | Unavailable) -> Table | Unavailable:
    """Asked, answered, rate and weight by size class, with the interviews and their coders in the note."""
    if isinstance(response, Unavailable):
        return response
    columns = (
        Column("group", Text("规模", "Size"), "words"),
        Column("n_asked", Text("问卷对象", "Asked"), "count"),
        Column("n_answered", Text("已答复", "Answered"), "count"),
        Column("rate", Text("答复率", "Response rate"), "percent_1"),
        Column("low", LOW, "percent_1"),
        Column("high", HIGH, "percent_1"),
        Column("weight", Text("一份答卷代表户数", "Clients an answer stands for"), "decimal_2"),
    )
    total = Row(
        {
            "group": Text("合计", "Total"),
            "n_asked": count("response.n_asked", response.n_asked, Text("问卷对象", "clients asked")),
            "n_answered": count(
                "response.n_answered", response.n_answered, Text("已答复客户", "clients that answered")
            ),
            "rate": _rate(response),
            **interval(response.total),
            "weight": Missing(Text("各组不同", "differs by group")),
        },
        "total",
    )
    note = _response_note(response, interviews)
    title = Text("问卷答复情况与权重", "Who answered the survey, and weights")
    unit = Text("户、%", "clients, %")
    return Table("need_response", title, unit, columns, (total, *map(_response_row, response.lines)), note)


def _rate(response: Response) -> Cell:
    label = Text("问卷答复率", "survey response rate")
    total = response.total
    return fact("response.rate", total if isinstance(total, Unavailable) else total.estimate, "percent_1", label)


def _response_row(line: ResponseLine) -> Row:
    cells: dict[str, Cell] = {
        "group": capital(line.group.label),
        "n_asked": line.n_asked,
        "n_answered": line.n_answered,
        "rate": measured(line.rate),
        **interval(line.rate),
        "weight": measured(line.weight),
    }
    return Row(cells)


def _response_note(response: Response, interviews: Interviews | Unavailable) -> Sentence:
    first = Sentence.of(
        "回看期内每户取最近一次答复，答复日 {first} 至 {last}；权重使各规模按发放户数计。",
        "The latest answer of each client in the period, from {first} to {last}; weights restore the sizes as asked.",
        first=_day("response.first", response.first.date().isoformat(), Text("最早答复日", "earliest answer")),
        last=_day("response.last", response.last.date().isoformat(), Text("最晚答复日", "latest answer")),
    )
    if isinstance(interviews, Unavailable):
        return first + Sentence.of("没有访谈。", "There are no interviews.")
    talked = Sentence.of(
        "访谈 {n} 户，其中 {twice} 户由两人分别编码",
        "{n} clients were interviewed, {twice} of them coded by two people",
        n=count("interviews.n_clients", interviews.n_clients, Text("访谈户数", "clients interviewed")),
        twice=count(
            "interviews.n_double_coded", interviews.n_double_coded, Text("两人编码户数", "clients coded twice")
        ),
    )
    if isinstance(interviews.kappa, Unavailable):
        end = Sentence.of("，编码一致性未知。", "; their agreement is unknown.")
    else:
        end = Sentence.of(
            "，一致性系数 {kappa}（区间 {low} 至 {high}）。",
            "; kappa {kappa} (interval {low} to {high}).",
            kappa=fact(
                "interviews.kappa", interviews.kappa.estimate, "decimal_2", Text("编码一致性系数", "kappa of coders")
            ),
            low=fact(
                "interviews.kappa_low", interviews.kappa.ci_low, "decimal_2", Text("系数区间下限", "kappa, lower end")
            ),
            high=fact(
                "interviews.kappa_high", interviews.kappa.ci_high, "decimal_2", Text("系数区间上限", "kappa, upper end")
            ),
        )
    return first + Sentence(talked.zh + end.zh, talked.en + end.en)


def _day(key: str, value: str, label: Text) -> Ref:
    return number(CHAPTER, key, value, "name", label)


MOST = 10
"""Needs of the table of ranges: enough to see that silence matters more than sampling."""


def range_table(evidence: NeedEvidence, response: Response) -> Table:
    """Share of clients with each need as answered, weighted, and the two ends that silence leaves open."""
    named = evidence.by_source["survey"].strength > 0
    taxonomy = evidence.taxonomy
    ranges = {
        code: need_range(pd.Series(named[:, k], index=evidence.clients), response)
        for k, code in enumerate(taxonomy.codes)
    }
    order = sorted(ranges, key=lambda code: (-_point(ranges[code]), code))[:MOST]
    columns = (
        Column("need", NEED, "words"),
        Column("raw", Text("答复者中", "Of those who answered"), "percent_1"),
        Column("weighted", Text("加权", "Weighted"), "percent_1"),
        Column("low", LOW, "percent_1"),
        Column("high", HIGH, "percent_1"),
        Column("least", Text("沉默者皆无", "No silent client"), "percent_1"),
        Column("most", Text("沉默者皆有", "Every silent client"), "percent_1"),
    )
    rows = tuple(
        Row(
            {
                "need": need_label(taxonomy, code),
                "raw": measured(ranges[code].raw),
                "weighted": measured(ranges[code].weighted),
                **interval(ranges[code].weighted),
                "least": ranges[code].low,
                "most": ranges[code].high,
            }
        )
        for code in order
    )
    note = Sentence.of(
        "区间只反映抽样误差；最后两列是未答复者全无、全有该需求时的比例，问卷本身不能再缩小这一范围。",
        "Intervals are for sampling only. The last two columns: if no silent client had the need, and if every one had it; the survey itself cannot narrow that.",
    )
    title = Text("问卷所见需求及其可能范围", "Needs in the survey and the range they may lie in")
    return Table("need_ranges", title, Text("%", "%"), columns, rows, note)


def _point(found: NeedRange) -> float:
    return 0.0 if isinstance(found.weighted, Unavailable) else found.weighted.estimate


def coverage_table(found: Coverage | Unavailable, taxonomy: Taxonomy) -> Table | Unavailable:
    """Share of clients of each group that use a product of each need, with the change on the year."""
    if isinstance(found, Unavailable):
        return found
    columns = (
        Column("need", NEED, "words"),
        *(Column(g.code, column_label(found.grouping, g), "percent_1", heat=True) for g in found.grouping.groups),
        Column("total", Text("全部", "All"), "percent_1"),
        Column("change", Text("同比", "On the year"), "points"),
    )
    order = sorted(range(len(found.needs)), key=lambda row: (-found.total[row], found.needs[row]))
    rows = []
    for row in (row for row in order if not found.is_few[row]):
        cells: dict[str, Cell] = {"need": need_label(taxonomy, found.needs[row]), "total": float(found.total[row])}
        for k, group in enumerate(found.grouping.groups):
            cells[group.code] = Suppressed() if found.hidden[row, k] else float(found.share[row, k])
        before = found.before
        cells["change"] = (
            Missing(before.reason) if isinstance(before, Unavailable) else float(found.total[row] - before[row])
        )
        rows.append(Row(cells))
    by = found.grouping.label
    note = Sentence.of(
        "季末使用该需求对应产品的客户占比，颜色随占比加深；同比为全部客户的百分点变化，含新客户与离开的客户。* 为低于披露下限。",
        "Share of clients that use a product serving the need at quarter-end, deeper with the share; on the year: points over all clients, new and lost ones included. "
        "* below the disclosure limit.",
    )
    title = Text(f"产品覆盖：需求 × {by.zh}", f"Coverage by products: needs by {by.en}")
    return Table(
        "need_coverage", title, Text("%、个百分点", "%, pp"), columns, tuple(rows), spelt_out(found.grouping, note)
    )
