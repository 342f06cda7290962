"""The data contract: every canonical table, once. Templates, dictionary and messages are generated from here."""

from analysis.intake.schemas.activity import ACTIVITY
from analysis.intake.schemas.bank import BANK, CONTROLS, OUTLETS, PLANS, STAFF
from analysis.intake.schemas.business import EVENTS, POSITIONS, TRANSACTIONS
from analysis.intake.schemas.clients import CLIENTS, FINANCIALS
from analysis.intake.schemas.credit import LIMITS, LOAN_STATES, LOANS
from analysis.intake.schemas.market import FEATURES, INDUSTRIES, MARKETS, REGIONS
from analysis.intake.schemas.nouns import Action, Column, Dimension, Dtype, Reference, Rule, Sensitivity, TableSchema
from analysis.intake.schemas.risk import INCIDENTS, INFORMATION, RISKS
from analysis.intake.schemas.service import FEEDBACK, INTERACTIONS, NEEDS, PROCESSES, SURVEYS
from analysis.intake.schemas.strategy import ACTIONS, CAMPAIGNS, CONSENTS, STRATEGIES
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
        ACTIVITY,
        FINANCIALS,
        NEEDS,
        SURVEYS,
        FEEDBACK,
        INTERACTIONS,
        PROCESSES,
        STRATEGIES,
        CAMPAIGNS,
        CONSENTS,
        INCIDENTS,
        RISKS,
        ACTIONS,
        INFORMATION,
        OUTLETS,
        STAFF,
        PLANS,
        MARKETS,
        INDUSTRIES,
        REGIONS,
        CONTROLS,
        BANK,
        FEATURES,
    )
}
"""Every canonical table, by name."""

__all__ = [
    "ACTIONS",
    "ACTIVITY",
    "BANK",
    "CAMPAIGNS",
    "CLIENTS",
    "CONSENTS",
    "CONTROLS",
    "ENTITY_TYPES",
    "EVENTS",
    "FEATURES",
    "FEEDBACK",
    "FINANCIALS",
    "INCIDENTS",
    "INDUSTRIES",
    "INFORMATION",
    "INTERACTIONS",
    "LIMITS",
    "LOANS",
    "LOAN_CLASSES",
    "LOAN_STATES",
    "MARKETS",
    "NEEDS",
    "OUTCOMES",
    "OUTLETS",
    "PLANS",
    "POSITIONS",
    "PROCESSES",
    "PRODUCTS",
    "REGIONS",
    "RISKS",
    "SCHEMAS",
    "SIZE_CLASSES",
    "STAFF",
    "STAGES",
    "STATUSES",
    "STRATEGIES",
    "SURVEYS",
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
