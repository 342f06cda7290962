"""The command line. Every command is a thin call of a public function; errors are two plain lines and an exit code."""

import logging
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analysis.core.errors import AnalysisError, ParameterError

if TYPE_CHECKING:
    from analysis.reporting.progress import Progress

_INTERRUPTED, _TERMINATED = 130, 143
_STOPPED = ("Stopped from outside.", "Nothing was published; the last good report stands.")
_QUERY_STOPPED = "Query interrupted"
"""What DuckDB makes of a signal that arrives while it works."""

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
report = typer.Typer(no_args_is_help=True, help="Build reports and ask about them.")
data = typer.Typer(no_args_is_help=True, help="The data a report can be built from.")
methods = typer.Typer(no_args_is_help=True, help="Segmentation methods.")
policy = typer.Typer(no_args_is_help=True, help="The bank's decisions as data.")
app.add_typer(report, name="report")
app.add_typer(data, name="data")
app.add_typer(methods, name="methods")
app.add_typer(policy, name="policy")

Values = Annotated[list[str] | None, typer.Argument(metavar="NAME=VALUE …", show_default=False)]


@app.callback()
def about() -> None:
    """Corporate client research: from a bank's extracts to a management report, in Chinese and English."""


@report.command("build")
def build(values: Values = None) -> None:
    """Build a report: QUARTER, SOURCE, DATA, REPORT, BRANCH, LANGS, FORMATS or a chapter's own parameter."""
    from analysis.reporting.build import build_report
    from analysis.reporting.definition import repository_root

    root = repository_root()
    given = pairs(values or [])
    with _shown_progress() as progress, _told_loading(progress.line):
        built = build_report(given, root=root, progress=progress)
    if built.was_current:
        typer.echo("Nothing has changed since this report was built.")
    for path in sorted(path for path in built.folder.glob("*/*") if path.parent.name in ("zh", "en")):
        typer.echo(_relative(path, root))
    for name in ("facts.json", "manifest.json", "../../../index.html"):
        typer.echo(_relative((built.folder / name).resolve(), root))


@report.command("issue")
def issue(
    name: Annotated[str, typer.Argument(metavar="REPORT")] = "quarterly",
    source: Annotated[str, typer.Option(help="Short name of the source, as in the report's path.")] = "demo",
    quarter: Annotated[str, typer.Option(help="A quarter such as 2026Q3; latest is the last one built.")] = "latest",
    again: Annotated[str, typer.Option(metavar="REASON", help="Why an issued quarter is issued once more.")] = "",
) -> None:
    """Freeze a built report under data/issued, for the next quarter to compare with. Nothing is ever overwritten."""
    from analysis.reporting.definition import repository_root
    from analysis.reporting.issue import issue_report

    root = repository_root()
    issued = issue_report(name, source=source, quarter=quarter, again=again, root=root)
    for path in sorted(path for path in issued.folder.rglob("*") if path.is_file()):
        typer.echo(_relative(path, root))


@report.command("list")
def list_reports() -> None:
    """Print the reports that can be built, and those that were."""
    from analysis.reporting.definition import build_root, read_definition, report_names, repository_root
    from analysis.reporting.issue import all_issues
    from analysis.reporting.publish import published_reports

    root = repository_root()
    for name in report_names(root):
        definition = read_definition(name, root)
        typer.echo(f"{name}: {definition.title.en} · {definition.title.zh} ({len(definition.chapters)} chapters)")
    for folder, _ in published_reports(build_root(root)):
        typer.echo(f"  built: {_relative(folder, root)}")
    for issued in all_issues(root):
        typer.echo(f"  issued: {_relative(issued.folder, root)} ({issued.report}, {issued.issued_on})")


@report.command("plan")
def show_plan(values: Values = None) -> None:
    """Print what a build would do, without starting a kernel."""
    for line in _explained(values or []):
        typer.echo(line)


@report.command("why")
def why(chapter: str, values: Values = None) -> None:
    """Print which part of a chapter's key changed since the last build."""
    for line in _explained(values or [], only=chapter):
        typer.echo(line)


@report.command("check")
def check() -> None:
    """Check that every published and issued report is whole and unchanged since."""
    from analysis.core.errors import ReportError
    from analysis.reporting.definition import build_root, repository_root
    from analysis.reporting.issue import all_issues, check_issue
    from analysis.reporting.publish import is_current, published_reports

    root = repository_root()
    found = published_reports(build_root(root))
    changed = [_relative(folder, root) for folder, manifest in found if not is_current(folder, manifest["key"])]
    if changed:
        raise ReportError(
            f"Files of {', '.join(changed)} are missing or were edited after publication.",
            hint="Run make report again.",
        )
    issued = all_issues(root)
    for one in issued:
        check_issue(one)
    typer.echo(f"{len(found)} published and {len(issued)} issued reports, all whole.")


@data.command("describe")
def describe() -> None:
    """Print the sources and their quarters."""
    from analysis.intake import SOURCES

    for name, source in SOURCES.items():
        typer.echo(f"{name}: {source.title.en} · {source.title.zh}")


@data.command("check")
def check_data(folder: Path, quarter: str = "latest") -> None:
    """Try a folder of extracts: rows read, kept and set aside by table, then what is wrong by file, column and rule."""
    from analysis.core.quarter import Quarter
    from analysis.intake.check_folder import check_found, mapping_lines, result_lines
    from analysis.intake.sources.folder import look

    if ":/" in str(folder):  # a path has lost the second stroke of ://
        raise ParameterError(
            "data check reads folders, and this is the address of a database.",
            hint="make report SOURCE=… DATA=mapping.toml reads it and stops with what is wrong.",
        )
    asked = None if quarter == "latest" else Quarter(quarter)
    found = look(str(folder), asked)
    for line in mapping_lines(found):
        typer.echo(line)
    with _told_loading(lambda line: typer.echo(line, err=True)):
        result = check_found(found, quarter=quarter)
    for line in result_lines(result):
        typer.echo(line)
    if result.set_aside:
        typer.echo(f"rows set aside, with line and rule: {_relative(result.set_aside, _root_or_here())}")
    result.refuse(found.mapping.name)
    if result.quality:
        typer.echo(f"quality: {result.quality.state}")


@data.command("template")
def write_data_template(folder: Annotated[Path | None, typer.Argument(show_default=False)] = None) -> None:
    """Write an example of every table as a workbook, and of a mapping file, into FOLDER (data/raw/template)."""
    from analysis.reporting.definition import repository_root
    from analysis.reporting.template import write_template

    root = repository_root()
    for path in write_template(folder or root / "data" / "raw" / "template"):
        typer.echo(_relative(path, root))


@methods.command("list")
def list_methods() -> None:
    """Print the segmentation methods."""
    from analysis.segmentation import METHODS

    for name in METHODS:
        typer.echo(name)


@policy.command("check")
def check_policy() -> None:
    """Read every policy file and print how many decisions are in force."""
    from analysis.intake import load_policy

    loaded = load_policy()
    typer.echo(f"{len(loaded.rows)} rules and {len(loaded.tables)} tables in force.")


@app.command()
def doctor() -> None:
    """Look at what a run needs: Python, memory, disk, fonts, cache."""
    from analysis.reporting.doctor import examine

    findings = examine()
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.is_good else 'BAD '} {finding.name}: {finding.text}")
    if not all(finding.is_good for finding in findings):
        raise AnalysisError("Something a run needs is missing.", hint="See the lines marked BAD.")


def pairs(values: list[str]) -> dict[str, str]:
    """Names and values of `NAME=VALUE` words. Nothing in a value is expanded.

    Raises
    ------
    ParameterError : a word without `=`, or a name given twice

    Examples
    --------
    >>> pairs(["QUARTER=2026Q3", "DATA=a=b"])
    {'QUARTER': '2026Q3', 'DATA': 'a=b'}
    """
    given: dict[str, str] = {}
    for word in values:
        name, equals, value = word.partition("=")
        if not equals:
            raise ParameterError(f"{word[:60]!r} is not NAME=VALUE.", hint="Write for example QUARTER=2026Q3.")
        if name in given:
            raise ParameterError(f"{name[:60]!r} is given twice.", hint="Give it once.")
        given[name] = value
    return given


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    logging.getLogger().addHandler(logging.NullHandler())
    signal.signal(signal.SIGTERM, _leave)  # so that kernels are ended and half-written files removed
    try:
        app(arguments)
    except AnalysisError as error:
        _say(error.message, error.hint)
        sys.exit(error.exit_code)
    except SystemExit as leaving:
        if leaving.code in (_INTERRUPTED, _TERMINATED):
            _say(*_STOPPED)
        raise
    except Exception as error:  # the last net: no traceback reaches the reader
        if str(error) == _QUERY_STOPPED:
            _say(*_STOPPED)
            sys.exit(_INTERRUPTED)
        _unexpected(error)
        sys.exit(1)


def _leave(*_: object) -> None:
    sys.exit(_TERMINATED)


def _say(message: str, hint: str) -> None:
    from analysis.reporting.executed import plain_paths

    for line in (message, hint):
        if line:
            typer.echo(plain_paths(line, _root_or_here()), err=True)


def _root_or_here() -> Path:
    from analysis.reporting.definition import repository_root

    try:
        return repository_root()
    except ParameterError:
        return Path.cwd()


def _unexpected(error: Exception) -> None:
    """Two lines for the reader, the traceback for the log."""
    root = _root_or_here()
    log = root / "reports" / "build" / "unexpected.log"
    cause = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        hint = f"Nothing was published. The details are in {_relative(log, root)}; please report them."
    except OSError:
        hint = "Nothing was published, and no log could be written."
    _say(f"The run stopped: {cause}", hint)


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def _explained(values: list[str], only: str = "") -> list[str]:
    """What a build would do for each chapter and why."""
    from analysis.reporting.build import explain
    from analysis.reporting.definition import repository_root

    return explain(pairs(values), root=repository_root(), only=only)


class _Teller(logging.Handler):
    """Hands each line that loading logs to whoever shows it."""

    def __init__(self, say: Callable[[str], object]) -> None:
        super().__init__(logging.INFO)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        self._say(f"  {record.getMessage()}")


@contextmanager
def _told_loading(say: Callable[[str], object]) -> Iterator[None]:
    """Tells which file is read and which table is checked while a source's tables are made."""
    logger, teller = logging.getLogger("analysis.intake"), _Teller(say)
    level = logger.level
    logger.addHandler(teller)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(teller)
        logger.setLevel(level)


@contextmanager
def _shown_progress() -> Iterator["Progress"]:
    """Plain lines; on a terminal also a moving line with the chapters that run."""
    from analysis.reporting.progress import Progress

    if not sys.stdout.isatty():
        yield Progress(say=typer.echo)
        return
    from rich.console import Console

    console = Console(highlight=False)
    with console.status("reading") as status:
        progress = Progress(say=lambda line: console.print(line, markup=False))
        progress.changed = lambda: status.update(" and ".join(progress.running) or "working")
        yield progress
