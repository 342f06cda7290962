"""The panel: a row a client and quarter, a column a measure. Summed by DuckDB, kept as one Parquet file a quarter."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.core.errors import ParameterError
from analysis.core.provenance import digest
from analysis.core.quarter import Quarter
from analysis.intake.policy import Policy
from analysis.metrics.definitions import is_open
from analysis.metrics.derived import DERIVED
from analysis.metrics.measures import MEASURES, Measure
from analysis.metrics.relations import RELATIONS, Slice

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

    from analysis.intake.portfolio import Portfolio

KEY = ["client_id", "quarter"]
# About 100 columns of 8 bytes: a million rows are 0.8 GB, which a batch of quarters may hold at once (target 3 GB).
MAX_ROWS = 1_000_000
# What DuckDB sums at once; 200,000 clients took about 1 GB on top, and smaller slices read the files more often.
MAX_CLIENTS = 200_000


def panel_quarters(portfolio: "Portfolio", quarters: int | Iterable[Quarter]) -> tuple[Quarter, ...]:
    """The quarters asked for that the portfolio can speak about, oldest first."""
    asked = portfolio.quarter.trailing(quarters) if isinstance(quarters, int) else tuple(sorted(set(quarters)))
    return tuple(quarter for quarter in asked if portfolio.first_quarter <= quarter <= portfolio.quarter)


def build_panel(portfolio: "Portfolio", quarters: int | Iterable[Quarter] = 8) -> "pd.DataFrame":
    """Client × quarter with every measure the portfolio's tables allow, sorted by client and quarter.

    Parameters
    ----------
    quarters : how many up to the portfolio's own, or which

    Notes
    -----
    A measure that the tables cannot give in any quarter is no column; one they cannot give in some quarter is NaN there
    (the first quarters have no opening or no year before). Elsewhere a client without a row counts as zero.
    """
    import pandas as pd

    parts = [frame for _, frame in compute(portfolio, panel_quarters(portfolio, quarters))]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in KEY})
    return pd.concat(parts).sort_values(KEY, ignore_index=True)


def compute(
    portfolio: "Portfolio", quarters: Sequence[Quarter], *, max_clients: int = MAX_CLIENTS
) -> Iterator[tuple[Quarter, "pd.DataFrame"]]:
    """The panel quarter by quarter, in pieces of some clients with the same columns, so that memory stays bounded."""
    if not quarters:
        return
    ids = portfolio.to_frame(portfolio.table("clients").select("client_id").distinct())["client_id"].sort_values()
    # Another engine sorts words in its own way and minds its own memory: there all clients are one slice.
    is_local = portfolio.connection.name == "duckdb"
    cuts = [str(ids.iloc[at]) for at in range(max_clients, len(ids), max_clients)] if is_local else []
    slices = [Slice(portfolio, low, high) for low, high in zip([None, *cuts], [*cuts, None], strict=True)]
    size = max(MAX_ROWS // max(len(ids), 1), 1)
    for start in range(0, len(quarters), size):
        batch = quarters[start : start + size]
        sums = [_sums(part, batch) for part in slices]
        for quarter in batch:
            pieces = [frame[frame["quarter"] == quarter.label] for frame in sums]
            present = [
                name for name in MEASURES if any(name in piece and piece[name].notna().any() for piece in pieces)
            ]
            for piece in pieces:
                yield quarter, _finish(portfolio, piece, quarter, present)


def _sums(part: Slice, quarters: Sequence[Quarter]) -> "pd.DataFrame":
    """One row a client and quarter: every relation summed by itself, then joined on the key."""
    import duckdb

    from analysis.intake.engine import fetch
    from analysis.intake.memory import duckdb_settings

    has = part.portfolio.has
    names = [name for name, relation in RELATIONS.items() if all(has(table) for table in relation.tables)]
    backend = part.portfolio.connection
    is_local = backend.name == "duckdb"
    connection = backend.con if is_local else duckdb.connect(config=duckdb_settings())
    for name in names:
        summed = _summed(part, name, quarters)
        if not is_local:
            connection.register(f"fetched_{name}", fetch(backend, summed))
        query = backend.compile(summed) if is_local else f"SELECT * FROM fetched_{name}"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE sums_of_{name} AS {query}")
    keys = " UNION ".join(f"SELECT client_id, quarter FROM sums_of_{name}" for name in names)
    joins = " ".join(f"LEFT JOIN sums_of_{name} USING (client_id, quarter)" for name in names)
    # Plain SQL: to chain such wide joins in Ibis takes longer than to run them.
    query = f"SELECT * FROM ({keys}) AS keys {joins} ORDER BY client_id, quarter"
    frame: pd.DataFrame = connection.execute(query).df()
    for name in names:
        connection.execute(f"DROP TABLE sums_of_{name}")
    return frame


def _summed(part: Slice, relation: str, quarters: Sequence[Quarter]) -> "ir.Table":
    rows = RELATIONS[relation].rows(part, quarters)
    sums = {
        name: _sum(measure, rows, part.portfolio.policy).cast("float64")
        for name, measure in MEASURES.items()
        if measure.relation == relation
    }
    return rows.group_by(KEY).aggregate(**sums)


def _sum(measure: Measure, rows: "ir.Table", policy: Policy) -> "ir.Scalar":
    amount = measure.amount(rows, policy)
    match measure.kind:
        case "average":
            return (amount * rows["days"]).sum()
        case "flow":
            return amount.sum()
        case "stock":
            return amount.sum(where=rows["is_end"])
        case "any":
            return amount.max(where=rows["is_end"])


def _finish(portfolio: "Portfolio", rows: "pd.DataFrame", quarter: Quarter, present: Sequence[str]) -> "pd.DataFrame":
    """The rows of one quarter with averages divided, gaps filled with zero, absent measures left out, derived added."""
    frame = rows[[*KEY, *present]].fillna(dict.fromkeys(present, 0.0))
    averages = [name for name in present if MEASURES[name].kind == "average"]
    frame[averages] /= quarter.days
    # A closed client may still have rows in its last month; it holds nothing any more.
    held = [name for name in present if MEASURES[name].kind == "any"]
    if "n_clients" in frame:
        frame.loc[~is_open(frame), held] = 0.0
    frame = frame.copy()  # one block: columns added to a frame of many pieces are slow, and pandas warns of it
    for name, derived in DERIVED.items():
        if all(need in frame for need in derived.needs):
            frame[name] = derived.amount(frame, portfolio.policy, quarter)
    return frame


# --- kept on disk ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def code_key() -> str:
    """Hash of the source of this package: a changed definition makes kept panels stale."""
    here = Path(__file__).parent
    texts = [(here / f"{name}.py").read_bytes() for name in ("amounts", "definitions", "derived", "measures", "panel")]
    texts.append((here / "relations.py").read_bytes())
    return hashlib.sha256(b"\x1f".join(texts)).hexdigest()[:12]


def panel_folder(portfolio: "Portfolio") -> Path:
    """Where the panel of these tables under this policy is kept: beside the tables, named by content."""
    key = digest((portfolio.tables_key, portfolio.policy.sha256, portfolio.last_quarter, code_key()))
    return portfolio.folder.parent / f"panel-{key}"


def write_panel(
    portfolio: "Portfolio", quarters: int | Iterable[Quarter] = 8, *, folder: Path | None = None
) -> dict[Quarter, Path]:
    """The Parquet files of the panel, one a quarter; those already there are kept.

    Parameters
    ----------
    folder : where to write, by default beside the portfolio's tables under a name made from their content
    """
    target = folder if folder is not None else panel_folder(portfolio)
    target.mkdir(parents=True, exist_ok=True)
    paths = {quarter: target / f"{quarter}.parquet" for quarter in panel_quarters(portfolio, quarters)}
    missing = [quarter for quarter, path in paths.items() if not path.exists()]
    for quarter, pieces in groupby(compute(portfolio, missing), key=itemgetter(0)):
        aside = paths[quarter].with_suffix(f".{os.getpid()}.part")
        _write(aside, (frame for _, frame in pieces))
        aside.replace(paths[quarter])
    return paths


def _write(path: Path, frames: Iterator["pd.DataFrame"]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(next(frames), preserve_index=False)
    with pq.ParquetWriter(path, table.schema, compression="zstd") as writer:
        writer.write_table(table)
        for frame in frames:
            writer.write_table(pa.Table.from_pandas(frame, schema=table.schema, preserve_index=False))


def load_panel(
    portfolio: "Portfolio",
    columns: Sequence[str] | None = None,
    quarters: int | Iterable[Quarter] = 8,
    *,
    folder: Path | None = None,
) -> "pd.DataFrame":
    """Client × quarter with the measures asked for, from the kept panel; what is missing there is computed first.

    Parameters
    ----------
    columns : names of measures, all that the tables allow when left out; one the tables cannot give is no column
    """
    import pandas as pd

    names = known_measures(columns)
    paths = write_panel(portfolio, quarters, folder=folder)
    parts = [_read(path, names) for path in paths.values()]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in KEY})
    frame = pd.concat(parts).sort_values(KEY, ignore_index=True)
    return frame[[*KEY, *(name for name in names if name in frame)]]


def known_measures(columns: Sequence[str] | None) -> list[str]:
    """The names, refused when one is no measure; all of them when none is given."""
    if columns is None:
        return [*MEASURES, *DERIVED]
    for name in columns:
        if name not in MEASURES and name not in DERIVED:
            raise ParameterError(
                f"There is no measure {name!r}.", hint="Measures are listed in analysis.metrics.MEASURES and DERIVED."
            )
    return list(dict.fromkeys(columns))


def _read(path: Path, names: Sequence[str]) -> "pd.DataFrame":
    import pyarrow.parquet as pq

    there = set(pq.read_schema(path).names)
    table = pq.read_table(path, columns=[*KEY, *(name for name in names if name in there)])
    frame: pd.DataFrame = table.to_pandas()
    return frame
