"""Rows of `clients`: one per client and quarter-end of its relation, with the tier in force and the manager."""

import numpy as np

from analysis.intake.sources.demo.clients import ENTITIES, OWNERSHIPS, SECTIONS, STAGES, Clients
from analysis.intake.sources.demo.draws import top
from analysis.intake.sources.demo.frame import (
    MANAGERS,
    REGIONS,
    Outlets,
    manager_id,
    manager_outlets,
    managers_per_chunk,
)
from analysis.intake.sources.demo.parameters import CHUNK, REGION_TIERS, DemoParameters, stream
from analysis.intake.sources.demo.tiering import TIERS
from analysis.intake.sources.demo.write import Coded, ColumnData, fen

_KEY, _GENERAL, _KEY_WITHOUT = 620, 2_300, 0.06
_BY_TIER = 0.055
"""How much a rung counts for the team that serves a client, against chance from 0 to 1: who is served how follows the
tier only weakly (Cramér's V 0.15)."""


def managers(
    parameters: DemoParameters, chunk: int, clients: Clients, tier: np.ndarray, outlets: Outlets
) -> np.ndarray:
    """Manager of each client, as position in `manager_ids`, −1 for none: a team hardly by tier, near its outlet."""
    rng = stream(parameters, "managers", chunk)
    share = clients.n_end / CHUNK
    order = -_BY_TIER * tier[:, -1] + rng.random(clients.n) - 10 * ~clients.stays
    key = top(order, round(_KEY * share))
    general = top(np.where(key, -np.inf, order), round(_GENERAL * share))
    team = np.where(key, 0, np.where(general, 1, 2))
    at = manager_outlets(outlets, chunk)
    manager = np.empty(clients.n, dtype=np.int64)
    first = 0
    for code, (_, count) in enumerate(MANAGERS):
        rows = np.flatnonzero(team == code)
        near = rows[np.argsort(clients.outlet[rows], kind="stable")]
        those = first + np.argsort(at[first : first + count], kind="stable")
        manager[near] = those[np.arange(len(near)) * count // max(len(near), 1)]
        first += count
    without = key & (rng.random(clients.n) < _KEY_WITHOUT)
    return np.where(without, -1, manager)


def manager_ids(chunk: int) -> list[str]:
    """Ids of the managers of a chunk."""
    first = chunk * managers_per_chunk()
    return [manager_id(first + k) for k in range(managers_per_chunk())]


def client_columns(
    parameters: DemoParameters,
    chunk: int,
    clients: Clients,
    outlets: Outlets,
    tier: np.ndarray,
    manager: np.ndarray,
    client_ids: list[str],
) -> dict[str, ColumnData]:
    """Rows of `clients`: a lost client keeps one row with status closed in its last quarter."""
    n_q = parameters.n_quarters
    quarter = np.arange(n_q)
    grid = (quarter >= clients.start[:, None] // 3) & (quarter <= clients.end[:, None] // 3)
    who, q = np.nonzero(grid)
    closed = (clients.end[who] // 3 == q) & ~clients.stays[who]
    dormant = clients.silent_from[who] < 3 * q
    years = np.array([quarter.year for quarter in parameters.quarters])
    back = years[-1] - years[q]
    size = (1 + np.maximum(clients.growth[who], -0.3)) ** -back
    group_ids = [f"J{chunk:03d}{k:04d}" for k in range(int(clients.group.max()) + 1)]
    divisions, division = np.unique(clients.division, return_inverse=True)
    return {
        "client_id": Coded(who, client_ids),
        "quarter": Coded(q, [quarter.label for quarter in parameters.quarters]),
        "name": Coded(who, clients.names),
        "credit_code": Coded(who, clients.codes),
        "entity_type": Coded(clients.entity[who], ENTITIES),
        "status": Coded(np.where(closed, 2, np.where(dormant, 1, 0)), ("open", "dormant", "closed")),
        "relation_start": clients.relation_start[who],
        "founded": clients.founded[who],
        "group_id": Coded(clients.group[who], group_ids),
        "industry": Coded(clients.section[who], SECTIONS),
        "industry_division": Coded(division[who], divisions.tolist()),
        "region": Coded(clients.region[who], [name for name, _ in REGIONS]),
        "region_tier": Coded(clients.region_tier[who], REGION_TIERS),
        "ownership": Coded(clients.ownership[who], OWNERSHIPS),
        "staff": np.where(back > 0, np.ceil(clients.staff[who] * size), clients.staff[who]),
        "revenue": _money(clients.revenue[who] * size),
        "assets": _money(clients.assets[who] * size),
        "stage": Coded(clients.stage[who], STAGES),
        "is_platform": clients.is_platform[who],
        "is_high_tech": clients.is_high_tech[who],
        "is_green": clients.is_green[who],
        "is_agriculture": clients.is_agriculture[who],
        "has_basic_account": clients.has_basic_account[who],
        "branch_id": Coded(outlets.branch[clients.outlet[who]], outlets.branches),
        "outlet_id": Coded(clients.outlet[who], outlets.ids),
        "manager_id": Coded(manager[who], manager_ids(chunk)),
        "tier": Coded(tier[who, q], TIERS),
    }


def _money(yuan: np.ndarray) -> np.ndarray:
    """Fen, missing where the amount is."""
    missing = np.isnan(yuan)
    return np.ma.array(fen(np.where(missing, 0.0, yuan)), mask=missing) if missing.any() else fen(yuan)
