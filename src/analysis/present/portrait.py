"""What chapter 10 shows of the clients: who is in the numbers, and where clients and money are."""

from analysis.core.blocks import Block, Cell, Column, Figure, Missing, Ref, Row, Sentence, Style, Suppressed, Table
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.core.units import Currency
from analysis.metrics import DERIVED, MEASURES
from analysis.portrait import Cross, Distribution, Waterfall
from analysis.portrait.population import Step as PopulationStep
from analysis.present.charts import Bars, Measure, Side, Step, draw, plot_bars, plot_waterfall
from analysis.present.charts import Waterfall as WaterfallChart
from analysis.present.format import unit_word
from analysis.present.numbers import capital, number

CHAPTER = "10_describe_clients"
CLIENTS = Text("户", "clients")
MAX_ROWS = 25
"""Rows of a distribution that half a page holds; longer ones are drawn, and listed in the workbook."""
MAX_BARS = 12
"""Bars a page can hold beside a table; more groups are drawn in the order of size and the rest is in the table only."""


def money_word(currency: Currency) -> Text:
    """The unit large amounts are printed in."""
    return Text(unit_word("money_large", "zh", currency), unit_word("money_large", "en", currency))


def amount_label(measure: str) -> Text:
    """What an amount is called."""
    return (MEASURES[measure] if measure in MEASURES else DERIVED[measure]).label


# --- who is in the numbers ------------------------------------------------------------------------------------------


def scope_blocks(scope: Waterfall, *, currency: Currency) -> tuple[Figure | Table, ...]:
    """The waterfall and its table; the table alone where nobody is left out."""
    table = scope_table(scope, currency=currency)
    return (scope_figure(scope, currency=currency), table) if any(s.n_removed for s in scope.steps) else (table,)


def scope_figure(scope: Waterfall, *, currency: Currency) -> Figure:
    """Waterfall from all records to the clients analysed, with the table behind it."""
    first, analysed = scope.steps[0], scope.analysed
    steps = [Step(first.label, first.n_clients, "total")]
    steps += [
        Step(step.reason, -step.n_removed) for step in scope.steps[1:] if step.kind == "step" and step.n_removed > 0
    ]
    steps.append(Step(analysed.label, analysed.n_clients, "total"))
    finding = Sentence.of(
        "{all} 户客户记录中，{kept} 户纳入分析",
        "Of {all} client records, {kept} are analysed",
        all=_step_ref(first),
        kept=_step_ref(analysed),
    )
    note = Sentence.of(
        "每一步减去的客户都有原因，合计与客户表一致。",
        "Every step has its reason; the steps add up to the client table.",
    )
    return Figure(
        id="scope_figure",
        finding=finding,
        shows=Sentence.of(
            "从全部记录到纳入分析的客户，户", "From all records to the clients analysed, number of clients"
        ),
        name=Text("分析范围", "Scope of the analysis"),
        note=note,
        alt=Text(
            "瀑布图：全部客户记录逐步减去不纳入者，得到纳入分析的客户",
            "Waterfall: all client records less those left out",
        ),
        images=draw(
            plot_waterfall, WaterfallChart(tuple(steps), _clients_measure("count"), _clients_measure("count_change"))
        ),
        behind=scope_table(scope, currency=currency),
    )


def _clients_measure(style: Style) -> Measure:
    return Measure(Text("客户", "Clients"), style, Text("户", "number"))


def _step_ref(step: PopulationStep) -> Ref:
    return number(CHAPTER, f"scope.{step.id}.n_clients", step.n_clients, "count", step.label, unit=False)


SCOPE_AMOUNTS = 2
"""Balances a client weighs by; where there are balances, what was ever approved says little."""


def scope_table(scope: Waterfall, *, currency: Currency) -> Table:
    """Clients and money left after each step."""
    columns = (
        Column("step", Text("范围", "Step"), "words"),
        Column("n_clients", Text("户数", "Clients"), "count"),
        Column("removed", Text("减少", "Removed"), "count"),
        *(Column(code, label, "money_large") for code, label in scope.amounts[:SCOPE_AMOUNTS]),
        Column("reason", Text("说明", "Reason"), "words"),
    )
    rows = tuple(_step_row(step, scope) for step in scope.steps)
    note = Sentence.of(
        "金额为本季口径；其中项拆分纳入分析的客户。",
        "Amounts of this quarter; of-which rows split the clients analysed.",
    )
    unit = Text(f"户、{money_word(currency).zh}", f"clients, {money_word(currency).en}")
    return Table("scope", Text("分析范围", "Scope of the analysis"), unit, columns, rows, note)


def _step_row(step: PopulationStep, scope: Waterfall) -> Row:
    cells: dict[str, Cell] = {"step": step.label, "n_clients": _step_ref(step), "reason": step.reason}
    cells["removed"] = step.n_removed if step.kind == "step" else Missing(Text("其中项", "an of-which row"))
    for code, label in scope.amounts[:SCOPE_AMOUNTS]:
        title = Text(f"{step.label.zh}：{label.zh}", f"{step.label.en}: {label.en}")
        cells[code] = number(CHAPTER, f"scope.{step.id}.{code}", step.money[code], "money_large", title)
    return Row(cells, "indent" if step.kind == "of_which" else "total" if step.id == "open" else "normal")


# --- distributions --------------------------------------------------------------------------------------------------


def distribution_table(found: Distribution | Unavailable, *, currency: Currency) -> Table | Unavailable:
    """Clients, amounts and their shares by group, the total first."""
    if isinstance(found, Unavailable):
        return found
    amounts = found.amounts[:3]
    columns = (
        Column("group", found.label, "words"),
        Column("n_clients", Text("户数", "Clients"), "count"),
        Column("share", Text("占比", "Share"), "percent_1"),
        *(
            column
            for amount in amounts
            for column in (
                Column(amount, amount_label(amount), "money_large"),
                Column(f"{amount}_share", Text("占比", "Share"), "percent_1"),
            )
        ),
    )
    rows = [_distribution_row(found, place, amounts) for place in range(len(found.table))]
    unit = Text(f"户、{money_word(currency).zh}、%", f"clients, {money_word(currency).en}, %")
    note = Sentence.of(
        "户数少于披露下限（{limit} 户）的组合并；* 为少数大户占比过高而不列；未分类单列。合计为季末未销户客户，与全行指标之差是本季销户客户，见分析范围表。",
        "Groups below the disclosure limit of {limit} clients are merged; * few large clients hold too much of it; the "
        "unclassified stand apart. The total is the clients open at quarter-end; the figures of the book also hold those closed in the "
        "quarter, see the table of scope.",
        limit=_limit(found.minimum),
    )
    title = Text(f"按{found.label.zh}的客户与金额", f"Clients and money by {found.label.en}")
    return Table(f"by_{found.by}", title, unit, columns, (rows[-1], *rows[:-1]), note)


def _limit(minimum: int) -> Ref:
    return number(CHAPTER, "disclosure_limit", minimum, "count", Text("披露下限", "disclosure limit"), unit=False)


def _group_name(found: Distribution, place: int) -> tuple[str, Text]:
    if place < len(found.groups):
        return found.groups[place].code, found.groups[place].label
    return "total", Text("合计", "Total")


def _distribution_row(found: Distribution, place: int, amounts: tuple[str, ...]) -> Row:
    line = found.table.iloc[place]
    code, label = _group_name(found, place)

    def fact(name: str, value: float, style: Style, what: Text) -> Ref:
        title = Text(f"{label.zh}：{what.zh}", f"{label.en}: {what.en}")
        return number(CHAPTER, f"{found.by}.{code}.{name}", value, style, title)

    cells: dict[str, Cell] = {
        "group": label,
        "n_clients": fact("n_clients", int(line["n_clients"]), "count", Text("户数", "clients")),
        "share": fact("share", float(line["share"]), "percent_1", Text("户数占比", "share of clients")),
    }
    for amount in amounts:
        share = f"{amount}_share"
        what = amount_label(amount)
        if bool(found.hidden[amount].iloc[place]):
            cells |= {amount: Suppressed(), share: Suppressed()}
            continue
        cells[amount] = fact(amount, float(line[amount]), "money_large", what)
        known = line[share] == line[share]  # NaN where the total is not positive
        of_what = Text(f"占{what.zh}", f"share of {what.en}")
        cells[share] = (
            fact(share, float(line[share]), "percent_1", of_what)
            if known
            else Missing(Text("合计不为正", "the total is not positive"))
        )
    return Row(cells, "total" if code == "total" else "normal")


def distribution_blocks(found: Distribution | Unavailable, *, currency: Currency) -> tuple[Block | Unavailable, ...]:
    """A table of few groups; a figure of the largest where there are many, with all of them in the workbook."""
    is_long = isinstance(found, Distribution) and len(found.groups) > MAX_ROWS
    return ((distribution_figure if is_long else distribution_table)(found, currency=currency),)


def distribution_figure(found: Distribution | Unavailable, *, currency: Currency) -> Figure | Unavailable:
    """Bars of the first amount by group, largest first, with the number of clients and their share beside."""
    if isinstance(found, Unavailable):
        return found
    if not found.amounts:
        return Unavailable(Text("数据源没有可分布的金额", "the source has no amount to distribute"))
    amount = found.amounts[0]
    table = found.table.iloc[:-1]
    places = [k for k in range(len(table)) if not bool(found.hidden[amount].iloc[k])]
    heads = [k for k in places if found.groups[k].kind == "group"]
    heads = sorted(heads, key=lambda k: -float(table[amount].iloc[k]))[:MAX_BARS]
    rest = [k for k in places if found.groups[k].kind != "group"]
    if not heads:
        return Unavailable(Text("各组金额均低于披露要求，不作图", "no group may be shown, so there is no figure"))
    order = [*heads, *rest]
    what = amount_label(amount)
    data = Bars(
        labels=tuple(found.groups[k].label for k in order),
        values=tuple(float(table[amount].iloc[k]) for k in order),
        measure=Measure(what, "money_large", currency=currency),
        sides=(
            Side(Measure(Text("户数", "Clients"), "count"), tuple(float(table["n_clients"].iloc[k]) for k in order)),
            Side(
                Measure(Text("户数占比", "Share of clients"), "percent_1"),
                tuple(float(table["share"].iloc[k]) for k in order),
            ),
        ),
        rest=len(rest),
    )
    top = heads[0]
    behind = distribution_table(found, currency=currency)
    assert isinstance(behind, Table)  # found is a distribution
    return Figure(
        id=f"by_{found.by}_figure",
        finding=_distribution_finding(found, top, amount),
        shows=Sentence.of(
            "各{by}的{what}，{unit}",
            "{what} by {by}, {unit}",
            by=found.label,
            what=capital(what),
            unit=money_word(currency),
        ),
        name=Text(f"{what.zh}按{found.label.zh}分布", f"{capital(what).en} by {found.label.en}"),
        note=Sentence.of(
            "从大到小排列，至多列出最大的若干组，合并组与未分类在末尾；全部各组见工作簿。",
            "Largest first; merged groups and the unclassified at the foot.",
        ),
        alt=Text(
            f"条形图：各{found.label.zh}的{what.zh}，从大到小",
            f"Bar chart: {what.en} by {found.label.en}, largest first",
        ),
        images=draw(plot_bars, data),
        behind=behind,
    )


def _distribution_finding(found: Distribution, top: int, amount: str) -> Sentence:
    line, group, what = found.table.iloc[top], found.groups[top], amount_label(amount)
    base = f"{found.by}.{group.code}"
    clients = number(
        CHAPTER, f"{base}.share", float(line["share"]), "percent_1",
        Text(f"{group.label.zh}：户数占比", f"{group.label.en}: share of clients"),
    )  # fmt: skip
    share = f"{amount}_share"
    if line[share] != line[share]:
        return Sentence.of(
            "{group}最多，占客户 {clients}",
            "{group} comes first, with {clients} of clients",
            group=capital(group.label),
            clients=clients,
        )
    money = number(
        CHAPTER, f"{base}.{share}", float(line[share]), "percent_1",
        Text(f"{group.label.zh}：占{what.zh}", f"{group.label.en}: share of {what.en}"),
    )  # fmt: skip
    return Sentence.of(
        "{group}占{what} {money}，占客户 {clients}",
        "{group}: {money} of {what}, {clients} of clients",
        group=capital(group.label),
        what=what,
        money=money,
        clients=clients,
    )


def industry_blocks(
    found: Distribution | Unavailable, by_place: Cross | Unavailable, *, currency: Currency
) -> tuple[Block | Unavailable, ...]:
    """The figure of industries, then industries by place; clients and money instead where places are not told apart."""
    figure = distribution_figure(found, currency=currency)
    is_told = isinstance(by_place, Cross) and len(by_place.columns.groups) > 1
    return (figure, cross_table(by_place) if is_told else distribution_table(found, currency=currency))


def cross_table(found: Cross | Unavailable) -> Table | Unavailable:
    """Clients by two columns of the register at once, as a table with filled cells."""
    if isinstance(found, Unavailable):
        return found
    columns = (
        Column("group", found.rows.label, "words"),
        *(Column(group.code, group.label, "count", heat=True) for group in found.columns.groups),
        Column("total", Text("合计", "Total"), "count"),
    )
    rows: list[Row] = []
    for code in found.counts.index:
        label = next((g.label for g in found.rows.groups if g.code == code), Text("合计", "Total"))
        cells: dict[str, Cell] = {"group": label}
        for column in (*(group.code for group in found.columns.groups), "total"):
            value = found.counts.loc[code, column]
            cells[column] = Suppressed() if value != value else int(value)
        rows.append(Row(cells, "total" if code == "total" else "normal"))
    note = Sentence.of(
        "颜色随户数加深；* 为低于披露下限（{limit} 户），或可由合计推出低于下限者。",
        "The fill deepens with the number of clients; * is below the disclosure limit of {limit} clients, or would give such a cell away.",
        limit=_limit(found.minimum),
    )
    title = Text(
        f"{found.rows.label.zh} × {found.columns.label.zh}",
        f"{capital(found.rows.label).en} × {found.columns.label.en}",
    )
    return Table(f"cross_{found.rows.by}_{found.columns.by}", title, CLIENTS, columns, tuple(rows), note)
