"""A bank's decisions as data: each threshold, target and weight is a row of `data/policy/`, read once, handed down."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, get_args

from analysis.core.errors import DataError, ParameterError
from analysis.core.fact import Value
from analysis.core.text import Text
from analysis.intake.reference import project_root
from analysis.intake.suggest import nearest

Origin = str
ORIGINS = ("seed", "inferred", "ours", "regulation")
"""seed: asked for by the bank · inferred: read off its wishes · ours: our judgement · regulation: a rule in force"""

PolicyValue = float | int | str | bool

_RULE_KEYS = {"id", "value", "unit", "owner", "valid_from", "origin", "zh", "en"}
_ABOUT_KEYS = {"owner", "valid_from", "origin", "zh", "en"}
_ABOUT_DEFAULT: dict[str, Any] = {"owner": "项目组", "valid_from": date(2026, 1, 1), "origin": "ours"}
"""For tables of looks and wording, which need no owner in the bank."""


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One decision.

    Parameters
    ----------
    unit : of the value, in words: `fraction`, `currency units`, `clients`, `months` …
    owner : who decides on it in the bank
    file : where it is written, for the reader who wants to change it
    """

    id: str
    value: PolicyValue
    unit: str
    owner: str
    valid_from: date
    origin: Origin
    label: Text
    file: str


@dataclass(frozen=True, slots=True)
class PolicyTable:
    """Decisions that only make sense together, such as the cut points of a tier standard; its rows have an `id`."""

    name: str
    rows: tuple[dict[str, Any], ...]
    owner: str
    valid_from: date
    origin: Origin
    label: Text
    file: str


@dataclass(frozen=True)
class Policy:
    """Everything decided, frozen.

    Parameters
    ----------
    rows : the rules in force, by id
    tables : the tables in force, by name
    replaced : rules of the project that a bank's own rows stand in for, printed beside them in the appendix
    sha256 : of all policy files read, for the manifest
    """

    rows: tuple[PolicyRow, ...]
    tables: tuple[PolicyTable, ...]
    sha256: str
    replaced: tuple[PolicyRow, ...] = ()
    _by_id: Mapping[str, PolicyRow] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {row.id: row for row in self.rows})

    def row(self, id: str) -> PolicyRow:
        """The rule with this id."""
        if id not in self._by_id:
            raise ParameterError(f"There is no policy rule {id!r}.", hint=nearest(id, self._by_id))
        return self._by_id[id]

    def value(self, id: str) -> PolicyValue:
        """The decided value of a rule."""
        return self.row(id).value

    def number(self, id: str) -> float:
        """The decided value of a rule that is a number."""
        value = self.value(id)
        if isinstance(value, bool | str):
            raise ParameterError(f"The policy rule {id!r} is not a number but {value!r}.")
        return float(value)

    def about(self, name: str) -> PolicyTable:
        """A policy table with its owner, date and origin."""
        for table in self.tables:
            if table.name == name:
                return table
        raise ParameterError(
            f"There is no policy table {name!r}.", hint=nearest(name, [table.name for table in self.tables])
        )

    def table(self, name: str) -> tuple[dict[str, Any], ...]:
        """The rows of a policy table, in the order written."""
        return self.about(name).rows


def load_policy(root: Path | None = None, overlay: Path | None = None) -> Policy:
    """The policy in force: the files of `data/policy/`, with a bank's own rows winning row by row.

    Parameters
    ----------
    root : folder with the project's policy files; by default the repository's
    overlay : folder with a bank's own files in the same form, or none
    """
    folder = root if root is not None else project_root() / "data" / "policy"
    rules, tables, texts = _read(folder)
    if not rules:
        raise DataError(f"The policy folder {folder.name!r} holds no rule.", hint="Restore data/policy/.")
    replaced: list[PolicyRow] = []
    if overlay is not None and overlay.is_dir():
        own_rules, own_tables, own_texts = _read(overlay)
        _check_known(own_rules, rules)
        replaced = [rules[id] for id in own_rules]
        rules |= own_rules
        tables |= {name: _merge(tables.get(name), own) for name, own in own_tables.items()}
        texts += own_texts
    digest = hashlib.sha256("\x1f".join(texts).encode()).hexdigest()
    return Policy(tuple(rules.values()), tuple(tables.values()), digest, tuple(replaced))


def _check_known(own: Mapping[str, PolicyRow], rules: Mapping[str, PolicyRow]) -> None:
    for id, row in own.items():
        if id not in rules:
            raise DataError(f"{row.file} sets {id!r}, which is no policy rule.", hint=nearest(id, rules))


def _merge(base: PolicyTable | None, own: PolicyTable) -> PolicyTable:
    rows = {row_key(row): row for row in (base.rows if base else ())} | {row_key(row): row for row in own.rows}
    return PolicyTable(own.name, tuple(rows.values()), own.owner, own.valid_from, own.origin, own.label, own.file)


def _read(folder: Path) -> tuple[dict[str, PolicyRow], dict[str, PolicyTable], list[str]]:
    rules: dict[str, PolicyRow] = {}
    tables: dict[str, PolicyTable] = {}
    texts: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        texts += [path.name, text]
        try:
            content = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise DataError(f"{path.name} is not valid TOML: {error}.", hint="Correct that line.") from error
        for entry in content.get("rule", []):
            rule = _rule(entry, path.name)
            if rule.id in rules:
                raise DataError(
                    f"The policy rule {rule.id!r} stands in {rules[rule.id].file} and again in {path.name}.",
                    hint="Keep one of them.",
                )
            rules[rule.id] = rule
        for name, rows in content.get("table", {}).items():
            tables[name] = _table(name, rows, content.get("about", {}).get(name), path.name)
    return rules, tables, texts


def _rule(entry: Mapping[str, Any], file: str) -> PolicyRow:
    name = entry.get("id", "without id")
    _check_keys(entry, _RULE_KEYS, f"the rule {name!r}", file)
    if set(entry) - _RULE_KEYS:
        raise DataError(f"{file}: the rule {name!r} has the unknown keys {', '.join(sorted(set(entry) - _RULE_KEYS))}.")
    value = entry["value"]
    if not isinstance(value, get_args(PolicyValue)):
        raise DataError(f"{file}: the value of {name!r} is {value!r}, not a number, word or yes/no.")
    return PolicyRow(
        name,
        value,
        entry["unit"],
        entry["owner"],
        _day(entry["valid_from"], name, file),
        _origin(entry["origin"], name, file),
        Text.of(entry),
        file,
    )


def _table(name: str, rows: Any, about: Mapping[str, Any] | None, file: str) -> PolicyTable:
    entry: Mapping[str, Any] = _ABOUT_DEFAULT | {"zh": name, "en": name} if about is None else about
    _check_keys(entry, _ABOUT_KEYS, f"[about.{name}]", file)
    if not isinstance(rows, list) or not rows or len({row_key(row) for row in rows}) < len(rows):
        raise DataError(f"{file}: every row of the table {name!r} needs an id (its first value) of its own.")
    return PolicyTable(
        name,
        tuple(dict(row) for row in rows),
        entry["owner"],
        _day(entry["valid_from"], name, file),
        _origin(entry["origin"], name, file),
        Text.of(entry),
        file,
    )


def row_key(row: Mapping[str, Any]) -> str:
    """What names a row of a policy table: its `id`, else its first value."""
    return str(row["id"] if "id" in row else next(iter(row.values())))


def _check_keys(entry: Mapping[str, Any], keys: set[str], where: str, file: str) -> None:
    if missing := sorted(keys - set(entry)):
        raise DataError(f"{file}: {where} lacks {', '.join(missing)}.", hint="Every row says all of them.")


def _day(value: Value | date, name: str, file: str) -> date:
    if not isinstance(value, date):
        raise DataError(f"{file}: valid_from of {name!r} is {value!r}, not a date such as 2026-01-01.")
    return value


def _origin(value: str, name: str, file: str) -> Origin:
    if value not in ORIGINS:
        raise DataError(f"{file}: origin of {name!r} is {value!r}.", hint=f"Write one of {', '.join(ORIGINS)}.")
    return value
