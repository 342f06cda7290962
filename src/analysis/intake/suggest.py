"""What to write instead of a name that does not exist."""

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint: the nearest valid name, upper or lower case, and all of them.

    Examples
    --------
    >>> nearest("lones", ["clients", "loans"])
    "Did you mean 'loans'? Known are clients, loans."
    """
    names = sorted(known)
    folded = {other.casefold(): other for other in names}
    close = difflib.get_close_matches(name.casefold(), folded, n=1)
    return (f"Did you mean {folded[close[0]]!r}? " if close else "") + f"Known are {', '.join(names)}."
