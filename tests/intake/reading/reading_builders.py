"""Reads bytes as a file and shows what came of it."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from analysis.intake.reading import FileSpec, RawTable, read_file


@dataclass(frozen=True)
class Shown:
    """What reading gave: cells of each row by line, rejected lines as line, text and rule."""

    raw: RawTable
    rows: dict[int, tuple[str, ...]]
    rejected: list[tuple[int, str, str]]

    @property
    def columns(self) -> tuple[str, ...]:
        return self.raw.columns

    @property
    def counted(self) -> tuple[int, int, int, int]:
        """Lines of the file, down to the header, blank, records."""
        return self.raw.n_physical, self.raw.n_header, self.raw.n_blank, self.raw.n_lines


def spec(folder: Path, content: bytes | str, name: str = "t.csv", **how: object) -> FileSpec:
    """A file with this content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return FileSpec(path, name, **how)


def shown(folder: Path, content: bytes | str, name: str = "t.csv", **how: object) -> Shown:
    """What reading a file with this content gives."""
    with duckdb.connect(config={"threads": 1, "preserve_insertion_order": False}) as connection:
        raw = read_file(connection, spec(folder, content, name, **how), relation="raw")
        found = connection.execute("SELECT * FROM raw ORDER BY _line").fetchall()
        rejected = connection.execute("SELECT line, raw, rule FROM raw_rejected ORDER BY line").fetchall()
    assert raw.n_lines == len(found) + len(rejected)
    assert raw.n_rejected == len(rejected)
    return Shown(raw, {line: tuple(cells) for *cells, line in found}, rejected)
