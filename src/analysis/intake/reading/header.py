"""Where a table starts below its titles, and names for its columns."""

import re
from collections import Counter
from collections.abc import Sequence

from analysis.core.errors import DataError

LOOKED_AT = 60
"""Rows within which a header has to come: reports of banks put up to a dozen lines above."""
_FILLED = 0.6
"""Share of a header's cells that hold text: a title line fills one or two of many, blank headers are few."""
_NUMBER = re.compile(r"[-+(]?[\d,.¥￥$%\s]*\d[\d,.%)\s]*")
TOTAL = re.compile(
    r"\s*(合\s*计|总\s*计|小\s*计|本页合计|共计|制表人?|复核人?|审核人?|打印日期|制表日期|total|grand total)\b", re.I
)
"""First words of rows that are no record: sums and signatures under a table."""


def find_header(rows: Sequence[Sequence[str]], name: str) -> int:
    """Index of the row with the column names.

    It is the first row as wide as most rows are, mostly filled, mostly with different words and not with numbers.

    Raises
    ------
    DataError : there is no such row
    """
    widths = Counter(_width(row) for row in rows if _width(row))
    if not widths:
        raise DataError(f"The file {name} is empty.", hint="Deliver it again, or take it out of the folder.")
    usual = max(widths, key=lambda width: (widths[width], width))
    for at, row in enumerate(rows):
        if _is_header(row, usual):
            return at
    for at, row in enumerate(rows):
        if _width(row):
            return at
    return 0


def _width(row: Sequence[str]) -> int:
    return max((at + 1 for at, cell in enumerate(row) if cell.strip()), default=0)


def _is_header(row: Sequence[str], usual: int) -> bool:
    cells = [cell.strip() for cell in row if cell.strip()]
    if not cells or len(cells) < _FILLED * usual or (usual > 1 and len(cells) < 2):
        return False
    if len(set(cells)) < _FILLED * len(cells):
        return False
    return sum(bool(_NUMBER.fullmatch(cell)) for cell in cells) < 0.5 * len(cells)


def unique_names(cells: Sequence[str]) -> tuple[str, ...]:
    """Headers trimmed and told apart.

    Examples
    --------
    >>> unique_names(["客户号", " 名称", "名称", ""])
    ('客户号', '名称', '名称 (2)', 'column 4')
    """
    names: list[str] = []
    taken = {"_line"}  # DuckDB tells no capitals from small letters
    for at, cell in enumerate(cells, start=1):
        base = " ".join(cell.replace("\ufeff", "").split()) or f"column {at}"
        name, number = base, 2
        while name.lower() in taken:
            name, number = f"{base} ({number})", number + 1
        taken.add(name.lower())
        names.append(name)
    return tuple(names)
