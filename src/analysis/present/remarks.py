"""Remarks on clients' statements, counted by size class, as a table for the annex."""

import math

from analysis.core.blocks import Cell, Column, Missing, Row, Sentence, Suppressed, Table
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.portrait import Remarks
from analysis.portrait.remarks import ALL
from analysis.present.numbers import capital, number
from analysis.present.portrait import CHAPTER

_FEW_JUDGED = Missing(Text("可判断的客户过少", "too few clients could be judged"))


def remark_blocks(found: Remarks | Unavailable) -> tuple[Table, ...]:
    """The table, or nothing: what is missing is named with the other absent parts."""
    return () if isinstance(found, Unavailable) else (remark_table(found),)


def remark_table(found: Remarks) -> Table:
    """A row a remark: clients by size class and in all, of how many judged, and their share."""
    groups = found.grouping.groups
    columns = (
        Column("remark", Text("提示", "Remark"), "words"),
        *(Column(group.code, capital(group.label), "count") for group in groups),
        Column(ALL, Text("全体", "All"), "count"),
        Column("judged", Text("可判断", "Judged"), "count"),
        Column("share", Text("占可判断", "Of judged"), "percent_1"),
    )
    rows = []
    for name, label in found.labels.items():
        cells: dict[str, Cell] = {"remark": capital(label)}
        cells |= {code: _count(found, name, code) for code in (*(group.code for group in groups), ALL)}
        rows.append(Row(cells | _share(found, name)))
    return Table(
        "statement_remarks",
        Text("财务报表提示", "Remarks on clients' statements"),
        Text("户、%", "clients, %"),
        columns,
        tuple(rows),
        _note(found),
        in_annex=True,
    )


def _count(found: Remarks, name: str, code: str) -> Cell:
    n = float(found.counts[code][name])
    return Suppressed() if math.isnan(n) else int(n)


def _share(found: Remarks, name: str) -> dict[str, Cell]:
    judged, n = float(found.judged[name]), float(found.counts[ALL][name])
    if math.isnan(judged):
        return {"judged": Suppressed(), "share": _FEW_JUDGED}
    return {"judged": int(judged), "share": Suppressed() if math.isnan(n) else n / judged}


def _note(found: Remarks) -> Sentence:
    return Sentence.of(
        "按政策规则对最近一期年报逐户判断，只列户数，不构成对客户的建议；一户可有多项。同业为同行业同规模、有该比率的企业不少于 {peers} 户，{compared} 的客户可比；"
        "缺报表、分母为零或负者不判断。* 低于披露下限，或为保护其不披露。",
        "Judged by the rules of policy on each latest yearly statement; numbers of clients only, no advice to any; a client may have several. Peers: at least {peers} firms of the "
        "industry and size with the ratio, for {compared} of clients; without a statement, or with a denominator of zero or less, nothing is judged. "
        "* below the disclosure limit, or hidden to protect such a number.",
        peers=number(
            CHAPTER, "remarks.peers", found.min_peers, "count", Text("同业户数下限", "least peers"), unit=False
        ),
        compared=number(
            CHAPTER,
            "remarks.compared",
            found.compared,
            "percent_1",
            Text("可与同业比较的客户占比", "clients with peers"),
        ),
    )
