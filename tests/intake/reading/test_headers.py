"""Where a table starts, and what its columns are called."""

from pathlib import Path

import pytest

from analysis.intake.reading import peek
from analysis.intake.reading.header import unique_names
from tests.intake.reading.reading_builders import shown, spec

ROWS = "K1,甲,1\nK2,乙,2\n"


@pytest.mark.parametrize(
    "above",
    [
        "",
        "存款明细表\n",
        "存款明细表,,\n单位：万元,,日期：2026-09-30\n",
        "\n\n存款明细表\n\n",
        "".join(f"说明第{n}条\n" for n in range(12)),
    ],
)
def test_titles_above_the_header_are_passed_over(above: str, tmp_path: Path) -> None:
    content = f"{above}客户号,名称,余额\n{ROWS}K3,丙,3\nK4,丁,4\nK5,戊,5\n"
    found = shown(tmp_path, content)
    assert found.columns == ("客户号", "名称", "余额")
    assert found.raw.n_header == above.count("\n") + 1
    assert found.raw.n_lines == 5


def test_a_title_above_a_header_without_rows_is_passed_over(tmp_path: Path) -> None:
    assert shown(tmp_path, "存款明细表\n客户号,名称,余额\n").columns == ("客户号", "名称", "余额")


def test_years_may_be_names_of_columns(tmp_path: Path) -> None:
    assert shown(tmp_path, "客户号,2024,2025,202609\nK1,1,2,3\n").columns == ("客户号", "2024", "2025", "202609")


def test_a_header_over_two_lines_of_one_cell_is_one_name(tmp_path: Path) -> None:
    found = shown(tmp_path, '客户号,"日均余额\n(万元)"\nK1,2\n')
    assert (found.columns, found.rows, found.raw.n_header) == (("客户号", "日均余额 (万元)"), {3: ("K1", "2")}, 2)


def test_names_are_trimmed_and_told_apart() -> None:
    given = ["\ufeff 客户号\u3000", "名称", "名称", "", "Name", "name", "名称 (2)", "a\tb"]
    assert unique_names(given) == (
        "客户号",
        "名称",
        "名称 (2)",
        "column 4",
        "Name",
        "name (2)",
        "名称 (2) (2)",
        "a b",
    )


def test_a_column_called_like_the_line_gives_way(tmp_path: Path) -> None:
    found = shown(tmp_path, "_line,_LINE\n1,2\n")
    assert (found.columns, found.rows) == (("_line (2)", "_LINE (3)"), {2: ("1", "2")})


def test_names_that_look_like_sql_are_names(tmp_path: Path) -> None:
    name = 'x" VARCHAR); DROP TABLE raw; --'
    found = shown(tmp_path, f'a;"{name.replace(chr(34), chr(34) * 2)}"\n1;2\n', delimiter=";")
    assert (found.columns, found.rows) == (("a", name), {2: ("1", "2")})


def test_ten_thousand_columns_are_read(tmp_path: Path) -> None:
    names = [f"c{n}" for n in range(10_000)]
    content = f"{','.join(names)}\n{','.join(map(str, range(10_000)))}\n"
    found = shown(tmp_path, content)
    assert found.columns == tuple(names)
    assert found.rows[2][9_999] == "9999"
    assert len(peek(spec(tmp_path, content)).columns) == 10_000
