"""On how few clients an amount hangs: the curve with its measured point, and the numbers of it."""

from analysis.core.blocks import Cell, Column, Figure, Missing, Ref, Row, Sentence, Style, Table
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Language, Text
from analysis.core.units import Currency
from analysis.portrait import Pareto, ParetoCuts
from analysis.present.charts import Concentration, Mark, Measure, draw, plot_concentration
from analysis.present.numbers import number
from analysis.present.portrait import CHAPTER, amount_label, money_word

TOP_SHARE = Text("前列客户占比", "Share of the top clients")


def pareto_refs(found: Pareto, key: str) -> dict[str, Ref]:
    """Numbers of a concentration that sentences use: share of the top, its interval, the fraction itself."""
    share = found.top_share
    assert isinstance(share, Estimate)  # callers check
    title = TOP_SHARE
    return {
        "fraction": number(CHAPTER, f"pareto.{key}.fraction", found.fraction, "percent_1", Text("前列客户比例", "the largest clients")),
        "share": number(CHAPTER, f"pareto.{key}.top_share", share.estimate, "percent_1", title),
        "low": number(CHAPTER, f"pareto.{key}.top_share_low", share.ci_low, "percent_1", title),
        "high": number(CHAPTER, f"pareto.{key}.top_share_high", share.ci_high, "percent_1", title),
    }  # fmt: skip


def pareto_blocks(
    found: Pareto, measure: str, *, currency: Currency, cuts: ParetoCuts | None = None
) -> tuple[Figure | Table | Unavailable, ...]:
    """The curve with its table behind it; the reason and the table where there is no curve."""
    if isinstance(found.top_share, Unavailable):
        is_empty = found.n_clients == 0
        return (found.top_share,) if is_empty else (found.top_share, pareto_table(found, measure, currency=currency))
    return (pareto_figure(found, measure, currency=currency, cuts=cuts),)


def pareto_figure(
    found: Pareto, measure: str, *, currency: Currency, cuts: ParetoCuts | None = None
) -> Figure | Unavailable:
    """Cumulative share of an amount over clients, the measured point with its interval."""
    share = found.top_share
    if isinstance(share, Unavailable):
        return share
    what = amount_label(measure)
    refs = pareto_refs(found, measure)
    data = Concentration(
        clients=tuple(map(float, found.curve["clients_share"])),
        shares=tuple(map(float, found.curve["total_share"])),
        x=Measure(Text("客户累计占比", "Cumulative share of clients"), "percent_1"),
        y=Measure(Text(f"{what.zh}累计占比", f"Cumulative share of {what.en}"), "percent_1"),
        mark=Mark(found.fraction, share.estimate, share.ci_low, share.ci_high, _mark_label(found, share)),
        name=what,
    )
    finding = Sentence.of(
        "前 {fraction} 的客户带来{what}的 {share}，{claim}",
        "The top {fraction} of clients bring {share} of {what}, {claim}",
        what=what,
        claim=_claim(found),
        **refs,
    )
    note = Sentence.of(
        "客户按金额从大到小排列；{interval}。", "Clients largest first; {interval}.", interval=share.interval
    )
    return Figure(
        id=f"pareto_{measure}_figure",
        finding=finding,
        shows=Sentence.of(
            "{what}的累计占比，%；点为实测值，竖线为区间",
            "Cumulative share of {what}, %; the dot is measured, the bar its interval",
            what=what,
        ),
        name=Text(f"{what.zh}的集中度", f"Concentration of {what.en}"),
        note=note,
        alt=Text(
            f"曲线：客户累计占比与{what.zh}累计占比", f"Curve: cumulative share of clients against that of {what.en}"
        ),
        images=draw(plot_concentration, data),
        behind=pareto_table(found, measure, currency=currency, cuts=cuts),
    )


def _mark_label(found: Pareto, share: Estimate) -> Text:
    from analysis.core.units import CURRENCIES
    from analysis.present.format import render

    def said(value: float, language: Language) -> str:
        return render(value, "percent_1", language, CURRENCIES["CNY"])

    return Text(
        f"前 {said(found.fraction, 'zh')} 客户：{said(share.estimate, 'zh')}",
        f"Top {said(found.fraction, 'en')}: {said(share.estimate, 'en')}",
    )


_CLAIMS = {
    "supported": Text("与“二八”之说相符", "in line with the eighty–twenty claim"),
    "more_concentrated": Text("比“二八”之说更集中", "more concentrated than the eighty–twenty claim"),
    "less_concentrated": Text("没有“二八”之说那么集中", "less concentrated than the eighty–twenty claim"),
    "not_testable": Text("无法与“二八”之说比较", "not comparable with the eighty–twenty claim"),
}


def _claim(found: Pareto) -> Text:
    return _CLAIMS[found.judgement]


def pareto_table(found: Pareto, measure: str, *, currency: Currency, cuts: ParetoCuts | None = None) -> Table:
    """The numbers of the concentration: top shares, clients needed, losses, peak of the curve.

    Parameters
    ----------
    cuts : the top share over time and inside each size class, as further rows
    """
    what = amount_label(measure)
    rows = [
        _fact_row(measure, "total", Text("净合计", "Net total"), found.total, "money_large"),
        _fact_row(measure, "n_clients", Text("客户数", "Clients"), found.n_clients, "count"),
        _estimate_row(measure, "top_share", TOP_SHARE, found.top_share, "percent_1"),
        _estimate_row(measure, "clients_for_target", Text("达到目标份额所需客户占比", "Clients needed for the target share"), found.clients_for_target, "percent_1"),
        _estimate_row(measure, "gini", Text("基尼系数", "Gini coefficient"), found.gini, "decimal_3"),
        _estimate_row(measure, "peak", Text("累计曲线最高点", "Peak of the cumulative curve"), found.peak, "percent_1"),
        _fact_row(measure, "negative_share", Text("为负的客户占比", "Clients below zero"), found.negative_share, "percent_1"),
        _fact_row(measure, "negative_total", Text("负值合计", "Sum below zero"), found.negative_total, "money_large"),
    ]  # fmt: skip
    if found.negative_share == 0:
        rows = rows[:5]  # nobody is below zero: no peak above the total, no losses
    rows += [
        _fact_row(
            measure, f"top_{top.n_clients}", Text(f"最大 {top.n_clients} 户占比", f"Largest {top.n_clients}: share"), top.share, "percent_1"
        )
        for top in found.top_n
    ]  # fmt: skip
    rows += _cut_rows(measure, cuts) if cuts else []
    columns = (
        Column("item", Text("项目", "Item"), "words"),
        Column("value", Text("实测", "Measured"), "decimal_2"),
        Column("low", Text("区间下限", "Interval from"), "decimal_2"),
        Column("high", Text("区间上限", "to"), "decimal_2"),
    )
    note = Sentence.of(
        "目标份额与前列比例来自“二八”之说，结果为实测。单户占比不指名。",
        "Target share and top fraction are those of the eighty–twenty claim; the results are measured. No client is named.",
    )
    unit = Text(f"{money_word(currency).zh}、%", f"{money_word(currency).en}, %")
    title = Text(f"{what.zh}的集中度", f"Concentration of {what.en}")
    return Table(f"pareto_{measure}", title, unit, columns, tuple(rows), note)


def _cut_rows(measure: str, cuts: ParetoCuts) -> list[Row]:
    """The top share of earlier quarters and inside each group; its reason where it cannot be told."""
    found = [
        (f"top_share_{quarter}", Text(f"{TOP_SHARE.zh}，{quarter}", f"{TOP_SHARE.en}, {quarter}"), value)
        for quarter, value in cuts.history.items()
    ]
    found += [
        (f"top_share_{group.code}", Text(f"{TOP_SHARE.zh}：{group.label.zh}内部", f"{TOP_SHARE.en}, {group.label.en} alone"), value)
        for group, value in cuts.groups
    ]  # fmt: skip
    rows = []
    for key, label, value in found:
        if isinstance(value, Unavailable):
            rows.append(Row({"item": label} | {name: Missing(value.reason) for name in ("value", "low", "high")}))
        else:
            rows.append(_fact_row(measure, key, label, value, "percent_1"))
    return rows


def _fact_row(measure: str, key: str, label: Text, value: float, style: Style) -> Row:
    ref = number(CHAPTER, f"pareto.{measure}.{key}", value, style, label)
    blank = Missing(Text("全体数，无区间", "a count of all clients, no interval"))
    return Row({"item": label, "value": ref, "low": blank, "high": blank})


def _estimate_row(measure: str, key: str, label: Text, found: Estimate | Unavailable, style: Style) -> Row:
    if isinstance(found, Unavailable):
        return Row({"item": label} | {name: Missing(found.reason) for name in ("value", "low", "high")})
    cells: dict[str, Cell] = {"item": label}
    for name, suffix, value in (
        ("value", "", found.estimate),
        ("low", "_low", found.ci_low),
        ("high", "_high", found.ci_high),
    ):
        cells[name] = number(CHAPTER, f"pareto.{measure}.{key}{suffix}", value, style, label)
    return Row(cells)
