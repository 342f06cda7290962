"""Weighted scores with visible parts: weights as policy data, ranks that no single client can bend."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.core.errors import DataError
from analysis.core.text import Text
from analysis.intake.policy import Policy

TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Component:
    """One weighted part of a score.

    Parameters
    ----------
    part : which sub-score it belongs to; empty where there are none
    """

    id: str
    label: Text
    weight: float
    part: str = ""


def read_components(policy: Policy, table: str, known: Sequence[str]) -> tuple[Component, ...]:
    """The components of a score from its policy table; weights that do not add up to 1 are refused.

    Parameters
    ----------
    known : ids the code can measure
    """
    about = policy.about(table)
    for row in about.rows:
        if row["id"] not in known:
            raise DataError(
                f"{about.file}: the row {row['id']!r} of {table} is nothing that is measured.",
                hint=f"Rows are {', '.join(known)}.",
            )
        if not 0 <= float(row["weight"]) <= 1:
            raise DataError(
                f"{about.file}: the row {row['id']!r} of {table} has the weight {row['weight']:g}.",
                hint="Weights lie between 0 and 1.",
            )
    total = sum(float(row["weight"]) for row in about.rows)
    if abs(total - 1) > TOLERANCE:
        listed = ", ".join(f"{row['id']} {row['weight']:g}" for row in about.rows)
        raise DataError(
            f"{about.file}: the weights of {table} add up to {total:g}, not to 1 ({listed}).",
            hint="Correct one of these rows.",
        )
    return tuple(Component(row["id"], Text.of(row), float(row["weight"]), row.get("part", "")) for row in about.rows)


def read_groups(policy: Policy, table: str) -> tuple[tuple[str, Text, float], ...]:
    """Id, label and share of clients of each group from the top down; shares that do not add up to 1 are refused."""
    about = policy.about(table)
    total = sum(float(row["share"]) for row in about.rows)
    if abs(total - 1) > TOLERANCE:
        listed = ", ".join(f"{row['id']} {row['share']:g}" for row in about.rows)
        raise DataError(
            f"{about.file}: the shares of {table} add up to {total:g}, not to 1 ({listed}).",
            hint="Correct one of these rows.",
        )
    return tuple((row["id"], Text.of(row), float(row["share"])) for row in about.rows)


def exceeded(values: "pd.Series[float]") -> "pd.Series[float]":
    """Share of the clients with a value that each client exceeds; equals share one score, gaps stay gaps.

    Examples
    --------
    >>> exceeded(pd.Series([0.0, 0.0, 5.0, 9e9])).tolist()
    [0.0, 0.0, 0.5, 0.75]
    """
    known = np.sort(values.dropna().to_numpy(dtype=float))
    below = np.searchsorted(known, values.to_numpy(dtype=float), side="left") / max(known.size, 1)
    return pd.Series(below, index=values.index).where(values.notna())


@dataclass(frozen=True)
class Weighted:
    """A score and what it is made of.

    Parameters
    ----------
    parts : index client_id, a column a component: its points in the total; they add up to it exactly
    total : 0 to 1; NaN where nothing is known of a client
    coverage : share of the weight that is known of a client, of what the source has
    """

    parts: pd.DataFrame
    total: "pd.Series[float]"
    coverage: "pd.Series[float]"


def weigh(scores: pd.DataFrame, components: Sequence[Component]) -> Weighted:
    """Weighted mean of the known scores of each client; the weight of a gap goes to the client's other scores."""
    weights = pd.Series({one.id: one.weight for one in components if one.id in scores.columns})
    weights = weights / weights.sum()
    values = scores[list(weights.index)]
    known = values.notna().mul(weights, axis=1).sum(axis=1)
    parts = values.fillna(0.0).mul(weights, axis=1).div(known.where(known > 0), axis=0)
    return Weighted(parts, parts.sum(axis=1, skipna=False), known)


def grouped(total: "pd.Series[float]", groups: Sequence[tuple[str, Text, float]]) -> pd.Series:
    """Group of each client by its place from the highest total down; equals stay together, in the upper group.

    Notes
    -----
    A client's place is the share of clients strictly above it; clients without a total have no group.
    """
    above = exceeded(-total)
    edges = np.cumsum([share for _, _, share in groups])[:-1]
    place = np.searchsorted(edges - TOLERANCE, above.fillna(0.0).to_numpy(), side="right")
    names = np.array([id for id, _, _ in groups], dtype=object)
    return pd.Series(names[place], index=total.index, dtype=object).where(total.notna())
