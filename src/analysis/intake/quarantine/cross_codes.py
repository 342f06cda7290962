"""Codes of clients that public standards do not allow: credit codes and industries."""

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.core.text import Text
from analysis.intake.checks import Check
from analysis.intake.identity.credit_code import is_credit_code_sql, normal_code_sql
from analysis.intake.quarantine.finding import Finding, has, tell
from analysis.intake.reference import load_reference

_CODE = Finding(
    "clients",
    "credit_code",
    "credit_code_digit",
    Text("统一社会信用代码的格式或校验码不符（GB 32100-2015）", "has not the form or check digit of GB 32100-2015"),
    "validity",
)
_EDITION = Finding(
    "clients",
    "industry_division",
    "industry_edition_2011",
    Text(
        "大类代码属于 GB/T 4754-2011，与 2017 年版门类不符",
        "is numbered as in GB/T 4754-2011: in the edition of 2017 it is of another section",
    ),
    "validity",
)
_SECTION = Finding(
    "clients",
    "industry_division",
    "industry_not_of_section",
    Text("大类不属于所填门类（GB/T 4754-2017）", "is no division of the section given (GB/T 4754-2017)"),
    "validity",
)

_DIVISIONS_2011 = {"O": (79, 81), "P": (82, 82), "Q": (83, 84), "R": (85, 89), "S": (90, 95), "T": (96, 96)}
"""Sections whose divisions the edition of 2017 moved up by one, with first and last division in 2011: 79 became
土地管理业 (N), and 居民服务 to 国际组织 went from 79-96 to 80-97. All other divisions kept their numbers."""


def credit_codes(connection: Any, tables: Mapping[str, str]) -> Iterator[Check]:
    """Clients whose credit code cannot be one."""
    clients = tables.get("clients", "")
    if not clients or not has(connection, clients, "credit_code"):
        return
    code = normal_code_sql("credit_code")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE wrong_codes AS SELECT credit_code FROM ("
        f" SELECT credit_code, {code} AS code FROM (SELECT DISTINCT credit_code FROM {clients}))"
        f" WHERE code IS NOT NULL AND NOT {is_credit_code_sql('code')}"
    )
    yield from tell(connection, _CODE, f"SELECT * FROM {clients} WHERE credit_code IN (FROM wrong_codes)")
    connection.execute("DROP TABLE wrong_codes")


def industries(connection: Any, tables: Mapping[str, str]) -> Iterator[Check]:
    """Clients whose division is of the edition of 2011, or of no edition; only where the section is a letter."""
    clients = tables.get("clients", "")
    if not clients or not has(connection, clients, "industry", "industry_division"):
        return
    now = _pairs((row["section"], row["division"]) for row in load_reference("gbt4754_2017_divisions.csv"))
    before = _pairs(
        (section, f"{division:02d}")
        for section, (first, last) in _DIVISIONS_2011.items()
        for division in range(first, last + 1)
    )
    pair = "(left(industry, 1) || left(industry_division, 2))"
    given = "regexp_full_match(industry, '[A-T]') AND regexp_full_match(industry_division, '[0-9]{2,4}')"
    wrong = f"SELECT * FROM {clients} WHERE {given} AND {pair} NOT IN ({now})"
    yield from tell(connection, _EDITION, f"{wrong} AND {pair} IN ({before})")
    yield from tell(connection, _SECTION, f"{wrong} AND {pair} NOT IN ({before})")


def _pairs(pairs: Iterator[tuple[str, str]]) -> str:
    return ", ".join(f"'{section}{division}'" for section, division in pairs)
