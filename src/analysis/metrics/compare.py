"""Change between two quarters: what may be compared, by how much, and the word for a change of sign."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.core.errors import ParameterError
from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.policy import Policy
from analysis.metrics.measure import formula_metric, prepare, values_of
from analysis.metrics.metric import ChangeStyle, ComparisonKind, Metric, Value

if TYPE_CHECKING:
    from analysis.intake.portfolio import Portfolio

TO_PROFIT = Text("扭亏", "turned to profit")
TO_LOSS = Text("转亏", "turned to loss")
LESS_LOSS = Text("减亏", "loss narrowed")
MORE_LOSS = Text("增亏", "loss widened")

KIND_NAMES: dict[str, dict[ComparisonKind, Text]] = {
    "stock": {
        "qoq": Text("较上季末", "against last quarter-end"),
        "ytd": Text("较年初", "since the start of the year"),
        "yoy": Text("较上年同期末", "on a year ago"),
    },
    "flow": {
        "qoq": Text("环比", "quarter on quarter"),
        "ytd": Text("较年初", "since the start of the year"),
        "yoy": Text("同比", "year on year"),
    },
}
"""What a comparison is called: for what stands at one day, and for what covers a quarter."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one KPI.

    Parameters
    ----------
    absolute : current minus base, in the metric's unit; a ratio's in fractions, printed as points or basis points
    growth : absolute ÷ base, or why no rate is given
    style : how the change prints: `growth`, `points`, `bp` or `absolute`
    word : 扭亏, 转亏, 减亏 or 增亏 where the sign decides, else None
    """

    kind: ComparisonKind
    style: ChangeStyle
    current: Value
    base: Value
    absolute: Value
    growth: Value
    word: Text | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One KPI with all its valid comparisons."""

    code: str
    quarter: Quarter
    current: Value
    changes: tuple[Change, ...]

    def change(self, kind: ComparisonKind) -> Change:
        """The comparison of one kind."""
        for change in self.changes:
            if change.kind == kind:
                return change
        raise ParameterError(f"{self.code} has no comparison {kind!r}.", hint=_valid(self.changes))


def _valid(changes: Iterable[Change]) -> str:
    return f"It has {', '.join(change.kind for change in changes) or 'none'}."


def base_quarter(quarter: Quarter, kind: ComparisonKind) -> Quarter:
    """The quarter a comparison starts from; 较年初 starts from the last 31 December.

    Examples
    --------
    >>> base_quarter(Quarter("2026Q3"), "ytd"), base_quarter(Quarter("2026Q3"), "yoy")
    (Quarter('2025Q4'), Quarter('2025Q3'))
    """
    match kind:
        case "qoq":
            return quarter.previous
        case "ytd":
            return quarter.year_start
        case "yoy":
            return quarter.same_quarter_last_year


def kind_name(metric: Metric, kind: ComparisonKind) -> Text:
    """What the comparison is called for this metric."""
    return KIND_NAMES["stock" if "ytd" in metric.comparisons else "flow"][kind]


def compare(
    metric: Metric,
    current: Value,
    base: Value,
    *,
    kind: ComparisonKind,
    policy: Policy,
    style: ChangeStyle | None = None,
    is_client: bool = False,
) -> Change:
    """The change from base to current; a comparison without a meaning is refused.

    Parameters
    ----------
    current, base : values of the metric, unrounded
    style : the metric's own when left out; growth of a ratio is refused
    is_client : whether the amounts are one client's, for which the smallest base of a growth rate is lower

    Notes
    -----
    growth = (current − base) ÷ base, only when base > 0 and base ≥ the smallest base in policy. For what can be a loss:
    base ≤ 0 < current 扭亏, base > 0 ≥ current 转亏, both negative 减亏 or 增亏; the word then stands for the rate.
    """
    if kind not in metric.comparisons:
        valid = ", ".join(metric.comparisons) or "none"
        raise ParameterError(
            f"{metric.code} ({metric.name.en}) has no comparison {kind!r}.", hint=f"Valid are: {valid}."
        )
    used = metric.change if style is None else style
    if used == "growth" and metric.change in ("points", "bp"):
        raise ParameterError(
            f"{metric.code} ({metric.name.en}) is a ratio and has no growth rate.", hint="It changes in points or bp."
        )
    if isinstance(current, Unavailable):
        return Change(kind, used, current, base, current, current)
    if isinstance(base, Unavailable):
        return Change(kind, used, current, base, base, base)
    word = _word(metric, current, base)
    absolute = current - base
    growth = _growth(metric, absolute, base, policy, used, word, is_client)
    return Change(kind, used, current, base, absolute, growth, word)


def _word(metric: Metric, current: float, base: float) -> Text | None:
    if not metric.is_signed or current == base:
        return None
    if base <= 0 < current:
        return TO_PROFIT
    if base > 0 >= current or (base == 0 and current < 0):
        return TO_LOSS
    if base < 0 and current <= 0:
        return LESS_LOSS if current > base else MORE_LOSS
    return None


def _growth(
    metric: Metric, absolute: float, base: float, policy: Policy, style: ChangeStyle, word: Text | None, is_client: bool
) -> Value:
    if style in ("points", "bp"):
        return Unavailable(Text("比率只列增减百分点或基点", "a ratio changes in points or basis points"))
    if style == "absolute":
        return Unavailable(Text("该指标只列增减数", "this figure changes by a plain difference"))
    if word is not None:
        return Unavailable(Text(f"{word.zh}，不计算增长率", f"{word.en}, no rate is given"))
    if base <= 0:
        return Unavailable(Text("基数不为正，不计算增长率", "the base is not positive, no rate is given"))
    if base < smallest_base(metric, policy, is_client=is_client):
        return Unavailable(Text("基数过小，不计算增长率", "the base is too small for a rate"))
    return absolute / base


def smallest_base(metric: Metric, policy: Policy, *, is_client: bool = False) -> float:
    """Below this base no growth rate is given (policy: amounts of the bank, of a client, counts)."""
    if metric.unit == "count":
        return policy.number("growth_base_count")
    if metric.unit == "money":
        a_client = is_client or metric.style.startswith("money_small")
        return policy.number("growth_base_client" if a_client else "growth_base_bank")
    return 0.0


def comparisons(
    portfolio: "Portfolio", codes: Sequence[str], *, clients: Iterable[str] | None = None
) -> tuple[Comparison, ...]:
    """Each KPI now, with every comparison that has a meaning for it; short history gives the reason.

    Parameters
    ----------
    clients : only these client ids, the same list in every quarter (fixed list)
    """
    listed = None if clients is None else list(clients)
    metrics = [formula_metric(code) for code in codes]
    kinds = dict.fromkeys(kind for metric in metrics for kind in metric.comparisons)
    prepare(portfolio, codes, [portfolio.quarter, *(base_quarter(portfolio.quarter, kind) for kind in kinds)])
    current = values_of(portfolio, codes, clients=listed)
    bases = {
        kind: values_of(portfolio, codes, clients=listed, quarter=base_quarter(portfolio.quarter, kind))
        for kind in kinds
    }
    return tuple(
        Comparison(
            metric.code,
            portfolio.quarter,
            current[metric.code],
            tuple(
                compare(metric, current[metric.code], bases[kind][metric.code], kind=kind, policy=portfolio.policy)
                for kind in metric.comparisons
            ),
        )
        for metric in metrics
    )
