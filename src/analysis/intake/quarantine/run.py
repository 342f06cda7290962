"""Typed rows of one table → rows kept and rows set aside, nothing lost."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from analysis.intake.quarantine.account import account, given
from analysis.intake.quarantine.marks import mark_all
from analysis.intake.quarantine.nouns import Part, Split
from analysis.intake.quarantine.outcome import checks_of, write_aside, write_clean, write_left
from analysis.intake.quarantine.stage import stage as stage_parts
from analysis.intake.schemas import TableSchema


def split(
    connection: Any,
    schema: TableSchema,
    parts: Sequence[Part],
    *,
    references: Mapping[str, str],
    as_of: date | None,
    left: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Split:
    """Every row of the parts, kept or set aside once, by the first rule it breaks. The parts' relations are used up.

    Parameters
    ----------
    connection : a DuckDB connection
    references : table → relation of its rows kept, for columns that must point to one
    as_of : no row may speak about a later day
    left : table → relations of the values its rows set aside had: what points to one of those follows from it

    Raises
    ------
    AnalysisError : rows or money do not add up, which is a fault of the program

    Notes
    -----
    Order of the rules: lines that are no record · type · required · unknown code · range · later than the quarter ·
    the same row · the same key · rules of the table · orphans, those of rows set aside first.
    """
    stage = stage_parts(connection, schema, parts)
    marks = mark_all(stage, references=references, as_of=as_of, left=left)
    before = given(stage)
    aside, set_aside = write_aside(stage, marks)
    checks = tuple(checks_of(stage, marks, aside, set_aside))
    clean = write_clean(stage, marks)
    counts = account(stage, before, clean=clean, aside=aside, set_aside=set_aside)
    targets = write_left(stage, aside)
    stage.tidy(keep=(clean, set_aside, targets))
    return Split(clean, set_aside, checks, counts, targets)
