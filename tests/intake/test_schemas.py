"""The contract holds together: names are told apart, rules run, references exist, and what analyses use is in it."""

import re
from collections import defaultdict
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from analysis.intake.dictionary import dictionary_markdown, dictionary_rows
from analysis.intake.reference import load_reference
from analysis.intake.schemas import SCHEMAS, Column, Rule, TableSchema
from analysis.intake.template import choices, example_row
from analysis.intake.validate import SQL_TYPES, quote, validate
from analysis.metrics.panel import load_panel
from tests.builders import tiny_portfolio

ROOT = Path(__file__).parents[2]
RULES = [(schema, rule) for schema in SCHEMAS.values() for rule in schema.rules]
BROKEN = {
    "clients.starts_after_quarter": {"relation_start": date(2026, 10, 1)},
    "clients.founded_after_quarter": {"founded": date(2027, 1, 1)},
    "positions.end_is_start_and_flows": {"balance_end": 1_200_000.05},  # 1,000,000 + 3,000,000 − 2,800,000 = 1,200,000
    "positions.negative_balance": {"balance_avg": -0.01},
    "positions.matures_before_opened": {"matures": date(2014, 3, 17)},
    "transactions.amount_without_entry": {"n_out": 0},
    "financials.balance_sheet": {"equity": 59_999_998},  # 150 − 90 million = 60 million, 2 yuan off
    "financials.part_of_assets": {"current_assets": 150_020_000},
    "financials.part_of_liabilities": {"debt": 90_020_000},
    "loans.outcome_before_start": {"outcome_date": date(2026, 3, 31)},
    "loans.matures_before_start": {"matures": date(2026, 3, 31)},
    "loans.guaranteed_above_amount": {"guaranteed": 5_000_000.01},
    "loans.charged_off_above_amount": {"charged_off": 10_000_001},
    "loan_states.overdue_but_performing": {"days_overdue": 91},
    "loan_states.overdue_above_balance": {"amount_overdue": 4_500_101},
    "loan_states.allowance_above_balance": {"allowance": 4_500_101},
    "limits.used_above_limit": {"used": 8_000_101},
    "limits.margin_above_acceptances": {"cash_margin": 1_000_101},
    "needs.closed_before_opened": {"closed": date(2026, 7, 5)},
    "feedback.closed_before_opened": {"closed": date(2026, 7, 5)},
    "feedback.answered_before_opened": {"responded": date(2026, 7, 5)},
    "processes.ends_before_start": {"until": date(2026, 3, 31)},
    "strategies.ends_before_start": {"until": date(2026, 3, 31)},
    "campaigns.bought_before_contact": {"conversion_date": date(2026, 8, 13)},
    "campaigns.answered_before_contact": {"response_date": date(2026, 8, 13)},
    "consents.ends_before_start": {"until": date(2026, 3, 31)},
    "incidents.found_before_it_happened": {"found": date(2026, 8, 13)},
    "incidents.closed_before_it_happened": {"closed": date(2026, 8, 13)},
    "incidents.recovered_above_loss": {"recovered": 100_000.01},
    "information.forwarded_before_date": {"forwarded_on": date(2026, 8, 13)},
}
"""What to change in the example row of a table so that the rule is broken by the least that counts."""


def typed(schema: TableSchema, row: dict[str, object]) -> str:
    """A row as SQL, in the types of the contract."""
    values = [f"{_literal(row[c.name])}::{SQL_TYPES[c.dtype]} AS {quote(c.name)}" for c in schema.columns]
    return f"SELECT {', '.join(values)}"


def _literal(value: object) -> str:
    if value == "":
        return "NULL"
    words = {"是": "true", "否": "false"}
    return f"'{words.get(str(value), value)}'"


def is_broken(schema: TableSchema, rule: Rule, **changes: object) -> bool | None:
    row = example_row(schema) | changes
    return duckdb.sql(f"SELECT {rule.broken} FROM ({typed(schema, row)})").fetchone()[0]


def plain(name: str) -> str:
    return re.sub(r"[\s_]", "", name).lower()


def test_every_rule_has_a_row_that_breaks_it():
    assert {f"{schema.name}.{rule.name}" for schema, rule in RULES} == set(BROKEN)


@pytest.mark.parametrize(("schema", "rule"), RULES, ids=lambda item: item.name)
def test_a_rule_is_broken_by_the_row_made_for_it_and_by_no_example(schema: TableSchema, rule: Rule):
    assert is_broken(schema, rule, **BROKEN[f"{schema.name}.{rule.name}"]) is True
    assert is_broken(schema, rule) is not True


@pytest.mark.parametrize(("schema", "rule"), RULES, ids=lambda item: item.name)
def test_a_rule_cannot_be_judged_where_its_column_is_empty(schema: TableSchema, rule: Rule):
    changes = {column.name: "" for column in schema.columns if not column.required}
    assert is_broken(schema, rule, **changes) is None


def test_rounding_to_whole_wan_is_no_broken_balance_sheet():
    financials = SCHEMAS["financials"]
    rule = financials.rules[0]
    # In whole 万元: 15,000 − 9,001 − 6,000 = −1; three figures of half a 万元 each may add to 1.5.
    assert is_broken(financials, rule, liabilities=90_010_000) is False
    # 15,000 − 9,002 − 6,000 = −2 cannot come from rounding.
    assert is_broken(financials, rule, liabilities=90_020_000) is True
    # In 万元 with two decimals, 0.01 is 100 yuan; 150 yuan may come from rounding, 200 may not.
    assert is_broken(financials, rule, liabilities=90_000_100) is False
    assert is_broken(financials, rule, liabilities=90_000_200) is True


def test_small_statements_may_not_be_off_by_a_large_share():
    # 60,000 yuan of assets in whole 万元: 10,000 are within rounding but a sixth of the firm.
    small = {"assets": 60_000, "liabilities": 40_000, "equity": 10_000}
    assert is_broken(SCHEMAS["financials"], SCHEMAS["financials"].rules[0], **small) is True


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=lambda schema: schema.name)
def test_no_two_columns_of_a_table_share_a_name(schema: TableSchema):
    owners = defaultdict(set)
    for column in schema.columns:
        for name in (column.name, column.label.zh, column.label.en, *column.aliases):
            owners[plain(name)].add(column.name)
    assert {name: columns for name, columns in owners.items() if len(columns) > 1} == {}
    assert all(len(set(column.aliases)) == len(column.aliases) for column in schema.columns)


def test_no_two_tables_share_the_name_of_a_file():
    owners = defaultdict(set)
    for schema in SCHEMAS.values():
        for name in (schema.name, schema.label.zh, schema.label.en, *schema.aliases):
            owners[plain(name)].add(schema.name)
    assert {name: tables for name, tables in owners.items() if len(tables) > 1} == {}


def test_references_point_to_columns_of_the_same_entity():
    for schema in SCHEMAS.values():
        for reference in schema.references:
            target = SCHEMAS[reference.table].column(reference.target)
            assert schema.column(reference.column).entity == target.entity, schema.name


def test_every_table_but_bank_wide_ones_that_names_a_client_must_know_it():
    with_clients = {s.name for s in SCHEMAS.values() if any(c.name == "client_id" for c in s.columns)}
    referring = {s.name for s in SCHEMAS.values() if any(r.column == "client_id" for r in s.references)}
    assert with_clients - referring == {"clients"}


def test_every_table_says_when_a_row_came_about():
    for schema in SCHEMAS.values():
        names = {column.name for column in schema.columns if column.required}
        assert schema.dated in names if schema.dated else names & {"month", "quarter", "year", "start"}, schema.name


def test_numbers_of_clients_loans_groups_and_people_are_identifiers():
    entities = {
        "client_id": "client",
        "loan_id": "loan",
        "group_id": "group",
        "manager_id": "staff",
        "staff_id": "staff",
    }
    for column in every_column():
        if column.name in entities:
            assert (column.sensitivity, column.entity) == ("identifier", entities[column.name])
        assert (column.sensitivity == "identifier") == bool(column.entity), column.name


def test_names_phones_and_free_text_about_people_are_restricted():
    restricted = {"name", "credit_code", "phone", "contact", "note", "content", "comment"}
    found = {column.name for column in every_column() if column.sensitivity == "restricted"}
    assert found == restricted
    free = {f"{s.name}.{c.name}" for s in SCHEMAS.values() for c in s.columns if c.name in restricted}
    assert free >= {
        "feedback.content",
        "feedback.phone",
        "interactions.contact",
        "interactions.note",
        "surveys.comment",
    }
    open_names = [
        s.name for s in SCHEMAS.values() for c in s.columns if c.name == "name" and c.sensitivity == "internal"
    ]
    assert open_names == ["outlets"]


def every_column() -> list[Column]:
    return [column for schema in SCHEMAS.values() for column in schema.columns]


def test_the_dictionary_has_every_column_once():
    assert [row[:2] for row in dictionary_rows()] == [(s.name, c.name) for s in SCHEMAS.values() for c in s.columns]


def test_every_rule_and_reference_stands_in_the_readme():
    text = dictionary_markdown()
    for schema in SCHEMAS.values():
        section = text.split(f"### `{schema.name}`")[1].split("\n### ")[0]
        assert re.findall(r"^- `(\w+)`: ", section, flags=re.MULTILINE) == [
            *(rule.name for rule in schema.rules),
            *("orphan" for _ in schema.references),
        ]


def test_the_design_names_every_table():
    # design.md section 5, in its order; `events` are the entries that `transactions` and `activity` are made of.
    named = (
        "clients positions loans loan_states limits transactions financials needs surveys feedback interactions"
        " processes strategies campaigns consents incidents risks actions information staff outlets plans markets"
        " industries regions controls bank features"
    )
    assert set(SCHEMAS) == {*named.split(" "), "events", "activity"}


def test_the_examples_are_a_portfolio_from_which_every_measure_can_be_computed(tmp_path: Path):
    tables = {name: frame_of(schema) for name, schema in SCHEMAS.items()}
    portfolio = tiny_portfolio(tmp_path, tables, first_quarter="2026Q3")
    panel = load_panel(portfolio, folder=tmp_path)
    assert panel["client_id"].tolist() == ["C000001"]
    # 1,150,000 on the 30 days of the one month that is there, of 92 days in the quarter
    assert panel["deposit_avg"].tolist() == [375_000.0]
    assert panel[["loan_balance", "limit_used", "n_entries"]].iloc[0].tolist() == [4_500_000.0, 5_500_000.0, 105.0]


def frame_of(schema: TableSchema) -> pd.DataFrame:
    return duckdb.sql(typed(schema, example_row(schema))).df()


def test_columns_that_analyses_name_are_in_the_contract():
    known = {column.name for column in every_column()}
    used = {
        name
        for folder in ("metrics", "features", "portrait")
        for path in (ROOT / "src" / "analysis" / folder).rglob("*.py")
        for name in re.findall(r"\.column\(\"(\w+)\"\)", path.read_text(encoding="utf-8"))
    }
    assert len(used) > 10
    assert used <= known


def test_the_examples_pass_the_contract(tmp_path: Path):
    connection = duckdb.connect()
    for name, schema in SCHEMAS.items():
        connection.execute(f"CREATE TABLE {name} AS {typed(schema, example_row(schema))}")
    validate(connection, {name: name for name in SCHEMAS}, source="template")


def test_every_allowed_word_has_a_usual_chinese_word():
    known = {(row["table"], row["column"], row["canonical"]) for row in load_reference("coded_words.csv")}
    wanted = {(s.name, c.name, word) for s in SCHEMAS.values() for c in s.columns for word in c.allowed}
    assert wanted - known == set()


def test_offered_choices_are_allowed_words():
    for column in every_column():
        if column.allowed:
            assert choices(column) == column.allowed
        assert len(",".join(choices(column))) <= 255, f"{column.name}: Excel offers at most 255 characters"
