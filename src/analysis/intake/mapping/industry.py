"""Industry codes of GB/T 4754-2017 in one column: the section and the division that are read from it."""

import re
from collections.abc import Sequence

from analysis.intake.mapping.nouns import ColumnMapping
from analysis.intake.reference import load_reference

NAMES = ("industry", "industry_division")
_LETTERED = re.compile(r"[A-T]\d{2,4}")
_DIGITS = re.compile(r"\d{2,4}")


def industry_columns(source: str, values: Sequence[str]) -> tuple[ColumnMapping, ...]:
    """Section and division out of one column of codes, or nothing where the values are no such codes.

    Parameters
    ----------
    source : header of the column
    values : its different values; each must be a code of a known division, such as C3511, 3511, C35 or 35

    Notes
    -----
    The letter before the digits is the section, the first two digits the division. Without a letter the section is
    that of the division in the standard.
    """
    sections = {row["division"]: row["section"] for row in load_reference("gbt4754_2017_divisions.csv")}
    if not values:
        return ()
    if all(_LETTERED.fullmatch(value) and sections.get(value[1:3]) == value[0] for value in values):
        return (ColumnMapping(NAMES[0], source, part=(1, 1)), ColumnMapping(NAMES[1], source, part=(2, 3)))
    if all(_DIGITS.fullmatch(value) and value[:2] in sections for value in values):
        by_division = ColumnMapping(NAMES[0], source, part=(1, 2), codes=sections)
        return (by_division, ColumnMapping(NAMES[1], source, part=(1, 2)))
    return ()
