"""Needs of the demo bank: what is planted is in the truth at its size, and in the records as its sources see it."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from analysis.intake.policy import load_policy
from analysis.intake.sources.demo import DemoParameters
from analysis.intake.sources.demo.bank import build_basis
from analysis.intake.sources.demo.frame import build_outlets
from analysis.intake.sources.demo.need_profiles import CODES, PLANTED, SERVED_BY, shares_by_class
from analysis.intake.sources.demo.needs import Needs, group_of
from analysis.intake.sources.demo.parameters import CLASSES, SEGMENTS

DemoBank = Callable[[DemoParameters], Path]
SEEDS = (DemoParameters().seed, 1, 2, 3, 4)
DEFAULT = DemoParameters()
FIVE = CODES[CODES.index("product_innovation") : CODES.index("simple_process")]
"""The five needs for service of T13."""


@pytest.fixture(scope="module")
def bases() -> Callable[[DemoParameters], tuple[pd.DataFrame, Needs]]:
    """Open clients with their groups, and the latent needs, by parameters."""
    known: dict[DemoParameters, tuple[pd.DataFrame, Needs]] = {}

    def by_parameters(parameters: DemoParameters) -> tuple[pd.DataFrame, Needs]:
        if parameters not in known:
            basis = build_basis(parameters, 0, build_outlets(parameters))
            clients = basis.clients
            groups = {planted.group: group_of(clients, planted.group) for planted in PLANTED}
            columns = {"size": np.array(CLASSES)[clients.size], "segment": np.array(SEGMENTS)[clients.segment]}
            frame = pd.DataFrame(columns | groups | {"stays": clients.stays, "inland": clients.region_tier >= 2})
            frame["start"], frame["end"] = clients.start, clients.end
            known[parameters] = (frame, basis.needs)
        return known[parameters]

    return by_parameters


def cramers_v(counts: np.ndarray) -> float:
    """Cramér's V of a table of counts."""
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    return float(np.sqrt(((counts - expected) ** 2 / expected).sum() / counts.sum() / (min(counts.shape) - 1)))


def test_the_codes_are_those_of_the_policy_and_products_meet_the_need_the_policy_says() -> None:
    policy = load_policy()
    assert tuple(row["id"] for row in policy.table("needs")) == CODES
    of_product = {row["id"]: row["need"] for row in policy.table("product_needs")}
    assert {product: of_product[product] for product in SERVED_BY.values()} == {
        product: need for need, product in SERVED_BY.items()
    }


def test_shares_by_class_add_up_to_the_needs_of_a_client() -> None:
    assert shares_by_class().sum(axis=1) == pytest.approx([4.1, 3.0, 2.2, 1.966, 2.0])


@pytest.mark.parametrize("seed", SEEDS)
def test_planted_differences_are_in_the_latent_needs(
    bases: Callable[[DemoParameters], tuple[pd.DataFrame, Needs]], seed: int
) -> None:
    clients, needs = bases(DemoParameters(seed=seed))
    here = clients["stays"].to_numpy()
    present, clients = needs.present[here], clients[here]
    small = clients["size"].isin(["M", "S", "X"]).to_numpy()
    count = present.sum(axis=1)
    assert count[clients["size"] == "L"].mean() == pytest.approx(4.1, abs=0.15)  # T5
    assert count[small].mean() == pytest.approx(2.2, abs=0.03)
    for need, ratio in (("short_term_funds", 1.4), ("simple_process", 1.3), ("low_cost", 1.0)):  # T6
        has = present[:, CODES.index(need)]
        assert has[small].mean() / has[~small].mean() == pytest.approx(ratio, abs=0.10), need
    for planted in PLANTED:  # T1, T2, T7, T8, T9; a need of 3 % of the clients is off by a fifth by luck
        has, inside = present[:, CODES.index(planted.need)], clients[planted.group].to_numpy()
        room = 0.12 if has.mean() > 0.05 else 0.25
        assert has[inside].mean() / has[~inside].mean() == pytest.approx(planted.ratio, rel=room), planted
    by_segment = np.array([present[clients["segment"] == name].sum(axis=0) for name in SEGMENTS])
    assert cramers_v(by_segment) == pytest.approx(0.25, abs=0.02)  # T15


def test_within_a_size_class_inland_clients_need_as_many_things_as_those_of_core_and_coastal_cities(
    bases: Callable[[DemoParameters], tuple[pd.DataFrame, Needs]],
) -> None:
    # five banks together: with about 8,000 small clients either side, the difference has a standard error of 0.03
    gaps = []
    for seed in SEEDS:
        clients, needs = bases(DemoParameters(seed=seed))
        count, small = needs.present.sum(axis=1), clients["stays"] & clients["size"].isin(["S", "X"])
        gaps.append(count[small & clients["inland"]].mean() - count[small & ~clients["inland"]].mean())
    assert abs(np.mean(gaps)) < 0.08  # T4


def test_each_unmet_need_raises_the_odds_of_loss_by_about_four_tenths(
    bases: Callable[[DemoParameters], tuple[pd.DataFrame, Needs]],
) -> None:
    # lost and kept small clients of five banks: ln odds = a + b · unmet needs, planted b = 0.35 (T26)
    import statsmodels.api as sm

    parts = []
    for seed in SEEDS:
        clients, needs = bases(DemoParameters(seed=seed))
        parts.append(clients.assign(unmet=needs.n_unmet)[clients["size"] == "S"])
    small = pd.concat(parts)
    fit = sm.Logit((~small["stays"]).astype(float), sm.add_constant(small[["unmet"]].astype(float))).fit(disp=0)
    assert fit.params["unmet"] == pytest.approx(0.35, abs=0.08)


def test_three_of_the_five_service_needs_rise_and_two_stay_level(
    bases: Callable[[DemoParameters], tuple[pd.DataFrame, Needs]],
) -> None:
    # share of the living clients with the need, five banks together, after the first and after the last quarter
    shares: dict[str, np.ndarray] = {code: np.zeros(2) for code in FIVE}
    for seed in SEEDS:
        clients, needs = bases(DemoParameters(seed=seed))
        for k, month in enumerate((2.9, 35.9)):
            lives = ((clients["start"] <= month) & (clients["end"] + 1 > month)).to_numpy()
            there = (needs.begins <= month) & (needs.ends > month) & lives[needs.client]
            for code in FIVE:
                shares[code][k] += (there & (needs.need == CODES.index(code))).sum() / lives.sum() / len(SEEDS)
    growth = {code: share[1] / share[0] for code, share in shares.items()}
    # planted: exp(0.06 · 11) = 1.93 for three, 1 for the others
    assert growth["service_efficiency"] == pytest.approx(1.75, abs=0.25)
    assert growth["customised_service"] == pytest.approx(1.75, abs=0.25)
    assert growth["risk_service"] == pytest.approx(1.75, abs=0.25)
    assert growth["product_innovation"] == pytest.approx(1.0, abs=0.12)
    assert growth["value_added_service"] == pytest.approx(1.0, abs=0.12)


def test_without_planted_differences_groups_differ_by_luck_alone(
    bases: Callable[[DemoParameters], tuple[pd.DataFrame, Needs]],
) -> None:
    # 14 comparisons of shares: z values of independent draws lie within 3.5 with a chance of 99.3 %
    clients, needs = bases(DemoParameters(variant="null"))
    here = clients["stays"].to_numpy()
    present, clients = needs.present[here], clients[here]
    for planted in PLANTED:
        has, inside = present[:, CODES.index(planted.need)], clients[planted.group].to_numpy()
        spread = np.sqrt(has.mean() * (1 - has.mean()) * (1 / inside.sum() + 1 / (~inside).sum()))
        assert abs(has[inside].mean() - has[~inside].mean()) < 3.5 * spread, planted
    by_segment = np.array([present[clients["segment"] == name].sum(axis=0) for name in SEGMENTS])
    assert cramers_v(by_segment) < 0.07  # √(7 · 38 / 11,000 / 7) = 0.059 by luck


@pytest.fixture(scope="module")
def records(demo_bank: DemoBank) -> pd.DataFrame:
    return duckdb.sql(f"from '{demo_bank(DEFAULT)}/needs.parquet'").df()


def test_two_coders_of_sixty_interviews_agree_as_asked(records: pd.DataFrame) -> None:
    interviews = records[records["source"] == "interview"]
    n_clients = interviews["client_id"].nunique()
    assert 55 <= n_clients <= 60  # an interview in which both coders found nothing leaves no record
    marks = interviews.groupby(["client_id", "need"])["coder_id"].nunique()
    cells, both = n_clients * len(CODES), (marks == 2).sum()
    first, second = interviews["coder_id"].value_counts() / cells
    by_chance = first * second + (1 - first) * (1 - second)
    kappa = ((cells - len(marks) + both) / cells - by_chance) / (1 - by_chance)
    assert kappa == pytest.approx(0.72, abs=0.08)


def test_a_need_closes_after_it_was_recorded_and_is_met_only_when_closed(records: pd.DataFrame) -> None:
    closed = records["closed"].notna()
    assert (records.loc[closed, "closed"] >= records.loc[closed, "opened"]).all()
    assert records.loc[~closed, "served_by"].isna().all()
    assert 0.2 < (~closed).mean() < 0.6
    assert records.loc[records["source"].isin(["survey", "data"]), "coder_id"].isna().all()


def test_records_of_the_last_year_show_most_needs_and_some_that_are_not_there(
    records: pd.DataFrame, bases: Callable[[DemoParameters], tuple[pd.DataFrame, Needs]]
) -> None:
    clients, needs = bases(DEFAULT)
    current = records[records["closed"].isna() | (records["opened"] > pd.Timestamp("2025-09-30"))]
    noted = np.zeros_like(needs.present)
    noted[current["client_id"].str[1:].astype(int) - 1, current["need"].map({c: k for k, c in enumerate(CODES)})] = True
    here = clients["stays"].to_numpy()
    noted, present = noted[here], needs.present[here]
    assert 0.65 < noted[present].mean() < 0.90
    assert 0.65 < present[noted].mean() < 0.90
