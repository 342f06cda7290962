"""A source's data as a `Portfolio`: refused early, read once, kept by content, checked against the contract."""

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.core.errors import ParameterError
from analysis.core.provenance import Cleaning, Provenance, digest, sha256_of
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.core.units import CURRENCIES
from analysis.intake import kept
from analysis.intake.identity.matches import match_tables
from analysis.intake.lock import locked
from analysis.intake.memory import duckdb_settings
from analysis.intake.policy import Policy, load_policy
from analysis.intake.portfolio import Portfolio, check_span, known_sql, parquet_sql, stored_at
from analysis.intake.reference import default_cache, project_root
from analysis.intake.schemas import SCHEMAS
from analysis.intake.sizes import SIZE_RULES
from analysis.intake.source import Extract, Keep, Prepared, Source
from analysis.intake.sources import SOURCES
from analysis.intake.suggest import nearest

if TYPE_CHECKING:
    from analysis.intake.identity import ClientMatches
    from analysis.intake.quality import Quality, TableFacts

LATEST = "latest"
_MANIFEST = "manifest.json"
_CODE_OF_ALL = (
    "schemas",
    "validate.py",
    "load.py",
    "kept.py",
    "source.py",
    "checks.py",
    "quality",
    "identity/matches.py",
    "portfolio.py",
)
_BESIDE = ("set_aside.parquet", "restatements.parquet")
"""What a source may write beside its tables: rows left out, and earlier values that a later delivery changed."""
_VERSIONS_OF = ("duckdb", "numpy", "pandas")


def load_portfolio(
    source: str,
    *,
    quarter: str = LATEST,
    data: str | None = None,
    cache: Path | None = None,
    policy: Policy | None = None,
    options: Mapping[str, object] | None = None,
) -> Portfolio:
    """The portfolio of a source at a quarter's end.

    A wrong name, quarter or option is refused before anything heavy is imported. Canonical tables are written once per
    content and used again until an input, an option or the code changes.

    Parameters
    ----------
    source : a name in `SOURCES`, the path of a folder of extracts, or the address of a database
    quarter : `latest`, or a quarter such as 2026Q3
    data : path of the published file (open data), or of the folder that holds it
    cache : folder for the tables; by default the repository's `data/cache`
    policy : the decisions in force; by default those of `data/policy`
    options : what the source may be told, such as the seed of the demo bank
    """
    name, given = locate(source, data)
    chosen = find_source(name)
    asked = None if quarter == LATEST else Quarter(quarter)
    prepared = chosen.prepare(given, options or {}, asked)
    chosen = prepared.source or chosen
    if asked and prepared.span:
        check_span(asked, *prepared.span, chosen.name)
    tables = make_tables(chosen, prepared, cache if cache is not None else default_cache())
    decided = policy if policy is not None else load_policy(overlay=prepared.overlay)
    at = asked or tables.extract.last_quarter
    check_span(at, tables.extract.first_quarter, tables.extract.last_quarter, chosen.name)
    quality = quality_of(tables.extract, decided, at)
    quality.refuse_stopped(chosen.name)
    return Portfolio(
        quarter=at,
        currency=CURRENCIES[chosen.currency],
        provenance=Provenance(
            chosen.name,
            chosen.kind,
            chosen.title,
            tables.extract.inputs,
            tables.extract.cleaning,
            dict(tables.extract.parameters),
        ),
        policy=decided,
        folder=tables.folder,
        tables=tables.names,
        industry_scheme=chosen.industry_scheme,
        first_quarter=tables.extract.first_quarter,
        last_quarter=tables.extract.last_quarter,
        size_rule=SIZE_RULES[chosen.industry_scheme],
        tables_key=tables.key,
        quality=quality,
        matches_at_load=tables.extract.matches,
    )


def quality_of(extract: Extract, policy: Policy, quarter: Quarter) -> "Quality":
    """What the quality gate makes of loaded tables at a quarter's end."""
    from analysis.intake.quality import judge

    return judge(extract.counts, extract.checks, extract.facts, policy, quarter)


_ADDRESS = re.compile(r"[a-z][a-z0-9+]*://")


def is_address(text: str) -> bool:
    """Whether a text is the address of a database, such as postgresql://…"""
    return _ADDRESS.match(text) is not None


def locate(source: str, data: str | None) -> tuple[str, str | None]:
    """The registered name and the DATA of what SOURCE says: a name, the path of a folder or a database's address."""
    if source in SOURCES:
        return source, data or None
    if is_address(source):
        return "database", f"{source} {data}" if data else source
    if "/" in source or os.sep in source or Path(source).is_dir():
        return "folder", source
    return source, data or None


def find_source(name: str) -> Source:
    """The registered source of this name."""
    if name not in SOURCES:
        raise ParameterError(f"There is no source {name!r}.", hint=nearest(name, SOURCES))
    return SOURCES[name]


@dataclass(frozen=True, slots=True)
class Tables:
    """Canonical tables on disk, with what is known of how they came about."""

    folder: Path
    names: tuple[str, ...]
    extract: Extract
    key: str


def make_tables(source: Source, prepared: Prepared, cache: Path) -> Tables:
    """The source's canonical tables, from the cache or written now."""
    code = digest((_code_digest(source), *(version(package) for package in _VERSIONS_OF)))
    key = digest((source.name, *prepared.key, code))
    folder = cache / "tables" / key
    if not _is_whole(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with locked(folder.parent / f"{key}.lock"):
            if not _is_whole(folder):
                _write(source, prepared, folder, Keep(cache / "entries", code))
    content = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    return Tables(folder, tuple(content["tables"]), kept.from_json(content), key)


def _is_whole(folder: Path) -> bool:
    """Whether the tables are there, also when somebody tidied up part of the cache."""
    manifest = folder / _MANIFEST
    if not manifest.is_file():
        return False
    return all(stored_at(folder, name) for name in json.loads(manifest.read_text(encoding="utf-8"))["tables"])


def _code_digest(source: Source) -> str:
    package = Path(__file__).parent
    roots = [package / name for name in _CODE_OF_ALL] + [_code_root(name) for name in source.code]
    files = sorted(
        file for root in roots for file in (root.rglob("*.py") if root.is_dir() else (root,)) if file.exists()
    )
    return digest(part for file in files for part in (file.name, sha256_of(file)))


def _code_root(name: str) -> Path:
    return project_root() / name if name.startswith("data/") else Path(__file__).parent / name


def _write(source: Source, prepared: Prepared, folder: Path, keep: Keep) -> None:
    """Let the source write its tables, check them, store them as the contract says, and put them in place at once."""
    import duckdb

    from analysis.intake.validate import validate

    aside = folder.with_name(f".{folder.name}-{os.getpid()}")
    raw, ready = aside / "raw", aside / "ready"
    try:
        raw.mkdir(parents=True)
        ready.mkdir()
        extract = prepared.write_with(raw, keep) if prepared.write_with else prepared.write(raw)
        names = [name for name in SCHEMAS if stored_at(raw, name)]
        cleaning = list(extract.cleaning)
        with duckdb.connect(config=duckdb_settings()) as connection:
            for name in names:
                connection.execute(f"CREATE VIEW {name} AS SELECT * FROM {parquet_sql(raw, name)}")
            validate(connection, {name: name for name in names}, source=source.name)
            for name in names:
                cleaning += _store(connection, name, raw, ready)
        for path in (raw / name for name in _BESIDE if (raw / name).exists()):
            path.replace(ready / path.name)
        facts = _measured(ready, names)
        matches = _matched(ready, names, extract)
        content = kept.as_json(replace(extract, cleaning=tuple(cleaning), facts=facts, matches=matches), names)
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
        (ready / _MANIFEST).write_text(text, encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        ready.replace(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _measured(ready: Path, names: list[str]) -> "tuple[TableFacts, ...]":
    """What is counted on the finished tables, for the quality gate."""
    import duckdb

    from analysis.intake.quality import measure_tables

    with duckdb.connect(config=duckdb_settings()) as connection:
        relations = {name: f"(SELECT * FROM {parquet_sql(ready, name)})" for name in names}
        return measure_tables(connection, relations, SCHEMAS)


def _matched(ready: Path, names: list[str], extract: Extract) -> "ClientMatches":
    """How the finished tables join to the clients as of the last quarter."""
    import duckdb

    with duckdb.connect(config={"threads": 1}) as connection:
        for name in names:
            connection.execute(f"CREATE VIEW {name} AS {known_sql(ready, name, extract.last_quarter, is_last=True)}")
        found = match_tables(connection, {name: name for name in names}, extract.last_quarter.label)
    return found.with_orphans(extract.checks)


def _store(connection: Any, name: str, raw: Path, ready: Path) -> list[Cleaning]:
    """Put one checked table in place; what comes in the form of the contract is moved, the rest is written anew."""
    from analysis.intake.validate import is_stored_form, left_out, write_table

    path = stored_at(raw, name)
    if path and is_stored_form(connection, name, name):
        path.replace(ready / path.name)
        return []
    n_rows = write_table(connection, name, name, ready / f"{name}.parquet")
    return [Cleaning(name, column, _UNKNOWN, n_rows) for column in left_out(connection, name, name)]


_UNKNOWN = Text("数据契约中没有此列，不读入", "no column of the data contract: not read")
