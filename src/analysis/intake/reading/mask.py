"""The text of a line that could not be read, with everything covered that could be a name."""

import re
from collections.abc import Sequence

COVER = "•••"

_SPLIT = re.compile(r"([,;|\t^\n\x01\x1f\"，；：])")
_HARMLESS = re.compile(r"[0-9A-Za-z.,:/%+-]{0,10}")
_PEOPLE = re.compile(r"制\s*表|复\s*核|审\s*核|经\s*办|填\s*表|打\s*印|导\s*出")
"""Lines below a table that say who made or checked it."""


def mask_raw(raw: str, columns: Sequence[str], restricted: set[str]) -> str:
    """The line with all cells covered but short codes, numbers and dates, where the file holds restricted columns.

    Parameters
    ----------
    columns : headers of the file
    restricted : headers whose values may never be shown

    Examples
    --------
    >>> mask_raw("K1,张三,12.50,extra", ["id", "name", "amount"], {"name"})
    'K1,•••,12.50,extra'
    >>> mask_raw("K1,张三,12.50,extra", ["id", "name", "amount"], set())
    'K1,张三,12.50,extra'
    """
    if restricted.isdisjoint(columns) and not _PEOPLE.search(raw):
        return raw
    return "".join(piece if _is_harmless(piece) else COVER for piece in _SPLIT.split(raw))


def _is_harmless(piece: str) -> bool:
    return bool(_SPLIT.fullmatch(piece) or _HARMLESS.fullmatch(piece.strip(" ")))
