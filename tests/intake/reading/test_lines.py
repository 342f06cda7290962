"""Records of delimited text: which lines become rows, which are set aside, and that all of them are counted."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.core.errors import DataError
from analysis.intake.reading import peek
from tests.intake.reading.reading_builders import shown, spec


def test_every_line_of_a_plain_file_is_a_row_with_its_number(tmp_path: Path) -> None:
    found = shown(tmp_path, "a,b\n1,2\n3,4\n")
    assert found.columns == ("a", "b")
    assert found.rows == {2: ("1", "2"), 3: ("3", "4")}
    assert found.counted == (3, 1, 0, 2)
    assert found.raw.encoding == "utf-8"


def test_a_last_line_needs_no_end(tmp_path: Path) -> None:
    assert shown(tmp_path, "a,b\n1,2\n3,4").rows == {2: ("1", "2"), 3: ("3", "4")}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_give_the_same_rows(end: str, tmp_path: Path) -> None:
    found = shown(tmp_path, end.join(["a,b", "1,2", '3,"x"', ""]))
    assert found.rows == {2: ("1", "2"), 3: ("3", "x")}


def test_mixed_line_ends_are_all_line_ends(tmp_path: Path) -> None:
    assert shown(tmp_path, "a,b\n1,2\r3,4\r\n5,6").rows == {2: ("1", "2"), 3: ("3", "4"), 4: ("5", "6")}


def test_blank_lines_are_passed_over_and_counted(tmp_path: Path) -> None:
    # lines 3 to 7: nothing, a return, delimiters only, spaces, empty quotes
    found = shown(tmp_path, 'a,b\r\n1,2\r\n\r\n\r\n,\r\n  \r\n"",""\r\n3,4\r\n')
    assert found.rows == {2: ("1", "2"), 8: ("3", "4")}
    assert found.counted == (8, 1, 5, 2)
    assert found.rejected == []


def test_a_header_alone_gives_no_rows(tmp_path: Path) -> None:
    found = shown(tmp_path, "客户号,名称\n")
    assert (found.columns, found.rows, found.raw.n_lines) == (("客户号", "名称"), {}, 0)


@pytest.mark.parametrize("content", [b"", b"\n\n \n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_a_file_without_a_word_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(DataError) as refusal:
        shown(tmp_path, content)
    assert str(refusal.value) == "The file t.csv is empty. Deliver it again, or take it out of the folder."


def test_lines_with_too_few_or_too_many_cells_are_kept_aside_with_their_text(tmp_path: Path) -> None:
    found = shown(tmp_path, "a,b,c\n1,2,3\n4,5\n6,7,8,9\n")
    assert found.rows == {2: ("1", "2", "3")}
    assert found.rejected == [(3, "4,5", "ragged"), (4, "6,7,8,9", "ragged")]


def test_empty_cells_too_many_do_no_harm(tmp_path: Path) -> None:
    assert shown(tmp_path, "a,b\n1,2\n3,4,,\n5,6\n").rows == {2: ("1", "2"), 3: ("3", "4"), 4: ("5", "6")}


@pytest.mark.parametrize("content", ["a,b,\n1,2,\n3,4,\n", "a,b\n1,2,\n3,4,\n", "a,b,\n1,2\n3,4\n"])
def test_a_delimiter_at_the_end_of_lines_makes_no_column(content: str, tmp_path: Path) -> None:
    found = shown(tmp_path, content)
    assert found.columns == ("a", "b")
    assert found.rows == {2: ("1", "2"), 3: ("3", "4")}
    assert peek(spec(tmp_path, content)).columns == ("a", "b")


def test_a_column_without_name_that_holds_cells_stays(tmp_path: Path) -> None:
    found = shown(tmp_path, "a,b,\n1,2,note\n")
    assert (found.columns, found.rows) == (("a", "b", "column 3"), {2: ("1", "2", "note")})


def test_quotes_protect_delimiters_quotes_and_line_ends(tmp_path: Path) -> None:
    found = shown(tmp_path, 'a,b,c\n1,"x,y","1,234.50"\n2,"say ""no""",3\n4,"two\nlines",5\n6,7,8\n')
    assert found.rows == {
        2: ("1", "x,y", "1,234.50"),
        3: ("2", 'say "no"', "3"),
        4: ("4", "two\nlines", "5"),
        6: ("6", "7", "8"),
    }
    assert found.counted == (6, 1, 0, 4)  # line 5 belongs to the record of line 4


def test_only_line_feeds_and_returns_end_lines(tmp_path: Path) -> None:
    found = shown(tmp_path, 'a,b,c\n1,"x\ny",p\u2028q\x0br\n2,\x85,\x1c\n')
    assert found.rows == {2: ("1", "x\ny", "p\u2028q\x0br"), 4: ("2", "\x85", "\x1c")}


def test_a_quote_inside_a_cell_is_a_sign_like_others(tmp_path: Path) -> None:
    assert shown(tmp_path, 'a,b\n1,5" pipe\n2,x\n').rows == {2: ("1", '5" pipe'), 3: ("2", "x")}


def test_a_quote_that_never_closes_costs_its_own_line_only(tmp_path: Path) -> None:
    lines = [f"{n},x,y" for n in range(500)]
    found = shown(tmp_path, "\n".join(["a,b,c", '0,"never,y', *lines]))
    assert found.rejected == [(2, '0,"never,y', "unclosed_quote")]
    assert len(found.rows) == 500


def test_two_open_quotes_do_not_swallow_the_records_between(tmp_path: Path) -> None:
    found = shown(tmp_path, 'a,b,c\n1,"x,1\n2,y,2\n3,z",3\n')
    # line 4 alone has its three cells: the quote inside its second is a sign like others
    assert found.rows == {3: ("2", "y", "2"), 4: ("3", 'z"', "3")}
    assert found.rejected == [(2, '1,"x,1', "unclosed_quote")]


def test_a_line_with_a_zero_byte_is_kept_aside(tmp_path: Path) -> None:
    found = shown(tmp_path, "a,b\n1,2\n3,4\0\n5,6\n")
    assert found.rows == {2: ("1", "2"), 4: ("5", "6")}
    assert found.rejected == [(3, "3,4\ufffd", "zero_byte")]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "\x01", "^"])
def test_usual_delimiters_are_found(delimiter: str, tmp_path: Path) -> None:
    content = "\n".join(delimiter.join(cells) for cells in (("a", "b", "c"), ("1,5", "2", "3"), ("4,5", "5", "6")))
    if delimiter == ",":
        content = content.replace("1,5", "1").replace("4,5", "4")
    found = shown(tmp_path, content)
    assert found.columns == ("a", "b", "c")
    assert len(found.rows) == 2


def test_a_declared_delimiter_of_several_bytes_is_used(tmp_path: Path) -> None:
    found = shown(tmp_path, "a，b\n1，2\n3，4，5\n", delimiter="，")
    assert (found.columns, found.rows) == (("a", "b"), {2: ("1", "2")})
    assert found.rejected == [(3, "3，4，5", "ragged")]


def test_a_file_of_one_column_is_a_table(tmp_path: Path) -> None:
    found = shown(tmp_path, "客户号\nK1\n\nK2\n")
    assert (found.columns, found.rows, found.raw.n_blank) == (("客户号",), {2: ("K1",), 4: ("K2",)}, 1)


def test_sums_and_signatures_are_no_records(tmp_path: Path) -> None:
    found = shown(tmp_path, "客户号,名称,余额\nK1,甲,1\n小计,,1\nK2,乙,2\n合计：,,3\n制表人：张三,,\n复核 李四\n")
    assert found.rows == {2: ("K1", "甲", "1"), 4: ("K2", "乙", "2")}
    assert found.rejected == [
        (3, "小计,,1", "total_row"),
        (5, "合计：,,3", "total_row"),
        (6, "制表人：张三,,", "total_row"),
        (7, "复核 李四", "total_row"),
    ]


def test_a_sum_may_stand_behind_a_number_without_one(tmp_path: Path) -> None:
    found = shown(tmp_path, "序号,客户号,余额\n1,K1,1\n,总计,1\n")
    assert found.rejected == [(3, ",总计,1", "total_row")]


def test_a_client_called_total_is_a_client(tmp_path: Path) -> None:
    content = "name,amount\nTotal Energies,1\nTotal,2\n合肥公司,3\nK4,4\n"
    assert list(shown(tmp_path, content).rows) == [2, 3, 4, 5]


def test_a_declared_row_of_the_header_is_used(tmp_path: Path) -> None:
    found = shown(tmp_path, "x,y\nz,w\na,b\n1,2\n", header_row=3)
    assert (found.columns, found.rows, found.counted) == (("a", "b"), {4: ("1", "2")}, (4, 3, 0, 1))


def test_a_row_of_the_header_behind_the_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as refusal:
        shown(tmp_path, "a,b\n1,2\n", header_row=9)
    assert str(refusal.value) == "The file t.csv has no line 9. Correct header_row in the mapping."


def test_a_peek_shows_what_reading_would(tmp_path: Path) -> None:
    content = "存款表\n\n客户号|名称|\nK1|甲|\nK2|\nK3|丙|\n合计||\n"
    head = peek(spec(tmp_path, content))
    assert (head.file, head.sheet, head.header_row, head.columns) == ("t.csv", "", 3, ("客户号", "名称"))
    assert head.rows == (("K1", "甲"), ("K3", "丙"))
    assert len(peek(spec(tmp_path, "a\n" + "1\n" * 500)).rows) == 200


def test_a_file_of_many_blocks_gives_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f'{n},"two\nlines {n}",客户' if n % 5 == 0 else f"{n},plain,{n}.5" for n in range(400)]
    content = "\r\n".join(["a,b,c", *lines, '400,"open,x', "401,y,z"])
    whole = shown(tmp_path, content)
    monkeypatch.setattr("analysis.intake.reading.guard.PIECE", 7)
    monkeypatch.setattr("analysis.intake.reading.decode.BLOCK", 50)
    monkeypatch.setattr("analysis.intake.reading.delimited.LONGEST_RECORD", 3)
    pieces = shown(tmp_path, content)
    assert pieces.rows == whole.rows
    assert pieces.rejected == whole.rejected == [(482, '400,"open,x', "unclosed_quote")]
    assert pieces.counted == whole.counted == (483, 1, 0, 402)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet='ab1,"\n\r\0\x0b 合计', max_size=120))
def test_no_line_is_ever_lost(tmp_path: Path, body: str) -> None:
    found = shown(tmp_path, f"one,two,three\nk,l,m\nn,o,p\n{body}\n")
    n_lines = len(f"one,two,three\nk,l,m\nn,o,p\n{body}\n".replace("\r\n", "\n").replace("\r", "\n").split("\n")) - 1
    assert found.raw.n_physical == n_lines
    further = sum(cell.count("\n") for row in found.rows.values() for cell in row)
    assert found.raw.n_header + found.raw.n_blank + found.raw.n_lines + further <= n_lines
    assert all(1 < line <= n_lines for line in (*found.rows, *(line for line, _, _ in found.rejected)))
