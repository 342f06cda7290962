"""A report that exercises every kind of block in both languages. All numbers are invented."""

import base64
import io
from functools import cache
from typing import Any

from matplotlib.figure import Figure as Canvas

from analysis.core.blocks import (
    Block,
    Column,
    Figure,
    Finding,
    Findings,
    Image,
    Missing,
    Opening,
    Paragraph,
    Ref,
    Row,
    Sentence,
    Style,
    Suppressed,
    Table,
    Tile,
    Tiles,
    facts_of,
)
from analysis.core.fact import Fact, by_id
from analysis.core.quarter import Quarter
from analysis.core.text import LANGUAGES, Language, Text
from analysis.core.units import CURRENCIES, Unit
from analysis.present.theme import drawing
from analysis.reporting.render.document import ChapterContent, ControlRow, ReportContent

_UNITS: dict[str, Unit] = {"money": "money", "growth": "ratio", "percent": "ratio", "points": "points", "bp": "points"}


def ref(name: str, value: float | int | str, style: Style, **how: bool) -> Ref:
    """A number of a sentence with a fact made up for it."""
    unit = next((unit for start, unit in _UNITS.items() if style.startswith(start)), "count")
    unit = "name" if style == "name" else "index" if style.startswith("decimal") else unit
    return Ref(Fact(f"sample.{name}", value, unit, "sample", Text(name, name)), style, **how)


def say(zh: str, en: str, **refs: Any) -> Sentence:
    return Sentence.of(zh, en, **refs)


def _bars(language: Language, width_mm: int, height_mm: int) -> Canvas:
    """A bridge in the manner of target page four."""
    labels = {
        "zh": ["余额上升户", "余额下降户", "销户与静默", "固定名单", "调入名单", "调出名单", "现行名单"],
        "en": ["Rising", "Falling", "Closed", "Fixed list", "Moved in", "Moved out", "Present list"],
    }[language]
    steps = [9.87, -6.19, -0.37, 3.31, 11.86, -2.93, 12.24]
    starts = [0, 9.87, 3.68, 0, 3.31, 15.17, 0]
    with drawing():
        canvas = Canvas(figsize=(width_mm / 25.4, height_mm / 25.4))
        axes = canvas.add_axes((0.085, 0.11, 0.915, 0.86))
        colours = ["#0b5a8a", "#a9c6d9", "#a9c6d9", "#1f2933", "#c2691c", "#ecc7a8", "#1f2933"]
        axes.bar(range(len(steps)), steps, bottom=starts, color=colours, width=0.56)
        for x, (step, start) in enumerate(zip(steps, starts, strict=True)):
            axes.text(x, max(start, start + step) + 0.3, f"{step:+.2f}".replace("-", "−"), ha="center", va="bottom")
        axes.set_xticks(range(len(labels)), labels if width_mm > 100 else [""] * len(labels))
        axes.set_ylabel({"zh": "同比增量，亿元", "en": "Change on the year, CNY 100 million"}[language])
        axes.yaxis.grid(visible=True, color="#e6eaee", linewidth=0.6)
        axes.set_ylim(0, 17)
    return canvas


def svg_of(canvas: Canvas) -> str:
    buffer = io.StringIO()
    with drawing():
        canvas.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def png_of(canvas: Canvas) -> str:
    buffer = io.BytesIO()
    with drawing():
        canvas.savefig(buffer, format="png", dpi=200, metadata={"Software": None})
    return base64.b64encode(buffer.getvalue()).decode()


@cache
def images(media_type: str, height_mm: int = 62) -> dict[Language, tuple[Image, ...]]:
    """The same drawing in both languages and both widths."""
    write = svg_of if media_type == "image/svg+xml" else png_of
    return {
        language: tuple(Image(media_type, width, write(_bars(language, width, height_mm))) for width in (166, 80))  # type: ignore[arg-type]
        for language in LANGUAGES
    }


def tiles() -> Tiles:
    up = (308.0, 307.5, 312.0, 317.0, 325.0, 322.0, 335.0, 340.42)
    names = [
        (Text("日均存款", "Daily average deposits"), 34_042e6, "money_large", "near"),
        (Text("日均贷款", "Daily average loans"), 34_518e6, "money_large", "near"),
        (Text("营业净收入（本季）", "Operating revenue, quarter"), 214e6, "money_large", "bad"),
        (Text("净中间业务收入（本季）", "Net fee income, quarter"), 15.72e6, "money_small", "bad"),
        (Text("RAROC（年化）", "RAROC, annualised"), 0.0768, "percent", "bad"),
        (Text("经济增加值（本季）", "Economic value added"), -20.42e6, "money_small", "bad"),
        (Text("价值客户", "Valuable clients"), 1862, "count", "none"),
        (Text("不良贷款率", "Non-performing loan ratio"), 0.0193, "percent", "good"),
    ]
    made = []
    for index, (name, value, style, state) in enumerate(names):
        series: tuple[float | None, ...] = tuple(v + 6 * ((k * (index + 2)) % 3) for k, v in enumerate(up))
        if index == 3:
            series = (*series[:2], None, *series[3:])
        growth = ref(f"tile{index}.done", 0.987, "percent_1")
        made.append(
            Tile(
                name,
                ref(f"tile{index}", value, style),  # type: ignore[arg-type]
                series,
                changes=(
                    say("环比{q}", "q/q {q}", q=ref(f"tile{index}.q", 0.015 - index / 200, "growth")),
                    say("同比{y}", "y/y {y}", y=ref(f"tile{index}.y", 0.07 - index / 50, "growth")),
                ),
                target=342.0 if index not in (6,) else None,
                state=state,  # type: ignore[arg-type]
                state_sentence={
                    "near": say("略低于计划，完成{g}", "Just below plan: {g}", g=growth),
                    "bad": say("低于计划，完成{g}", "Below plan: {g}", g=growth),
                    "good": say("容忍度内，完成{g}", "In tolerance: {g}", g=growth),
                    "none": None,
                }[state],
            )
        )
    note = say(
        "折线为近八个季度，虚线为计划、门槛或容忍度。▼ 低于计划{cut}以上，▽ 低于计划{cut}以内，● 达到要求。",
        "Lines: last eight quarters; dashed: plan, hurdle or tolerance. "
        "▼ more than {cut} under plan, ▽ within {cut} of plan, ● requirement met.",
        cut=ref("cut", 0.02, "percent_1"),
    )
    return Tiles("answer_tiles", tuple(made), note)


def decisions() -> Table:
    columns = (
        Column("what", Text("决策事项", "Decision"), "words"),
        Column("gain", Text("预期收益", "Expected gain"), "money_small_change"),
        Column("range", Text("95% 区间", "95% interval"), "words"),
        Column("wrong", Text("如果判断有误", "If we are wrong"), "words"),
        Column("owner", Text("责任部门", "Owner"), "words"),
        Column("by", Text("时限", "By"), "words"),
        Column("grade", Text("证据等级", "Grade"), "words"),
    )
    rows = (
        ("综合金融方案推广至其余重点客户", "Extend the package to the other key clients", 1.06e6, "[+28, +184]", "B"),
        ("停止潜力客户利率倾斜，到期不续", "Stop the rate preference; not renewed", 14.04e6, "[+798, +2,010]", "B"),
        ("微型企业退出快捷融资通道", "Take micro firms out of the fast-loan channel", 5.72e6, "[+210, +934]", "B"),
        ("平台类贷款重新定价", "Reprice platform borrowers", 11.5e6, "[+420, +1,880]", "C"),
    )
    return Table(
        "answer_decisions",
        Text("提请决策事项", "Decisions asked for"),
        Text("万元/年", "CNY thousand a year"),
        columns,
        tuple(
            Row(
                {
                    "what": Text(zh, en),
                    "gain": gain,
                    "range": interval,
                    "wrong": Text("客户经理超负荷，三个网点已超编制", "Managers overloaded; three outlets already are"),
                    "owner": Text("公司银行部", "Corporate Banking"),
                    "by": "2026-12-31",
                    "grade": grade,
                }
            )
            for zh, en, gain, interval, grade in rows
        ),
        say(
            "证据等级：A 随机分组；B 准实验且检验全部通过；C 模型推算；D 专家判断。四项对象有重叠，收益不可相加。",
            "Evidence: A random assignment; B quasi-experiment, all checks passed; C model estimate; D expert "
            "judgement. The four overlap: gains do not add up.",
        ),
    )


def summary() -> tuple[Block, ...]:
    deposits, growth = ref("dep", 34_042e6, "money_large"), ref("dep.y", 0.07, "growth")
    raroc = ref("raroc", 0.0768, "percent")
    return (
        Opening(
            "answer_opening",
            Text("一页纸结论", "The answer on one page"),
            Text("", ""),
            say(
                "三季度日均存款{d}，同比{g}，但 RAROC 降至{r}，增长没有付足资本成本",
                "Deposits of {d}, {g} on the year, but RAROC at {r}: growth did not pay for its capital",
                d=deposits,
                g=growth,
                r=raroc,
            ),
        ),
        tiles(),
        Findings(
            "answer_findings",
            (
                Finding(
                    say(
                        "**规模主要靠名单变动。**战略客户存款同比{a}，固定名单口径仅{b}，其余{c}是调入调出。",
                        "**Size came mainly from the list.** Strategic-tier deposits rose {a}; like-for-like growth "
                        "was {b}, and the other {c} are clients moved in and out.",
                        a=ref("f1.a", 0.115, "growth"),
                        b=ref("f1.b", 0.031, "growth"),
                        c=ref("f1.c", 0.084, "points", size_only=True),
                    ),
                    "describe_bridge",
                ),
                Finding(
                    say(
                        "**增长摊薄了资本回报。**经济资本同比{a}，营业净收入同比{b}，经济增加值为{c}。",
                        "**Growth diluted the return on capital.** Economic capital grew {a} while revenue changed by "
                        "{b}; economic value added was {c}.",
                        a=ref("f2.a", 0.08, "growth"),
                        b=ref("f2.b", -0.023, "growth"),
                        c=ref("f2.c", -20.42e6, "money_small"),
                    ),
                    "describe_tiers",
                ),
                Finding(
                    say(
                        "**策略成效分化，两项有害。**综合金融方案使重点客户存款{a}；利率倾斜使潜力客户逾期率上升{b}。",
                        "**Strategies differ, and two did harm.** The integrated package raised key-tier deposits by "
                        "{a}; the rate preference added {b} to overdue loans.",
                        a=ref("f3.a", 0.09, "growth"),
                        b=ref("f3.b", 0.069, "points", size_only=True),
                    ),
                    "outcome_ledger",
                ),
            ),
        ),
        decisions(),
        Paragraph(
            "answer_unknown",
            say(
                "平台类提前还款的规模没有历史样本，证据仅为 C 级；三季度不良生成{a}中有{b}来自单户，不足以判断趋势。",
                "How many platform borrowers would repay early: no history, so grade C only. Of {a} of new bad loans "
                "{b} is one client: too little to call a trend.",
                a=ref("u.a", 94e6, "money_large"),
                b=ref("u.b", 21e6, "money_large"),
            ),
            role="unknown",
        ),
    )


def tiers() -> Table:
    columns = (
        Column("tier", Text("客群", "Tier"), "words"),
        Column("clients", Text("户数", "Clients"), "count"),
        Column("deposits", Text("日均存款", "Daily average deposits"), "money_large"),
        Column("change", Text("环比增减", "Change on quarter"), "money_large_change"),
        Column("qoq", Text("环比", "q/q"), "growth"),
        Column("yoy", Text("同比", "y/y"), "growth"),
        Column("fixed", Text("固定名单同比", "Like for like y/y"), "growth"),
        Column("plan", Text("计划完成率", "Plan completion"), "percent_1"),
    )
    missing = Missing(Text("无此项计划", "no such plan"))
    data: tuple[tuple[Text, str, tuple[Any, ...]], ...] = (
        (Text("合计", "Total"), "total", (5000, 34_042e6, 492e6, 0.015, 0.07, 0.048, 0.987)),
        (Text("战略", "Strategic"), "normal", (150, 11_864e6, 144e6, 0.012, 0.115, 0.031, 0.989)),
        (
            Text("其中：近一年调入", "of which moved in"),
            "indent",
            (21, 1_186e6, 41e6, 0.036, missing, missing, missing),
        ),
        (Text("重点", "Key"), "normal", (600, 9_827e6, 122e6, 0.013, 0.064, 0.047, 0.983)),
        (Text("其中：无贷户", "of which no loan"), "indent", (288, 3_144e6, 52e6, 0.017, 0.053, 0.041, missing)),
        (Text("一般", "General"), "normal", (1850, 4_461e6, -22e6, -0.005, 0.016, 0.074, 0.959)),
        (Text("小微", "Small"), "normal", (2050, 693e6, -9e6, -0.013, -0.039, 0.2, 0.912)),
        (Text("机构", "Institutions"), "normal", (350, 7_197e6, 257e6, 0.037, 0.055, 0.041, 1.017)),
        (Text("其他", "Other"), "normal", (Suppressed(), Suppressed(), 0.0, 0.0, Suppressed(), missing, None)),
    )
    keys = [column.key for column in columns[1:]]
    return Table(
        "describe_tiers",
        Text("各客群日均存款", "Daily average deposits by tier"),
        Text("户、亿元、%", "clients, CNY million, %"),
        columns,
        tuple(Row({"tier": name, **dict(zip(keys, cells, strict=True))}, role) for name, role, cells in data),  # type: ignore[arg-type]
        say(
            "固定名单同比：以{d}客群归属为准。— 不适用或无此项计划，* 低于披露下限。金额为季度日均。",
            "Like for like: tiers as of {d}. — not applicable or no such plan, * below the disclosure limit. "
            "Amounts are daily averages.",
            d=ref("base", "2025-09-30", "name"),
        ),
        metrics=("DEP_ADB",),
    )


def bridge(media_type: str = "image/svg+xml", id_: str = "describe_bridge") -> Figure:
    behind = Table(
        f"{id_}_behind",
        Text("桥的各步", "Steps of the bridge"),
        Text("亿元", "CNY million"),
        (Column("step", Text("步骤", "Step"), "words"), Column("value", Text("增减", "Change"), "money_large_change")),
        (
            Row({"step": Text("上升户", "Rising"), "value": 987e6}),
            Row({"step": Text("下降户", "Falling"), "value": -619e6}),
        ),
        say("", ""),
    )
    return Figure(
        id_,
        say(
            "调入名单贡献{a}，超过全部自然增长",
            "Moves into the list gave {a}, more than all own growth",
            a=ref("b.a", 1186e6, "money_large"),
        ),
        say(
            "战略客户日均存款同比增量的分解，亿元；{q}为{a}，{p}为{b}",
            "Change on the year in strategic-tier daily average deposits; {q}: {a}, {p}: {b}",
            q=ref("b.q", "2025Q3", "name"),
            p=ref("b.p", "2026Q3", "name"),
            a=ref("b.l0", 10_640e6, "money_large"),
            b=ref("b.l1", 11_864e6, "money_large"),
        ),
        Text("固定名单与现行名单之桥", "Bridge from the fixed to the present list"),
        say(
            "固定名单：{d}在册的战略客户，本季仍按原名单计。调入含新开户{n}。数据截止{e}；口径 DEP_ADB。",
            "Fixed list: strategic clients on the list on {d}, counted on that list this quarter too. Moves in include "
            "new accounts of {n}. Data as of {e}; definition DEP_ADB.",
            d=ref("base", "2025-09-30", "name"),
            e=ref("asof", "2026-09-30", "name"),
            n=ref("b.n", 55e6, "money_large"),
        ),
        Text("瀑布图：自然增长三亿元，名单变动九亿元", "Waterfall: own growth and list changes of strategic deposits"),
        images(media_type),  # type: ignore[arg-type]
        behind,
        metrics=("DEP_ADB",),
    )


def describe() -> tuple[Block, ...]:
    return (
        Opening(
            "describe_opening",
            Text("经营总览", "Business overview"),
            Text("规模、收入、资本回报与质量是否同步？", "Do size, income, return and quality move together?"),
            say(
                "战略客户日均存款{d}，同比{g}，其中{c}来自名单变动，固定名单口径仅{f}",
                "Strategic-tier deposits {d}, {g} on the year; {c} came from list changes, like for like {f}",
                d=ref("h.d", 11_864e6, "money_large"),
                g=ref("f1.a", 0.115, "growth"),
                c=ref("f1.c", 0.084, "points", size_only=True),
                f=ref("f1.b", 0.031, "growth"),
            ),
            say(
                "规模增长没有同等来自客户自身。固定名单口径下，去年三季度末在册的战略客户今年存款{a}，较{b}多{c}；"
                "现行名单多出的{e}，是调入与调出的净额。",
                "Growth did not come from the clients themselves to the same extent. On the fixed list deposits are "
                "{a}, {c} above {b}; the {e} more on the present list is the net of moves in and out.",
                a=ref("l.a", 10_971e6, "money_large"),
                b=ref("b.l0", 10_640e6, "money_large"),
                c=ref("l.c", 331e6, "money_large"),
                e=ref("l.e", 893e6, "money_large"),
            ),
        ),
        bridge(),
        tiers(),
        Findings(
            "describe_findings",
            (
                Finding(
                    say(
                        "自然增长靠少数大户。余额上升户增加{a}，下降户减少{b}。",
                        "Own growth rests on few clients: rising ones added {a}, falling ones took away {b}.",
                        a=ref("d.a", 987e6, "money_large"),
                        b=ref("d.b", 619e6, "money_large"),
                    ),
                    "describe_bridge",
                ),
                Finding(
                    say(
                        "一般客群日均存款环比{a}，为连续第二季下降，减少部分大半是客户升入重点。",
                        "General-tier deposits changed by {a} on the quarter, the second fall in a row; most of it is "
                        "clients moved up to the key tier.",
                        a=ref("d.c", -0.005, "growth"),
                    ),
                    "describe_tiers",
                ),
            ),
        ),
        Paragraph(
            "describe_so_what",
            say(
                "考核战略客群应以固定名单口径为准；按现行口径，名单调整本身即可完成计划增幅的约三分之二。",
                "Judge the strategic tier on the fixed list; on the present one, list changes alone would meet about "
                "two thirds of the planned growth.",
            ),
            role="so_what",
        ),
    )


def migration() -> Table:
    names = (("战略", "Strategic"), ("重点", "Key"), ("一般", "General"), ("小微", "Small"))
    counts = ((139, 7, 0, 0), (9, 557, 18, 2), (0, 31, 1742, 44), (0, 3, 76, 1901))
    columns = (
        Column("from", Text("上季末", "Last quarter"), "words"),
        *(Column(f"to{k}", Text(*name), "count", heat=True) for k, name in enumerate(names)),
        Column("total", Text("上季末合计", "Total"), "count", bar=True),
    )
    rows = tuple(
        Row({"from": Text(*name), **{f"to{k}": n for k, n in enumerate(line)}, "total": sum(line)})
        for name, line in zip(names, counts, strict=True)
    )
    totals = [sum(line[k] for line in counts) for k in range(4)]
    total = Row(
        {
            "from": Text("本季末合计", "This quarter"),
            **{f"to{k}": n for k, n in enumerate(totals)},
            "total": sum(totals),
        },
        "total",
    )
    return Table(
        "segment_migration",
        Text("客群迁徙", "Moves between tiers"),
        Text("户", "clients"),
        columns,
        (*rows, total),
        say("行为上季末客群，列为本季末客群。", "Rows: tier last quarter. Columns: tier this quarter."),
    )


def industries(n_rows: int = 64) -> Table:
    """A table longer than a page."""
    columns = (
        Column("industry", Text("行业", "Industry"), "words"),
        Column("clients", Text("户数", "Clients"), "count"),
        Column("loans", Text("贷款余额", "Loans"), "money_large", bar=True),
        Column("share", Text("占比", "Share"), "percent_1"),
        Column("mean", Text("户均", "Mean"), "money_small"),
        Column("note", Text("说明", "Remark"), "words"),
    )
    rows = tuple(
        Row(
            {
                "industry": Text(f"行业{k:02d} 通用设备制造", f"Industry {k:02d}, general equipment"),
                "clients": 40 + 7 * k,
                "loans": 1e8 * (n_rows - k) / 3,
                "share": (n_rows - k) / 2100,
                "mean": 42_000.0 * (k + 1),
                "note": Text("较上季稳定", "Stable"),
            }
        )
        for k in range(n_rows)
    )
    return Table(
        "segment_industries",
        Text("各行业客户与贷款", "Clients and loans by industry"),
        Text("户、亿元、%、万元", "clients, CNY million, %, CNY thousand"),
        columns,
        rows,
        say("行业按国标门类。", "Industries follow the national standard."),
    )


def segment() -> tuple[Block, ...]:
    return (
        Opening(
            "segment_opening",
            Text("客群结构与迁徙", "Tiers and moves"),
            Text("客户在向上走还是向下走？", "Do clients move up or down?"),
            say(
                "本季升级{a}户、降级{b}户，升级率{c}",
                "This quarter {a} clients moved up and {b} down, an upgrade rate of {c}",
                a=ref("s.a", 119, "count"),
                b=ref("s.b", 71, "count"),
                c=ref("s.c", 0.0257, "percent"),
            ),
        ),
        Paragraph(
            "segment_text",
            say(
                "升级主要是小微转一般和一般转重点。新增户多于流出户，期末{a}户。",
                "Most upgrades are small to general and general to key. More clients came than left; {a} at the end.",
                a=ref("s.n", 5000, "count"),
            ),
        ),
        migration(),
        industries(),
        Paragraph(
            "segment_caution",
            say("机构客户不参加升降级，不计入升级率。", "Institutions take no part in moves and are not in the rate."),
            role="caution",
        ),
    )


def ledger() -> Table:
    columns = (
        Column("what", Text("策略 · 客群", "Strategy · group"), "words"),
        Column("clients", Text("户数", "Clients"), "count"),
        Column("effect", Text("效果", "Effect"), "growth"),
        Column("range", Text("95% 区间", "95% interval"), "words"),
        Column("net", Text("净收益", "Net gain"), "money_small_change"),
        Column("netrange", Text("95% 区间", "95% interval"), "words"),
        Column("checks", Text("检验", "Checks"), "words"),
        Column("verdict", Text("结论", "Verdict"), "words"),
    )
    verdicts = {
        "good": Text("● 有效", "● worked"),
        "none": Text("○ 证据不足", "○ no evidence"),
        "bad": Text("▲ 有害", "▲ did harm"),
        "open": Text("◆ 不可评估", "◆ cannot be evaluated"),
    }
    data = (
        ("综合金融 · 重点", "Integrated · key", 388, 0.09, "[+5.1, +12.9]", 1.94e6, "[+52, +336]", "good"),
        ("综合金融 · 战略", "Integrated · strategic", 97, -0.004, "[−6.8, +6.0]", -3.4e6, "[−395, −285]", "none"),
        ("快捷融资 · 微型", "Fast loan · micro", 286, 0.068, "[+3.1, +10.5]", -5.72e6, "[−934, −210]", "bad"),
        ("利率倾斜 · 潜力", "Rate offer · potential", 468, 0.069, "[+3.8, +10.0]", -14.04e6, "[−2,010, −798]", "bad"),
        ("回访 · 下降户", "Revisits · decliners", 873, 0.006, "[−2.9, +4.1]", 52_000.0, "[−6, +6]", "open"),
    )
    return Table(
        "outcome_ledger",
        Text("策略台账", "Strategy ledger"),
        Text("户、%、万元/年", "clients, %, CNY thousand a year"),
        columns,
        tuple(
            Row(
                {
                    "what": Text(zh, en),
                    "clients": n,
                    "effect": effect,
                    "range": interval,
                    "net": net,
                    "netrange": net_interval,
                    "checks": "4/4",
                    "verdict": verdicts[verdict],
                }
            )
            for zh, en, n, effect, interval, net, net_interval, verdict in data
        ),
        say(
            "检验：事前趋势、重叠、安慰剂、事前登记。", "Checks: trend before, overlap, placebo, registered beforehand."
        ),
    )


def outcome() -> tuple[Block, ...]:
    return (
        Opening(
            "outcome_opening",
            Text("服务策略成效评估", "Strategy outcomes"),
            Text("策略带来了增长吗？", "Did the strategies cause the gain?"),
            say(
                "综合金融方案使重点客户存款{a}，高于盈亏平衡点{b}；战略客群未见效果",
                "Integrated package: key-tier deposits {a}, above the {b} break-even; no effect in the strategic tier",
                a=ref("f3.a", 0.09, "growth"),
                b=ref("o.b", 0.034, "percent_1"),
            ),
        ),
        bridge("image/png", "outcome_png"),
        ledger(),
        Paragraph(
            "outcome_so_what",
            say(
                "推广至其余重点客户，停止战略客群的减费。",
                "Extend to the other key clients; stop fee waivers for the strategic tier.",
            ),
            role="so_what",
        ),
    )


def appendix() -> tuple[Table, ...]:
    definitions = Table(
        "appendix_metrics",
        Text("指标口径", "Definitions of measures"),
        Text("", ""),
        (
            Column("code", Text("代码", "Code"), "words"),
            Column("name", Text("名称", "Name"), "words"),
            Column("formula", Text("公式", "Formula"), "words"),
            Column("unit", Text("单位", "Unit"), "words"),
        ),
        tuple(
            Row(
                {
                    "code": code,
                    "name": Text(zh, en),
                    "formula": formula,
                    "unit": Text("元", "yuan"),
                }
            )
            for code, zh, en, formula in (
                ("DEP_ADB", "季度日均存款", "Daily average deposits", "Σ_d balance_d / D"),
                (
                    "FTPNII",
                    "内部资金转移定价后净利息收入",
                    "Net interest income after funds transfer pricing",
                    "Σ loans (interest − funds_amount) + Σ deposits (funds_amount − interest)",
                ),
                (
                    "RAROC",
                    "风险调整后资本回报率",
                    "Risk-adjusted return on capital",
                    "(revenue − expected loss − cost) / economic capital",
                ),
            )
        ),
        say("公式与代码一致。", "Formulas are those of the code."),
    )
    parameters = Table(
        "appendix_parameters",
        Text("参数", "Parameters"),
        Text("", ""),
        (Column("name", Text("名称", "Name"), "words"), Column("value", Text("取值", "Value"), "words")),
        (Row({"name": "seed", "value": 20260930}), Row({"name": "n_segments", "value": 5})),
        say("", ""),
    )
    return definitions, parameters


def sample_content() -> ReportContent:
    """A whole report in memory: summary, three chapters, control page and appendix."""
    chapters = {
        "90_summarise": summary(),
        "10_describe_clients": describe(),
        "30_segment_clients": segment(),
        "60_evaluate_outcomes": outcome(),
    }
    title = Text("对公客户细分与服务策略研究报告", "Corporate Client Segmentation and Service Strategy Report")
    passed = Text("通过", "passed")
    return ReportContent(
        report="quarterly",
        title=title,
        short_title=title,
        quarter=Quarter("2026Q3"),
        as_of=Quarter("2026Q3").end,
        source="demo",
        source_title=Text(
            "合成演示数据。银行名称、客户与全部数字均为虚构，不得用作市场参照。",
            "Synthetic demo data. Bank, clients and every number are invented and are no market reference.",
        ),
        kind="synthetic",
        bank=Text("示例城市商业银行", "Example City Commercial Bank"),
        mark=Text("内部资料", "Internal"),
        report_id="R-2026Q3-DEMO-04",
        version="1.0",
        currency=CURRENCIES["CNY"],
        chapters=tuple(
            ChapterContent(name, tuple(block.as_json() for block in blocks), tuple(by_id(facts_of(blocks)).values()))
            for name, blocks in chapters.items()
        ),
        control=(
            ControlRow(
                Text("总分勾稽", "Ledger totals"),
                Text(
                    "存款、贷款、收入三项与总账相差 0.00 亿元", "Deposits, loans and income differ by CNY 0.0 million"
                ),
                "good",
                passed,
            ),
            ControlRow(
                Text("客户唯一性", "One row a client"),
                Text("5,000 户；合并重复 41 户，待核 3 户", "5,000 clients; 41 duplicates merged, 3 to be checked"),
                "good",
                passed,
            ),
            ControlRow(
                Text("未结数据问题", "Open data issues"),
                Text(
                    "3 个网点 8 月以「元」上报为「万元」，已换算待确认",
                    "3 outlets reported yuan for ten thousand; converted",
                ),
                "near",
                Text("未结 1 项", "1 open"),
            ),
            ControlRow(Text("运行编号", "Run"), Text("7f3a-20261022-01", "7f3a-20261022-01")),
        ),
        control_headline=say(
            "本期可以引用；一项数据问题未结", "This issue may be quoted; one data issue is open"
        ).as_json(),
        appendix=tuple(table.as_json() for table in appendix()),
    )
