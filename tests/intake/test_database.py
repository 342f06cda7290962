"""A database as a source: what may be asked of it, what comes back, and that nothing is written or given away."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analysis.core.errors import DataError, ParameterError
from analysis.core.text import Text
from analysis.intake.load import load_portfolio
from analysis.intake.mapping import ColumnMapping, FileMapping, SourceMapping
from analysis.intake.portfolio import Portfolio, parquet_sql
from analysis.intake.sources.address import Address, read_address
from analysis.intake.sources.database import bring_tables, content_key
from analysis.intake.sources.engines import opened
from tests.postgres import PASSWORD, USER, Server, copy_tables

HINT = "Set PGPASSWORD or ANALYSIS_DATABASE_PASSWORD, or name a service of your service file: postgresql:///?service=…"
CHECK = "Check user, password (PGPASSWORD or ANALYSIS_DATABASE_PASSWORD), name and schema, and that it can be reached."


@pytest.fixture
def connection() -> Iterator[Any]:
    with duckdb.connect(config={"threads": 1, "preserve_insertion_order": False}) as opened_here:
        yield opened_here


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANALYSIS_DATABASE_PASSWORD", PASSWORD)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    cache: Path = tmp_path_factory.mktemp("demo")
    return load_portfolio("demo", cache=cache, options={"n_clients": 200, "n_months": 12})


def mapping_of(*files: FileMapping) -> SourceMapping:
    return SourceMapping("bank", Text("银行", "bank"), "production", "CNY", "gbt4754", files)


def file_mapping(table: str, name: str, **columns: str) -> FileMapping:
    return FileMapping(table, (name,), tuple(ColumnMapping(column, source) for column, source in columns.items()))


# --- the address ----------------------------------------------------------------------------------------------------


def test_an_address_is_taken_apart() -> None:
    assert read_address("postgres://me@db.bank:5433/crm?schema=core&sslmode=require") == Address(
        "postgresql", "crm", "me", "db.bank", 5433, {"schema": "core", "sslmode": "require"}
    )
    assert read_address("postgresql:///?service=bank") == Address("postgresql", "", "", "", None, {"service": "bank"})


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:secret@db/crm",
        "postgresql://me:@db/crm",
        "postgresql://me@db/crm?password=secret",
        "postgresql://me@db/crm?PASSWORD=secret",
        "postgresql://me@db/crm?sslpassword=secret",
        "snowflake://me@account/crm?token=secret",
        "postgresql://me@db/crm?passfile=secret",
    ],
)
def test_a_password_in_the_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        read_address(url)
    assert (
        str(refusal.value) == f"The address of the database holds a password, which must not be written there. {HINT}"
    )


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "postgresq://db/crm",
            "There is no engine 'postgresq'. Did you mean 'postgresql'? Known are bigquery, clickhouse, databricks, "
            "duckdb, exasol, impala, mssql, mysql, oracle, postgresql, risingwave, singlestoredb, snowflake, sqlite, "
            "trino.",
        ),
        (
            "postgresql://db/crm?options=-c%20search_path",
            "The address of a database has no option 'options'. "
            "Known are connect_timeout, schema, service, sslmode, sslrootcert.",
        ),
        ("postgresql://db/crm#x", "The address of the database has a # in it. Write it as %23."),
        (
            "postgresql://db:port/crm",
            "The address of the database is not well formed. Write postgresql://user@host:5432/database.",
        ),
        (
            "duckdb:///no/such/bank.duckdb",
            "There is no database file 'bank.duckdb'. Write duckdb:///folder/file or sqlite:///folder/file.",
        ),
    ],
)
def test_an_address_that_is_none_is_refused(url: str, message: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        read_address(url)
    assert str(refusal.value) == message


def test_an_engine_that_is_not_installed_is_named(connection: Any) -> None:
    with pytest.raises(DataError) as refusal:
        bring_tables(connection, "mysql://me@127.0.0.1/crm")
    assert str(refusal.value) == (
        "The engine mysql needs a package that is not installed. "
        "Install the extra: pip install 'ibis-framework[mysql]'."
    )


# --- PostgreSQL -----------------------------------------------------------------------------------------------------


def test_every_table_comes_over_row_by_row(demo: Portfolio, postgres: Server, secret: None, connection: Any) -> None:
    copy_tables(postgres, demo, "bring")
    brought = bring_tables(connection, postgres.url("bring"))
    assert [file.table for file, _ in brought] == list(demo.tables)
    for file, raw in brought:
        stored = f"SELECT * FROM {parquet_sql(demo.folder, file.table)}"
        here = f"SELECT * EXCLUDE _line FROM {raw.relation}"
        both = f"(({stored}) EXCEPT ALL ({here})) UNION ALL (({here}) EXCEPT ALL ({stored}))"
        assert connection.execute(f"SELECT count(*) FROM ({both})").fetchone() == (0,), file.table
        assert connection.execute(f"SELECT min(_line), max(_line), count(*) FROM {raw.relation}").fetchone() == (
            1,
            raw.n_lines,
            raw.n_lines,
        )
        assert connection.execute(f"SELECT count(*) FROM {raw.rejected}").fetchone() == (0,)


def test_only_mapped_columns_leave_the_database_in_the_order_of_the_key(
    postgres: Server, secret: None, connection: Any
) -> None:
    with postgres.connect() as writer:
        writer.execute("CREATE SCHEMA core")
        writer.execute('CREATE TABLE core."客户" ("客户号" text, "户名" text, "行业" text)')
        writer.execute("""INSERT INTO core."客户" VALUES ('B', 'planted name', 'F'), ('A', 'planted name', NULL)""")
    mapping = mapping_of(file_mapping("clients", "客户", client_id="客户号", industry="行业"))
    [(_, raw)] = bring_tables(connection, postgres.url("core"), mapping)
    assert raw.columns == ("客户号", "行业")
    assert connection.execute(f"SELECT * FROM {raw.relation} ORDER BY _line").fetchall() == [
        ("A", None, 1),
        ("B", "F", 2),
    ]


def test_odd_types_and_texts_arrive_as_written(postgres: Server, secret: None, connection: Any) -> None:
    with postgres.connect() as writer:
        writer.execute("ALTER DATABASE postgres SET timezone = 'Asia/Shanghai'")
        writer.execute("CREATE TYPE state AS ENUM ('open', 'closed')")
        writer.execute(
            "CREATE TABLE public.odd (id text, note text, state state, at timestamptz, amount numeric, extra jsonb, "
            "is_on boolean, day date, share real)"
        )
        writer.execute(
            "INSERT INTO public.odd VALUES ('1', E'two\nlines, \"quoted\"', 'open', '2026-09-30 00:00+08', "
            "12345678901234567890.125, '{\"a\": 1}', true, '2026-02-28', 0.5), "
            "('2', '', NULL, NULL, NULL, NULL, false, NULL, NULL), "
            "('3', NULL, 'closed', NULL, -1, 'null', NULL, '9999-12-31', NULL)"
        )
    columns = ("id", "note", "state", "at", "amount", "extra", "is_on", "day", "share")
    mapping = mapping_of(FileMapping("clients", ("odd",), tuple(ColumnMapping("client_id", name) for name in columns)))
    [(_, raw)] = bring_tables(connection, postgres.url("public"), mapping)
    texts = ", ".join(f'"{name}"::VARCHAR' for name in columns)
    assert connection.execute(f"SELECT {texts} FROM {raw.relation} ORDER BY _line").fetchall() == [
        (
            "1",
            'two\nlines, "quoted"',
            "open",
            "2026-09-30 00:00:00",
            "12345678901234567890.125",
            '{"a": 1}',
            "true",
            "2026-02-28",
            "0.5",
        ),
        ("2", "", None, None, None, None, "false", None, None),
        ("3", None, "closed", None, "-1", "null", None, "9999-12-31", None),
    ]


def test_an_empty_table_is_no_fault(postgres: Server, secret: None, connection: Any) -> None:
    with postgres.connect() as writer:
        writer.execute("CREATE SCHEMA hollow")
        writer.execute("CREATE TABLE hollow.clients (client_id text, quarter text)")
    [(_, raw)] = bring_tables(connection, postgres.url("hollow"))
    assert (raw.n_lines, raw.columns) == (0, ("client_id", "quarter"))


def test_a_user_that_may_only_read_suffices_and_nothing_can_be_written(
    postgres: Server, monkeypatch: pytest.MonkeyPatch, connection: Any
) -> None:
    with postgres.connect() as writer:
        writer.execute("CREATE ROLE reader LOGIN PASSWORD 'readers-own'")
        writer.execute("CREATE SCHEMA lent; GRANT USAGE ON SCHEMA lent TO reader")
        writer.execute("CREATE TABLE lent.clients (client_id text, quarter text)")
        writer.execute("CREATE TABLE lent.secret (client_id text)")
        writer.execute("INSERT INTO lent.clients VALUES ('A', '2026Q3'); GRANT SELECT ON lent.clients TO reader")
    monkeypatch.setenv("PGPASSWORD", "readers-own")
    url = postgres.url("lent").replace(USER, "reader")
    [(_, raw)] = bring_tables(connection, url)
    assert raw.n_lines == 1
    with (
        pytest.raises(DataError) as refusal,
        opened(read_address(postgres.url("lent").replace(USER, "reader"))) as backend,
    ):
        backend.raw_sql("CREATE TEMP TABLE mine (a int)")
    assert str(refusal.value) == f"The database was asked to write, which is never meant. {CHECK}"
    mapping = mapping_of(file_mapping("clients", "lent.secret", client_id="client_id"))
    with pytest.raises(DataError) as refusal:
        bring_tables(connection, url, mapping)
    assert str(refusal.value) == (
        f"The table lent.secret of the database does not let this user read what is asked for. {CHECK}"
    )


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("postgresql://analyst@127.0.0.1:{port}/nowhere", "has no database of this name"),
        ("postgresql://nobody-here@127.0.0.1:{port}/postgres", "refuses this user or password"),
        ("postgresql://analyst@127.0.0.1:1/postgres", "cannot be reached"),
    ],
)
def test_a_database_that_cannot_be_opened_says_why_without_its_address(
    url: str, what: str, postgres: Server, secret: None, connection: Any
) -> None:
    with pytest.raises(DataError) as refusal:
        bring_tables(connection, url.format(port=postgres.port))
    assert str(refusal.value) == f"The database {what}. {CHECK}"
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__


def test_a_wrong_password_is_not_repeated(postgres: Server, monkeypatch: pytest.MonkeyPatch, connection: Any) -> None:
    monkeypatch.setenv("ANALYSIS_DATABASE_PASSWORD", "planted-wrong-word")
    with pytest.raises(DataError) as refusal:
        bring_tables(connection, postgres.url())
    assert str(refusal.value) == f"The database refuses this user or password. {CHECK}"


@pytest.mark.parametrize("schema", ["no_such", 'x"; DROP SCHEMA keep CASCADE; --', "x', false); DROP SCHEMA keep; --"])
def test_a_schema_that_is_not_there_is_named_and_is_never_sql(
    schema: str, postgres: Server, secret: None, connection: Any
) -> None:
    from urllib.parse import quote

    with postgres.connect() as writer:
        writer.execute("CREATE SCHEMA IF NOT EXISTS keep")
    with pytest.raises(DataError) as refusal:
        bring_tables(connection, postgres.url() + "?schema=" + quote(schema))
    assert str(refusal.value) == f"The database has no schema {schema!r}. Check the name after ?schema= ."
    with postgres.connect() as writer:
        found = writer.execute("SELECT count(*) FROM information_schema.schemata WHERE schema_name = 'keep'")
        assert found.fetchone() == (1,)


# --- any engine, by DuckDB and SQLite -------------------------------------------------------------------------------


@pytest.fixture
def duckdb_url(tmp_path: Path) -> str:
    path = tmp_path / "bank.duckdb"
    with duckdb.connect(str(path)) as made:
        made.execute("CREATE TABLE clients (CLIENT_ID VARCHAR, quarter VARCHAR, staff DOUBLE, internal VARCHAR)")
        made.execute("INSERT INTO clients VALUES ('B', '2026Q3', 2, 'x'), ('A', '2026Q3', NULL, 'x')")
        made.execute("CREATE TABLE other (a INT)")
    return f"duckdb://{path}"


def test_tables_with_canonical_names_need_no_mapping(duckdb_url: str, connection: Any) -> None:
    [(file, raw)] = bring_tables(connection, duckdb_url)
    assert file == file_mapping("clients", "clients", client_id="CLIENT_ID", quarter="quarter", staff="staff")
    assert connection.execute(f"SELECT * FROM {raw.relation} ORDER BY _line").fetchall() == [
        ("A", "2026Q3", None, 1),
        ("B", "2026Q3", 2.0, 2),
    ]


def test_sqlite_gives_text_for_its_values_have_any_type(tmp_path: Path, connection: Any) -> None:
    path = tmp_path / "bank.sqlite"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE clients (client_id TEXT, quarter TEXT, staff REAL)")
        made.execute("INSERT INTO clients VALUES ('A', '2026Q3', 'seven'), ('B', '2026Q3', 8)")
    made.close()
    [(_, raw)] = bring_tables(connection, f"sqlite://{path}")
    assert connection.execute(f"SELECT * FROM {raw.relation} ORDER BY _line").fetchall() == [
        ("A", "2026Q3", "seven", 1),
        ("B", "2026Q3", "8.0", 2),
    ]


def test_a_table_or_column_that_is_not_there_is_named_with_the_nearest(duckdb_url: str, connection: Any) -> None:
    with pytest.raises(DataError) as refusal:
        bring_tables(connection, duckdb_url, mapping_of(file_mapping("clients", "client", client_id="CLIENT_ID")))
    assert str(refusal.value) == (
        "The database has no table 'client' for clients. Did you mean 'clients'? Known are clients, other."
    )
    with pytest.raises(DataError) as refusal:
        bring_tables(
            connection, duckdb_url, mapping_of(file_mapping("clients", "clients", client_id="client_id", tier="T"))
        )
    assert str(refusal.value) == (
        "The database lacks columns: clients has no column 'client_id' (Did you mean 'CLIENT_ID'?); "
        "clients has no column 'T'. Correct the names in mapping.toml."
    )


def test_a_database_without_known_tables_says_what_it_has(tmp_path: Path, connection: Any) -> None:
    path = tmp_path / "bank.duckdb"
    with duckdb.connect(str(path)) as made:
        for name in "gabcdef":
            made.execute(f"CREATE TABLE t_{name} (x INT)")
    with pytest.raises(DataError) as refusal:
        bring_tables(connection, f"duckdb://{path}")
    assert str(refusal.value) == (
        "The database has no table with a name of the data contract; it has t_a, t_b, t_c, t_d, t_e and 2 more. "
        "Give a mapping file that says which table is which, or name the schema: ?schema=… ."
    )


@pytest.mark.parametrize("name", ['clients"; DROP TABLE clients; --', "clients; ATTACH 'x'", "read_csv('/etc/passwd')"])
def test_a_name_in_a_mapping_is_never_sql(name: str, duckdb_url: str, connection: Any) -> None:
    with pytest.raises(DataError, match=r"^The database has no table"):
        bring_tables(connection, duckdb_url, mapping_of(file_mapping("clients", name, client_id="CLIENT_ID")))
    with pytest.raises(DataError, match=r"^The database lacks columns: clients has no column"):
        bring_tables(connection, duckdb_url, mapping_of(file_mapping("clients", "clients", client_id=name)))
    assert bring_tables(connection, duckdb_url)[0][1].n_lines == 2


def test_the_content_key_follows_the_rows(duckdb_url: str) -> None:
    before = content_key(duckdb_url)
    assert content_key(duckdb_url) == before
    with duckdb.connect(duckdb_url.removeprefix("duckdb://")) as writer:
        writer.execute("UPDATE clients SET staff = 3 WHERE CLIENT_ID = 'B'")
    assert content_key(duckdb_url) != before


def test_the_content_key_of_postgresql_follows_the_rows_and_not_their_order(postgres: Server, secret: None) -> None:
    url = postgres.url("sealed")
    with postgres.connect() as writer:
        writer.execute(
            "CREATE SCHEMA sealed; CREATE TABLE sealed.clients (client_id text, quarter text, staff numeric)"
        )
        writer.execute("INSERT INTO sealed.clients VALUES ('A', '2026Q3', 1), ('B', '2026Q3', NULL)")
        before = content_key(url)
        writer.execute("DELETE FROM sealed.clients WHERE client_id = 'A'")
        fewer = content_key(url)
        writer.execute("INSERT INTO sealed.clients VALUES ('A', '2026Q3', 1)")
        again = content_key(url)
        writer.execute("UPDATE sealed.clients SET staff = 2 WHERE client_id = 'B'")
        changed = content_key(url)
    assert again == before
    assert len({before, fewer, changed}) == 3
