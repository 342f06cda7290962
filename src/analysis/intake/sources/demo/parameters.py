"""What the synthetic bank is asked to be: its size, and the figures it is calibrated to.

Every figure is a plausible assumption, not a fact and not a benchmark. Money is in yuan unless a name says 万元 (WAN).
"""

import zlib
from dataclasses import dataclass
from datetime import date

import numpy as np

from analysis.core.errors import ParameterError
from analysis.core.quarter import Quarter
from analysis.intake.suggest import nearest

CHUNK = 5_000
"""Clients drawn together: fixed, so that the result never depends on memory or workers. Quotas hold in each chunk."""
WAN = 10_000.0
CLASSES = ("L", "M", "S", "X", "I")
SEGMENTS = ("G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8")
REGION_TIERS = ("core", "coastal", "inland", "county")
VARIANTS = ("null", "retier_only")
"""null: no client differs in its needs from another, and nothing planted has an effect · retier_only: clients keep
their deposits all their life, so that only the re-tiering and clients who come and go move a tier's deposits."""
BURN_QUARTERS = 8
"""Quarters simulated before the history, because the tier in force looks two years back."""


@dataclass(frozen=True, slots=True)
class DemoParameters:
    """Which synthetic bank to make.

    Parameters
    ----------
    n_clients : open clients at the end of the last quarter (clients lost before come on top)
    n_months : months of history, whole quarters
    last_quarter : the newest quarter
    seed : of every random draw
    variant : what is planted otherwise than usual, one of `VARIANTS`, or nothing
    """

    n_clients: int = 5_000
    n_months: int = 36
    last_quarter: str = "2026Q3"
    seed: int = 20_260_930
    variant: str = ""

    def __post_init__(self) -> None:
        if not 200 <= self.n_clients <= 2_000_000:
            raise ParameterError(
                f"The demo bank cannot have {self.n_clients} clients.", hint="Give 200 to 2000000 clients."
            )
        if not 12 <= self.n_months <= 60 or self.n_months % 3:
            raise ParameterError(
                f"The demo bank cannot have a history of {self.n_months} months.",
                hint="Give 12 to 60 months, a multiple of 3.",
            )
        if self.seed < 0:
            raise ParameterError(f"The seed {self.seed} is negative.", hint="Give a seed of 0 or more.")
        if self.variant and self.variant not in VARIANTS:
            raise ParameterError(
                f"The demo bank has no variant {self.variant!r}.", hint=nearest(self.variant, VARIANTS)
            )
        Quarter(self.last_quarter)

    @property
    def quarters(self) -> tuple[Quarter, ...]:
        """All quarters of the history, oldest first."""
        return Quarter(self.last_quarter).trailing(self.n_months // 3)

    @property
    def months(self) -> tuple[date, ...]:
        """All month-ends of the history, oldest first."""
        return tuple(month for quarter in self.quarters for month in quarter.months)

    @property
    def n_quarters(self) -> int:
        return self.n_months // 3

    @property
    def chunks(self) -> tuple[int, ...]:
        """Open clients at the end in each chunk."""
        whole, rest = divmod(self.n_clients, CHUNK)
        return (CHUNK,) * whole + ((rest,) if rest else ())

    @property
    def scale(self) -> float:
        """Size relative to the bank of 5,000 clients that the totals are calibrated for."""
        return self.n_clients / CHUNK


def stream(parameters: DemoParameters, piece: str, chunk: int = 0) -> np.random.Generator:
    """Random numbers of one named piece of one chunk: a new piece never moves the numbers of another."""
    key = (zlib.crc32(piece.encode()), chunk)
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(parameters.seed, spawn_key=key)))


# ── who the clients are (5,000) ────────────────────────────────────────────────────────────────────────────────────
CELLS: dict[tuple[str, str], int] = {
    ("G1", "L"): 100,
    ("G1", "M"): 75,
    ("G2", "I"): 350,
    ("G3", "L"): 30,
    ("G3", "M"): 110,
    ("G3", "S"): 60,
    ("G4", "L"): 20,
    ("G4", "M"): 220,
    ("G4", "S"): 425,
    ("G4", "X"): 160,
    ("G5", "M"): 60,
    ("G5", "S"): 160,
    ("G5", "X"): 80,
    ("G6", "M"): 35,
    ("G6", "S"): 200,
    ("G6", "X"): 215,
    ("G7", "M"): 80,
    ("G7", "S"): 655,
    ("G7", "X"): 765,
    ("G8", "M"): 20,
    ("G8", "S"): 350,
    ("G8", "X"): 830,
}
"""Clients by planted segment and size class."""

SECTION_CLIENTS = {
    "A": 3.0,
    "B": 0.6,
    "C": 24,
    "D": 1.2,
    "E": 11,
    "F": 29,
    "G": 4.5,
    "H": 2,
    "I": 4.5,
    "J": 0.5,
    "K": 2.8,
    "L": 7.5,
    "M": 3.6,
    "N": 0.9,
    "O": 1.3,
    "P": 0.9,
    "Q": 0.7,
    "R": 0.8,
    "S": 1.2,
}
SECTION_LOANS = {
    "A": 2,
    "B": 1.5,
    "C": 22,
    "D": 4,
    "E": 12,
    "F": 16,
    "G": 5,
    "H": 0.8,
    "I": 2.2,
    "J": 2,
    "K": 8,
    "L": 14,
    "M": 1.6,
    "N": 6.5,
    "O": 0.5,
    "P": 0.6,
    "Q": 0.9,
    "R": 0.4,
    "S": 0.05,
}
SECTION_NPL = {
    "A": 3.5,
    "B": 1.5,
    "C": 2.2,
    "D": 0.6,
    "E": 2.0,
    "F": 3.2,
    "G": 1.0,
    "H": 4.5,
    "I": 1.8,
    "J": 0.2,
    "K": 3.8,
    "L": 0.7,
    "M": 1.2,
    "N": 0.3,
    "O": 2.5,
    "P": 0.5,
    "Q": 0.3,
    "R": 2.2,
    "S": 0.2,
}
"""Industry section: % of clients, % of loans, bad loans in % by amount."""
SECTION_OUTSIDE = {"S": 60, "J": 25, "P": 45, "Q": 35, "N": 20, "M": 45, "R": 25, "A": 15, "G": 20, "K": 40, "L": 20}
"""Of 5,000 clients those outside the size rule, by section: public bodies, schools, hospitals, finance."""

CHURN = {"L": 0.005, "M": 0.012, "S": 0.021, "X": 0.035, "I": 0.003}
"""Lost a quarter, closed and silent together."""
SILENT = {"L": 0.01, "M": 0.03, "S": 0.08, "X": 0.16, "I": 0.03}
"""Share with almost nothing (under 0.1 万元)."""
NEW_PER_QUARTER = 0.028
REGION_CLIENTS = (0.44, 0.22, 0.22, 0.12)
REGION_ENTRIES = (46.0, 42.0, 31.0, 24.0)
"""Entries a month per client by region tier."""
REGION_DEPOSIT_SHIFT = (0.18, 0.02, -0.14, -0.14)
"""Shift of the deposit score by region tier, in standard deviations."""

# ── balances, 万元: median and sigma of ln by size class ───────────────────────────────────────────────────────────
DEPOSIT = {"L": (2_500, 1.60), "M": (380, 1.75), "S": (50, 1.80), "X": (8, 1.90), "I": (420, 1.80)}
LOAN = {"L": (9_000, 0.90), "M": (2_600, 1.05), "S": (780, 0.95), "X": (280, 0.85), "I": (3_000, 1.00)}
DEPOSIT_CAP, LOAN_CAP = 150_000.0, 50_000.0
BORROWERS = {"L": 0.62, "M": 0.52, "S": 0.34, "X": 0.15, "I": 0.05}
STATEMENTS = {"L": 0.97, "M": 0.92, "S": 0.70, "X": 0.38, "I": 0.45}
FAMILIES = {"L": 6.2, "M": 4.4, "S": 3.1, "X": 2.2, "I": 2.9}
LOAN_CLASS_SHARE = {"L": 34, "M": 40, "S": 21, "X": 3, "I": 2}
LOANS_TOTAL = 3_450_000.0
PLATFORM_LOAN_SHARE = 0.21
ACCEPTANCES_TOTAL, MARGIN_RATIO = 520_000.0, 0.35
DEPOSIT_GROWTH = {
    "G1": 0.030,
    "G2": 0.030,
    "G3": 0.000,
    "G4": 0.055,
    "G5": 0.030,
    "G6": 0.16,
    "G7": 0.020,
    "G8": -0.060,
}
"""Yearly growth of ln deposits of clients that stay; G6 is the mean of a half that grows and a half that does not."""
DEPOSIT_AR, DEPOSIT_INNOVATION = 0.8, 0.22
LOAN_GROWTH = 0.035
"""Yearly growth of the line of a client that stays."""
DEPOSITS_GROWTH, LOANS_GROWTH = 0.07, 0.09
"""Yearly growth of the whole bank."""

LOAN_RATE = {"L": 0.0355, "M": 0.0410, "S": 0.0455, "X": 0.0435, "I": 0.0340}
DEFAULT_PROB = {"L": 0.009, "M": 0.017, "S": 0.026, "X": 0.033, "I": 0.002}
NPL = {"L": 0.009, "M": 0.020, "S": 0.032, "X": 0.039, "I": 0.003}
SPECIAL_MENTION = {"L": 0.018, "M": 0.030, "S": 0.040, "X": 0.043, "I": 0.008}
RISK_WEIGHT = {"L": 1.00, "M": 0.85, "S": 0.85, "X": 0.75, "I": 0.90}
COST_PER_YEAR = {"L": 14.0, "M": 3.0, "S": 0.4, "X": 0.055, "I": 2.0}
VAT = 1.06
FUNDS_STEP, LOAN_RATE_STEP, DEPOSIT_RATE_STEP = 0.0005, 0.0012, 0.00050
"""What funds price, loan rate and deposit rate lose each quarter."""
FUNDS_LOAN = (0.0185, 0.0205, 0.0220)
FUNDS_DEPOSIT = {"deposit_demand": 0.0120, "deposit_term": 0.0205, "deposit_notice": 0.0160, "deposit_margin": 0.0175}
DEPOSIT_RATE = {"deposit_demand": 0.0027, "deposit_term": 0.0201, "deposit_notice": 0.0117, "deposit_margin": 0.0132}

PENETRATION = {
    "online": 0.78,
    "payroll": 0.24,
    "term": 0.21,
    "bills": 0.11,
    "wealth": 0.08,
    "international": 0.07,
    "cash_management": 0.06,
    "guarantee": 0.05,
    "digital_wallet": 0.05,
    "supply_chain": 0.04,
    "investment_banking": 0.007,
}
BASIC_ACCOUNT = 0.46
FEES = {
    "acceptance": 1_000,
    "guarantee": 800,
    "settlement": 800,
    "cash_management": 520,
    "international": 780,
    "investment_banking": 720,
    "wealth": 600,
    "agency": 480,
    "online": 120,
    "payroll": 60,
    "supply_chain": 100,
    "digital_wallet": 20,
}
"""Fee income of the last four quarters in 万元 by product."""
N_GROUPS = 430
