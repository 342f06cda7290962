"""Words and small pieces that the blocks of the needs chapter share."""

from analysis.core.blocks import Cell, Missing, Ref, Style
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.portrait.needs.taxonomy import Taxonomy
from analysis.present.numbers import number

CHAPTER = "20_analyse_needs"

CLIENTS = Text("户数", "Clients")
NEED = Text("需求", "Need")
LOW, HIGH = Text("区间下限", "Interval from"), Text("区间上限", "to")

SHORT_GROUPS = {"I": Text("机构等", "Public")}
"""Group names that would not fit over a narrow column."""


def quoted(label: Text) -> Text:
    """A need inside a sentence."""
    return Text(f"“{label.zh}”", label.en)


def need_label(taxonomy: Taxonomy, code: str) -> Text:
    """Name of a need as the first cell of a row."""
    label = taxonomy.label(code)
    return Text(label.zh, label.en[:1].upper() + label.en[1:])


def measured(value: float | Estimate | Unavailable) -> Cell:
    """The number, or the reason there is none."""
    if isinstance(value, Unavailable):
        return Missing(value.reason)
    return value.estimate if isinstance(value, Estimate) else value


def interval(value: Estimate | Unavailable, low: str = "low", high: str = "high") -> dict[str, Cell]:
    """The two cells of an interval."""
    if isinstance(value, Unavailable):
        return {low: Missing(value.reason), high: Missing(value.reason)}
    return {low: value.ci_low, high: value.ci_high}


def count(key: str, value: int, label: Text) -> Ref:
    """A whole number that is a fact, printed without a unit."""
    return number(CHAPTER, key, int(value), "count", label, unit=False)


def fact(key: str, value: float | Unavailable, style: Style, label: Text) -> Ref:
    """A number of this chapter that is a fact."""
    return number(CHAPTER, key, value, style, label)
