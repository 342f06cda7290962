"""What chapter 10 shows of lifetime value: by tier with its interval, and what moves it."""

from analysis.core.blocks import Cell, Column, Figure, Missing, Ref, Row, Sentence, Suppressed, Table
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.core.units import Currency
from analysis.portrait import ClientLifetime
from analysis.present.charts import Measure, Side, draw
from analysis.present.charts.levels import Levels, plot_levels
from analysis.present.numbers import capital, number
from analysis.present.portrait import CHAPTER
from analysis.present.value import small_money

NO_MOVES = Text("层级不变", "Without moves")
TOO_FEW = Unavailable(
    Text(
        "各层级户数都低于披露下限，不列终身价值",
        "every tier is below the disclosure limit, so no lifetime value is shown",
    )
)


def lifetime_ref(found: ClientLifetime, tier: str, value: float) -> Ref:
    label = found.labels[tier]
    title = Text(f"{label.zh}：终身价值", f"{label.en}: lifetime value")
    return number(CHAPTER, f"value.lifetime.{found.scheme}.{tier}", value, "money_small", title)


def known_lifetimes(found: ClientLifetime) -> list[tuple[str, Estimate]]:
    """Tiers whose lifetime value may be printed, from the top of the ladder down."""
    return [
        (tier, one)
        for tier in found.tiers
        if isinstance(one := found.values[tier], Estimate) and one.n_clients >= found.minimum
    ]


def lifetime_figure(found: ClientLifetime | Unavailable, *, currency: Currency) -> Figure | Unavailable:
    """Lifetime value of a client by tier with its interval; margins, retention and sensitivity behind it."""
    if isinstance(found, Unavailable):
        return found
    known = known_lifetimes(found)
    if not known:
        return TOO_FEW
    retention = found.retention
    data = Levels(
        labels=tuple(found.labels[tier] for tier, _ in known),
        values=tuple(one.estimate for _, one in known),
        ci_low=tuple(one.ci_low for _, one in known),
        ci_high=tuple(one.ci_high for _, one in known),
        measure=Measure(Text("终身价值（户均）", "Lifetime value a client"), "money_small", currency=currency),
        sides=(
            Side(
                Measure(NO_MOVES, "money_small", currency=currency),
                tuple(float(found.sensitivity["no_moves"][tier]) for tier, _ in known),
            ),
            Side(Measure(Text("年留存率", "Kept a year"), "percent_1"), tuple(float(retention[t]) for t, _ in known)),
        ),
    )
    best, worst = max(known, key=lambda one: one[1].estimate), min(known, key=lambda one: one[1].estimate)
    finding = Sentence.of(
        "{best}的户均终身价值最高，{high}；{worst}最低，{low}",
        "{best} are worth most over a lifetime, {high} a client; {worst} least, {low}",
        best=capital(found.labels[best[0]]),
        worst=found.labels[worst[0]],
        high=lifetime_ref(found, best[0], best[1].estimate),
        low=lifetime_ref(found, worst[0], worst[1].estimate),
    )
    return Figure(
        id="value_lifetime_figure",
        finding=finding,
        shows=Sentence.of(
            "按{basis}、留存与层级迁移推算的户均现值，{unit}",
            "Present value a client from {basis}, retention and moves between tiers, {unit}",
            basis=found.basis.label,
            unit=small_money(currency),
        ),
        name=Text("终身价值按现行层级", "Lifetime value by tier in force"),
        note=Sentence.of(
            "马尔可夫链，年折现率 {rate}，按近 {steps} 个季度的迁移推算，不是已实现的结果。右列为留存相同而层级不再变动时的价值。区间：{interval}，不反映以后迁移是否照旧。",
            "Markov chain at a discount of {rate} a year, moves of the last {steps} quarters; a projection, no result achieved. At the right the value if as many stay and none changes tier. Intervals: {interval}; they do not reflect whether moves go on as before.",
            rate=number(CHAPTER, "value.lifetime.discount.target", found.discount, "percent_1", Text("折现率", "discount a year")),
            steps=number(CHAPTER, "value.lifetime.steps", found.steps, "count", Text("季度数", "quarters"), unit=False),
            interval=known[0][1].interval,
        )
        + _sensitivity_note(found),
        alt=Text("点图：各层级户均终身价值与区间", "Dot plot: lifetime value a client by tier with intervals"),
        images=draw(plot_levels, data),
        behind=lifetime_table(found, currency=currency),
    )  # fmt: skip


def lifetime_table(found: ClientLifetime, *, currency: Currency) -> Table:
    """Lifetime value, what it is made of, and how it moves with discount, churn and horizon."""
    variants = {
        "discount_down": Text("折现率下调", "Lower discount"),
        "discount_up": Text("折现率上调", "Higher discount"),
        "churn_down": Text("流失较少", "Less churn"),
        "churn_up": Text("流失较多", "More churn"),
        "horizon": Text("有限期", "Limited horizon"),
        "no_moves": NO_MOVES,
    }
    columns = (
        Column("tier", Text("现行层级", "Tier in force"), "words"),
        Column("n_clients", Text("户数", "Clients"), "count"),
        Column("margin", Text(f"户均季度{found.basis.label.zh}", f"{capital(found.basis.label).en} a client and quarter"), "money_small"),
        Column("retention", Text("年留存率", "Kept a year"), "percent_1"),
        Column("value", Text("终身价值", "Lifetime value"), "money_small"),
        Column("low", Text("区间下限", "Interval from"), "money_small"),
        Column("high", Text("区间上限", "to"), "money_small"),
        *(Column(name, label, "money_small") for name, label in variants.items()),
    )  # fmt: skip
    rows = []
    for tier in found.tiers:
        estimate = found.values[tier]
        cells: dict[str, Cell] = {
            "tier": found.labels[tier],
            "n_clients": int(found.n_clients[tier]),
            "margin": float(found.margins[tier]),
            "retention": float(found.retention[tier]),
        }
        cells |= {name: float(found.sensitivity[name][tier]) for name in variants}
        if int(found.n_clients[tier]) < found.minimum:
            rows.append(
                Row({name: Suppressed() for name in (*cells, "value", "low", "high")} | {"tier": found.labels[tier]})
            )
            continue
        if isinstance(estimate, Estimate):
            cells["value"] = lifetime_ref(found, tier, estimate.estimate)
            cells |= {"low": estimate.ci_low, "high": estimate.ci_high}
        else:
            cells |= {name: Missing(estimate.reason) for name in ("value", "low", "high")}
        rows.append(Row(cells))
    unit = Text(f"户、{small_money(currency).zh}、%", f"clients, {small_money(currency).en}, %")
    title = Text("终身价值及其敏感性", "Lifetime value and what moves it")
    return Table("value_lifetime", title, unit, columns, tuple(rows), _sensitivity_note(found))


def _sensitivity_note(found: ClientLifetime) -> Sentence:
    """By how much discount, churn and horizon are varied; stands below the figure and below the table behind it."""
    return Sentence.of(
        "敏感性（见工作簿）：折现率上下 {step}，流失率乘除 {factor}，有限期为 {horizon} 个季度。",
        "Sensitivity (in the workbook): discount {step} either way, loss rate times and divided by {factor}, a horizon of {horizon} quarters.",
        step=number(CHAPTER, "value.lifetime.discount_step.target", found.discount_step, "points", Text("折现率浮动", "shift of the discount"), size_only=True),
        factor=number(CHAPTER, "value.lifetime.churn_factor.target", found.churn_factor, "decimal_2", Text("流失倍数", "times the loss rate")),
        horizon=number(CHAPTER, "value.lifetime.horizon.target", found.horizon, "count", Text("有限期", "horizon"), unit=False),
    )  # fmt: skip
