"""Products held by month: balances, rates, funds price, interest, fees and direct cost."""

from dataclasses import dataclass, field

import numpy as np

from analysis.core.errors import DataError
from analysis.intake.sources.demo.clients import Clients
from analysis.intake.sources.demo.deposits import Deposits
from analysis.intake.sources.demo.loans import Credit
from analysis.intake.sources.demo.parameters import (
    ACCEPTANCES_TOTAL,
    CHUNK,
    CLASSES,
    COST_PER_YEAR,
    DEPOSIT_RATE,
    DEPOSIT_RATE_STEP,
    FEES,
    FUNDS_DEPOSIT,
    FUNDS_STEP,
    MARGIN_RATIO,
    WAN,
    DemoParameters,
    stream,
)
from analysis.intake.sources.demo.products import Holdings
from analysis.intake.sources.demo.transactions import Flows
from analysis.intake.sources.demo.write import Coded, ColumnData, days, fen

PRODUCTS = (
    "acceptance",
    "agency",
    "cash_management",
    "deposit_demand",
    "deposit_margin",
    "deposit_notice",
    "deposit_term",
    "digital_wallet",
    "guarantee",
    "international",
    "investment_banking",
    "loan_fixed",
    "loan_working",
    "online",
    "payroll",
    "settlement",
    "supply_chain",
    "wealth",
)
"""In the order of the key."""
_TERM_SHARE, _NOTICE_SHARE = 0.385, 0.175
_COST_GROWTH, _FEE_GROWTH = 0.02, 0.03
_BORROWER_COST, _LOAN_COST = 1.2 * WAN, 0.0028
_FAMILY_OF_FEE = {
    "cash_management": "cash_management",
    "international": "international",
    "investment_banking": "investment_banking",
    "wealth": "wealth",
    "online": "online",
    "payroll": "payroll",
    "supply_chain": "supply_chain",
    "digital_wallet": "digital_wallet",
    "acceptance": "bills",
    "guarantee": "guarantee",
}


@dataclass
class Product:
    """One product of one chunk, client × month: amounts in yuan, rates as fractions; empty where it has none."""

    mask: np.ndarray
    average: np.ndarray | None = None
    end: np.ndarray | None = None
    rate: np.ndarray | None = None
    price: np.ndarray | None = None
    interest: np.ndarray | None = None
    funds: np.ndarray | None = None
    fee: np.ndarray | None = None
    cost: np.ndarray | None = None


@dataclass
class Book:
    """All products of one chunk."""

    products: dict[str, Product] = field(default_factory=dict)


def build_book(
    parameters: DemoParameters,
    chunk: int,
    clients: Clients,
    deposits: Deposits,
    holdings: Holdings,
    flows: Flows,
    credit: Credit,
    without_bills: np.ndarray,
) -> Book:
    """Every product of every client by month; `without_bills` marks clients that get no acceptances and guarantees."""
    exists = clients.exists(parameters.n_months)
    book = Book()
    _deposit_products(parameters, chunk, clients, deposits, holdings, exists, without_bills, book)
    _guarantees(parameters, chunk, clients, holdings, exists, without_bills, book)
    _loan_products(parameters, credit, book)
    for family in (
        "cash_management",
        "international",
        "investment_banking",
        "wealth",
        "online",
        "payroll",
        "supply_chain",
        "digital_wallet",
    ):
        book.products[family] = Product(exists & holdings.held(family, parameters.n_months))
    paying = holdings.pays_fees[:, None] & (flows.rate > 0)
    book.products["settlement"] = Product(exists & paying)
    rng = stream(parameters, "agency", chunk)
    agency = rng.random(clients.n) < np.array([0.30, 0.08, 0.015, 0.0, 0.14])[clients.size]
    book.products["agency"] = Product(exists & paying & agency[:, None])
    _fees(parameters, chunk, clients, deposits, holdings, flows, book)
    _costs(parameters, chunk, clients, exists, book)
    return book


def _mix(
    parameters: DemoParameters,
    chunk: int,
    clients: Clients,
    deposits: Deposits,
    holdings: Holdings,
    without_bills: np.ndarray,
) -> dict[str, np.ndarray]:
    """Part of each client's deposit that is margin, term and notice money, scaled to the bank's mix."""
    rng = stream(parameters, "deposits.mix", chunk)
    level = deposits.average[:, -3:].mean(axis=1) * clients.stays
    total = level.sum()
    n = clients.n
    bills, term = holdings.ever("bills") & ~without_bills, holdings.ever("term")
    margin = _scaled(
        bills * rng.uniform(0.05, 0.5, n), level, ACCEPTANCES_TOTAL * WAN * clients.n_end / CHUNK * MARGIN_RATIO, 0.6
    )
    kind = rng.random(n)
    room = 1 - margin
    term_part = _scaled(term * (kind < 0.85) * rng.beta(2.5, 2.5, n), level, _TERM_SHARE * total, 0.85)
    term_part = np.minimum(term_part, room * 0.85)
    notice = _scaled(
        term * ((kind > 0.55) | (rng.random(n) < 0.2)) * rng.beta(2, 5, n), level, _NOTICE_SHARE * total, 0.8
    )
    notice = np.minimum(notice, np.maximum(room - term_part - 0.08, 0.0))
    return {"deposit_margin": margin, "deposit_term": term_part, "deposit_notice": notice}


def _scaled(part: np.ndarray, level: np.ndarray, target: float, limit: float) -> np.ndarray:
    """Parts scaled by one factor, none above the limit, so that part × level adds up to the target where it can."""
    factor = 1.0
    for _ in range(40):
        now = float((np.minimum(part * factor, limit) * level).sum())
        if now <= 0:
            return part
        factor *= float(np.clip(target / now, 0.5, 2.0))
    return np.minimum(part * factor, limit)


def _deposit_products(
    parameters: DemoParameters,
    chunk: int,
    clients: Clients,
    deposits: Deposits,
    holdings: Holdings,
    exists: np.ndarray,
    without_bills: np.ndarray,
    book: Book,
) -> None:
    rng = stream(parameters, "deposits.rate", chunk)
    n_months = parameters.n_months
    mix = _mix(parameters, chunk, clients, deposits, holdings, without_bills)
    back = (n_months - 1 - np.arange(n_months)) // 3
    days_of = np.array([month.day for month in parameters.months]) / 365.0
    rest_average, rest_end = deposits.average, deposits.end
    silent = np.arange(n_months) > clients.silent_from[:, None]
    for name in ("deposit_margin", "deposit_term", "deposit_notice", "deposit_demand"):
        if name == "deposit_demand":
            mask, average, end = exists, rest_average, rest_end
        else:
            family = "bills" if name == "deposit_margin" else "term"
            mask = exists & holdings.held(family, n_months) & (mix[name] > 0)[:, None] & ~silent
            average = deposits.average * mix[name][:, None] * mask
            if parameters.variant == "retier_only":
                average = np.round(average, 2)  # so that the parts of a deposit add up to the same fen every month
            end = np.minimum(average * np.where(deposits.end > 0, 1.0, 0.0), deposits.end)
            rest_average, rest_end = rest_average - average, rest_end - end
        step = 0.0002 if name == "deposit_demand" else DEPOSIT_RATE_STEP
        rate = np.clip(DEPOSIT_RATE[name] + rng.normal(0, 0.0006, clients.n), 0.0005, None)[:, None] + step * back
        rate = np.round(rate, 6)
        price = np.broadcast_to(np.round(FUNDS_DEPOSIT[name] + FUNDS_STEP * back, 6), rate.shape)
        book.products[name] = Product(
            mask, average, end, rate, price, average * rate * days_of, average * price * days_of
        )
    margin = book.products["deposit_margin"]
    ratio = np.clip(rng.choice([0.2, 0.3, 0.4, 0.5, 1.0], clients.n, p=[0.2, 0.38, 0.2, 0.15, 0.07]), 0.2, 1.0)[:, None]
    book.products["acceptance"] = Product(margin.mask, _of(margin.average) / ratio, _of(margin.end) / ratio)
    now = _of(book.products["acceptance"].average)[:, -3:].mean(axis=1).sum()
    factor = ACCEPTANCES_TOTAL * WAN * clients.n_end / CHUNK / max(now, 1.0)
    ratio = np.clip(ratio / factor, 0.1, 1.0)
    book.products["acceptance"] = Product(margin.mask, _of(margin.average) / ratio, _of(margin.end) / ratio)


def _of(values: np.ndarray | None) -> np.ndarray:
    """The values, for products that are known to have them."""
    if values is None:
        raise DataError(
            "A product without balances was asked for them.", hint="Report this: it is a fault of the demo bank."
        )
    return values


def _guarantees(
    parameters: DemoParameters,
    chunk: int,
    clients: Clients,
    holdings: Holdings,
    exists: np.ndarray,
    without_bills: np.ndarray,
    book: Book,
) -> None:
    rng = stream(parameters, "guarantees", chunk)
    size = np.array([2_500, 700, 220, 60, 300])[clients.size] * WAN * np.exp(rng.normal(0, 0.7, clients.n))
    mask = exists & holdings.held("guarantee", parameters.n_months) & ~without_bills[:, None]
    level = size[:, None] * np.exp(rng.normal(0, 0.05, mask.shape)) * mask
    book.products["guarantee"] = Product(mask, level, level)


def _loan_products(parameters: DemoParameters, credit: Credit, book: Book) -> None:
    day_count = np.array([month.day for month in parameters.months]) / 365.0
    for k, name in enumerate(("loan_working", "loan_fixed")):
        average = credit.average[:, :, k]
        held = average > 0.005
        safe = np.where(held, average, 1.0)
        rate = np.where(held, np.round(credit.contract[:, :, k] / safe, 6), np.nan)
        price = np.where(held, np.round(credit.funds[:, :, k] / safe / day_count, 6), np.nan)
        book.products[name] = Product(
            held, average, credit.end[:, :, k], rate, price, credit.interest[:, :, k], credit.funds[:, :, k]
        )


def _fees(
    parameters: DemoParameters,
    chunk: int,
    clients: Clients,
    deposits: Deposits,
    holdings: Holdings,
    flows: Flows,
    book: Book,
) -> None:
    """Fees by product: each has its total of the last year, spread by what drives it."""
    n_months = parameters.n_months
    scale = np.array([6.0, 2.5, 1.0, 0.4, 1.0])[clients.size]
    level = np.sqrt(np.maximum(deposits.average[:, -6:].mean(axis=1), 1.0))
    trend = np.exp(_FEE_GROWTH * (np.arange(n_months) - (n_months - 6.5)) / 12)
    drivers = {
        "settlement": flows.activity**0.6 * scale,
        "cash_management": level,
        "wealth": level,
        "agency": level,
        "investment_banking": scale**1.5,
    }
    for name, total in FEES.items():
        rng = stream(parameters, f"fees.{name}", chunk)
        product = book.products[name]
        own = np.exp(rng.normal(0, 0.7, clients.n))
        rows = np.flatnonzero(product.mask.any(axis=1) & holdings.pays_fees)
        if product.average is not None:
            raw = product.average[rows] * own[rows, None] ** 0.4
        elif name == "international":
            raw = np.sqrt(flows.cross_border[rows]) * own[rows, None]
        else:
            raw = (drivers.get(name, scale) * own)[rows, None] * trend
        if name == "investment_banking":
            raw = raw * (rng.random(raw.shape) < 0.25) * 4
        raw = raw * product.mask[rows] * rng.uniform(0.7, 1.3, raw.shape)
        year = raw[:, -12:].sum()
        product.fee = np.zeros(product.mask.shape)
        product.fee[rows] = raw * (total * WAN * clients.n_end / CHUNK / year if year > 0 else 0.0)


def _costs(parameters: DemoParameters, chunk: int, clients: Clients, exists: np.ndarray, book: Book) -> None:
    """Direct cost: the client's own on its demand deposit, 1.2 万元 a year and 0.28 % of the loan for a borrower."""
    rng = stream(parameters, "costs", chunk)
    n_months = parameters.n_months
    own = (
        np.array([COST_PER_YEAR[name] for name in CLASSES])[clients.size]
        * WAN
        * np.exp(rng.normal(-0.08, 0.4, clients.n))
    )
    inflation = (1 + _COST_GROWTH) ** ((np.arange(n_months) - (n_months - 6.5)) / 12)
    book.products["deposit_demand"].cost = own[:, None] * inflation / 12 * exists
    working, fixed = book.products["loan_working"], book.products["loan_fixed"]
    both = working.mask & fixed.mask
    for product, share in ((working, np.where(both, 0.5, 1.0)), (fixed, np.where(both, 0.5, 1.0))):
        product.cost = (_BORROWER_COST * share + _LOAN_COST * _of(product.average)) / 12 * inflation * product.mask


_MONEY = {
    "balance_avg": "average",
    "balance_end": "end",
    "interest": "interest",
    "funds_amount": "funds",
    "fee": "fee",
    "direct_cost": "cost",
}
_RATES = {"rate": "rate", "funds_price": "price"}


def position_columns(
    parameters: DemoParameters, clients: Clients, book: Book, client_ids: list[str]
) -> dict[str, ColumnData]:
    """Rows of `positions` in the order of client, month and product."""
    n_months = parameters.n_months
    cells = [np.flatnonzero(book.products[name].mask) for name in PRODUCTS]
    counts = np.zeros(clients.n * n_months, dtype=np.int64)
    for cell in cells:
        counts[cell] += 1
    following = np.cumsum(counts) - counts
    n_rows = int(counts.sum())
    targets, product = [], np.empty(n_rows, dtype=np.int32)
    for k, cell in enumerate(cells):
        target = following[cell]
        following[cell] += 1
        product[target] = k
        targets.append(target)
    who = np.repeat(np.arange(clients.n, dtype=np.int32), counts.reshape(clients.n, n_months).sum(axis=1))
    month = np.repeat(np.tile(days(parameters.months), clients.n), counts)
    columns: dict[str, ColumnData] = {
        "client_id": Coded(who, client_ids),
        "month": month,
        "product": Coded(product, PRODUCTS),
    }
    for column, attribute in (_MONEY | _RATES).items():
        is_money = column in _MONEY
        data = np.zeros(n_rows, dtype=np.int64) if is_money else np.full(n_rows, np.nan)
        for name, cell, target in zip(PRODUCTS, cells, targets, strict=True):
            values = getattr(book.products[name], attribute)
            if values is not None:
                held = np.take(values, cell)
                data[target] = fen(held) if is_money else held
        columns[column] = data
    return columns
