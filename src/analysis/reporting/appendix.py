"""The appendix: what the figures mean, which decisions are in force, and with which parameters the chapters ran."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from analysis.core.blocks import Cell, Column, Row, Sentence, Table
from analysis.core.fact import Fact
from analysis.core.text import Text
from analysis.reporting.parameters import Declaration
from analysis.reporting.plan import Plan
from analysis.reporting.quality import quality_tables

if TYPE_CHECKING:
    from analysis.intake import Portfolio
    from analysis.intake.policy import Policy
    from analysis.metrics.glossary import Entry
    from analysis.reporting.restatements import Restatements

_ORIGINS = {
    "seed": Text("需求方给定", "asked for"),
    "inferred": Text("由需求推得", "inferred"),
    "ours": Text("项目组判断", "our judgement"),
    "regulation": Text("监管规定", "regulation"),
}


def appendix_tables(
    plan: Plan,
    facts: Iterable[Fact],
    declared: Mapping[str, tuple[Declaration, ...]],
    portfolio: "Portfolio",
    restatements: "Restatements | None",
) -> tuple[Table, ...]:
    """The tables of the appendix, without those that would be empty."""
    from analysis.reporting.matches import matches_table
    from analysis.reporting.restatements import restatement_tables

    policy = portfolio.policy
    tables = (
        *quality_tables(portfolio.quality, policy),
        matches_table(portfolio.matches),
        *restatement_tables(restatements),
        metric_table(facts),
        policy_table(policy),
        parameter_table(plan, declared),
    )
    return tuple(table for table in tables if table.rows)


def metric_table(facts: Iterable[Fact]) -> Table:
    """Definition, formula, type, comparisons and owner of every KPI the report prints, from the registry."""
    from analysis.metrics.glossary import glossary

    columns = (
        Column("name", Text("指标", "Indicator"), "words"),
        Column("definition", Text("口径", "Definition"), "words"),
        Column("formula", Text("公式", "Formula"), "words"),
        Column("type", Text("类型、单位与可作的比较", "Type, unit, valid comparisons"), "words"),
        Column("owner", Text("归口", "Owner"), "words"),
    )
    rows = tuple(
        Row(
            {
                "name": Text(f"{entry.name.zh}（{entry.code}）", f"{entry.name.en} ({entry.code})"),
                "definition": _with_trap(entry.definition, entry.trap),
                "formula": entry.formula,
                "type": _type_in_words(entry),
                "owner": entry.owner,
            }
        )
        for entry in glossary({fact.metric for fact in facts})
    )
    note = Sentence.of(
        "公式由客户与季度的度量相加后计算，分母为零时不给出数值。比率变动拆分时，交互项计入水平效应。",
        "Formulas work on sums over clients and the quarter; with a zero denominator there is no value. Where the "
        "change of a ratio is split, the interaction is counted in the rate.",
    )
    return Table("appendix_metrics", Text("指标口径", "Definitions"), Text("", ""), columns, rows, note)


def _type_in_words(entry: "Entry") -> Text:
    """Measure type, unit where it says more, and what may be compared."""
    kind, unit, compared = entry.measure_type, entry.unit, entry.comparisons
    if kind == unit:
        return Text(f"{kind.zh}；{compared.zh}", f"{kind.en}; {compared.en}")
    return Text(f"{kind.zh}，{unit.zh}；{compared.zh}", f"{kind.en}, {unit.en}; {compared.en}")


def _with_trap(definition: Text, trap: Text | None) -> Text:
    """The definition, with what to beware of behind it."""
    if trap is None:
        return definition
    return Text(f"{definition.zh}提示：{trap.zh}", f"{definition.en} Beware: {trap.en}")


def policy_table(policy: "Policy") -> Table:
    """Every decision in force, with its owner and origin."""
    columns = (
        Column("label", Text("规则", "Rule"), "words"),
        Column("value", Text("取值", "Value"), "words"),
        Column("unit", Text("单位", "Unit"), "words"),
        Column("owner", Text("归口", "Owner"), "words"),
        Column("valid_from", Text("生效日", "Valid from"), "words"),
        Column("origin", Text("来源", "Origin"), "words"),
    )
    words = {row["id"]: Text.of(row) for row in policy.table("policy_words")}
    rows = tuple(
        Row(
            {
                "label": row.label,
                "value": _shown(row.value),
                "unit": words.get(row.unit, row.unit),
                "owner": words.get(row.owner, row.owner),
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


def parameter_table(plan: Plan, declared: Mapping[str, tuple[Declaration, ...]]) -> Table:
    """Every parameter a chapter ran with."""
    columns = (
        Column("chapter", Text("章节", "Chapter"), "words"),
        Column("name", Text("参数", "Parameter"), "words"),
        Column("value", Text("取值", "Value"), "words"),
        Column("help", Text("含义", "Meaning"), "words"),
    )
    rows = tuple(
        Row(
            {
                "chapter": step.chapter,
                "name": item.name,
                "value": _shown(step.parameters[item.name]),
                "help": both_languages(item.help),
            }
        )
        for step in plan.steps
        for item in declared[step.chapter]
        if item.name not in ("data", "language")
    )
    note = Sentence.of("随机种子也是参数。", "Seeds of random draws are parameters too.")
    return Table("appendix_parameters", Text("运行参数", "Parameters of the run"), Text("", ""), columns, rows, note)


def both_languages(explanation: str) -> Text:
    """The explanation of a parameter: Chinese, a slash between spaces, English; one language stands for both.

    Examples
    --------
    >>> both_languages("随机种子 / seed")
    Text(zh='随机种子', en='seed')
    """
    zh, slash, en = explanation.partition(" / ")
    return Text(zh, en) if slash else Text(explanation, explanation)


def _shown(value: object) -> Cell:
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    return f"{value:.12g}" if isinstance(value, float) else str(value)
