"""A mapping proposed from names and first rows."""

import time
from decimal import Decimal

import pytest

from analysis.intake.mapping import Guess, GuessNote, guess_mapping
from analysis.intake.mapping.fit import best_fit
from analysis.intake.reading import Peek
from analysis.intake.reference import load_reference
from analysis.intake.schemas import PRODUCTS, SCHEMAS


def peek(file: str, columns: str, *rows: str, sheet: str = "") -> Peek:
    """The head of a file; headers and cells are separated by spaces."""
    return Peek(file, sheet, 1, tuple(columns.split()), tuple(tuple(row.split()) for row in rows))


CLIENTS = peek("客户信息.csv", "客户号 季度 地区", "C1 2026Q3 44")


def note_of(guess: Guess, column: str) -> GuessNote:
    return next(note for note in guess.notes if note.column == column)


def test_files_of_the_contract_are_certain() -> None:
    guess = guess_mapping([peek("clients.csv", "client_id quarter region", "C1 2026Q3 44")], name="a")
    assert guess.is_certain
    assert [(note.column, note.source, note.how, note.text) for note in guess.notes] == [
        ("client_id", "client_id", "exact", ""),
        ("quarter", "quarter", "exact", ""),
        ("region", "region", "exact", ""),
    ]
    assert guess.mapping.files[0].files == ("clients.csv",)


def test_labels_and_other_names_are_certain_too_whatever_their_case_width_and_marks() -> None:
    guess = guess_mapping([peek("客户信息.csv", "ＣＵＳＴ＿ＩＤ 季度 所属分行 统一社会信用代码")], name="a")
    assert guess.is_certain
    assert [(note.column, note.how) for note in guess.notes] == [
        ("client_id", "alias"),
        ("quarter", "exact"),
        ("credit_code", "exact"),
        ("branch_id", "alias"),
    ]


def test_a_client_file_may_leave_its_quarter_to_the_folder() -> None:
    guess = guess_mapping([peek("客户信息.csv", "客户号 地区")], name="a")
    assert guess.is_certain
    text = "no such column: the folder's quarter is taken"
    assert note_of(guess, "quarter") == GuessNote("客户信息.csv", "clients", "quarter", "", "none", text)


def test_a_source_without_clients_is_not_certain() -> None:
    guess = guess_mapping([peek("limits.csv", "client_id month credit_limit")], name="a")
    assert [file.table for file in guess.mapping.files] == ["limits"]
    assert not guess.is_certain


@pytest.mark.parametrize(
    ("header", "multiply", "text"),
    [
        ("日均余额(万元)", "10000", "the unit in the header makes 10000 of 1"),
        ("日均余额（亿元）", "100000000", "the unit in the header makes 100000000 of 1"),
        ("日均余额【单位：千元】", "1000", "the unit in the header makes 1000 of 1"),
        ("日均余额_万元", "10000", "the unit in the header makes 10000 of 1"),
        ("日均余额(人民币万元)", "10000", "the unit in the header makes 10000 of 1"),
    ],
)
def test_a_unit_in_a_header_gives_the_multiple(header: str, multiply: str, text: str) -> None:
    guess = guess_mapping([CLIENTS, peek("存款.csv", f"客户号 月末 产品 {header}")], name="a")
    column = guess.mapping.files[1].columns[3]
    assert (column.column, column.source, column.multiply) == ("balance_avg", header, Decimal(multiply))
    assert note_of(guess, "balance_avg") == GuessNote("存款.csv", "positions", "balance_avg", header, "unit", text)
    assert not guess.is_certain


def test_yuan_in_a_header_changes_nothing() -> None:
    guess = guess_mapping([CLIENTS, peek("存款.csv", "客户号 月末 产品 日均余额(元)")], name="a")
    assert guess.mapping.files[1].columns[3].multiply == 1
    assert guess.is_certain


def test_a_percent_sign_in_a_header_and_rates_above_one_are_percents() -> None:
    columns = "客户号 月末 产品 利率(%) FTP"
    guess = guess_mapping([CLIENTS, peek("存款.csv", columns, "C1 202609 活期 3.85 2.1")], name="a")
    rate, price = guess.mapping.files[1].columns[3:]
    assert (rate.multiply, price.multiply) == (Decimal("0.01"), Decimal("0.01"))
    assert note_of(guess, "rate").text == "the unit in the header makes 0.01 of 1"
    assert note_of(guess, "funds_price").how == "unit"
    assert note_of(guess, "funds_price").text == "some are above 1: taken as percents"


def test_amounts_cumulated_over_the_year_are_seen() -> None:
    guess = guess_mapping([CLIENTS, peek("存款.csv", "客户号 月末 产品 手续费本年累计(万元)")], name="a")
    column = guess.mapping.files[1].columns[3]
    assert (column.column, column.multiply, column.year_to_date) == ("fee", 10000, True)
    text = "the unit in the header makes 10000 of 1; cumulated over the year"
    assert note_of(guess, "fee").text == text


def test_usual_words_stand_for_the_codes_of_the_contract() -> None:
    guess = guess_mapping([peek("客户信息.csv", "客户号 季度 客户状态", "C1 2026Q3 正常", "C2 2026Q3 停用")], name="a")
    codes = guess.mapping.files[0].columns[2].codes
    assert (codes["正常"], codes["销户"]) == ("open", "closed")
    assert note_of(guess, "status").text == "no code is known for '停用'"
    assert not guess.is_certain


def test_names_of_industries_stand_for_their_sections() -> None:
    guess = guess_mapping([peek("客户信息.csv", "客户号 季度 行业", "C1 2026Q3 制造业")], name="a")
    assert guess.mapping.files[0].columns[2].codes["制造业"] == "C"
    assert guess.is_certain


def test_a_misspelt_header_is_near_and_a_missing_one_is_named_with_the_nearest() -> None:
    columns = "client_id mnth product balanse_avg prodct_family"
    guess = guess_mapping([CLIENTS, peek("positions.csv", columns.replace("product ", ""))], name="a")
    assert note_of(guess, "balance_avg") == GuessNote(
        "positions.csv", "positions", "balance_avg", "balanse_avg", "near"
    )
    assert note_of(guess, "month") == GuessNote("positions.csv", "positions", "month", "mnth", "near")
    text = "is required and was not found, the nearest header is 'prodct_family'"
    assert note_of(guess, "product") == GuessNote("positions.csv", "positions", "product", "", "none", text)
    assert not guess.is_certain


def test_more_in_brackets_may_be_another_currency() -> None:
    guess = guess_mapping([CLIENTS, peek("存款.csv", "客户号 月末 产品 余额(美元)")], name="a")
    assert note_of(guess, "balance_end") == GuessNote("存款.csv", "positions", "balance_end", "余额(美元)", "near")


def test_what_is_not_used_is_told() -> None:
    guess = guess_mapping([peek("客户信息.csv", "客户号 季度 备注1"), peek("x.csv", "foo bar")], name="a")
    assert guess.unused == (("客户信息.csv", "备注1"), ("x.csv", "foo"), ("x.csv", "bar"))
    assert guess.notes[-1] == GuessNote("x.csv", "", "", "", "none", "no table has these columns")
    assert not guess.is_certain


def test_a_sheet_that_holds_no_table_is_passed_over() -> None:
    sheets = [
        peek("all.xlsx", "客户号 季度 地区", sheet="客户"),
        peek("all.xlsx", "客户号 月末 授信额度", sheet="授信额度"),
        peek("all.xlsx", "说明 版本", sheet="说明"),
    ]
    guess = guess_mapping(sheets, name="a")
    assert [(file.table, file.sheet) for file in guess.mapping.files] == [("clients", "客户"), ("limits", "授信额度")]
    assert guess.is_certain


def test_files_that_differ_in_their_month_become_one_pattern() -> None:
    months = [peek(f"存款_{month}.csv", "客户号 月末 产品 余额") for month in ("202607", "202608", "2026-09-30")]
    guess = guess_mapping([CLIENTS, *months], name="a")
    assert [file.files for file in guess.mapping.files] == [("客户信息.csv",), ("存款_*.csv",)]


def test_a_pattern_takes_in_no_file_of_another_kind() -> None:
    alike = [peek("存款_202609.csv", "客户号 月末 产品 余额"), peek("存款_202608.csv", "客户号 月份 产品 余额")]
    guess = guess_mapping([CLIENTS, *alike], name="a")
    assert [file.files for file in guess.mapping.files[1:]] == [("存款_202609.csv",), ("存款_202608.csv",)]
    guess = guess_mapping([CLIENTS, alike[0], peek("存款_说明.csv", "说明")], name="a")
    assert [file.files for file in guess.mapping.files[1:]] == [("存款_202609.csv",)]


def test_a_file_named_by_its_date_alone_keeps_its_name() -> None:
    guess = guess_mapping([peek("20260930.csv", "客户号 季度 地区")], name="a")
    assert guess.mapping.files[0].files == ("20260930.csv",)
    guess = guess_mapping([peek("客户[1]_2026.csv", "客户号 季度 地区")], name="a")
    assert guess.mapping.files[0].files == ("客户[[]1]_*.csv",)


def test_a_header_serves_one_column_and_the_surest_one() -> None:
    guess = guess_mapping([peek("借据.csv", "借据号 客户号 发放日 金额 贷款金额")], name="a")
    sources = [column.source for column in guess.mapping.files[0].columns]
    assert len(sources) == len(set(sources))


def test_ten_thousand_columns_are_looked_at_in_seconds() -> None:
    columns = " ".join(["client_id", "quarter", *(f"variable_{n}" for n in range(10_000))])
    start = time.process_time()
    guess = guess_mapping([peek("clients.csv", columns)], name="a")
    assert time.process_time() - start < 5
    assert len(guess.unused) == 10_000


def test_every_usual_word_stands_for_a_word_of_the_contract() -> None:
    for row in load_reference("coded_words.csv"):
        column = SCHEMAS[row["table"]].column(row["column"])
        known = tuple(PRODUCTS) if column.name == "product" else column.allowed  # loans.product is no coded column
        assert row["canonical"] in known, row
    words = [(row["table"], row["column"], row["word"]) for row in load_reference("coded_words.csv")]
    assert len(words) == len(set(words))


@pytest.mark.parametrize("table", sorted(SCHEMAS))
def test_a_file_with_the_contracts_own_names_is_recognised(table: str) -> None:
    for names in (
        [column.name for column in SCHEMAS[table].columns],
        [column.label.zh for column in SCHEMAS[table].columns],
    ):
        guess = guess_mapping([Peek(f"{table}.csv", "", 1, tuple(names), ())], name="a")
        assert [file.table for file in guess.mapping.files] == [table]
        assert {note.how for note in guess.notes} == {"exact"}
        assert guess.unused == ()


def test_a_table_named_and_known_header_by_header_needs_no_look_at_names_that_are_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    schema = SCHEMAS["positions"]
    headers = tuple(column.name for column in schema.columns)
    head = Peek("positions.csv", "", 1, headers, ())
    alike = best_fit(head, [*headers, "balence_end"])  # one header left over: the others are looked at too
    monkeypatch.setattr("analysis.intake.mapping.fit.near_matches", None)
    found = best_fit(head, headers)
    assert found is not None
    assert alike is not None
    assert (found.schema, found.is_clear, len(found.matches), found.missing) == (schema, True, len(headers), ())
    assert found.matches == alike.matches
