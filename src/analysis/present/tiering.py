"""Diagnosis of the present tiering: what it tells of the clients' worth, and a table of coverage, rule and service."""

from analysis.core.association import Separation
from analysis.core.blocks import Block, Cell, Column, Figure, Finding, Missing, Ref, Row, Sentence, Style, Table
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.features.groups import DIMENSIONS
from analysis.portrait import RuleCheck, TierDiagnosis
from analysis.portrait.tiering import LITTLE, WEAK_LINK
from analysis.present.charts import Measure, Rates, draw, plot_rates
from analysis.present.numbers import capital, number
from analysis.present.portrait import CHAPTER, amount_label

EXPLAINED = Text("解释的名次差异", "share of the ranking explained")
CONSISTENT = Text("与书面标准一致", "follow the written standard")
COVERAGE = Text("有层级的客户", "clients with a tier")
SERVICE = Text("层级与客户经理团队的关联（克莱姆 V）", "link of tier and manager's team (Cramér's V)")


def tier_blocks(found: TierDiagnosis | Unavailable) -> tuple[Block | Unavailable, ...]:
    """The figure of what tiers tell, and the diagnosis; the diagnosis alone where worth cannot be measured."""
    if isinstance(found, Unavailable):
        return ()
    figure = (tier_figure(found),) if isinstance(found.of_value, Separation) else ()
    return (*figure, tier_table(found))


# --- what the tiers tell of the clients' worth -----------------------------------------------------------------------


def tier_figure(found: TierDiagnosis) -> Figure:
    """What each column of the register explains of the clients' worth, the tier among them; chance dashed."""
    known = [(by, one) for by, one in found.criteria.items() if isinstance(one, Separation)]
    what = amount_label(found.value)
    data = Rates(
        labels=tuple(capital(DIMENSIONS[by]) for by, _ in known),
        n=tuple(one.explained.n_clients for _, one in known),
        rates=tuple(one.explained.estimate for _, one in known),
        ci_low=tuple(one.explained.ci_low for _, one in known),
        ci_high=tuple(one.explained.ci_high for _, one in known),
        mean=max(one.by_chance for _, one in known),
        measure=Measure(Text("解释的差异", "Explained"), "percent_1"),
        count=Measure(Text("户数", "Clients"), "count"),
        mean_name=Text("随机分组", "random groups"),
    )
    return Figure(
        id="tier_separation_figure",
        finding=_finding(found),
        shows=Sentence.of(
            "各分组能解释的{what}名次差异（组间占总变差），%",
            "Share of the ranking by {what} that lies between groups, %",
            what=what,
        ),
        name=Text("现行层级的区分能力", "What the tiers in force tell"),
        note=Sentence.of(
            "按名次计算，避免少数大户左右结果；区间：{interval}。虚线为同样大小的随机分组在百次中约九十五次达不到的水平，取各行最大者。",
            "On ranks, so that no giant decides; intervals: {interval}. Dashed: what random groups of the same sizes hardly ever "
            "reach, the largest of the rows.",
            interval=known[0][1].explained.interval,
        ),
        alt=Text("点图：各分组解释的价值差异与区间", "Dot plot: what each grouping explains of the clients' worth"),
        images=draw(plot_rates, data),
        behind=_criteria_table(found),
    )


def _explained(by: str, one: Separation) -> Ref:
    label = DIMENSIONS[by]
    title = Text(f"{label.zh}：{EXPLAINED.zh}", f"{capital(label).en}: {EXPLAINED.en}")
    return number(CHAPTER, f"tiers.criterion.{by}", one.explained.estimate, "percent_1", title)


def _finding(found: TierDiagnosis) -> Sentence:
    """Whether the tiers tell the clients' worth, beside the next best column or what chance gives."""
    own = found.of_value
    assert isinstance(own, Separation)  # callers check
    what = amount_label(found.value)
    if not own.is_beyond_chance:
        return Sentence.of(
            "现行层级不能区分客户：只解释{what}名次差异的 {share}，随机分层也可达 {chance}",
            "The tiers in force tell no clients apart: {share} of the ranking by {what}, random tiers reach {chance}",
            what=what,
            share=_explained("tier", own),
            chance=_chance(own),
        )
    others = {by: one for by, one in found.criteria.items() if isinstance(one, Separation) and by != "tier"}
    if not others:
        return Sentence.of(
            "现行层级解释{what}名次差异的 {share}",
            "The tiers in force explain {share} of the ranking by {what}",
            what=what,
            share=_explained("tier", own),
        )
    best = max(others, key=lambda by: others[by].explained.estimate)
    apart = (
        own.explained.ci_low > others[best].explained.ci_high or own.explained.ci_high < others[best].explained.ci_low
    )
    more = own.explained.estimate > others[best].explained.estimate
    relation = (
        (Text("高于", "more than") if more else Text("不及", "less than"))
        if apart
        else Text("与之难分高下的是", "hardly to be told from")
    )
    return Sentence.of(
        "现行层级解释{what}名次差异的 {share}，{relation}{by}的 {other}",
        "The tiers in force explain {share} of the ranking by {what}, {relation} {by} ({other})",
        what=what,
        share=_explained("tier", own),
        relation=relation,
        by=DIMENSIONS[best],
        other=_explained(best, others[best]),
    )


def _chance(one: Separation) -> Ref:
    label = Text("随机分层的上限", "what random tiers reach")
    return number(CHAPTER, "tiers.criterion.tier.chance", one.by_chance, "percent_1", label)


def _criteria_table(found: TierDiagnosis) -> Table:
    columns = (
        Column("by", Text("分组", "Grouping"), "words"),
        Column("n_groups", Text("组数", "Groups"), "count"),
        Column("explained", capital(EXPLAINED), "percent_1"),
        Column("low", Text("区间下限", "Interval from"), "percent_1"),
        Column("high", Text("区间上限", "to"), "percent_1"),
        Column("chance", Text("随机分组上限", "Random groups reach"), "percent_1"),
    )
    rows = []
    for by, one in found.criteria.items():
        cells: dict[str, Cell] = {"by": capital(DIMENSIONS[by])}
        if isinstance(one, Unavailable):
            cells |= {name: Missing(one.reason) for name in ("n_groups", "explained", "low", "high", "chance")}
        else:
            cells |= {"n_groups": one.n_groups, "explained": _explained(by, one), "chance": one.by_chance}
            cells |= {"low": one.explained.ci_low, "high": one.explained.ci_high}
        rows.append(Row(cells))
    what = amount_label(found.value)
    note = Sentence.of("没有该列的客户不计入。", "Clients without a value in the column are left out.")
    title = Text(f"各分组对{what.zh}名次的解释", f"What groupings explain of the ranking by {what.en}")
    return Table("tier_criteria", title, Text("个、%", "number, %"), columns, tuple(rows), note)


# --- the diagnosis ---------------------------------------------------------------------------------------------------


def tier_table(found: TierDiagnosis) -> Table:
    """Coverage, agreement with the written rule, separation of value and behaviour, service: number and reading."""
    columns = (
        Column("item", Text("项目", "Item"), "words"),
        Column("value", Text("实测", "Measured"), "percent_1"),
        Column("low", Text("区间下限", "Interval from"), "percent_1"),
        Column("high", Text("区间上限", "to"), "percent_1"),
        Column("reading", Text("判断", "Reading"), "words"),
    )
    rows = [_coverage_row(found), *_rule_rows(found.rule), *_separation_rows(found), _service_row(found)]
    note = Sentence.of(
        "书面标准见政策；不一致者或为人工调整，或为差错。名次差异：组间占总变差，其余在层级之内。克莱姆 V 已作偏差校正：零为无关，一为完全对应。",
        "The written standard is in the policy; who differs was overridden or set in error. Ranking: between tiers, the rest lies within. "
        "Cramér's V is corrected for bias: zero is no link, one a full one.",
    )
    title = Text("现行分层诊断", "Diagnosis of the tiers in force")
    return Table("tier_diagnosis", title, Text("%", "%"), columns, tuple(rows), note)


def _estimate_row(key: str, label: Text, found: Estimate, reading: Text, style: Style = "percent_1") -> Row:
    cells: dict[str, Cell] = {"item": capital(label), "reading": reading}
    for name, suffix, value in (
        ("value", "", found.estimate),
        ("low", "_low", found.ci_low),
        ("high", "_high", found.ci_high),
    ):
        cells[name] = number(CHAPTER, f"tiers.{key}{suffix}", value, style, label)
    return Row(cells)


def _missing_row(label: Text, reason: Unavailable) -> Row:
    blank = Missing(reason.reason)
    return Row({"item": capital(label), "value": blank, "low": blank, "high": blank, "reading": reason.reason})


def _coverage_row(found: TierDiagnosis) -> Row:
    full = found.coverage.estimate == 1
    reading = (
        Text("全部客户都有层级", "every client has one") if full else Text("有客户没有层级", "some clients have none")
    )
    return _estimate_row("coverage", COVERAGE, found.coverage, reading)


def _rule_rows(rule: RuleCheck | Unavailable) -> list[Row]:
    if isinstance(rule, Unavailable):
        return [_missing_row(CONSISTENT, rule)]
    full = rule.n_overrides == 0
    reading = Text("完全按标准", "wholly by the rule") if full else Text("存在偏离", "some differ")
    rows = [_estimate_row("consistent", CONSISTENT, rule.consistent, reading)]
    blank = Missing(Text("全体数，无区间", "a count of all clients, no interval"))
    for key, label, n in (
        ("higher", Text("高于标准所给层级", "on a higher rung than the rule gives"), rule.n_higher),
        ("lower", Text("低于标准所给层级", "on a lower rung than the rule gives"), rule.n_lower),
    ):
        share = number(CHAPTER, f"tiers.{key}", n / rule.n_checked, "percent_1", label)
        rows.append(Row({"item": capital(label), "value": share, "low": blank, "high": blank}, "indent"))
    return rows


def _separation_rows(found: TierDiagnosis) -> list[Row]:
    rows = []
    for measure, one in found.separations.items():
        what = amount_label(measure)
        label = Text(f"解释{what.zh}的名次差异", f"ranking by {what.en} explained")
        if isinstance(one, Unavailable):
            rows.append(_missing_row(label, one))
            continue
        rows.append(_estimate_row(f"explains.{measure}", label, one.explained, separation_words(one)))
    return rows


def separation_words(one: Separation) -> Text:
    """What a share explained means: no more than chance, little, or something."""
    if not one.is_beyond_chance:
        return Text("不能区分（与随机分层无异）", "tells nothing: as random tiers")
    if one.explained.estimate < LITTLE:
        return Text("区分能力弱", "tells little")
    return Text("能够区分", "tells clients apart")


def _service_row(found: TierDiagnosis) -> Row:
    if isinstance(found.service, Unavailable):
        return _missing_row(SERVICE, found.service)
    return _estimate_row("service", SERVICE, found.service, service_words(found.service), "decimal_2")


def service_words(link: Estimate) -> Text:
    """Whether service follows the tier: not beyond chance, hardly, or clearly."""
    if link.ci_low <= 0:
        return Text("服务与层级无关", "service does not follow the tier")
    if link.estimate < WEAK_LINK:
        return Text("服务略随层级而不同", "service hardly follows the tier")
    return Text("服务随层级而不同", "service follows the tier")


def tier_finding(found: TierDiagnosis | Unavailable) -> Finding | None:
    """How much of the tiers follows the rule, and whether they tell clients apart; none without tiers."""
    if isinstance(found, Unavailable):
        return None
    own = found.of_value
    if isinstance(own, Unavailable):
        return None
    first = {
        True: Text("**现行层级能区分客户价值。**", "**The tiers in force tell the clients' worth.**"),
        False: Text("**现行层级不能区分客户价值。**", "**The tiers in force do not tell the clients' worth.**"),
    }[own.is_beyond_chance and own.explained.estimate >= LITTLE]
    second = Sentence.of(
        "它解释名次差异的 {share}。", "They explain {share} of the ranking.", share=_explained("tier", own)
    )
    rule = found.rule
    third = (
        Sentence.of("{reason}。", "{reason}.", reason=capital(rule.reason))
        if isinstance(rule, Unavailable)
        else Sentence.of(
            "{share} 的客户与书面标准一致，{higher} 高于标准、{lower} 低于标准。",
            "{share} follow the written standard, {higher} stand higher and {lower} lower than it gives.",
            share=number(CHAPTER, "tiers.consistent", rule.consistent.estimate, "percent_1", CONSISTENT),
            higher=number(CHAPTER, "tiers.higher", rule.n_higher / rule.n_checked, "percent_1", Text("高于标准所给层级", "on a higher rung than the rule gives")),
            lower=number(CHAPTER, "tiers.lower", rule.n_lower / rule.n_checked, "percent_1", Text("低于标准所给层级", "on a lower rung than the rule gives")),
        )
    )  # fmt: skip
    sentence = Sentence((first.zh, *second.zh), (first.en, " ", *second.en)) + third
    if isinstance(found.service, Estimate):
        sentence = sentence + Sentence.of(
            "{words}（关联 {link}）。",
            "{words} (link {link}).",
            words=capital(service_words(found.service)),
            link=number(CHAPTER, "tiers.service", found.service.estimate, "decimal_2", SERVICE),
        )
    return Finding(sentence, "tier_diagnosis")
