"""Default rates of a book of loans with known outcomes: the figure, the table behind it, the rate of the whole book."""

from collections.abc import Mapping

from analysis.core.blocks import Cell, Column, Figure, Missing, Ref, Row, Sentence, Table
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.portrait.rates import NONE_KNOWN, SEEN_BY_STATES, DefaultRates
from analysis.present.charts import Measure, Rates, draw, plot_rates
from analysis.present.numbers import capital, number
from analysis.present.portrait import CHAPTER

N_KNOWN = Text("已知结果的贷款", "loans with a known outcome")
N_CHARGED_OFF = Text("核销的贷款", "loans charged off")


def rates_figure(found: DefaultRates | Unavailable) -> Figure | Unavailable:
    """Default rate by group with its interval, the book's own rate dashed."""
    if isinstance(found, Unavailable):
        return found
    known = [(one, one.rate) for one in found.groups if isinstance(one.rate, Estimate)]
    if not known:
        return NONE_KNOWN
    data = Rates(
        labels=tuple(one.group.label for one, _ in known),
        rates=tuple(rate.estimate for _, rate in known),
        ci_low=tuple(rate.ci_low for _, rate in known),
        ci_high=tuple(rate.ci_high for _, rate in known),
        n=tuple(one.n_known for one, _ in known),
        mean=found.total.estimate,
        measure=Measure(Text("违约率", "Default rate"), "percent"),
        count=Measure(Text("已知结果", "Known outcomes"), "count"),
        mean_name=Text("全部贷款", "all loans"),
    )
    finding = _finding(found)
    return Figure(
        id=f"default_by_{found.by}_figure",
        finding=finding,
        shows=Sentence.of(
            "已知结果的贷款中被核销的比例，%；虚线为全部贷款",
            "Charged off among loans with a known outcome, %; dashed: all loans",
        ),
        name=Text(f"违约率按{found.label.zh}", f"Default rate by {found.label.en}"),
        note=Sentence.of(
            "区间：{interval}；空心点的区间包含全部贷款的违约率。",
            "Intervals: {interval}; a hollow dot cannot be told from the rate of all loans.",
            interval=found.total.interval,
        ),
        alt=Text(
            f"点图：各{found.label.zh}的违约率与区间", f"Dot plot: default rate by {found.label.en} with intervals"
        ),
        images=draw(plot_rates, data),
        behind=rates_table(found),
    )


def rates_figures(found: Mapping[str, DefaultRates | Unavailable]) -> tuple[Figure | Unavailable, ...]:
    """A figure a grouping; where outcomes are not known at all, the reason once; none where loans have monthly states."""
    known = [rates for rates in found.values() if isinstance(rates, DefaultRates)]
    missing = [rates for rates in found.values() if isinstance(rates, Unavailable) and rates is not SEEN_BY_STATES]
    return tuple(map(rates_figure, known)) if known else tuple(missing[:1])


def total_rate_ref(found: DefaultRates) -> Ref:
    """The default rate of the whole book, the same number as the KPI DEF_R."""
    return _rate_ref("book", "total", Text("全部贷款", "all loans"), found.total.estimate)


def _rate_ref(by: str, code: str, label: Text, value: float) -> Ref:
    title = Text(f"{label.zh}：违约率", f"{label.en}: default rate")
    return number(CHAPTER, f"default_rate.{by}.{code}", value, "percent", title, metric="DEF_R")


def _finding(found: DefaultRates) -> Sentence:
    """The group whose rate is highest among those clearly above the book's own; unclassified clients are no group."""
    above = [
        (one.group, one.rate)
        for one in found.groups
        if isinstance(one.rate, Estimate) and one.group.kind == "group" and one.rate.ci_low > found.total.estimate
    ]
    if not above:
        return Sentence.of(
            "没有哪一组的违约率明显高于全部贷款的 {mean}",
            "No group's default rate is clearly above that of all loans, {mean}",
            mean=total_rate_ref(found),
        )
    worst, rate = max(above, key=lambda pair: pair[1].estimate)
    return Sentence.of(
        "{group}的违约率最高，为 {rate}，全部贷款为 {mean}",
        "{group} has the highest default rate, {rate}, against {mean} of all loans",
        group=capital(worst.label),
        rate=_rate_ref(found.by, worst.code, worst.label, rate.estimate),
        mean=total_rate_ref(found),
    )


def rates_table(found: DefaultRates) -> Table:
    """Charged off, known outcomes, rate and interval by group."""
    columns = (
        Column("group", found.label, "words"),
        Column("n_known", Text("已知结果", "Known outcomes"), "count"),
        Column("n_charged_off", Text("核销", "Charged off"), "count"),
        Column("rate", Text("违约率", "Default rate"), "percent"),
        Column("low", Text("区间下限", "Interval from"), "percent"),
        Column("high", Text("区间上限", "to"), "percent"),
    )
    rows = [
        Row(
            {
                "group": Text("合计", "Total"),
                "n_known": number(CHAPTER, "default_rate.n_known", found.n_known, "count", N_KNOWN),
                "n_charged_off": number(CHAPTER, "default_rate.n_charged_off", found.n_charged_off, "count", N_CHARGED_OFF),
                "rate": total_rate_ref(found),
                "low": found.total.ci_low,
                "high": found.total.ci_high,
            },
            "total",
        )
    ]  # fmt: skip
    for one in found.groups:
        cells: dict[str, Cell] = {"group": one.group.label, "n_known": one.n_known, "n_charged_off": one.n_charged_off}
        if isinstance(one.rate, Estimate):
            cells["rate"] = _rate_ref(found.by, one.group.code, one.group.label, one.rate.estimate)
            cells |= {"low": one.rate.ci_low, "high": one.rate.ci_high}
        else:
            cells |= {name: Missing(one.rate.reason) for name in ("rate", "low", "high")}
        rows.append(Row(cells))
    note = Sentence.of(
        "结果未知的贷款不计入分母。区间：{interval}。",
        "Loans without a known outcome are not in the denominator. Intervals: {interval}.",
        interval=found.total.interval,
    )
    title = Text(f"违约率按{found.label.zh}", f"Default rate by {found.label.en}")
    unit = Text("笔、%", "loans, %")
    return Table(f"default_by_{found.by}", title, unit, columns, tuple(rows), note, ("DEF_R",))
