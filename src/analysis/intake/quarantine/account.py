"""Rows in = kept + set aside, for rows and for every money column; anything else is a fault of the program."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from analysis.core.errors import AnalysisError
from analysis.intake.checks import TableCount
from analysis.intake.quarantine.stage import Stage
from analysis.intake.validate import quote

Sums = dict[str, tuple[int, tuple[Decimal, ...]]]
"""Quarter → rows and the sum of each money column."""

_HINT = "This is a fault of the program and not of the files; nothing was written."


def first_parts(stage: Stage) -> tuple[int, ...]:
    """Parts whose rejected lines count: the first of each file, since a file may be mapped more than once."""
    files = [part.raw.file for part in stage.parts]
    return tuple(number for number, file in enumerate(files) if files.index(file) == number)


def n_rejected(stage: Stage) -> int:
    """Lines of all files that could not be split into cells."""
    return sum(stage.parts[number].raw.n_rejected for number in first_parts(stage))


def n_read(stage: Stage) -> int:
    """Records of all files, as the reader counted them; of a file mapped in part, the rows the mapping took."""
    total = n_rejected(stage)
    for part in stage.parts:
        n_mapped = int(stage.connection.execute(f"SELECT count(*) FROM {part.relation}").fetchone()[0])
        n_cells = part.raw.n_lines - part.raw.n_rejected
        takes_all = part.mapping is not None and part.mapping.takes_all
        if n_mapped > n_cells or (takes_all and n_mapped < n_cells):
            raise AnalysisError(
                f"{part.raw.file} has {n_cells:,} rows, but {n_mapped:,} were mapped to {stage.schema.name}.",
                hint=_HINT,
            )
        total += n_mapped
    return total


def sums(stage: Stage, relation: str) -> Sums:
    """Rows and money of a relation by quarter."""
    period = quote(stage.period) if stage.period else "NULL"
    money = "".join(f", coalesce(sum({quote(name)}), 0)" for name in stage.money)
    found: Sums = {}
    rows = stage.connection.execute(f"SELECT {period} AS p, count(*){money} FROM {relation} GROUP BY p").fetchall()
    for value, n_rows, *amounts in rows:
        quarter = _label(value)
        before_rows, before = found.get(quarter, (0, (Decimal(0),) * len(amounts)))
        found[quarter] = (before_rows + n_rows, tuple(a + b for a, b in zip(before, amounts, strict=True)))
    return found


def _label(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return f"{value.year}Q{(value.month + 2) // 3}"
    return f"{value}Q4" if isinstance(value, int) else str(value)


@dataclass(frozen=True, slots=True)
class Given:
    """What there was before anything was set aside."""

    n_rows: int
    sums: Sums


def given(stage: Stage) -> Given:
    """Records as the reader counted them, and the sums of the mapped rows."""
    return Given(n_read(stage), sums(stage, stage.view))


def account(stage: Stage, before: Given, *, clean: str, aside: str, set_aside: str) -> tuple[TableCount, ...]:
    """What was read, kept and set aside by quarter.

    Raises
    ------
    AnalysisError : the sums do not tie
    """
    kept, left = sums(stage, clean), sums(stage, aside) if aside else {}
    n_clean = sum(n_rows for n_rows, _ in kept.values())
    n_aside = int(stage.connection.execute(f"SELECT count(*) FROM {set_aside}").fetchone()[0])
    if before.n_rows != n_clean + n_aside:
        raise AnalysisError(
            f"The rows of {stage.schema.name} do not add up:"
            f" {before.n_rows:,} read, {n_clean:,} kept, {n_aside:,} set aside.",
            hint=_HINT,
        )
    for at, name in enumerate(stage.money):
        read, clean_sum, aside_sum = (_total(part, at) for part in (before.sums, kept, left))
        if read != clean_sum + aside_sum:
            raise AnalysisError(
                f"The sum of {stage.schema.name}.{name} does not add up:"
                f" {read:,} read, {clean_sum:,} kept, {aside_sum:,} set aside.",
                hint=_HINT,
            )
    return tuple(_counts(stage, before.sums, kept, left))


def _total(part: Sums, at: int) -> Decimal:
    return sum((money[at] for _, money in part.values()), Decimal(0))


def _counts(stage: Stage, read: Sums, kept: Sums, left: Sums) -> Iterator[TableCount]:
    none: tuple[int, tuple[Decimal, ...]] = (0, ())
    rejected = n_rejected(stage)
    for quarter in sorted({*read, *([""] if rejected else [])}):
        n_lost = 0 if quarter else rejected
        rows = [part.get(quarter, none) for part in (read, kept, left)]
        n_given, n_kept, n_left = rows[0][0] + n_lost, rows[1][0], rows[2][0] + n_lost
        money = [sum(amounts, Decimal(0)) for _, amounts in rows]
        yield TableCount(stage.schema.name, quarter, n_given, n_kept, n_left, *money)
