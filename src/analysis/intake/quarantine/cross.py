"""What only shows over several rows or tables: flagged and counted, never set aside."""

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.core.text import Text
from analysis.intake.checks import Check

_REUSED = Text("借据号用于多个客户", "names loans of more than one client")


def cross_checks(connection: Any, tables: Mapping[str, str]) -> list[Check]:
    """Findings over the rows kept of all tables."""
    return [*_reused_loans(connection, tables)]


def _reused_loans(connection: Any, tables: Mapping[str, str]) -> Iterator[Check]:
    if "loan_states" not in tables:
        return
    reused = f"SELECT loan_id FROM {tables['loan_states']} GROUP BY loan_id HAVING count(DISTINCT client_id) > 1"
    n_rows = connection.execute(f"SELECT count(*) FROM {tables['loan_states']} WHERE loan_id IN ({reused})").fetchone()[
        0
    ]
    if n_rows:
        yield Check("loan_states", "", "loan_id", "reused_loan_id", _REUSED, "consistency", "flag", n_rows)
