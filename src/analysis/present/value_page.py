"""What stands on the pages of value, in order; what a source cannot give is named elsewhere, once."""

from collections.abc import Mapping

from analysis.core.blocks import Figure, Paragraph, Table
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.core.units import Currency
from analysis.portrait import (
    ClientLifetime,
    ContributionBridge,
    Loyalty,
    Potential,
    ValueScore,
    value_matrix,
)
from analysis.present.lifetime import lifetime_figure
from analysis.present.numbers import with_numerals_as_facts
from analysis.present.portrait import CHAPTER
from analysis.present.value import decile_table, matrix_table, raroc_figure


def value_blocks(
    score: ValueScore | Unavailable,
    potential: Potential | Unavailable,
    returns: ContributionBridge | Unavailable,
    lifetime: ClientLifetime | Unavailable,
    *,
    currency: Currency,
) -> tuple[Figure | Table, ...]:
    """Return against the hurdle, tenths by value score, value by potential, lifetime value: two figures, two tables."""
    basis = Text("", "") if isinstance(score, Unavailable) else score.basis.label
    found = (
        raroc_figure(returns, currency=currency),
        decile_table(score, currency=currency),
        matrix_table(value_matrix(score, potential), basis, currency=currency),
        lifetime_figure(lifetime, currency=currency),
    )
    return tuple(block for block in found if not isinstance(block, Unavailable))


def cautions_of(
    *results: ValueScore | Potential | ClientLifetime | Loyalty | Unavailable,
) -> tuple[Text, ...]:
    """What the reader must know about the data of these results, each once."""
    texts = [text for one in results if not isinstance(one, Unavailable) for text in one.cautions]
    return tuple(dict.fromkeys(texts))


NAMES: Mapping[str, Text] = {
    "score": Text("客户价值评分", "value score"),
    "returns": Text("资本回报", "return on capital"),
    "potential": Text("发展潜力", "potential"),
    "later": Text("潜力回测", "test of potential on later growth"),
    "lifetime": Text("终身价值", "lifetime value"),
    "credit": Text("信用状态", "credit state"),
    "loyalty": Text("忠诚度", "loyalty"),
}
"""What the parts of value are called."""


def missing_value(parts: Mapping[str, object]) -> tuple[Paragraph, ...]:
    """One caution that names what could not be said of value, and why; nothing where all is there.

    Parameters
    ----------
    parts : results by key of NAMES
    """
    missing: dict[Text, list[Text]] = {}
    for key, part in parts.items():
        if isinstance(part, Unavailable):
            missing.setdefault(part.reason, []).append(NAMES[key])
    if not missing:
        return ()
    zh = "；".join(f"{'、'.join(name.zh for name in names)}（{reason.zh}）" for reason, names in missing.items())
    en = "; ".join(f"{', '.join(name.en for name in names)} ({reason.en})" for reason, names in missing.items())
    text = Text(f"客户价值未列：{zh}。", f"Left out of client value: {en}.")
    return (Paragraph("value_missing", with_numerals_as_facts(CHAPTER, "value.missing", text), role="caution"),)
