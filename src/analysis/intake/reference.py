"""Where the project lies, and its dated public facts. Reads only."""

import csv
import os
from functools import cache
from pathlib import Path

from analysis.core.errors import DataError, ParameterError
from analysis.core.text import Text
from analysis.intake.suggest import nearest

_PROJECT = 'name = "corporate-client-research"'

INDUSTRY_SCHEMES = ("gbt4754", "naics", "none")

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


def reference_file(name: str) -> Path:
    """Path of a file in `data/reference/`."""
    path = project_root() / "data" / "reference" / name
    if not path.is_file():
        raise DataError(f"The reference file {name} is missing.", hint="It belongs in data/reference/.")
    return path


@cache
def load_reference(name: str) -> tuple[dict[str, str], ...]:
    """Rows of a file in `data/reference/`, every value as text."""
    with reference_file(name).open(encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle))


@cache
def industry_names(scheme: str) -> dict[str, Text]:
    """Name of every industry code of a scheme (`gbt4754`: sections A to T, `naics`: two-digit sectors, `none`)."""
    if scheme == "naics":
        chinese = {row["naics_sector"]: row["title_zh"] for row in load_reference("naics_sectors_zh.csv")}
        sectors = load_reference("naics_sectors.csv")
        return {row["naics_sector"]: Text(chinese[row["naics_sector"]], row["title"]) for row in sectors}
    if scheme == "gbt4754":
        english = {row["section"]: row["name_en"] for row in load_reference("gbt4754_2017_sections_en.csv")}
        sections = load_reference("gbt4754_2017_sections.csv")
        return {row["section"]: Text(row["name"], english[row["section"]]) for row in sections}
    if scheme == "none":
        return {}
    raise ParameterError(f"There is no industry scheme {scheme!r}.", hint=nearest(scheme, INDUSTRY_SCHEMES))


@cache
def region_names(scheme: str) -> dict[str, Text]:
    """Names of the regions known with an industry scheme; a region without one prints as it is written."""
    if scheme == "naics":
        return {row["code"]: Text(row["zh"], row["en"]) for row in load_reference("us_states.csv")}
    if scheme == "none":
        return {}
    return {row["code"]: Text(row["zh"], row["en"]) for row in load_reference("demo_regions.csv")}
