"""Every rule of the contract is checked, all failures are told at once, and no restricted value is ever told."""

import duckdb
import pytest

from analysis.core.errors import DataError
from analysis.intake.schemas import SCHEMAS
from analysis.intake.validate import (
    SQL_TYPES,
    columns_of,
    find_failures,
    is_stored_form,
    left_out,
    validate,
    write_table,
)
from tests.builders import client_rows, rows


def failures_of(**tables):
    connection = duckdb.connect()
    tables.setdefault("clients", client_rows("A"))
    for name, frame in tables.items():
        connection.register(name, frame)
    return [str(failure) for failure in find_failures(connection, {name: name for name in tables})]


def test_good_tables_raise_nothing():
    positions = rows("client_id month product balance_avg", ("A", "2026-09-30", "deposit_demand", 1.0))
    assert failures_of(positions=positions) == []


def test_without_clients_nothing_works():
    connection = duckdb.connect()
    assert [str(f) for f in find_failures(connection, {})] == [
        "clients.* is missing, and nothing works without this table"
    ]


def test_a_required_column_that_is_missing_is_named_with_what_may_be_meant():
    assert failures_of(clients=client_rows("A").rename(columns={"quarter": "quater"})) == [
        "clients.quarter is missing; the column 'quater' may be meant"
    ]
    assert failures_of(clients=client_rows("A").drop(columns="quarter")) == ["clients.quarter is missing and required"]


def test_a_misspelt_optional_column_is_not_silently_left_out():
    assert failures_of(clients=client_rows("A", regoin="x")) == [
        "clients.region is missing; the column 'regoin' may be meant"
    ]


def test_wrong_values_are_counted_and_shown():
    clients = client_rows(
        "A", "B", "C", quarters=("2026Q3",), staff={"A": -1.0, "B": -2.0, "C": 5.0}, stage="middle-aged"
    )
    found = failures_of(clients=clients)
    assert found[0] == "clients.staff is below 0 (2 rows), for example '-1.0', '-2.0'"
    assert found[1].startswith("clients.stage is not one of startup, growth,")
    assert found[1].endswith("(3 rows), for example 'middle-aged'")


def test_every_other_rule_has_its_words():
    positions = rows(
        "client_id month product rate balance_avg",
        ("A", "2026-09-30", "deposit_demand", 1.5, "many"),
        ("A", "2026-09-29", "deposit_demand", 0.1, "1"),
        (None, "2026-08-31", "deposit_demand", float("inf"), "1"),
    )
    assert failures_of(positions=positions) == [
        "positions.client_id is required and empty (1 row)",
        "positions.month is not the last day of a month (1 row), for example '2026-09-29'",
        "positions.balance_avg is not an amount (1 row), for example 'many'",
        "positions.rate is above 1 (2 rows), for example '1.5', 'inf'",
        "positions.rate is not a finite number (1 row), for example 'inf'",
    ]


def test_a_malformed_quarter_is_shown():
    assert failures_of(clients=client_rows("A", quarters=("2026Q5", "2026Q3"))) == [
        "clients.quarter is not a quarter such as 2026Q3 (1 row), for example '2026Q5'"
    ]


def test_duplicate_keys_are_counted_with_their_keys():
    assert failures_of(clients=client_rows("A", "A", "B", quarters=("2026Q3",))) == [
        "clients.client_id + quarter names the same row more than once (2 rows), for example A · 2026Q3"
    ]


def test_a_restricted_value_is_never_told(monkeypatch):
    restricted = SCHEMAS["clients"].column("name")
    connection = duckdb.connect()
    connection.register("clients", client_rows("A", name="王小明").assign(credit_code=["x", "y"]))
    object.__setattr__(restricted, "allowed", ("nobody",))
    try:
        (failure,) = find_failures(connection, {"clients": "clients"})
    finally:
        object.__setattr__(restricted, "allowed", ())
    assert str(failure) == "clients.name is not one of nobody (2 rows)"
    assert "王小明" not in str(failure)


def test_all_failures_come_in_one_message():
    connection = duckdb.connect()
    connection.register("clients", client_rows("A", quarters=("2026Q3",), staff=-1.0, revenue="much"))
    with pytest.raises(DataError) as refused:
        validate(connection, {"clients": "clients"}, source="tiny")
    assert str(refused.value) == (
        "The data of tiny fail 2 checks of the data contract: clients.staff is below 0 (1 row), for example '-1.0';"
        " clients.revenue is not an amount (1 row), for example 'much'."
        " Correct the extract or its mapping; the contract is in data/README.md."
    )
    assert refused.value.exit_code == 3


def test_a_stored_table_has_every_column_in_order_and_type_sorted_by_key(tmp_path):
    connection = duckdb.connect()
    connection.register("clients", client_rows("B", "A", quarters=("2026Q3",), revenue=1.005, colour="red"))
    assert write_table(connection, "clients", "clients", tmp_path / "clients.parquet") == 2
    assert left_out(connection, "clients", "clients") == ("colour",)
    stored = f"read_parquet('{tmp_path / 'clients.parquet'}')"
    assert columns_of(connection, stored) == {c.name: SQL_TYPES[c.dtype] for c in SCHEMAS["clients"].columns}
    assert connection.execute(f"SELECT client_id, region FROM {stored}").fetchall() == [("A", None), ("B", None)]
    assert is_stored_form(connection, "clients", stored)
    assert not is_stored_form(connection, "clients", "clients")
