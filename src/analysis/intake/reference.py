"""Where the project lies, and its dated public facts. Reads only."""

import csv
import os
from functools import cache
from pathlib import Path

from analysis.core.errors import DataError
from analysis.core.text import Text

_PROJECT = 'name = "corporate-client-research"'

_INDUSTRY_FILES = {"naics": "naics_sectors.csv", "gbt4754": "gbt4754_sections.csv"}
"""Industry schemes and the file in `data/reference/` that names their codes."""

_REGION_FILES = {"naics": "us_states.csv"}
"""Region names that go with an industry scheme; a source without a file prints its own region names."""

UNKNOWN_INDUSTRY = Text("行业未知", "industry unknown")


def project_root() -> Path:
    """The folder of our `pyproject.toml`: above this package, else the environment variable ANALYSIS_HOME."""
    home = os.environ.get("ANALYSIS_HOME")
    for folder in (*Path(__file__).resolve().parents, *([Path(home)] if home else [])):
        marker = folder / "pyproject.toml"
        if marker.is_file() and _PROJECT in marker.read_text(encoding="utf-8"):
            return folder
    raise DataError(
        "The project folder with its policy and reference data was not found.",
        hint="Run from the repository, or set ANALYSIS_HOME to it.",
    )


def default_cache() -> Path:
    """The folder for intermediate results of this repository; safe to delete."""
    return project_root() / "data" / "cache"


@cache
def load_reference(name: str) -> tuple[dict[str, str], ...]:
    """Rows of a file in `data/reference/`, every value as text."""
    path = project_root() / "data" / "reference" / name
    if not path.is_file():
        raise DataError(f"The reference file {name} is missing.", hint="It belongs in data/reference/.")
    with path.open(encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle))


@cache
def industry_names(scheme: str) -> dict[str, Text]:
    """Name of every industry code of a scheme (`naics`, `gbt4754`); empty for a scheme without a file."""
    return _names(_INDUSTRY_FILES.get(scheme, ""))


@cache
def region_names(scheme: str) -> dict[str, Text]:
    """Name of every region code that goes with an industry scheme; empty where regions carry their own names."""
    return _names(_REGION_FILES.get(scheme, ""))


def _names(file: str) -> dict[str, Text]:
    return {row["code"]: Text(row["zh"], row["en"]) for row in load_reference(file)} if file else {}
