"""Which table a file is taken for, and what is told where none fits or two do."""

import pytest

from analysis.intake.mapping import ColumnMapping, Guess, GuessNote, guess_mapping
from analysis.intake.reading import Peek


def peek(file: str, columns: str, *rows: str) -> Peek:
    """The head of a file; headers and cells are separated by spaces."""
    return Peek(file, "", 1, tuple(columns.split()), tuple(tuple(row.split()) for row in rows))


CLIENTS = peek("客户信息.csv", "客户号 季度 地区", "C1 2026Q3 44")


def columns_of(guess: Guess, table: str) -> dict[str, str]:
    file = next(file for file in guess.mapping.files if file.table == table)
    return {column.column: column.source for column in file.columns}


# --- industry codes ---------------------------------------------------------------------------------------------------


def test_section_and_division_are_read_from_one_industry_code() -> None:
    guess = guess_mapping([peek("客户信息.csv", "客户号 季度 行业代码", "C1 2026Q3 C3511", "C2 2026Q3 F51")], name="a")
    assert guess.mapping.files[0].columns[2:] == (
        ColumnMapping("industry", "行业代码", part=(1, 1)),
        ColumnMapping("industry_division", "行业代码", part=(2, 3)),
    )
    assert guess.is_certain


def test_a_code_without_its_letter_gets_the_section_of_its_division() -> None:
    guess = guess_mapping([peek("客户信息.csv", "客户号 季度 行业代码", "C1 2026Q3 3511", "C2 2026Q3 51")], name="a")
    section, division = guess.mapping.files[0].columns[2:]
    assert (section.column, section.part, section.codes["35"], section.codes["51"]) == ("industry", (1, 2), "C", "F")
    assert division == ColumnMapping("industry_division", "行业代码", part=(1, 2))
    note = next(note for note in guess.notes if note.column == "industry")
    assert note == GuessNote(
        "客户信息.csv", "clients", "industry", "行业代码", "alias", "the section follows from the division"
    )
    assert not guess.is_certain


@pytest.mark.parametrize("code", ["C", "制造业", "C9911", "A3511", "X35", "350000"])
def test_what_is_no_code_of_a_division_is_read_whole(code: str) -> None:
    # 35 is a division of section C, not of A; there is no section X and no division 99
    guess = guess_mapping([peek("客户信息.csv", "客户号 季度 行业代码", f"C1 2026Q3 {code}")], name="a")
    assert [(column.column, column.part) for column in guess.mapping.files[0].columns[2:]] == [("industry", None)]


def test_a_division_in_its_own_column_is_not_read_twice() -> None:
    columns, row = "客户号 季度 行业代码 行业大类", "C1 2026Q3 C3511 35"
    guess = guess_mapping([peek("客户信息.csv", columns, row)], name="a")
    assert columns_of(guess, "clients")["industry_division"] == "行业大类"
    assert [column.part for column in guess.mapping.files[0].columns[2:]] == [(1, 1), None]


# --- which table ------------------------------------------------------------------------------------------------------


def test_short_english_headers_are_known() -> None:
    peeks = [
        peek("a.csv", "CUST_NO CUST_NAME CUST_TYPE ACCT_STS OPEN_DT REVENUE"),
        peek("b.csv", "CUST_NO DATA_DT PROD AVG_BAL BAL"),
    ]
    guess = guess_mapping(peeks, name="a")
    assert [file.table for file in guess.mapping.files] == ["clients", "positions"]
    assert guess.unused == ()
    assert guess.is_certain


def test_client_and_month_alone_make_no_table() -> None:
    guess = guess_mapping([CLIENTS, peek("b.csv", "CUST_NO DATA_DT FOO BAR")], name="a")
    assert [file.table for file in guess.mapping.files] == ["clients"]
    assert guess.notes[-1].text == (
        "no table has these columns; the nearest is limits, of which only 'CUST_NO', 'DATA_DT' is known"
    )
    assert not guess.is_certain


def test_one_known_column_among_many_others_makes_no_table() -> None:
    guess = guess_mapping([CLIENTS, peek("b.csv", "客户号 地区 甲 乙 丙")], name="a")
    assert [file.files for file in guess.mapping.files] == [("客户信息.csv",)]


def test_a_file_named_for_a_table_of_which_only_the_key_is_known_is_to_be_looked_at() -> None:
    guess = guess_mapping([CLIENTS, peek("存款.csv", "客户号 月末 产品 甲 乙")], name="a")
    assert guess.notes[-1] == GuessNote(
        "存款.csv", "positions", "", "", "near", "only key columns are known, none of the others"
    )
    assert not guess.is_certain


def test_a_list_of_products_that_holds_nothing_else_is_no_doubt() -> None:
    guess = guess_mapping([CLIENTS, peek("产品持有.csv", "客户号 月末 产品")], name="a")
    assert guess.is_certain


def test_the_nearest_header_is_told_where_the_clients_number_has_an_unknown_name() -> None:
    guess = guess_mapping([peek("a.csv", "客户码x 客户名称 客户类型 账户状态 开户日期")], name="a")
    assert [file.table for file in guess.mapping.files] == ["clients"]
    text = "is required and was not found, the nearest header is '客户码x'"
    assert next(note for note in guess.notes if note.column == "client_id").text == text
    assert not guess.is_certain


def test_a_header_of_another_world_is_not_called_the_nearest() -> None:
    guess = guess_mapping([peek("a.csv", "zzz 客户名称 客户类型 账户状态 开户日期")], name="a")
    assert next(note for note in guess.notes if note.column == "client_id").text == "is required and was not found"


def test_two_signs_are_too_few_to_be_alike() -> None:
    guess = guess_mapping([CLIENTS, peek("借据.csv", "借据号 客户号 发放日 金额 担保")], name="a")
    assert "guarantor_id" not in columns_of(guess, "loans")
    assert guess.unused == (("借据.csv", "担保"),)


@pytest.mark.parametrize(
    "header",
    ["客户编码", "客户号码", "统一客户号", "公司客户号", "企业编号", "单位编号", "CUST_CODE", "CST_ID", "party_no"],
)
def test_usual_names_of_the_clients_number_are_known(header: str) -> None:
    assert guess_mapping([peek("客户信息.csv", f"{header} 季度 地区")], name="a").is_certain


@pytest.mark.parametrize(
    "header",
    ["月度", "年月", "业务日期", "统计年月", "快照日期", "DATA_DT", "STAT_DT", "RPT_DT", "snapshot_date", "as_of"],
)
def test_usual_names_of_the_month_are_known(header: str) -> None:
    assert guess_mapping([CLIENTS, peek("存款.csv", f"客户号 {header} 产品 余额")], name="a").is_certain


# --- loans and their states in one file -------------------------------------------------------------------------------

LEDGER = "客户号 借据号 数据日期 发放日期 贷款金额 利率 到期日 余额 五级分类 逾期天数"


def test_a_monthly_ledger_of_loans_is_loans_once_and_their_states() -> None:
    row = "C1 L1 2026-09-30 2025-01-05 100 0.03 2027-01-05 80 正常 0"
    guess = guess_mapping([CLIENTS, peek("贷款台账.csv", LEDGER, row)], name="a")
    loans, states = guess.mapping.files[1:]
    assert (loans.table, loans.distinct, states.table, states.distinct) == ("loans", True, "loan_states", False)
    assert loans.files == states.files == ("贷款台账.csv",)
    assert list(columns_of(guess, "loans")) == ["loan_id", "client_id", "start", "amount", "matures"]
    assert list(columns_of(guess, "loan_states")) == [
        "loan_id", "client_id", "month", "balance", "loan_class", "days_overdue", "rate",
    ]  # fmt: skip
    assert {note.file for note in guess.notes[3:]} == {"贷款台账.csv", "贷款台账.csv (also)"}
    assert guess.unused == ()
    assert guess.is_certain


def test_ledgers_of_several_months_are_one_pattern_for_each_table() -> None:
    guess = guess_mapping([CLIENTS, *(peek(f"贷款台账_{m}.csv", LEDGER) for m in ("202608", "202609"))], name="a")
    found = [(file.table, file.files) for file in guess.mapping.files[1:]]
    assert found == [("loans", ("贷款台账_*.csv",)), ("loan_states", ("贷款台账_*.csv",))]


def test_a_ledger_without_a_month_stands_for_its_folders_quarter() -> None:
    guess = guess_mapping([CLIENTS, peek("贷款台账.csv", "客户号 借据号 发放日期 贷款金额 余额 五级分类")], name="a")
    assert [(file.table, file.distinct) for file in guess.mapping.files[1:]] == [
        ("loans", False),
        ("loan_states", False),
    ]


def test_loans_without_a_balance_are_no_states_and_states_without_a_start_no_loans() -> None:
    for columns, table in (("客户号 借据号 发放日期 贷款金额", "loans"), ("客户号 借据号 月末 余额", "loan_states")):
        guess = guess_mapping([CLIENTS, peek("贷款.csv", columns)], name="a")
        assert [file.table for file in guess.mapping.files[1:]] == [table]
