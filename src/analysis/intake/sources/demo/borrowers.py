"""Who borrows how much, how risky they are, and when some of them run into trouble."""

from dataclasses import dataclass

import numpy as np

from analysis.intake.sources.demo.clients import SECTIONS, Clients
from analysis.intake.sources.demo.draws import by_name, normal_ranks, pick, pick_near, prefix_near, spread_by_size
from analysis.intake.sources.demo.parameters import (
    BORROWERS,
    CHUNK,
    CLASSES,
    DEFAULT_PROB,
    LOAN,
    LOAN_CAP,
    LOAN_CLASS_SHARE,
    LOAN_RATE,
    LOANS_TOTAL,
    NPL,
    PLATFORM_LOAN_SHARE,
    SECTION_CLIENTS,
    SECTION_LOANS,
    SECTION_NPL,
    SPECIAL_MENTION,
    WAN,
    DemoParameters,
    stream,
)

FOREVER = 10_000
WRITTEN_OFF, TRANSFERRED, RECOVERED = 1, 2, 3
_BURN = 20
"""Months before the history from which defaults are drawn, the longest a bad loan takes to be resolved."""
_WARNING = 9
_CHANCE = {"G1": 1.0, "G2": 1.0, "G3": 60.0, "G4": 1.1, "G5": 0.55, "G6": 0.55, "G7": 0.38, "G8": 0.07}
_SHIFT = {"G1": 0.5, "G2": 0.0, "G3": 1.0, "G4": 0.15, "G5": 0.0, "G6": -0.3, "G7": -0.25, "G8": -0.6}
_RISK = {"G1": 0.7, "G2": 0.2, "G3": 0.35, "G4": 0.55, "G5": 1.3, "G6": 1.0, "G7": 1.6, "G8": 1.8}
_PRICE_SHIFT = {
    "G1": -0.0005,
    "G2": 0.0,
    "G3": -0.0060,
    "G4": 0.0002,
    "G5": 0.0006,
    "G6": 0.0006,
    "G7": 0.0010,
    "G8": 0.0010,
}


@dataclass(frozen=True, slots=True)
class Borrowers:
    """Clients of one chunk that borrow at some time, one entry each, in the order of their client.

    Parameters
    ----------
    client : position of the client in the chunk
    amount : loan at the reference month, yuan
    at_end : still a borrower at the end of the history
    since, until : first month with a loan (−1: before the history) and month it is gone
    reference : month in which the loan equals `amount`
    default_prob : one year, of a performing borrower at the end
    risk : standard normal, high is bad; drives default probability and statements
    default, resolved, how : month of default, month the bad loan leaves, and how (FOREVER, FOREVER, 0 if none)
    warning : months of special mention before the default
    mention_from, mention_until : a spell of special mention that ends well
    late : in special mention with payments overdue
    """

    client: np.ndarray
    amount: np.ndarray
    at_end: np.ndarray
    since: np.ndarray
    until: np.ndarray
    reference: np.ndarray
    rate: np.ndarray
    default_prob: np.ndarray
    risk: np.ndarray
    loss_given_default: np.ndarray
    default: np.ndarray
    resolved: np.ndarray
    how: np.ndarray
    warning: np.ndarray
    mention_from: np.ndarray
    mention_until: np.ndarray
    late: np.ndarray

    @property
    def n(self) -> int:
        return len(self.client)


def draw_borrowers(parameters: DemoParameters, chunk: int, clients: Clients, deposit_rank: np.ndarray) -> Borrowers:
    """Borrowers at the end with calibrated amounts, then former ones: repaid, or defaulted and resolved."""
    rng = stream(parameters, "borrowers", chunk)
    here = _choose(rng, clients)
    amount = _amounts(rng, clients, here, deposit_rank)
    risk = np.clip(0.5 * rng.standard_normal(clients.n) + 0.8 * rng.standard_normal(clients.n), -3, 3)
    prob = _default_probs(clients, here, amount, risk)
    events = _events(stream(parameters, "defaults", chunk), parameters, clients, here)
    story = _Story.empty(clients.n)
    _defaults_now(stream(parameters, "defaults.now", chunk), parameters, clients, here, amount, prob, events, story)
    _mentions(stream(parameters, "mentions", chunk), parameters, clients, here, amount, prob, story)
    former, ended = _former(stream(parameters, "borrowers.former", chunk), parameters, clients, here, events, story)
    amount = np.where(former, _former_amounts(rng, clients, former), amount)
    prob = np.where(former, _default_probs(clients, former, amount, risk), prob)
    rows = np.flatnonzero(here | former)
    since = np.full(clients.n, -1)
    calm = here & (story.default == FOREVER) & (story.mention_from == FOREVER)
    joined = calm & (rng.random(clients.n) < 0.22) & (clients.start < 0)
    since[joined] = rng.integers(0, parameters.n_months, int(joined.sum()))
    since = np.where(
        clients.start >= 0, np.minimum(clients.start + rng.integers(0, 3, clients.n), parameters.n_months - 2), since
    )
    until = np.where(story.resolved < FOREVER, story.resolved, np.where(former, ended, FOREVER))
    reference = np.minimum(np.minimum(story.default, until - 1), parameters.n_months - 1)
    rate = _rates(rng, clients, here, amount, risk)
    loss = np.clip(0.42 + 0.03 * risk + rng.normal(0, 0.06, clients.n), 0.2, 0.75)
    return Borrowers(
        rows,
        amount[rows],
        here[rows],
        since[rows],
        until[rows],
        np.maximum(reference, 0)[rows],
        rate[rows],
        prob[rows],
        risk[rows],
        loss[rows],
        story.default[rows],
        story.resolved[rows],
        story.how[rows],
        story.warning[rows],
        story.mention_from[rows],
        story.mention_until[rows],
        story.late[rows],
    )


def _section_odds(power: float) -> np.ndarray:
    loans, clients = by_name(SECTION_LOANS, SECTIONS), by_name(SECTION_CLIENTS, SECTIONS)
    odds: np.ndarray = (loans / clients) ** power
    return odds


def _choose(rng: np.random.Generator, clients: Clients) -> np.ndarray:
    """Borrowers at the end: each size class has its share."""
    weight = clients.shift(_CHANCE) * _section_odds(0.9)[clients.section]
    weight = weight * clients.stays * (clients.silent_from >= FOREVER) * (clients.end - clients.start > 4)
    weight = weight * np.where(clients.segment == 2, 50.0, 1.0)
    chosen = np.zeros(clients.n, dtype=bool)
    for code, name in enumerate(CLASSES):
        rows = np.flatnonzero((clients.size == code) & clients.stays)
        chosen[rows] = pick(rng, weight[rows], round(BORROWERS[name] * len(rows)))
    return chosen


def _amounts(rng: np.random.Generator, clients: Clients, here: np.ndarray, deposit_rank: np.ndarray) -> np.ndarray:
    """Log-normal inside the size class, raked to the shares of industries and so on; ranks, then amounts once more."""
    score = (
        clients.shift(_SHIFT)
        - 0.45 * deposit_rank
        + 0.6 * clients.draws[:, 1]
        + np.log(_section_odds(0.8))[clients.section]
    )
    cap = LOAN_CAP * rng.uniform(0.90, 1.0, clients.n)
    for steps in (12, 5):
        amount = np.zeros(clients.n)
        for code, name in enumerate(CLASSES):
            rows = np.flatnonzero((clients.size == code) & here)
            median, sigma = LOAN[name]
            amount[rows] = np.minimum(median * np.exp(sigma * normal_ranks(rng, score[rows])), cap[rows])
        amount = _raked(clients, amount, cap, steps)
        score = np.log(np.maximum(amount, 1e-9))
    return np.maximum(amount, 10.0 * here) * WAN


def _raked(clients: Clients, amount: np.ndarray, cap: np.ndarray, steps: int) -> np.ndarray:
    """Amounts in 万元 moved to the loan shares of industries, platform firms and size classes, none above its cap."""
    total = LOANS_TOTAL * clients.n_end / CHUNK
    section, size = by_name(SECTION_LOANS, SECTIONS), by_name(LOAN_CLASS_SHARE, CLASSES)
    platform = np.array([1 - PLATFORM_LOAN_SHARE, PLATFORM_LOAN_SHARE])
    for _ in range(steps):
        for codes, share in ((clients.section, section), (clients.segment == 2, platform), (clients.size, size)):
            codes = codes.astype(np.int64)
            now = np.bincount(codes, amount, len(share))
            factor = np.where(now > 0, share / share.sum() * total / np.maximum(now, 1e-9), 1.0)
            amount = np.minimum(amount * np.clip(factor, 0.5, 2.0)[codes] ** 0.7, cap)
    return amount


def _former_amounts(rng: np.random.Generator, clients: Clients, former: np.ndarray) -> np.ndarray:
    """Amounts of loans that are gone by the end, a little smaller than those of today."""
    amount = np.zeros(clients.n)
    for code, name in enumerate(CLASSES):
        rows = np.flatnonzero((clients.size == code) & former)
        median, sigma = LOAN[name]
        ranks = np.clip(normal_ranks(rng, rng.random(len(rows))), -1.8, {"L": 0.4, "M": 1.2}.get(name, 1.6))
        amount[rows] = 0.95 * median * np.exp(sigma * ranks) * WAN
    return amount


def _default_probs(clients: Clients, rows: np.ndarray, amount: np.ndarray, risk: np.ndarray) -> np.ndarray:
    """One-year default probability: the size class's mean by amount, spread by segment, industry and own risk."""
    odds = clients.shift(_RISK) * (by_name(SECTION_NPL, SECTIONS) / 1.9)[clients.section] ** 0.6 * np.exp(0.42 * risk)
    prob = np.zeros(clients.n)
    for code, name in enumerate(CLASSES):
        of = np.flatnonzero((clients.size == code) & rows)
        for _ in range(3):
            mean = np.average(np.clip(odds[of], 0, None), weights=amount[of]) if len(of) and amount[of].sum() else 1.0
            odds[of] = np.clip(odds[of] / mean, 0.03, 9.0)
        prob[of] = odds[of] * DEFAULT_PROB[name]
    return np.clip(prob, 0.0003, 0.30)


def _rates(
    rng: np.random.Generator, clients: Clients, rows: np.ndarray, amount: np.ndarray, risk: np.ndarray
) -> np.ndarray:
    """Contract rate in the last quarter, VAT included: mean by size class, little of the spread from quality."""
    rate = 0.0010 * risk + rng.normal(0, 0.0027, clients.n) + clients.shift(_PRICE_SHIFT)
    for code, name in enumerate(CLASSES):
        of = np.flatnonzero((clients.size == code) & rows)
        if len(of):
            rate[of] += LOAN_RATE[name] - np.average(rate[of], weights=amount[of] + 1)
    whole_points: np.ndarray = np.clip(np.rint(rate * 1e4) / 1e4, 0.024, 0.075)
    return whole_points


@dataclass
class _Story:
    """What happens to each client's loans; filled piece by piece."""

    default: np.ndarray
    resolved: np.ndarray
    how: np.ndarray
    warning: np.ndarray
    mention_from: np.ndarray
    mention_until: np.ndarray
    late: np.ndarray

    @classmethod
    def empty(cls, n: int) -> "_Story":
        never = np.full(n, FOREVER)
        zero = np.zeros(n, dtype=np.int64)
        return cls(never.copy(), never.copy(), zero.copy(), zero.copy(), never.copy(), zero.copy(), zero.astype(bool))

    def set_default(self, rows: np.ndarray, events: dict[str, np.ndarray], of: np.ndarray) -> None:
        self.default[rows], self.resolved[rows] = events["default"][of], events["resolved"][of]
        self.how[rows], self.warning[rows] = events["how"][of], events["warning"][of]


def _events(
    rng: np.random.Generator, parameters: DemoParameters, clients: Clients, here: np.ndarray
) -> dict[str, np.ndarray]:
    """Defaults by size class in even steps of time, from before the history to shortly after it.

    A large firm's default is so rare that one of them is moved so that one is bad at the end, as the target says.
    """
    span = _BURN + parameters.n_months + _WARNING
    columns: dict[str, list[np.ndarray]] = {"size": [], "default": []}
    for code, name in enumerate(CLASSES):
        expected = DEFAULT_PROB[name] * int((here & (clients.size == code)).sum()) * span / 12
        count = int(expected + rng.random())
        columns["size"].append(np.full(count, code))
        columns["default"].append(((np.arange(count) + rng.random()) / max(count, 1) * span).astype(np.int64) - _BURN)
    size, default = np.concatenate(columns["size"]), np.concatenate(columns["default"])
    n = len(size)
    resolved = default + rng.integers(8, _BURN + 1, n)
    large = np.flatnonzero(size == CLASSES.index("L"))
    if len(large) and not ((default[large] < parameters.n_months) & (resolved[large] >= parameters.n_months)).any():
        nearest = large[np.argmin(np.abs(default[large] - (parameters.n_months - 8)))]
        default[nearest] = parameters.n_months - 8
        resolved[nearest] = parameters.n_months + 4
    warned = (np.arange(n) + rng.random()) * 0.73 % 1 < 0.73
    return {
        "size": size,
        "default": default,
        "warning": np.where(warned, rng.integers(8, _WARNING + 1, n), 0),
        "resolved": resolved,
        "how": rng.choice([WRITTEN_OFF, TRANSFERRED, RECOVERED], n, p=[0.50, 0.24, 0.26]),
    }


def _defaults_now(
    rng: np.random.Generator,
    parameters: DemoParameters,
    clients: Clients,
    here: np.ndarray,
    amount: np.ndarray,
    prob: np.ndarray,
    events: dict[str, np.ndarray],
    story: _Story,
) -> None:
    """Bad at the end (amounts near the class's target), and those that are about to default and already show it."""
    n_months = parameters.n_months
    for code, name in enumerate(CLASSES):
        mine = events["size"] == code
        bad = np.flatnonzero(mine & (events["default"] < n_months) & (events["resolved"] >= n_months))
        soon = np.flatnonzero(
            mine & (events["default"] >= n_months) & (events["default"] - events["warning"] < n_months)
        )
        rows = np.flatnonzero((clients.size == code) & here)
        weight = prob[rows] * (clients.start[rows] < 0) * np.where(clients.segment[rows] == 4, 1.5, 1.0)
        if len(rows) < 5:
            continue
        chosen = rows[pick_near(rng, weight, amount[rows], len(bad), NPL[name] * amount[rows].sum())]
        story.set_default(chosen, events, bad[: len(chosen)])
        weight = weight * (story.default[rows] == FOREVER)
        future = rows[pick_near(rng, weight, amount[rows], len(soon), len(soon) * amount[rows].mean())]
        story.set_default(future, events, soon[: len(future)])


def _mentions(
    rng: np.random.Generator,
    parameters: DemoParameters,
    clients: Clients,
    here: np.ndarray,
    amount: np.ndarray,
    prob: np.ndarray,
    story: _Story,
) -> None:
    """Spells of special mention that end well: open ones up to the class's target, and closed ones before."""
    n_months = parameters.n_months
    for code, name in enumerate(CLASSES):
        rows = np.flatnonzero((clients.size == code) & here)
        if len(rows) < 5:
            continue
        total = amount[rows].sum()
        warned = (story.default[rows] >= n_months) & (story.default[rows] < FOREVER)
        target = SPECIAL_MENTION[name] * total - amount[rows][warned].sum()
        weight = prob[rows] * (clients.start[rows] < 0) * (story.default[rows] == FOREVER)
        now = rows[prefix_near(rng, weight, amount[rows], target)]
        length = rng.integers(26, 41, len(now))
        story.mention_from[now] = n_months - 1 - (spread_by_size(rng, amount[now]) * length).astype(np.int64)
        story.mention_until[now] = story.mention_from[now] + length
        weight = weight * (story.mention_from[rows] == FOREVER)
        past = rows[prefix_near(rng, weight, amount[rows], target * n_months / 31)]
        begin = (spread_by_size(rng, amount[past]) * (n_months + 4)).astype(np.int64) - 28
        story.mention_from[past] = begin
        until = story.mention_from[past] + rng.integers(22, 35, len(past))
        story.mention_until[past] = np.minimum(until, n_months - 1)
    story.late[:] = (story.mention_from < FOREVER) & (rng.random(clients.n) < 0.17)


def _former(
    rng: np.random.Generator,
    parameters: DemoParameters,
    clients: Clients,
    here: np.ndarray,
    events: dict[str, np.ndarray],
    story: _Story,
) -> tuple[np.ndarray, np.ndarray]:
    """Borrowers without a loan at the end, and the month it was gone: resolved after a default, or repaid."""
    n_months = parameters.n_months
    former, ended = np.zeros(clients.n, dtype=bool), np.full(clients.n, FOREVER)
    weight = np.sqrt(clients.shift(_CHANCE)) * ~here * (clients.start < 0)
    weight = weight * np.minimum(clients.shift(_RISK), 2) * (clients.segment != 2)
    for code in range(len(CLASSES)):
        rows = np.flatnonzero(clients.size == code)
        gone = np.flatnonzero((events["size"] == code) & (events["resolved"] >= 0) & (events["resolved"] < n_months))
        bad = rows[pick(rng, weight[rows] * (clients.end[rows] >= n_months - 1), len(gone))]
        story.set_default(bad, events, gone[: len(bad)])
        former[bad], ended[bad] = True, story.resolved[bad]
        count = round(0.13 * int((here & (clients.size == code)).sum()) * n_months / 36)
        repaid = rows[pick(rng, weight[rows] * ~former[rows] * (clients.end[rows] > 2), count)]
        former[repaid] = True
        latest = np.minimum(clients.end[repaid], n_months - 1)
        ended[repaid] = 1 + (rng.random(len(repaid)) * latest).astype(np.int64)
    return former, np.minimum(ended, np.where(former & ~clients.stays, clients.end, FOREVER))
