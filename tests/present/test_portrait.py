"""Chapter 10: who is in the numbers and where clients and money are; the words follow the data."""

from typing import Literal

import pandas as pd
import pytest

from analysis.core.blocks import Figure, Finding, Missing, Ref, Sentence, Suppressed, Table
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.metrics import Comparison
from analysis.portrait import Cross, Distribution, Group, Grouping, Step, Waterfall
from analysis.portrait.rates import DefaultRates
from analysis.present.portrait import (
    MAX_ROWS,
    cross_table,
    distribution_blocks,
    distribution_figure,
    distribution_table,
    industry_blocks,
    scope_blocks,
    scope_table,
)
from analysis.present.sentences.portrait import portrait_findings, portrait_opening, portrait_so_what
from tests.present.prose import CNY, GONE, cell, compared, en, fact_ids, keeps_the_promises, value, zh
from tests.present.test_concentration import concentration
from tests.present.test_rates import default_rates

INDUSTRY = Text("行业", "industry")
BN = 1e9


def group(code: str, n_clients: int, kind: Literal["group", "merged", "unclassified"] = "group") -> Group:
    return Group(code, Text(f"{code}业", f"trade {code}"), kind, n_clients, (code,))


def spread(*lines: tuple[Group, float | None], total: float | None = None) -> Distribution:
    """Average deposits by industry; None is hidden. The total is the sum of what is shown unless given."""
    groups, held = tuple(one for one, _ in lines), [amount for _, amount in lines]
    whole = total if total is not None else sum(amount or 0.0 for amount in held)
    n_clients = sum(one.n_clients for one in groups)
    table = pd.DataFrame(
        {
            "code": [*(one.code for one in groups), "total"],
            "n_clients": [*(one.n_clients for one in groups), n_clients],
            "deposit_avg": [*(float("nan") if amount is None else amount for amount in held), whole],
        }
    )
    table["share"] = table["n_clients"] / n_clients
    table["deposit_avg_share"] = table["deposit_avg"] / whole if whole > 0 else float("nan")
    hidden = pd.DataFrame({"deposit_avg": [*(amount is None for amount in held), False]})
    return Distribution("industry", INDUSTRY, groups, table, hidden, ("deposit_avg",), 0.4, 5)


def table_of(found: object) -> Table:
    assert isinstance(found, Table)
    return found


# --- scope ----------------------------------------------------------------------------------------------------------


def step(id: str, n_clients: int, n_removed: int = 0, kind: Literal["step", "of_which"] = "step") -> Step:
    money = {"deposit_avg": n_clients * 1e6, "loan_avg": 0.0, "approved_amount": 5.0}
    return Step(id, Text(f"范围{id}", f"step {id}"), kind, n_clients, n_removed, Text("原因", "reason"), money)


def scope(n_all: int = 12, n_corporate: int = 11, n_open: int = 10) -> Waterfall:
    amounts = (
        ("deposit_avg", Text("存款", "deposits")),
        ("loan_avg", Text("贷款", "loans")),
        ("approved_amount", Text("批准", "approved")),
    )
    steps = (
        step("all", n_all),
        step("corporate", n_corporate, n_all - n_corporate),
        step("open", n_open, n_corporate - n_open),
        step("active", n_open - 3, kind="of_which"),
        step("idle", 3, kind="of_which"),
    )
    return Waterfall(steps, amounts, 0.7, 0)


def test_the_scope_shows_two_balances_the_analysed_clients_bold_and_of_which_rows_indented() -> None:
    table = scope_table(scope(), currency=CNY)
    assert [column.key for column in table.columns] == [
        "step", "n_clients", "removed", "deposit_avg", "loan_avg", "reason",
    ]  # fmt: skip
    assert [row.role for row in table.rows] == ["normal", "normal", "total", "indent", "indent"]
    assert [value(row.cells["n_clients"]) for row in table.rows] == [12, 11, 10, 7, 3]
    assert [row.cells["removed"] for row in table.rows[:3]] == [0, 1, 1]
    assert cell(table, 3, "removed") == Missing(Text("其中项", "an of-which row"))
    assert fact_ids(table)[:3] == [
        f"10_describe_clients.scope.all.{name}" for name in ("n_clients", "deposit_avg", "loan_avg")
    ]


def test_the_waterfall_is_drawn_only_where_somebody_is_left_out() -> None:
    figure, table = scope_blocks(scope(), currency=CNY)
    assert isinstance(figure, Figure)
    assert zh(figure.finding) == "12 户客户记录中，10 户纳入分析"
    assert en(figure.finding) == "Of 12 client records, 10 are analysed"
    assert keeps_the_promises(figure, table)
    assert [block.id for block in scope_blocks(scope(10, 10, 10), currency=CNY)] == ["scope"]


# --- distributions --------------------------------------------------------------------------------------------------


def test_a_distribution_prints_the_total_first_and_keeps_the_unclassified() -> None:
    # 6 + 4 + 10 clients, deposits 60 + 30 + 10: the first trade has 30 % of clients and 60 % of money
    found = spread((group("C", 6), 60.0), (group("F", 4), 30.0), (group("unclassified", 10, "unclassified"), 10.0))
    table = table_of(distribution_table(found, currency=CNY))
    assert table.id == "by_industry"
    assert [row.role for row in table.rows] == ["total", "normal", "normal", "normal"]
    assert cell(table, 0, "group") == Text("合计", "Total")
    assert [value(row.cells["n_clients"]) for row in table.rows] == [20, 6, 4, 10]
    assert [value(row.cells["deposit_avg_share"]) for row in table.rows] == [1.0, 0.6, 0.3, 0.1]
    assert fact_ids(table)[4:8] == [
        f"10_describe_clients.industry.C.{name}" for name in ("n_clients", "share", "deposit_avg", "deposit_avg_share")
    ]
    assert fact_ids(table)[-1] == "10_describe_clients.industry.unclassified.deposit_avg_share"
    assert keeps_the_promises(table)


def test_an_amount_that_is_hidden_stays_hidden_with_its_share_while_its_clients_are_shown() -> None:
    table = table_of(distribution_table(spread((group("C", 6), None), (group("F", 6), None), total=9.0), currency=CNY))
    assert cell(table, 1, "deposit_avg") == cell(table, 1, "deposit_avg_share") == Suppressed()
    assert value(cell(table, 1, "n_clients")) == 6
    assert value(cell(table, 0, "deposit_avg")) == 9.0


@pytest.mark.parametrize("total", [0.0, -5.0])
def test_a_total_that_is_not_positive_has_amounts_without_shares(total: float) -> None:
    table = table_of(distribution_table(spread((group("C", 6), -5.0), (group("F", 6), total + 5.0)), currency=CNY))
    assert value(cell(table, 1, "deposit_avg")) == -5.0
    assert {row.cells["deposit_avg_share"] for row in table.rows} == {
        Missing(Text("合计不为正", "the total is not positive"))
    }


def test_a_distribution_that_is_unavailable_stays_so_in_every_form() -> None:
    assert distribution_table(GONE, currency=CNY) is GONE
    assert distribution_figure(GONE, currency=CNY) is GONE
    assert distribution_blocks(GONE, currency=CNY) == (GONE,)
    assert cross_table(GONE) is GONE


def test_a_long_distribution_is_drawn_with_all_of_it_behind_and_a_short_one_is_a_table() -> None:
    letters = [f"{first}{second}" for first in "ABC" for second in "ABCDEFGHI"]
    lines = [(group(code, 5), float(place + 1)) for place, code in enumerate(letters)]
    (long,) = distribution_blocks(spread(*lines), currency=CNY)
    assert isinstance(long, Figure)
    assert len(long.behind.rows) == len(letters) + 1 > MAX_ROWS
    (short,) = distribution_blocks(spread(*lines[:MAX_ROWS]), currency=CNY)
    assert isinstance(short, Table)


def test_the_figure_speaks_of_the_largest_group_and_never_of_the_unclassified_or_a_hidden_one() -> None:
    # F holds 30 of 100; the unclassified hold 60 and C is hidden
    found = spread(
        (group("C", 6), None), (group("F", 4), 30.0), (group("unclassified", 10, "unclassified"), 60.0), total=100.0
    )
    figure = distribution_figure(found, currency=CNY)
    assert isinstance(figure, Figure)
    assert figure.id == "by_industry_figure"
    assert zh(figure.finding) == "F 业占存款日均余额 30.0%，占客户 20.0%"
    assert [fact.value for fact in figure.finding.facts] == [0.3, 0.2]
    assert en(figure.finding).startswith("Trade F: 30.0% of ")
    assert keeps_the_promises(figure)


def test_the_figure_of_a_loss_speaks_of_clients_only() -> None:
    figure = distribution_figure(spread((group("C", 6), -5.0), (group("F", 14), -1.0)), currency=CNY)
    assert isinstance(figure, Figure)
    # F loses least and comes first; it has 14 of 20 clients
    assert (zh(figure.finding), en(figure.finding)) == (
        "F 业最多，占客户 70.0%",
        "Trade F comes first, with 70.0% of clients",
    )


def test_without_amounts_or_without_groups_to_show_there_is_no_figure() -> None:
    found = spread((group("C", 6), None), total=9.0)
    hidden = distribution_figure(found, currency=CNY)
    assert hidden == Unavailable(Text("各组金额均低于披露要求，不作图", "no group may be shown, so there is no figure"))
    bare = Distribution("industry", INDUSTRY, found.groups, found.table, pd.DataFrame(), (), 1.0, 5)
    assert distribution_figure(bare, currency=CNY) == Unavailable(
        Text("数据源没有可分布的金额", "the source has no amount to distribute")
    )
    assert [column.key for column in table_of(distribution_table(bare, currency=CNY)).columns] == [
        "group", "n_clients", "share",
    ]  # fmt: skip


def test_a_cross_table_keeps_hidden_cells_hidden_beside_true_totals() -> None:
    # rows C 7 + hidden = 9, F hidden + 8 = 11
    rows = Grouping("industry", INDUSTRY, pd.Series(dtype=str), (group("C", 9), group("F", 11)))
    columns = Grouping("stage", Text("阶段", "stage"), pd.Series(dtype=str), (group("new", 10), group("old", 10)))
    nan = float("nan")
    counts = pd.DataFrame(
        {"new": [7.0, nan, 10.0], "old": [nan, 8.0, 10.0], "total": [9.0, 11.0, 20.0]}, index=["C", "F", "total"]
    )
    hidden = counts.iloc[:-1, :-1].isna()
    found = Cross(rows, columns, counts, counts * nan, hidden, hidden, "", 5)
    table = table_of(cross_table(found))
    assert table.id == "cross_industry_stage"
    assert [[row.cells[key] for key in ("new", "old", "total")] for row in table.rows] == [
        [7, Suppressed(), 9],
        [Suppressed(), 8, 11],
        [10, 10, 20],
    ]
    assert [row.role for row in table.rows] == ["normal", "normal", "total"]
    assert table.title == Text("行业 × 阶段", "Industry × stage")
    assert keeps_the_promises(table)


# --- sentences ------------------------------------------------------------------------------------------------------


def headline(*comparisons: Comparison, measure: str = "contribution", **more: object) -> Sentence:
    name, question = Text("客户", "Clients"), Text("谁？", "Who?")
    opening = portrait_opening(name, question, comparisons, concentration(**more), measure, scope())
    assert keeps_the_promises(opening)
    assert opening.lead is not None
    assert opening.lead.facts[0].value == 10
    return opening.headline


@pytest.mark.parametrize(
    ("base", "words_zh", "words_en"),
    [
        (10 * BN, "同比增长 20.0%", "up 20.0% on the year"),  # 12 after 10
        (16 * BN, "同比下降 25.0%", "down 25.0% on the year"),  # 12 after 16
    ],
)
def test_the_headline_says_whether_the_amount_grew_or_fell(base: float, words_zh: str, words_en: str) -> None:
    said = headline(compared("DEP_ADB", 12 * BN, yoy=base))
    assert words_zh in zh(said)
    assert words_en in en(said)
    assert zh(said).startswith("存款日均 120.00 亿元，")
    assert "78.0%" in zh(said)


@pytest.mark.parametrize("base", [12 * BN, 0.0, GONE], ids=["unchanged", "zero", "gone"])
def test_the_headline_gives_no_change_where_there_is_none(base: float | Unavailable) -> None:
    said = headline(compared("DEP_ADB", 12 * BN, yoy=base))
    assert "同比" not in zh(said)
    assert "on the year" not in en(said)


def test_the_headline_takes_the_first_amount_the_source_has() -> None:
    loans = headline(compared("DEP_ADB", GONE), compared("LOAN_ADB", 3 * BN))
    assert loans.facts[0].id == "10_describe_clients.kpi.LOAN_ADB"
    same = headline(compared("DEP_ADB", 3 * BN), measure="deposit_avg")
    assert zh(same).endswith("，前 20.0% 客户占 78.0%")
    assert en(same).endswith("; the top 20.0% of clients hold 78.0%")


def test_without_any_amount_the_headline_counts_clients_and_without_a_share_it_stops_at_the_amount() -> None:
    assert zh(headline()) == "数据源没有可列示的金额，只能描述客户数"
    assert zh(headline(compared("DEP_ADB", 3 * BN), top_share=GONE)) == "存款日均 30.00 亿元"


def findings(
    found: Distribution | Unavailable = GONE,
    *comparisons: Comparison,
    rates: DefaultRates | Unavailable = GONE,
    **more: object,
) -> tuple[Finding, ...]:
    made = portrait_findings({"industry": found}, concentration(**more), "contribution", comparisons, {"stage": rates})
    assert keeps_the_promises(made)
    return made.items


@pytest.mark.parametrize(
    ("n_first", "word_zh", "word_en"),
    [(4, "户均高于全体", ": more a client"), (16, "户均不高于全体", ": no more a client")],
)
def test_the_largest_industry_has_more_or_no_more_a_client_than_the_whole(
    n_first: int, word_zh: str, word_en: str
) -> None:
    # it holds 60 % of the money with 4 of 20 clients (20 %), or with 16 of 20 (80 %)
    first, _ = findings(spread((group("C", n_first), 60.0), (group("F", 20 - n_first), 40.0)))
    assert "C 业" in zh(first.sentence)
    assert word_zh in zh(first.sentence)
    assert word_en in en(first.sentence)
    assert first.refers_to == "by_industry_figure"


def test_a_hidden_or_unclassified_industry_is_never_the_largest() -> None:
    found = spread(
        (group("C", 6), None), (group("F", 4), 1.0), (group("unclassified", 9, "unclassified"), 90.0), total=100.0
    )
    assert "F 业" in zh(findings(found)[0].sentence)


@pytest.mark.parametrize("found", [GONE, spread((group("C", 6), None), total=1.0), spread((group("C", 6), -1.0))])
def test_an_industry_that_cannot_be_told_gives_no_finding(found: Distribution | Unavailable) -> None:
    assert [one.refers_to for one in findings(found)] == ["pareto_contribution_figure"]


def test_dependence_says_how_many_clients_lose_money_or_that_none_does() -> None:
    some, none = findings(negative_share=0.1)[-1].sentence, findings(negative_share=0.0)[-1].sentence
    assert "10.0% 的客户" in zh(some)
    assert en(some).endswith("10.0% of clients are below zero.")
    assert zh(none).endswith("没有客户为负。")
    assert en(none).endswith("No client is below zero.")
    assert findings(top_share=GONE) == ()


@pytest.mark.parametrize(
    ("new", "old", "relation_zh", "relation_en"),
    [
        # Wilson intervals: 20 of 100 is 13.3–28.9 %, 10 of 200 is 2.7–9.0 %, 5 of 100 is 2.2–11.2 %
        ((20, 100), (10, 200), "违约率高于存续企业", "is above that of"),
        ((10, 200), (20, 100), "违约率低于存续企业", "is below that of"),
        ((5, 100), (10, 200), "违约率与存续企业无法区分", "is not distinguishable from that of"),
    ],
)
def test_new_firms_are_above_below_or_not_distinguishable_from_established_ones(
    new: tuple[int, int], old: tuple[int, int], relation_zh: str, relation_en: str
) -> None:
    found = default_rates({"startup": new, "established": old})
    (_, quality) = findings(rates=found)
    assert relation_zh in zh(quality.sentence)
    assert relation_en in en(quality.sentence)
    assert quality.refers_to == "default_by_stage_figure"


def test_without_one_of_the_stages_nothing_is_said_of_quality() -> None:
    found = default_rates({"startup": (1, 10), "established": (0, 0)})
    assert len(findings(rates=found)) == 1


@pytest.mark.parametrize(
    ("gap", "word_zh", "word_en"), [(0.03, "高于日均", "stand above"), (-0.03, "低于日均", "stand below")]
)
def test_quarter_end_deposits_stand_above_or_below_their_average(gap: float, word_zh: str, word_en: str) -> None:
    last = findings(GONE, compared("ADBGAP", gap))[-1]
    assert word_zh in zh(last.sentence)
    assert word_en in en(last.sentence)
    assert "3.00%" in zh(last.sentence)
    assert "−" not in zh(last.sentence)


@pytest.mark.parametrize("gap", [0.0, GONE])
def test_no_gap_is_no_finding(gap: float | Unavailable) -> None:
    assert len(findings(GONE, compared("ADBGAP", gap))) == 1


def test_rates_of_default_go_before_the_gap_of_deposits() -> None:
    found = default_rates({"startup": (5, 100), "established": (10, 200)})
    assert [one.refers_to for one in findings(GONE, compared("ADBGAP", 0.1), rates=found)] == [
        "pareto_contribution_figure",
        "default_by_stage_figure",
    ]


def test_so_what_says_how_many_clients_are_enough_or_why_nobody_knows() -> None:
    said = portrait_so_what(concentration(), "contribution")
    assert not isinstance(said, Unavailable)
    assert said.role == "so_what"
    assert "80.0%" in zh(said.sentence)
    assert "23.0% 的客户（23 户）" in zh(said.sentence)
    assert keeps_the_promises(said)
    assert portrait_so_what(concentration(clients_for_target=GONE), "contribution") is GONE


def test_refs_of_prose_are_those_of_the_tables() -> None:
    # the share in the finding is the fact of the table's row, printed again
    found = spread((group("C", 4), 60.0), (group("F", 16), 40.0))
    table = table_of(distribution_table(found, currency=CNY))
    assert {fact.id: fact for fact in findings(found)[0].sentence.facts}.items() <= {
        fact.id: fact for fact in table.facts
    }.items()
    assert isinstance(cell(table, 1, "share"), Ref)
    assert isinstance(concentration().top_share, Estimate)


def test_industries_are_crossed_with_places_where_these_are_told_apart_else_their_money_is_listed() -> None:
    found = spread((group("C", 6), 60.0), (group("F", 14), 40.0))
    places = Grouping(
        "region_tier", Text("地区层级", "region tier"), pd.Series(), (group("core", 10), group("county", 10))
    )
    rows = Grouping("industry", INDUSTRY, pd.Series(), (group("C", 6), group("F", 14)))
    counts = pd.DataFrame(
        [[6.0, 0.0, 6.0], [4.0, 10.0, 14.0], [10.0, 10.0, 20.0]],
        index=["C", "F", "total"],
        columns=["core", "county", "total"],
    )
    told = Cross(rows, places, counts, counts, counts > 99, counts > 99, "", 5)
    assert [block.id for block in industry_blocks(found, told, currency=CNY) if isinstance(block, Figure | Table)] == [
        "by_industry_figure",
        "cross_industry_region_tier",
    ]
    nowhere = Grouping("region_tier", Text("地区层级", "region tier"), pd.Series(), (group("unclassified", 20),))
    untold = Cross(rows, nowhere, counts, counts, counts > 99, counts > 99, "", 5)
    assert [
        block.id for block in industry_blocks(found, untold, currency=CNY) if isinstance(block, Figure | Table)
    ] == [
        "by_industry_figure",
        "by_industry",
    ]
