"""Entries of all deliveries → sums, a unit at a time. Units that share a quarter or an entry are summed together."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from analysis.core.errors import DataError
from analysis.core.provenance import digest
from analysis.core.quarter import Quarter
from analysis.intake import kept
from analysis.intake.canonical import Made, make_table
from analysis.intake.entries.facts import kept_facts, note_facts, read_unit, sharing
from analysis.intake.entries.nouns import EVENTS, Clients, Facts, Summed, Unit
from analysis.intake.entries.shelf import place, put
from analysis.intake.events import write_sums
from analysis.intake.quarantine import Part
from analysis.intake.schemas import SCHEMAS
from analysis.intake.source import Extract
from analysis.intake.validate import literal, quote

log = logging.getLogger(__name__)

_MANIFEST = "manifest.json"
TABLES = ("transactions", "activity", "set_aside", "restatements")


@dataclass(slots=True)
class _Seen:
    """A unit with its facts; its rows while they are in memory."""

    unit: Unit
    number: int
    facts: Facts
    parts: list[Part]


def sum_entries(clients: Clients, units: Sequence[Unit]) -> Summed:
    """What all entries come to. A unit whose files, mapping and clients are as before is neither read nor summed.

    Raises
    ------
    DataError : a file cannot be read; all are named

    Notes
    -----
    A unit is summed by itself and its sums are kept under a key of its files, their mapping, the code and which client
    each of its numbers belongs to. Only where two units name the same quarter or the same entry must both be at hand:
    then they are read once more, judged together (the later delivery wins) and kept under the keys of both. Sums made
    now and sums kept come from the same files, so both give the same tables, byte for byte.
    """
    _tell_clients(clients)
    seen: list[_Seen] = []
    alone: list[Path] = []
    faults: list[DataError] = []
    for number, unit in enumerate(units):
        try:
            one = _see(clients, unit, number)
            seen.append(one)
            alone.append(_result(clients, [one]))
            _forget(clients, one)
        except DataError as error:
            faults.append(error)
    if faults:
        raise DataError(" ".join(error.message for error in faults), hint=faults[0].hint)
    groups = _groups(clients, seen, alone)
    folders = [alone[group[0]] if len(group) == 1 else _result(clients, [seen[at] for at in group]) for group in groups]
    for one in seen:
        _forget(clients, one)
    return _together(seen, folders)


def _tell_clients(clients: Clients) -> None:
    """Those numbers that some client has, as what entries must point to."""
    for view, condition in (("clients_of_entries", "client <> ''"), ("clients_left_out", "client = ''")):
        clients.connection.execute(
            f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT number AS client_id FROM {clients.table} WHERE {condition}"
        )


def _see(clients: Clients, unit: Unit, number: int) -> _Seen:
    facts = kept_facts(clients, unit) if unit.is_kept else None
    if facts is not None:
        return _Seen(unit, number, facts, [])
    log.info("reading entries of %s", ", ".join(file.file for file in unit.files))
    parts = read_unit(clients, unit, number)
    return _Seen(unit, number, note_facts(clients, unit, parts), parts)


def _forget(clients: Clients, one: _Seen) -> None:
    """Give back the memory of a unit's rows, unless another table is made of them too."""
    for part in one.parts:
        clients.connection.execute(f"DROP TABLE IF EXISTS {quote(part.relation)}")
        if one.unit.is_kept:
            clients.connection.execute(f"DROP TABLE IF EXISTS {quote(part.raw.relation)}")
            clients.connection.execute(f"DROP TABLE IF EXISTS {quote(part.raw.rejected)}")
    one.parts = []


def _groups(clients: Clients, seen: Sequence[_Seen], alone: Sequence[Path]) -> list[list[int]]:
    """Units that must be summed together, each by its place."""
    shared = sharing(clients, [one.facts for one in seen])
    quarters = [_quarters(clients.connection, folder) for folder in alone]
    groups: list[list[int]] = []
    for at in range(len(seen)):
        meets = [g for g in groups if any(other in shared[at] or quarters[other] & quarters[at] for other in g)]
        groups = [group for group in groups if group not in meets]
        groups.append(sorted([at, *(other for group in meets for other in group)]))
    return sorted(groups)


def _quarters(connection: Any, folder: Path) -> frozenset[str]:
    path = literal(str(folder / "activity.parquet"))
    return frozenset(row[0] for row in connection.execute(f"SELECT DISTINCT quarter FROM {path}").fetchall())


# --- what units come to ---------------------------------------------------------------------------------------------


def _result(clients: Clients, members: Sequence[_Seen]) -> Path:
    """The folder with the sums of these units, from an earlier load or written now."""
    parts = [(one.facts.key, _cut(one)) for one in members]
    key = digest(("sums", *parts, _belonging(clients, members)))
    folder = place(clients.keep, key)
    if folder.exists():
        return folder
    return put(clients.keep, key, lambda target: _compute(clients, members, target))


def _cut(one: _Seen) -> date | None:
    """The day after which entries are set aside, where it makes a difference."""
    latest = one.facts.latest
    return one.unit.as_of if latest is None or latest > one.unit.as_of else None


def _belonging(clients: Clients, members: Sequence[_Seen]) -> str:
    """A key of which client each number belongs to that occurs in these entries."""
    paths = ", ".join(literal(str(one.facts.folder / "numbers.parquet")) for one in members)
    query = (
        "SELECT sha256(coalesce(string_agg(n.number || '=' || coalesce(c.client, '?'), ' ' ORDER BY n.number), ''))"
        f" FROM (SELECT DISTINCT number FROM read_parquet([{paths}])) AS n"
        f" LEFT JOIN {clients.table} AS c ON n.number = c.pseudonym"
    )
    return str(clients.connection.execute(query).fetchone()[0])


def _compute(clients: Clients, members: Sequence[_Seen], folder: Path) -> None:
    """Judge and sum the entries of these units."""
    log.info("summing entries of %s", ", ".join(file.file for one in members for file in one.unit.files))
    for one in members:
        if not one.parts:
            one.parts = read_unit(clients, one.unit, one.number)
    labels = sorted({one.unit.label for one in members})
    made = make_table(
        clients.connection,
        SCHEMAS[EVENTS],
        {label: [part for one in members if one.unit.label == label for part in one.parts] for label in labels},
        dates={one.unit.label: one.unit.as_of for one in members},
        references={"clients": "clients_of_entries"},
        left={"clients": ["clients_left_out"]},
    )
    relation = made.relation
    resolved = (
        f"(SELECT e.* REPLACE (c.client AS client_id) FROM {relation} AS e JOIN {clients.table} AS c"
        " ON e.client_id = c.number)"
    )
    write_sums(clients.connection, resolved, folder)
    _write_beside(clients.connection, made, folder)
    last = Quarter.of(max(one.unit.as_of for one in members))
    found = Extract(last, last, counts=tuple(made.counts), checks=tuple(made.checks))
    text = json.dumps(kept.as_json(found, []), ensure_ascii=False)
    (folder / _MANIFEST).write_text(text, encoding="utf-8")
    clients.connection.execute(f"DROP TABLE {relation}")


def _write_beside(connection: Any, made: Made, folder: Path) -> None:
    """The entries set aside and the earlier values that were changed."""
    for name, relations in (("set_aside", made.asides), ("restatements", [made.restatements])):
        if any(relations):
            union = " UNION ALL ".join(f"SELECT * FROM {relation}" for relation in relations)
            target = literal(str(folder / f"{name}.parquet"))
            connection.execute(f"COPY (SELECT * FROM ({union}) ORDER BY ALL) TO {target} (FORMAT parquet)")
            for relation in relations:
                connection.execute(f"DROP TABLE {relation}")


def _together(seen: Sequence[_Seen], folders: Sequence[Path]) -> Summed:
    found = [kept.from_json(json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))) for folder in folders]
    paths = {
        name: tuple(path for folder in folders if (path := folder / f"{name}.parquet").exists()) for name in TABLES
    }
    return Summed(
        {name: given for name, given in paths.items() if given},
        tuple(given for one in seen for given in one.facts.inputs),
        tuple(check for extract in found for check in extract.checks),
        tuple(count for extract in found for count in extract.counts),
    )
