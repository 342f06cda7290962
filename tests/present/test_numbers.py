"""A number in prose is one call; numerals that stand in a text already become facts."""

import re

import pytest

from analysis.core.blocks import Ref, Style
from analysis.core.text import Text
from analysis.present.numbers import UNIT_OF, capital, moved, number, with_numerals_as_facts
from tests.present.prose import GONE, en, keeps_the_promises, zh

LABEL = Text("户数", "clients")


def test_a_number_is_a_fact_named_after_chapter_and_key_in_the_unit_of_its_style() -> None:
    made = number("10_x", "kpi.A", 0.1234, "percent_1", LABEL, metric="A", quarter="2026Q3", unit=False, size_only=True)
    assert (made.fact.id, made.fact.value, made.fact.unit, made.fact.chapter) == ("10_x.kpi.A", 0.1234, "ratio", "10_x")
    assert (made.fact.metric, made.fact.quarter, made.fact.label, made.fact.reason) == ("A", "2026Q3", LABEL, None)
    assert (made.style, made.unit, made.size_only) == ("percent_1", False, True)


def test_an_unavailable_number_is_a_fact_without_value_that_carries_the_reason() -> None:
    made = number("10_x", "kpi.A", GONE, "count", LABEL)
    assert made.fact.value is None
    assert made.fact.reason == GONE.reason


@pytest.mark.parametrize(("style", "unit"), [("money_small_change", "money"), ("bp", "points"), ("decimal_3", "index")])
def test_the_unit_follows_from_the_style(style: Style, unit: str) -> None:
    assert UNIT_OF[style] == unit
    assert number("c", "k", 1.0, style, LABEL).fact.unit == unit


def test_numerals_of_a_text_become_facts_shared_by_both_languages() -> None:
    # two numerals, 1,200 twice in Chinese and once more in English in another order
    sentence = with_numerals_as_facts(
        "c", "why", Text("少于 30 户，只有 1,200 元。", "only 1,200 yuan, below 30 clients.")
    )
    assert {fact.id: fact.value for fact in sentence.facts} == {"c.why.n0": "1,200", "c.why.n1": "30"}
    assert zh(sentence) == "少于 30 户，只有 1,200 元。"
    assert en(sentence) == "only 1,200 yuan, below 30 clients."
    assert keeps_the_promises(sentence)


def test_a_numeral_written_twice_is_one_fact() -> None:
    sentence = with_numerals_as_facts("c", "k", Text("从 5 到 5", "from 5 to 5"))
    assert [fact.id for fact in sentence.facts] == ["c.k.n0", "c.k.n0"]


def test_a_full_stop_after_a_numeral_is_no_part_of_it() -> None:
    sentence = with_numerals_as_facts("c", "k", Text("共 3.5, 4.", "in all 3.5, 4."))
    assert [fact.value for fact in sentence.facts] == ["3.5", "4"]


def test_a_text_without_numerals_stays_as_it_is_and_an_empty_one_is_empty() -> None:
    sentence = with_numerals_as_facts("c", "k", Text("没有客户", "no client"))
    assert (sentence.zh, sentence.en, sentence.facts) == (("没有客户",), ("no client",), ())
    assert with_numerals_as_facts("c", "k", Text("", "")).zh == ()


def test_a_text_that_starts_with_a_numeral_starts_with_a_fact() -> None:
    first = with_numerals_as_facts("c", "k", Text("3 户", "3 clients")).zh[0]
    assert isinstance(first, Ref)
    assert first.fact.value == "3"


@pytest.mark.parametrize(
    "text",
    [Text("3 户", "4 clients"), Text("3 户", "three clients"), Text("3 户和 3 户", "3 clients")],
    ids=["other value", "in words", "one too few"],
)
def test_languages_that_hold_different_numerals_are_refused(text: Text) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(f'the languages hold different numerals: {text}')}$"):
        with_numerals_as_facts("c", "k", text)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (0.01, Text("增长", "up")),
        (-0.01, Text("下降", "down")),
        (0.0, Text("持平", "unchanged")),
        (None, Text("持平", "unchanged")),
    ],
)
def test_the_word_of_a_change_follows_its_sign(change: float | None, words: Text) -> None:
    assert moved(change) == words


def test_only_the_english_of_a_text_is_capitalised() -> None:
    assert capital(Text("存款", "average deposits of FTP")) == Text("存款", "Average deposits of FTP")
    assert capital(Text("", "")) == Text("", "")
