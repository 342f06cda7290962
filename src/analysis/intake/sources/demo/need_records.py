"""Records of needs as a bank has them: what managers, data, surveys and interviews noticed, in part and in error."""

from dataclasses import dataclass

import numpy as np

from analysis.intake.schemas.words import NEED_SOURCES
from analysis.intake.sources.demo.clients import Clients
from analysis.intake.sources.demo.draws import pick
from analysis.intake.sources.demo.need_profiles import CODES, SERVED_BY
from analysis.intake.sources.demo.needs import BEFORE, NEVER, Needs
from analysis.intake.sources.demo.parameters import CHUNK, DemoParameters, stream
from analysis.intake.sources.demo.survey import Survey
from analysis.intake.sources.demo.write import Coded, ColumnData, fen

INTERVIEWS = 60
"""Interviews in a bank of 5,000 clients, all in the last year, each coded by two people on their own."""
_INTERVIEWED = (6.0, 3.0, 1.0, 0.5, 1.0)
"""Relative chance of an interview by size class."""
CODERS = ("E00001", "E00002")
_CODED, _MISCODED = 0.87, 0.010
"""Chance that a coder marks a need that was said, and one that was not: with some four needs in 39, kappa is 0.72."""
_HEARD, _MISHEARD = 0.75, 0.015
"""Chance that a client who answers a survey marks a need it has, and one it has not."""
_WRITTEN, _WRITTEN_SERVICE = 0.90, 0.72
"""Chance that the yearly talk of a manager records a need; wishes about service are recorded less: a bias."""
_PUSHED = (
    "short_term_funds",
    "cash_management",
    "wealth_management",
    "payroll",
    "deposits",
    "international_settlement",
)
_PUSHED_A_YEAR = 0.10
"""Needs that managers record because they want to sell, a client and year: the other bias."""
_SEEN = 0.45
"""Chance that a need for money, settlement or deposits is found in data."""
_SERVICE = CODES[CODES.index("product_innovation") :]
_UNSEEN = (
    *CODES[CODES.index("investment_banking") : CODES.index("fx_risk")],
    *CODES[CODES.index("credit_risk_assessment") :],
)
"""Needs that leave no trace in data: the capital market, advice, risk services and wishes about service."""
_FUNDS = {"short_term_funds": 0.30, "long_term_funds": 0.8, "supply_chain_finance": 0.2, "receivables_finance": 0.2}
_FUNDS |= {"bill_finance": 0.2, "sci_tech_finance": 0.25, "green_finance": 0.6, "off_balance_sheet": 0.15}
_FUNDS |= {"trade_finance": 0.15, "wealth_management": 0.1, "deposits": 0.1, "investment_financing": 0.5}
"""Amount wanted as a part of the usual loan of the size class."""
_LOAN = np.array([9_000, 2_600, 780, 280, 3_000]) * 1e4
_SERVICE_WORD = "service"


@dataclass(frozen=True, slots=True)
class _Noticed:
    """Some records: client, need, month they were opened, source, spell that they are about (−1: none, an error)."""

    client: np.ndarray
    need: np.ndarray
    month: np.ndarray
    source: np.ndarray
    spell: np.ndarray
    coder: np.ndarray


def need_columns(
    parameters: DemoParameters,
    chunk: int,
    clients: Clients,
    needs: Needs,
    survey: Survey,
    manager: np.ndarray,
    staff_ids: list[str],
    client_ids: list[str],
) -> dict[str, ColumnData]:
    """Rows of `needs` of one chunk, in the order of the day they were opened.

    Parameters
    ----------
    manager : of each client, as position in `staff_ids`; −1 for none
    """
    parts = [
        _by_managers(parameters, chunk, clients, needs, manager),
        _pushed(parameters, chunk, clients, needs, manager),
        _from_data(parameters, chunk, needs),
        _from_survey(parameters, chunk, needs, survey),
        _from_interviews(parameters, chunk, clients, needs, len(staff_ids)),
    ]
    every = _Noticed(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in _Noticed.__dataclass_fields__)
    )
    return _columns(parameters, chunk, clients, needs, _kept(parameters, clients, every), staff_ids, client_ids)


def _kept(parameters: DemoParameters, clients: Clients, every: _Noticed) -> _Noticed:
    """The records of living relations inside the time looked at, sorted by day, client, need and source."""
    first = np.where(clients.start[every.client] >= 0, clients.start[every.client] + 0.1, -BEFORE)
    last = np.minimum(clients.end[every.client] + 1.0, parameters.n_months) - 0.04
    rows = np.flatnonzero((every.month >= first) & (every.month <= last))
    order = np.lexsort((every.coder[rows], every.source[rows], every.need[rows], every.client[rows], every.month[rows]))
    rows = rows[order]
    return _Noticed(*(getattr(every, name)[rows] for name in _Noticed.__dataclass_fields__))


def _noticed(
    client: np.ndarray, need: np.ndarray, month: np.ndarray, source: str, spell: np.ndarray, coder: np.ndarray | int
) -> _Noticed:
    n = len(client)
    return _Noticed(
        client, need, month, np.full(n, NEED_SOURCES.index(source)), spell, np.broadcast_to(coder, n).astype(np.int64)
    )


def _by_managers(
    parameters: DemoParameters, chunk: int, clients: Clients, needs: Needs, manager: np.ndarray
) -> _Noticed:
    """Once a year, and when the relation begins, each need that is there is written down, or not."""
    rng = stream(parameters, "needs.managers", chunk)
    talk = rng.uniform(0, 12, clients.n)
    years = np.arange(-1, parameters.n_months // 12 + 1)
    yearly = talk[needs.client][:, None] + 12 * years + rng.normal(0, 0.8, (len(needs.client), len(years)))
    first = clients.start[needs.client] + 1.0 + rng.random(len(needs.client))
    month = np.column_stack([np.where(clients.start[needs.client] >= 0, first, -np.inf), yearly])
    chance = np.where(np.isin(CODES, _SERVICE), _WRITTEN_SERVICE, _WRITTEN)[needs.need][:, None]
    there = (month >= needs.begins[:, None]) & (month < needs.ends[:, None])
    spell, occasion = np.nonzero(there & (rng.random(month.shape) < chance))
    who = needs.client[spell]
    return _noticed(who, needs.need[spell], month[spell, occasion], "manager", spell, manager[who])


def _pushed(parameters: DemoParameters, chunk: int, clients: Clients, needs: Needs, manager: np.ndarray) -> _Noticed:
    """Needs that only the manager has."""
    rng = stream(parameters, "needs.pushed", chunk)
    years = (parameters.n_months + BEFORE) / 12
    who = np.repeat(np.arange(clients.n), rng.poisson(_PUSHED_A_YEAR * years, clients.n))
    need = np.array([CODES.index(code) for code in _PUSHED])[rng.integers(0, len(_PUSHED), len(who))]
    month = rng.uniform(-BEFORE, parameters.n_months, len(who))
    new = ~needs.present[who, need]
    who, need, month = who[new], need[new], month[new]
    return _noticed(who, need, month, "manager", np.full(len(who), -1), manager[who])


def _from_data(parameters: DemoParameters, chunk: int, needs: Needs) -> _Noticed:
    """Needs that leave traces in flows and enquiries, soon after they begin; who looks at data is not recorded."""
    rng = stream(parameters, "needs.data", chunk)
    seen = ~np.isin(CODES, _UNSEEN)[needs.need] & (rng.random(len(needs.need)) < _SEEN)
    month = needs.begins + rng.exponential(1.5, len(needs.need))
    spell = np.flatnonzero(seen & (month < needs.ends))
    return _noticed(needs.client[spell], needs.need[spell], month[spell], "data", spell, -1)


def _from_survey(parameters: DemoParameters, chunk: int, needs: Needs, survey: Survey) -> _Noticed:
    """What the clients that answered marked, needs they have not among them."""
    rng = stream(parameters, "needs.survey", chunk)
    rows = np.flatnonzero(survey.responded)
    client, wave = survey.client[rows], survey.wave[rows]
    first = np.datetime64(parameters.quarters[0].start, "D").astype(np.int64)
    month = (survey.day[rows] - first) / 30.4375
    marked = rng.random((len(rows), len(CODES)))
    spell_of = np.full((len(rows), len(CODES)), -1)
    at = np.full((len(needs.present), len(survey.waves)), -1)
    at[client, wave] = np.arange(len(rows))
    for k in range(len(survey.waves)):
        answer = at[needs.client, k]
        there = (answer >= 0) & (needs.begins <= month[answer]) & (needs.ends > month[answer])
        spell_of[answer[there], needs.need[there]] = np.flatnonzero(there)
    row, need = np.nonzero(marked < np.where(spell_of >= 0, _HEARD, _MISHEARD))
    return _noticed(client[row], need, month[row], "survey", spell_of[row, need], -1)


def _from_interviews(
    parameters: DemoParameters, chunk: int, clients: Clients, needs: Needs, first_coder: int
) -> _Noticed:
    """Needs two coders found in the record of the same talk, each on their own."""
    rng = stream(parameters, "needs.interviews", chunk)
    weight = (
        np.array([6.0, 3.0, 1.0, 0.5, 1.0])[clients.size] * clients.stays * (clients.start < parameters.n_months - 15)
    )
    weight = weight if parameters.variant != "null" else (weight > 0) * 1.0
    talked = np.flatnonzero(pick(rng, weight, round(INTERVIEWS * clients.n_end / CHUNK)))
    month = np.full(clients.n, np.nan)
    month[talked] = parameters.n_months - rng.uniform(0.2, 11.8, len(talked))
    spell_of = np.full((clients.n, len(CODES)), -1)
    there = (needs.begins <= month[needs.client]) & (needs.ends > month[needs.client])
    spell_of[needs.client[there], needs.need[there]] = np.flatnonzero(there)
    parts = []
    for coder in range(len(CODERS)):
        chance = np.where(spell_of[talked] >= 0, _CODED, _MISCODED)
        row, need = np.nonzero(rng.random(chance.shape) < chance)
        who = talked[row]
        parts.append(_noticed(who, need, month[who], "interview", spell_of[who, need], first_coder + coder))
    return _Noticed(*(np.concatenate([getattr(p, name) for p in parts]) for name in _Noticed.__dataclass_fields__))


def _columns(
    parameters: DemoParameters,
    chunk: int,
    clients: Clients,
    needs: Needs,
    noticed: _Noticed,
    staff_ids: list[str],
    client_ids: list[str],
) -> dict[str, ColumnData]:
    """The columns of sorted records: strength, urgency, importance, dates, amount, how it was met."""
    rng = stream(parameters, "needs.records", chunk)
    n, is_real = len(noticed.client), noticed.spell >= 0
    opened = _day(parameters, noticed.month)
    closed, served = _closed(parameters, rng, needs, noticed, opened)
    strength = np.clip(rng.normal(np.where(is_real, 0.70, 0.42), 0.15, n), 0.1, 1.0)
    asked = np.isin(noticed.source, [NEED_SOURCES.index("survey"), NEED_SOURCES.index("interview")])
    strength = np.where(asked, np.rint(strength * 5) / 5, np.round(strength, 2))
    has_deadline = rng.random(n) < 0.55
    wait = np.rint(rng.lognormal(np.log(100), 0.6, n)).astype(np.int64)
    urgency = np.clip(np.where(has_deadline, 0.95 - wait / 400, 0.40) + rng.normal(0, 0.12, n), 0.05, 1.0)
    size = np.array([0.75, 0.62, 0.50, 0.42, 0.55])[clients.size[noticed.client]]
    importance = np.clip(0.5 * size + 0.5 * strength + rng.normal(0, 0.10, n), 0.05, 1.0)
    part = np.array([_FUNDS.get(code, 0.0) for code in CODES])[noticed.need]
    amount = part * _LOAN[clients.size[noticed.client]] * rng.lognormal(0, 0.7, n)
    words = [SERVED_BY.get(code, _SERVICE_WORD) for code in CODES]
    ways = sorted(set(words))
    way = np.array([ways.index(word) for word in words])[noticed.need]
    return {
        "need_id": Coded(np.arange(n), [f"N{chunk:04d}{k + 1:07d}" for k in range(n)]),
        "client_id": Coded(noticed.client, client_ids),
        "need": Coded(noticed.need, CODES),
        "source": Coded(noticed.source, NEED_SOURCES),
        "strength": strength,
        "urgency": np.round(urgency, 2),
        "importance": np.round(importance, 2),
        "opened": opened,
        "deadline": np.ma.array(opened + wait, mask=~has_deadline),
        "closed": np.ma.array(closed, mask=closed < 0),
        "amount": np.ma.array(fen(np.rint(amount / 1e4) * 1e4), mask=part == 0),
        "served_by": Coded(np.where(served, way, -1), ways),
        "coder_id": Coded(noticed.coder, [*staff_ids, *CODERS]),
    }


def _closed(
    parameters: DemoParameters, rng: np.random.Generator, needs: Needs, noticed: _Noticed, opened: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Day each record was closed (−1: it is open), and whether something served the need.

    A product met it once the client holds one, service after some weeks; an error is dropped after some months; a need
    that ended unmet is dropped a month later. What would be closed after the history is still open.
    """
    n, spell = len(noticed.client), np.maximum(noticed.spell, 0)
    is_real = noticed.spell >= 0
    served = is_real & needs.is_met[spell]
    held = needs.held_since[spell]
    by_product = served & (held < NEVER)
    start = np.where(by_product, np.maximum(noticed.month, held), noticed.month)
    wait = rng.lognormal(np.where(by_product, np.log(1.2), np.log(2.0)), 0.8, n)
    dropped = np.where(is_real, needs.ends[spell] + 1.0, noticed.month + rng.exponential(5.0, n))
    month = np.where(served, start + wait, dropped)
    closed = np.maximum(_day(parameters, np.minimum(month, NEVER)), opened)
    last = np.datetime64(parameters.quarters[-1].end, "D").astype(np.int64)
    is_open = closed > last
    return np.where(is_open, -1, closed), served & ~is_open


def _day(parameters: DemoParameters, month: np.ndarray) -> np.ndarray:
    """Days since 1970 of a month as position in the history, with its fraction."""
    first = np.datetime64(parameters.quarters[0].start, "D").astype(np.int64)
    day: np.ndarray = first + np.floor(month * 30.4375).astype(np.int64)
    return day
