"""Made-up data of a given size, written once: entries a quarter a file, positions with planted faults, an extract."""

from pathlib import Path
from typing import Any

import numpy as np

from analysis.core.quarter import Quarter

QUARTERS = Quarter("2026Q3").trailing(8)
ENTRIES_A_CLIENT = 250
"""50 million entries are 200,000 clients over eight quarters, 31 a client and quarter (study/scale.md, section 4)."""
_PARTNERS = 500_000
N_FAULTS = 1_000


def write_entries(folder: Path, n_rows: int) -> dict[Quarter, Path]:
    """Entries in canonical form and order, a Parquet file a quarter; those already there are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {quarter: folder / f"{quarter}.parquet" for quarter in QUARTERS}
    for number, (quarter, path) in enumerate(paths.items()):
        if not path.exists():
            _write_quarter(path, quarter, number, n_rows // len(QUARTERS), max(n_rows // ENTRIES_A_CLIENT, 10))
    return paths


def _write_quarter(path: Path, quarter: Quarter, number: int, n_rows: int, n_clients: int) -> None:
    import duckdb

    draw = np.random.default_rng([7, number])
    weights = np.cumsum(draw.pareto(1.5, n_clients) + 0.2)
    client = np.sort(np.searchsorted(weights / weights[-1], draw.random(n_rows))).clip(0, n_clients - 1)
    partner = (client * 13 + (draw.pareto(1.2, n_rows) * 3).astype(np.int64).clip(0, 200) * 7919) % _PARTNERS
    hours = np.r_[np.full(7, 1), np.full(12, 7), np.full(5, 2)] / (7 + 84 + 10)
    rows = {
        "client": client.astype(np.int32),
        "day": draw.integers(0, quarter.days, n_rows).astype(np.int32),
        "hour": draw.choice(24, n_rows, p=hours).astype(np.int32),
        "is_in": draw.random(n_rows) < 0.5,
        "fen": (draw.lognormal(9, 1.8, n_rows) * 100).astype(np.int64),
        "channel": draw.choice(4, n_rows, p=[0.5, 0.1, 0.25, 0.15]).astype(np.int32),
        "partner": partner.astype(np.int32),
        "abroad": draw.random(n_rows) < 0.03,
    }
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.register("drawn", _arrow(rows))
        connection.execute(
            f"COPY (SELECT 'E{number}' || lpad(row_number() OVER ()::VARCHAR, 8, '0') AS entry_id,"
            " 'C' || lpad(client::VARCHAR, 7, '0') AS client_id,"
            f" (DATE '{quarter.start.isoformat()}' + day)::DATE AS date, hour::BIGINT AS hour,"
            " CASE WHEN is_in THEN 'in' ELSE 'out' END AS direction,"
            " (fen::DECIMAL(18,0) * 0.01::DECIMAL(3,2))::DECIMAL(18,2) AS amount,"
            " ['online', 'counter', 'direct', 'mobile'][channel + 1] AS channel,"
            " 'P' || lpad(partner::VARCHAR, 7, '0') AS counterparty, abroad AS is_cross_border"
            f" FROM drawn ORDER BY client, day) TO '{path}.part' (FORMAT parquet, COMPRESSION zstd)"
        )
    Path(f"{path}.part").replace(path)


def _arrow(columns: dict[str, Any]) -> Any:
    import pyarrow as pa

    return pa.table(columns)


def write_positions(path: Path, n_rows: int) -> Path:
    """Positions as a typed Parquet file with 1,000 planted faults (fewer of fewer rows): ranges, gaps, doubled keys."""
    import duckdb

    path.parent.mkdir(parents=True, exist_ok=True)
    n_faults = min(N_FAULTS, n_rows // 10)
    quarter_of = n_faults // 4
    months = [month.isoformat() for quarter in QUARTERS[-4:] for month in quarter.months]
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SELECT setseed(0.5)")
        connection.execute(
            f"CREATE TABLE made AS SELECT i, 'C' || lpad((i // 36)::VARCHAR, 7, '0') AS client_id,"
            f" {months}[(i // 3) % 12 + 1]::DATE AS month,"
            " ['deposit_demand', 'deposit_term', 'loan_working'][i % 3 + 1] AS product,"
            " (random() * 1e7)::DECIMAL(18,2) AS balance_avg, (random() * 1e7)::DECIMAL(18,2) AS balance_end,"
            " random() * 0.05 AS rate, random() * 0.03 AS funds_price, (random() * 1e5)::DECIMAL(18,2) AS interest,"
            " (random() * 1e5)::DECIMAL(18,2) AS funds_amount, (random() * 1e3)::DECIMAL(18,2) AS fee,"
            f" (random() * 1e3)::DECIMAL(18,2) AS direct_cost FROM range({n_rows}) AS r(i)"
        )
        at = f"(i * 7919) % {n_rows}"
        first = f"{at} <"
        connection.execute(f"UPDATE made SET rate = 7 WHERE {first} {quarter_of}")
        connection.execute(f"UPDATE made SET client_id = NULL WHERE {at} BETWEEN {quarter_of} AND {2 * quarter_of - 1}")
        connection.execute(
            f"UPDATE made SET funds_price = -1 WHERE {at} BETWEEN {2 * quarter_of} AND {3 * quarter_of - 1}"
        )
        connection.execute(
            f"INSERT INTO made SELECT i + {n_rows}, * EXCLUDE (i, fee), fee + 1 FROM made"
            f" WHERE {at} BETWEEN {3 * quarter_of} AND {4 * quarter_of - 1}"
        )
        target = str(path).replace("'", "''")
        connection.execute(f"COPY (SELECT * EXCLUDE i FROM made ORDER BY i) TO '{target}' (FORMAT parquet)")
    return path


def write_extract(path: Path, n_rows: int) -> Path:
    """An extract as banks send it: GB18030, Chinese headers, thousands separators, one character of four bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(3)
    amounts = draw.lognormal(11, 2, (n_rows, 3))
    with path.open("w", encoding="gb18030", newline="") as file:
        file.write("客户号,月份,产品,日均余额,月末余额,利息,名称\r\n")
        for number in range(n_rows):
            cells = ",".join(f'"{amount:,.2f}"' for amount in amounts[number])
            name = "𠮷安贸易有限公司" if number == n_rows // 2 else "鼎卓进出口有限公司"
            file.write(f"C{number // 12:07d},2026-{number % 9 + 1:02d}-28,活期存款,{cells},{name}\r\n")
    return path


_MAPPING = """[source]
name = "bench"
kind = "synthetic"

[[file]]
table = "clients"
files = ["clients.csv"]
[file.columns]
client_id = "client_id"
status = "status"
industry = "industry"
staff = "staff"

[[file]]
table = "positions"
files = ["positions.parquet"]
[file.columns]
client_id = "client_id"
month = "month"
product = "product"
balance_avg = "balance_avg"
balance_end = "balance_end"
rate = "rate"
interest = "interest"

[[file]]
table = "events"
files = ["entries.parquet"]
[file.columns]
entry_id = "entry_id"
client_id = "client_id"
date = "date"
hour = "hour"
direction = "direction"
amount = "amount"
channel = "channel"
counterparty = "counterparty"
is_cross_border = "is_cross_border"
"""


def write_bank(folder: Path, n_clients: int, n_entries: int) -> Path:
    """A bank's folder: a register, positions of three months and two products, and entries, eight quarters of them.

    What is there already stays.
    """
    import duckdb

    for number, quarter in enumerate(QUARTERS):
        place = folder / quarter.label
        place.mkdir(parents=True, exist_ok=True)
        if (place / "clients.csv").exists():
            continue
        months = [month.isoformat() for month in quarter.months]
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute(f"SELECT setseed({0.05 * (number + 1)})")
            client = "'C' || lpad(i::VARCHAR, 7, '0') AS client_id"
            connection.execute(
                f"COPY (SELECT {client}, {months}[m + 1]::DATE AS month,"
                " ['deposit_demand', 'loan_working'][p + 1] AS product, (random() * 1e7)::DECIMAL(18,2) AS balance_avg,"
                " (random() * 1e7)::DECIMAL(18,2) AS balance_end, random() * 0.05 AS rate,"
                f" (random() * 1e5)::DECIMAL(18,2) AS interest FROM range({n_clients}) AS c(i), range(3) AS n(m),"
                f" range(2) AS q(p)) TO '{place}/positions.parquet' (FORMAT parquet, COMPRESSION zstd)"
            )
            _write_quarter(place / "entries.parquet", quarter, number, n_entries // len(QUARTERS), n_clients)
            connection.execute(
                f"COPY (SELECT {client}, 'open' AS status, ['C', 'F', 'I'][i % 3 + 1] AS industry,"
                f" i % 400 + 1 AS staff FROM range({n_clients}) AS c(i)) TO '{place}/clients.csv' (HEADER)"
            )
    (folder / "mapping.toml").write_text(_MAPPING, encoding="utf-8")
    return folder
