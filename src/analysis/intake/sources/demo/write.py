"""Tables to Parquet: the same columns always become the same bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.intake.schemas import SCHEMAS, Dtype

MONEY = pa.decimal64(18, 2)
_DICTIONARY = pa.dictionary(pa.int32(), pa.string())
_ARROW: dict[Dtype, pa.DataType] = {
    "text": _DICTIONARY,
    "quarter": _DICTIONARY,
    "int": pa.int32(),
    "float": pa.float64(),
    "money": MONEY,
    "bool": pa.bool_(),
    "date": pa.date32(),
}


@dataclass(frozen=True, slots=True)
class Coded:
    """A text column as codes into its values; a negative code is a missing text."""

    codes: np.ndarray
    values: Sequence[str]


ColumnData = np.ndarray | Coded


def fen(yuan: np.ndarray) -> np.ndarray:
    """Whole fen from yuan."""
    return np.rint(yuan * 100.0).astype(np.int64)


def days(dates: Sequence[date]) -> np.ndarray:
    """Days since 1970 of calendar dates."""
    return np.array(dates, dtype="datetime64[D]").astype(np.int32)


def arrow_column(data: ColumnData, dtype: Dtype) -> pa.Array:
    """One column as Arrow: money is whole fen, dates are days since 1970, NaN and negative codes are missing."""
    if isinstance(data, Coded):
        codes = data.codes.astype(np.int32, copy=False)
        missing = codes < 0
        indices = pa.array(codes, mask=missing) if missing.any() else pa.array(codes)
        return pa.DictionaryArray.from_arrays(indices, pa.array(data.values, type=pa.string()))
    if isinstance(data, np.ma.MaskedArray):
        mask = np.ma.getmaskarray(data)
        values = np.where(mask, 0, data.data)
        if dtype == "money":
            bits = pa.py_buffer(np.packbits(~mask, bitorder="little").tobytes())
            return pa.Array.from_buffers(MONEY, len(data), [bits, pa.py_buffer(np.ascontiguousarray(values, np.int64))])
        if dtype == "date":
            return pa.array(values.astype(np.int32), mask=mask).cast(pa.date32())
        return pa.array(values, type=_ARROW[dtype], mask=mask)
    if dtype == "money":
        return pa.Array.from_buffers(MONEY, len(data), [None, pa.py_buffer(np.ascontiguousarray(data, np.int64))])
    if dtype == "date":
        return pa.array(np.ascontiguousarray(data, np.int32)).cast(pa.date32())
    return pa.array(data, type=_ARROW[dtype], from_pandas=dtype == "float")


def arrow_table(name: str, columns: Mapping[str, ColumnData]) -> pa.Table:
    """A canonical table with exactly the columns of its schema, in its order; what is not recorded here is empty."""
    schema = SCHEMAS[name]
    n_rows = max(len(data.codes) if isinstance(data, Coded) else len(data) for data in columns.values())
    arrays = [
        arrow_column(columns[column.name], column.dtype)
        if column.name in columns or column.required
        else pa.nulls(n_rows, _ARROW[column.dtype])
        for column in schema.columns
    ]
    return pa.Table.from_arrays(arrays, names=[column.name for column in schema.columns])


@dataclass
class Writers:
    """One open Parquet file per table; `part` is none when each table is a single file."""

    folder: Path
    part: int | None = None
    _open: dict[str, pq.ParquetWriter] = field(default_factory=dict)

    def __enter__(self) -> "Writers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._open.values():
            writer.close()

    def write(self, name: str, columns: Mapping[str, ColumnData]) -> None:
        """Append rows to a table's file, as one row group."""
        table = arrow_table(name, columns)
        if name not in self._open:
            path = self.folder / f"{name}.parquet"
            if self.part is not None:
                path = self.folder / name / f"part-{self.part:03d}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            self._open[name] = pq.ParquetWriter(path, table.schema, **_settings(table.schema))
        self._open[name].write_table(table, row_group_size=1_000_000)


def _settings(schema: pa.Schema) -> dict[str, object]:
    """Fixed writer settings; dictionaries only for text, because money hardly repeats."""
    return {
        "compression": "snappy",
        "use_dictionary": [column.name for column in schema if pa.types.is_dictionary(column.type)],
        "write_statistics": [column.name for column in schema if not pa.types.is_decimal(column.type)],
        "store_schema": False,
        "store_decimal_as_integer": True,
        "version": "2.6",
    }
