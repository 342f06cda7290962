"""Response rates, weights and the range silence leaves open; two coders against independent values."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from analysis.core.estimate import Estimate, Unavailable
from analysis.intake.portfolio import Portfolio
from analysis.portrait.needs import (
    NeedRecords,
    Response,
    cohen_kappa,
    interview_evidence,
    need_range,
    need_records,
    survey_response,
)
from analysis.portrait.needs.response import Interviews
from tests.builders import client_rows, rows, tiny_portfolio
from tests.portrait.needs.builders import need_rows, source

HEADER = "client_id wave date responded satisfaction"


def _surveyed(tmp_path: Path) -> Portfolio:
    """Ten private clients of which 5 answered, ten state-owned of which 8 answered; all asked in June."""
    ids = [f"P{k}" for k in range(10)] + [f"S{k}" for k in range(10)]
    answered = {id: (int(id[1]) < (5 if id[0] == "P" else 8)) for id in ids}
    lines = [(id, "w1", "2026-06-01", answered[id], 80.0 if answered[id] else None) for id in ids]
    clients = client_rows(*ids, ownership={id: "private" if id[0] == "P" else "state" for id in ids})
    return tiny_portfolio(tmp_path, {"clients": clients, "surveys": rows(HEADER, *lines)})


def test_rates_and_weights_by_hand(tmp_path: Path) -> None:
    # private 5 of 10: an answer stands for 2 clients; state 8 of 10: for 1.25
    found = survey_response(_surveyed(tmp_path), by="ownership")
    assert isinstance(found, Response)
    assert {line.group.code: (line.n_asked, line.n_answered, line.weight) for line in found.lines} == {
        "private": (10, 5, 2.0),
        "state": (10, 8, 1.25),
    }
    assert (found.n_asked, found.n_answered) == (20, 13)
    assert found.weights.sum() == pytest.approx(20)


def test_the_range_of_a_need_by_hand(tmp_path: Path) -> None:
    # the need: 1 of 5 private and 4 of 8 state-owned that answered. Raw 5/13. Weighted (1·2 + 4·1.25)/20 = 0.35.
    # Seven are silent: between 5/20 and 12/20.
    portfolio = _surveyed(tmp_path)
    found = survey_response(portfolio, by="ownership")
    assert isinstance(found, Response)
    named = pd.Series(True, index=["P0", "S0", "S1", "S2", "S3"])
    result = need_range(named, found)
    assert isinstance(result.raw, Estimate)
    assert isinstance(result.weighted, Estimate)
    assert result.raw.estimate == pytest.approx(5 / 13)
    assert result.weighted.estimate == pytest.approx(0.35)
    assert (result.low, result.high) == (0.25, 0.6)
    assert result.weighted.ci_low < 0.35 < result.weighted.ci_high


def test_a_client_that_answered_one_wave_of_the_period_has_answered(tmp_path: Path) -> None:
    lines = (
        ("A", "w1", "2025-12-01", True, 70.0),
        ("A", "w2", "2026-06-01", False, None),
        ("B", "w1", "2025-08-01", True, 70.0),  # before the period of twelve months
        ("C", "w2", "2026-06-01", None, 60.0),  # no mark, but a rating: answered
    )
    tables = {"clients": client_rows("A", "B", "C"), "surveys": rows(HEADER, *lines)}
    found = survey_response(tiny_portfolio(tmp_path, tables))
    assert isinstance(found, Response)
    assert (found.n_asked, found.n_answered) == (2, 2)


def test_no_survey_and_no_wave_in_the_period_give_reasons(tmp_path: Path) -> None:
    without = survey_response(tiny_portfolio(tmp_path, {"clients": client_rows("A")}))
    old = rows(HEADER, ("A", "w1", "2020-06-01", True, 70.0))
    stale = survey_response(tiny_portfolio(tmp_path, {"clients": client_rows("A"), "surveys": old}))
    assert isinstance(without, Unavailable)
    assert isinstance(stale, Unavailable)
    assert without.reason.en == "the source has no surveys, so there is no response rate"
    assert stale.reason.en == "no survey was sent in the period"


def _verdicts(*counts: int) -> tuple[np.ndarray, np.ndarray]:
    """Two coders' verdicts: both yes, yes/no, no/yes, both no."""
    return (
        np.repeat([True, True, False, False], counts),
        np.repeat([True, False, True, False], counts),
    )


def test_kappa_of_a_published_table() -> None:
    # Fleiss, Levin and Paik (2003) take 2 × 2 tables such as 20, 5, 10, 15: p_o 0.7, p_e 0.5, kappa 0.4.
    # Standard error for a kappa not zero from statsmodels 0.15 cohens_kappa: 0.1271
    first, second = _verdicts(20, 5, 10, 15)
    found = cohen_kappa(first, second, n_clients=50)
    assert isinstance(found, Estimate)
    assert found.estimate == pytest.approx(0.4)
    assert found.estimate == pytest.approx(cohen_kappa_score(first, second))


@pytest.mark.parametrize("seed", range(5))
def test_kappa_and_its_error_agree_with_two_other_programmes(seed: int) -> None:
    from statsmodels.stats.inter_rater import cohens_kappa

    counts = np.random.default_rng(seed).integers(3, 60, 4)
    first, second = _verdicts(*(int(n) for n in counts))
    found = cohen_kappa(first, second, n_clients=len(first))
    other = cohens_kappa(counts.reshape(2, 2))
    assert isinstance(found, Estimate)
    assert found.estimate == pytest.approx(cohen_kappa_score(first, second))
    assert found.ci_high - found.estimate == pytest.approx(1.959964 * float(other.std_kappa), rel=1e-6)


def test_kappa_at_its_limits() -> None:
    same = np.array([True, False, True, False])
    perfect = cohen_kappa(same, same, n_clients=4)
    opposite = cohen_kappa(same, ~same, n_clients=4)
    one_word = cohen_kappa(np.ones(4, dtype=bool), np.ones(4, dtype=bool), n_clients=4)
    assert isinstance(perfect, Estimate)
    assert isinstance(opposite, Estimate)
    assert isinstance(one_word, Unavailable)
    assert perfect.estimate == pytest.approx(1.0)
    assert opposite.estimate == pytest.approx(-1.0)


def test_interviews_count_clients_and_compare_only_talks_that_two_people_coded(tmp_path: Path) -> None:
    # talk of A: both coders name payroll, one of them deposits too. B: one coder only.
    # 39 verdicts: both yes 1, one only 1, both no 37. p_o 38/39, p_e = (2·1 + 37·38)/39²
    needs = need_rows(
        ("A", "payroll", "interview", "2026-08-01", {"coder_id": "x"}),
        ("A", "deposits", "interview", "2026-08-01", {"coder_id": "x"}),
        ("A", "payroll", "interview", "2026-08-01", {"coder_id": "y"}),
        ("B", "payroll", "interview", "2026-08-02", {"coder_id": "x"}),
    )
    records = need_records(source(tmp_path, "A", "B", needs=needs))
    assert isinstance(records, NeedRecords)
    found = interview_evidence(records)
    assert isinstance(found, Interviews)
    assert (found.n_clients, found.n_double_coded) == (2, 1)
    expected = (2 * 1 + 37 * 38) / 39**2
    assert isinstance(found.kappa, Estimate)
    assert found.kappa.estimate == pytest.approx((38 / 39 - expected) / (1 - expected))
