"""The value score: what it is made of, what moves it, what it hands on."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.core.errors import DataError
from analysis.core.estimate import Unavailable
from analysis.core.handover import Values
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.portfolio import Portfolio
from analysis.metrics import measure
from analysis.portrait import client_values, measure_potential, value_matrix, value_score
from analysis.portrait.potential import Potential
from analysis.portrait.scoring import Component
from analysis.portrait.value_score import ValueScore, deciles, influence, weight_sensitivity
from tests.builders import client_rows, rows, tiny_portfolio
from tests.metrics.small_bank import small_bank
from tests.portrait.test_scoring import policy_with
from tests.portrait.value_bank import value_bank


def _bank(tmp_path: Path, **more: object) -> Portfolio:
    rng = np.random.default_rng(3)
    level = np.exp(rng.normal(12, 1, size=(40, 1)) + rng.normal(0, 0.2, size=(40, 8)).cumsum(axis=1))
    group = [f"G{k // 4}" if k < 12 else None for k in range(40)]
    return value_bank(tmp_path, level, columns={"group_id": group}, fees=rng.exponential(500, 40), **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def score(tmp_path_factory: pytest.TempPathFactory) -> ValueScore:
    bank = _bank(tmp_path_factory.mktemp("bank"))
    found = value_score(bank, measure_potential(bank))
    assert isinstance(found, ValueScore)
    return found


def test_sub_scores_and_points_add_up_to_the_total_exactly(score: ValueScore) -> None:
    assert list(score.sub_scores) == ["current", "potential", "influence"]
    assert score.sub_scores.sum(axis=1).to_numpy() == pytest.approx(score.total.to_numpy(), abs=1e-12)
    assert score.points.sum(axis=1).to_numpy() == pytest.approx(score.total.to_numpy(), abs=1e-12)
    assert score.total.between(0, 1).all()


def test_a_component_without_data_is_left_out_and_said_so(score: ValueScore) -> None:
    # the bank has no transactions
    assert "activity" not in score.scores
    assert score.cautions[0].en == (
        "the source lacks what “activity (entries of four quarters)” needs: it is left out of the value score and the "
        "other weights are scaled up"
    )
    assert score.coverage.tolist() == [1.0] * 40


def test_profit_is_the_number_of_the_kpi(tmp_path: Path) -> None:
    bank = small_bank(tmp_path)
    found = value_score(bank, measure_potential(bank))
    assert isinstance(found, ValueScore)
    assert found.basis.is_full
    kpi = measure(bank, ["CONTRIB"], clients=list(found.profit.index))["value"].iloc[0]
    assert found.profit.sum() == pytest.approx(kpi, abs=1e-3)


def test_income_stands_in_where_contribution_cannot_be_told(score: ValueScore) -> None:
    # no default probabilities: operating revenue less surcharges less cost
    assert score.basis.code == "gross_income" or score.basis.code == "before_loss"
    assert score.basis.missing


def test_one_outlier_does_not_rank_the_others_anew(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    level = np.exp(rng.normal(12, 1, size=(30, 1))) * np.ones((30, 8))
    giant = level.copy()
    giant[int(level[:, 0].argmax())] *= 1e4
    found = [value_score(bank, measure_potential(bank)) for bank in (value_bank(tmp_path, b) for b in (level, giant))]
    assert isinstance(found[0], ValueScore)
    assert isinstance(found[1], ValueScore)
    assert found[0].total.tolist() == pytest.approx(found[1].total.tolist())


def test_more_of_an_amount_never_lowers_a_client(tmp_path: Path) -> None:
    level = np.linspace(1e5, 2e5, 20)[:, None] * np.ones((20, 8))
    fees = np.linspace(100, 200, 20)
    raised = fees.copy()
    raised[4] = 500.0
    banks = [value_bank(tmp_path, level, fees=f) for f in (fees, raised)]
    found = [value_score(bank, measure_potential(bank)) for bank in banks]
    assert isinstance(found[0], ValueScore)
    assert isinstance(found[1], ValueScore)
    assert found[1].total["C04"] > found[0].total["C04"]
    assert (found[1].total.drop("C04") <= found[0].total.drop("C04") + 1e-12).all()


def test_influence_is_the_money_of_linked_clients(tmp_path: Path) -> None:
    # A, B in one group with 10 and 20; C guarantees a loan of A: hangs 10 on it; D alone
    clients = client_rows("A", "B", "C", "D", group_id={"A": "g", "B": "g", "C": None, "D": None})
    loans = rows("loan_id client_id start amount guarantor_id", ("l1", "A", "2026-01-31", 5.0, "C"))
    portfolio = tiny_portfolio(tmp_path, {"clients": clients, "loans": loans})
    register = portfolio.clients.set_index("client_id")
    own = pd.Series({"A": 10.0, "B": 20.0, "C": 1.0, "D": 7.0})
    found = influence(portfolio, register, own)
    assert not isinstance(found, Unavailable)
    assert found.to_dict() == {"A": 20.0, "B": 10.0, "C": 10.0, "D": 0.0}


def test_deciles_are_equal_tenths_from_the_highest_down() -> None:
    found = deciles(pd.Series(np.arange(100.0)))
    assert found.value_counts().tolist() == [10] * 10
    assert found.iloc[[0, -1]].tolist() == [10, 1]
    assert deciles(pd.Series([1.0, 1.0])).tolist() == [1, 1]


GROUPS = (("high", Text("高", "high"), 0.5), ("low", Text("低", "low"), 0.5))


def test_sensitivity_by_hand() -> None:
    # weights 0.5 and 0.5. Client 1 scores (0.8, 0), client 2 (0.3, 0.6): totals 0.40 and 0.45, so 2 leads.
    # a +0.1: 0.6·0.8 = 0.48 against 0.18 + 0.24 = 0.42: the two change places. a −0.1: 0.32 against 0.48: as before.
    two = (Component("a", Text("甲", "a"), 0.5), Component("b", Text("乙", "b"), 0.5))
    found = weight_sensitivity(pd.DataFrame({"a": [0.8, 0.3], "b": [0.0, 0.6]}), two, GROUPS, 0.1)
    by = found.set_index(["component", "shift"])
    assert by.loc[("a", 0.1)].tolist() == pytest.approx([1.0, 1.0, -1.0])
    assert by.loc[("a", -0.1)].tolist() == pytest.approx([0.0, 0.0, 1.0])
    assert by.loc[("b", -0.1)].tolist() == pytest.approx([1.0, 1.0, -1.0])


def test_a_weight_that_is_everything_cannot_grow() -> None:
    one = (Component("a", Text("甲", "a"), 1.0),)
    found = weight_sensitivity(pd.DataFrame({"a": [0.8, 0.3]}), one, GROUPS, 0.1)
    assert found["deciles"].tolist() == [0.0, 0.0]


def test_weights_of_the_policy_must_add_up(tmp_path: Path) -> None:
    bank = _bank(tmp_path, policy=policy_with("value_score", "profit", weight=0.4))
    with pytest.raises(DataError) as refused:
        value_score(bank, measure_potential(bank))
    assert str(refused.value) == (
        "value_score.toml: the weights of value_score add up to 1.1, not to 1 (profit 0.4, assets 0.2, activity 0.15, "
        "growth 0.15, potential 0.1, influence 0.1). Correct one of these rows."
    )


def test_numbering_of_clients_does_not_matter(tmp_path: Path, score: ValueScore) -> None:
    bank = _bank(tmp_path)
    names = {f"C{k:02d}": f"Z{99 - k}" for k in range(40)}
    frames = {name: bank.to_frame(bank.table(name)) for name in bank.tables}
    other = tiny_portfolio(tmp_path, {n: f.assign(client_id=f["client_id"].map(names)) for n, f in frames.items()})
    found = value_score(other, measure_potential(other))
    assert isinstance(found, ValueScore)
    assert found.total.rename(index={new: old for old, new in names.items()}).sort_index().to_dict() == pytest.approx(
        score.total.to_dict()
    )


def _two_by_two(n: list[int]) -> tuple[ValueScore, Potential]:
    """Clients in the four cells of two value and two potential groups, profit 1 each; other fields are not read."""
    cells = [("high", "high"), ("high", "low"), ("low", "high"), ("low", "low")]
    pairs = [cell for cell, count in zip(cells, n, strict=True) for _ in range(count)]
    index = pd.RangeIndex(len(pairs)).astype(str)
    value, potential = (pd.Series([pair[k] for pair in pairs], index=index, dtype=object) for k in (0, 1))
    score, found = object.__new__(ValueScore), object.__new__(Potential)
    for thing, fields in (
        (score, {"group": value, "groups": GROUPS, "profit": pd.Series(1.0, index=index), "minimum": 5}),
        (found, {"group": potential, "groups": GROUPS}),
    ):
        for name, content in fields.items():
            object.__setattr__(thing, name, content)
    return score, found


def test_the_matrix_counts_every_client_once_and_hides_small_cells() -> None:
    matrix = value_matrix(*_two_by_two([6, 7, 8, 9]))
    assert not isinstance(matrix, Unavailable)
    assert matrix.counts.to_numpy().tolist() == [[6, 7], [8, 9]]
    assert matrix.profit.to_numpy().sum() == 30
    hidden = value_matrix(*_two_by_two([2, 7, 8, 9]))
    assert not isinstance(hidden, Unavailable)
    assert hidden.counts.isna().to_numpy().all()  # totals would give the small cell away


def test_what_is_handed_on_is_keyed_by_client_and_names_its_basis(score: ValueScore) -> None:
    tiers = pd.Series("T1", index=score.total.index)
    missing = Unavailable(Text("无", "none"))
    handed = client_values(score, missing, missing, tiers)
    assert handed.basis == score.basis.label
    assert handed.table["contribution"].sum() == pytest.approx(score.profit.sum())
    assert handed.table["lifetime_value"].isna().all()
    assert handed.table["potential_group"].isna().all()


def test_a_table_of_values_without_its_columns_or_with_a_client_twice_is_refused() -> None:
    columns = {"contribution": [1.0, 2.0], "potential": 0.5, "potential_group": "high", "lifetime_value": 3.0}
    twice = pd.DataFrame(columns, index=pd.Index(["A", "A"], name="client_id"))
    with pytest.raises(DataError) as refused:
        Values(Quarter("2026Q3"), twice, Text("贡献", "contribution"), "v")
    assert str(refused.value) == "1 clients stand twice in the table of client values. Give one row a client."
    with pytest.raises(DataError) as refused:
        Values(Quarter("2026Q3"), twice.drop(columns="potential"), Text("贡献", "contribution"), "v")
    assert str(refused.value) == (
        "The table of client values lacks potential. It is keyed by client_id and has the columns contribution, "
        "potential, potential_group, lifetime_value."
    )
