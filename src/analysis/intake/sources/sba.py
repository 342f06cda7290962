"""US small-firm loans with final outcome: what `data/mappings/sba.toml` cannot say of their dates.

Years have two digits, and of a loan paid in full the file has no date. Everything else is the mapping's.
"""

from dataclasses import replace
from typing import Any

from analysis.core.provenance import Cleaning
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.reading import RawTable
from analysis.intake.source import Options, Prepared, Source
from analysis.intake.sources import published
from analysis.intake.validate import quote

_PIVOT = 14
"""Two-digit years up to this one lie in 20xx, later ones in 19xx: the data end in 2014."""
_NEEDED = frozenset({"ApprovalDate", "ChgOffDate", "Term", "MIS_Status", "ChgOffPrinGr"})


def prepare(source: Source, data: str | None, options: Options, quarter: Quarter | None) -> Prepared:
    """The published file found and hashed; its outcomes are dated when it is read."""
    last = Quarter(published.mapping_of(source.name).last_quarter)
    return published.prepare(
        source, data, options, quarter, derive=lambda connection, raw: date_outcomes(connection, raw, last)
    )


def date_outcomes(connection: Any, raw: RawTable, last: Quarter) -> published.Derived:
    """The rows with full dates, and in ChgOffDate the day from which the outcome is known.

    A charge-off is known from its date, without a usable one from the end of the data; a loan paid in full from the
    end of its term, at the latest from the end of the data. A file without these columns is left for the mapping to
    refuse.
    """
    if not set(raw.columns) >= _NEEDED:
        return raw, ()
    dated = f"{raw.relation}_dated"
    end = f"DATE '{last.end.isoformat()}'"
    is_usable = "_charged_off >= _approved"
    connection.execute(
        f"CREATE TABLE {quote(dated)} AS SELECT *,"
        f" CASE trim(MIS_Status) WHEN 'CHGOFF' THEN CASE WHEN {is_usable} THEN _charged_off ELSE {end} END"
        f" WHEN 'P I F' THEN least(coalesce(CAST(_approved + to_months(_term) AS DATE), {end}), {end}) END AS _known"
        f" FROM (SELECT *, {_day('ApprovalDate')} AS _approved, {_day('ChgOffDate')} AS _charged_off,"
        f" nullif(TRY_CAST(trim(Term) AS INTEGER), 0) AS _term FROM {quote(raw.relation)})"
    )
    notes = tuple(
        Cleaning("loans", column, rule, n_rows)
        for column, rule, condition in _NOTES
        if (n_rows := connection.execute(f"SELECT count(*) FROM {quote(dated)} WHERE {condition}").fetchone()[0])
    )
    connection.execute(
        f"CREATE OR REPLACE TABLE {quote(dated)} AS SELECT * EXCLUDE (_approved, _charged_off, _term, _known)"
        " REPLACE (coalesce(_approved::VARCHAR, ApprovalDate) AS ApprovalDate, _known::VARCHAR AS ChgOffDate)"
        f" FROM {quote(dated)}"
    )
    return replace(raw, relation=dated), notes


def _day(column: str) -> str:
    """SQL: a day written 28-Feb-97 or 2/28/1997."""
    text = f"trim({column})"
    century = f"CASE WHEN right({text}, 2)::INTEGER <= {_PIVOT} THEN '20' ELSE '19' END"
    return (
        f"CASE WHEN regexp_full_match({text}, '[0-9]{{1,2}}-[A-Za-z]{{3}}-[0-9]{{2}}')"
        f" THEN try_strptime(left({text}, -2) || {century} || right({text}, 2), '%d-%b-%Y')::DATE"
        f" ELSE try_strptime({text}, '%m/%d/%Y')::DATE END"
    )


_NOTES = (
    # column, rule, condition on the dated rows
    (
        "outcome_date",
        Text(
            "核销日缺失或早于批准日，按数据末季已知处理",
            "charged off without a usable date: known from the last quarter on",
        ),
        "trim(MIS_Status) = 'CHGOFF' AND (_charged_off >= _approved) IS NOT TRUE",
    ),
    (
        "outcome_date",
        Text(
            "结清贷款无结清日：以到期日（期限未知时以数据末季）为已知日，故较早季度的核销率偏高",
            "paid in full has no date: known from the end of the term, at the latest from the last quarter; charge-off"
            " rates at earlier quarters are therefore too high",
        ),
        "trim(MIS_Status) = 'P I F'",
    ),
    (
        "charged_off",
        Text(
            "最终并非核销的贷款带有核销本金，不计入", "principal charged off on a loan that did not end so: not counted"
        ),
        "coalesce(trim(MIS_Status), '') <> 'CHGOFF'"
        " AND TRY_CAST(regexp_replace(ChgOffPrinGr, '[$, ]', '', 'g') AS DECIMAL(18,2)) > 0",
    ),
)
