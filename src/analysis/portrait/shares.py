"""How unequally an amount is spread over clients (groups, industries …): Gini, top share, Herfindahl, whale curve."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.core.errors import ParameterError
from analysis.core.estimate import Unavailable
from analysis.core.numerics import TOLERANCE, Curve, cumulative_curve, gini, hhi, known_values
from analysis.core.text import Text

ONE_CLIENT = Unavailable(
    Text("只有一个客户，集中度没有意义", "there is only one client, so concentration has no meaning")
)

LOSSES = Unavailable(
    Text(
        "含负值，基尼系数可能超过一，请看累计贡献曲线",
        "some values are negative, so a Gini coefficient may pass one; read the whale curve",
    )
)


@dataclass(frozen=True)
class Concentration:
    """Concentration of one amount, measured, without intervals.

    Parameters
    ----------
    n_clients, n_missing : clients (or other parts) with a value, and those without, which are left out
    total : net total, in the unit of the amount
    gini : 0 when all hold the same; refused as soon as one value is negative, because it may then pass 1
    hhi : sum of squared shares, from 1 ÷ n to 1; refused as soon as one value is negative
    curve : cumulative share of the net total, largest first (whale curve); holds with losses too
    """

    n_clients: int
    n_missing: int
    total: float
    gini: float | Unavailable
    hhi: float | Unavailable
    curve: Curve | Unavailable

    def top_share(self, fraction: float) -> float | Unavailable:
        """Share of the net total brought by the largest `fraction` of clients; above 1 where the others lose money.

        A client cut by the limit counts in part, so clients with equal values are treated alike.
        """
        if not 0 <= fraction <= 1:
            raise ParameterError(f"{fraction} is not a share of clients.", hint="Give a fraction from 0 to 1.")
        return self.curve if isinstance(self.curve, Unavailable) else self.curve.at(fraction)

    def largest(self, n_clients: int) -> float | Unavailable:
        """Share of the net total brought by so many of the largest clients; all of them where there are fewer."""
        if isinstance(self.curve, Unavailable):
            return self.curve
        return float(self.curve.total[min(n_clients, self.n_clients)])

    @property
    def peak(self) -> float | Unavailable:
        """Highest point of the whale curve: 1 without losses, above 1 with them."""
        return self.curve if isinstance(self.curve, Unavailable) else self.curve.peak

    @property
    def peak_clients(self) -> float | Unavailable:
        """Share of clients at which the peak is reached: beyond it every client takes away."""
        if isinstance(self.curve, Unavailable):
            return self.curve
        return float(self.curve.clients[int(np.argmax(self.curve.total >= self.curve.peak - TOLERANCE))])

    @property
    def effective_number(self) -> float | Unavailable:
        """1 ÷ HHI: how many equal clients would be as concentrated."""
        return self.hhi if isinstance(self.hhi, Unavailable) else 1 / self.hhi


def concentration(values: npt.ArrayLike) -> Concentration:
    """Concentration of an amount over clients.

    Parameters
    ----------
    values : ndarray of shape (n_clients,), any unit; gaps (NaN) are left out and counted, losses are negative; what is
        infinite is refused

    Notes
    -----
    Nobody, one client, or a total that is not positive give the reason in the place of every number. Formulas and
    references: `core.numerics` and docs/methods/pareto.md.

    Examples
    --------
    >>> found = concentration([1.0, 2.0, 3.0, 4.0, 5.0])
    >>> round(found.gini, 4), round(found.top_share(0.2), 4), round(found.hhi, 4), found.peak
    (0.2667, 0.3333, 0.2444, 1.0)
    """
    raw = np.asarray(values, dtype=np.float64).ravel()
    held = -np.sort(-known_values(raw))
    n_missing, total = int(raw.size - held.size), float(held.sum())
    curve = cumulative_curve(held)
    if held.size == 1 and not isinstance(curve, Unavailable):
        curve = ONE_CLIENT
    if isinstance(curve, Unavailable):
        return Concentration(int(held.size), n_missing, total, curve, curve, curve)
    coefficient = LOSSES if held[-1] < 0 else gini(held)
    return Concentration(int(held.size), n_missing, total, coefficient, hhi(held), curve)
