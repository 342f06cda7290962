"""The decisions and definitions a report was made under, beside it as JSON, and which of them have changed since."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from analysis.core.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    from analysis.intake.policy import Policy

POLICIES, DEFINITIONS = "policies.json", "definitions.json"


def write_decisions(policy: "Policy", folder: "Path") -> None:
    """Write the policies in force and the definition of every KPI into the staged report."""
    for name, content in ((POLICIES, policies_json(policy)), (DEFINITIONS, definitions_json())):
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def policies_json(policy: "Policy") -> dict[str, Any]:
    """Every rule and table in force, as plain values."""
    return {
        "sha256": policy.sha256,
        "rules": {
            row.id: {
                "value": row.value,
                "unit": row.unit,
                "owner": row.owner,
                "valid_from": row.valid_from.isoformat(),
                "origin": row.origin,
                "label": row.label.as_json(),
            }
            for row in policy.rows
        },
        "tables": {
            table.name: {"rows": list(table.rows), "owner": table.owner, "valid_from": table.valid_from.isoformat()}
            for table in policy.tables
        },
    }


def definitions_json() -> dict[str, Any]:
    """What every KPI of the registry means and how it is computed, by code."""
    from analysis.metrics import METRICS

    return {
        code: {
            "name": metric.name.as_json(),
            "definition": metric.definition.as_json(),
            "formula": metric.formula,
            "unit": metric.unit,
            "type": metric.measure_type,
            "needs": list(metric.needs),
            "bank": list(metric.bank),
        }
        for code, metric in METRICS.items()
    }


_MEANING = ("formula", "unit", "type", "needs", "bank")
"""What a KPI's number follows from; a definition that is only worded better is the same one."""


def changed_definitions(before: Mapping[str, Any]) -> frozenset[str]:
    """Codes whose formula, unit or measures are others than in an earlier `definitions_json`, retired ones too."""
    now = definitions_json()
    return frozenset(
        code
        for code, then in before.items()
        if code not in now or any(now[code].get(key) != then.get(key) for key in _MEANING)
    )


def policy_as_issued(before: Mapping[str, Any], policy: "Policy") -> "Policy":
    """The policy in force with the rules of an earlier `policies_json` in place of its own; its tables stay."""
    from analysis.intake.policy import PolicyRow

    then = {
        id: PolicyRow(
            id,
            rule["value"],
            rule["unit"],
            rule["owner"],
            date.fromisoformat(rule["valid_from"]),
            rule["origin"],
            Text.of(rule["label"]),
            POLICIES,
        )
        for id, rule in before["rules"].items()
    }
    rows = {row.id: row for row in policy.rows} | then
    return replace(policy, rows=tuple(rows.values()), sha256=f"{policy.sha256} {before['sha256']}")


def changed_rules(before: Mapping[str, Any], policy: "Policy") -> tuple[Text, ...]:
    """Labels of the rules whose value is another than in an earlier `policies_json`, dropped ones too."""
    now = {row.id: row.value for row in policy.rows}
    then = before["rules"]
    labels = {row.id: row.label for row in policy.rows} | {id: Text.of(rule["label"]) for id, rule in then.items()}
    changed = [id for id in sorted({*now, *then}) if id not in now or id not in then or now[id] != then[id]["value"]]
    return tuple(labels[id] for id in changed)
