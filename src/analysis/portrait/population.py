"""Who is in the numbers: from all records to the clients that are analysed, step by step, in clients and in money."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.portfolio import Portfolio
from analysis.metrics.derived import DERIVED
from analysis.metrics.measure import STEPS
from analysis.metrics.measures import MEASURES
from analysis.metrics.panel import load_panel

Kind = Literal["step", "of_which"]

MONEY_MEASURES = ("deposit_avg", "loan_avg", "approved_amount")
"""Amounts by which a client weighs: the bank's balances, or what a lender without accounts approved."""

NO_ACTIVITY = Unavailable(
    Text("数据源没有判断有效户所需的数据", "the source lacks what tells an effective client from an idle one")
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the waterfall.

    Parameters
    ----------
    kind : a `step` removes clients from the one before; `of_which` splits the last step
    n_clients : clients left, or in this part
    n_removed : clients this step takes away
    reason : why they are taken away, or what the part is
    money : sums of the amounts of the quarter over the clients left, by measure
    """

    id: str
    label: Text
    kind: Kind
    n_clients: int
    n_removed: int
    reason: Text
    money: dict[str, float]


@dataclass(frozen=True)
class Waterfall:
    """From all records to the clients analysed.

    Parameters
    ----------
    steps : all → corporate → open account, which are the clients analysed; then of which active and idle
    amounts : measures summed in every step
    active : share of the analysed clients that are active, or why nobody can tell
    n_rows_dropped : rows of the client table set aside when loading, with their reasons in the data-quality page
    """

    steps: tuple[Step, ...]
    amounts: tuple[tuple[str, Text], ...]
    active: float | Unavailable
    n_rows_dropped: int
    cautions: tuple[Text, ...] = ()

    def step(self, id: str) -> Step:
        return next(step for step in self.steps if step.id == id)

    @property
    def analysed(self) -> Step:
        """The clients every study is about."""
        return self.step("open")


def population_waterfall(portfolio: Portfolio) -> Waterfall:
    """How many clients and how much money enter the analysis, and why the others do not.

    Notes
    -----
    Each step's clients are those of the step before less those removed, and the two parts add up to the last step.
    Active is the policy's effective client (有效户). Idle clients stay in the analysis, so that its totals tie to the
    ledger; they are shown apart because they are clients in name only.
    """
    register = portfolio.register.set_index("client_id")
    is_individual = (register["entity_type"] == "individual").fillna(value=False)
    corporate = register.index[~is_individual]
    analysed = corporate_clients(portfolio).index
    panel = load_panel(portfolio, [*MONEY_MEASURES, "n_effective"], 1).set_index("client_id")
    present = [code for code in MONEY_MEASURES if code in panel.columns and panel[code].notna().any()]
    money = panel[present].reindex(register.index).fillna(0.0)

    def step(id: str, label: Text, kind: Kind, ids: pd.Index, before: int, reason: Text) -> Step:
        sums = {code: float(np.rint(money.loc[ids, code] * STEPS).astype("int64").sum() / STEPS) for code in present}
        return Step(id, label, kind, len(ids), before - len(ids), reason, sums)

    steps = [
        step(
            "all", ALL, "step", register.index, len(register), Text("截至季末的全部客户记录", "every client on record")
        ),
        step(
            "corporate",
            CORPORATE,
            "step",
            corporate,
            len(register),
            Text("个人客户不属对公", "individuals are not corporate"),
        ),
        step("open", OPEN, "step", analysed, len(corporate), Text("账户已销户", "the account is closed")),
    ]
    active: float | Unavailable = NO_ACTIVITY
    if "n_effective" in panel.columns:
        is_active = panel["n_effective"].reindex(analysed).fillna(0.0) > 0
        live, idle = analysed[is_active.to_numpy()], analysed[~is_active.to_numpy()]
        steps += [
            step("active", ACTIVE, "of_which", live, len(live), ACTIVE_REASON),
            step("idle", IDLE, "of_which", idle, len(idle), IDLE_REASON),
        ]
        active = len(live) / len(analysed) if len(analysed) else NO_ACTIVITY
    dropped = sum(cleaning.n_dropped for cleaning in portfolio.provenance.cleaning if cleaning.table == "clients")
    labels = tuple((code, (MEASURES[code] if code in MEASURES else DERIVED[code]).label) for code in present)
    return Waterfall(tuple(steps), labels, active, dropped, _cautions(register.loc[corporate]))


ALL = Text("全部客户记录", "all client records")
CORPORATE = Text("对公主体", "corporate entities")
OPEN = Text("账户未销户（纳入分析）", "account open (analysed)")
ACTIVE = Text("其中：有效户", "of which effective")
IDLE = Text("其中：非有效户", "of which not effective")
ACTIVE_REASON = Text(
    "存款、授信或结算笔数达到有效户标准", "deposits, credit or entries reach the standard of an effective client"
)
IDLE_REASON = Text("存款、授信和结算笔数均未达到标准", "neither deposits nor credit nor entries reach the standard")


def _cautions(clients: pd.DataFrame) -> tuple[Text, ...]:
    if not clients["entity_type"].isna().any():
        return ()
    return (
        Text("部分客户缺少主体类型，按对公主体处理", "some clients have no entity type and are taken as corporate"),
    )
