"""Parquet: types kept, rows counted, text that engines store as bytes read."""

import io
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.intake.reading import peek
from tests.intake.reading.reading_builders import shown, spec


def parquet(**columns: object) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target)
    return target.getvalue()


def test_columns_keep_their_types_and_rows_their_numbers(tmp_path: Path) -> None:
    content = parquet(号=["K1", "K2"], 额=[Decimal("1.50"), None], 日=[date(2026, 9, 30), None])
    found = shown(tmp_path, content, "t.parquet")
    assert found.columns == ("号", "额", "日")
    assert found.rows == {1: ("K1", Decimal("1.50"), date(2026, 9, 30)), 2: ("K2", None, None)}
    assert (found.raw.n_lines, found.raw.n_rejected, found.raw.encoding) == (2, 0, "")


def test_text_stored_as_bytes_is_text(tmp_path: Path) -> None:
    content = parquet(号=pa.array(["甲".encode(), b"\xff"], pa.binary()))
    assert shown(tmp_path, content, "t.parquet").rows == {1: ("甲",), 2: (None,)}


def test_midnight_in_china_stays_the_day_it_was(tmp_path: Path) -> None:
    # Spark writes local midnight of 30 September as 16:00 of the day before in UTC
    moment = pa.array([datetime(2026, 9, 29, 16)], pa.timestamp("us", tz="UTC"))
    assert shown(tmp_path, parquet(日=moment), "t.parquet").rows == {1: (datetime(2026, 9, 30),)}


def test_a_column_called_like_the_row_number_is_kept(tmp_path: Path) -> None:
    found = shown(tmp_path, parquet(file_row_number=[7, 8], _line=[5, 6]), "t.parquet")
    assert (found.columns, found.rows) == (("file_row_number", "_line (2)"), {1: (7, 5), 2: (8, 6)})


def test_a_path_with_a_quote_is_a_path(tmp_path: Path) -> None:
    assert shown(tmp_path, parquet(a=["1"]), "it's.parquet").rows == {1: ("1",)}


def test_a_path_that_looks_like_a_pattern_is_one_file(tmp_path: Path) -> None:
    folder = tmp_path / "[2026]"
    folder.mkdir()
    shown(folder, parquet(a=["1"]), "ab.parquet")
    assert shown(folder, parquet(a=["2"]), "a*.parquet").rows == {1: ("2",)}
    assert shown(folder, parquet(a=["3"]), "a?.parquet").rows == {1: ("3",)}


def test_a_peek_is_text(tmp_path: Path) -> None:
    head = peek(spec(tmp_path, parquet(号=["K1", None], 额=[1.5, 2.0]), "t.parquet"))
    assert (head.columns, head.rows) == (("号", "额"), (("K1", "1.5"), ("", "2.0")))
