"""What is not there: empty cells, periods that hold less than those around them, tables that end too early."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from analysis.core.quarter import Quarter, month_end
from analysis.core.text import Text
from analysis.intake.quality.facts import PeriodFacts, TableFacts
from analysis.intake.quality.fault import Fault, percent
from analysis.intake.schemas import SCHEMAS

_REACH = 3
"""Periods either side that one is compared with: their median passes over one bad neighbour, and three months do not
yet span a season."""
_FEWEST = 20
"""Rows a period usually has, below which a few rows more or less say nothing about a gap (one in five is 4 of 20)."""
_WHOLE = 0.95
"""A period with this part of its usual rows counts as whole: months of the demo bank differ by up to 2 %, half a
month missing leaves about 50 %."""
_USUAL_RECORDS = 20
"""Records a quarter, on average over a year, from which a quarter without any means an old extract: were they to come
independently, none at all would happen once in 5e8 quarters; with 5 it would be once in 150."""
_USUALLY_FILLED = 0.05
"""A column filled this rarely holds special cases (a group number, a date of closing): their number may well halve."""
_STATEMENTS_OUT = 3
"""Quarter from which last year's statements are expected: due by 30 April, then entered."""
_QUARTER_ENDS = ("03", "06", "09", "12")


def empty_cells(facts: TableFacts, quarter: Quarter, core: Sequence[str]) -> Iterator[Fault]:
    """Empty cells of each important column, and of others those that were filled in earlier quarters.

    A column that is empty throughout was not supplied, which is no fault of the data.
    """
    known = facts.until(quarter)
    judged = _judged(facts, quarter, known)
    n_rows = sum(one.n_rows for one in judged)
    if not n_rows:
        return
    before = [one for one in known if one not in judged] if facts.clock in ("month", "quarter") else []
    for column in judged[0].filled:
        n_filled = sum(one.filled[column] for one in judged)
        if column in core and any(one.filled[column] for one in known):
            yield _empty(facts.table, column, n_rows - n_filled, n_rows)
        elif before:
            usual = n_rows * sum(one.filled[column] for one in before) / sum(one.n_rows for one in before)
            if usual > _USUALLY_FILLED * n_rows and n_filled < _WHOLE * usual:
                yield _empty(facts.table, column, round(usual) - n_filled, n_rows, _THAN_BEFORE)


def _judged(facts: TableFacts, quarter: Quarter, known: Sequence[PeriodFacts]) -> list[PeriodFacts]:
    """The periods whose cells count: those of the quarter, the last year of statements, all records."""
    if facts.clock in ("month", "quarter"):
        return [one for one in known if one.quarter == quarter.label]
    return list(known[-1:]) if facts.clock == "year" else list(known)


def _empty(table: str, column: str, n_empty: int, n_rows: int, more: Text | None = None) -> Fault:
    share = n_empty / n_rows
    label, name, more = SCHEMAS[table].label, SCHEMAS[table].column(column).label, more or Text("", "")
    text = Text(
        f"{label.zh}：“{name.zh}”{more.zh or '有'} {percent(share)} 为空",
        f"{label.en}: {name.en} is empty in {percent(share)} of the rows{more.en}",
    )
    message = f"{table}.{column} is empty in {n_empty:,} rows{more.en} ({percent(share)})"
    return Fault("completeness", "fill", column, share, 0.0, n_empty, text, message)


_THAN_BEFORE = Text("比以往各季多", " more than in earlier quarters")


def gaps(facts: TableFacts, quarter: Quarter) -> Iterator[Fault]:
    """The period of the quarter that lacks most, measured against those around it.

    Tables with nothing but quarter-ends are compared by quarter.
    """
    known = facts.until(quarter)
    if facts.clock not in ("month", "quarter") or not known:
        return
    by_period = {one.period: one for one in known}
    step = 3 if all(one.period[5:7] in _QUARTER_ENDS for one in known) else 1
    months = [day.isoformat() for day in quarter.months[step - 1 :]]
    wanted = months if facts.clock == "month" else [quarter.label]
    ratios = {one: _held(by_period, one, step) for one in wanted if one <= known[-1].period}
    held = {period: ratio for period, ratio in ratios.items() if ratio is not None}
    if not held:
        return
    least = min(held, key=lambda period: (held[period], period))
    label = SCHEMAS[facts.table].label
    text = Text(
        f"{label.zh}：{least} 的数据只有前后各期的 {percent(held[least])}",
        f"{label.en}: {least} holds {percent(held[least])} of what the periods around it do",
    )
    message = f"{facts.table} at {least} holds {percent(held[least])} of what the periods around it do"
    yield Fault("completeness", "period", "", 1 - held[least], 0.0, None, text, message)


def _held(by_period: Mapping[str, PeriodFacts], period: str, step: int) -> float | None:
    """Rows (or volume, where it fell further) of a period over the median of its neighbours, at most 1.

    None where there are not two neighbours. Volume is also set against the same month a year before, so that a holiday
    month is not taken for a gap.
    """
    around = [by_period[one] for one in _neighbours(period, step) if one in by_period]
    if len(around) < 2:
        return None
    usual_rows = median(one.n_rows for one in around)
    if usual_rows < _FEWEST:
        return 1.0
    here = by_period.get(period)
    if here is None:
        return 0.0
    ratios = [here.n_rows / usual_rows]
    volumes = [one.volume for one in around if one.volume]
    if here.volume is not None and volumes:
        year_ago = by_period.get(_shifted(period, -12))
        before = [year_ago.volume] if year_ago and year_ago.volume else []
        ratios.append(max(here.volume / usual for usual in (median(volumes), *before)))
    return 1.0 if min(ratios) >= _WHOLE else min(ratios)


def _neighbours(period: str, step: int) -> list[str]:
    steps = [k for k in range(-_REACH, _REACH + 1) if k]
    if "Q" in period:
        return [Quarter(period).shift(k).label for k in steps]
    return [_shifted(period, k * step) for k in steps]


def _shifted(period: str, months: int) -> str:
    return month_end(int(period[:4]), int(period[5:7]) + months).isoformat()


def age(facts: TableFacts, quarter: Quarter) -> Iterator[Fault]:
    """By how many months a table ends before the quarter does, as a share of a year."""
    known = facts.until(quarter)
    months = _months_behind(facts, quarter, known) if known else None
    if months is None:
        return
    last, label = known[-1].period, SCHEMAS[facts.table].label
    word = "month" if months == 1 else "months"
    text = Text(
        f"{label.zh}：只到 {last}，距应有日期差 {months} 个月", f"{label.en}: ends at {last}, {months} {word} short"
    )
    message = f"{facts.table} ends at {last}, {months} {word} short"
    yield Fault("timeliness", "lag", "", min(1.0, months / 12), 0.0, None, text, message)


def _months_behind(facts: TableFacts, quarter: Quarter, known: Sequence[PeriodFacts]) -> int | None:
    """Months between the last period and the one expected; None for records that come too seldom to tell."""
    last = known[-1].period
    match facts.clock:
        case "month":
            return 12 * (quarter.end.year - int(last[:4])) + quarter.end.month - int(last[5:7])
        case "quarter" if len(facts.periods) == 1 and facts.table == "clients":
            return None  # written once, a client's row is in force until the next one
        case "quarter":
            return 3 * _index(quarter.label) - 3 * _index(last)
        case "year":
            expected = quarter.year - (1 if quarter.number >= _STATEMENTS_OUT else 2)
            return max(0, 12 * (expected - int(last)))
        case "record":
            year = {one.label for one in quarter.trailing(5)[:-1]}
            usual = sum(one.n_rows for one in known if one.quarter in year) / 4
            has_now = any(one.quarter == quarter.label for one in known)
            return None if usual < _USUAL_RECORDS else 0 if has_now else 3
        case _:
            return None


def _index(label: str) -> int:
    return 4 * int(label[:4]) + int(label[5])
