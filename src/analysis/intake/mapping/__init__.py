"""How a bank's own files become canonical tables: names, codes, units and dates, as data."""

from analysis.intake.mapping.cumulated import difference_year_to_date
from analysis.intake.mapping.draft import draft_toml
from analysis.intake.mapping.guess import Guess, GuessNote, guess_mapping
from analysis.intake.mapping.load import load_mapping
from analysis.intake.mapping.nouns import ColumnMapping, FileMapping, SourceMapping
from analysis.intake.mapping.rows import emptied_codes, map_rows
from analysis.intake.mapping.words import nearest_word

__all__ = [
    "ColumnMapping",
    "FileMapping",
    "Guess",
    "GuessNote",
    "SourceMapping",
    "difference_year_to_date",
    "draft_toml",
    "emptied_codes",
    "guess_mapping",
    "load_mapping",
    "map_rows",
    "nearest_word",
]
