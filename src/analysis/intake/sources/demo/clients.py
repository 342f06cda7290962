"""Who the clients are: planted segment, size class, life span, place, industry, stage, flags."""

from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import accumulate

import numpy as np

from analysis.intake.size_rule import SizeRule
from analysis.intake.sources.demo.draws import by_name, categories, fit_margins, pick, quotas
from analysis.intake.sources.demo.frame import Outlets
from analysis.intake.sources.demo.identity import client_names, credit_codes, draw_groups
from analysis.intake.sources.demo.parameters import (
    BASIC_ACCOUNT,
    CELLS,
    CHUNK,
    CHURN,
    CLASSES,
    N_GROUPS,
    NEW_PER_QUARTER,
    REGION_CLIENTS,
    SECTION_CLIENTS,
    SECTION_OUTSIDE,
    SEGMENTS,
    SILENT,
    DemoParameters,
    stream,
)
from analysis.intake.sources.demo.size_inputs import draw_size_inputs

SECTIONS = tuple(SECTION_CLIENTS)
ENTITIES = ("enterprise", "institution", "government", "association", "sole_proprietor")
OWNERSHIPS = ("private", "state", "foreign", "institution")
STAGES = ("startup", "growth", "mature", "decline", "not_applicable")
NEVER = 10_000
_SILENT_PER_QUARTER = 0.05
"""Of the clients with almost nothing at the end, those that became so in any one quarter."""
_AFFINITY: dict[str, dict[str, float]] = {
    "G1": {"C": 4, "F": 3, "D": 2, "G": 2, "E": 2, "B": 1, "K": 1, "L": 1, "I": 0.6, "A": 0.2, "M": 0.3},
    "G3": {"E": 35, "L": 42, "N": 13, "K": 5, "D": 5, "G": 3},
    "G4": {"C": 20, "F": 2, "E": 0.5, "G": 0.6, "B": 0.6, "A": 0.5, "D": 0.2},
    "G5": {"F": 6, "C": 4, "G": 0.7, "A": 0.2, "I": 0.2},
    "G6": {"I": 10, "M": 8, "C": 3, "L": 0.1},
    "G7": {
        "F": 10,
        "E": 4,
        "G": 3,
        "H": 3,
        "O": 2,
        "L": 3,
        "R": 1,
        "A": 2,
        "K": 0.8,
        "C": 1.5,
        "B": 0.2,
        "M": 0.3,
        "I": 0.2,
    },
    "G8": {
        "F": 4,
        "L": 4,
        "E": 3,
        "C": 2,
        "M": 1.5,
        "I": 1,
        "H": 1,
        "O": 1,
        "A": 2,
        "R": 1,
        "G": 1,
        "K": 1.5,
        "D": 0.2,
        "B": 0.2,
    },
}
_DIVISIONS = {
    "A": "01 03 04 05",
    "B": "08 10 11",
    "C": "13 14 17 18 20 22 23 26 27 29 30 33 34 35 36 38 39 40",
    "D": "44 45 46",
    "E": "47 48 49 50",
    "F": "51 51 51 52 52",
    "G": "54 54 54 55 58 59 60",
    "H": "61 62 62",
    "I": "63 64 65 65 65",
    "J": "66 67 69",
    "K": "70",
    "L": "71 72 72 72",
    "M": "73 74 74 75",
    "N": "76 77 78 78",
    "O": "80 81 81 82",
    "P": "83",
    "Q": "84",
    "R": "86 87 88 89 90",
    "S": "91 92 92 95 96",
}
_STAGE_WEIGHTS = {
    "G1": (0.02, 0.6, 2.2, 0.8),
    "G2": (0.0, 0.0, 1.0, 0.0),
    "G3": (0.05, 0.9, 1.6, 0.4),
    "G4": (0.3, 1.4, 1.4, 0.9),
    "G5": (0.5, 1.3, 1.1, 1.2),
    "G6": (3.0, 2.2, 0.25, 0.2),
    "G7": (1.1, 1.0, 0.9, 1.1),
    "G8": (1.3, 0.6, 0.9, 1.6),
}
_STAGE_SHARE = (0.12, 0.33, 0.43, 0.07)
_NEW_WEIGHT = {"G1": 0.3, "G2": 0.25, "G3": 0.35, "G4": 0.7, "G5": 0.9, "G6": 1.6, "G7": 1.2, "G8": 1.25}


@dataclass(frozen=True, slots=True)
class Clients:
    """One chunk of clients, one array entry each, in the order of their id.

    Parameters
    ----------
    first_number : number of the first client in the whole bank
    segment, second : planted segment at the end, and the one an ambiguous client also resembles (−1: none)
    path : planted segment by quarter
    size : position in CLASSES
    start, end : first and last month of the relation as positions in the history (start below 0: before it)
    silent_from : month from which almost nothing happens (a large number: never)
    relation_start, founded : days since 1970
    growth : yearly growth of staff, revenue and assets
    draws : correlated standard normals: deposits, loans, activity, products (n_clients × 4)
    """

    first_number: int
    n_end: int
    segment: np.ndarray
    second: np.ndarray
    path: np.ndarray
    size: np.ndarray
    stays: np.ndarray
    start: np.ndarray
    end: np.ndarray
    silent_from: np.ndarray
    relation_start: np.ndarray
    founded: np.ndarray
    section: np.ndarray
    division: np.ndarray
    entity: np.ndarray
    ownership: np.ndarray
    stage: np.ndarray
    outlet: np.ndarray
    region: np.ndarray
    region_tier: np.ndarray
    group: np.ndarray
    staff: np.ndarray
    revenue: np.ndarray
    assets: np.ndarray
    growth: np.ndarray
    is_platform: np.ndarray
    is_high_tech: np.ndarray
    is_green: np.ndarray
    is_agriculture: np.ndarray
    has_basic_account: np.ndarray
    draws: np.ndarray
    names: list[str]
    codes: list[str]

    @property
    def n(self) -> int:
        return len(self.segment)

    def exists(self, n_months: int) -> np.ndarray:
        """Whether the relation exists in each month (n_clients × n_months)."""
        month = np.arange(n_months)
        return (month >= self.start[:, None]) & (month <= self.end[:, None])

    def shift(self, values: dict[str, float]) -> np.ndarray:
        """A value per segment for each client; an ambiguous client gets the mean of its two segments."""
        table = by_name(values, SEGMENTS)
        other = np.where(self.second >= 0, self.second, self.segment)
        mean: np.ndarray = (table[self.segment] + table[other]) / 2
        return mean


@cache
def chunk_starts(parameters: DemoParameters) -> tuple[int, ...]:
    """Number of the first client of each chunk."""
    totals = [int(_cells(parameters, n)[1].sum()) + n for n in parameters.chunks]
    return tuple(accumulate(totals[:-1], initial=0))


def _cells(parameters: DemoParameters, n_end: int) -> tuple[np.ndarray, np.ndarray]:
    """Clients that stay and clients that were lost, by cell of segment and size."""
    weights = np.array(list(CELLS.values()), dtype=float)
    stay = quotas(weights, n_end)
    rate = np.array([CHURN[size] - _SILENT_PER_QUARTER * SILENT[size] for _, size in CELLS])
    lost = np.floor(stay * rate * parameters.n_quarters * 0.93 + 0.5).astype(np.int64)
    return stay, lost


def build_clients(parameters: DemoParameters, chunk: int, outlets: Outlets, rule: SizeRule) -> Clients:
    """All clients of one chunk: those open at the end and those lost during the history."""
    n_end = parameters.chunks[chunk]
    stay, lost = _cells(parameters, n_end)
    rng = stream(parameters, "clients.frame", chunk)
    cell = np.concatenate([np.repeat(np.arange(len(stay)), stay), np.repeat(np.arange(len(lost)), lost)])
    stays = np.arange(len(cell)) < n_end
    order = rng.permutation(len(cell))
    cell, stays = cell[order], stays[order]
    segment = np.array([SEGMENTS.index(s) for s, _ in CELLS])[cell]
    size = np.array([CLASSES.index(c) for _, c in CELLS])[cell]
    life = _life(parameters, chunk, segment, size, stays)
    place = _place(parameters, chunk, size, outlets)
    section = _sections(stream(parameters, "clients.industry", chunk), cell, segment)
    division = _divisions(stream(parameters, "clients.division", chunk), section, size)
    entity = _entities(stream(parameters, "clients.entity", chunk), section, size)
    second, path = _segment_paths(parameters, chunk, segment)
    shape = _shape(parameters, chunk, segment, size, section, life["start"])
    inputs = draw_size_inputs(stream(parameters, "clients.size", chunk), division, np.array(CLASSES)[size], rule)
    draws = stream(parameters, "clients.draws", chunk).standard_normal((len(cell), 5))
    identity = stream(parameters, "clients.identity", chunk)
    group_weight = np.array([4.0, 0.4, 3.0, 1.6, 0.9, 0.5, 0.45, 0.25])[segment] * stays
    return Clients(
        first_number=chunk_starts(parameters)[chunk],
        n_end=n_end,
        segment=segment,
        second=second,
        path=path,
        size=size,
        stays=stays,
        founded=_founded(stream(parameters, "clients.founded", chunk), shape["stage"], life["relation_start"]),
        section=section,
        division=division,
        entity=entity,
        group=draw_groups(stream(parameters, "clients.groups", chunk), group_weight, round(N_GROUPS * n_end / CHUNK)),
        draws=np.sqrt(0.4) * draws[:, :1] + np.sqrt(0.6) * draws[:, 1:],
        names=client_names(identity, place["region"], np.array(SECTIONS)[section], np.array(ENTITIES)[entity]),
        codes=credit_codes(identity, place["region"], np.array(ENTITIES)[entity]),
        **life,
        **place,
        **shape,
        **inputs,
    )


def in_whole_quarters(parameters: DemoParameters, clients: Clients) -> Clients:
    """The clients with relations that begin with the first month of a quarter and end with the last one of theirs."""
    start = np.where(clients.start >= 0, clients.start // 3 * 3, clients.start)
    end = np.where(clients.stays, clients.end, clients.end // 3 * 3 + 2)
    earlier = [_days_of_months(parameters, np.maximum(month, 0)) for month in (start, clients.start)]
    relation = clients.relation_start + earlier[0] - earlier[1]
    return replace(
        clients, start=start, end=end, relation_start=relation, founded=np.minimum(clients.founded, relation)
    )


def _life(
    parameters: DemoParameters, chunk: int, segment: np.ndarray, size: np.ndarray, stays: np.ndarray
) -> dict[str, np.ndarray]:
    """First and last month, start of the relation and month of falling silent."""
    rng = stream(parameters, "clients.life", chunk)
    n, n_q = len(segment), parameters.n_quarters
    weight = by_name(_NEW_WEIGHT, SEGMENTS)[segment]
    n_new = round(stays.sum() * (1 - (1 - 0.0150) ** (n_q - 1)) / 0.0150 * NEW_PER_QUARTER * 0.88)
    new = pick(rng, weight * stays, n_new)
    start, end = np.full(n, -1), np.full(n, parameters.n_months - 1)
    start[new] = 3 * (1 + categories(rng, 1.015 ** np.arange(n_q - 1), int(new.sum()))) + rng.integers(
        0, 3, int(new.sum())
    )
    lost = np.flatnonzero(~stays)
    end[lost] = 3 * categories(rng, 1.012 ** np.arange(n_q), len(lost)) + rng.integers(0, 3, len(lost))
    young = lost[(rng.random(len(lost)) < 0.22) & (end[lost] >= 12)]
    start[young] = 3 + (rng.random(len(young)) * (end[young] - 8)).astype(int)
    silent = np.full(n, NEVER)
    for code, name in enumerate(CLASSES):
        rows = np.flatnonzero((size == code) & stays)
        chosen = rows[
            pick(rng, np.where(segment[rows] == 7, 12.0, 1.0) * (segment[rows] != 2), round(len(rows) * SILENT[name]))
        ]
        before = rng.random(len(chosen)) < 1 - _SILENT_PER_QUARTER * n_q
        month = rng.integers(0, parameters.n_months - 1, len(chosen))
        silent[chosen] = np.where(before & (start[chosen] < 0), -1, np.maximum(month, start[chosen] + 3))
    silent = np.where(silent < NEVER, np.minimum(silent, parameters.n_months - 3), NEVER)
    first = _days_of_months(parameters, np.maximum(start, 0)) - rng.integers(0, 28, n)
    years = np.exp(rng.normal(np.array([2.3, 2.6, 1.7, 2.0, 1.8, 1.0, 1.6, 1.6])[segment], 0.55))
    opening = _days_of_months(parameters, np.zeros(n, dtype=np.int64)) - 31
    relation = np.where(start >= 0, first, opening - (np.minimum(years, 30) * 365).astype(np.int64))
    return {"start": start, "end": end, "silent_from": silent, "relation_start": relation}


def _days_of_months(parameters: DemoParameters, month: np.ndarray) -> np.ndarray:
    ends: np.ndarray = np.array(parameters.months, dtype="datetime64[D]").astype(np.int64)[month]
    return ends


def _place(parameters: DemoParameters, chunk: int, size: np.ndarray, outlets: Outlets) -> dict[str, np.ndarray]:
    """Region tier by quota in each size class, then an outlet of that tier (busy ones more often), then its region."""
    rng = stream(parameters, "clients.place", chunk)
    tier = np.empty(len(size), dtype=np.int64)
    for code in range(len(CLASSES)):
        rows = np.flatnonzero(size == code)
        tier[rows] = categories(rng, np.array(REGION_CLIENTS), len(rows))
    busy = stream(parameters, "outlets.busy").uniform(0.6, 1.6, outlets.n)
    outlet = np.empty(len(size), dtype=np.int64)
    for code in range(4):
        rows, places = np.flatnonzero(tier == code), np.flatnonzero(outlets.tier == code)
        outlet[rows] = places[categories(rng, busy[places], len(rows))]
    return {"outlet": outlet, "region": outlets.region[outlet], "region_tier": tier}


def _sections(rng: np.random.Generator, cell: np.ndarray, segment: np.ndarray) -> np.ndarray:
    """Industry section: segment affinity raked to the margins of the cells and of the industries."""
    inside = [k for k, (s, _) in enumerate(CELLS) if s != "G2"]
    names = list(CELLS)
    table = np.array([by_name(_AFFINITY[names[k][0]], SECTIONS) for k in inside]) + 1e-9
    outside = by_name(SECTION_OUTSIDE, SECTIONS)
    share = by_name(SECTION_CLIENTS, SECTIONS)
    columns = np.maximum(share / share.sum() * CHUNK - outside, 1e-6)
    fitted = fit_margins(table, np.array([CELLS[names[k]] for k in inside], dtype=float), columns)
    section = np.empty(len(cell), dtype=np.int64)
    for row, k in enumerate(inside):
        rows = np.flatnonzero(cell == k)
        section[rows] = categories(rng, fitted[row], len(rows))
    rows = np.flatnonzero(segment == 1)
    section[rows] = categories(rng, outside, len(rows))
    return section


def _divisions(rng: np.random.Generator, section: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Two-digit division inside the section; only clients outside the size rule are schools, hospitals or railways."""
    division = np.empty(len(section), dtype="<U2")
    for code, name in enumerate(SECTIONS):
        rows = np.flatnonzero(section == code)
        choices = np.array(_DIVISIONS[name].split())
        division[rows] = choices[rng.integers(0, len(choices), len(rows))]
    division[(section == SECTIONS.index("G")) & (size == 4)] = "53"
    return division


def _entities(rng: np.random.Generator, section: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Kind of organisation: firms, some micro sole proprietors; outside the rule by section."""
    name = np.array(SECTIONS)[section]
    entity = np.zeros(len(section), dtype=np.int64)
    entity[(size == 3) & (rng.random(len(section)) < 0.12) & np.isin(name, ("F", "H", "O", "R", "A"))] = 4
    outside = size == 4
    entity[outside] = 1
    entity[outside & (name == "S")] = 2
    entity[outside & (rng.random(len(section)) < 0.25) & np.isin(name, ("S", "L", "A", "R"))] = 3
    entity[outside & (name == "J")] = 0
    return entity


def _segment_paths(parameters: DemoParameters, chunk: int, segment: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The segment an ambiguous client also resembles (10 %), and the segment by quarter (4 % move a quarter)."""
    rng = stream(parameters, "segments", chunk)
    near = np.array([[3, 4], [1, 1], [0, 3], [4, 6], [3, 6], [3, 6], [7, 4], [6, 5]])
    n, n_q = len(segment), parameters.n_quarters
    second = np.where(rng.random(n) < 0.10, near[segment, rng.integers(0, 2, n)], -1)
    second[second == segment] = -1
    path = np.empty((n, n_q), dtype=np.int64)
    path[:, -1] = segment
    for quarter in range(n_q - 2, -1, -1):
        later = path[:, quarter + 1]
        back = np.where(later == segment, near[segment, rng.integers(0, 2, n)], segment)
        chance = np.where(later == segment, 0.035, 0.25)
        path[:, quarter] = np.where(rng.random(n) < chance, back, later)
    return second, path


def _shape(
    parameters: DemoParameters,
    chunk: int,
    segment: np.ndarray,
    size: np.ndarray,
    section: np.ndarray,
    start: np.ndarray,
) -> dict[str, np.ndarray]:
    """Stage, founding day, ownership and flags, each with its share of the clients."""
    rng = stream(parameters, "clients.shape", chunk)
    n, name = len(segment), np.array(SECTIONS)[section]
    weights = np.array([_STAGE_WEIGHTS[s] for s in SEGMENTS])[segment]
    weights[:, 0] *= np.where(start >= 0, 8.0, 0.35) * np.array([0.0, 0.1, 0.7, 1.6, 0.0])[size]
    stage = np.full(n, 2)
    free = segment != 1
    for code, share in ((0, _STAGE_SHARE[0]), (3, _STAGE_SHARE[3]), (1, _STAGE_SHARE[1])):
        chosen = pick(rng, weights[:, code] * free, round(share * n))
        stage[chosen] = code
        free &= ~chosen
    stage[pick(rng, (segment == 1) * 1.0 * (name != "J"), round(0.044 * n))] = 4
    ownership = np.zeros(n, dtype=np.int64)
    ownership[segment == 1] = 3
    ownership[segment == 2] = 1
    enterprise = (segment != 1) & (segment != 2)
    state = pick(
        rng,
        enterprise * np.array([6, 0, 0, 1, 0.4, 0.6, 0.8, 0.7])[segment] * np.array([9, 3, 1, 0.3, 0])[size],
        round(0.08 * n),
    )
    ownership[state] = 1
    foreign = pick(rng, (enterprise & ~state) * np.array([3, 0, 0, 1, 6, 0.8, 0.2, 0.2])[segment], round(0.03 * n))
    ownership[foreign] = 2
    tech_fit = np.isin(name, ("C", "I", "M")) * np.array([0.5, 0, 0, 1.0, 0.4, 25.0, 0.1, 0.15])[segment]
    green_fit = np.array([{"N": 9, "D": 9, "E": 1.5, "C": 1.5, "A": 1.5, "G": 1.5}.get(k, 0.15) for k in SECTIONS])[
        section
    ]
    farm_fit = np.where(name == "A", 40.0, np.where(np.isin(name, ("C", "F")), 0.6, 0.02))
    growth = np.array([0.20, 0.10, 0.03, -0.08, 0.02])[stage] + rng.normal(0, 0.06, n)
    base = weights[:, 2] * 0 + np.array([0.9, 1.4, 1.0, 1.1, 0.8, 0.8, 1.0, 0.7])[segment]
    return {
        "stage": stage,
        "ownership": ownership,
        "is_platform": segment == 2,
        "is_high_tech": pick(rng, tech_fit, round(0.09 * n)),
        "is_green": pick(rng, green_fit * np.where(segment == 2, 0.5, 1), round(0.03 * n)),
        "is_agriculture": pick(rng, farm_fit, round(0.05 * n)),
        "has_basic_account": pick(rng, base, round(BASIC_ACCOUNT * n)),
        "growth": growth,
    }


def _founded(rng: np.random.Generator, stage: np.ndarray, relation_start: np.ndarray) -> np.ndarray:
    """Founding day: shortly before the relation for start-ups, years before it for the others."""
    gap = np.where(stage == 0, rng.integers(10, 300, len(stage)), rng.integers(60, 365 * 9, len(stage)))
    day: np.ndarray = np.maximum(relation_start - gap, np.datetime64(date(1980, 1, 1)).astype(np.int64))
    return day
