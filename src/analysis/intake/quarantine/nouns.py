"""What a split is given and gives back."""

from dataclasses import dataclass

from analysis.core.text import Text
from analysis.intake.checks import Check, TableCount
from analysis.intake.mapping import FileMapping
from analysis.intake.reading import RawTable
from analysis.intake.schemas import Action, Dimension


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one file, mapped to one canonical table.

    Parameters
    ----------
    relation : DuckDB table that `mapping.map_rows` made: canonical columns, `_file`, `_line`, `_priority`,
        `_unreadable`, `_unknown`
    raw : the rows as given
    mapping : how the one became the other; without it only cells under canonical headers are ever shown
    """

    relation: str
    raw: RawTable
    mapping: FileMapping | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """The rows of one canonical table, each either kept or set aside once.

    Parameters
    ----------
    clean : DuckDB table of the canonical columns that were given, `_file` and `_line`
    set_aside : DuckDB table `table, file, line, rule, column, raw, n_rules`; `raw` shows no name, number or
        column that is not mapped
    checks : what was wrong, a line a file, rule and column
    counts : rows and money read, kept and set aside, a line a quarter
    left : DuckDB table of what other tables point to (such as client numbers) in the rows set aside; empty where
        nothing points here or no row was set aside
    """

    clean: str
    set_aside: str
    checks: tuple[Check, ...]
    counts: tuple[TableCount, ...]
    left: str = ""


@dataclass(frozen=True, slots=True)
class RowRule:
    """A rule that one row breaks or keeps.

    Parameters
    ----------
    broken : SQL over the staged rows, true where the rule is broken
    """

    name: str
    column: str
    label: Text
    dimension: Dimension
    broken: str
    action: Action = "set_aside"
