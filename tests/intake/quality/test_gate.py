"""The gate: faults of each dimension, their limits, and what a stop says."""

import json
from decimal import Decimal

import pytest

from analysis.core.errors import DataError
from analysis.core.quarter import Quarter, month_end
from analysis.core.text import Text
from analysis.intake import load_policy
from analysis.intake.checks import FOLLOWS, Check, TableCount
from analysis.intake.quality import PeriodFacts, Quality, TableFacts, judge, lower

Q3 = Quarter("2026Q3")
POLICY = load_policy()
RANGE = Text("取值超出范围", "a value outside its range")


def monthly(table: str = "positions", **changed: int) -> TableFacts:
    """Twelve months to September 2026 with 100 rows each; `m08=50` gives August another number, 0 leaves it out."""
    periods = []
    for step in range(-11, 1):
        day = month_end(2026, 9 + step)
        n_rows = changed.get(f"m{day.month:02}", 100)
        if n_rows:
            periods.append(PeriodFacts(day.isoformat(), n_rows, None, {"product": n_rows}))
    return TableFacts(table, "month", tuple(periods))


def read(
    n_aside: int, *, of: int = 1000, money: int = 0, quarter: str = "2026Q3", table: str = "positions"
) -> TableCount:
    return TableCount(table, quarter, of, of - n_aside, n_aside, Decimal(1000), Decimal(1000 - money), Decimal(money))


def check(
    n_rows: int, dimension: str = "validity", *, money: int = 0, quarter: str = "2026Q3", **more: object
) -> Check:
    fields = {"table": "positions", "file": "a.csv", "column": "rate", "rule": "range", "label": RANGE} | more
    return Check(
        **fields,
        dimension=dimension,
        action="set_aside",
        n_rows=n_rows,
        money=Decimal(money),
        examples=("7.5 (line 3)", "9 (line 8)"),
        quarter=quarter,
    )


def judged(*checks: Check, counts: tuple[TableCount, ...] = (), facts: TableFacts | None = None) -> Quality:
    return judge(counts, checks, [facts or monthly()], POLICY, Q3)


def test_clean_tables_pass_with_full_scores_over_four_quarters():
    quality = judged()
    assert quality.state == "pass"
    assert quality.warned_tables == ()
    assert {(one.dimension, one.score, one.trend) for one in quality.scores} == {
        (dimension, 1.0, (1.0,) * 4)
        for dimension in ("completeness", "validity", "uniqueness", "consistency", "timeliness")
    }


def test_a_score_is_the_share_of_rows_without_a_broken_rule():
    quality = judged(check(15), counts=(read(15),))
    score = quality.score("positions", "validity")
    assert (score.score, score.state) == (pytest.approx(0.985), "warn")  # 15 of 1,000, above 1%
    assert quality.score("positions", "uniqueness").score == 1.0
    assert quality.reasons == {
        "positions": (
            Text(
                "产品持有：15 行（1.5%）未通过有效性检查，主要是取值超出范围",
                "positions: 15 rows (1.5%) fail the checks of validity, chiefly a value outside its range",
            ),
        )
    }


def test_at_the_limit_exactly_passes():
    assert judged(check(10), counts=(read(10),)).state == "pass"  # 10 of 1,000 is 1%
    assert judged(check(11), counts=(read(11),)).state == "warn"


def test_few_rows_with_much_money_are_a_warning():
    quality = judged(check(2, money=50), counts=(read(2, money=50),))
    assert quality.state == "warn"
    assert quality.reasons["positions"][0].en == (
        "positions: 2 rows (0.2%, with 5.0% of the money) fail the checks of validity, chiefly a value outside its "
        "range"
    )


def test_few_rows_never_stop_a_report():
    assert judged(check(9), counts=(read(9, of=20),)).state == "warn"
    assert judged(check(10), counts=(read(10, of=20),)).state == "stop"


def test_tables_that_may_not_stop_only_warn():
    facts = monthly("transactions")
    broken = check(500, table="transactions", column="n_in")
    assert judged(broken, counts=(read(500, table="transactions"),), facts=facts).state == "warn"


def test_rows_kept_and_rows_left_out_with_their_client_warn_and_never_stop():
    flagged = Check("positions", "a.csv", "balance_avg", "negative_balance", RANGE, "validity", "flag", 900)
    assert judged(flagged, counts=(read(0),)).state == "warn"
    follows = check(900, "consistency", rule=FOLLOWS, column="client_id")
    assert judged(follows, counts=(read(900),)).state == "warn"
    # 50 of 1,000 rows set aside by a rule of their own is 5%, under the stop at 10%; with 110 it is 11%
    assert judged(follows, check(50, "consistency"), counts=(read(950),)).state == "warn"
    assert judged(follows, check(110, "consistency"), counts=(read(1000),)).state == "stop"


def test_a_rule_that_changed_rows_is_no_fault():
    changed = Check("positions", "a.csv", "fee", "year_to_date", RANGE, "validity", "changed", 900)
    assert judged(changed, counts=(read(0),)).state == "pass"


def test_a_check_of_another_quarter_is_seen_in_the_trend_only():
    quality = judged(check(40, quarter="2026Q2"), counts=(read(0), read(40, quarter="2026Q2")))
    assert quality.state == "pass"
    assert quality.score("positions", "validity").trend == (1.0, 1.0, pytest.approx(0.96), 1.0)


def test_faults_of_older_records_still_count():
    facts = TableFacts("loans", "record", (PeriodFacts("2020-03-31", 500, None, {}),))
    broken = check(40, table="loans", column="amount", quarter="2020Q1")
    quality = judged(broken, counts=(read(40, table="loans", quarter="2020Q1"),), facts=facts)
    assert quality.score("loans", "validity").score == pytest.approx(0.96)


def test_a_check_without_a_quarter_is_a_share_of_all_rows():
    quality = judged(check(40, quarter=""), counts=(read(0), read(40, quarter="2026Q2")))
    assert quality.score("positions", "validity").score == pytest.approx(0.98)  # 40 of 2,000


def test_a_compared_quarter_that_would_have_been_stopped_marks_this_one():
    quality = judged(check(400, quarter="2026Q2"), counts=(read(0), read(400, quarter="2026Q2")))
    assert quality.state == "warn"
    assert quality.reasons["positions"][0].en.startswith("compared quarter 2026Q2, positions: 400 rows (40.0%)")


def test_half_a_month_missing_is_named():
    quality = judged(facts=monthly(m08=50))
    score = quality.score("positions", "completeness")
    assert (score.score, score.state) == (0.5, "warn")
    assert quality.reasons["positions"] == (
        Text(
            "产品持有：2026-08-31 的数据只有前后各期的 50.0%",
            "positions: 2026-08-31 holds 50.0% of what the periods around it do",
        ),
    )


def test_half_of_the_entries_missing_is_found_although_every_row_is_there():
    months = [month_end(2026, 9 + step).isoformat() for step in range(-11, 1)]
    periods = tuple(PeriodFacts(day, 100, 500.0 if day == "2026-09-30" else 1000.0, {}) for day in months)
    quality = judge((), (), [TableFacts("transactions", "month", periods)], POLICY, Q3)
    assert quality.score("transactions", "completeness").score == 0.5


def test_a_holiday_month_that_was_as_low_a_year_before_is_no_gap():
    days = [month_end(2025, 1 + step).isoformat() for step in range(15)]
    periods = tuple(PeriodFacts(day, 100, 600.0 if day[5:7] == "02" else 1000.0, {}) for day in days)
    quality = judge((), (), [TableFacts("transactions", "month", periods)], POLICY, Quarter("2026Q1"))
    assert quality.score("transactions", "completeness").score == 1.0


def test_a_month_that_is_not_there_stops():
    assert judged(facts=monthly(m08=0)).state == "stop"


def test_a_first_delivery_that_begins_within_the_quarter_lacks_a_month():
    months = ("2026-08-31", "2026-09-30")
    facts = TableFacts("positions", "month", tuple(PeriodFacts(day, 100, None, {}) for day in months))
    assert judged(facts=facts).reasons["positions"][0].en == (
        "positions: 2026-07-31 holds 0.0% of what the periods around it do"
    )


def test_a_table_of_quarter_ends_lacks_no_months_but_may_lack_half_a_quarter():
    ends = ("2025-12-31", "2026-03-31", "2026-06-30", "2026-09-30")
    whole = TableFacts("limits", "month", tuple(PeriodFacts(day, 100, None, {}) for day in ends))
    assert judged(facts=whole).state == "pass"
    half = TableFacts("limits", "month", tuple(PeriodFacts(d, 40 if d == ends[-1] else 100, None, {}) for d in ends))
    assert judged(facts=half).score("limits", "completeness").score == pytest.approx(0.4)


def test_a_few_rows_more_or_less_are_no_gap():
    months = [month_end(2026, 9 + step).isoformat() for step in range(-11, 1)]
    facts = TableFacts("positions", "month", tuple(PeriodFacts(d, 1 + k % 3, None, {}) for k, d in enumerate(months)))
    assert judged(facts=facts).state == "pass"


def test_the_quarter_a_table_begins_in_may_begin_half_way():
    days = [month_end(2025, month).isoformat() for month in range(8, 22)]  # August 2025 to September 2026
    facts = TableFacts("positions", "month", tuple(PeriodFacts(day, 100, None, {}) for day in days))
    assert judged(facts=facts).state == "pass"


def test_an_extract_that_ends_a_month_early_warns_and_a_quarter_early_stops():
    early = judged(facts=monthly(m09=0))
    assert (early.state, early.score("positions", "timeliness").score) == ("warn", pytest.approx(11 / 12))
    assert early.reasons["positions"][0].en == "positions: ends at 2026-08-31, 1 month short"
    assert judged(facts=monthly(m07=0, m08=0, m09=0)).state == "stop"


def test_empty_cells_of_an_important_column_warn_and_name_it():
    periods = tuple(PeriodFacts(q, 50, None, {"industry": 40, "region": 0}) for q in ("2026Q2", "2026Q3"))
    quality = judge((), (), [TableFacts("clients", "quarter", periods)], POLICY, Q3)
    assert [(flaw.kind, flaw.column) for flaw in quality.flaws] == [("fill", "industry")]  # region: not supplied at all
    assert quality.reasons["clients"][0].en == "clients: industry section is empty in 20.0% of the rows"


def test_a_column_that_was_filled_before_and_is_empty_now_is_named():
    filled = {"2026Q1": 30, "2026Q2": 30, "2026Q3": 10}
    periods = tuple(PeriodFacts(q, 50, None, {"tier": n, "group_id": 2 - 2 * (n == 10)}) for q, n in filled.items())
    quality = judge((), (), [TableFacts("clients", "quarter", periods)], POLICY, Q3)
    # 60 % of the cells were filled, 20 % are: 20 of 50 cells are gone; group_id, filled in 4 %, may come and go
    assert [(flaw.column, flaw.message) for flaw in quality.flaws] == [
        ("tier", "clients.tier is empty in 20 rows more than in earlier quarters (40.0%)")
    ]
    assert quality.reasons["clients"] == (
        Text(
            "客户：“现行层级”比以往各季多 40.0% 为空",
            "clients: tier in force is empty in 40.0% of the rows more than in earlier quarters",
        ),
    )


def test_records_may_be_old_where_they_are_few_and_not_where_there_were_many():
    many = tuple(PeriodFacts(f"2026-0{m}-28", 30, None, {}) for m in (1, 2, 3, 4, 5, 6))
    assert judge((), (), [TableFacts("loans", "record", many)], POLICY, Q3).state == "stop"
    few = (PeriodFacts("2026-02-28", 3, None, {}),)
    quality = judge((), (), [TableFacts("loans", "record", few)], POLICY, Q3)
    assert quality.score("loans", "timeliness").score is None


def test_last_years_statements_are_expected_from_the_third_quarter():
    facts = TableFacts("financials", "year", (PeriodFacts("2024", 9, None, {}),))
    assert judge((), (), [facts], POLICY, Quarter("2026Q2")).state == "pass"
    assert judge((), (), [facts], POLICY, Q3).reasons["financials"] == (
        Text("财务报表：只到 2024，距应有日期差 12 个月", "financial statements: ends at 2024, 12 months short"),
    )


def test_a_stop_names_file_column_rule_count_and_examples():
    quality = judged(check(200), check(50, "uniqueness", rule="duplicate_key", column="client_id"), counts=(read(250),))
    with pytest.raises(DataError) as caught:
        quality.refuse_stopped("monday")
    assert caught.value.message == (
        "The data of monday for 2026Q3 are not good enough for a report: a.csv, positions.rate breaks range (a value "
        "outside its range) in 200 rows, for example 7.5 (line 3), 9 (line 8); together 20.0% of the rows."
    )
    assert caught.value.exit_code == 3


def test_a_warning_refuses_nothing():
    judged(check(15), counts=(read(15),)).refuse_stopped("monday")


def test_the_verdict_survives_the_manifest():
    quality = judged(check(15), counts=(read(15),))
    assert Quality.from_json(json.loads(json.dumps(quality.as_json()))) == quality


def test_a_warning_lowers_the_grade_of_what_rests_on_the_table_by_one():
    quality = judged(check(15), counts=(read(15),))
    assert lower("A", quality, ("positions", "loans")) == "B"
    assert lower("A", quality, ("loans",)) == "A"
    assert lower("D", quality, ("positions",)) == "D"
