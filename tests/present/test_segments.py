"""Chapter 30: sizes and traits of segments, and sentences that follow the data, the structure and what may be shown."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import pytest

from analysis.core.blocks import Figure, Missing, Opening, Paragraph, Ref, Suppressed
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.features import FeatureMatrix
from analysis.features.build import INSTEAD
from analysis.features.matrix import MissingFeature
from analysis.present.segments import (
    amounts_in,
    feature_table,
    in_words,
    segment_profile_figure,
    segment_sizes_figure,
    segment_table,
    trait_table,
)
from analysis.present.sentences.segments import GRADES, segment_findings, segment_opening, trust_block
from analysis.segmentation import KMeans, Profile, Segment, Segmentation, Structure, profile
from tests.present.prose import CNY, cell, en, fact_ids, keeps_the_promises, value, zh
from tests.segmentation.planted import feature, matrix

CLEAR, WEAK, CUT = (Structure(s, 30, own, 0.3, 19) for s, own in ((0.6, 0.7), (0.4, 0.5), (0.6, 0.2)))
RULE = Unavailable(Text("分层按规则切分", "tiers are cut by rule"))
NAMES = {"A": Text("高存款", "high deposit"), "B": Text("低存款", "low deposit"), "C": Text("其他", "other")}


def book(amounts: Sequence[float]) -> FeatureMatrix:
    """A client an amount of deposits; a second feature that is alike in all segments."""
    return matrix({"deposit": list(amounts), "noise": [float(k % 2) for k in range(len(amounts))]}, value="deposit")


def cut(
    features: FeatureMatrix, letters: str, structure: Structure | Unavailable = CLEAR, ids: str = ""
) -> Segmentation:
    """The clients in the segments given by a letter each; `ids` names segments that may be empty."""
    base = KMeans(2, seed=1).fit(book([0.0] * 10 + [9.0] * 10))
    assignment = pd.DataFrame(
        {
            "client_id": features.values.index,
            "segment": pd.array(list(letters), dtype="str"),
            "certainty": [0.05] * 3 + [0.9] * (len(letters) - 3),
            "runner_up": pd.array(list(letters), dtype="str"),
        }
    )
    segments = tuple(Segment(id, NAMES[id], letters.count(id)) for id in (ids or sorted(set(letters))))
    return replace(base, assignment=assignment, segments=segments, structure=structure)


def as_tiers(segmentation: Segmentation) -> Segmentation:
    return replace(segmentation, method="value_tiers", structure=RULE)


BOOK = book([90.0] * 10 + [5.0] * 20)
"""10 clients with 900 of 1,000 and 20 with the other 100."""
LETTERS = "A" * 10 + "B" * 20


def described(segmentation: Segmentation, features: FeatureMatrix) -> Profile:
    return profile(segmentation, features, min_clients=5)


# --- tables and figures ---------------------------------------------------------------------------------------------


def test_sizes_and_money_by_hand_with_the_total_first() -> None:
    # A: 10 of 30 clients and 900 of 1,000; the three clients near a border are in A: 30 %, of all 10 %
    made = cut(BOOK, LETTERS)
    table = segment_table(made, described(made, BOOK), BOOK, currency=CNY)
    assert table.id == "kmeans_sizes"
    assert [row.role for row in table.rows] == ["total", "normal", "normal"]
    total = table.rows[0].cells
    assert [total[key] for key in ("n_clients", "share", "value", "value_share", "ambiguous")] == [
        30, 1.0, 1000.0, 1.0, 0.1,
    ]  # fmt: skip
    assert [value(cell(table, 1, key)) for key in ("n_clients", "value", "value_share", "ambiguous")] == [
        10, 900.0, 0.9, 0.3,
    ]  # fmt: skip
    assert fact_ids(table)[:5] == [
        f"30_segment_clients.kmeans.A.{name}"
        for name in ("n_clients", "share", "value_total", "value_share", "ambiguous_share")
    ]
    assert keeps_the_promises(table)


def test_segments_below_the_limit_are_suppressed_in_every_column() -> None:
    # 3 are below 5; B with 12 is hidden too, or the total would give A away
    features = book([9.0] * 3 + [5.0] * 12 + [1.0] * 15)
    made = cut(features, "A" * 3 + "B" * 12 + "C" * 15)
    table = segment_table(made, described(made, features), features, currency=CNY)
    for row in (1, 2):
        assert {repr(found) for key, found in table.rows[row].cells.items() if key != "segment"} == {repr(Suppressed())}
    assert value(cell(table, 3, "n_clients")) == 15


def test_money_that_is_a_loss_in_all_has_amounts_without_shares_and_no_figure() -> None:
    features = book([-90.0] * 10 + [5.0] * 20)
    made = cut(features, LETTERS)
    found = described(made, features)
    table = segment_table(made, found, features, currency=CNY)
    reason = Missing(Text("合计不为正", "the total is not positive"))
    assert [row.cells["value_share"] for row in table.rows] == [reason] * 3
    assert value(cell(table, 1, "value")) == -900.0
    assert segment_sizes_figure(made, found, features, currency=CNY) == Unavailable(
        Text(
            "金额合计不为正，没有份额可画，见表",
            "the money does not add up to a gain, so there are no shares; see the table",
        )
    )


def test_a_segment_nobody_is_in_prints_zero_and_no_share_near_a_border() -> None:
    made = cut(BOOK, "B" * 10 + "C" * 20, ids="ABC")
    table = segment_table(made, described(made, BOOK), BOOK, currency=CNY)
    assert value(cell(table, 1, "n_clients")) == 0
    assert value(cell(table, 1, "value_share")) == 0.0
    assert cell(table, 1, "ambiguous") == Missing(Text("客群没有客户", "nobody is in the segment"))


def test_the_figure_speaks_of_the_segment_whose_money_is_furthest_from_its_clients() -> None:
    # A: |90 % − 33.3 %| = 56.7 and B: |10 % − 66.7 %| = 56.7 are equal but for rounding, so a third is added
    features = book([70.0] * 10 + [5.0] * 10 + [25.0] * 10)  # 700, 50, 250 of 1,000
    made = cut(features, "A" * 10 + "B" * 10 + "C" * 10)
    figure = segment_sizes_figure(made, described(made, features), features, currency=CNY)
    assert isinstance(figure, Figure)
    assert en(figure.finding) == "Segment A (high deposit): 33.3% of clients, 70.0% of deposit"
    assert "33.3% 的客户，70.0% 的指标" in zh(figure.finding)
    assert keeps_the_promises(figure)


def test_all_segments_hidden_is_a_reason_and_no_figure() -> None:
    features = book([1.0] * 3 + [2.0] * 3)
    made = cut(features, "AAABBB")
    assert segment_sizes_figure(made, described(made, features), features, currency=CNY) == Unavailable(
        Text("各客群户数都低于披露下限", "every segment is below the disclosure limit")
    )


def test_the_profile_speaks_of_the_strongest_trait_and_its_direction() -> None:
    for amounts, word_zh, word_en in (
        ([90.0] * 10 + [5.0] * 20, "高于其余客户", "above all others"),
        ([5.0] * 10 + [90.0] * 20, "低于其余客户", "below all others"),
    ):
        features = book(amounts)
        made = cut(features, LETTERS)
        found = described(made, features)
        first = tuple(trait for trait in found.traits if trait.segment == "A")
        figure = segment_profile_figure(made, replace(found, traits=first), currency=CNY)
        assert isinstance(figure, Figure)
        assert word_zh in zh(figure.finding)
        assert en(figure.finding).endswith(word_en)
        assert "−" not in zh(figure.finding)
        assert keeps_the_promises(figure)


def test_segments_alike_in_everything_have_no_profile_figure_and_say_so_in_the_table() -> None:
    features = book([5.0, 7.0] * 15)
    made = cut(features, "AABB" * 7 + "AB")
    found = replace(described(made, features), traits=())
    assert segment_profile_figure(made, found, currency=CNY) == Unavailable(
        Text("没有任何客群的特征差异超出偶然", "no segment differs from the other clients beyond chance")
    )
    table = trait_table(made, found, currency=CNY)
    assert [row.cells["trait"] for row in table.rows] == [Text("无超出偶然的特征", "none beyond chance")] * 2
    assert cell(table, 0, "lift") == Missing()


def test_traits_print_medians_and_the_interval_and_every_row_says_whose_it_is() -> None:
    made = cut(BOOK, LETTERS)
    found = described(made, BOOK)
    (trait,) = [one for one in found.traits_of("A") if one.code == "deposit"]
    second = replace(trait, code="x=1", lift=Estimate(-1.5, -2.0, -1.0, 10, "index", Text("区间", "interval")))
    table = trait_table(made, replace(found, traits=(trait, second)), currency=CNY)
    assert [row.cells["segment"] for row in table.rows] == [
        made.segment("A").title,
        Text("A", "A"),  # a table may go on overleaf
        made.segment("B").title,
    ]
    assert [value(cell(table, 0, key)) for key in ("typical", "overall")] == [90.0, 5.0]
    assert cell(table, 1, "interval") == "[−2.00, −1.00]"
    assert "30_segment_clients.kmeans.traits.A.x_1.lift" in fact_ids(table)
    assert table.unit == amounts_in(CNY) == Text("金额为万元", "amounts in CNY thousand")
    assert len(trait_table(made, replace(found, traits=(trait,) * 5), currency=CNY).rows) == 3 + 1
    assert keeps_the_promises(table)


def test_features_say_their_median_what_was_filled_in_and_what_lacks_data() -> None:
    # of 30 deposits 20 are 5, so the median is 5; the feature that has a better one in its place is not lacking
    lacking = (
        MissingFeature(feature("loan"), Text("无贷款", "no loans")),
        MissingFeature(feature("spare"), INSTEAD),
    )
    table = feature_table(replace(BOOK, missing=lacking, n_imputed={"deposit": 4}), currency=CNY)
    assert value(cell(table, 0, "median")) == 5.0
    assert [row.cells["imputed"] for row in table.rows] == [4, 0]
    assert en(table.note).endswith(" Not built for lack of data: loan.")
    assert zh(table.note).endswith("未能构造的特征：指标 loan。")
    assert "Not built" not in en(feature_table(BOOK, currency=CNY).note)
    assert keeps_the_promises(table)


def test_a_segment_inside_a_sentence_has_its_letter_and_name() -> None:
    assert in_words(Segment("A", NAMES["A"], 3)) == Text("A“高存款”客群", "segment A (high deposit)")


# --- sentences ------------------------------------------------------------------------------------------------------


def opening(segmentation: Segmentation, features: FeatureMatrix) -> Opening:
    made = segment_opening(
        Text("客群", "Segments"), Text("哪些？", "Which?"), segmentation, described(segmentation, features), features
    )
    assert keeps_the_promises(made)
    return made


@pytest.mark.parametrize(("structure", "grade"), [(CLEAR, "clear"), (WEAK, "weak"), (CUT, "none")])
def test_the_headline_and_the_caution_follow_the_structure(structure: Structure, grade: str) -> None:
    made = cut(BOOK, LETTERS, structure)
    headline = opening(made, BOOK).headline
    assert zh(headline).endswith(f"；{GRADES[grade].zh}")
    assert en(headline).endswith(f"; {GRADES[grade].en}")
    trust = trust_block(made)
    assert isinstance(trust, Paragraph)
    assert GRADES[grade].en in en(trust.sentence)
    assert ("not above" in en(trust.sentence)) == (grade == "none")
    assert ("不高于" in zh(trust.sentence)) == (grade == "none")
    assert trust.role == ("caution" if grade == "none" else "so_what")
    assert keeps_the_promises(trust)


def test_a_rule_claims_no_structure_and_gives_its_reason() -> None:
    made = replace(cut(BOOK, LETTERS), structure=Unavailable(Text("仅 3 户", "only 3 clients")))
    assert en(opening(made, BOOK).headline).endswith("tiers are cut by rule")
    trust = trust_block(made)
    assert isinstance(trust, Paragraph)
    assert (trust.role, zh(trust.sentence)) == ("caution", "仅 3 户")
    assert [fact.id for fact in trust.facts] == ["30_segment_clients.kmeans.structure.n0"]


def test_the_headline_names_the_segment_with_most_money_whichever_it_is() -> None:
    made = cut(BOOK, LETTERS)
    assert en(opening(made, BOOK).headline).startswith("Segment A: 33.3% of clients, 90.0% of deposit")
    turned = book([1.0] * 10 + [9.5] * 20)  # 10 and 190 of 200
    assert en(opening(cut(turned, LETTERS), turned).headline).startswith(
        "Segment B: 66.7% of clients, 95.0% of deposit"
    )


def test_the_headline_counts_segments_where_there_are_no_shares_or_none_may_be_shown() -> None:
    for features, letters in ((book([-9.0] * 30), LETTERS), (book([1.0] * 6), "AAABBB")):
        headline = opening(cut(features, letters), features).headline
        assert zh(headline) == "客户分为 2 个客群；客群之间界限清楚"
        assert en(headline) == "2 segments of clients; clear borders"


def findings(tiers: Segmentation, kmeans: Segmentation, features: FeatureMatrix) -> dict[str, tuple[str, str]]:
    """The printed findings by what they refer to."""
    made = segment_findings(tiers, described(tiers, features), kmeans, described(kmeans, features), features)
    assert keeps_the_promises(made)
    return {one.refers_to: (zh(one.sentence), en(one.sentence)) for one in made.items}


def test_the_top_tier_holds_the_money_or_does_not() -> None:
    made = cut(BOOK, LETTERS)
    holds = findings(as_tiers(made), made, BOOK)["value_tiers_sizes"]
    assert "集中了金额" in holds[0]
    assert "tier holds the money" in holds[1]
    poor = book([1.0] * 10 + [9.5] * 20)  # the top tier has a third of clients and 5 % of the money
    made = cut(poor, LETTERS)
    without = findings(as_tiers(made), made, poor)["value_tiers_sizes"]
    assert "没有集中金额" in without[0]
    assert "does not hold the money" in without[1]


def test_the_largest_segment_has_only_little_money_or_more_than_its_clients() -> None:
    made = cut(BOOK, LETTERS)
    assert "只占指标" in findings(as_tiers(made), made, BOOK)["kmeans_sizes"][0]
    rich = book([1.0] * 10 + [9.5] * 20)
    made = cut(rich, LETTERS)
    found = findings(as_tiers(made), made, rich)["kmeans_sizes"]
    assert "只占" not in found[0]
    assert found[1].startswith("Segment B (low deposit) is the largest by clients.")


def test_two_cuts_largely_agree_or_do_not_coincide() -> None:
    # the top tier is the first ten: all in A, or five in A and five in B
    same, other = cut(BOOK, LETTERS), cut(BOOK, "A" * 5 + "B" * 25)
    agree, apart = (findings(as_tiers(same), made, BOOK)["kmeans_traits"] for made in (same, other))
    assert "两种分法大体重合" in agree[0]
    assert "The two cuts largely agree" in agree[1]
    assert "100.0%" in agree[1]
    assert "两种分法并不重合" in apart[0]
    assert "The two cuts do not coincide" in apart[1]
    assert "50.0%" in apart[1]


def test_a_top_tier_that_is_hidden_or_empty_is_not_spoken_of() -> None:
    kmeans = cut(BOOK, LETTERS)
    hidden = as_tiers(cut(BOOK, "A" * 3 + "B" * 12 + "C" * 15))
    empty = as_tiers(cut(BOOK, "B" * 10 + "C" * 20, ids="ABC"))
    assert list(findings(hidden, kmeans, BOOK)) == ["kmeans_sizes"]
    assert list(findings(empty, kmeans, BOOK)) == ["kmeans_sizes"]


def test_a_book_that_loses_money_has_no_finding_on_money() -> None:
    features = book([-1.0] * 30)
    made = cut(features, LETTERS)
    assert list(findings(as_tiers(made), made, features)) == ["kmeans_traits"]


def test_numbers_of_prose_and_table_are_the_same_facts() -> None:
    made = cut(BOOK, LETTERS)
    found = described(made, BOOK)
    table = {fact.id: fact for fact in segment_table(made, found, BOOK, currency=CNY).facts}
    said = segment_findings(as_tiers(made), found, made, found, BOOK).items[1].sentence
    assert all(isinstance(part, str | Ref) for part in said.zh)
    assert {fact.id: fact for fact in said.facts}.items() <= table.items()
