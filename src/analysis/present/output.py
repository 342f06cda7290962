"""Output of outlets and people as a table for the annex."""

from collections.abc import Mapping

from analysis.core.blocks import Cell, Column, Missing, Row, Sentence, Style, Suppressed, Table
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.core.units import Currency
from analysis.metrics.metric import UNASSIGNED, Value
from analysis.metrics.units import Productivity
from analysis.portrait import BranchOutput
from analysis.portrait.output import CODES
from analysis.present.format import unit_word
from analysis.present.value import TOTAL

_LABELS: Mapping[str, Text] = {
    "DEP_OUT": Text("网均日均存款", "Deposits an outlet"),
    "INC_OUT": Text("网均营业净收入", "Revenue an outlet"),
    "DEP_FTE": Text("人均日均存款", "Deposits a head"),
    "INC_FTE": Text("人均营业净收入", "Revenue a head"),
}
_STYLE: Style = "money_small"
_NO_CLIENTS = Missing(Text("中位支行没有网点与人数", "the median branch has no outlets or staff of its own"))
_NOWHERE = Text("未归属网点", "no known outlet")


def output_blocks(found: BranchOutput | Unavailable, *, currency: Currency) -> tuple[Table, ...]:
    """The table, or nothing: what is missing is named with the other absent parts."""
    return () if isinstance(found, Unavailable) else (output_table(found, currency=currency),)


def output_table(found: BranchOutput, *, currency: Currency) -> Table:
    """A row a branch, the median branch and the bank."""
    columns = (
        Column("branch", Text("支行", "Branch"), "words"),
        Column("n_outlets", Text("网点数", "Outlets"), "count"),
        Column("staff", Text("在岗人数", "Staff"), "count"),
        *(Column(code, _LABELS[code], _STYLE) for code in CODES),
    )
    rows = [_row(one, found) for one in found.branches]
    middle: dict[str, Cell] = {"branch": Text("支行中位数", "Median branch")}
    middle |= dict.fromkeys(("n_outlets", "staff"), _NO_CLIENTS) | {code: _cell(found.medians[code]) for code in CODES}
    note = Sentence.of(
        "金额按客户所属网点归集；本季日均存款与本季营业净收入。中位数为各支行之中位，不计未归属。各支行区位与客户不同，低于中位不等于效率低。* 客户少于披露下限，或为保护其不披露。",
        "Amounts count at the outlet of the client: average deposits and operating revenue of the quarter. The median is over branches, without clients of no known outlet. "
        "Branches differ in place and clients: below the median is not the same as inefficient. * fewer clients than the disclosure limit, or hidden to protect such a branch.",
    )
    money = Text(unit_word(_STYLE, "zh", currency), unit_word(_STYLE, "en", currency))
    return Table(
        "branch_output",
        Text("网点与人均单产", "Output of outlets and people"),
        Text(f"个、人、{money.zh}", f"outlets, people, {money.en}"),
        columns,
        (*rows, Row(middle), _row(found.total, found, "total")),
        note,
        metrics=CODES,
        in_annex=True,
    )


def _row(one: Productivity, found: BranchOutput, role: str = "normal") -> Row:
    if role == "total":
        return Row({"branch": TOTAL} | _cells(one), "total")
    cells: dict[str, Cell] = {"branch": _NOWHERE if one.group == UNASSIGNED else one.group}
    if one.group in found.hidden:
        return Row(cells | dict.fromkeys(("n_outlets", "staff", *CODES), Suppressed()))
    return Row(cells | _cells(one))


def _cells(one: Productivity) -> dict[str, Cell]:
    sizes: dict[str, Cell] = {"n_outlets": one.n_outlets, "staff": _cell(one.staff)}
    return sizes | {code: _cell(one.values[code]) for code in CODES}


def _cell(value: Value) -> Cell:
    return Missing(value.reason) if isinstance(value, Unavailable) else value
