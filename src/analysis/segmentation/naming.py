"""Names of segments by rule: the strongest typical traits, in words, no two segments alike."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.core.text import Text
from analysis.features import Feature, FeatureMatrix, apply_scales, learn_scales
from analysis.segmentation.profile import Difference, differences, typical

N_WORDS = 2
"""Two traits fit a legend and can be remembered; a third is added only to tell two segments apart."""

MIN_CLIENTS = 5
"""Fewer clients than this have no typical trait; the printed profile applies the policy's own limit on top."""

PLAIN = Text("无突出特征", "no distinctive trait")


def name_segments(features: FeatureMatrix, assignment: pd.DataFrame) -> dict[str, Text]:
    """Name of each segment that has clients, and the plain name for one that has none, by letter.

    Parameters
    ----------
    assignment : client_id and segment

    Notes
    -----
    A segment is called by its two strongest typical traits (largest standardised difference, interval without zero), at
    most one of a theme. Where two segments get the same name the next traits are added; where these run out, the
    letter is.
    """
    labels = assignment.set_index("client_id")["segment"].reindex(features.values.index).to_numpy(dtype=object)
    learnt = learn_scales(features.values, [feature.transform for feature in features.features])
    scales = [scale for scale in learnt if scale.spread > 0]
    compared = differences(apply_scales(features.values, scales), [scale.feature for scale in scales], labels)
    passed = [one for one, _ in typical(compared, MIN_CLIENTS)]
    by_code = {feature.code: feature for feature in features.features}
    segments = sorted(set(labels))
    words = {segment: _words([one for one in passed if one.segment == segment], by_code) for segment in segments}
    return unique_names(words)


def unique_names(words: Mapping[str, Sequence[Text]]) -> dict[str, Text]:
    """One name a segment from its words in order of strength; all different.

    Examples
    --------
    >>> names = unique_names({"A": [Text("高存款", "deposit-rich")], "B": []})
    >>> names["A"].en, names["B"].en
    ('deposit-rich', 'no distinctive trait')
    """
    longest = max((len(found) for found in words.values()), default=0)
    length = dict.fromkeys(words, N_WORDS)
    names = {segment: _join(found[:N_WORDS]) for segment, found in words.items()}
    for _ in range(N_WORDS, longest):
        doubles = _doubles(names)
        if not doubles:
            break
        for segment in doubles:
            length[segment] += 1
            names[segment] = _join(words[segment][: length[segment]])
    for segment in sorted(_doubles(names)):
        names[segment] = Text(f"{names[segment].zh}（{segment} 组）", f"{names[segment].en} (group {segment})")
    return names


def _doubles(names: Mapping[str, Text]) -> list[str]:
    count: dict[Text, int] = {}
    for name in names.values():
        count[name] = count.get(name, 0) + 1
    return [segment for segment, name in names.items() if count[name] > 1]


def _words(traits: Sequence[Difference], by_code: Mapping[str, Feature]) -> list[Text]:
    """Words of the traits, strongest first, one of a theme."""
    found: dict[str, Text] = {}
    for trait in traits:
        feature = by_code[trait.code]
        found.setdefault(feature.theme, feature.high if trait.lift > 0 else feature.low)
    return list(found.values())


def _join(words: Sequence[Text]) -> Text:
    if not words:
        return PLAIN
    return Text("·".join(word.zh for word in words), ", ".join(word.en for word in words))
