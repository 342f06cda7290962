"""Two surveys a year: who is asked, who answers, what they say. Small clients of inland places are asked more often."""

from dataclasses import dataclass

import numpy as np

from analysis.intake.sources.demo.clients import Clients
from analysis.intake.sources.demo.need_profiles import CODES
from analysis.intake.sources.demo.needs import Needs
from analysis.intake.sources.demo.parameters import DemoParameters, stream
from analysis.intake.sources.demo.write import Coded, ColumnData

WAVE_QUARTERS = (1, 3)
_OPEN_DAYS, _LATE = 20, 0.08
"""Days before the quarter's end on which clients are asked; 8 % of the answers come in the weeks after it."""
CHANNELS = ("counter", "manager", "mobile", "online", "phone")
RESPONSE = (0.55, 0.38, 0.26, 0.15, 0.40)
"""Share of those asked that answer, by size class L, M, S, X, I."""
_ASKED = ((0.5, 0.5, 0.20, 0.08, 0.5), (0.5, 0.5, 0.60, 0.40, 0.5))
"""Chance to be asked by size class: in core and coastal cities, and inland and in counties. Of the clients that answer
there, more are small: so their needs look fewer, and within a size class they are not (T4)."""
_ASKED_ALIKE, _ANSWER_ALIKE = 0.35, 0.28
SATISFACTION, _SPREAD_CLIENT, _SPREAD_WAVE = 80.6, 7.6, 7.6
"""Mean of all clients; those who answer say two points more, because the unhappy answer less."""
BIAS = 2.0
_UNMET_POINTS = 1.5
"""Points of satisfaction that each unmet need costs."""
_LARGE_APPETITE = -0.2
"""Risk appetite of large firms against all others, in standard deviations (T10 is the other way round)."""
_SUB_SCORES = {
    "satisfaction_speed": ("service_efficiency", -9.0, -1.0),
    "satisfaction_fit": ("customised_service", -9.0, -2.0),
    "satisfaction_price": ("low_cost", -8.0, -4.0),
    "satisfaction_staff": ("", 0.0, 3.0),
    "satisfaction_safety": ("risk_service", -7.0, 1.0),
}
"""Sub-score: the need that lowers it while unmet, by how much, and its distance from the whole."""
_CHANNEL_SHARES = (
    (0.06, 0.52, 0.10, 0.27, 0.05),
    (0.08, 0.38, 0.14, 0.33, 0.07),
    (0.10, 0.24, 0.24, 0.34, 0.08),
    (0.14, 0.14, 0.38, 0.25, 0.09),
    (0.20, 0.36, 0.08, 0.28, 0.08),
)
"""Channel preferred by size class, in the order of CHANNELS."""


@dataclass(frozen=True, slots=True)
class Survey:
    """All waves of one chunk: one entry a client and wave in which it was asked, in the order of client and wave.

    Parameters
    ----------
    waves : quarter of each wave as position in the history
    client, wave : positions
    day : days since 1970: of the answer, or of the asking where there is none
    """

    waves: np.ndarray
    client: np.ndarray
    wave: np.ndarray
    day: np.ndarray
    chance: np.ndarray
    responded: np.ndarray
    satisfaction: np.ndarray


def draw_survey(parameters: DemoParameters, chunk: int, clients: Clients, needs: Needs) -> Survey:
    """Who is asked and answers in each wave, with the satisfaction of all that are asked."""
    rng = stream(parameters, "surveys.sample", chunk)
    waves = np.array([k for k, quarter in enumerate(parameters.quarters) if quarter.number in WAVE_QUARTERS])
    shape = (clients.n, len(waves))
    chance = _chance(parameters, clients)
    there = (clients.start[:, None] < 3 * waves + 2) & (clients.stays[:, None] | (clients.end[:, None] > 3 * waves + 2))
    client, wave = np.nonzero(there & (rng.random(shape) < chance[:, None]))
    client, wave = client.astype(np.int64), wave.astype(np.int64)
    mood = true_satisfaction(parameters, chunk, clients, needs)[client] + rng.normal(0, _SPREAD_WAVE, len(client))
    spread = np.hypot(_SPREAD_CLIENT, _SPREAD_WAVE)
    lift = BIAS / spread
    rate = (
        np.full(len(client), _ANSWER_ALIKE)
        if parameters.variant == "null"
        else np.array(RESPONSE)[clients.size[client]]
    )
    answer = rate * np.exp(lift * (mood - SATISFACTION) / spread - lift**2 / 2)
    responded = rng.random(len(client)) < answer
    ends = np.array([quarter.end for quarter in parameters.quarters], dtype="datetime64[D]").astype(np.int64)
    asked = ends[waves][wave] - _OPEN_DAYS
    late = rng.random(len(client)) < _LATE
    soon = rng.integers(0, _OPEN_DAYS, len(client))
    wait = np.where(late, rng.integers(_OPEN_DAYS + 1, 4 * _OPEN_DAYS, len(client)), soon)
    responded &= asked + wait <= ends[-1]
    day = asked + np.where(responded, wait, 0)
    return Survey(waves, client, wave, day, chance[client], responded, np.clip(np.rint(mood), 0, 100))


def _chance(parameters: DemoParameters, clients: Clients) -> np.ndarray:
    if parameters.variant == "null":
        return np.full(clients.n, _ASKED_ALIKE)
    chance: np.ndarray = np.array(_ASKED)[(clients.region_tier >= 2).astype(np.int64), clients.size]
    return chance


def true_satisfaction(parameters: DemoParameters, chunk: int, clients: Clients, needs: Needs) -> np.ndarray:
    """Satisfaction of each client without the mood of a day: every unmet need above the average costs points."""
    own = stream(parameters, "surveys.satisfaction", chunk).normal(0, _SPREAD_CLIENT, clients.n)
    points = 0.0 if parameters.variant == "null" else _UNMET_POINTS
    true: np.ndarray = SATISFACTION + own - points * (needs.n_unmet - needs.n_unmet[clients.stays].mean())
    return true


def survey_columns(
    parameters: DemoParameters, chunk: int, clients: Clients, needs: Needs, survey: Survey, client_ids: list[str]
) -> dict[str, ColumnData]:
    """Rows of `surveys`: every client asked, with answers where there are any."""
    rng = stream(parameters, "surveys.answers", chunk)
    who, n = survey.client, len(survey.client)
    quarters = [parameters.quarters[k] for k in survey.waves.tolist()]
    labels = [f"{quarter.year}H{(quarter.number + 1) // 2}" for quarter in quarters]
    columns: dict[str, ColumnData] = {
        "client_id": Coded(who, client_ids),
        "wave": Coded(survey.wave, labels),
        "date": survey.day,
        "responded": survey.responded,
        "satisfaction": _answered(survey, survey.satisfaction),
    }
    for name, (need, points, distance) in _SUB_SCORES.items():
        hurt = needs.unmet[who, CODES.index(need)] if need else np.zeros(n, dtype=bool)
        score = survey.satisfaction + distance + points * hurt + rng.normal(0, 8, n)
        columns[name] = _answered(survey, np.clip(np.rint(score), 0, 100))
    loyalty = 74 + 0.6 * (survey.satisfaction - SATISFACTION) - 2.0 * needs.n_unmet[who] + rng.normal(0, 12, n)
    columns["loyalty"] = _answered(survey, np.clip(np.rint(loyalty), 0, 100))
    columns["risk_appetite"] = _appetite(parameters, chunk, clients, survey)
    columns["channel_preferred"] = Coded(np.where(survey.responded, _channel(rng, clients, who), -1), CHANNELS)
    acceptance = 66 + 0.25 * (survey.satisfaction - SATISFACTION) + rng.normal(0, 15, n)
    columns["acceptance"] = _answered(survey, np.clip(np.rint(acceptance), 0, 100))
    columns["weight"] = np.round(1 / survey.chance, 6)
    return columns


def _answered(survey: Survey, values: np.ndarray) -> np.ndarray:
    """Values of those who answered, missing for the others."""
    told: np.ndarray = np.where(survey.responded, values, np.nan)
    return told


def _appetite(parameters: DemoParameters, chunk: int, clients: Clients, survey: Survey) -> np.ndarray:
    """Risk appetite from 1 to 5: cut points of a normal variable, large firms a little more cautious."""
    rng = stream(parameters, "surveys.appetite", chunk)
    shift = 0.0 if parameters.variant == "null" else _LARGE_APPETITE
    own = rng.normal(0, 0.8, clients.n) + shift * (clients.size == 0)
    value = own[survey.client] + rng.normal(0, 0.6, len(survey.client))
    grade = 1 + np.searchsorted([-1.4, -0.5, 0.5, 1.4], value)
    return np.ma.array(grade, mask=~survey.responded)


def _channel(rng: np.random.Generator, clients: Clients, who: np.ndarray) -> np.ndarray:
    edges = np.cumsum(np.array(_CHANNEL_SHARES), axis=1)[clients.size[who]]
    channel: np.ndarray = (rng.random(len(who))[:, None] > edges[:, :-1]).sum(axis=1)
    return channel
