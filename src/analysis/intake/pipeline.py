"""From the rows of a bank's files to canonical tables: mapped, split, one row a key, one client view, nothing lost.

A delivery is what one quarter's folder (or one database) holds. All deliveries of a table are split, then merged, a
later one winning by key; tables that others point to come first, so that orphans are judged against what was kept.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from analysis.core.errors import DataError
from analysis.core.provenance import Cleaning, Input
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.checks import Check, TableCount, added
from analysis.intake.events import summarise
from analysis.intake.identity import private_spill, pseudonymise, resolve_clients
from analysis.intake.mapping import FileMapping, SourceMapping, difference_year_to_date, map_rows
from analysis.intake.memory import duckdb_settings
from analysis.intake.periods import fill_period, last_quarter_of, span_of
from analysis.intake.quarantine import Part, Split, cross_checks, split
from analysis.intake.reading import RawTable
from analysis.intake.restate import merge_folders
from analysis.intake.schemas import SCHEMAS, TableSchema
from analysis.intake.source import Extract
from analysis.intake.suggest import did_you_mean
from analysis.intake.validate import columns_of, quote

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
    """

    label: str
    parts: tuple[tuple[FileMapping, RawTable], ...]
    unread: tuple[str, ...] = ()


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


def write_tables(bring: Bring, mapping: SourceMapping, folder: Path, *, key: bytes) -> Extract:
    """Write every canonical table the source has, the rows set aside and the restatements.

    Parameters
    ----------
    key : of the pseudonyms

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
            _make_table(run, SCHEMAS[name], deliveries, mapped[name], dates)
        _check_clients(run)
        log.info("one view of every client")
        _one_view(run)
        summarise(connection, run.tables)
        run.checks += cross_checks(connection, run.tables)
        first, last = span_of(connection, run.tables, mapping)
        if any(delivery.label for delivery in deliveries):
            last = Quarter(max(delivery.label for delivery in deliveries))
        pseudonymise(connection, run.tables, key, beside=list(run.restatements.values()))
        log.info("writing tables")
        _write(run, folder)
    inputs = tuple(Input(raw.file, raw.n_lines, raw.sha256) for d in deliveries for _, raw in d.parts)
    return Extract(
        first,
        last,
        inputs,
        tuple(_cleaning(run.checks)),
        dict(mapping.about),
        added(run.counts, by_quarter=True),
        tuple(run.checks),
    )


def _unread(deliveries: Sequence[Delivery]) -> Iterator[Check]:
    """Files that no mapping names: told, so that none is forgotten."""
    label = Text("没有映射用到此文件，未读入", "no mapping names this file: not read")
    for delivery in deliveries:
        for name in delivery.unread:
            file = f"{delivery.label}/{name}" if delivery.label else name
            yield Check("", file, "", "not_read", label, "completeness", "flag", 0)


def _map_all(connection: Any, deliveries: Sequence[Delivery]) -> dict[str, dict[str, list[Part]]]:
    """Typed rows by table and delivery; every file that lacks a column is named before anything is refused."""
    found: dict[str, dict[str, list[Part]]] = {}
    faults: list[str] = []
    for at, delivery in enumerate(deliveries):
        for number, (file_mapping, raw) in enumerate(delivery.parts):
            missing = _missing(file_mapping, raw)
            if missing:
                faults.append(missing)
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


def _missing(mapping: FileMapping, raw: RawTable) -> str:
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


def _make_table(
    run: _Run,
    schema: TableSchema,
    deliveries: Sequence[Delivery],
    parts: Mapping[str, list[Part]],
    dates: Mapping[str, date],
) -> None:
    """Split the table of every delivery, merge them, and take year-to-date columns apart."""
    kept: list[tuple[str, str]] = []
    for delivery in sorted(deliveries, key=lambda delivery: delivery.label):
        own = parts.get(delivery.label, [])
        if not own:
            continue
        as_of = dates[delivery.label]
        for part in own:
            fill_period(run.connection, schema, part.relation, Quarter.of(as_of))
        found = split(run.connection, schema, own, references=run.tables, as_of=as_of)
        _note(run, found)
        kept.append((delivery.label, found.clean))
    if len(kept) == 1:
        relation = kept[0][1]
    else:
        merged = merge_folders(run.connection, schema, kept)
        relation = merged.relation
        run.restatements[schema.name] = merged.restatements
        run.checks += _restated(run.connection, schema, merged.restatements)
    cumulated = _cumulated(schema, deliveries)
    if cumulated:
        run.checks += difference_year_to_date(run.connection, schema, relation, cumulated)
    run.tables[schema.name] = relation


_RESTATED = {
    "changed": Text("后期交付改变了以前的数值", "values of earlier quarters that a later delivery changed"),
    "late": Text("后期交付补录了以前季度的行", "rows of earlier quarters that a later delivery added"),
}


def _restated(connection: Any, schema: TableSchema, restatements: str) -> Iterator[Check]:
    """What later deliveries changed of quarters already delivered, by delivery and column, with the money moved."""
    found = connection.execute(
        f"SELECT kind, folder, {quote('column')}, count(*),"
        f" coalesce(sum(TRY_CAST(after AS DECIMAL(18,2))) - sum(TRY_CAST(coalesce(before, '0') AS DECIMAL(18,2))), 0)"
        f" FROM {restatements} GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    money = {column.name for column in schema.columns if column.dtype == "money"}
    for kind, folder, column, n_rows, moved in found:
        amount = moved if column in money else Decimal(0)
        rule = "restated" if kind == "changed" else "late"
        yield Check(schema.name, folder, column or "", rule, _RESTATED[kind], "timeliness", "changed", n_rows, amount)


def _note(run: _Run, found: Split) -> None:
    run.checks += found.checks
    run.counts += found.counts
    run.asides.append(found.set_aside)


def _cumulated(schema: TableSchema, deliveries: Sequence[Delivery]) -> list[str]:
    files = [mapping for delivery in deliveries for mapping, _ in delivery.parts if mapping.table == schema.name]
    return sorted({column.column for mapping in files for column in mapping.columns if column.year_to_date})


def _check_clients(run: _Run) -> None:
    """Refuse a source without clients: nothing works without this table."""
    relation = run.tables.get("clients")
    if relation and run.connection.execute(f"SELECT count(*) FROM {relation}").fetchone()[0]:
        return
    what = "every row of it was set aside" if relation else "no file gives it"
    raise DataError(
        f"The table clients is empty: {what}.", hint="Run analysis data check FOLDER and look at what is wrong."
    )


def _one_view(run: _Run) -> None:
    view = resolve_clients(run.connection, run.tables, priority=run.mapping.client_priority)
    run.checks += view.checks


def _write(run: _Run, folder: Path) -> None:
    """Canonical tables, and beside them the rows set aside and the earlier values that were changed."""
    for name, relation in run.tables.items():
        given = columns_of(run.connection, relation)
        columns = ", ".join(quote(column.name) for column in SCHEMAS[name].columns if column.name in given)
        _copy(run.connection, f"SELECT {columns} FROM {relation}", folder / f"{name}.parquet")
    for name, relations in ((SET_ASIDE, run.asides), (RESTATEMENTS, list(run.restatements.values()))):
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
