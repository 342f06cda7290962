"""Facts are what a report prints; their values are stored in one canonical form."""

import pytest

from analysis.core.blocks import Paragraph, Ref, Sentence
from analysis.core.fact import Fact, by_id, canonical
from analysis.core.text import Text

LABEL = Text("存款", "deposits")


def fact(value: float | None, unit: str = "ratio", **more: object) -> Fact:
    return Fact("c.x", value, unit, "c", LABEL, **more)  # type: ignore[arg-type]


def test_money_is_kept_to_the_fen_and_half_a_fen_rounds_to_even_on_its_decimal_form() -> None:
    assert canonical(34042123456.785, "money") == 34042123456.78  # decimal 0.785 -> 0.78 (even)
    assert canonical(34042123456.795, "money") == 34042123456.80
    assert canonical(0.1 + 0.2, "money") == 0.3


def test_other_numbers_keep_twelve_significant_digits() -> None:
    assert canonical(1 / 3, "ratio") == 0.333333333333
    assert canonical(1234567.891234567, "index") == 1234567.89123


def test_whole_counts_are_integers_and_negative_zero_is_zero() -> None:
    assert canonical(5000.0, "count") == 5000
    assert isinstance(canonical(5000.0, "count"), int)
    assert str(canonical(-0.0, "ratio")) == "0.0"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_fact_is_never_nan_or_infinite(value: float) -> None:
    with pytest.raises(ValueError, match="use Unavailable"):
        fact(value)


def test_a_fact_without_value_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="neither a value nor a reason"):
        fact(None)
    assert fact(None, reason=Text("无", "none")).as_json()["reason"] == {"zh": "无", "en": "none"}


def test_a_fact_survives_json() -> None:
    for one in (fact(0.25, metric="NPLR", quarter="2026Q3"), fact(None, reason=Text("无", "none"))):
        assert Fact.of(one.as_json()) == one


def test_one_id_with_two_values_is_refused() -> None:
    assert by_id([fact(1), fact(1)]) == {"c.x": fact(1)}
    with pytest.raises(ValueError, match=r"two facts share the id c\.x: 1\.0 \(deposits\), 2\.0 \(deposits\)"):
        by_id([fact(1), fact(2)])


def test_a_sentence_carries_its_facts_in_both_languages() -> None:
    ref = Ref(fact(0.25), "percent")
    block = Paragraph("p", Sentence.of("占比{x}。", "A share of {x}.", x=ref))
    assert block.sentence.zh == ("占比", ref, "。")
    assert block.facts == (ref.fact,)
    assert block.as_json()["sentence"]["en"][1]["value"] == 0.25


def test_a_sentence_that_uses_a_fact_in_one_language_only_is_refused() -> None:
    with pytest.raises(ValueError, match="different facts"):
        Sentence.of("占比{x}。", "A share.", x=Ref(fact(0.25), "percent"))
