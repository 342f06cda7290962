"""Tables of value for the annex: what weights change, the test of potential, grades of credit, parts of loyalty."""

from collections.abc import Mapping

from analysis.core.blocks import Cell, Column, Missing, Row, Sentence, Suppressed, Table
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.core.units import Currency
from analysis.portrait import BackTest, CreditStates, Loyalty, Potential, ValueScore
from analysis.present.numbers import capital
from analysis.present.value import TOTAL, large_money

_UNKNOWN = Missing(Text("没有客户有该项数据", "no client has it"))


def value_annex(
    score: ValueScore | Unavailable,
    potential: Potential | Unavailable,
    later: BackTest | Unavailable,
    credit: CreditStates | Unavailable,
    loyalty: Loyalty | Unavailable,
    *,
    currency: Currency,
) -> tuple[Table, ...]:
    """The tables there are; what is missing is named on the pages of value."""
    found: list[Table] = []
    if not isinstance(score, Unavailable):
        found.append(sensitivity_table(score))
    if not isinstance(later, Unavailable) and not isinstance(potential, Unavailable):
        found.append(back_test_table(later, {id: label for id, label, _ in potential.groups}))
    if not isinstance(credit, Unavailable):
        found.append(credit_table(credit, currency=currency))
    if not isinstance(loyalty, Unavailable):
        found.append(loyalty_table(loyalty))
    return tuple(found)


def sensitivity_table(score: ValueScore) -> Table:
    """For every weight up and down: who changes tenth or group, and how like the ranking stays."""
    labels = {one.id: one.label for one in score.components}
    columns = (
        Column("component", Text("权重", "Weight"), "words"),
        Column("shift", Text("浮动", "Shift"), "points"),
        Column("deciles", Text("换十分位的客户", "Change tenth"), "percent_1"),
        Column("groups", Text("换价值组的客户", "Change group"), "percent_1"),
        Column("rank_correlation", Text("等级相关", "Rank correlation"), "decimal_3"),
    )
    table = score.sensitivity
    numbers = ("shift", "deciles", "groups", "rank_correlation")
    rows = []
    for place in range(len(table)):
        cells: dict[str, Cell] = {"component": labels[str(table["component"].iloc[place])]}
        rows.append(Row(cells | {name: float(table[name].iloc[place]) for name in numbers}))
    note = Sentence.of(
        "单项权重上下浮动，其余按比例缩放至合计为一。",
        "One weight moves either way, the others are scaled so that all add up to one.",
    )
    title = Text("价值评分：权重变动的影响", "Value score: what a change of weights changes")
    unit = Text("个百分点、%", "pp, %")
    return Table("value_sensitivity", title, unit, columns, tuple(rows), note, in_annex=True)


def back_test_table(later: BackTest, labels: Mapping[str, Text]) -> Table:
    """Growth after the potential was measured, by group, and the differences."""
    columns = (
        Column("group", Text("潜力组", "Potential"), "words"),
        Column("n_clients", Text("户数", "Clients"), "count"),
        Column("growth", Text("此后增长", "Growth since"), "percent_1"),
        Column("low", Text("区间下限", "Interval from"), "percent_1"),
        Column("high", Text("区间上限", "to"), "percent_1"),
    )
    lines = [(labels[id], one) for id, one in later.growth.items()] + [
        (Text("最高组减最低组", "highest less lowest"), later.difference),
        (Text("同上，只按过去增长分组", "the same, grouped by past growth alone"), later.baseline),
        (Text("两者之差", "difference of the two"), later.advantage),
    ]
    rows = [Row({"group": capital(label)} | _interval_cells(one)) for label, one in lines]
    note = Sentence.of(
        "增长为存贷款变动除以前后均值，流失客户计为全部失去；分组只用当时已知的数据。区间为客户重抽样自助法。",
        "Growth is the change of deposits and loans over the mean of both ends; clients that left count as all lost; groups use what was known then. "
        "Intervals by a bootstrap over clients.",
    )
    title = Text("发展潜力回测", "Potential against later growth")
    return Table("value_back_test", title, Text("户、%", "clients, %"), columns, tuple(rows), note, in_annex=True)


def _interval_cells(one: Estimate | Unavailable) -> dict[str, Cell]:
    if isinstance(one, Unavailable):
        return dict.fromkeys(("n_clients", "growth", "low", "high"), Missing(one.reason))
    return {"n_clients": one.n_clients, "growth": one.estimate, "low": one.ci_low, "high": one.ci_high}


def credit_table(found: CreditStates, *, currency: Currency) -> Table:
    """Clients and exposure by grade of the credit state."""
    columns = (
        Column("grade", Text("信用状态", "Credit state"), "words"),
        Column("n_clients", Text("户数", "Clients"), "count"),
        Column("share", Text("占比", "Share"), "percent_1"),
        Column("exposure", Text("授信敞口", "Exposure"), "money_large"),
    )
    whole = int(found.grades["n_clients"].sum())
    rows = []
    for code, label in found.labels.items():
        cells: dict[str, Cell] = {"grade": label}
        if bool(found.grades["hidden"][code]):
            rows.append(Row(cells | dict.fromkeys(("n_clients", "share", "exposure"), Suppressed())))
            continue
        n, exposure = int(found.grades["n_clients"][code]), float(found.grades["exposure"][code])
        cells |= {"n_clients": n, "share": n / whole if whole else 0.0}
        cells["exposure"] = exposure if exposure == exposure else _UNKNOWN
        rows.append(Row(cells))
    note = Sentence.of(
        "由经营情况、信用记录、行业风险加权，按信息覆盖与上限规则定级；描述用，不替代内部评级。* 为低于披露下限。",
        "Weighted from operation, record and industry, graded under the rules of coverage and caps; it describes and replaces no rating. "
        "* is below the disclosure limit.",
    )
    unit = Text(f"户、%、{large_money(currency).zh}", f"clients, %, {large_money(currency).en}")
    return Table("value_credit", Text("信用状态", "Credit state"), unit, columns, tuple(rows), note, in_annex=True)


def loyalty_table(found: Loyalty) -> Table:
    """The loyalty index and its parts by group."""
    columns = (
        Column("group", Text("客户", "Clients of"), "words"),
        Column("n_clients", Text("户数", "Clients"), "count"),
        Column("index", Text("指数", "Index"), "decimal_2"),
        *(Column(one.id, capital(one.label), "decimal_2") for one in found.components),
        Column("coverage", Text("已知权重", "Weight known"), "percent_1"),
    )
    names = [(group.code, group.label) for group in found.groups] + [("total", TOTAL)]
    rows = []
    for code, label in names:
        cells: dict[str, Cell] = {"group": label, "n_clients": int(found.table["n_clients"][code])}
        for name in ("index", *(one.id for one in found.components), "coverage"):
            value = float(found.table[name][code])
            cells[name] = value if value == value else _UNKNOWN
        rows.append(Row(cells, "total" if code == "total" else "normal"))
    note = Sentence.of(
        "各部分从零到一，指数为已知部分的加权平均；各列为有该项数据的客户的均值，不含收入。",
        "Parts run from zero to one, the index is the weighted mean of those known; each column is the mean of the clients that have it; no part is income.",
    )
    title = Text("忠诚度指数及其构成", "Loyalty index and its parts")
    return Table("value_loyalty", title, Text("户、%", "clients, %"), columns, tuple(rows), note, in_annex=True)
