"""Files of entries in a load: read, judged and summed one at a time; what each came to is kept by content."""

from analysis.intake.entries.facts import client_pseudonym_sql
from analysis.intake.entries.nouns import EVENTS, Clients, EntryFile, Summed, Unit
from analysis.intake.entries.step import sum_entries

__all__ = ["EVENTS", "Clients", "EntryFile", "Summed", "Unit", "client_pseudonym_sql", "sum_entries"]
