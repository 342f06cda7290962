"""Row-level definitions, each written once: what counts as a bad loan, a valid limit, an effective client.

Those on rows of canonical tables are Ibis expressions and give NULL where the column they rest on is empty. Those on
clients take a frame with one row a client and quarter (the panel) and give a boolean column.
"""

from typing import TYPE_CHECKING

from analysis.intake.policy import Policy
from analysis.intake.schemas import PRODUCTS

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

DEPOSITS = tuple(code for code, (kind, _, _) in PRODUCTS.items() if kind == "deposit")
LOANS = tuple(code for code, (kind, _, _) in PRODUCTS.items() if kind == "loan")
# A fee product or a current account is held where there is a row; the others only while there is a balance.
HELD_WITHOUT_BALANCE = ("deposit_demand", *(code for code, (kind, _, _) in PRODUCTS.items() if kind == "fee"))
FAMILIES = tuple(dict.fromkeys(family for _, family, _ in PRODUCTS.values()))
NPL_CLASSES = ("substandard", "doubtful", "loss")
WORSE_CLASSES = {
    "pass": ("special_mention", *NPL_CLASSES),
    "special_mention": NPL_CLASSES,
    "substandard": ("doubtful", "loss"),
    "doubtful": ("loss",),
}
"""For each loan class the classes below it (商业银行金融资产风险分类办法, five classes)."""


# --- rows of clients ------------------------------------------------------------------------------------------------


def is_account_open(clients: "ir.Table") -> "ir.BooleanValue":
    """Whether the account is not closed; a source that gives no status has open accounts only."""
    return (clients["status"] != "closed").fill_null(True)


def is_seasoned(clients: "ir.Table") -> "ir.BooleanValue":
    """Whether the account is open and the relation began before the dormancy window, or at an unknown day."""
    return is_account_open(clients) & (clients["relation_start"] <= clients["window_start"]).fill_null(True)


# --- rows of positions ----------------------------------------------------------------------------------------------


def is_deposit(positions: "ir.Table") -> "ir.BooleanValue":
    """Whether the product is a deposit, margin deposits included."""
    return positions["product"].isin(DEPOSITS)


def is_demand_deposit(positions: "ir.Table") -> "ir.BooleanValue":
    """Whether the product is a demand deposit; notice and agreement deposits are not."""
    return positions["product"] == "deposit_demand"


def is_loan(positions: "ir.Table") -> "ir.BooleanValue":
    """Whether the product is a loan on the balance sheet."""
    return positions["product"].isin(LOANS)


def is_product_held(positions: "ir.Table") -> "ir.BooleanValue":
    """Whether the row shows that the client holds its product; fee products and current accounts need no balance."""
    has_balance = (positions["balance_end"].fill_null(0) > 0) | (positions["balance_avg"].fill_null(0) > 0)
    return positions["product"].isin(HELD_WITHOUT_BALANCE) | has_balance


def is_family_held(positions: "ir.Table", family: str) -> "ir.BooleanValue":
    """Whether the row shows that the client holds a product of the family."""
    products = [code for code, (_, own, _) in PRODUCTS.items() if own == family]
    return positions["product"].isin(products) & is_product_held(positions)


# --- rows of loan states --------------------------------------------------------------------------------------------


def is_npl(states: "ir.Table") -> "ir.BooleanValue":
    """Whether the loan is bad: substandard, doubtful or loss."""
    return states["loan_class"].isin(NPL_CLASSES)


def is_overdue(states: "ir.Table", *, over: int = 0) -> "ir.BooleanValue":
    """Whether principal or interest is overdue by more than `over` days."""
    return states["days_overdue"] > over


def is_stage_2(states: "ir.Table") -> "ir.BooleanValue":
    """Whether the loan is in impairment stage 2: risk risen much since it was granted, not yet impaired."""
    return states["stage"] == 2


# --- rows of limits -------------------------------------------------------------------------------------------------


def is_limit_valid(limits: "ir.Table") -> "ir.BooleanValue":
    """Whether the limit had not expired at the month-end; a limit without an expiry is valid."""
    return limits["expiry"].isnull() | (limits["expiry"] >= limits["month"])  # noqa: PD003


# --- rows of the loan book ------------------------------------------------------------------------------------------


def is_granted_in_quarter(loans: "ir.Table") -> "ir.BooleanValue":
    """Whether the loan starts in the quarter it is looked at from."""
    return loans["start"] >= loans["quarter_start"]


def is_outcome_known(loans: "ir.Table") -> "ir.BooleanValue":
    """Whether the final outcome of the loan was known by the day `known_by`.

    An outcome without a date counts as known in the source's last quarter only (`is_last`): nobody knows when it came.
    """
    dated = (loans["outcome_date"] <= loans["known_by"]).fill_null(False)
    is_undated = loans["outcome_date"].isnull()  # noqa: PD003
    return loans["outcome"].notnull() & (dated | (is_undated & loans["is_last"]))  # noqa: PD004


def is_charged_off(loans: "ir.Table") -> "ir.BooleanValue":
    """Whether the loan is known to have been charged off."""
    return is_outcome_known(loans) & (loans["outcome"] == "charged_off").fill_null(False)


# --- clients and quarters (rows of the panel) -----------------------------------------------------------------------


def is_open(panel: "pd.DataFrame") -> "pd.Series[bool]":
    """Whether the client's account is not closed (dormant accounts are open)."""
    return panel["n_clients"] > 0


def is_borrower(panel: "pd.DataFrame") -> "pd.Series[bool]":
    """Whether the client owes a loan at the quarter's end."""
    return panel["loan_end"] > 0


def is_effective(panel: "pd.DataFrame", policy: Policy) -> "pd.Series[bool]":
    """Whether the client is effective (有效户): open, and through one of three doors.

    The doors: average deposits of the quarter, a limit or a loan, settlement entries of the quarter.
    """
    deposits = panel["deposit_avg"] >= policy.number("effective_deposit_avg")
    credit = panel[["credit_limit", "loan_end"]].max(axis="columns") > policy.number("effective_limit")
    entries = panel["n_entries"] >= policy.number("effective_settlements")
    return is_open(panel) & (deposits | credit | entries)


def is_settlement_active(panel: "pd.DataFrame", policy: Policy) -> "pd.Series[bool]":
    """Whether an open client made or received enough payments in the quarter (结算活跃)."""
    return is_open(panel) & (panel["n_entries"] >= policy.number("settlement_active"))


def is_dormant(panel: "pd.DataFrame") -> "pd.Series[bool]":
    """Whether an open client started no payment in the last months (睡眠户); newer clients cannot be dormant yet."""
    return (panel["n_seasoned"] > 0) & (panel["n_out_recent"] == 0)


def is_value_client(panel: "pd.DataFrame", policy: Policy) -> "pd.Series[bool]":
    """Whether an open client's average deposits or contribution of the quarter reach the standard (价值客户)."""
    deposits = panel["deposit_avg"] >= policy.number("value_client_deposit_avg")
    contribution = panel["contribution"] >= policy.number("value_client_contribution")
    return is_open(panel) & (deposits | contribution)


def is_without_credit(panel: "pd.DataFrame") -> "pd.Series[bool]":
    """Whether an open client has neither a valid limit nor a loan at the quarter's end (无贷户)."""
    return is_open(panel) & (panel["credit_limit"] <= 0) & (panel["loan_end"] <= 0)


def is_cross_sold(panel: "pd.DataFrame", policy: Policy) -> "pd.Series[bool]":
    """Whether an open client holds enough product families."""
    return is_open(panel) & (panel["n_families"] >= policy.number("xsell_families"))


def has_capital(panel: "pd.DataFrame", policy: Policy) -> "pd.Series[bool]":
    """Whether the client uses enough economic capital for a return on it to have a meaning."""
    return panel["economic_capital"] >= policy.number("raroc_min_capital")
