"""What a segment is like: its size, its money, and what is typical of it beyond chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.core.disclosure import suppress_parts
from analysis.core.errors import ParameterError
from analysis.core.estimate import Estimate
from analysis.core.text import Text
from analysis.core.units import Unit
from analysis.features import FeatureMatrix, apply_scales, learn_scales
from analysis.segmentation.segmentation import AMBIGUOUS, Segmentation

Floats = npt.NDArray[np.float64]

MIN_LIFT = 0.2
"""Cohen (1988) calls 0.2 standard deviations a small difference. In a large book anything differs from chance; below
this nobody would treat the clients differently."""

INTERVAL = Text(
    "正态近似，对所有客群与特征同时成立（邦弗朗尼校正）",
    "normal approximation, holding for all segments and features at once (Bonferroni)",
)


@dataclass(frozen=True, slots=True)
class Trait:
    """Something typical of a segment: its clients differ from all others beyond chance, and by enough to matter.

    Parameters
    ----------
    code, label, theme : of the feature, or of the client group
    kind : `feature`, or `group` for a share of clients such as an industry
    typical, overall : median in the segment and of all clients, in `unit`; for a group the shares
    lift : difference of means between the segment and all others, in standard deviations of the scaled feature
    """

    segment: str
    code: str
    label: Text
    theme: str
    kind: Literal["feature", "group"]
    unit: Unit
    typical: float
    overall: float
    lift: Estimate

    @property
    def is_high(self) -> bool:
        return self.lift.estimate > 0


@dataclass(frozen=True)
class Profile:
    """Portrait of all segments.

    Parameters
    ----------
    sizes : one row a segment: segment, n_clients, share, value_total, value_share, ambiguous_share, is_hidden
    values : one row a segment and feature: segment, feature, median, mean, total, share_of_total
    traits : what is typical, the strongest of a segment first
    hidden : segments below the disclosure limit and those that would give them away; their numbers are gaps
    n_compared : comparisons among which the traits were looked for
    """

    sizes: pd.DataFrame
    values: pd.DataFrame
    traits: tuple[Trait, ...]
    hidden: tuple[str, ...]
    n_compared: int
    cautions: tuple[Text, ...] = ()

    def traits_of(self, segment: str) -> tuple[Trait, ...]:
        return tuple(trait for trait in self.traits if trait.segment == segment)


@dataclass(frozen=True, slots=True)
class Difference:
    """Standardised difference of one segment from all others, before anything is called typical."""

    segment: str
    code: str
    lift: float
    std_error: float
    n_clients: int


def differences(coordinates: Floats, codes: Sequence[str], labels: npt.NDArray[np.object_]) -> tuple[Difference, ...]:
    """Difference of every segment from all other clients on every coordinate.

    Parameters
    ----------
    coordinates : ndarray of shape (n_clients, n_codes), spread 1
    labels : segment letter of each client

    Notes
    -----
    lift = mean inside − mean outside; std_error = √(s²_in ÷ n_in + s²_out ÷ n_out).
    """
    n, total, squares = len(coordinates), coordinates.sum(axis=0), np.square(coordinates).sum(axis=0)
    found = []
    for segment in sorted(set(labels)):
        inside = coordinates[labels == segment]
        n_in, n_out = len(inside), n - len(inside)
        if n_in < 2 or n_out < 2:
            continue
        sum_in, square_in = inside.sum(axis=0), np.square(inside).sum(axis=0)
        mean_in, mean_out = sum_in / n_in, (total - sum_in) / n_out
        var_in = np.maximum(square_in / n_in - mean_in**2, 0) * n_in / (n_in - 1)
        var_out = np.maximum((squares - square_in) / n_out - mean_out**2, 0) * n_out / (n_out - 1)
        error = np.sqrt(var_in / n_in + var_out / n_out)
        found += [
            Difference(str(segment), code, float(mean_in[k] - mean_out[k]), float(error[k]), n_in)
            for k, code in enumerate(codes)
        ]
    return tuple(found)


def typical(compared: Sequence[Difference], min_clients: int) -> tuple[tuple[Difference, Estimate], ...]:
    """The differences that pass: interval without zero, at least MIN_LIFT, at least `min_clients`; strongest first.

    The interval holds at 95 % for all comparisons at once, so that random segments have almost no typical trait.
    """
    if not compared:
        return ()
    z = NormalDist().inv_cdf(1 - 0.05 / (2 * len(compared)))
    passed = []
    for one in compared:
        half = z * one.std_error
        if one.n_clients >= min_clients and abs(one.lift) >= MIN_LIFT and abs(one.lift) > half:
            estimate = Estimate(one.lift, one.lift - half, one.lift + half, one.n_clients, "index", INTERVAL)
            passed.append((one, estimate))
    return tuple(sorted(passed, key=lambda pair: (pair[0].segment, -abs(pair[0].lift), pair[0].code)))


def profile(
    segmentation: Segmentation,
    features: FeatureMatrix,
    *,
    min_clients: int,
    groups: pd.DataFrame | None = None,
    group_labels: Mapping[str, Text] | None = None,
) -> Profile:
    """Size, money and typical traits of each segment.

    Parameters
    ----------
    features : of the same clients
    min_clients : disclosure limit of the policy
    groups : DataFrame, index client_id, columns such as industry or ownership; each value becomes a possible trait
    group_labels : `column=value` → words, for groups whose code is not a word

    Notes
    -----
    See docs/methods/kmeans.md, section "Profile". For segments that were learnt from the same features the differences
    describe, they do not test.
    """
    labels = segmentation.labels.reindex(features.values.index)
    if labels.isna().any():
        raise ParameterError(
            "Some clients of the features are in no segment.", hint="Use the features the segments were made from."
        )
    order = [segment.id for segment in segmentation.segments]
    hidden = _hidden(order, labels, min_clients)
    columns = _coordinates(features, groups, min_clients)
    compared = differences(columns.values, columns.codes, labels.to_numpy(dtype=object))
    passed = [pair for pair in typical(compared, min_clients) if pair[0].segment not in hidden]
    traits = tuple(
        _trait(one, lift, features, columns, labels, group_labels or {})
        for segment in order
        for one, lift in passed
        if one.segment == segment
    )
    return Profile(
        _sizes(segmentation, features, labels, order, hidden),
        _values(features, labels, order, hidden),
        traits,
        hidden,
        len(compared),
        _cautions(hidden),
    )


@dataclass(frozen=True)
class _Columns:
    values: Floats
    codes: tuple[str, ...]
    indicators: pd.DataFrame


def _coordinates(features: FeatureMatrix, groups: pd.DataFrame | None, min_clients: int) -> _Columns:
    """Scaled features and standardised group indicators side by side; constant ones left out."""
    learnt = learn_scales(features.values, [feature.transform for feature in features.features])
    scales = [scale for scale in learnt if scale.spread > 0]
    blocks, codes = [apply_scales(features.values, scales)], [scale.feature for scale in scales]
    indicators = _indicators(groups, features.values.index, min_clients)
    if indicators.shape[1]:
        raw = indicators.to_numpy(dtype=float)
        blocks.append((raw - raw.mean(axis=0)) / raw.std(axis=0))
        codes += list(indicators.columns)
    return _Columns(np.hstack(blocks), tuple(codes), indicators)


def _indicators(groups: pd.DataFrame | None, index: pd.Index, min_clients: int) -> pd.DataFrame:
    """One column a group value held by at least `min_clients` clients and not by all; missing values are no group."""
    if groups is None:
        return pd.DataFrame(index=index)
    aligned = groups.reindex(index)
    columns = {}
    for name in aligned.columns:
        counted = aligned[name].value_counts()
        for value in sorted(counted.index[(counted >= min_clients) & (counted < len(index))], key=str):
            columns[f"{name}={value}"] = (aligned[name] == value).fillna(False).astype(bool)
    return pd.DataFrame(columns, index=index)


def _trait(
    one: Difference,
    lift: Estimate,
    features: FeatureMatrix,
    columns: _Columns,
    labels: pd.Series,
    group_labels: Mapping[str, Text],
) -> Trait:
    inside = (labels == one.segment).to_numpy()
    if one.code in features.values.columns:
        feature, held = features.feature(one.code), features.values[one.code]
        median_in, median_all = float(held[inside].median()), float(held.median())
        return Trait(
            one.segment, one.code, feature.label, feature.theme, "feature", feature.unit, median_in, median_all, lift
        )
    held = columns.indicators[one.code]
    label = group_labels.get(one.code) or Text(one.code.partition("=")[2], one.code.partition("=")[2])
    share_in, share_all = float(held[inside].mean()), float(held.mean())
    return Trait(one.segment, one.code, label, one.code.partition("=")[0], "group", "ratio", share_in, share_all, lift)


def _hidden(order: Sequence[str], labels: pd.Series, min_clients: int) -> tuple[str, ...]:
    counts = [int((labels == segment).sum()) for segment in order]
    mask = suppress_parts(counts, min_clients)
    return tuple(segment for segment, hide in zip(order, mask, strict=True) if hide)


def _sizes(
    segmentation: Segmentation, features: FeatureMatrix, labels: pd.Series, order: Sequence[str], hidden: Sequence[str]
) -> pd.DataFrame:
    value = features.values[features.value_feature]
    total = float(value.sum())
    certainty = segmentation.assignment.set_index("client_id")["certainty"].reindex(labels.index)
    rows = []
    for segment in order:
        inside = (labels == segment).to_numpy()
        money = float(value[inside].sum())
        rows.append(
            {
                "segment": segment,
                "n_clients": float(inside.sum()),
                "share": float(inside.mean()),
                "value_total": money,
                "value_share": money / total if total > 0 else np.nan,
                "ambiguous_share": float((certainty[inside] < AMBIGUOUS).mean()) if inside.any() else np.nan,
                "is_hidden": segment in hidden,
            }
        )
    table = pd.DataFrame(rows)
    table.loc[table["is_hidden"], ["n_clients", "share", "value_total", "value_share", "ambiguous_share"]] = np.nan
    return table


def _values(features: FeatureMatrix, labels: pd.Series, order: Sequence[str], hidden: Sequence[str]) -> pd.DataFrame:
    whole = features.values.sum()
    rows = []
    for segment in order:
        held = features.values[(labels == segment).to_numpy()]
        shown = len(held) > 0 and segment not in hidden
        median, mean, total = held.median(), held.mean(), held.sum()
        for feature in features.features:
            code = feature.code
            adds_up = feature.unit in ("money", "count") and shown
            amount = float(total[code]) if adds_up else np.nan
            rows.append(
                {
                    "segment": segment,
                    "feature": code,
                    "median": float(median[code]) if shown else np.nan,
                    "mean": float(mean[code]) if shown else np.nan,
                    "total": amount,
                    "share_of_total": amount / float(whole[code]) if adds_up and whole[code] > 0 else np.nan,
                }
            )
    return pd.DataFrame(rows)


def _cautions(hidden: Sequence[str]) -> tuple[Text, ...]:
    if not hidden:
        return ()
    return (
        Text(
            f"客群 {'、'.join(hidden)} 因低于披露下限或会泄露小客群而不披露",
            f"segments {', '.join(hidden)} are below the disclosure limit, or would give one away, and are not shown",
        ),
    )
