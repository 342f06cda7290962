"""The quality gate: faults of every table against the limits of `data/policy/quality.toml`."""

from collections.abc import Iterable, Mapping
from typing import Any

from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.checks import Check, TableCount
from analysis.intake.policy import Policy
from analysis.intake.quality.facts import TableFacts
from analysis.intake.quality.fault import Fault
from analysis.intake.quality.faults import Record, find_faults
from analysis.intake.quality.verdict import DIMENSIONS, N_TREND, Flaw, Quality, Score, State, worst
from analysis.intake.schemas import SCHEMAS

_COMPARED = (1, 4)
"""Quarters back that figures are compared with: 环比 and 同比."""


def judge(
    counts: Iterable[TableCount],
    checks: Iterable[Check],
    tables: Iterable[TableFacts],
    policy: Policy,
    quarter: Quarter,
) -> Quality:
    """The verdict for a quarter: score, trend and state of every table, and what is wrong.

    Parameters
    ----------
    counts, checks : what loading found; empty for a source that sets nothing aside
    tables : what was counted on the clean tables (`measure_tables`)

    Notes
    -----
    score = 1 − the largest share of a dimension's faults. A share of rows is broken rows ÷ rows read, of the quarter's
    own rows where a check says its quarter, else of the whole table.
    """
    gate = _Gate(policy)
    scores: list[Score] = []
    flaws: list[Flaw] = []
    for record in _records(tuple(counts), tuple(checks), tuple(tables)):
        table = record.facts.table
        history = {one: find_faults(record, one, gate.core(table)) for one in quarter.trailing(5)}
        faults = history[quarter]
        if not faults:
            continue
        flaws += [_flaw(table, fault, state) for fault in faults if (state := gate.state(table, fault)) != "pass"]
        begun = record.facts.periods[0].quarter if record.facts.periods else ""
        flaws += _past_flaws(table, {q: found for q, found in history.items() if q.label > begun}, quarter, gate)
        for dimension in DIMENSIONS:
            trend = tuple(_score(history[one], dimension) for one in quarter.trailing(N_TREND))
            own = [gate.state(table, fault) for fault in faults if fault.dimension == dimension]
            scores.append(Score(table, dimension, trend[-1], worst(own), trend))
    return Quality(quarter.label, tuple(scores), tuple(flaws))


class _Gate:
    """The limits in force."""

    def __init__(self, policy: Policy) -> None:
        self._limits = {str(row["id"]): row for row in policy.table("quality_gate")}
        self._tables = {str(row["id"]): row for row in policy.table("quality_tables")}
        self._min_rows = policy.number("quality_stop_min_rows")

    def core(self, table: str) -> list[str]:
        """Columns of a table whose cells should be filled."""
        return list(self._tables.get(table, {}).get("core", ()))

    def state(self, table: str, fault: Fault) -> State:
        """What the policy makes of a fault."""
        row = self._limits[fault.kind]
        is_many = fault.n_rows is None or fault.n_rows >= self._min_rows
        shares = (fault.share, fault.money)
        may_stop = self._tables.get(table, {}).get("stops", False) and is_many
        if may_stop and _is_above(shares if fault.stops is None else fault.stops, row, "stop"):
            return "stop"
        return "warn" if _is_above(shares, row, "warn") else "pass"


def _is_above(shares: tuple[float, float], row: Mapping[str, Any], level: str) -> bool:
    share, money = shares
    return share > float(row[level]) or money > float(row[f"{level}_money"])


def _records(
    counts: tuple[TableCount, ...], checks: tuple[Check, ...], tables: tuple[TableFacts, ...]
) -> Iterable[Record]:
    """What is known of each table, in the order of the data contract."""
    facts = {one.table: one for one in tables}
    names = facts.keys() | {count.table for count in counts}
    for name in (name for name in SCHEMAS if name in names):
        yield Record(
            tuple(count for count in counts if count.table == name),
            tuple(check for check in checks if check.table == name),
            facts.get(name) or TableFacts(name, "none", ()),
        )


def _score(faults: Iterable[Fault], dimension: str) -> float | None:
    shares = [fault.share for fault in faults if fault.dimension == dimension]
    return 1 - max(shares) if shares else None


def _flaw(table: str, fault: Fault, state: State) -> Flaw:
    return Flaw(table, fault.dimension, fault.kind, fault.column, state, fault.text, fault.message)


def _past_flaws(
    table: str, history: Mapping[Quarter, tuple[Fault, ...]], quarter: Quarter, gate: _Gate
) -> Iterable[Flaw]:
    """A quarter that figures are compared with, and that would have been stopped by itself, is worth a warning.

    Parameters
    ----------
    history : faults by quarter, without the one the table begins in, which may well begin half-way
    """
    for step in _COMPARED:
        past = quarter.shift(-step)
        for fault in history.get(past, ()):
            if fault.kind != "lag" and gate.state(table, fault) == "stop":
                text = Text(f"对比期 {past.label}，{fault.text.zh}", f"compared quarter {past.label}, {fault.text.en}")
                yield Flaw(table, fault.dimension, fault.kind, fault.column, "warn", text, fault.message)
