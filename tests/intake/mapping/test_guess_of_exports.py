"""The demo bank handed over without a mapping is understood as with one."""

from pathlib import Path

import duckdb
import pytest

from analysis.intake.mapping import ColumnMapping, SourceMapping, guess_mapping, load_mapping
from analysis.intake.reading import FileSpec, data_files, peek
from analysis.intake.sources.demo import DemoParameters
from analysis.intake.sources.demo.export import STYLES, text_tables, write_export
from tests.intake.conftest import DemoBank
from tests.intake.exports import SIZE


def _sources(mapping: SourceMapping) -> dict[tuple[str, str], tuple[object, ...]]:
    return {
        (file.table, column.column): (column.source, column.multiply, column.year_to_date)
        for file in mapping.files
        for column in file.columns
    }


def _columns(mapping: SourceMapping) -> dict[tuple[str, str], ColumnMapping]:
    return {(file.table, column.column): column for file in mapping.files for column in file.columns}


@pytest.mark.parametrize("style", sorted(STYLES))
def test_a_guess_of_the_demo_banks_files_is_their_mapping(style: str, demo_bank: DemoBank, tmp_path: Path) -> None:
    with duckdb.connect(config={"threads": 1}) as connection:
        write_export(connection, text_tables(connection, demo_bank(DemoParameters(**SIZE))), tmp_path, STYLES[style])
    guess = guess_mapping([peek(FileSpec(path, path.name)) for path in data_files(tmp_path)], name="demo_export")
    written = load_mapping(tmp_path / "mapping.toml")
    assert _sources(guess.mapping) == _sources(written)
    assert guess.unused == ()
    assert guess.is_certain is not STYLES[style].is_chinese  # 万元 in headers is for a person to confirm
    guessed = _columns(guess.mapping)
    wrong = {
        (key, code)
        for key, column in _columns(written).items()
        for code, word in column.codes.items()
        if guessed[key].codes and guessed[key].codes.get(code, code) != word
    }
    assert wrong == set()
