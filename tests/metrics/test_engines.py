"""The same declarations on another engine: PostgreSQL gives what DuckDB gives, and nothing is written to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from analysis.core.errors import ParameterError
from analysis.features import build_features
from analysis.intake.engine import EnginePortfolio
from analysis.intake.load import load_portfolio
from analysis.intake.memory import duckdb_settings
from analysis.intake.portfolio import Portfolio
from analysis.metrics import build_panel
from analysis.metrics.relations import literal_rows
from tests.postgres import PASSWORD, USER, Server, copy_tables

READ_ONLY = "-c default_transaction_read_only=on"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    cache: Path = tmp_path_factory.mktemp("demo")
    return load_portfolio("demo", cache=cache, options={"n_clients": 300, "n_months": 24})


@pytest.fixture(scope="module")
def elsewhere(demo: Portfolio, postgres: Server) -> Iterator[EnginePortfolio]:
    """The same tables in PostgreSQL, behind a session that may only read."""
    copy_tables(postgres, demo, "engines")
    with connected(postgres, "engines") as backend:
        yield on_engine(demo, backend)


@contextmanager
def connected(server: Server, schema: str) -> Iterator[Any]:
    backend = ibis.postgres.connect(
        host="127.0.0.1",
        port=server.port,
        user=USER,
        password=PASSWORD,
        database="postgres",
        schema=schema,
        options=READ_ONLY,
    )
    yield backend
    backend.disconnect()


def on_engine(portfolio: Portfolio, backend: Any) -> EnginePortfolio:
    given = {field.name: getattr(portfolio, field.name) for field in fields(portfolio)}
    return EnginePortfolio(**(given | {"tables_key": "elsewhere"}), backend=backend)


def test_every_measure_is_the_same_on_postgresql(demo: Portfolio, elsewhere: EnginePortfolio) -> None:
    pd.testing.assert_frame_equal(build_panel(elsewhere, 8), build_panel(demo, 8), rtol=1e-9, atol=0)


def test_every_feature_is_the_same_on_postgresql(demo: Portfolio, elsewhere: EnginePortfolio) -> None:
    there, here = build_features(elsewhere), build_features(demo)
    assert there.features == here.features
    assert there.n_imputed == here.n_imputed
    pd.testing.assert_frame_equal(there.values, here.values, rtol=1e-9, atol=0)


def test_an_earlier_quarter_on_postgresql_knows_nothing_later(demo: Portfolio, elsewhere: EnginePortfolio) -> None:
    there, here = elsewhere.previous, demo.previous
    pd.testing.assert_frame_equal(there.clients, here.clients)
    pd.testing.assert_frame_equal(build_panel(there, 2), build_panel(here, 2), rtol=1e-9, atol=0)


def test_the_four_hand_made_clients_are_the_same_on_postgresql(bank: Portfolio, postgres: Server) -> None:
    copy_tables(postgres, bank, "small")
    with connected(postgres, "small") as backend:
        there = build_panel(on_engine(bank, backend))
    pd.testing.assert_frame_equal(there, build_panel(bank), rtol=1e-9, atol=0)


def test_rows_in_the_query_keep_their_types() -> None:
    day = pd.Timestamp("2026-09-30").date()
    data = pa.table({"month": [day, day], "days": pa.array([30, 31], pa.int16()), "rate": [0.03, None]})
    table = literal_rows(data)
    assert table.schema() == ibis.Schema.from_pyarrow(data.schema)
    assert ibis.duckdb.connect().to_pyarrow(table.order_by("days")).equals(data)


def test_the_cap_on_memory_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANALYSIS_MEMORY_LIMIT", raising=False)
    assert duckdb_settings() == {"threads": 1}
    monkeypatch.setenv("ANALYSIS_MEMORY_LIMIT", "1500MB")
    assert duckdb_settings()["memory_limit"] == "1050MB"


@pytest.mark.parametrize("asked", ["2", "GB", "-1GB", "2TB", "1GB; SET threads=9", "0GB"])
def test_a_cap_that_is_no_size_is_refused(asked: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        duckdb_settings(asked)
    assert str(refusal.value) == f"The memory limit {asked!r} is not understood. Write for example 1500MB or 2GB."


def test_the_same_panel_comes_out_under_a_cap(demo: Portfolio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANALYSIS_MEMORY_LIMIT", "200MB")
    pd.testing.assert_frame_equal(build_panel(replace(demo), 4), build_panel(demo, 4))
