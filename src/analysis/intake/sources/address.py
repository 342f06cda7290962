"""The address of a database: checked before anything is opened, without credentials, never printed."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from analysis.core.errors import ParameterError
from analysis.intake.suggest import nearest

PASSWORD_VARIABLE = "ANALYSIS_DATABASE_PASSWORD"
POSTGRES = ("postgresql", "postgres")
FILES = ("duckdb", "sqlite")
SERVERS = (
    "bigquery",
    "clickhouse",
    "databricks",
    "exasol",
    "impala",
    "mssql",
    "mysql",
    "oracle",
    "risingwave",
    "singlestoredb",
    "snowflake",
    "trino",
)
"""Engines that Ibis reaches once its extra of that name is installed; PostgreSQL, DuckDB and SQLite are tested here."""
OPTIONS = ("connect_timeout", "schema", "service", "sslmode", "sslrootcert")
"""What may stand after the ? of an address."""
_SECRETS = ("password", "passwd", "pwd", "passfile", "sslpassword", "token", "secret", "key")
_USE = "Set PGPASSWORD or ANALYSIS_DATABASE_PASSWORD, or name a service of your service file: postgresql:///?service=…"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is; holds no password.

    Parameters
    ----------
    engine : such as `postgresql`
    database : its name, for DuckDB and SQLite the path of the file
    options : those of OPTIONS that the address gives
    """

    engine: str
    database: str
    user: str
    host: str
    port: int | None
    options: dict[str, str]


def read_address(url: str) -> Address:
    """An address taken apart; no message repeats it.

    Raises
    ------
    ParameterError : it has a password, an unknown engine or option, or no file where one is meant
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ParameterError(
            "The address of the database is not well formed.", hint="Write postgresql://user@host:5432/database."
        ) from None
    _refuse_secrets(parts)
    engine = "postgresql" if parts.scheme in POSTGRES else parts.scheme
    if engine not in ("postgresql", *FILES, *SERVERS):
        raise ParameterError(f"There is no engine {engine!r}.", hint=nearest(engine, ["postgresql", *FILES, *SERVERS]))
    options = _options_of(parts)
    database = unquote(parts.netloc + parts.path if engine in FILES else parts.path.lstrip("/"))
    if engine in FILES:
        _refuse_missing_file(database)
        return Address(engine, database, "", "", None, options)
    return Address(engine, database, unquote(parts.username or ""), parts.hostname or "", port, options)


def _refuse_secrets(parts: SplitResult) -> None:
    given = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    if parts.password is not None or any(word in name for name in given for word in _SECRETS):
        raise ParameterError(
            "The address of the database holds a password, which must not be written there.", hint=_USE
        )


def _options_of(parts: SplitResult) -> dict[str, str]:
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in options:
        if name not in OPTIONS:
            raise ParameterError(f"The address of a database has no option {name!r}.", hint=nearest(name, OPTIONS))
    if parts.fragment:
        raise ParameterError("The address of the database has a # in it.", hint="Write it as %23.")
    return options


def _refuse_missing_file(database: str) -> None:
    if not Path(database).is_file():
        raise ParameterError(
            f"There is no database file {Path(database).name!r}.",
            hint="Write duckdb:///folder/file or sqlite:///folder/file.",
        )


def password() -> str | None:
    """The password from the environment; without one PostgreSQL looks for its own (PGPASSWORD, password file)."""
    return os.environ.get(PASSWORD_VARIABLE) or None
