"""Small sources of needs for the tests of this folder, and evidence made straight from a matrix."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.core.text import Text
from analysis.intake import load_policy
from analysis.intake.portfolio import Portfolio
from analysis.portrait.grouping import Group, Grouping
from analysis.portrait.needs import NeedEvidence, NeedRecords, load_taxonomy
from analysis.portrait.needs.evidence import NEVER, SourceEvidence
from tests.builders import client_rows, rows, tiny_portfolio

NEED_HEADER = "need_id client_id need source strength urgency opened deadline closed amount served_by coder_id"
POSITION_HEADER = "client_id month product balance_avg balance_end interest funds_amount fee direct_cost"
END = "2026-09-30"
POLICY = load_policy()
TAXONOMY = load_taxonomy(POLICY)


def need_rows(*lines: tuple[object, ...]) -> pd.DataFrame:
    """Rows of `needs`: client, need, source, opened, then by name; ids are numbered.

    Examples
    --------
    need_rows(("A", "payroll", "survey", "2026-08-01", {"strength": 0.8}))
    """
    frame = pd.DataFrame(
        [
            {"need_id": f"N{k}", "client_id": line[0], "need": line[1], "source": line[2], "opened": line[3]}
            | (line[4] if len(line) > 4 and isinstance(line[4], dict) else {})
            for k, line in enumerate(lines)
        ]
    )
    for name in NEED_HEADER.split():
        if name not in frame:
            frame[name] = None
    return frame[NEED_HEADER.split()]


def held_rows(**held: Sequence[str]) -> pd.DataFrame:
    """Rows of `positions` at the quarter's end: products of each client, with a balance of 100."""
    lines = [(id, END, product, 100.0, 100.0, 0.0, 0.0, 0.0, 0.0) for id, some in held.items() for product in some]
    return rows(POSITION_HEADER, *lines)


def source(
    tmp_path: Path, *ids: str, needs: pd.DataFrame, columns: dict[str, object] | None = None, **tables: pd.DataFrame
) -> Portfolio:
    """A portfolio of clients with records of needs and other tables."""
    return tiny_portfolio(tmp_path, {"clients": client_rows(*ids, **(columns or {})), "needs": needs, **tables})


def evidence_of(has: npt.ArrayLike, *, covered: npt.ArrayLike | None = None) -> NeedEvidence:
    """Evidence of one source, interviews, that names exactly the needs of a matrix (n_clients, n_needs)."""
    matrix = np.asarray(has, dtype=bool)
    n, k = matrix.shape
    wide = np.zeros((n, len(TAXONOMY.codes)))
    wide[:, :k] = matrix
    clients = pd.Index([f"C{i:05d}" for i in range(n)])
    seen = np.ones(n, dtype=bool) if covered is None else np.asarray(covered, dtype=bool)
    one = SourceEvidence(TAXONOMY.sources["interview"], wide, seen, np.where(wide > 0, 1, NEVER))
    as_of = pd.Timestamp(END)
    empty = pd.DataFrame({"client_id": [], "need": [], "source": [], "closed": []})
    records = NeedRecords(empty, empty, pd.DataFrame(), {}, 0, as_of, TAXONOMY)
    return NeedEvidence(clients, TAXONOMY, {"interview": one}, POLICY.number("need_present"), as_of, records)


def grouping_of(codes: npt.ArrayLike) -> Grouping:
    """Clients in groups by their label, in the order of the labels."""
    labels = pd.Series(np.asarray(codes).astype(str), index=[f"C{i:05d}" for i in range(len(np.asarray(codes)))])
    counts = labels.value_counts()
    groups = tuple(Group(c, Text(c, c), "group", int(counts[c]), (c,)) for c in sorted(counts.index))
    return Grouping("size_class", Text("规模", "size"), labels, groups)
