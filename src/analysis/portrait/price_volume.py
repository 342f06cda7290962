"""A change of operating revenue in parts: volume, mix, margin, fees, and the days of the quarter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.portfolio import Portfolio
from analysis.metrics import METRICS
from analysis.metrics.definitions import DEPOSITS, LOANS
from analysis.metrics.measure import STEPS
from analysis.portrait.two_quarters import Scheme, TwoQuarters, opening_quarter, two_quarters

Part = Literal["loan_volume", "deposit_volume", "mix", "loan_margin", "deposit_margin", "fee", "days"]
PARTS: dict[Part, Text] = {
    "loan_volume": Text("贷款规模", "loan volume"),
    "deposit_volume": Text("存款规模", "deposit volume"),
    "mix": Text("结构", "mix"),
    "loan_margin": Text("贷款利差", "loan margin"),
    "deposit_margin": Text("存款利差", "deposit margin"),
    "fee": Text("中间业务", "fees"),
    "days": Text("天数", "days"),
}
"""The parts in the order they are shown; the days only where the two quarters are not equally long."""
FAMILIES: dict[str, tuple[str, ...]] = {"loan": LOANS, "deposit": DEPOSITS}


@dataclass(frozen=True, slots=True)
class FamilyPrice:
    """Loans or deposits at the two quarters.

    Parameters
    ----------
    volume_before, volume_after : average daily balance
    spread_before, spread_after : net interest at funds prices, a year, over the balance; Unavailable without a balance
    """

    volume_before: float
    volume_after: float
    spread_before: float | Unavailable
    spread_after: float | Unavailable


@dataclass(frozen=True)
class PriceVolume:
    """Operating revenue from the opening quarter to this one.

    Parameters
    ----------
    before, after : operating revenue of each quarter
    parts : what each part adds; they add up to the change, in whole ten-thousandths
    families : loans and deposits
    """

    start: Quarter
    end: Quarter
    before: float
    after: float
    parts: Mapping[Part, float]
    families: Mapping[str, FamilyPrice]

    @property
    def change(self) -> float:
        return self.after - self.before

    @property
    def residual(self) -> float:
        """Before + parts − after, from whole ten-thousandths."""
        steps = [round(value * STEPS) for value in (self.before, *self.parts.values())]
        return (sum(steps) - round(self.after * STEPS)) / STEPS

    def together(self) -> dict[str, float]:
        """Volume, mix, margin, fees and days: loans and deposits as one."""
        part = self.parts
        return {
            "volume": part["loan_volume"] + part["deposit_volume"],
            "mix": part["mix"],
            "margin": part["loan_margin"] + part["deposit_margin"],
            "fee": part["fee"],
            "days": part["days"],
        }


def price_volume_mix(
    portfolio: Portfolio, *, by: Scheme = "tier", start: Quarter | None = None
) -> PriceVolume | Unavailable:
    """What moved operating revenue: balances, their prices, their mix, or fees.

    Parameters
    ----------
    by : how clients are split beside products; a column of the register or two assignments
    start : the opening quarter, by default a year ago

    Notes
    -----
    A cell is a product × group of clients: balance V, net interest at funds prices N, spread s = N × 365 ÷ (V D).
    For loans and for deposits, with w the share of a cell in V and S = Σ w s:
    volume = (V₁ − V₀) S₀; mix = V₁ Σ (w₁ − w₀)(s₀ − S₀); margin = Σ V₁c (s₁ − s₀); all times D₀ ÷ 365.
    Days = what N₁ owes to D₁ ≠ D₀. A cell that was empty adds V₁c (s₁ − S₀) to the mix. Net interest without a balance,
    and that of no product, is counted in the margin. Clients there at the opening stay in their group of then.
    See docs/methods/price_volume.md.
    """
    metric = METRICS["OPREV"]
    opening = opening_quarter([metric], portfolio.quarter, start)
    products = [product for family in FAMILIES.values() for product in family]
    also = ["ftp_income", "fee", *(f"{product}_{what}" for product in products for what in ("avg", "ftp"))]
    found = two_quarters(portfolio, [metric], by, opening, also=also)
    return found if isinstance(found, Unavailable) else price_volume_of(found)


def price_volume_of(found: TwoQuarters) -> PriceVolume:
    """The split for clients already set side by side."""
    groups = found.opening_group
    before, after = (_sums(frame, groups) for frame in (found.before, found.after))
    years = [given["days"] / given["days_in_year"] for given in (found.given_before, found.given_after)]
    parts: dict[Part, float] = dict.fromkeys(PARTS, 0.0)
    families = {}
    for family, products in FAMILIES.items():
        cells = _Cells.of(before, after, products, years)
        families[family] = cells.prices()
        parts[f"{family}_volume"] = cells.volume()  # type: ignore[index]
        parts["mix"] += cells.mix()
        parts[f"{family}_margin"] = cells.margin()  # type: ignore[index]
        parts["days"] += cells.days()
    ends = [frame[["operating_revenue", "fee"]].sum().to_dict() for frame in (found.before, found.after)]
    parts["fee"] = (ends[1]["fee"] - ends[0]["fee"]) / STEPS
    return _closed(found, ends[0]["operating_revenue"], ends[1]["operating_revenue"], parts, families)


def _sums(frame: pd.DataFrame, groups: "pd.Series[str]") -> pd.DataFrame:
    summed: pd.DataFrame = frame.groupby(groups).sum() / STEPS
    return summed


def _closed(
    found: TwoQuarters, before: int, after: int, parts: dict[Part, float], families: dict[str, FamilyPrice]
) -> PriceVolume:
    """The parts in whole ten-thousandths. What no cell explains, and rounding, goes to the margin of loans."""
    steps = {part: round(value * STEPS) for part, value in parts.items()}
    steps["loan_margin"] += (after - before) - sum(steps.values())
    rounded = {part: value / STEPS for part, value in steps.items()}
    return PriceVolume(found.start, found.end, before / STEPS, after / STEPS, rounded, families)


@dataclass(frozen=True)
class _Cells:
    """Products × groups of one family: balances, and net interest as a rate a year on them."""

    volume_0: npt.NDArray[np.float64]
    volume_1: npt.NDArray[np.float64]
    rate_0: npt.NDArray[np.float64]
    rate_1: npt.NDArray[np.float64]
    loose_0: float
    loose_1: float
    year_0: float
    year_1: float

    @classmethod
    def of(cls, before: pd.DataFrame, after: pd.DataFrame, products: tuple[str, ...], years: list[float]) -> "_Cells":
        sides = []
        for frame, year in zip((before, after), years, strict=True):
            volume = np.concatenate([frame[f"{product}_avg"].to_numpy(dtype=np.float64) for product in products])
            income = np.concatenate([frame[f"{product}_ftp"].to_numpy(dtype=np.float64) for product in products])
            has_volume = volume > 0
            rate = np.divide(income, volume * year, out=np.zeros_like(income), where=has_volume)
            sides.append((np.where(has_volume, volume, 0.0), rate, float(income[~has_volume].sum())))
        (volume_0, rate_0, loose_0), (volume_1, rate_1, loose_1) = sides
        return cls(volume_0, volume_1, rate_0, rate_1, loose_0, loose_1, years[0], years[1])

    @property
    def spread_0(self) -> float:
        """Average spread of the opening; where there was no balance, that of now, so that all is volume."""
        volume, rate = (self.volume_0, self.rate_0) if self.volume_0.sum() > 0 else (self.volume_1, self.rate_1)
        whole = float(volume.sum())
        return float(volume @ rate) / whole if whole > 0 else 0.0

    def prices(self) -> FamilyPrice:
        none = Unavailable(Text("没有余额", "there is no balance"))
        sides = [
            (float(volume.sum()), float(volume @ rate) / float(volume.sum()) if volume.sum() > 0 else none)
            for volume, rate in ((self.volume_0, self.rate_0), (self.volume_1, self.rate_1))
        ]
        return FamilyPrice(sides[0][0], sides[1][0], sides[0][1], sides[1][1])

    def volume(self) -> float:
        return float(self.volume_1.sum() - self.volume_0.sum()) * self.spread_0 * self.year_0

    def mix(self) -> float:
        whole_0, whole_1 = float(self.volume_0.sum()), float(self.volume_1.sum())
        if whole_0 <= 0:
            return 0.0
        # V₁ (w₁ − w₀) of each cell; an empty one had no spread, its own of now stands in and its margin is nothing
        shift = self.volume_1 - whole_1 * self.volume_0 / whole_0
        rate = np.where(self.volume_0 > 0, self.rate_0, self.rate_1)
        return float(shift @ (rate - self.spread_0)) * self.year_0

    def margin(self) -> float:
        both = (self.volume_0 > 0) & (self.volume_1 > 0)
        priced = float(self.volume_1[both] @ (self.rate_1 - self.rate_0)[both]) * self.year_0
        return priced + self.loose_1 - self.loose_0

    def days(self) -> float:
        return float(self.volume_1 @ self.rate_1) * (self.year_1 - self.year_0)
