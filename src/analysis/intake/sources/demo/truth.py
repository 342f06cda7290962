"""What was planted, client by client, for marking an analysis. Nothing but tests may read it."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.intake.sources.demo.bank import Basis, build_basis
from analysis.intake.sources.demo.borrowers import FOREVER
from analysis.intake.sources.demo.deposits import real_growth
from analysis.intake.sources.demo.frame import build_outlets
from analysis.intake.sources.demo.need_profiles import CODES
from analysis.intake.sources.demo.parameters import CLASSES, SEGMENTS, DemoParameters, stream
from analysis.intake.sources.demo.survey import true_satisfaction
from analysis.intake.sources.demo.tiering import overridden
from analysis.intake.sources.demo.truth_statements import statement_table

_POTENTIAL_SHARE = 0.15


def write_truth(parameters: DemoParameters, folder: Path) -> None:
    """Write what was planted to a folder of its own.

    `truth_clients`, `truth_segments` (client × quarter), `truth_needs` (client × need), `truth_statements`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    outlets = build_outlets(parameters)
    tables: dict[str, list[pa.Table]] = {}
    for chunk in range(len(parameters.chunks)):
        basis = build_basis(parameters, chunk, outlets)
        tables.setdefault("truth_clients", []).append(_client_truth(parameters, chunk, basis))
        tables.setdefault("truth_segments", []).append(_segment_truth(parameters, basis))
        tables.setdefault("truth_needs", []).append(_need_truth(basis))
    tables["truth_statements"] = [statement_table(parameters)]
    for name, parts in tables.items():
        pq.write_table(pa.concat_tables(parts), folder / f"{name}.parquet", compression="snappy", store_schema=False)


def _ids(basis: Basis) -> np.ndarray:
    first = basis.clients.first_number
    return np.array([f"C{first + k + 1:07d}" for k in range(basis.clients.n)], dtype=object)


def _client_truth(parameters: DemoParameters, chunk: int, basis: Basis) -> pa.Table:
    clients, borrowers = basis.clients, basis.borrowers
    names = np.array([*SEGMENTS, None], dtype=object)
    risk, default, warned = (np.full(clients.n, np.nan), np.full(clients.n, -1), np.zeros(clients.n, dtype=bool))
    risk[borrowers.client] = borrowers.risk
    hit = borrowers.default < FOREVER
    default[borrowers.client[hit]] = borrowers.default[hit]
    warned[borrowers.client[hit]] = borrowers.warning[hit] > 0
    potential = stream(parameters, "segments.potential", chunk).random(clients.n) < _POTENTIAL_SHARE
    return pa.table(
        {
            "client_id": pa.array(_ids(basis), type=pa.string()),
            "segment": pa.array(names[clients.segment], type=pa.string()),
            "second_segment": pa.array(names[clients.second], type=pa.string()),
            "is_ambiguous": clients.second >= 0,
            "size_class": pa.array(np.array(CLASSES, dtype=object)[clients.size], type=pa.string()),
            "is_spiker": basis.deposits.spikes,
            "has_real_growth": real_growth(parameters, chunk, clients),
            "has_real_potential": (clients.segment == SEGMENTS.index("G8")) & potential,
            "is_lost": ~clients.stays,
            "silent_from_month": np.where(clients.silent_from >= parameters.n_months, -2, clients.silent_from),
            "risk": risk,
            "default_month": default,
            "default_warned": warned,
            "is_tier_overridden": overridden(parameters, chunk, clients),
            "is_planted_group": basis.planted,
            "satisfaction": true_satisfaction(parameters, chunk, clients, basis.needs),
        }
    )


def _need_truth(basis: Basis) -> pa.Table:
    """Every client with every need: whether it has it at the end of the history or of its relation, and unmet."""
    present, unmet = basis.needs.present, basis.needs.unmet
    return pa.table(
        {
            "client_id": pa.array(np.repeat(_ids(basis), len(CODES)), type=pa.string()),
            "need": pa.array(np.tile(np.array(CODES, dtype=object), basis.clients.n), type=pa.string()),
            "has_need": present.reshape(-1),
            "is_unmet": unmet.reshape(-1),
        }
    )


def _segment_truth(parameters: DemoParameters, basis: Basis) -> pa.Table:
    clients = basis.clients
    n_q = parameters.n_quarters
    labels = np.array([quarter.label for quarter in parameters.quarters], dtype=object)
    return pa.table(
        {
            "client_id": pa.array(np.repeat(_ids(basis), n_q), type=pa.string()),
            "quarter": pa.array(np.tile(labels, clients.n), type=pa.string()),
            "segment": pa.array(np.array(SEGMENTS, dtype=object)[clients.path.reshape(-1)], type=pa.string()),
        }
    )
