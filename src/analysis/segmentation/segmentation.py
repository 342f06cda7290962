"""What every segmentation method returns, and its promise: the recipe gives the same clients the same segment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.core.errors import MethodError, ParameterError
from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.features import FeatureMatrix

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MAX_SEGMENTS = 12
"""More segments than this cannot be told apart on a page, nor looked after by different packages."""

AMBIGUOUS = 0.1
"""A client less certain than this counts as between two segments: a tenth of the way to the border changes its label.
Printed as a share, never used to move anybody. Revisit once a second quarter shows who really moved."""

Grade = Literal["none", "weak", "clear"]
NOTHING, WEAK = 0.25, 0.50
"""Upper ends of silhouettes that show nothing, and a weak structure (Kaufman and Rousseeuw 1990, p. 88)."""

ASSIGNMENT_COLUMNS = ("client_id", "segment", "certainty", "runner_up")


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: a letter that stays, a name that says what is typical."""

    id: str
    name: Text
    n_clients: int

    @property
    def title(self) -> Text:
        """Letter and name together, as printed."""
        return Text(f"{self.id} {self.name.zh}", f"{self.id} {self.name.en}")


@dataclass(frozen=True, slots=True)
class Structure:
    """Whether the clients fall into groups by nature, or are cut out of one cloud.

    Parameters
    ----------
    silhouette : mean silhouette of the segments, on `n_sampled` clients (at most 10,000)
    sample_silhouette : the same for a fresh fit on the sample that the references were fitted on
    reference_high : highest silhouette among reference data that have the same margins and correlations but no groups
    n_references : reference data sets drawn
    """

    silhouette: float
    n_sampled: int
    sample_silhouette: float
    reference_high: float
    n_references: int

    @property
    def is_clear(self) -> bool:
        """Better separated than every reference: by chance this happens once in n_references + 1 times."""
        return self.sample_silhouette > self.reference_high

    @property
    def grade(self) -> Grade:
        """`none` when references do as well or the silhouette is low, `weak`, or `clear`.

        References
        ----------
        Kaufman and Rousseeuw (1990), Finding Groups in Data, p. 88: up to 0.25 nothing, up to 0.50 weak and perhaps
        artificial, above it a reasonable structure.
        """
        if not self.is_clear or self.silhouette <= NOTHING:
            return "none"
        return "weak" if self.silhouette <= WEAK else "clear"


class Recipe(Protocol):
    """The frozen parameters that turn a client's features into a segment."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Codes of the features it reads."""

    def place(self, values: pd.DataFrame) -> tuple[Ints, Floats, Ints]:
        """Position of the segment, certainty from 0 to 1, and position of the runner-up of each client."""


class Segmenter(Protocol):
    """A frozen spec of a method. `fit` never changes it."""

    def fit(self, features: FeatureMatrix, outcome: pd.Series | None = None) -> "Segmentation":
        """Segments of the clients. `outcome` is read by supervised methods only."""


@dataclass(frozen=True)
class Segmentation:
    """Segments of clients at an as-of date.

    Parameters
    ----------
    method : name in METHODS
    assignment : DataFrame with client_id, segment (letter), certainty (0 on the border, 1 at the heart), runner_up
    segments : in the stated order
    order : the rule by which letters were given
    spec, recipe : how it was asked for, and the learnt parameters that place a client
    structure : whether there are groups by nature; unavailable for rules, which do not claim any
    """

    method: str
    quarter: Quarter
    assignment: pd.DataFrame
    segments: tuple[Segment, ...]
    order: Text
    spec: Segmenter
    recipe: Recipe
    structure: Structure | Unavailable
    cautions: tuple[Text, ...] = ()

    def __post_init__(self) -> None:
        if tuple(self.assignment.columns) != ASSIGNMENT_COLUMNS:
            raise ParameterError(f"An assignment has the columns {', '.join(ASSIGNMENT_COLUMNS)}.")
        if sum(segment.n_clients for segment in self.segments) != len(self.assignment):
            raise ParameterError("The sizes of the segments do not add up to the clients assigned.")

    @property
    def n_clients(self) -> int:
        return len(self.assignment)

    @property
    def labels(self) -> pd.Series:
        """Segment letter of each client, index client_id."""
        return pd.Series(
            self.assignment["segment"].to_numpy(), index=pd.Index(self.assignment["client_id"]), name="segment"
        )

    @property
    def ambiguous_share(self) -> float:
        """Share of clients with a certainty below AMBIGUOUS."""
        return float((self.assignment["certainty"] < AMBIGUOUS).mean()) if len(self.assignment) else 0.0

    def segment(self, id: str) -> Segment:
        return next(segment for segment in self.segments if segment.id == id)

    def assign(self, features: FeatureMatrix) -> pd.DataFrame:
        """Segments of these clients by the frozen recipe, with the columns of `assignment`.

        The clients it was fitted on get exactly the label they have.
        """
        absent = [code for code in self.recipe.needs if code not in features.values.columns]
        if absent:
            raise MethodError(
                f"The segments need the features {', '.join(absent)}, which were not built.",
                hint="See FeatureMatrix.missing for the reason, or fit again without them.",
            )
        return assign(self.recipe, features.values, tuple(segment.id for segment in self.segments))


def letters(n_segments: int) -> tuple[str, ...]:
    """A, B, C …, one for each segment."""
    return tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:n_segments])


def assign(recipe: Recipe, values: pd.DataFrame, ids: Sequence[str]) -> pd.DataFrame:
    """Assignment of the rows of `values` (index client_id) by a recipe whose positions carry the given ids."""
    place, certainty, runner_up = recipe.place(values)
    named = np.asarray(ids, dtype=object)
    return pd.DataFrame(
        {
            "client_id": values.index.to_numpy(),
            "segment": pd.array(named[place], dtype="str"),
            "certainty": certainty,
            "runner_up": pd.array(named[runner_up], dtype="str"),
        }
    )


def sizes(assignment: pd.DataFrame, ids: Sequence[str]) -> dict[str, int]:
    """Clients in each segment, 0 for a segment nobody is in."""
    counted = assignment["segment"].value_counts()
    return {id: int(counted.get(id, 0)) for id in ids}


def check_n_segments(n_segments: int) -> None:
    """Refuse a number of segments that no report can use."""
    if not 2 <= n_segments <= MAX_SEGMENTS:
        raise ParameterError(
            f"{n_segments} segments cannot be made.", hint=f"Choose a number from 2 to {MAX_SEGMENTS}."
        )
