"""Where a table starts below its titles, and names for its columns."""

import re
from collections import Counter
from collections.abc import Sequence

from analysis.core.errors import DataError

LOOKED_AT = 60
"""Rows within which a header has to come: reports of banks put up to a dozen lines above."""
_FILLED = 0.6
"""Share of a header's cells that hold text: a title line fills one or two of many, blank headers are few."""
_TABULAR = 0.25
"""Share of rows with several cells from which a file is a table between lines of text, and not a list of one column."""
_LONGEST_NAME = 200
"""Signs of a header that are kept: longer ones are cells of a file that is no table."""
_NUMBER = re.compile(r"[-+(]?[\d,.¥￥$%\s]*\d[\d,.%)\s]*")
_DAY = re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?")
_REMARK = re.compile(r"[^()（）\[\]:：]{1,10}[:：]\s*\S.*")
"""What stands above a table beside its title: 单位：万元, 日期：2026-09-30."""
_YEAR = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])?")
"""Years and months may be names of columns."""

TOTAL_WORDS = ("合计", "总计", "小计", "共计", "总和", "本页合计", "合 计", "总 计", "小 计")
"""Words that no code or name is: a row that starts with one is a sum, wherever it stands."""

TOTAL = re.compile(
    r"(?:合\s*计|总\s*计|小\s*计|共\s*计|总\s*和|本页合计|制\s*表|复\s*核|审\s*核|经\s*办|填\s*表|打\s*印|导\s*出|数据来源"
    r"|注\s*[:：]|说明\s*[:：]|备注\s*[:：]|(?:grand\s+|sub-?)?totals?\s*[:：]?$|\(?\d+ rows?\b)",
    re.IGNORECASE,
)
"""How lines below a table begin: sums, signatures, notes, counts of rows."""


def find_header(rows: Sequence[Sequence[str]], name: str) -> int:
    """Index of the row with the column names.

    It is the first row as wide as most rows are, mostly filled, mostly with different words and not with numbers.

    Raises
    ------
    DataError : there is no such row
    """
    widths = Counter(width(row) for row in rows if width(row))
    if not widths:
        raise DataError(f"The file {name} is empty.", hint="Deliver it again, or take it out of the folder.")
    wide = {cells: n for cells, n in widths.items() if cells > 1}
    if sum(wide.values()) >= _TABULAR * widths.total():
        widths = Counter(wide)  # titles, units and signatures are of one cell
    usual = max(widths, key=lambda cells: (widths[cells], cells))
    found = next((at for at, row in enumerate(rows) if _is_header(row, usual)), None)
    return found if found is not None else next(at for at, row in enumerate(rows) if width(row))


def width(row: Sequence[str]) -> int:
    """Cells of a row down to the last with anything in it."""
    return max((at + 1 for at, cell in enumerate(row) if cell.strip()), default=0)


def _is_header(row: Sequence[str], usual: int) -> bool:
    cells = [cell.strip() for cell in row if cell.strip()]
    if not cells or len(cells) < _FILLED * usual or (usual > 1 and len(cells) < 2):
        return False
    if len(set(cells)) < _FILLED * len(cells) or 2 * sum(bool(_REMARK.fullmatch(cell)) for cell in cells) >= len(cells):
        return False
    return sum(_is_value(cell) for cell in cells) < 0.5 * len(cells)


def _is_value(cell: str) -> bool:
    return bool((_NUMBER.fullmatch(cell) and not _YEAR.fullmatch(cell)) or _DAY.fullmatch(cell))


def unique_names(cells: Sequence[str]) -> tuple[str, ...]:
    """Headers trimmed and told apart.

    Examples
    --------
    >>> unique_names(["客户号", " 名称", "名称", "", "Name", "name"])
    ('客户号', '名称', '名称 (2)', 'column 4', 'Name', 'name (2)')
    """
    names: list[str] = []
    taken = {"_line"}  # DuckDB tells no capitals from small letters
    for at, cell in enumerate(cells, start=1):
        shown = "".join(sign if sign.isprintable() else " " for sign in cell.replace("\ufeff", ""))
        base = " ".join(shown.split())[:_LONGEST_NAME] or f"column {at}"
        name, number = base, 2
        while name.lower() in taken:
            name, number = f"{base} ({number})", number + 1
        taken.add(name.lower())
        names.append(name)
    return tuple(names)
