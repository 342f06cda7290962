"""The KPI tables: money, ratios and numbers apart; what lacks its table is counted, what has no growth says why."""

from pathlib import Path

import pytest

from analysis.core.blocks import Missing, Ref, Table
from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.metrics import METRICS, Comparison, comparisons, recent
from analysis.metrics.compare import LESS_LOSS, MORE_LOSS, TO_LOSS, TO_PROFIT
from analysis.present.overview import (
    COUNTS,
    COVERAGE,
    LOAN_BOOK,
    MONEY,
    RATIOS,
    TILES,
    change_ref,
    codes_for,
    overview_tables,
    tiles_for,
)
from tests.metrics.small_bank import small_bank
from tests.present.prose import CNY, GONE, cell, compared, en, fact_ids, keeps_the_promises, value, zh

BN = 1e9


def tables(*found: Comparison) -> tuple[Table, ...]:
    return overview_tables(found, {}, currency=CNY)


def test_growth_is_a_fact_with_its_sign() -> None:
    # 12 bn after 10 bn is +20 %, after 16 bn −25 %
    (table,) = tables(compared("DEP_ADB", 12 * BN, qoq=10 * BN, yoy=16 * BN))
    assert table.id == "overview_money"
    assert fact_ids(table) == [f"10_describe_clients.kpi.DEP_ADB{end}" for end in ("", ".qoq", ".yoy")]
    assert [value(cell(table, 0, key)) for key in ("value", "qoq", "yoy")] == [12e9, 0.2, -0.25]
    found = cell(table, 0, "qoq")
    assert isinstance(found, Ref)
    assert (found.style, found.fact.unit, found.fact.metric) == ("growth", "ratio", "DEP_ADB")
    assert found.fact.label == Text("存款日均：较上季", "Average daily deposits: on the quarter before")


def test_a_ratio_changes_in_points_and_a_price_in_basis_points() -> None:
    # bad loans 1.93 % after 1.81 %: +0.12 pp; margin 1.80 % after 1.85 %: −5 bp
    (table,) = tables(compared("NPLR", 0.0193, qoq=0.0181), compared("NIM_C", 0.018, qoq=0.0185))
    by_code = dict(zip(table.metrics, table.rows, strict=True))
    points, bp = by_code["NPLR"].cells["qoq"], by_code["NIM_C"].cells["qoq"]
    assert isinstance(points, Ref)
    assert isinstance(bp, Ref)
    assert (points.style, points.fact.value, points.fact.unit) == ("points", 0.0012, "points")
    assert bp.style == "bp"
    assert bp.fact.value == pytest.approx(-0.0005)


@pytest.mark.parametrize(
    ("current", "base", "word"),
    [(5e6, -5e6, TO_PROFIT), (-5e6, 5e6, TO_LOSS), (-2e6, -5e6, LESS_LOSS), (-8e6, -5e6, MORE_LOSS)],
    ids=["to profit", "to loss", "less loss", "more loss"],
)
def test_a_change_of_sign_is_a_word_in_place_of_a_rate(current: float, base: float, word: Text) -> None:
    (table,) = tables(compared("EVA", current, yoy=base))
    assert cell(table, 0, "yoy") == word
    assert fact_ids(table) == ["10_describe_clients.kpi.EVA"]


def test_the_difference_itself_is_a_fact_even_where_a_word_stands_for_the_rate() -> None:
    # −5 million to +3 million is +8 million
    change = compared("EVA", 3e6, yoy=-5e6).changes[0]
    made = change_ref(METRICS["EVA"], change, absolute=True)
    assert isinstance(made, Ref)
    assert (made.fact.id, made.fact.value, made.style) == (
        "10_describe_clients.kpi.EVA.yoy.abs",
        8e6,
        "money_large_change",
    )


@pytest.mark.parametrize(
    ("base", "reason"),
    [
        (0.0, Text("基数不为正，不计算增长率", "the base is not positive, no rate is given")),
        (1.0, Text("基数过小，不计算增长率", "the base is too small for a rate")),
        (GONE, GONE.reason),
    ],
    ids=["zero", "tiny", "gone"],
)
def test_a_growth_that_cannot_be_given_is_missing_with_its_reason(base: float | Unavailable, reason: Text) -> None:
    (table,) = tables(compared("DEP_ADB", 12 * BN, yoy=base))
    assert cell(table, 0, "yoy") == Missing(reason)


def test_a_kpi_without_such_a_comparison_says_so_and_a_column_nobody_has_is_left_out() -> None:
    # 较年初 is for stocks: DEP_EOP has it, DEP_ADB has not; nobody has yoy here
    (table,) = tables(compared("DEP_ADB", BN, qoq=BN), compared("DEP_EOP", BN, qoq=BN, ytd=BN))
    assert [column.key for column in table.columns] == ["name", "value", "qoq", "ytd"]
    assert cell(table, 0, "ytd") == Missing(Text("该指标无此比较", "no such comparison"))
    assert value(cell(table, 1, "ytd")) == 0.0


def test_a_kpi_that_lacks_its_table_is_left_out_and_counted_in_the_note() -> None:
    money, ratios = tables(
        compared("DEP_ADB", BN), compared("LIMIT", GONE), compared("EVA", GONE), compared("NPLR", 0.01)
    )
    assert money.metrics == ("DEP_ADB",)
    assert zh(money.note).endswith("另有 2 项指标因数据源缺表未列。")
    assert en(money.note).endswith(" 2 more indicators are left out: the source lacks their tables.")
    assert [fact.id for fact in money.note.facts] == ["10_describe_clients.overview_money.left_out"]
    assert ratios.note.facts == ()
    assert keeps_the_promises(money, ratios)


def test_a_kind_of_unit_without_any_kpi_has_no_table_and_no_kpi_at_all_no_tables() -> None:
    found = tables(compared("NCLI", 12), compared("EFFR", 0.5), compared("OPREV", GONE))
    assert [table.id for table in found] == ["overview_counts", "overview_coverage"]
    assert tables(compared("OPREV", GONE)) == ()
    assert tables() == ()


def test_rows_stand_in_the_stated_order_whatever_the_order_given() -> None:
    (table,) = tables(compared("OPREV", BN), compared("LOAN_ADB", BN), compared("DEP_ADB", BN))
    assert table.metrics == ("DEP_ADB", "LOAN_ADB", "OPREV")
    assert set(table.metrics) < set(MONEY)


def test_the_quarters_of_the_tiles_are_recorded_once_on_the_first_table_and_gaps_are_not() -> None:
    series: dict[str, dict[Quarter, float | Unavailable]] = {
        "DEP_ADB": {Quarter("2026Q2"): 11 * BN, Quarter("2026Q3"): 12 * BN},
        "RAROC": {Quarter("2026Q2"): GONE, Quarter("2026Q3"): 0.0768},
    }
    money, ratios = overview_tables([compared("DEP_ADB", 12 * BN), compared("RAROC", 0.0768)], series, currency=CNY)
    assert {fact.id: (fact.value, fact.quarter) for fact in money.own_facts} == {
        "10_describe_clients.series.DEP_ADB.2026Q2": (11e9, "2026Q2"),
        "10_describe_clients.series.DEP_ADB.2026Q3": (12e9, "2026Q3"),
        "10_describe_clients.series.RAROC.2026Q3": (0.0768, "2026Q3"),
    }
    assert ratios.own_facts == ()
    assert set(money.own_facts) <= set(money.facts)


def test_the_difference_of_what_can_be_a_loss_is_recorded_for_its_tile() -> None:
    # −5 million to +3 million has no rate but a difference of 8 million
    found = [compared("EVA", 3e6, yoy=-5e6), compared("DEP_ADB", 12 * BN, yoy=10 * BN)]
    (money,) = overview_tables(found, {"EVA": {}, "DEP_ADB": {}}, currency=CNY)
    assert {fact.id: fact.value for fact in money.own_facts} == {"10_describe_clients.kpi.EVA.yoy.abs": 8e6}


def test_a_book_followed_month_by_month_has_no_kpis_of_final_outcomes_and_a_loan_book_has(tmp_path: Path) -> None:
    everything = {*MONEY, *RATIOS, *COUNTS, *COVERAGE}
    followed, loans_only = small_bank(tmp_path), small_bank(tmp_path, without=("loan_states",))
    assert set(codes_for(followed)) == everything - set(LOAN_BOOK)
    assert set(codes_for(loans_only)) == everything
    # final outcomes have no comparison over quarters, so no quarters of theirs are recorded
    assert tiles_for(loans_only) == tuple(code for code in TILES if code not in ("DEF_R", "LOSS_R"))
    assert tiles_for(followed) == tuple(code for code in TILES if code not in LOAN_BOOK)


def test_the_small_bank_fills_every_table_and_its_average_deposits_tie(tmp_path: Path) -> None:
    # July 920,000, August 1,840,000, September 920,000 + 920,000 of A, September 92,000 of B over 92 days:
    # (31 × 920,000 + 31 × 1,840,000 + 30 × 1,932,000) ÷ 92 = (28,520,000 + 57,040,000 + 57,960,000) ÷ 92 = 1,560,000
    portfolio = small_bank(tmp_path)
    found = overview_tables(
        comparisons(portfolio, codes_for(portfolio)), recent(portfolio, tiles_for(portfolio)), currency=CNY
    )
    assert [table.id for table in found] == [
        "overview_money",
        "overview_ratios",
        "overview_counts",
        "overview_coverage",
    ]
    assert value(cell(found[0], found[0].metrics.index("DEP_ADB"), "value")) == 1_560_000
    assert keeps_the_promises(found)


def test_below_deposits_at_quarter_end_stands_their_gap_to_the_average() -> None:
    (table, ratios) = tables(compared("DEP_EOP", 12 * BN, yoy=10 * BN), compared("ADBGAP", 0.05, yoy=0.03))
    assert [row.role for row in table.rows] == ["normal", "indent"]
    assert [value(row.cells["yoy"]) for row in table.rows] == [0.2, pytest.approx(0.02)]
    gap = cell(table, 1, "value")
    assert isinstance(gap, Ref)
    assert (gap.style, gap.fact.value) == ("percent", 0.05)
    assert ratios.metrics == ("ADBGAP",)
    (alone,) = tables(compared("DEP_EOP", 12 * BN, yoy=10 * BN), compared("ADBGAP", GONE))
    assert [row.role for row in alone.rows] == ["normal"]
