"""Free text without people: what is kept of the sentences of a bank's own records."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from analysis.intake.identity.people import COVER, PERSON, SURNAME
from analysis.intake.schemas import SCHEMAS
from analysis.intake.validate import columns_of, quote

_HEAD = 4
"""Characters of a name by which it is looked for."""
_SHORTEST = {"restricted": 2, "identifier": 6}
"""Names of two characters are names; numbers shorter than six may be amounts, dates or floors."""

_LONGEST = 60
"""Longer text among names is a sentence itself, such as a minute."""

_ADDRESS = re.compile(
    r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])|[0-9]{14,}[0-9Xx]|(?<![0-9])0[0-9]{2,3}-?[0-9]{7,8}|[\w.+-]+@[\w.-]+|"
    r"[一-鿿A-Za-z0-9（）()]{2,40}?(?:有限责任公司|股份有限公司|有限公司|合作社|集团公司)"
)
"""Mobile and fixed phones, numbers of identity cards and accounts, e-mail addresses, names of firms in full."""
_CALLED = re.compile(
    rf"{SURNAME}[一-鿿·]{{0,2}}?(?=先生|女士|小姐|同志|老师|老板|经理|主任|行长|董事|总监|总(?![一-鿿]))"
)
"""A surname, with or without a given name, before the way somebody is called."""
_NAMED = re.compile(
    r"((?:联系|负责|经办|责任|对接|受访|拜访|审批|跟进|复核)人|法人代表|法定代表人|客户经理)"
    rf"([是为:：\s]{{1,2}}){PERSON}"
)
"""A name after the word that says who somebody is."""


def without_people(text: str) -> str:
    """The text with everything covered that looks like a person, a phone, an address or a firm.

    Examples
    --------
    >>> without_people("由李经理于9月联系，电话13912345678"), without_people("抵押率上升，逐户复核")
    ('由•••经理于9月联系，电话•••', '抵押率上升，逐户复核')
    """
    if re.fullmatch(PERSON, text):
        return COVER
    text = _NAMED.sub(rf"\1\2{COVER}", _ADDRESS.sub(COVER, text))
    return _CALLED.sub(COVER, text)


class KnownNames:
    """Names, codes and numbers of a delivery, found again inside a sentence."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_head: dict[str, list[str]] = {}
        for name in names:
            self._by_head.setdefault(name[:_HEAD], []).append(name)

    def covered(self, text: str) -> str:
        """The text with every name covered, the longest first."""
        found = {
            name
            for at in range(len(text))
            for length in range(2, _HEAD + 1)
            for name in self._by_head.get(text[at : at + length], ())
            if text.startswith(name, at)
        }
        for name in sorted(found, key=len, reverse=True):
            text = text.replace(name, COVER)
        return text


def cover_prose(connection: Any, relations: Mapping[str, str]) -> None:
    """Cover people in every column of free text, in place.

    To be called while names and numbers are still there: what stands in a column of names, phones, codes or numbers is
    covered wherever a sentence repeats it.

    Notes
    -----
    A person who stands in no such column, is called by no title and whose name is not the whole cell is not recognised
    inside a sentence. Text that no chapter needs is therefore restricted and never stored.
    """
    places = [
        (relation, column.name)
        for name, relation in relations.items()
        for column in SCHEMAS[name].columns
        if column.sensitivity == "prose" and column.name in columns_of(connection, relation)
    ]
    texts = sorted({text for place in places for text in distinct(connection, *place)})
    if not texts:
        return
    known = KnownNames(_names(connection, relations))
    pairs = [(text, covered) for text in texts if (covered := without_people(known.covered(text))) != text]
    for place in places:
        rewrite(connection, *place, pairs)


def rewrite(connection: Any, relation: str, name: str, pairs: Sequence[tuple[str, str]]) -> None:
    """Put the second text of a pair where a column has the first."""
    if not pairs:
        return
    made = "(SELECT unnest(from_json($pairs::JSON, '[[\"VARCHAR\"]]')) AS pair)"
    query = f"CREATE OR REPLACE TEMP TABLE rewritten AS SELECT pair[1] AS before, pair[2] AS after FROM {made}"
    connection.execute(query, {"pairs": json.dumps(pairs)})
    column = quote(name)
    connection.execute(f"UPDATE {relation} SET {column} = after FROM rewritten WHERE {column} = before")
    connection.execute("DROP TABLE rewritten")


def distinct(connection: Any, relation: str, name: str) -> list[str]:
    """Every text of a column once."""
    column = quote(name)
    rows = connection.execute(
        f"SELECT DISTINCT {column}::VARCHAR FROM {relation} WHERE {column} IS NOT NULL"
    ).fetchall()
    return [text for (text,) in rows]


def _names(connection: Any, relations: Mapping[str, str]) -> Iterator[str]:
    """Everything that stands in a column of names, codes, phones or numbers; sentences among them are no names."""
    for table, relation in relations.items():
        present = columns_of(connection, relation)
        for column in SCHEMAS[table].columns:
            shortest = _SHORTEST.get(column.sensitivity)
            if shortest and column.name in present:
                texts = distinct(connection, relation, column.name)
                yield from (text for text in texts if shortest <= len(text) <= _LONGEST)
