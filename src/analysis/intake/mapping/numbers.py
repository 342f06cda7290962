"""SQL that reads a number as people write it: 1,234.56, ¥1234, (1,234), 12.5万元, 3.85%, 1.2E+05. No locale is guessed.

Every form is rewritten to digits with an exponent, and units move the exponent: the reading is exact, never by way of
a binary fraction, and amounts are rounded half away from zero to the fen.
"""

from collections.abc import Iterable
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

_OF_MONEY = tuple(unit for unit, exponent in UNIT_EXPONENTS.items() if exponent >= 0)

MAX_SHIFT = 12
"""Units from 10^-12 to 10^12 are taken: a trillion is the largest a bank writes."""

_WIDE = "０１２３４５６７８９．，－＋（）％￥＄Ｅｅ−–﹣\u00a0\u2009\u202f\u3000\ufeff\t\r\n"
_PLAIN = "0123456789.,-+()%¥$Ee---        "

_DIGITS = r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+)"
_PARTS = ("open", "before", "after", "digits", "exponent", "unit", "minus", "close")
_FORM = (
    r"^([(])? *([+-])? *[¥$]? *([+-])? *"
    rf"({_DIGITS}(?:\.[0-9]*)?|\.[0-9]+)(?:[Ee]([+-]?[0-9]{{1,3}}))? *(UNITS)? *(-)? *([)])?$"
)
"""(1,234), ¥ -1,234, 1,234-, 1.2E+05, 12.5万元: one sign at most, and a unit or an exponent."""


def plain(text: str) -> str:
    """SQL: full-width digits and signs as ASCII, every kind of space as one, none at either end."""
    is_wide = f"regexp_matches({text}, '[{_WIDE}]')"
    return f"trim(CASE WHEN {is_wide} THEN translate({text}, '{_WIDE}', '{_PLAIN}') ELSE {text} END)"


def number_text(text: str, shift: int) -> str:
    """SQL: a cell as digits with an exponent that TRY_CAST reads, times ten to the power of `shift`; NULL if no number.

    A unit in the cell is taken instead of `shift`. The two usual forms are tried first: most cells need no more.
    """
    quick = " ".join(f"WHEN {condition} THEN {number}" for condition, number in _usual_forms(text, shift))
    return f"CASE {quick} ELSE {_any_form(text, shift)} END"


def _usual_forms(text: str, shift: int) -> tuple[tuple[str, str], ...]:
    """SQL: condition and number of the usual forms: 1234.56, nothing, and 1,234.56."""
    suffix = f" || 'e{shift}'" if shift else ""
    return (
        (f"regexp_full_match({text}, '-?[0-9]+(?:\\.[0-9]+)?')", f"{text}{suffix}"),
        (f"nullif({text}, '') IS NULL", "NULL"),
        (
            f"regexp_full_match({text}, '-?[0-9]{{1,3}}(?:,[0-9]{{3}})+(?:\\.[0-9]+)?')",
            f"replace({text}, ',', ''){suffix}",
        ),
    )


def _any_form(text: str, shift: int, units: Iterable[str] = UNIT_EXPONENTS) -> str:
    """SQL for every other form: taken apart once, then put together."""
    form = _FORM.replace("UNITS", "|".join(sorted(units, key=len, reverse=True)))
    names = ", ".join(repr(part) for part in _PARTS)
    parts = f"regexp_extract({plain(text)}, '{form}', [{names}])"
    n_signs = "len(m.open || m.before || m.after || m.minus)"
    is_one = f"m.digits <> '' AND {n_signs} < 2 AND (m.open = '') = (m.close = '') AND (m.exponent = '' OR m.unit = '')"
    is_negative = "m.open || m.before || m.after || m.minus IN ('(', '-')"
    digits = "rtrim(replace(replace(m.digits, ',', ''), ' ', ''), '.')"
    of_units = " ".join(f"WHEN '{unit}' THEN 'e{UNIT_EXPONENTS[unit]}'" for unit in units)
    exponent = f"CASE m.unit {of_units} ELSE 'e' || (coalesce(TRY_CAST(m.exponent AS INTEGER), 0) + {shift}) END"
    number = f"CASE WHEN {is_negative} THEN '-' ELSE '' END || {digits} || {exponent}"
    return let("m", parts, f"CASE WHEN {is_one} THEN {number} END")


def let(name: str, value: str, body: str) -> str:
    """SQL: an expression that names a value; a list of one, since SQL has no word for it."""
    return f"list_transform([{value}], lambda {name}: {body})[1]"


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
    shift = shift_of(multiply)
    if shift is None:
        return _product(number_text(text, 0), multiply)
    if shift < 0:
        forms = tuple((condition, _product(number, abs(multiply))) for condition, number in _usual_forms(text, 0))
    else:
        forms = tuple((condition, _fen(number)) for condition, number in _usual_forms(text, shift))
    quick = " ".join(f"WHEN {condition} THEN {amount}" for condition, amount in forms)
    written = "CASE WHEN contains(n, 'e-') THEN printf('%.10f', TRY_CAST(n AS DOUBLE)) ELSE n END"
    other = let("n", _any_form(text, shift, _OF_MONEY), _fen(written))
    return f"{'-' if multiply < 0 else ''}CASE {quick} ELSE {other} END"


def _fen(number: str) -> str:
    """SQL: the amount that a number's text says. No negative exponent may be in it: DuckDB rounds those twice."""
    return f"TRY_CAST({number} AS DECIMAL(18,2))"


def _product(number: str, multiply: Decimal) -> str:
    """SQL: the exact product of a number's text and a multiple, to the fen."""
    is_short = f"regexp_full_match({number}, '{_SHORT}')"
    short, long = (f"TRY_CAST({number} AS {kind}) * {multiply:f}" for kind in ("DECIMAL(18,6)", "DECIMAL(28,10)"))
    return f"CASE WHEN {is_short} THEN {_fen(short)} ELSE {_fen(long)} END"


def product(text: str, other: str, sql_type: str) -> str:
    """SQL: the product of two cells, exact where both fit 64 bits."""
    first, second = (number_text(cell, 0) for cell in (text, other))
    is_short = " AND ".join(f"regexp_full_match({number}, '{_SHORT}')" for number in (first, second))
    short, long = (
        f"TRY_CAST(TRY_CAST({first} AS {kind}) * TRY_CAST({second} AS {kind}) AS {sql_type})"
        for kind in ("DECIMAL(18,6)", "DOUBLE")
    )
    return f"CASE WHEN {is_short} THEN {short} ELSE {long} END"


def real(text: str, multiply: Decimal) -> str:
    """SQL: a number."""
    if shift_of(multiply) is not None:
        return _shifted(text, multiply, "DOUBLE")
    return f"TRY_CAST({number_text(text, 0)} AS DOUBLE) * {multiply:f}::DOUBLE"


def whole(text: str, multiply: Decimal) -> str:
    """SQL: a whole number; NULL where the cell has a fraction."""
    value = real(text, multiply)
    number = f"CASE WHEN {value} = trunc({value}) AND abs({value}) < {_MAX_EXACT} THEN CAST({value} AS BIGINT) END"
    if multiply != 1:
        return number
    return f"CASE WHEN regexp_full_match({text}, '-?[0-9]{{1,18}}') THEN TRY_CAST({text} AS BIGINT) ELSE {number} END"


_SHORT = r"-?[0-9]{1,12}(?:\.[0-9]{1,6})?"
"""Numbers that fit 64 bits: DuckDB reads longer ones a thousand times slower."""

_MAX_EXACT = 2**53
"""Up to here every whole number is a double; no count or number of days comes near."""


def _shifted(text: str, multiply: Decimal, sql_type: str) -> str:
    sign = "-" if multiply < 0 else ""
    return f"{sign}TRY_CAST({number_text(text, shift_of(multiply) or 0)} AS {sql_type})"
