"""What chapter 30 shows: sizes, typical traits and trust of a segmentation, in pictures, tables and sentences."""

from analysis.core.blocks import (
    Cell,
    Column,
    Figure,
    Missing,
    Ref,
    Row,
    Sentence,
    Style,
    Suppressed,
    Table,
)
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.core.units import Currency, Unit
from analysis.features import FeatureMatrix
from analysis.features.build import INSTEAD
from analysis.present.charts import (
    Measure,
    SegmentProfile,
    SegmentSizes,
    draw,
    plot_segment_profile,
    plot_segment_sizes,
)
from analysis.present.format import unit_word
from analysis.present.numbers import capital, number
from analysis.segmentation import Profile, Segment, Segmentation, Trait

CHAPTER = "30_segment_clients"


def in_words(segment: Segment) -> Text:
    """A segment inside a sentence."""
    return Text(f"{segment.id}“{segment.name.zh}”客群", f"segment {segment.id} ({segment.name.en})")


PRINTED_TRAITS = 3
"""Traits of a segment in the table: more are in the profile, but nobody remembers them."""

_STYLE: dict[Unit, Style] = {
    "money": "money_small_2",
    "ratio": "percent_1",
    "points": "points",
    "count": "count",
    "per_client": "decimal_2",
    "days": "days",
    "months": "count",
    "years": "decimal_2",
    "index": "decimal_2",
}
_METHOD = {
    "value_tiers": Text("价值分层", "Value tiers"),
    "kmeans": Text("K 均值聚类", "K-means"),
}
_UNIT_WORDS: dict[Unit, Text] = {
    "count": Text("", ""),
    "months": Text("月", "months"),
    "years": Text("年", "years"),
    "days": Text("天", "days"),
    "per_client": Text("个", "each"),
    "index": Text("", ""),
}


def value_words(features: FeatureMatrix) -> Text:
    """What the money of a segment is, in words."""
    return features.feature(features.value_feature).label


def segment_table(
    segmentation: Segmentation, profile: Profile, features: FeatureMatrix, *, currency: Currency
) -> Table:
    """One row a segment: clients, money, share near a border."""
    key = segmentation.method
    columns = (
        Column("segment", Text("客群", "Segment"), "words"),
        Column("n_clients", Text("户数", "Clients"), "count"),
        Column("share", Text("户数占比", "Share of clients"), "percent_1"),
        Column("value", value_words(features), "money_large"),
        Column("value_share", Text("金额占比", "Share of money"), "percent_1"),
        Column("ambiguous", Text("边界客户", "Near a border"), "percent_1"),
    )
    rows = [_size_row(segmentation, str(line["segment"]), line, key) for _, line in profile.sizes.iterrows()]
    total = Row(
        {
            "segment": Text("合计", "Total"),
            "n_clients": segmentation.n_clients,
            "share": 1.0,
            "value": float(features.values[features.value_feature].sum()),
            "value_share": _NO_SHARE if profile.sizes["value_share"].isna().all() else 1.0,
            "ambiguous": segmentation.ambiguous_share,
        },
        "total",
    )
    unit = Text(f"户、{_money(currency, 'zh')}、%", f"clients, {_money(currency, 'en')}, %")
    note = Sentence.of(
        "{order}。边界客户：距两个客群的边界很近，下季可能换群。* 表示户数低于披露下限。",
        "Segments stand {order}. Near a border: clients that may change segment next quarter. "
        "* below the disclosure limit.",
        order=segmentation.order,
    )
    title = Text(f"{_METHOD[key].zh}：规模与金额", f"{_METHOD[key].en}: size and money")
    return Table(f"{key}_sizes", title, unit, columns, (total, *rows), note)


def _money(currency: Currency, language: str) -> str:
    return currency.large_zh[1] if language == "zh" else currency.large_en[1]


def _size_row(segmentation: Segmentation, letter: str, line: "object", key: str) -> Row:
    from typing import Any, cast

    values = cast(Any, line)
    title = segmentation.segment(letter).title
    if bool(values["is_hidden"]):
        hidden: dict[str, Cell] = {
            name: Suppressed() for name in ("n_clients", "share", "value", "value_share", "ambiguous")
        }
        return Row({"segment": title} | hidden)

    def fact(name: str, column: str, style: Style, otherwise: Missing = _NOBODY) -> Ref | Missing:
        value = float(values[column])
        if value != value:  # NaN: there is nothing to divide by
            return otherwise
        whole = int(value) if style == "count" else value
        return number(CHAPTER, f"{key}.{letter}.{name}", whole, style, size_label(title, column))

    return Row(
        {
            "segment": title,
            "n_clients": fact("n_clients", "n_clients", "count"),
            "share": fact("share", "share", "percent_1"),
            "value": fact("value_total", "value_total", "money_large"),
            "value_share": fact("value_share", "value_share", "percent_1", _NO_SHARE),
            "ambiguous": fact("ambiguous_share", "ambiguous_share", "percent_1"),
        }
    )


_NOBODY = Missing(Text("客群没有客户", "nobody is in the segment"))
_NO_SHARE = Missing(Text("合计不为正", "the total is not positive"))
_COLUMN_WORDS = {
    "n_clients": Text("户数", "clients"),
    "share": Text("户数占比", "share of clients"),
    "value_total": Text("金额", "money"),
    "value_share": Text("金额占比", "share of money"),
    "ambiguous_share": Text("边界客户占比", "share near a border"),
}


def segment_sizes_figure(
    segmentation: Segmentation, profile: Profile, features: FeatureMatrix, *, currency: Currency
) -> Figure | Unavailable:
    """Share of clients beside share of money, segment by segment."""
    shown = profile.sizes[~profile.sizes["is_hidden"].astype(bool)]
    if shown.empty:
        return Unavailable(Text("各客群户数都低于披露下限", "every segment is below the disclosure limit"))
    if shown["value_share"].isna().any():
        return Unavailable(
            Text(
                "金额合计不为正，没有份额可画，见表",
                "the money does not add up to a gain, so there are no shares; see the table",
            )
        )
    key = segmentation.method
    data = SegmentSizes(
        names=tuple(segmentation.segment(letter).title for letter in shown["segment"]),
        first=tuple(map(float, shown["share"])),
        second=tuple(map(float, shown["value_share"])),
        first_name=Text("占客户", "of clients"),
        second_name=Text(f"占{value_words(features).zh}", f"of {value_words(features).en}"),
        measure=Measure(Text("份额", "Share"), "percent_1"),
    )
    gap = (shown["value_share"] - shown["share"]).abs().to_numpy()
    letter = str(shown["segment"].iloc[int(gap.argmax())])
    line = shown[shown["segment"] == letter].iloc[0]
    title = segmentation.segment(letter).title
    finding = Sentence.of(
        "{segment}：{clients} 的客户，{money} 的{value}",
        "{segment}: {clients} of clients, {money} of {value}",
        segment=capital(in_words(segmentation.segment(letter))),
        value=value_words(features),
        clients=number(CHAPTER, f"{key}.{letter}.share", float(line["share"]), "percent_1", size_label(title, "share")),
        money=number(
            CHAPTER,
            f"{key}.{letter}.value_share",
            float(line["value_share"]),
            "percent_1",
            size_label(title, "value_share"),
        ),
    )
    return Figure(
        id=f"{key}_sizes_figure",
        finding=finding,
        shows=Sentence.of(
            "各客群占客户与占{value}的份额，%",
            "Share of each segment in clients and in {value}, %",
            value=value_words(features),
        ),
        name=Text(f"{_METHOD[key].zh}：客户与金额份额", f"{_METHOD[key].en}: shares of clients and of money"),
        note=Sentence.of("客群顺序：{order}。", "Order of the segments: {order}.", order=segmentation.order),
        alt=Text(
            f"条形图：每个客群两根条，浅色为客户份额，深色为{value_words(features).zh}份额",
            f"Bar chart: two bars a segment, pale for the share of clients, full for the share of {value_words(features).en}",
        ),
        images=draw(plot_segment_sizes, data),
        behind=segment_table(segmentation, profile, features, currency=currency),
    )


def size_label(title: Text, column: str) -> Text:
    return Text(f"{title.zh}：{_COLUMN_WORDS[column].zh}", f"{title.en}: {_COLUMN_WORDS[column].en}")


def segment_profile_figure(segmentation: Segmentation, profile: Profile, *, currency: Currency) -> Figure | Unavailable:
    """How far the segments lie from all other clients, on the features where that is beyond chance."""
    traits = [trait for trait in profile.traits if trait.kind == "feature"]
    if not traits:
        return Unavailable(
            Text("没有任何客群的特征差异超出偶然", "no segment differs from the other clients beyond chance")
        )
    key = segmentation.method
    codes = list(dict.fromkeys(trait.code for trait in sorted(traits, key=lambda t: -abs(t.lift.estimate))))
    labels = {trait.code: trait.label for trait in traits}
    letters = tuple(segment.id for segment in segmentation.segments)
    lift = {(trait.code, trait.segment): trait.lift.estimate for trait in traits}
    data = SegmentProfile(
        letters=letters,
        names=tuple(segment.name for segment in segmentation.segments),
        features=tuple(labels[code] for code in codes),
        values=tuple(tuple(lift.get((code, letter)) for letter in letters) for code in codes),
        axis=Text("与其余客户均值之差，标准差", "Difference from the mean of all other clients, standard deviations"),
    )
    strongest = max(traits, key=lambda trait: abs(trait.lift.estimate))
    finding = Sentence.of(
        "差异最大的是{segment}的{feature}，{direction}其余客户 {lift} 个标准差",
        "{segment} differs most, in {feature}: {lift} standard deviations {direction} all others",
        segment=capital(in_words(segmentation.segment(strongest.segment))),
        feature=strongest.label,
        direction=Text("高于", "above") if strongest.is_high else Text("低于", "below"),
        lift=number(
            CHAPTER,
            f"{key}.traits.{strongest.segment}.{strongest.code.replace('=', '_')}.lift",
            strongest.lift.estimate,
            "decimal_2",
            _trait_label(strongest, "lift"),
            size_only=True,
        ),
    )
    return Figure(
        id=f"{key}_profile_figure",
        finding=finding,
        shows=Sentence.of(
            "各客群在每项特征上与其余客户的标准化差异；不超出偶然的不画",
            "Standardised difference of each segment from all others; what is within chance is not drawn",
        ),
        name=Text(f"{_METHOD[key].zh}：客群特征", f"{_METHOD[key].en}: traits of the segments"),
        note=Sentence.of(
            "特征经对数等变换后标准化。区间：{interval}。特征参与了聚类，差异是描述而非检验。",
            "Features are scaled after their transform. Intervals: {interval}. "
            "The features also made the segments: the differences describe, they do not test.",
            interval=strongest.lift.interval,
        ),
        alt=Text(
            "点图：每行一项特征，每个客群一个带字母的点", "Dot plot: one row a feature, one lettered dot a segment"
        ),
        images=draw(plot_segment_profile, data),
        behind=trait_table(segmentation, profile, currency=currency, limit=None, id=f"{key}_traits_behind"),
    )


def trait_table(
    segmentation: Segmentation,
    profile: Profile,
    *,
    currency: Currency,
    limit: int | None = PRINTED_TRAITS,
    id: str = "",
) -> Table:
    """What is typical of each segment: median inside and overall, standardised difference and its interval."""
    key = segmentation.method
    columns = (
        Column("segment", Text("客群", "Segment"), "words"),
        Column("trait", Text("典型特征", "Typical trait"), "words"),
        Column("typical", Text("本客群", "Segment"), "decimal_2"),
        Column("overall", Text("全部客户", "All clients"), "decimal_2"),
        Column("lift", Text("标准化差异", "Difference, s.d."), "decimal_2"),
        Column("interval", Text("95% 区间", "95% interval"), "words"),
    )
    rows: list[Row] = []
    for segment in segmentation.segments:
        traits = profile.traits_of(segment.id)[:limit]
        if not traits:
            cells: dict[str, Cell] = {name: Missing() for name in ("typical", "overall", "lift", "interval")}
            rows.append(
                Row({"segment": segment.title, "trait": Text("无超出偶然的特征", "none beyond chance")} | cells)
            )
        rows += [
            _trait_row(key, trait, segment.title if place == 0 else Text(segment.id, segment.id))
            for place, trait in enumerate(traits)
        ]
    note = Sentence.of(
        "金额、户数等为中位数，类别为占比。差异以标准差计，区间对全部比较同时成立。",
        "Medians for amounts and numbers, shares for categories. Differences in standard deviations, intervals hold for "
        "all comparisons at once.",
    )
    title = Text(f"{_METHOD[key].zh}：典型特征", f"{_METHOD[key].en}: typical traits")
    return Table(id or f"{key}_traits", title, amounts_in(currency), columns, tuple(rows), note)


def amounts_in(currency: Currency) -> Text:
    """Unit line of a table whose rows differ: what its amounts are in; other rows print their own unit."""
    zh, en = unit_word("money_small_2", "zh", currency), unit_word("money_small_2", "en", currency)
    return Text(f"金额为{zh}", f"amounts in {en}")


def _trait_row(key: str, trait: Trait, title: Text | None) -> Row:
    style = _STYLE.get(trait.unit, "decimal_2")
    slug = trait.code.replace("=", "_")
    base = f"{trait.segment}.{slug}"

    def fact(name: str, value: float, how: Style) -> Ref:
        unit = not how.startswith("money")
        return number(CHAPTER, f"{key}.traits.{base}.{name}", value, how, _trait_label(trait, name), unit=unit)

    low, high = trait.lift.ci_low, trait.lift.ci_high
    return Row(
        {
            "segment": title,
            "trait": trait.label,
            "typical": fact("typical", trait.typical, style),
            "overall": fact("overall", trait.overall, style),
            "lift": fact("lift", trait.lift.estimate, "decimal_2"),
            "interval": f"[{_two(low)}, {_two(high)}]",
        }
    )


def _trait_label(trait: Trait, name: str) -> Text:
    side = _SIDE[name]
    return Text(f"{trait.segment} {trait.label.zh}：{side.zh}", f"{trait.segment} {trait.label.en}: {side.en}")


def _two(value: float) -> str:
    from analysis.core.units import CURRENCIES
    from analysis.present.format import render

    return render(value, "decimal_2", "zh", CURRENCIES["CNY"])


_SIDE = {
    "typical": Text("本客群", "in the segment"),
    "overall": Text("全部客户", "all clients"),
    "lift": Text("标准化差异", "standardised difference"),
}


def feature_table(features: FeatureMatrix, *, currency: Currency) -> Table:
    """What the methods looked at, and what could not be built from this source."""
    columns = (
        Column("feature", Text("特征", "Feature"), "words"),
        Column("window", Text("回看季度", "Quarters looked at"), "count"),
        Column("median", Text("中位数", "Median"), "decimal_2"),
        Column("imputed", Text("补缺户数", "Filled in"), "count"),
    )
    rows = [
        Row(
            {
                "feature": feature.label,
                "window": feature.window,
                "median": number(
                    CHAPTER,
                    f"features.{feature.code}.median",
                    float(features.values[feature.code].median()),
                    _STYLE.get(feature.unit, "decimal_2"),
                    Text(f"{feature.label.zh}：中位数", f"{feature.label.en}: median"),
                    unit=not _STYLE.get(feature.unit, "decimal_2").startswith("money"),
                ),
                "imputed": features.n_imputed.get(feature.code, 0),
            }
        )
        for feature in features.features
    ]
    note = Sentence.of(
        "缺值以其他客户的中位数补齐并计数。",
        "Gaps are filled with the median of the other clients and counted.",
    )
    lacking = [missing.feature.label for missing in features.missing if missing.reason != INSTEAD]
    if lacking:
        note = note + Sentence.of(
            "数据源缺数据、未能构造的特征：{names}。",
            "Not built for lack of data: {names}.",
            names=Text("、".join(label.zh for label in lacking), "; ".join(label.en for label in lacking)),
        )
    title = Text("参与细分的特征", "Features the methods looked at")
    return Table("segment_features", title, amounts_in(currency), columns, tuple(rows), note)
