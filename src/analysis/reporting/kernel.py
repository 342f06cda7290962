"""One notebook in one kernel through Papermill: a private kernel of this interpreter, on local sockets, with limits.

Papermill does the executing. What is added: the kernel is always this interpreter (never a user's kernel of the same
name), it talks over IPC files instead of TCP ports, its environment is fixed, and a notebook as a whole has a deadline.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import IO, Any

import papermill
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines

from analysis.reporting.definition import HOME_VARIABLE, cache_folder

ENGINE = "analysis"
_LONGEST_SOCKET_PATH = 80
"""Linux allows 107 bytes, macOS 103; the kernel appends a name and a port number to ours."""
_FIXED = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "MPLBACKEND": "Agg",
    "TZ": "UTC",
}
_DROPPED = ("PYTHONWARNINGS", "PYTHONSTARTUP", "PYTHONINSPECT", "PYTHONDONTWRITEBYTECODE", "JPY_PARENT_PID")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things may take, in seconds."""

    start: float = 60
    cell: float = 1200
    notebook: float = 3600


class KernelDiedError(Exception):
    """The kernel's process ended by itself, or was ended from outside."""


class OutOfTimeError(Exception):
    """A cell or the whole notebook ran over its limit."""


class CellFailedError(Exception):
    """A cell raised; `output` is its error output."""

    def __init__(self, output: Mapping[str, Any]) -> None:
        self.output = output
        super().__init__(f"{output.get('ename')}: {output.get('evalue')}")


@dataclass
class Execution:
    """One notebook being executed: where it stands, and what is left when it stops.

    Parameters
    ----------
    sockets : short folder for the kernel's connection file and sockets
    log : receives what the kernel's process writes to its own standard streams
    """

    sockets: Path
    log: IO[bytes]
    home: Path
    working: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    notebook: Any = None
    cell_index: int | None = None
    manager: Any = None
    _deadline: float = 0.0

    def run(self, source: Path, parameters: Mapping[str, Any]) -> Any:
        """The executed notebook (`NotebookNode`).

        Raises
        ------
        CellFailedError, KernelDiedError, OutOfTimeError : with `notebook` and `cell_index` set as far as it came
        """
        self._deadline = monotonic() + self.limits.notebook
        loop = ensure_event_loop()  # the one of this thread; Papermill leaves it open
        try:
            return papermill.execute_notebook(
                str(source),
                None,
                parameters=dict(parameters),
                engine_name=ENGINE,
                kernel_name="python3",
                language="python",
                progress_bar=False,
                start_timeout=self.limits.start,
                execution=self,
            )
        except CellTimeoutError as error:
            raise OutOfTimeError from error
        except DeadKernelError as error:
            raise KernelDiedError from error
        finally:
            loop.close()

    def time_left(self, _cell: Any) -> int:
        """Seconds the next cell may take."""
        return max(1, int(min(self.limits.cell, self._deadline - monotonic())))

    def entered(self, cell: Any, cell_index: int) -> None:  # noqa: ARG002 (nbclient calls it by name)
        self.cell_index = cell_index

    def kill(self) -> None:
        """End the kernel's process, if it has one that runs."""
        process = getattr(getattr(self.manager, "provisioner", None), "process", None)
        if process is not None and process.poll() is None:
            process.kill()

    def new_manager(self) -> Any:
        name = f"k{id(self):x}"
        base = str(self.sockets / name)
        manager = _ThisInterpreter(connection_file=f"{base}.json")
        if len(base) <= _LONGEST_SOCKET_PATH:
            manager.transport = "ipc"
            manager.ip = f"{base}-ipc"
        self.manager = manager
        return manager

    def kernel_environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
        own = {"IPYTHONDIR": str(self.sockets / "ipython"), HOME_VARIABLE: str(self.home)}
        own["MPLCONFIGDIR"] = str(drawing_folder(self.home))
        return {**kept, **_FIXED, **own, **self.environment}


def drawing_folder(root: Path) -> Path:
    """Folder of Matplotlib's settings and font list: ours, so that no user's settings change a figure."""
    return cache_folder(root) / "matplotlib"


def prepare_drawing(root: Path) -> None:
    """Write Matplotlib's font list once, where it is missing.

    Else the first kernels do it, and when that takes over five seconds Matplotlib says so on standard error, which the
    checks take for a warning of the chapter.
    """
    folder = drawing_folder(root)
    if not any(folder.glob("fontlist-*.json")):
        folder.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {"MPLCONFIGDIR": str(folder), "MPLBACKEND": "Agg"}
        command = [sys.executable, "-c", "import matplotlib.font_manager"]
        subprocess.run(command, env=environment, capture_output=True, check=False)


class _ThisInterpreter(AsyncKernelManager):  # type: ignore[misc, unused-ignore]
    """A kernel of the interpreter that runs this code, whatever kernels are installed for the user."""

    @property
    def kernel_spec(self) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--HistoryManager.enabled=False"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


class _ChapterEngine(Engine):  # type: ignore[misc, unused-ignore]
    """Papermill's engine with our kernel and limits."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        execution: Execution = options["execution"]
        execution.notebook = nb_man.nb
        client = PapermillNotebookClient(
            nb_man,
            km=execution.new_manager(),
            kernel_name=kernel_name,
            startup_timeout=int(execution.limits.start),
            timeout_func=execution.time_left,
            on_cell_start=execution.entered,
            shutdown_kernel="immediate",
            store_widget_state=False,
        )
        client.execute(
            env=execution.kernel_environment(),
            cwd=str(execution.working),
            stdout=execution.log,
            stderr=execution.log,
            cleanup_kc=True,
        )
        for cell in nb_man.nb.cells:
            for output in cell.get("outputs", ()):
                if output.output_type == "error":
                    raise CellFailedError(output)
        return nb_man.nb


papermill_engines.register(ENGINE, _ChapterEngine)
