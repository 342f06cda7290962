"""Findings on value of chapter 10: who brings it, who falls short, whom to bring on, what a lifetime and loyalty say."""

from analysis.core.blocks import Finding, Findings, Ref, Sentence, Style
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.portrait import (
    BackTest,
    ClientLifetime,
    ContributionBridge,
    CreditStates,
    Loyalty,
    ValueScore,
)
from analysis.portrait.credit_state import NOT_GRADED
from analysis.portrait.value_score import DECILES
from analysis.present.lifetime import known_lifetimes, lifetime_ref
from analysis.present.numbers import number
from analysis.present.portrait import CHAPTER
from analysis.present.value import TOTAL, hurdle_ref, profit_share_ref, raroc_ref


def value_findings(
    score: ValueScore | Unavailable,
    bridge: ContributionBridge | Unavailable,
    test: BackTest | Unavailable,
    lifetime: ClientLifetime | Unavailable,
    credit: CreditStates | Unavailable,
    loyalty: Loyalty | Unavailable,
) -> tuple[Findings, ...]:
    """What each study found, in the order who, return, potential, lifetime, credit, loyalty; those without are silent."""
    found = [
        None if isinstance(score, Unavailable) else _who(score),
        None if isinstance(bridge, Unavailable) else _return(bridge),
        None if isinstance(test, Unavailable) else _potential(test),
        None if isinstance(lifetime, Unavailable) else _lifetime(lifetime),
        None if isinstance(credit, Unavailable) else _credit(credit),
        None if isinstance(loyalty, Unavailable) else _loyalty(loyalty),
    ]
    items = tuple(finding for finding in found if finding is not None)
    return (Findings("value_findings", items),) if items else ()


def _fact(key: str, value: float | int, style: Style, zh: str, en: str, *, size_only: bool = False) -> Ref:
    return number(CHAPTER, f"value.{key}", value, style, Text(zh, en), size_only=size_only)


def _who(score: ValueScore) -> Finding | None:
    """What the highest tenth brings, and how many clients bring less than nothing."""
    whole = float(score.profit.sum())
    if int(score.decile.value_counts().min()) < score.minimum or score.decile.nunique() < DECILES or whole <= 0:
        return None
    top = profit_share_ref(score, 1, whole)
    assert isinstance(top, Ref)  # the whole is positive
    below = score.profit < 0
    dear = int((below & (score.group == score.groups[0][0])).sum())
    sentence = Sentence.of(
        "**价值评分最高的一成客户带来{basis}的 {top}。**全部客户中 {losing} 为负。",
        "**The highest tenth by value score brings {top} of {basis}.** {losing} of all clients are below zero.",
        basis=score.basis.label,
        top=top,
        losing=_fact("losing.share", float(below.mean()), "percent_1", "为负的客户占比", "clients below zero"),
    )
    if dear >= score.minimum:
        sentence += Sentence.of(
            "{group}组里也有 {n} 户为负：靠规模、活跃或潜力得分，利润没有跟上。",
            "{n} of them are in the group {group} all the same: size, activity or potential score, profit does not.",
            group=score.groups[0][1],
            n=_fact("losing.high", dear, "count", "高价值组中为负的客户", "clients below zero in the highest group"),
        )
    return Finding(sentence + _basis(score), "value_deciles")


def _basis(score: ValueScore) -> Sentence:
    """What profit is in this source."""
    if score.basis.is_full:
        return Sentence.of("每户利润与综合贡献指标同数。", "Each client's profit is that of the KPI contribution.")
    names = score.basis.missing
    return Sentence.of(
        "缺{missing}，利润以{basis}代替。",
        "For want of {missing}, {basis} stands in for profit.",
        missing=Text("、".join(one.zh for one in names), ", ".join(one.en for one in names)),
        basis=score.basis.label,
    )


def _return(bridge: ContributionBridge) -> Finding | None:
    """Return of the book against the hurdle, how much capital lies under it, and what is lacking."""
    total = bridge.raroc["total"]
    if isinstance(total, Unavailable) or bridge.number("total", "n_under") < bridge.minimum:
        return None
    clients = bridge.number("total", "n_under") / bridge.number("total", "n_with_capital")
    money = bridge.number("total", "capital_under") / bridge.number("total", "capital")
    eva = bridge.number("total", "eva")
    sentence = Sentence.of(
        "**占用资本的客户中 {clients} 低于门槛 {hurdle}，占用 {capital} 的资本。**整体资本回报率 {raroc}，这些客户本季距门槛还差税后利润 {gap}；扣资本成本后全部客户{made} {eva}。",
        "**{clients} of the clients that use capital are under the hurdle of {hurdle}, with {capital} of the capital.** The return of all is {raroc}; they lack {gap} of profit after tax in the quarter; after the capital charge all clients {made} {eva}.",
        clients=_fact("under.share", clients, "percent_1", "低于门槛的客户占比", "share of clients under the hurdle"),
        hurdle=hurdle_ref(bridge),
        capital=_fact("under.capital_share", money, "percent_1", "低于门槛的资本占比", "share of capital under the hurdle"),
        raroc=raroc_ref(bridge, "total", TOTAL, total.estimate),
        gap=_fact("under.gap", bridge.number("total", "gap"), "money_small", "距门槛缺口", "gap to the hurdle"),
        made=Text("创造价值", "add") if eva >= 0 else Text("消耗价值", "destroy"),
        eva=number(CHAPTER, "value.eva", eva, "money_small", Text("经济增加值", "economic value added"), metric="EVA", size_only=True),
    )  # fmt: skip
    return Finding(sentence, "value_raroc_figure")


_JUDGED = {
    "confirmed": Text("高潜力组后来增长更快", "The high-potential group grew more afterwards"),
    "no_difference": Text("高潜力组后来的增长与低潜力组没有可辨的差异", "The high-potential group did not grow distinguishably more afterwards"),
    "reversed": Text("高潜力组后来增长更慢", "The high-potential group grew less afterwards"),
}  # fmt: skip


def _potential(test: BackTest) -> Finding | None:
    """Whether potential measured a year ago came true, and whether it says more than past growth alone."""
    difference, advantage = test.difference, test.advantage
    if isinstance(difference, Unavailable) or test.judgement is None:
        return None
    sentence = Sentence.of(
        "**{judged}。**按 {start} 的潜力分组，此后存贷款的对称增长率相差 {difference}，区间 {low} 至 {high}。",
        "**{judged}.** Grouped by potential as of {start}, the symmetric growth of deposits and loans since differs by {difference}, interval {low} to {high}.",
        judged=_JUDGED[test.judgement],
        start=number(CHAPTER, "value.potential.start", test.start.label, "name", Text("回测起点", "start of the test")),
        difference=_fact("potential.difference", difference.estimate, "points", "高低潜力组增长之差", "growth of high less low potential"),
        low=_fact("potential.difference.low", difference.ci_low, "points", "高低潜力组增长之差：下限", "growth of high less low potential: lower end"),
        high=_fact("potential.difference.high", difference.ci_high, "points", "高低潜力组增长之差：上限", "growth of high less low potential: upper end"),
    )  # fmt: skip
    if isinstance(advantage, Estimate):
        verdict = (
            Text("优于它", "better than")
            if advantage.ci_low > 0
            else Text("不及它", "worse than")
            if advantage.ci_high < 0
            else Text("与它无法区分", "not distinguishable from")
        )
        side = Text("高", "more") if advantage.estimate >= 0 else Text("低", "less")
        sentence += Sentence.of(
            "比只看过去增长的分组{side} {advantage}，潜力评分{verdict}。",
            "That is {advantage} {side} than between groups by past growth alone; the potential score is {verdict} them.",
            side=side,
            advantage=_fact("potential.advantage", advantage.estimate, "points", "较过去增长分组之差", "difference from groups by past growth", size_only=True),
            verdict=verdict,
        )  # fmt: skip
    return Finding(sentence, "value_matrix")


def _lifetime(found: ClientLifetime) -> Finding | None:
    """The dearest tier with its interval, and how much more churn would take from the one that loses most by it."""
    known = known_lifetimes(found)
    if not known:
        return None
    tier, best = max(known, key=lambda one: one[1].estimate)
    fall = {one: 1 - float(found.sensitivity["churn_up"][one]) / value.estimate for one, value in known if value.estimate > 0}  # fmt: skip
    label = found.labels[tier]
    sentence = Sentence.of(
        "**{tier}户均终身价值 {value}，区间 {low} 至 {high}。**按{basis}、留存与层级迁移推算，不是已实现的结果；留存相同而层级不再变动时为 {still}。",
        "**Over a lifetime {tier} are worth {value} a client, interval {low} to {high}.** From {basis}, retention and moves between tiers; a projection, no result achieved; with the same retention and no moves {still}.",
        tier=label,
        value=lifetime_ref(found, tier, best.estimate),
        low=_fact(f"lifetime.{tier}.low", best.ci_low, "money_small", f"{label.zh}：终身价值下限", f"{label.en}: lifetime value, lower end"),
        high=_fact(f"lifetime.{tier}.high", best.ci_high, "money_small", f"{label.zh}：终身价值上限", f"{label.en}: lifetime value, upper end"),
        basis=found.basis.label,
        still=_fact(f"lifetime.{tier}.no_moves", float(found.sensitivity["no_moves"][tier]), "money_small", f"{label.zh}：层级不变的终身价值", f"{label.en}: lifetime value without moves"),
    )  # fmt: skip
    if fall:
        hit = max(fall, key=lambda one: fall[one])
        factor = number(
            CHAPTER,
            "value.lifetime.churn_factor.target",
            found.churn_factor,
            "decimal_2",
            Text("流失倍数", "times the loss rate"),
        )
        sentence += Sentence.of(
            "流失率变为 {factor} 倍时，{hit}降得最多，降 {fall}。",
            "With {factor} times the loss rate {hit} lose most, {fall}.",
            factor=factor,
            hit=found.labels[hit],
            fall=_fact(f"lifetime.{hit}.churn", fall[hit], "percent_1", "流失上升时终身价值降幅", "fall of lifetime value with more churn"),
        )  # fmt: skip
    return Finding(sentence, "value_lifetime_figure")


def _credit(found: CreditStates) -> Finding | None:
    """Who stands in the best grade, who cannot be graded, and how many statements that rests on."""
    counts = found.grades
    best = str(counts.index[0])
    whole = int(counts["n_clients"].sum())
    if whole == 0 or bool(counts["hidden"][best]) or bool(counts["hidden"][NOT_GRADED]):
        return None
    sentence = Sentence.of(
        "**信用状态为“{label}”的客户占 {top}，未评级占 {none}。**有可用财务报表的客户占 {statements}；缺报表者不按平均处理，也不进最高等级。",
        "**{top} of clients are in the credit state “{label}”, {none} are not graded.** {statements} have a usable statement; the others are not taken as average and never reach the best grade.",
        label=found.labels[best],
        top=_fact("credit.best.share", int(counts["n_clients"][best]) / whole, "percent_1", "最高信用等级的客户占比", "clients in the best credit grade"),
        none=_fact("credit.not_graded.share", int(counts["n_clients"][NOT_GRADED]) / whole, "percent_1", "未评级的客户占比", "clients not graded"),
        statements=_fact("credit.statements.share", found.with_statements, "percent_1", "有报表的客户占比", "clients with a statement"),
    )  # fmt: skip
    if found.industry_from is not None:
        sentence += Sentence.of(
            "行业风险取自{source}。", "Industry risk is taken from {source}.", source=found.industry_from
        )
    return Finding(sentence)


def _loyalty(found: Loyalty) -> Finding | None:
    """The most and the least loyal group, and of what the index is made."""
    shown = [group for group in found.groups if group.kind == "group"]
    if len(shown) < 2:
        return None
    value = {group.code: float(found.table["index"][group.code]) for group in shown}
    high, low = max(shown, key=lambda g: value[g.code]), min(shown, key=lambda g: value[g.code])
    names = [one.label for one in found.components]
    sentence = Sentence.of(
        "**忠诚度指数{high}最高，{top}；{low}最低，{bottom}。**由{parts}构成，不含收入；平均覆盖权重 {coverage}。",
        "**The loyalty index is highest for {high}, {top}, and lowest for {low}, {bottom}.** It is made of {parts}, without income; {coverage} of its weight is known on average.",
        high=high.label,
        low=low.label,
        top=_fact(f"loyalty.{high.code}", value[high.code], "decimal_2", f"{high.label.zh}：忠诚度指数", f"{high.label.en}: loyalty index"),
        bottom=_fact(f"loyalty.{low.code}", value[low.code], "decimal_2", f"{low.label.zh}：忠诚度指数", f"{low.label.en}: loyalty index"),
        parts=Text("、".join(one.zh for one in names), ", ".join(one.en for one in names)),
        coverage=_fact("loyalty.coverage", float(found.coverage.mean()), "percent_1", "忠诚度覆盖权重", "weight of the loyalty index known"),
    )  # fmt: skip
    if "survey" in found.known:
        sentence += Sentence.of(
            "问卷有答复的客户 {n} 户。",
            "{n} clients answered the survey.",
            n=_fact("loyalty.answers", int(found.known["survey"]), "count", "有问卷答复的客户", "clients that answered the survey"),
        )  # fmt: skip
    return Finding(sentence)
