"""Visits and calls of managers, and what clients come with by themselves: complaints, opinions, enquiries, praise."""

import numpy as np

from analysis.intake.schemas.words import FEEDBACK_KINDS, INTERACTION_KINDS, RELATION_STAGES
from analysis.intake.sources.demo.clients import Clients
from analysis.intake.sources.demo.frame import MANAGERS
from analysis.intake.sources.demo.need_profiles import CODES
from analysis.intake.sources.demo.needs import Needs
from analysis.intake.sources.demo.parameters import DemoParameters, stream
from analysis.intake.sources.demo.survey import SATISFACTION, true_satisfaction
from analysis.intake.sources.demo.write import Coded, ColumnData

EVERY = (60, 120, 300)
"""Days from a contact to the next one planned, by team: key, general, pooled."""
_WITHOUT_MANAGER = 150
_LATE, _LATER = 0.40, 0.50
"""Share of contacts later than planned, and by how much of the plan on average; the others come after 70 to 100 % of
it. At any time 0.40 · 0.50 / (0.60 · 0.85 + 0.40 · 1.50) = 18 % of the plans are overdue, whoever the client is."""
_KINDS = {
    # by team: key, general, pooled
    "visit": (0.55, 0.35, 0.00),
    "call": (0.25, 0.40, 0.45),
    "online": (0.05, 0.05, 0.20),
    "meeting": (0.12, 0.03, 0.00),
    "message": (0.00, 0.15, 0.28),
    "event": (0.03, 0.02, 0.07),
}
_PURPOSES = ("needs", "product", "regular", "risk")
_RESULTS = ("done", "follow_up", "no_interest")

COMPLAINTS = 0.018
"""Complaints a client and quarter; they are closed in five days (median)."""
_OTHERS = {"opinion": 0.004, "rating": 0.010, "praise": 0.004, "enquiry": 0.015}
_BEFORE_LOSS = 2.0
"""How much more often a client complains in the half year before it leaves."""
_THEMES = {
    # need that makes it likelier while unmet
    "speed": "service_efficiency",
    "price": "low_cost",
    "process": "simple_process",
    "staff": "customised_service",
    "system": "account_management",
    "product": "product_innovation",
    "risk": "risk_service",
}
_THEME_SHARES = (0.26, 0.16, 0.18, 0.11, 0.15, 0.08, 0.06)
_CHANNELS = ("counter", "manager", "online", "phone")


def interaction_columns(
    parameters: DemoParameters,
    chunk: int,
    clients: Clients,
    manager: np.ndarray,
    staff_ids: list[str],
    client_ids: list[str],
) -> dict[str, ColumnData]:
    """Rows of `interactions`, by day: each client is met at the pace of its manager's team, now and then too late."""
    rng = stream(parameters, "interactions", chunk)
    team = team_of(manager)
    first, last = _life_days(parameters, clients)
    who, day, number = _met(rng, np.where(team >= 0, np.array(EVERY)[team], _WITHOUT_MANAGER), clients, first, last)
    order = np.lexsort((who, day))
    who, day, number = who[order], day[order], number[order]
    n, of = len(who), np.maximum(team[who], 0)
    stage = np.minimum(number // 2 + rng.integers(0, 2, n), len(RELATION_STAGES) - 1)
    stage = np.where(clients.start[who] < 0, np.maximum(stage, 2), stage)
    plan = np.where(team[who] >= 0, np.array(EVERY)[of], _WITHOUT_MANAGER)
    return {
        "interaction_id": Coded(np.arange(n), [f"V{chunk:04d}{k + 1:07d}" for k in range(n)]),
        "client_id": Coded(who, client_ids),
        "date": day,
        "kind": Coded(_kinds(rng, of), INTERACTION_KINDS),
        "manager_id": Coded(manager[who], staff_ids),
        "purpose": Coded(rng.choice(len(_PURPOSES), n, p=(0.2, 0.25, 0.4, 0.15)), _PURPOSES),
        "result": Coded(rng.choice(len(_RESULTS), n, p=(0.6, 0.25, 0.15)), _RESULTS),
        "next_date": day + plan,
        "relation_stage": Coded(stage, RELATION_STAGES),
    }


def team_of(manager: np.ndarray) -> np.ndarray:
    """Team of each client's manager as position in MANAGERS, −1 without a manager."""
    last = np.cumsum([count for _, count in MANAGERS])
    team: np.ndarray = np.where(manager >= 0, np.searchsorted(last, manager, side="right"), -1)
    return team


def _life_days(parameters: DemoParameters, clients: Clients) -> tuple[np.ndarray, np.ndarray]:
    """First and last day of each relation inside the history, days since 1970."""
    ends = np.array(parameters.months, dtype="datetime64[D]").astype(np.int64)
    opening = np.datetime64(parameters.quarters[0].start, "D").astype(np.int64)
    first = np.where(clients.start >= 0, ends[np.maximum(clients.start, 0)], opening)
    return first, ends[np.minimum(clients.end, parameters.n_months - 1)]


def _met(
    rng: np.random.Generator, plan: np.ndarray, clients: Clients, first: np.ndarray, last: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Client, day and running number of every contact."""
    who, day, number = [], [], []
    for days in np.unique(plan):
        rows = np.flatnonzero(plan == days)
        n_steps = int((last - first).max() / (0.8 * days)) + 3
        on_time = rng.uniform(0.7, 1.0, (len(rows), n_steps))
        late = 1.0 + rng.exponential(_LATER, (len(rows), n_steps))
        gap = days * np.where(rng.random((len(rows), n_steps)) < _LATE, late, on_time)
        begin = np.where(clients.start[rows] >= 0, rng.uniform(1, 20, len(rows)), -rng.uniform(0, 3 * days, len(rows)))
        gap[:, 0] = begin
        met = (first[rows][:, None] + np.cumsum(gap, axis=1)).astype(np.int64)
        row, step = np.nonzero((met >= first[rows][:, None]) & (met <= last[rows][:, None]))
        who.append(rows[row])
        day.append(met[row, step])
        number.append(step)
    return np.concatenate(who), np.concatenate(day), np.concatenate(number)


def _kinds(rng: np.random.Generator, team: np.ndarray) -> np.ndarray:
    shares = np.array([_KINDS[kind] for kind in INTERACTION_KINDS]).T
    edges = np.cumsum(shares, axis=1)[team]
    kind: np.ndarray = (rng.random(len(team))[:, None] > edges[:, :-1]).sum(axis=1)
    return kind


def feedback_columns(
    parameters: DemoParameters,
    chunk: int,
    clients: Clients,
    needs: Needs,
    manager: np.ndarray,
    staff_ids: list[str],
    client_ids: list[str],
) -> dict[str, ColumnData]:
    """Rows of `feedback`, by day: the less satisfied complain more, and those about to leave most."""
    rng = stream(parameters, "feedback", chunk)
    who, day, kind = _cases(parameters, chunk, rng, clients, needs)
    n, complained = len(who), kind == FEEDBACK_KINDS.index("complaint")
    wait = np.rint(rng.lognormal(np.log(np.where(complained, 5.0, 1.5)), 0.75, n)).astype(np.int64)
    answered = np.minimum(rng.integers(0, 3, n), wait)
    end = np.datetime64(parameters.quarters[-1].end, "D").astype(np.int64)
    score = np.clip(np.rint(rng.normal(np.where(complained, 58, 84), 14, n)), 0, 100)
    has_score = (day + wait <= end) & ((kind == FEEDBACK_KINDS.index("rating")) | (complained & (rng.random(n) < 0.5)))
    return {
        "case_id": Coded(np.arange(n), [f"F{chunk:04d}{k + 1:07d}" for k in range(n)]),
        "client_id": Coded(who, client_ids),
        "kind": Coded(kind, FEEDBACK_KINDS),
        "theme": Coded(_themes(parameters, rng, needs, who), tuple(_THEMES)),
        "channel": Coded(rng.choice(len(_CHANNELS), n, p=(0.2, 0.3, 0.2, 0.3)), _CHANNELS),
        "opened": day,
        "responded": np.ma.array(day + answered, mask=day + answered > end),
        "closed": np.ma.array(day + wait, mask=day + wait > end),
        "is_repeat": complained & (rng.random(n) < 0.08),
        "score": np.where(has_score, score, np.nan),
        "staff_id": Coded(manager[who], staff_ids),
    }


def _cases(
    parameters: DemoParameters, chunk: int, rng: np.random.Generator, clients: Clients, needs: Needs
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Client, day and kind of every case, sorted by day."""
    n_months = parameters.n_months
    month = np.arange(n_months)
    weight = np.ones(clients.n)
    leaving = np.ones((clients.n, n_months))
    if parameters.variant != "null":
        weight = np.exp(-0.03 * (true_satisfaction(parameters, chunk, clients, needs) - SATISFACTION))
        near = (clients.end[:, None] - month < 6) & ~clients.stays[:, None]
        leaving = np.where(near, _BEFORE_LOSS, 1.0)
    weight = weight / weight[clients.stays].mean()
    there = clients.exists(n_months)
    parts = []
    for kind, rate in {"complaint": COMPLAINTS, **_OTHERS}.items():
        often = weight[:, None] * leaving if kind == "complaint" else 1.0
        count = rng.poisson(rate / 3 * often * there)
        who, when = np.nonzero(count)
        times = count[who, when]
        parts.append((np.repeat(who, times), np.repeat(when, times), np.full(times.sum(), FEEDBACK_KINDS.index(kind))))
    who, when, code = (np.concatenate([part[k] for part in parts]) for k in range(3))
    first = np.array([quarter.start for quarter in parameters.quarters], dtype="datetime64[M]")[when // 3] + when % 3
    day = first.astype("datetime64[D]").astype(np.int64) + rng.integers(0, 28, len(who))
    order = np.lexsort((code, who, day))
    return who[order], day[order], code[order]


def _themes(parameters: DemoParameters, rng: np.random.Generator, needs: Needs, who: np.ndarray) -> np.ndarray:
    """Theme of each case: an unmet wish makes its own theme four times as likely."""
    weight = np.tile(np.array(_THEME_SHARES), (len(who), 1))
    if parameters.variant != "null":
        column = [CODES.index(need) for need in _THEMES.values()]
        weight = weight * np.where(needs.unmet[who][:, column], 4.0, 1.0)
    edges = np.cumsum(weight, axis=1)
    theme: np.ndarray = (rng.random(len(who))[:, None] * edges[:, -1:] > edges[:, :-1]).sum(axis=1)
    return theme
