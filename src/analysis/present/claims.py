"""How chapter 20 shows the statements of the source documents: a verdict each, and the measured ratios."""

from collections.abc import Sequence
from typing import get_args

from analysis.core.blocks import Cell, Column, Figure, Missing, Row, Sentence, Table
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.portrait.claims import Claim, Part, Verdict
from analysis.present.charts import Measure, Rates, draw, plot_rates
from analysis.present.numbers import number

CHAPTER = "20_analyse_needs"
VERDICTS: dict[Verdict, Text] = {
    "supported": Text("成立", "supported"),
    "partly": Text("部分成立", "in part"),
    "not_supported": Text("未获支持", "not supported"),
    "not_testable": Text("无法检验", "not testable"),
}
OUTCOMES = {
    "holds": Text("成立", "holds"),
    "contrary": Text("与论断相反", "contrary to what is said"),
    "no_evidence": Text("证据不足", "no evidence"),
}
NO_NUMBER = Unavailable(Text("没有可检验的比值", "no ratio could be tested"))


def claims_blocks(claims: Sequence[Claim]) -> tuple[Figure | Table | Unavailable, ...]:
    """The verdicts, and the ratios behind them where there are any."""
    return (claims_figure(claims), claims_table(claims))


def claims_table(claims: Sequence[Claim]) -> Table:
    """A row a statement: what it says, where it stands, how many of its parts hold, the verdict."""
    columns = (
        Column("id", Text("编号", "No."), "words"),
        Column("statement", Text("论断", "Statement"), "words"),
        Column("held", Text("成立项", "Parts that hold"), "words"),
        Column("verdict", Text("结论", "Verdict"), "words"),
    )
    note = Sentence.of(
        "部分成立：一部分检验项成立。未获支持：没有一项成立，可能不存在差异，也可能样本不足以分辨。无法检验：缺少数据。",
        "In part: some parts hold. Not supported: none holds; there may be no difference, or too few clients to tell. "
        "Not testable: data are missing.",
    )
    rows = tuple(_claim_row(claim) for claim in claims)
    return Table(
        "claims",
        Text("来源文件的论断在本行是否成立", "Do the source documents' statements hold here"),
        Text("", ""),
        columns,
        rows,
        note,
    )


def _claim_row(claim: Claim) -> Row:
    held = sum(part.outcome == "holds" for part in claim.parts)
    tested = sum(part.outcome is not None for part in claim.parts)
    cells: dict[str, Cell] = {
        "id": claim.id,
        "statement": claim.statement,
        "held": Text(f"{held} / {tested}", f"{held} of {tested}") if tested else Missing(_why(claim)),
        "verdict": VERDICTS[claim.verdict],
    }
    return Row(cells)


def _why(claim: Claim) -> Text:
    return next(part.measured.reason for part in claim.parts if isinstance(part.measured, Unavailable))


def claims_figure(claims: Sequence[Claim]) -> Figure | Unavailable:
    """Ratios of every part that is one, with intervals, against no difference; all parts are in the workbook."""
    shown = [
        (claim, part, part.measured)
        for claim in claims
        for part in claim.parts
        if part.scale == "ratio" and isinstance(part.measured, Estimate)
    ]
    if not shown:
        return NO_NUMBER
    labels = tuple(_label(claim, part) for claim, part, _ in shown)
    found = [measured for *_, measured in shown]
    return Figure(
        id="claims_figure",
        finding=claims_finding(claims),
        shows=Sentence.of(
            "组内比例与组外比例之比，空心点为区间包含无差异",
            "Share in the group over share outside; hollow where the interval holds no difference",
        ),
        name=Text("论断的检验", "Statements tested"),
        note=Sentence.of(
            "区间未作多重比较校正；结论按论断内各项的 Holm 校正判定。",
            "Intervals are not corrected for the number of tests; verdicts are, by Holm within a statement.",
        ),
        alt=Text("各论断检验项的比值与区间，虚线为无差异", "Ratio and interval of each part, no difference dashed"),
        images=draw(
            plot_rates,
            Rates(
                labels,
                tuple(one.n_clients for one in found),
                tuple(one.estimate for one in found),
                tuple(one.ci_low for one in found),
                tuple(one.ci_high for one in found),
                1.0,
                Measure(Text("比值", "Ratio"), "decimal_2"),
                Measure(Text("客户", "Clients"), "count", Text("户", "number")),
                Text("无差异", "no difference"),
                ordered=True,
            ),
        ),
        behind=parts_table(claims),
    )


def _label(claim: Claim, part: Part) -> Text:
    return Text(f"{claim.id} {part.label.zh}", f"{claim.id} {part.label.en}")


def claims_finding(claims: Sequence[Claim]) -> Sentence:
    """How many statements hold on this bank, in part, and not."""
    counts = {verdict: sum(claim.verdict == verdict for claim in claims) for verdict in get_args(Verdict)}
    testable = len(claims) - counts["not_testable"]
    refs = {
        verdict: number(CHAPTER, f"claims.{verdict}", n, "count", VERDICTS[verdict], unit=False)
        for verdict, n in counts.items()
    }
    total = number(
        CHAPTER, "claims.testable", testable, "count", Text("可检验的论断", "testable statements"), unit=False
    )
    return Sentence.of(
        "可检验的 {total} 条论断中，本季数据支持 {supported} 条、部分支持 {partly} 条、未支持 {not_supported} 条；另有 {not_testable} 条缺少数据",
        "Of {total} testable statements this quarter's data support {supported}, {partly} in part and {not_supported} not; "
        "{not_testable} more lack data",
        total=total,
        **refs,
    )


def parts_table(claims: Sequence[Claim]) -> Table:
    """A row a part: the measured number, its interval, its p-value after correction and what it says."""
    columns = (
        Column("id", Text("编号", "No."), "words"),
        Column("part", Text("检验项", "Part"), "words"),
        Column("value", Text("实测", "Measured"), "decimal_3"),
        Column("low", Text("区间下限", "Interval from"), "decimal_3"),
        Column("high", Text("区间上限", "to"), "decimal_3"),
        Column("n", Text("户数", "Clients"), "count"),
        Column("p", Text("校正后 p 值", "p, corrected"), "decimal_3"),
        Column("outcome", Text("结论", "Outcome"), "words"),
    )
    rows = tuple(_part_row(part) for claim in claims for part in claim.parts)
    note = Sentence.of(
        "比值：无差异为一；差值：无差异为零；占比与论断所说比较；关联强度以随机打乱检验，没有区间。",
        "Ratios: no difference is one. Differences: nought. A share is compared with what is said. A strength is tested by shuffles and has no interval.",
    )
    return Table("claim_parts", Text("论断检验明细", "Statements, part by part"), Text("", ""), columns, rows, note)


def _part_row(part: Part) -> Row:
    measured = part.measured
    if isinstance(measured, Unavailable):
        missing = Missing(measured.reason)
        empty: dict[str, Cell] = dict.fromkeys(("value", "low", "high", "n", "p", "outcome"), missing)
        return Row({"id": part.id, "part": part.label, **empty})
    has_interval = part.scale != "strength"
    none = Missing(Text("没有区间", "no interval"))
    cells: dict[str, Cell] = {
        "id": part.id,
        "part": part.label,
        "value": measured.estimate,
        "low": measured.ci_low if has_interval else none,
        "high": measured.ci_high if has_interval else none,
        "n": measured.n_clients,
        "p": part.p_value if part.scale != "share" else Missing(Text("按区间判定", "judged by the interval")),
        "outcome": OUTCOMES[part.outcome] if part.outcome else Missing(),
    }
    return Row(cells)
