"""A bank that numbers its clients anew gets the same report: nothing hangs on the order of client numbers."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from analysis.features import build_features
from analysis.intake import load_portfolio
from analysis.intake.identity import pseudonymise
from analysis.intake.portfolio import Portfolio, parquet_sql
from analysis.intake.validate import write_table
from analysis.portrait import pareto
from analysis.portrait.eighty_twenty import client_amounts
from analysis.segmentation import KMeans, profile

KEY = b"numbers the clients anew"


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    options = {"n_clients": 700, "n_months": 18}
    return load_portfolio("demo", quarter="2026Q3", cache=tmp_path_factory.mktemp("demo"), options=options)


@pytest.fixture(scope="module")
def renumbered(bank: Portfolio, tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    """The same bank under pseudonyms, its rows stored in their order."""
    folder: Path = tmp_path_factory.mktemp("renumbered")
    with duckdb.connect(config={"threads": 1}) as connection:
        tables = {name: f"given_{name}" for name in bank.tables}
        for name, relation in tables.items():
            connection.execute(f"CREATE TABLE {relation} AS SELECT * FROM {parquet_sql(bank.folder, name)}")
        pseudonymise(connection, tables, KEY)
        for name, relation in tables.items():
            write_table(connection, name, relation, folder / f"{name}.parquet")
    return replace(bank, folder=folder, tables_key="renumbered")


def anonymous(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows without their client, in the order of their values."""
    return frame.sort_values(list(frame.columns), ignore_index=True)


def test_no_client_has_its_old_number(bank: Portfolio, renumbered: Portfolio) -> None:
    assert set(bank.register["client_id"]).isdisjoint(renumbered.register["client_id"])


def test_features_are_the_same(bank: Portfolio, renumbered: Portfolio) -> None:
    pd.testing.assert_frame_equal(
        anonymous(build_features(bank).values), anonymous(build_features(renumbered).values), rtol=1e-12
    )


def test_segments_their_structure_and_their_profile_are_the_same(bank: Portfolio, renumbered: Portfolio) -> None:
    features, others = build_features(bank), build_features(renumbered)
    first, second = KMeans(5, seed=7).fit(features), KMeans(5, seed=7).fit(others)
    assert first.segments == second.segments
    assert first.structure == second.structure
    one, two = profile(first, features, min_clients=5), profile(second, others, min_clients=5)
    pd.testing.assert_frame_equal(one.values, two.values, rtol=1e-12)
    assert [(trait.segment, trait.code) for trait in one.traits] == [
        (trait.segment, trait.code) for trait in two.traits
    ]


def test_concentration_and_its_intervals_are_the_same(bank: Portfolio, renumbered: Portfolio) -> None:
    first, second = (pareto(client_amounts(portfolio, "deposit_avg"), seed=3) for portfolio in (bank, renumbered))
    pd.testing.assert_frame_equal(first.curve, second.curve)
    assert replace(first, curve=second.curve) == second
