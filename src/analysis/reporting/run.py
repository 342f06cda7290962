"""Executes the chapters of a plan, two at a time. When one stops, the others finish and the reason is kept."""

import json
import shutil
import tempfile
import traceback
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from time import sleep
from typing import TYPE_CHECKING, Any

from analysis.core.errors import AnalysisError
from analysis.reporting.chapter import FACTS_VARIABLE, facts_json
from analysis.reporting.executed import ChapterResult, merged_facts, plain_paths, read_result, scrubbed
from analysis.reporting.failure import Failure, failed_cell, out_of_time, stopped_kernel
from analysis.reporting.plan import Plan, Step
from analysis.reporting.progress import Progress
from analysis.reporting.store import Store

if TYPE_CHECKING:
    from analysis.reporting.kernel import Execution, Limits

WORKERS = 2
"""Two kernels side by side: on two cores eight notebooks took 0.54 of the time of one at a time (study/scale.md)."""


class _StoppedError(Exception):
    """A chapter stopped; carries the failure out of the store."""

    def __init__(self, failure: Failure, notebook: Any) -> None:
        self.failure = failure
        self.notebook = notebook
        super().__init__(failure.cause)


@dataclass
class Runner:
    """Runs the steps of one plan.

    Parameters
    ----------
    left : folder that receives partial notebooks and the log when a chapter stops; made only then
    results : by chapter, filled while running
    executed : chapters that needed a kernel, the others were found in the store
    """

    plan: Plan
    store: Store
    root: Path
    left: Path
    progress: Progress
    limits: "Limits | None" = None
    results: dict[str, ChapterResult] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    executed: list[str] = field(default_factory=list)
    _sockets: Path = field(default_factory=Path)
    _live: "list[Execution]" = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    _is_stopping: bool = False

    def run(self) -> dict[str, ChapterResult]:
        """Results by chapter, without those left out.

        Raises
        ------
        AnalysisError : at least one chapter stopped; the others were finished first
        """
        steps = [step for step in self.plan.steps if not step.absent]
        shutil.rmtree(self.left, ignore_errors=True)
        if any(self.store.find("chapters", step.key) is None for step in steps):
            from analysis.reporting.kernel import prepare_drawing

            prepare_drawing(self.root)
        self._sockets = Path(tempfile.mkdtemp(prefix="acr-"))
        pool = ThreadPoolExecutor(WORKERS)
        try:
            list(pool.map(self._step, [step for step in steps if not step.reads_facts]))
            for step in (step for step in steps if step.reads_facts):
                if self.failures:
                    self.progress.chapter(step.chapter, "not run")
                else:
                    pool.submit(self._step, step).result()  # a thread of its own, even when called from a notebook
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            self._stop_kernels()
            pool.shutdown(wait=True)
            shutil.rmtree(self._sockets, ignore_errors=True)
        if self.failures:
            raise self._error()
        return self.results

    def _step(self, step: Step) -> None:
        found = self.store.find("chapters", step.key)
        if found:
            self.progress.chapter(step.chapter, "reused")
        else:
            self.progress.chapter(step.chapter, "running")
            try:
                found = self.store.make("chapters", step.key, lambda folder: self._execute(step, folder))
            except _StoppedError as stopped:
                if self._is_stopping:
                    return
                self._keep(step, stopped)
                self.progress.chapter(step.chapter, "failed")
                return
            self.progress.chapter(step.chapter, "done")
        notebook = json.loads((found / "chapter.ipynb").read_text(encoding="utf-8"))
        self.results[step.chapter] = read_result(step.chapter, notebook)

    def _execute(self, step: Step, folder: Path) -> None:
        """Fill a store entry with the executed notebook. A kernel that does not start is tried once more."""
        environment = {FACTS_VARIABLE: str(self._write_facts(step))} if step.reads_facts else {}
        execution, error = self._attempt(step, environment)
        if self._is_start_failure(execution, error):
            self.progress.line(f"  {step.chapter}  the kernel did not start, trying once more")
            execution, error = self._attempt(step, environment)
        if error is not None:
            raise _StoppedError(self._explain(step, execution, error), execution.notebook)
        notebook = scrubbed(execution.notebook, self.root)
        if not read_result(step.chapter, notebook).finished:
            cause = "it does not end with chapter.finish()"
            raise _StoppedError(Failure(step.chapter, "–", "the last one", cause), notebook)
        text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        (folder / "chapter.ipynb").write_text(text, encoding="utf-8")
        self.executed.append(step.chapter)

    def _is_start_failure(self, execution: "Execution", error: Exception | None) -> bool:
        is_early = execution.cell_index is None and isinstance(error, RuntimeError | TimeoutError)
        return is_early and not self._is_stopping

    def _attempt(self, step: Step, environment: Mapping[str, str]) -> "tuple[Execution, Exception | None]":
        from analysis.reporting.kernel import Execution, Limits

        with (self._sockets / f"{step.chapter}.log").open("ab") as log:
            execution = Execution(
                sockets=self._sockets,
                log=log,
                home=self.root,
                working=step.notebook.parent,
                environment=environment,
                limits=self.limits or Limits(),
            )
            with self._lock:
                self._live.append(execution)
            self.progress.kernel_started()
            try:
                if self._is_stopping:
                    raise InterruptedError
                execution.notebook = execution.run(step.notebook, step.parameters)
            except Exception as error:  # whatever a notebook or its kernel raises is reported in plain words
                if isinstance(error, OSError) and not isinstance(error, TimeoutError):
                    raise  # a full disk or a missing file is not the chapter's fault
                return execution, error
            finally:
                with self._lock:
                    self._live.remove(execution)
        return execution, None

    def _explain(self, step: Step, execution: "Execution", error: Exception) -> Failure:
        from analysis.reporting.kernel import CellFailedError, KernelDiedError, OutOfTimeError

        where = (step.chapter, execution.notebook, execution.cell_index)
        match error:
            case CellFailedError():
                index = _failing_index(execution.notebook)
                return failed_cell(step.chapter, execution.notebook, index, error.output, self.root)
            case KernelDiedError():
                return stopped_kernel(*where)
            case OutOfTimeError():
                return out_of_time(*where, execution.limits.cell, execution.limits.notebook)
        details = plain_paths("".join(traceback.format_exception(error)), self.root)
        cause = f"no Python kernel could be started ({type(error).__name__}); run analysis doctor"
        return Failure(step.chapter, "–", "before the first cell", cause, details=details)

    def _write_facts(self, step: Step) -> Path:
        """Facts of the chapters that ran before, in the order of the report file."""
        order = [other.chapter for other in self.plan.steps if other.chapter in self.results]
        path = self._sockets / f"facts-{step.chapter}.json"
        path.write_text(facts_json(merged_facts(self.results[chapter] for chapter in order)), encoding="utf-8")
        return path

    def _keep(self, step: Step, stopped: _StoppedError) -> None:
        """Keep the partial notebook and the reason under `left`."""
        self.failures[step.chapter] = stopped.failure
        self.left.mkdir(parents=True, exist_ok=True)
        if stopped.notebook is not None:
            text = json.dumps(scrubbed(stopped.notebook, self.root), ensure_ascii=False, indent=1, sort_keys=True)
            (self.left / f"{step.chapter}.ipynb").write_text(text + "\n", encoding="utf-8")
        kernel_log = self._sockets / f"{step.chapter}.log"
        own = plain_paths(kernel_log.read_text(encoding="utf-8", errors="replace"), self.root)
        where = self.left.relative_to(self.root).as_posix()
        with self._lock, (self.left / "log.txt").open("a", encoding="utf-8") as log:
            log.write(f"{stopped.failure.lines(where)}\n\n{stopped.failure.details}\n{own}\n")

    def _error(self) -> AnalysisError:
        """One error for all that stopped; its kind is that of the chapters if they agree."""
        where = self.left.relative_to(self.root).as_posix()
        failures = [self.failures[step.chapter] for step in self.plan.steps if step.chapter in self.failures]
        kinds = {failure.error for failure in failures}
        kind = kinds.pop() if len(kinds) == 1 else AnalysisError
        lines = "\n".join(failure.lines(f"{where}/{failure.chapter}.ipynb") for failure in failures)
        return kind(lines, hint=f"Nothing was published; the last good report stands. Details: {where}/log.txt.")

    def _stop_kernels(self) -> None:
        """End the kernels that still run, by their own process ids; one that is just starting, once it has."""
        self._is_stopping = True
        while live := list(self._live):
            for execution in live:
                execution.kill()
            sleep(0.05)


def _failing_index(notebook: Any) -> int | None:
    for index, cell in enumerate(notebook["cells"]):
        if any(output["output_type"] == "error" for output in cell.get("outputs", ())):
            return index
    return None
