"""The only place where numbers become text. Rounding happens here, once: half away from zero, in decimal arithmetic."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from analysis.core.blocks import Style
from analysis.core.errors import ReportError
from analysis.core.fact import Value, canonical
from analysis.core.text import Language, Text
from analysis.core.units import Currency, Unit

MINUS = "\N{MINUS SIGN}"
MISSING = "—"
SUPPRESSED = "*"

ColumnStyle = Style | Literal["words"]


@dataclass(frozen=True, slots=True)
class _Format:
    """How one style prints: divisor (or a scale of the currency), decimals, sign of rises, and the unit's words."""

    unit: Unit
    decimals: int = 0
    times: int = 1
    signed: bool = False
    scale: Literal["large", "small", "full", ""] = ""
    word: Text = field(default=Text("", ""))


_PERCENT = Text("%", "%")
_FORMATS: dict[str, _Format] = {
    "money_large": _Format("money", 2, scale="large"),
    "money_small": _Format("money", 0, scale="small"),
    "money_small_2": _Format("money", 2, scale="small"),
    "money_full": _Format("money", 0, scale="full"),
    "money_large_change": _Format("money", 2, signed=True, scale="large"),
    "money_small_change": _Format("money", 0, signed=True, scale="small"),
    "percent": _Format("ratio", 2, 100, word=_PERCENT),
    "percent_1": _Format("ratio", 1, 100, word=_PERCENT),
    "growth": _Format("ratio", 1, 100, signed=True, word=_PERCENT),
    "points": _Format("points", 2, 100, signed=True, word=Text("个百分点", "pp")),
    "bp": _Format("points", 0, 10_000, signed=True, word=Text("BP", "bp")),
    "count": _Format("count", 0),
    "count_change": _Format("count", 0, signed=True),
    "decimal_2": _Format("index", 2),
    "decimal_3": _Format("index", 3),
    "days": _Format("days", 0, word=Text("天", "days")),
}


def render(
    value: Value, style: str, language: Language, currency: Currency, *, unit: bool = True, size_only: bool = False
) -> str:
    """A number as printed, with its unit word.

    Parameters
    ----------
    value : unrounded, in the unit of the style (money in currency units, rates as fractions); None prints `—`
    style : one of `core.blocks.Style`
    unit : print the unit word (亿元, %, pp)
    size_only : drop the sign

    Examples
    --------
    >>> from analysis.core.units import CURRENCIES
    >>> render(34042e6, "money_large", "zh", CURRENCIES["CNY"])
    '340.42 亿元'
    >>> render(34042e6, "money_large", "en", CURRENCIES["CNY"])
    'CNY 34,042.0 million'
    >>> render(-0.009, "growth", "zh", CURRENCIES["CNY"]), render(0.0012, "points", "en", CURRENCIES["CNY"])
    ('−0.9%', '+0.12 pp')
    """
    if value is None:
        return MISSING
    if style == "name":
        return str(value)
    how = _format(style)
    rounded = _rounded(_number(value, how.unit, style), how, style, language, currency)
    digits = f"{abs(rounded):,f}"
    sign = "" if size_only or rounded == 0 else MINUS if rounded < 0 else "+" if how.signed else ""
    text = sign + digits
    return _with_unit(text, how, language, currency) if unit else text


def unit_word(style: str, language: Language, currency: Currency, *, short: bool = False) -> str:
    """The unit a style prints in, on its own: 亿元, CNY million (short: CNY m), %, empty for counts and words."""
    if style in ("name", "words"):
        return ""
    how = _format(style)
    if how.scale == "full":
        return currency.name.zh if language == "zh" else currency.code
    word = _scale(how, language, currency)[1] if how.scale else how.word[language]
    return word.replace(" million", " m").replace(" thousand", " k") if short else word


def cell_text(cell: Any, style: str, language: Language, currency: Currency) -> str:
    """A table cell as printed, without unit: `—` not available, `*` suppressed, empty for None.

    A fact printed in another style than its column's keeps its unit, because the unit line does not cover it.
    """
    if cell is None:
        return ""
    if "text" in cell:
        return str(cell["text"][language])
    if "missing" in cell:
        return MISSING
    if cell.get("suppressed"):
        return SUPPRESSED
    if "fact" in cell:
        with_unit = bool(cell.get("unit", True)) and cell["style"] != style
        size_only = bool(cell.get("size_only", False))
        return render(cell["value"], cell["style"], language, currency, unit=with_unit, size_only=size_only)
    return str(cell["value"]) if style == "words" else render(cell["value"], style, language, currency, unit=False)


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a sentence in one weight; `fact` is the id of the number it prints, empty for words."""

    text: str
    bold: bool = False
    fact: str = ""


def sentence_runs(sentence: Mapping[str, Any] | None, language: Language, currency: Currency) -> tuple[Run, ...]:
    """A sentence (its JSON) as printed, cut at numbers and where `**` turns bold on or off.

    Chinese gets a space where a Han character meets a Latin letter, digit or sign.

    Examples
    --------
    >>> from analysis.core.units import CURRENCIES
    >>> growth = {"fact": "a", "value": 0.07, "style": "growth"}
    >>> for run in sentence_runs({"zh": ["**规模**增长", growth, "。"]}, "zh", CURRENCIES["CNY"]):
    ...     print(run)
    Run(text='规模', bold=True, fact='')
    Run(text='增长 ', bold=False, fact='')
    Run(text='+7.0%', bold=False, fact='a')
    Run(text='。', bold=False, fact='')
    """
    bold = False
    runs: list[Run] = []
    for part in (sentence or {}).get(language, ()):
        if isinstance(part, str):
            for index, text in enumerate(part.split("**")):
                bold = bold != (index > 0)
                runs.append(Run(text, bold))
        else:
            how = {"unit": part.get("unit", True), "size_only": part.get("size_only", False)}
            runs.append(Run(render(part["value"], part["style"], language, currency, **how), bold, part["fact"]))
    runs = [run for run in runs if run.text]
    return _space_runs(runs) if language == "zh" else tuple(runs)


def sentence_text(sentence: Mapping[str, Any] | None, language: Language, currency: Currency) -> str:
    """A sentence (its JSON) as plain printed text."""
    return "".join(run.text for run in sentence_runs(sentence, language, currency))


_HAN = r"[\u3400-\u9fff\uf900-\ufaff]"
_GAP = re.compile(rf"(?<={_HAN})(?=[A-Za-z0-9+{MINUS}])|(?<=[A-Za-z0-9%])(?={_HAN})")


def spaced(text: str) -> str:
    """Chinese text with one space where a Han character meets a Latin letter, digit or sign.

    Examples
    --------
    >>> spaced("同比+7.0%至2026年")
    '同比 +7.0% 至 2026 年'
    """
    return _GAP.sub(" ", text)


def _space_runs(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Runs with the spaces of `spaced`; a space between two runs goes to the one that is no number."""
    texts = [spaced(run.text) for run in runs]
    for index in range(1, len(runs)):
        if _GAP.search(runs[index - 1].text[-1] + runs[index].text[0]):
            if runs[index].fact:
                texts[index - 1] += " "
            else:
                texts[index] = " " + texts[index]
    return tuple(replace(run, text=text) for run, text in zip(runs, texts, strict=True))


def _format(style: str) -> _Format:
    if style not in _FORMATS:
        raise ReportError(f"there is no style {style!r}.", hint=f"Use one of {', '.join(_FORMATS)}, name.")
    return _FORMATS[style]


def _number(value: Value, unit: Unit, style: str) -> Decimal:
    if isinstance(value, str) or value is None:
        raise ReportError(f"{value!r} cannot be printed as {style}.", hint="Words take the style name.")
    if isinstance(value, int):
        return Decimal(value)
    if not math.isfinite(value):
        raise ReportError(f"{value} cannot be printed as {style}.", hint="Use Missing with a reason.")
    return Decimal(str(canonical(value, unit)))


def _rounded(number: Decimal, how: _Format, style: str, language: Language, currency: Currency) -> Decimal:
    divisor, _ = _scale(how, language, currency)
    scaled = number * how.times / Decimal(int(divisor))
    if style in ("money_small", "money_small_change"):
        two = _round(scaled, 2)
        return two if abs(two) < 10 else _round(scaled, 0)
    return _round(scaled, 1 if how.scale == "large" and language == "en" else how.decimals)


def _round(number: Decimal, decimals: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _scale(how: _Format, language: Language, currency: Currency) -> tuple[float, str]:
    match how.scale:
        case "large":
            return currency.large_zh if language == "zh" else currency.large_en
        case "small":
            return currency.small_zh if language == "zh" else currency.small_en
        case _:
            return 1.0, ""


def _with_unit(text: str, how: _Format, language: Language, currency: Currency) -> str:
    if how.scale == "full":
        return f"{text} {currency.name.zh}" if language == "zh" else f"{currency.code} {text}"
    if how.scale:
        word = _scale(how, language, currency)[1]
        code, _, size = word.partition(" ")
        return f"{text} {word}" if language == "zh" else f"{code} {text} {size}"
    word = how.word[language]
    if word == "days" and text == "1":
        word = "day"
    return text + word if word in ("", "%") else f"{text} {word}"
