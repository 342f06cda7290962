"""Structure and rate of a ratio: by hand, exact for any groups, honest about groups that come and go."""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.core.errors import ParameterError
from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.portfolio import Portfolio
from analysis.metrics import METRICS
from analysis.portrait.grouping import MERGED
from analysis.portrait.mix_rate import MixRate, mix_rate, mix_rate_of
from analysis.portrait.two_quarters import TwoQuarters
from tests.builders import client_rows, rows, tiny_portfolio

THEN, NOW = Quarter("2025Q3"), Quarter("2026Q3")
STEPS = 10_000
RULES = {"days": 92.0, "days_in_year": 368.0, "tax_rate": 0.25, "cost_of_capital": 0.1, "large_exposure_share": 0.025}
"""A year of four such quarters: what a quarter earns is a fourth."""


def two(frame: pd.DataFrame, groups: list[str]) -> TwoQuarters:
    """Groups by hand, one client each; columns end in 0 (opening) or 1 (now), in the KPI's units."""
    index = pd.Index([f"c{k}" for k in range(len(groups))])

    def side(end: str) -> pd.DataFrame:
        own = {name[:-1]: (frame[name] * STEPS).round().astype("int64") for name in frame if name.endswith(end)}
        return pd.DataFrame(own).set_axis(index)

    before, after = side("0"), side("1")
    labels = pd.Series(groups, index=index)
    return TwoQuarters(
        THEN, NOW, before, after, labels, labels, before.ne(0).any(axis="columns"), after.ne(0).any(axis="columns"),
        RULES, RULES,
    )  # fmt: skip


def split(code: str, frame: pd.DataFrame, groups: list[str]) -> MixRate | Unavailable:
    found = two(frame, groups)
    labels = {code: Text(code, code) for code in groups}
    return mix_rate_of(found, METRICS[code], found.opening_group, labels, by="tier")


def found_of(result: MixRate | Unavailable) -> MixRate:
    assert isinstance(result, MixRate)
    return result


def per_deposit(*lines: tuple[float, float, float, float], groups: str) -> MixRate | Unavailable:
    """Deposits and clients of each group: before, then now."""
    frame = pd.DataFrame(list(lines), columns=["deposit_avg0", "n_clients0", "deposit_avg1", "n_clients1"])
    return split("PER_DEP", frame, list(groups))


def test_deposits_per_client_by_hand() -> None:
    # a: 10 clients of 100 each → 30 of 110; b: 30 clients of 20 → 10 of 40
    # K₀ = 1,600 ÷ 40 = 40, K₁ = 3,700 ÷ 40 = 92.5; weights ¼ → ¾ and ¾ → ¼
    # structure = ½ × (100 − 40) − ½ × (20 − 40) = 40; rate = ¾ × 10 + ¼ × 20 = 12.5
    found = found_of(per_deposit((1000, 10, 3300, 30), (600, 30, 400, 10), groups="ab"))
    assert (found.before, found.after, found.change) == (40.0, 92.5, 52.5)
    assert (found.structure, found.rate) == (40.0, 12.5)
    assert [(row.structure, row.rate) for row in found.rows] == [(30.0, 7.5), (10.0, 5.0)]
    # the same total as Σ (w₁ − w₀) k₀ = ½ × 100 − ½ × 20
    assert found.structure == 0.5 * 100 - 0.5 * 20


def test_a_return_on_capital_is_weighed_by_capital() -> None:
    # contribution 40 and 10 a quarter on capital 1,000 and 1,000: 3/4 × 4 × … = 12 % and 3 %; then 1,000 and 3,000
    frame = pd.DataFrame(
        {
            "contribution_with_capital0": [40.0, 10.0], "capital_with_capital0": [1000.0, 1000.0],
            "contribution_with_capital1": [40.0, 30.0], "capital_with_capital1": [1000.0, 3000.0],
        }
    )  # fmt: skip
    found = found_of(split("RAROC", frame, ["a", "b"]))
    assert [row.rate_before for row in found.rows] == pytest.approx([0.12, 0.03])
    # the rates stay, weight moves ½ → ¼ and ½ → ¾: ΔK = −¼ × 12 % + ¼ × 3 % = −2.25 points, all structure
    assert found.structure == pytest.approx(-0.0225)
    assert found.rate == pytest.approx(0.0, abs=1e-15)
    assert found.base == "capital_with_capital"


def test_a_group_that_enters_or_leaves_is_structure_and_has_no_rate_at_the_other_end() -> None:
    # a stays 10 × 100; b leaves (10 × 50); c enters (10 × 20): K₀ = 75, K₁ = 60
    found = found_of(per_deposit((1000, 10, 1000, 10), (500, 10, 0, 0), (0, 0, 200, 10), groups="abc"))
    a, b, c = found.rows
    assert [row.state for row in found.rows] == ["both", "left", "entered"]
    # a: weight stays; b: −½ × (50 − 75) = 12.5; c: ½ × (20 − 75) = −27.5
    assert [row.structure for row in found.rows] == [0.0, 12.5, -27.5]
    assert [row.rate for row in found.rows] == [0.0, 0.0, 0.0]
    assert found.change == -15.0
    assert isinstance(c.rate_before, Unavailable)
    assert isinstance(b.rate_after, Unavailable)
    assert a.rate_after == 100.0


def test_money_of_a_group_without_a_base_is_not_lost() -> None:
    # b has closed clients only: 5 of their last months on top of 10 × 100
    found = found_of(per_deposit((1000, 10, 1000, 10), (0, 0, 5, 0), groups="ab"))
    assert found.change == 0.5
    assert [(row.state, row.structure) for row in found.rows] == [("both", 0.0), ("outside", 0.5)]


def test_without_a_base_there_is_no_split() -> None:
    assert per_deposit((0, 0, 100, 10), groups="a") == Unavailable(
        Text("分母为零：客户数", "the denominator is zero: clients")
    )


GROUP = st.tuples(st.integers(-(10**6), 10**6), st.integers(0, 50), st.integers(-(10**6), 10**6), st.integers(0, 50))


@settings(max_examples=20, deadline=None)
@given(st.lists(GROUP, min_size=1, max_size=6))
def test_the_parts_add_up_to_the_change_for_any_groups(lines: list[tuple[int, int, int, int]]) -> None:
    found = per_deposit(*lines, groups="abcdef"[: len(lines)])
    if isinstance(found, Unavailable):
        assert sum(line[1] for line in lines) == 0 or sum(line[3] for line in lines) == 0
        return
    scale = max(abs(value) for line in lines for value in line) + 1
    assert math.isclose(found.structure + found.rate, found.change, abs_tol=1e-9 * scale)
    assert math.isclose(sum(row.weight_after for row in found.rows if row.state != "outside"), 1.0)


# --- from tables ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    """Ten clients; c0 to c5 with 100 and T1, the others with 10 and T2; two of T2 are called T1 now. Nothing grows."""
    ids = [f"c{k}" for k in range(10)]
    before = client_rows(*ids, quarters=("2025Q3",), tier={id: "T1" if id < "c6" else "T2" for id in ids})
    now = client_rows(*ids, quarters=("2026Q3",), tier={id: "T1" if id < "c8" else "T2" for id in ids})
    lines = [
        (id, month, "deposit_demand", 100.0 if id < "c6" else 10.0, 0.0)
        for id in ids
        for month in ("2025-09-30", "2026-09-30")
    ]
    positions = rows("client_id month product balance_avg balance_end", *lines)
    return tiny_portfolio(tmp_path_factory.mktemp("mix"), {"clients": pd.concat([before, now]), "positions": positions})


def test_moving_a_label_is_neither_structure_nor_rate(bank: Portfolio) -> None:
    found = found_of(mix_rate(bank, "PER_DEP"))
    assert (found.structure, found.rate, found.n_moved) == (0.0, 0.0, 2)


def test_groups_of_few_clients_are_put_together(bank: Portfolio) -> None:
    # four clients of T2 are under the limit of five, and one group alone would tell of them: all are one
    found = found_of(mix_rate(bank, "PER_DEP"))
    assert [(row.code, row.n_before) for row in found.rows] == [(MERGED, 10)]


def test_an_amount_and_an_opening_without_a_meaning_are_refused_by_name(bank: Portfolio) -> None:
    with pytest.raises(
        ParameterError,
        match=r"^DEP_ADB \(Average daily deposits\) is not taken over a base, so its change has no structure and "
        r"rate\. Take an amount a client, a return or a yield; an amount has a bridge\.$",
    ):
        mix_rate(bank, "DEP_ADB")
    with pytest.raises(
        ParameterError, match=r"^PER_DEP \(Deposits per client\) has no comparison of 2026Q3 with 2025Q4\."
    ):
        mix_rate(bank, "PER_DEP", start=Quarter("2025Q4"))


def test_a_missing_table_gives_the_reason(bank: Portfolio) -> None:
    assert mix_rate(bank, "RAROC") == Unavailable(
        Text("缺少数据表：贷款月度状态（loan_states）", "needs the table loan_states")
    )
