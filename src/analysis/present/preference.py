"""Preference for emerging products and channels: take-up by group as a figure, the rest in the table behind it."""

from collections.abc import Mapping

from analysis.core.blocks import Cell, Column, Figure, Missing, Ref, Row, Sentence, Table
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.portrait import Preference
from analysis.present.charts import Measure, Rates, draw, plot_rates
from analysis.present.numbers import capital, moved, number
from analysis.present.portrait import CHAPTER

TAKE_UP = Text("使用新兴产品的客户占比", "share of clients with an emerging product")
DIGITAL = Text("线上渠道占收付笔数", "share of entries over digital channels")
INTEREST = Text("登记需求含新兴产品的客户占比", "share of clients with recorded needs that ask for one")
CHANNEL_NAMES: Mapping[str, Text] = {
    "online": Text("网上银行", "online banking"),
    "mobile": Text("手机银行", "mobile banking"),
    "direct": Text("银企直连", "direct connection"),
    "counter": Text("柜面", "counter"),
    "other": Text("其他渠道", "other channels"),
}


def preference_blocks(found: Preference | Unavailable) -> tuple[Figure, ...]:
    """The figure, or nothing: what is missing altogether is named with the other absent parts."""
    return () if isinstance(found, Unavailable) else (preference_figure(found),)


def preference_figure(found: Preference) -> Figure:
    """Take-up of emerging products by group with its interval, the rate of all clients dashed."""
    data = Rates(
        labels=tuple(one.group.label for one in found.groups),
        n=tuple(one.group.n_clients for one in found.groups),
        rates=tuple(one.take_up.estimate for one in found.groups),
        ci_low=tuple(one.take_up.ci_low for one in found.groups),
        ci_high=tuple(one.take_up.ci_high for one in found.groups),
        mean=found.take_up.estimate,
        measure=Measure(Text("使用率", "Take-up"), "percent_1"),
        count=Measure(Text("户数", "Clients"), "count"),
        mean_name=Text("全体客户", "all clients"),
        ordered=True,
    )
    names = [found.names[name] for name in found.products]
    return Figure(
        id="preference_figure",
        finding=_finding(found),
        shows=Sentence.of(
            "各{by}中至少使用一种新兴产品的客户，%；虚线为全体",
            "Clients of each {by} with at least one emerging product, %; dashed: all",
            by=found.label,
        ),
        name=Text("新兴产品使用", "Use of emerging products"),
        note=Sentence.of(
            "新兴产品按政策：{names}；其余为传统。区间：{interval}；空心点与全体无法区分。客户自述的偏好与渠道另列于工作簿，不与使用混计。",
            "Emerging by policy: {names}; the others are traditional. Intervals: {interval}; a hollow dot cannot be told from all. What "
            "clients say, and channels, stand apart in the workbook.",
            names=Text("、".join(name.zh for name in names), ", ".join(name.en for name in names)),
            interval=found.take_up.interval,
        ),
        alt=Text(
            f"点图：各{found.label.zh}使用新兴产品的客户占比与区间",
            f"Dot plot: share of clients with an emerging product by {found.label.en}, with intervals",
        ),
        images=draw(plot_rates, data),
        behind=preference_table(found),
    )


def _total(found: Preference) -> Ref:
    return number(CHAPTER, "preference.total.take_up", found.take_up.estimate, "percent_1", TAKE_UP)


def _finding(found: Preference) -> Sentence:
    """Take-up of all, its change on a year ago, and the group clearly above; then the digital share of entries."""
    first = Sentence.of("{all} 的客户使用新兴产品", "{all} of clients use an emerging product", all=_total(found))
    if not isinstance(found.before, Unavailable):
        change = found.take_up.estimate - found.before
        label = Text(f"{TAKE_UP.zh}：较上年同期", f"{TAKE_UP.en}: on a year ago")
        same = Sentence.of("，与上年持平", ", as a year ago")
        size = number(CHAPTER, "preference.total.change", change, "points", label, size_only=True)
        other = Sentence.of("，同比{moved} {size}", ", {moved} {size} on the year", moved=moved(change), size=size)
        second = other if change else same
        first = Sentence(first.zh + second.zh, first.en + second.en)
    above = [one for one in found.groups if one.group.kind == "group" and one.take_up.ci_low > found.take_up.estimate]
    if above:
        top = max(above, key=lambda one: one.take_up.estimate)
        third = Sentence.of(
            "，{group}客户达 {rate}",
            "; {group}: {rate}",
            group=top.group.label,
            rate=_rate(top.group.code, top.group.label, top.take_up.estimate),
        )
        return Sentence(first.zh + third.zh, first.en + third.en)
    none = Text("，各组之间无明显差别", "; no group stands out")
    return Sentence((*first.zh, none.zh), (*first.en, none.en))


def _rate(code: str, label: Text, value: float) -> Ref:
    title = Text(f"{label.zh}：{TAKE_UP.zh}", f"{label.en}: {TAKE_UP.en}")
    return number(CHAPTER, f"preference.{code}.take_up", value, "percent_1", title)


def preference_table(found: Preference) -> Table:
    """Use by group, then each emerging product, channels used, and what clients say."""
    columns = (
        Column("item", capital(found.label), "words"),
        Column("n", Text("户数", "Clients"), "count"),
        Column("take_up", capital(TAKE_UP), "percent_1"),
        Column("low", Text("区间下限", "Interval from"), "percent_1"),
        Column("high", Text("区间上限", "to"), "percent_1"),
        Column("index", Text("指数（全体为一）", "Index (all is one)"), "decimal_2"),
        Column("of_use", Text("占所持产品类", "Of the families held"), "percent_1"),
        Column("interest", capital(INTEREST), "percent_1"),
    )
    total = Row(
        {
            "item": Text("合计", "Total"),
            "n": found.take_up.n_clients,
            "take_up": _total(found),
            "low": found.take_up.ci_low,
            "high": found.take_up.ci_high,
            "index": 1.0 if found.take_up.estimate > 0 else Missing(),
            "interest": _estimate_cell(found.interest),
        },
        "total",
    )
    groups = [
        Row(
            {
                "item": one.group.label,
                "n": one.group.n_clients,
                "take_up": _rate(one.group.code, one.group.label, one.take_up.estimate),
                "low": one.take_up.ci_low,
                "high": one.take_up.ci_high,
                "index": Missing(one.index.reason) if isinstance(one.index, Unavailable) else one.index,
                "of_use": one.share_of_use,
                "interest": _estimate_cell(one.interest),
            }
        )
        for one in found.groups
    ]
    note = Sentence.of(
        "使用为实测；需求为登记的未满足需求，只含有登记的客户。渠道各行为收付笔数占比，“偏好”各行为问卷答复占比。",
        "Use is measured; needs are those recorded and open, of clients that have one. Channel rows are shares of entries, preferred "
        "ones shares of survey answers.",
    )
    rows = (total, *groups, *_product_rows(found), *_channel_rows(found))
    unit = Text("户、%", "clients, %")
    return Table("preference", Text("新兴产品与渠道偏好", "Emerging products and channels"), unit, columns, rows, note)


def _estimate_cell(found: Estimate | Unavailable) -> Cell:
    return Missing(found.reason) if isinstance(found, Unavailable) else found.estimate


def _product_rows(found: Preference) -> list[Row]:
    return [
        Row(
            {
                "item": Text(f"产品：{found.names[name].zh}", f"Product: {found.names[name].en}"),
                "n": share.n_clients,
                "take_up": number(
                    CHAPTER, f"preference.product.{name}", share.estimate, "percent_1", found.names[name]
                ),
                "low": share.ci_low,
                "high": share.ci_high,
            }
        )
        for name, share in found.products.items()
    ]


def _channel_rows(found: Preference) -> list[Row]:
    """Channels as used and as preferred; nothing for what the source does not give."""
    rows: list[Row] = []
    if not isinstance(found.channels, Unavailable):
        for code, share in found.channels.items():
            label = CHANNEL_NAMES.get(code, Text(code, code))
            ref = number(CHAPTER, f"preference.channel.{code}", share, "percent_1", label)
            rows.append(Row({"item": Text(f"渠道：{label.zh}", f"Channel: {label.en}"), "take_up": ref}))
    for key, label, value in (
        ("digital", Text("渠道：线上合计", "Channels: digital together"), found.digital),
        (
            "digital_before",
            Text("渠道：线上合计，上年同期", "Channels: digital together, a year ago"),
            found.digital_before,
        ),
    ):
        if not isinstance(value, Unavailable):
            rows.append(
                Row({"item": label, "take_up": number(CHAPTER, f"preference.{key}", value, "percent_1", DIGITAL)})
            )
    if not isinstance(found.stated_channels, Unavailable):
        for code, share in found.stated_channels.items():
            label = CHANNEL_NAMES.get(code, Text(code, code))
            ref = number(CHAPTER, f"preference.stated.{code}", share, "percent_1", label)
            rows.append(Row({"item": Text(f"偏好：{label.zh}", f"Preferred: {label.en}"), "take_up": ref}))
    return rows
