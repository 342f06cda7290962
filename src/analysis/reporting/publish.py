"""Publishing: everything is written aside, checked, and swapped in whole; the manifest says what it was made from."""

import json
import platform
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.core.errors import ReportError
from analysis.core.provenance import sha256_of
from analysis.core.text import Language
from analysis.reporting.executed import ChapterResult
from analysis.reporting.plan import Plan
from analysis.reporting.store import write_whole

if TYPE_CHECKING:
    from analysis.intake import Portfolio
    from analysis.reporting.render.document import ReportContent

MANIFEST = "manifest.json"
FILES = {"html": "report.html", "pdf": "report.pdf", "xlsx": "tables.xlsx"}
PACKAGE = "corporate-client-research"


@contextmanager
def staging(target: Path) -> Iterator[Path]:
    """An empty folder beside `target` that is gone afterwards, unless `swap_in` took it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    recover(target)
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-staging-", dir=target.parent))
    try:
        aside.chmod(0o755)
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def swap_in(staged: Path, target: Path) -> None:
    """Put the staged folder in the place of the published one."""
    old = _old(target)
    if target.exists():
        target.rename(old)
    try:
        staged.rename(target)
    except BaseException:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def recover(target: Path) -> None:
    """Undo what a killed run left: the published folder comes back, half-made ones go. The caller holds the lock."""
    old = _old(target)
    if old.exists():
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.rename(target)
    for left in target.parent.glob(f".{target.name}-staging-*"):
        shutil.rmtree(left, ignore_errors=True)


def _old(target: Path) -> Path:
    return target.with_name(f".{target.name}-old")


def write_editions(content: "ReportContent", folder: Path, langs: Sequence[Language], formats: Sequence[str]) -> None:
    """Render every language and format into the folder."""
    for language in langs:
        place = folder / language
        place.mkdir()
        if "html" in formats:
            from analysis.reporting.render.html import render_html

            (place / FILES["html"]).write_text(render_html(content, language), encoding="utf-8", newline="\n")
        if "pdf" in formats:
            from analysis.reporting.render.pdf import render_pdf

            (place / FILES["pdf"]).write_bytes(render_pdf(content, language))
        if "xlsx" in formats:
            from analysis.reporting.render.xlsx import render_xlsx

            render_xlsx(content, language, place / FILES["xlsx"])


def write_notebooks(results: Mapping[str, ChapterResult], folder: Path) -> None:
    """Write the executed chapters."""
    place = folder / "notebooks"
    place.mkdir()
    for name, result in results.items():
        if result.notebook is not None:
            text = json.dumps(result.notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
            (place / f"{name}.ipynb").write_text(text, encoding="utf-8", newline="\n")


def refuse(problems: Sequence[str], log: Path, root: Path) -> None:
    """Raise when a check found problems; all of them go to the log.

    Raises
    ------
    ReportError : there is a problem
    """
    if not problems:
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("\n".join(problems) + "\n", encoding="utf-8")
    more = f" and {len(problems) - 5} more" if len(problems) > 5 else ""
    listed = "\n".join(f"  {problem}" for problem in problems[:5])
    raise ReportError(
        f"The report failed {len(problems)} checks{more and ', the first five'}:\n{listed}",
        hint=f"Nothing was published; the last good report stands. All of them: {log.relative_to(root).as_posix()}.",
    )


def row_counts(portfolio: "Portfolio") -> dict[str, int]:
    """Rows of each canonical table known at the quarter's end."""
    return {name: int(portfolio.table(name).count().execute()) for name in portfolio.tables}


def manifest_of(
    plan: Plan,
    portfolio: "Portfolio",
    results: Mapping[str, ChapterResult],
    rows: Mapping[str, int],
    seconds: Mapping[str, float],
    folder: Path,
) -> dict[str, Any]:
    """What the staged report was made from: inputs, policies, parameters, versions, seeds, counts, cautions, files.

    Parameters
    ----------
    rows : number of rows of each canonical table
    seconds : how long each executed chapter took
    folder : the staged report; every file in it is listed with its hash
    """
    provenance = portfolio.provenance
    cautions = [caution for result in results.values() for caution in result.cautions]
    published = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        "report": plan.definition.name,
        "title": plan.definition.title.as_json(),
        "source": provenance.source,
        "kind": provenance.kind,
        "data": provenance.title.as_json(),
        "quarter": plan.quarter,
        "key": plan.key,
        "parts": dict(plan.parts),
        "chapters": {
            step.chapter: {
                "key": step.key,
                "parts": dict(step.parts),
                "parameters": {name: value for name, value in step.parameters.items() if name != "data"},
                "seed": step.parameters.get("seed"),
                "absent": list(step.absent),
            }
            for step in plan.steps
        },
        "inputs": [{"name": item.name, "rows": item.rows, "sha256": item.sha256} for item in provenance.inputs],
        "data_parameters": provenance.parameters,
        "rows": dict(rows),
        "cleaning": [
            {
                "table": item.table,
                "column": item.column,
                "rule": item.rule.as_json(),
                "rows": item.n_rows,
                "dropped": item.n_dropped,
            }
            for item in provenance.cleaning
        ],
        "policies": portfolio.policy.sha256,
        "issued": plan.issued.as_json() if plan.issued else None,
        "lock": plan.steps[0].parts["lock"],
        "versions": {"package": version(PACKAGE), "python": platform.python_version()},
        "seconds": {chapter: round(value, 1) for chapter, value in seconds.items()},
        "quality": portfolio.quality.as_json() if portfolio.quality else None,
        "cautions": [caution.as_json() for caution in dict.fromkeys(cautions)],
        "files": {path.relative_to(folder).as_posix(): sha256_of(path) for path in published},
    }


def write_manifest(manifest: Mapping[str, Any], folder: Path) -> None:
    """Write the manifest into the staged folder, last of all."""
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8", newline="\n")


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a published report, or None when there is none that can be read."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("files"), dict) else None


def is_current(folder: Path, key: str) -> bool:
    """Whether the folder holds the whole report made from `key`, with no file missing or edited."""
    manifest = read_manifest(folder)
    if manifest is None or manifest.get("key") != key:
        return False
    files = {folder / name: value for name, value in manifest["files"].items()}
    return all(path.is_file() and sha256_of(path) == value for path, value in files.items())


def published_reports(build: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Folder and manifest of every published report, by name, source and quarter, the newest quarter first."""
    found = [(path.parent, read_manifest(path.parent)) for path in build.glob(f"*/*/*/{MANIFEST}")]
    whole = [(folder, manifest) for folder, manifest in found if manifest and not folder.name.startswith(".")]
    whole.sort(key=lambda pair: pair[0].name, reverse=True)
    return sorted(whole, key=lambda pair: pair[0].parts[-3:-1])


def write_index(build: Path) -> None:
    """Write the page that lists every published report, in both languages, with relative links and no script."""
    rows = []
    for folder, manifest in published_reports(build):
        cells = [
            f"<td>{_both(manifest['title'])}</td>",
            f"<td>{_both(manifest['data'])}</td>",
            f"<td>{escape(manifest['quarter'])}</td>",
        ]
        for language in ("zh", "en"):
            cells.append(f'<td lang="{language}">{_links(folder, build, language)}</td>')
        rows.append(f"<tr>{''.join(cells)}</tr>")
    empty = '<tr><td colspan="5"><span lang="zh">尚无报告。</span> No report was built yet.</td></tr>'
    build.mkdir(parents=True, exist_ok=True)
    write_whole(build / "index.html", _PAGE.replace("%ROWS%", "\n".join(rows) or empty))


def _both(pair: Mapping[str, str]) -> str:
    return f'<span lang="zh">{escape(pair["zh"])}</span><br><span lang="en">{escape(pair["en"])}</span>'


def _links(folder: Path, build: Path, language: str) -> str:
    words = {
        "html": {"zh": "网页", "en": "HTML"},
        "pdf": {"zh": "PDF", "en": "PDF"},
        "xlsx": {"zh": "Excel", "en": "Excel"},
    }
    links = [
        f'<a href="{escape((folder / language / name).relative_to(build).as_posix())}">{words[kind][language]}</a>'
        for kind, name in FILES.items()
        if (folder / language / name).is_file()
    ]
    return " · ".join(links) or "—"


_PAGE = """<!DOCTYPE html>
<html lang="zh">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>报告目录 · Reports</title>
<style>
body { font-family: system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; line-height: 1.5; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid #d5dbe1; }
@media (prefers-color-scheme: dark) { body { background: #14191e; color: #e4e8ec; } a { color: #6fb3dc; } }
</style>
</head>
<body>
<h1>报告目录 <span lang="en">Reports</span></h1>
<table>
<thead>
<tr><th>报告 Report</th><th>数据 Data</th><th>季度 Quarter</th><th>中文</th><th lang="en">English</th></tr>
</thead>
<tbody>
%ROWS%
</tbody>
</table>
</body>
</html>
"""
