"""Preference for emerging products and channels: shares and index by hand, use and words apart, nothing invented."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.core.estimate import Estimate, Unavailable
from analysis.intake.portfolio import Portfolio
from analysis.portrait import Preference, preference_by
from tests.builders import client_rows, rows, tiny_portfolio

LARGE, MICRO = [f"L{k}" for k in range(5)], [f"X{k}" for k in range(5)]


def bank(
    tmp_path: Path, products: dict[str, list[str]], *, green: tuple[str, ...] = (), **tables: pd.DataFrame
) -> Portfolio:
    """Five large and five micro factories, each with these products held for a year."""
    ids = [*LARGE, *MICRO]
    clients = client_rows(
        *ids,
        quarters=("2025Q3", "2026Q3"),
        industry="C",
        industry_division="34",
        staff={id: 1000.0 if id[0] == "L" else 5.0 for id in ids},
        revenue={id: 5e8 if id[0] == "L" else 1e6 for id in ids},
        is_green={id: id in green for id in ids},
    )
    held = [(id, "2026-09-30", product, 5.0, 5.0) for id, names in products.items() for product in names]
    positions = rows("client_id month product balance_avg balance_end", *held)
    return tiny_portfolio(tmp_path, {"clients": clients, "positions": positions} | tables)


def of(found: object) -> Preference:
    assert isinstance(found, Preference)
    return found


def share(found: Estimate | Unavailable) -> float:
    assert isinstance(found, Estimate)
    return found.estimate


def reason(found: object) -> str:
    assert isinstance(found, Unavailable)
    return found.reason.en


def test_take_up_share_of_use_and_index_by_hand(tmp_path: Path) -> None:
    # all settle; three large firms have supply-chain finance, one micro firm a digital wallet: 4 of 10 take one up.
    # Large: 3/5, 3 of 8 families held, index 0.6/0.4; micro: 1/5, 1 of 6, index 0.2/0.4
    products = {id: ["deposit_demand"] for id in (*LARGE, *MICRO)}
    for id in LARGE[:3]:
        products[id].append("supply_chain")
    products["X0"].append("digital_wallet")
    found = of(preference_by(bank(tmp_path, products)))
    assert found.take_up.estimate == pytest.approx(0.4)
    by_code = {one.group.code: one for one in found.groups}
    assert share(by_code["L"].take_up) == pytest.approx(0.6)
    assert by_code["L"].share_of_use == pytest.approx(3 / 8)
    assert by_code["L"].index == pytest.approx(1.5)
    assert by_code["X"].share_of_use == pytest.approx(1 / 6)
    assert by_code["X"].index == pytest.approx(0.5)
    used = {name: share(one) for name, one in found.products.items()}
    assert used == pytest.approx({"supply_chain": 0.3, "digital_wallet": 0.1, "green_loan": 0.0})
    assert reason(found.before) == "the source has no products held"  # no position a year ago


def test_a_green_client_that_borrows_takes_up_a_green_loan(tmp_path: Path) -> None:
    products = {id: ["deposit_demand"] for id in (*LARGE, *MICRO)}
    products["L0"].append("loan_working")
    products["L1"].append("loan_working")
    found = of(preference_by(bank(tmp_path, products, green=("L0", "L4"))))  # L4 is green and owes nothing
    assert share(found.products["green_loan"]) == pytest.approx(0.1)
    assert found.take_up.estimate == pytest.approx(0.1)


def test_where_nobody_uses_anything_emerging_there_is_no_index(tmp_path: Path) -> None:
    found = of(preference_by(bank(tmp_path, {id: ["deposit_demand"] for id in (*LARGE, *MICRO)})))
    assert found.take_up.estimate == 0.0
    assert reason(found.groups[0].index) == "no client uses an emerging product, so an index has no meaning"
    assert found.groups[0].share_of_use == 0.0


def test_what_clients_say_stands_apart_from_what_they_use(tmp_path: Path) -> None:
    # all five large firms have an open need, two of them an emerging one; no micro firm was asked
    needs = rows(
        "need_id client_id need opened closed",
        *[(f"n{k}", f"L{k}", "deposits", "2026-02-01", None) for k in range(5)],
        ("g0", "L0", "green_finance", "2026-02-01", None),
        ("g1", "L1", "digital_currency", "2026-02-01", None),
        ("g2", "L2", "green_finance", "2025-02-01", "2025-03-01"),  # closed long ago
    )
    found = of(preference_by(bank(tmp_path, {id: ["deposit_demand"] for id in LARGE}, needs=needs)))
    by_code = {one.group.code: one for one in found.groups}
    assert share(by_code["L"].interest) == pytest.approx(0.4)
    assert reason(by_code["X"].interest) == "fewer clients than the disclosure limit"
    assert share(found.interest) == pytest.approx(0.4)
    assert found.take_up.estimate == 0.0
    bare = of(preference_by(bank(tmp_path, {"L0": ["deposit_demand"]})))
    assert reason(bare.interest) == "the source has no needs, so what clients say is not known"


def test_channels_used_and_preferred(tmp_path: Path) -> None:
    # 60 entries online, 20 on the phone, 20 at the counter: four fifths digital; a year ago half. Six answers: 5 to 1,
    # and the single answer is below the disclosure limit
    entries = rows(
        "client_id month channel n_in n_out",
        ("L0", "2026-09-30", "online", 30, 30),
        ("L0", "2026-08-31", "mobile", 10, 10),
        ("L1", "2026-07-31", "counter", 20, 0),
        ("L1", "2025-09-30", "counter", 5, 0),
        ("L1", "2025-09-30", "direct", 5, 0),
    )
    answers = rows(
        "client_id wave date channel_preferred",
        *[(f"L{k}", "W1", "2026-03-01", "mobile") for k in range(5)],
        ("X0", "W1", "2026-03-01", "counter"),
        ("X1", "W0", "2024-03-01", "counter"),  # too old
    )
    found = of(preference_by(bank(tmp_path, {"L0": ["deposit_demand"]}, transactions=entries, surveys=answers)))
    assert found.channels == {"counter": 0.2, "mobile": 0.2, "online": 0.6}
    assert found.digital == pytest.approx(0.8)
    assert found.digital_before == pytest.approx(0.5)
    assert found.stated_channels == {"mobile": pytest.approx(5 / 6)}
    assert found.n_answers == 6
    without = of(preference_by(bank(tmp_path, {"L0": ["deposit_demand"]})))
    assert reason(without.channels) == reason(without.digital) == "the source has no entries by channel"
    assert reason(without.stated_channels) == "the source has no preferred channel from surveys"


def test_without_products_or_clients_there_is_no_preference(tmp_path: Path) -> None:
    bare = tiny_portfolio(tmp_path, {"clients": client_rows(*"abcdefgh")})
    assert reason(preference_by(bare)) == "the source has no products held"
    one = tiny_portfolio(tmp_path, {"clients": client_rows("a")})
    assert reason(preference_by(one)) == "fewer clients than the disclosure limit"
