"""A written tier standard of two versions, and banks whose tiers follow it, follow nothing, or do not exist."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.core.text import Text
from analysis.intake.policy import Policy, PolicyRow, PolicyTable, load_policy
from analysis.intake.portfolio import Portfolio
from tests.builders import client_rows, tiny_portfolio

TODAY, BEFORE = date(2026, 1, 1), date(2021, 1, 1)


def standard(cuts: Mapping[str, float], day: date = TODAY, measure: str = "deposit_avg") -> list[dict[str, object]]:
    """Rows of the standard: lower cut point of each tier."""
    return [
        {
            "id": f"{day}-{tier}",
            "tier": tier,
            "from": cut,
            "measure": measure,
            "valid_from": day,
            "zh": tier,
            "en": tier,
        }
        for tier, cut in cuts.items()
    ]


def with_standard(rows: list[dict[str, object]], *, measured_before: int = 0, review_quarter: int = 1) -> Policy:
    """The project's policy with this standard in the place of its own."""
    policy = load_policy()
    about = ("公司业务部门", TODAY, "ours", Text("标准", "standard"), "tier_standard.toml")
    table = PolicyTable("tier_standard", tuple(rows), *about)
    rules = {"tier_measured_before": measured_before, "tier_review_quarter": review_quarter}
    kept = [row for row in policy.rows if row.id not in rules]
    own = [PolicyRow(id, value, "quarters", *about) for id, value in rules.items()]
    return replace(
        policy,
        rows=(*kept, *own),
        tables=(*(one for one in policy.tables if one.name != "tier_standard"), *([table] if rows else [])),
    )


def bank_of_tiers(
    tmp_path: Path,
    deposits: Mapping[str, float],
    tiers: Mapping[str, str | None],
    policy: Policy,
    *,
    teams: Mapping[str, str] | None = None,
) -> Portfolio:
    """A bank at 2026Q1 whose clients hold these deposits all quarter and stand on these tiers.

    Parameters
    ----------
    teams : team of the manager of each client; a manager a client
    """
    managers = {id: f"m{id}" for id in deposits} if teams else dict.fromkeys(deposits)
    clients = client_rows(*deposits, quarters=("2025Q4", "2026Q1"), tier=tiers, manager_id=managers)
    months = ("2026-01-31", "2026-02-28", "2026-03-31")
    positions = pd.DataFrame(
        [
            {"client_id": id, "month": month, "product": "deposit_demand", "balance_avg": held, "balance_end": held}
            for id, held in deposits.items()
            for month in months
        ]
    )
    tables = {"clients": clients, "positions": positions}
    if teams:
        tables["staff"] = pd.DataFrame(
            [{"staff_id": f"m{id}", "quarter": "2026Q1", "role": "manager", "team": team} for id, team in teams.items()]
        )
    return tiny_portfolio(tmp_path, tables, "2026Q1", policy=policy)


def many_deposits(n: int, seed: int = 1) -> dict[str, float]:
    """Log-normal deposits of n clients, whole yuan."""
    drawn = np.round(np.exp(12 + 2 * np.random.default_rng(seed).normal(size=n)))
    return {f"c{k:04d}": float(amount) for k, amount in enumerate(drawn)}
