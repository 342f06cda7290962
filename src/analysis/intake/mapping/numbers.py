"""SQL that reads a number as people write it: 1,234.56, ¥1234, (1,234), 12.5万元, 3.85%, 1.2E+05. No locale is guessed.

Every form is rewritten to digits with an exponent, and units move the exponent: the reading is exact, never by way of
a binary fraction, and amounts are rounded half away from zero to the fen.
"""

from decimal import Decimal

UNIT_EXPONENTS = {
    "元": 0,
    "千元": 3,
    "千": 3,
    "万元": 4,
    "万": 4,
    "百万元": 6,
    "百万": 6,
    "千万元": 7,
    "千万": 7,
    "亿元": 8,
    "亿": 8,
    "%": -2,
    "‰": -3,
}
"""Units after a number in a cell, or in brackets in a header: powers of ten."""

MAX_SHIFT = 12
"""Units from 10^-12 to 10^12 are taken: a trillion is the largest a bank writes."""

_WIDE = "０１２３４５６７８９．，－＋（）％￥＄Ｅｅ−–﹣\u00a0\u2009\u202f\u3000\t"
_PLAIN = "0123456789.,-+()%¥$Ee---     "

_DIGITS = r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+)"
_STEPS = (
    (r"^\( *([^()]*?) *\)$", r"-\1"),  # (1,234) is negative
    (r"^(.*[^ -]) *-$", r"-\1"),  # 1,234- is negative
    (r"^([+-]?) *[¥$] *([+-]?) *", r"\1\2"),
    (r"^\+", ""),
    (r"[Ee]\+?(-?[0-9]{1,3})$", r"e\1"),
)
_CANONICAL = rf"-?(?:{_DIGITS}(?:\.[0-9]*)?|\.[0-9]+)(?:[eu]-?[0-9]{{1,3}})?"


def plain(text: str) -> str:
    """SQL: full-width digits and signs as ASCII, every kind of space as one."""
    return f"translate({text}, '{_WIDE}', '{_PLAIN}')"


def number_text(text: str, shift: int) -> str:
    """SQL: a cell as digits with an exponent that TRY_CAST reads, times ten to the power of `shift`; NULL if no number.

    A unit in the cell is taken instead of `shift`. The two usual forms are tried first: most cells need no more.
    """
    suffix = f" || 'e{shift}'" if shift else ""
    return (
        f"CASE WHEN regexp_full_match({text}, '-?[0-9]+(?:\\.[0-9]+)?') THEN {text}{suffix}"
        f" WHEN regexp_full_match({text}, '-?[0-9]{{1,3}}(?:,[0-9]{{3}})+(?:\\.[0-9]+)?')"
        f" THEN replace({text}, ',', ''){suffix}"
        f" ELSE {_any_form(text, shift)} END"
    )


def _any_form(text: str, shift: int) -> str:
    """SQL for every other form. `u` stands for an exponent that came from a unit."""
    found = plain(text)
    for pattern, replacement in _STEPS:
        found = f"regexp_replace({found}, '{pattern}', '{replacement}')"
    for unit in sorted(UNIT_EXPONENTS, key=len, reverse=True):
        found = f"regexp_replace({found}, ' *{unit}$', 'u{UNIT_EXPONENTS[unit]}')"
    digits = f"regexp_replace(regexp_extract({found}, '^{_CANONICAL}$'), '[, ]', '', 'g')"
    exact = f"nullif(regexp_replace({digits}, '\\.(e|u|$)', '\\1'), '')"
    if not shift:
        return f"replace({exact}, 'u', 'e')"
    own = f"TRY_CAST(regexp_extract({exact}, 'e(-?[0-9]+)$', 1) AS INTEGER)"
    return (
        f"CASE WHEN contains({exact}, 'u') THEN replace({exact}, 'u', 'e')"
        f" ELSE regexp_replace({exact}, 'e.*$', '') || 'e' || (coalesce({own}, 0) + {shift}) END"
    )


def shift_of(multiply: Decimal) -> int | None:
    """The power of ten that a multiple is, whatever its sign, or None.

    Examples
    --------
    >>> shift_of(Decimal(10000)), shift_of(Decimal("-0.01")), shift_of(Decimal("7.1"))
    (4, -2, None)
    """
    _, digits, exponent = multiply.normalize().as_tuple()
    return int(exponent) if digits == (1,) else None


def money(text: str, multiply: Decimal) -> str:
    """SQL: an amount in currency units, to the fen."""
    return _scaled(text, multiply, "DECIMAL(28,10)", "DECIMAL(18,2)")


def real(text: str, multiply: Decimal) -> str:
    """SQL: a number."""
    return _scaled(text, multiply, "DOUBLE", "DOUBLE")


def whole(text: str, multiply: Decimal) -> str:
    """SQL: a whole number; NULL where the cell has a fraction."""
    value = _scaled(text, multiply, "DECIMAL(28,10)", "DECIMAL(28,6)")
    number = f"CASE WHEN {value} = trunc({value}) THEN TRY_CAST({value} AS BIGINT) END"
    if multiply != 1:
        return number
    return f"CASE WHEN regexp_full_match({text}, '-?[0-9]{{1,18}}') THEN TRY_CAST({text} AS BIGINT) ELSE {number} END"


def _scaled(text: str, multiply: Decimal, through: str, sql_type: str) -> str:
    shift = shift_of(multiply)
    if shift is not None:
        sign = "-" if multiply < 0 else ""
        return f"{sign}TRY_CAST({number_text(text, shift)} AS {sql_type})"
    return f"TRY_CAST(TRY_CAST({number_text(text, 0)} AS {through}) * {multiply:f} AS {sql_type})"
