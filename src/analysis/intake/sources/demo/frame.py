"""The bank itself: branches, outlets, regions, staff, capital and the funds-price curve. Every name is invented."""

from dataclasses import dataclass

import numpy as np

from analysis.intake.sources.demo.parameters import (
    FUNDS_DEPOSIT,
    FUNDS_LOAN,
    FUNDS_STEP,
    REGION_TIERS,
    DemoParameters,
    stream,
)
from analysis.intake.sources.demo.write import Coded, ColumnData

REGIONS = (
    ("澜川市", "core"),
    ("澜东新区", "core"),
    ("沐港市", "coastal"),
    ("屿津市", "coastal"),
    ("岚原市", "inland"),
    ("砚溪市", "inland"),
    ("禾澜县", "county"),
    ("松漪县", "county"),
    ("稻屿县", "county"),
)
"""Invented places and their region tier."""
_OUTLETS = (22, 12, 14, 12)
"""Outlets by region tier, of 60."""
_BRANCH_OF_TIER = ((0, 1, 2), (3,), (4,), (5,))
_STREETS = [
    "云谷",
    "星桥",
    "竹溪",
    "清河",
    "望湖",
    "锦程",
    "文渊",
    "金石",
    "南湾",
    "北苑",
    "海棠",
    "紫荆",
    "明湖",
    "长桥",
    "静安里",
    "朝晖",
    "和顺",
    "泰康",
    "瑞景",
    "丰泽",
]
MANAGERS = (("key", 34), ("general", 24), ("pooled", 8))
N_SPECIALISTS = 6
TOTALS = {"net_capital": 9.0e9, "tier1_capital": 7.6e9}
_CAPITAL_GROWTH = 0.015


@dataclass(frozen=True, slots=True)
class Outlets:
    """All outlets in order of their id, as arrays."""

    ids: tuple[str, ...]
    branches: tuple[str, ...]
    branch: np.ndarray
    region: np.ndarray
    tier: np.ndarray
    names: tuple[str, ...]

    @property
    def n(self) -> int:
        return len(self.ids)


def build_outlets(parameters: DemoParameters) -> Outlets:
    """60 outlets under 6 branches in 4 region tiers; ten times as many in a bank above 100,000 clients."""
    times = 1 if parameters.n_clients <= 100_000 else 10
    tier = np.repeat(np.arange(4), np.array(_OUTLETS) * times)
    branch, region = np.zeros_like(tier), np.zeros_like(tier)
    for code, name in enumerate(REGION_TIERS):
        rows = np.flatnonzero(tier == code)
        places = [k for k, (_, of) in enumerate(REGIONS) if of == name]
        branch[rows] = np.array(_BRANCH_OF_TIER[code])[np.arange(len(rows)) % len(_BRANCH_OF_TIER[code])]
        region[rows] = np.array(places)[np.arange(len(rows)) % len(places)]
    order = np.lexsort((region, branch))
    tier, branch, region = tier[order], branch[order], region[order]
    n = len(tier)
    names = tuple(_outlet_name(k, int(region[k])) for k in range(n))
    ids = tuple(f"O{k + 1:04d}" for k in range(n))
    return Outlets(ids, tuple(f"B{k + 1}" for k in range(6)), branch, region, tier, names)


def _outlet_name(k: int, region: int) -> str:
    """An invented name: place, street, and a number once the streets are used up."""
    turn, street = divmod(k, len(_STREETS))
    number = f"第{turn + 1}" if turn else ""
    return f"{REGIONS[region][0][:-1]}{_STREETS[street]}{number}支行"


def outlet_columns(parameters: DemoParameters, outlets: Outlets) -> dict[str, ColumnData]:
    """Rows of `outlets`, one per outlet × quarter."""
    rng = stream(parameters, "outlets")
    n_quarters = parameters.n_quarters
    who = np.repeat(np.arange(outlets.n), n_quarters)
    staff = np.rint(rng.lognormal(np.log(14), 0.35, outlets.n))[who]
    return {
        "outlet_id": Coded(who, outlets.ids),
        "quarter": Coded(np.tile(np.arange(n_quarters), outlets.n), [q.label for q in parameters.quarters]),
        "branch_id": Coded(outlets.branch[who], outlets.branches),
        "name": Coded(who, outlets.names),
        "region": Coded(outlets.region[who], [name for name, _ in REGIONS]),
        "region_tier": Coded(outlets.tier[who], REGION_TIERS),
        "staff_full_time": staff.astype(float),
    }


def managers_per_chunk() -> int:
    """Client managers that look after one chunk of clients."""
    return sum(count for _, count in MANAGERS)


def manager_outlets(outlets: Outlets, chunk: int) -> np.ndarray:
    """Outlet of each manager of a chunk: spread evenly, each team over the whole bank."""
    n = managers_per_chunk()
    return (np.arange(n) * outlets.n // n + 7 * chunk) % outlets.n


def staff_columns(parameters: DemoParameters, outlets: Outlets) -> dict[str, ColumnData]:
    """Rows of `staff`, one per person × quarter: managers of every chunk, then product specialists."""
    teams = np.concatenate([np.full(count, code) for code, (_, count) in enumerate(MANAGERS)])
    n_chunks = len(parameters.chunks)
    team = np.concatenate([np.tile(teams, n_chunks), np.full(N_SPECIALISTS * n_chunks, 3)])
    at = np.concatenate([manager_outlets(outlets, chunk) for chunk in range(n_chunks)])
    at = np.concatenate([at, np.arange(N_SPECIALISTS * n_chunks) * 11 % outlets.n])
    ids = [manager_id(k) for k in range(managers_per_chunk() * n_chunks)]
    ids += [f"P{k + 1:05d}" for k in range(N_SPECIALISTS * n_chunks)]
    n_quarters = parameters.n_quarters
    who = np.repeat(np.arange(len(ids)), n_quarters)
    return {
        "staff_id": Coded(who, ids),
        "quarter": Coded(np.tile(np.arange(n_quarters), len(ids)), [q.label for q in parameters.quarters]),
        "role": Coded((team[who] == 3).astype(np.int32), ("manager", "product_specialist")),
        "outlet_id": Coded(at[who], outlets.ids),
        "team": Coded(team[who], ("key", "general", "pooled", "product")),
    }


def manager_id(number: int) -> str:
    """Staff id of the n-th client manager."""
    return f"M{number + 1:05d}"


def bank_columns(parameters: DemoParameters) -> dict[str, ColumnData]:
    """Rows of `bank`: capital, cost of capital, reference rates and the funds-price curve by quarter."""
    rows: list[tuple[int, str, float]] = []
    for quarter in range(parameters.n_quarters):
        back = parameters.n_quarters - 1 - quarter
        step = FUNDS_STEP * back
        figures = {name: value * parameters.scale / (1 + _CAPITAL_GROWTH) ** back for name, value in TOTALS.items()}
        figures |= {"cost_of_capital": 0.10, "capital_ratio": 0.105, "lpr_1y": 0.030, "lpr_5y": 0.035, "tax_rate": 0.25}
        figures |= dict(
            zip(("ftp_loan_1y", "ftp_loan_3y", "ftp_loan_long"), (f + step for f in FUNDS_LOAN), strict=True)
        )
        figures |= {f"ftp_{product}": price + step for product, price in FUNDS_DEPOSIT.items()}
        rows += [(quarter, item, round(figures[item], 12)) for item in sorted(figures)]
    items = sorted({item for _, item, _ in rows})
    return {
        "quarter": Coded(np.array([q for q, _, _ in rows]), [q.label for q in parameters.quarters]),
        "item": Coded(np.array([items.index(item) for _, item, _ in rows]), items),
        "value": np.array([value for _, _, value in rows]),
    }
