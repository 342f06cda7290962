"""Files that would fill the machine, and files that are not what they are called."""

import gzip
import io
import zipfile
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest

from analysis.core.errors import DataError
from tests.intake.reading.reading_builders import shown

AGAIN = "Deliver it again."


def refusal(folder: Path, content: bytes | str, name: str) -> str:
    with pytest.raises(DataError) as found:
        shown(folder, content, name)
    return str(found.value)


def book() -> bytes:
    made = openpyxl.Workbook()
    made.active.append(["a", "b"])
    made.active.append([1, 2])
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def changed(content: bytes, part: str, find: bytes, put: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given.namelist():
            data = given.read(name)
            made.writestr(name, data.replace(find, put) if name == part else data)
    return target.getvalue()


def test_an_archive_is_read(tmp_path: Path) -> None:
    assert shown(tmp_path, gzip.compress(b"a,b\n1,2\n"), "t.csv.gz").rows == {2: ("1", "2")}


def test_an_archive_that_unpacks_to_far_more_is_refused_on_the_way(tmp_path: Path) -> None:
    assert refusal(tmp_path, gzip.compress(b"0" * 60_000_000), "t.csv.gz") == (
        "The file t.csv.gz would take 50 MB unpacked, more than a table of its size can."
        " Deliver the table as Parquet, or in several files."
    )


@pytest.mark.parametrize(
    "content", [gzip.compress(b"a,b\n1,2\n" * 99, mtime=0)[:-12], b"a,b\n1,2\n"], ids=["cut off", "no archive"]
)
def test_an_archive_that_is_none_is_refused(content: bytes, tmp_path: Path) -> None:
    assert refusal(tmp_path, content, "t.csv.gz") == (
        f"The file t.csv.gz cannot be read: it is cut off or no gzip file. {AGAIN}"
    )


def test_a_workbook_that_unpacks_to_far_more_is_refused(tmp_path: Path) -> None:
    bomb = changed(book(), "xl/worksheets/sheet1.xml", b"<sheetData>", b" " * 60_000_000 + b"<sheetData>")
    assert refusal(tmp_path, bomb, "t.xlsx") == (
        "The file t.xlsx would take 60 MB unpacked, more than a table of its size can."
        " Deliver the table as Parquet, or in several files."
    )


def test_a_workbook_that_declares_too_small_a_size_is_refused(tmp_path: Path) -> None:
    bomb = changed(book(), "xl/worksheets/sheet1.xml", b"<sheetData>", b" " * 60_000_000 + b"<sheetData>")
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lie = bomb.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert refusal(tmp_path, lie, "t.xlsx") == "The workbook t.xlsx hides its true size. Save it again in Excel."


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.intake.reading.decode.BLOCK", 1_000_000)
    monkeypatch.setattr("analysis.intake.reading.decode._LONGEST_LINE", 3_000_000)
    assert refusal(tmp_path, b"a,b\n" + b"1" * 9_000_000, "t.csv") == (
        "The file t.csv has a line of more than 2 MB: it is no table. Deliver it again with one record a line."
    )


def test_a_cell_in_the_far_corner_is_refused(tmp_path: Path) -> None:
    far = changed(
        book(),
        "xl/worksheets/sheet1.xml",
        b"</sheetData>",
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>',
    )
    assert refusal(tmp_path, far, "t.xlsx") == (
        "The sheet t.xlsx!Sheet reaches down to row 1,048,576 and across 16,384 columns, more than can be read."
        " Delete stray cells far from the table, or deliver it as CSV or Parquet."
    )


def test_words_that_unfold_without_end_are_not_unfolded(tmp_path: Path) -> None:
    evil = changed(
        book(),
        "xl/workbook.xml",
        b"<workbook",
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><workbook',
    )
    assert shown(tmp_path, evil, "t.xlsx").rows == {2: ("1", "2")}


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"PK\x03\x04", "t.csv", "The file t.csv is a workbook or zip archive, not text. Rename it to end in .xlsx."),
        (b"\xd0\xcf\x11\xe0", "t.txt", "The file t.txt is a workbook, not text. Rename it to end in .xls."),
        (b"PAR1", "t.csv", "The file t.csv is a Parquet file, not text. Rename it to end in .parquet."),
        (b"a\tb\n", "t.xls", "The file t.xls is plain text that is called a workbook. Rename it to end in .csv."),
        (
            b"\xef\xbb\xbf\n<HTML><table>",
            "t.xls",
            "The file t.xls is a web page that is called a workbook. Open it in Excel and save it as xlsx.",
        ),
        (
            b"PK\x03\x04junk",
            "t.xlsx",
            "The workbook t.xlsx cannot be opened; it is damaged, protected or no workbook."
            " Save it again as xlsx without a password.",
        ),
        (b"", "t.xlsx", "The file t.xlsx is empty. Deliver it again, or take it out of the folder."),
        (b"PAR1", "t.parquet", "The file t.parquet is no Parquet file, or is cut off. Deliver it again."),
    ],
)
def test_a_file_that_is_not_what_it_is_called_is_named(content: bytes, name: str, message: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, content, name) == message


@pytest.mark.parametrize("at", range(0, 4000, 97))
def test_a_damaged_workbook_is_read_or_refused_and_nothing_else(at: int, tmp_path: Path) -> None:
    content = bytearray(book())
    content[at % len(content)] ^= 0xFF
    with suppress(DataError):
        shown(tmp_path, bytes(content), "t.xlsx")
