"""What one study hands to another: a few tables keyed by client and quarter, checked once where they are made.

Studies never import each other; they take these tables as arguments, and the notebook is where they meet.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.core.errors import DataError
from analysis.core.quarter import Quarter
from analysis.core.text import Text

if TYPE_CHECKING:
    import pandas as pd

VALUE_COLUMNS = ("contribution", "potential", "potential_group", "lifetime_value")


@dataclass(frozen=True)
class Values:
    """What each client is worth: now, later, and over the whole relation.

    Parameters
    ----------
    table : index client_id, without repeats; columns `contribution` (money of the quarter), `potential` (0 to 1),
        `potential_group` (high, middle, low), `lifetime_value` (money); NaN or None where a client has none
    basis : what `contribution` is in this source: contribution, or income where cost or funds price is absent
    version : of the rules that made the numbers, a content key
    """

    quarter: Quarter
    table: "pd.DataFrame"
    basis: Text
    version: str

    def __post_init__(self) -> None:
        missing = [name for name in VALUE_COLUMNS if name not in self.table.columns]
        if missing or self.table.index.name != "client_id":
            raise DataError(
                f"The table of client values lacks {', '.join(missing) or 'its index client_id'}.",
                hint=f"It is keyed by client_id and has the columns {', '.join(VALUE_COLUMNS)}.",
            )
        if not self.table.index.is_unique:
            twice = self.table.index[self.table.index.duplicated()].unique()
            raise DataError(
                f"{len(twice)} clients stand twice in the table of client values.", hint="Give one row a client."
            )
