"""Price and volume of operating revenue: the hand case, what is only volume or only margin, and that it closes."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.metrics.definitions import DEPOSITS, LOANS
from analysis.portrait.price_volume import PriceVolume, price_volume_mix, price_volume_of
from analysis.portrait.two_quarters import TwoQuarters
from tests.builders import client_rows, rows, tiny_portfolio

THEN, NOW = Quarter("2025Q3"), Quarter("2026Q3")
STEPS = 10_000
Side = dict[str, tuple[float, float]]
"""By product of a tier (`T1.loan_working`): average balance and spread a year."""


def quarter_of(side: Side, tiers: list[str], fee: float, year: float) -> pd.DataFrame:
    """A row a tier, one client each, in ten-thousandths."""
    frame = pd.DataFrame(
        0.0, index=pd.Index(tiers), columns=[f"{p}_{w}" for p in (*DEPOSITS, *LOANS) for w in ("avg", "ftp")]
    )
    for cell, (volume, spread) in side.items():
        tier, product = cell.split(".")
        frame.loc[tier, [f"{product}_avg", f"{product}_ftp"]] = [volume, volume * spread * year]
    frame["ftp_income"] = frame[[f"{product}_ftp" for product in (*DEPOSITS, *LOANS)]].sum(axis="columns")
    frame["fee"] = 0.0
    frame.loc[tiers[0], "fee"] = fee
    frame["operating_revenue"] = frame["ftp_income"] + frame["fee"]
    return (frame * STEPS).round().astype("int64")


def split(
    before: Side, after: Side, *, fees: tuple[float, float] = (0.0, 0.0), days: tuple[int, int] = (73, 73)
) -> PriceVolume:
    """A quarter of 73 days is a fifth of a year."""
    tiers = sorted({cell.split(".")[0] for cell in (*before, *after)}) or ["T1"]
    frames = [
        quarter_of(side, tiers, fee, day / 365) for side, fee, day in zip((before, after), fees, days, strict=True)
    ]
    labels = pd.Series(tiers, index=pd.Index(tiers))
    there = pd.Series(True, index=pd.Index(tiers))
    given = [{"days": float(day), "days_in_year": 365.0} for day in days]
    return price_volume_of(TwoQuarters(THEN, NOW, *frames, labels, labels, there, there, *given))


def test_the_hand_case_of_two_tiers_and_two_products() -> None:
    # loans: T1 1,000 at 2 % → 1,500 at 1.5 %; T2 1,000 at 4 % → 500 at 4 %: 2,000 at 3 % → 2,000
    # deposits: 2,000 at 0.5 % → 3,000 at 0.6 %; fees 5 → 7; a fifth of a year
    # loan volume 0; loan mix (500 × (2 − 3) % − 500 × (4 − 3) %) ÷ 5 = −2; loan margin 1,500 × −0.5 % ÷ 5 = −1.5
    # deposit volume 1,000 × 0.5 % ÷ 5 = 1; deposit margin 3,000 × 0.1 % ÷ 5 = 0.6; fees 2
    # before 30 ÷ 5 × 2 … = 12 + 2 + 5 = 19; after (22.5 + 20) ÷ 5 + 18 ÷ 5 + 7 = 8.5 + 3.6 + 7 = 19.1
    found = split(
        {"T1.loan_working": (1000, 0.02), "T2.loan_working": (1000, 0.04), "T1.deposit_demand": (2000, 0.005)},
        {"T1.loan_working": (1500, 0.015), "T2.loan_working": (500, 0.04), "T1.deposit_demand": (3000, 0.006)},
        fees=(5, 7),
    )
    assert (found.before, found.after) == (19.0, 19.1)
    assert found.parts == pytest.approx(
        {
            "loan_volume": 0.0,
            "deposit_volume": 1.0,
            "mix": -2.0,
            "loan_margin": -1.5,
            "deposit_margin": 0.6,
            "fee": 2.0,
            "days": 0.0,
        }
    )
    assert found.together() == pytest.approx({"volume": 1.0, "mix": -2.0, "margin": -0.9, "fee": 2.0, "days": 0.0})
    assert found.residual == 0.0
    assert found.families["loan"].spread_before == pytest.approx(0.03)
    assert found.families["deposit"].spread_after == pytest.approx(0.006)


def test_more_of_the_same_is_volume_and_dearer_of_the_same_is_margin() -> None:
    cells = {"T1.loan_working": (1000.0, 0.02), "T2.loan_fixed": (3000.0, 0.01)}
    more = split(cells, {cell: (volume * 1.1, spread) for cell, (volume, spread) in cells.items()})
    assert more.together() == pytest.approx(
        {"volume": 1.0, "mix": 0.0, "margin": 0.0, "fee": 0.0, "days": 0.0}, abs=1e-3
    )
    dearer = split(cells, {cell: (volume, spread + 0.01) for cell, (volume, spread) in cells.items()})
    assert dearer.together() == pytest.approx(
        {"volume": 0.0, "mix": 0.0, "margin": 8.0, "fee": 0.0, "days": 0.0}, abs=1e-3
    )


def test_a_product_that_is_new_in_a_tier_is_volume_at_the_old_spread_and_the_rest_is_mix() -> None:
    # 1,000 at 2 %; 500 of another product at 4 % come: volume 500 × 2 % ÷ 5 = 2, mix 500 × 2 % ÷ 5 = 2
    found = split({"T1.loan_working": (1000, 0.02)}, {"T1.loan_working": (1000, 0.02), "T1.loan_fixed": (500, 0.04)})
    assert found.together() == pytest.approx({"volume": 2.0, "mix": 2.0, "margin": 0.0, "fee": 0.0, "days": 0.0})


def test_a_business_that_is_new_altogether_is_volume() -> None:
    found = split({}, {"T1.loan_working": (1000, 0.02)})
    assert found.together() == {"volume": 4.0, "mix": 0.0, "margin": 0.0, "fee": 0.0, "days": 0.0}
    gone = split({"T1.loan_working": (1000, 0.02)}, {})
    assert gone.together() == {"volume": -4.0, "mix": 0.0, "margin": 0.0, "fee": 0.0, "days": 0.0}


def test_a_longer_quarter_is_told_apart() -> None:
    # 1,000 at 3.65 % bring 0.1 a day
    cells = {"T1.loan_working": (1000.0, 0.0365)}
    found = split(cells, cells, days=(90, 91))
    assert found.together() == pytest.approx({"volume": 0.0, "mix": 0.0, "margin": 0.0, "fee": 0.0, "days": 0.1})


CELL = st.tuples(st.sampled_from(["T1", "T2"]), st.sampled_from([*DEPOSITS, *LOANS]))
VALUE = st.tuples(
    (st.just(0) | st.integers(10**6, 10**8)).map(float), st.integers(-200, 400).map(lambda bp: bp / 10_000)
)
SIDES = st.dictionaries(CELL.map(".".join), VALUE, max_size=8)


@settings(max_examples=20, deadline=None)
@given(SIDES, SIDES, st.integers(-1000, 1000), st.sampled_from([90, 91, 92]))
def test_it_closes_for_any_book(before: Side, after: Side, fee: int, days: int) -> None:
    found = split(before, after, fees=(100.0, float(fee)), days=(92, days))
    assert found.residual == 0.0
    assert sum(found.together().values()) == pytest.approx(found.change, abs=0.01)
    # the loan margin takes what rounding leaves, and no more: cell by cell it is what the formula says
    margin = sum(
        volume * (spread - before[cell][1]) * 92 / 365
        for cell, (volume, spread) in after.items()
        if cell.split(".")[1] in LOANS and volume > 0 and before.get(cell, (0.0, 0.0))[0] > 0
    )
    assert found.parts["loan_margin"] == pytest.approx(margin, abs=0.02, rel=1e-6)


def test_from_tables_it_starts_and_ends_at_operating_revenue(tmp_path: Path) -> None:
    clients = client_rows("A", quarters=("2025Q3", "2026Q3"), tier="T1")
    positions = rows(
        "client_id month product balance_avg balance_end interest funds_amount fee direct_cost",
        ("A", "2025-09-30", "loan_working", 9200.0, 9200.0, 40.0, 10.0, 3.0, 0.0),
        ("A", "2025-09-30", "deposit_term", 920.0, 920.0, 5.0, 9.0, 0.0, 0.0),
        ("A", "2026-09-30", "loan_working", 9200.0, 9200.0, 35.0, 10.0, 4.0, 0.0),
        ("A", "2026-09-30", "deposit_term", 1840.0, 1840.0, 10.0, 18.0, 0.0, 0.0),
    )
    portfolio = tiny_portfolio(tmp_path, {"clients": clients, "positions": positions})
    found = price_volume_mix(portfolio)
    assert isinstance(found, PriceVolume)
    # 30 + 4 + 3 → 25 + 8 + 4: the loan earns 5 less on the same balance, deposits doubled at the same spread
    assert (found.before, found.after) == (37.0, 37.0)
    assert found.together() == pytest.approx({"volume": 4.0, "mix": 0.0, "margin": -5.0, "fee": 1.0, "days": 0.0})
    alone = tiny_portfolio(tmp_path, {"clients": clients})
    assert price_volume_mix(alone) == Unavailable(
        Text("缺少数据表：产品持有（positions）", "needs the table positions")
    )
