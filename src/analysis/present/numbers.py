"""From a result to a number in prose: one call makes the fact and says how it is printed."""

import re
from collections.abc import Mapping

from analysis.core.blocks import Ref, Sentence, Style
from analysis.core.estimate import Unavailable
from analysis.core.fact import Fact, Value
from analysis.core.text import Text
from analysis.core.units import Unit

UNIT_OF: Mapping[str, Unit] = {
    "money_large": "money",
    "money_small": "money",
    "money_small_2": "money",
    "money_full": "money",
    "money_large_change": "money",
    "money_small_change": "money",
    "percent": "ratio",
    "percent_1": "ratio",
    "growth": "ratio",
    "points": "points",
    "bp": "points",
    "count": "count",
    "count_change": "count",
    "decimal_2": "index",
    "decimal_3": "index",
    "days": "days",
    "name": "name",
}


def number(
    chapter: str,
    key: str,
    value: Value | Unavailable,
    style: Style,
    label: Text,
    *,
    metric: str = "",
    quarter: str = "",
    unit: bool = True,
    size_only: bool = False,
) -> Ref:
    """A number in prose or in a table that is a fact.

    Parameters
    ----------
    key : what it is within the chapter; the fact's id is `<chapter>.<key>`
    value : unrounded; an `Unavailable` becomes a fact without value that carries the reason
    unit, size_only : see `Ref`
    """
    reason = value.reason if isinstance(value, Unavailable) else None
    plain = None if isinstance(value, Unavailable) else value
    fact = Fact(f"{chapter}.{key}", plain, UNIT_OF[style], chapter, label, metric, quarter, reason)
    return Ref(fact, style, unit, size_only)


def with_numerals_as_facts(chapter: str, key: str, text: Text) -> Sentence:
    """A text that already holds numerals (a reason, a caution) as a sentence in which each numeral is a fact.

    Raises
    ------
    ValueError : the two languages hold different numerals

    Examples
    --------
    >>> with_numerals_as_facts("c", "k", Text("仅 3 户", "only 3 clients")).facts[0].value
    '3'
    """
    pattern = re.compile(r"\d[\d,.]*(?<![,.])")
    found = {"zh": pattern.findall(text.zh), "en": pattern.findall(text.en)}
    if sorted(found["zh"]) != sorted(found["en"]):
        raise ValueError(f"the languages hold different numerals: {text}")
    names = {numeral: f"{key}.n{place}" for place, numeral in enumerate(sorted(set(found["zh"])))}
    label = Text("文中数字", "number in the text")
    refs = {numeral: number(chapter, name, numeral, "name", label) for numeral, name in names.items()}

    def split(side: str) -> tuple[str | Ref, ...]:
        parts: list[str | Ref] = []
        position = 0
        for match in pattern.finditer(side):
            parts += [side[position : match.start()], refs[match[0]]]
            position = match.end()
        return tuple(part for part in [*parts, side[position:]] if part != "")

    return Sentence(split(text.zh), split(text.en))


def moved(change: float | None) -> Text:
    """Direction of a change in words: 增长/下降/持平 — up, down, unchanged."""
    if change is None or change == 0:
        return Text("持平", "unchanged")
    return Text("增长", "up") if change > 0 else Text("下降", "down")


def capital(text: Text) -> Text:
    """The text as it starts a sentence."""
    return Text(text.zh, text.en[:1].upper() + text.en[1:])
