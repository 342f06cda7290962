"""Where what entries came to is kept: a folder a key, written aside and renamed, by one process at a time."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from analysis.intake.lock import locked
from analysis.intake.source import Keep


def place(keep: Keep, key: str) -> Path:
    """The folder of a key; it exists only when it is whole."""
    return keep.folder / key


def put(keep: Keep, key: str, write: Callable[[Path], None]) -> Path:
    """Let a function write into the folder of a key, unless it is there."""
    folder = place(keep, key)
    keep.folder.mkdir(parents=True, exist_ok=True)
    with locked(keep.folder / f"{key}.lock"):
        if not folder.exists():
            aside = folder.with_name(f".{key}-{os.getpid()}")
            shutil.rmtree(aside, ignore_errors=True)
            try:
                aside.mkdir()
                write(aside)
                aside.replace(folder)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
    return folder
