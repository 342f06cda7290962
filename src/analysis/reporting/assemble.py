"""Puts chapters, control page and appendix together into what the renderers print."""

import hashlib
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from analysis.core.blocks import Cell, Column, Row, Sentence, Table
from analysis.core.text import Text
from analysis.reporting.chapter import facts_json
from analysis.reporting.executed import ChapterResult, merged_facts
from analysis.reporting.parameters import Declaration
from analysis.reporting.plan import Plan
from analysis.reporting.render.document import SUMMARY_CHAPTER, ChapterContent, ControlRow, ReportContent

if TYPE_CHECKING:
    from analysis.intake import Portfolio
    from analysis.intake.policy import Policy

PACKAGE = "corporate-client-research"
_KINDS = {
    "synthetic": Text("合成数据", "synthetic"),
    "open": Text("公开数据", "open data"),
    "production": Text("生产数据", "production data"),
}
_ORIGINS = {
    "seed": Text("需求方给定", "asked for"),
    "inferred": Text("由需求推得", "inferred"),
    "ours": Text("项目组判断", "our judgement"),
    "regulation": Text("监管规定", "regulation"),
}


def printed_order(results: Iterable[ChapterResult]) -> tuple[ChapterResult, ...]:
    """Chapters as printed: the summary, which runs last, comes first."""
    return tuple(sorted(results, key=lambda result: result.chapter != SUMMARY_CHAPTER))


def assemble(
    plan: Plan,
    portfolio: "Portfolio",
    results: Mapping[str, ChapterResult],
    declared: Mapping[str, tuple[Declaration, ...]],
) -> ReportContent:
    """The whole report in memory, in both languages.

    Parameters
    ----------
    results : by chapter, those left out with the page that says so, in the order of the report file
    declared : parameters of each chapter with their explanation
    """
    from typing import cast

    provenance = portfolio.provenance
    printed = printed_order(results.values())
    facts = facts_json(merged_facts(printed))
    number = hashlib.sha256(facts.encode()).hexdigest()[:8].upper()
    return ReportContent(
        report=plan.definition.name,
        title=plan.definition.title,
        short_title=plan.definition.short_title,
        quarter=portfolio.quarter,
        as_of=portfolio.quarter.as_of,
        source=provenance.source,
        source_title=provenance.title,
        kind=cast(Any, provenance.kind),
        bank=Text("", ""),
        mark=_mark(portfolio.policy, provenance.kind),
        report_id=f"{plan.quarter}-{number}",
        version=version(PACKAGE),
        currency=portfolio.currency,
        chapters=tuple(ChapterContent(result.chapter, result.blocks, result.facts) for result in printed),
        control=tuple(_control(plan, portfolio, results)),
        control_headline=_headline(provenance.kind, results).as_json(),
        appendix=tuple(
            table.as_json()
            for table in (_policy_table(portfolio.policy), _parameter_table(plan, declared))
            if table.rows
        ),
    )


def _mark(policy: "Policy", kind: str) -> Text:
    return next(Text.of(row) for row in policy.table("brand_marks") if row["kind"] == kind)


def _headline(kind: str, results: Mapping[str, ChapterResult]) -> Sentence:
    """May this issue be quoted."""
    if kind == "synthetic":
        return Sentence.of("合成数据：本期数据不得对外引用。", "Synthetic data: no figure of this issue may be quoted.")
    if kind == "open":
        return Sentence.of(
            "公开数据：可作方法研究引用，不代表本行。", "Open data: may be quoted as method research, not as this bank."
        )
    if any(result.cautions or result.notebook is None for result in results.values()):
        return Sentence.of("可引用，须一并引用下列提示。", "May be quoted, together with the cautions below.")
    return Sentence.of("可引用。", "May be quoted.")


def _control(plan: Plan, portfolio: "Portfolio", results: Mapping[str, ChapterResult]) -> Iterable[ControlRow]:
    provenance, policy = portfolio.provenance, portfolio.policy
    kind = _KINDS[provenance.kind]
    yield ControlRow(Text("数据性质", "Kind of data"), kind, "good" if provenance.kind == "production" else "none")
    rows = sum(item.rows for item in provenance.inputs)
    files = len(provenance.inputs)
    if files:
        yield ControlRow(
            Text("读入文件", "Files read"), Text(f"{files:,} 个，共 {rows:,} 行", f"{files:,} with {rows:,} rows")
        )
    dropped = sum(item.n_dropped for item in provenance.cleaning)
    concerned = sum(item.n_rows for item in provenance.cleaning)
    yield ControlRow(
        Text("装载时处理的行", "Rows dealt with when loading"),
        Text(f"{concerned:,} 行，其中剔除 {dropped:,} 行", f"{concerned:,}, of these {dropped:,} left out"),
        "near" if dropped else "good",
        Text("见清单", "see manifest") if dropped else Text("通过", "passed"),
    )
    yield _tie_out_row(portfolio)
    absent = [step.chapter for step in plan.steps if step.absent]
    yield ControlRow(
        Text("章节", "Chapters"),
        Text(
            f"{len(results) - len(absent)} 章已编制，{len(absent)} 章因缺数据未编制",
            f"{len(results) - len(absent)} written, {len(absent)} left out for lack of data",
        ),
        "near" if absent else "good",
        Text("注意", "attention") if absent else Text("通过", "passed"),
    )
    yield ControlRow(Text("政策版本", "Policies"), Text(policy.sha256[:8], policy.sha256[:8]))
    cautions = dict.fromkeys(caution for result in results.values() for caution in result.cautions)
    for caution in cautions:
        yield ControlRow(Text("提示", "Caution"), caution, "near", Text("注意", "attention"))


def _tie_out_row(portfolio: "Portfolio") -> ControlRow:
    """Whether the client tables add up to the ledger."""
    from analysis.core.estimate import Unavailable
    from analysis.intake.tie_out import tie_out

    label = Text("与总账勾稽", "Tied to the ledger")
    found = tie_out(portfolio)
    if isinstance(found, Unavailable):
        return ControlRow(label, found.reason)
    value = Text(
        f"{found.n_cells:,} 项，其中不符 {found.n_off:,} 项",
        f"{found.n_cells:,} totals, {found.n_off:,} of them differ",
    )
    word = Text("通过", "passed") if found.is_tied else Text("未通过", "failed")
    return ControlRow(label, value, "good" if found.is_tied else "bad", word)


def _policy_table(policy: "Policy") -> Table:
    """Every decision in force, with its owner and origin."""
    columns = (
        Column("label", Text("规则", "Rule"), "words"),
        Column("value", Text("取值", "Value"), "words"),
        Column("unit", Text("单位", "Unit"), "words"),
        Column("owner", Text("归口", "Owner"), "words"),
        Column("valid_from", Text("生效日", "Valid from"), "words"),
        Column("origin", Text("来源", "Origin"), "words"),
    )
    rows = tuple(
        Row(
            {
                "label": row.label,
                "value": _shown(row.value),
                "unit": row.unit,
                "owner": row.owner,
                "valid_from": row.valid_from.isoformat(),
                "origin": _ORIGINS[row.origin],
            }
        )
        for row in policy.rows
    )
    note = Sentence.of(
        "比率以小数表示。银行自有取值优先于项目默认值。",
        "Rates are fractions. A bank's own value wins over the project's.",
    )
    return Table(
        "appendix_policies",
        Text("生效的政策与阈值", "Policies in force"),
        Text("见各行", "in each row"),
        columns,
        rows,
        note,
    )


def _parameter_table(plan: Plan, declared: Mapping[str, tuple[Declaration, ...]]) -> Table:
    """Every parameter a chapter ran with."""
    columns = (
        Column("chapter", Text("章节", "Chapter"), "words"),
        Column("name", Text("参数", "Parameter"), "words"),
        Column("value", Text("取值", "Value"), "words"),
        Column("help", Text("含义", "Meaning"), "words"),
    )
    rows = tuple(
        Row(
            {"chapter": step.chapter, "name": item.name, "value": _shown(step.parameters[item.name]), "help": item.help}
        )
        for step in plan.steps
        for item in declared[step.chapter]
        if item.name not in ("data", "language")
    )
    note = Sentence.of("随机种子也是参数。", "Seeds of random draws are parameters too.")
    return Table("appendix_parameters", Text("运行参数", "Parameters of the run"), Text("—", "—"), columns, rows, note)


def _shown(value: object) -> Cell:
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    return f"{value:.12g}" if isinstance(value, float) else str(value)
