"""Approved limits and what is drawn on them, by client and month."""

import numpy as np

from analysis.intake.sources.demo.clients import Clients
from analysis.intake.sources.demo.loans import Credit
from analysis.intake.sources.demo.parameters import WAN, DemoParameters, stream
from analysis.intake.sources.demo.positions import Book
from analysis.intake.sources.demo.write import Coded, ColumnData, days, fen


def limit_columns(
    parameters: DemoParameters,
    chunk: int,
    clients: Clients,
    credit: Credit,
    book: Book,
    risk: np.ndarray,
    client_ids: list[str],
) -> dict[str, ColumnData]:
    """Rows of `limits`: every client-month with a loan, an acceptance or a guarantee.

    The limit is set once a year above the largest use of the twelve months; risky clients use more of it.
    """
    rng = stream(parameters, "limits", chunk)
    n_months = parameters.n_months
    loans = fen(credit.end).sum(axis=2)
    acceptances = _end(book, "acceptance", loans.shape)
    guarantees = _end(book, "guarantee", loans.shape)
    margin = np.minimum(_end(book, "deposit_margin", loans.shape), acceptances)
    used = loans + acceptances + guarantees
    anniversary = rng.integers(0, 12, clients.n)
    year = (np.arange(n_months) + 12 - anniversary[:, None]) // 12
    use = np.clip(0.72 + 0.07 * risk + rng.normal(0, 0.10, clients.n), 0.35, 0.98)
    limit = np.zeros(used.shape)
    for k in range(int(year.max()) + 1):
        peak = np.where(year == k, used, 0).max(axis=1)
        step = np.where(peak > 1e9, 100 * WAN * 100, 10 * WAN * 100)
        limit = np.where(year == k, (np.ceil(peak / use / step) * step)[:, None], limit)
    who, month = np.nonzero((used > 0) & clients.exists(n_months))
    first = np.datetime64(parameters.months[0], "M")
    expiry = (first + (year[who, month] * 12 + anniversary[who])).astype("datetime64[D]").astype(np.int64) - 1
    return {
        "client_id": Coded(who, client_ids),
        "month": days(parameters.months)[month],
        "credit_limit": limit[who, month].astype(np.int64),
        "used": used[who, month],
        "acceptances": acceptances[who, month],
        "guarantees": guarantees[who, month],
        "cash_margin": margin[who, month],
        "expiry": expiry,
    }


def _end(book: Book, name: str, shape: tuple[int, ...]) -> np.ndarray:
    product = book.products[name]
    return fen(product.end * product.mask) if product.end is not None else np.zeros(shape, dtype=np.int64)
