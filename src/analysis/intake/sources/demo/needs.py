"""What each client needs, latent: which needs at the end of the history, since when, and which needs ended before."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from analysis.intake.sources.demo.borrowers import Borrowers
from analysis.intake.sources.demo.clients import SECTIONS, STAGES, Clients
from analysis.intake.sources.demo.need_profiles import (
    CODES,
    PLANTED,
    PRODUCT_FAMILY,
    RISE,
    RISING,
    STARTS_AND_ENDS,
    segment_profiles,
    shares_by_class,
)
from analysis.intake.sources.demo.parameters import CLASSES, DemoParameters, stream
from analysis.intake.sources.demo.products import FAMILY_NAMES, Holdings

NEVER = 10_000
BEFORE = 12
"""Months before the history from which needs are recorded, so that its first quarter has a stock of them."""
_LARGEST, _SWEEPS = 0.9, 20
_HELD = 2.5
"""How much more often those who hold a product have the need it meets, before the shares are met."""
_UNMET = {"held": 0.08, "product": 0.88, "service": 0.38}
"""Share of needs that stay unmet: the product is held; there is one, but it is not held; only service can meet it."""
_LOSS_ODDS = np.exp(0.35)
"""Odds of having an unmet need, lost clients against the others: so each unmet need raises the odds of loss as much."""


@dataclass(frozen=True, slots=True)
class Needs:
    """Needs of one chunk of clients.

    Parameters
    ----------
    present : latent need at the end of the history or of the relation (n_clients × needs)
    unmet : of these, the ones that nothing meets
    client, need, begins, ends : one entry a spell of a need; months as positions in the history, NEVER while it lasts
    is_met, held_since : of each spell; month from which a product meets it (NEVER: none does)
    """

    present: np.ndarray
    unmet: np.ndarray
    client: np.ndarray
    need: np.ndarray
    begins: np.ndarray
    ends: np.ndarray
    is_met: np.ndarray
    held_since: np.ndarray

    @property
    def n_unmet(self) -> np.ndarray:
        """Unmet needs of each client."""
        count: np.ndarray = self.unmet.sum(axis=1)
        return count


def draw_needs(
    parameters: DemoParameters, chunk: int, clients: Clients, holdings: Holdings, borrowers: Borrowers
) -> Needs:
    """Latent needs with the planted differences, then the spells before and up to the end."""
    since = _since(clients, holdings, borrowers)
    share = need_shares(parameters, clients, since < NEVER)
    unmet = _unmet_shares(since)
    if parameters.variant != "null":
        share, unmet = _tilt_lost(clients, share, unmet)
    rng = stream(parameters, "needs.latent", chunk)
    present = _present(parameters, rng, clients, share)
    is_unmet = present & (rng.random(share.shape) < unmet)
    return _spells(parameters, chunk, clients, share, unmet, since, present, is_unmet)


def _since(clients: Clients, holdings: Holdings, borrowers: Borrowers) -> np.ndarray:
    """Month from which each client holds what meets each need (n_clients × needs); NEVER where it holds nothing."""
    since = np.full((clients.n, len(CODES)), NEVER)
    loan = np.full(clients.n, NEVER)
    loan[borrowers.client] = borrowers.since
    for k, code in enumerate(CODES):
        family = PRODUCT_FAMILY.get(code)
        if family == "loan":
            since[:, k] = loan
        elif family:
            since[:, k] = holdings.since[:, FAMILY_NAMES.index(family)]
        elif code in ("payment_settlement", "deposits"):
            since[:, k] = -1
    return since


def need_shares(parameters: DemoParameters, clients: Clients, held: np.ndarray) -> np.ndarray:
    """Chance that each client has each need at the end (n_clients × needs).

    The profile of the segment and the products held, scaled in turn to the shares by size class and to the planted
    ratios until both hold for the clients that are open at the end (iterative proportional fitting).
    """
    wanted = shares_by_class().T
    order = np.lexsort((~clients.stays, clients.size))
    open_ = clients.stays[order].astype(float)
    count = np.array([(clients.stays & (clients.size == code)).sum() for code in range(len(CLASSES))])
    if parameters.variant == "null":
        same: np.ndarray = np.tile(wanted @ count / count.sum(), (clients.n, 1))
        return same
    profile = segment_profiles()
    other = np.where(clients.second >= 0, clients.second, clients.segment)
    start = 0.05 * np.sqrt(profile[clients.segment] * profile[other]) * np.where(held, _HELD, 1.0)
    share = np.ascontiguousarray(start[order].T)
    edges = np.searchsorted(clients.size[order], np.arange(len(CLASSES) + 1))
    groups = [(CODES.index(one.need), group_of(clients, one.group)[order], one.ratio) for one in PLANTED]
    for _ in range(_SWEEPS):
        for code, (low, high) in enumerate(pairwise(edges)):
            now = share[:, low : low + count[code]].sum(axis=1)
            share[:, low:high] *= (wanted[:, code] * count[code] / np.maximum(now, 1e-12))[:, None]
        for need, inside, ratio in groups:
            _scale_group(share[need], inside, open_, ratio)
        np.minimum(share, _LARGEST, out=share)
    back: np.ndarray = np.empty(start.shape)
    back[order] = share.T
    return back


def group_of(clients: Clients, name: str) -> np.ndarray:
    """Clients of a group for which a difference is planted."""
    if name == "manufacturing":
        inside: np.ndarray = clients.section == SECTIONS.index("C")
    elif name == "high_tech":
        inside = clients.is_high_tech
    else:
        inside = clients.stage == STAGES.index(name)
    return inside


def _scale_group(share: np.ndarray, inside: np.ndarray, open_: np.ndarray, ratio: float) -> None:
    """Scale both sides of a group, in place, so that the ratio of their means is as asked and the whole mean stays."""
    n_in, n_out = (inside * open_).sum(), (~inside * open_).sum()
    total = (share * open_).sum()
    sum_in, sum_out = (share * inside * open_).sum(), (share * ~inside * open_).sum()
    if min(n_in, n_out, sum_in, sum_out) <= 0:
        return
    mean_out = total / (n_in * ratio + n_out)
    share *= np.where(inside, ratio * mean_out * n_in / sum_in, mean_out * n_out / sum_out)


def _unmet_shares(since: np.ndarray) -> np.ndarray:
    """Chance that a need stays unmet (n_clients × needs)."""
    has_product = np.isin(CODES, [*PRODUCT_FAMILY, "payment_settlement", "deposits"])
    unmet: np.ndarray = np.where(
        since < NEVER, _UNMET["held"], np.where(has_product, _UNMET["product"], _UNMET["service"])
    )
    return unmet


def _tilt_lost(clients: Clients, share: np.ndarray, unmet: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Chances of a need and of its being unmet, with more unmet needs among the clients that were lost.

    Where each unmet need multiplies the odds of loss by e^0.35, those lost have each unmet need that much more often
    (Bayes): unmet' = c·unmet, met' = met, none' = none, divided by their sum.
    """
    factor = np.where(clients.stays, 1.0, _LOSS_ODDS)[:, None]
    sum_ = 1 + (factor - 1) * share * unmet
    has_unmet = factor * share * unmet / sum_
    has_any = has_unmet + share * (1 - unmet) / sum_
    return has_any, has_unmet / np.maximum(has_any, 1e-12)


def _present(parameters: DemoParameters, rng: np.random.Generator, clients: Clients, share: np.ndarray) -> np.ndarray:
    """Who has which need: evenly spread inside cells of size, industry, flag and stage, so that luck hardly matters.

    Without planted differences every client is drawn by itself: there luck is what a test must allow for.
    """
    if parameters.variant == "null":
        alone: np.ndarray = rng.random(share.shape) < share
        return alone
    cell = ((clients.size * 2 + group_of(clients, "manufacturing")) * 2 + clients.is_high_tech) * 5 + clients.stage
    cell = (cell * 8 + clients.segment) * 2 + clients.stays
    present = np.empty(share.shape, dtype=bool)
    for k in range(share.shape[1]):
        order = np.argsort(cell + rng.random(clients.n))
        steps = np.floor(np.cumsum(share[order, k]) + rng.random())
        present[order, k] = np.diff(steps, prepend=0.0) > 0
    return present


def _spells(
    parameters: DemoParameters,
    chunk: int,
    clients: Clients,
    share: np.ndarray,
    unmet: np.ndarray,
    since: np.ndarray,
    present: np.ndarray,
    is_unmet: np.ndarray,
) -> Needs:
    """Spells that last at the end, and those that ended before; needs that rise only begin."""
    rng = stream(parameters, "needs.spells", chunk)
    rising = np.isin(CODES, RISING) & (parameters.variant != "null")
    client, need = np.nonzero(present)
    last = np.minimum(clients.end[client], parameters.n_months - 1) + 1.0
    monthly = np.where(rising[need], RISE / 3, STARTS_AND_ENDS)
    begins = last - rng.exponential(1.0, len(client)) / monthly
    window = parameters.n_months + BEFORE
    past = rng.poisson(share * STARTS_AND_ENDS * window * ~rising)
    who, what = np.nonzero(past)
    who, what = np.repeat(who, past[who, what]), np.repeat(what, past[who, what])
    ends = np.minimum(clients.end[who], parameters.n_months - 1) + 1.0 - rng.uniform(0, window, len(who))
    began = ends - rng.exponential(1 / STARTS_AND_ENDS, len(who))
    lived = ends > np.maximum(clients.start[who], -BEFORE)
    who, what, ends, began = who[lived], what[lived], ends[lived], began[lived]
    was_unmet = rng.random(len(who)) < unmet[who, what]
    client, need = np.concatenate([client, who]), np.concatenate([need, what])
    first = np.where(clients.start[client] >= 0, clients.start[client] + rng.random(len(client)), -np.inf)
    return Needs(
        present,
        is_unmet,
        client,
        need,
        np.maximum(np.concatenate([begins, began]), first),
        np.concatenate([np.full(len(begins), float(NEVER)), ends]),
        ~np.concatenate([is_unmet[present], was_unmet]),
        since[client, need],
    )
