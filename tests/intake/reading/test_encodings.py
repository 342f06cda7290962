"""Bytes to text: strict, so that no word is ever another."""

from pathlib import Path

import pytest

from analysis.core.errors import DataError
from tests.intake.reading.reading_builders import shown

TABLE = "客户号,名称\nK1,上海浦东\n"
ROWS = {2: ("K1", "上海浦东")}
HINT = "Export it again as utf-8 or GB18030, or name its encoding in the mapping."


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TABLE.encode(), "utf-8"),
        (TABLE.encode("utf-8-sig"), "utf-8-sig"),
        (TABLE.encode("gb18030"), "gb18030"),
        (TABLE.encode("gbk"), "gb18030"),
        (TABLE.encode("utf-16"), "utf-16"),
        (TABLE.encode("utf-16-le"), "utf-16-le"),
        (TABLE.encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_the_encoding_is_found(content: bytes, encoding: str, tmp_path: Path) -> None:
    found = shown(tmp_path, content)
    assert (found.columns, found.rows, found.raw.encoding) == (("客户号", "名称"), ROWS, encoding)


def test_characters_of_four_bytes_are_read(tmp_path: Path) -> None:
    # 㐀 is outside GBK and takes four bytes, 𠮷 is outside the basic plane
    assert shown(tmp_path, "a,b\n㐀,𠮷\n".encode("gb18030")).rows == {2: ("㐀", "𠮷")}


@pytest.mark.parametrize("declared", ["gb18030", "GBK", "gb2312", "cp936"])
def test_names_of_older_chinese_encodings_mean_gb18030(declared: str, tmp_path: Path) -> None:
    assert shown(tmp_path, TABLE.encode("gb18030"), encoding=declared).rows == ROWS


@pytest.mark.parametrize("declared", ["utf-8", "UTF8", "utf-8-sig"])
def test_declared_utf_8_may_have_a_mark_or_not(declared: str, tmp_path: Path) -> None:
    assert shown(tmp_path, TABLE.encode(), encoding=declared).columns == ("客户号", "名称")
    assert shown(tmp_path, TABLE.encode("utf-8-sig"), encoding=declared).columns == ("客户号", "名称")


@pytest.mark.parametrize("declared", ["rot13", "base64", "nonsense", "undefined"])
def test_what_is_no_encoding_of_text_is_refused(declared: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as refusal:
        shown(tmp_path, TABLE, encoding=declared)
    assert str(refusal.value) == (f"The mapping gives t.csv the unknown encoding {declared!r}. Write utf-8 or gb18030.")


def test_a_byte_of_no_encoding_is_refused_with_its_place(tmp_path: Path) -> None:
    # the header takes 6 + 1 + 4 + 1 = 12 bytes, then K1 and the comma: the byte 0xff is the sixteenth
    with pytest.raises(DataError) as refusal:
        shown(tmp_path, "客户号,名称\nK1,".encode("gb18030") + b"\xff\n")
    assert str(refusal.value) == (
        f"The file t.csv is neither utf-8 nor GB18030: line 2 holds the byte 0xff (byte 16), which fits neither. {HINT}"
    )


def test_damaged_utf_8_is_not_taken_for_chinese_of_another_encoding(tmp_path: Path) -> None:
    # as GB18030 these bytes are other characters, all of them valid
    damaged = ("客户,名称\n" + "K1,中国\n" * 3).encode() + b"K2,\xb9\xfa\n"
    damaged.decode("gb18030")
    with pytest.raises(DataError) as refusal:
        shown(tmp_path, damaged)
    assert str(refusal.value) == (
        f"The file t.csv is utf-8 with damage in it: line 5 holds the byte 0xb9 (byte {len(damaged) - 2}),"
        f" which is not utf-8. {HINT}"
    )


@pytest.mark.parametrize(
    ("declared", "content", "byte", "position"),
    [
        ("ascii", b"a,b\n1,\xe4\n", "0xe4", 7),
        ("utf-8", b"a,b\n1,\xe4\n", "0xe4", 7),
        ("utf-8-sig", b"\xef\xbb\xbfa,b\n1,\xe4\n", "0xe4", 10),
        ("gb18030", "a,b\n1,中\n".encode(), "0xad", 9),
    ],
)
def test_a_byte_that_the_declared_encoding_lacks_is_refused(
    declared: str, content: bytes, byte: str, position: int, tmp_path: Path
) -> None:
    with pytest.raises(DataError) as refusal:
        shown(tmp_path, content, encoding=declared)
    assert str(refusal.value) == (
        f"The file t.csv is not {declared.removesuffix('-sig')}: line 2 holds the byte {byte} (byte {position}),"
        f" which does not fit. {HINT}"
    )


def test_a_fault_far_behind_is_placed_rightly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.intake.reading.guard.PIECE", 5)  # characters lie across pieces
    with pytest.raises(DataError) as refusal:
        shown(tmp_path, ("名,b\n" + "甲,1\n" * 100).encode("gb18030") + b"\xff\n")
    # 5 bytes of header and 100 lines of 5
    assert str(refusal.value).startswith(
        "The file t.csv is neither utf-8 nor GB18030: line 102 holds the byte 0xff (byte 506), which fits neither."
    )
