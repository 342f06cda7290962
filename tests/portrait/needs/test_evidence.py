"""Evidence of several sources is put together by hand-checkable rules, and beats each source alone."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from analysis.core.estimate import Unavailable
from analysis.portrait.needs import NeedEvidence, NeedRecords, combine_needs, need_records, source_lines
from analysis.portrait.needs.evidence import SourceEvidence
from tests.builders import client_rows, rows, tiny_portfolio
from tests.portrait.needs.builders import TAXONOMY, held_rows, need_rows, source

PAYROLL = TAXONOMY.codes.index("payroll")
DEPOSITS = TAXONOMY.codes.index("deposits")


def _evidence(found: NeedEvidence | Unavailable) -> NeedEvidence:
    assert isinstance(found, NeedEvidence)
    return found


def test_strengths_combine_as_the_chance_that_at_least_one_source_is_right(tmp_path: Path) -> None:
    # survey 0.7 × 0.8 = 0.56; manager 0.6 × 0.5 = 0.30; holdings 0.8 × 1. Stated 1 − 0.44 × 0.7 = 0.692,
    # combined 1 − 0.44 × 0.7 × 0.2 = 0.9384. Public information (0.3 × 1) is not in it.
    needs = need_rows(
        ("A", "payroll", "survey", "2026-08-01", {"strength": 0.8}),
        ("A", "payroll", "manager", "2026-09-01", {"strength": 0.5}),
        ("A", "payroll", "public", "2026-09-01", {"strength": 1.0}),
    )
    found = _evidence(combine_needs(source(tmp_path, "A", "B", needs=needs, positions=held_rows(A=["payroll"]))))
    assert found.strength("stated")[0, PAYROLL] == pytest.approx(0.692)
    assert found.strength("revealed")[0, PAYROLL] == pytest.approx(0.8)
    assert found.strength("combined")[0, PAYROLL] == pytest.approx(0.9384)
    assert found.strength("inferred")[0, PAYROLL] == pytest.approx(0.3)
    assert found.strength("combined")[1].sum() == 0


def test_a_record_without_a_strength_counts_in_full_and_the_strongest_of_a_source_wins(tmp_path: Path) -> None:
    needs = need_rows(
        ("A", "payroll", "survey", "2026-08-01"),
        ("A", "deposits", "survey", "2026-03-01", {"strength": 0.9}),
        ("A", "deposits", "survey", "2026-08-01", {"strength": 0.4}),
    )
    found = _evidence(combine_needs(source(tmp_path, "A", needs=needs)))
    assert found.by_source["survey"].strength[0, [PAYROLL, DEPOSITS]].tolist() == [1.0, 0.9]
    assert found.by_source["survey"].age_days[0, DEPOSITS] == 60  # 1 August to 30 September


def test_what_is_closed_long_ago_no_longer_counts_and_what_comes_later_is_not_known(tmp_path: Path) -> None:
    needs = need_rows(
        ("A", "payroll", "survey", "2024-01-01", {"closed": "2025-09-30"}),  # more than twelve months ago
        ("A", "deposits", "survey", "2024-01-01", {"closed": "2025-10-01"}),
        ("A", "investment", "survey", "2026-10-01"),  # after the quarter
        ("A", "fx_risk", "survey", "2020-01-01"),  # still open
        ("A", "green_finance", "survey", "2024-01-01", {"closed": "2026-12-01"}),  # closed later: open today
    )
    found = _evidence(combine_needs(source(tmp_path, "A", needs=needs)))
    present = found.present("stated").loc["A"]
    assert present.index[present].tolist() == ["green_finance", "deposits", "fx_risk"]
    open_now = found.open_stated[0]
    assert [code for code, is_open in zip(TAXONOMY.codes, open_now, strict=True) if is_open] == [
        "green_finance", "fx_risk",
    ]  # fmt: skip


def test_two_coders_of_one_talk_are_one_need_and_a_code_on_no_list_is_counted_and_left_out(tmp_path: Path) -> None:
    needs = need_rows(
        ("A", "payroll", "interview", "2026-08-01", {"strength": 0.6, "coder_id": "x"}),
        ("A", "payroll", "interview", "2026-08-01", {"strength": 0.8, "coder_id": "y"}),
        ("A", "golf", "interview", "2026-08-01"),
        ("A", "payroll", None, "2026-08-01"),
    )
    found = need_records(source(tmp_path, "A", needs=needs))
    assert isinstance(found, NeedRecords)
    assert found.frame[["strength", "n_coders"]].values.tolist() == [[pytest.approx(0.7), 2]]
    assert found.unmapped == {"golf": 1}
    assert found.n_no_source == 1
    assert [text.en for text in found.cautions] == [
        "some records name a need that is on no list; left out",
        "some records of needs have no source; left out",
    ]


def test_grades_say_how_sure_a_need_is(tmp_path: Path) -> None:
    old = "2024-01-01"
    needs = need_rows(
        ("A", "payroll", "survey", "2026-08-01"),  # and used: A
        ("A", "deposits", "survey", "2026-08-01"),
        ("A", "deposits", "manager", "2026-08-01"),  # two of words: B
        ("A", "investment", "manager", "2026-08-01"),  # one of words: C
        ("A", "fx_risk", "public", "2026-08-01"),  # inferred: D
        ("A", "green_finance", "manager", old),
        ("A", "green_finance", "survey", old),  # two of words, both stale: B falls to C
        ("A", "risk_service", "public", old),  # D stays D
    )
    found = _evidence(combine_needs(source(tmp_path, "A", needs=needs, positions=held_rows(A=["payroll"]))))
    grade = dict(zip(TAXONOMY.codes, found.grades()[0].tolist(), strict=True))
    named = ("payroll", "deposits", "investment", "fx_risk", "green_finance", "risk_service", "asset_management")
    assert [grade[code] for code in named] == ["A", "B", "C", "D", "C", "D", ""]


def test_a_source_switched_off_changes_coverage_and_not_the_other_sources(tmp_path: Path) -> None:
    needs = need_rows(
        ("A", "payroll", "survey", "2026-08-01"),
        ("B", "payroll", "manager", "2026-08-01"),
        ("B", "deposits", "interview", "2026-08-01"),
    )
    portfolio = source(tmp_path, "A", "B", "C", needs=needs)
    every = _evidence(combine_needs(portfolio))
    without = _evidence(combine_needs(portfolio, sources=("survey", "manager")))
    assert "interview" not in without.by_source
    for code in ("survey", "manager"):
        assert (every.by_source[code].strength == without.by_source[code].strength).all()
        assert (every.by_source[code].covered == without.by_source[code].covered).all()
    assert every.present("stated").sum().sum() == without.present("stated").sum().sum() + 1


def test_shares_rest_on_clients_that_could_be_asked(tmp_path: Path) -> None:
    # A answered and named nothing; B did not answer; C has a manager; D has neither
    surveys = rows("client_id wave date responded", ("A", "w1", "2026-06-01", True), ("B", "w1", "2026-06-01", False))
    clients = client_rows("A", "B", "C", "D", manager_id={"A": None, "B": None, "C": "M1", "D": None})
    needs = need_rows(("C", "payroll", "manager", "2026-08-01"))
    found = _evidence(combine_needs(tiny_portfolio(tmp_path, {"clients": clients, "needs": needs, "surveys": surveys})))
    assert found.is_asked.to_dict() == {"A": True, "B": False, "C": True, "D": False}


def test_a_source_without_records_says_so(tmp_path: Path) -> None:
    found = combine_needs(tiny_portfolio(tmp_path, {"clients": client_rows("A")}))
    assert isinstance(found, Unavailable)
    assert found.reason.en == "the source has no records of needs, so needs cannot be analysed"


def test_coverage_and_confirmation_by_hand(tmp_path: Path) -> None:
    # the survey names A payroll (also a manager), A deposits (nobody else), B payroll (nobody else covers B)
    needs = need_rows(
        ("A", "payroll", "survey", "2026-08-31"),
        ("A", "deposits", "survey", "2026-08-31"),
        ("B", "payroll", "survey", "2024-08-31"),
        ("A", "payroll", "manager", "2026-08-31"),
    )
    found = _evidence(combine_needs(source(tmp_path, "A", "B", "C", "D", needs=needs)))
    line = {one.source.code: one for one in source_lines(found)}["survey"]
    assert (line.n_clients, line.share, line.n_needs) == (2, 0.5, 3)
    assert line.median_age_days == 30
    assert line.stale_share == pytest.approx(1 / 3)
    assert line.confirmed == 0.5


def test_together_the_sources_find_planted_needs_better_than_any_alone() -> None:
    # each source names a real need with its own chance, and now and then one that is not there
    rng = np.random.default_rng(7)
    real = rng.random((600, len(TAXONOMY.codes))) < 0.15
    chances = {"survey": (0.6, 0.04), "interview": (0.3, 0.01), "manager": (0.5, 0.05), "data": (0.4, 0.04)}
    by_source = {
        code: SourceEvidence(
            TAXONOMY.sources[code],
            (rng.random(real.shape) < np.where(real, hit, false)).astype(float),
            np.ones(len(real), dtype=bool),
            np.zeros(real.shape, dtype=np.int64),
        )
        for code, (hit, false) in chances.items()
    }
    records = NeedRecords(pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), {}, 0, pd.Timestamp("2026-09-30"), TAXONOMY)
    found = NeedEvidence(pd.RangeIndex(600), TAXONOMY, by_source, 0.3, records.as_of, records)
    alone = {code: roc_auc_score(real.ravel(), one.strength.ravel()) for code, one in by_source.items()}
    together = roc_auc_score(real.ravel(), found.strength("combined").ravel())
    assert together > max(alone.values()) + 0.05
