"""Value tiers: three scores, one weighted total, cut points. The bank's own standard, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.core.errors import MethodError, ParameterError
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.features import FeatureMatrix
from analysis.segmentation.segmentation import Segment, Segmentation, assign, letters, sizes

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

RULE = Unavailable(
    Text("分层按规则切分，不主张存在自然分组", "tiers are cut by a rule, which claims no groups by nature")
)
ORDER = Text("按价值总分从高到低排列", "in descending total value score")
TOLERANCE = 1e-9
"""A weighted total that should equal a cut point differs from it by rounding only; it belongs to the upper tier."""


@dataclass(frozen=True, slots=True)
class Score:
    """One score of the tier standard.

    Parameters
    ----------
    features : codes whose sum is ranked; those in `otherwise` stand in when none of them could be built
    weight : in the total
    higher_is_better : whether a large amount gives a high score
    """

    id: str
    label: Text
    features: tuple[str, ...]
    otherwise: tuple[str, ...]
    weight: float
    higher_is_better: bool


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier: it starts at `lower`, inclusive."""

    id: str
    label: Text
    lower: float


@dataclass(frozen=True, slots=True)
class ScoreRecipe:
    """The amounts of the clients the standard was applied to, sorted: what a percentile rank refers to."""

    features: tuple[str, ...]
    weight: float
    higher_is_better: bool
    reference: Floats

    def rank(self, values: pd.DataFrame) -> Floats:
        """Percentile rank from 0 to 1 of each client: share below plus half the share of equals."""
        amount = values[list(self.features)].to_numpy(dtype=float).sum(axis=1)
        below = np.searchsorted(self.reference, amount, side="left")
        upto = np.searchsorted(self.reference, amount, side="right")
        share: Floats = (below + upto) / (2 * len(self.reference))
        return share if self.higher_is_better else 1 - share


@dataclass(frozen=True, slots=True)
class TierRecipe:
    """Scores with their references, and the cut points from the highest tier down."""

    scores: tuple[ScoreRecipe, ...]
    cuts: tuple[float, ...]

    @property
    def needs(self) -> tuple[str, ...]:
        return tuple(code for score in self.scores for code in score.features)

    def total(self, values: pd.DataFrame) -> Floats:
        """Weighted total of the scores of each client, from 0 to 1; the weights are rescaled to add up to 1."""
        weight = sum(score.weight for score in self.scores)
        total = np.zeros(len(values))
        for score in self.scores:
            total += score.weight / weight * score.rank(values)
        return total

    def place(self, values: pd.DataFrame) -> tuple[Ints, Floats, Ints]:
        """Tier, certainty and the tier across the nearest cut point of each client.

        Certainty is the distance to the nearest cut point, as a share of the largest distance possible in the tier.
        """
        total = self.total(values)
        inner = np.asarray(self.cuts[:-1])  # the lowest tier has no cut point below it
        tier = (total[:, None] < inner - TOLERANCE).sum(axis=1)
        upper = np.concatenate(([np.inf], inner))[tier]
        lower = np.concatenate((inner, [-np.inf]))[tier]
        up, down = upper - total, np.maximum(total - lower, 0.0)
        room = np.where(np.isinf(upper), 1 - lower, np.where(np.isinf(lower), upper, (upper - lower) / 2))
        certainty = np.clip(np.minimum(up, down) / room, 0.0, 1.0)
        return tier, certainty, np.where(up < down, tier - 1, tier + 1)


@dataclass(frozen=True, slots=True)
class ValueTiers:
    """Value tiers by the bank's standard.

    Parameters
    ----------
    scores : of the standard; weights add up to 1
    tiers : from the highest down; the lowest starts at 0
    """

    scores: tuple[Score, ...]
    tiers: tuple[Tier, ...]

    def __post_init__(self) -> None:
        weights = sum(score.weight for score in self.scores)
        if abs(weights - 1) > TOLERANCE or min((score.weight for score in self.scores), default=0) < 0:
            raise ParameterError(
                f"The weights of the value scores add up to {weights:g}, not to 1, or one is negative.",
                hint="Correct data/policy/value_tiers.toml.",
            )
        lowers = [tier.lower for tier in self.tiers]
        if len(lowers) < 2 or lowers != sorted(set(lowers), reverse=True) or lowers[-1] != 0 or lowers[0] >= 1:
            raise ParameterError(
                f"The cut points {lowers} do not go down from below 1 to 0.",
                hint="Correct data/policy/value_tiers.toml.",
            )

    @classmethod
    def of(cls, scores: Sequence[Mapping[str, Any]], cuts: Sequence[Mapping[str, Any]]) -> "ValueTiers":
        """From the policy tables `value_tiers` and `value_tier_cuts`."""
        return cls(
            tuple(
                Score(
                    row["id"],
                    Text.of(row),
                    _codes(row["measure"]),
                    _codes(row.get("otherwise", "")),
                    float(row["weight"]),
                    bool(row["higher_is_better"]),
                )
                for row in scores
            ),
            tuple(Tier(row["id"], Text.of(row), float(row["from"])) for row in cuts),
        )

    def fit(self, features: FeatureMatrix, outcome: pd.Series | None = None) -> Segmentation:  # noqa: ARG002
        """Tiers of the clients by rank among them. The outcome is not read.

        Notes
        -----
        See docs/methods/value_tiers.md. A score whose features could not be built is left out and said so; the
        weights of the others are rescaled.
        """
        recipe, cautions = self._recipe(features)
        ids = letters(len(self.tiers))
        assignment = assign(recipe, features.values, ids)
        counts = sizes(assignment, ids)
        return Segmentation(
            method="value_tiers",
            quarter=features.quarter,
            assignment=assignment,
            segments=tuple(Segment(id, tier.label, counts[id]) for id, tier in zip(ids, self.tiers, strict=True)),
            order=ORDER,
            spec=self,
            recipe=recipe,
            structure=RULE,
            cautions=features.cautions + cautions,
        )

    def _recipe(self, features: FeatureMatrix) -> tuple[TierRecipe, tuple[Text, ...]]:
        built = set(features.values.columns)
        found: list[ScoreRecipe] = []
        cautions: list[Text] = []
        for score in self.scores:
            codes = tuple(code for code in score.features if code in built)
            if not codes and (codes := tuple(code for code in score.otherwise if code in built)):
                cautions.append(_stand_in(score, codes, features))
            if not codes:
                cautions.append(_left_out(score))
                continue
            reference = np.sort(features.values[list(codes)].to_numpy(dtype=float).sum(axis=1))
            found.append(ScoreRecipe(codes, score.weight, score.higher_is_better, reference))
        if not found or not features.n_clients:
            raise MethodError(
                "None of the value scores can be computed from this source.",
                hint="They need contribution, deposits, loans or loan amounts; use k-means instead.",
            )
        return TierRecipe(tuple(found), tuple(tier.lower for tier in self.tiers)), tuple(cautions)


def _codes(text: str) -> tuple[str, ...]:
    return tuple(code.strip() for code in text.split("+") if code.strip())


def _left_out(score: Score) -> Text:
    return Text(
        f"数据源缺少“{score.label.zh}”所需数据，该得分未计入，其余权重按比例放大",
        f"the source lacks what the score “{score.label.en}” needs: it is left out and the other weights are scaled up",
    )


def _stand_in(score: Score, codes: Sequence[str], features: FeatureMatrix) -> Text:
    labels = [features.feature(code).label for code in codes]
    return Text(
        f"“{score.label.zh}”以{'、'.join(label.zh for label in labels)}代替",
        f"the score “{score.label.en}” is taken from {', '.join(label.en for label in labels)}",
    )
