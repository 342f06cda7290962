"""Files of entries, one a quarter, and the activity each makes: kept by content, so only what is new is computed."""

from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from analysis.core.provenance import digest, sha256_of
from analysis.core.quarter import Quarter
from analysis.intake.events import quarterly
from analysis.intake.memory import duckdb_settings
from analysis.intake.schemas import SCHEMAS
from analysis.intake.validate import SQL_TYPES, quote


def write_activity(files: Mapping[Quarter, Path], folder: Path) -> dict[Quarter, Path]:
    """The activity of each quarter as a Parquet file; one whose entries are as before is kept.

    Parameters
    ----------
    files : Parquet files of entries in canonical form, one a quarter
    folder : where the activity is kept, under names made from quarter, content and code
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = {
        quarter: folder / f"{quarter}-{digest((sha256_of(file), code_key()))}.parquet"
        for quarter, file in files.items()
    }
    missing = [quarter for quarter, path in kept.items() if not path.exists()]
    if missing:
        import ibis

        backend = ibis.duckdb.connect(**duckdb_settings(), preserve_insertion_order=False)
        for quarter in missing:
            _write(backend, files[quarter], quarter, kept[quarter])
        backend.disconnect()
    return kept


@lru_cache(maxsize=1)
def code_key() -> str:
    """A key of what the result rests on besides the entries: the declarations and the engine."""
    return digest((sha256_of(Path(__file__).with_name("events.py")), version("duckdb")))


def _write(backend: Any, entries: Path, quarter: Quarter, path: Path) -> None:
    aside = path.with_suffix(".part")
    query = backend.compile(quarterly(backend.read_parquet(entries), quarter))
    columns = ", ".join(
        f"CAST({quote(column.name)} AS {SQL_TYPES[column.dtype]}) AS {quote(column.name)}"
        for column in SCHEMAS["activity"].columns
    )
    target = str(aside).replace("'", "''")
    backend.con.execute(f"COPY (SELECT {columns} FROM ({query})) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
    aside.replace(path)
