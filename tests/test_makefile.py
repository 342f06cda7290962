"""The Makefile as a front door: the menu, and names and values that must arrive as data whatever they hold."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@pytest.fixture
def front(tmp_path: Path) -> Path:
    """The Makefile beside a stand-in for .venv that writes down its arguments, in a folder with a space."""
    folder = tmp_path / "a folder"
    (folder / ".ci").mkdir(parents=True)
    (folder / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", folder)
    script(folder / ".ci" / "setup", "#!/bin/sh\n")
    write = "import json, pathlib, sys\npathlib.Path('arguments.json').write_text(json.dumps(sys.argv[1:]))\n"
    recorder = f"#!{sys.executable}\n{write}"
    script(folder / ".venv" / "bin" / "python", recorder)
    return folder


def script(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def make(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    ours = (
        "MAKE",
        "MFLAGS",
        "QUARTER",
        "SOURCE",
        "DATA",
        "REPORT",
        "BRANCH",
        "LANGS",
        "FORMATS",
        "PYTHON",
        "INSTALLER",
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def handed_on(folder: Path) -> list[str]:
    found: list[str] = json.loads((folder / "arguments.json").read_text(encoding="utf-8"))
    assert found[:5] == ["-m", "analysis", "report", "build", "--"]
    return sorted(found[5:])


HOSTILE = [
    "$(shell touch HIT)",
    "${shell touch HIT}",
    "`touch HIT`",
    "$$(touch HIT)",
    "$(touch HIT)",
    "'; touch HIT; '",
    '"; touch HIT; "',
    "\\'; touch HIT #",
    "a && touch HIT",
    "a | touch HIT",
    "> HIT",
    "$(eval report: ; touch HIT)",
    "$(error stop)",
    "a, b) $(shell touch HIT)",
    "#comment",
    "%",
    "*",
    "~",
    "-rf",
    "对公",
]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("name", ["QUARTER", "DATA", "n_segments"])
def test_a_hostile_value_arrives_as_it_was_written_and_does_nothing(front: Path, name: str, value: str) -> None:
    before = sorted(path.name for path in front.rglob("*"))
    done = make(front, "report", f"{name}={value}")
    assert done.returncode == 0, done.stderr
    assert handed_on(front) == [f"{name}={value}"]
    assert sorted(path.name for path in front.rglob("*")) == sorted([*before, "arguments.json"])


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_in_the_environment_does_nothing_either(front: Path, value: str) -> None:
    done = make(front, "report", SOURCE=value)
    assert done.returncode == 0, done.stderr
    assert handed_on(front) == [f"SOURCE={value}"]
    assert not (front / "HIT").exists()


def test_a_line_break_becomes_a_space(front: Path) -> None:
    assert make(front, "report", "QUARTER=2026Q3\ntouch HIT").returncode == 0
    assert handed_on(front) == ["QUARTER=2026Q3 touch HIT"]
    assert not (front / "HIT").exists()


@pytest.mark.parametrize("name", ["x;touch HIT;", "x y", "x'", "x`touch HIT`", "QUATER", "-x"])
def test_a_strange_name_is_handed_on_or_dropped_but_never_acts(front: Path, name: str) -> None:
    # A name with $(…) is not tried: GNU make expands names on its own command line before it reads any Makefile.
    make(front, "report", f"{name}=1")
    assert not (front / "HIT").exists()


def test_other_names_of_the_environment_are_not_parameters(front: Path) -> None:
    assert make(front, "report", n_segments="5", QUATER="2026Q3").returncode == 0
    assert handed_on(front) == []


def test_the_choice_of_interpreter_and_installer_is_not_a_parameter(front: Path) -> None:
    setup = '#!/bin/sh\nprintf \'%s|%s|%s\' "$1" "$PYTHON" "$INSTALLER" > setup.txt\n'
    script(front / ".ci" / "setup", setup)
    assert make(front, "report", "PYTHON=python '3'", "INSTALLER=pip", "QUARTER=2026Q3").returncode == 0
    assert (front / "setup.txt").read_text() == "requirements.lock|python '3'|pip"
    assert handed_on(front) == ["QUARTER=2026Q3"]


def test_the_bare_command_prints_every_documented_target(front: Path) -> None:
    done = make(front)
    assert done.returncode == 0
    for target in ("report", "test", "lab", "setup", "check", "study", "bench", "lock", "clean"):
        assert f"\n  {target} " in done.stdout
    assert "n_segments=6" in done.stdout


def test_a_dry_run_of_every_target_works(front: Path) -> None:
    targets = ("report", "test", "lab", "setup", "check", "study", "bench", "lock", "clean")
    done = make(front, "-n", *targets)
    assert done.returncode == 0, done.stderr


def test_set_up_does_nothing_while_its_stamp_is_fresh(tmp_path: Path) -> None:
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    (tmp_path / ".venv").mkdir()
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_text(name)
    stamp = tmp_path / ".venv" / "installed-from-requirements.lock"
    stamp.write_text(f"{tmp_path.resolve()}\nrequirements.lockpyproject.toml")
    done = subprocess.run(
        [tmp_path / ".ci" / "setup", "requirements.lock"], capture_output=True, text=True, check=False, timeout=10
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_interpreter_that_is_not_there_is_refused_in_plain_words(tmp_path: Path) -> None:
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    (tmp_path / "requirements.lock").write_text("")
    (tmp_path / "pyproject.toml").write_text("")
    done = subprocess.run(
        [tmp_path / ".ci" / "setup", "requirements.lock"],
        env=os.environ | {"PYTHON": "python2.0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
    )
    assert done.returncode == 2
    assert (
        done.stderr == "python2.0 is not Python 3.11 or newer. Install one, or name it: make setup PYTHON=python3.12.\n"
    )


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_pin_of_a_lock_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    for block in text.replace("\\\n", " ").splitlines():
        assert "==" in block.split()[0]
        assert "--hash=sha256:" in block


def test_the_development_lock_holds_every_pin_of_the_report_lock() -> None:
    def pins(name: str) -> set[str]:
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        return {line.removesuffix(" \\") for line in lines if not line.startswith(" ")}

    assert pins("requirements.lock") <= pins("requirements-dev.lock")
