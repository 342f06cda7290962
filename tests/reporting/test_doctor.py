from pathlib import Path

import pytest

from analysis.intake.identity import pseudonym_key
from analysis.intake.identity.keys import KEY_VARIABLE
from analysis.reporting.doctor import Finding, examine


@pytest.fixture(autouse=True)
def _no_key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


def key_line(root: Path) -> Finding:
    return next(finding for finding in examine(root) if finding.name == "key")


def test_looking_for_a_key_makes_none(tmp_path: Path) -> None:
    assert key_line(tmp_path) == Finding("key", "none yet; data/id_key is made when a bank's own data are first read")
    assert not (tmp_path / "data").exists()


def test_the_key_file_is_named_and_its_content_is_not(tmp_path: Path) -> None:
    pseudonym_key("production", root=tmp_path)
    assert key_line(tmp_path) == Finding("key", "of the pseudonyms, in data/id_key; keep a backup, never share it")


def test_a_key_file_that_others_may_read_is_a_fault(tmp_path: Path) -> None:
    pseudonym_key("production", root=tmp_path)
    (tmp_path / "data" / "id_key").chmod(0o644)
    assert key_line(tmp_path) == Finding("key", "others may read data/id_key; run chmod 600 data/id_key", is_good=False)


def test_a_key_from_the_environment_is_named_and_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "a secret of the bank")
    assert key_line(tmp_path) == Finding("key", "of the pseudonyms, from ANALYSIS_ID_KEY")


def test_a_key_that_is_too_short_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "short")
    found = key_line(tmp_path)
    assert not found.is_good
    assert found.text == (
        "The environment variable ANALYSIS_ID_KEY has 5 characters, fewer than 16."
        " Give a longer one, or unset it: then a key is made in data/id_key."
    )
