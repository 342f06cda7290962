"""`build_report`: from names and values to a published report, doing only what has changed."""

import errno
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from analysis.core.errors import AnalysisError, DataError, ParameterError
from analysis.intake.suggest import nearest
from analysis.reporting import definition as definitions
from analysis.reporting.definition import Definition, cache_folder, read_definition, repository_root
from analysis.reporting.parameters import Request, declarations_of, judge, report_name
from analysis.reporting.progress import Progress

if TYPE_CHECKING:
    from analysis.intake import Portfolio
    from analysis.reporting.executed import ChapterResult
    from analysis.reporting.kernel import Limits
    from analysis.reporting.plan import Plan
    from analysis.reporting.store import Store

build_root = definitions.build_root


@dataclass(frozen=True, slots=True)
class Built:
    """What a build left.

    Parameters
    ----------
    folder : of the published report
    executed : chapters that ran in a kernel
    was_current : nothing had changed, nothing was done
    """

    folder: Path
    executed: tuple[str, ...] = ()
    was_current: bool = False


def build_report(
    given: Mapping[str, str],
    *,
    root: Path | None = None,
    progress: Progress | None = None,
    limits: "Limits | None" = None,
) -> Built:
    """Build and publish a report; where nothing changed, only say where it is.

    Parameters
    ----------
    given : names and values as on the command line, such as {"QUARTER": "2026Q3", "n_segments": "6"}
    root : the repository; found by itself when None
    limits : how long a kernel, a cell and a chapter may take

    Raises
    ------
    ParameterError, DataError, ReportError, AnalysisError : with exit codes 2, 3, 4 and 1; nothing is published then
    """
    root = root or repository_root()
    progress = progress or Progress()
    definition = read_definition(report_name(given), root)
    request = judge(given, definition, root)
    request = _with_data(request)
    try:
        return _build(definition, request, root, progress, limits)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise AnalysisError(
                f"The disk is full, so the report could not be written{_room(root)}.",
                hint="Free some space (make clean removes intermediate results) and run again. Nothing was published.",
            ) from error
        raise


def _room(root: Path) -> str:
    """Room left in the folders written to, which says where it ran out; half-written files are gone by now."""
    places = [place for place in (build_root(root), cache_folder(root)) if place.exists()]
    left = [
        f"{place.relative_to(root).as_posix()} {shutil.disk_usage(place).free // 1_000_000:,} MB" for place in places
    ]
    return f" (room left: {', '.join(left)})" if left else ""


def _with_data(request: Request) -> Request:
    """The request with a registered source, and DATA as an absolute path, which has to exist, or as an address.

    SOURCE may be the path of a folder or the address of a database; the notebooks get it as `data`, which no manifest
    and no key of a chapter holds.
    """
    from analysis.intake.load import is_address, locate

    source, given = locate(request.source, request.data or None)
    if not given:
        return request
    address, _, place = given.partition(" ") if is_address(given) else ("", "", given)
    if place:
        path = Path(place).expanduser()
        if not path.exists():
            what = "SOURCE" if not address and source != request.source else "DATA"
            raise DataError(f"{what} names {path.name!r}, which is not there.", hint="Give a path that exists.")
        place = str(path.resolve())
    data = f"{address} {place}".strip()
    told = {"source": source, "data": data}
    chapters = {
        chapter: {name: told.get(name, value) for name, value in values.items()}
        for chapter, values in request.chapters.items()
    }
    return replace(request, source=source, data=data, chapters=chapters)


def _build(definition: Definition, request: Request, root: Path, progress: Progress, limits: "Limits | None") -> Built:
    from analysis.reporting.publish import is_current
    from analysis.reporting.store import Store

    store = Store(cache_folder(root))
    with store.lock(f"build-{definition.name}-{request.source}"):
        plan, portfolio = plan_report(definition, request, root)
        folder = build_root(root) / definition.name / portfolio.provenance.source / plan.quarter
        if is_current(folder, plan.key):
            return Built(folder, was_current=True)
        return _make(plan, portfolio, folder, store, root, progress, limits)


def plan_report(definition: Definition, request: Request, root: Path) -> "tuple[Plan, Portfolio]":
    """The steps of a build and the data they start from.

    Raises
    ------
    DataError : the source has no such quarter, or its data are refused
    ReportError : what was issued for the quarter before was changed since
    """
    from analysis.intake import load_portfolio
    from analysis.reporting.issue import find_issue
    from analysis.reporting.plan import make_plan

    portfolio = load_portfolio(
        request.source, quarter=request.quarter, data=request.data or None, cache=cache_folder(root)
    )
    issued = find_issue(root, portfolio.provenance.source, portfolio.quarter.previous, definition.name)
    plan = make_plan(
        definition,
        request,
        root=root,
        quarter=str(portfolio.quarter),
        tables=portfolio.tables,
        data_key=portfolio.tables_key,
        policy_sha256=portfolio.policy.sha256,
        issued=issued,
    )
    return plan, portfolio


def _make(
    plan: "Plan",
    portfolio: "Portfolio",
    folder: Path,
    store: "Store",
    root: Path,
    progress: Progress,
    limits: "Limits | None",
) -> Built:
    """Run the chapters and publish them."""
    from analysis.reporting.executed import absent_result
    from analysis.reporting.publish import staging
    from analysis.reporting.run import Runner

    progress.line(f"{plan.definition.title.en}: {portfolio.provenance.source} {plan.quarter}")
    left = folder.with_name(f"{folder.name}.failed")
    runner = Runner(plan=plan, store=store, root=root, left=left, progress=progress, limits=limits)
    with staging(folder) as staged:
        done = runner.run()
        results = {
            step.chapter: absent_result(step.chapter, step.absent, root) if step.absent else done[step.chapter]
            for step in plan.steps
        }
        for step in plan.steps:
            if step.absent:
                progress.chapter(step.chapter, "left out")
        _publish(plan, portfolio, results, staged, folder, root, progress)
    store.write_note(_parts_note(plan), {step.chapter: dict(step.parts) for step in plan.steps})
    return Built(folder, executed=tuple(runner.executed))


def _parts_note(plan: "Plan") -> str:
    return f"parts-{plan.definition.name}-{plan.request.source}"


def _publish(
    plan: "Plan",
    portfolio: "Portfolio",
    results: "Mapping[str, ChapterResult]",
    staged: Path,
    folder: Path,
    root: Path,
    progress: Progress,
) -> None:
    from analysis.core.fact import by_id
    from analysis.reporting import publish
    from analysis.reporting.assemble import assemble
    from analysis.reporting.chapter import facts_json
    from analysis.reporting.check import check_notebook, check_report
    from analysis.reporting.decisions import write_decisions

    started = monotonic()
    log = folder.with_name(f"{folder.name}.failed") / "log.txt"
    executed = {name: result.notebook for name, result in results.items() if result.notebook is not None}
    problems = [problem for name, notebook in executed.items() for problem in check_notebook(notebook, name)]
    publish.refuse(problems, log, root)
    rows = publish.row_counts(portfolio)
    content = assemble(plan, portfolio, results, declarations_of(plan.definition, root), rows)
    facts = facts_json(by_id(content.facts).values())
    (staged / "facts.json").write_text(facts, encoding="utf-8", newline="\n")
    write_decisions(portfolio.policy, staged)
    publish.write_notebooks(results, staged)
    publish.write_editions(content, staged, plan.request.langs, plan.request.formats)
    publish.refuse(check_report(content, staged), log, root)
    manifest = publish.manifest_of(plan, portfolio, results, rows, progress.seconds, staged)
    publish.write_manifest(manifest, staged)
    publish.swap_in(staged, folder)
    publish.write_index(build_root(root))
    progress.line(f"  rendered, checked and published  {monotonic() - started:.1f} s")


def explain(given: Mapping[str, str], *, root: Path, only: str = "") -> list[str]:
    """What a build would do, a line a chapter: reuse or run, and which parts of the key changed since the last build.

    Parameters
    ----------
    only : one chapter's name, or empty for all
    """
    from analysis.reporting.plan import changed_parts
    from analysis.reporting.store import Store

    definition = read_definition(report_name(given), root)
    if only and only not in definition.chapters:
        raise ParameterError(
            f"The report {definition.name} has no chapter {only!r}.", hint=nearest(only, definition.chapters)
        )
    plan, _ = plan_report(definition, _with_data(judge(given, definition, root)), root)
    store = Store(cache_folder(root))
    before = store.read_note(_parts_note(plan)) or {}
    lines = []
    for step in plan.steps:
        if only in ("", step.chapter):
            changed = changed_parts(step, before.get(step.chapter))
            state = "reused" if store.find("chapters", step.key) else "runs"
            absent = f"left out, no {', '.join(step.absent)}" if step.absent else state
            lines.append(f"{step.chapter}: {absent}; changed: {', '.join(changed) or 'nothing'}")
    return lines
