"""The data of one source as of one quarter-end: what every study starts from. Nothing later than that day is in it."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.core.errors import DataError, ParameterError
from analysis.core.provenance import Provenance, digest
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.core.units import Currency
from analysis.intake.memory import duckdb_settings
from analysis.intake.policy import Policy
from analysis.intake.schemas import SCHEMAS, Column, TableSchema
from analysis.intake.suggest import nearest

if TYPE_CHECKING:
    import ibis
    import pandas as pd

    from analysis.intake.identity.matches import ClientMatches
    from analysis.intake.quality import Quality


@dataclass(frozen=True, eq=False)
class Portfolio:
    """A source's data at one as-of date.

    Parameters
    ----------
    folder : where the canonical tables lie, each a file `<table>.parquet` or a folder `<table>/` of such files
    tables : names of the tables the source has
    industry_scheme : which codes `clients.industry` holds: `gbt4754` or `naics`
    first_quarter, last_quarter : the quarters the source can speak about
    size_rule : by which rule `size_class` is set, in the reader's words
    tables_key : content key of the tables, from the source's inputs, options and code
    quality : how good the data are, judged by policy when they were loaded
    matches_at_load : how the tables join to the clients as of the last quarter, counted when they were loaded
    """

    quarter: Quarter
    currency: Currency
    provenance: Provenance
    policy: Policy = field(repr=False)
    folder: Path = field(repr=False)
    tables: tuple[str, ...]
    industry_scheme: str
    first_quarter: Quarter
    last_quarter: Quarter
    size_rule: Text
    tables_key: str
    quality: "Quality | None" = field(default=None, repr=False)
    matches_at_load: "ClientMatches | None" = field(default=None, repr=False)

    def __post_init__(self) -> None:
        check_span(self.quarter, self.first_quarter, self.last_quarter, self.provenance.source)

    @property
    def key(self) -> str:
        """A short key of everything the portfolio rests on: tables, quarter and policy."""
        return digest((self.tables_key, self.quarter, self.policy.sha256))

    @property
    def previous(self) -> "Portfolio":
        """The same data as of the previous quarter."""
        return self.at(self.quarter.previous)

    def at(self, quarter: Quarter | str) -> "Portfolio":
        """The same data as of another quarter."""
        return replace(self, quarter=quarter if isinstance(quarter, Quarter) else Quarter(quarter))

    def has(self, name: str) -> bool:
        """Whether the source has this canonical table."""
        _schema(name)
        return name in self.tables

    def table(self, name: str) -> "ibis.Table":
        """A canonical table, lazy, holding only what was known at the quarter's end.

        Months and quarters after it are left out; so are loans and records that start later, yearly statements of the
        quarter's own year, which nobody has yet, and in earlier rows what was filled in later, such as the outcome of a
        loan or the day on which a need was met (`known_from` in the contract).
        """
        schema = _schema(name)
        if name not in self.tables:
            raise DataError(
                f"The source {self.provenance.source} has no table {name} ({schema.label.en}).",
                hint=f"It has {', '.join(self.tables)}. Ask has({name!r}) first.",
            )
        return self.connection.table(name)

    @cached_property
    def connection(self) -> Any:
        """The Ibis backend (DuckDB, capped on demand; one thread: sums are the same every time) with a view a table."""
        import ibis

        connection = ibis.duckdb.connect(**duckdb_settings())
        for name in self.tables:
            known = known_sql(self.folder, name, self.quarter, is_last=self.quarter == self.last_quarter)
            connection.raw_sql(f"CREATE VIEW {name} AS {known}")
        return connection

    @cached_property
    def matches(self) -> "ClientMatches":
        """How each table joins to the clients, and how many clients have every kind of core data."""
        from analysis.intake.identity.matches import match_tables

        counted = self.matches_at_load
        if counted is not None and counted.quarter == self.quarter.label:
            return counted
        return match_tables(self.connection.con, {name: name for name in self.tables}, self.quarter.label)

    @property
    def set_aside(self) -> "pd.DataFrame":
        """The rows that loading left out: table, file, line, rule, column and the text without names and numbers."""
        return self._beside("set_aside")

    @property
    def restatements(self) -> "pd.DataFrame":
        """Earlier values that a later delivery changed, and rows that came late: before, after and which delivery."""
        return self._beside("restatements")

    def _beside(self, name: str) -> "pd.DataFrame":
        import pandas as pd

        path = self.folder / f"{name}.parquet"
        return pd.read_parquet(path) if path.is_file() else pd.DataFrame()

    def to_frame(self, expression: Any) -> "pd.DataFrame":
        """An Ibis expression on these tables as a frame: money as float64, words as str, dates as datetime64."""
        return self._frame(self.connection.compile(expression))

    def _frame(self, sql: str) -> "pd.DataFrame":
        frame: pd.DataFrame = self.connection.con.execute(sql).df()
        wordless = [name for name in frame.columns if frame[name].dtype.kind == "O" and frame[name].isna().all()]
        return frame.astype(dict.fromkeys(wordless, "str"))  # a column without a single word comes as object

    @cached_property
    def register(self) -> "pd.DataFrame":
        """Every client known by the quarter's end, closed ones too, with its latest row and its size class.

        `quarter` is the portfolio's; `size_class` is L, M, S, X, I or missing, then `size_reason` says why.
        """
        from analysis.intake.sizes import add_size

        columns = ", ".join(c.name for c in SCHEMAS["clients"].columns if c.name != "quarter")
        latest = self._frame(
            f"SELECT {columns} FROM clients"
            " QUALIFY row_number() OVER (PARTITION BY client_id ORDER BY quarter DESC) = 1 ORDER BY client_id"
        )
        latest.insert(1, "quarter", self.quarter.label)
        return add_size(latest, industry_scheme=self.industry_scheme, policy=self.policy)

    @cached_property
    def clients(self) -> "pd.DataFrame":
        """The clients at the quarter's end: the register without those whose account is closed."""
        is_closed = (self.register["status"] == "closed").fillna(value=False)
        return self.register[~is_closed].reset_index(drop=True)


def _schema(name: str) -> TableSchema:
    if name not in SCHEMAS:
        raise ParameterError(f"There is no canonical table {name!r}.", hint=nearest(name, SCHEMAS))
    return SCHEMAS[name]


def check_span(quarter: Quarter, first: Quarter, last: Quarter, source: str) -> None:
    """Refuse a quarter the source knows nothing about."""
    if not first <= quarter <= last:
        raise DataError(
            f"The source {source} has no data for {quarter}.",
            hint=f"Its first quarter is {first}, its last {last}.",
        )


def stored_at(folder: Path, name: str) -> Path | None:
    """The file or the folder of files that holds a table, or none."""
    return next((path for path in (folder / f"{name}.parquet", folder / name) if path.exists()), None)


def parquet_sql(folder: Path, name: str) -> str:
    """The SQL that reads a stored table."""
    path = stored_at(folder, name)
    if path is None:
        raise DataError(f"The stored table {name} is gone.", hint="Delete data/cache and run again.")
    pattern = path / "*.parquet" if path.is_dir() else path
    return "read_parquet('" + str(pattern).replace("'", "''") + "')"


def known_sql(folder: Path, name: str, quarter: Quarter, *, is_last: bool) -> str:
    """SQL that reads of a stored table what was known at a quarter's end."""
    columns, condition = as_of_sql(name, quarter, is_last=is_last)
    return f"SELECT {columns} FROM {parquet_sql(folder, name)} WHERE {condition}"


def as_of_sql(name: str, quarter: Quarter, *, is_last: bool) -> tuple[str, str]:
    """Columns and condition of the view of a table at a quarter's end.

    Parameters
    ----------
    is_last : whether this is the source's last quarter; then values whose day nobody wrote down count as known
    """
    schema = SCHEMAS[name]
    day = f"DATE '{quarter.end.isoformat()}'"
    columns = ", ".join(_known_sql(column, day, is_last=is_last) for column in schema.columns)
    return columns if schema.has_late_columns else "*", _row_sql(schema, quarter, day)


def _known_sql(column: Column, day: str, *, is_last: bool) -> str:
    """SQL of a column: empty (a yes: no) until the day from which it is known."""
    since, name = column.known_from, column.name
    if not since:
        return name
    known = f"{since} <= {day}" + (f" OR {since} IS NULL" if is_last and since != name else "")
    otherwise = f" WHEN {name} THEN false ELSE {name}" if column.dtype == "bool" else ""
    return f"CASE WHEN {known} THEN {name}{otherwise} END AS {name}"


def _row_sql(schema: TableSchema, quarter: Quarter, day: str) -> str:
    """SQL that says whether a row was known."""
    names = [column.name for column in schema.columns]
    if "month" in names:
        return f"month <= {day}"
    if "quarter" in names:
        return f"quarter <= '{quarter.label}'"
    if "year" in names:
        return f"year < {quarter.year}"
    came_about = schema.dated or ("start" if "start" in names else "")
    days = [name for name in (came_about, schema.noticed) if name]
    return " AND ".join(f"({name} <= {day} OR {name} IS NULL)" for name in days) or "true"
