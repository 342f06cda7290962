"""Which files of a folder are whose quarter's, and what lies in the folder and is not read."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.core.errors import DataError
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.reading import data_files, files_not_read

_QUARTER = r"((?:19|20|21)[0-9]{2})(?:年|[-_. ])?(?:q([1-4])|第?([1-4一二三四])季度?)"
_IN_NAME = re.compile(rf"(?<![0-9]){_QUARTER}(?![0-9])", re.IGNORECASE)
_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4}
_OURS = frozenset({"policy", "template"})
"""Folders that this project itself reads or writes beside a bank's data."""

NOT_A_TABLE = Text("扩展名不是表格，未读入", "its ending is none of a table")
_LOOSE = Text(
    "与季度文件夹并列，未读入；请放入所属季度的文件夹",
    "it lies beside the quarters' folders; put it into the folder of its quarter",
)
_OTHER = Text("文件夹名不是季度（如 2026Q3），未读入", "its name is no quarter such as 2026Q3")
_NESTED = Text(
    "季度文件夹内的子文件夹，未读入；请把文件移到上一层",
    "it is a folder inside a quarter's folder; move its files one folder up",
)
_INSIDE = Text("子文件夹，未读入；请把文件移到上一层", "it is a folder beside the files; move its files one folder up")


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file or folder that is not read, by its name below the source's folder, and why."""

    name: str
    reason: Text


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of a folder by quarter, oldest first; no label where files hold all history."""

    files: tuple[tuple[str, tuple[Path, ...]], ...]
    passed: tuple[PassedOver, ...]


def quarter_of_name(name: str) -> str:
    """The quarter that a folder is named by, as its label; empty where it is named by none.

    Examples
    --------
    >>> [quarter_of_name(name) for name in ("2026Q3", "2026q3", "2026-Q3", "2026年3季度", "2026年第三季度", "2026")]
    ['2026Q3', '2026Q3', '2026Q3', '2026Q3', '2026Q3', '']
    """
    found = re.fullmatch(_QUARTER, unicodedata.normalize("NFKC", name).strip(), re.IGNORECASE)
    return _label(found) if found else ""


def _label(found: re.Match[str]) -> str:
    digit = found[2] or found[3]
    return f"{found[1]}Q{_DIGITS.get(digit, digit)}"


def lay_out(root: Path, quarter: Quarter | None) -> Layout:
    """The folder's files up to a quarter, and what is not read.

    Quarters are folders named by them; in a folder without such, names of files that differ only in their quarter.

    Raises
    ------
    DataError : there is no data file, none up to the quarter, or two folders of one quarter
    """
    inside = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    folders = [(label, path) for path in inside if (label := quarter_of_name(path.name))]
    others = [path for path in inside if not quarter_of_name(path.name) and _holds_data(path)]
    if not folders:
        passed = (*_unread(root, ""), *(PassedOver(path.name, _INSIDE) for path in others))
        return Layout(_up_to(root, _by_name(root, others), quarter), passed)
    _refuse_twice(root, folders)
    loose = (PassedOver(path.name, _LOOSE) for path in data_files(root))
    strange = (PassedOver(path.name, _OTHER) for path in others)
    folders = sorted(folder for folder in folders if quarter is None or folder[0] <= quarter.label) or folders
    found = [(label, tuple(data_files(path))) for label, path in folders]
    unread = (one for _, path in folders for one in (*_unread(path, f"{path.name}/"), *_nested(path)))
    return Layout(_up_to(root, found, quarter), (*loose, *strange, *unread))


def _refuse_twice(root: Path, folders: Sequence[tuple[str, Path]]) -> None:
    """Refuse two folders of one quarter: which of them is right only the bank knows."""
    seen: dict[str, str] = {}
    for label, path in folders:
        if label in seen:
            raise DataError(
                f"The folders {seen[label]} and {path.name} of {root.name} are both of {label}.",
                hint="Keep one folder a quarter.",
            )
        seen[label] = path.name


def _up_to(
    root: Path, found: Sequence[tuple[str, tuple[Path, ...]]], quarter: Quarter | None
) -> tuple[tuple[str, tuple[Path, ...]], ...]:
    wanted = tuple(one for one in found if quarter is None or one[0] <= quarter.label)
    if not wanted:
        raise DataError(
            f"The folder {root.name} has nothing up to {quarter}.", hint=f"Its first quarter is {found[0][0]}."
        )
    return wanted


def _by_name(root: Path, others: Sequence[Path]) -> list[tuple[str, tuple[Path, ...]]]:
    """Files of a folder without quarters: those whose names differ only in their quarter lie under it."""
    files = data_files(root)
    if not files:
        beside = f" Its folders {', '.join(path.name for path in others)} are named by no quarter." if others else ""
        raise DataError(
            f"The folder {root.name} holds no data file and no quarter such as 2026Q3.{beside}",
            hint="Put CSV, Excel or Parquet files there; analysis data template writes an example of each table.",
        )
    labels = {path: _label(found) if (found := _IN_NAME.search(path.name)) else "" for path in files}
    kinds: dict[str, set[str]] = {}
    for path in files:
        kinds.setdefault(_IN_NAME.sub("", path.name), set()).add(labels[path])
    groups: dict[str, list[Path]] = {}
    for path in files:
        is_one_of_several = len(kinds[_IN_NAME.sub("", path.name)] - {""}) > 1
        groups.setdefault(labels[path] if is_one_of_several else "", []).append(path)
    return [(label, tuple(groups[label])) for label in sorted(groups)]


def _unread(folder: Path, place: str) -> Iterator[PassedOver]:
    for name in files_not_read(folder):
        yield PassedOver(f"{place}{name}", NOT_A_TABLE)


def _nested(folder: Path) -> Iterator[PassedOver]:
    for path in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        if _holds_data(path):
            yield PassedOver(f"{folder.name}/{path.name}", _NESTED)


def _holds_data(folder: Path) -> bool:
    """Whether somebody may miss what a folder holds: a file that could be read lies in it, however deep."""
    if folder.name in _OURS:
        return False
    if folder.is_symlink():
        return True
    inside = [path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink()]
    return any(data_files(one) for one in (folder, *inside))
