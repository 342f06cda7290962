"""Loans and their monthly states: each borrower has one to three lines, renewed or repaid over years."""

from dataclasses import dataclass

import numpy as np

from analysis.intake.sources.demo.borrowers import FOREVER, TRANSFERRED, WRITTEN_OFF, Borrowers
from analysis.intake.sources.demo.clients import Clients
from analysis.intake.sources.demo.parameters import (
    CLASSES,
    FUNDS_LOAN,
    FUNDS_STEP,
    LOAN_GROWTH,
    LOAN_RATE_STEP,
    LOANS_GROWTH,
    RISK_WEIGHT,
    VAT,
    WAN,
    DemoParameters,
    stream,
)
from analysis.intake.sources.demo.write import Coded, ColumnData, days, fen

LOAN_CLASSES = ("pass", "special_mention", "substandard", "doubtful", "loss")
PRODUCTS = ("loan_working", "loan_fixed")
COLLATERALS = ("mortgage", "pledge", "guarantee", "credit")
RATINGS = ("R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "D")
_RATING_EDGES = (0.001, 0.0025, 0.005, 0.010, 0.018, 0.032, 0.06, 0.15)
_TERM_SHARES = (0.30, 0.20, 0.50)
"""Working-capital lines of 12, 24 and 36 months."""
_YEARLY_PRICE = 0.72
"""Of the lines above a year those that are repriced each year and so are charged the one-year funds price."""
_WORKING_PAID = 0.008
"""Part of a working-capital loan repaid each month."""
_FIXED_PAID = 0.65
"""Part of a fixed-asset loan repaid by instalments before its last month."""
_STAGE1 = (0.0195, 0.30)
_STAGE2, _STAGE3 = 0.115, (0.40, 0.60, 0.95)
"""Allowance over balance: stage 1 = a + b · default probability; stage 2; stage 3 by class."""


@dataclass(frozen=True, slots=True)
class Loans:
    """Loans and monthly rows of one chunk; rows are in the order of loan and month.

    Parameters
    ----------
    borrower, start, maturity, gone : per loan; months as positions in the history
    price : per loan; which point of the funds-price curve it is charged (repriced within a year, three years, later)
    loan, month, balance, before : per row; balances in fen at the end of this month and of the one before
    average, interest, funds : client × month × product sums in yuan
    """

    borrower: np.ndarray
    product: np.ndarray
    start: np.ndarray
    maturity: np.ndarray
    gone: np.ndarray
    amount: np.ndarray
    price: np.ndarray
    loan: np.ndarray
    month: np.ndarray
    balance: np.ndarray
    before: np.ndarray
    loan_class: np.ndarray
    overdue: np.ndarray

    @property
    def row_borrower(self) -> np.ndarray:
        borrower: np.ndarray = self.borrower[self.loan]
        return borrower


def build_loans(parameters: DemoParameters, chunk: int, clients: Clients, borrowers: Borrowers) -> Loans:
    """All loans that live in the history, and their balance, class and days overdue by month."""
    rng = stream(parameters, "loans", chunk)
    lines = _lines(rng, clients, borrowers)
    loans = _aimed(parameters, borrowers, _generations(rng, parameters, borrowers, lines))
    who, start, gone = loans["borrower"], loans["start"], loans["gone"]
    first, last = np.maximum(start, 0), np.minimum(gone, parameters.n_months - 1)
    keep = last >= first
    loans = {name: column[keep] for name, column in loans.items()}
    who, start, gone, first, last = who[keep], start[keep], gone[keep], first[keep], last[keep]
    length = last - first + 1
    loan = np.repeat(np.arange(len(who)), length)
    month = np.arange(len(loan)) - np.repeat(np.cumsum(length) - length, length) + first[loan]
    frozen = borrowers.default[who]
    balance = _balance(loans, loan, month, frozen, start, gone)
    before = np.where(month == start[loan], 0, _balance(loans, loan, month - 1, frozen, start, gone))
    loan_class, overdue = _states(stream(parameters, "loan_states", chunk), parameters, borrowers)
    of = who[loan]
    return Loans(
        who,
        loans["product"],
        start,
        loans["maturity"],
        gone,
        loans["amount"],
        loans["price"],
        loan,
        month,
        fen(balance),
        fen(before),
        loan_class[of, month],
        overdue[of, month],
    )


def _lines(rng: np.random.Generator, clients: Clients, borrowers: Borrowers) -> dict[str, np.ndarray]:
    """One to three lines per borrower: its share of the loan, kind, term and phase."""
    size, segment = clients.size[borrowers.client], clients.segment[borrowers.client]
    count = np.array([3, 2, 1, 1, 1])[size] + (rng.random(borrowers.n) < np.array([0.0, 0.2, 0.4, 0.0, 0.3])[size])
    who = np.repeat(np.arange(borrowers.n), count)
    weight = rng.uniform(0.4, 1.0, len(who))
    share = weight / np.bincount(who, weight)[who]
    chance = np.where(segment == 2, 0.65, np.array([0.13, 0.11, 0.05, 0.01, 0.3])[size])
    fixed = rng.random(len(who)) < chance[who]
    term = np.where(fixed, rng.integers(8, 17, len(who)) * 12, rng.choice([12, 24, 36], len(who), p=_TERM_SHARES))
    phase = -(rng.random(len(who)) * np.where(fixed, term * 0.35, term)).astype(np.int64)
    price = np.where(fixed, 2, np.where((term == 12) | (rng.random(len(who)) < _YEARLY_PRICE), 0, 1))
    return {"borrower": who, "share": share, "fixed": fixed, "term": term, "phase": phase, "price": price}


def _generations(
    rng: np.random.Generator, parameters: DemoParameters, borrowers: Borrowers, lines: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """The loans of each line: a working-capital line is renewed at maturity, a fixed-asset loan runs on."""
    since = borrowers.since[lines["borrower"]]
    phase = np.where(lines["fixed"] & (since >= 0), since, lines["phase"])
    count = np.where(lines["fixed"], 1, -((phase - parameters.n_months) // lines["term"]))
    line = np.repeat(np.arange(len(count)), count)
    number = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    who, term, fixed = lines["borrower"][line], lines["term"][line], lines["fixed"][line]
    start = phase[line] + number * term
    maturity = start + term
    start = np.maximum(start, np.where(borrowers.since[who] >= 0, borrowers.since[who], start))
    default, until = borrowers.default[who], borrowers.until[who]
    caught = (start <= default) & (maturity > default)
    gone = np.where(caught, borrowers.resolved[who], np.minimum(maturity, until))
    keep = (start < maturity) & (start < until) & (start <= default)
    reference = borrowers.reference[who]
    growth = LOAN_GROWTH + rng.normal(0, 0.05, borrowers.n)[who]
    noise = rng.normal(0, 0.10, len(line))
    holds = (start <= reference) & (maturity > reference)
    back = np.maximum(reference - start, 0) / 12
    level = borrowers.amount[who] * lines["share"][line] * np.where(holds, 1.0, np.exp(noise - growth * back))
    age = np.where(holds, np.minimum(reference, default) - start, 0)
    amount = level / (1 - _paid(fixed, term, age))
    loans = {
        "borrower": who,
        "product": fixed.astype(np.int64),
        "start": start,
        "maturity": maturity,
        "gone": gone,
        "amount": amount,
        "price": lines["price"][line],
    }
    loans |= {"term": term, "back": np.where(holds, 0.0, back)}
    return {name: column[keep] for name, column in loans.items()}


def _aimed(parameters: DemoParameters, borrowers: Borrowers, loans: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same loans with the amounts of past years scaled so that the bank grows as asked in each of two years."""
    last = parameters.n_months - 1
    first_year, later = np.minimum(loans["back"], 1.0), np.maximum(loans["back"] - 1.0, 0.0)
    slopes = np.zeros(2)
    scaled = loans
    for _ in range(4):
        for k, months in enumerate((12, 24)):
            if last < months + 2:
                continue
            wanted = _total(scaled, borrowers, last) / (1 + LOANS_GROWTH) ** (k + 1)
            slopes[k] += float(np.clip(np.log(wanted / _total(scaled, borrowers, last - months)), -0.1, 0.1))
            scaled = loans | {"amount": loans["amount"] * np.exp(slopes[0] * first_year + slopes[1] * later)}
    return scaled


def _total(loans: dict[str, np.ndarray], borrowers: Borrowers, last: int) -> float:
    """Loans of the bank at the ends of the three months up to `last`, added up, yuan."""
    total = 0.0
    frozen = borrowers.default[loans["borrower"]]
    for month in range(last - 2, last + 1):
        alive = np.flatnonzero((loans["start"] <= month) & (loans["gone"] > month))
        at = np.full(len(alive), month)
        total += float(_balance(loans, alive, at, frozen, loans["start"], loans["gone"]).sum())
    return total


def _paid(fixed: np.ndarray, term: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Part of the amount repaid by instalments at an age in months."""
    return np.where(fixed, _FIXED_PAID * age / term, np.minimum(_WORKING_PAID * age, 0.3))


def _balance(
    loans: dict[str, np.ndarray],
    loan: np.ndarray,
    month: np.ndarray,
    frozen: np.ndarray,
    start: np.ndarray,
    gone: np.ndarray,
) -> np.ndarray:
    """Balance at a month's end in yuan: nothing is repaid after a default, nothing is left once the loan is gone."""
    age = np.clip(np.minimum(month, frozen[loan]) - start[loan], 0, None)
    left = loans["amount"][loan] * (1 - _paid(loans["product"][loan] == 1, loans["term"][loan], age))
    return np.where(month >= gone[loan], 0.0, left)


def _states(rng: np.random.Generator, parameters: DemoParameters, b: Borrowers) -> tuple[np.ndarray, np.ndarray]:
    """Loan class and days overdue of each borrower by month."""
    month = np.arange(parameters.n_months)[None, :]
    since = month - b.default[:, None]
    state = np.zeros((b.n, parameters.n_months), dtype=np.int64)
    spell = (month >= b.mention_from[:, None]) & (month < b.mention_until[:, None])
    state[spell | ((since < 0) & (since >= -b.warning[:, None]))] = 1
    sub = rng.integers(5, 18, b.n)[:, None]
    doubtful = sub + rng.integers(6, 18, b.n)[:, None]
    state[since >= 0] = 2
    state[since >= sub] = 3
    state[since >= doubtful] = 4
    overdue = np.zeros_like(state)
    slow = _slow(b)[:, None]
    wave = rng.integers(0, 4, b.n)[:, None]
    overdue = np.where(spell & b.late[:, None], np.array([8, 38, 65, 20])[(month + wave) % 4], overdue)
    overdue = np.where((since < 0) & (since >= -3) & (b.warning[:, None] > 0), (since + 4) * 22, overdue)
    early = np.where(since < 9, 35 + 5 * np.maximum(since, 0), 91 + 30 * (since - 9))
    overdue = np.where(since >= 0, np.where(slow, early, 91 + 30 * since), overdue)
    return state, overdue


def _slow(b: Borrowers) -> np.ndarray:
    """Bad loans classified before they are 90 days overdue: every third by amount, so that they hold their share."""
    bad = np.flatnonzero(b.default < FOREVER)
    slow = np.zeros(b.n, dtype=bool)
    slow[bad[np.argsort(-b.amount[bad], kind="stable")][2::3]] = True
    return slow


def loan_ids(clients: Clients, borrowers: Borrowers, loans: Loans) -> list[str]:
    """Ids of loans: client number and running number, so that their order is that of the rows."""
    number = (clients.first_number + borrowers.client[loans.borrower] + 1).tolist()
    first = np.flatnonzero(np.diff(loans.borrower, prepend=-1))
    running = np.arange(len(loans.borrower)) - np.repeat(first, np.diff(np.append(first, len(loans.borrower)))) + 1
    return [f"D{client:07d}{k:02d}" for client, k in zip(number, running.tolist(), strict=True)]


def is_exempt(clients: Clients, borrowers: Borrowers) -> np.ndarray:
    """Loans free of VAT: micro firms, and small firms up to 1,000 万元 (simplified)."""
    size = clients.size[borrowers.client]
    exempt: np.ndarray = (size == 3) | ((size == 2) & (borrowers.amount <= 1_000 * WAN))
    return exempt


def loan_columns(
    parameters: DemoParameters,
    chunk: int,
    borrowers: Borrowers,
    loans: Loans,
    ids: list[str],
    client_ids: list[str],
) -> dict[str, ColumnData]:
    """Rows of `loans`."""
    rng = stream(parameters, "loans.facts", chunk)
    first = np.datetime64(parameters.months[0], "M")
    opened = (first + loans.start).astype("datetime64[D]").astype(np.int64) + rng.integers(0, 28, len(loans.start))
    ends = days(parameters.months)
    finished = loans.gone < parameters.n_months
    how = np.where(loans.gone == borrowers.resolved[loans.borrower], borrowers.how[loans.borrower], 0)
    bad = finished & np.isin(how, (WRITTEN_OFF, TRANSFERRED))
    at_gone = np.bincount(
        loans.loan, np.where(loans.month == loans.gone[loans.loan], loans.before, 0), len(loans.start)
    )
    lost = np.rint(at_gone * np.where(how == TRANSFERRED, 0.6, 1.0)).astype(np.int64)
    collateral = np.searchsorted((0.45, 0.57, 0.88), rng.random(borrowers.n))[loans.borrower]
    back = (parameters.n_months - 1 - np.maximum(loans.start, -24)) // 3
    return {
        "loan_id": Coded(np.arange(len(ids)), ids),
        "client_id": Coded(borrowers.client[loans.borrower], client_ids),
        "product": Coded(loans.product, PRODUCTS),
        "start": opened,
        "term_months": (loans.maturity - loans.start).astype(float),
        "amount": fen(loans.amount),
        "rate": np.round(borrowers.rate[loans.borrower] + LOAN_RATE_STEP * back, 6),
        "collateral": Coded(collateral, COLLATERALS),
        "outcome": Coded(np.where(finished, bad.astype(np.int64), -1), ("paid_in_full", "charged_off")),
        "outcome_date": np.ma.array(ends[np.minimum(loans.gone, parameters.n_months - 1)], mask=~finished),
        "charged_off": np.ma.array(lost, mask=~bad),
    }


@dataclass(frozen=True, slots=True)
class Credit:
    """What the other tables need from loans: client × month × product sums, and rates."""

    average: np.ndarray
    end: np.ndarray
    interest: np.ndarray
    funds: np.ndarray
    contract: np.ndarray


def loan_sums(parameters: DemoParameters, clients: Clients, borrowers: Borrowers, loans: Loans) -> Credit:
    """Client × month × product sums of balances (yuan), interest net of VAT, funds cost and contract interest."""
    n_months = parameters.n_months
    who = borrowers.client[loans.row_borrower]
    key = (who * n_months + loans.month) * 2 + loans.product[loans.loan]
    day_count = np.array([month.day for month in parameters.months]) / 365.0
    back = (n_months - 1 - loans.month) // 3
    rate = borrowers.rate[loans.row_borrower] + LOAN_RATE_STEP * back
    funds = np.array(FUNDS_LOAN)[loans.price[loans.loan]] + FUNDS_STEP * back
    average = (loans.balance + loans.before) / 200.0
    vat = np.where(is_exempt(clients, borrowers), 1.0, VAT)[loans.row_borrower]
    earned = average * rate * day_count[loans.month]

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(key, values, clients.n * n_months * 2).reshape(clients.n, n_months, 2)

    return Credit(
        total(average),
        total(loans.balance / 100.0),
        total(earned / vat * (loans.loan_class < 2)),
        total(average * funds * day_count[loans.month]),
        total(average * rate),
    )


def state_columns(
    parameters: DemoParameters,
    chunk: int,
    clients: Clients,
    borrowers: Borrowers,
    loans: Loans,
    ids: list[str],
    client_ids: list[str],
) -> dict[str, ColumnData]:
    """Rows of `loan_states`."""
    rng = stream(parameters, "loan_states.model", chunk)
    who, state = loans.row_borrower, loans.loan_class
    quarter = loans.month // 3
    drift = np.cumsum(rng.normal(0, 0.08, (borrowers.n, parameters.n_quarters)), axis=1)
    prob = borrowers.default_prob[who] * np.exp(drift - drift[:, -1:])[who, quarter]
    prob = np.where(state == 0, 0.93 * prob, np.where(state == 1, np.clip(2.5 * prob, 0.04, 0.25), 1.0))
    watch = (state == 0) & (prob > _watch_level(borrowers))
    stage = np.where(state >= 2, 3, np.where((state == 1) | watch, 2, 1))
    rate3 = np.array([0, 0, *_STAGE3])[state]
    cover = np.where(
        stage == 3, rate3, np.where(stage == 2, np.where(watch, 0.07, _STAGE2), _STAGE1[0] + _STAGE1[1] * prob)
    )
    left = (loans.month == loans.gone[loans.loan]) & (loans.gone[loans.loan] == borrowers.resolved[who])
    how = np.where(left, borrowers.how[who], 0)
    lost = np.isin(how, (WRITTEN_OFF, TRANSFERRED))
    grade = np.where(state >= 2, len(RATINGS) - 1, np.searchsorted(_RATING_EDGES, prob))
    small = borrowers.amount <= 1_000 * WAN
    size = clients.size[borrowers.client]
    weight = np.array([RISK_WEIGHT[name] for name in CLASSES])[size]
    weight = np.where((size == 2) & small, 0.75, np.where((size == 3) & ~small, 0.85, weight))
    back = (parameters.n_months - 1 - loans.month) // 3
    renewed = (state == 1) & ~borrowers.late[who] & (borrowers.mention_from[who] < FOREVER) & (who % 2 == 0)
    zero = np.zeros(len(who), dtype=np.int64)
    return {
        "loan_id": Coded(loans.loan, ids),
        "client_id": Coded(borrowers.client[who], client_ids),
        "month": days(parameters.months)[loans.month],
        "balance": loans.balance,
        "loan_class": Coded(state, LOAN_CLASSES),
        "days_overdue": np.where(loans.balance > 0, loans.overdue, 0),
        "rate": np.round(borrowers.rate[who] + LOAN_RATE_STEP * back, 6),
        "repaid": np.where(lost, 0, loans.before - loans.balance).clip(0),
        "written_off": np.where(how == WRITTEN_OFF, loans.before, zero),
        "transferred": np.where(how == TRANSFERRED, loans.before, zero),
        "extended": renewed,
        "rating": Coded(grade, RATINGS),
        "default_prob": np.round(prob, 6),
        "loss_given_default": np.round(borrowers.loss_given_default[who], 4),
        "allowance": fen(loans.balance / 100.0 * cover),
        "stage": stage,
        "risk_weight": weight[who],
    }


def _watch_level(borrowers: Borrowers) -> float:
    """Default probability above which a performing loan is in stage 2: 2.4 % of amounts lie over it."""
    here = borrowers.at_end & (borrowers.default == FOREVER)
    order = np.argsort(-borrowers.default_prob[here])
    covered = np.cumsum(borrowers.amount[here][order]) / borrowers.amount[here].sum()
    return float(borrowers.default_prob[here][order][min(np.searchsorted(covered, 0.024), len(order) - 1)])
