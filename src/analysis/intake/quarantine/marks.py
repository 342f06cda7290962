"""Which rows break which rule. A row is marked once, by the first rule it breaks; later rules only see the others."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from analysis.core.text import Text
from analysis.intake.checks import FOLLOWS
from analysis.intake.quarantine.nouns import RowRule
from analysis.intake.quarantine.rules import row_rules
from analysis.intake.quarantine.stage import MARKS, Stage
from analysis.intake.schemas import SCHEMAS
from analysis.intake.validate import quote

_SAME_ROW = Text("与另一行完全相同", "is the same row once more")
_SAME_KEY = Text("主键重复，保留优先或最后一行", "has the key of another row, of which the preferred or last is kept")
_ORPHAN = Text("在{}保留的行中找不到", "does not occur in the rows kept of {}")
_FOLLOWS = Text(
    "所属的{}行已被剔除，随之剔除，本身并无错误",
    "belongs to a row of {} that was set aside: left out with it, no fault of its own",
)


class Marks:
    """Rows marked so far, in a DuckDB table `_row, code, n_rules`; a code is the place of a rule in `rules`.

    Looking is done in two steps: a quick look at every row finds the suspects, whose values are then pulled together
    (`pulled`) and judged one by one.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.rules: list[RowRule] = []
        self.table = stage.relation("marked")
        self.flags = stage.relation("flagged")
        self.pulled = stage.relation("pulled")
        for name in (self.table, self.flags):
            stage.connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {name} (_row BIGINT, code INTEGER, n_rules INTEGER)"
            )

    def code(self, rule: RowRule) -> int:
        """The number of a rule."""
        self.rules.append(rule)
        return len(self.rules) - 1

    def add(self, query: str) -> None:
        """Mark the rows of a query of `_row, code, n_rules`."""
        self.stage.connection.execute(f"INSERT INTO {self.table} {query}")

    @property
    def others(self) -> str:
        """Rows not marked yet, as something to select from."""
        return (
            f"(SELECT * FROM {self.stage.view} ANTI JOIN {self.table} USING (_row))" if self._any else self.stage.view
        )

    @property
    def _any(self) -> bool:
        return self.stage.connection.execute(f"SELECT 1 FROM {self.table} LIMIT 1").fetchone() is not None


def mark_all(
    stage: Stage, *, references: Mapping[str, str], as_of: date | None, left: Mapping[str, Sequence[str]]
) -> Marks:
    """Every row that breaks a rule, and every row that is only flagged."""
    marks = Marks(stage)
    judged = [stage.schema.column(name) for name in stage.judged]
    rules = row_rules(judged, as_of, dated=stage.schema.dated)
    _pull_suspects(marks, rules)
    if stage.has(marks.pulled):
        _mark_rows(marks, rules)
        _mark_duplicates(marks)
    _mark_schema_rules(marks)
    _mark_orphans(marks, references, left)
    if stage.has(marks.flags):
        stage.connection.execute(f"DELETE FROM {marks.flags} WHERE _row IN (SELECT _row FROM {marks.table})")
    return marks


def _pull_suspects(marks: Marks, rules: Sequence[RowRule]) -> None:
    """All values of the rows that break a rule by themselves or may share their key."""
    stage = marks.stage
    suspects = stage.relation("suspects")
    quick = [f"({rule.broken})" for rule in rules if rule.name not in ("type", "unknown_code")]
    where = " OR ".join(("len(_unreadable) > 0", "len(_unknown) > 0", *quick))
    stage.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {suspects} AS SELECT _row, _unreadable, _unknown FROM {stage.view} WHERE {where}"
    )
    sharing = _sharing_hash(stage)
    if sharing:
        rows = f"unnest(string_split('{','.join(map(str, sharing))}', ',')::BIGINT[])"
        stage.connection.execute(
            f"INSERT INTO {suspects} (_row) SELECT * FROM (SELECT {rows} AS _row) ANTI JOIN {suspects} USING (_row)"
        )
    columns = ", ".join(f"given.{quote(name)}" for name in (*stage.judged, *MARKS[:3], "_part", "_row"))
    stage.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {marks.pulled} AS SELECT {columns}, suspect._unreadable, suspect._unknown"
        f" FROM {stage.view} AS given JOIN {suspects} AS suspect ON given._row = suspect._row"
    )


def _sharing_hash(stage: Stage) -> list[int]:
    """Rows whose key has the hash of another row's key.

    Sorting the hashes as an array takes a third of the time of counting each key in SQL, at 24 bytes a row.
    """
    if not stage.schema.key:
        return []
    keys = ", ".join(quote(name) for name in stage.schema.key)
    found = stage.connection.execute(f"SELECT _row, hash({keys}) AS h FROM {stage.view}").fetchnumpy()
    hashes = np.sort(found["h"])
    doubled = hashes[1:][hashes[1:] == hashes[:-1]]
    if not len(doubled):
        return []
    nearest = doubled[np.searchsorted(doubled[:-1], found["h"])]
    rows: list[int] = found["_row"][nearest == found["h"]].tolist()
    return rows


def _mark_rows(marks: Marks, rules: Sequence[RowRule]) -> None:
    """Rules that one row breaks by itself."""
    first = " ".join(f"WHEN {rule.broken} THEN {marks.code(rule)}" for rule in rules)
    number = " + ".join(f"coalesce({rule.broken}, false)::INTEGER" for rule in rules)
    marks.add(
        f"SELECT * FROM (SELECT _row, CASE {first} END AS code, {number} FROM {marks.pulled}) WHERE code IS NOT NULL"
    )


def _mark_duplicates(marks: Marks) -> None:
    """Of equal rows the first stays; of rows with one key that of the best file, there the last."""
    stage = marks.stage
    if not stage.schema.key:
        return
    keys = ", ".join(quote(name) for name in stage.schema.key)
    column = stage.schema.key[0]
    same_row = marks.code(RowRule("duplicate_row", column, _SAME_ROW, "uniqueness", ""))
    same_key = marks.code(RowRule("duplicate_key", column, _SAME_KEY, "uniqueness", ""))
    cells = ", ".join(quote(name) for name in stage.given)
    marks.add(
        f"""WITH numbered AS (
            SELECT *, row_number() OVER (PARTITION BY {cells} ORDER BY _priority, _part, _line) AS _nth,
                max(row(-_priority, _part, _line)) OVER (PARTITION BY {cells}) AS _place
            FROM {marks.pulled} ANTI JOIN {marks.table} USING (_row)
        ), ranked AS (
            SELECT *, row_number() OVER (PARTITION BY {keys} ORDER BY (_nth > 1), _place DESC) AS _rank FROM numbered
        ) SELECT _row, CASE WHEN _nth > 1 THEN {same_row} ELSE {same_key} END, 1 FROM ranked WHERE _rank > 1"""
    )


def _mark_schema_rules(marks: Marks) -> None:
    """Rules across columns and rows that the table declares."""
    stage = marks.stage
    if not stage.schema.rules:
        return
    found = stage.relation("broken")
    codes = {}
    for n, rule in enumerate(stage.schema.rules):
        codes[n] = marks.code(RowRule(rule.name, rule.column, rule.label, rule.dimension, rule.broken, rule.action))
    values = ", ".join(f"({rule.broken}) AS _b{n}" for n, rule in enumerate(stage.schema.rules))
    any_broken = " OR ".join(f"_b{n}" for n in codes)
    stage.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {found} AS SELECT * FROM (SELECT _row, {values} FROM {marks.others})"
        f" WHERE {any_broken}"
    )
    if not stage.has(found):
        return
    aside = {n: code for n, code in codes.items() if stage.schema.rules[n].action == "set_aside"}
    if aside:
        first = " ".join(f"WHEN _b{n} THEN {code}" for n, code in aside.items())
        number = " + ".join(f"coalesce(_b{n}, false)::INTEGER" for n in aside)
        marks.add(
            f"SELECT * FROM (SELECT _row, CASE {first} END AS code, {number} FROM {found}) WHERE code IS NOT NULL"
        )
    for n, code in codes.items():
        if n not in aside:
            stage.connection.execute(f"INSERT INTO {marks.flags} SELECT _row, {code}, 1 FROM {found} WHERE _b{n}")


def _mark_orphans(marks: Marks, references: Mapping[str, str], left: Mapping[str, Sequence[str]]) -> None:
    """Rows that point to something that was not kept: first what was given and set aside, then what nobody gave."""
    for reference in marks.stage.schema.references:
        if reference.table not in references or reference.column not in marks.stage.given:
            continue
        value, target = quote(reference.column), quote(reference.target)
        known = f"SELECT DISTINCT {target} AS _target FROM {references[reference.table]}"
        for name, label, relations in (
            (FOLLOWS, _FOLLOWS, left.get(reference.table, ())),
            ("orphan", _ORPHAN, None),
        ):
            if relations is not None and not relations:
                continue
            named = SCHEMAS[reference.table].label.zh
            words = Text(label.zh.format(f"“{named}”"), label.en.format(reference.table))
            code = marks.code(RowRule(name, reference.column, words, "consistency", ""))
            given = f"{marks.others} AS given"
            if relations:
                lost = " UNION ".join(f"SELECT {target} AS _target FROM {relation}" for relation in relations)
                given += f" SEMI JOIN ({lost}) AS lost ON given.{value} = lost._target"
            marks.add(
                f"SELECT _row, {code}, 1 FROM {given} ANTI JOIN ({known}) AS known"
                f" ON given.{value} = known._target WHERE given.{value} IS NOT NULL"
            )
