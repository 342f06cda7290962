"""Surveys, visits, complaints, surroundings and service teams of the demo bank, and its variants."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from analysis.core.errors import ParameterError
from analysis.intake.load import load_portfolio
from analysis.intake.sources.demo import DemoParameters
from analysis.intake.sources.demo.contacts import COMPLAINTS, EVERY
from analysis.intake.sources.demo.survey import BIAS, RESPONSE
from analysis.intake.sources.demo.truth import write_truth
from analysis.intake.sources.demo.truth_statements import statements

DemoBank = Callable[[DemoParameters], Path]
Ask = Callable[[DemoParameters, str], pd.DataFrame]
DEFAULT = DemoParameters()
SEEDS = (DEFAULT.seed, 1, 2, 3, 4)


@pytest.fixture(scope="module")
def ask(demo_bank: DemoBank) -> Ask:
    """Answer to a query that names tables as {surveys}, {clients} …, on the bank of these parameters."""

    class Places(dict[str, str]):
        def __missing__(self, name: str) -> str:
            return f"'{self['']}/{name}.parquet'"

    return lambda parameters, sql: duckdb.sql(sql.format_map(Places({"": str(demo_bank(parameters))}))).df()


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], pd.DataFrame]:
    """Truth of the clients by seed."""
    known: dict[int, pd.DataFrame] = {}

    def by_seed(seed: int) -> pd.DataFrame:
        if seed not in known:
            folder = tmp_path_factory.mktemp("truth")
            write_truth(DemoParameters(seed=seed), folder)
            known[seed] = pd.read_parquet(folder / "truth_clients.parquet")
        return known[seed]

    return by_seed


@pytest.mark.parametrize("seed", SEEDS)
def test_clients_answer_surveys_by_size_and_the_unhappy_answer_less(
    ask: Ask, sizes: Callable[[int], pd.DataFrame], seed: int
) -> None:
    surveys = ask(DemoParameters(seed=seed), "from {surveys}")
    assert surveys["wave"].nunique() == 6
    surveys = surveys.merge(
        sizes(seed)[["client_id", "size_class", "satisfaction"]], on="client_id", suffixes=("", "_true")
    )
    answered = surveys["responded"]
    rates = surveys.groupby("size_class")["responded"].mean()
    for size, rate in zip("LMSXI", RESPONSE, strict=True):  # 450 answers of large firms: standard error 0.024
        assert rates[size] == pytest.approx(rate, abs=0.06), size
    said = surveys.loc[answered, "satisfaction"]
    assert said.mean() == pytest.approx(82, abs=1)
    assert said.std() == pytest.approx(11, abs=1)
    # of the bias of two points, the half that lies in the client (and not in the day) shows in the true level
    shift = surveys.loc[answered, "satisfaction_true"].mean() - surveys["satisfaction_true"].mean()
    assert shift == pytest.approx(BIAS / 2, abs=0.35)
    assert surveys.loc[~answered, ["satisfaction", "loyalty", "risk_appetite"]].isna().all(axis=None)


def test_weights_make_the_asked_stand_for_all_clients(ask: Ask) -> None:
    # six waves: each weighted number of clients is that of the open ones, here about 4,900
    waves = ask(DEFAULT, "select wave, sum(weight) as n from {surveys} group by 1")
    assert waves["n"].between(4_200, 5_400).all()


def test_among_those_who_answer_inland_clients_are_smaller_and_weights_undo_it(
    ask: Ask, sizes: Callable[[int], pd.DataFrame]
) -> None:
    asked = ask(
        DEFAULT,
        """select s.*, region_tier from {surveys} s join {clients} c using (client_id)
        where c.quarter = '2026Q3' and responded""",
    )
    asked = asked.merge(sizes(DEFAULT.seed)[["client_id", "size_class"]], on="client_id")
    asked["small"] = asked["size_class"].isin(["S", "X"])
    asked["inland"] = asked["region_tier"].isin(["inland", "county"])
    share = asked.groupby("inland")["small"].mean()
    assert share[True] - share[False] > 0.12
    weighted = asked.assign(w=asked["weight"] * asked["small"]).groupby("inland")[["w", "weight"]].sum()
    weighted_share = weighted["w"] / weighted["weight"]
    assert abs(weighted_share[True] - weighted_share[False]) < 0.08


def test_large_firms_are_a_little_more_cautious(ask: Ask, sizes: Callable[[int], pd.DataFrame]) -> None:
    gaps = []
    for seed in SEEDS:
        answers = ask(DemoParameters(seed=seed), "select client_id, avg(risk_appetite) as a from {surveys} group by 1")
        answers = answers.merge(sizes(seed)[["client_id", "size_class"]], on="client_id").dropna()
        large = answers["size_class"] == "L"
        gaps.append(answers.loc[large, "a"].mean() - answers.loc[~large, "a"].mean())
    assert np.mean(gaps) == pytest.approx(-0.2, abs=0.13)  # T10; standard error 0.09 a bank, 0.04 for five


@pytest.mark.parametrize("seed", SEEDS)
def test_complaints_are_as_many_and_closed_as_soon_as_asked(ask: Ask, seed: int) -> None:
    cases = ask(DemoParameters(seed=seed), "from {feedback} where kind = 'complaint'")
    clients = ask(DemoParameters(seed=seed), "select count(*) as n from {clients} where status <> 'closed'")
    assert len(cases) / clients["n"].iloc[0] == pytest.approx(COMPLAINTS, abs=0.002)
    assert (cases["closed"] - cases["opened"]).dt.days.median() == pytest.approx(5, abs=1)


@pytest.mark.parametrize("seed", SEEDS)
def test_eighteen_in_a_hundred_visits_are_overdue_whoever_the_client_is(ask: Ask, seed: int) -> None:
    plans = ask(
        DemoParameters(seed=seed),
        """select team, avg((planned < date '2026-09-30')::int) as overdue, count(*) as n from
        (select client_id, max_by(next_date, date) as planned from {interactions} group by 1)
        join (select client_id, manager_id from {clients} where quarter = '2026Q3' and status <> 'closed')
          using (client_id) join (select staff_id, team from {staff} where quarter = '2026Q3') on staff_id = manager_id
        group by 1""",
    ).set_index("team")
    assert (plans["overdue"] * plans["n"]).sum() / plans["n"].sum() == pytest.approx(0.18, abs=0.02)
    assert plans["overdue"].between(0.12, 0.24).all()
    assert len(EVERY) == len(plans)


@pytest.mark.parametrize("seed", SEEDS)
def test_service_follows_the_tier_weakly(ask: Ask, seed: int) -> None:
    pairs = ask(
        DemoParameters(seed=seed),
        """select tier, team from {clients} c join (from {staff} where quarter = '2026Q3') on staff_id = manager_id
        where c.quarter = '2026Q3' and status <> 'closed'""",
    )
    counts = pd.crosstab(pairs["tier"], pairs["team"]).to_numpy()
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    assert np.sqrt(((counts - expected) ** 2 / expected).sum() / counts.sum() / 2) == pytest.approx(0.15, abs=0.04)


def test_market_totals_hold_what_the_ledger_says_of_us(ask: Ask) -> None:
    ours = ask(
        DEFAULT,
        """with l as (select o.region, sum(amount * day(month)) / 92 as amount from {controls} join
          (from {outlets} where quarter = '2026Q3') o using (outlet_id)
          where item = 'deposits_avg' and month > '2026-06-30' group by 1)
        select own_amount::double as own, l.amount::double as ledger, m.amount::double as market, source
        from {markets} m join l using (region) where product = 'deposits' and quarter = '2026Q3'""",
    )
    assert len(ours) == 9
    assert np.allclose(ours["own"], ours["ledger"], atol=1.0)
    assert (ours["own"] / ours["market"]).between(0.005, 0.12).all()
    assert ours["source"].str.contains("synthetic").all()


def test_statements_say_a_verdict_each_and_sizes_for_their_parts(tmp_path: Path) -> None:
    write_truth(DemoParameters(n_clients=200, n_months=12), tmp_path)
    truth = pd.read_parquet(tmp_path / "truth_statements.parquet")
    whole = truth[truth["part"] == ""].set_index("statement")["verdict"]
    assert list(whole.index) == [f"T{k}" for k in range(1, 16)]
    assert whole[whole == "part"].index.tolist() == ["T2", "T6", "T7", "T8", "T13"]
    assert whole[whole == "not_testable"].index.tolist() == ["T11", "T12"]
    parts = truth[truth["part"] != ""].set_index(["statement", "part"])["size"]
    assert parts["T1", "supply_chain_finance"] == 1.7
    assert parts["T3", "entries"] == pytest.approx(1.35, abs=0.01)
    assert parts.notna().all()


def test_nothing_about_needs_is_true_in_the_bank_without_differences() -> None:
    truth = {(one.statement, one.part): one for one in statements(DemoParameters(variant="null"))}
    assert truth["T1", ""].verdict == "false"
    assert (truth["T1", "supply_chain_finance"].size, truth["T13", "service_efficiency"].size) == (1.0, 0.0)
    assert truth["T11", ""].verdict == "not_testable"


def test_deposits_of_clients_that_stay_do_not_move_by_a_fen_where_only_the_tiers_do(ask: Ask) -> None:
    # quarter before and quarter of the re-tiering: every client open at both ends keeps its average and its end balance
    kept = ask(
        DemoParameters(variant="retier_only"),
        """with b as (select client_id, year(month) || 'Q' || quarter(month) as quarter,
            sum(balance_avg * day(month)) as weighed, sum(day(month)) filter (product = 'deposit_demand') as days,
            sum(balance_end) filter (month in ('2025-12-31', '2026-03-31')) as last from {positions}
            where product like 'deposit_%' and month between '2025-10-31' and '2026-03-31' group by all),
          open as (select client_id, quarter, tier from {clients} where status <> 'closed'),
          both_ as (select client_id, a.tier as before, z.tier as after from open a join open z using (client_id)
            where a.quarter = '2025Q4' and z.quarter = '2026Q1')
        select count(*) as n, sum((before <> after)::int) as moved,
          max(abs(o.weighed / o.days - c.weighed / c.days)) as off_average, max(abs(o.last - c.last)) as off_end
        from both_ join b o using (client_id) join b c using (client_id)
        where o.quarter = '2025Q4' and c.quarter = '2026Q1'""",
    ).iloc[0]
    assert kept["n"] > 4_500
    assert kept["moved"] > 800
    assert float(kept["off_average"]) < 1e-6
    assert float(kept["off_end"]) == 0.0


def test_a_variant_is_told_in_the_provenance_and_the_usual_bank_tells_none(tmp_path: Path) -> None:
    small: dict[str, object] = {"n_clients": 200, "n_months": 12}
    usual = load_portfolio("demo", cache=tmp_path, options=small)
    null = load_portfolio("demo", cache=tmp_path, options=small | {"variant": "null"})
    assert "variant" not in usual.provenance.parameters
    assert null.provenance.parameters["variant"] == "null"
    assert usual.quality is not None
    assert usual.quality.warned_tables == ()
    assert null.provenance.title == usual.provenance.title


def test_a_misspelt_variant_of_the_source_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    with pytest.raises(ParameterError) as refusal:
        load_portfolio("demo", cache=tmp_path, options={"variant": "retier"})
    assert str(refusal.value) == (
        "The demo bank has no variant 'retier'. Did you mean 'retier_only'? Known are null, retier_only."
    )
