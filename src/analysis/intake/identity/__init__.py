"""Who is who: one view of a client, pseudonyms in place of numbers, no names."""

from analysis.intake.identity.keys import KEY_FILE, KEY_VARIABLE, key_file, key_fingerprint, pseudonym_key
from analysis.intake.identity.matches import ClientMatches, TableMatch, match_tables
from analysis.intake.identity.pseudonyms import pseudonymise
from analysis.intake.identity.spill import private_spill
from analysis.intake.identity.view import ClientView, resolve_clients

__all__ = [
    "KEY_FILE",
    "KEY_VARIABLE",
    "ClientMatches",
    "ClientView",
    "TableMatch",
    "key_file",
    "key_fingerprint",
    "match_tables",
    "private_spill",
    "pseudonym_key",
    "pseudonymise",
    "resolve_clients",
]
