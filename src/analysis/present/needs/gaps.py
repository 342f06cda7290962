"""What is not served: unmet needs in clients and money, and which open needs come first."""

import numpy as np

from analysis.core.blocks import Cell, Column, Figure, Missing, Ref, Row, Sentence, Suppressed, Table
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.core.units import Currency
from analysis.portrait.needs import Gaps, Priority, Taxonomy
from analysis.portrait.needs.priority import FIELDS
from analysis.present.charts import Measure, draw
from analysis.present.charts.quadrant import Quadrant, plot_quadrant
from analysis.present.needs.words import CLIENTS, NEED, count, fact, need_label
from analysis.present.numbers import capital
from analysis.present.portrait import money_word

MOST = 14
"""Needs of a printed table; the figures of all are in the heat map's workbook table and the totals."""
GRID = 10
NO_REVENUE = Missing(Text("数据源没有营业净收入", "the source has no operating revenue"))

_FIELD_NAMES = {
    "now": Text("优先办理", "serve now"),
    "plan": Text("列入计划", "plan"),
    "quick": Text("从快处理", "settle quickly"),
    "watch": Text("持续关注", "watch"),
}


def unmet_table(gaps: Gaps | Unavailable, taxonomy: Taxonomy, *, currency: Currency) -> Table | Unavailable:
    """Unmet needs by need: clients, share of those who have the need, money wanted, revenue of the clients."""
    if isinstance(gaps, Unavailable):
        return gaps
    table = gaps.by_need.sort_values(["n_unmet", "n_present"], ascending=False, kind="stable")
    table = table[table["n_unmet"] > 0]
    columns = (Column("need", NEED, "words"), Column("product", Text("产品", "Product"), "words"), *_gap_columns())
    rows = tuple(_need_row(str(code), line, taxonomy) for code, line in table.head(MOST).iterrows())
    note = Sentence.of(
        "有此需求：问卷、访谈或客户经理所述，关闭不超过 {months} 个月，或有任一来源的未办结记录。未满足：有此需求，所用产品均不对应，且最近的记录也未注明已满足；目录中没有产品的需求，只在记录未办结时计。"
        "金额为未办结记录所述；收入为这些客户本季营业净收入，同一客户有多项需求时在各行重复计。* 为低于披露下限或少数大户占比过高。",
        "Clients with a need: stated in a survey, an interview or to a manager and closed no longer than {months} months ago, or named by an open record of any source. "
        "Unmet: they have it, no product in use serves it, and its last record does not say it was met; a need without a product in the catalogue counts while a record of it is open. "
        "Money: as open records say; revenue: operating revenue of these clients in the quarter, counted in every row a client stands in. "
        "* below the disclosure limit, or few large clients hold too much.",
        months=count(
            "unmet.months", gaps.window_months, Text("关闭后仍计入的月数", "months a closed need still counts")
        ),
    )
    title = Text("未满足的需求", "Unmet needs")
    return Table("need_unmet", title, _unit(currency), columns, rows, note)


def _gap_columns() -> tuple[Column, ...]:
    return (
        Column("n_present", Text("有此需求户数", "Clients with it"), "count"),
        Column("n_unmet", Text("未满足户数", "Unmet"), "count"),
        Column("rate", Text("未满足率", "Unmet share"), "percent_1"),
        Column("amount", Text("所述金额", "Money wanted"), "money_large"),
        Column("n_amount", Text("有金额户数", "with an amount"), "count"),
        Column("revenue", Text("客户收入", "Their revenue"), "money_large"),
    )


def _unit(currency: Currency) -> Text:
    money = money_word(currency)
    return Text(f"户、%、{money.zh}", f"clients, %, {money.en}")


def _need_row(code: str, line: "object", taxonomy: Taxonomy) -> Row:
    values = dict(line)  # type: ignore[call-overload]
    word = Text("有", "yes") if values["has_product"] else Text("无", "none")
    cells: dict[str, Cell] = {"need": need_label(taxonomy, code), "product": word}
    return Row(cells | _gap_cells(values, f"unmet.{code}", taxonomy.label(code)))


def _gap_cells(values: dict[str, float], key: str, label: Text) -> dict[str, Cell]:
    if values["hidden"]:
        hidden = ("n_unmet", "rate", "amount", "n_amount", "revenue")
        return {"n_present": Suppressed(), **dict.fromkeys(hidden, Suppressed())}
    rate = values["rate"]
    return {
        "n_present": int(values["n_present"]),
        "n_unmet": count(
            f"{key}.n", int(values["n_unmet"]), Text(f"{label.zh}：未满足户数", f"{label.en}: clients unmet")
        ),
        "rate": Missing() if rate != rate else float(rate),
        "amount": _amount(values),
        "n_amount": Suppressed() if values["amount_hidden"] else int(values["n_amount"]),
        "revenue": NO_REVENUE if values["revenue"] != values["revenue"] else float(values["revenue"]),
    }


def _amount(values: dict[str, float]) -> Cell:
    if values["amount_hidden"]:
        return Suppressed()
    if values["n_amount"] == 0:
        return Missing(Text("记录没有金额", "the records name no amount"))
    return float(values["amount"])


def unmet_group_table(gaps: Gaps | Unavailable, *, currency: Currency) -> Table | Unavailable:
    """Unmet needs by group of clients, each client counted once."""
    if isinstance(gaps, Unavailable):
        return gaps
    columns = (
        Column("group", capital(gaps.grouping.label), "words"),
        Column("n_clients", CLIENTS, "count"),
        *_gap_columns(),
        Column("each", Text("户均未满足", "Unmet a client"), "decimal_2"),
    )
    rows = []
    for group, (_, line) in zip(gaps.grouping.groups, gaps.by_group.iterrows(), strict=True):
        values = dict(line)
        cells: dict[str, Cell] = {"group": capital(group.label), "n_clients": int(values["n_clients"])}
        cells |= _gap_cells(values, f"unmet_by.{gaps.grouping.by}.{group.code}", group.label)
        cells["each"] = float(values["needs_unmet"]) / int(values["n_clients"])
        rows.append(Row(cells))
    total = Row(
        {
            "group": Text("合计", "Total"),
            "n_clients": gaps.n_clients,
            "n_unmet": unmet_clients_ref(gaps),
            "amount": unmet_amount_ref(gaps),
            "each": float(gaps.unmet.to_numpy().sum()) / gaps.n_clients,
        },
        "total",
    )
    note = Sentence.of(
        "每户只计一次，不论有几项未满足；分母为问得到的客户。",
        "Each client counts once, however many needs are unmet; base: clients that could be asked.",
    )
    by = gaps.grouping.label
    title = Text(f"未满足需求按{by.zh}", f"Unmet needs by {by.en}")
    return Table(f"need_unmet_{gaps.grouping.by}", title, _unit(currency), columns, (total, *rows), note)


def unmet_clients_ref(gaps: Gaps) -> Ref:
    """Clients with at least one unmet need."""
    return count("unmet.clients", gaps.n_unmet_clients, Text("有未满足需求的客户", "clients with an unmet need"))


def unmet_amount_ref(gaps: Gaps) -> Ref:
    """Money that open records of unmet needs speak of."""
    return fact("unmet.amount", gaps.amount, "money_large", Text("未满足需求所述金额", "money wanted in unmet needs"))


# --- importance × urgency -------------------------------------------------------------------------------------------


def quadrant_figure(found: Priority | Unavailable, *, minimum: int) -> Figure | Unavailable:
    """Open needs on importance and urgency, with the four fields."""
    if isinstance(found, Unavailable):
        return found
    table = found.table
    rows = np.minimum((table["importance"].to_numpy() * GRID).astype(int), GRID - 1)
    columns = np.minimum((table["urgency"].to_numpy() * GRID).astype(int), GRID - 1)
    counts = np.zeros((GRID, GRID), dtype=int)
    np.add.at(counts, (rows, columns), 1)
    counts = np.where(counts < minimum, 0, counts)
    data = Quadrant(
        counts=tuple(tuple(int(value) for value in line) for line in counts),
        cut_x=found.urgency_cut,
        cut_y=found.importance_cut,
        x=Measure(Text("紧急性", "Urgency"), "decimal_2"),
        y=Measure(Text("重要性", "Importance"), "decimal_2"),
        count=Measure(Text("需求", "needs"), "count"),
        fields=tuple(capital(_FIELD_NAMES[code]) for code in FIELDS),
        totals=tuple(found.n_in(code) for code in FIELDS),
    )
    return Figure(
        id="need_quadrant",
        finding=_quadrant_finding(found),
        shows=Sentence.of(
            "未办结需求按重要性与紧急性，方块面积为项数",
            "Open needs by importance and urgency; the area of a square is their number",
        ),
        name=Text("重要性 × 紧急性", "Importance by urgency"),
        note=_quadrant_note(found),
        alt=Text(
            "格点图：横轴紧急性，纵轴重要性，虚线分为四区",
            "Grid of squares: urgency across, importance up, four fields",
        ),
        images=draw(plot_quadrant, data),
        behind=field_table(found),
    )


def _quadrant_finding(found: Priority) -> Sentence:
    now = count("priority.now", found.n_in("now"), Text("重要且紧急的需求", "important and urgent needs"))
    total = open_ref(found)
    if isinstance(found.capacity, Unavailable):
        return Sentence.of(
            "{n} 项未办结的客户×需求中 {now} 项重要且紧急",
            "Of {n} open client-need pairs {now} are important and urgent",
            n=total,
            now=now,
        )
    relation = Text("超出", "more than") if found.n_in("now") > found.capacity else Text("不超过", "no more than")
    return Sentence.of(
        "{n} 项未办结的客户×需求中 {now} 项重要且紧急，{relation}一季可办的 {capacity} 项",
        "Of {n} open client-need pairs {now} are important and urgent, {relation} the {capacity} a quarter can hold",
        n=total,
        now=now,
        relation=relation,
        capacity=capacity_ref(found.capacity),
    )


def open_ref(found: Priority) -> Ref:
    """Open needs, one a client and need, whatever the number of records."""
    return count("priority.open", len(found.table), Text("未办结的客户×需求", "open client-need pairs"))


def capacity_ref(capacity: int) -> Ref:
    """Needs the managers can serve in a quarter."""
    return count("priority.capacity", capacity, Text("一季可办需求数", "needs a quarter can hold"))


def _quadrant_note(found: Priority) -> Sentence:
    first = Sentence.of(
        "按客户 × 需求计，同一客户的同一需求不论有几条记录只计一项；两轴为政策权重加权的零至一得分；逾期者一律视为紧急；不足披露下限的格不画。",
        "Counted as client × need, one however many records name it. Both axes are weighted scores from zero to one, weights by policy; an overdue need is always urgent; squares below the disclosure limit are not drawn.",
    )
    worst = found.worst
    if isinstance(worst, Unavailable):
        return first
    return first + Sentence.of(
        "各权重减半或加倍，线上名单至少保留 {overlap}，得分的秩相关不低于 {correlation}。",
        "Halving or doubling any weight keeps at least {overlap} of the needs above the line; rank correlation of scores at least {correlation}.",
        overlap=fact(
            "priority.overlap", worst.overlap, "percent_1", Text("名单重合率下限", "least overlap of the list")
        ),
        correlation=fact(
            "priority.correlation",
            min(one.correlation for one in found.shifts),
            "decimal_2",
            Text("秩相关下限", "least rank correlation"),
        ),
    )


def field_table(found: Priority) -> Table:
    """Needs, overdue ones and those above the line in each field."""
    columns = (
        Column("field", Text("区", "Field"), "words"),
        Column("n", Text("需求数", "Needs"), "count"),
        Column("overdue", Text("其中逾期", "Overdue"), "count"),
        Column("served", Text("能力线以上", "Above the line"), "count"),
    )
    rows = []
    for code in FIELDS:
        part = found.table[found.table["field"] == code]
        cells: dict[str, Cell] = {
            "field": capital(_FIELD_NAMES[code]),
            "n": len(part),
            "overdue": int(part["is_overdue"].sum()),
            "served": int(part["is_served"].sum()),
        }
        rows.append(Row(cells))
    note = Sentence.of("按客户 × 需求计。", "Counted as client × need.")
    return Table(
        "need_fields", Text("四个区的需求", "Needs in the four fields"), Text("项", "needs"), columns, tuple(rows), note
    )


def priority_table(found: Priority | Unavailable, taxonomy: Taxonomy, *, minimum: int) -> Table | Unavailable:
    """The open needs by kind, those with most above the line first; clients are named in no report."""
    if isinstance(found, Unavailable):
        return found
    grouped = found.table.groupby("need").agg(
        n=("client_id", "nunique"),
        now=("field", lambda fields: int((fields == "now").sum())),
        served=("is_served", "sum"),
        overdue=("is_overdue", "sum"),
        below=("rank", "size"),
        importance=("importance", "median"),
        urgency=("urgency", "median"),
    )
    grouped["below"] = (found.table["is_overdue"] & ~found.table["is_served"]).groupby(found.table["need"]).sum()
    grouped = grouped[grouped["n"] >= minimum].sort_values(["served", "now", "n"], ascending=False, kind="stable")
    columns = (
        Column("need", NEED, "words"),
        Column("n", Text("未办结", "Open"), "count"),
        Column("now", Text("重要且紧急", "Important and urgent"), "count"),
        Column("served", Text("能力线以上", "Above the line"), "count"),
        Column("overdue", Text("逾期", "Overdue"), "count"),
        Column("below", Text("逾期且线下", "Overdue, below it"), "count"),
        Column("importance", Text("重要性中位", "Median importance"), "decimal_2"),
        Column("urgency", Text("紧急性中位", "Median urgency"), "decimal_2"),
    )
    rows = tuple(
        _priority_row(str(code), dict(line), taxonomy, minimum) for code, line in grouped.head(MOST).iterrows()
    )
    title = Text("下季应先办的需求", "Needs to serve first")
    return Table("need_priority", title, Text("项", "needs"), columns, rows, _priority_note(found))


def _priority_row(code: str, values: dict[str, float], taxonomy: Taxonomy, minimum: int) -> Row:
    def whole(name: str) -> Cell:
        return Suppressed() if 0 < values[name] < minimum else int(values[name])

    cells: dict[str, Cell] = {"need": need_label(taxonomy, code), "n": int(values["n"])}
    cells |= {name: whole(name) for name in ("now", "served", "overdue", "below")}
    return Row(cells | {"importance": float(values["importance"]), "urgency": float(values["urgency"])})


def _priority_note(found: Priority) -> Sentence:
    listed = (
        "、".join(_driver(code).zh for code in found.left_out),
        ", ".join(_driver(code).en for code in found.left_out),
    )
    left = (
        Sentence.of(
            "数据源未提供而未计入的因素：{zh}。",
            "Drivers the source does not know and that are left out: {zh}.",
            zh=Text(*listed),
        )
        if found.left_out
        else Sentence.of("各项因素齐备。", "All drivers are known.")
    )
    if isinstance(found.capacity, Unavailable):
        line = Sentence.of(
            "按客户 × 需求计。{reason}，全部需求均列出。",
            "Counted as client × need. There is no line: {reason}; every need is listed.",
            reason=found.capacity.reason,
        )
    else:
        line = Sentence.of(
            "按客户 × 需求计。能力线为客户经理一季可办的 {capacity} 项；另有 {below} 项逾期需求在线下。* 为低于披露下限。",
            "Counted as client × need. The line is at the {capacity} needs managers can serve in a quarter; {below} overdue needs lie below it. * below the disclosure limit.",
            capacity=capacity_ref(found.capacity),
            below=overdue_below_ref(found),
        )
    return line + left


def overdue_below_ref(found: Priority) -> Ref:
    """Overdue needs the capacity does not reach."""
    return count(
        "priority.overdue_below", found.n_overdue_below, Text("线下的逾期需求", "overdue needs below the line")
    )


_DRIVERS = {
    "value": Text("客户价值", "client value"),
    "strength": Text("需求强度", "strength of the need"),
    "money": Text("需求金额", "money wanted"),
    "potential": Text("客户潜力", "client potential"),
    "stated": Text("所述紧迫程度", "urgency as stated"),
    "deadline": Text("期望完成日", "the wanted day"),
    "waiting": Text("已等待天数", "days open"),
    "event": Text("未办结投诉", "an open complaint"),
}


def _driver(code: str) -> Text:
    return _DRIVERS.get(code, Text(code, code))
