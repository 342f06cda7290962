"""A PostgreSQL server on loopback that lives as long as the tests that ask for it, and canonical tables in it."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from analysis.intake.portfolio import Portfolio, parquet_sql

USER = "analyst"
PASSWORD = "planted-secret-9f3c"
_TYPES = {"VARCHAR": "text", "DOUBLE": "double precision"}


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens; the password is PASSWORD."""

    port: int

    def url(self, schema: str = "") -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/postgres" + (f"?schema={schema}" if schema else "")

    def connect(self) -> Any:
        """A connection that may write."""
        import psycopg

        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, dbname="postgres", autocommit=True
        )


def why_not() -> str:
    """Why no server can be started here; empty where it can."""
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "psycopg is not installed"
    if _programs() is None:
        return "PostgreSQL's initdb and pg_ctl are not installed"
    if os.name != "posix":
        return "PostgreSQL is started on POSIX systems only"
    return ""


def _programs() -> Path | None:
    """The folder of initdb and pg_ctl: that in PATH, else the newest of Debian's."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


@contextmanager
def running_server() -> Iterator[Server]:
    """Start a server with a fresh cluster, stop it and remove the cluster at the end."""
    programs = _programs()
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="analysis-pg-"))
    account = _account()
    if account:
        shutil.chown(folder, account)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    secret = folder / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    secret.chmod(0o644)
    cluster = str(folder / "cluster")

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [str(programs / program), "-D", cluster, *arguments],
            user=account,
            cwd=folder,
            check=True,
            timeout=120,
            stdout=subprocess.DEVNULL,  # not a pipe: the server keeps it open
            stderr=subprocess.DEVNULL,
        )

    try:
        run("initdb", "-U", USER, "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--no-locale", "-N")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield Server(port)
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> str | None:
    """Whom to run as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def copy_tables(server: Server, portfolio: Portfolio, schema: str) -> None:
    """Write a portfolio's canonical tables into a schema of the server, with its native types."""
    with server.connect() as connection:
        connection.execute(f'CREATE SCHEMA "{schema}"')
        for name in portfolio.tables:
            copy_query(connection, f'"{schema}"."{name}"', f"SELECT * FROM {parquet_sql(portfolio.folder, name)}")


def copy_query(connection: Any, table: str, query: str) -> None:
    """Make a table of the server from a DuckDB query on files."""
    local = duckdb.connect(config={"threads": 1})
    described = local.execute(f"DESCRIBE {query}").fetchall()
    columns = ", ".join(f'"{row[0]}" {_TYPES.get(row[1], row[1])}' for row in described)
    connection.execute(f"CREATE TABLE {table} ({columns})")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        local.execute(f"COPY ({query}) TO '{path}' (FORMAT csv, HEADER false)")
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy:
            copy.write(path.read_bytes())
