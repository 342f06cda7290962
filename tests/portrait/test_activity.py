"""Regions by number and activity: index on the bank's mean by hand, mix of sizes set aside, small groups merged."""

from pathlib import Path

import pytest

from analysis.core.estimate import Unavailable
from analysis.intake.portfolio import Portfolio
from analysis.portrait import Activity, activity_by
from tests.builders import client_rows, rows, tiny_portfolio

EAST, WEST = "澜川市", "岚原市"
"""Two regions of the reference data."""


def bank(
    tmp_path: Path, entries: dict[str, int], regions: dict[str, str], sizes: dict[str, str] | None = None
) -> Portfolio:
    """Clients with so many entries in each month of the quarter; large firms where a size says so."""
    large = {id: (sizes or {}).get(id) == "L" for id in entries}
    clients = client_rows(
        *entries,
        region=regions,
        industry="C",
        industry_division="34",
        staff={id: 1000.0 if large[id] else 5.0 for id in entries},
        revenue={id: 5e8 if large[id] else 1e6 for id in entries},
    )
    months = ("2026-07-31", "2026-08-31", "2026-09-30")
    lines = [(id, month, "online", n, 0) for id, n in entries.items() if n for month in months]
    lines += [(id, "2026-01-31", "counter", 1, 0) for id in entries]  # an active month outside the quarter
    return tiny_portfolio(
        tmp_path, {"clients": clients, "transactions": rows("client_id month channel n_in n_out", *lines)}
    )


def found_in(portfolio: Portfolio) -> dict[str, object]:
    found = activity_by(portfolio)
    assert isinstance(found, Activity)
    return {one.group.code: one for one in found.groups}


def test_entries_and_active_months_by_region_with_the_index_by_hand(tmp_path: Path) -> None:
    # east: 5 clients of 3·20 = 60 entries, west: 5 of 3·4 = 12; mean 36. Four active months each
    entries = {f"e{k}": 20 for k in range(5)} | {f"w{k}": 4 for k in range(5)}
    portfolio = bank(tmp_path, entries, {id: EAST if id[0] == "e" else WEST for id in entries})
    found = activity_by(portfolio)
    assert isinstance(found, Activity)
    assert (found.entries, found.active_months, found.n_clients) == (36.0, 4.0, 10)
    by_code = {one.group.code: one for one in found.groups}
    assert by_code[EAST].entries == 60.0
    assert by_code[EAST].index == pytest.approx(60 / 36)
    assert by_code[WEST].index == pytest.approx(12 / 36)
    assert by_code[WEST].active_months == 4.0
    # clients weigh: the mean of the indices over clients is one
    assert sum(one.index * one.group.n_clients for one in found.groups) / 10 == pytest.approx(1.0)


def test_a_region_of_large_firms_is_not_taken_for_an_active_one(tmp_path: Path) -> None:
    # large firms make 100 entries a month, small ones 10, everywhere; 15 of 20 are large in the east, 5 in the west.
    # Raw: east 3·(15·100 + 5·10)/20 = 232.5, west 97.5, mean 165. Within sizes the two are equal: index 1
    entries, regions, sizes = {}, {}, {}
    for region, n_large in ((EAST, 15), (WEST, 5)):
        for k in range(20):
            id = f"{region}{k:02d}"
            sizes[id] = "L" if k < n_large else "X"
            entries[id], regions[id] = (100 if k < n_large else 10), region
    found = activity_by(bank(tmp_path, entries, regions, sizes))
    assert isinstance(found, Activity)
    by_code = {one.group.code: one for one in found.groups}
    assert by_code[EAST].index == pytest.approx(232.5 / 165)
    assert by_code[EAST].index_within_size == pytest.approx(1.0)
    assert by_code[WEST].index_within_size == pytest.approx(1.0)


def test_a_region_without_a_size_class_that_matters_has_no_adjusted_index(tmp_path: Path) -> None:
    entries = {f"e{k}": 5 for k in range(6)} | {f"w{k}": 5 for k in range(6)}
    regions = {id: EAST if id[0] == "e" else WEST for id in entries}
    found = activity_by(bank(tmp_path, entries, regions, {id: "L" if id[0] == "e" else "X" for id in entries}))
    assert isinstance(found, Activity)
    for one in found.groups:
        assert isinstance(one.index_within_size, Unavailable)
        assert one.index_within_size.reason.en == "the group lacks some size classes, so their mix cannot be set"


def test_small_regions_are_merged_and_nobody_is_lost(tmp_path: Path) -> None:
    entries = {f"e{k}": 5 for k in range(8)} | {f"a{k}": 5 for k in range(3)} | {f"b{k}": 5 for k in range(3)}
    found = found_in(bank(tmp_path, entries, {id: {"e": EAST, "a": "沐港市", "b": "屿津市"}[id[0]] for id in entries}))
    assert set(found) == {EAST, "merged"}


def test_without_entries_there_is_no_activity(tmp_path: Path) -> None:
    found = activity_by(tiny_portfolio(tmp_path, {"clients": client_rows(*"abcdefgh", region=EAST)}))
    assert isinstance(found, Unavailable)
    assert found.reason.en == "the source has no entries, so activity cannot be seen"
    silent = bank(tmp_path, dict.fromkeys("abcdefgh", 0), dict.fromkeys("abcdefgh", EAST))
    assert isinstance(activity_by(silent), Unavailable)


def test_one_client_is_too_few(tmp_path: Path) -> None:
    found = activity_by(bank(tmp_path, {"a": 5}, {"a": EAST}))
    assert isinstance(found, Unavailable)
    assert found.reason.en == "fewer clients than the disclosure limit"
