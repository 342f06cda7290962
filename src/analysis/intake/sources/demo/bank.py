"""The whole demo bank: chunks of clients to Parquet, in two processes when there are many."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from analysis.intake.reference import project_root
from analysis.intake.size_rule import read_size_rule
from analysis.intake.sources.demo.borrowers import Borrowers, draw_borrowers
from analysis.intake.sources.demo.client_table import client_columns, manager_ids, managers
from analysis.intake.sources.demo.clients import Clients, build_clients, in_whole_quarters
from analysis.intake.sources.demo.concentration import plant_groups
from analysis.intake.sources.demo.contacts import feedback_columns, interaction_columns
from analysis.intake.sources.demo.controls import ITEMS, control_columns, control_sums
from analysis.intake.sources.demo.deposits import Deposits, draw_deposits
from analysis.intake.sources.demo.financials import financial_columns
from analysis.intake.sources.demo.frame import Outlets, bank_columns, build_outlets, outlet_columns, staff_columns
from analysis.intake.sources.demo.limits import limit_columns
from analysis.intake.sources.demo.loans import build_loans, loan_columns, loan_ids, loan_sums, state_columns
from analysis.intake.sources.demo.need_records import need_columns
from analysis.intake.sources.demo.needs import Needs, draw_needs
from analysis.intake.sources.demo.parameters import DemoParameters
from analysis.intake.sources.demo.positions import build_book, position_columns
from analysis.intake.sources.demo.products import Holdings, draw_holdings
from analysis.intake.sources.demo.surroundings import industry_columns, market_columns, region_columns
from analysis.intake.sources.demo.survey import draw_survey, survey_columns
from analysis.intake.sources.demo.tiering import quarterly, tiers
from analysis.intake.sources.demo.transactions import draw_flows, transaction_columns
from analysis.intake.sources.demo.write import Writers

CHUNKS_PER_PART = 10
"""Chunks that share one file of each table: 50,000 clients. Fixed, so that files do not depend on the machine."""
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Basis:
    """What every table of a chunk starts from."""

    clients: Clients
    deposits: Deposits
    holdings: Holdings
    borrowers: Borrowers
    planted: np.ndarray
    needs: Needs


def build_basis(parameters: DemoParameters, chunk: int, outlets: Outlets) -> Basis:
    """Clients, deposits, products and borrowers of one chunk."""
    rule = read_size_rule(project_root() / "data" / "reference" / "nbs_enterprise_size_2017.csv")
    clients = build_clients(parameters, chunk, outlets, rule)
    if parameters.variant == "retier_only":
        clients = in_whole_quarters(parameters, clients)
    deposits = draw_deposits(parameters, chunk, clients)
    holdings = draw_holdings(parameters, chunk, clients, deposits.rank)
    borrowers = draw_borrowers(parameters, chunk, clients, deposits.rank)
    clients, borrowers, planted = plant_groups(parameters, clients, borrowers)
    needs = draw_needs(parameters, chunk, clients, holdings, borrowers)
    return Basis(clients, deposits, holdings, borrowers, planted, needs)


def write_chunk(parameters: DemoParameters, chunk: int, outlets: Outlets, writers: Writers) -> np.ndarray:
    """Write all rows of one chunk and return its control sums."""
    basis = build_basis(parameters, chunk, outlets)
    clients, borrowers = basis.clients, basis.borrowers
    ids = [f"C{clients.first_number + k + 1:07d}" for k in range(clients.n)]
    loans = build_loans(parameters, chunk, clients, borrowers)
    credit = loan_sums(parameters, clients, borrowers, loans)
    flows = draw_flows(parameters, chunk, clients, basis.deposits, basis.holdings)
    book = build_book(parameters, chunk, clients, basis.deposits, basis.holdings, flows, credit, basis.planted)
    positions = position_columns(parameters, clients, book, ids)
    writers.write("positions", positions)
    sums = control_sums(parameters, outlets, clients.outlet, positions)
    del positions
    deposits = quarterly(parameters, basis.deposits.average)
    borrowed = quarterly(parameters, credit.average.sum(axis=2))
    tier = tiers(parameters, chunk, clients, basis.deposits.quarterly, deposits, borrowed)
    manager = managers(parameters, chunk, clients, tier, outlets)
    writers.write("clients", client_columns(parameters, chunk, clients, outlets, tier, manager, ids))
    names = loan_ids(clients, borrowers, loans)
    writers.write("loans", loan_columns(parameters, chunk, borrowers, loans, names, ids))
    writers.write("loan_states", state_columns(parameters, chunk, clients, borrowers, loans, names, ids))
    risk = np.zeros(clients.n)
    risk[borrowers.client] = borrowers.risk
    writers.write("limits", limit_columns(parameters, chunk, clients, credit, book, risk, ids))
    writers.write("transactions", transaction_columns(parameters, chunk, flows, ids))
    writers.write("financials", financial_columns(parameters, chunk, clients, borrowers, ids))
    _write_service(parameters, chunk, basis, manager, ids, writers)
    return sums


def _write_service(
    parameters: DemoParameters, chunk: int, basis: Basis, manager: np.ndarray, ids: list[str], writers: Writers
) -> None:
    """Write what clients need, say and come with, and how often they are met."""
    clients, needs = basis.clients, basis.needs
    survey = draw_survey(parameters, chunk, clients, needs)
    staff = manager_ids(chunk)
    writers.write("needs", need_columns(parameters, chunk, clients, needs, survey, manager, staff, ids))
    writers.write("surveys", survey_columns(parameters, chunk, clients, needs, survey, ids))
    writers.write("feedback", feedback_columns(parameters, chunk, clients, needs, manager, staff, ids))
    writers.write("interactions", interaction_columns(parameters, chunk, clients, manager, staff, ids))


def write_part(parameters: DemoParameters, part: int, folder: Path) -> np.ndarray:
    """Write the files of one part, some chunks long, and return its control sums."""
    outlets = build_outlets(parameters)
    n_chunks = len(parameters.chunks)
    chunks = range(part * CHUNKS_PER_PART, min((part + 1) * CHUNKS_PER_PART, n_chunks))
    sums = np.zeros((parameters.n_months, outlets.n, len(ITEMS)), dtype=np.int64)
    with Writers(folder, part if n_chunks > CHUNKS_PER_PART else None) as writers:
        for chunk in chunks:
            sums += write_chunk(parameters, chunk, outlets, writers)
    return sums


def generate(parameters: DemoParameters, folder: Path, *, progress: Progress | None = None) -> None:
    """Write every canonical table of the demo bank: `<table>.parquet`, or `<table>/part-*.parquet` when large.

    Parameters
    ----------
    progress : told what is being done and how far it is, from 0 to 1
    """
    tell = progress or (lambda _text, _share: None)
    outlets = build_outlets(parameters)
    folder.mkdir(parents=True, exist_ok=True)
    n_parts = -(-len(parameters.chunks) // CHUNKS_PER_PART)
    sums = np.zeros((parameters.n_months, outlets.n, len(ITEMS)), dtype=np.int64)
    if n_parts == 1:
        sums += write_part(parameters, 0, folder)
    else:
        with ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn")) as pool:
            jobs = [pool.submit(write_part, parameters, part, folder) for part in range(n_parts)]
            for done, job in enumerate(jobs, start=1):
                sums += job.result()
                tell("clients", 0.98 * done / n_parts)
    with Writers(folder) as writers:
        writers.write("outlets", outlet_columns(parameters, outlets))
        writers.write("staff", staff_columns(parameters, outlets))
        writers.write("bank", bank_columns(parameters))
        writers.write("controls", control_columns(parameters, outlets, sums))
        writers.write("markets", market_columns(parameters, outlets, sums))
        writers.write("industries", industry_columns(parameters))
        writers.write("regions", region_columns(parameters))
    tell("done", 1.0)
