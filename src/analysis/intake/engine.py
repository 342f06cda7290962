"""A portfolio on any engine that Ibis reaches: the same tables, measures and features as on DuckDB."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from analysis.intake.portfolio import Portfolio, as_of_sql
from analysis.intake.schemas import SCHEMAS
from analysis.intake.validate import quote

if TYPE_CHECKING:
    import ibis
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class EnginePortfolio(Portfolio):
    """A portfolio whose canonical tables lie in another engine; it sums where they lie, and only sums come back.

    Parameters
    ----------
    backend : an Ibis backend that has the canonical tables by their names; nothing is written to it
    """

    backend: Any = None

    @cached_property
    def connection(self) -> Any:
        """The Ibis backend that holds the tables."""
        return self.backend

    def table(self, name: str) -> "ibis.Table":
        """A canonical table, lazy, holding only what was known at the quarter's end."""
        self.has(name)
        stored = self.backend.table(name)
        columns, condition = as_of_sql(name, self.quarter, is_last=self.quarter == self.last_quarter)
        # The schema is told, else Ibis makes a view to learn it, which a read-only session may not.
        known = stored if columns == "*" else stored[[column.name for column in SCHEMAS[name].columns]]
        query = f"SELECT {columns} FROM {quote(name)} WHERE {condition}"
        return self.backend.sql(query, schema=known.schema())

    def to_frame(self, expression: Any) -> "pd.DataFrame":
        """An Ibis expression on these tables as a frame: money as float64, words as str, dates as datetime64."""
        import duckdb

        with duckdb.connect(config={"threads": 1}) as local:
            local.register("fetched", fetch(self.backend, expression))
            frame: pd.DataFrame = local.execute("SELECT * FROM fetched").df()
        wordless = [name for name in frame.columns if frame[name].dtype.kind == "O" and frame[name].isna().all()]
        return frame.astype(dict.fromkeys(wordless, "str"))

    @cached_property
    def register(self) -> "pd.DataFrame":
        """Every client known by the quarter's end, closed ones too, with its latest row and its size class."""
        import ibis

        from analysis.intake.sizes import add_size

        clients = self.table("clients")
        newest = ibis.row_number().over(group_by="client_id", order_by=ibis.desc("quarter"))
        latest = clients.mutate(age=newest).filter(ibis._.age == 0).drop("age", "quarter")
        frame = self.to_frame(latest).sort_values("client_id", ignore_index=True)
        frame.insert(1, "quarter", self.quarter.label)
        return add_size(frame, industry_scheme=self.industry_scheme, policy=self.policy)


def fetch(backend: Any, expression: Any) -> "pa.Table":
    """The rows of an Ibis expression, computed by its engine."""
    import pyarrow as pa

    reader = backend.to_pyarrow_batches(expression, chunk_size=50_000)
    return pa.Table.from_batches(reader, schema=expression.as_table().schema().to_pyarrow())
