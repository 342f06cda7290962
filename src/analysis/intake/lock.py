"""One process at a time."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analysis.core.errors import DataError

try:
    import fcntl
except ImportError:  # not on this system; then the lock file's existence is the lock
    fcntl = None  # type: ignore[assignment]

_PATIENCE_SECONDS = 600.0
"""Longer than any source takes to write its tables (the full SBA file takes under a minute)."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file while the block runs; others wait for it."""
    if fcntl is None:
        with _exclusive(path):
            yield
        return
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            if time.monotonic() > deadline:
                raise DataError(f"Another process holds {path.name}.", hint="If none runs, delete that file.") from None
            time.sleep(0.2)
    try:
        yield
    finally:
        path.unlink()
