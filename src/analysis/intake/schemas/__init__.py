"""The data contract: every canonical table, once. Templates, dictionary and messages are generated from here."""

from analysis.intake.schemas.bank import BANK, CONTROLS, OUTLETS, PLANS, STAFF
from analysis.intake.schemas.business import EVENTS, POSITIONS, TRANSACTIONS
from analysis.intake.schemas.clients import CLIENTS, FINANCIALS
from analysis.intake.schemas.credit import LIMITS, LOAN_STATES, LOANS
from analysis.intake.schemas.nouns import Action, Column, Dimension, Dtype, Reference, Rule, Sensitivity, TableSchema
from analysis.intake.schemas.words import ENTITY_TYPES, LOAN_CLASSES, OUTCOMES, PRODUCTS, SIZE_CLASSES, STAGES, STATUSES

SCHEMAS = {
    schema.name: schema
    for schema in (
        CLIENTS,
        POSITIONS,
        LOANS,
        LOAN_STATES,
        LIMITS,
        TRANSACTIONS,
        EVENTS,
        FINANCIALS,
        OUTLETS,
        STAFF,
        CONTROLS,
        BANK,
        PLANS,
    )
}
"""Every canonical table built so far, by name."""

__all__ = [
    "BANK",
    "CLIENTS",
    "CONTROLS",
    "ENTITY_TYPES",
    "EVENTS",
    "FINANCIALS",
    "LIMITS",
    "LOANS",
    "LOAN_CLASSES",
    "LOAN_STATES",
    "OUTCOMES",
    "OUTLETS",
    "PLANS",
    "POSITIONS",
    "PRODUCTS",
    "SCHEMAS",
    "SIZE_CLASSES",
    "STAFF",
    "STAGES",
    "STATUSES",
    "TRANSACTIONS",
    "Action",
    "Column",
    "Dimension",
    "Dtype",
    "Reference",
    "Rule",
    "Sensitivity",
    "TableSchema",
]
