"""Default rates by group: charged off among known outcomes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.estimate import Estimate, Unavailable
from analysis.portrait.rates import default_rates, wilson
from tests.builders import client_rows, rows, tiny_portfolio


def test_published_wilson_interval() -> None:
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I: 81/263 and 15/148 by the score method
    for n, of, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)):
        rate = wilson(n, of)
        assert isinstance(rate, Estimate)
        assert (rate.ci_low, rate.ci_high) == pytest.approx((low, high), abs=5e-5)


def test_nothing_known_has_no_rate() -> None:
    assert isinstance(wilson(0, 0), Unavailable)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_lies_between_zero_and_one(pair: tuple[int, int]) -> None:
    rate = wilson(*pair)
    assert isinstance(rate, Estimate)
    assert 0 <= rate.ci_low <= rate.estimate <= rate.ci_high <= 1


def test_rates_by_group_by_hand(tmp_path: Path) -> None:
    ids = [f"N{k}" for k in range(6)] + [f"E{k}" for k in range(8)]
    stage = {id: "startup" if id[0] == "N" else "established" for id in ids}
    # startup: 1 of 6 charged off; established: 2 of 7 known, one outcome unknown
    outcome = dict.fromkeys(ids, "paid_in_full") | {
        "N0": "charged_off",
        "E0": "charged_off",
        "E1": "charged_off",
        "E7": None,
    }
    loans = rows(
        "loan_id client_id start amount outcome outcome_date",
        *(
            (f"L{id}", id, "2025-01-31", 100.0, outcome[id] or None, "2026-01-31" if outcome[id] else None)
            for id in ids
        ),
    )
    portfolio = tiny_portfolio(tmp_path, {"clients": client_rows(*ids, stage=stage), "loans": loans})
    result = default_rates(portfolio, "stage")
    assert not isinstance(result, Unavailable)
    found = {one.group.code: (one.n_charged_off, one.n_known) for one in result.groups}
    assert found == {"startup": (1, 6), "established": (2, 7)}
    assert (result.n_charged_off, result.n_known) == (3, 13)
    assert result.total.estimate == 3 / 13


def test_a_source_without_outcomes_says_so(tmp_path: Path) -> None:
    portfolio = tiny_portfolio(tmp_path, {"clients": client_rows(*"ABCDEF", stage="growth")})
    result = default_rates(portfolio, "stage")
    assert isinstance(result, Unavailable)
    assert result.reason.en == "the source has no final outcome of loans, so there is no default rate"
