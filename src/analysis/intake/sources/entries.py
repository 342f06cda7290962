"""Entries in a database: mapped, judged and summed where they lie; only sums and the entries left out come over."""

from dataclasses import replace
from typing import Any

from analysis.core.errors import DataError
from analysis.core.provenance import digest
from analysis.core.quarter import Quarter
from analysis.intake.events import MONEY, monthly, quarterly
from analysis.intake.mapping import ColumnMapping, FileMapping
from analysis.intake.reading import RawTable
from analysis.intake.schemas import SCHEMAS, Column
from analysis.intake.sources.fetching import store
from analysis.intake.validate import quote

EVENTS = "events"
SUMMED = ("transactions", "activity")
"""Tables that entries become."""
_TYPES = {"text": "string", "int": "int32", "money": MONEY, "bool": "boolean", "date": "date"}


def bring_entries(
    connection: Any, backend: Any, table: Any, file: FileMapping, name: str, relation: str
) -> list[tuple[FileMapping, RawTable]]:
    """The rows of `transactions` and `activity` that a table of entries makes, and the entries that break a rule.

    Parameters
    ----------
    table : the table of entries, on its engine
    name : of the table, for messages
    relation : first part of the names of the DuckDB tables
    """
    entries = as_entries(table, file, name)
    numbered = entries.mutate(rule=_broken(entries))
    numbered = _without_copies(backend, numbered)
    kept = numbered.filter(numbered["rule"].isnull())
    rejected, n_rejected = _reject(connection, backend, numbered, f"{relation}_rejected")
    months, months_key = store(connection, backend, monthly(kept), f"{relation}_months")
    keys, n_rows = [], 0
    for quarter in _quarters(backend, kept):
        rows, key = store(connection, backend, quarterly(kept, quarter).order_by("client_id"), f"{relation}_quarter")
        keys.append(key)
        n_rows += rows
        _append(connection, f"{relation}_quarters", f"{relation}_quarter")
    empty = f"{relation}_none"
    connection.execute(f"CREATE TABLE {quote(empty)} (line BIGINT, raw VARCHAR, rule VARCHAR)")
    found = [(SUMMED[0], f"{relation}_months", rejected, months, n_rejected, months_key)]
    if keys:
        found.append((SUMMED[1], f"{relation}_quarters", empty, n_rows, 0, digest(keys)))
    return [
        (_as_is(target), RawTable(rows, aside, name, _names(target), n + n_aside, n_aside, "", key))
        for target, rows, aside, n, n_aside, key in found
    ]


def _names(table: str) -> tuple[str, ...]:
    return tuple(column.name for column in SCHEMAS[table].columns)


def _as_is(table: str) -> FileMapping:
    return FileMapping(table, (table,), tuple(ColumnMapping(name, name) for name in _names(table)))


def _append(connection: Any, target: str, source: str) -> None:
    """Add the rows of a quarter, numbered on."""
    known = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = ?", [target]).fetchone()[0]
    if not known:
        connection.execute(f"ALTER TABLE {quote(source)} RENAME TO {quote(target)}")
        return
    before = connection.execute(f"SELECT count(*) FROM {quote(target)}").fetchone()[0]
    connection.execute(
        f"INSERT INTO {quote(target)} BY NAME SELECT * REPLACE (_line + {before} AS _line) FROM {quote(source)}"
    )


def _quarters(backend: Any, entries: Any) -> list[Quarter]:
    days = entries.aggregate(first=entries["date"].min(), last=entries["date"].max())
    [row] = backend.to_pyarrow(days).to_pylist() if backend.name != "duckdb" else _rows(backend, days)
    if row["first"] is None:
        return []
    quarter, last, found = Quarter.of(row["first"]), Quarter.of(row["last"]), []
    while quarter <= last:
        found.append(quarter)
        quarter = quarter.shift(1)
    return found


def _rows(backend: Any, expression: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = backend.con.execute(backend.compile(expression)).to_arrow_table().to_pylist()
    return found


# --- mapped on the engine -------------------------------------------------------------------------------------------


def as_entries(table: Any, file: FileMapping, name: str) -> Any:
    """The mapped table with the columns of `events` in their types, those not mapped empty, and `is_unknown`.

    Raises
    ------
    DataError : a column has another type than it needs, or is mapped by what only text in a file has
    """
    import ibis

    for header, codes in file.where.items():
        table = table.filter(table[header].cast("string").isin(codes))
    given = {column.column: column for column in file.columns}
    columns = {}
    unknown: Any = ibis.literal(False)
    for column in SCHEMAS[EVENTS].columns:
        if column.name in given:
            mapping = given[column.name]
            columns[column.name] = _value(table, column, mapping, name)
            if mapping.codes and mapping.source and not column.allowed:
                unknown = unknown | _is_unknown(table[mapping.source], column, mapping)
        else:
            columns[column.name] = ibis.null(_TYPES[column.dtype])
    entries = table.select(**columns, is_unknown=unknown)
    return entries.distinct() if file.distinct else entries


def _value(table: Any, column: Column, mapping: ColumnMapping, name: str) -> Any:
    import ibis

    if not mapping.source:
        return ibis.literal(mapping.constant).cast(_TYPES[column.dtype])
    cell = table[mapping.source]
    kind = cell.type()
    if column.dtype == "text":
        return _text(cell, mapping)
    if column.dtype == "bool" and mapping.codes:
        word = _text(cell, mapping)
        return ibis.cases((word == "true", True), (word == "false", False), else_=ibis.null("boolean"))
    if mapping.part:
        raise DataError(
            f"The column {mapping.source!r} of {name} is no text, and {column.name} of entries takes a part of it.",
            hint="Give a view with the part as a column of its own: entries are not read as text.",
        )
    if column.dtype == "bool":
        return _typed(cell, kind.is_boolean(), column, name)
    if column.dtype == "money":
        return _amount(table, column, mapping, name).cast(MONEY)
    if column.dtype == "date":
        return _typed(cell, kind.is_date() or kind.is_timestamp(), column, name).cast("date")
    if kind.is_timestamp() or kind.is_time():
        return cell.hour()
    whole = _typed(cell, kind.is_integer(), column, name)
    whole = whole if mapping.multiply == 1 else whole * ibis.literal(mapping.multiply)
    return (whole.abs() if mapping.absolute else whole).cast("int32")


def _amount(table: Any, column: Column, mapping: ColumnMapping, name: str) -> Any:
    """An amount: a cell, times a multiple or another cell; a product is rounded once, as that of cells of a file is."""
    import ibis

    cell = table[mapping.source]
    amount = _typed(cell, cell.type().is_numeric(), column, name)
    if mapping.times:
        other = table[mapping.times]
        amount = _exact(amount) * _exact(_typed(other, other.type().is_numeric(), column, name))
    elif mapping.multiply != 1:
        amount = amount * ibis.literal(mapping.multiply)
    return amount.abs() if mapping.absolute else amount


def _exact(number: Any) -> Any:
    """A factor of a product: doubles as decimals with six places, like the text of a file."""
    return number.cast("decimal(18,6)") if number.type().is_floating() else number


def _text(cell: Any, mapping: ColumnMapping) -> Any:
    import ibis

    text = cell.cast("string").strip().nullif("")
    if mapping.part:
        first, last = mapping.part
        text = text.substr(first - 1, last - first + 1).strip().nullif("")
    if mapping.codes:
        given = text.fill_null("") if "" in mapping.codes else text
        text = ibis.cases(*((given == code, word) for code, word in mapping.codes.items()), else_=text).nullif("")
    return ibis.literal(mapping.prefix) + text if mapping.prefix else text


def _is_unknown(cell: Any, column: Column, mapping: ColumnMapping) -> Any:
    """Whether a cell has a code that the mapping does not know; nothing is known of an empty one."""
    words = ["true", "false"] if column.dtype == "bool" else [word for word in mapping.codes.values() if word]
    return ~_text(cell, replace(mapping, prefix="")).isin(words)


def _typed(cell: Any, is_right: bool, column: Column, name: str) -> Any:
    """The cell, refused where the database holds it as something else: entries are not brought over to be read."""
    if not is_right:
        raise DataError(
            f"The column {cell.get_name()!r} of {name} is {cell.type()} and cannot be {column.name} of entries.",
            hint="Give a view in which it has its type: entries are summed in the database, not read as text.",
        )
    return cell


# --- judged on the engine -------------------------------------------------------------------------------------------


def _broken(entries: Any) -> Any:
    """The first rule an entry breaks, or NULL."""
    import ibis

    columns = SCHEMAS[EVENTS].columns
    needed = [entries[column.name].isnull() for column in columns if column.required]
    coded = [~entries[column.name].isin(column.allowed) for column in columns if column.allowed]
    coded.append(entries["is_unknown"])
    ranged = [entries[c.name] < c.low for c in columns if c.low is not None]
    ranged += [entries[c.name] > c.high for c in columns if c.high is not None]
    return ibis.cases(
        *((condition, "required") for condition in needed),
        *((condition, "unknown_code") for condition in coded),
        *((condition, "range") for condition in ranged),
        else_=ibis.null("string"),
    )


def _without_copies(backend: Any, entries: Any) -> Any:
    """Of entries with one number the first in order of all columns stays; the others break `duplicate_key`.

    Whether there is any is asked first: to number the copies means to sort everything.
    """
    import ibis

    sound = entries.filter(entries["rule"].isnull())
    counted = sound.aggregate(n_rows=sound.count(), n_ids=sound["entry_id"].nunique())
    [row] = backend.to_pyarrow(counted).to_pylist() if backend.name != "duckdb" else _rows(backend, counted)
    if row["n_rows"] == row["n_ids"]:
        return entries
    order = [entries[name] for name in _names(EVENTS)]
    copy = ibis.row_number().over(ibis.window(group_by=["entry_id", "rule"], order_by=order))
    marked = entries.mutate(copy=copy)
    is_copy = marked["rule"].isnull() & (marked["copy"] > 0)
    return marked.mutate(rule=is_copy.ifelse("duplicate_key", marked["rule"])).drop("copy")


def _reject(connection: Any, backend: Any, entries: Any, relation: str) -> tuple[str, int]:
    """The entries that break a rule, named by their number."""
    broken = entries.filter(entries["rule"].notnull())
    n_rows, _ = store(connection, backend, broken.select("entry_id", "rule").order_by("entry_id", "rule"), relation)
    connection.execute(
        f"CREATE OR REPLACE TABLE {quote(relation)} AS"
        f" SELECT _line AS line, 'entry_id=' || coalesce(entry_id, '') AS raw, rule FROM {quote(relation)}"
    )
    return relation, n_rows
