"""A headline names who, how much, which way and when: what it lacks, and the period put in where it is missing."""

import re
from dataclasses import replace
from typing import Literal, TypeVar

from analysis.core.blocks import Block, Figure, Opening, Ref, Sentence
from analysis.core.quarter import Quarter
from analysis.core.text import LANGUAGES, Language, Text
from analysis.present.numbers import number

Lack = Literal["subject", "size", "direction", "period"]
Headed = TypeVar("Headed", bound=Block)

_PERIOD: dict[Language, re.Pattern[str]] = {
    "zh": re.compile(r"本季|上季|季末|季度|同比|环比|年初|上年|去年|本年|一年|季"),
    "en": re.compile(r"\b(quarters?|years?|yearly|quarterly|months?)\b", re.IGNORECASE),
}
_QUARTER = re.compile(r"[0-9]{4}Q[1-4]")
_DIRECTION: dict[Language, re.Pattern[str]] = {
    "zh": re.compile(
        r"[增减升降涨跌高低多少占超达弱强差优最未无不同近平]|带来|集中|来自|贡献|中，|支持|成立|纳入|满足|保留|留存"
    ),
    "en": re.compile(
        r"\b(up|down|rose|fell|grew|shrank|above|below|over|under|more|less|fewer|higher|lower|most|least|largest|"
        r"smallest|highest|lowest|of|bring|brings|brought|earns?|holds?|lacks?|support|unmet|not|no|none|weak|strong|"
        r"flat|unchanged|equal|differs?|from|add|adds|added|lost|gained|takes?|worth|keeps?|kept|better|worse)\b",
        re.IGNORECASE,
    ),
}


def lacks(headline: Sentence) -> tuple[Lack, ...]:
    """What a headline does not say, in either language: subject, size, direction or period.

    A headline whose every number is missing says why instead, and has no size, direction or period to give.
    """
    refs = [part for part in headline.zh if isinstance(part, Ref)]
    if refs and all(ref.fact.value is None for ref in refs):
        return ()
    sizes = [ref for ref in refs if isinstance(ref.fact.value, int | float)]
    found: list[Lack] = []
    if any(len(re.findall(r"\w", _words(headline, language))) < 2 for language in LANGUAGES):
        found.append("subject")
    if not sizes:
        found.append("size")
    if any(not _DIRECTION[language].search(_words(headline, language)) for language in LANGUAGES):
        found.append("direction")
    return (*found, "period") if not has_period(headline) else tuple(found)


def has_period(headline: Sentence) -> bool:
    """Whether both languages say when: a quarter as a fact, or a word for a period or a comparison over time."""
    if any(isinstance(part, Ref) and _QUARTER.fullmatch(str(part.fact.value)) for part in headline.zh):
        return True
    return all(bool(_PERIOD[language].search(_words(headline, language))) for language in LANGUAGES)


def _words(sentence: Sentence, language: Language) -> str:
    parts = sentence.zh if language == "zh" else sentence.en
    return " ".join(part for part in parts if isinstance(part, str))


def dated(block: Headed, chapter: str, quarter: Quarter) -> Headed:
    """The block with the quarter behind its headline, where the headline says nothing of when."""
    if isinstance(block, Opening) and not has_period(block.headline):
        return replace(block, headline=_with_quarter(block.headline, chapter, quarter))
    if isinstance(block, Figure) and not has_period(block.finding):
        return replace(block, finding=_with_quarter(block.finding, chapter, quarter))
    return block


def _with_quarter(headline: Sentence, chapter: str, quarter: Quarter) -> Sentence:
    if not any(isinstance(part, Ref) and isinstance(part.fact.value, int | float) for part in headline.zh):
        return headline  # it says why there is no number: nothing to date
    label = Text("报告季度", "quarter of the report")
    when = number(chapter, "quarter", quarter.label, "name", label, quarter=quarter.label)
    return Sentence((*headline.zh, "（", when, "）"), (*headline.en, " (", when, ")"))
