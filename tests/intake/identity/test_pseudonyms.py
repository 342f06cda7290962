import hmac
from datetime import date
from pathlib import Path

import duckdb
import pytest

from analysis.core.errors import AnalysisError
from analysis.intake.identity import pseudonymise, pseudonyms
from tests.intake.identity.kept_rows import ICBC, rows, table

KEY = b"a key of sixteen"


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def expected(entity: str, number: str, key: bytes = KEY) -> str:
    """What the standard library makes of it."""
    return entity[0].upper() + hmac.digest(key, f"{entity}:{number}".encode(), "sha256").hex()[:16]


def test_the_published_vector_of_hmac_sha256_comes_out(connection: duckdb.DuckDBPyConnection) -> None:
    # RFC 4231, test case 2: key "Jefe", data "what do ya want for nothing?"; and case 6: a key longer than a block
    cases = (
        (b"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            b"\xaa" * 131,
            "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
    )
    for key, text, digest in cases:
        query = f"SELECT {pseudonyms.pseudonym_sql('$text')}"
        assert connection.execute(query, {**pseudonyms.key_pads(key), "text": text}).fetchone() == (digest,)


def test_one_number_has_one_pseudonym_in_all_tables_and_entities_are_apart(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    clients = table(connection, "clients", "client_id quarter group_id manager_id", ("7", "2026Q3", "7", None))
    loans = table(
        connection, "loans", "loan_id client_id start guarantor_id", ("7", "7", date(2026, 1, 5), "8"), file="b.csv"
    )
    counts = pseudonymise(connection, {"clients": clients, "loans": loans}, KEY)
    assert counts == {"client": 2, "group": 1, "loan": 1, "staff": 0}
    assert rows(connection, "client_id, group_id, manager_id", clients) == [
        (expected("client", "7"), expected("group", "7"), None)
    ]
    assert rows(connection, "loan_id, client_id, guarantor_id", loans) == [
        (expected("loan", "7"), expected("client", "7"), expected("client", "8"))
    ]


def test_numbers_with_chinese_letters_and_quotes_are_numbers_like_others(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    number = "沪A'); DROP TABLE kept_clients; --"
    clients = table(connection, "clients", "client_id quarter", (number, "2026Q3"))
    pseudonymise(connection, {"clients": clients}, KEY)
    assert rows(connection, "client_id", clients) == [(expected("client", number),)]


def test_names_and_codes_are_gone_and_the_other_columns_keep_their_order(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    clients = table(
        connection, "clients", "client_id quarter name credit_code region", ("7", "2026Q3", "甲公司", ICBC, "沪")
    )
    pseudonymise(connection, {"clients": clients}, KEY)
    described = connection.execute(f"DESCRIBE {clients}").fetchall()
    assert [row[0] for row in described] == ["client_id", "quarter", "region", "_file", "_line"]


def test_tables_beside_the_canonical_ones_get_the_same_pseudonyms(connection: duckdb.DuckDBPyConnection) -> None:
    clients = table(connection, "clients", "client_id quarter", ("7", "2026Q3"))
    connection.execute("CREATE TABLE restated AS SELECT 'clients' AS \"table\", '7' AS client_id, 'L1' AS loan_id")
    counts = pseudonymise(connection, {"clients": clients}, KEY, beside=["restated"])
    assert counts == {"client": 1, "loan": 1}
    assert rows(connection, "*", "restated") == [("clients", expected("client", "7"), expected("loan", "L1"))]


def test_another_key_gives_other_pseudonyms(connection: duckdb.DuckDBPyConnection) -> None:
    clients = table(connection, "clients", "client_id quarter", ("7", "2026Q3"))
    pseudonymise(connection, {"clients": clients}, b"another key of this")
    assert rows(connection, "client_id", clients) == [(expected("client", "7", b"another key of this"),)]


def test_two_numbers_with_one_pseudonym_are_a_fault(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pseudonyms, "LENGTH", 0)
    clients = table(connection, "clients", "client_id quarter", ("7", "2026Q3"), ("8", "2026Q3"))
    with pytest.raises(AnalysisError) as caught:
        pseudonymise(connection, {"clients": clients}, KEY)
    assert str(caught.value) == ("Of 2 client numbers 1 got a pseudonym that another one has. Use another key.")


def test_what_is_written_holds_no_number_name_or_code(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    clients = table(
        connection,
        "clients",
        "client_id quarter name credit_code manager_id",
        ("KH-PLANTED-1", "2026Q3", "种植测试有限公司", ICBC, "GH-PLANTED"),
    )
    pseudonymise(connection, {"clients": clients}, KEY)
    connection.execute(f"COPY {clients} TO '{tmp_path / 'clients.parquet'}' (FORMAT parquet, COMPRESSION uncompressed)")
    written = (tmp_path / "clients.parquet").read_bytes()
    for planted in ("PLANTED", "种植", ICBC):
        assert planted.encode() not in written
