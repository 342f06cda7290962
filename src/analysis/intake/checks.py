"""What loading found out about the rows it was given: how many were read, kept and set aside, and what was wrong."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from analysis.core.errors import DataError
from analysis.core.text import Text
from analysis.intake.schemas import Action, Dimension

FOLLOWS = "orphan_of_set_aside"
"""Rule of a row that points to a row set aside, such as a balance of a client: no further defect."""


@dataclass(frozen=True, slots=True)
class TableCount:
    """Rows of one canonical table in one quarter: read = kept + set aside, for rows and for money.

    Parameters
    ----------
    quarter : label of the quarter the rows speak about, empty where they have no readable date
    money_read, money_kept, money_set_aside : sums over all money columns, in currency units
    """

    table: str
    quarter: str
    n_read: int
    n_kept: int
    n_set_aside: int
    money_read: Decimal = Decimal(0)
    money_kept: Decimal = Decimal(0)
    money_set_aside: Decimal = Decimal(0)


def added(counts: Iterable[TableCount], *, by_quarter: bool) -> tuple[TableCount, ...]:
    """One line a table and quarter, or a table, whatever number of files they came from; sorted."""
    sums: dict[tuple[str, str], TableCount] = {}
    for count in counts:
        key = (count.table, count.quarter if by_quarter else "")
        before = sums.get(key, TableCount(*key, 0, 0, 0))
        sums[key] = replace(
            before,
            n_read=before.n_read + count.n_read,
            n_kept=before.n_kept + count.n_kept,
            n_set_aside=before.n_set_aside + count.n_set_aside,
            money_read=before.money_read + count.money_read,
            money_kept=before.money_kept + count.money_kept,
            money_set_aside=before.money_set_aside + count.money_set_aside,
        )
    return tuple(sums[key] for key in sorted(sums))


@dataclass(frozen=True, slots=True)
class Check:
    """One rule broken by some rows of one file.

    Parameters
    ----------
    file : name below the source's folder, with `!sheet` for Excel; empty for a finding over the whole table
    rule : stable name, such as `type`, `required`, `allowed`, `range`, `duplicate_key`, `orphan`,
        `orphan_of_set_aside`, or a `Rule.name`
    action : set_aside (rows left out), flag (kept and counted), changed (values altered by a stated rule)
    money : currency units in the rows concerned; for `changed` the amount moved
    examples : up to five, `value (line 12)`; for identifiers and restricted columns `line 12` only
    quarter : of the rows, where all are of one
    """

    table: str
    file: str
    column: str
    rule: str
    label: Text
    dimension: Dimension
    action: Action | str
    n_rows: int
    money: Decimal = Decimal(0)
    examples: tuple[str, ...] = ()
    quarter: str = ""

    @property
    def told(self) -> str:
        """File, column, rule, count and examples in one line."""
        where = ", ".join(part for part in (self.file, f"{self.table}.{self.column}".strip(".")) if part)
        examples = f", for example {', '.join(self.examples[:_MAX_EXAMPLES])}" if self.examples else ""
        rows = f"{self.n_rows:,} row{'' if self.n_rows == 1 else 's'}"
        return f"{where} breaks {self.rule} ({self.label.en}) in {rows}{examples}"


_MAX_EXAMPLES = 5


class NoClientsError(DataError):
    """No row of the clients is left, so that nothing can be loaded; what was read and set aside is known all the same.

    Parameters
    ----------
    counts, checks : what was found in every table up to then
    """

    def __init__(
        self, message: str, *, hint: str, counts: tuple[TableCount, ...] = (), checks: tuple[Check, ...] = ()
    ) -> None:
        super().__init__(message, hint=hint)
        self.counts = counts
        self.checks = checks


def folded(checks: Iterable[Check]) -> tuple[Check, ...]:
    """The checks, with rows that follow from rows set aside told once a table and quarter, whatever files they are in.

    The lines stand in the file of rows set aside; an example here would look like a defect of its own.
    """
    found: dict[object, Check] = {}
    for number, check in enumerate(checks):
        follows = check.rule == FOLLOWS
        place = (check.table, check.column, check.label.en, check.quarter) if follows else number
        before = found.get(place)
        if before is not None:
            check = replace(before, n_rows=before.n_rows + check.n_rows, money=before.money + check.money)
        elif follows:
            check = replace(check, file="", examples=())
        found[place] = check
    return tuple(found.values())
