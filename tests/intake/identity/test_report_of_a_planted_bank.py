"""The whole report on a bank's own folder, as a user runs it: nothing planted is in any file it leaves."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.intake.identity.keys import KEY_VARIABLE
from tests.intake.identity.planted_bank import MARKS, found_in, text_of_pdf, write_planted_bank
from tests.reporting.test_full_report import folder_like_the_repository

pytestmark = [pytest.mark.report, pytest.mark.xdist_group("full report")]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_like_the_repository(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def said(home: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What building the report says; it succeeds."""
    bank = write_planted_bank(tmp_path_factory.mktemp("given") / "monday")
    own = {"ANALYSIS_HOME": str(home), "PYTHONPATH": str(home / "src"), "TMPDIR": str(home / "tmp")}
    (home / "tmp").mkdir()
    environment = {name: value for name, value in os.environ.items() if name != KEY_VARIABLE} | own
    wanted = (f"SOURCE={bank}", "LANGS=zh en", "FORMATS=html pdf xlsx")
    command = [sys.executable, "-m", "analysis", "report", "build", "--", *wanted]
    done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize(("language", "words"), [("zh", ("对公客户", "周一银行")), ("en", ("client", "Mondaybank"))])
def test_the_text_of_both_pdfs_can_be_searched(language: str, words: tuple[str, str], home: Path, said: str) -> None:
    text = text_of_pdf(home / "reports" / "build" / "quarterly" / "monday" / "2026Q3" / language / "report.pdf")
    assert len(text) > 5_000
    assert [word for word in words if word not in text] == []


def test_no_page_table_notebook_manifest_log_or_cached_file_holds_what_was_planted(home: Path, said: str) -> None:
    written = {path.name for path in (home / "reports" / "build" / "quarterly" / "monday" / "2026Q3").rglob("*.*")}
    assert written >= {"report.html", "report.pdf", "tables.xlsx"}
    assert [mark for mark in MARKS if mark in said] == []
    # the other folders are copies of the repository, whose tests name what they plant
    assert [hit for folder in ("data/cache", "reports", "tmp") for hit in found_in(home / folder)] == []


def test_the_key_made_on_the_way_lies_in_one_file_that_only_its_owner_reads(home: Path, said: str) -> None:
    path = home / "data" / "id_key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = path.read_bytes().strip()
    assert key.decode() not in said
    assert [file.name for file in home.rglob("*") if file.is_file() and key in file.read_bytes()] == ["id_key"]
