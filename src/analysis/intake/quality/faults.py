"""What is wrong with one table in one quarter, as shares: the rules its rows broke, and what is not there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.checks import FOLLOWS, Check, TableCount
from analysis.intake.quality.facts import TableFacts
from analysis.intake.quality.fault import Fault, percent
from analysis.intake.quality.gaps import age, empty_cells, gaps
from analysis.intake.quality.verdict import DIMENSION_LABELS, DIMENSIONS
from analysis.intake.schemas import SCHEMAS, Dimension


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
    if not record.facts.until(quarter) and not any(count.n_read for count in record.counts):
        return ()
    return (
        *(_broken_rules(record, quarter, dimension) for dimension in DIMENSIONS if dimension != "timeliness"),
        *_late_rows(record, quarter),
        *empty_cells(record.facts, quarter, core),
        *gaps(record.facts, quarter),
        *age(record.facts, quarter),
    )


def _broken_rules(record: Record, quarter: Quarter, dimension: Dimension) -> Fault:
    """Rows that broke a rule, those set aside and those kept, as a share of the rows read."""
    checks = [c for c in record.checks if c.dimension == dimension and c.action != "changed"]
    shares = [(_share(record, quarter, check), check) for check in checks]
    concerned = [(share, check) for share, check in shares if share[0] > 0]
    if not concerned:
        return Fault(dimension, dimension, "", 0.0, 0.0, 0, Text("", ""), "")
    share, money = _together(concerned)
    stops = _together([one for one in concerned if one[1].action == "set_aside" and one[1].rule != FOLLOWS])
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
    return Fault(dimension, dimension, first.column, share, money, n_rows, text, _message(largest, share), stops)


def _together(concerned: Sequence[tuple[tuple[float, float], Check]]) -> tuple[float, float]:
    """Shares of rows and of money of several checks, at most all."""
    return (
        min(1.0, sum(rows for (rows, _), _ in concerned)),
        min(1.0, sum(amount for (_, amount), _ in concerned)),
    )


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
    named = [check.told for _, check in concerned[:_MAX_NAMED]]
    more = len(concerned) - _MAX_NAMED
    rest = f" and {more} more" if more > 0 else ""
    return f"{' / '.join(named)}{rest}; together {percent(share)} of the rows"
