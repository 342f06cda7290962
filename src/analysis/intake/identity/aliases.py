"""Which client numbers are one client: those that carry the same unified social credit code."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.core.text import Text
from analysis.intake.checks import Check
from analysis.intake.identity.credit_code import is_credit_code_sql, normal_code_sql
from analysis.intake.validate import columns_of, literal

MOST_NUMBERS = 10
"""One code under more client numbers than this is a stand-in (the bank's own, a parent's for all its subsidiaries) and
joins nobody: a firm with several numbers has two or three, after a merger of branches five or six. Revisit when a
bank's own alias list says otherwise."""
MAX_EXAMPLES = 5

_ALIAS = Text(
    "与另一客户号的统一社会信用代码相同，已并为一个客户",
    "has the credit code of another client number: both are now one client",
)
_STAND_IN = Text(
    f"超过{MOST_NUMBERS}个客户号使用同一代码，视为占位，未合并",
    f"is shared by more than {MOST_NUMBERS} client numbers: taken for a stand-in, nobody was joined",
)
_OTHER_NAME = Text(
    "与并入的客户名称不同，请核对是否同一单位",
    "differs from that of the client it was joined with: see whether they are one firm",
)


@dataclass(frozen=True, slots=True)
class Aliases:
    """Numbers that gave way to another.

    Parameters
    ----------
    relation : DuckDB table `alias, client_id`: a number that gave way, and the one that stays
    """

    relation: str
    n_aliases: int
    checks: tuple[Check, ...]


def rank_sql(files: str, priority: Sequence[str]) -> str:
    """SQL: place of a file in the declared order, from 0; a file that is not named comes after all that are.

    A pattern may leave out the quarter's folder and the sheet.
    """
    whens = "".join(
        f" WHEN {files} GLOB {literal(pattern)} OR {_bare(files)} GLOB {literal(pattern)} THEN {place}"
        for place, pattern in enumerate(priority)
    )
    return f"CASE{whens} ELSE {len(priority)} END" if whens else "0"


def _bare(files: str) -> str:
    return f"regexp_replace(regexp_replace({files}, '^[0-9]{{4}}Q[1-4]/', ''), '![^!]*$', '')"


def find_aliases(connection: Any, clients: str, *, priority: Sequence[str]) -> Aliases:
    """Numbers of `clients` that share a valid code with another, by the latest code each has.

    Which number stays: the one from the file that comes first in `priority`, then the one with the earliest start of
    relation, then the smallest.
    """
    given = columns_of(connection, clients)
    name = "client_aliases"
    if "credit_code" not in given:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} (alias VARCHAR, client_id VARCHAR)")
        return Aliases(name, 0, ())
    rank = rank_sql("_file", priority) if "_file" in given else "0"
    start = "min(relation_start)" if "relation_start" in given else "NULL"
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE client_codes AS"
        f" SELECT client_id, arg_max({normal_code_sql('credit_code')}, last) AS code FROM ("
        f" SELECT client_id, credit_code, max(quarter) AS last FROM {clients} WHERE credit_code IS NOT NULL"
        " GROUP BY client_id, credit_code) GROUP BY client_id"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE shared_codes AS SELECT code, count(*) AS n FROM client_codes"
        f" GROUP BY code HAVING count(*) > 1 AND {is_credit_code_sql('code')}"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM (SELECT client_id AS alias,"
        " first_value(client_id) OVER (PARTITION BY code ORDER BY place, start NULLS LAST, client_id) AS client_id"
        f" FROM (SELECT client_id, min({rank}) AS place, {start} AS start FROM {clients} GROUP BY client_id)"
        f" JOIN client_codes USING (client_id) JOIN shared_codes USING (code) WHERE n <= {MOST_NUMBERS})"
        " WHERE alias <> client_id"
    )
    n_aliases = connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
    return Aliases(name, n_aliases, tuple(_checks(connection, clients, name, given)))


def _checks(connection: Any, clients: str, aliases: str, given: Sequence[str] | dict[str, str]) -> Iterator[Check]:
    joined = f"{clients} AS c JOIN {aliases} AS a ON c.client_id = a.alias"
    yield from _check(connection, joined, given, "credit_code", "alias", _ALIAS, "changed")
    stand_ins = (
        f"{clients} AS c JOIN client_codes AS k USING (client_id)"
        f" JOIN shared_codes AS s ON k.code = s.code AND s.n > {MOST_NUMBERS}"
    )
    yield from _check(connection, stand_ins, given, "credit_code", "shared_credit_code", _STAND_IN, "flag")
    if "name" in given:
        names = f"SELECT client_id, arg_max({_plain('name')}, quarter) AS plain FROM {clients} GROUP BY client_id"
        differing = (
            f"{joined} JOIN ({names}) AS x ON x.client_id = a.alias JOIN ({names}) AS y ON y.client_id = a.client_id"
            " AND x.plain <> y.plain"
        )
        yield from _check(connection, differing, given, "name", "alias_name", _OTHER_NAME, "flag")


def _plain(name: str) -> str:
    """SQL: a name without spaces, brackets and points, in capitals."""
    return rf"upper(regexp_replace({name}, '[\s\x{{3000}}()（）.·,，-]', '', 'g'))"


def _check(
    connection: Any,
    rows: str,
    given: Sequence[str] | dict[str, str],
    column: str,
    rule: str,
    label: Text,
    action: str,
) -> Iterator[Check]:
    """One check a file, with the lines of its first rows; codes and names are never shown."""
    file, line = ("c._file", "c._line") if "_file" in given else ("''", "NULL::BIGINT")
    found = connection.execute(
        f"SELECT {file}, count(*), list({line} ORDER BY {line})[:{MAX_EXAMPLES}] FROM {rows} GROUP BY 1 ORDER BY 1"
    ).fetchall()
    for name, n_rows, lines in found:
        examples = tuple(f"line {number}" for number in lines if number is not None)
        yield Check("clients", name, column, rule, label, "uniqueness", action, n_rows, examples=examples)
