"""US small-firm loans with final outcome (Small Business Administration, 7(a) loans): one borrower a loan.

The published file carries no borrower number, so each loan is its own client. Names, towns and postal codes are never
read. A client has one row in `clients`, at the quarter its loan was approved, in force from then on: the file does not
say when a relation ended. What each quarter may know is set by dates: a charge-off by its date; a loan paid in full,
for which the file has no date, by the end of its term, at the latest by the end of the data.
"""

import csv
import gzip
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TextIO

from analysis.core.errors import DataError
from analysis.core.provenance import Cleaning, Input, sha256_of
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.reference import load_reference, project_root
from analysis.intake.source import Extract, Options, Prepared, refuse_options
from analysis.intake.suggest import did_you_mean

_BESIDE_REPOSITORY = ("shared", "data", "sba_national", "sba_national_dev.csv.gz")
_ENDINGS = (".csv", ".csv.gz")


@cache
def mapping() -> dict[str, Any]:
    """The mapping file: columns, codes and where the data are published."""
    path = project_root() / "data" / "mappings" / "sba_reader.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def prepare(data: str | None, options: Options, quarter: Quarter | None = None) -> Prepared:  # noqa: ARG001 - all history is made
    """The file found, its columns checked and its hash taken."""
    refuse_options("sba", options)
    path = find_file(data)
    check_columns(path)
    sha256 = sha256_of(path)
    return Prepared((path.name, sha256), lambda folder: write_tables(path, sha256, folder))


def find_file(data: str | None) -> Path:
    """The file given as DATA (or the only one in that folder), else the one staged beside the repository."""
    if not data:
        staged = project_root().parent.joinpath(*_BESIDE_REPOSITORY)
        if staged.is_file():
            return staged
        raise DataError("The source sba needs the published file, and none was given.", hint=_where_published())
    path = Path(data).expanduser()
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.name.endswith(_ENDINGS))
        if len(files) != 1:
            names = f": {', '.join(file.name for file in files[:5])}" if files else ""
            raise DataError(
                f"The folder {path.name} holds {len(files)} csv files{names}.", hint="Name one file in DATA."
            )
        return files[0]
    if not path.is_file():
        raise DataError(f"The file {path.name} given as DATA does not exist.", hint=_where_published())
    return path


def _where_published() -> str:
    source = mapping()["source"]
    return f"It is {source['file']}, published with {source['published']}. Fetch it there and write DATA=path."


def check_columns(path: Path) -> None:
    """Refuse a file without the columns the mapping reads, naming the nearest ones it has."""
    try:
        with _open_text(path) as handle:
            header = [name.strip() for name in next(csv.reader(handle), [])]
    except (OSError, UnicodeDecodeError, EOFError, csv.Error) as error:
        raise DataError(f"The file {path.name} cannot be read as csv.", hint=_where_published()) from error
    missing = [name for name in mapping()["columns"] if name not in header]
    if missing:
        words = "; ".join(f"{name}{did_you_mean(name, header)}" for name in missing)
        many = f"{len(missing)} columns" if len(missing) > 1 else "a column"
        raise DataError(
            f"The file {path.name} lacks {many} of the SBA loans: {words}.",
            hint=_where_published(),
        )


def _open_text(path: Path) -> TextIO:
    if path.name.endswith(".gz"):
        return gzip.open(path, "rt", encoding="latin-1", newline="")
    return path.open(encoding="latin-1", newline="")


def write_tables(path: Path, sha256: str, folder: Path) -> Extract:
    """Write `clients` and `loans` and tell what was done to the file's rows."""
    import duckdb

    with duckdb.connect(config={"threads": 1}) as connection:
        try:
            n_rows = _read(connection, path)
        except (duckdb.Error, OSError, EOFError) as error:
            cause = str(error).splitlines()[0].replace(str(path), path.name)
            raise DataError(
                f"The file {path.name} cannot be read to its end: {cause}.", hint="Fetch it again; it may be cut off."
            ) from error
        _clean(connection)
        _check_usable(connection, path.name, n_rows)
        first, last = _span(connection)
        for name, query in (("clients", _CLIENTS), ("loans", _LOANS)):
            target = str(folder / f"{name}.parquet").replace("'", "''")
            query = query.format(last=last.end.isoformat())
            connection.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet)")
        cleaning = _cleaning(connection)
    source = mapping()["source"]
    known = mapping()["known_sha256"].get(sha256)
    parameters: dict[str, object] = {"published": source["published"], "licence": source["licence"]}
    parameters["file"] = known or "not one of the files this project was checked with"
    if not known:
        rule = Text(
            "文件与本项目核对过的版本不同，列名一致，已接受",
            "not a file this project was checked with; accepted, as its columns are right",
        )
        cleaning = (Cleaning("loans", "*", rule, n_rows), *cleaning)
    return Extract(first, last, (Input(path.name, n_rows, sha256),), cleaning, parameters)


def _read(connection: Any, path: Path) -> int:
    """The mapped columns as text, in the view `file`; the others are never selected."""
    columns = ", ".join(f"trim({name}) AS {name}" for name in mapping()["columns"])
    quoted = str(path).replace("'", "''")
    reading = (
        f"read_csv('{quoted}', header=true, all_varchar=true, delim=',', quote='\"', escape='\"', encoding='latin-1')"
    )
    connection.execute(f"CREATE TABLE file AS SELECT {columns} FROM {reading}")
    return int(connection.execute("SELECT count(*) FROM file").fetchone()[0])


def _when(column: str, codes: Mapping[str, str]) -> str:
    return f"CASE {column} " + " ".join(f"WHEN '{code}' THEN '{word}'" for code, word in codes.items()) + " END"


def _clean(connection: Any) -> None:
    """The table `clean`: every mapped column in its own type, NULL where the file says nothing usable."""
    pivot = mapping()["source"]["year_pivot"]
    connection.execute(
        "CREATE MACRO day(x) AS CASE"
        " WHEN regexp_full_match(x, '[0-9]{1,2}-[A-Za-z]{3}-[0-9]{2}') THEN try_strptime(left(x, -2) ||"
        f" CASE WHEN right(x, 2)::INT <= {pivot} THEN '20' ELSE '19' END || right(x, 2), '%d-%b-%Y')::DATE"
        " ELSE try_strptime(x, '%m/%d/%Y')::DATE END"
    )
    connection.execute("CREATE MACRO money(x) AS TRY_CAST(regexp_replace(x, '[$, ]', '', 'g') AS DECIMAL(18,2))")
    codes = mapping()["codes"]
    sectors = ", ".join(f"('{row['naics_sector']}')" for row in load_reference("naics_sectors.csv"))
    states = ", ".join(f"'{row['code']}'" for row in load_reference("us_states.csv"))
    sector = f"coalesce({_when('left(NAICS, 2)', mapping()['sectors'])}, left(NAICS, 2))"
    connection.execute(f"""
        CREATE TABLE clean AS
        WITH sectors(code) AS (VALUES {sectors})
        SELECT LoanNr_ChkDgt AS number, day(ApprovalDate) AS approved,
            CASE WHEN length(NAICS) = 6 AND {sector} IN (SELECT code FROM sectors) THEN {sector} END AS sector,
            left(NAICS, 3) AS division,
            CASE WHEN State IN ({states}) THEN State END AS state,
            nullif(TRY_CAST(NoEmp AS DOUBLE), 0) AS staff,
            {_when("NewExist", codes["NewExist"])} AS stage,
            nullif(TRY_CAST(Term AS DOUBLE), 0) AS term,
            money(GrAppv) AS amount, money(SBA_Appv) AS guaranteed, money(ChgOffPrinGr) AS principal,
            {_when("RevLineCr", codes["yes_no"])}::BOOLEAN AS is_revolving,
            {_when("LowDoc", codes["yes_no"])}::BOOLEAN AS is_simplified,
            {_when("MIS_Status", codes["MIS_Status"])} AS outcome,
            day(ChgOffDate) AS charge_off, ChgOffDate AS charge_off_given,
            RevLineCr AS revolving_code, LowDoc AS simplified_code
        FROM file
    """)


_USABLE = "coalesce(number, '') <> '' AND approved IS NOT NULL"

_CLIENTS = f"""
    SELECT 'L' || number AS client_id, year(approved) || 'Q' || quarter(approved) AS quarter,
        'enterprise' AS entity_type, 'open' AS status, approved AS relation_start, sector AS industry,
        CASE WHEN sector IS NOT NULL THEN division END AS industry_division, state AS region, staff, stage
    FROM clean WHERE {_USABLE}
"""

_LOANS = f"""
    SELECT number AS loan_id, 'L' || number AS client_id, approved AS start, term AS term_months, amount, guaranteed,
        is_revolving, is_simplified, outcome,
        CASE outcome
            WHEN 'charged_off' THEN coalesce(CASE WHEN charge_off >= approved THEN charge_off END, DATE '{{last}}')
            WHEN 'paid_in_full' THEN
                least(coalesce((approved + to_months(term::INT))::DATE, DATE '{{last}}'), DATE '{{last}}')
        END AS outcome_date,
        CASE WHEN outcome = 'charged_off' THEN principal END AS charged_off
    FROM clean WHERE {_USABLE}
"""


def _check_usable(connection: Any, name: str, n_rows: int) -> None:
    n_unusable = connection.execute(f"SELECT count(*) FROM clean WHERE NOT ({_USABLE})").fetchone()[0]
    if n_rows == 0 or n_unusable > mapping()["source"]["max_unusable_share"] * n_rows:
        raise DataError(
            f"Of {n_rows:,} rows of {name}, {n_unusable:,} have no loan number or no readable approval date.",
            hint=f"Dates look like 2/28/1997 or 28-Feb-97. {_where_published()}",
        )


def _span(connection: Any) -> tuple[Quarter, Quarter]:
    """From the first approval to the last thing that happened: an approval or a charge-off."""
    first, approved, charged_off = connection.execute(
        "SELECT min(approved), max(approved), max(charge_off) FILTER (WHERE charge_off >= approved)"
        f" FROM clean WHERE {_USABLE}"
    ).fetchone()
    return Quarter.of(first), Quarter.of(max(approved, charged_off or approved))


_RULES: tuple[tuple[str, str, Text, str, str], ...] = (
    # table, column, rule, condition on `clean`, column with examples
    (
        "clients",
        "industry",
        Text("NAICS 为 0 或无法识别，视为行业未知", "NAICS is 0 or no sector: industry unknown"),
        "sector IS NULL",
        "",
    ),
    ("clients", "region", Text("州代码无法识别，视为未知", "no state code: region unknown"), "state IS NULL", ""),
    ("clients", "staff", Text("从业人员为 0，视为未知", "no staff: staff unknown"), "staff IS NULL", ""),
    (
        "clients",
        "stage",
        Text("新老企业代码不是 1 或 2，视为未知", "neither 1 (existing) nor 2 (new): stage unknown"),
        "stage IS NULL",
        "",
    ),
    ("loans", "term_months", Text("期限为 0，视为未知", "term is 0: term unknown"), "term IS NULL", ""),
    ("loans", "amount", Text("金额无法识别", "amount cannot be read"), "amount IS NULL", ""),
    (
        "loans",
        "is_revolving",
        Text("循环额度代码不是 Y 或 N，视为未知", "code is neither Y nor N: unknown"),
        "is_revolving IS NULL",
        "revolving_code",
    ),
    (
        "loans",
        "is_simplified",
        Text("简化审批代码不是 Y 或 N，视为未知", "code is neither Y nor N: unknown"),
        "is_simplified IS NULL",
        "simplified_code",
    ),
    (
        "loans",
        "outcome",
        Text("既非结清也非核销，结果未知", "neither paid in full nor charged off: outcome unknown"),
        "outcome IS NULL",
        "",
    ),
    (
        "loans",
        "outcome_date",
        Text(
            "核销日缺失或早于批准日，按数据末季已知处理",
            "charged off without a usable date: known from the last quarter on",
        ),
        "outcome = 'charged_off' AND (charge_off IS NULL OR charge_off < approved)",
        "",
    ),
    (
        "loans",
        "outcome_date",
        Text(
            "结清贷款无结清日：以到期日（期限未知时以数据末季）为已知日，故较早季度的核销率偏高",
            "paid in full has no date: known from the end of the term, at the latest from the last quarter; charge-off"
            " rates at earlier quarters are therefore too high",
        ),
        "outcome = 'paid_in_full'",
        "",
    ),
    (
        "loans",
        "charged_off",
        Text(
            "最终并非核销的贷款带有核销本金，不计入", "principal charged off on a loan that did not end so: not counted"
        ),
        "principal > 0 AND outcome IS DISTINCT FROM 'charged_off'",
        "",
    ),
    (
        "clients",
        "name",
        Text("借款人名称、城市、邮编从不读入", "names, towns and postal codes of borrowers are never read"),
        "true",
        "",
    ),
    (
        "clients",
        "status",
        Text(
            "文件未记载关系终止：借款人自批准季度起视为客户",
            "no end of a relation is recorded: a borrower is a client from its approval on",
        ),
        "true",
        "",
    ),
)


def _cleaning(connection: Any) -> tuple[Cleaning, ...]:
    found = []
    for table, column, rule, condition, examples_of in _RULES:
        n_rows = connection.execute(f"SELECT count(*) FROM clean WHERE ({_USABLE}) AND ({condition})").fetchone()[0]
        if n_rows:
            examples = _examples(connection, examples_of, condition) if examples_of else ()
            found.append(Cleaning(table, column, rule, n_rows, examples=examples))
    n_unusable = connection.execute(f"SELECT count(*) FROM clean WHERE NOT ({_USABLE})").fetchone()[0]
    if n_unusable:
        rule = Text("无贷款号或批准日无法识别，剔除", "no loan number or no readable approval date: left out")
        found.append(Cleaning("loans", "start", rule, n_unusable, n_unusable))
    return tuple(found)


def _examples(connection: Any, column: str, condition: str) -> tuple[str, ...]:
    rows = connection.execute(
        f"SELECT coalesce({column}, '') v, count(*) n FROM clean WHERE {condition}"
        " GROUP BY v ORDER BY n DESC, v LIMIT 5"
    ).fetchall()
    return tuple(value or "(empty)" for value, _ in rows)
