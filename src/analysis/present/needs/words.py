"""Words and small pieces that the blocks of the needs chapter share."""

from analysis.core.blocks import Cell, Missing, Ref, Sentence, Style
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.portrait.grouping import Group, Grouping
from analysis.portrait.needs.taxonomy import Taxonomy
from analysis.present.numbers import capital, number

CHAPTER = "20_analyse_needs"

CLIENTS = Text("户数", "Clients")
NEED = Text("需求", "Need")
LOW, HIGH = Text("区间下限", "Interval from"), Text("区间上限", "to")

SHORT_GROUPS = {("size_class", "I"): Text("规则外", "Outside")}
"""Group names that would not fit over a narrow column, by grouping and group."""


def column_label(grouping: Grouping, group: Group) -> Text:
    """Name of a group over a narrow column."""
    return SHORT_GROUPS.get((grouping.by, group.code), capital(group.label))


def spelt_out(grouping: Grouping, note: Sentence) -> Sentence:
    """A note with the full names of the groups whose columns carry a short one."""
    for group in grouping.groups:
        short = SHORT_GROUPS.get((grouping.by, group.code))
        if short is not None:
            note += Sentence.of("“{short}”即{full}。", "{short}: {full}.", short=short, full=group.label)
    return note


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
