"""Errors in cells of .xls and .xlsb are found where they stand, and nothing else is taken for one."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.intake.reading.binary_errors import errors_in
from tests.intake.messy.binary_books import ERRORS, xls, xlsb
from tests.intake.reading.reading_builders import shown, spec

ROWS = (("号", "额"), *((f"K{n}", word) for n, word in enumerate(ERRORS)), ("K9", 7.0))
FORMS = pytest.mark.parametrize(("write", "name"), [(xls, "t.xls"), (xlsb, "t.xlsb")])


@FORMS
def test_every_error_is_text_in_its_own_cell(write: object, name: str, tmp_path: Path) -> None:
    assert callable(write)
    found = shown(tmp_path, write(ROWS), name)
    assert [row[1] for row in found.rows.values()] == [*ERRORS, "7"]


@FORMS
def test_numbers_that_look_like_records_of_errors_are_numbers(write: object, name: str, tmp_path: Path) -> None:
    # 8 bytes that begin as a record of .xlsb (3, length 9) or of .xls (0x0205, length 8) would
    assert callable(write)
    (first,), (second,) = (
        struct.unpack("<d", b"\x03\x09" + bytes(6)),
        struct.unpack("<d", b"\x05\x02\x08\x00\0\0\0\x40"),
    )
    path = spec(tmp_path, write((("号", "额"), ("K1", first), ("K2", second))), name).path
    assert errors_in(path, "Sheet1") == {}


@FORMS
def test_another_sheet_has_no_errors_of_this_one(write: object, name: str, tmp_path: Path) -> None:
    assert callable(write)
    path = spec(tmp_path, write(ROWS, sheet="九月"), name).path
    assert len(errors_in(path, "九月")) == len(ERRORS)
    assert name == "t.xlsb" or errors_in(path, "八月") == {}


def test_a_formula_that_failed_is_an_error(tmp_path: Path) -> None:
    # [MS-XLS] 2.5.133: a result that is an error has 2 first, the code third and 0xFFFF last
    content = xls((("号", "额"), ("K1", 7.0)))
    number = struct.pack("<HHHHHd", 0x0203, 14, 1, 1, 0, 7.0)
    failed = struct.pack("<HHHHH8s", 0x0006, 14, 1, 1, 0, b"\x02\0\x17\0\0\0\xff\xff")
    assert content.count(number) == 1
    path = tmp_path / "t.xls"
    path.write_bytes(content.replace(number, failed))
    assert errors_in(path, "Sheet1") == {(1, 1): "#REF!"}


@given(st.binary(max_size=3000), st.integers(0, 5000))
def test_a_damaged_workbook_raises_nothing_here(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "t.xls"
    content = xls(ROWS)
    path.write_bytes(content[:at] + noise + content[at + len(noise) :])
    errors_in(path, "Sheet1")
