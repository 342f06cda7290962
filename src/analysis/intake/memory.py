"""How much memory DuckDB may take, and with how many threads it works."""

import os
import re
import tempfile
from pathlib import Path
from typing import Any

from analysis.core.errors import ParameterError

MEMORY_VARIABLE = "ANALYSIS_MEMORY_LIMIT"
"""Environment variable that caps what a process holds in memory, such as 2GB; what is more goes to temporary files."""

_OF_DUCKDB = 0.7
"""Share of the cap that DuckDB may take. The rest is Python, Ibis, Arrow and what the allocator holds back:
some hundred megabytes at a cap of 2 GB (`make bench`)."""


def duckdb_settings(memory_limit: str = "") -> dict[str, Any]:
    """Settings of a DuckDB connection: one thread, so that sums are the same every time, and the cap if there is one.

    Parameters
    ----------
    memory_limit : of the process, such as `1500MB` or `2GB`; by default what the environment says

    Examples
    --------
    >>> duckdb_settings("2 gb")["memory_limit"]
    '1400MB'
    """
    asked = memory_limit or os.environ.get(MEMORY_VARIABLE, "")
    if not asked:
        return {"threads": 1}
    found = re.fullmatch(r"([1-9][0-9]{0,6}) ?(MB|GB)", asked.strip().upper())
    if not found:
        raise ParameterError(f"The memory limit {asked!r} is not understood.", hint="Write for example 1500MB or 2GB.")
    spill = str(Path(tempfile.gettempdir()) / f"analysis-duckdb-{os.getpid()}")
    megabytes = int(found[1]) * (1000 if found[2] == "GB" else 1)
    return {"threads": 1, "memory_limit": f"{round(megabytes * _OF_DUCKDB)}MB", "temp_directory": spill}
