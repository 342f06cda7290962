"""Issuing: a built report is frozen under data/issued, never overwritten, for the next quarter to read."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from analysis.core.errors import ParameterError, ReportError
from analysis.core.fact import Fact
from analysis.core.provenance import sha256_of
from analysis.core.quarter import Quarter
from analysis.intake.suggest import nearest
from analysis.reporting.decisions import DEFINITIONS, POLICIES
from analysis.reporting.definition import build_root, cache_folder, read_definition
from analysis.reporting.publish import MANIFEST, is_current, published_reports, staging
from analysis.reporting.store import Store

MAIN = "quarterly"
"""The report whose issues lie at `<quarter>`; those of another report carry its name."""
LATEST = "latest"
ISSUE = "issue.json"
_EDITIONS = ("zh", "en")
"""Folders that are not frozen: the rendered files, of which the manifest holds the hashes."""
_PLAIN = re.compile(r"[\w.-]+")


def issued_root(root: Path) -> Path:
    """Folder of the issued quarters."""
    return root / "data" / "issued"


@dataclass(frozen=True)
class Issue:
    """One issued report.

    Parameters
    ----------
    number : 1 for the first issue of a quarter, 2 for the one that corrects it
    reason : why it was issued again, empty for the first
    key : a hash of everything frozen
    """

    folder: Path
    report: str
    source: str
    quarter: str
    number: int
    reason: str
    issued_on: str
    key: str

    def read(self, name: str) -> Any:
        """The content of one frozen JSON file."""
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """Every fact the issued report printed."""
        return tuple(Fact.of(row) for row in self.read("facts.json"))

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest of the issued report."""
        found: dict[str, Any] = self.read(MANIFEST)
        return found

    def as_json(self) -> dict[str, Any]:
        """What a later report says of the issue it has read."""
        return {"quarter": self.quarter, "number": self.number, "reason": self.reason, "key": self.key}


def issue_report(
    report: str = MAIN, *, source: str, quarter: str = LATEST, again: str = "", root: Path, day: date | None = None
) -> Issue:
    """Freeze a built report: facts, executed chapters with their parameters, policies, definitions and manifest.

    Parameters
    ----------
    source : short name of the source, as in the report's path
    again : why a quarter that was issued is issued once more; the earlier issue stays as it is
    day : printed as the day of issue; today's when None

    Raises
    ------
    ParameterError : there is no such report, or the quarter was issued already and no reason is given
    ReportError : the built report is damaged
    """
    read_definition(report, root)
    built = _built(report, source, quarter, root)
    label = built.name
    with Store(cache_folder(root)).lock(f"build-{report}-{source}"):
        _check_whole(built, report, source)
        earlier = issues_of(root, source, label, report)
        _check_again(earlier, again, report, source, label, root)
        number = len(earlier) + 1
        target = issued_root(root) / source / _folder_name(report, label, number)
        about = {
            "report": report,
            "source": source,
            "quarter": label,
            "number": number,
            "reason": again,
            "issued_on": (day or date.today()).isoformat(),
        }
        with staging(target) as staged:
            _freeze(built, staged, about)
            staged.rename(target)
        _make_read_only(target)
    return _read(target)


def find_issue(root: Path, source: str, quarter: Quarter, report: str) -> Issue | None:
    """The last issue of a quarter, or None when it was never issued.

    Raises
    ------
    ReportError : a frozen file is missing or was changed
    """
    found = issues_of(root, source, quarter.label, report)
    if not found:
        return None
    check_issue(found[-1])
    return found[-1]


def issues_of(root: Path, source: str, quarter: str, report: str) -> tuple[Issue, ...]:
    """All issues of one quarter, the first one first."""
    found = [
        issue for issue in all_issues(root) if (issue.source, issue.quarter, issue.report) == (source, quarter, report)
    ]
    return tuple(sorted(found, key=lambda issue: issue.number))


def all_issues(root: Path) -> tuple[Issue, ...]:
    """Every issue, by source and quarter."""
    places = sorted(path.parent for path in issued_root(root).glob(f"*/*/{ISSUE}"))
    return tuple(_read(place) for place in places if not place.name.startswith("."))


def check_issue(issue: Issue) -> None:
    """Refuse an issue of which a file is missing or was changed.

    Raises
    ------
    ReportError : naming the files
    """
    files = issue.read(ISSUE)["files"]
    changed = [
        name
        for name, value in sorted(files.items())
        if not (issue.folder / name).is_file() or sha256_of(issue.folder / name) != value
    ]
    if changed or _key(files) != issue.key:
        listed = ", ".join(changed) or ISSUE
        raise ReportError(
            f"The issued report {issue.report} of {issue.source} for {issue.quarter} was changed after it was issued:"
            f" {listed}.",
            hint="Put back the files from a copy; what was issued is never edited.",
        )


# --- writing --------------------------------------------------------------------------------------------------------


def _built(report: str, source: str, quarter: str, root: Path) -> Path:
    """Folder of the built report that is asked for."""
    found = [folder for folder, manifest in published_reports(build_root(root)) if manifest["report"] == report]
    sources = sorted({folder.parent.name for folder in found})
    if source not in sources:
        named = repr(source) if _PLAIN.fullmatch(source) else "that source"
        hint = nearest(source, sources) if sources and _PLAIN.fullmatch(source) else "Run make report first."
        raise ParameterError(f"No report {report} of {named} was built.", hint=hint)
    by_quarter = {folder.name: folder for folder in found if folder.parent.name == source}
    asked = max(by_quarter) if quarter == LATEST else Quarter(quarter).label
    if asked not in by_quarter:
        raise ParameterError(
            f"The report {report} of {source} was not built for {asked}.",
            hint=f"Built are {', '.join(sorted(by_quarter))}. Run make report QUARTER={asked} first.",
        )
    return by_quarter[asked]


def _check_whole(built: Path, report: str, source: str) -> None:
    key = json.loads((built / MANIFEST).read_text(encoding="utf-8"))["key"]
    is_whole = is_current(built, key) and all((built / name).is_file() for name in (POLICIES, DEFINITIONS))
    if not is_whole:
        raise ReportError(
            f"Files of the report {report} of {source} for {built.name} are missing or were edited after publication.",
            hint="Run make report again, then issue it.",
        )


def _check_again(earlier: tuple[Issue, ...], again: str, report: str, source: str, quarter: str, root: Path) -> None:
    if earlier and not again.strip():
        last = earlier[-1]
        raise ParameterError(
            f"The report {report} of {source} for {quarter} was issued on {last.issued_on}"
            f" ({last.folder.relative_to(root).as_posix()}) and is not overwritten.",
            hint="To issue a corrected one beside it, give the reason: --again REASON.",
        )
    if again and not earlier:
        raise ParameterError(
            f"The report {report} of {source} for {quarter} was not issued yet, so it cannot be issued again.",
            hint="Leave out --again.",
        )


def _folder_name(report: str, quarter: str, number: int) -> str:
    """2026Q3, 2026Q3-2 for its second issue, 2026Q3-branch for another report than the main one."""
    return "-".join([quarter, *([report] if report != MAIN else []), *([str(number)] if number > 1 else [])])


def _freeze(built: Path, staged: Path, about: dict[str, Any]) -> None:
    """Copy all but the rendered editions, and write last of all what they are."""
    for path in _frozen_files(built):
        place = staged / path.relative_to(built)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    files = {
        path.relative_to(staged).as_posix(): sha256_of(path) for path in sorted(staged.rglob("*")) if path.is_file()
    }
    text = json.dumps({**about, "key": _key(files), "files": files}, ensure_ascii=False, indent=1) + "\n"
    (staged / ISSUE).write_text(text, encoding="utf-8", newline="\n")


def _frozen_files(built: Path) -> Iterator[Path]:
    for path in sorted(built.rglob("*")):
        if path.is_file() and path.relative_to(built).parts[0] not in _EDITIONS:
            yield path


def _key(files: dict[str, str]) -> str:
    """A hash of the hashes of all frozen files."""
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()


def _make_read_only(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder]:
        path.chmod(0o555 if path.is_dir() else 0o444)


def _read(folder: Path) -> Issue:
    content = json.loads((folder / ISSUE).read_text(encoding="utf-8"))
    names = ("report", "source", "quarter", "number", "reason", "issued_on", "key")
    return Issue(folder, **{name: content[name] for name in names})
