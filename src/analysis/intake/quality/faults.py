"""What is wrong with one table in one quarter, as shares: by the rules rows broke, by empty cells, gaps and age."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from analysis.core.quarter import Quarter, month_end
from analysis.core.text import Text
from analysis.intake.checks import Check, TableCount
from analysis.intake.quality.facts import PeriodFacts, TableFacts
from analysis.intake.quality.verdict import DIMENSION_LABELS, DIMENSIONS
from analysis.intake.schemas import SCHEMAS, Dimension

_REACH = 3
"""Months or quarters either side that a period is compared with: their median passes over one bad neighbour, and three
months do not yet span a season."""
_USUAL_RECORDS = 20
"""Records a quarter, on average over a year, from which a quarter without any means an old extract: were they to come
independently, none at all would happen once in 5e8 quarters; with 5 it would be once in 150."""
_FEWEST = 20
"""Rows a period usually has, below which a few rows more or less say nothing about a gap (one in five is 4 of 20)."""
_WHOLE = 0.95
"""A period with this part of its usual rows counts as whole: months of the demo bank differ by up to 2 %, half a
month missing leaves about 50 %."""
_STATEMENTS_OUT = 3
"""Quarter from which last year's statements are expected: due by 30 April, then entered."""


@dataclass(frozen=True, slots=True)
class Fault:
    """How much is wrong in one respect; nothing at all is a share of zero.

    Parameters
    ----------
    kind : row of the policy table `quality_gate` that judges it
    share, money : of the rows (cells, part of a period, of a year) and of the money concerned
    n_rows : rows concerned; None for what is missing altogether
    """

    dimension: Dimension
    kind: str
    column: str
    share: float
    money: float
    n_rows: int | None
    text: Text
    message: str


@dataclass(frozen=True, slots=True)
class Record:
    """All that is known about one table: what was read and set aside, rules broken, what was counted on clean rows."""

    counts: tuple[TableCount, ...]
    checks: tuple[Check, ...]
    facts: TableFacts

    @property
    def label(self) -> Text:
        return SCHEMAS[self.facts.table].label


def find_faults(record: Record, quarter: Quarter, core: Sequence[str]) -> tuple[Fault, ...]:
    """Every respect in which the table can be judged for a quarter; none before its first rows.

    Parameters
    ----------
    core : columns whose cells should be filled
    """
    known = record.facts.until(quarter)
    if not known and not any(count.n_read for count in record.counts):
        return ()
    return (
        *(_broken_rules(record, quarter, dimension) for dimension in DIMENSIONS if dimension != "timeliness"),
        *_late_rows(record, quarter),
        *_empty_cells(record, quarter, known, core),
        *_gaps(record, quarter, known),
        *_age(record, quarter, known),
    )


def percent(share: float) -> str:
    """A share in print.

    Examples
    --------
    >>> percent(0.1234), percent(0.0002), percent(0)
    ('12.3%', '<0.1%', '0.0%')
    """
    return "<0.1%" if 0 < share < 0.0005 else f"{share:.1%}"


# --- rules that rows broke ------------------------------------------------------------------------------------------


def _broken_rules(record: Record, quarter: Quarter, dimension: Dimension) -> Fault:
    """Rows that broke a rule, those set aside and those kept, as a share of the rows read."""
    checks = [c for c in record.checks if c.dimension == dimension and c.action != "changed"]
    shares = [(_share(record, quarter, check), check) for check in checks]
    concerned = [(share, check) for share, check in shares if share[0] > 0]
    if not concerned:
        return Fault(dimension, dimension, "", 0.0, 0.0, 0, Text("", ""), "")
    share = min(1.0, sum(rows for (rows, _), _ in concerned))
    money = min(1.0, sum(amount for (_, amount), _ in concerned))
    largest = sorted(concerned, key=lambda item: (-max(item[0]), item[1].file, item[1].column, item[1].rule))
    first = largest[0][1]
    n_rows = sum(check.n_rows for _, check in concerned)
    with_money = (
        Text(f"，涉及金额 {percent(money)}", f", with {percent(money)} of the money") if money else Text("", "")
    )
    text = Text(
        f"{record.label.zh}：{n_rows:,} 行（{percent(share)}{with_money.zh}）未通过"
        f"{DIMENSION_LABELS[dimension].zh}检查，主要是{first.label.zh}",
        f"{record.label.en}: {n_rows:,} rows ({percent(share)}{with_money.en}) fail the checks of {dimension}, "
        f"chiefly {first.label.en}",
    )
    return Fault(dimension, dimension, first.column, share, money, n_rows, text, _message(largest, share))


def _late_rows(record: Record, quarter: Quarter) -> Iterator[Fault]:
    """Rows dated when they cannot be, where there are such checks."""
    fault = _broken_rules(record, quarter, "timeliness")
    if fault.share:
        yield fault


def _share(record: Record, quarter: Quarter, check: Check) -> tuple[float, float]:
    """A check's rows and money as shares of those read.

    Of a table with a row for everything each month or quarter, the quarter's own rows count; of records, statements and
    checks that say no quarter, all rows up to it.
    """
    is_own = record.facts.clock in ("month", "quarter") and check.quarter != ""
    if check.quarter > quarter.label or (is_own and check.quarter != quarter.label):
        return 0.0, 0.0
    counts = [c for c in record.counts if (c.quarter == quarter.label if is_own else c.quarter <= quarter.label)]
    n_read = sum(count.n_read for count in counts) or record.facts.n_rows
    money_read = abs(sum((count.money_read for count in counts), Decimal(0)))
    money = float(abs(check.money) / money_read) if money_read else 0.0
    return min(1.0, check.n_rows / n_read) if n_read else 0.0, min(1.0, money)


_MAX_NAMED = 3


def _message(concerned: Sequence[tuple[tuple[float, float], Check]], share: float) -> str:
    """The largest checks with file, column, rule, count and examples."""
    named = []
    for _, check in concerned[:_MAX_NAMED]:
        where = f"{check.file}, {check.table}.{check.column}" if check.file else f"{check.table}.{check.column}"
        examples = f", for example {', '.join(check.examples[:5])}" if check.examples else ""
        rows = f"{check.n_rows:,} row{'s' if check.n_rows != 1 else ''}"
        named.append(f"{where} breaks {check.rule} ({check.label.en}) in {rows}{examples}")
    more = len(concerned) - _MAX_NAMED
    rest = f" and {more} more" if more > 0 else ""
    return f"{' / '.join(named)}{rest}; together {percent(share)} of the rows"


# --- what is not there ----------------------------------------------------------------------------------------------


def _empty_cells(
    record: Record, quarter: Quarter, known: Sequence[PeriodFacts], core: Sequence[str]
) -> Iterator[Fault]:
    """Empty cells of each core column that the source fills at all."""
    facts = record.facts
    is_panel = facts.clock in ("month", "quarter")
    judged = [one for one in known if one.quarter == quarter.label] if is_panel else list(known)
    judged = judged[-1:] if facts.clock == "year" else judged
    n_rows = sum(one.n_rows for one in judged)
    if not n_rows:
        return
    for column in core:
        if not any(one.filled.get(column, 0) for one in known):
            continue
        n_empty = n_rows - sum(one.filled[column] for one in judged)
        share = n_empty / n_rows
        name = SCHEMAS[facts.table].column(column).label
        text = Text(
            f"{record.label.zh}：“{name.zh}”有 {percent(share)} 为空",
            f"{record.label.en}: {name.en} is empty in {percent(share)} of the rows",
        )
        message = f"{facts.table}.{column} is empty in {n_empty:,} rows ({percent(share)})"
        yield Fault("completeness", "fill", column, share, 0.0, n_empty, text, message)


def _gaps(record: Record, quarter: Quarter, known: Sequence[PeriodFacts]) -> Iterator[Fault]:
    """The period of the quarter that lacks most, measured against those around it."""
    clock = record.facts.clock
    if clock not in ("month", "quarter") or not known:
        return
    by_period = {one.period: one for one in known}
    wanted = [day.isoformat() for day in quarter.months] if clock == "month" else [quarter.label]
    judged = [period for period in wanted if known[0].period <= period <= known[-1].period]
    held = {period: ratio for period in judged if (ratio := _held(by_period, period)) is not None}
    if not held:
        return
    least = min(held, key=lambda period: (held[period], period))
    share = max(0.0, 1 - held[least])
    text = Text(
        f"{record.label.zh}：{least} 的数据只有前后各期的 {percent(held[least])}",
        f"{record.label.en}: {least} holds {percent(held[least])} of what the periods around it do",
    )
    message = f"{record.facts.table} at {least} holds {percent(held[least])} of what the periods around it do"
    yield Fault("completeness", "period", "", share, 0.0, None, text, message)


def _held(by_period: dict[str, PeriodFacts], period: str) -> float | None:
    """Rows (or volume, where it fell further) of a period over the median of its neighbours, at most 1; None: no two.

    Volume is also set against the same month a year before, so that a holiday month is not taken for a gap.
    """
    around = [by_period[one] for one in _neighbours(period) if one in by_period]
    if len(around) < 2:
        return None
    here = by_period.get(period)
    if here is None:
        return 0.0
    usual_rows = median(one.n_rows for one in around)
    if usual_rows < _FEWEST:
        return 1.0
    ratios = [here.n_rows / usual_rows]
    volumes = [one.volume for one in around if one.volume]
    if here.volume is not None and volumes:
        year_ago = by_period.get(_shifted(period, -12))
        before = [year_ago.volume] if year_ago and year_ago.volume else []
        ratios.append(max(here.volume / usual for usual in (median(volumes), *before)))
    return 1.0 if min(ratios) >= _WHOLE else min(ratios)


def _neighbours(period: str) -> list[str]:
    steps = [step for step in range(-_REACH, _REACH + 1) if step]
    if "Q" in period:
        return [Quarter(period).shift(step).label for step in steps]
    return [_shifted(period, step) for step in steps]


def _shifted(period: str, months: int) -> str:
    return month_end(int(period[:4]), int(period[5:7]) + months).isoformat()


def _age(record: Record, quarter: Quarter, known: Sequence[PeriodFacts]) -> Iterator[Fault]:
    """By how many months a table ends before the quarter does, as a share of a year."""
    if not known or record.facts.clock == "none":
        return
    months = _months_behind(record.facts, quarter, known)
    if months is None:
        return
    last = known[-1].period
    text = Text(
        f"{record.label.zh}：只到 {last}，距应有日期差 {months} 个月",
        f"{record.label.en}: ends at {last}, {months} months short",
    )
    message = f"{record.facts.table} ends at {last}, {months} months short"
    yield Fault("timeliness", "lag", "", min(1.0, months / 12), 0.0, None, text, message)


def _months_behind(facts: TableFacts, quarter: Quarter, known: Sequence[PeriodFacts]) -> int | None:
    """Months between the last period and the one expected; None for records that come too seldom to tell."""
    last = known[-1].period
    match facts.clock:
        case "month":
            return 12 * (quarter.end.year - int(last[:4])) + quarter.end.month - int(last[5:7])
        case "quarter":
            return 3 * _index(quarter.label) - 3 * _index(last)
        case "year":
            expected = quarter.year - (1 if quarter.number >= _STATEMENTS_OUT else 2)
            return max(0, 12 * (expected - int(last)))
        case _:
            year = {one.label for one in quarter.trailing(5)[:-1]}
            usual = sum(one.n_rows for one in known if one.quarter in year) / 4
            has_now = any(one.quarter == quarter.label for one in known)
            return None if usual < _USUAL_RECORDS else 0 if has_now else 3


def _index(label: str) -> int:
    return 4 * int(label[:4]) + int(label[5])
