"""A bank's database as a source: its tables, read only, as raw rows for the same mapping and checks as files."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from analysis.core.errors import DataError
from analysis.core.provenance import digest
from analysis.core.text import Text
from analysis.intake.identity import private_spill
from analysis.intake.mapping import ColumnMapping, FileMapping, SourceMapping
from analysis.intake.mapping.nouns import LINE
from analysis.intake.memory import duckdb_settings
from analysis.intake.reading import RawTable
from analysis.intake.schemas import SCHEMAS
from analysis.intake.sources.address import read_address
from analysis.intake.sources.engines import opened, reading
from analysis.intake.sources.entries import EVENTS, bring_entries
from analysis.intake.sources.fetching import as_given, checksum, store
from analysis.intake.suggest import did_you_mean, nearest
from analysis.intake.validate import quote

TITLE = Text("银行数据库", "a bank's database")

Brought = list[tuple[FileMapping, RawTable]]


def bring_tables(connection: Any, url: str, mapping: SourceMapping | None = None) -> Brought:
    """Bring the mapped tables of a database into DuckDB: only the columns the mapping reads, in the database's types.

    Parameters
    ----------
    connection : the DuckDB connection that gets a table `brought_<n>` for each table
    url : such as `postgresql://user@host/database?schema=crm`; the password comes from the environment
    mapping : whose `files` are names of tables, `schema.table` or patterns of them; without one, tables and columns
        that have canonical names (upper or lower case) are taken as they are

    Raises
    ------
    ParameterError : the address is not allowed
    DataError : the database, a table or a column cannot be read
    """
    address = read_address(url)
    with opened(address) as backend:
        brought = []
        for number, (file, name) in enumerate(_found(backend, mapping)):
            brought += _bring(connection, backend, file, name, f"brought_{number}")
        return brought


def content_key(url: str, mapping: SourceMapping | None = None) -> str:
    """A key of what the mapped columns hold now: a changed row changes it.

    PostgreSQL sums it up where the rows lie; from other engines they are read once and forgotten.
    """
    import duckdb

    with opened(read_address(url)) as backend, duckdb.connect(config=duckdb_settings() | private_spill()) as local:
        parts: list[tuple[object, ...]] = []
        for file, name in _found(backend, mapping):
            with reading(name):
                wanted = as_given(backend, table_of(backend, name).select(*_sources(file)))
                if backend.name == "postgres":
                    parts.append((file.table, name, checksum(backend, wanted)))
                else:
                    parts.append((file.table, name, store(local, backend, wanted.order_by(_sources(file)), "seen")))
        return digest(parts)


def _found(backend: Any, mapping: SourceMapping | None) -> list[tuple[FileMapping, str]]:
    """Each mapping with the name of each of its tables, refused where one lacks a column."""
    found = _tables_of(backend, mapping)
    faults = [fault for file, name in found if (fault := _missing(backend, file, name))]
    if faults:
        raise DataError(f"The database lacks columns: {'; '.join(faults)}.", hint="Correct the names in mapping.toml.")
    return found


def _tables_of(backend: Any, mapping: SourceMapping | None) -> list[tuple[FileMapping, str]]:
    """Each mapping with the name of each table it speaks of."""
    names = table_names(backend)
    if mapping is None:
        by_name = {name.lower(): name for name in names}
        found = [(_as_is(backend, table, by_name[table]), by_name[table]) for table in SCHEMAS if table in by_name]
        if not found:
            raise DataError(
                f"The database has no table with a name of the data contract; it has {_listed(names)}.",
                hint="Give a mapping file that says which table is which, or name the schema: ?schema=… .",
            )
        return found
    return [(file, name) for file in mapping.files for name in _named(names, file)]


def _named(names: Sequence[str], file: FileMapping) -> list[str]:
    found = [name for name in names if any(fnmatchcase(name.lower(), pattern.lower()) for pattern in file.files)]
    found += [pattern for pattern in file.files if "." in pattern and pattern not in found]
    if not found:
        wanted = ", ".join(repr(pattern) for pattern in file.files)
        raise DataError(f"The database has no table {wanted} for {file.table}.", hint=nearest(file.files[0], names))
    return found


def _as_is(backend: Any, table: str, name: str) -> FileMapping:
    """The mapping of a table whose columns have canonical names."""
    known = {column.name for column in SCHEMAS[table].columns}
    columns = tuple(
        ColumnMapping(given.lower(), given) for given in backend.table(name).columns if given.lower() in known
    )
    return FileMapping(table, (name,), columns)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown or "none that this user may read"


def table_names(backend: Any) -> list[str]:
    """Tables and views of the schema in use that the user may read, sorted."""
    if backend.name != "duckdb":
        return sorted(backend.list_tables())
    # Ibis 12 asks DuckDB 1.5 in a way that warns
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
    return sorted(row[0] for row in backend.con.execute(query).fetchall())


def table_of(backend: Any, name: str) -> Any:
    """A table by its name or by schema.table."""
    if name in table_names(backend):
        return backend.table(name)
    schema, _, table = name.rpartition(".")
    return backend.table(table, database=schema or None)


def _sources(file: FileMapping) -> list[str]:
    """The columns of the database that a mapping reads, in its order."""
    return list(file.headers)


def _missing(backend: Any, file: FileMapping, name: str) -> str:
    """Which columns a table lacks, each with the nearest it has."""
    given = table_of(backend, name).columns
    faults = [
        f"{name} has no column {source!r}{did_you_mean(source, given)}"
        for source in _sources(file)
        if source not in given
    ]
    lines = [column.column for column in file.columns if column.source == LINE]
    return "; ".join([*faults, *(f"{name} has no lines to number {column} by" for column in lines)])


def _bring(connection: Any, backend: Any, file: FileMapping, name: str, relation: str) -> Brought:
    """A table as raw rows; entries as what they become once summed."""
    with reading(name):
        if file.table == EVENTS:
            return bring_entries(connection, backend, table_of(backend, name), file, name, relation)
        sources = _sources(file)
        wanted = as_given(backend, table_of(backend, name).select(*sources))
        keys = [column.source for column in file.columns if column.column in SCHEMAS[file.table].key and column.source]
        order = list(dict.fromkeys([*keys, *sources]))
        n_rows, sha256 = store(connection, backend, wanted.order_by(order), relation)
    return [(file, raw_table(connection, relation, name, tuple(sources), n_rows, sha256))]


def raw_table(
    connection: Any, relation: str, name: str, columns: tuple[str, ...], n_rows: int, sha256: str
) -> RawTable:
    """What was brought, with the empty table of rejected lines: a database has none."""
    rejected = f"{relation}_rejected"
    connection.execute(f"CREATE TABLE {quote(rejected)} (line BIGINT, raw VARCHAR, rule VARCHAR)")
    return RawTable(relation, rejected, name, columns, n_rows, 0, "", sha256)
