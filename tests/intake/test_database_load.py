"""The demo bank from PostgreSQL through the whole load: the same numbers as from its generator, nothing given away."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.intake.load import load_portfolio
from analysis.intake.portfolio import Portfolio
from analysis.metrics import METRICS, measure
from tests.postgres import PASSWORD, Server, copy_tables


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("cache")
    return folder


@pytest.fixture(scope="module")
def demo(cache: Path) -> Portfolio:
    return load_portfolio("demo", cache=cache / "demo", options={"n_clients": 200, "n_months": 24})


@pytest.fixture(scope="module")
def loaded(demo: Portfolio, cache: Path, postgres: Server) -> Portfolio:
    copy_tables(postgres, demo, "whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANALYSIS_DATABASE_PASSWORD", PASSWORD)
        patch.setenv("ANALYSIS_ID_KEY", "a key for this test only")
        return load_portfolio(postgres.url("whole"), cache=cache / "database")


def test_the_demo_bank_from_postgresql_has_every_kpi_of_the_demo_source(demo: Portfolio, loaded: Portfolio) -> None:
    codes = [code for code, metric in METRICS.items() if metric.compute is not None]
    here, there = measure(demo, codes, by="industry"), measure(loaded, codes, by="industry")
    pd.testing.assert_frame_equal(there, here, rtol=1e-9, atol=0)


def test_nothing_is_set_aside_from_a_clean_bank(loaded: Portfolio) -> None:
    assert loaded.quality is not None
    assert loaded.quality.state == "pass"
    assert loaded.provenance.cleaning == ()


def test_neither_password_nor_address_stands_in_any_file(loaded: Portfolio, cache: Path, postgres: Server) -> None:
    written = [path for path in cache.rglob("*") if path.is_file()]
    assert loaded.folder in {path.parent for path in written}
    for path in written:
        content = path.read_bytes()
        assert PASSWORD.encode() not in content, path.name
        assert f"127.0.0.1:{postgres.port}".encode() not in content, path.name


def test_an_unchanged_database_is_not_mapped_again(
    loaded: Portfolio, cache: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANALYSIS_DATABASE_PASSWORD", PASSWORD)
    monkeypatch.setenv("ANALYSIS_ID_KEY", "a key for this test only")
    before = (loaded.folder / "manifest.json").stat().st_mtime_ns
    again = load_portfolio(postgres.url("whole"), cache=cache / "database")
    assert again.folder == loaded.folder
    assert (again.folder / "manifest.json").stat().st_mtime_ns == before
