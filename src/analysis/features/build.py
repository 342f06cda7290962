"""The feature matrix of a portfolio: what cannot be built is reported, nothing is filled silently."""

from collections.abc import Iterable, Sequence

import pandas as pd

from analysis.core.errors import DataError, ParameterError
from analysis.core.text import Text
from analysis.features.as_of import AsOf, NotKnown, corporate_clients
from analysis.features.declarations import FEATURES, VALUE_FEATURES
from analysis.features.matrix import Feature, FeatureMatrix, MissingFeature
from analysis.intake.portfolio import Portfolio
from analysis.metrics.derived import DERIVED
from analysis.metrics.measures import MEASURES

MAX_MISSING_SHARE = 0.5
"""A feature unknown for more than half of the clients would mostly be its own median: it is not built."""

TOO_FEW = Text("超过半数客户没有该数据", "more than half of the clients have no value")
INSTEAD = Text("已有更直接的特征", "a more direct feature is there")


def build_features(portfolio: Portfolio, *, codes: Sequence[str] | None = None) -> FeatureMatrix:
    """Features of every corporate client with an open account, as of the portfolio's quarter.

    Parameters
    ----------
    codes : which features of FEATURES; all that the source allows when left out

    Notes
    -----
    A client without a value gets the median of the others; how many is in `n_imputed`, and a caution names the feature.
    A feature unknown for more than half of the clients is not built.
    """
    wanted = _wanted(codes)
    clients = corporate_clients(portfolio)
    if clients.empty:
        raise DataError(f"There is no corporate client with an open account at {portfolio.quarter}.")
    known = AsOf(portfolio, clients, _measures(wanted))
    columns: dict[str, pd.Series[float]] = {}
    missing: list[MissingFeature] = []
    for feature in wanted:
        reason = _add(feature, known, columns, is_asked=codes is not None)
        if reason is not None:
            missing.append(MissingFeature(feature, reason))
    if not columns:
        raise DataError(
            f"No feature can be built at {portfolio.quarter}: {missing[0].reason.en}.",
            hint="Give positions, transactions or loans.",
        )
    values = pd.DataFrame(columns, index=clients.index)
    n_imputed = {code: int(n) for code in columns if (n := values[code].isna().sum())}
    built = tuple(feature for feature in wanted if feature.code in columns)
    return FeatureMatrix(
        quarter=portfolio.quarter,
        values=values.fillna(values.median()),
        features=built,
        value_feature=next((code for code in VALUE_FEATURES if code in columns), built[0].code),
        missing=tuple(missing),
        n_imputed=n_imputed,
        cautions=_cautions(feature.label for feature in built if feature.code in n_imputed),
    )


def _wanted(codes: Sequence[str] | None) -> tuple[Feature, ...]:
    if codes is None:
        return tuple(FEATURES.values())
    unknown = [code for code in codes if code not in FEATURES]
    if unknown or not codes:
        raise ParameterError(
            f"There is no feature {', '.join(map(repr, unknown))}." if unknown else "No feature is asked for.",
            hint=f"Known are {', '.join(FEATURES)}.",
        )
    return tuple(FEATURES[code] for code in dict.fromkeys(codes))


def _measures(features: Iterable[Feature]) -> tuple[str, ...]:
    """Columns of the panel that the features read."""
    asked = dict.fromkeys(code for feature in features for code in feature.measures)
    return tuple(code for code in asked if code in MEASURES or code in DERIVED)


def _add(feature: Feature, known: AsOf, columns: "dict[str, pd.Series[float]]", *, is_asked: bool) -> Text | None:
    """Put the feature's column in; the reason when it cannot be."""
    if not is_asked and any(code in columns for code in feature.instead_of):
        return INSTEAD
    try:
        column = feature.build(known)
    except NotKnown as absence:
        return absence.reason
    if float(column.isna().mean()) > MAX_MISSING_SHARE:
        return TOO_FEW
    columns[feature.code] = column.astype(float)
    return None


def _cautions(labels: Iterable[Text]) -> tuple[Text, ...]:
    filled = list(labels)
    if not filled:
        return ()
    return (
        Text(
            f"部分客户缺少以下特征，以其他客户的中位数代替：{'、'.join(label.zh for label in filled)}",
            f"some clients lack these features and got the median of the others: {', '.join(la.en for la in filled)}",
        ),
    )
