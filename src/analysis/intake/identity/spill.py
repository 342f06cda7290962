"""What memory cannot hold while names are still there: written to disk only encrypted."""

import os
import tempfile
from pathlib import Path
from typing import Any


def private_spill() -> dict[str, Any]:
    """Settings of a DuckDB connection that handles names and numbers of clients.

    DuckDB puts what memory cannot hold into files of the current folder, in clear, and leaves them there when the
    process is killed. With these settings they go to the system's temporary folder, encrypted under a key that only
    this process has.

    Notes
    -----
    DuckDB calls its built-in cipher unsafe because its random numbers are not good enough for files that are kept; its
    other cipher is an extension that must be downloaded. Temporary files live as long as the connection. It takes about
    half as much processor time again for what is spilled, and nothing where nothing is.
    """
    folder = Path(tempfile.gettempdir()) / f"analysis-duckdb-{os.getpid()}"
    return {"temp_directory": str(folder), "force_mbedtls_unsafe": True, "temp_file_encryption": True}
