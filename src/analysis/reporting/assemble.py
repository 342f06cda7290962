"""Puts chapters, control page and appendix together into what the renderers print."""

import hashlib
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from analysis.core.blocks import Sentence, facts_of
from analysis.core.text import Text
from analysis.reporting.appendix import appendix_tables
from analysis.reporting.chapter import facts_json
from analysis.reporting.executed import ChapterResult, merged_facts
from analysis.reporting.matches import matches_row
from analysis.reporting.parameters import Declaration
from analysis.reporting.plan import Plan
from analysis.reporting.quality import quality_light
from analysis.reporting.render.document import SUMMARY_CHAPTER, ChapterContent, ControlRow, ReportContent
from analysis.reporting.restatements import Restatements, find_restatements, restatement_row

if TYPE_CHECKING:
    from analysis.intake import Portfolio
    from analysis.intake.policy import Policy

PACKAGE = "corporate-client-research"
_KINDS = {
    "synthetic": Text("合成数据", "synthetic"),
    "open": Text("公开数据", "open data"),
    "production": Text("生产数据", "production data"),
}


def printed_order(results: Iterable[ChapterResult]) -> tuple[ChapterResult, ...]:
    """Chapters as printed: the summary, which runs last, comes first."""
    return tuple(sorted(results, key=lambda result: result.chapter != SUMMARY_CHAPTER))


def assemble(
    plan: Plan,
    portfolio: "Portfolio",
    results: Mapping[str, ChapterResult],
    declared: Mapping[str, tuple[Declaration, ...]],
    rows: Mapping[str, int],
) -> ReportContent:
    """The whole report in memory, in both languages.

    Parameters
    ----------
    results : by chapter, those left out with the page that says so, in the order of the report file
    declared : parameters of each chapter with their explanation
    rows : number of rows of each canonical table
    """
    from typing import cast

    provenance = portfolio.provenance
    printed = printed_order(results.values())
    facts = merged_facts(printed)
    code = plan.steps[0].parts["code"]
    restatements = find_restatements(plan.issued, portfolio, code=code) if plan.issued else None
    appendix = appendix_tables(plan, facts, declared, portfolio, restatements)
    own_facts = facts_of(appendix)
    number = hashlib.sha256(facts_json((*facts, *own_facts)).encode()).hexdigest()[:8].upper()
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
        control=tuple(_control(plan, portfolio, results, rows, restatements)),
        control_headline=_headline(
            provenance.kind, results, has_faults=portfolio.quality is not None and bool(portfolio.quality.flaws)
        ).as_json(),
        appendix=tuple(table.as_json() for table in appendix),
        own_facts=own_facts,
    )


def _mark(policy: "Policy", kind: str) -> Text:
    return next(Text.of(row) for row in policy.table("brand_marks") if row["kind"] == kind)


def _headline(kind: str, results: Mapping[str, ChapterResult], *, has_faults: bool) -> Sentence:
    """May this issue be quoted."""
    if kind == "synthetic":
        return Sentence.of("合成数据：本期数据不得对外引用。", "Synthetic data: no figure of this issue may be quoted.")
    if kind == "open":
        return Sentence.of(
            "公开数据：可作方法研究引用，不代表本行。", "Open data: may be quoted as method research, not as this bank."
        )
    if has_faults or any(result.cautions or result.notebook is None for result in results.values()):
        return Sentence.of("可引用，须一并引用下列提示。", "May be quoted, together with the cautions below.")
    return Sentence.of("可引用。", "May be quoted.")


def _control(
    plan: Plan,
    portfolio: "Portfolio",
    results: Mapping[str, ChapterResult],
    rows: Mapping[str, int],
    restatements: Restatements | None,
) -> Iterable[ControlRow]:
    provenance, policy = portfolio.provenance, portfolio.policy
    yield quality_light(portfolio.quality)
    kind = _KINDS[provenance.kind]
    yield ControlRow(Text("数据性质", "Kind of data"), kind, "good" if provenance.kind == "production" else "none")
    count, total = len(rows), sum(rows.values())
    yield ControlRow(Text("数据表", "Tables"), Text(f"{count:,} 张，共 {total:,} 行", f"{count:,} with {total:,} rows"))
    dropped = sum(item.n_dropped for item in provenance.cleaning)
    concerned = sum(item.n_rows for item in provenance.cleaning)
    yield ControlRow(
        Text("装载时处理的行", "Rows dealt with when loading"),
        Text(f"{concerned:,} 行，其中剔除 {dropped:,} 行", f"{concerned:,}, of these {dropped:,} left out"),
        "near" if dropped else "good",
        Text("见清单", "see manifest") if dropped else Text("通过", "passed"),
    )
    yield _tie_out_row(portfolio)
    yield matches_row(portfolio.matches, portfolio.currency)
    yield restatement_row(restatements, portfolio.quarter.previous.label, portfolio.currency)
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
    faults = portfolio.quality.flaws if portfolio.quality else ()
    said = [*(flaw.text for flaw in faults), *(text for result in results.values() for text in result.cautions)]
    cautions = dict.fromkeys(said)
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
