"""Looks at what a run needs: Python, memory, disk, fonts, cache, the key of the pseudonyms."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from analysis.core.errors import AnalysisError
from analysis.intake.identity import KEY_FILE, KEY_VARIABLE, key_file, pseudonym_key
from analysis.reporting.definition import cache_folder, repository_root

_DISK_GB = 2
"""A report of the demo bank with its intermediate results takes about a tenth of this."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    name: str
    text: str
    is_good: bool = True


def examine(root: Path | None = None) -> list[Finding]:
    """Everything looked at, good or bad."""
    root = root or repository_root()
    free = shutil.disk_usage(root).free / 1e9
    cache = sum(path.stat().st_size for path in cache_folder(root).rglob("*") if path.is_file()) / 1e9
    return [
        Finding("python", sys.version.split()[0], sys.version_info >= (3, 11)),
        Finding("processors", str(os.cpu_count())),
        Finding("disk", f"{free:.1f} GB free", free >= _DISK_GB),
        Finding("cache", f"{cache:.2f} GB in data/cache, safe to delete"),
        _fonts(),
        _key(root),
    ]


def _fonts() -> Finding:
    """Whether the font files that reports embed are installed."""
    from analysis.reporting.fonts import FontName, font_file

    names: tuple[FontName, ...] = get_args(FontName)
    try:
        return Finding("fonts", ", ".join(font_file(name).name for name in names))
    except AnalysisError as error:
        return Finding("fonts", str(error), is_good=False)


def _key(root: Path) -> Finding:
    """Where the key of the pseudonyms comes from, and whether others may read it. Looking makes none."""
    name = KEY_FILE.as_posix()
    path = key_file(root)
    is_given = bool(os.environ.get(KEY_VARIABLE))
    if not is_given and not path.exists():
        return Finding("key", f"none yet; {name} is made when a bank's own data are first read")
    try:
        pseudonym_key("production", root=root)
    except AnalysisError as error:
        return Finding("key", str(error), is_good=False)
    if is_given:
        return Finding("key", f"of the pseudonyms, from {KEY_VARIABLE}")
    if os.name == "posix" and path.stat().st_mode & 0o077:
        return Finding("key", f"others may read {name}; run chmod 600 {name}", is_good=False)
    return Finding("key", f"of the pseudonyms, in {name}; keep a backup, never share it")
