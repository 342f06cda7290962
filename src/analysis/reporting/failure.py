"""Why a chapter stopped, in five lines a person can act on."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.core.errors import AnalysisError, DataError, MethodError, ParameterError, ReportError
from analysis.reporting.executed import joined, plain_paths

_KINDS: dict[str, type[AnalysisError]] = {
    kind.__name__: kind for kind in (DataError, ParameterError, MethodError, ReportError)
}
_ARROW = re.compile(r"^-+>\s*([0-9]+)\s+(.*)$", re.MULTILINE)
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a chapter stopped and where.

    Parameters
    ----------
    error : what the run raises for it, which decides the exit code
    details : the whole traceback, for the log
    """

    chapter: str
    section: str
    cell: str
    cause: str
    error: type[AnalysisError] = AnalysisError
    details: str = ""

    def lines(self, where: str) -> str:
        """Five lines; `where` is the folder with the partial notebook and the log."""
        return (
            f"Chapter {self.chapter} stopped.\n"
            f"  section: {self.section}\n"
            f"  cell:    {self.cell}\n"
            f"  cause:   {self.cause}\n"
            f"  look at: {where}"
        )


def failed_cell(chapter: str, notebook: Any, cell_index: int | None, output: Mapping[str, Any], root: Path) -> Failure:
    """The failure a cell's error output describes."""
    name, value = str(output.get("ename", "")), str(output.get("evalue", ""))
    trace = plain_paths("\n".join(output.get("traceback", ())), root)
    own = [match for part in trace.split("\n\n") if "Cell In[" in part for match in _ARROW.findall(part)]
    line = f", line {own[0][0]}: {own[0][1].strip()}" if own else ""
    first = plain_paths(value, root).strip().splitlines()
    cause = shortened(first[0] if first else name)
    if name not in _KINDS:
        cause = f"{name}: {cause}" if first else name
    if "No space left on device" in value:
        cause = "the disk is full"
    section, cell = place(notebook, cell_index)
    return Failure(chapter, section, shortened(cell + line), cause, _KINDS.get(name, AnalysisError), trace)


def stopped_kernel(chapter: str, notebook: Any, cell_index: int | None) -> Failure:
    """The failure of a chapter whose kernel died."""
    section, cell = place(notebook, cell_index)
    return Failure(chapter, section, cell, "its Python process was ended from outside; out of memory?")


def out_of_time(chapter: str, notebook: Any, cell_index: int | None, cell_limit: float, limit: float) -> Failure:
    """The failure of a chapter that ran over its limit."""
    section, cell = place(notebook, cell_index)
    cause = f"out of time: a cell may take {cell_limit:.0f} s, a chapter {limit:.0f} s"
    return Failure(chapter, section, cell, cause)


def place(notebook: Any, cell_index: int | None) -> tuple[str, str]:
    """Heading above a cell, and the cell as JupyterLab numbers it."""
    if notebook is None or cell_index is None:
        return "–", "before the first cell"
    cells: Sequence[Any] = notebook["cells"][: cell_index + 1]
    headings = [
        line.lstrip("#").strip()
        for cell in cells
        if cell["cell_type"] == "markdown"
        for line in joined(cell["source"]).splitlines()
        if line.startswith("#")
    ]
    return (headings[-1] if headings else "–"), f"In [{sum(cell['cell_type'] == 'code' for cell in cells)}]"


def shortened(text: str) -> str:
    """The text on one line, cut when it is overlong."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST else flat[: _LONGEST - 1] + "…"
