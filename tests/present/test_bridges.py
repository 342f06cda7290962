"""Bridge, price and volume, structure and rate, quarter-end: the words follow the data, in both languages."""

from dataclasses import replace

import pytest

from analysis.core.blocks import Figure, Missing, Paragraph, Suppressed, Table
from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.metrics.metric import Value
from analysis.portrait.bridge import ITEMS, Bridge, BridgeRow, Item
from analysis.portrait.mix_rate import MixRate, MixRateRow
from analysis.portrait.price_volume import PARTS, FamilyPrice, Part, PriceVolume
from analysis.portrait.window_dressing import DressingRow, WindowDressing
from analysis.present.bridges import bridge_blocks, bridge_table, price_volume_blocks, price_volume_table, shown_tier
from analysis.present.sentences.bridges import (
    bridge_finding,
    deviation_sentence,
    dressing_sentence,
    mix_rate_finding,
    price_volume_finding,
)
from analysis.present.structure import dressing_blocks, dressing_paragraph, mix_rate_blocks, mix_rate_table
from tests.present.prose import CNY, GONE, cell, en, fact_ids, keeps_the_promises, value, zh

THEN, NOW = Quarter("2025Q3"), Quarter("2026Q3")
KEY = Text("重点客户", "key clients")
BN = 1e9


def tier(
    code: str,
    label: Text,
    amounts: tuple[float, ...],
    growth: tuple[Value, Value],
    hidden: frozenset[Item] = frozenset(),
) -> BridgeRow:
    """start, organic, moved in, moved out, new, lost and end in billions; growth of the present and the fixed list."""
    start, organic, moved_in, moved_out, new, lost, end = (amount * BN for amount in amounts)
    counts: dict[Item, int] = dict.fromkeys(ITEMS, 20)
    return BridgeRow(code, label, start, organic, moved_in, moved_out, new, lost, end, 0.0, *growth, counts, hidden)


# 10 − 0.5 + 3 − 1 + 0.5 − 0.2 = 11.8, and the others 20 + 1 + 1 − 3 + 0 − 0.8 = 18.2
UP = tier("T1", KEY, (10, -0.5, 3, 1, 0.5, 0.2, 11.8), (0.18, -0.07))
DOWN = tier("T2", Text("一般客户", "general clients"), (20, 1, 1, 3, 0, 0.8, 18.2), (-0.09, 0.01))
ALL = tier("total", Text("全体客户", "all clients"), (30, 0.5, 4, 4, 0.5, 1, 30), (0.0, -0.0167))
FOUND = Bridge("DEP_ADB", THEN, NOW, "yoy", (UP, DOWN), ALL)


def said(current: Value, fixed: Value) -> tuple[str, str]:
    sentence = bridge_finding(FOUND, replace(UP, current_growth=current, fixed_growth=fixed))
    assert keeps_the_promises(sentence)
    return zh(sentence), en(sentence)


@pytest.mark.parametrize(
    ("current", "fixed", "chinese", "english"),
    [
        (
            0.18, -0.07,
            "重点客户的存款日均同比增长 18.0%，全部来自名单变动：期初名单下降 7.0%",
            "Key clients: average daily deposits up 18.0% year on year, all of it from the list: the clients of the "
            "opening are "
            "down 7.0%",
        ),
        (
            0.18, 0.0,
            "重点客户的存款日均同比增长 18.0%，全部来自名单变动：期初名单持平（0.0%）",
            "Key clients: average daily deposits up 18.0% year on year, all of it from the list: the clients of the "
            "opening are "
            "unchanged (0.0%)",
        ),
        (
            0.05, 0.07,
            "重点客户的存款日均同比增长 5.0%，全部来自存量客户：期初名单增长 7.0%",
            "Key clients: average daily deposits up 5.0% year on year, all of it from its own clients: those of the "
            "opening are "
            "up 7.0%",
        ),
        (
            0.18, 0.07,
            "重点客户的存款日均同比增长 18.0%，期初名单只增长 7.0%，其余来自名单变动",
            "Key clients: average daily deposits up 18.0% year on year; the clients of the opening are up 7.0%, the "
            "rest comes "
            "from the list",
        ),
        (
            -0.09, 0.02,
            "重点客户的存款日均同比下降 9.0%，由名单变动所致：期初名单增长 2.0%",
            "Key clients: average daily deposits down 9.0% year on year because of the list: the clients of the "
            "opening are up 2.0%",
        ),
        (
            -0.09, -0.02,
            "重点客户的存款日均同比下降 9.0%，存量客户也在减少：期初名单下降 2.0%",
            "Key clients: average daily deposits down 9.0% year on year, and its own clients shrink: those of the "
            "opening are "
            "down 2.0%",
        ),
        (
            0.0, 0.0,
            "重点客户的存款日均同比持平，固定名单也持平（0.0%、0.0%）",
            "Key clients: average daily deposits unchanged year on year, on the present list (0.0%) and on the "
            "fixed list (0.0%)",
        ),
        (
            0.0, -0.02,
            "重点客户的存款日均同比持平（0.0%），存量客户也在减少：期初名单下降 2.0%",
            "Key clients: average daily deposits unchanged (0.0%) year on year, and its own clients shrink: those "
            "of the opening "
            "are down 2.0%",
        ),
        (
            GONE, GONE,
            "重点客户的存款日均由 100.00 亿元变为 118.00 亿元",
            "Key clients: average daily deposits from CNY 10,000.0 million to CNY 11,800.0 million",
        ),
    ],
)  # fmt: skip
def test_the_headline_tells_growth_of_the_list_from_growth_of_its_clients(
    current: Value, fixed: Value, chinese: str, english: str
) -> None:
    assert said(current, fixed) == (chinese, english)


def test_the_bridge_is_drawn_for_the_tier_whose_list_changed_most_and_tabled_for_all() -> None:
    figure, table = bridge_blocks(FOUND, currency=CNY)
    assert isinstance(figure, Figure)
    assert isinstance(table, Table)
    assert shown_tier(FOUND) is UP
    assert zh(figure.shows) == "重点客户存款日均的变动，亿元：由 100.00 亿元到 118.00 亿元"
    # the change alone is drawn: −0.5 + 3 − 1 + 0.5 − 0.2 = 1.8
    assert [row.cells["value"] for row in figure.behind.rows] == [-0.5 * BN, 3 * BN, -BN, 0.5 * BN, -0.2 * BN, 1.8 * BN]
    assert [column.key for column in table.columns] == ["item", "total", "T1", "T2"]
    assert [value(row.cells["T1"]) for row in table.rows] == [
        10 * BN, -0.5 * BN, 3 * BN, BN, 0.5 * BN, 0.2 * BN, 11.8 * BN, 0.18, -0.07,
    ]  # fmt: skip
    assert [row.role for row in table.rows] == ["total", *["normal"] * 5, "total", "normal", "normal"]
    assert keeps_the_promises(figure, table)
    assert "10_describe_clients.bridge.DEP_ADB.T1.organic" in fact_ids(table)
    drawn = figure.images["zh"][0].data + figure.images["en"][0].data
    assert drawn.startswith("<svg")


def test_a_tier_with_hidden_items_is_not_drawn_and_its_growth_is_hidden_with_them() -> None:
    hidden = replace(UP, hidden=frozenset({"new", "lost"}))
    found = replace(FOUND, rows=(hidden, DOWN))
    assert shown_tier(found) is DOWN
    assert shown_tier(replace(FOUND, rows=(hidden,))) is ALL
    table = bridge_table(found, currency=CNY)
    assert [row.cells["T1"] for row in table.rows if isinstance(row.cells["T1"], Suppressed)] == [Suppressed()] * 3
    assert isinstance(table.rows[8].cells["T1"], Suppressed)  # the fixed list would tell of those lost
    assert not isinstance(table.rows[7].cells["T1"], Suppressed)


def test_a_growth_that_cannot_be_given_is_a_dash_with_its_reason() -> None:
    table = bridge_table(replace(FOUND, rows=(replace(UP, current_growth=GONE),)), currency=CNY)
    assert table.rows[7].cells["T1"] == Missing(GONE.reason)
    assert bridge_blocks(GONE, currency=CNY) == ()


# --- price and volume -----------------------------------------------------------------------------------------------


def revenue(**parts: float) -> PriceVolume:
    """Operating revenue of 200 million and what each part adds, in millions."""
    whole: dict[Part, float] = {part: parts.get(part, 0.0) * 1e6 for part in PARTS}
    prices = {name: FamilyPrice(1e10, 1.1e10, 0.02, 0.0175) for name in ("loan", "deposit")}
    return PriceVolume(THEN, NOW, 2e8, 2e8 + sum(whole.values()), whole, prices)


@pytest.mark.parametrize(
    ("parts", "chinese", "english"),
    [
        (
            {"loan_volume": 10, "loan_margin": -30, "fee": 2},
            "营业净收入同比下降 0.18 亿元，主要是利差 −0.30 亿元，规模 +0.10 亿元只抵去一部分",
            "Operating revenue down CNY 18.0 million year on year, mainly margin (CNY −30.0 million), partly offset "
            "by volume "
            "(CNY +10.0 million)",
        ),
        (
            {"deposit_volume": 10, "fee": 30},
            "营业净收入同比增长 0.40 亿元，主要是中间业务 +0.30 亿元",
            "Operating revenue up CNY 40.0 million year on year, mainly fees (CNY +30.0 million)",
        ),
        (
            {"mix": 20, "days": -5},
            "营业净收入同比增长 0.15 亿元，主要是结构 +0.20 亿元，天数 −0.05 亿元只抵去一部分",
            "Operating revenue up CNY 15.0 million year on year, mainly mix (CNY +20.0 million), partly offset by "
            "the days of the "
            "quarter (CNY −5.0 million)",
        ),
        ({}, "营业净收入同比持平（0.00 亿元）", "Operating revenue unchanged year on year (CNY 0.0 million)"),
        (
            {"mix": 20, "fee": -20},
            "营业净收入同比持平（0.00 亿元）",
            "Operating revenue unchanged year on year (CNY 0.0 million)",
        ),
    ],
)  # fmt: skip
def test_the_headline_of_revenue_names_what_moved_it(parts: dict[str, float], chinese: str, english: str) -> None:
    sentence = price_volume_finding(revenue(**parts))
    assert keeps_the_promises(sentence)
    assert (zh(sentence), en(sentence)) == (chinese, english)


def test_revenue_is_drawn_in_five_steps_at_most_and_tabled_with_loans_and_deposits_apart() -> None:
    found = revenue(loan_volume=10, deposit_volume=5, loan_margin=-30, deposit_margin=-2, mix=1, fee=2)
    (figure,) = price_volume_blocks(found, currency=CNY)
    assert isinstance(figure, Figure)
    assert keeps_the_promises(figure)
    assert zh(figure.shows) == "营业净收入的变动，亿元：由 2.00 亿元到 1.86 亿元"
    assert "贷款利差由 2.00% 变为 1.75%，存款利差由 2.00% 变为 1.75%。" in zh(figure.note)
    table = price_volume_table(found, currency=CNY)
    assert [value(row.cells["amount"]) for row in table.rows] == [1e7, 5e6, 1e6, -3e7, -2e6, 2e6, -1.4e7]
    assert value(cell(table, 3, "share")) == -0.15
    assert price_volume_blocks(GONE, currency=CNY) == ()


def test_the_days_are_shown_only_where_they_differ() -> None:
    labels = [cell(price_volume_table(revenue(days=-5), currency=CNY), k, "part") for k in range(8)]
    assert Text("天数", "Days") in labels
    assert len(price_volume_table(revenue(fee=1), currency=CNY).rows) == 7


def test_without_a_balance_the_spreads_are_left_out() -> None:
    prices = {name: FamilyPrice(0.0, 1e10, GONE, 0.0175) for name in ("loan", "deposit")}
    (figure,) = price_volume_blocks(replace(revenue(fee=1), families=prices), currency=CNY)
    assert isinstance(figure, Figure)
    assert "贷款利差" not in zh(figure.note)


# --- structure and rate ---------------------------------------------------------------------------------------------


def ratio(structure: float, rate: float) -> MixRate:
    """A return on capital from 10 %, two tiers, one of them new."""
    rows = (
        MixRateRow("T1", KEY, "both", 0.5, 0.4, 0.12, 0.11, structure, rate, 30, 25),
        MixRateRow("T2", Text("一般客户", "general clients"), "entered", 0.0, 0.6, GONE, 0.08, 0.0, 0.0, 0, 40),
    )
    return MixRate(
        "RAROC", "tier", "capital_with_capital", THEN, NOW, 0.1, 0.1 + structure + rate, structure, rate, rows, 7
    )


@pytest.mark.parametrize(
    ("structure", "rate", "lead", "tail"),
    [
        (-0.002, -0.015, "主要因各组自身水平", "两者同向"),
        (0.002, -0.015, "主要因各组自身水平", "两者相抵"),
        (-0.02, 0.005, "主要因结构", "两者相抵"),
        (0.02, 0.0, "主要因结构", "另一项为零"),
    ],
)
def test_a_ratio_is_said_to_move_by_the_larger_part(structure: float, rate: float, lead: str, tail: str) -> None:
    sentence = mix_rate_finding(ratio(structure, rate), Text("现行层级", "tier"))
    assert keeps_the_promises(sentence)
    assert zh(sentence).startswith(f"风险调整资本回报率同比{'上升' if structure + rate > 0 else '下降'}")
    assert lead in zh(sentence)
    assert tail in zh(sentence)


def test_the_sentence_on_a_ratio_in_both_languages() -> None:
    sentence = mix_rate_finding(ratio(0.002, -0.015), Text("现行层级", "tier"))
    assert zh(sentence) == (
        "风险调整资本回报率同比下降 1.30 个百分点，主要因各组自身水平。按现行层级拆分，结构 +0.20 个百分点，"
        "水平 −1.50 个百分点，两者相抵；层级或分类改动不计入。"
    )
    assert en(sentence) == (
        "Risk-adjusted return on capital down 1.30 pp year on year, mainly by what each group does. By tier: "
        "structure "
        "+0.20 pp, rate −1.50 pp, one against the other; a client given another label counts as neither."
    )
    still = mix_rate_finding(ratio(0.0, 0.0), Text("现行层级", "tier"))
    assert zh(still).startswith("风险调整资本回报率同比没有变动（0.00 个百分点）。")


def test_the_table_of_a_ratio_has_the_whole_first_and_a_dash_where_a_group_has_no_base() -> None:
    text, table = mix_rate_blocks(ratio(0.002, -0.015), currency=CNY)
    assert isinstance(text, Paragraph)
    assert isinstance(table, Table)
    assert keeps_the_promises(text, table)
    assert [row.role for row in table.rows] == ["total", "normal", "normal"]
    assert [value(cell(table, 0, key)) for key in ("rate_before", "rate_after", "structure", "rate")] == [
        0.1, pytest.approx(0.087), 0.002, -0.015,
    ]  # fmt: skip
    assert cell(table, 2, "rate_before") == Missing(Text("该组一端没有基数", "the group has no base at one end"))
    assert table.unit == Text("%、个百分点", "%, percentage points")
    assert mix_rate_blocks(GONE, currency=CNY) == ()


def test_an_amount_a_client_prints_as_money() -> None:
    found = replace(ratio(0.0, 0.0), code="PER_DEP", before=6e6, after=7e6, structure=-2e5, rate=1.2e6)
    table = mix_rate_table(found, currency=CNY)
    assert [column.style for column in table.columns[3:]] == ["money_small", "money_small", *["money_small_change"] * 2]
    assert table.unit == Text("%、万元", "%, CNY thousand")


# --- quarter-end and average ----------------------------------------------------------------------------------------


def dressed(end: Value, average: Value, deviation: Value = 0.03) -> WindowDressing:
    whole = DressingRow("total", Text("全体客户", "all clients"), 10.5 * BN, end, 10 * BN, average, 0.05, 0.04, False)
    small = DressingRow("T1", KEY, BN, 0.1, BN, 0.1, 0.0, 0.0, True)
    return WindowDressing(THEN, NOW, (small,), whole, deviation, 0.04)


@pytest.mark.parametrize(
    ("end", "average", "chinese", "english"),
    [
        (0.09, 0.06, "时点增长快于日均，超出部分来自季末时点。", "Deposits grew faster at quarter-end than on average"),
        (0.03, 0.06, "时点增长慢于日均。", "Deposits grew slower at quarter-end than on average."),
        (0.06, 0.06, "时点与日均增长一致。", "Deposits grew alike at quarter-end and on average."),
    ],
)
def test_growth_at_quarter_end_is_told_against_that_of_the_average(
    end: float, average: float, chinese: str, english: str
) -> None:
    sentence = dressing_sentence(dressed(end, average))
    assert not isinstance(sentence, Unavailable)
    assert keeps_the_promises(sentence)
    assert zh(sentence).startswith(chinese)
    assert en(sentence).startswith(english)


def test_the_deviation_is_told_against_its_ceiling_or_as_unknown() -> None:
    over, under, gone = (deviation_sentence(dressed(0.1, 0.1, value)) for value in (0.05, 0.04, GONE))
    assert zh(over) == "季末月月末存款偏离度 5.00%，高于监管上限 4.00%（只含对公存款）。"
    assert "不高于监管上限" in zh(under)
    assert en(gone) == "The month-end deviation cannot be computed; its ceiling is 4.00%."


def test_a_tier_that_may_not_be_shown_is_starred_and_a_missing_growth_is_told() -> None:
    text, table = dressing_blocks(dressed(0.09, 0.06), currency=CNY)
    assert isinstance(table, Table)
    assert keeps_the_promises(text, table)
    assert [row.cells["end"] for row in table.rows[1:]] == [Suppressed()]
    assert value(cell(table, 0, "gap_change")) == pytest.approx(0.01)
    assert dressing_sentence(dressed(GONE, 0.06)) == GONE
    assert dressing_blocks(dressed(0.1, GONE), currency=CNY)[0] == GONE
    assert dressing_blocks(GONE, currency=CNY) == ()


def test_in_one_paragraph_the_growth_and_the_deviation_stand_together() -> None:
    (text,) = dressing_paragraph(dressed(0.09, 0.06))
    assert isinstance(text, Paragraph)
    assert keeps_the_promises(text)
    assert zh(text.sentence) == (
        "时点增长快于日均，超出部分来自季末时点。时点存款同比 +9.0%，日均 +6.0%，季末时点偏离日均 5.00%。"
        "季末月月末存款偏离度 3.00%，不高于监管上限 4.00%（只含对公存款）。"
    )
    assert dressing_paragraph(GONE) == ()
    assert dressing_paragraph(dressed(0.1, GONE)) == (GONE,)
