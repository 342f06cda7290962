"""Tries a folder of extracts as a report would load it, and tells what was read, kept, set aside and why."""

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from analysis.core.quarter import Quarter
from analysis.intake.checks import FOLLOWS, Check, NoClientsError, TableCount, added
from analysis.intake.load import LATEST, make_tables, quality_of
from analysis.intake.policy import load_policy
from analysis.intake.reference import default_cache
from analysis.intake.schemas import SCHEMAS
from analysis.intake.source import Prepared
from analysis.intake.sources import SOURCES
from analysis.intake.sources.folder import MAPPING, Found, look, prepared_of

if TYPE_CHECKING:
    from analysis.intake.identity.matches import ClientMatches
    from analysis.intake.quality import Flaw, Quality

DRAFT = "mapping.draft.toml"
_MAX_NAMED = 12
"""Headers named in one line; a file of thousands of columns is no help to anyone."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class FolderCheck:
    """What loading a folder came to.

    Parameters
    ----------
    counts : rows of each table over all quarters
    checks : what was wrong, by file, column and rule
    set_aside : file with every row left out, its line and the rule; none where all were kept
    quality : the verdict of the gate; none where no client is left
    matches : how each table joins to the clients
    refused : why nothing can be loaded, where no client is left
    """

    counts: tuple[TableCount, ...]
    checks: tuple[Check, ...]
    quality: "Quality | None"
    set_aside: Path | None
    matches: "ClientMatches | None" = None
    refused: NoClientsError | None = None

    def refuse(self, source: str) -> None:
        """Raise where no report can be made of the data.

        Raises
        ------
        DataError : no client is left, or the gate stops
        """
        if self.refused is not None:
            raise self.refused
        if self.quality is not None:
            self.quality.refuse_stopped(source)


def mapping_lines(found: Found, cache: Path | None = None) -> Iterator[str]:
    """How the folder's files are mapped; a guess is shown column by column and written as a draft."""
    for one in found.passed:
        yield f"not read, {one.reason.en}: {one.name}"
    if found.guess is None:
        yield f"mapping: {MAPPING}"
        return
    from analysis.intake.mapping import draft_toml

    text = draft_toml(found.guess)
    try:
        path = _written_draft(found.root, text)
    except OSError:  # a folder that may only be read
        path = _written_draft(cache if cache is not None else default_cache(), text)
    certain = "every name is known" if found.guess.is_certain else "look at it before you use it"
    yield f"mapping: guessed, {certain}; the draft is {path.name} in {path.parent.name}, to be renamed {MAPPING}"
    file = ""
    for note in found.guess.notes:
        if note.file != file:
            file = note.file
            yield f"  {file} → {note.table or 'not used'}"
            unused = [header for name, header in found.guess.unused if name == file]
            if unused and note.table:
                more = f" and {len(unused) - _MAX_NAMED} more" if len(unused) > _MAX_NAMED else ""
                yield f"    not used: {', '.join(unused[:_MAX_NAMED])}{more}"
        yield f"    {note.column or '–'} ← {note.source or '–'} ({note.how}){f': {note.text}' if note.text else ''}"


def _written_draft(folder: Path, text: str) -> Path:
    """Where the draft was written: beside an earlier one that says something else, which somebody may have edited."""
    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    path = folder / DRAFT
    while path.is_file() and path.read_text(encoding="utf-8", errors="replace") != text:
        number += 1
        path = folder / DRAFT.replace(".toml", f"-{number}.toml")
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def check_found(found: Found, *, quarter: str = LATEST, cache: Path | None = None) -> FolderCheck:
    """Load the folder's files and judge them; rows set aside are written to a file for people, also all of them.

    Raises
    ------
    DataError : a file cannot be read or lacks a column
    """
    place = cache if cache is not None else default_cache()
    asked = None if quarter == LATEST else Quarter(quarter)
    prepared = prepared_of(SOURCES["folder"], found)
    source = prepared.source or SOURCES["folder"]
    try:
        tables = make_tables(source, prepared, place)
    except NoClientsError as refused:
        aside = _set_aside_of(prepared, place, source.name)
        return FolderCheck(added(refused.counts, by_quarter=False), refused.checks, None, aside, refused=refused)
    extract = tables.extract
    quality = quality_of(extract, load_policy(overlay=prepared.overlay), asked or extract.last_quarter)
    return FolderCheck(
        added(extract.counts, by_quarter=False),
        extract.checks,
        quality,
        _write_set_aside(tables.folder, place, source.name),
        extract.matches,
    )


def check_folder(folder: str | Path, *, quarter: str = LATEST, cache: Path | None = None) -> FolderCheck:
    """Look at a folder and load it; see `check_found`.

    Raises
    ------
    DataError : a file cannot be read or lacks a column, or no client is left
    """
    asked = None if quarter == LATEST else Quarter(quarter)
    found = check_found(look(str(folder), asked), quarter=quarter, cache=cache)
    if found.refused is not None:
        raise found.refused
    return found


def _set_aside_of(prepared: Prepared, cache: Path, name: str) -> Path | None:
    """The rows left out of a delivery without clients: it is read once more, as nothing of it was kept."""
    with TemporaryDirectory() as place:
        with suppress(NoClientsError):
            prepared.write(Path(place))
        return _write_set_aside(Path(place), cache, name)


def _write_set_aside(folder: Path, cache: Path, name: str) -> Path | None:
    """Every row left out as CSV that Excel opens in Chinese; what looks like a formula is text there."""
    stored = folder / "set_aside.parquet"
    if not stored.is_file():
        return None
    import pyarrow.parquet as pq

    file = pq.ParquetFile(stored)
    if file.metadata.num_rows == 0:
        return None
    target = cache / "set_aside" / f"{name}.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(file.schema_arrow.names)
        for batch in file.iter_batches():
            writer.writerows([_harmless(cell) for cell in row.values()] for row in batch.to_pylist())
    return target


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


_HEADINGS = {
    "set_aside": "set aside (left out of every figure):",
    "changed": "changed by a stated rule:",
    "flag": "kept, but look at it:",
}


def result_lines(result: FolderCheck) -> Iterator[str]:
    """Rows of each table, then what is wrong by file, column, rule and count, worst first."""
    width = max((len(count.table) for count in result.counts), default=5)
    yield f"{'table':<{width}}  {'read':>13}  {'kept':>13}  {'set aside':>11}"
    for count in result.counts:
        yield f"{count.table:<{width}}  {count.n_read:>13,}  {count.n_kept:>13,}  {count.n_set_aside:>11,}"
    for action, heading in _HEADINGS.items():
        found = sorted(
            (check for check in result.checks if check.action == action and check.rule != FOLLOWS),
            key=lambda check: (check.table, check.file, -check.n_rows, check.column, check.rule),
        )
        if found:
            yield heading
            yield from (f"  {_line(check)}" for check in found)
        if action == "set_aside":
            yield from _following_lines(result.checks)
    flaws = _untold_flaws(result)
    if flaws:
        yield "judged by the gate for the quality of data:"
        yield from (f"  {flaw.state}: {flaw.message}" for flaw in flaws)
    if not result.checks and not flaws and result.refused is None:
        yield "nothing is wrong"
    if result.matches:
        yield from _match_lines(result.matches)


def _untold_flaws(result: FolderCheck) -> "tuple[Flaw, ...]":
    """What stops a report, and where no rule was broken also what the gate only warns of, such as a missing month."""
    flaws = result.quality.flaws if result.quality else ()
    return tuple(flaw for flaw in flaws if flaw.state == "stop" or not result.checks)


def _match_lines(matches: "ClientMatches") -> Iterator[str]:
    """The clients each table reaches, and how many of them have every kind of core data."""
    from analysis.intake.identity.matches import CORE

    yield f"joined to the {matches.n_clients:,} clients in force:"
    width = max((len(table.table) for table in matches.tables), default=0)
    for table in matches.tables:
        share = f" ({table.n_clients / matches.n_clients:.1%})" if matches.n_clients else ""
        reached = f"clients with a row {table.n_clients:,}{share}"
        yield f"  {table.table:<{width}}  {table.cardinality}  {reached}, rows unmatched {table.n_unmatched:,}"
    if matches.n_core is None:
        yield f"  core data cannot be judged without {' and '.join(CORE)}"
    elif matches.n_clients:
        yield f"  {matches.n_core / matches.n_clients:.1%} of clients have all core data (clients, {', '.join(CORE)})"


def _following_lines(checks: Sequence[Check]) -> Iterator[str]:
    """One finding for all rows that follow from rows of one table set aside."""
    follows = [check for check in checks if check.rule == FOLLOWS]
    for label in dict.fromkeys(check.label for check in follows):
        same = [check for check in follows if check.label == label]
        tables = {name: sum(c.n_rows for c in same if c.table == name) for name in sorted({c.table for c in same})}
        named = ", ".join(f"{name} {n_rows:,}" for name, n_rows in tables.items())
        money = sum((check.money for check in same), Decimal(0))
        amount = f", {money:,.2f} in money" if money else ""
        yield f"  {FOLLOWS}: {label.en}: {_rows(sum(tables.values()))} ({named}){amount}"


def _rows(n_rows: int) -> str:
    return f"{n_rows:,} row{'' if n_rows == 1 else 's'}"


def _line(check: Check) -> str:
    place = " · ".join(part for part in (check.file, f"{check.table}.{check.column}".strip(".")) if part)
    rows = f": {_rows(check.n_rows)}" if check.n_rows else ""
    money = f", {check.money:,.2f} in money" if check.money else ""
    examples = f", for example {', '.join(check.examples)}" if check.examples else ""
    return f"{place} · {check.rule}: {check.label.en}{rows}{money}{examples}{_nearest(check)}"


_EXAMPLE = re.compile(r"(.*) \(line \d+\)", re.DOTALL)


def _nearest(check: Check) -> str:
    """The words of the contract that unknown codes are most like, and where all of them stand."""
    if check.rule != "unknown_code":
        return ""
    from analysis.intake.mapping import nearest_word

    column = SCHEMAS[check.table].column(check.column)
    given = [found[1] for example in check.examples if (found := _EXAMPLE.fullmatch(example))]
    near = {word: nearest for word in given if (nearest := nearest_word(check.table, column, word))}
    told = "; ".join(f"{word!r} is most like {nearest!r}" for word, nearest in near.items())
    allowed = f"; the words are {', '.join(column.allowed)}" if column.allowed and len(near) < len(given) else ""
    return f"; {told}{allowed}" if told else allowed
