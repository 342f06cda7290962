"""What the synthetic clients need: how often by size class, what each segment needs more, and what is planted.

Every figure is a plausible assumption, none is a fact. The codes are those of `data/policy/needs.toml`.
"""

from dataclasses import dataclass

import numpy as np

from analysis.intake.sources.demo.parameters import CLASSES

_BY_CLASS: dict[str, tuple[float, float, float, float, float]] = {
    "short_term_funds": (0.21, 0.294, 0.294, 0.294, 0.21),
    "long_term_funds": (0.16, 0.10, 0.05, 0.03, 0.08),
    "supply_chain_finance": (0.20, 0.15, 0.10, 0.08, 0.03),
    "receivables_finance": (0.16, 0.14, 0.10, 0.08, 0.03),
    "bill_finance": (0.12, 0.10, 0.04, 0.015, 0.005),
    "sci_tech_finance": (0.06, 0.06, 0.06, 0.05, 0.01),
    "green_finance": (0.06, 0.04, 0.02, 0.01, 0.03),
    "off_balance_sheet": (0.10, 0.05, 0.02, 0.01, 0.005),
    "payment_settlement": (0.12, 0.12, 0.14, 0.16, 0.20),
    "cash_management": (0.28, 0.14, 0.04, 0.015, 0.14),
    "account_management": (0.06, 0.06, 0.06, 0.07, 0.12),
    "settlement_network": (0.12, 0.06, 0.03, 0.02, 0.06),
    "payroll": (0.10, 0.10, 0.06, 0.04, 0.10),
    "digital_currency": (0.05, 0.04, 0.03, 0.03, 0.06),
    "fund_operation": (0.16, 0.08, 0.02, 0.01, 0.10),
    "deposits": (0.06, 0.06, 0.06, 0.06, 0.16),
    "wealth_management": (0.16, 0.10, 0.05, 0.03, 0.14),
    "investment": (0.10, 0.05, 0.02, 0.01, 0.03),
    "asset_management": (0.20, 0.12, 0.07, 0.05, 0.08),
    "international_settlement": (0.12, 0.08, 0.05, 0.035, 0.005),
    "trade_finance": (0.10, 0.07, 0.05, 0.035, 0.005),
    "investment_banking": (0.26, 0.13, 0.06, 0.045, 0.05),
    "capital_operations": (0.14, 0.06, 0.015, 0.005, 0.01),
    "investment_financing": (0.10, 0.07, 0.05, 0.045, 0.01),
    "financial_advisory": (0.12, 0.07, 0.03, 0.02, 0.03),
    "financing_design": (0.14, 0.08, 0.03, 0.02, 0.02),
    "business_advice": (0.05, 0.06, 0.06, 0.06, 0.03),
    "market_information": (0.06, 0.06, 0.05, 0.05, 0.04),
    "fx_risk": (0.10, 0.06, 0.03, 0.02, 0.005),
    "credit_risk_assessment": (0.06, 0.05, 0.03, 0.02, 0.02),
    "market_risk_warning": (0.09, 0.05, 0.03, 0.02, 0.03),
    "risk_avoidance": (0.05, 0.04, 0.03, 0.02, 0.02),
    "product_innovation": (0.08, 0.07, 0.06, 0.06, 0.06),
    "service_efficiency": (0.14, 0.14, 0.14, 0.15, 0.17),
    "risk_service": (0.10, 0.09, 0.07, 0.06, 0.06),
    "customised_service": (0.22, 0.15, 0.09, 0.06, 0.09),
    "value_added_service": (0.08, 0.07, 0.06, 0.06, 0.07),
    "simple_process": (0.14, 0.182, 0.182, 0.182, 0.14),
    "low_cost": (0.15, 0.15, 0.15, 0.15, 0.15),
}
"""Share of the clients of size class L, M, S, X, I with each need at the end, before all but the planted ones are
scaled to the number of needs by class."""
NEEDS_PER_CLIENT = {"L": 4.1, "M": 3.0, "S": 2.2, "X": 1.966, "I": 2.0}
"""Needs of a client by size class (T5). The mean of M, S and X is 2.2: 600 · 3.0 + 1,850 · 2.2 + 2,050 · 1.966, over
4,500."""
_FIXED = ("short_term_funds", "simple_process", "low_cost")
"""Needs whose ratio of small and medium to large clients is planted: 1.4, 1.3 and 1.0."""

_BY_SEGMENT: dict[str, tuple[float, ...]] = {
    # G1 … G8: ln of how much more often a segment has the need
    "short_term_funds": (-0.5, -1.2, -0.6, 0.3, 0.1, 0.3, 0.3, -0.4),
    "long_term_funds": (0.2, -0.8, 1.9, 0.1, -0.5, -0.1, -0.9, -0.9),
    "supply_chain_finance": (0.2, -1.2, -0.8, 1.3, 0.0, -0.6, -0.1, -0.9),
    "receivables_finance": (-0.1, -1.2, -0.3, 1.2, 0.3, 0.0, -0.2, -0.9),
    "bill_finance": (0.1, -1.0, -0.8, 1.4, 0.2, -0.6, -0.2, -1.0),
    "sci_tech_finance": (-0.5, -0.8, -1.0, -0.1, -0.8, 1.9, -1.0, -0.8),
    "green_finance": (0.2, -0.2, 1.0, 0.1, -0.8, 0.2, -0.5, -0.7),
    "off_balance_sheet": (0.4, -0.8, 1.0, 0.3, 0.5, -0.5, -0.4, -0.9),
    "payment_settlement": (-0.7, 0.6, -0.7, -0.5, -0.4, -0.6, 1.0, 0.2),
    "cash_management": (0.7, 0.2, -0.3, 0.0, -0.2, -0.2, -0.1, -0.9),
    "account_management": (-0.4, 0.7, -0.1, -0.4, -0.3, -0.3, 0.2, 0.7),
    "settlement_network": (0.3, -0.1, -0.6, -0.2, 0.0, -0.6, 0.9, -0.7),
    "payroll": (-0.1, 0.6, -0.6, 0.8, -0.2, 0.3, -0.4, -0.9),
    "digital_currency": (-0.3, 0.5, -0.7, -0.4, -0.3, 0.1, 0.8, -0.4),
    "fund_operation": (0.6, 0.6, 0.3, -0.3, -0.1, -0.5, -0.3, -0.9),
    "deposits": (-0.6, 1.1, -0.7, -0.4, -0.3, -0.5, -0.1, 0.4),
    "wealth_management": (0.2, 0.6, -0.7, -0.1, -0.1, 0.5, -0.1, -0.6),
    "investment": (0.4, 0.2, 0.3, -0.3, -0.2, 0.4, -0.3, -0.5),
    "asset_management": (0.3, 0.2, 0.2, -0.1, -0.2, 0.0, -0.1, -0.3),
    "international_settlement": (0.3, -1.5, -1.2, -0.2, 2.1, -0.5, -0.9, -1.1),
    "trade_finance": (0.2, -1.5, -1.0, -0.1, 2.1, -0.6, -0.8, -1.1),
    "investment_banking": (0.5, -0.4, 0.5, -0.1, -0.3, 0.3, -0.2, -0.5),
    "capital_operations": (0.6, -0.6, 0.9, -0.2, -0.5, 0.5, -0.6, -0.9),
    "investment_financing": (0.1, -0.7, 0.1, -0.1, -0.2, 0.3, -0.1, -0.3),
    "financial_advisory": (0.3, -0.1, 0.6, 0.0, -0.1, 0.2, -0.3, -0.4),
    "financing_design": (0.2, -0.6, 1.2, 0.1, -0.1, 0.3, -0.5, -0.6),
    "business_advice": (-0.4, -0.7, -0.3, 0.1, 0.1, 0.2, 0.1, 0.3),
    "market_information": (-0.1, -0.4, -0.3, 0.2, 0.7, 0.3, -0.1, -0.1),
    "fx_risk": (0.3, -1.5, -1.2, -0.3, 2.2, -0.5, -1.0, -1.1),
    "credit_risk_assessment": (0.0, -0.6, 0.2, 0.4, 0.3, -0.1, 0.0, -0.3),
    "market_risk_warning": (0.2, -0.3, 0.1, 0.4, 0.6, 0.0, -0.2, -0.5),
    "risk_avoidance": (0.0, -0.1, 0.1, 0.2, 0.5, 0.0, -0.1, -0.2),
    "product_innovation": (0.2, -0.2, -0.3, -0.1, 0.1, 0.7, 0.0, -0.2),
    "service_efficiency": (-0.2, 0.2, -0.3, -0.1, 0.2, 0.1, 0.4, 0.1),
    "risk_service": (0.1, 0.0, 0.1, 0.2, 0.5, 0.1, -0.1, -0.3),
    "customised_service": (0.4, 0.0, 0.2, 0.1, 0.2, 0.5, -0.3, -0.5),
    "value_added_service": (0.1, 0.2, -0.2, 0.0, 0.0, 0.2, 0.1, 0.0),
    "simple_process": (-0.4, 0.0, -0.3, -0.1, 0.0, 0.1, 0.3, 0.6),
    "low_cost": (-0.2, -0.7, 0.3, 0.2, 0.1, 0.1, 0.2, -0.1),
}
_CONTRAST = 1.12
"""Strength of the segments' profiles, set so that Cramér's V between segment and need is 0.25 (T15)."""

CODES = tuple(_BY_CLASS)
PRODUCT_FAMILY = {
    "long_term_funds": "loan",
    "short_term_funds": "loan",
    "supply_chain_finance": "supply_chain",
    "bill_finance": "bills",
    "off_balance_sheet": "guarantee",
    "account_management": "online",
    "payroll": "payroll",
    "cash_management": "cash_management",
    "digital_currency": "digital_wallet",
    "wealth_management": "wealth",
    "fund_operation": "term",
    "international_settlement": "international",
    "investment_banking": "investment_banking",
}
"""Need → family of products that meets it, where there is one; the others are met by service, or not at all."""
SERVED_BY = {
    "long_term_funds": "loan_fixed",
    "short_term_funds": "loan_working",
    "supply_chain_finance": "supply_chain",
    "bill_finance": "acceptance",
    "off_balance_sheet": "guarantee",
    "account_management": "online",
    "payroll": "payroll",
    "cash_management": "cash_management",
    "digital_currency": "digital_wallet",
    "wealth_management": "wealth",
    "fund_operation": "deposit_notice",
    "international_settlement": "international",
    "investment_banking": "investment_banking",
    "payment_settlement": "settlement",
    "deposits": "deposit_demand",
}
"""Need → the product named when it is met."""
RISING = ("service_efficiency", "customised_service", "risk_service")
RISE = 0.06
"""Growth a quarter of the needs that rise (T13): they double in twelve quarters."""
STARTS_AND_ENDS = 1 / 24
"""Chance a month that a need comes to its end; as many begin, so that the others stay level."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A planted difference: clients of a group have a need `ratio` times as often as all other clients.

    Parameters
    ----------
    group : manufacturing, high_tech, or a stage
    """

    group: str
    need: str
    ratio: float


PLANTED = (
    Planted("manufacturing", "supply_chain_finance", 1.7),
    Planted("manufacturing", "receivables_finance", 1.5),
    Planted("high_tech", "sci_tech_finance", 2.4),
    Planted("high_tech", "investment_financing", 1.0),
    Planted("startup", "short_term_funds", 1.5),
    Planted("startup", "business_advice", 1.0),
    Planted("startup", "financial_advisory", 1.0),
    Planted("startup", "financing_design", 1.0),
    Planted("startup", "market_information", 1.0),
    Planted("growth", "supply_chain_finance", 1.3),
    Planted("growth", "international_settlement", 1.0),
    Planted("growth", "trade_finance", 1.0),
    Planted("mature", "investment_banking", 1.4),
    Planted("mature", "asset_management", 1.4),
)
"""T1, T2, T7, T8, T9 as ratios of shares between the group and the other open clients, all sizes together."""


def shares_by_class() -> np.ndarray:
    """Share of clients with each need, by size class (5 × needs), adding up to the needs per client."""
    table = np.array([_BY_CLASS[code] for code in CODES]).T
    fixed = np.isin(CODES, _FIXED)
    wanted = np.array([NEEDS_PER_CLIENT[name] for name in CLASSES])
    free = (wanted - table[:, fixed].sum(axis=1)) / table[:, ~fixed].sum(axis=1)
    shares: np.ndarray = np.where(fixed, table, table * free[:, None])
    return shares


def segment_profiles() -> np.ndarray:
    """How much more often each segment has each need (8 × needs), before the shares are met."""
    profiles: np.ndarray = np.exp(_CONTRAST * np.array([_BY_SEGMENT[code] for code in CODES]).T)
    return profiles
