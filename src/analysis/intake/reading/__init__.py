"""Files as given → rows of text in DuckDB, with the line each came from. Nothing is interpreted here."""

from analysis.intake.reading.files import data_files, files_not_read
from analysis.intake.reading.mask import mask_raw
from analysis.intake.reading.nouns import FileSpec, Peek, RawTable
from analysis.intake.reading.read import peek, read_file, sheets_of

__all__ = [
    "FileSpec",
    "Peek",
    "RawTable",
    "data_files",
    "files_not_read",
    "mask_raw",
    "peek",
    "read_file",
    "sheets_of",
]
