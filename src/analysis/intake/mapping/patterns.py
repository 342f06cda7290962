"""Files that differ in their date only are of one kind: next month's file is found by the same pattern."""

import re
from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from glob import escape

from analysis.intake.mapping.nouns import FileMapping

_DATED = re.compile(
    r"(?:19|20)\d{2}(?:[-_.年]?(?:Q[1-4]|第?[一二三四1-4]季度|\d{1,2}(?:[-_.月]?\d{2}日?|月)?)|年)?", re.IGNORECASE
)


def with_patterns(files: Sequence[FileMapping], others: Sequence[str]) -> tuple[FileMapping, ...]:
    """The mappings with the dates in their files' names left open, those of one kind made one.

    Parameters
    ----------
    files : mappings of one file each
    others : names of files that are not mapped, which no pattern may take in
    """
    merged: list[FileMapping] = []
    for pattern, members in _groups(files, others):
        columns = tuple(
            replace(column, codes={code: word for m in members for code, word in m.columns[at].codes.items()})
            for at, column in enumerate(members[0].columns)
        )
        merged.append(replace(members[0], files=(pattern,), columns=columns))
    return tuple(merged)


def _groups(files: Sequence[FileMapping], others: Sequence[str]) -> list[tuple[str, list[FileMapping]]]:
    groups: list[tuple[str, list[FileMapping]]] = []
    for file in files:
        name = file.files[0]
        home = next((members for pattern, members in groups if _belongs(file, pattern, members[0])), None)
        if home is not None:
            home.append(file)
            continue
        pattern = _pattern(name)
        taken_in = [other for other in files if fnmatchcase(other.files[0], pattern) and other.sheet == file.sheet]
        names = {other.files[0] for other in taken_in}
        own = {other.files[0] for other in taken_in if _kind(other) == _kind(file)}
        is_one_kind = names == own  # a file may hold two tables, and each is of one kind with the same of the next
        is_alone = not any(fnmatchcase(other, pattern) for other in others)
        groups.append((pattern if is_one_kind and is_alone else escape(name), [file]))
    return groups


def _belongs(file: FileMapping, pattern: str, member: FileMapping) -> bool:
    return fnmatchcase(file.files[0], pattern) and _kind(file) == _kind(member)


def _kind(file: FileMapping) -> FileMapping:
    """What files of one kind have in common."""
    return replace(file, files=(), columns=tuple(replace(column, codes={}) for column in file.columns))


def _pattern(name: str) -> str:
    """A file's name with its date left open, unless no letter is left to know it by."""
    stem, dot, ending = name.partition(".")
    if not re.search(r"[^\W\d_]", _DATED.sub("", stem)):
        return escape(name)
    return "*".join(escape(part) for part in _DATED.split(stem)) + dot + escape(ending)
