"""The rows kept, the rows set aside with their text, and what was wrong."""

from collections.abc import Iterator
from typing import Any

from analysis.core.text import Text
from analysis.intake.checks import Check
from analysis.intake.quarantine.account import first_parts
from analysis.intake.quarantine.marks import Marks
from analysis.intake.quarantine.nouns import RowRule
from analysis.intake.quarantine.show import is_private, open_headers, raw_text, rejected_text, shown, sources
from analysis.intake.quarantine.stage import MARKS, Stage
from analysis.intake.schemas import SCHEMAS
from analysis.intake.validate import literal, quote

_MAX_EXAMPLES = 5
_BATCH = 1000
"""Rows inserted by one statement; values go in as quoted text, since a bound parameter makes DuckDB import pandas."""

_REJECTED = {
    "ragged": Text("单元格数与表头不符", "has not as many cells as the header"),
    "unclosed_quote": Text("引号未闭合", "has a quote that is not closed"),
    "total_row": Text("合计或制表行，不是记录", "is a total or a signature, not a record"),
    # entries judged in a database, where they are summed (sources/entries.py)
    "required": Text("必填项为空", "is required and empty"),
    "unknown_code": Text("代码未知", "is a code that is not known"),
    "range": Text("超出取值范围", "is outside its range"),
    "duplicate_key": Text("流水号重复", "names the same entry more than once"),
}
_UNSPLIT = Text("无法拆分为单元格", "could not be split into cells")


def write_aside(stage: Stage, marks: Marks) -> tuple[str, str]:
    """The rows set aside: with their values for the account (no table where there are none), and as text for people."""
    aside, set_aside = stage.relation("aside"), stage.relation("set_aside")
    stage.connection.execute(
        f"CREATE OR REPLACE TABLE {set_aside}"
        ' ("table" VARCHAR, "file" VARCHAR, "line" BIGINT, "rule" VARCHAR, "column" VARCHAR,'
        ' "raw" VARCHAR, n_rules INTEGER)'
    )
    for number in first_parts(stage):
        _add_rejected(stage, number, set_aside)
    if not stage.has(marks.table):
        return "", set_aside
    _with_codes(stage, marks, marks.table, aside)
    for number in range(len(stage.parts)):
        _add_rows(stage, marks, number, aside, set_aside)
    return aside, set_aside


def _with_codes(stage: Stage, marks: Marks, marked: str, name: str) -> None:
    """The marked rows with their typed values, and of each part the cells as given."""
    run = stage.connection.execute
    columns = ", ".join((*(quote(column) for column in stage.given), *MARKS[:2], "_part", "_row", "code", "n_rules"))
    run(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {columns} FROM {marks.pulled} JOIN {marked} USING (_row)")
    rest = f"(SELECT * FROM {marked} ANTI JOIN {marks.pulled} USING (_row))"
    if run(f"SELECT 1 FROM {rest} LIMIT 1").fetchone() is not None:
        run(f"INSERT INTO {name} SELECT {columns} FROM {stage.view} JOIN {rest} USING (_row)")
    for number, part in enumerate(stage.parts):
        headers = ", ".join((*(quote(header) for header in open_headers(stage.schema, part)), "_line"))
        run(
            f"CREATE OR REPLACE TEMP TABLE {name}_{number} AS SELECT {headers} FROM {part.raw.relation}"
            f" WHERE _line IN (SELECT _line FROM {name} WHERE _part = {number})"
        )


def write_left(stage: Stage, aside: str) -> str:
    """The values that other tables point to in the rows set aside, as a table; no name where there are none."""
    targets = {
        reference.target
        for schema in SCHEMAS.values()
        for reference in schema.references
        if reference.table == stage.schema.name and reference.target in stage.given
    }
    if not aside or not targets:
        return ""
    left = stage.relation("left")
    columns = ", ".join(quote(name) for name in sorted(targets))
    stage.connection.execute(f"CREATE OR REPLACE TABLE {left} AS SELECT DISTINCT {columns} FROM {aside}")
    return left


def write_clean(stage: Stage, marks: Marks) -> str:
    """The rows kept, as a table. The mapped relations are used up: a single one becomes the table, without a copy."""
    clean = stage.relation("clean")
    stage.connection.execute(f"DROP TABLE IF EXISTS {clean}")
    if len(stage.parts) > 1:
        columns = ", ".join(quote(name) for name in (*stage.given, "_file", "_line"))
        stage.connection.execute(f"CREATE TABLE {clean} AS SELECT {columns} FROM {marks.others}")
        for part in stage.parts:
            stage.connection.execute(f"DROP TABLE {part.relation}")
        return clean
    mapped = stage.parts[0].relation
    stage.connection.execute(f"DELETE FROM {mapped} WHERE rowid IN (SELECT _row FROM {marks.table})")
    for name in MARKS[2:]:
        stage.connection.execute(f"ALTER TABLE {mapped} DROP COLUMN {name}")
    stage.connection.execute(f"ALTER TABLE {mapped} RENAME TO {clean}")
    return clean


def _add_rows(stage: Stage, marks: Marks, number: int, aside: str, set_aside: str) -> None:
    rules = _cases(marks, lambda rule: rule.name)
    columns = _cases(marks, lambda rule: rule.column)
    text = raw_text(stage.schema, stage.parts[number], "given")
    stage.connection.execute(
        f"INSERT INTO {set_aside} SELECT '{stage.schema.name}', _file, _line, {rules}, {columns}, {text}, n_rules"
        f" FROM {aside} JOIN {aside}_{number} AS given USING (_line) WHERE _part = {number} ORDER BY _line"
    )


def _cases(marks: Marks, word: Any) -> str:
    words = ", ".join(f"'{word(rule)}'" for rule in marks.rules)
    return f"([{words}])[code + 1]"


def _add_rejected(stage: Stage, number: int, set_aside: str) -> None:
    part = stage.parts[number]
    if not part.raw.n_rejected:
        return
    rows = stage.connection.execute(f"SELECT line, raw, rule FROM {part.raw.rejected} ORDER BY line").fetchall()
    name, file = literal(stage.schema.name), literal(part.raw.file)
    values = [
        f"({name}, {file}, {line}, {literal(rule)}, '', {literal(rejected_text(stage.schema, part, raw))}, 1)"
        for line, raw, rule in rows
    ]
    for start in range(0, len(values), _BATCH):
        stage.connection.execute(f"INSERT INTO {set_aside} VALUES {', '.join(values[start : start + _BATCH])}")


def checks_of(stage: Stage, marks: Marks, aside: str, set_aside: str) -> Iterator[Check]:
    """What was wrong, a line a file, rule and column: lines that are no record first, then in order of the rules."""
    yield from _rejected_checks(stage, set_aside)
    if aside:
        yield from _row_checks(stage, marks, aside, "set_aside")
    if stage.has(marks.flags):
        flagged = stage.relation("kept_but_flagged")
        _with_codes(stage, marks, marks.flags, flagged)
        yield from _row_checks(stage, marks, flagged, "flag")


def _rejected_checks(stage: Stage, set_aside: str) -> Iterator[Check]:
    names = [stage.parts[number].raw.file for number in first_parts(stage) if stage.parts[number].raw.n_rejected]
    for name in names:
        found = stage.connection.execute(
            f'SELECT "rule", count(*), list("line" ORDER BY "line")[:{_MAX_EXAMPLES}] FROM {set_aside}'
            f' WHERE "file" = {literal(name)} AND "column" = \'\' GROUP BY "rule" ORDER BY min("line")'
        ).fetchall()
        for rule, n_rows, lines in found:
            examples = tuple(f"line {line}" for line in lines)
            label = _REJECTED.get(rule, _UNSPLIT)
            yield Check(stage.schema.name, name, "", rule, label, "validity", "set_aside", n_rows, examples=examples)


def _row_checks(stage: Stage, marks: Marks, relation: str, action: str) -> Iterator[Check]:
    money = " + ".join(("0::DECIMAL(38,2)", *(f"coalesce(sum({quote(name)}), 0)" for name in stage.money)))
    quarter = _quarter(stage, quote(stage.period) if stage.period else "NULL")
    found = stage.connection.execute(
        f"SELECT _part, min(_file), code, count(*), {money}, min({quarter}), max({quarter}), count({quarter})"
        f" FROM {relation} GROUP BY _part, code ORDER BY _part, code"
    ).fetchall()
    for number, file, code, n_rows, amount, first, last, n_dated in found:
        rule = marks.rules[code]
        examples = _examples(stage, relation, number, code, rule)
        yield Check(
            stage.schema.name,
            file,
            rule.column,
            rule.name,
            rule.label,
            rule.dimension,
            action,
            n_rows,
            amount,
            examples,
            first if first == last and n_dated == n_rows else "",
        )


def _quarter(stage: Stage, period: str) -> str:
    if stage.period in ("month", "start"):
        return f"year({period}) || 'Q' || quarter({period})"
    return f"{period} || 'Q4'" if stage.period == "year" else f"{period}::VARCHAR"


def _examples(stage: Stage, relation: str, number: int, code: int, rule: RowRule) -> tuple[str, ...]:
    """Up to five rows, each with another value; only the line where the value may not be shown."""
    part = stage.parts[number]
    column = stage.schema.column(rule.column)
    header = sources(stage.schema, part).get(rule.column)
    line = "'line ' || min(a._line)"
    where = f"WHERE a._part = {number} AND a.code = {code}"
    is_given = header is not None or rule.column in stage.given  # a rule may be broken by another of its columns
    if is_private(column) or rule.name in ("required", "duplicate_row") or not is_given:
        query = f"SELECT 'line ' || a._line FROM {relation} AS a {where} ORDER BY a._line LIMIT {_MAX_EXAMPLES}"
    else:
        value = shown(f"given.{quote(header)}" if header else f"a.{quote(rule.column)}", column)
        query = (
            f"SELECT {value} || ' (' || {line} || ')' FROM {relation} AS a JOIN {relation}_{number} AS given"
            f" USING (_line) {where} GROUP BY {value} ORDER BY min(a._line) LIMIT {_MAX_EXAMPLES}"
        )
    return tuple(row[0] for row in stage.connection.execute(query).fetchall())
