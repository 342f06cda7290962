"""Sentences of chapter 20: what clients need, what of it is not served, what to serve first, what is not known."""

from collections.abc import Mapping

from analysis.core.blocks import Finding, Findings, Opening, Paragraph, Ref, Sentence
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.portrait.needs import Gaps, Intensity, Latent, Ledger, NeedEvidence, Priority, Response, Taxonomy
from analysis.present.needs.gaps import capacity_ref, open_ref, overdue_below_ref, unmet_clients_ref
from analysis.present.needs.groups import share_ref, strongest
from analysis.present.needs.outlook import flow_ref
from analysis.present.needs.words import count, fact, quoted
from analysis.present.numbers import capital


def needs_opening(
    name: Text, question: Text, evidence: NeedEvidence, gaps: Gaps | Unavailable, ledger: Ledger
) -> Opening:
    """Headline: how many clients have an unmet need and how that moved; the lead says whom the figures are about."""
    asked = int(evidence.is_asked.sum())
    lead = Sentence.of(
        "{n} 户客户中有 {asked} 户问得到需求。以下先列来源与可信度，再看谁更需要什么、什么没有满足、先办什么、接下来会需要什么。",
        "Of {n} clients {asked} could be asked. First the sources and how far they can be trusted, then who needs what more, what is unmet, what comes first, and what comes next.",
        n=count("clients", len(evidence.clients), Text("纳入分析的客户", "clients analysed")),
        asked=count("asked", asked, Text("问得到需求的客户", "clients that could be asked")),
    )
    return Opening("needs_opening", name, question, _headline(gaps, ledger, asked), lead)


def _headline(gaps: Gaps | Unavailable, ledger: Ledger, asked: int) -> Sentence:
    line = ledger.table.iloc[-1]
    change = int(line["closing"]) - int(line["opening"])
    moved = Text("增加", "up") if change > 0 else Text("减少", "down") if change < 0 else Text("持平", "unchanged")
    size = count("ledger.change", abs(change), Text("未办结需求记录的增减", "change of open records"))
    left = flow_ref("closing", int(line["closing"]))
    if isinstance(gaps, Unavailable) or asked == 0:
        return Sentence.of(
            "季末未办结需求记录 {left} 条，较上季末{moved} {size} 条",
            "{left} records of needs were open at quarter-end, {moved} {size} on the quarter",
            left=left,
            moved=moved,
            size=size,
        )
    return Sentence.of(
        "{share} 的客户有未满足的需求，季末未办结需求记录 {left} 条，较上季末{moved} {size} 条",
        "{share} of clients have an unmet need; {left} records of needs stay open, {moved} {size} on the quarter",
        share=_unmet_share(gaps),
        left=left,
        moved=moved,
        size=size,
    )


def _unmet_share(gaps: Gaps) -> Ref:
    label = Text("有未满足需求的客户占比", "share of clients with an unmet need")
    return fact("unmet.share", gaps.n_unmet_clients / gaps.n_clients, "percent_1", label)


def needs_findings(
    found: Mapping[str, Intensity | Unavailable],
    gaps: Gaps | Unavailable,
    priority: Priority | Unavailable,
    ledger: Ledger,
    latent: Latent | Unavailable,
    taxonomy: Taxonomy,
) -> Findings:
    """Up to five findings: who needs what more, the largest gap, the list against capacity, the time, what is latent."""
    items = [
        _who(found, taxonomy),
        _gap(gaps, taxonomy),
        _line(priority),
        _time(ledger),
        _latent(latent),
    ]
    return Findings("needs_findings", tuple(item for item in items if item is not None))


def _who(found: Mapping[str, Intensity | Unavailable], taxonomy: Taxonomy) -> Finding | None:
    if not any(isinstance(one, Intensity) for one in found.values()):
        return None
    mark = strongest(found)
    if mark is None:
        return Finding(
            Sentence.of(
                "**各组客户的需求看不出差别。**校正多重比较后，没有一格高于其余客户。",
                "**Needs do not differ between groups.** After correction for many comparisons no cell stands above the others.",
            ),
            "need_strength",
        )
    ratio = fact(
        f"intensity.{mark.by}.{mark.group.code}.{mark.need}.lift", mark.lift, "decimal_2",
        Text(f"{mark.group.label.zh}：{taxonomy.label(mark.need).zh}，倍数", f"{mark.group.label.en}: {taxonomy.label(mark.need).en}, ratio"),
    )  # fmt: skip
    sentence = Sentence.of(
        "**{group}客户更需要{need}。**其中 {share} 有此需求，其余客户 {rest}，为后者的 {ratio} 倍；按{by}比较，未调整其他差别。",
        "**{group} clients need {need} more.** {share} of them have it, {rest} of all others: {ratio} times as many. Compared by {by}, nothing else adjusted.",
        group=capital(mark.group.label),
        need=quoted(taxonomy.label(mark.need)),
        share=share_ref(mark, taxonomy),
        rest=share_ref(mark, taxonomy, others=True),
        ratio=ratio,
        by=mark.by_label,
    )
    return Finding(sentence, "need_differences")


def _gap(gaps: Gaps | Unavailable, taxonomy: Taxonomy) -> Finding | None:
    if isinstance(gaps, Unavailable):
        return None
    served = gaps.by_need[gaps.by_need["has_product"] & ~gaps.by_need["hidden"] & (gaps.by_need["n_unmet"] > 0)]
    if served.empty:
        return Finding(
            Sentence.of(
                "**有产品对应的需求均已满足。**有此类需求的客户，或在使用对应产品，或最近的记录注明已满足。",
                "**Every need that a product serves is met.** Each client with one uses a product for it, or its last record says it was met.",
            ),
            "need_unmet",
        )
    code = str(served["n_unmet"].idxmax())
    n_unmet, rate = int(served["n_unmet"].max()), float(served["rate"][code])
    label = taxonomy.label(code)
    sentence = Sentence.of(
        "**有产品可用而未用的，以{need}最多。**{n} 户有此需求，既未使用对应产品，记录也未注明已满足，占有此需求者的 {rate}；全部需求合计，{clients} 户至少有一项未满足。",
        "**Of needs that a product would serve, {need} is unmet most.** {n} clients have it, use no product for it and no record says it was met: {rate} of those who have it. Over all needs {clients} clients have at least one unmet.",
        need=quoted(label),
        n=count(f"unmet.{code}.n", n_unmet, Text(f"{label.zh}：未满足户数", f"{label.en}: clients unmet")),
        rate=fact(
            f"unmet.{code}.rate",
            rate,
            "percent_1",
            Text(f"{label.zh}：未满足率", f"{label.en}: unmet share"),
        ),
        clients=unmet_clients_ref(gaps),
    )
    return Finding(sentence, "need_unmet")


def _line(priority: Priority | Unavailable) -> Finding | None:
    if isinstance(priority, Unavailable):
        return None
    if isinstance(priority.capacity, Unavailable):
        return None
    fits = len(priority.table) <= priority.capacity
    overdue = count("priority.overdue", priority.n_overdue, Text("逾期需求", "overdue needs"))
    if fits:
        sentence = Sentence.of(
            "**一季之内可以办完。**未办结的客户×需求 {n} 项，客户经理一季可办 {capacity} 项；其中逾期 {overdue} 项。",
            "**A quarter is enough for all.** {n} client-need pairs are open and managers can serve {capacity}; {overdue} are overdue.",
            n=open_ref(priority),
            capacity=capacity_ref(priority.capacity),
            overdue=overdue,
        )
    else:
        sentence = Sentence.of(
            "**未办结需求超出一季的承接能力。**未办结的客户×需求 {n} 项，客户经理一季可办 {capacity} 项；逾期 {overdue} 项，其中 {below} 项排在能力线以下。",
            "**Open needs exceed what a quarter can hold.** {n} client-need pairs are open and managers can serve {capacity}; {overdue} are overdue, {below} of them below the line.",
            n=open_ref(priority),
            capacity=capacity_ref(priority.capacity),
            overdue=overdue,
            below=overdue_below_ref(priority),
        )
    return Finding(sentence, "need_priority")


_TRENDS = {
    "faster": (
        Text("比上一年快", "took less time than the year before"),
        Text("两年的区间不重叠", "the intervals are apart"),
    ),
    "slower": (
        Text("比上一年慢", "took more time than the year before"),
        Text("两年的区间不重叠", "the intervals are apart"),
    ),
    "alike": (
        Text("所用时间与上一年无法区分", "took a time that cannot be told apart from the year before"),
        Text("两年的区间重叠", "the intervals overlap"),
    ),
}


def _time(ledger: Ledger) -> Finding | None:
    """Both medians that the verdict compares; where a year has none, that of all records and no verdict."""
    recent, before, every = ledger.recent, ledger.before, ledger.time_to_meet
    if isinstance(recent, Estimate) and isinstance(before, Estimate):
        verdict, reason = _TRENDS[ledger.trend]
        sentence = Sentence.of(
            "**满足一项需求{verdict}。**近四季提出者中位 {recent}（区间 {low} 至 {high}），前四季提出者 {before}（区间 {before_low} 至 {before_high}），{reason}。",
            "**Meeting a need {verdict}.** Median {recent} for needs opened in the last four quarters (interval {low} to {high}), "
            "{before} for those of the four before (interval {before_low} to {before_high}); {reason}.",
            verdict=verdict,
            recent=_days("recent", recent.estimate, Text("近四季提出：中位天数", "last four quarters: median days")),
            low=_days("recent_low", recent.ci_low, Text("近四季提出：下限", "last four quarters: lower end")),
            high=_days("recent_high", recent.ci_high, Text("近四季提出：上限", "last four quarters: upper end")),
            before=_days("before", before.estimate, Text("前四季提出：中位天数", "four before: median days")),
            before_low=_days("before_low", before.ci_low, Text("前四季提出：下限", "four before: lower end")),
            before_high=_days("before_high", before.ci_high, Text("前四季提出：上限", "four before: upper end")),
            reason=reason,
        )
        return Finding(sentence, "need_time")
    if isinstance(every, Unavailable):
        return None
    sentence = Sentence.of(
        "**满足一项需求的时间尚不能与上一年比较。**有一年的中位数不可得；全部记录中位 {days}（区间 {low} 至 {high}）。",
        "**The time to meet a need is not yet comparable with the year before.** One year has no median; that of all records is {days} (interval {low} to {high}).",
        days=_days("median", every.estimate, Text("满足需求的中位天数", "median days to meet a need")),
        low=_days("low", every.ci_low, Text("中位天数下限", "median days, lower end")),
        high=_days("high", every.ci_high, Text("中位天数上限", "median days, upper end")),
    )
    return Finding(sentence, "need_time")


def _days(key: str, value: float, label: Text) -> Ref:
    return fact(f"time.{key}", value, "days", label)


def _latent(latent: Latent | Unavailable) -> Finding | None:
    if isinstance(latent, Unavailable):
        return None
    scores = latent.validation.scores
    lift = fact("latent.lift", scores.lift.estimate, "decimal_2", Text("最高一成的提升倍数", "lift of the top tenth"))
    naive = fact(
        "latent.naive_lift", scores.naive_lift, "decimal_2", Text("简单预测的提升倍数", "lift of the naive guess")
    )
    if latent.uses_model:
        sentence = Sentence.of(
            "**下一需求可以预测到一定程度。**训练期之后检验，得分最高一成的新用率为平均的 {lift} 倍，简单预测为 {naive} 倍；对数损失的改进区间在零以上。",
            "**The next need can be told to some degree.** After training, the top tenth took up {lift} times the average, the naive guess {naive} times; the interval of the gain in log-loss lies above zero.",
            lift=lift,
            naive=naive,
        )
    else:
        sentence = Sentence.of(
            "**下一需求的预测不优于简单预测。**训练期之后检验，得分最高一成的新用率为平均的 {lift} 倍，简单预测为 {naive} 倍；对数损失的改进区间含零，故不采用模型。",
            "**Predicting the next need does no better than naive.** After training, the top tenth took up {lift} times the average, the naive guess {naive} times; the interval of the gain in log-loss holds zero, so the model is not used.",
            lift=lift,
            naive=naive,
        )
    return Finding(sentence, "need_validation")


def needs_so_what(priority: Priority | Unavailable, taxonomy: Taxonomy) -> Paragraph | Unavailable:
    """What the list means for the next quarter."""
    if isinstance(priority, Unavailable):
        return priority
    first = _first_need(priority, taxonomy)
    if isinstance(priority.capacity, Unavailable) or len(priority.table) <= priority.capacity:
        sentence = Sentence.of(
            "下季按排序逐项办理，先从{need}开始；排错的代价是较急的需求多等一季。",
            "Serve the list in its order, beginning with {need}; a wrong order costs a more pressing need one quarter.",
            need=first,
        )
    else:
        sentence = Sentence.of(
            "下季先办能力线以上的 {capacity} 项，以{need}为多；线下逾期的 {below} 项需由分行指定责任人与日期，否则至少再等一季。",
            "Next quarter serve the {capacity} needs above the line, {need} first among them; the {below} overdue ones below it need an owner and a date from the branch, or wait at least another quarter.",
            capacity=capacity_ref(priority.capacity),
            need=first,
            below=overdue_below_ref(priority),
        )
    return Paragraph("needs_so_what", sentence, "so_what")


def _first_need(priority: Priority, taxonomy: Taxonomy) -> Text:
    served = priority.table[priority.table["is_served"]]
    counts = (served if len(served) else priority.table)["need"].value_counts()
    code = min(counts.index, key=lambda one: (-counts[one], one))
    return quoted(taxonomy.label(str(code)))


def needs_unknown(response: Response | Unavailable) -> Paragraph:
    """What the figures cannot say."""
    if isinstance(response, Unavailable):
        first = Sentence.of(
            "没有问卷，所述需求只来自客户经理与访谈，未被记下的需求无从知道。",
            "There is no survey: stated needs come from managers and interviews only, and what was not written down is not known.",
        )
    else:
        silent = count(
            "response.silent", response.n_asked - response.n_answered, Text("未答复客户", "clients that did not answer")
        )
        first = Sentence.of(
            "{silent} 户收到问卷而未答复，其需求不在问卷数据之内；加权只能补回规模之间的差别。",
            "{silent} clients were asked and did not answer: their needs are not in the survey, and weights repair only differences between sizes.",
            silent=silent,
        )
    second = Sentence.of(
        "客户经理记录偏向可销售的产品，服务类需求可能记录不足。",
        "Managers tend to record what they can sell; wishes about service may be recorded too little.",
    )
    return Paragraph("needs_unknown", first + second, "unknown")
