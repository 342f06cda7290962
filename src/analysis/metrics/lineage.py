"""What a number rests on: the canonical tables behind a KPI or a measure."""

from analysis.metrics.derived import DERIVED, tables_of
from analysis.metrics.history import HISTORY
from analysis.metrics.measures import MEASURES
from analysis.metrics.registry import METRICS


def tables_behind(name: str) -> tuple[str, ...]:
    """The canonical tables behind a KPI (its code) or a measure (its name); none for anything else.

    Examples
    --------
    >>> tables_behind("operating_revenue")
    ('positions',)
    >>> tables_behind("a number of a study")
    ()
    """
    if name in METRICS:
        metric = METRICS[name]
        found = [table for need in metric.needs for table in tables_behind(need)]
        return tuple(dict.fromkeys([*found, *(["bank"] if metric.bank else []), *(["clients"] if metric.by else [])]))
    if name in HISTORY:
        return tuple(dict.fromkeys(table for need in HISTORY[name].needs for table in tables_behind(need)))
    return tables_of(name) if name in MEASURES or name in DERIVED else ()
