"""One respect in which a table was judged, and how much of it is wrong."""

from dataclasses import dataclass

from analysis.core.text import Text
from analysis.intake.schemas import Dimension


@dataclass(frozen=True, slots=True)
class Fault:
    """How much is wrong in one respect; nothing at all is a share of zero.

    Parameters
    ----------
    kind : row of the policy table `quality_gate` that judges it
    share, money : of the rows (cells, part of a period, of a year) and of the money concerned
    n_rows : rows concerned; None for what is missing altogether
    stops : share of rows and of money that may stop a report; None where all of it may. Rows that are kept and only
        flagged, and rows left out with a row they belong to, are warned of and stop nothing
    """

    dimension: Dimension
    kind: str
    column: str
    share: float
    money: float
    n_rows: int | None
    text: Text
    message: str
    stops: tuple[float, float] | None = None


def percent(share: float) -> str:
    """A share in print.

    Examples
    --------
    >>> percent(0.1234), percent(0.0002), percent(0)
    ('12.3%', '<0.1%', '0.0%')
    """
    return "<0.1%" if 0 < share < 0.0005 else f"{share:.1%}"
