"""Size class of an enterprise (大中小微) by the rule of the National Bureau of Statistics, 国统字〔2017〕213号.

Large, medium and small firms must reach the lower limits of ALL indicators of their industry group, otherwise they fall
to the next lower class; what reaches not even the small limits is micro. Clients outside the rule (public bodies,
schools, hospitals, finance, railways, and whatever is not an enterprise) get the class "I".
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.core.errors import DataError

OUTSIDE = "I"
CLASSES = ("X", "S", "M", "L")
"""Micro, small, medium, large: the position is the level."""
ENTITIES_IN_RULE = ("enterprise", "sole_proprietor")
_FIELDS = {"X": "staff", "Y": "revenue", "Z": "assets"}
_SCALES = {"人": 1.0, "万元": 10_000.0}


@dataclass(frozen=True, slots=True)
class SizeGroup:
    """One industry group of the rule.

    Parameters
    ----------
    codes : GB/T 4754-2017 codes the group holds; a longer code wins over a shorter one
    excluded : codes inside `codes` that belong elsewhere
    limits : per indicator (staff in persons, revenue and assets in yuan) the lower limits of small, medium, large
    """

    name: str
    codes: tuple[str, ...]
    excluded: tuple[str, ...]
    limits: dict[str, tuple[float, float, float]]


@dataclass(frozen=True, slots=True)
class SizeRule:
    """The whole rule, group by group."""

    groups: tuple[SizeGroup, ...]

    def group_of(self, code: str) -> SizeGroup | None:
        """The group of an industry code of two to four digits, or none when the rule leaves it out.

        With two digits the choice inside a division cannot be known: 70 counts as development (701) and 59 as storage.
        """
        code = "701" if code == "70" else code
        for length in range(len(code), 1, -1):
            for group in self.groups:
                if code[:length] in group.codes and not any(code.startswith(other) for other in group.excluded):
                    return group
        return None


def read_size_rule(path: Path) -> SizeRule:
    """The rule as given in `nbs_enterprise_size_2017.csv`, money limits turned from 万元 into yuan."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or "gbt4754_divisions" not in rows[0]:
        raise DataError(
            f"{path.name} is not a size rule.", hint="It needs the columns of nbs_enterprise_size_2017.csv."
        )
    groups: dict[str, SizeGroup] = {}
    for row in rows:
        codes, excluded = _codes(row["gbt4754_divisions"])
        group = groups.setdefault(row["industry_group"], SizeGroup(row["industry_group"], codes, excluded, {}))
        scale = _SCALES[row["unit"]]
        group.limits[_FIELDS[row["symbol"]]] = (
            float(row["small_min"]) * scale,
            float(row["medium_min"]) * scale,
            float(row["large_min"]) * scale,
        )
    return SizeRule(tuple(groups.values()))


def size_class(
    divisions: Sequence[str] | pd.Series,
    staff: Sequence[float] | pd.Series,
    revenue: Sequence[float] | pd.Series,
    assets: Sequence[float] | pd.Series,
    rule: SizeRule,
    *,
    entity_type: Sequence[str] | pd.Series | None = None,
) -> tuple[pd.Series, pd.Series]:
    """Size class (L, M, S, X, I or missing) and the reason where it is missing, one per client.

    Parameters
    ----------
    divisions : industry codes of GB/T 4754-2017, two to four digits
    staff : persons
    revenue, assets : yuan a year, yuan
    entity_type : kind of organisation; what is neither enterprise nor sole proprietor is outside the rule

    Returns
    -------
    class and reason ("" or "missing staff", "missing industry" …), indexed like `divisions` if that is a Series
    """
    index = divisions.index if isinstance(divisions, pd.Series) else pd.RangeIndex(len(divisions))
    codes = pd.Series(np.asarray(divisions, dtype=object), index=index).astype("string")
    values = {
        name: np.asarray(pd.to_numeric(pd.Series(np.asarray(column, dtype=object)), errors="coerce"), dtype=float)
        for name, column in (("staff", staff), ("revenue", revenue), ("assets", assets))
    }
    classes = np.full(len(codes), OUTSIDE, dtype=object)
    reasons = np.full(len(codes), "", dtype=object)
    for code in codes.dropna().unique():
        group = rule.group_of(str(code))
        if group is not None:
            rows = np.flatnonzero((codes == code).fillna(False).to_numpy(dtype=bool))
            classes[rows], reasons[rows] = _classify(group, {name: column[rows] for name, column in values.items()})
    unknown = codes.isna().to_numpy(dtype=bool)
    classes[unknown], reasons[unknown] = None, "missing industry"
    if entity_type is not None:
        outside = ~pd.Series(np.asarray(entity_type, dtype=object)).isin([*ENTITIES_IN_RULE, None]).to_numpy(dtype=bool)
        classes[outside], reasons[outside] = OUTSIDE, ""
    return pd.Series(classes, index=index, dtype="string"), pd.Series(reasons, index=index, dtype="string")


def _classify(group: SizeGroup, values: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Class and reason of clients of one group: the lowest level that any indicator reaches."""
    n_clients = len(next(iter(values.values())))
    level = np.full(n_clients, len(CLASSES) - 1)
    reasons = np.full(n_clients, "", dtype=object)
    for name, limits in group.limits.items():
        missing = np.isnan(values[name])
        level = np.minimum(level, np.searchsorted(np.asarray(limits), np.nan_to_num(values[name]), side="right"))
        reasons[missing & (reasons == "")] = f"missing {name}"
    classes = np.array(CLASSES, dtype=object)[level]
    classes[reasons != ""] = None
    return classes, reasons


def _codes(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The codes and the excepted codes in a cell such as "54-58 and 591 (excludes 53 railway)" or "59 except 591"."""
    kept, _, excepted = re.sub(r"\(.*?\)", "", text).partition("except")
    return _expand(kept), _expand(excepted)


def _expand(text: str) -> tuple[str, ...]:
    codes: list[str] = []
    for first, last in re.findall(r"(\d{2,4})(?:-(\d{2}))?", text):
        codes += [first] if not last else [f"{number:02d}" for number in range(int(first), int(last) + 1)]
    return tuple(codes)
