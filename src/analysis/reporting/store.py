"""The content-keyed store: intermediate results under data/cache, found again by what they were made from.

An entry is a folder of JSON, Parquet and notebook files under its key. It is written aside and renamed, so it is
whole or not there; a lock per key keeps two workers from computing the same thing. Safe to delete at any time.
"""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.core.provenance import sha256_of

ALLOWED = (".json", ".parquet", ".ipynb")
"""No pickles: an entry must be readable by eye or by any engine, and harmless to open."""
_SEAL = "entry.seal"
"""Hashes of an entry's files, written last."""


@dataclass(frozen=True, slots=True)
class Store:
    """Entries under `folder`, by kind and key."""

    folder: Path

    def find(self, kind: str, key: str) -> Path | None:
        """The entry's folder, or None when there is none. A damaged entry is removed and counts as none."""
        entry = self.folder / kind / key
        if not entry.is_dir():
            return None
        if _is_sound(entry):
            return entry
        shutil.rmtree(entry, ignore_errors=True)
        return None

    def make(self, kind: str, key: str, write: Callable[[Path], None]) -> Path:
        """The entry's folder; `write` fills an empty folder when the entry is not there yet.

        Parameters
        ----------
        write : puts JSON, Parquet or notebook files into the folder it is given; when it raises, nothing is kept

        Raises
        ------
        ValueError : `write` left another kind of file
        """
        with self.lock(f"{kind}-{key}"):
            found = self.find(kind, key)
            if found:
                return found
            target = self.folder / kind / key
            target.parent.mkdir(parents=True, exist_ok=True)
            for left in target.parent.glob(f".{key}-*"):  # of a run that was killed: we hold the key's lock
                shutil.rmtree(left, ignore_errors=True)
            aside = Path(tempfile.mkdtemp(prefix=f".{key}-", dir=target.parent))
            try:
                write(aside)
                _seal(aside)
                aside.chmod(0o755)
                aside.rename(target)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
            return target

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold the lock called `name` against other threads and processes."""
        locks = self.folder / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        short = hashlib.sha256(name.encode()).hexdigest()[:24]
        with (locks / f"{short}.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def read_note(self, name: str) -> Any:
        """A small JSON note that is not keyed by content, such as the parts of the last build's keys, or None."""
        path = self.folder / "notes" / f"{name}.json"
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def write_note(self, name: str, value: Any) -> None:
        """Keep a small JSON note, written aside and renamed."""
        path = self.folder / "notes" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def write_whole(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old one or the new one, never half."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    aside = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
        aside.chmod(0o644)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _seal(folder: Path) -> None:
    hashes = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.suffix not in ALLOWED:
            raise ValueError(f"{path.name} may not be kept in the store; only {', '.join(ALLOWED)} files may")
        hashes[path.relative_to(folder).as_posix()] = sha256_of(path)
    (folder / _SEAL).write_text(json.dumps(hashes, indent=1), encoding="utf-8")


def _is_sound(folder: Path) -> bool:
    try:
        hashes = json.loads((folder / _SEAL).read_text(encoding="utf-8"))
        return all(sha256_of(folder / name) == value for name, value in hashes.items())
    except (OSError, ValueError, AttributeError):
        return False
