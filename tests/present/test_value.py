"""Value in words, tables and figures: numbers are those of the results, and other results give other sentences."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.core.blocks import Figure, Findings, Missing, Ref, Suppressed, Table
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.portrait import (
    BackTest,
    ClientLifetime,
    ContributionBridge,
    CreditStates,
    Loyalty,
    Potential,
    ValueMatrix,
    ValueScore,
)
from analysis.portrait.contribution import BASES, PARTS
from analysis.portrait.grouping import Group
from analysis.portrait.scoring import Component
from analysis.portrait.value_score import deciles
from analysis.present import lifetime as lifetimes
from analysis.present import value as values
from analysis.present import value_annex as annex
from analysis.present import value_page as pages
from analysis.present.sentences.value import value_findings
from tests.present.prose import CNY, GONE, cell, en, keeps_the_promises, value, zh

HOW = Text("自助法", "bootstrap")
TIERS = {"T1": Text("战略客户", "strategic clients"), "T2": Text("一般客户", "general clients")}


def _estimate(number: float, spread: float, n: int = 50, unit: str = "ratio") -> Estimate:
    return Estimate(number, number - spread, number + spread, n, unit, HOW)  # type: ignore[arg-type]


def _bridge(t1: float = 0.05, t2: float = 0.15, *, n_with: int = 50, eva: float = -3e6) -> ContributionBridge:
    groups = tuple(Group(code, label, "group", 60, (code,)) for code, label in TIERS.items())
    columns: dict[str, float] = dict.fromkeys(PARTS, 1e6) | {"eva": eva}
    columns |= {"n_clients": 60, "n_losing": 8, "losing": -2e5, "n_with_capital": n_with, "capital": 4e7}
    columns |= {"n_under": 20, "capital_under": 1e7, "gap": 5e5}
    table = pd.DataFrame(columns, index=[*TIERS, "total"])
    raroc = {
        "T1": _estimate(t1, 0.01, n_with),
        "T2": _estimate(t2, 0.01, n_with),
        "total": _estimate((t1 + t2) / 2, 0.01),
    }
    named = (Text("违约概率：银行自有", "default probability: the bank's own"),)
    return ContributionBridge("tier", Text("现行层级", "tier in force"), groups, table, raroc, named, 0.10, 0.10, 5)


def _score(profit: np.ndarray | None = None, basis: str = "contribution") -> ValueScore:
    n = 100
    index = pd.Index([f"C{k:03d}" for k in range(n)])
    total = pd.Series(np.linspace(0.9, 0.1, n), index=index)
    own = np.where(np.arange(n) < 10, 80.0, np.where(np.arange(n) < 20, 30.0, 0.0)) if profit is None else profit
    groups = (("high", Text("高价值", "high value"), 0.2), ("low", Text("低价值", "low value"), 0.8))
    components = (
        Component("profit", Text("利润贡献", "profit"), 0.6, "current"),
        Component("growth", Text("增长", "growth"), 0.4, "potential"),
    )
    parts = pd.DataFrame({"current": total * 0.6, "potential": total * 0.4})
    rows = {"component": ["profit", "growth"], "shift": [0.1, 0.1], "deciles": [0.2, 0.3], "groups": [0.05, 0.08]}
    sensitivity = pd.DataFrame(rows | {"rank_correlation": [0.99, 0.97]})
    return ValueScore(
        quarter=Quarter("2026Q3"),
        basis=BASES[basis],
        components=components,
        profit=pd.Series(own, index=index),
        scores=parts,
        points=parts,
        sub_scores=parts,
        total=total,
        coverage=pd.Series(1.0, index=index),
        decile=deciles(total),
        group=pd.Series(["high"] * 20 + ["low"] * 80, index=index, dtype=object),
        groups=groups,
        sensitivity=sensitivity,
        shift=0.1,
        minimum=5,
    )


def _test(difference: float, advantage: float) -> BackTest:
    growth = {"high": _estimate(0.1, 0.02), "low": _estimate(0.0, 0.02)}
    return BackTest(
        Quarter("2025Q3"), growth, _estimate(difference, 0.05), _estimate(0.0, 0.05), _estimate(advantage, 0.03), 100
    )


def _lifetime(t1: float = 9e6, n: int = 30) -> ClientLifetime:
    tiers = tuple(TIERS)
    moves = pd.DataFrame([[0.9, 0.05, 0.05], [0.0, 0.9, 0.1]], index=list(tiers), columns=[*tiers, "lost"])
    by = {"T1": t1, "T2": 2e6}
    changes = {
        "discount_down": 1.2,
        "discount_up": 0.9,
        "churn_down": 1.1,
        "churn_up": 0.8,
        "horizon": 0.5,
        "no_moves": 0.7,
    }
    return ClientLifetime(
        basis=BASES["contribution"],
        scheme="tier",
        tiers=tiers,
        labels=TIERS,
        transition=moves,
        margins=pd.Series({"T1": 3e5, "T2": 5e4}),
        n_clients=pd.Series({"T1": n, "T2": 80}),
        values={tier: _estimate(number, 5e5, n if tier == "T1" else 80, "money") for tier, number in by.items()},
        sensitivity=pd.DataFrame({name: {t: v * by[t] for t in by} for name, v in changes.items()}),
        steps=8,
        discount=0.1,
        horizon=20,
        churn_factor=1.5,
        discount_step=0.02,
        minimum=5,
    )


def _credit(hidden: bool = False) -> CreditStates:
    order = ["A", "B", "not_graded"]
    table = pd.DataFrame({"n_clients": [30, 20, 50], "exposure": 1.0, "hidden": hidden}, index=order)
    none = pd.Series(dtype=float)
    labels = {"A": Text("A 优良", "A strong"), "B": Text("B", "B"), "not_graded": Text("未评级", "not graded")}
    source = Text("行业资料", "the table of industries")
    return CreditStates((), pd.DataFrame(), none, none, none, none, table, labels, source, 0.6, 5)


def _loyalty(t1: float = 0.8) -> Loyalty:
    groups = tuple(Group(code, label, "group", 60, (code,)) for code, label in TIERS.items())
    parts = (Component("families", Text("产品类数", "product families"), 1.0),)
    table = pd.DataFrame({"index": {"T1": t1, "T2": 0.5}})
    clients = pd.Series([0.9, 0.8])
    return Loyalty(parts, pd.DataFrame(), clients, clients, pd.Series({"survey": 44}), "tier", groups, table)


def _findings(**changes: object) -> Findings:
    given: dict[str, object] = {"score": _score(), "bridge": _bridge(), "test": _test(0.1, 0.05)}
    given |= {"lifetime": _lifetime(), "credit": _credit(), "loyalty": _loyalty()}
    (found,) = value_findings(**(given | changes))  # type: ignore[arg-type]
    return found


def _said(place: int, **changes: object) -> str:
    return en(_findings(**changes).items[place].sentence)


def test_every_finding_keeps_the_promises_and_refers_to_its_block() -> None:
    found = _findings()
    assert keeps_the_promises(found)
    assert [item.refers_to for item in found.items] == [
        "value_deciles", "value_raroc_figure", "value_matrix", "value_lifetime_figure", "", ""
    ]  # fmt: skip


def test_who_brings_it_follows_the_profits() -> None:
    # the first tenth has 800 of 1,100
    assert _said(0) == (
        "The highest tenth by value score brings 72.7% of contribution. 0.0% of all clients are below zero. "
        "Each client's profit is that of the KPI contribution."
    )
    even = np.ones(100)
    even[5:12] = -0.5  # seven of the highest group lose money: 5 − 2.5 of 89.5
    assert _said(0, score=_score(even)) == (
        "The highest tenth by value score brings 2.8% of contribution. 7.0% of all clients are below zero. "
        "7 of them are in the group high value all the same: size, activity or potential score, profit does not. "
        "Each client's profit is that of the KPI contribution."
    )


def test_what_stands_in_for_profit_is_named() -> None:
    said = _findings(score=_score(basis="operating_revenue")).items[0].sentence
    assert en(said).endswith("For want of cost to serve, expected loss, operating revenue stands in for profit.")
    assert zh(said).endswith("缺服务成本、预期损失，利润以营业净收入代替。")


def test_the_return_says_who_is_under_the_hurdle_and_whether_value_is_made() -> None:
    # 20 of 50 clients, 10 of 40 million
    assert _said(1) == (
        "40.0% of the clients that use capital are under the hurdle of 10.0%, with 25.0% of the capital. The return of "
        "all is 10.00%; they lack CNY 500 thousand of profit after tax in the quarter; after the capital charge all "
        "clients destroy CNY 3,000 thousand."
    )
    assert _said(1, bridge=_bridge(eva=2e6)).endswith("all clients add CNY 2,000 thousand.")


@pytest.mark.parametrize(
    ("difference", "advantage", "start", "end"),
    [
        (0.10, 0.05, "The high-potential group grew more afterwards.", "the potential score is better than them."),
        (0.01, 0.01, "The high-potential group did not grow distinguishably more", "is not distinguishable from them."),
        (-0.1, -0.05, "The high-potential group grew less afterwards.", "the potential score is worse than them."),
    ],
    ids=["confirmed", "no difference", "reversed"],
)  # fmt: skip
def test_potential_is_judged_by_later_growth(difference: float, advantage: float, start: str, end: str) -> None:
    said = _said(2, test=_test(difference, advantage))
    assert said.startswith(start)
    assert said.endswith(end)


def test_a_lifetime_names_the_dearest_tier_and_who_loses_by_churn() -> None:
    assert _said(3).startswith(
        "Over a lifetime strategic clients are worth CNY 9,000 thousand a client, interval CNY 8,500 thousand "
        "to CNY 9,500 thousand."
    )
    assert "with the same retention and no moves CNY 6,300 thousand" in _said(3)
    assert _said(3).endswith("With 1.50 times the loss rate strategic clients lose most, 20.0%.")
    assert _said(3, lifetime=_lifetime(1e6)).startswith("Over a lifetime general clients are worth")


def test_credit_and_loyalty_follow_their_results() -> None:
    assert _said(4) == (
        "30.0% of clients are in the credit state “A strong”, 50.0% are not graded. 60.0% have a usable statement; the "
        "others are not taken as average and never reach the best grade. Industry risk is taken from the table of "
        "industries."
    )
    assert _said(5).startswith(
        "The loyalty index is highest for strategic clients, 0.80, and lowest for general clients, 0.50."
    )
    assert _said(5, loyalty=_loyalty(0.2)).startswith("The loyalty index is highest for general clients, 0.50,")
    assert len(_findings(credit=_credit(hidden=True)).items) == 5


def test_studies_without_a_result_are_silent() -> None:
    assert len(_findings(bridge=GONE, test=GONE, lifetime=GONE, credit=GONE, loyalty=GONE).items) == 1
    assert value_findings(GONE, GONE, GONE, GONE, GONE, GONE) == ()


def test_the_page_shows_what_there_is_and_collects_the_cautions() -> None:
    lifetime = replace(_lifetime(), cautions=(HOW,))
    shown = pages.value_blocks(_score(), GONE, _bridge(), lifetime, currency=CNY)
    assert [block.id for block in shown] == ["value_raroc_figure", "value_deciles", "value_lifetime_figure"]
    assert pages.value_blocks(GONE, GONE, GONE, GONE, currency=CNY) == ()
    assert pages.cautions_of(_score(), GONE, lifetime) == (HOW,)


def test_what_is_missing_is_named_once_with_its_reason() -> None:
    (said,) = pages.missing_value({"score": GONE, "loyalty": _loyalty(), "credit": GONE})
    assert en(said.sentence) == ("Left out of client value: value score, credit state (the source lacks the table).")
    assert zh(said.sentence) == "客户价值未列：客户价值评分、信用状态（数据源没有该表）。"
    assert pages.missing_value({"score": _score()}) == ()


def test_the_return_figure_says_which_side_of_the_hurdle() -> None:
    found = values.raroc_figure(_bridge(), currency=CNY)
    assert isinstance(found, Figure)
    assert keeps_the_promises(found)
    assert en(found.finding) == (
        "Return on capital is 10.00%, not distinguishable from the hurdle of 10.0%; clearly short: strategic clients"
    )
    low = values.raroc_figure(_bridge(0.02, 0.03), currency=CNY)
    assert isinstance(low, Figure)
    assert zh(low.finding) == "资本回报率 2.50%，低于门槛 10.0%，各层都明显不足"
    high = values.raroc_figure(_bridge(0.2, 0.3), currency=CNY)
    assert isinstance(high, Figure)
    assert en(high.finding) == "Return on capital is 25.00%, above the hurdle of 10.0%; no group is clearly short"
    assert "default probability: the bank's own" in en(high.note).lower().replace("bank’s", "bank's")


def test_groups_with_few_clients_that_use_capital_are_not_shown() -> None:
    assert isinstance(values.raroc_figure(_bridge(n_with=4), currency=CNY), Unavailable)
    table = values.contribution_table(_bridge(n_with=4), currency=CNY)
    assert isinstance(cell(table, 1, "raroc"), Suppressed)
    assert isinstance(cell(table, 1, "capital"), Suppressed)


def test_the_waterfall_table_has_the_total_first_and_the_kpi_in_it() -> None:
    table = values.contribution_table(_bridge(), currency=CNY)
    assert [row.role for row in table.rows] == ["total", "normal", "normal"]
    ref = cell(table, 0, "raroc")
    assert isinstance(ref, Ref)
    assert (ref.fact.metric, value(ref)) == ("RAROC", 0.1)
    bridge = _bridge()
    none = replace(bridge, raroc=dict(bridge.raroc) | {"T1": GONE})
    assert isinstance(cell(values.contribution_table(none, currency=CNY), 1, "raroc"), Missing)


def test_tenths_add_up_and_the_note_prints_weights_and_what_they_change() -> None:
    table = values.decile_table(_score(), currency=CNY)
    assert isinstance(table, Table)
    assert keeps_the_promises(table)
    shares = [value(cell(table, k, "share")) for k in range(1, 11)]
    assert sum(shares) == pytest.approx(1)
    assert en(table.note) == (
        "The score adds up shares of clients exceeded, with the weights: profit 60.0%, growth 40.0%. When a weight "
        "moves by 10.00 pp either way, at most 8.0% of clients change their value group (growth) and at most 30.0% "
        "their tenth; the rank correlation stays at 0.97 or more."
    )


def test_tenths_of_few_clients_and_shares_of_a_loss_are_not_shown() -> None:
    few = replace(_score(), minimum=11)
    assert isinstance(values.decile_table(few, currency=CNY), Unavailable)
    table = values.decile_table(_score(np.full(100, -1.0)), currency=CNY)
    assert isinstance(table, Table)
    assert isinstance(cell(table, 1, "share"), Missing)


def test_the_matrix_prints_counts_and_hides_what_is_hidden() -> None:
    groups = (("high", Text("高", "high"), 0.5), ("low", Text("低", "low"), 0.5))
    counts = pd.DataFrame([[6.0, np.nan], [8.0, 9.0]], index=["high", "low"], columns=["high", "low"])
    table = values.matrix_table(
        ValueMatrix(counts, counts * 10, groups, groups), Text("贡献", "contribution"), currency=CNY
    )
    assert isinstance(table, Table)
    assert keeps_the_promises(table)
    assert [cell(table, 0, "high"), cell(table, 1, "low"), cell(table, 1, "low_profit")] == [6, 9, 90.0]
    assert isinstance(cell(table, 0, "low"), Suppressed)
    assert values.matrix_table(GONE, Text("贡献", "contribution"), currency=CNY) is GONE


def test_the_lifetime_figure_and_its_table() -> None:
    found = lifetimes.lifetime_figure(_lifetime(), currency=CNY)
    assert isinstance(found, Figure)
    assert keeps_the_promises(found)
    assert zh(found.finding) == "战略客户的户均终身价值最高，900 万元；一般客户最低，200 万元"
    assert isinstance(found.behind, Table)
    # a year of 0.9 a quarter in T1 and T2 with moves: kept = row sum of the fourth power
    moves = np.array([[0.9, 0.05], [0.0, 0.9]])
    assert cell(found.behind, 0, "retention") == pytest.approx(np.linalg.matrix_power(moves, 4).sum(axis=1)[0])
    assert cell(found.behind, 0, "churn_up") == pytest.approx(7.2e6)
    assert cell(found.behind, 0, "no_moves") == pytest.approx(6.3e6)
    assert "they do not reflect whether moves go on as before" in en(found.note)


def test_a_small_tier_s_lifetime_is_hidden() -> None:
    table = lifetimes.lifetime_table(_lifetime(n=3), currency=CNY)
    assert isinstance(cell(table, 0, "value"), Suppressed)
    assert isinstance(cell(table, 0, "margin"), Suppressed)
    one = replace(_lifetime(n=3), values={"T1": _estimate(1.0, 0.1, 3, "money"), "T2": GONE})
    assert lifetimes.lifetime_figure(one, currency=CNY) is lifetimes.TOO_FEW


def test_missing_studies_pass_their_reason_on() -> None:
    assert values.raroc_figure(GONE, currency=CNY) is GONE
    assert values.decile_table(GONE, currency=CNY) is GONE
    assert lifetimes.lifetime_figure(GONE, currency=CNY) is GONE


def test_the_annex_holds_the_tables_behind_the_findings() -> None:
    groups = (("high", Text("高潜力", "high potential"), 0.5), ("low", Text("低潜力", "low potential"), 0.5))
    potential = object.__new__(Potential)
    object.__setattr__(potential, "groups", groups)
    loyalty = _loyalty()
    parts = {"n_clients": {"T1": 60, "T2": 60, "total": 120}, "families": 0.5, "coverage": {"T1": 1.0, "T2": np.nan}}
    table = pd.DataFrame({"index": {"T1": 0.8, "T2": 0.5, "total": 0.6}}).assign(
        **{name: pd.Series(value) if isinstance(value, dict) else value for name, value in parts.items()}
    )
    shown = annex.value_annex(
        _score(), potential, _test(0.1, 0.05), _credit(), replace(loyalty, table=table), currency=CNY
    )
    assert keeps_the_promises(shown)
    assert [block.id for block in shown] == ["value_sensitivity", "value_back_test", "value_credit", "value_loyalty"]
    assert all(block.in_annex for block in shown)
    assert cell(shown[1], 2, "growth") == 0.1  # highest less lowest
    assert [cell(shown[2], k, "share") for k in range(3)] == [0.3, 0.2, 0.5]
    assert isinstance(cell(shown[3], 1, "coverage"), Missing)
    hidden = annex.credit_table(_credit(hidden=True), currency=CNY)
    assert isinstance(cell(hidden, 0, "exposure"), Suppressed)
    assert annex.value_annex(GONE, GONE, GONE, GONE, GONE, currency=CNY) == ()


def test_the_contribution_table_says_which_clients_its_columns_count() -> None:
    note = values.contribution_table(_bridge(), currency=CNY).note
    assert "Amounts and loss-makers include clients closed in the quarter, which Clients does not count." in en(note)
    assert "金额与亏损户数含本季已销户的客户，户数只计季末未销户者。" in zh(note)
