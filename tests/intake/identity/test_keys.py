import multiprocessing
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.core.errors import DataError, ParameterError
from analysis.intake.identity import key_fingerprint, pseudonym_key
from analysis.intake.identity.keys import KEY_VARIABLE, PUBLISHED_KEY
from analysis.intake.sources.committed import key_of
from analysis.intake.sources.published import mapping_of


@pytest.fixture(autouse=True)
def _no_key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


@pytest.mark.parametrize("kind", ["synthetic", "open"])
def test_synthetic_and_open_data_take_the_published_key_and_make_no_file(kind: str, tmp_path: Path) -> None:
    assert pseudonym_key(kind, root=tmp_path) == PUBLISHED_KEY
    assert list(tmp_path.iterdir()) == []


def test_a_banks_own_data_never_take_the_published_key_from_the_environment_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "a secret of the bank")
    assert pseudonym_key("production", root=tmp_path) == b"a secret of the bank"
    assert pseudonym_key("open", root=tmp_path) == PUBLISHED_KEY


def test_the_key_file_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first = pseudonym_key("production", root=tmp_path)
    assert pseudonym_key("production", root=tmp_path) == first
    assert len(first) == 64
    path = tmp_path / "data" / "id_key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["id_key"]


def test_two_installations_have_two_keys(tmp_path: Path) -> None:
    assert pseudonym_key("production", root=tmp_path / "a") != pseudonym_key("production", root=tmp_path / "b")


def _key(root: Path) -> bytes:
    return pseudonym_key("production", root=root)


def test_processes_that_start_at_once_get_one_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert len(set(pool.map(_key, [tmp_path] * 8, chunksize=1))) == 1


def test_a_short_key_in_the_environment_is_refused_without_telling_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "hunter2")
    with pytest.raises(ParameterError) as caught:
        pseudonym_key("production", root=tmp_path)
    assert str(caught.value) == (
        "The environment variable ANALYSIS_ID_KEY has 7 characters, fewer than 16."
        " Give a longer one, or unset it: then a key is made in data/id_key."
    )


def test_a_damaged_key_file_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "data" / "id_key"
    path.parent.mkdir()
    path.write_text("cut", encoding="ascii")
    with pytest.raises(DataError) as caught:
        pseudonym_key("production", root=tmp_path)
    assert str(caught.value) == (
        "The key of the pseudonyms, data/id_key, has 3 characters, fewer than 16."
        " Restore it from your backup; if there is none, delete it: a new one gives every client another pseudonym."
    )
    assert path.read_text(encoding="ascii") == "cut"


def test_a_key_file_that_is_no_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data" / "id_key").mkdir(parents=True)
    with pytest.raises(DataError) as caught:
        pseudonym_key("production", root=tmp_path)
    assert str(caught.value) == (
        "The key of the pseudonyms, data/id_key, cannot be read or made: IsADirectoryError."
        " Give the account that runs this access to it, or set ANALYSIS_ID_KEY."
    )


def test_the_fingerprint_changes_with_the_key_and_does_not_hold_it() -> None:
    # sha256("fingerprint" + "k" * 16), first eight hex characters, computed with sha256sum
    assert key_fingerprint(b"k" * 16) == "984047fb"
    assert key_fingerprint(b"k" * 17) != key_fingerprint(b"k" * 16)


def test_open_data_of_the_project_have_the_published_key_and_what_somebody_calls_open_has_the_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "a secret of the bank")
    known = mapping_of("wholesale_customers")
    assert key_of(known) == PUBLISHED_KEY
    assert key_of(replace(known, name="monday")) == b"a secret of the bank"
    assert key_of(replace(known, currency="CNY")) == b"a secret of the bank"
    assert key_of(replace(known, name="monday", kind="synthetic")) == PUBLISHED_KEY
    assert key_of(replace(known, kind="production")) == b"a secret of the bank"
