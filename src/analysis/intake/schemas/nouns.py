"""What a table of the data contract is made of: columns, rules, references.

This is a plain table of our own and not pandera: it has to carry labels in two languages, unit and sensitivity, and be
checked in SQL on tables larger than memory (docs/decisions/schema-language.md).
"""

from dataclasses import dataclass
from typing import Literal

from analysis.core.text import Text

Dtype = Literal["text", "int", "float", "money", "bool", "date", "quarter"]
Sensitivity = Literal["public", "internal", "prose", "post", "identifier", "restricted"]
"""internal: words and codes of the bank's own lists, numbers, dates · prose: sentences; stored with people, phones and
firms covered · post: whose task it is; a department or post is stored, a person as a pseudonym · identifier: numbers of
clients, loans, people; stored as pseudonyms · restricted: names, codes and talk; never stored"""
Dimension = Literal["completeness", "validity", "uniqueness", "consistency", "timeliness"]
Action = Literal["set_aside", "flag"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a canonical table.

    Parameters
    ----------
    unit : of the stored number; money is in the portfolio's currency, rates are fractions a year
    allowed : the only values a text may have, or none for free text
    low, high : the closed range a number must lie in
    required : must be there and never empty
    meaning : what the number is, where the label does not say it all
    aliases : other names a bank's extract may use for it, Chinese or English
    entity : whose number an identifier is (client, loan, staff, group); equal numbers get equal pseudonyms
    known_from : the column with the day from which the value is known, where it is filled in later than the row; a day
        that is itself filled in later names itself. As of a quarter before that day the cell is empty, a yes is no
    """

    name: str
    dtype: Dtype
    label: Text
    unit: str = ""
    required: bool = False
    allowed: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    sensitivity: Sensitivity = "internal"
    meaning: Text | None = None
    aliases: tuple[str, ...] = ()
    entity: str = ""
    known_from: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule across the columns of a table (or its earlier rows), beyond what each column says by itself.

    Parameters
    ----------
    column : the column a message names
    broken : SQL over the table's typed columns, true where the rule is broken, NULL where it cannot be judged;
        may use window functions
    action : set_aside leaves the row out; flag keeps and counts it
    """

    name: str
    column: str
    label: Text
    broken: str
    action: Action = "set_aside"
    dimension: Dimension = "consistency"


@dataclass(frozen=True, slots=True)
class Reference:
    """Values of `column` must occur in `table.target`; a row whose value does not is an orphan and is set aside."""

    column: str
    table: str
    target: str


@dataclass(frozen=True, slots=True)
class TableSchema:
    """One canonical table: its grain, its key, its columns and the rules across them.

    Parameters
    ----------
    aliases : names of files or database tables that may hold it
    dated : the day a record came about, where no month, quarter or year says when; rows after the quarter are not used
    noticed : the day it was found out, where that may be later than the day it came about; not used before either
    """

    name: str
    label: Text
    grain: Text
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    required: bool = False
    rules: tuple[Rule, ...] = ()
    references: tuple[Reference, ...] = ()
    aliases: tuple[str, ...] = ()
    dated: str = ""
    noticed: str = ""

    def __hash__(self) -> int:
        """By name alone: a table is a key of many caches, and the hash of all its columns takes 100 times as long."""
        return hash(self.name)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def has_late_columns(self) -> bool:
        """Whether some cells are filled in later than their row."""
        return any(column.known_from for column in self.columns)
