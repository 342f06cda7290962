"""One task in a process of its own: how long it took and how much memory it held at most."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "POLARS_MAX_THREADS")
ONE_THREAD = dict.fromkeys(_LIMITS, "1")


@dataclass(frozen=True, slots=True)
class Measured:
    """What a task took.

    Parameters
    ----------
    seconds : elapsed time of the work itself, without starting Python and importing
    cpu_seconds : processor time of the same
    peak_mb : most memory the process ever held, imports included
    base_mb : what it held before the work began
    result : what the task found out, such as numbers of rows
    versions : of the packages it used
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float
    base_mb: float
    result: dict[str, Any]
    versions: dict[str, str]

    @property
    def time(self) -> float:
        """What is compared: processor seconds."""
        return self.cpu_seconds


def run_task(python: Path, module: str, task: str, *arguments: object, **environment: str) -> Measured:
    """Run a task of a module with an interpreter, on one thread."""
    done = subprocess.run(
        [str(python), "-m", module, task, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | ONE_THREAD | {"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"The task {module} {task} failed:\n{done.stderr}")
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def report(task: Callable[[], dict[str, Any]], packages: tuple[str, ...], modules: tuple[str, ...]) -> None:
    """Do the work once and write down what it took; the last line of the output is read by `run_task`.

    Parameters
    ----------
    packages : whose versions are told
    modules : what the work imports; imported before the clock starts
    """
    for name in modules:
        import_module(name)
    base = _peak_mb()
    started, cpu = time.perf_counter(), time.process_time()
    result = task()
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
    versions = {name: version(name) for name in packages}
    found = Measured(seconds, cpu_seconds, _peak_mb(), base, result, versions)
    sys.stdout.write(json.dumps({name: getattr(found, name) for name in Measured.__annotations__}) + "\n")


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
