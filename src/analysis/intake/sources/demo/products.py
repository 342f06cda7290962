"""Which products each client holds, and from which month."""

from dataclasses import dataclass

import numpy as np

from analysis.intake.sources.demo.clients import Clients
from analysis.intake.sources.demo.draws import fit_margins, top
from analysis.intake.sources.demo.parameters import (
    BORROWERS,
    CHUNK,
    CLASSES,
    FAMILIES,
    PENETRATION,
    SEGMENTS,
    DemoParameters,
    stream,
)

FAMILY_NAMES = tuple(PENETRATION)
_CLASS_TASTE = {
    "online": (1.0, 1.0, 0.95, 0.8, 0.7),
    "payroll": (2.2, 1.8, 1.1, 0.5, 1.4),
    "term": (2.2, 1.6, 0.8, 0.25, 1.8),
    "bills": (3.0, 2.2, 0.8, 0.15, 0.0),
    "wealth": (3.0, 2.0, 0.8, 0.25, 0.3),
    "international": (3.0, 1.8, 0.9, 0.35, 0.0),
    "cash_management": (5.0, 2.5, 0.4, 0.05, 1.2),
    "guarantee": (3.0, 2.2, 0.7, 0.1, 0.0),
    "digital_wallet": (1.5, 1.3, 1.0, 0.6, 1.0),
    "supply_chain": (3.0, 2.0, 0.7, 0.2, 0.0),
    "investment_banking": (8.0, 1.5, 0.02, 0.0, 0.0),
}
"""Relative chance of holding a product by size class L, M, S, X, I, before raking."""
_SEGMENT_TASTE = {
    "online": (1.0, -0.3, 0.3, 0.9, 1.0, 1.2, 0.8, -1.6),
    "payroll": (0.6, 0.6, -0.2, 1.4, 0.4, 0.9, -0.4, -1.6),
    "term": (0.6, 0.3, -0.2, 0.3, 0.1, 0.4, -0.3, -1.0),
    "bills": (0.7, -9.0, -0.4, 1.7, 0.4, -0.3, -0.2, -2.2),
    "wealth": (0.8, 0.0, -0.6, 0.3, 0.3, 1.1, 0.1, -1.4),
    "international": (1.3, -9.0, -2.0, 0.2, 3.4, -0.2, -1.4, -3.0),
    "cash_management": (1.6, 0.3, 0.2, 0.5, 0.1, 0.0, 0.2, -2.5),
    "guarantee": (0.9, -9.0, 0.9, 0.6, 0.9, -0.3, 0.2, -2.5),
    "digital_wallet": (0.0, 0.3, -0.6, 0.0, 0.0, 0.3, 0.7, -1.2),
    "supply_chain": (0.8, -9.0, -1.0, 2.0, 0.1, -0.3, -0.2, -2.5),
    "investment_banking": (1.0, -9.0, 0.9, -0.3, -0.5, 0.4, -1.0, -3.0),
}
"""Taste by segment G1 … G8, in logits, within a size class."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """Month a client starts to hold each family: −1 before the history, a large number never (n_clients × 11)."""

    since: np.ndarray
    pays_fees: np.ndarray

    def held(self, family: str, n_months: int) -> np.ndarray:
        """Whether the family is held in each month (n_clients × n_months), life span aside."""
        return np.arange(n_months) >= self.since[:, FAMILY_NAMES.index(family), None]

    def ever(self, family: str) -> np.ndarray:
        return self.since[:, FAMILY_NAMES.index(family)] < 10_000


def draw_holdings(parameters: DemoParameters, chunk: int, clients: Clients, deposit_rank: np.ndarray) -> Holdings:
    """Families by client: each size class gets its number of families, each family its share of clients."""
    rng = stream(parameters, "products", chunk)
    target = _cells(clients.n_end)
    since = np.full((clients.n, len(FAMILY_NAMES)), 10_000)
    active = clients.silent_from >= 10_000
    for f, family in enumerate(FAMILY_NAMES):
        taste = clients.shift(dict(zip(SEGMENTS, _SEGMENT_TASTE[family], strict=True)))
        weight = 1.3 if family in ("term", "wealth", "cash_management", "investment_banking") else 0.45
        score = (
            taste + 0.8 * clients.draws[:, 3] + weight * deposit_rank + rng.logistic(0, 0.7, clients.n) - 2.5 * ~active
        )
        for code in range(len(CLASSES)):
            rows = np.flatnonzero((clients.size == code) & clients.stays)
            since[rows[top(score[rows], round(target[f, code]))], f] = -1
            gone = np.flatnonzero((clients.size == code) & ~clients.stays)
            since[gone[rng.random(len(gone)) < 0.6 * target[f, code] / max(len(rows), 1)], f] = -1
    late = (since < 0) & (rng.random(since.shape) < 0.20)
    since[late] = rng.integers(0, parameters.n_months - 3, int(late.sum()))
    since = np.where(
        since < 10_000, np.maximum(since, np.minimum(clients.start + 1, parameters.n_months - 2)[:, None]), since
    )
    since[:, FAMILY_NAMES.index("online")] = np.where(
        since[:, 0] < 10_000, np.maximum(np.where(late[:, 0], since[:, 0], -1), clients.start), 10_000
    )
    needs = ("bills", "guarantee", "international", "investment_banking", "wealth", "cash_management")
    has = np.any([since[:, FAMILY_NAMES.index(family)] < 10_000 for family in needs], axis=0)
    free = clients.shift(
        {"G1": -2, "G2": 0.8, "G3": 0.3, "G4": -0.6, "G5": -1, "G6": 0, "G7": -0.5, "G8": 1.6}
    ) + rng.logistic(0, 1, clients.n)
    pays = ~top(np.where(has, -np.inf, free + 3.0 * ~active), round(0.25 * clients.n))
    return Holdings(since, pays)


def _cells(n_end: int) -> np.ndarray:
    """Clients that hold a family, by family and size class: raked to both margins, never above the class itself."""
    size = np.array([150, 600, 1850, 2050, 350]) / CHUNK
    others = np.array([(FAMILIES[c] - 1.0 - BORROWERS[c]) for c in CLASSES]) * size
    table = np.array([_CLASS_TASTE[family] for family in FAMILY_NAMES]) * size
    share = np.array(list(PENETRATION.values()))
    fitted = table
    for _ in range(30):
        fitted = np.minimum(fit_margins(fitted, share, others * share.sum() / others.sum(), steps=20), 0.97 * size)
    return fitted * n_end
