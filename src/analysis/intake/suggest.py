"""What to write instead of a name that does not exist."""

import difflib
from collections.abc import Iterable

_SHORTEST = 2
"""Characters from which a name inside another is no accident: most Chinese headers have two to four."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint: the nearest valid name, upper or lower case, and all of them.

    Examples
    --------
    >>> nearest("lones", ["clients", "loans"])
    "Did you mean 'loans'? Known are clients, loans."
    >>> nearest("余额", ["余额(元)", "客户号"])
    "Did you mean '余额(元)'? Known are 余额(元), 客户号."
    """
    names = sorted(known)
    folded = {other.casefold(): other for other in names}
    wanted = name.casefold()
    close = difflib.get_close_matches(wanted, folded, n=1)
    if not close and len(wanted) >= _SHORTEST:  # a unit or a word was put before or behind it
        close = sorted((other for other in folded if wanted in other), key=len)[:1]
    return (f"Did you mean {folded[close[0]]!r}? " if close else "") + f"Known are {', '.join(names)}."
