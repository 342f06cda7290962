"""Diagnosis of tiers: a perfect rule is consistent, random tiers say nothing, overrides are counted."""

from pathlib import Path

import numpy as np
import pytest

from analysis.core.association import Separation
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.quarter import Quarter
from analysis.portrait import RuleCheck, TierDiagnosis, check_rule, diagnose_tiers
from analysis.portrait.tier_rule import last_review, standard_in_force
from tests.builders import client_rows, tiny_portfolio
from tests.portrait.tier_fixture import BEFORE, bank_of_tiers, many_deposits, standard, with_standard

CUTS = {"T1": 1000.0, "T2": 100.0, "T3": 0.0}


def by_cut(deposits: dict[str, float], high: float, low: float) -> dict[str, str]:
    return {id: "T1" if held >= high else "T2" if held >= low else "T3" for id, held in deposits.items()}


def checked(found: object) -> RuleCheck:
    assert isinstance(found, RuleCheck)
    return found


def diagnosed(found: object) -> TierDiagnosis:
    assert isinstance(found, TierDiagnosis)
    return found


def reason(found: object) -> str:
    assert isinstance(found, Unavailable)
    return found.reason.en


def test_a_perfect_rule_is_wholly_consistent_and_a_cut_point_belongs_to_the_upper_rung(tmp_path: Path) -> None:
    deposits = {"a": 1000.0, "b": 999.99, "c": 100.0, "d": 99.99, "e": 0.0}
    tiers = {"a": "T1", "b": "T2", "c": "T2", "d": "T3", "e": "T3"}
    found = checked(check_rule(bank_of_tiers(tmp_path, deposits, tiers, with_standard(standard(CUTS)))))
    assert found.consistent.estimate == 1.0
    assert (found.n_checked, found.n_overrides) == (5, 0)
    assert found.table.to_numpy().tolist() == [[1, 0, 0], [0, 2, 0], [0, 0, 2]]
    assert (found.review, found.measured) == (Quarter("2026Q1"), Quarter("2026Q1"))


def test_overrides_are_counted_by_direction(tmp_path: Path) -> None:
    # by the rule a T1, b T2, c T3, d T3; a is one lower, c two higher, b and d follow: 2 of 4
    deposits = {"a": 5000.0, "b": 500.0, "c": 5.0, "d": 5.0}
    tiers = {"a": "T2", "b": "T2", "c": "T1", "d": "T3"}
    found = checked(check_rule(bank_of_tiers(tmp_path, deposits, tiers, with_standard(standard(CUTS)))))
    assert (found.n_higher, found.n_lower, found.n_overrides) == (1, 1, 2)
    assert found.consistent.estimate == 0.5
    assert found.table.loc["T1", "T2"] == 1
    assert found.table.loc["T3", "T1"] == 1


def test_clients_without_a_tier_are_a_gap_in_coverage_not_an_override(tmp_path: Path) -> None:
    deposits = {"a": 5000.0, "b": 500.0, "c": 5.0, "d": 5.0}
    tiers = {"a": "T1", "b": "T2", "c": None, "d": "T3"}
    found = diagnosed(diagnose_tiers(bank_of_tiers(tmp_path, deposits, tiers, with_standard(standard(CUTS))), seed=1))
    assert found.coverage.estimate == 0.75
    assert checked(found.rule).n_checked == 3
    assert checked(found.rule).consistent.estimate == 1.0


def test_the_version_in_force_on_the_review_day_is_used() -> None:
    rows = [*standard({"T1": 10.0, "T2": 0.0}, BEFORE), *standard({"T1": 20.0, "T2": 0.0})]
    policy = with_standard(rows)
    assert [rung.least for rung in standard_in_force(policy, Quarter("2025Q4").end)] == [10.0, 0.0]
    assert [rung.least for rung in standard_in_force(policy, Quarter("2026Q1").end)] == [20.0, 0.0]
    assert standard_in_force(policy, Quarter("2019Q1").end) == ()
    assert last_review(policy, Quarter("2026Q3")) == Quarter("2026Q1")
    assert last_review(with_standard(rows, review_quarter=4), Quarter("2026Q3")) == Quarter("2025Q4")


def test_what_cannot_be_checked_says_why(tmp_path: Path) -> None:
    deposits, tiers = {"a": 5.0, "b": 6.0}, {"a": "T1", "b": "T2"}
    none = bank_of_tiers(tmp_path, deposits, tiers, with_standard([]))
    assert reason(check_rule(none)) == "no written tier standard is in the policy, so tiers cannot be checked"
    later = bank_of_tiers(tmp_path, deposits, tiers, with_standard(standard(CUTS), measured_before=8))
    assert reason(check_rule(later)) == "the standard looks at 2024Q1, before the data begin (2025Q4)"
    other = bank_of_tiers(tmp_path, deposits, {"a": "gold", "b": "T2"}, with_standard(standard(CUTS)))
    assert (
        reason(check_rule(other))
        == "the tiers in force are not those of the written standard, so they cannot be checked"
    )
    lacking = bank_of_tiers(
        tmp_path, deposits, tiers, with_standard(standard(CUTS, measure="deposit_avg + loan_balance"))
    )
    assert reason(check_rule(lacking)) == "the source lacks the amounts that the standard looks at"


def test_a_source_without_tiers_says_so(tmp_path: Path) -> None:
    portfolio = tiny_portfolio(tmp_path, {"clients": client_rows(*"abcdef")})
    assert reason(diagnose_tiers(portfolio, seed=1)) == "the source has no tier in force"
    assert reason(check_rule(portfolio)) == "the source has no tier in force"


def test_tiers_cut_by_deposits_tell_clients_apart_and_random_ones_do_not(tmp_path: Path) -> None:
    deposits = many_deposits(400)
    policy = with_standard(standard({"T1": 1e6, "T2": 1e5, "T3": 0.0}))
    real = diagnosed(diagnose_tiers(bank_of_tiers(tmp_path, deposits, by_cut(deposits, 1e6, 1e5), policy), seed=1))
    assert real.value == "deposit_avg"
    assert real.is_informative is True
    assert isinstance(real.of_value, Separation)
    assert real.of_value.explained.estimate > 0.7
    labels = np.random.default_rng(5).permutation(list(by_cut(deposits, 1e6, 1e5).values()))
    shuffled = dict(zip(deposits, map(str, labels), strict=True))
    random = diagnosed(diagnose_tiers(bank_of_tiers(tmp_path, deposits, shuffled, policy), seed=1))
    assert random.is_informative is False
    assert isinstance(random.of_value, Separation)
    assert random.of_value.explained.estimate < 0.02
    assert checked(random.rule).consistent.estimate < 0.6


def test_clients_that_are_all_alike_cannot_be_told_apart(tmp_path: Path) -> None:
    deposits = dict.fromkeys("abcdefgh", 50.0)
    tiers = {id: "T1" if id < "d" else "T2" for id in deposits}
    found = diagnosed(diagnose_tiers(bank_of_tiers(tmp_path, deposits, tiers, with_standard([])), seed=1))
    assert reason(found.of_value) == "all values are equal, so there is no difference to explain"
    assert reason(found.is_informative) == "all values are equal, so there is no difference to explain"


def test_one_tier_for_everybody_leaves_nothing_to_compare(tmp_path: Path) -> None:
    deposits = many_deposits(20)
    found = diagnosed(
        diagnose_tiers(bank_of_tiers(tmp_path, deposits, dict.fromkeys(deposits, "T1"), with_standard([])), seed=1)
    )
    assert reason(found.of_value) == "there is only one group, so nothing to compare"


def test_service_that_follows_the_tier_is_seen_and_service_at_random_is_not(tmp_path: Path) -> None:
    deposits = many_deposits(300)
    tiers = by_cut(deposits, 1e6, 1e5)
    policy = with_standard([])
    follows = {id: "key" if tier == "T1" else "general" for id, tier in tiers.items()}
    found = diagnosed(diagnose_tiers(bank_of_tiers(tmp_path, deposits, tiers, policy, teams=follows), seed=1))
    assert isinstance(found.service, Estimate)
    assert found.service.estimate == pytest.approx(1.0, abs=0.01)
    assert found.teams is not None
    assert found.teams.loc["T1", "key"] == 1.0
    drawn = dict(zip(tiers, np.random.default_rng(3).choice(["key", "general"], len(tiers)), strict=True))
    random = diagnosed(diagnose_tiers(bank_of_tiers(tmp_path, deposits, tiers, policy, teams=drawn), seed=1))
    assert isinstance(random.service, Estimate)
    assert random.service.ci_low == 0.0
    without = diagnosed(diagnose_tiers(bank_of_tiers(tmp_path, deposits, tiers, policy), seed=1))
    assert reason(without.service) == "the source has no teams of managers, so service cannot be compared"


def test_the_order_of_clients_changes_nothing(tmp_path: Path) -> None:
    deposits = many_deposits(60)
    tiers = by_cut(deposits, 1e6, 1e5)
    first = diagnosed(diagnose_tiers(bank_of_tiers(tmp_path, deposits, tiers, with_standard([])), seed=1))
    other = dict(reversed(deposits.items()))
    second = diagnosed(diagnose_tiers(bank_of_tiers(tmp_path, other, tiers, with_standard([])), seed=1))
    assert first.separations == second.separations
