"""Opens a database for reading only. What goes wrong is said in plain words, without address or credentials."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote as escaped

from analysis.core.errors import AnalysisError, DataError
from analysis.intake.memory import duckdb_settings
from analysis.intake.sources.address import Address, password
from analysis.intake.validate import quote

_TIMEOUT = "10"
"""Seconds to wait for a server to answer: a wrong host is refused soon, a slow line still gets through."""
_STATES = {
    "28": "refuses this user or password",
    "3D": "has no database of this name",
    "3F": "has no schema of this name",
    "42501": "does not let this user read what is asked for",
    "57014": "stopped the query, for it ran longer than it allows",
    "53": "has no room or no connection left",
    "25006": "was asked to write, which is never meant",
}
"""What SQLSTATE codes and classes mean."""
_HINT = "Check user, password (PGPASSWORD or ANALYSIS_DATABASE_PASSWORD), name and schema, and that it can be reached."


@contextmanager
def opened(address: Address) -> Iterator[Any]:
    """An Ibis backend on the database; closed at the end.

    Raises
    ------
    DataError : it cannot be reached or read; the driver's own message is not passed on, for it may hold the address
    """
    backend = None
    try:
        backend = _OPEN.get(address.engine, _server)(address)
        yield backend
    except AnalysisError:
        raise
    except ImportError:
        raise DataError(
            f"The engine {address.engine} needs a package that is not installed.",
            hint=f"Install the extra: pip install 'ibis-framework[{_EXTRAS.get(address.engine, address.engine)}]'.",
        ) from None
    except Exception as error:
        if not _is_of_driver(error):
            raise
        raise _plainly(error, "The database") from None
    finally:
        if backend is not None:
            backend.disconnect()


_EXTRAS = {"postgresql": "postgres"}


@contextmanager
def reading(table: str) -> Iterator[None]:
    """Says of which table it is that something goes wrong in the block."""
    try:
        yield
    except AnalysisError:
        raise
    except Exception as error:
        if not _is_of_driver(error):
            raise
        raise _plainly(error, f"The table {table} of the database") from None


def _plainly(error: Exception, subject: str) -> DataError:
    return DataError(f"{subject} {_what(error)}.", hint=_HINT)


def _is_of_driver(error: Exception) -> bool:
    """Whether an error comes from the engine's side: its driver or Ibis, which names it in its module."""
    return type(error).__module__.partition(".")[0] not in ("builtins", "analysis") or isinstance(error, OSError)


def _what(error: Exception) -> str:
    state = getattr(error, "sqlstate", None) or ""
    known = next((words for code, words in _STATES.items() if state.startswith(code)), "")
    if known:
        return known
    if type(error).__name__ == "OperationalError" and not state:
        return _of_login(str(error))
    return f"cannot be read ({type(error).__name__}{' ' + state if state else ''})"


def _of_login(text: str) -> str:
    """A failed login has no code; the server's own words tell which it is, and none of them is passed on."""
    if "password" in text or "authentication" in text or "no pg_hba.conf entry" in text:
        return _STATES["28"]
    if "does not exist" in text and "database" in text:
        return _STATES["3D"]
    return "cannot be reached"


def _postgresql(address: Address) -> Any:
    """A session that may only read, in the server's own time zone: a day means what it means to the bank."""
    import ibis
    import psycopg

    given = {"host": address.host, "user": address.user, "dbname": address.database, "password": password()}
    told: dict[str, Any] = {"connect_timeout": _TIMEOUT} | {name: value for name, value in given.items() if value}
    told |= {name: value for name, value in address.options.items() if name != "schema"}
    connection = psycopg.connect(port=address.port, autocommit=True, **told)
    connection.execute("SET default_transaction_read_only = on")
    backend = ibis.postgres.from_connection(connection)  # sets the zone to UTC
    connection.execute("RESET TimeZone")
    connection.execute("SET datestyle = 'ISO, YMD'")
    schema = address.options.get("schema")
    if schema:
        connection.execute("SELECT set_config('search_path', %s, false)", (quote(schema),))
        if backend.current_database is None:
            connection.close()
            raise DataError(f"The database has no schema {schema!r}.", hint="Check the name after ?schema= .")
    return backend


def _duckdb(address: Address) -> Any:
    import ibis

    return ibis.duckdb.connect(address.database, read_only=True, enable_external_access=False, **duckdb_settings())


def _sqlite(address: Address) -> Any:
    import ibis

    backend = ibis.sqlite.connect(address.database)
    backend.con.execute("PRAGMA query_only = ON")
    return backend


def _server(address: Address) -> Any:
    """Any other engine by Ibis's own way of connecting; a user that may only read is up to the bank."""
    import ibis

    user = f"{escaped(address.user, safe='')}@" if address.user else ""
    port = f":{address.port}" if address.port else ""
    secret = password()
    told = address.options | ({"password": secret} if secret else {})
    return ibis.connect(f"{address.engine}://{user}{address.host}{port}/{escaped(address.database)}", **told)


_OPEN = {"postgresql": _postgresql, "duckdb": _duckdb, "sqlite": _sqlite}
