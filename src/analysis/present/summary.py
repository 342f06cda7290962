"""The answer on one page, from facts the other chapters recorded: tiles, conclusions, what is not known."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from analysis.core.blocks import Finding, Findings, Opening, Paragraph, Ref, Sentence, Style, Tile, Tiles
from analysis.core.fact import Fact
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake import Policy
from analysis.metrics import METRICS
from analysis.present.numbers import moved, number
from analysis.present.overview import CHAPTER as CLIENTS
from analysis.present.overview import TILES
from analysis.present.segments import CHAPTER as SEGMENTS
from analysis.present.sentences.segments import GRADES
from analysis.segmentation import Structure

CHAPTER = "90_summarise"
MAX_TILES = 8
N_QUARTERS = 8
Facts = Mapping[str, Fact]
State = Literal["good", "near", "bad", "none"]


def kpi(facts: Facts, code: str, kind: str = "") -> Fact | None:
    """The recorded value of a KPI or of its change, if there is a number."""
    fact = facts.get(f"{CLIENTS}.kpi.{code}{f'.{kind}' if kind else ''}")
    return fact if fact is not None and fact.value is not None else None


def ref(fact: Fact, style: Style, *, size_only: bool = False) -> Ref:
    """A recorded fact printed again, with the id it already has."""
    return Ref(fact, style, True, size_only)


def summary_tiles(facts: Facts, quarter: Quarter, policy: Policy) -> Tiles:
    """At most eight KPIs with eight quarters, changes and state against the bank's own targets."""
    codes = [code for code in TILES if kpi(facts, code)][:MAX_TILES]
    targets = {row["id"]: row for row in policy.table("kpi_targets")}
    tiles = tuple(_tile(facts, code, quarter, targets.get(code)) for code in codes)
    note = Sentence.of(
        "折线为近期各季度，虚线为门槛或上限；“点”指百分点。● 达标，▽ 在容忍度内，▼ 未达标；无目标的不评价。",
        "Lines: recent quarters; dashed: hurdle or ceiling; pp: percentage points. ● met, ▽ close (within tolerance), ▼ missed; indicators without a target are not "
        "judged.",
    )
    return Tiles("summary_tiles", tiles, note)


def _tile(facts: Facts, code: str, quarter: Quarter, target: Mapping[str, Any] | None) -> Tile:
    metric = METRICS[code]
    value = kpi(facts, code)
    assert value is not None  # callers choose only those
    series = tuple(_at(facts, code, one) for one in quarter.trailing(N_QUARTERS))
    changes = tuple(
        _change_line(kind, found)
        for name, kind in (("qoq", Text("环比", "qoq")), ("yoy", Text("同比", "yoy")))
        if (found := kpi(facts, code, name) or kpi(facts, code, f"{name}.abs")) is not None
    )
    state, sentence, line = _judge(facts, code, target)
    in_amounts = any(fact.unit == "money" for change in changes for fact in change.facts)  # no growth across zero
    style: Style = "money_small" if in_amounts else metric.style
    return Tile(metric.name, ref(value, style), series, changes, line, state, sentence)


def _change_line(kind: Text, change: Fact) -> Sentence:
    """A change in a tile: percentage points are called 点 / pp there, for want of room."""
    style = _style(change)
    if style == "points":
        return Sentence.of("{kind} {change} 点", "{kind} {change} pp", kind=kind, change=Ref(change, style, False))
    return Sentence.of(
        "{kind} {change}", "{kind} {change}", kind=kind, change=Ref(change, style, change.unit != "money")
    )


def _at(facts: Facts, code: str, quarter: Quarter) -> float | None:
    fact = facts.get(f"{CLIENTS}.series.{code}.{quarter}")
    return float(fact.value) if fact is not None and isinstance(fact.value, int | float) else None


def _style(change: Fact) -> Style:
    if change.unit == "points":
        return "bp" if METRICS[change.metric].change == "bp" else "points"
    return "money_small_change" if change.unit == "money" else "growth"


def _judge(facts: Facts, code: str, target: Mapping[str, Any] | None) -> tuple[State, Sentence | None, float | None]:
    """State against the target, its words, and the level to draw dashed."""
    if target is None:
        return "none", None, None
    is_level = target["compare"] == "level"
    fact = kpi(facts, code) if is_level else kpi(facts, code, "yoy")
    line = float(target["target"]) if is_level else None
    if fact is None or not isinstance(fact.value, int | float):
        return "none", None, line
    sign = 1 if target["better"] == "high" else -1
    gap = round(sign * (float(fact.value) - float(target["target"])), 12)  # at the limit exactly is within it
    state: State = "good" if gap >= 0 else "near" if gap >= -float(target["tolerance"]) else "bad"
    style: Style = METRICS[code].style if is_level else "growth"
    goal = number(
        CHAPTER, f"target.{code}", float(target["target"]), style, Text(f"{METRICS[code].name.zh}：目标", f"{METRICS[code].name.en}: target"),
        metric=code,
    )  # fmt: skip
    words = {
        "good": Text("达标", "met"),
        "near": Text("容忍内", "close"),
        "bad": Text("未达标", "missed"),
    }[state]
    what = Text("目标", "target") if target["better"] == "high" else Text("上限", "ceiling")
    return (
        state,
        Sentence.of("{words}，{what} {goal}", "{words}, {what} {goal}", words=words, what=what, goal=goal),
        line,
    )


def summary_opening(name: Text, question: Text, facts: Facts, policy: Policy) -> Opening:
    """One sentence: what the book did and whether it paid, or what a loan book lost."""
    return Opening("summary_opening", name, question, _bank_headline(facts, policy) or _loan_headline(facts))


def _bank_headline(facts: Facts, policy: Policy) -> Sentence | None:
    deposits, growth, raroc = kpi(facts, "DEP_ADB"), kpi(facts, "DEP_ADB", "yoy"), kpi(facts, "RAROC")
    if deposits is None or (raroc is None and kpi(facts, "APPR_AMT") is not None):  # a loan book has its own headline
        return None
    base = Sentence.of("日均存款 {value}", "Average deposits {value}", value=ref(deposits, "money_large"))
    if growth is not None and isinstance(growth.value, float):
        base = _join(
            base,
            Sentence.of(
                "，同比{moved} {growth}",
                ", {moved} {growth} on the year",
                moved=moved(growth.value),
                growth=ref(growth, "growth", size_only=True),
            ),
        )
    if raroc is None or not isinstance(raroc.value, float):
        return _join(
            base, Sentence.of("；数据不足以计算资本回报", "; the data do not allow a return on capital to be computed")
        )
    covers = raroc.value >= policy.number("raroc_hurdle")
    return _join(
        base,
        Sentence.of(
            "；资本回报 {raroc}，{verdict}",
            "; return on capital {raroc}, {verdict}",
            raroc=ref(raroc, "percent"),
            verdict=Text("达到门槛", "at or above the hurdle") if covers else Text("低于门槛", "below the hurdle"),
        ),
    )


def _loan_headline(facts: Facts) -> Sentence:
    amount, loans, rate = kpi(facts, "APPR_AMT"), kpi(facts, "N_LOAN"), kpi(facts, "DEF_R")
    if amount is None or loans is None:
        average = kpi(facts, "LOAN_ADB")
        if average is not None:
            value = ref(average, "money_large")
            return Sentence.of(
                "日均贷款 {value}；数据源没有存款", "Average loans {value}; the source has no deposits", value=value
            )
        return Sentence.of("数据源只能描述客户，没有金额", "The source describes clients only, without amounts")
    base = Sentence.of(
        "{loans} 笔贷款共批准 {amount}",
        "{loans} loans with {amount} approved",
        loans=Ref(loans, "count", False),
        amount=ref(amount, "money_large"),
    )
    if rate is None:
        return base
    return _join(
        base,
        Sentence.of(
            "，已知结果者中 {rate} 被核销",
            "; {rate} of those with a known outcome were charged off",
            rate=ref(rate, "percent"),
        ),
    )


def _join(first: Sentence, second: Sentence) -> Sentence:
    return Sentence(first.zh + second.zh, first.en + second.en)


def summary_conclusions(facts: Facts) -> Findings:
    """Three conclusions at most, each with the figure or table that carries it."""
    found: Sequence[Finding | None] = (
        _scale(facts),
        _return(facts),
        _dependence(facts),
        _losses(facts),
        _structure(facts),
    )
    return Findings("summary_conclusions", tuple(one for one in found if one is not None)[:4])


def _scale(facts: Facts) -> Finding | None:
    growth, loans, revenue = kpi(facts, "DEP_ADB", "yoy"), kpi(facts, "LOAN_ADB", "yoy"), kpi(facts, "OPREV", "yoy")
    if growth is None or loans is None or revenue is None:
        return None
    values = [float(fact.value) for fact in (growth, loans, revenue) if isinstance(fact.value, int | float)]
    claim = (
        Text("收入跟上了规模。", "Income kept up with volumes.")
        if values[2] >= max(values[:2])
        else Text("收入没有跟上规模。", "Income did not keep up with volumes.")
        if values[2] < min(values[:2])
        else Text("收入只跟上了存款与贷款之一。", "Income kept up with only one of deposits and loans.")
    )
    sentence = Sentence.of(
        "**{claim}**日均存款同比 {deposits}，日均贷款 {loans}，营业净收入 {revenue}。",
        "**{claim}** Average deposits {deposits} on a year ago, average loans {loans}, operating revenue {revenue}.",
        claim=claim,
        deposits=ref(growth, "growth"),
        loans=ref(loans, "growth"),
        revenue=ref(revenue, "growth"),
    )
    return Finding(sentence, "overview_money")


def _return(facts: Facts) -> Finding | None:
    raroc, eva = kpi(facts, "RAROC"), kpi(facts, "EVA")
    if raroc is None or eva is None or not isinstance(eva.value, float):
        return None
    sentence = Sentence.of(
        "**{claim}**资本回报 {raroc}，经济增加值 {eva}。",
        "**{claim}** Return on capital {raroc}, economic value added {eva}.",
        claim=Text("本季创造了经济价值。", "The quarter created value.")
        if eva.value >= 0
        else Text("本季消耗了经济价值。", "The quarter consumed value."),
        raroc=ref(raroc, "percent"),
        eva=ref(eva, "money_small"),
    )
    return Finding(sentence, "overview_ratios")


def _dependence(facts: Facts) -> Finding | None:
    for measure, what in (
        ("contribution", Text("综合贡献", "contribution")),
        ("approved_amount", Text("批准金额", "the approved amount")),
    ):
        base = f"{CLIENTS}.pareto.{measure}"
        names = ("fraction", "top_share", "top_share_low", "top_share_high")
        found = [facts.get(f"{base}.{name}") for name in names]
        if all(fact is not None for fact in found):
            fraction, share, low, high = (ref(fact, "percent_1") for fact in found if fact is not None)
            sentence = Sentence.of(
                "**对少数客户的依赖已实测。**前 {fraction} 的客户占{what} {share}，区间 {low} 至 {high}。",
                "**Dependence on few clients is measured.** The top {fraction} bring {share} of {what}, interval {low} to {high}.",
                what=what,
                fraction=fraction,
                share=share,
                low=low,
                high=high,
            )
            return Finding(sentence, f"pareto_{measure}_figure")
    return None


def _losses(facts: Facts) -> Finding | None:
    bad, mention = kpi(facts, "NPLR"), kpi(facts, "SMLR")
    if bad is not None and mention is not None:
        change = kpi(facts, "NPLR", "yoy")
        sentence = Sentence.of(
            "**{claim}。**不良率 {bad}，关注率 {mention}。",
            "**{claim}.** Bad loans {bad} of loans, special mention {mention}.",
            claim=_quality_claim(change),
            bad=ref(bad, "percent"),
            mention=ref(mention, "percent"),
        )
        if change is not None:
            sentence = sentence + Sentence.of(
                "不良率同比 {c}。", "The bad-loan rate changed by {c} on the year.", c=ref(change, "points")
            )
        return Finding(sentence, "overview_ratios")
    new, old = (facts.get(f"{CLIENTS}.default_rate.stage.{code}") for code in ("startup", "established"))
    if new is None or old is None:
        return None
    sentence = Sentence.of(
        "**新企业与存续企业。**违约率分别为 {new} 与 {old}；这是关联，不是成因。",
        "**New and established firms.** Their default rates are {new} and {old}; an association, not a cause.",
        new=ref(new, "percent"),
        old=ref(old, "percent"),
    )
    return Finding(sentence, "default_by_stage_figure")


PRINTED_AS_ZERO = 0.00005
"""A difference of rates below this prints as 0.00 points."""


def _quality_claim(change: Fact | None) -> Text:
    """How the bad-loan rate moved on the year."""
    if change is None or not isinstance(change.value, int | float):
        return Text("资产质量没有上年可比", "Asset quality has no year to compare with")
    if abs(change.value) < PRINTED_AS_ZERO:
        return Text("资产质量与上年持平", "Asset quality is unchanged on the year")
    return (
        Text("资产质量变差", "Asset quality got worse")
        if change.value > 0
        else Text("资产质量变好", "Asset quality improved")
    )


def _structure(facts: Facts) -> Finding | None:
    names = ("silhouette", "silhouette_sample", "silhouette_reference", "n_segments")
    silhouette, sample, reference, count = (facts.get(f"{SEGMENTS}.kmeans.{name}") for name in names)
    if silhouette is None or sample is None or reference is None or count is None:
        return None
    values = [fact.value for fact in (silhouette, sample, reference)]
    whole, own, other = (float(value) for value in values if isinstance(value, int | float))
    grade = Structure(whole, 0, own, other, 0).grade
    sentence = Sentence.of(
        "**客群：{claim}。**聚类分为 {n} 个客群，平均轮廓系数 {silhouette}。",
        "**Segments: {claim}.** {n} segments, mean silhouette {silhouette}.",
        claim=GRADES[grade],
        n=Ref(count, "count", False),
        silhouette=ref(silhouette, "decimal_2"),
    )
    return Finding(sentence, "kmeans_sizes")


def summary_unknown(facts: Facts) -> Paragraph:
    """What this issue cannot say: the chapters that are not built, and what the data lack."""
    has_bank = kpi(facts, "DEP_ADB") is not None
    has_needs = any(name.startswith("20_analyse_needs.") for name in facts)
    gaps = Sentence.of(
        ("" if has_needs else "客户的需求与缺口、") + "服务策略是否有效、哪些客户将流失，本期没有研究。"
        if has_bank
        else "数据源没有存款、收入、成本与资本，客户价值与资本回报都无法计算；违约率的差异只是关联。",
        ("Whether" if has_needs else "What clients need, whether")
        + " strategies worked and who will leave were not studied in "
        "this issue."
        if has_bank
        else "The source has no deposits, income, cost or capital: client value and return cannot be computed, and differences in default "
        "rates are associations only.",
    )
    return Paragraph("summary_unknown", gaps, "unknown")
