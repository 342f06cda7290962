"""Size class of one enterprise by the statistical rule of 2017, for a look-up by hand; tables are sized by intake."""

import math
import re
from functools import cache
from numbers import Integral

from analysis.core.errors import ParameterError
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.intake.reference import load_reference, reference_file
from analysis.intake.size_rule import OUTSIDE, SizeRule, read_size_rule, size_class

_CODE = re.compile(r"([A-T])?([0-9]{2,4})?")
_MISSING = {
    "missing staff": Unavailable(Text("缺少从业人员数", "the number of staff is missing")),
    "missing revenue": Unavailable(Text("缺少年营业收入", "the yearly revenue is missing")),
    "missing assets": Unavailable(Text("缺少资产总额", "the total assets are missing")),
}
NO_INDUSTRY = Unavailable(Text("缺少行业代码", "the industry code is missing"))
UNKNOWN_CODE = Unavailable(Text("行业代码不在国标分类中", "the industry code is not in GB/T 4754-2017"))
SEVERAL_GROUPS = Unavailable(
    Text(
        "该代码含几个划型行业，须给出更细的代码",
        "the code holds several industry groups of the rule: give a longer one",
    )
)


def classify_size(
    industry_code: str | int | None, staff: float | None, revenue: float | None, assets: float | None
) -> str | Unavailable:
    """Size class of an enterprise: L, M, S or X (large, medium, small, micro), I outside the rule; or why unknown.

    Parameters
    ----------
    industry_code : GB/T 4754-2017, a division to class of two to four digits, with or without its section letter
        ("34", "C3411"), or the letter alone where all of the section lies in one industry group ("C"); a whole number
        is read as its digits (34)
    staff : persons; NaN counts as missing here and below
    revenue : yuan a year (not 万元)
    assets : yuan (not 万元)

    Notes
    -----
    An indicator that the rule of the industry does not use may be None; one that it uses and that is missing leaves the
    class unknown. A limit belongs to the upper class. A section or division that holds several groups of the rule ("K",
    "70", "59") has no class: 701 develops real estate, 702 manages it, 704 is outside the rule.

    References
    ----------
    统计上大中小微型企业划分办法（2017）, 国统字〔2017〕213号.

    Examples
    --------
    >>> classify_size("34", 1000, 400_000_000, None), classify_size("34", 1000, 399_990_000, None)
    ('L', 'M')
    """
    for name, value in (("staff", staff), ("revenue", revenue), ("assets", assets)):
        if value is not None and math.isinf(value):
            raise ParameterError(f"{name} is {value}, which is no number.", hint="Give None where it is unknown.")
        if value is not None and value < 0:
            raise ParameterError(f"{name} is {value}, which is less than nothing.", hint="Give persons and yuan.")
    division = _division(industry_code)
    if isinstance(division, Unavailable):
        return division
    given = [[float("nan") if value is None else value] for value in (staff, revenue, assets)]
    classes, reasons = size_class([division], given[0], given[1], given[2], _rule())
    return _MISSING[str(reasons.iloc[0])] if reasons.iloc[0] else str(classes.iloc[0])


@cache
def _rule() -> SizeRule:
    return read_size_rule(reference_file("nbs_enterprise_size_2017.csv"))


def _division(code: str | int | None) -> str | Unavailable:
    """The digits by which the rule finds the group; for a lone section letter those of any of its divisions."""
    if code is not None and not isinstance(code, str | Integral):
        raise ParameterError(f"The industry code {code!r} is no word.", hint='Write it as "34" or "C34".')
    word = "" if code is None else str(code).strip()
    if not word:
        return NO_INDUSTRY
    parts = _CODE.fullmatch(word.upper())
    divisions = {row["division"]: row["section"] for row in load_reference("gbt4754_2017_divisions.csv")}
    if parts is None:
        return UNKNOWN_CODE
    section, digits = parts.groups()
    if digits:
        is_known = digits[:2] in divisions and section in (None, divisions[digits[:2]])
        if not is_known:
            return UNKNOWN_CODE
        return digits if len(_groups_in(digits)) == 1 else SEVERAL_GROUPS
    inside = [division for division, own in divisions.items() if own == section]
    groups = set().union(*(_groups_in(division) for division in inside))
    return inside[0] if len(groups) == 1 else SEVERAL_GROUPS


def _groups_in(code: str) -> set[str]:
    """Names of the rule's groups that a code holds: one, unless the rule itself names longer codes inside it."""
    named = {one for group in _rule().groups for one in (*group.codes, *group.excluded)}
    longer = {one for one in named if one.startswith(code) and len(one) > len(code)}
    rest = next(code + digit for digit in "9876543210" if code + digit not in longer) if longer else code
    return {getattr(_rule().group_of(one), "name", OUTSIDE) for one in (*longer, rest)}
