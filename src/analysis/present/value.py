"""What chapter 10 shows of value: who is valuable and why, return against the hurdle, whom to bring on."""

from analysis.core.blocks import Cell, Column, Figure, Missing, Ref, Row, Sentence, Style, Suppressed, Table
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.core.units import Currency
from analysis.portrait import ContributionBridge, ValueMatrix, ValueScore
from analysis.portrait.contribution import PARTS
from analysis.portrait.grouping import Group
from analysis.portrait.value_score import PARTS as SUB_SCORES
from analysis.present.charts import Measure, Side, draw
from analysis.present.charts.levels import Levels, plot_levels
from analysis.present.format import unit_word
from analysis.present.numbers import capital, number
from analysis.present.portrait import CHAPTER

TOTAL = Text("合计", "Total")
_NO_CAPITAL = Missing(Text("没有占用资本的客户", "no client uses capital"))


def small_money(currency: Currency) -> Text:
    """The unit client-level amounts are printed in."""
    return Text(unit_word("money_small", "zh", currency), unit_word("money_small", "en", currency))


def large_money(currency: Currency) -> Text:
    """The unit bank-level amounts are printed in."""
    return Text(unit_word("money_large", "zh", currency), unit_word("money_large", "en", currency))


def joined(texts: tuple[Text, ...]) -> Text:
    """Several texts in one line."""
    return Text("；".join(text.zh for text in texts), "; ".join(text.en for text in texts))


# --- return against the hurdle --------------------------------------------------------------------------------------


def raroc_ref(found: ContributionBridge, code: str, name: Text, value: float) -> Ref:
    """Return on capital of a group; the total is the KPI RAROC."""
    metric = "RAROC" if code == "total" else ""
    title = Text(f"{name.zh}：资本回报率", f"{name.en}: return on capital")
    return number(CHAPTER, f"value.raroc.{found.by}.{code}", value, "percent", title, metric=metric)


def hurdle_ref(found: ContributionBridge) -> Ref:
    return number(CHAPTER, "value.raroc.hurdle.target", found.hurdle, "percent_1", Text("资本回报率门槛", "hurdle"))


def _shown_returns(found: ContributionBridge) -> list[tuple[Group, Estimate]]:
    """Groups whose return may be printed: enough clients that use capital, and an interval."""
    return [
        (group, estimate)
        for group in found.groups
        if isinstance(estimate := found.raroc[group.code], Estimate) and estimate.n_clients >= found.minimum
    ]


def raroc_figure(found: ContributionBridge | Unavailable, *, currency: Currency) -> Figure | Unavailable:
    """Return on capital by group with its interval, the hurdle dashed; the whole waterfall behind it."""
    if isinstance(found, Unavailable):
        return found
    shown = _shown_returns(found)
    total = found.raroc["total"]
    if not shown or isinstance(total, Unavailable):
        return Unavailable(
            Text("占用资本的客户太少，不列资本回报", "too few clients use capital to show a return on it")
        )
    capital_sum = found.table["capital"]
    data = Levels(
        labels=tuple(group.label for group, _ in shown),
        values=tuple(one.estimate for _, one in shown),
        ci_low=tuple(one.ci_low for _, one in shown),
        ci_high=tuple(one.ci_high for _, one in shown),
        measure=Measure(Text("资本回报率", "Return on capital"), "percent"),
        sides=(
            Side(
                Measure(Text("经济资本", "Capital"), "money_large", currency=currency),
                tuple(float(capital_sum[group.code]) for group, _ in shown),
            ),
            Side(
                Measure(Text("低于门槛", "Under the hurdle"), "percent_1"),
                tuple(_under(found, group.code) for group, _ in shown),
            ),
        ),
        line=found.hurdle,
        line_name=Text("门槛", "hurdle"),
    )
    return Figure(
        id="value_raroc_figure",
        finding=_raroc_finding(found, shown, total),
        shows=Sentence.of(
            "各{by}的资本回报率（年化），%；右列为经济资本，以及占用资本客户中低于门槛的比例",
            "Return on capital by {by}, yearly, %; at the right their capital and the share of clients with capital under the hurdle",
            by=found.label,
        ),
        name=Text(f"资本回报率按{found.label.zh}", f"Return on capital by {found.label.en}"),
        note=Sentence.of(
            "空心点的区间包含门槛。区间：{interval}。{inputs}。",
            "A hollow dot cannot be told from the hurdle. Intervals: {interval}. {inputs}.",
            interval=total.interval,
            inputs=capital(joined(found.risk_inputs)),
        ),
        alt=Text(
            f"点图：各{found.label.zh}的资本回报率与区间，虚线为门槛",
            f"Dot plot: return on capital by {found.label.en} with intervals, the hurdle dashed",
        ),
        images=draw(plot_levels, data),
        behind=contribution_table(found, currency=currency),
        metrics=("RAROC",),
    )


def _under(found: ContributionBridge, code: str) -> float:
    """Share of a group's clients with capital that are under the hurdle."""
    return found.number(code, "n_under") / found.number(code, "n_with_capital")


def _raroc_finding(found: ContributionBridge, shown: list[tuple[Group, Estimate]], total: Estimate) -> Sentence:
    below = [group for group, one in shown if one.ci_high < found.hurdle]
    side = (
        Text("低于", "below")
        if total.ci_high < found.hurdle
        else Text("高于", "above")
        if total.ci_low > found.hurdle
        else Text("无法区分于", "not distinguishable from")
    )
    if len(below) == len(shown):
        tail = Text("各层都明显不足", "every group is clearly short")
    elif below:
        zh, en = "、".join(group.label.zh for group in below), ", ".join(group.label.en for group in below)
        tail = Text(f"其中{zh}明显不足", f"clearly short: {en}")
    else:
        tail = Text("没有哪一层明显不足", "no group is clearly short")
    return Sentence.of(
        "资本回报率 {value}，{side}门槛 {hurdle}，{tail}",
        "Return on capital is {value}, {side} the hurdle of {hurdle}; {tail}",
        value=raroc_ref(found, "total", TOTAL, total.estimate),
        side=side,
        hurdle=hurdle_ref(found),
        tail=tail,
    )


def contribution_table(found: ContributionBridge, *, currency: Currency) -> Table:
    """From spread to economic value added by group, loss-makers, and who is under the hurdle."""
    columns = (
        Column("group", found.label, "words"),
        Column("n_clients", Text("户数", "Clients"), "count"),
        *(Column(name, capital(label), "money_small") for name, label in PARTS.items()),
        Column("n_losing", Text("亏损户数", "Loss-makers"), "count"),
        Column("losing", Text("亏损额", "Their loss"), "money_small"),
        Column("n_with_capital", Text("占用资本户数", "With capital"), "count"),
        Column("capital", Text("经济资本", "Capital"), "money_small"),
        Column("n_under", Text("低于门槛户数", "Under the hurdle"), "count"),
        Column("capital_under", Text("其资本", "Their capital"), "money_small"),
        Column("gap", Text("距门槛缺口", "Gap to the hurdle"), "money_small"),
        Column("raroc", Text("资本回报率", "Return"), "percent"),
        Column("low", Text("区间下限", "Interval from"), "percent"),
        Column("high", Text("区间上限", "to"), "percent"),
    )
    rows = [_contribution_row(found, group.code, group.label) for group in found.groups]
    total = _contribution_row(found, "total", TOTAL)
    note = Sentence.of(
        "本季金额；减项为负。金额与亏损户数含本季已销户的客户，户数只计季末未销户者。经济增加值 = 综合贡献 − 所得税 − 资本成本。缺口为低于门槛客户达到门槛还差的税后利润。{inputs}。",
        "Amounts of the quarter; what takes away is negative. Amounts and loss-makers include clients closed in the quarter, which Clients does not count. Economic value added = contribution − tax − capital charge. The gap is the profit "
        "after tax that clients under the hurdle lack. {inputs}.",
        inputs=capital(joined(found.risk_inputs)),
    )
    unit = Text(f"户、{small_money(currency).zh}、%", f"clients, {small_money(currency).en}, %")
    title = Text(f"综合贡献与资本回报按{found.label.zh}", f"Contribution and return on capital by {found.label.en}")
    return Table("value_contribution", title, unit, columns, (total, *rows), note, ("CONTRIB", "RAROC", "EVA"))


def _contribution_row(found: ContributionBridge, code: str, label: Text) -> Row:
    counts = ("n_clients", "n_losing", "n_with_capital", "n_under")
    cells: dict[str, Cell] = {"group": label}
    for name in (*PARTS, "losing", "capital", "capital_under", "gap", *counts):
        value = found.number(code, name)
        cells[name] = int(value) if name in counts else value
    for behind, names in {"n_losing": ("n_losing", "losing"), "n_with_capital": ("n_with_capital", "capital"), "n_under": ("n_under", "capital_under", "gap")}.items():  # fmt: skip
        if 0 < found.number(code, behind) < found.minimum:
            cells |= {name: Suppressed() for name in names}
    estimate = found.raroc[code]
    if isinstance(estimate, Unavailable):
        return Row(cells | dict.fromkeys(("raroc", "low", "high"), _NO_CAPITAL))
    if estimate.n_clients < found.minimum:
        return Row(cells | {name: Suppressed() for name in ("raroc", "low", "high")})
    cells |= {
        "raroc": raroc_ref(found, code, label, estimate.estimate),
        "low": estimate.ci_low,
        "high": estimate.ci_high,
    }
    return Row(cells, "total" if code == "total" else "normal")


# --- value score ----------------------------------------------------------------------------------------------------


def decile_table(score: ValueScore | Unavailable, *, currency: Currency) -> Table | Unavailable:
    """Tenths of the clients by value score: points by sub-score, and what they bring."""
    if isinstance(score, Unavailable):
        return score
    parts = [name for name in SUB_SCORES if name in score.sub_scores]
    columns = (
        Column("decile", Text("价值十分位", "Tenth by value"), "words"),
        Column("n_clients", Text("户数", "Clients"), "count"),
        Column("total", Text("总分", "Score"), "decimal_2"),
        *(Column(name, Text(f"其中：{SUB_SCORES[name].zh}", SUB_SCORES[name].en.capitalize()), "decimal_2") for name in parts),
        Column("profit", capital(score.basis.label), "money_small"),
        Column("share", Text("占比", "Share"), "percent_1"),
    )  # fmt: skip
    counts = score.decile.value_counts()
    least = int(counts.min())
    if least < score.minimum:
        return Unavailable(Text("客户太少，不列十分位", "too few clients to show tenths"))
    whole = float(score.profit.sum())
    rows = [_decile_row(score, parts, int(decile), whole) for decile in sorted(counts.index)]
    total: dict[str, Cell] = {
        "decile": TOTAL,
        "n_clients": len(score.total),
        "total": float(score.total.mean()),
        "profit": whole,
    }
    total |= {name: float(score.sub_scores[name].mean()) for name in parts}
    total["share"] = 1.0 if whole > 0 else Missing(Text("合计不为正", "the total is not positive"))
    unit = Text(f"户、分、{small_money(currency).zh}、%", f"clients, points, {small_money(currency).en}, %")
    title = Text("客户价值十分位与分项", "Clients by value score, with its parts")
    return Table("value_deciles", title, unit, columns, (Row(total, "total"), *rows), _weights_note(score))


def _decile_row(score: ValueScore, parts: list[str], decile: int, whole: float) -> Row:
    own = score.decile == decile
    label = DECILE_NAMES[decile - 1]

    def fact(name: str, value: float, style: Style, what: Text) -> Ref:
        title = Text(f"{label.zh}：{what.zh}", f"{label.en}: {what.en}")
        return number(CHAPTER, f"value.decile.{decile}.{name}", value, style, title)

    cells: dict[str, Cell] = {
        "decile": label,
        "n_clients": int(own.sum()),
        "total": float(score.total[own].mean()),
        "profit": fact("profit", float(score.profit[own].sum()), "money_small", score.basis.label),
        "share": profit_share_ref(score, decile, whole),
    }
    return Row(cells | {name: float(score.sub_scores[name][own].mean()) for name in parts})


def profit_share_ref(score: ValueScore, decile: int, whole: float) -> Ref | Missing:
    """Share of all profit that a tenth of the clients brings."""
    if whole <= 0:
        return Missing(Text("合计不为正", "the total is not positive"))
    label, what = DECILE_NAMES[decile - 1], score.basis.label
    title = Text(f"{label.zh}：占{what.zh}", f"{label.en}: share of {what.en}")
    value = float(score.profit[score.decile == decile].sum()) / whole
    return number(CHAPTER, f"value.decile.{decile}.share", value, "percent_1", title)


DECILE_NAMES = (
    Text("最高一成", "highest tenth"), Text("第二成", "second"), Text("第三成", "third"), Text("第四成", "fourth"),
    Text("第五成", "fifth"), Text("第六成", "sixth"), Text("第七成", "seventh"), Text("第八成", "eighth"),
    Text("第九成", "ninth"), Text("最低一成", "lowest tenth"),
)  # fmt: skip


def _weights_note(score: ValueScore) -> Sentence:
    """The weights in words and numbers, and what changes when they change."""
    listed = Sentence.of(
        "总分为各项得分（超过多少比例的客户）的加权和，权重：",
        "The score adds up shares of clients exceeded, with the weights:",
    )
    zh: list[str | Ref] = [*listed.zh]
    en: list[str | Ref] = [*listed.en]
    whole = sum(one.weight for one in score.components)
    for place, one in enumerate(score.components):
        ref = number(
            CHAPTER,
            f"value.weight.{one.id}.target",
            one.weight / whole,
            "percent_1",
            Text(f"权重：{one.label.zh}", f"weight: {one.label.en}"),
        )
        zh += ["、" if place else "", f"{one.label.zh} ", ref]
        en += [", " if place else " ", f"{one.label.en} ", ref]
    table = score.sensitivity
    worst = str(table["component"].iloc[int(table["groups"].to_numpy().argmax())])
    name = next(one.label for one in score.components if one.id == worst)
    tail = Sentence.of(
        "。任一权重上下浮动 {shift}，换价值组的客户至多 {groups}（{name}），换十分位的至多 {deciles}，与原排序的等级相关不低于 {rho}。",
        ". When a weight moves by {shift} either way, at most {groups} of clients change their value group ({name}) and at most {deciles} their tenth; the rank correlation stays at {rho} or more.",
        shift=number(
            CHAPTER,
            "value.sensitivity.shift.target",
            score.shift,
            "points",
            Text("权重浮动", "shift of a weight"),
            size_only=True,
        ),
        groups=number(
            CHAPTER,
            "value.sensitivity.groups",
            float(table["groups"].max()),
            "percent_1",
            Text("换价值组的客户", "clients that change group"),
        ),
        deciles=number(
            CHAPTER,
            "value.sensitivity.deciles",
            float(table["deciles"].max()),
            "percent_1",
            Text("换十分位的客户", "clients that change tenth"),
        ),
        rho=number(
            CHAPTER,
            "value.sensitivity.rank_correlation",
            float(table["rank_correlation"].min()),
            "decimal_2",
            Text("等级相关", "rank correlation"),
        ),
        name=name,
    )
    return Sentence((*(part for part in zh if part != ""), *tail.zh), (*(part for part in en if part != ""), *tail.en))


# --- potential against value ----------------------------------------------------------------------------------------


def matrix_table(matrix: ValueMatrix | Unavailable, basis: Text, *, currency: Currency) -> Table | Unavailable:
    """Clients by value now and potential, and what each value group brings."""
    if isinstance(matrix, Unavailable):
        return matrix
    columns = (
        Column("group", Text("当前价值", "Value now"), "words"),
        *(Column(id, label, "count", heat=True) for id, label, _ in matrix.potential_groups),
        *(Column(f"{id}_profit", Text(f"{label.zh}：{basis.zh}", f"{capital(label).en}: {basis.en}"), "money_small") for id, label, _ in matrix.potential_groups),
    )  # fmt: skip
    rows = []
    for id, label, _ in matrix.value_groups:
        cells: dict[str, Cell] = {"group": label}
        for code, _, _ in matrix.potential_groups:
            count, money = matrix.counts[code][id], matrix.profit[code][id]
            cells[code] = Suppressed() if count != count else int(count)
            cells[f"{code}_profit"] = Suppressed() if money != money else float(money)
        rows.append(Row(cells))
    note = Sentence.of(
        "高价值且高潜力者优先投入，高价值而潜力不高者维护，价值不高而高潜力者培育，其余控制投入（不等于退出）。颜色随户数加深；* 为低于披露下限。",
        "High value and high potential come first; high value with less potential is kept; high potential with less value is brought on; for the rest "
        "spending is held back, which is no exit. The fill deepens with the number of clients; * is below the disclosure limit.",
    )
    unit = Text(f"户、{small_money(currency).zh}", f"clients, {small_money(currency).en}")
    return Table("value_matrix", Text("当前价值 × 发展潜力", "Value now × potential"), unit, columns, tuple(rows), note)
