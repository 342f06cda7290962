"""The text of a row set aside, with names, numbers of clients and columns nobody mapped covered."""

import re

from analysis.intake.identity.people import ADDRESS, COVER, PERSON
from analysis.intake.quarantine.nouns import Part
from analysis.intake.reading import mask_raw
from analysis.intake.schemas import Column, TableSchema
from analysis.intake.validate import literal, quote

_SIGNS = (
    r"[0-9０-９ \x{00a0}.,，、:：/+\-–—()（）%％¥￥$"  # numbers
    "年月日时分秒季度第上下半元万亿千百十是否有无〇零一二三四五六七八九]*"
)
_NUMBER_LIKE = (
    rf"(?i:true|false|yes|no|null|none|nan|[-+]?inf)|#[A-Za-z0-9/!?]*|{_SIGNS}[A-Za-z]?[A-Za-z]?[A-Za-z]?{_SIGNS}"
)
"""What a cell of a number, date or yes/no may look like to be shown: a word there may be a name that slipped over."""

_LONGEST = 20
"""Codes, words of a list and numbers are shorter; longer text is prose, and prose holds names."""

_CELL = re.compile(r"[^,;|\t^\"，；：\s•]+")
_HARMLESS = re.compile(
    r"[0-9A-Za-z]{0,4}|[-+]?[0-9]*\.[0-9]+%?|[-+]?[0-9]{1,4}%?|(?:19|20)[0-9]{2}(?:[-/.][0-9]{1,2}){1,2}"
)
"""In a line whose cells cannot be told apart, only what can be no number of a client: dates, decimals, short codes."""


def is_private(column: Column) -> bool:
    """Whether values of the column may never be shown."""
    return column.sensitivity in ("identifier", "restricted", "prose", "post")


def sources(schema: TableSchema, part: Part) -> dict[str, str]:
    """Canonical column → header of the file it came from."""
    headers = set(part.raw.columns)
    if part.mapping is None:
        return {column.name: column.name for column in schema.columns if column.name in headers}
    return {column.column: column.source for column in part.mapping.columns if column.source in headers}


def open_headers(schema: TableSchema, part: Part) -> dict[str, Column]:
    """Headers whose cells may be shown, each with a canonical column it feeds, in the file's order."""
    found: dict[str, Column] = {}
    hidden: set[str] = set()
    for name, header in sources(schema, part).items():
        column = schema.column(name)
        found[header] = column
        if is_private(column):
            hidden.add(header)
    return {header: found[header] for header in part.raw.columns if header in found and header not in hidden}


def shown(value: str, column: Column) -> str:
    """SQL text of a cell, covered where it does not look like what the column holds."""
    text = f"coalesce({value}::VARCHAR, '')"
    fits = f"length({text}) <= {_LONGEST}"
    if column.dtype not in ("text", "quarter"):
        fits += f" AND regexp_full_match({text}, '{_NUMBER_LIKE}')"
    personal = f"regexp_matches({text}, '{ADDRESS}') OR regexp_full_match({text}, '{PERSON}')"
    return f"CASE WHEN {fits} AND NOT ({personal}) THEN {text} ELSE '{COVER}' END"


def raw_text(schema: TableSchema, part: Part, raw: str) -> str:
    """SQL text of a whole row as given: `header=cell | header=cell | •••`."""
    visible = open_headers(schema, part)
    mapped = set(sources(schema, part).values())
    pieces = []
    for header in part.raw.columns:
        if header in visible:
            pieces.append(f"{literal(header + '=')} || {shown(f'{raw}.{quote(header)}', visible[header])}")
        elif header in mapped:
            pieces.append(literal(f"{header}={COVER}"))
    if len(pieces) < len(part.raw.columns):
        pieces.append(literal(COVER))
    return f"concat_ws(' | ', {', '.join(pieces)})" if pieces else literal(COVER)


def rejected_text(schema: TableSchema, part: Part, raw: str) -> str:
    """A line that could not be split into cells: only dates, decimals and short codes stay."""
    visible = open_headers(schema, part)
    hidden = {header for header in part.raw.columns if header not in visible}
    masked = mask_raw(raw, part.raw.columns, hidden)
    return _CELL.sub(lambda cell: cell[0] if _HARMLESS.fullmatch(cell[0]) else COVER, masked)
