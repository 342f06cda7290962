"""What to write instead of a name that does not exist."""

import difflib
from collections.abc import Iterable

_SHORTEST = 2
"""Characters from which a name inside another is no accident: most Chinese headers have two to four."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The nearest valid name in brackets, to follow a name that does not exist; empty when none is near.

    Examples
    --------
    >>> did_you_mean("lones", ["clients", "loans"]), did_you_mean("x", ["clients"])
    (" (Did you mean 'loans'?)", '')
    """
    close = _closest(name, known)
    return f" (Did you mean {close!r}?)" if close else ""


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
    close = _closest(name, names)
    return (f"Did you mean {close!r}? " if close else "") + f"Known are {', '.join(names)}."


def _closest(name: str, known: Iterable[str]) -> str:
    folded = {other.casefold(): other for other in sorted(known)}
    wanted = name.casefold()
    close = difflib.get_close_matches(wanted, folded, n=1)
    if not close and len(wanted) >= _SHORTEST:  # a unit or a word was put before or behind it
        close = sorted((other for other in folded if wanted in other), key=len)[:1]
    return folded[close[0]] if close else ""
