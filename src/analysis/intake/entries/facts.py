"""What a unit's rows say whoever the clients are: files, client and entry numbers, last day. Kept by content."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from analysis.core.provenance import Input, digest
from analysis.intake.entries.nouns import Clients, Facts, Unit
from analysis.intake.entries.shelf import place, put
from analysis.intake.identity.keys import key_fingerprint
from analysis.intake.identity.pseudonyms import LENGTH, key_pads, pseudonym_sql
from analysis.intake.mapping import map_rows
from analysis.intake.quarantine import Part
from analysis.intake.validate import literal, quote

_FACTS = "facts.json"


def facts_key(clients: Clients, unit: Unit) -> str:
    """A key of the rows of a unit: content, mapping, code and the key of the pseudonyms."""
    return digest((*unit.parts, clients.keep.code, key_fingerprint(clients.key)))


def kept_facts(clients: Clients, unit: Unit) -> Facts | None:
    """What an earlier load found out, where the unit is as it was."""
    key = facts_key(clients, unit)
    folder = place(clients.keep, key)
    if not (folder / _FACTS).is_file():
        return None
    content = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
    latest = date.fromisoformat(content["latest"]) if content["latest"] else None
    return Facts(folder, key, tuple(Input(*row) for row in content["inputs"]), latest)


def read_unit(clients: Clients, unit: Unit, number: int) -> list[Part]:
    """The rows of a unit, read and mapped."""
    parts = []
    for at, file in enumerate(unit.files):
        raw = file.read(clients.connection, f"entries_{number}_{at}")
        relation = f"mapped_entries_{number}_{at}"
        map_rows(clients.connection, raw, file.mapping, relation=relation)
        parts.append(Part(relation, raw, file.mapping))
    return parts


def note_facts(clients: Clients, unit: Unit, parts: Sequence[Part]) -> Facts:
    """What mapped rows say, put where the next load finds it."""
    key = facts_key(clients, unit)
    inputs = tuple(Input(part.raw.file, part.raw.n_lines, part.raw.sha256) for part in parts)
    rows = " UNION ALL ".join(f"SELECT client_id, entry_id, date FROM {quote(part.relation)}" for part in parts)
    latest = clients.connection.execute(f"SELECT max(date) FROM ({rows})").fetchone()[0]

    def write(folder: Path) -> None:
        pseudonym = client_pseudonym_sql("client_id")
        distinct = f"SELECT DISTINCT client_id FROM ({rows}) WHERE client_id IS NOT NULL"
        _copy(clients, f"SELECT {pseudonym} AS number FROM ({distinct}) ORDER BY 1", folder / "numbers.parquet")
        secret = literal(digest(("entries", clients.key.hex())))
        hashed = f"SELECT hash(entry_id, {secret}) AS id FROM ({rows}) WHERE entry_id IS NOT NULL"
        _copy(clients, hashed, folder / "ids.parquet")
        content = {
            "inputs": [[one.name, one.rows, one.sha256] for one in inputs],
            "latest": latest.isoformat() if latest else None,
        }
        (folder / _FACTS).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    return Facts(put(clients.keep, key, write), key, inputs, latest)


def client_pseudonym_sql(value: str) -> str:
    """SQL of a client's pseudonym, as `identity.pseudonymise` gives it, with the parameters of `key_pads`."""
    hashed = pseudonym_sql(f"'client:' || {value}")
    return f"'C' || left({hashed}, {LENGTH})"


def _copy(clients: Clients, query: str, path: Path) -> None:
    pads = key_pads(clients.key) if "$inner" in query else {}
    clients.connection.execute(f"COPY ({query}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)", pads)


def sharing(clients: Clients, facts: Sequence[Facts]) -> list[set[int]]:
    """For each unit the earlier ones that name an entry by the same number.

    Notes
    -----
    Which units share is kept by all keys up to the unit, so that of a new quarter alone the numbers are looked up.
    """
    found: list[set[int]] = []
    chain = ""
    for at, one in enumerate(facts):
        chain = digest((chain, one.key))
        folder = place(clients.keep, f"apart-{chain}")
        if not folder.exists():
            shared = _shared(clients, one, facts[:at])

            def write(target: Path, shared: Sequence[int] = shared) -> None:
                (target / _FACTS).write_text(json.dumps(shared), encoding="utf-8")

            folder = put(clients.keep, f"apart-{chain}", write)
        found.append(set(json.loads((folder / _FACTS).read_text(encoding="utf-8"))))
    return found


def _shared(clients: Clients, one: Facts, earlier: Sequence[Facts]) -> list[int]:
    if not earlier:
        return []
    known = " UNION ALL ".join(
        f"SELECT {at} AS unit, id FROM read_parquet({literal(str(other.folder / 'ids.parquet'))})"
        for at, other in enumerate(earlier)
    )
    own = f"read_parquet({literal(str(one.folder / 'ids.parquet'))})"
    query = f"SELECT DISTINCT unit FROM ({known}) SEMI JOIN (SELECT id FROM {own}) USING (id) ORDER BY unit"
    return [row[0] for row in clients.connection.execute(query).fetchall()]
