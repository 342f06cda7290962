"""SQL that reads a day, a month or a quarter as people write it. Forms that could mean two days are not read."""

from analysis.intake.mapping.numbers import let, plain

_YEAR = "([12][0-9]{3}|9999)"
"""9999 is how systems write that there is no end."""

_ISO = "(?:[12][0-9]{3}|9999)-[0-9]{2}-[0-9]{2}"
_RUN_ONLY = "(?:[12][0-9]{3}|9999)[0-9]{4}"
_TIME = r"(?:[ T]+[0-9]{1,2}:[0-9]{2}[0-9:.]*(?:Z|[+-][0-9:]+)?)?"
_DAY = rf"{_YEAR} *[-/.年] *([0-9]{{1,2}}) *[-/.月] *([0-9]{{1,2}}) *日?{_TIME}"
_RUN = rf"{_YEAR}([0-9]{{2}})([0-9]{{2}})(?:[0-9]{{6}})?{_TIME}"
_MONTH = rf"{_YEAR} *(?:[-/年] *(0?[1-9]|1[0-2])|(0[1-9]|1[0-2])) *(?:月|月份|月末)?"
_SERIAL = r"[1-9][0-9]{4}(?:\.[0-9]+)?"
_QUARTER = rf"{_YEAR} *年? *-? *(?:Q *([1-4])|第? *([1-4]) *季度?)"
_QUARTER_FIRST = rf"(?:Q *([1-4])|([1-4]) *Q) *-? *{_YEAR}"
_FIRST_SERIAL = 18264
"""1 January 1950: no client's date is earlier, and smaller numbers are more often counts."""

_DASHED = "\\1-\\2-\\3"
_WORDED = "[0-9]{1,2}[- ][A-Za-z]{3}[- ](?:[0-9]{2}|[0-9]{4})"
_WORD_FORMS = "['%d-%b-%y', '%d-%b-%Y', '%d %b %y', '%d %b %Y']"


def day(text: str, dates: str) -> str:
    """SQL: a date; `dates` is the strptime format that is declared, or empty for every usual form."""
    if dates:
        return f"CASE WHEN regexp_matches({text}, '[0-9]') THEN CAST(try_strptime({text}, '{dates}') AS DATE) END"
    return (
        f"CASE WHEN regexp_full_match({text}, '{_ISO}') THEN TRY_CAST({text} AS DATE)"
        f" WHEN nullif({text}, '') IS NULL THEN NULL"
        f" WHEN regexp_full_match({text}, '{_RUN_ONLY}') THEN CAST(try_strptime({text}, '%Y%m%d') AS DATE)"
        f" WHEN regexp_full_match({text}, '{_DAY}') THEN {_rewritten(text, _DAY, _DASHED)}"
        f" ELSE {let('d', plain(text), _any_day('d'))} END"
    )


def _rewritten(text: str, form: str, as_form: str) -> str:
    return f"TRY_CAST(regexp_replace({text}, '^{form}$', '{as_form}') AS DATE)"


def _any_day(text: str) -> str:
    serial = f"TRY_CAST(regexp_replace({text}, '\\..*$', '') AS INTEGER)"
    return (
        f"CASE WHEN regexp_full_match({text}, '{_DAY}') THEN {_rewritten(text, _DAY, _DASHED)}"
        f" WHEN regexp_full_match({text}, '{_RUN}') THEN {_rewritten(text, _RUN, _DASHED)}"
        f" WHEN regexp_full_match({text}, '{_SERIAL}')"
        f" THEN CASE WHEN {serial} >= {_FIRST_SERIAL} THEN DATE '1899-12-30' + {serial} END"
        f" WHEN regexp_full_match({text}, '{_WORDED}') THEN CAST(try_strptime({text}, {_WORD_FORMS}) AS DATE) END"
    )


def month_end(text: str, dates: str) -> str:
    """SQL: the last day of the month that a month or any of its days names."""
    if dates:
        return f"last_day({day(text, dates)})"
    wide = let("m", plain(text), f"CASE WHEN regexp_full_match(m, '{_MONTH}') THEN {_first_day('m')} END")
    return (
        f"last_day(CASE WHEN regexp_full_match({text}, '{_ISO}') THEN TRY_CAST({text} AS DATE)"
        f" WHEN regexp_full_match({text}, '{_MONTH}') THEN {_first_day(text)}"
        f" ELSE coalesce({day(text, '')}, {wide}) END)"
    )


def _first_day(text: str) -> str:
    return _rewritten(text, _MONTH, "\\1-\\2\\3-01")


def quarter(text: str, dates: str) -> str:
    """SQL: the label of the quarter that a quarter, a month or a day names."""
    named = f"upper(translate({plain(text)}, '一二三四', '1234'))"
    inside = month_end(text, dates)
    of_day = _label(inside)
    if dates:
        return of_day
    return (
        f"CASE WHEN regexp_full_match({text}, '{_YEAR}Q[1-4]') THEN {text}"
        f" WHEN regexp_full_match({text}, '{_ISO}') THEN {_label(f'TRY_CAST({text} AS DATE)')}"
        f" WHEN regexp_full_match({named}, '{_QUARTER}')"
        f" THEN regexp_replace({named}, '^{_QUARTER}$', '\\1Q\\2\\3')"
        f" WHEN regexp_full_match({named}, '{_QUARTER_FIRST}')"
        f" THEN regexp_replace({named}, '^{_QUARTER_FIRST}$', '\\3Q\\1\\2')"
        f" ELSE {of_day} END"
    )


def _label(day_sql: str) -> str:
    return f"year({day_sql}) || 'Q' || quarter({day_sql})"


def year(text: str) -> str:
    """SQL: the year of a business year or of any day in it."""
    named = plain(text)
    return (
        f"CASE WHEN regexp_full_match({named}, '{_YEAR}(?:\\.0)?(?:年|年度|年报)?')"
        f" THEN TRY_CAST(substr({named}, 1, 4) AS BIGINT) ELSE year({day(text, '')}) END"
    )
