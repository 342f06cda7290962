"""The main job, as a user runs it: the quarterly report on the demo bank and on real loans, in folders of their own."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import nbformat
import pytest
from openpyxl import load_workbook

from analysis.core.blocks import Ref, Sentence
from analysis.core.fact import Fact
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.present.headlines import lacks
from analysis.reporting.render.document import content_from_notebook

REPOSITORY = Path(__file__).parents[2]
SBA = REPOSITORY.parent / "shared" / "data" / "sba_national" / "sba_national_dev.csv.gz"
pytestmark = [pytest.mark.report, pytest.mark.xdist_group("full report")]


def folder_like_the_repository(place: Path) -> Path:
    """Notebooks, reports, policies and references of the repository; no cache, no earlier report."""
    for name in ("notebooks", "data/policy", "data/reference", "data/mappings"):
        shutil.copytree(REPOSITORY / name, place / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    (place / "reports").mkdir()
    for file in REPOSITORY.glob("reports/*.toml"):
        shutil.copy(file, place / "reports")
    shutil.copytree(REPOSITORY / "src", place / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(REPOSITORY / name, place)
    return place


def analysis(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"ANALYSIS_HOME": str(home), "PYTHONPATH": str(home / "src")}
    command = [sys.executable, "-m", "analysis", "report", "build", "--", *arguments]
    return subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, timeout=500)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = folder_like_the_repository(tmp_path_factory.mktemp("a bank's folder"))
    done = analysis(place)
    assert done.returncode == 0, done.stdout + done.stderr
    return place


@pytest.fixture(scope="module")
def built(home: Path) -> Path:
    return home / "reports" / "build" / "quarterly" / "demo" / "2026Q3"


def facts_of(folder: Path) -> dict[str, dict[str, Any]]:
    rows = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    assert len({row["id"] for row in rows}) == len(rows)
    return {row["id"]: row for row in rows}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_every_edition_is_there(built: Path) -> None:
    files = {path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()}
    editions = {
        f"{language}/{name}" for language in ("zh", "en") for name in ("report.html", "report.pdf", "tables.xlsx")
    }
    assert editions | {"facts.json", "manifest.json"} <= files


def test_facts_have_the_promised_fields(built: Path) -> None:
    for row in facts_of(built).values():
        assert {"id", "value", "unit", "chapter", "metric", "label"} <= set(row)
        assert set(row["label"]) == {"zh", "en"}


def test_both_editions_print_the_same_facts_and_only_recorded_ones(built: Path) -> None:
    printed = {
        language: set(
            re.findall(r'data-fact="([^"]+)"', (built / language / "report.html").read_text(encoding="utf-8"))
        )
        for language in ("zh", "en")
    }
    assert printed["zh"] == printed["en"]
    assert printed["zh"] <= set(facts_of(built))
    assert len(printed["zh"]) > 100


def test_the_printed_deposits_are_those_of_the_ledger(home: Path, built: Path) -> None:
    tables = next(path.parent for path in (home / "data" / "cache" / "tables").rglob("controls.parquet"))
    days = {month: month.day for month in Quarter("2026Q3").months}  # a month-end's day is the month's length
    rows = duckdb.execute(
        "SELECT month, sum(amount) FROM read_parquet(?) WHERE item = 'deposits_avg' GROUP BY month",
        [str(tables / "controls.parquet")],
    ).fetchall()
    ledger = sum(float(amount) * days[month] for month, amount in rows if month in days) / sum(days.values())
    assert facts_of(built)["10_describe_clients.kpi.DEP_ADB"]["value"] == pytest.approx(ledger, abs=0.01)


def test_no_client_name_or_code_leaves_in_any_file(home: Path, built: Path) -> None:
    tables = next(path.parent for path in (home / "data" / "cache" / "tables").rglob("controls.parquet"))
    hidden = duckdb.execute(
        "SELECT DISTINCT name, credit_code, client_id FROM read_parquet(?)", [str(tables / "clients.parquet")]
    ).fetchall()
    text = "".join(
        path.read_text(encoding="utf-8") for path in built.rglob("*") if path.suffix in (".html", ".json", ".ipynb")
    )
    for book in built.rglob("*.xlsx"):
        with zipfile.ZipFile(book) as opened:
            text += "".join(opened.read(name).decode() for name in opened.namelist() if name.endswith(".xml"))
    words = set(re.findall(r"[\u4e00-\u9fff（）]{4,}|[A-Z0-9]{7,18}", text))
    assert len(hidden) > 5000
    assert [row for row in hidden if words & {value for value in row if value}] == []


def test_no_file_holds_a_path_of_this_machine(home: Path, built: Path) -> None:
    for path in built.rglob("*"):
        if path.suffix in (".html", ".json", ".ipynb"):
            text = path.read_text(encoding="utf-8")
            assert str(home) not in text, path.name
            assert str(Path.home()) + "/" not in text, path.name


def test_the_workbook_holds_the_numbers_of_the_facts(built: Path) -> None:
    book = load_workbook(built / "en" / "tables.xlsx", read_only=True)
    cells = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    facts = facts_of(built)
    for code in ("NCLI", "NPLR", "RAROC"):
        assert facts[f"10_describe_clients.kpi.{code}"]["value"] in cells


def test_when_nothing_changed_nothing_is_done(home: Path, built: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in built.rglob("*")}
    done = analysis(home)
    assert done.returncode == 0
    assert "report.pdf" in done.stdout
    assert {path: path.stat().st_mtime_ns for path in built.rglob("*")} == before


def test_another_folder_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    place = folder_like_the_repository(tmp_path / "another place")
    done = analysis(place, "LANGS=en")
    assert done.returncode == 0, done.stdout + done.stderr
    again = place / "reports" / "build" / "quarterly" / "demo" / "2026Q3"
    for name in ("facts.json", "en/report.html", "en/report.pdf", "en/tables.xlsx"):
        assert sha256(again / name) == sha256(built / name), name


@pytest.mark.skipif(not SBA.is_file(), reason="the SBA file is not beside the repository")
def test_real_loans_give_the_published_numbers(home: Path) -> None:
    done = analysis(home, "SOURCE=sba", f"DATA={SBA}", "LANGS=en", "FORMATS=html pdf")
    assert done.returncode == 0, done.stdout + done.stderr
    facts = facts_of(home / "reports" / "build" / "quarterly" / "sba" / "2014Q3")
    # the data's README: 14,917 loans, 3,084 of 14,847 charged off, new 17.34 %, existing 22.34 %, 1,711,632,565 USD
    value = {key.removeprefix("10_describe_clients."): row["value"] for key, row in facts.items()}
    assert value["kpi.N_LOAN"] == 14_917
    assert value["kpi.APPR_AMT"] == 1_711_632_565
    assert (value["default_rate.n_charged_off"], value["default_rate.n_known"]) == (3_084, 14_847)
    assert value["kpi.DEF_R"] == value["default_rate.book.total"] == pytest.approx(3_084 / 14_847)
    assert round(value["default_rate.stage.startup"], 4) == 0.1734
    assert round(value["default_rate.stage.established"], 4) == 0.2234


def headlines_of(built: Path) -> dict[str, Sentence]:
    """The headline of every chapter and figure, by block id, as the executed notebooks hold them."""
    found = {}
    for path in sorted(built.glob("notebooks/*.ipynb")):
        for chapter in content_from_notebook(nbformat.read(path, as_version=4)).chapters:
            for block in chapter.blocks:
                said = block.get("headline") or block.get("finding")
                if said:
                    found[block["id"]] = Sentence(*(tuple(map(part_of, said[side])) for side in ("zh", "en")))
    return found


def part_of(part: Any) -> Any:
    if isinstance(part, str):
        return part
    fact = Fact(part["fact"], part["value"], "index", "", Text("", ""), "", "", None)
    return Ref(fact, part["style"])


def test_every_headline_names_who_how_much_which_way_and_when(built: Path) -> None:
    found = headlines_of(built)
    assert len(found) > 12
    assert {name: lacks(headline) for name, headline in found.items() if lacks(headline)} == {}
