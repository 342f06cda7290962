"""Units of numbers and the currency of a portfolio. Nothing is scaled here; that is done once, at print."""

from dataclasses import dataclass
from typing import Literal

from analysis.core.text import Text

Unit = Literal["money", "ratio", "points", "count", "per_client", "days", "months", "years", "index", "name"]
"""money: currency units (yuan, with fen) · ratio: a fraction, printed in % · points: a difference of fractions,
printed in 个百分点 or BP · count: whole things · per_client: things a client · index: without unit · name: a word"""


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency and the scales in which it is printed.

    Parameters
    ----------
    code : ISO 4217
    large, small : (divisor, name) for bank-level and client-level amounts, by language
    """

    code: str
    name: Text
    large_zh: tuple[float, str]
    small_zh: tuple[float, str]
    large_en: tuple[float, str]
    small_en: tuple[float, str]


def _currency(code: str, zh: str, en: str) -> Currency:
    """A currency printed in 亿 and 万 in Chinese, in millions and thousands in English."""
    return Currency(
        code, Text(zh, en), (1e8, f"亿{zh}"), (1e4, f"万{zh}"), (1e6, f"{code} million"), (1e3, f"{code} thousand")
    )


CURRENCIES = {
    "CNY": Currency(
        "CNY", Text("元", "yuan"), (1e8, "亿元"), (1e4, "万元"), (1e6, "CNY million"), (1e3, "CNY thousand")
    ),
    "USD": _currency("USD", "美元", "USD"),
    "EUR": _currency("EUR", "欧元", "euros"),
    "GBP": _currency("GBP", "英镑", "pounds"),
    "AUD": _currency("AUD", "澳元", "Australian dollars"),
    "CZK": _currency("CZK", "克朗", "Czech koruna"),
}
