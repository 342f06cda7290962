"""Sentences of chapter 30: which segments there are, how far they can be trusted, how two cuts meet."""

from typing import Any

import pandas as pd

from analysis.core.blocks import Block, Finding, Findings, Opening, Paragraph, Sentence
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.features import FeatureMatrix
from analysis.present.numbers import capital, number, with_numerals_as_facts
from analysis.present.segments import CHAPTER, in_words, size_label, value_words
from analysis.segmentation import Profile, Segmentation

GRADES = {
    "none": Text("客群是连续分布上的切分，没有自然边界", "cut from a continuum, no natural borders"),
    "weak": Text("分组结构弱，边界模糊", "weak structure, blurred borders"),
    "clear": Text("客群之间界限清楚", "clear borders"),
}
"""How far the segments are there by nature."""


def segment_opening(
    name: Text, question: Text, kmeans: Segmentation, profile: Profile, features: FeatureMatrix
) -> Opening:
    """Headline: which segment holds the money, and whether the groups are there by nature."""
    n_segments = number(
        CHAPTER, "kmeans.n_segments", len(kmeans.segments), "count", Text("客群数", "number of segments"), unit=False
    )
    n_clients = number(
        CHAPTER, "kmeans.n_clients", kmeans.n_clients, "count", Text("参与细分的客户", "clients segmented"), unit=False
    )
    lead = Sentence.of(
        "{n} 户客户按同一组特征分为 {k} 个客群，另按价值分层标准分层作对照。名称由规则给出：只取与其余客户的差异超出偶然的特征。",
        "{n} clients fall into {k} segments on one set of features, beside the tiers of the value standard. "
        "Names are given by rule, from traits that differ from all other clients beyond chance.",
        n=n_clients,
        k=n_segments,
    )
    shown = profile.sizes[profile.sizes["value_share"].notna()]
    if shown.empty:  # the money does not add up to a gain, or no segment may be shown
        headline = Sentence.of(
            "客户分为 {k} 个客群；{structure}",
            "{k} segments of clients; {structure}",
            k=n_segments,
            structure=_structure_words(kmeans),
        )
        return Opening("segments_opening", name, question, headline, lead)
    top = shown.sort_values("value_share", ascending=False, kind="stable").iloc[0]
    segment = kmeans.segment(str(top["segment"]))
    label = Text(f"{segment.title.zh}的份额", f"share of {segment.title.en}")
    headline = Sentence.of(
        "{segment}占客户 {clients}，占{value} {money}；{structure}",
        "{segment}: {clients} of clients, {money} of {value}; {structure}",
        segment=Text(in_words(segment).zh, f"Segment {segment.id}"),
        clients=number(CHAPTER, "kmeans.top.clients_share", float(top["share"]), "percent_1", label),
        money=number(CHAPTER, "kmeans.top.value_share", float(top["value_share"]), "percent_1", label),
        value=value_words(features),
        structure=_structure_words(kmeans),
    )
    return Opening("segments_opening", name, question, headline, lead)


def _structure_words(segmentation: Segmentation) -> Text:
    structure = segmentation.structure
    if isinstance(structure, Unavailable):
        return Text("分层按规则切分", "tiers are cut by rule")
    return GRADES[structure.grade]


def trust_block(segmentation: Segmentation) -> Block:
    """How far the segments can be trusted: structure measured against data without groups."""
    structure = segmentation.structure
    if isinstance(structure, Unavailable):
        sentence = with_numerals_as_facts(CHAPTER, f"{segmentation.method}.structure", structure.reason)
        return Paragraph(f"{segmentation.method}_trust", sentence, "caution")
    key = segmentation.method
    silhouette = number(
        CHAPTER, f"{key}.silhouette", structure.silhouette, "decimal_2", Text("平均轮廓系数", "mean silhouette")
    )
    sample = number(
        CHAPTER,
        f"{key}.silhouette_sample",
        structure.sample_silhouette,
        "decimal_3",
        Text("样本轮廓系数", "silhouette on the sample"),
    )
    reference = number(
        CHAPTER,
        f"{key}.silhouette_reference",
        structure.reference_high,
        "decimal_3",
        Text("无结构数据的最高轮廓系数", "highest silhouette without groups"),
    )
    ambiguous = number(
        CHAPTER,
        f"{key}.ambiguous",
        segmentation.ambiguous_share,
        "percent_1",
        Text("边界客户占比", "share near a border"),
    )
    verdict_zh, verdict_en = ("高于", "above") if structure.is_clear else ("不高于", "not above")
    meaning = GRADES[structure.grade]
    sentence = Sentence.of(
        "平均轮廓系数 {silhouette}。样本轮廓系数 {sample}，{verdict}同样分布但无分组的参照数据的最高值 {reference}：{meaning}。"
        "{ambiguous} 的客户靠近边界。跨季稳定性与方法比较尚未检验。",
        "The mean silhouette is {silhouette}. On a sample it is {sample}, {verdict} the highest of reference data with the "
        "same spread but no groups, {reference}: {meaning}. {ambiguous} of clients lie near a border. Stability over quarters "
        "and other methods are not yet tested.",
        silhouette=silhouette,
        sample=sample,
        reference=reference,
        ambiguous=ambiguous,
        verdict=Text(verdict_zh, verdict_en),
        meaning=meaning,
    )
    return Paragraph(f"{key}_trust", sentence, "caution" if structure.grade == "none" else "so_what")


def segment_findings(
    tiers: Segmentation, tier_profile: Profile, kmeans: Segmentation, profile: Profile, features: FeatureMatrix
) -> Findings:
    """One finding on tiers, one on segments, one on how the two meet; what may not be shown is not spoken of."""
    money = value_words(features)
    found = (
        _top_tier(tiers, tier_profile, money),
        _largest(kmeans, profile, money),
        _meeting(tiers, tier_profile, kmeans, profile),
    )
    return Findings("segments_findings", tuple(finding for finding in found if finding is not None))


def _is_shown(line: "pd.Series[Any]") -> bool:
    """Whether the segment has clients, may be shown, and has a share of the money."""
    return not bool(line["is_hidden"]) and float(line["n_clients"]) > 0 and line["value_share"] == line["value_share"]


def _top_tier(tiers: Segmentation, profile: Profile, money: Text) -> Finding | None:
    top, best = profile.sizes.iloc[0], tiers.segments[0]
    if not _is_shown(top):
        return None
    heavier = float(top["value_share"]) > float(top["share"])
    sentence = Sentence.of(
        "**{tier}客户{claim}。**按价值标准，{tier}层 {n} 户占客户 {clients}，占{value} {money}。",
        "**The {tier} tier {claim}.** By the value standard its {n} clients are {clients} of all and hold {money} of "
        "{value}.",
        tier=best.name,
        claim=Text("集中了金额", "holds the money") if heavier else Text("没有集中金额", "does not hold the money"),
        n=number(
            CHAPTER, "value_tiers.A.n_clients", int(top["n_clients"]), "count", size_label(best.title, "n_clients")
        ),
        clients=number(
            CHAPTER, "value_tiers.A.share", float(top["share"]), "percent_1", size_label(best.title, "share")
        ),
        value=money,
        money=number(
            CHAPTER,
            "value_tiers.A.value_share",
            float(top["value_share"]),
            "percent_1",
            size_label(best.title, "value_share"),
        ),
    )
    return Finding(sentence, "value_tiers_sizes")


def _largest(kmeans: Segmentation, profile: Profile, money: Text) -> Finding | None:
    """The segment of most clients, and whether it has less money than clients."""
    big = profile.sizes.sort_values("n_clients", ascending=False, kind="stable").iloc[0]
    if not _is_shown(big):
        return None
    largest = kmeans.segment(str(big["segment"]))
    sentence = Sentence.of(
        "**户数最多的是{segment}。**它占客户 {clients}，只占{value} {money}。"
        if float(big["value_share"]) < float(big["share"])
        else "**户数最多的是{segment}。**它占客户 {clients}，占{value} {money}。",
        "**{segment} is the largest by clients.** It has {clients} of them and {money} of {value}.",
        segment=capital(in_words(largest)),
        clients=number(
            CHAPTER, f"kmeans.{largest.id}.share", float(big["share"]), "percent_1", size_label(largest.title, "share")
        ),
        value=money,
        money=number(
            CHAPTER,
            f"kmeans.{largest.id}.value_share",
            float(big["value_share"]),
            "percent_1",
            size_label(largest.title, "value_share"),
        ),
    )
    return Finding(sentence, "kmeans_sizes")


LARGELY = 0.8
"""Four in five of the top tier in one segment read as the same cut; demo and SBA lie near one half."""


def _meeting(tiers: Segmentation, tier_profile: Profile, kmeans: Segmentation, profile: Profile) -> Finding | None:
    """Where the top tier lies among the segments."""
    best = tiers.segments[0]
    if best.n_clients == 0 or best.id in tier_profile.hidden:
        return None
    inside, where = _overlap(tiers, kmeans)
    if where in profile.hidden:
        return None
    sentence = Sentence.of(
        "**{claim}。**{tier}层客户中 {share} 落在{segment}，其余在别的客群。",
        "**{claim}.** {share} of the {tier} tier fall into {segment}, the rest into others.",
        claim=Text("两种分法大体重合", "The two cuts largely agree")
        if inside >= LARGELY
        else Text("两种分法并不重合", "The two cuts do not coincide"),
        tier=best.name,
        share=number(
            CHAPTER,
            "overlap.top_tier_share",
            inside,
            "percent_1",
            Text("最高层客户落在一个客群的比例", "share of the top tier in one segment"),
        ),
        segment=in_words(kmeans.segment(where)),
    )
    return Finding(sentence, "kmeans_traits")


def _overlap(tiers: Segmentation, kmeans: Segmentation) -> tuple[float, str]:
    """Largest share of the top tier that lies in one segment, and which."""
    top = tiers.labels[tiers.labels == tiers.segments[0].id].index
    shares = kmeans.labels.reindex(top).value_counts(normalize=True).sort_index()
    where = str(shares.idxmax())
    return float(shares[where]), where
