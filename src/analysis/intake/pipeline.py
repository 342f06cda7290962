"""From the rows of a bank's files to canonical tables: mapped, split, one row a key, one client view, nothing lost.

A delivery is what one quarter's folder (or one database) holds. All deliveries of a table are split, then merged, a
later one winning by key; tables that others point to come first, so that orphans are judged against what was kept.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from analysis.core.errors import DataError
from analysis.core.provenance import Cleaning, Input
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.canonical import make_table
from analysis.intake.checks import Check, NoClientsError, TableCount, added, folded
from analysis.intake.entries import EVENTS, Clients, EntryFile, Unit, client_pseudonym_sql, sum_entries
from analysis.intake.identity import private_spill, pseudonymise, resolve_clients
from analysis.intake.identity.pseudonyms import key_pads
from analysis.intake.mapping import FileMapping, SourceMapping, map_rows
from analysis.intake.memory import duckdb_settings
from analysis.intake.periods import last_quarter_of, span_of
from analysis.intake.quarantine import Part, cross_checks
from analysis.intake.reading import RawTable
from analysis.intake.schemas import SCHEMAS, TableSchema
from analysis.intake.source import Extract, Keep
from analysis.intake.suggest import did_you_mean
from analysis.intake.validate import columns_of, literal, quote

log = logging.getLogger(__name__)

SET_ASIDE = "set_aside"
RESTATEMENTS = "restatements"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one quarter's folder holds.

    Parameters
    ----------
    label : the quarter, or empty for files that hold all history
    parts : how each file is mapped, and its rows
    unread : names of files that nothing is mapped to
    entries : files of entries, which are read one at a time when everything else is known
    passed : names of files and folders that lie in the source's folder and are not read, each with the reason
    """

    label: str
    parts: tuple[tuple[FileMapping, RawTable], ...]
    unread: tuple[str, ...] = ()
    entries: tuple[EntryFile, ...] = ()
    passed: tuple[tuple[str, Text], ...] = ()


Bring = Callable[[Any], Sequence[Delivery]]
"""Brings the rows into a DuckDB connection, a table a file."""


@dataclass(slots=True)
class _Run:
    """What has been made so far."""

    connection: Any
    mapping: SourceMapping
    tables: dict[str, str] = field(default_factory=dict)
    counts: list[TableCount] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    asides: list[str] = field(default_factory=list)
    restatements: dict[str, str] = field(default_factory=dict)
    left: dict[str, list[str]] = field(default_factory=dict)


def write_tables(
    bring: Bring, mapping: SourceMapping, folder: Path, *, key: bytes, keep: Keep | None = None
) -> Extract:
    """Write every canonical table the source has, the rows set aside and the restatements.

    Parameters
    ----------
    key : of the pseudonyms
    keep : where what entries came to is kept for the next load; without it nothing is

    Raises
    ------
    DataError : a file cannot be read, a required column is missing, or no client is left
    """
    import duckdb

    settings = duckdb_settings() | private_spill() | {"preserve_insertion_order": False}
    with duckdb.connect(config=settings) as connection:
        deliveries = bring(connection)
        run = _Run(connection, mapping, checks=list(_unread(deliveries)))
        mapped = _map_all(connection, deliveries)
        dates = {delivery.label: _as_of(run, delivery, mapped) for delivery in deliveries}
        for name in _order(mapped):
            log.info("checking %s", name)
            _make_table(run, SCHEMAS[name], mapped[name], dates)
        _check_clients(run, folder)
        log.info("one view of every client")
        given = _numbers(run)
        aliases = _one_view(run)
        units = _units(deliveries, dates)
        inputs = _add_entries(run, units, given, aliases, key, keep) if units else ()
        run.checks += cross_checks(connection, run.tables)
        first, last = span_of(connection, run.tables, mapping)
        if any(delivery.label for delivery in deliveries):
            labels = [Quarter(delivery.label) for delivery in deliveries if delivery.label]
            last = max([*labels, *([last] if len(labels) < len(deliveries) else [])])
        pseudonymise(connection, run.tables, key, beside=list(run.restatements.values()))
        log.info("writing tables")
        _write(run, folder)
    others = [(file, raw) for delivery in deliveries for file, raw in delivery.parts if file.table != EVENTS]
    checks = folded(run.checks)
    return Extract(
        first,
        last,
        (*(Input(raw.file, raw.n_lines, raw.sha256) for _, raw in others), *inputs),
        tuple(_cleaning(checks)),
        dict(mapping.about),
        added(run.counts, by_quarter=True),
        checks,
    )


def _unread(deliveries: Sequence[Delivery]) -> Iterator[Check]:
    """Files that no mapping names and folders that are not read: told, so that none is forgotten."""
    label = Text("没有映射用到此文件，未读入", "no mapping names this file: not read")
    for delivery in deliveries:
        for name in delivery.unread:
            file = f"{delivery.label}/{name}" if delivery.label else name
            yield Check("", file, "", "not_read", label, "completeness", "flag", 0)
        for name, reason in delivery.passed:
            why = Text(reason.zh, f"is not read: {reason.en}")
            yield Check("", name, "", "not_read", why, "completeness", "flag", 0)


def _map_all(connection: Any, deliveries: Sequence[Delivery]) -> dict[str, dict[str, list[Part]]]:
    """Typed rows by table and delivery; every file that lacks a column is named before anything is refused."""
    found: dict[str, dict[str, list[Part]]] = {}
    faults: list[str] = []
    for at, delivery in enumerate(deliveries):
        faults += [missing for file in delivery.entries if (missing := _missing(file.mapping, file))]
        for number, (file_mapping, raw) in enumerate(delivery.parts):
            missing = _missing(file_mapping, raw)
            if missing:
                faults.append(missing)
            if missing or file_mapping.table == EVENTS:
                continue
            relation = f"mapped_{at}_{number}"
            map_rows(connection, raw, file_mapping, relation=relation)
            found.setdefault(file_mapping.table, {}).setdefault(delivery.label, []).append(
                Part(relation, raw, file_mapping)
            )
    if faults:
        raise DataError(f"Columns are missing: {'; '.join(faults)}.", hint=_HINT)
    return found


_HINT = "Correct the file, or say in mapping.toml which column is meant; analysis data check FOLDER drafts one."


def _missing(mapping: FileMapping, raw: RawTable | EntryFile) -> str:
    """Which columns the file lacks that its mapping reads or the contract requires, each with its nearest header."""
    schema = SCHEMAS[mapping.table]
    lines = []
    wanted = [(header, f"{schema.name}.{column.column}") for column in mapping.columns for header in column.headers]
    wanted += [(header, f"the rows of {schema.name}") for header in mapping.where]
    for header, use in wanted:
        if header not in raw.columns:
            lines.append(f"{raw.file} has no column {header!r} for {use}{did_you_mean(header, raw.columns)}")
    given = {column.column for column in mapping.columns}
    for needed in schema.columns:
        if needed.required and needed.name not in given and needed.name not in _PERIODS:
            near = did_you_mean(needed.name, raw.columns)
            lines.append(f"{raw.file} gives no {schema.name}.{needed.name}, which is required{near}")
    return "; ".join(lines)


_PERIODS = ("quarter", "month", "year")
"""What a file may leave out: the quarter's folder says it."""


def _as_of(run: _Run, delivery: Delivery, mapped: Mapping[str, Mapping[str, list[Part]]]) -> date:
    """The day after which nothing may be in a delivery: its quarter's end, else that of the last quarter with rows.

    For files that hold all history the last quarter that the mapping declares wins.
    """
    label = delivery.label or run.mapping.last_quarter
    if label:
        return Quarter(label).end
    relations = {name: [part.relation for part in parts.get("", [])] for name, parts in mapped.items()}
    return last_quarter_of(run.connection, relations).end


def _order(mapped: Mapping[str, Any]) -> list[str]:
    """Names of the tables, those that others refer to first."""
    done: list[str] = []

    def add(name: str) -> None:
        for reference in SCHEMAS[name].references:
            if reference.table in mapped and reference.table not in done and reference.table != name:
                add(reference.table)
        if name not in done:
            done.append(name)

    for name in SCHEMAS:
        if name in mapped:
            add(name)
    return done


def _make_table(run: _Run, schema: TableSchema, parts: Mapping[str, list[Part]], dates: Mapping[str, date]) -> None:
    """Make a table of what every delivery holds of it, and note what was found."""
    made = make_table(run.connection, schema, parts, dates=dates, references=run.tables, left=run.left)
    run.tables[schema.name] = made.relation
    run.left[schema.name] = made.left
    run.checks += made.checks
    run.counts += made.counts
    run.asides += made.asides
    if made.restatements:
        run.restatements[schema.name] = made.restatements


def _check_clients(run: _Run, folder: Path) -> None:
    """Refuse a source without clients: nothing works without this table. The rows set aside are written all the same.

    Raises
    ------
    NoClientsError : with what was read and set aside, and the rules that set most rows of the clients aside
    """
    relation = run.tables.get("clients")
    if relation and run.connection.execute(f"SELECT count(*) FROM {relation}").fetchone()[0]:
        return
    what = "every row of it was set aside" if relation else "no file gives it"
    checks = folded(run.checks)
    why = sorted((c for c in checks if c.table == "clients" and c.action == "set_aside"), key=lambda c: -c.n_rows)
    named = "; ".join(check.told for check in why[:_MAX_WHY])
    _copy_beside(run, SET_ASIDE, run.asides, folder)
    raise NoClientsError(
        f"The table clients is empty: {what}{f': {named}' if named else ''}.",
        hint="Run analysis data check FOLDER and look at what is wrong.",
        counts=added(run.counts, by_quarter=True),
        checks=checks,
    )


_MAX_WHY = 3
"""Rules named in a refusal: the rest is in the list that data check prints."""


def _one_view(run: _Run) -> str:
    view = resolve_clients(run.connection, run.tables, priority=run.mapping.client_priority)
    run.checks += view.checks
    return view.aliases


def _numbers(run: _Run) -> str:
    """Every client number that was given in rows kept, before some give way to others."""
    clients = run.tables["clients"]
    run.connection.execute(f"CREATE TEMP TABLE given_numbers AS SELECT DISTINCT client_id AS number FROM {clients}")
    return "given_numbers"


def _units(deliveries: Sequence[Delivery], dates: Mapping[str, date]) -> list[Unit]:
    """Entries to be judged together: those of a quarter's folder, else those of one file."""
    units = []
    for delivery in sorted(deliveries, key=lambda delivery: delivery.label):
        files = [*delivery.entries, *(_in_memory(*part) for part in delivery.parts if part[0].table == EVENTS)]
        names = [""] if delivery.label and files else sorted({file.file for file in files})
        for name in names:
            own = tuple(file for file in files if not name or file.file == name)
            units.append(Unit(delivery.label, dates[delivery.label], own))
    return units


def _in_memory(mapping: FileMapping, raw: RawTable) -> EntryFile:
    """Entries that are not a file of their own, such as rows that only a join has made."""
    return EntryFile(raw.file, mapping, raw.columns, "", lambda _, __: raw)


def _add_entries(
    run: _Run, units: Sequence[Unit], given: str, aliases: str, key: bytes, keep: Keep | None
) -> tuple[Input, ...]:
    """Put `activity` and, where it is not given, `transactions` in the place of entries; entries are not kept."""
    from tempfile import TemporaryDirectory

    left = " UNION ".join(f"SELECT client_id AS number FROM {relation}" for relation in run.left["clients"])
    lost = f" UNION ALL SELECT number, '' FROM ({left}) ANTI JOIN {given} USING (number)" if left else ""
    own, belongs = client_pseudonym_sql("number"), client_pseudonym_sql("belongs")
    run.connection.execute(
        f"CREATE TEMP TABLE client_numbers AS SELECT number, {own} AS pseudonym,"
        f" CASE WHEN belongs = '' THEN '' ELSE {belongs} END AS client FROM (SELECT number,"
        f" coalesce(a.client_id, number) AS belongs FROM {given} LEFT JOIN {aliases} AS a ON a.alias = number{lost})"
        " WHERE number IS NOT NULL",
        key_pads(key),
    )
    with TemporaryDirectory() as folder:
        clients = Clients(run.connection, "client_numbers", key, keep or Keep(Path(folder), ""))
        summed = sum_entries(clients, units)
        for name in ("transactions", "activity"):
            if name not in run.tables:
                run.tables[name] = _brought_back(run.connection, name, summed.tables[name])
        for name, relations in (("set_aside", run.asides), ("restatements", [])):
            if name in summed.tables:
                run.connection.execute(f"CREATE TABLE {name}_of_entries AS SELECT * FROM {_files(summed.tables[name])}")
                relations.append(f"{name}_of_entries")
    if "restatements" in summed.tables:
        run.restatements[EVENTS] = "restatements_of_entries"
    run.checks += summed.checks
    run.counts += summed.counts
    return summed.inputs


def _brought_back(connection: Any, name: str, paths: Sequence[Path]) -> str:
    """Sums of entries as a table whose clients have their numbers: pseudonyms are given to all tables at the end."""
    relation = f"made_{name}"
    connection.execute(
        f"CREATE TABLE {relation} AS SELECT t.* REPLACE (c.number AS client_id) FROM {_files(paths)} AS t"
        " JOIN (SELECT number, client FROM client_numbers WHERE client = pseudonym) AS c ON t.client_id = c.client"
    )
    return relation


def _files(paths: Sequence[Path]) -> str:
    """SQL: the rows of Parquet files, one after the other."""
    return f"read_parquet([{', '.join(literal(str(path)) for path in paths)}])"


def _write(run: _Run, folder: Path) -> None:
    """Canonical tables, and beside them the rows set aside and the earlier values that were changed."""
    for name, relation in run.tables.items():
        given = columns_of(run.connection, relation)
        columns = ", ".join(quote(column.name) for column in SCHEMAS[name].columns if column.name in given)
        _copy(run.connection, f"SELECT {columns} FROM {relation}", folder / f"{name}.parquet")
    for name, relations in ((SET_ASIDE, run.asides), (RESTATEMENTS, list(run.restatements.values()))):
        _copy_beside(run, name, relations, folder)


def _copy_beside(run: _Run, name: str, relations: Sequence[str], folder: Path) -> None:
    """The rows of some relations in one file beside the tables; none where there are no relations."""
    if relations:
        union = " UNION ALL BY NAME ".join(f"SELECT * FROM {relation}" for relation in relations)
        _copy(run.connection, f"SELECT * FROM ({union}) ORDER BY ALL", folder / f"{name}.parquet")


def _copy(connection: Any, query: str, path: Path) -> None:
    target = str(path).replace("'", "''")
    connection.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


def _cleaning(checks: Sequence[Check]) -> Iterator[Cleaning]:
    """The cleaning log of the manifest: what was done to how many rows."""
    for check in checks:
        dropped = check.n_rows if check.action == "set_aside" else 0
        label = Text(f"{check.file} {check.label.zh}".strip(), f"{check.file} {check.label.en}".strip())
        yield Cleaning(check.table, check.column, label, check.n_rows, dropped)
