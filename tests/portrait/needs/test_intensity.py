"""Shares by group with lift, interval and marks: by hand, against other programmes, on noise and on planted needs."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats import proportion
from statsmodels.stats.contingency_tables import StratifiedTable

from analysis.core.association import cramers_v
from analysis.core.estimate import Estimate, Unavailable
from analysis.portrait.needs import Difference, Intensity, intensity, need_ratio, needs_differ
from analysis.portrait.needs.intensity import newcombe
from tests.portrait.needs.builders import TAXONOMY, evidence_of, grouping_of


def _found(has: np.ndarray, groups: np.ndarray, minimum: int = 5) -> Intensity:
    found = intensity(evidence_of(has), grouping_of(groups), minimum=minimum, seed=1)
    assert isinstance(found, Intensity)
    return found


def _two_groups(k1: int, n1: int, k2: int, n2: int) -> tuple[np.ndarray, np.ndarray]:
    has = np.concatenate([np.arange(n1) < k1, np.arange(n2) < k2])[:, None]
    return has, np.array(["L"] * n1 + ["S"] * n2)


def test_share_rest_lift_and_interval_by_hand() -> None:
    # L 56 of 70, S 48 of 80: shares 0.8 and 0.6, ratio 4/3; Newcombe's own example of the difference: 0.0524 to 0.3339
    found = _found(*_two_groups(56, 70, 48, 80))
    assert found.share[0].tolist() == [0.8, 0.6]
    assert found.rest[0].tolist() == [0.6, 0.8]
    assert found.lift[0, 0] == pytest.approx(4 / 3)
    assert (found.low[0, 0], found.high[0, 0]) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found.total[0] == pytest.approx(104 / 150)
    assert found.n.tolist() == [70, 80]


def test_the_test_and_the_interval_agree_with_statsmodels() -> None:
    found = _found(*_two_groups(30, 90, 18, 110))
    other = proportion.test_proportions_2indep(30, 90, 18, 110, method="score", correction=False)
    low, high = proportion.confint_proportions_2indep(30, 90, 18, 110, method="newcomb")
    ours = newcombe([30], [90], [18], [110])
    assert (ours[0][0], ours[1][0]) == pytest.approx((low, high))
    # one need is tested in two groups with the same p, so the correction leaves it as it is
    assert found.p_adjusted[0, 0] == pytest.approx(other.pvalue)
    assert found.mark[0].tolist() == [1, -1]


def test_a_cell_too_small_to_test_gets_no_mark_and_a_small_count_is_hidden_with_another() -> None:
    # 3 of 40 is below the limit of 5; total 43 would give it away, so the other cell is hidden too
    found = _found(*_two_groups(3, 40, 40, 400))
    assert found.hidden[0].tolist() == [True, True]
    assert np.isnan(found.p_adjusted[0]).all()  # 43 / 440 · 40 = 3.9 expected
    assert found.mark[0].tolist() == [0, 0]


def test_clients_nobody_asked_are_not_in_the_base() -> None:
    has = np.ones((20, 1), dtype=bool)
    evidence = evidence_of(has, covered=np.arange(20) < 12)
    assert int(evidence.base("stated").sum()) == 12
    assert int(evidence.base("revealed").sum()) == 20


def test_one_group_or_nobody_gives_a_reason() -> None:
    one = intensity(evidence_of(np.ones((9, 1))), grouping_of(["L"] * 9), minimum=5, seed=1)
    few = intensity(evidence_of(np.ones((3, 1))), grouping_of(["L", "S", "S"]), minimum=5, seed=1)
    assert isinstance(one, Unavailable)
    assert isinstance(few, Unavailable)
    assert one.reason.en == "there is only one group, so nothing to compare"
    assert few.reason.en == "no client was asked about its needs"


def test_without_any_difference_a_report_with_any_mark_is_as_rare_as_promised() -> None:
    # 120 reports of 20 needs × 4 groups on noise. At 5 % six of them would hold a mark; 13 is the 99.7th percentile
    with_marks = 0
    for seed in range(120):
        rng = np.random.default_rng(seed)
        has = rng.random((400, 20)) < rng.uniform(0.1, 0.4, 20)
        with_marks += bool(_found(has, rng.integers(0, 4, 400)).mark.any())
    assert with_marks <= 13


def test_planted_differences_are_marked_and_the_others_hardly_ever() -> None:
    # group 0 has needs 0 to 4 at 0.45 against 0.25; 1,500 clients
    rng = np.random.default_rng(3)
    groups = rng.integers(0, 4, 1500)
    chance = np.where((groups == 0)[:, None] & (np.arange(20) < 5), 0.45, 0.25)
    found = _found(rng.random((1500, 20)) < chance, groups)
    assert (found.mark[:5, 0] == 1).all()
    assert (found.mark[5:20] != 0).sum() <= 3


def test_the_strength_over_all_needs_is_the_mean_of_corrected_cramers_v() -> None:
    rng = np.random.default_rng(5)
    groups = rng.integers(0, 3, 300)
    has = rng.random((300, 6)) < np.where(groups == 1, 0.6, 0.3)[:, None]
    found = needs_differ(has, groups, seed=1)
    alone = [cramers_v(has[:, k], groups) for k in range(6)]
    assert isinstance(found, Difference)
    assert found.strength == pytest.approx(np.mean([one.estimate for one in alone if isinstance(one, Estimate)]))
    assert found.p_value == pytest.approx(1 / 200)


def test_shuffled_groups_tell_nothing() -> None:
    rng = np.random.default_rng(6)
    p_values = []
    for _ in range(12):
        found = needs_differ(rng.random((250, 8)) < 0.3, rng.integers(0, 3, 250), seed=1)
        assert isinstance(found, Difference)
        p_values.append(found.p_value)
    assert sum(p < 0.05 for p in p_values) <= 3
    assert 0.2 < np.mean(p_values) < 0.8


def _columns(*strata: tuple[int, int, int, int]) -> tuple["pd.Series[bool]", "pd.Series[bool]", "pd.Series[str]"]:
    """Clients from counts by stratum: with the need of the group, of the group, with the need outside, outside."""
    need, group, stratum = [], [], []
    for name, (a, n1, c, n0) in enumerate(strata):
        need += [k < a for k in range(n1)] + [k < c for k in range(n0)]
        group += [True] * n1 + [False] * n0
        stratum += [str(name)] * (n1 + n0)
    return pd.Series(need, dtype=bool), pd.Series(group, dtype=bool), pd.Series(stratum, dtype="str")


def test_a_plain_ratio_by_hand() -> None:
    # 30 of 100 against 10 of 100: 3; log variance 1/30 − 1/100 + 1/10 − 1/100 = 0.1133
    need, group, _ = _columns((30, 100, 10, 100))
    found = need_ratio(need, group)
    assert isinstance(found, Estimate)
    assert found.estimate == pytest.approx(3.0)
    reach = 1.959964 * np.sqrt(1 / 30 - 1 / 100 + 1 / 10 - 1 / 100)
    assert (found.ci_low, found.ci_high) == pytest.approx((3 * np.exp(-reach), 3 * np.exp(reach)), rel=1e-5)


def test_inside_strata_it_is_the_pooled_ratio_of_statsmodels() -> None:
    strata = ((20, 60, 10, 90), (15, 40, 30, 200), (8, 90, 5, 30))
    need, group, stratum = _columns(*strata)
    found = need_ratio(need, group, within=stratum)
    tables = [np.array([[a, n1 - a], [c, n0 - c]]) for a, n1, c, n0 in strata]
    assert isinstance(found, Estimate)
    assert found.estimate == pytest.approx(float(StratifiedTable(tables).riskratio_pooled))
    assert found.n_clients == 510


def test_a_difference_that_is_all_size_vanishes_inside_sizes() -> None:
    # large clients need it at 0.6, small at 0.1, in the group and outside alike; the group is mostly large
    need, group, size = _columns((48, 80, 12, 20), (2, 20, 8, 80))
    raw, inside = need_ratio(need, group), need_ratio(need, group, within=size)
    assert isinstance(raw, Estimate)
    assert isinstance(inside, Estimate)
    assert raw.ci_low > 1.5
    assert inside.estimate == pytest.approx(1.0)


def test_the_stratified_interval_covers_a_known_ratio() -> None:
    # truth 1.6 in both sizes; 150 samples; a nominal 95 % interval misses 7.5 on average, more than 16 once in 1,000
    rng = np.random.default_rng(11)
    misses = 0
    for _ in range(150):
        size = rng.integers(0, 2, 600)
        group = rng.random(600) < np.where(size == 1, 0.6, 0.2)
        need = rng.random(600) < np.where(size == 1, 0.3, 0.12) * np.where(group, 1.6, 1.0)
        found = need_ratio(pd.Series(need), pd.Series(group), within=pd.Series(size.astype(str)))
        assert isinstance(found, Estimate)
        misses += not found.ci_low <= 1.6 <= found.ci_high
    assert misses <= 16


def test_too_few_with_the_need_give_no_ratio() -> None:
    need, group, _ = _columns((4, 100, 10, 100))
    found = need_ratio(need, group)
    assert isinstance(found, Unavailable)
    assert found.reason.en == "too few clients in or outside the group for a ratio"


def test_the_order_of_clients_does_not_matter() -> None:
    rng = np.random.default_rng(8)
    groups = rng.integers(0, 3, 200)
    has = rng.random((200, 5)) < 0.3
    shuffle = rng.permutation(200)
    assert len(TAXONOMY.codes) >= 5
    one, other = _found(has, groups), _found(has[shuffle], groups[shuffle])
    assert (one.share == other.share).all()
    assert (one.mark == other.mark).all()
