"""What to write instead of a name that does not exist."""

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint: the nearest valid name, and all of them.

    Examples
    --------
    >>> nearest("lones", ["clients", "loans"])
    "Did you mean 'loans'? Known are clients, loans."
    """
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    return (f"Did you mean {close[0]!r}? " if close else "") + f"Known are {', '.join(names)}."
