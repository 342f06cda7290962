"""Ledger control totals: sums of the positions by month, outlet and item, equal to the fen."""

import numpy as np

from analysis.core.errors import DataError
from analysis.intake.sources.demo.frame import Outlets
from analysis.intake.sources.demo.parameters import DemoParameters
from analysis.intake.sources.demo.positions import PRODUCTS
from analysis.intake.sources.demo.write import Coded, ColumnData, days

ITEMS = (
    "deposits_avg",
    "deposits_end",
    "direct_cost",
    "fee",
    "interest_deposits",
    "interest_loans",
    "loans_avg",
    "loans_end",
)
_DEPOSITS = tuple(name.startswith("deposit_") for name in PRODUCTS)
_LOANS = tuple(name.startswith("loan_") for name in PRODUCTS)
_RULES = {
    "deposits_avg": ("balance_avg", _DEPOSITS),
    "deposits_end": ("balance_end", _DEPOSITS),
    "direct_cost": ("direct_cost", None),
    "fee": ("fee", None),
    "interest_deposits": ("interest", _DEPOSITS),
    "interest_loans": ("interest", _LOANS),
    "loans_avg": ("balance_avg", _LOANS),
    "loans_end": ("balance_end", _LOANS),
}


def control_sums(
    parameters: DemoParameters, outlets: Outlets, outlet: np.ndarray, columns: dict[str, ColumnData]
) -> np.ndarray:
    """Fen by month × outlet × item of one chunk of positions; `outlet` is that of each client."""
    who, product = columns["client_id"], columns["product"]
    if not (isinstance(who, Coded) and isinstance(product, Coded)):
        raise DataError(
            "Positions without client or product codes.", hint="Report this: it is a fault of the demo bank."
        )
    month = np.searchsorted(days(parameters.months), np.asarray(columns["month"]))
    cell = month * outlets.n + outlet[who.codes]
    size = parameters.n_months * outlets.n
    sums = np.zeros((size, len(ITEMS)), dtype=np.int64)
    for k, item in enumerate(ITEMS):
        column, kinds = _RULES[item]
        values = np.asarray(columns[column])
        rows = slice(None) if kinds is None else np.array(kinds)[product.codes]
        sums[:, k] = exact_sums(cell[rows], values[rows], size)
    return sums.reshape(parameters.n_months, outlets.n, len(ITEMS))


def exact_sums(cell: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Whole sums by cell: high and low halves apart, so that no double ever rounds."""
    high, low = values >> 20, values & 0xFFFFF
    total_high = np.rint(np.bincount(cell, high, size)).astype(np.int64)
    return (total_high << 20) + np.rint(np.bincount(cell, low, size)).astype(np.int64)


def control_columns(parameters: DemoParameters, outlets: Outlets, sums: np.ndarray) -> dict[str, ColumnData]:
    """Rows of `controls`, all months × outlets × items."""
    _n_months, _n_outlets, _n_items = sums.shape
    month, outlet, item = np.unravel_index(np.arange(sums.size), sums.shape)
    return {
        "month": days(parameters.months)[month],
        "outlet_id": Coded(outlet, outlets.ids),
        "item": Coded(item, ITEMS),
        "amount": sums.reshape(-1),
    }
