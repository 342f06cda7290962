"""Headlines name who, how much, which way and when."""

import pytest

from analysis.core.blocks import Opening, Paragraph, Sentence
from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.present.headlines import dated, has_period, lacks
from analysis.present.numbers import number
from tests.present.prose import en, zh

LABEL = Text("存款", "deposits")
SIZE = number("10_describe_clients", "x", 0.067, "percent_1", LABEL)
NONE = number("10_describe_clients", "y", Unavailable(LABEL), "percent_1", LABEL)


@pytest.mark.parametrize(
    ("chinese", "english", "missing"),
    [
        ("日均存款同比增长 {x}", "Average deposits rose {x} on the year", ()),
        ("制造业占存款 {x}", "Manufacturing: {x} of deposits", ("period",)),
        ("存款情况", "On deposits", ("size", "direction", "period")),
        ("{x} 增，同比", "up {x}, on the year", ()),
        ("{x}", "{x}", ("subject", "direction", "period")),
        ("本季存款 {x}", "Deposits of the quarter {x}", ("direction",)),
    ],
    ids=["whole", "no period", "a topic", "short", "a bare number", "no direction"],
)
def test_what_a_headline_lacks_is_named(chinese: str, english: str, missing: tuple[str, ...]) -> None:
    assert lacks(Sentence.of(chinese, english, **({"x": SIZE} if "{x}" in chinese else {}))) == missing


def test_a_headline_that_says_why_there_is_no_number_is_whole() -> None:
    assert lacks(Sentence.of("存款 {x}", "Deposits {x}", x=NONE)) == ()


def test_both_languages_must_say_when() -> None:
    assert not has_period(Sentence.of("同比增长 {x}", "Up {x}", x=SIZE))


def opening(chinese: str, english: str, **refs: object) -> Opening:
    return Opening("o", LABEL, LABEL, Sentence.of(chinese, english, **refs))  # type: ignore[arg-type]


def test_the_quarter_is_put_behind_a_headline_that_does_not_say_when() -> None:
    found = dated(opening("制造业占存款 {x}", "Manufacturing: {x} of deposits", x=SIZE), "10_x", Quarter("2026Q3"))
    assert zh(found.headline) == "制造业占存款 6.7%（2026Q3）"
    assert en(found.headline) == "Manufacturing: 6.7% of deposits (2026Q3)"
    assert not lacks(found.headline)
    assert dated(found, "10_x", Quarter("2026Q3")) == found


def test_what_says_when_or_has_no_number_stays_as_it_is() -> None:
    whole = opening("存款同比增长 {x}", "Deposits rose {x} on the year", x=SIZE)
    wordless = opening("没有数据", "There are no data")
    text = Paragraph("p", Sentence.of("占 {x}", "{x} of it", x=SIZE))
    assert [dated(block, "10_x", Quarter("2026Q3")) for block in (whole, wordless, text)] == [whole, wordless, text]
