"""A real Czech bank of the 1990s (Berka, PKDD'99): files that only joins turn into clients, loans and entries.

A client is a person with an account; a loan and an entry belong to the account, and so to its owner. The joined rows
go through `data/mappings/berka.toml`, the contract and the checks like any other.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.core.errors import DataError
from analysis.core.provenance import digest, sha256_of
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.identity import key_fingerprint, pseudonym_key
from analysis.intake.mapping import SourceMapping, load_mapping
from analysis.intake.reading import FileSpec, RawTable, data_files, read_file
from analysis.intake.reference import project_root
from analysis.intake.source import Extract, Options, Prepared, Source, refuse_options
from analysis.intake.sources import published
from analysis.intake.validate import quote

if TYPE_CHECKING:
    from analysis.intake.pipeline import Delivery

TITLE = Text("捷克银行客户（公开数据）", "clients of a Czech bank (open data)")
FILES = ("account", "client", "disp", "district", "loan", "trans")
"""Files that are read, by how their names begin; cards and standing orders have no table in the contract."""
_STAGED = ("shared", "data", "berka_czech_bank")
_OWNERS = "(SELECT account_id AS account, client_id AS owner FROM disp WHERE type = 'OWNER')"

JOINED = {
    "clients": (
        "client",
        "SELECT client._line, client.client_id, account.date AS opened, district.A3 AS region,"
        " CAST(unnest(generate_series(date_trunc('quarter', CAST(account.date AS DATE)), DATE '1998-10-01',"
        " INTERVAL 3 MONTH)) AS DATE)::VARCHAR AS quarter FROM client"
        " LEFT JOIN disp ON disp.client_id = client.client_id"
        " LEFT JOIN account ON account.account_id = disp.account_id"
        " LEFT JOIN district ON district.district_id = client.district_id",
    ),
    "loans": (
        "loan",
        "SELECT loan.*, owner AS client_id, CASE WHEN status IN ('A', 'B') THEN status END AS ended,"
        " CASE WHEN status IN ('A', 'B') THEN"
        " CAST(CAST(loan.date AS DATE) + to_months(CAST(duration AS INTEGER)) AS DATE)::VARCHAR END AS ended_on"
        f" FROM loan LEFT JOIN {_OWNERS} ON account = loan.account_id",
    ),
    "entries": (
        "trans",
        f"SELECT trans.* EXCLUDE (account), owner AS client_id FROM trans LEFT JOIN {_OWNERS} AS o"
        " ON o.account = trans.account_id",
    ),
}
"""Name in the mapping → the file whose rows it has, and the join. Every key on the right is unique. A client has a row
a quarter from its first account to the end of the data: no end of a relation is recorded."""


def prepare(source: Source, data: str | None, options: Options, quarter: Quarter | None) -> Prepared:  # noqa: ARG001
    """The files found and hashed."""
    refuse_options(source.name, options)
    mapping = load_mapping(project_root() / "data" / "mappings" / "berka.toml")
    files = find_files(mapping, data)
    key = pseudonym_key(mapping.kind)
    hashes = {name: sha256_of(path) for name, path in files.items()}
    is_checked = all(mapping.about.get(f"sha256_{name}") == sha256 for name, sha256 in hashes.items())

    def write(folder: Path) -> Extract:
        from analysis.intake.pipeline import write_tables

        extract = write_tables(lambda connection: bring(connection, mapping, files), mapping, folder, key=key)
        return published.noted(extract, (), is_checked=is_checked)

    return Prepared((repr(mapping), key_fingerprint(key), digest(hashes.items())), write)


def find_files(mapping: SourceMapping, data: str | None) -> dict[str, Path]:
    """Each file of `FILES` in the folder given as DATA, or in the one staged beside the repository.

    Raises
    ------
    DataError : the folder lacks files
    """
    folder = Path(data).expanduser() if data else project_root().parent.joinpath(*_STAGED)
    given = data_files(folder) if folder.is_dir() else []
    found = {name: path for name in FILES for path in given if path.name.split(".")[0].split("_")[0] == name}
    missing = [name for name in FILES if name not in found]
    if missing:
        raise DataError(
            f"The folder {folder.name} has no file of the Czech bank called {', '.join(missing)}.",
            hint=f"They are published with {mapping.about['published']}. Write DATA=folder.",
        )
    return found


def bring(connection: Any, mapping: SourceMapping, files: dict[str, Path]) -> Sequence["Delivery"]:
    """The files read and joined, a table a name of the mapping."""
    from analysis.intake.pipeline import Delivery

    raw = {}
    for name, path in files.items():
        raw[name] = read_file(connection, FileSpec(path, path.name), relation=f"berka_{name}")
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM {raw[name].relation}")
    joined = {name: _join(connection, name, raw[base], query) for name, (base, query) in JOINED.items()}
    parts = tuple((file, joined[pattern]) for file in mapping.files for pattern in file.files)
    return [Delivery("", parts)]


def _join(connection: Any, name: str, base: RawTable, query: str) -> RawTable:
    relation = f"joined_{name}"
    connection.execute(f"CREATE TABLE {relation} AS {query}")
    columns = [row[0] for row in connection.execute(f"DESCRIBE {relation}").fetchall() if row[0] != "_line"]
    n_rows = connection.execute(f"SELECT count(*) FROM {quote(relation)}").fetchone()[0]
    return RawTable(
        relation,
        base.rejected,
        base.file,
        tuple(columns),
        n_rows + base.n_rejected,
        base.n_rejected,
        base.encoding,
        base.sha256,
    )
