"""The verdict of the quality gate: a score for each table and dimension, what is wrong, and whether to go on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from analysis.core.errors import DataError
from analysis.core.text import Text
from analysis.intake.schemas import Dimension

State = Literal["pass", "warn", "stop"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
N_TREND = 4
"""Quarters of the trend, the judged one last."""

DIMENSION_LABELS: dict[Dimension, Text] = {
    "completeness": Text("完整性", "completeness"),
    "validity": Text("有效性", "validity"),
    "uniqueness": Text("唯一性", "uniqueness"),
    "consistency": Text("一致性", "consistency"),
    "timeliness": Text("及时性", "timeliness"),
}


def worst(states: Collection[State]) -> State:
    """The worst of some states; none at all pass.

    Examples
    --------
    >>> worst(["pass", "warn"])
    'warn'
    """
    return "stop" if "stop" in states else "warn" if "warn" in states else "pass"


@dataclass(frozen=True, slots=True)
class Score:
    """One cell of the scorecard.

    Parameters
    ----------
    score : share of rows (or cells, or of a period) without a fault, 1 when all is well; None when it cannot be judged
    trend : scores of the last quarters, oldest first, this one last
    """

    table: str
    dimension: Dimension
    score: float | None
    state: State
    trend: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with a table and that the policy does not let pass.

    Parameters
    ----------
    kind : row of the policy table `quality_gate` that was broken
    column : the column concerned, empty where it is the rows themselves
    text : what is wrong, for a reader of the report
    message : file, column, rule, count and up to five examples, for whoever corrects the extract
    """

    table: str
    dimension: Dimension
    kind: str
    column: str
    state: State
    text: Text
    message: str


@dataclass(frozen=True, slots=True)
class Quality:
    """What the gate found for one quarter.

    Parameters
    ----------
    quarter : label of the quarter judged
    scores : the scorecard, table by table in the order of the data contract
    """

    quarter: str
    scores: tuple[Score, ...]
    flaws: tuple[Flaw, ...] = ()

    @property
    def state(self) -> State:
        """The worst state of all."""
        return worst([*(score.state for score in self.scores), *(flaw.state for flaw in self.flaws)])

    @property
    def tables(self) -> tuple[str, ...]:
        """Tables judged."""
        return tuple(dict.fromkeys(score.table for score in self.scores))

    @property
    def warned_tables(self) -> tuple[str, ...]:
        """Tables with a fault that marks what rests on them."""
        faulty = {flaw.table for flaw in self.flaws}
        return tuple(table for table in self.tables if table in faulty)

    @property
    def reasons(self) -> dict[str, tuple[Text, ...]]:
        """What is wrong, by table."""
        return {table: tuple(flaw.text for flaw in self.flaws if flaw.table == table) for table in self.warned_tables}

    def score(self, table: str, dimension: Dimension) -> Score:
        """One cell of the scorecard."""
        return next(one for one in self.scores if (one.table, one.dimension) == (table, dimension))

    def refuse_stopped(self, source: str) -> None:
        """Raise when a fault is too large for any report.

        Raises
        ------
        DataError : naming file, column, rule, count and examples of each such fault
        """
        stopped = [flaw.message for flaw in self.flaws if flaw.state == "stop"]
        if stopped:
            raise DataError(
                f"The data of {source} for {self.quarter} are not good enough for a report: {'; '.join(stopped)}.",
                hint="Correct the extract, or change the limits in data/policy/quality.toml; "
                "analysis data check lists every fault.",
            )

    def as_json(self) -> dict[str, Any]:
        return {
            "quarter": self.quarter,
            "scores": [[s.table, s.dimension, s.score, s.state, list(s.trend)] for s in self.scores],
            "flaws": [
                [f.table, f.dimension, f.kind, f.column, f.state, f.text.as_json(), f.message] for f in self.flaws
            ],
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Quality":
        scores = tuple(
            Score(table, dimension, score, state, tuple(trend))
            for table, dimension, score, state, trend in content["scores"]
        )
        flaws = tuple(
            Flaw(table, dimension, kind, column, state, Text.of(text), message)
            for table, dimension, kind, column, state, text, message in content["flaws"]
        )
        return cls(content["quarter"], scores, flaws)


EvidenceGrade = Literal["A", "B", "C", "D"]
GRADES: tuple[EvidenceGrade, ...] = get_args(EvidenceGrade)


def lower(grade: EvidenceGrade, quality: Quality | None, tables: Collection[str]) -> EvidenceGrade:
    """The grade of a conclusion that rests on some tables: one step lower when the gate warned of one of them.

    Examples
    --------
    >>> lower("A", None, ("positions",))
    'A'
    """
    if quality is None or not set(tables) & set(quality.warned_tables):
        return grade
    return GRADES[min(GRADES.index(grade) + 1, len(GRADES) - 1)]
