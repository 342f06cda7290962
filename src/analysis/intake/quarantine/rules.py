"""Rules that one row breaks by itself, in the order in which a row is set aside for them."""

import sys
from collections.abc import Iterator, Sequence
from datetime import date

from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.quarantine.nouns import RowRule
from analysis.intake.schemas import Column, Dtype
from analysis.intake.validate import quote

_TYPES: dict[Dtype, Text] = {
    "text": Text("无法读取", "cannot be read"),
    "int": Text("不是整数", "is not a whole number"),
    "float": Text("不是数字", "is not a number"),
    "money": Text("不是金额", "is not an amount"),
    "bool": Text("不是是或否", "is not yes or no"),
    "date": Text("不是日期", "is not a date"),
    "quarter": Text("不是季度", "is not a quarter"),
}
_LARGEST = sys.float_info.max
"""Beyond it are only the infinities, and DuckDB puts what is not a number above everything."""

_REQUIRED = Text("必填而为空", "is required and empty")
_UNKNOWN = Text("代码未知", "is a code that is not known")
_LATER = Text("晚于所报季度末", "is later than the quarter's end")


def row_rules(columns: Sequence[Column], as_of: date | None, *, dated: str = "") -> tuple[RowRule, ...]:
    """Every rule a row can break by itself in these columns, in order: type, required, code, range, date.

    Parameters
    ----------
    dated : column of the day a record came about
    """
    return (
        *(_type(column) for column in columns),
        *(_required(column) for column in columns if column.required),
        *(_unknown(column) for column in columns if column.dtype == "text"),
        *(rule for column in columns for rule in _range(column)),
        *(_later(columns, as_of, dated) if as_of else ()),
    )


def _type(column: Column) -> RowRule:
    broken = f"list_contains(_unreadable, '{column.name}')"
    return RowRule("type", column.name, _TYPES[column.dtype], "validity", broken)


def _required(column: Column) -> RowRule:
    broken = f"{quote(column.name)} IS NULL AND NOT coalesce(list_contains(_unreadable, '{column.name}'), false)"
    return RowRule("required", column.name, _REQUIRED, "completeness", broken)


def _unknown(column: Column) -> RowRule:
    broken = f"list_contains(_unknown, '{column.name}')"
    return RowRule("unknown_code", column.name, _UNKNOWN, "validity", broken)


def _range(column: Column) -> Iterator[RowRule]:
    low, high = column.low, column.high
    if column.dtype == "float":
        low, high = (-_LARGEST if low is None else low), (_LARGEST if high is None else high)
    value = quote(column.name)
    bounds = [f"{value} < {low!r}"] if low is not None else []
    bounds += [f"{value} > {high!r}"] if high is not None else []
    if bounds:
        yield RowRule("range", column.name, _range_label(column), "validity", " OR ".join(bounds))


def _range_label(column: Column) -> Text:
    low, high = column.low, column.high
    if low is not None and high is not None:
        return Text(f"不在 {low:g} 至 {high:g} 之间", f"is not between {low:g} and {high:g}")
    if low is not None:
        return Text(f"小于 {low:g}", f"is below {low:g}")
    if high is not None:
        return Text(f"大于 {high:g}", f"is above {high:g}")
    return Text("不是有限的数", "is not a finite number")


def _later(columns: Sequence[Column], as_of: date, dated: str) -> Iterator[RowRule]:
    day = f"DATE '{as_of.isoformat()}'"
    limits = {"month": day, "start": day, "quarter": f"'{Quarter.of(as_of).label}'", "year": str(as_of.year)}
    if dated:
        limits[dated] = day
    for column in columns:
        if column.name in limits:
            broken = f"{quote(column.name)} > {limits[column.name]}"
            yield RowRule("later_than_quarter", column.name, _LATER, "timeliness", broken)
