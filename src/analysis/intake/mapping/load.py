"""Reads a mapping file. Every fault is found before the first is told; nothing in it is ever run."""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from analysis.core.errors import DataError
from analysis.core.text import Text
from analysis.intake.mapping.faults import Faults, nothing_odd
from analysis.intake.mapping.file import read_file_table
from analysis.intake.mapping.nouns import FileMapping, SourceMapping
from analysis.intake.reference import INDUSTRY_SCHEMES

KINDS = ("production", "open", "synthetic")
_SOURCE_KEYS = (
    "name",
    "zh",
    "en",
    "kind",
    "currency",
    "industry_scheme",
    "client_priority",
    "first_quarter",
    "last_quarter",
    "about",
)
_NAME = "[a-z0-9][a-z0-9_-]{0,39}"
_CURRENCY = "[A-Z]{3}"
_QUARTER = "(?:19|20|21)[0-9]{2}Q[1-4]"
_HINT = "Correct the mapping file; its language is in data/mappings/README.md."


def load_mapping(path: Path) -> SourceMapping:
    """The mapping that a TOML file says.

    Raises
    ------
    DataError : it is no TOML, or names what does not exist; every fault is listed
    """
    try:
        given = tomllib.loads(path.read_bytes().decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name} is not UTF-8 from byte {error.start} on.", hint="Save it as UTF-8 and try again."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{path.name} is not valid TOML: {error}.", hint=_HINT) from error
    faults = Faults()
    mapping = _mapping(given, faults)
    if faults.found:
        many = f"{len(faults.found)} faults" if len(faults.found) > 1 else "1 fault"
        raise DataError(f"{path.name} has {many}: {'; '.join(faults.found)}.", hint=_HINT)
    return mapping


def _mapping(given: Mapping[str, Any], faults: Faults) -> SourceMapping:
    nothing_odd(given, faults)
    faults.keys("the top level", given, ("source", "file"))
    source = faults.table("[source]", given.get("source"))
    faults.keys("[source]", source, _SOURCE_KEYS)
    name = faults.text("[source] name", source, "name", pattern=_NAME, like="monday_2026")
    about = faults.table("[source.about]", source.get("about", {}))
    return SourceMapping(
        name=name,
        title=Text(_text(faults, source, "zh", name), _text(faults, source, "en", name)),
        kind=faults.one_of("[source] kind", source.get("kind", "production"), KINDS),
        currency=faults.text("[source] currency", source, "currency", "CNY", pattern=_CURRENCY, like="CNY"),
        industry_scheme=faults.one_of(
            "[source] industry_scheme", source.get("industry_scheme", "gbt4754"), INDUSTRY_SCHEMES
        ),
        files=_files(given.get("file", []), faults),
        client_priority=faults.texts("[source] client_priority", source.get("client_priority", [])),
        first_quarter=_quarter(faults, source, "first_quarter"),
        last_quarter=_quarter(faults, source, "last_quarter"),
        about={key: str(value) for key, value in about.items()},
    )


def _text(faults: Faults, source: Mapping[str, Any], key: str, default: str) -> str:
    return faults.text(f"[source] {key}", source, key, default)


def _quarter(faults: Faults, source: Mapping[str, Any], key: str) -> str:
    return faults.text(f"[source] {key}", source, key, "", pattern=_QUARTER, like="2026Q3")


def _files(given: Any, faults: Faults) -> tuple[FileMapping, ...]:
    if not isinstance(given, list) or not given:
        faults.add("there is no [[file]]")
        return ()
    return tuple(read_file_table(number, table, faults) for number, table in enumerate(given, start=1))
