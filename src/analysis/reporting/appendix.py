"""The appendix: what the figures mean, which decisions are in force, and with which parameters the chapters ran."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from analysis.core.blocks import Cell, Column, Row, Sentence, Table
from analysis.core.fact import Fact
from analysis.core.text import Text
from analysis.core.units import Unit
from analysis.reporting.parameters import Declaration
from analysis.reporting.plan import Plan
from analysis.reporting.quality import quality_tables

if TYPE_CHECKING:
    from analysis.intake import Portfolio
    from analysis.intake.policy import Policy

_ORIGINS = {
    "seed": Text("需求方给定", "asked for"),
    "inferred": Text("由需求推得", "inferred"),
    "ours": Text("项目组判断", "our judgement"),
    "regulation": Text("监管规定", "regulation"),
}
_UNITS: dict[Unit, Text] = {
    "money": Text("货币", "money"),
    "ratio": Text("比率", "ratio"),
    "points": Text("比率之差", "difference of ratios"),
    "count": Text("个数", "count"),
    "per_client": Text("每户", "per client"),
    "days": Text("天", "days"),
    "months": Text("月", "months"),
    "years": Text("年", "years"),
    "index": Text("指数", "index"),
    "name": Text("名称", "name"),
}
_TYPES = {
    "stock": Text("时点", "at one day"),
    "average": Text("日均", "daily average"),
    "flow": Text("区间", "over a period"),
    "ratio": Text("比率", "ratio"),
    "count": Text("个数", "count"),
    "model": Text("模型", "from a model"),
}


def appendix_tables(
    plan: Plan,
    facts: Iterable[Fact],
    declared: Mapping[str, tuple[Declaration, ...]],
    portfolio: "Portfolio",
) -> tuple[Table, ...]:
    """The tables of the appendix, without those that would be empty."""
    from analysis.reporting.matches import matches_table

    policy = portfolio.policy
    tables = (
        *quality_tables(portfolio.quality, policy),
        matches_table(portfolio.matches),
        metric_table(facts),
        policy_table(policy),
        parameter_table(plan, declared),
    )
    return tuple(table for table in tables if table.rows)


def metric_table(facts: Iterable[Fact]) -> Table:
    """Definition and formula of every KPI the report prints."""
    from analysis.metrics import METRICS

    printed = {fact.metric for fact in facts}
    columns = (
        Column("code", Text("代码", "Code"), "words"),
        Column("name", Text("名称", "Name"), "words"),
        Column("definition", Text("口径", "Definition"), "words"),
        Column("formula", Text("公式", "Formula"), "words"),
        Column("unit", Text("单位", "Unit"), "words"),
        Column("type", Text("类型", "Type"), "words"),
    )
    rows = tuple(
        Row(
            {
                "code": code,
                "name": metric.name,
                "definition": metric.definition,
                "formula": metric.formula,
                "unit": _UNITS[metric.unit],
                "type": _TYPES[metric.measure_type],
            }
        )
        for code, metric in METRICS.items()
        if code in printed
    )
    note = Sentence.of(
        "公式由客户与季度的度量相加后计算，分母为零时不给出数值。",
        "Formulas work on sums over clients and the quarter; with a zero denominator there is no value.",
    )
    return Table("appendix_metrics", Text("指标口径", "Definitions"), Text("", ""), columns, rows, note)


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
