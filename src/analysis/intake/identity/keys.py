"""The key that turns a bank's numbers of clients, loans and people into pseudonyms."""

import hashlib
import os
import secrets
from pathlib import Path

from analysis.core.errors import DataError, ParameterError
from analysis.intake.reference import project_root

KEY_VARIABLE = "ANALYSIS_ID_KEY"
KEY_FILE = Path("data") / "id_key"
PUBLISHED_KEY = b"analysis: the published key of synthetic and open data"
"""Everybody knows it: demo and open data hold nobody's secret, and their results are the same everywhere."""
SHORTEST = 16
"""Characters: 16 of a random hex text are 64 bits, more than anybody guesses by trying."""
_BYTES = 32
_PUBLISHED_KINDS = ("synthetic", "open")


def pseudonym_key(kind: str, *, root: Path | None = None) -> bytes:
    """The key for data of a kind: the published one, or the secret of this installation.

    The secret is the environment variable `ANALYSIS_ID_KEY`; without it a file that only its owner may read, made on
    first use. Whoever has it can find a client's pseudonym; with another one every pseudonym is another.

    Parameters
    ----------
    kind : synthetic and open data take the published key, anything else the secret
    root : folder of the project

    Raises
    ------
    ParameterError : the environment variable is too short
    DataError : the key file is too short, or cannot be read or made
    """
    if kind in _PUBLISHED_KINDS:
        return PUBLISHED_KEY
    given = os.environ.get(KEY_VARIABLE)
    if given:
        return _checked(given)
    return _kept(key_file(root))


def key_file(root: Path | None = None) -> Path:
    """Where the secret lies when the environment does not give it."""
    return (root or project_root()) / KEY_FILE


def key_fingerprint(key: bytes) -> str:
    """Eight characters that change with the key and do not tell it: part of what cached tables are found by."""
    return hashlib.sha256(b"fingerprint" + key).hexdigest()[:8]


def _checked(text: str) -> bytes:
    if len(text) < SHORTEST:
        raise ParameterError(
            f"The environment variable {KEY_VARIABLE} has {len(text)} characters, fewer than {SHORTEST}.",
            hint=f"Give a longer one, or unset it: then a key is made in {KEY_FILE.as_posix()}.",
        )
    return text.encode()


def _kept(path: Path) -> bytes:
    try:
        if not path.exists():
            _make(path)
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"The key of the pseudonyms, {KEY_FILE.as_posix()}, cannot be read or made: {type(error).__name__}.",
            hint=f"Give the account that runs this access to it, or set {KEY_VARIABLE}.",
        ) from None
    if len(text) < SHORTEST:
        raise DataError(
            f"The key of the pseudonyms, {KEY_FILE.as_posix()}, has {len(text)} characters, fewer than {SHORTEST}.",
            hint="Restore it from your backup; if there is none, delete it: a new one gives every client another "
            "pseudonym.",
        )
    return text.encode()


def _make(path: Path) -> None:
    """Write a new key beside its place and link it there: whole or not at all, and of two at once the first stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    handle = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            return
    finally:
        aside.unlink()
