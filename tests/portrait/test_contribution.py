"""From spread to economic value added: by hand on a bank of four clients, tied to the KPIs, and what stands in."""

from pathlib import Path

import pytest

from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.intake.policy import load_policy
from analysis.intake.portfolio import Portfolio
from analysis.metrics import measure
from analysis.portrait import ContributionBridge, contribution_bridge, value_basis
from analysis.portrait.contribution import PARTS, in_order, value_amounts
from analysis.portrait.grouping import Group
from tests.builders import client_rows, rows, tiny_portfolio
from tests.metrics.small_bank import small_bank


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    return small_bank(tmp_path_factory.mktemp("bank"))


def _bridge(bank: Portfolio) -> ContributionBridge:
    found = contribution_bridge(bank, "industry", seed=1, minimum=1)
    assert isinstance(found, ContributionBridge)
    return found


def test_the_waterfall_of_four_clients_by_hand(bank: Portfolio) -> None:
    # industry C is client A (D is closed and empty). Deposits: 15,000 credit − 5,000 paid; fees 1,500; surcharges
    # 0.72 % of them; cost 600: 10,889.2. F is B: deposits 100, loans 120,000 − 45,000, fees 1,000, surcharges 0.72 % of
    # 121,000, cost 3,300, loss (82,800 + 46,000 · 62 ÷ 92) a year · 92 ÷ 365
    found = _bridge(bank).table
    assert found.loc["C", ["deposit_spread", "loan_spread", "fee"]].tolist() == [10_000, 0, 1_500]
    assert found.loc["C", "surcharges"] == pytest.approx(-10.8)
    assert found.loc["C", "contribution"] == pytest.approx(10_889.2)
    loss = (82_800 + 46_000 * 62 / 92) * 92 / 365
    assert found.loc["F", "expected_loss"] == pytest.approx(-loss, abs=1e-3)
    assert found.loc["F", "contribution"] == pytest.approx(100 + 75_000 + 1_000 - 871.2 - 3_300 - loss, abs=1e-3)
    assert found.loc["F", "tax"] == pytest.approx(-0.25 * found.loc["F", "contribution"], abs=1e-3)


def test_parts_add_up_and_groups_add_up(bank: Portfolio) -> None:
    table = _bridge(bank).table
    income = ["deposit_spread", "loan_spread", "fee", "surcharges", "direct_cost", "expected_loss"]
    assert table[income].sum(axis=1).tolist() == pytest.approx(table["contribution"].tolist(), abs=1e-3)
    down = table[["contribution", "tax", "capital_charge"]].sum(axis=1)
    assert down.tolist() == pytest.approx(table["eva"].tolist(), abs=1e-3)
    for name in (*PARTS, "n_clients", "capital", "gap"):
        assert table.loc["total", name] == pytest.approx(table[name].iloc[:-1].sum(), abs=1e-3)


def test_the_total_row_is_the_kpis(bank: Portfolio) -> None:
    found = _bridge(bank)
    total, raroc = found.table.loc["total"], found.raroc["total"]
    kpi = measure(bank, ["CONTRIB", "EVA", "RAROC", "NCLI"]).set_index("code")["value"]
    assert total["contribution"] == pytest.approx(kpi["CONTRIB"], abs=1e-4)
    assert total["eva"] == pytest.approx(kpi["EVA"], abs=1e-3)
    assert isinstance(raroc, Estimate)
    assert raroc.estimate == pytest.approx(kpi["RAROC"])
    assert raroc.n_clients == 1
    assert total["n_clients"] == kpi["NCLI"]


def test_the_gap_is_what_lifts_a_client_to_the_hurdle(bank: Portfolio) -> None:
    # B alone uses capital; its profit after tax plus its gap is the hurdle on its capital
    found = _bridge(bank)
    row = found.table.loc["F"]
    share = bank.quarter.days / 365
    needed = found.hurdle * row["capital"] * share
    profit = 0.75 * row["contribution"]
    assert row["n_with_capital"] == 1
    assert row["gap"] == pytest.approx(max(needed - profit, 0), abs=1e-3)
    assert row["n_under"] == float(profit < needed)


def test_a_group_without_capital_has_no_return(bank: Portfolio) -> None:
    found = _bridge(bank).raroc["C"]
    assert isinstance(found, Unavailable)
    assert found.reason.en == "no client uses capital"


def test_groups_below_the_limit_are_not_shown_apart(bank: Portfolio) -> None:
    found = contribution_bridge(bank, "industry", seed=1, minimum=3)
    assert isinstance(found, ContributionBridge)
    assert [group.code for group in found.groups] == ["merged"]


def test_the_inputs_of_risk_are_named(bank: Portfolio) -> None:
    assert [text.en for text in _bridge(bank).risk_inputs] == [
        "default probability: the bank's own",
        "loss given default: the bank's own",
        "economic capital: risk-weighted assets × capital ratio, a proxy",
    ]


def _rated(tmp_path: Path, *lines: tuple[object, ...]) -> Portfolio:
    """A borrower with all of its income known; its loan states as given."""
    header = "loan_id client_id month balance loan_class risk_weight rating default_prob loss_given_default"
    states = rows(header, *lines)
    positions = rows(
        "client_id month product balance_avg balance_end interest funds_amount fee direct_cost",
        ("A", SEP, "loan_working", 1e6, 1e6, 5_000.0, 2_000.0, 0.0, 100.0),
    )
    limits = rows("client_id month acceptances guarantees cash_margin", ("A", SEP, 0.0, 0.0, 0.0))
    tables = {
        "clients": client_rows("A", industry="C"),
        "positions": positions,
        "loan_states": states,
        "limits": limits,
    }
    return tiny_portfolio(tmp_path, tables)


def test_a_rating_stands_in_for_a_default_probability_and_is_named(tmp_path: Path) -> None:
    # BBB+ counts as BBB: 0.8 % · 45 % of 1,000,000 for the 30 days of September, of a year of 365: 295.89
    portfolio = _rated(tmp_path, ("l1", "A", SEP, 1e6, "pass", 1.0, "bbb+", None, None))
    found = contribution_bridge(portfolio, "industry", seed=1, minimum=1)
    assert isinstance(found, ContributionBridge)
    assert found.number("C", "expected_loss") == pytest.approx(-1e6 * 0.008 * 0.45 * 30 / 365, abs=1e-3)
    assert measure(portfolio, ["CONTRIB"])["value"].iloc[0] == pytest.approx(found.number("total", "contribution"))
    assert [text.en for text in found.risk_inputs[:2]] == [
        "default probability: the policy's rating scale",
        "loss given default: the policy's value",
    ]


def test_the_bank_s_own_numbers_win_over_the_scale(tmp_path: Path) -> None:
    own = ("l1", "A", SEP, 1e6, "pass", 1.0, "BBB", 0.02, 0.4)
    found = contribution_bridge(
        _rated(tmp_path, own, ("l2", "A", SEP, 1e6, "pass", 1.0, "A", None, 0.4)), "industry", seed=1, minimum=1
    )
    assert isinstance(found, ContributionBridge)
    loss = 1e6 * (0.02 + 0.003) * 0.4 * 30 / 365
    assert found.number("C", "expected_loss") == pytest.approx(-loss, abs=1e-3)
    assert [text.en for text in found.risk_inputs[:2]] == [
        "default probability: the bank's own, else the policy's rating scale",
        "loss given default: the bank's own",
    ]


SEP = "2026-09-30"


def _income_only(tmp_path: Path, header: str, line: tuple[object, ...]) -> Portfolio:
    positions = rows(f"client_id month product balance_avg balance_end {header}", line)
    return tiny_portfolio(tmp_path, {"clients": client_rows("A"), "positions": positions})


def test_without_a_cost_table_income_stands_in_and_says_so(tmp_path: Path) -> None:
    line = ("A", SEP, "deposit_demand", 1e6, 1e6, 100.0, 400.0, 50.0)
    portfolio = _income_only(tmp_path, "interest funds_amount fee", line)
    basis = value_basis(portfolio)
    assert not isinstance(basis, Unavailable)
    assert (basis.code, basis.is_full) == ("operating_revenue", False)
    # 400 credit − 100 paid + 50 fees
    assert value_amounts(portfolio, basis)["amount"].tolist() == [350.0]
    refused = contribution_bridge(portfolio, "industry", seed=1, minimum=1)
    assert isinstance(refused, Unavailable)
    assert refused.reason.zh == "缺服务成本、预期损失，不能算到综合贡献与资本回报；客户价值改用营业净收入"
    assert refused.reason.en == (
        "without cost to serve, expected loss there is no contribution or return on capital; "
        "client value is operating revenue instead"
    )


def test_without_a_funds_price_interest_and_fees_stand_in(tmp_path: Path) -> None:
    line = ("A", SEP, "deposit_demand", 1e6, 1e6, 100.0, 50.0, 10.0)
    portfolio = _income_only(tmp_path, "interest fee direct_cost", line)
    basis = value_basis(portfolio)
    assert not isinstance(basis, Unavailable)
    assert basis.code == "gross_income"
    assert value_amounts(portfolio, basis)["amount"].tolist() == [-50.0]  # 50 fees − 100 paid


def test_cost_without_default_probability_gives_contribution_before_loss(tmp_path: Path) -> None:
    line = ("A", SEP, "deposit_demand", 1e6, 1e6, 100.0, 400.0, 1_000.0, 10.0)
    portfolio = _income_only(tmp_path, "interest funds_amount fee direct_cost", line)
    basis = value_basis(portfolio)
    assert not isinstance(basis, Unavailable)
    assert basis.code == "before_loss"
    # 300 + 1,000 − 0.72 % of the fees − 10
    assert value_amounts(portfolio, basis)["amount"].tolist() == pytest.approx([1_282.8])


def test_a_source_without_income_has_no_value(tmp_path: Path) -> None:
    found = value_basis(tiny_portfolio(tmp_path, {"clients": client_rows("A")}))
    assert isinstance(found, Unavailable)
    assert found.reason.en == "the source has no income of clients, so their value cannot be told"


def test_tiers_stand_from_the_top_of_the_ladder_down_under_their_names() -> None:
    nameless = {"merged": "merged", "T5": "group", "T1": "group"}
    groups = tuple(Group(code, Text(code, code), kind, 9, (code,)) for code, kind in nameless.items())  # type: ignore[arg-type]
    found = in_order(groups, "tier", load_policy())
    assert [(group.code, group.label.en) for group in found] == [
        ("T1", "strategic clients"),
        ("T5", "long-tail clients"),
        ("merged", "merged"),
    ]
    assert in_order(groups, "industry", load_policy()) == groups
