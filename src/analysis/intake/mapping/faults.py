"""Collects what is wrong with a mapping file, so that all of it can be told at once."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.intake.suggest import nearest


@dataclass(slots=True)
class Faults:
    """Faults found so far. Every reader notes what is wrong and goes on with something harmless."""

    found: list[str] = field(default_factory=list)

    def add(self, fault: str) -> None:
        self.found.append(fault)

    def unknown(self, place: str, what: str, name: Any, known: Iterable[str]) -> None:
        """Note a name that does not exist, with the nearest that does."""
        hint = nearest(str(name), known).rstrip(".")
        self.add(f"{place}: there is no {what} {name!r} ({hint})")

    def keys(self, place: str, given: Mapping[str, Any], known: Iterable[str]) -> None:
        """Note every key that the language does not have."""
        for key in given:
            if key not in known:
                self.unknown(place, "key", key, known)

    def table(self, place: str, given: Any) -> dict[str, Any]:
        if isinstance(given, dict):
            return given
        self.add(f"{place} is missing" if given is None else f"{place} must be a table, not {given!r}")
        return {}

    def text(
        self,
        place: str,
        given: Mapping[str, Any],
        key: str,
        default: str | None = None,
        *,
        pattern: str = "",
        like: str = "",
    ) -> str:
        """A text under a key, of a given form."""
        value = given.get(key, default)
        if value is None:
            self.add(f"{place} is missing")
            return ""
        if not isinstance(value, str):
            self.add(f"{place} must be a text, not {value!r}")
            return ""
        if pattern and key in given and not re.fullmatch(pattern, value):
            self.add(f"{place} must be like {like!r}, not {value!r}")
        return value

    def texts(self, place: str, given: Any) -> tuple[str, ...]:
        """A text or a list of texts."""
        values = [given] if isinstance(given, str) else given
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            self.add(f"{place} must be a text or a list of texts, not {given!r}")
            return ()
        return tuple(values)

    def whole(self, place: str, given: Any, *, low: int) -> int:
        if type(given) is not int or given < low:
            self.add(f"{place} must be a whole number from {low} on, not {given!r}")
            return low
        return given

    def flag(self, place: str, given: Any) -> bool:
        if type(given) is not bool:
            self.add(f"{place} must be true or false, not {given!r}")
            return False
        return given

    def one_of(self, place: str, given: Any, known: tuple[str, ...]) -> str:
        if given not in known:
            self.unknown(place, "choice", given, known)
            return known[0]
        return str(given)


def nothing_odd(given: Any, faults: Faults) -> None:
    """Note control characters, which no header or code has and which could hide something."""
    if isinstance(given, dict):
        for key, value in given.items():
            nothing_odd(key, faults)
            nothing_odd(value, faults)
    elif isinstance(given, list):
        for value in given:
            nothing_odd(value, faults)
    elif isinstance(given, str) and re.search(r"[\x00-\x08\x0b-\x1f\x7f]", given):
        faults.add(f"{given!r} holds a control character")
