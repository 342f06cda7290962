"""What is kept beside a source's canonical tables: an `Extract` as JSON, so that it is read once and known for ever."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from analysis.core.provenance import Cleaning, Input
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.checks import Check, TableCount
from analysis.intake.identity.matches import ClientMatches
from analysis.intake.quality.facts import TableFacts
from analysis.intake.source import Extract


def as_json(extract: Extract, tables: list[str]) -> dict[str, Any]:
    """The manifest of a folder of canonical tables."""
    return {
        "tables": tables,
        "first_quarter": extract.first_quarter.label,
        "last_quarter": extract.last_quarter.label,
        "inputs": [{"name": i.name, "rows": i.rows, "sha256": i.sha256} for i in extract.inputs],
        "cleaning": [_cleaning_json(item) for item in extract.cleaning],
        "parameters": extract.parameters,
        "counts": [_count_json(item) for item in extract.counts],
        "checks": [_check_json(item) for item in extract.checks],
        "facts": [item.as_json() for item in extract.facts],
        "matches": extract.matches.as_json() if extract.matches else None,
    }


def from_json(content: Mapping[str, Any]) -> Extract:
    """The extract a manifest holds."""
    return Extract(
        Quarter(content["first_quarter"]),
        Quarter(content["last_quarter"]),
        tuple(Input(**row) for row in content["inputs"]),
        tuple(
            Cleaning(**(row | {"rule": Text.of(row["rule"]), "examples": tuple(row["examples"])}))
            for row in content["cleaning"]
        ),
        dict(content["parameters"]),
        tuple(_count_of(row) for row in content["counts"]),
        tuple(_check_of(row) for row in content["checks"]),
        tuple(TableFacts.from_json(row) for row in content["facts"]),
        ClientMatches.from_json(content["matches"]) if content["matches"] else None,
    )


def _cleaning_json(item: Cleaning) -> dict[str, Any]:
    return {
        "table": item.table,
        "column": item.column,
        "rule": item.rule.as_json(),
        "n_rows": item.n_rows,
        "n_dropped": item.n_dropped,
        "examples": list(item.examples),
    }


def _count_json(item: TableCount) -> dict[str, Any]:
    return {
        "table": item.table,
        "quarter": item.quarter,
        "n_read": item.n_read,
        "n_kept": item.n_kept,
        "n_set_aside": item.n_set_aside,
        "money_read": str(item.money_read),
        "money_kept": str(item.money_kept),
        "money_set_aside": str(item.money_set_aside),
    }


def _count_of(row: Mapping[str, Any]) -> TableCount:
    money = {name: Decimal(row[name]) for name in ("money_read", "money_kept", "money_set_aside")}
    return TableCount(**(dict(row) | money))


def _check_json(item: Check) -> dict[str, Any]:
    return {
        "table": item.table,
        "file": item.file,
        "column": item.column,
        "rule": item.rule,
        "label": item.label.as_json(),
        "dimension": item.dimension,
        "action": item.action,
        "n_rows": item.n_rows,
        "money": str(item.money),
        "examples": list(item.examples),
        "quarter": item.quarter,
    }


def _check_of(row: Mapping[str, Any]) -> Check:
    changed = {"label": Text.of(row["label"]), "money": Decimal(row["money"]), "examples": tuple(row["examples"])}
    return Check(**(dict(row) | changed))
