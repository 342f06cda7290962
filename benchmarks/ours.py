"""Our side of each comparison; a task a process."""

import sys
from pathlib import Path
from typing import Any

from benchmarks.data import QUARTERS, write_entries
from benchmarks.measure import report

_PACKAGES = ("duckdb", "ibis-framework", "pyarrow")


def scan_duckdb(folder: Path) -> dict[str, Any]:
    """Read every value of every column with DuckDB."""
    import duckdb

    with duckdb.connect(config={"threads": 1}) as connection:
        source = f"read_parquet('{folder}/*.parquet')"
        names = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
        largest = ", ".join(f"max({name})" for name in names)  # a count alone would be answered from the file's footer
        [row] = connection.execute(f"SELECT count(*), {largest} FROM {source}").fetchall()
    return {"rows": row[0], "columns": len(names)}


def scan_arrow(folder: Path) -> dict[str, Any]:
    """Read every value of every column with Arrow."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    pa.set_cpu_count(1)
    n_rows = sum(batch.num_rows for batch in ds.dataset(folder).scanner(use_threads=False).to_batches())
    return {"rows": n_rows}


def features(folder: Path, target: Path) -> dict[str, Any]:
    """Client-quarter features of every file of entries."""
    import ibis

    from analysis.intake.events import quarterly
    from analysis.intake.memory import duckdb_settings

    target.mkdir(parents=True)
    backend = ibis.duckdb.connect(**duckdb_settings(), preserve_insertion_order=False)
    n_rows = 0
    for quarter, path in write_entries(folder, 0).items():
        query = backend.compile(quarterly(backend.read_parquet(path), quarter))
        copied = backend.con.execute(f"COPY ({query}) TO '{target}/{quarter}.parquet' (FORMAT parquet)")
        n_rows += copied.fetchone()[0]
    return {"quarters": len(QUARTERS), "rows": n_rows}


def load(folder: Path, cache: Path) -> dict[str, Any]:
    """A bank's folder as far as features of every client: read, mapped, judged, summed, checked, stored, built."""
    from analysis.features import build_features
    from analysis.intake import load_portfolio, pipeline

    entries, sum_entries = Clock(), pipeline.sum_entries

    def timed(*arguments: Any) -> Any:
        entries.lap("before")
        summed = sum_entries(*arguments)
        entries.lap("entries")
        return summed

    pipeline.sum_entries = timed
    times = Clock()
    portfolio = load_portfolio(str(folder), cache=cache)
    times.lap("load")
    matrix = build_features(portfolio)
    times.lap("features")
    rows = {name: portfolio.table(name).count().execute() for name in ("positions", "transactions", "activity")}
    laps = times.laps | {"entries": entries.laps["entries"]}
    return {**{name: int(number) for name, number in rows.items()}, "clients": len(matrix.values), **laps}


def split(path: Path) -> dict[str, Any]:
    """Validate and split positions that have their types already."""
    import duckdb

    from analysis.intake.mapping import ColumnMapping, FileMapping, map_rows
    from analysis.intake.quarantine import Part
    from analysis.intake.quarantine import split as split_rows
    from analysis.intake.reading import RawTable
    from analysis.intake.schemas import SCHEMAS

    with duckdb.connect(config={"threads": 1, "preserve_insertion_order": False}) as connection:
        connection.execute(f"CREATE TABLE raw AS SELECT *, row_number() OVER () AS _line FROM '{path}'")
        connection.execute("CREATE TABLE rejected (line BIGINT, raw VARCHAR, rule VARCHAR)")
        names = [row[0] for row in connection.execute("DESCRIBE raw").fetchall()][:-1]
        n_rows = connection.execute("SELECT count(*) FROM raw").fetchone()[0]
        raw = RawTable("raw", "rejected", path.name, tuple(names), n_rows, 0, "", "")
        mapping = FileMapping("positions", (path.name,), tuple(ColumnMapping(name, name) for name in names))
        times = Clock()
        map_rows(connection, raw, mapping, relation="mapped")
        times.lap("map")
        found = split_rows(
            connection, SCHEMAS["positions"], [Part("mapped", raw)], references={}, as_of=QUARTERS[-1].end
        )
        times.lap("split")
        kept = connection.execute(f"SELECT count(*) FROM {found.clean}").fetchone()[0]
        aside = connection.execute(f"SELECT count(*) FROM {found.set_aside}").fetchone()[0]
    return {"read": n_rows, "kept": kept, "aside": aside, **times.laps}


class Clock:
    """Processor seconds between one lap and the next."""

    def __init__(self) -> None:
        import time

        self._now = time.process_time
        self._last = self._now()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Note the seconds since the last lap."""
        now = self._now()
        self.laps[name] = now - self._last
        self._last = now


def extract(path: Path) -> dict[str, Any]:
    """Read a GB18030 extract."""
    import duckdb

    from analysis.intake.reading import FileSpec, read_file

    with duckdb.connect(config={"threads": 1, "preserve_insertion_order": False}) as connection:
        raw = read_file(connection, FileSpec(path, path.name), relation="raw")
    return {"rows": raw.n_lines, "encoding": raw.encoding}


TASKS = {
    "scan_duckdb": scan_duckdb,
    "scan_arrow": scan_arrow,
    "features": features,
    "load": load,
    "split": split,
    "extract": extract,
}

_MODULES = (
    "duckdb",
    "ibis.backends.duckdb",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "analysis.features",
    "analysis.intake.events",
    "analysis.intake.load",
    "analysis.intake.mapping",
    "analysis.intake.quarantine",
    "analysis.intake.reading",
)

if __name__ == "__main__":
    report(lambda: TASKS[sys.argv[1]](*map(Path, sys.argv[2:])), _PACKAGES, _MODULES)
