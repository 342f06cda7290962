"""KPI tables: what a quarter's figures are and how they changed, money, ratios and numbers apart."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from analysis.core.blocks import Cell, Column, Missing, Ref, Row, Sentence, Style, Table
from analysis.core.estimate import Unavailable
from analysis.core.fact import Fact
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.core.units import Currency
from analysis.intake import Portfolio
from analysis.metrics import METRICS, Change, Comparison, Metric
from analysis.metrics.metric import ComparisonKind
from analysis.present.format import unit_word
from analysis.present.numbers import number

CHAPTER = "10_describe_clients"

MONEY = (
    "DEP_ADB", "DEP_EOP", "LOAN_ADB", "LOAN_EOP", "LIMIT", "FTPNII", "NETFEE", "OPREV", "CTS", "CONTRIB", "NOPAT_C", "EC", "EVA",
    "APPR_AMT", "NEW_AMT",
)  # fmt: skip
"""Amounts, in the order of the table."""
RATIOS = (
    "ADBGAP", "CASA_C", "DEPRATE", "LOANRATE", "NIM_C", "FEER", "CIR", "RAROC", "RORWA", "LDR_C", "UTIL", "NPLR", "SMLR",
    "OVDR", "NPLGEN", "COVR", "STAGE2", "TOP10", "DEF_R", "LOSS_R", "UNK_R",
)  # fmt: skip
BESIDE = {"DEP_EOP": "ADBGAP"}
"""A ratio that stands below an amount wherever its growth is printed: the day is worth what the gap leaves of it."""
COUNTS = ("NCLI", "EFFCLI", "VALCLI", "NBORR", "NOLOAN", "NEWLOAN", "N_LOAN", "N_NEW")
COVERAGE = ("EFFR", "BASICR", "SETTLE_ACT", "DORM", "XSELL", "CHURN_N", "CHURN_AMT", "NRR")
TILES = (
    "DEP_ADB",
    "LOAN_ADB",
    "OPREV",
    "NETFEE",
    "RAROC",
    "EVA",
    "VALCLI",
    "NPLR",
    "N_LOAN",
    "APPR_AMT",
    "DEF_R",
    "LOSS_R",
)
"""KPIs of which eight quarters are recorded; the summary draws those a source has."""

LOAN_BOOK = ("APPR_AMT", "NEW_AMT", "N_LOAN", "N_NEW", "DEF_R", "LOSS_R", "UNK_R")
"""KPIs of a book of loans with final outcomes; where loans are followed month by month their states say more."""


def codes_for(portfolio: Portfolio) -> tuple[str, ...]:
    """The KPIs of the overview that suit the source."""
    codes = (*MONEY, *RATIOS, *COUNTS, *COVERAGE)
    return tuple(code for code in codes if code not in LOAN_BOOK or not portfolio.has("loan_states"))


def tiles_for(portfolio: Portfolio) -> tuple[str, ...]:
    """The KPIs whose quarters are recorded for the summary."""
    codes = codes_for(portfolio)
    return tuple(code for code in TILES if code in codes and METRICS[code].comparisons)


KINDS: Mapping[ComparisonKind, Text] = {
    "qoq": Text("环比", "On quarter"),
    "ytd": Text("较年初", "Since start of year"),
    "yoy": Text("同比", "On year"),
}
_WORDS: Mapping[ComparisonKind, Text] = {
    "qoq": Text("较上季", "on the quarter before"),
    "ytd": Text("较年初", "since the start of the year"),
    "yoy": Text("较上年同期", "on a year ago"),
}


def value_ref(metric: Metric, value: float | Unavailable, *, quarter: str = "") -> Ref:
    """The KPI itself as a fact."""
    return number(CHAPTER, f"kpi.{metric.code}", value, metric.style, metric.name, metric=metric.code, quarter=quarter)


def change_ref(metric: Metric, change: Change, *, absolute: bool = False) -> Ref | Text:
    """A change as a fact: a growth rate, points or basis points; or the word that stands for a change of sign.

    Parameters
    ----------
    absolute : the difference itself, in the metric's unit
    """
    if change.word is not None and not absolute:
        return change.word
    style, value = _change(metric, change, absolute)
    suffix = ".abs" if absolute else ""
    label = Text(f"{metric.name.zh}：{_WORDS[change.kind].zh}", f"{metric.name.en}: {_WORDS[change.kind].en}")
    return number(CHAPTER, f"kpi.{metric.code}.{change.kind}{suffix}", value, style, label, metric=metric.code)


def _change(metric: Metric, change: Change, absolute: bool) -> tuple[Style, float | Unavailable]:
    if change.style == "points":
        return "points", change.absolute
    if change.style == "bp":
        return "bp", change.absolute
    if absolute:
        return _ABSOLUTE.get(metric.style, "decimal_2"), change.absolute
    return "growth", change.growth


_ABSOLUTE: Mapping[Style, Style] = {
    "money_large": "money_large_change",
    "money_small": "money_small_change",
    "count": "count_change",
}


def overview_tables(
    comparisons: Sequence[Comparison],
    series: Mapping[str, Mapping[Quarter, float | Unavailable]],
    *,
    currency: Currency,
) -> tuple[Table, ...]:
    """The KPI tables of the quarter, one a kind of unit; what the source has no table for is counted in a note.

    Parameters
    ----------
    comparisons : of `codes_for`
    series : values by quarter of the tiles' KPIs, recorded for the summary
    """
    found = {comparison.code: comparison for comparison in comparisons}
    zh, en = unit_word("money_large", "zh", currency), unit_word("money_large", "en", currency)
    money = Text(f"{zh}；增减为 %", f"{en}; changes in %")
    percent = Text("%、个百分点、BP", "%, percentage points, basis points")
    number_unit = Text("户、笔；增减为 %", "number; changes in %")
    tables = (
        _table(
            "overview_money", Text("规模、收入与回报", "Volumes, income and return"), money, MONEY, found, "money_large"
        ),
        _table(
            "overview_ratios",
            Text("价格、效率与质量", "Prices, efficiency and quality"),
            percent,
            RATIOS,
            found,
            "percent",
        ),
        _table(
            "overview_counts", Text("客户数与笔数", "Numbers of clients and loans"), number_unit, COUNTS, found, "count"
        ),
        _table("overview_coverage", Text("客户关系", "Relationship"), percent, COVERAGE, found, "percent"),
    )
    recorded = tuple(
        Fact(
            f"{CHAPTER}.series.{code}.{quarter}",
            value,
            METRICS[code].unit,
            CHAPTER,
            METRICS[code].name,
            code,
            str(quarter),
        )
        for code, values in series.items()
        for quarter, value in values.items()
        if not isinstance(value, Unavailable)
    )
    recorded += tuple(
        ref.fact
        for code in series
        if code in found and METRICS[code].is_signed
        for change in found[code].changes
        if isinstance(ref := change_ref(METRICS[code], change, absolute=True), Ref) and ref.fact.value is not None
    )
    kept = [table for table in tables if table.rows]
    return (_with_facts(kept[0], recorded), *kept[1:]) if kept else ()


def _with_facts(table: Table, facts: tuple[Fact, ...]) -> Table:
    return replace(table, own_facts=facts)


def _table(
    id: str, title: Text, unit: Text, codes: Sequence[str], found: Mapping[str, Comparison], style: Style
) -> Table:
    shown = [found[code] for code in codes if code in found and not _lacks_table(found[code])]
    left_out = sum(code in found and _lacks_table(found[code]) for code in codes)
    kinds = [kind for kind in KINDS if any(change.kind == kind for one in shown for change in one.changes)]
    change_style: Style = "points" if style == "percent" else "growth"
    columns = (
        Column("name", Text("指标", "Indicator"), "words"),
        Column("value", Text("本期", "This quarter"), style),
        *(Column(kind, KINDS[kind], change_style) for kind in kinds),
    )
    note = Sentence.of(
        "环比：流量与日均较上季，时点较上季末。较年初只对时点有意义。",
        "On quarter: flows and averages on the quarter before, stocks on its last day. Since start of year is for stocks only.",
    )
    if left_out:
        count = number(
            CHAPTER,
            f"{id}.left_out",
            left_out,
            "count",
            Text("缺表未列的指标数", "indicators without a table"),
            unit=False,
        )
        note = note + Sentence.of(
            "另有 {n} 项指标因数据源缺表未列。",
            "{n} more indicators are left out: the source lacks their tables.",
            n=count,
        )
    rows = []
    for one in shown:
        rows.append(_row(one, kinds))
        beside = found.get(BESIDE.get(one.code, ""))
        if beside is not None and not _lacks_table(beside):
            rows.append(replace(_row(beside, kinds), role="indent"))
    return Table(id, title, unit, columns, tuple(rows), note, tuple(c.code for c in shown))


def _lacks_table(comparison: Comparison) -> bool:
    """Whether nothing at all is known of it; such rows would only be dashes."""
    return isinstance(comparison.current, Unavailable)


def _row(comparison: Comparison, kinds: Sequence[ComparisonKind]) -> Row:
    metric = METRICS[comparison.code]
    cells: dict[str, Cell] = {"name": metric.name, "value": value_ref(metric, comparison.current)}
    by_kind = {change.kind: change for change in comparison.changes}
    for kind in kinds:
        cells[kind] = _change_cell(metric, by_kind.get(kind))
    return Row(cells)


def _change_cell(metric: Metric, change: Change | None) -> Cell:
    if change is None:
        return Missing(Text("该指标无此比较", "no such comparison"))
    cell = change_ref(metric, change)
    if isinstance(cell, Ref) and cell.fact.value is None:
        return Missing(cell.fact.reason or Text("无数据", "no data"))
    return cell
