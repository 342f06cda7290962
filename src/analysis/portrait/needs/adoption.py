"""Who did not use a product that serves a need, and took one up within two quarters: the cases a model learns from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.features.groups import WORDS
from analysis.intake.portfolio import Portfolio
from analysis.intake.reference import industry_names
from analysis.metrics.holdings import products_held
from analysis.metrics.panel import load_panel
from analysis.portrait.needs.taxonomy import Taxonomy

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

HORIZON = 2
"""Quarters in which a client may take up a product: the span management plans for."""
PEERS_AT_LEAST = 20
"""Peers of one industry, size and stage below which the cell's share of users is that of the size class."""
GROUPED = ("size_class", "industry", "stage", "region_tier", "ownership")
AMOUNTS = ("deposit_avg", "loan_avg", "n_entries", "amount_cross_border", "fee")
AMOUNT_LABELS = {
    "deposit_avg": Text("存款规模", "deposits"),
    "loan_avg": Text("贷款规模", "loans"),
    "n_entries": Text("收付笔数", "entries in and out"),
    "amount_cross_border": Text("跨境结算量", "cross-border volume"),
    "fee": Text("中间业务收入", "fees"),
}
PEER_SHARE = Text("同类客户使用比例", "use among similar clients")
STATED = Text("客户已提出该需求", "the client named the need")
TENURE = Text("合作年限", "years with the bank")


@dataclass(frozen=True)
class Snapshot:
    """What was known at the end of a quarter about every client, and nothing later.

    Parameters
    ----------
    traits : ndarray (n_clients, n_traits), the same columns in every snapshot of one study
    held : ndarray (n_clients, n_needs), uses a product that serves the need
    stated : ndarray (n_clients, n_needs), an open record names the need
    peers : ndarray (n_clients, n_needs), share of users among the other clients of its industry, size and stage
    """

    quarter: Quarter
    clients: pd.Index
    traits: Floats
    names: tuple[Text, ...]
    held: Mask
    stated: Mask
    peers: Floats

    def design(self, need: int) -> Floats:
        """The features of one need: traits, use of the other needs' products, peers, words."""
        own = np.delete(self.held, need, axis=1).astype(float)
        extra = np.column_stack([self.peers[:, need], self.stated[:, need].astype(float)])
        return np.hstack([self.traits, own, extra])


def design_names(snapshot: Snapshot, needs: Sequence[str], taxonomy: Taxonomy, need: int) -> tuple[Text, ...]:
    """Names of the features of one need, in the order of `Snapshot.design`."""
    others = [taxonomy.label(code) for k, code in enumerate(needs) if k != need]
    uses = tuple(Text(f"使用{one.zh}产品", f"uses {one.en}") for one in others)
    return (*snapshot.names, *uses, PEER_SHARE, STATED)


def snapshot(portfolio: Portfolio, needs: Sequence[str], taxonomy: Taxonomy) -> Snapshot:
    """The clients at the portfolio's own quarter; everything is asked of the portfolio as of that day."""
    clients = corporate_clients(portfolio)
    traits, names = _traits(portfolio, clients)
    held = marked_needs(products_held(portfolio), clients.index, needs, taxonomy)
    stated = _stated(portfolio, clients.index, needs)
    return Snapshot(portfolio.quarter, clients.index, traits, names, held, stated, _peers(clients, held))


def taken_up(before: Snapshot, after: "pd.DataFrame", needs: Sequence[str], taxonomy: Taxonomy) -> Mask:
    """Whether each client uses a product of each need later on.

    Parameters
    ----------
    after : rows of `products_held` at the later quarter
    """
    return marked_needs(after, before.clients, needs, taxonomy)


def marked_needs(rows: pd.DataFrame, clients: pd.Index, needs: Sequence[str], taxonomy: Taxonomy) -> Mask:
    """Whether each client uses a product of each need, from rows of `products_held` of one quarter."""
    place = {code: k for k, code in enumerate(needs)}
    need = rows["product"].map({product: place.get(code, -1) for product, code in taxonomy.product_need.items()})
    column = need.fillna(-1).to_numpy(dtype=np.int64)
    # looked up once: pandas' isin on words makes a Python list of a million of them
    row = clients.get_indexer(pd.Index(rows["client_id"]))
    kept = (row >= 0) & (column >= 0)
    held = np.zeros((len(clients), len(needs)), dtype=bool)
    held[row[kept], column[kept]] = True
    return held


def _stated(portfolio: Portfolio, clients: pd.Index, needs: Sequence[str]) -> Mask:
    """Needs named and open on the day: closed later still counts as open then."""
    stated = np.zeros((len(clients), len(needs)), dtype=bool)
    if not portfolio.has("needs"):
        return stated
    rows = portfolio.to_frame(portfolio.table("needs").select("client_id", "need", "closed"))
    is_open = ~(pd.to_datetime(rows["closed"]) <= pd.Timestamp(portfolio.quarter.end))
    rows = rows[is_open]
    row, column = clients.get_indexer(pd.Index(rows["client_id"])), pd.Index(needs).get_indexer(pd.Index(rows["need"]))
    kept = (row >= 0) & (column >= 0)
    stated[row[kept], column[kept]] = True
    return stated


def _traits(portfolio: Portfolio, clients: pd.DataFrame) -> tuple[Floats, tuple[Text, ...]]:
    """Groups as 0/1, amounts as the logarithm, years with the bank."""
    columns: list[Floats] = []
    names: list[Text] = []
    for by in GROUPED:
        words = industry_names(portfolio.industry_scheme) if by == "industry" else WORDS[by]
        codes = clients[by].astype("str") if by in clients else pd.Series("", index=clients.index)
        for code, name in words.items():
            columns.append(np.asarray(codes == code, dtype=np.float64))
            names.append(name)
    panel = load_panel(portfolio, AMOUNTS, 1).set_index("client_id").reindex(clients.index)
    for code in AMOUNTS:
        amount = np.asarray(panel[code].fillna(0.0) if code in panel else np.zeros(len(clients)), dtype=np.float64)
        columns.append(np.log1p(np.maximum(amount, 0.0)))
        names.append(AMOUNT_LABELS[code])
    years = (pd.Timestamp(portfolio.quarter.end) - pd.to_datetime(clients["relation_start"])).dt.days / 365.25
    middle = years.median() if years.notna().any() else 0.0
    columns.append(np.asarray(years.fillna(middle).clip(lower=0), dtype=np.float64))
    names.append(TENURE)
    return np.column_stack(columns), tuple(names)


def _peers(clients: pd.DataFrame, held: Mask) -> Floats:
    """Share of users among the client's peers, itself left out; of its size class where peers are few."""
    size = clients["size_class"].astype("str").fillna("")
    cell = clients["industry"].astype("str").fillna("") + "|" + size + "|" + clients["stage"].astype("str").fillna("")
    near, n_near = _others_share(cell, held)
    wide, _ = _others_share(size, held)
    return np.where((n_near >= PEERS_AT_LEAST)[:, None], near, wide)


def _others_share(cell: "pd.Series[str]", held: Mask) -> tuple[Floats, npt.NDArray[np.int64]]:
    codes, labels = pd.factorize(cell)
    n = np.bincount(codes, minlength=len(labels))
    users = np.zeros((len(labels), held.shape[1]))
    np.add.at(users, codes, held.astype(float))
    others = n[codes] - 1
    share = np.divide(users[codes] - held, others[:, None], out=np.zeros(held.shape), where=(others > 0)[:, None])
    return share, others
