"""How needs move: the ledger with the time to meet one, demand of the next two quarters, themes of feedback."""

from analysis.core.blocks import Cell, Column, Missing, Ref, Row, Sentence, Suppressed, Table
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.portrait.needs import Forecast, Ledger, Taxonomy, Themes
from analysis.portrait.needs.demand import LEVEL
from analysis.portrait.needs.ledger import FLOWS
from analysis.portrait.needs.themes import UNCODED
from analysis.present.needs.words import CHAPTER, HIGH, LOW, count, fact, interval, measured
from analysis.present.numbers import capital, number, with_numerals_as_facts
from analysis.present.theme import quarter_label


def ledger_table(ledger: Ledger) -> Table:
    """Opening + opened − met − lapsed − left = closing, quarter by quarter."""
    columns = (
        Column("quarter", Text("季度", "Quarter"), "words"),
        Column("opening", Text("期初", "Opening"), "count"),
        Column("opened", Text("新增", "Opened"), "count"),
        Column("met", Text("满足", "Met"), "count"),
        Column("lapsed", Text("失效", "Lapsed"), "count"),
        Column("left", Text("客户离开", "Client left"), "count"),
        Column("closing", Text("期末", "Closing"), "count"),
    )
    last = len(ledger.table) - 1
    rows = []
    for place, (_, line) in enumerate(ledger.table.iterrows()):
        cells: dict[str, Cell] = {"quarter": quarter_label(str(line["quarter"]))}
        for name in FLOWS:
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
        "期初 + 新增 − 满足 − 失效 − 客户离开 = 期末，期初即上季期末；各季按当季末未销户的客户计，客户离开为本季销户客户尚未办结的记录。"
        "一条为一户、一项需求、一个来源、一日。",
        "Opening + opened − met − lapsed − client left = closing, and each opening is the closing before; every date counts the clients open on it, "
        "and client left are open records of clients that closed in the quarter. One entry a client, need, source and day.",
    )
    title = Text("需求记录台账", "Ledger of records of needs")
    return Table("need_ledger", title, Text("条", "records"), columns, tuple(rows), note + meaning)


_FLOWS = {
    "opening": Text("期初未办结记录", "records open at the start"),
    "opened": Text("本季新增记录", "records opened in the quarter"),
    "met": Text("本季满足", "met in the quarter"),
    "lapsed": Text("本季失效", "lapsed in the quarter"),
    "left": Text("客户离开而未办结", "open when the client left"),
    "closing": Text("期末未办结记录", "records open at the end"),
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
        "期末未销户客户的需求自提出至满足的中位天数，{how}；分年者各观察一年以内。区间上限不可得者不列。",
        "Median days from opened to met, of clients still open; {how}; the needs of a year are followed for at most a year. No line where the interval has no end.",
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
        cells: dict[str, Cell] = {"group": capital(one.group.label), "same": one.same_last_year, "last": one.last}
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
    note = _coded(themes)
    if (themes.table["theme"] == UNCODED).any():
        note += Sentence.of("不能归类者单列。", "Cases nobody could code stand apart.")
    if themes.table["hidden"].any():
        note += Sentence.of("* 为低于披露下限。", "* below the disclosure limit.")
    if isinstance(themes.agreement, Unavailable):
        return note + with_numerals_as_facts(
            CHAPTER,
            "themes.agreement",
            Text(f"{themes.agreement.reason.zh}。", f"{themes.agreement.reason.en.capitalize()}."),
        )
    return note + Sentence.of(
        "用词归类与原有主题的一致性系数 {kappa}。",
        "Agreement of the words with themes given: kappa {kappa}.",
        kappa=fact(
            "themes.kappa", themes.agreement.estimate, "decimal_2", Text("归类一致性系数", "kappa of the coding")
        ),
    )


def _coded(themes: Themes) -> Sentence:
    if themes.n_from_text == 0:
        return Sentence.of("主题均为记录所给。", "Themes are those the records give.")
    return Sentence.of(
        "{n} 件记录没有主题，按文字用词归类。",
        "Themes are those the records give; those of {n} cases were read off the words of their text.",
        n=count("themes.from_text", themes.n_from_text, Text("按文字归类的件数", "cases coded by their text")),
    )
