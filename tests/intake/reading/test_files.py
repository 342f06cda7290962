"""Which files are read, and what may be shown of a line that could not be."""

from pathlib import Path

import pytest

from analysis.core.errors import DataError
from analysis.intake.reading import data_files, files_not_read, mask_raw


def test_files_that_can_be_read_are_found_by_their_ending(tmp_path: Path) -> None:
    names = ["b.CSV", "a.csv.gz", "c.txt", "d.tsv", "e.parquet", "f.xlsx", "g.xls", "h.xlsb", "i.ods", "j.xlsm"]
    for name in (*names, ".hidden.csv", "~$f.xlsx", "mapping.toml", "README.md", "k.pdf", "l.dat"):
        (tmp_path / name).touch()
    (tmp_path / "2026Q3.csv").mkdir()
    assert [path.name for path in data_files(tmp_path)] == sorted(names)
    assert files_not_read(tmp_path) == ["k.pdf", "l.dat"]


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "bank"
    folder.mkdir()
    (tmp_path / "secret.csv").touch()
    (folder / "own.csv").touch()
    (folder / "inside.csv").symlink_to(folder / "own.csv")
    assert [path.name for path in data_files(folder)] == ["inside.csv", "own.csv"]
    (folder / "t.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(DataError) as refusal:
        data_files(folder)
    assert str(refusal.value) == (
        "t.csv is a link to a place outside its folder bank. Copy the file itself into the folder."
    )


@pytest.mark.parametrize(
    ("raw", "masked"),
    [
        ("K1,张三,12.50", "K1,•••,12.50"),
        ('K1,"张三,2026-09-30', 'K1,"•••,2026-09-30'),
        ("K1|13800138000|5%", "K1|•••|5%"),
        ("K1\t张 三\t\t1", "K1\t•••\t\t1"),
        ("上海公司；李四，1", "•••；•••，1"),
        ("", ""),
    ],
)
def test_all_but_short_codes_and_numbers_is_covered_in_files_with_names(raw: str, masked: str) -> None:
    assert mask_raw(raw, ["号", "名"], {"名"}) == masked


def test_a_file_without_names_is_shown_as_it_is(tmp_path: Path) -> None:
    assert mask_raw("K1,上海分行,1", ["号", "行"], {"名"}) == "K1,上海分行,1"


def test_who_made_a_list_is_covered_in_every_file() -> None:
    assert mask_raw("制表人：张三 | 合计", ["号"], set()) == "•••：•••|•••"
