"""How needs move: the ledger with the time to meet one, latent needs with their test, demand of the next two quarters."""

from analysis.core.blocks import Cell, Column, Missing, Ref, Row, Sentence, Suppressed, Table
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.portrait.needs import Forecast, Latent, Ledger, Taxonomy, Themes
from analysis.portrait.needs.demand import LEVEL
from analysis.portrait.rates import wilson
from analysis.present.needs.words import CHAPTER, HIGH, LOW, NEED, count, fact, interval, measured, need_label
from analysis.present.numbers import number, with_numerals_as_facts
from analysis.present.theme import quarter_label


def ledger_table(ledger: Ledger) -> Table:
    """Opening + opened − met − lapsed = closing, quarter by quarter."""
    columns = (
        Column("quarter", Text("季度", "Quarter"), "words"),
        Column("opening", Text("期初", "Opening"), "count"),
        Column("opened", Text("新增", "Opened"), "count"),
        Column("met", Text("满足", "Met"), "count"),
        Column("lapsed", Text("失效", "Lapsed"), "count"),
        Column("closing", Text("期末", "Closing"), "count"),
    )
    last = len(ledger.table) - 1
    rows = []
    for place, (_, line) in enumerate(ledger.table.iterrows()):
        cells: dict[str, Cell] = {"quarter": quarter_label(str(line["quarter"]))}
        for name in ("opening", "opened", "met", "lapsed", "closing"):
            value = int(line[name])
            cells[name] = flow_ref(name, value) if place == last else value
        rows.append(Row(cells, "total" if place == last else "normal"))
    meaning = (
        Sentence.of(
            "关闭时注明满足方式者为满足，否则为失效。", "Closed with a word of what served it: met; without: lapsed."
        )
        if ledger.tells_met
        else Sentence.of(
            "记录不注明满足方式，关闭即计为满足。",
            "Records do not say what served a need, so every closed one counts as met.",
        )
    )
    note = Sentence.of(
        "期初 + 新增 − 满足 − 失效 = 期末；一条为一户、一项需求、一个来源、一日。",
        "Opening + opened − met − lapsed = closing; one entry a client, need, source and day.",
    )
    title = Text("需求台账", "Ledger of needs")
    return Table("need_ledger", title, Text("条", "records"), columns, tuple(rows), note + meaning)


_FLOWS = {
    "opening": Text("期初未办结", "open at the start"),
    "opened": Text("本季新增需求", "needs opened in the quarter"),
    "met": Text("本季满足", "met in the quarter"),
    "lapsed": Text("本季失效", "lapsed in the quarter"),
    "closing": Text("期末未办结", "open at the end"),
}


def flow_ref(name: str, value: int) -> Ref:
    """A flow of the last quarter as a fact."""
    return count(f"ledger.{name}", value, _FLOWS[name])


def time_table(ledger: Ledger, taxonomy: Taxonomy) -> Table:
    """Days until a need is met, by first level of needs and for the needs of two years."""
    columns = (
        Column("group", Text("需求大类", "Needs"), "words"),
        Column("n", Text("记录数", "Records"), "count"),
        Column("days", Text("中位天数", "Median days"), "count"),
        Column("low", LOW, "count"),
        Column("high", HIGH, "count"),
    )
    lines = [
        (Text("全部", "All"), ledger.time_to_meet, "total"),
        (Text("近四季提出", "Opened in the last year"), ledger.recent, "indent"),
        (Text("前四季提出", "Opened the year before"), ledger.before, "indent"),
        *((label, ledger.times_by_group[code], "normal") for code, label in taxonomy.groups.items()),
    ]
    rows = tuple(_time_row(label, value, role) for label, value, role in lines)
    note = Sentence.of(
        "自提出至满足的中位天数，{how}；分年者各观察一年以内。区间上限不可得者不列。",
        "Median days from opened to met; {how}; the needs of a year are followed for at most a year. No line where the interval has no end.",
        how=_HOW,
    )
    return Table(
        "need_time",
        Text("满足一项需求需要多久", "How long a need takes to be met"),
        Text("条、天", "records, days"),
        columns,
        rows,
        note,
    )


_HOW = Text("Kaplan–Meier 法，未办结者按截尾处理", "Kaplan–Meier, open needs censored")


def _time_row(label: Text, value: Estimate | Unavailable, role: str) -> Row:
    cells: dict[str, Cell] = {
        "group": Text(label.zh, label.en[:1].upper() + label.en[1:]),
        "n": value.n_clients if isinstance(value, Estimate) else Missing(value.reason),
        "days": measured(value),
        **interval(value),
    }
    match role:
        case "total":
            return Row(cells, "total")
        case "indent":
            return Row(cells, "indent")
        case _:
            return Row(cells)


# --- latent needs ---------------------------------------------------------------------------------------------------


LEAST_EXPECTED = 1.0
"""Take-ups expected of a need below which its row says nothing."""


def latent_table(latent: Latent | Unavailable, taxonomy: Taxonomy, *, minimum: int) -> Table | Unavailable:
    """Candidates by need, how the same rule did in the test, and what speaks for them."""
    if isinstance(latent, Unavailable):
        return latent
    columns = (
        Column("need", NEED, "words"),
        Column("n_without", Text("未用户数", "Clients without"), "count"),
        Column("base", Text("检验期新用率", "Taken up in the test"), "percent_1"),
        Column("expected", Text("预计新用", "Expected"), "count"),
        Column("n_candidates", Text("候选户数", "Candidates"), "count"),
        Column("hits", Text("候选在检验期的新用率", "Candidates in the test"), "percent_1"),
        Column("low", LOW, "percent_1"),
        Column("high", HIGH, "percent_1"),
        Column("reasons", Text("主要依据", "What speaks for it"), "words"),
    )
    rows = []
    for line in latent.table[latent.table["expected"] >= LEAST_EXPECTED].to_dict("records"):
        found = wilson(int(line["test_hits"]), int(line["test_n"]))
        is_small = 0 < int(line["n_candidates"]) < minimum
        reasons = line["reasons"]
        cells: dict[str, Cell] = {
            "need": need_label(taxonomy, str(line["need"])),
            "n_without": int(line["n_without"]),
            "base": Missing() if line["base"] != line["base"] else float(line["base"]),
            "expected": float(line["expected"]),
            "n_candidates": Missing(Text("低于披露下限", "below the disclosure limit"))
            if is_small
            else int(line["n_candidates"]),
            "hits": measured(found),
            **interval(found),
            "reasons": Text("、".join(r.zh for r in reasons), "; ".join(r.en for r in reasons)) if reasons else "",
        }
        rows.append(Row(cells))
    note = Sentence.of(
        "候选：未用对应产品、未提出该需求、预测概率至少为同期平均 {lift} 倍的客户；预计新用为未来两季概率之和。检验列为同一规则在训练期之后两季的结果，区间：Wilson。",
        "Candidates: without the product, not naming the need, with at least {lift} times the average chance; expected: sum of chances over the next two quarters. The test: the same rule in "
        "the two quarters after training, Wilson intervals.",
        lift=number(
            CHAPTER, "latent.min_lift", latent.min_lift, "decimal_2", Text("潜在需求最低倍数", "least multiple")
        ),
    )
    title = Text("潜在需求：同类客户在用、本户未用", "Latent needs: similar clients use it, this one does not")
    return Table("need_latent", title, Text("户、%", "clients, %"), columns, tuple(rows), note)


_PER = 1000
"""Take-up is rare, so the losses of one case would print as zeros."""


def validation_table(latent: Latent | Unavailable) -> Table | Unavailable:
    """The model against the naive guess, out of time."""
    if isinstance(latent, Unavailable):
        return latent
    test, scores = latent.validation, latent.validation.scores
    columns = (
        Column("measure", Text("指标", "Measure"), "words"),
        Column("model", Text("模型", "Model"), "decimal_2"),
        Column("naive", Text("简单预测", "Naive"), "decimal_2"),
        Column("gain", Text("改进", "Gain"), "decimal_2"),
        Column("low", LOW, "decimal_2"),
        Column("high", HIGH, "decimal_2"),
    )
    none = Missing(Text("不作区间", "no interval is made"))
    loss: dict[str, Cell] = {
        "measure": Text("对数损失，每千例（小为好）", "Log-loss of a thousand cases (less is better)"),
        "model": _PER * scores.log_loss,
        "naive": _PER * scores.naive_log_loss,
        "gain": fact(
            "latent.gain",
            _PER * scores.gain.estimate,
            "decimal_2",
            Text("对数损失改进，每千例", "gain in log-loss of a thousand cases"),
        ),
        "low": _PER * scores.gain.ci_low,
        "high": _PER * scores.gain.ci_high,
    }
    brier: dict[str, Cell] = {
        "measure": Text("Brier 分，每千例（小为好）", "Brier score of a thousand cases (less is better)"),
        "model": _PER * scores.brier,
        "naive": _PER * scores.naive_brier,
        "gain": _PER * (scores.naive_brier - scores.brier),
        "low": none,
        "high": none,
    }
    lift: dict[str, Cell] = {
        "measure": Text("最高一成的提升倍数（大为好）", "Lift of the top tenth (more is better)"),
        "model": fact(
            "latent.lift", scores.lift.estimate, "decimal_2", Text("最高一成的提升倍数", "lift of the top tenth")
        ),
        "naive": fact(
            "latent.naive_lift", scores.naive_lift, "decimal_2", Text("简单预测的提升倍数", "lift of the naive guess")
        ),
        "gain": scores.lift_gain.estimate,
        **interval(scores.lift_gain),
    }
    rows = tuple(Row(cells) for cells in (loss, brier, lift))
    note = Sentence.of(
        "训练：{first} 至 {last} 起的各两季；检验：{test} 末起的两季，{cases} 例（客户 × 需求），其中新用 {adopted} 例。简单预测为训练期各需求的平均新用率。区间：{how}。",
        "Training: two quarters each from {first} to {last}; test: the two quarters after the end of {test}, {cases} cases (client × need) with {adopted} take-ups. Naive: each need's average in "
        "training. Intervals: {how}.",
        first=_quarter("latent.first", str(test.train[0]), Text("训练首季", "first quarter of training")),
        last=_quarter("latent.last", str(test.train[-1]), Text("训练末季", "last quarter of training")),
        test=_quarter("latent.test", str(test.test), Text("检验起点", "start of the test")),
        cases=count("latent.cases", test.n_cases, Text("检验例数", "cases of the test")),
        adopted=count("latent.adopted", test.n_adopted, Text("检验期新用例数", "take-ups of the test")),
        how=scores.gain.interval,
    )
    title = Text("下一需求预测：训练期之后的检验", "Next need: tested on what came after training")
    return Table("need_validation", title, Text("见各行", "in each row"), columns, rows, note)


def _quarter(key: str, label: str, name: Text) -> Ref:
    return number(CHAPTER, key, label, "name", name)


def calibration_table(latent: Latent | Unavailable) -> Table | Unavailable:
    """Predicted against observed take-up by band of probability."""
    if isinstance(latent, Unavailable):
        return latent
    columns = (
        Column("low_band", Text("预测概率自", "Predicted from"), "percent_1"),
        Column("high_band", Text("至", "to"), "percent_1"),
        Column("n", Text("例数", "Cases"), "count"),
        Column("predicted", Text("平均预测", "Mean predicted"), "percent_1"),
        Column("observed", Text("实际新用", "Observed"), "percent_1"),
        Column("low", LOW, "percent_1"),
        Column("high", HIGH, "percent_1"),
    )
    rows = tuple(
        Row(
            {
                "low_band": one.low,
                "high_band": one.high,
                "n": one.n_cases,
                "predicted": one.predicted,
                "observed": measured(one.observed),
                **interval(one.observed),
            }
        )
        for one in latent.validation.bins
    )
    note = Sentence.of(
        "模型在检验期的预测与实际；区间为 Wilson，未计同一客户多例之间的相关。",
        "The model's predictions in the test against what came; Wilson intervals, which leave out that the cases of one client go together.",
    )
    return Table(
        "need_calibration",
        Text("预测概率是否属实", "Are the probabilities right"),
        Text("%、例", "%, cases"),
        columns,
        rows,
        note,
    )


# --- demand ---------------------------------------------------------------------------------------------------------


_METHODS = {
    "season": Text("去年同季", "same quarter last year"),
    "last": Text("上一季", "last quarter"),
    "level": Text("近四季平均", "mean of four quarters"),
}


def demand_table(forecast: Forecast | Unavailable) -> Table | Unavailable:
    """New needs expected in the next two quarters by group, with what they were."""
    if isinstance(forecast, Unavailable):
        return forecast
    columns = [
        Column("group", Text("客户组", "Group"), "words"),
        Column("same", Text("去年同期", "A year before"), "count"),
        Column("last", Text("本季", "This quarter"), "count"),
    ]
    for k, quarter in enumerate(forecast.quarters):
        label = quarter_label(str(quarter))
        columns += [
            Column(f"expected{k}", Text(f"{label} 预计", f"{label} expected"), "count"),
            Column(f"low{k}", LOW, "count"),
            Column(f"high{k}", HIGH, "count"),
        ]
    rows = []
    for one in forecast.groups:
        cells: dict[str, Cell] = {"group": one.group.label, "same": one.same_last_year, "last": one.last}
        for k in range(len(forecast.quarters)):
            cells |= {f"expected{k}": one.expected[k], f"low{k}": one.low[k], f"high{k}": one.high[k]}
        rows.append(Row(cells))
    title = Text("未来两季新增需求预测", "New needs expected in the next two quarters")
    return Table("need_demand", title, Text("条", "records"), tuple(columns), tuple(rows), _demand_note(forecast))


def _demand_note(forecast: Forecast) -> Sentence:
    coverage = forecast.coverage
    first = Sentence.of(
        "方法：{used}。回测 {n} 次，平均绝对误差为实际的 {error}（去年同季 {season}，上一季 {last}，近四季平均 {level}）。",
        "Method: {used}. In {n} tests of the past the mean absolute error was {error} of what came (same quarter last year {season}, last quarter {last}, mean of four {level}).",
        used=_METHODS[forecast.used],
        n=count("demand.tests", forecast.n_tests, Text("回测次数", "tests of the past")),
        error=fact(
            "demand.error",
            forecast.error[forecast.used],
            "percent_1",
            Text("所用方法的误差", "error of the method used"),
        ),
        season=fact(
            "demand.error_season",
            forecast.error["season"],
            "percent_1",
            Text("去年同季法误差", "error, same quarter last year"),
        ),
        last=fact(
            "demand.error_last", forecast.error["last"], "percent_1", Text("上一季法误差", "error, last quarter")
        ),
        level=fact(
            "demand.error_level",
            forecast.error["level"],
            "percent_1",
            Text("近四季平均法误差", "error, mean of four quarters"),
        ),
    )
    verdict = (
        Sentence.of("近四季平均优于两种简单方法。", "The mean of four quarters beats both naive methods.")
        if forecast.is_better
        else Sentence.of(
            "近四季平均并不优于简单方法，故用后者。",
            "The mean of four quarters is no better than the naive methods, so the better of these is used.",
        )
    )
    if isinstance(coverage, Unavailable):
        return first + verdict
    level = number(CHAPTER, "demand.level", LEVEL, "percent_1", Text("区间水平", "level of the interval"))
    held = Sentence.of(
        "{level} 区间在 {n} 次回测中覆盖了 {held}。",
        "The {level} interval held what came in {held} of {n} tests.",
        level=level,
        n=count("demand.covered_tests", forecast.n_covered, Text("覆盖回测次数", "tests of coverage")),
        held=fact("demand.coverage", coverage, "percent_1", Text("区间实际覆盖率", "share held by the interval")),
    )
    return first + verdict + held


# --- feedback -------------------------------------------------------------------------------------------------------


def theme_table(themes: Themes | Unavailable) -> Table | Unavailable:
    """Feedback of the quarter by theme, the uncoded shown."""
    if isinstance(themes, Unavailable):
        return themes
    columns = (
        Column("theme", Text("主题", "Theme"), "words"),
        Column("n_cases", Text("件数", "Cases"), "count"),
        Column("share", Text("占比", "Share"), "percent_1"),
        Column("complaints", Text("其中投诉", "Complaints"), "count"),
        Column("previous", Text("上季件数", "Quarter before"), "count"),
    )
    rows = []
    for line in themes.table.to_dict("records"):
        label = themes.labels[str(line["theme"])]
        cells: dict[str, Cell] = {"theme": Text(label.zh, label.en[:1].upper() + label.en[1:])}
        if line["hidden"]:
            cells |= dict.fromkeys(("n_cases", "share", "complaints", "previous"), Suppressed())
        else:
            cells |= {name: int(line[name]) for name in ("n_cases", "complaints", "previous")}
            cells["share"] = float(line["share"])
        rows.append(Row(cells))
    total = Row(
        {
            "theme": Text("合计", "Total"),
            "n_cases": themes.n_cases,
            "share": 1.0,
            "complaints": int(themes.table["complaints"].sum()),
            "previous": themes.n_previous,
        },
        "total",
    )
    title = Text("意见与投诉的主题", "Themes of feedback")
    return Table("need_themes", title, Text("件、%", "cases, %"), columns, (total, *rows), _theme_note(themes))


def _theme_note(themes: Themes) -> Sentence:
    read = Sentence.of(
        "{n} 件没有主题，按文字用词归类；仍不能归类者单列。* 为低于披露下限。",
        "{n} cases without a theme were coded by words of their text; what is left stands apart. * below the disclosure limit.",
        n=count("themes.from_text", themes.n_from_text, Text("按文字归类的件数", "cases coded by their text")),
    )
    if isinstance(themes.agreement, Unavailable):
        return read + with_numerals_as_facts(
            CHAPTER,
            "themes.agreement",
            Text(f"{themes.agreement.reason.zh}。", f"{themes.agreement.reason.en.capitalize()}."),
        )
    return read + Sentence.of(
        "用词归类与原有主题的一致性系数 {kappa}。",
        "Agreement of the words with themes given: kappa {kappa}.",
        kappa=fact(
            "themes.kappa", themes.agreement.estimate, "decimal_2", Text("归类一致性系数", "kappa of the coding")
        ),
    )
