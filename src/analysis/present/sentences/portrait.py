"""Sentences of chapter 10: how the quarter went, where the money is, how much hangs on few clients."""

from collections.abc import Mapping, Sequence

from analysis.core.blocks import Finding, Findings, Opening, Paragraph, Ref, Sentence
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.metrics import METRICS, Comparison
from analysis.portrait import Dependence, Distribution, Pareto, TierDiagnosis, Waterfall
from analysis.portrait.rates import DefaultRates
from analysis.present.concentration import pareto_refs
from analysis.present.dependence import group_sentence
from analysis.present.numbers import capital, moved, number
from analysis.present.overview import change_ref, value_ref
from analysis.present.portrait import CHAPTER, amount_label
from analysis.present.rates import N_CHARGED_OFF, N_KNOWN, total_rate_ref
from analysis.present.tiering import tier_finding

HEADLINES = ("DEP_ADB", "APPR_AMT", "LOAN_ADB")
"""The amount a headline speaks of: the first the source has."""


def portrait_opening(
    name: Text, question: Text, comparisons: Sequence[Comparison], concentration: Pareto, measure: str, scope: Waterfall
) -> Opening:
    """Headline: the book's main amount, its change, and how few clients bring the money."""
    by_code = {one.code: one for one in comparisons}
    main = next((by_code[code] for code in HEADLINES if _is_known(by_code.get(code))), None)
    share = concentration.top_share
    lead = Sentence.of(
        "{n} 户客户纳入分析。以下先列全行指标，再看客户与金额在哪里，最后看依赖多少客户。",
        "{n} clients are analysed. First the figures of the book, then where clients and money are, then on how few it hangs.",
        n=number(CHAPTER, "scope.open.n_clients", scope.analysed.n_clients, "count", scope.analysed.label, unit=False),
    )
    headline = _headline(main, share, concentration, measure)
    return Opening("clients_opening", name, question, headline, lead)


def _is_known(comparison: Comparison | None) -> bool:
    return comparison is not None and not isinstance(comparison.current, Unavailable)


_SHORT = {"contribution": Text("综合贡献", "contribution")}
"""A headline has two lines; the table below says before tax."""


def _headline(main: Comparison | None, share: Estimate | Unavailable, concentration: Pareto, measure: str) -> Sentence:
    if main is None:
        return Sentence.of(
            "数据源没有可列示的金额，只能描述客户数", "The source has no amounts: only clients can be counted"
        )
    metric = METRICS[main.code]
    first = _amount_and_change(main)
    if isinstance(share, Unavailable):
        return first
    refs = pareto_refs(concentration, measure)
    what = _SHORT.get(measure, amount_label(measure))
    if measure == _measure_of(metric.code):
        what = Text("其中", "it")
        second = Sentence.of(
            "，前 {fraction} 客户占 {share}",
            "; the top {fraction} of clients hold {share}",
            fraction=refs["fraction"],
            share=refs["share"],
        )
    else:
        second = Sentence.of(
            "，前 {fraction} 客户带来{what}的 {share}",
            "; top {fraction} bring {share} of {what}",
            fraction=refs["fraction"],
            share=refs["share"],
            what=what,
        )
    return Sentence(first.zh + second.zh, first.en + second.en)


def _measure_of(code: str) -> str:
    return {"APPR_AMT": "approved_amount", "DEP_ADB": "deposit_avg", "LOAN_ADB": "loan_avg"}.get(code, "")


def _amount_and_change(main: Comparison) -> Sentence:
    """The amount, and its change on a year ago where there is one."""
    metric = METRICS[main.code]
    value = value_ref(metric, main.current)
    yoy = next((change for change in main.changes if change.kind == "yoy"), None)
    if yoy is None or isinstance(yoy.growth, Unavailable) or yoy.growth == 0:
        return Sentence.of("{name} {value}", "{name} {value}", name=capital(metric.name), value=value)
    return Sentence.of(
        "{name} {value}，同比{moved} {growth}",
        "{name} {value}, {moved} {growth} on the year",
        name=capital(metric.name),
        value=value,
        moved=moved(yoy.growth),
        growth=_size(change_ref(metric, yoy)),
    )


def _size(ref: Ref | Text) -> Ref | Text:
    """The same number without its sign, for a sentence whose words give the direction."""
    return Ref(ref.fact, ref.style, ref.unit, size_only=True) if isinstance(ref, Ref) else ref


def portrait_findings(
    distributions: Mapping[str, Distribution | Unavailable],
    concentration: Pareto,
    measure: str,
    comparisons: Sequence[Comparison],
    rates: Mapping[str, DefaultRates | Unavailable],
    *,
    whole: Dependence | Unavailable | None = None,
    tiers: TierDiagnosis | Unavailable | None = None,
) -> Findings:
    """Up to four findings: where the money is, on how few it hangs, its quality or timing, and what the tiers are worth.

    Parameters
    ----------
    whole : concentration by every cut, for business groups counted once
    tiers : diagnosis of the tiers in force
    """
    found = [
        _where(distributions),
        _dependence(concentration, measure, group_sentence(whole) if whole else None),
        _quality(rates) or _window_dressing(comparisons),
        tier_finding(tiers) if tiers else None,
    ]
    return Findings("clients_findings", tuple(finding for finding in found if finding is not None))


def _where(distributions: Mapping[str, Distribution | Unavailable]) -> Finding | None:
    """The largest industry, and whether its share of money is above its share of clients."""
    found = distributions.get("industry")
    if not isinstance(found, Distribution) or not found.amounts:
        return None
    amount = found.amounts[0]
    rows = [
        (group, found.table.iloc[place])
        for place, group in enumerate(found.groups)
        if group.kind == "group" and not bool(found.hidden[amount].iloc[place])
    ]
    if not rows:
        return None
    group, line = max(rows, key=lambda row: float(row[1][amount]))
    share = f"{amount}_share"
    if line[share] != line[share]:
        return None
    what = amount_label(amount)
    heavier = float(line[share]) > float(line["share"])
    sentence = Sentence.of(
        "**已知行业中，{group}的{what}最多。**它占{what} {money}，占客户 {clients}，户均{relation}全体。",
        "**Of the known industries {group} has the largest part of {what}.** It has {money} of it and {clients} of clients: {relation} a client than the average.",
        group=capital(group.label),
        what=what,
        money=number(
            CHAPTER, f"industry.{group.code}.{share}", float(line[share]), "percent_1",
            Text(f"{group.label.zh}：占{what.zh}", f"{group.label.en}: share of {what.en}"),
        ),
        clients=number(
            CHAPTER, f"industry.{group.code}.share", float(line["share"]), "percent_1",
            Text(f"{group.label.zh}：户数占比", f"{group.label.en}: share of clients"),
        ),
        relation=Text("高于", "more") if heavier else Text("不高于", "no more"),
    )  # fmt: skip
    return Finding(sentence, "by_industry_figure")


def _dependence(concentration: Pareto, measure: str, groups: Sentence | None) -> Finding | None:
    if isinstance(concentration.top_share, Unavailable):
        return None
    what = amount_label(measure)
    refs = pareto_refs(concentration, measure)
    negative = number(
        CHAPTER, f"pareto.{measure}.negative_share", concentration.negative_share, "percent_1",
        Text("为负的客户占比", "Clients below zero"),
    )  # fmt: skip
    tail = (
        Sentence.of(
            "{negative} 的客户{what}为负。", "{negative} of clients are below zero.", negative=negative, what=what
        )
        if concentration.negative_share > 0
        else Sentence.of("没有客户为负。", "No client is below zero.")
    )
    sentence = Sentence.of(
        "**{what}依赖少数客户的程度以实测为准。**前 {fraction} 的客户占 {share}，区间 {low} 至 {high}。",
        "**How few clients {what} hangs on is measured.** The top {fraction} bring {share}, interval {low} to {high}.",
        what=what,
        **refs,
    )
    whole = sentence + tail
    return Finding(whole + groups if groups else whole, f"pareto_{measure}_figure")


def _quality(rates: Mapping[str, DefaultRates | Unavailable]) -> Finding | None:
    """New firms against established ones, where outcomes are known."""
    found = rates.get("stage")
    if not isinstance(found, DefaultRates):
        return None
    by_code = {one.group.code: one for one in found.groups if isinstance(one.rate, Estimate)}
    if not {"startup", "established"} <= set(by_code):
        return None
    new, old = by_code["startup"], by_code["established"]
    assert isinstance(new.rate, Estimate)
    assert isinstance(old.rate, Estimate)
    apart = new.rate.ci_high < old.rate.ci_low or old.rate.ci_high < new.rate.ci_low
    lower = new.rate.estimate < old.rate.estimate
    relation = (
        (Text("低于存续企业", "below") if lower else Text("高于存续企业", "above"))
        if apart
        else Text("与存续企业无法区分", "not distinguishable from")
    )
    sentence = Sentence.of(
        "**新企业的违约率{relation}。**新企业 {new}，存续企业 {old}；已知结果的 {known} 笔中核销 {lost} 笔，即 {all}。这是关联，不是成因。",
        "**The default rate of new firms is {relation} that of established ones.** New firms {new}, established {old}; of all "
        "{known} loans with a known outcome {lost} were charged off, {all}. An association, not a cause.",
        known=number(CHAPTER, "default_rate.n_known", found.n_known, "count", N_KNOWN),
        lost=number(CHAPTER, "default_rate.n_charged_off", found.n_charged_off, "count", N_CHARGED_OFF),
        relation=relation,
        new=_rate("startup", new.group.label, new.rate.estimate),
        old=_rate("established", old.group.label, old.rate.estimate),
        all=total_rate_ref(found),
    )
    return Finding(sentence, "default_by_stage_figure")


def _rate(code: str, label: Text, value: float) -> Ref:
    title = Text(f"{label.zh}：违约率", f"{label.en}: default rate")
    return number(CHAPTER, f"default_rate.stage.{code}", value, "percent", title, metric="DEF_R")


def _window_dressing(comparisons: Sequence[Comparison]) -> Finding | None:
    """Point-in-time deposits against their average: what a quarter-end adds."""
    gap = next((one for one in comparisons if one.code == "ADBGAP"), None)
    if gap is None or isinstance(gap.current, Unavailable):
        return None
    if gap.current == 0:
        return None
    relation = Text("高于", "above") if gap.current > 0 else Text("低于", "below")
    sentence = Sentence.of(
        "**季末时点{relation}日均。**时点存款{relation}季日均 {gap}，因此增长只看日均，时点不作比较依据。",
        "**Quarter-end deposits stand {relation} their average.** They are {gap} {relation} the quarter's average, so growth is read from "
        "averages, not from the day.",
        relation=relation,
        gap=_size(value_ref(METRICS["ADBGAP"], gap.current)),
    )
    return Finding(sentence, "overview_ratios")


def portrait_so_what(concentration: Pareto, measure: str) -> Paragraph | Unavailable:
    """What the dependence means for who is looked after first."""
    needed = concentration.clients_for_target
    if isinstance(needed, Unavailable):
        return needed
    what = amount_label(measure)
    sentence = Sentence.of(
        "达到{what}的 {target} 只需 {clients} 的客户（{n} 户）：维护重点应先落在这些客户上；本报告不列客户名单。",
        "{clients} of clients ({n}) are enough for {target} of {what}: look after these first. This report names no client.",
        what=what,
        target=number(CHAPTER, f"pareto.{measure}.target", concentration.target, "percent_1", Text("目标份额", "target share")),
        clients=number(CHAPTER, f"pareto.{measure}.clients_for_target", needed.estimate, "percent_1", Text("达到目标份额所需客户占比", "Clients needed for the target share")),
        n=number(CHAPTER, f"pareto.{measure}.n_for_target", _count(concentration.n_for_target), "count", Text("达到目标份额所需客户数", "number of clients needed for the target"), unit=False),
    )  # fmt: skip
    return Paragraph("clients_so_what", sentence, "so_what")


def _count(value: int | Unavailable) -> int | Unavailable:
    return value
