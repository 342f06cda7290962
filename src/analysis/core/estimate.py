"""A number with its uncertainty, or the reason there is none."""

from dataclasses import dataclass

from analysis.core.text import Text
from analysis.core.units import Unit


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval.

    Parameters
    ----------
    estimate, ci_low, ci_high : in `unit`, interval at 95 %
    n_clients : clients it rests on
    interval : how the interval was made, in the reader's words
    """

    estimate: float
    ci_low: float
    ci_high: float
    n_clients: int
    unit: Unit
    interval: Text

    def __post_init__(self) -> None:
        if not self.ci_low <= self.ci_high:
            raise ValueError(f"interval [{self.ci_low}, {self.ci_high}] is upside down")


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Why there is no number. Stands where the number would stand; never NaN, never 0."""

    reason: Text
