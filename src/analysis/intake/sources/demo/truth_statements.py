"""Truth of the statements T1 to T15 in the demo bank: what an honest study of it must find. Only tests may read it.

A size is a ratio of shares of clients (×), a difference in standard deviations, or what its unit says. Answers count at
the power of the study: where a true effect lies below it, "no evidence" is right.
"""

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from analysis.intake.sources.demo.need_profiles import PLANTED, RISE, RISING
from analysis.intake.sources.demo.parameters import REGION_ENTRIES, DemoParameters

Verdict = Literal["true", "part", "false", "not_testable"]
_TIMES = "times the share of all other open clients"


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, or one part of it.

    Parameters
    ----------
    statement : its number, T1 to T15
    part : need or measure it is about; empty for the statement as a whole
    verdict : of the part, or of the whole
    size : what is planted, in the unit; none where nothing can be said
    """

    statement: str
    part: str
    verdict: Verdict
    size: float | None = None
    unit: str = ""


_WHOLE: dict[str, Verdict] = {
    "T1": "true",
    "T2": "part",
    "T3": "true",
    "T4": "false",
    "T5": "true",
    "T6": "part",
    "T7": "part",
    "T8": "part",
    "T9": "true",
    "T10": "false",
    "T11": "not_testable",
    "T12": "not_testable",
    "T13": "part",
    "T14": "false",
    "T15": "true",
}
_OF_GROUP = {"manufacturing": "T1", "high_tech": "T2", "startup": "T7", "growth": "T8", "mature": "T9"}
_FIVE = ("product_innovation", "service_efficiency", "risk_service", "customised_service", "value_added_service")
_OTHER_PARTS = (
    Statement("T3", "entries", "true", REGION_ENTRIES[1] / REGION_ENTRIES[2], "coastal over inland, entries a month"),
    Statement("T4", "n_needs", "false", 0.0, "needs a client, core and coastal minus inland, within a size class"),
    Statement("T5", "n_needs_large", "true", 4.1, "needs a client of size L"),
    Statement("T5", "n_needs_small", "true", 2.2, "needs a client of size M, S or X"),
    Statement("T6", "short_term_funds", "true", 1.4, _TIMES),
    Statement("T6", "simple_process", "true", 1.3, _TIMES),
    Statement("T6", "low_cost", "false", 1.0, _TIMES),
    Statement("T10", "risk_appetite", "false", -0.2, "standard deviations, large against all other clients"),
    Statement("T14", "contribution", "false", 1.05, "share of the top 20 % in the net contribution"),
    Statement("T15", "segment", "true", 0.25, "Cramér's V of segment and need, client by need"),
)


def statements(parameters: DemoParameters) -> tuple[Statement, ...]:
    """Every statement, first as a whole and then by its parts, as true of a bank of these parameters."""
    parts = [
        *(
            Statement(_OF_GROUP[one.group], one.need, "true" if one.ratio > 1 else "false", one.ratio, _TIMES)
            for one in PLANTED
        ),
        *(
            Statement(
                "T13", need, "true" if need in RISING else "false", RISE if need in RISING else 0.0, "growth a quarter"
            )
            for need in _FIVE
        ),
        *_OTHER_PARTS,
    ]
    found = [Statement(name, "", verdict) for name, verdict in _WHOLE.items()] + parts
    if parameters.variant == "null":
        found = [_without_difference(one) for one in found]
    return tuple(sorted(found, key=lambda one: (int(one.statement[1:]), one.part)))


def _without_difference(one: Statement) -> Statement:
    """The same statement in the bank without differences; what does not rest on needs and surveys stays."""
    if one.statement in ("T3", "T11", "T12", "T14"):
        return one
    if one.statement == "T5" and one.part:
        return Statement(one.statement, one.part, "false", None, one.unit)
    level = 1.0 if one.unit == _TIMES else 0.0
    return Statement(one.statement, one.part, "false", level if one.part else None, one.unit)


def statement_table(parameters: DemoParameters) -> pa.Table:
    """The statements as a table."""
    every = statements(parameters)
    return pa.table(
        {
            "statement": pa.array([one.statement for one in every], type=pa.string()),
            "part": pa.array([one.part for one in every], type=pa.string()),
            "verdict": pa.array([one.verdict for one in every], type=pa.string()),
            "size": pa.array([one.size for one in every], type=pa.float64()),
            "unit": pa.array([one.unit for one in every], type=pa.string()),
        }
    )
