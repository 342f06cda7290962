"""The answer on one page: written from recorded facts only, in words that follow them."""

from dataclasses import replace
from typing import Any

import pytest

from analysis.core.blocks import Ref, Tile
from analysis.core.fact import Fact
from analysis.core.text import Text
from analysis.intake.policy import Policy, load_policy
from analysis.metrics import METRICS
from analysis.present import summary
from analysis.present.sentences.segments import GRADES
from analysis.present.summary import (
    MAX_TILES,
    N_QUARTERS,
    summary_conclusions,
    summary_opening,
    summary_tiles,
    summary_unknown,
)
from tests.present.prose import QUARTER, en, keeps_the_promises, zh

CLIENTS, SEGMENTS = "10_describe_clients", "30_segment_clients"
LABEL = Text("数", "number")
TARGETS: tuple[dict[str, Any], ...] = (
    {"id": "RAROC", "compare": "level", "target": 0.10, "tolerance": 0.01, "better": "high"},
    {"id": "NPLR", "compare": "level", "target": 0.015, "tolerance": 0.003, "better": "low"},
    {"id": "DEP_ADB", "compare": "growth_year", "target": 0.06, "tolerance": 0.02, "better": "high"},
)


def policy() -> Policy:
    """The project's policy with the targets above, and a hurdle of 10 %."""
    base = load_policy()
    rows = tuple(replace(row, value=0.10) if row.id == "raroc_hurdle" else row for row in base.rows)
    tables = tuple(replace(table, rows=TARGETS) if table.name == "kpi_targets" else table for table in base.tables)
    return replace(base, rows=rows, tables=tables)


def recorded(**values: float | None) -> dict[str, Fact]:
    """Facts of KPIs: `DEP_ADB`, `DEP_ADB__yoy` …; None is a fact without a value."""
    made = {}
    for key, found in values.items():
        code, _, kind = key.partition("__")
        metric = METRICS[code]
        is_rate = kind in ("qoq", "yoy") and metric.change == "growth"
        unit = "ratio" if is_rate else "points" if kind in ("qoq", "yoy") else metric.unit
        name = f"{CLIENTS}.kpi.{key.replace('__', '.')}"
        reason = Text("无", "none") if found is None else None
        made[name] = Fact(name, found, unit, CLIENTS, LABEL, code, "", reason)
    return made


def other(**values: float) -> dict[str, Fact]:
    """Facts by id, `__` for a dot, of chapter 30 when they start with kmeans and of chapter 10 otherwise."""
    made = {}
    for key, found in values.items():
        name = f"{SEGMENTS if key.startswith('kmeans') else CLIENTS}.{key.replace('__', '.')}"
        made[name] = Fact(name, found, "index", name.partition(".")[0], LABEL)
    return made


def the_tile(**values: float | None) -> Tile:
    (tile,) = summary_tiles(recorded(**values), QUARTER, policy()).tiles
    assert keeps_the_promises(tile)
    return tile


# --- tiles ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "state", "words_zh", "words_en"),
    [
        (0.12, "good", "达标，目标 10.00%", "met, target 10.00%"),
        (0.10, "good", "达标，目标 10.00%", "met, target 10.00%"),  # at the target exactly
        (0.0999, "near", "容忍内，目标 10.00%", "close, target 10.00%"),
        (0.09, "near", "容忍内，目标 10.00%", "close, target 10.00%"),  # at the tolerance exactly
        (0.0899, "bad", "未达标，目标 10.00%", "missed, target 10.00%"),
    ],
)
def test_state_of_a_level_that_should_be_high(level: float, state: str, words_zh: str, words_en: str) -> None:
    tile = the_tile(RAROC=level)
    assert (tile.state, tile.target) == (state, 0.10)
    assert tile.state_sentence is not None
    assert (zh(tile.state_sentence), en(tile.state_sentence)) == (words_zh, words_en)


@pytest.mark.parametrize(
    ("level", "state", "words_en"),
    [
        (0.015, "good", "met, ceiling 1.50%"),
        (0.0151, "near", "close, ceiling 1.50%"),
        (0.018, "near", "close, ceiling 1.50%"),  # 1.5 % + 0.3 exactly
        (0.0181, "bad", "missed, ceiling 1.50%"),
    ],
)
def test_state_of_a_level_that_should_be_low(level: float, state: str, words_en: str) -> None:
    tile = the_tile(NPLR=level)
    assert tile.state == state
    assert tile.state_sentence is not None
    assert en(tile.state_sentence) == words_en
    assert zh(tile.state_sentence).endswith("，上限 1.50%")


@pytest.mark.parametrize(
    ("growth", "state"), [(0.07, "good"), (0.06, "good"), (0.05, "near"), (0.04, "near"), (0.0399, "bad")]
)
def test_state_of_a_growth_on_the_year_which_has_no_level_to_draw(growth: float, state: str) -> None:
    tile = the_tile(DEP_ADB=12e9, DEP_ADB__yoy=growth)
    assert (tile.state, tile.target) == (state, None)
    assert tile.state_sentence is not None
    assert en(tile.state_sentence).endswith(", target +6.0%")


def test_without_a_target_or_without_the_number_it_judges_there_is_no_state() -> None:
    assert the_tile(VALCLI=40).state == "none"
    missing = the_tile(DEP_ADB=12e9)
    assert (missing.state, missing.state_sentence) == ("none", None)
    assert the_tile(DEP_ADB=12e9, DEP_ADB__yoy=None).state == "none"


def test_changes_print_growth_points_and_amounts_each_in_its_way() -> None:
    growth = the_tile(DEP_ADB=12e9, DEP_ADB__qoq=0.015, DEP_ADB__yoy=-0.02).changes
    assert [zh(line) for line in growth] == ["环比 +1.5%", "同比 −2.0%"]
    assert [en(line) for line in growth] == ["qoq +1.5%", "yoy −2.0%"]
    points = the_tile(NPLR=0.0193, NPLR__yoy=0.0012).changes
    assert [(zh(line), en(line)) for line in points] == [("同比 +0.12 点", "yoy +0.12 pp")]
    # −20 million after −28 million: +8 million = +800 万元
    amount = the_tile(EVA=-20e6, EVA__yoy__abs=8e6)
    assert [zh(line) for line in amount.changes] == ["同比 +800"]
    assert isinstance(amount.value, Ref)
    assert amount.value.style == "money_small"


def test_eight_quarters_are_drawn_oldest_first_with_gaps() -> None:
    facts = recorded(RAROC=0.08) | other(series__RAROC__2026Q3=0.08, series__RAROC__2026Q1=0.07)
    (tile,) = summary_tiles(facts, QUARTER, policy()).tiles
    assert len(tile.series) == N_QUARTERS
    assert tile.series[-3:] == (0.07, None, 0.08)
    assert tile.series[:-3] == (None,) * 5


def test_a_kpi_that_was_not_recorded_or_has_no_value_has_no_tile_and_eight_is_the_most() -> None:
    some = summary_tiles(recorded(DEP_ADB=1e9, OPREV=None), QUARTER, policy())
    assert [tile.name for tile in some.tiles] == [METRICS["DEP_ADB"].name]
    many = dict.fromkeys(("DEP_ADB", "LOAN_ADB", "OPREV", "NETFEE", "EVA", "APPR_AMT"), 1e9)
    rates = dict.fromkeys(("RAROC", "NPLR", "DEF_R", "LOSS_R"), 0.01)
    assert len(summary_tiles(recorded(**many, **rates), QUARTER, policy()).tiles) == MAX_TILES
    none = summary_tiles({}, QUARTER, policy())
    assert none.tiles == ()
    assert keeps_the_promises(none)


# --- headline -------------------------------------------------------------------------------------------------------


def headline(**values: float | None) -> tuple[str, str]:
    made = summary_opening(Text("结论", "Answer"), Text("如何？", "How?"), recorded(**values), policy())
    assert keeps_the_promises(made)
    return zh(made.headline), en(made.headline)


def test_the_headline_of_deposits_without_a_return_on_capital_says_that_it_is_unknown() -> None:
    assert headline(DEP_ADB=1.435e9, DEP_ADB__yoy=0.07) == (
        "日均存款 14.35 亿元，同比增长 7.0%；数据不足以计算资本回报",
        "Average deposits CNY 1,435.0 million, up 7.0% on the year;"
        " the data do not allow a return on capital to be computed",
    )


def test_the_headline_of_loans_alone_names_them() -> None:
    assert headline(LOAN_ADB=1.435e9) == (
        "日均贷款 14.35 亿元；数据源没有存款",
        "Average loans CNY 1,435.0 million; the source has no deposits",
    )


@pytest.mark.parametrize(
    ("growth", "words_zh", "words_en"),
    [(0.07, "同比增长 7.0%", "up 7.0%"), (-0.07, "同比下降 7.0%", "down 7.0%"), (0.0, "同比持平", "unchanged")],
)
def test_the_headline_says_whether_deposits_grew_fell_or_stood(growth: float, words_zh: str, words_en: str) -> None:
    said = headline(DEP_ADB=12e9, DEP_ADB__yoy=growth, RAROC=0.12)
    assert words_zh in said[0]
    assert words_en in said[1]


@pytest.mark.parametrize(
    ("raroc", "words_zh", "words_en"),
    [
        (0.12, "达到门槛", "at or above the hurdle"),
        (0.10, "达到门槛", "at or above the hurdle"),
        (0.0999, "低于门槛", "below the hurdle"),
        (-0.02, "低于门槛", "below the hurdle"),
    ],
)
def test_the_headline_says_whether_capital_was_paid_for(raroc: float, words_zh: str, words_en: str) -> None:
    said = headline(DEP_ADB=12e9, RAROC=raroc)
    assert said[0].endswith(words_zh)
    assert said[1].endswith(words_en)
    assert "同比" not in said[0]  # no growth was recorded


def test_a_loan_book_has_a_headline_of_loans() -> None:
    assert headline(APPR_AMT=3e9, N_LOAN=1200, DEF_R=0.1756) == (
        "1,200 笔贷款共批准 30.00 亿元，已知结果者中 17.56% 被核销",
        "1,200 loans with CNY 3,000.0 million approved; 17.56% of those with a known outcome were charged off",
    )
    assert headline(APPR_AMT=3e9, N_LOAN=1200)[1] == "1,200 loans with CNY 3,000.0 million approved"
    assert headline(DEP_ADB=12e9, APPR_AMT=3e9, N_LOAN=1200)[0].startswith("1,200 笔")  # no return, so no bank headline


def test_without_any_amount_the_headline_says_so() -> None:
    assert headline() == ("数据源只能描述客户，没有金额", "The source describes clients only, without amounts")


# --- conclusions ----------------------------------------------------------------------------------------------------


def conclusions(facts: dict[str, Fact]) -> dict[str, tuple[str, str]]:
    made = summary_conclusions(facts)
    assert keeps_the_promises(made)
    return {one.refers_to: (zh(one.sentence), en(one.sentence)) for one in made.items}


@pytest.mark.parametrize(
    ("revenue", "claim_zh", "claim_en"),
    [
        (0.04, "收入没有跟上规模。", "Income did not keep up with volumes."),  # below both 7 % and 5 %
        (0.06, "收入只跟上了存款与贷款之一。", "Income kept up with only one of deposits and loans."),
        (0.07, "收入跟上了规模。", "Income kept up with volumes."),
    ],
)
def test_income_kept_up_with_volumes_or_not(revenue: float, claim_zh: str, claim_en: str) -> None:
    found = conclusions(recorded(DEP_ADB__yoy=0.07, LOAN_ADB__yoy=0.05, OPREV__yoy=revenue))["overview_money"]
    assert found[0].startswith(claim_zh)
    assert found[1].startswith(claim_en)


@pytest.mark.parametrize(
    ("eva", "claim_zh", "claim_en"),
    [(1e6, "创造了经济价值", "created value"), (0.0, "创造了经济价值", "created value"), (-1e6, "消耗了", "consumed")],
)
def test_the_quarter_created_or_consumed_value(eva: float, claim_zh: str, claim_en: str) -> None:
    found = conclusions(recorded(RAROC=0.09, EVA=eva))["overview_ratios"]
    assert claim_zh in found[0]
    assert claim_en in found[1]


def test_dependence_speaks_of_contribution_before_approved_amounts_and_needs_the_whole_interval() -> None:
    names = {"fraction": 0.2, "top_share": 0.78, "top_share_low": 0.75, "top_share_high": 0.81}
    approved = other(**{f"pareto__approved_amount__{name}": number for name, number in names.items()})
    contribution = other(**{f"pareto__contribution__{name}": number for name, number in names.items()})
    assert list(conclusions(approved)) == ["pareto_approved_amount_figure"]
    both = conclusions(approved | contribution)
    assert "前 20.0% 的客户占综合贡献 78.0%，区间 75.0% 至 81.0%" in both["pareto_contribution_figure"][0]
    assert list(both) == ["pareto_contribution_figure"]
    del contribution[f"{CLIENTS}.pareto.contribution.top_share_high"]
    assert conclusions(contribution) == {}


@pytest.mark.parametrize(
    ("change", "claim_zh", "claim_en"),
    [
        (0.0012, "资产质量变差", "got worse"),
        (-0.0012, "资产质量变好", "improved"),
        (0.0, "资产质量与上年持平", "unchanged"),
        (None, "资产质量没有上年可比", "no year to compare"),
    ],
)
def test_asset_quality_follows_the_change_of_the_bad_loan_rate(
    change: float | None, claim_zh: str, claim_en: str
) -> None:
    found = conclusions(recorded(NPLR=0.0193, SMLR=0.03, NPLR__yoy=change))["overview_ratios"]
    assert claim_zh in found[0]
    assert claim_en in found[1]
    assert ("同比" in found[0]) == (change is not None)


def test_a_loan_book_compares_new_and_established_firms_and_needs_both() -> None:
    both = other(default_rate__stage__startup=0.2, default_rate__stage__established=0.1)
    assert "20.00% 与 10.00%" in conclusions(both)["default_by_stage_figure"][0]
    del both[f"{CLIENTS}.default_rate.stage.startup"]
    assert conclusions(both) == {}


@pytest.mark.parametrize(
    ("whole", "own", "grade"), [(0.6, 0.7, "clear"), (0.4, 0.5, "weak"), (0.6, 0.2, "none"), (0.2, 0.7, "none")]
)
def test_structure_is_clear_weak_or_none(whole: float, own: float, grade: str) -> None:
    facts = other(
        kmeans__silhouette=whole,
        kmeans__silhouette_sample=own,
        kmeans__silhouette_reference=0.3,
        kmeans__n_segments=5,
    )
    found = conclusions(facts)["kmeans_sizes"]
    assert GRADES[grade].zh in found[0]
    assert GRADES[grade].en in found[1]
    del facts[f"{SEGMENTS}.kmeans.silhouette_reference"]
    assert conclusions(facts) == {}


def test_missing_facts_give_fewer_conclusions_and_four_is_the_most() -> None:
    assert conclusions({}) == {}
    everything = (
        recorded(DEP_ADB__yoy=0.1, LOAN_ADB__yoy=0.1, OPREV__yoy=0.1, RAROC=0.1, EVA=1e6, NPLR=0.01, SMLR=0.02)
        | other(
            **{f"pareto__contribution__{n}": 0.2 for n in ("fraction", "top_share", "top_share_low", "top_share_high")}
        )
        | other(
            kmeans__silhouette=0.6,
            kmeans__silhouette_sample=0.7,
            kmeans__silhouette_reference=0.3,
            kmeans__n_segments=5,
        )
    )
    assert len(summary_conclusions(everything).items) == 4


def test_facts_are_printed_again_with_the_ids_they_have() -> None:
    facts = recorded(DEP_ADB=12e9, DEP_ADB__yoy=0.07, RAROC=0.12)
    made = summary_opening(Text("结论", "Answer"), Text("如何？", "How?"), facts, policy())
    assert {fact.id: fact for fact in made.facts} == facts


def test_what_is_not_known_depends_on_whether_the_source_is_a_bank() -> None:
    bank, loans = summary_unknown(recorded(DEP_ADB=1e9)), summary_unknown({})
    assert keeps_the_promises(bank, loans)
    assert bank.role == loans.role == "unknown"
    assert zh(bank.sentence) == "客户的需求与缺口、服务策略是否有效、哪些客户将流失，本期没有研究。"
    assert "数据源没有存款、收入、成本与资本" in zh(loans.sentence)
    assert en(bank.sentence) != en(loans.sentence)


@pytest.mark.parametrize(
    ("others", "chinese", "english"),
    [
        ((), "客户的需求与缺口、服务策略是否有效、", "What clients need, whether strategies worked "),
        (("20_analyse_needs.ledger.left",), "服务策略是否有效、", "Whether strategies worked "),
    ],
    ids=["without the chapter", "with it"],
)
def test_what_was_not_studied_follows_from_the_chapters_that_ran(
    monkeypatch: pytest.MonkeyPatch, others: tuple[str, ...], chinese: str, english: str
) -> None:
    monkeypatch.setattr(summary, "kpi", lambda *_: 1.0)
    said = summary.summary_unknown(dict.fromkeys(others)).sentence  # type: ignore[arg-type]
    assert zh(said).startswith(chinese)
    assert en(said).startswith(english)
