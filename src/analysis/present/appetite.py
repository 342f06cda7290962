"""Capacity for risk against appetite for it: the table of both, and who wants more, or less, than it could bear."""

from analysis.core.blocks import Block, Cell, Column, Finding, Findings, Ref, Row, Sentence, Suppressed, Table
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.portrait import RiskAppetite
from analysis.portrait.appetite import CLASSES, LEVELS, TOTAL, UNKNOWN
from analysis.present.numbers import capital, number
from analysis.present.portrait import CHAPTER

_ROWS = {UNKNOWN: Text("无可用报表", "no usable statement"), TOTAL: Text("合计", "Total")}
_COLUMNS = {UNKNOWN: Text("未问或未答", "Not asked / no answer"), TOTAL: Text("合计", "Total")}
TABLE = "risk_appetite"
DARING = ("low", "daring")
CAUTIOUS = ("high", "cautious")


def appetite_blocks(found: RiskAppetite | Unavailable) -> tuple[Block, ...]:
    """The table for the annex and, where capacity and appetite do not go together, a finding on it."""
    if isinstance(found, Unavailable):
        return ()
    finding = mismatch_finding(found)
    return (appetite_table(found), *((Findings("appetite_findings", (finding,)),) if finding else ()))


def appetite_table(found: RiskAppetite) -> Table:
    """Clients by capacity (rows) and appetite (columns)."""
    columns = (
        Column("capacity", Text("风险承受能力", "Capacity"), "words"),
        *(Column(code, capital(found.labels[code]), "count") for code in CLASSES),
        *(Column(code, label, "count") for code, label in _COLUMNS.items()),
    )
    rows = []
    for level in (*LEVELS, UNKNOWN, TOTAL):
        cells: dict[str, Cell] = {"capacity": capital(_ROWS.get(level) or found.labels[level])}
        for code in (*CLASSES, UNKNOWN, TOTAL):
            n = found.count(level, code)
            cells[code] = Suppressed() if isinstance(n, Unavailable) else n
        rows.append(Row(cells, "total" if level == TOTAL else "normal"))
    title = Text("风险承受能力与风险偏好", "Capacity for risk and appetite for it")
    return Table(TABLE, title, Text("户", "clients"), columns, tuple(rows), _note(found), in_annex=True)


def _note(found: RiskAppetite) -> Sentence:
    able, told = found.coverage
    return Sentence.of(
        "能力由最近一期年报的经营情况得分与实力判定，{able} 的客户可判；偏好取近 {months} 个月最近一次问卷答案，{told} 的客户有答案。两项互不引用；"
        "未问或未答不视为保守。无波动或避险产品标识，偏好未用持有行为。* 低于披露下限或为保护其不披露。",
        "Capacity is judged by operation and strength of the latest yearly statement, for {able} of clients; appetite is the latest survey "
        "answer of the last {months} months, known for {told}. Neither uses the other; silence is not taken as caution. No product is flagged "
        "as volatile or as a hedge, so what clients hold plays no part. * below the disclosure limit, or hidden to protect such a cell.",
        able=_share("able", able, Text("可判承受能力的客户占比", "clients whose capacity is known")),
        told=_share("told", told, Text("有风险偏好答案的客户占比", "clients whose appetite is known")),
        months=number(CHAPTER, "appetite.months", found.months, "count", Text("问卷回看月数", "months of surveys"), unit=False),
    )  # fmt: skip


def mismatch_finding(found: RiskAppetite) -> Finding | None:
    """Who wants more than it could bear, and who could bear more than it wants; nothing where neither is shown."""
    parts = [_part(found, *one) for one in (DARING, CAUTIOUS)]
    said = [one for one in parts if one]
    if not said:
        return None
    rest = [silent for one, silent in zip(parts, _silent(found), strict=True) if not one]
    first, second = said + rest
    return Finding(first + second, TABLE)


def _part(found: RiskAppetite, level: str, code: str) -> Sentence | None:
    """How many clients stand in one mismatched cell, of all that told this appetite."""
    n, told = found.count(level, code), found.count(TOTAL, code)
    if isinstance(n, Unavailable) or isinstance(told, Unavailable) or n == 0:
        return None
    count = number(
        CHAPTER, f"appetite.{code}.{level}", n, "count",
        Text(f"{found.labels[code].zh}而{found.labels[level].zh}的客户", f"{found.labels[code].en} clients of {found.labels[level].en}"),
    )  # fmt: skip
    label = Text(f"占{found.labels[code].zh}者", f"share of {found.labels[code].en} clients")
    share = _share(f"{code}.{level}.share", n / told, label)
    if (level, code) == DARING:
        return Sentence.of(
            "**{n} 户客户偏好进取而承受能力低，占偏好进取者的 {share}**，推荐高风险产品前应先核实其能力。",
            "**{n} clients want risk they can hardly bear: daring with low capacity, {share} of the daring.** Check their capacity before offering risky products.",
            n=count,
            share=share,
        )
    return Sentence.of(
        "**{n} 户客户偏好保守而承受能力高，占偏好保守者的 {share}。**",
        "**{n} clients could bear more risk than they want: cautious with high capacity, {share} of the cautious.**",
        n=count,
        share=share,
    )


def _silent(found: RiskAppetite) -> tuple[Sentence, Sentence]:
    """What stands for a mismatch that has no clients, or too few to show."""
    is_none = [found.count(*one) == 0 for one in (DARING, CAUTIOUS)]
    daring = (
        Sentence.of("没有客户偏好进取而承受能力低。", "No client is daring with low capacity.")
        if is_none[0]
        else Sentence.of(
            "偏好进取而承受能力低的户数不披露。", "How many are daring with low capacity is not disclosed."
        )
    )
    cautious = (
        Sentence.of("没有客户偏好保守而承受能力高。", "No client is cautious with high capacity.")
        if is_none[1]
        else Sentence.of(
            "偏好保守而承受能力高的户数不披露。", "How many are cautious with high capacity is not disclosed."
        )
    )
    return daring, cautious


def _share(key: str, value: float, label: Text) -> Ref:
    return number(CHAPTER, f"appetite.{key}", value, "percent_1", label)
