"""A fact: a named number that a report prints. Every numeral in prose is one."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from analysis.core.text import Text
from analysis.core.units import Unit

Value = float | int | str | None


def canonical(value: Value, unit: Unit) -> Value:
    """The value as it is stored: money to the fen, other numbers to 12 significant digits.

    Examples
    --------
    >>> canonical(1234.5678, "money"), canonical(2 / 3, "ratio")
    (1234.57, 0.666666666667)
    """
    if value is None or isinstance(value, str):
        return value
    if unit == "count" and float(value).is_integer():
        return int(value)
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"a fact cannot be {number}; use Unavailable with a reason")
    rounded = float(round(Decimal(repr(number)), 2)) if unit == "money" else float(f"{number:.12g}")
    return rounded + 0.0  # no negative zero


@dataclass(frozen=True, slots=True)
class Fact:
    """A named number.

    Parameters
    ----------
    id : `<chapter>.<block>.<item>`, unique in a report, the same in both languages
    value : unrounded, in `unit`; None when it is not available (then `reason` says why)
    metric : code in the KPI registry, empty for other numbers
    quarter : the quarter it speaks of, empty for the report's own
    """

    id: str
    value: Value
    unit: Unit
    chapter: str
    label: Text
    metric: str = ""
    quarter: str = ""
    reason: Text | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", canonical(self.value, self.unit))
        if self.value is None and self.reason is None:
            raise ValueError(f"fact {self.id} has neither a value nor a reason")

    def as_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {
            "id": self.id,
            "value": self.value,
            "unit": self.unit,
            "chapter": self.chapter,
            "metric": self.metric,
            "label": self.label.as_json(),
            "quarter": self.quarter,
        }
        return out | ({"reason": self.reason.as_json()} if self.reason else {})

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Fact":
        reason = row.get("reason")
        return cls(
            id=row["id"],
            value=row["value"],
            unit=row["unit"],
            chapter=row["chapter"],
            metric=row["metric"],
            quarter=row["quarter"],
            label=Text.of(row["label"]),
            reason=Text.of(reason) if reason else None,
        )


def by_id(facts: Iterable[Fact]) -> dict[str, Fact]:
    """Facts keyed by id; the same id twice must be the same fact."""
    out: dict[str, Fact] = {}
    for fact in facts:
        if out.setdefault(fact.id, fact) != fact:
            one, two = out[fact.id], fact
            raise ValueError(
                f"two facts share the id {fact.id}: {one.value} ({one.label.en}), {two.value} ({two.label.en})"
            )
    return out
