"""Rows of several numbers of one client → one row a key, with every amount still there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.core.errors import AnalysisError
from analysis.core.text import Text
from analysis.intake.checks import Check
from analysis.intake.identity.aliases import MAX_EXAMPLES, rank_sql
from analysis.intake.identity.people import ADDRESS, COVER, PERSON
from analysis.intake.schemas import SCHEMAS, Column, TableSchema
from analysis.intake.validate import columns_of, quote

ADDED = ("positions", "transactions", "limits")
"""Tables whose amounts and counts belong to accounts: those of two numbers of one client add up."""
WEIGHT = "balance_avg"
"""What rates of positions are weighted by when two rows become one."""
_RULES: Mapping[tuple[str, str], str] = {
    ("clients", "relation_start"): "min({0})",  # the relation began with the first number
    ("clients", "has_basic_account"): "bool_or({0})",
    ("clients", "status"): (
        "CASE WHEN bool_or({0} = 'open') THEN 'open' WHEN bool_or({0} = 'dormant') THEN 'dormant' ELSE max({0}) END"
    ),
    ("consents", "granted"): "bool_and({0})",  # a refusal under one number is a refusal
    ("positions", "opened"): "min({0})",
    ("positions", "matures"): "max({0})",
    ("positions", "risk_level"): "max({0})",
}
"""Columns that follow from all rows of a client and not from the best one."""

_LONGEST = 20
"""Words of a list and numbers are shorter; longer text is prose, and prose holds names."""

_CONFLICT = Text(
    "同一客户的两条记录取值不同，按文件优先级与新旧取其一",
    "differs between two records of one client: the better file's, then the newer one's was taken",
)
_ROWS = Text("同一客户两个客户号的记录合并为一行", "two numbers of one client had a row each: now one row")


@dataclass(frozen=True, slots=True)
class _Merge:
    """One table in which rows of aliases become rows of the client."""

    connection: Any
    schema: TableSchema
    relation: str
    aliases: str
    columns: tuple[str, ...]
    moved: str

    @property
    def keys(self) -> str:
        return ", ".join(quote(name) for name in self.schema.key)

    @property
    def is_added(self) -> bool:
        return self.schema.name in ADDED

    @property
    def given(self) -> list[Column]:
        """Columns of the contract that are there and not of the key."""
        return [c for c in self.schema.columns if c.name in self.columns and c.name not in self.schema.key]


def merge_rows(connection: Any, table: str, relation: str, aliases: str, *, priority: Sequence[str]) -> Iterator[Check]:
    """Rewrite client numbers of one table in place and make one row of those that then share a key.

    Parameters
    ----------
    aliases : DuckDB table `alias, client_id`
    priority : patterns of file names, best first

    Raises
    ------
    AnalysisError : an amount of a table that adds up changed, which is a fault of the program
    """
    schema = SCHEMAS[table]
    present = columns_of(connection, relation)
    for column in schema.columns:
        if column.entity == "client" and column.name in present and column.name not in schema.key:
            name = quote(column.name)
            connection.execute(
                f"UPDATE {relation} AS t SET {name} = a.client_id FROM {aliases} AS a WHERE t.{name} = a.alias"
            )
    if "client_id" in schema.key and all(name in present for name in schema.key):
        merge = _Merge(connection, schema, relation, aliases, tuple(present), "moved_rows")
        _take_out(merge, priority)
        yield from _conflicts(merge)
        yield from _joined(merge)
        _put_back(merge)


def _take_out(merge: _Merge, priority: Sequence[str]) -> None:
    """Move the rows of the clients concerned aside, numbered from the best record to the worst."""
    ids = f"SELECT alias FROM {merge.aliases} UNION SELECT client_id FROM {merge.aliases}"
    has_place = "_file" in merge.columns
    place = f"{rank_sql('_file', priority)}, _line DESC, _file DESC, " if has_place else ""
    others = ", ".join(f"t.{quote(name)}" for name in merge.columns if name != "client_id")
    merge.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {merge.moved} AS SELECT coalesce(a.client_id, t.client_id) AS client_id,"
        f" row_number() OVER (ORDER BY {place}t.client_id) AS _order{', ' + others if others else ''}"
        f" FROM {merge.relation} AS t LEFT JOIN {merge.aliases} AS a ON t.client_id = a.alias"
        f" WHERE t.client_id IN ({ids})"
    )
    merge.connection.execute(f"DELETE FROM {merge.relation} WHERE client_id IN ({ids})")


def _put_back(merge: _Merge) -> None:
    before = _sums(merge, merge.moved)
    values = [f"{_value(merge, column)} AS {quote(column.name)}" for column in merge.given]
    values += [f"arg_min({name}, _order) AS {name}" for name in ("_file", "_line") if name in merge.columns]
    merge.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE one_row_a_key AS SELECT {', '.join((merge.keys, *values))}"
        f" FROM {merge.moved} GROUP BY {merge.keys}"
    )
    after = _sums(merge, "one_row_a_key")
    if merge.is_added and before != after:
        raise AnalysisError(f"Joining client numbers changed the amounts of {merge.schema.name}.", hint="Report this.")
    merge.connection.execute(f"INSERT INTO {merge.relation} BY NAME SELECT * FROM one_row_a_key")


def _sums(merge: _Merge, relation: str) -> tuple[Any, ...]:
    sums = [f"sum({quote(column.name)})" for column in merge.given if column.dtype == "money"]
    found: tuple[Any, ...] = merge.connection.execute(f"SELECT {', '.join(['1', *sums])} FROM {relation}").fetchone()
    return found


def _value(merge: _Merge, column: Column) -> str:
    """SQL: one value out of those of all rows of a key."""
    name = quote(column.name)
    rule = _RULES.get((merge.schema.name, column.name))
    if rule:
        return rule.format(name)
    if merge.is_added and column.dtype == "money":
        return f"sum({name})::DECIMAL(18,2)"
    if merge.is_added and column.dtype == "int":
        return f"sum({name})::BIGINT"
    if merge.is_added and column.dtype == "float" and WEIGHT in merge.columns:
        weight = f"CASE WHEN {name} IS NOT NULL THEN abs({WEIGHT})::DOUBLE END"
        return f"coalesce(sum({name} * {weight}) / nullif(sum({weight}), 0), arg_min({name}, _order))"
    return f"arg_min({name}, _order)"


def _chosen(merge: _Merge) -> list[Column]:
    """Columns of which one value is taken and the others are given up."""
    adds = ("money", "int", "float") if merge.is_added else ()
    return [c for c in merge.given if c.dtype not in adds and c.sensitivity != "restricted"]


def _conflicts(merge: _Merge) -> Iterator[Check]:
    """Values that were given up, a line a column: how many rows, how much money, up to five examples."""
    for column in _chosen(merge):
        name = quote(column.name)
        kept = f"SELECT {merge.keys}, {_value(merge, column)} AS _kept FROM {merge.moved} GROUP BY {merge.keys}"
        lost = f"{merge.moved} JOIN ({kept}) USING ({merge.keys}) WHERE {name} IS NOT NULL AND {name} <> _kept"
        money = f"coalesce(sum(abs({name} - _kept)), 0)" if column.dtype == "money" else "0"
        n_rows, amount = merge.connection.execute(f"SELECT count(*), {money}::DECIMAL(38,2) FROM {lost}").fetchone()
        if n_rows:
            examples = _examples(merge, column, lost)
            yield Check(
                merge.schema.name,
                "",
                column.name,
                "client_conflict",
                _CONFLICT,
                "consistency",
                "changed",
                n_rows,
                amount,
                examples,
            )


def _examples(merge: _Merge, column: Column, lost: str) -> tuple[str, ...]:
    if "_line" not in merge.columns:
        return ()
    value = f"{quote(column.name)}::VARCHAR"
    personal = f"length({value}) > {_LONGEST} OR regexp_matches({value}, '{ADDRESS}')"
    shown = f"CASE WHEN {personal} OR regexp_full_match({value}, '{PERSON}') THEN '{COVER}' ELSE {value} END"
    place = "_file || ' line ' || _line"
    text = place if column.sensitivity == "identifier" else f"{shown} || ' (' || {place} || ')'"
    rows = merge.connection.execute(f"SELECT {text} FROM {lost} ORDER BY _file, _line LIMIT {MAX_EXAMPLES}").fetchall()
    return tuple(row[0] for row in rows)


def _joined(merge: _Merge) -> Iterator[Check]:
    """How many rows went into others; money only where it was given up and not added."""
    n_rows, n_keys = merge.connection.execute(
        f"SELECT (SELECT count(*) FROM {merge.moved}), (SELECT count(*) FROM (SELECT DISTINCT {merge.keys}"
        f" FROM {merge.moved}))"
    ).fetchone()
    if n_rows > n_keys:
        yield Check(merge.schema.name, "", "client_id", "alias_rows", _ROWS, "uniqueness", "changed", n_rows - n_keys)
