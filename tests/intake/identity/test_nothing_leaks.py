"""Planted names, phones, codes and numbers of a bank are in no file written and in no line said."""

import logging
from pathlib import Path

import pytest

from analysis.cli import main
from analysis.intake import load_portfolio
from analysis.intake.identity.keys import KEY_VARIABLE
from tests.intake.identity.planted_bank import MARKS, N_CLIENTS, found_in, write_planted_bank

KEY = "a planted key of the bank"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return write_planted_bank(tmp_path / "bank")


def said_by(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    said = capsys.readouterr()
    return int(caught.value.code or 0), said.out + said.err


def test_the_scan_itself_finds_what_is_planted(bank: Path) -> None:
    assert {hit.split(": ")[1] for hit in found_in(bank)} == set(MARKS) - {"planted"} | {"planted"}


def test_the_bank_loads_and_its_double_client_is_one(bank: Path, tmp_path: Path) -> None:
    portfolio = load_portfolio(str(bank), cache=tmp_path / "cache")
    assert len(portfolio.clients) == N_CLIENTS - 1
    # 1,000.50 · (1 + 2 + … + 40) yuan in each month = 1,000 · 820 + 0.50 · 40: nothing lost when two became one
    frame = portfolio.to_frame(portfolio.table("positions"))
    assert float(frame.loc[frame["month"] == "2026-09-30", "balance_avg"].sum()) == 820_020.0


def test_no_file_and_no_line_said_holds_what_was_planted(
    bank: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setattr("analysis.intake.check_folder.default_cache", lambda: cache)
    with caplog.at_level(logging.DEBUG):
        _, said = said_by(capsys, "data", "check", str(bank))
    assert "set aside" in said
    assert [mark for mark in (*MARKS, KEY) if mark in said + caplog.text] == []
    assert found_in(cache) == []
    assert not any(KEY.encode() in path.read_bytes() for path in cache.rglob("*") if path.is_file())


def test_a_guessed_mapping_shows_headers_and_no_cell_of_a_private_column(
    bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setattr("analysis.intake.check_folder.default_cache", lambda: cache)
    (bank / "mapping.toml").unlink()
    _, said = said_by(capsys, "data", "check", str(bank))
    draft = (bank / "mapping.draft.toml").read_text(encoding="utf-8")
    assert [mark for mark in MARKS if mark in said + draft] == []
    assert found_in(cache) == []


@pytest.mark.parametrize("text", ["", "客户号,客户名称\n"])
def test_a_refusal_names_the_file_and_nobody(
    text: str, bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.intake.check_folder.default_cache", lambda: tmp_path / "cache")
    (bank / "2026Q3" / "客户.csv").write_text(text, encoding="utf-8")
    code, said = said_by(capsys, "data", "check", str(bank))
    assert code == 3
    assert [mark for mark in MARKS if mark in said] == []
    assert found_in(tmp_path / "cache") == [] if (tmp_path / "cache").exists() else True


def test_another_key_makes_other_tables_in_another_place(
    bank: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_portfolio(str(bank), cache=tmp_path / "cache")
    monkeypatch.setenv(KEY_VARIABLE, "another key of the bank")
    second = load_portfolio(str(bank), cache=tmp_path / "cache")
    assert first.tables_key != second.tables_key
    assert set(first.clients["client_id"]).isdisjoint(second.clients["client_id"])
