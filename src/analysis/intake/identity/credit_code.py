"""The unified social credit code (统一社会信用代码): how it is written and when its check digits are right."""

LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015, table 1: no I, O, S, V, Z. A letter's place is its number."""
_WEIGHTS = tuple(pow(3, k, 31) for k in range(17))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_FORM = f"[1-9ANY][{LETTERS}][0-9]{{6}}[{LETTERS}]{{8}}[0-9X][{LETTERS}]"
"""First the office that registers (GB 32100-2015, annex A), then kind, place, organisation code, check digit."""
_NOBODY = "00000000"
"""An organisation code that its check digit allows and nobody has: what systems fill in."""


def normal_code_sql(value: str) -> str:
    """SQL: a code without spaces and hyphens, in half-width capitals; NULL where nothing is left."""
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    bare = rf"regexp_replace({value}, '[\s\x{{3000}}-]', '', 'g')"
    return f"nullif(translate(upper({bare}), '{wide}', '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'), '')"


def is_credit_code_sql(value: str) -> str:
    """SQL: whether a normal code has the form and the check digits that the standards ask for.

    Notes
    -----
    Whole code (GB 32100-2015): (31 − Σ cᵢ·3ⁱ mod 31) mod 31. Organisation part (GB 11714-1997): 11 − Σ cᵢ·wᵢ mod 11,
    letters counted from A = 10, where 10 is written X and 11 is 0.
    """
    whole = " + ".join(f"{_place(value, k + 1)} * {weight}" for k, weight in enumerate(_WEIGHTS))
    part = " + ".join(f"{_value(value, k + 9)} * {weight}" for k, weight in enumerate(_ORGANISATION_WEIGHTS))
    right_whole = f"{_place(value, 18)} = (31 - ({whole}) % 31) % 31"
    right_part = (
        f"CASE substr({value}, 17, 1) WHEN 'X' THEN 10 ELSE {_value(value, 17)} END = (11 - ({part}) % 11) % 11"
    )
    has_form = f"regexp_full_match({value}, '{_FORM}') AND substr({value}, 9, 8) <> '{_NOBODY}'"
    return f"(CASE WHEN {has_form} THEN {right_whole} AND {right_part} ELSE false END)"


def _place(value: str, at: int) -> str:
    return f"(instr('{LETTERS}', substr({value}, {at}, 1)) - 1)"


def _value(value: str, at: int) -> str:
    return f"(instr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', substr({value}, {at}, 1)) - 1)"
