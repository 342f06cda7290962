"""Hand-made portfolios for tests: write a few rows, get a `Portfolio` that has passed the data contract."""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pandas as pd

from analysis.core.provenance import Provenance, digest
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.core.units import CURRENCIES
from analysis.intake.policy import Policy, load_policy
from analysis.intake.portfolio import Portfolio
from analysis.intake.schemas import SCHEMAS
from analysis.intake.sizes import SIZE_RULES
from analysis.intake.validate import validate, write_table


def tiny_portfolio(
    tmp_path: Path,
    tables: Mapping[str, pd.DataFrame],
    quarter: str = "2026Q3",
    *,
    currency: str = "CNY",
    industry_scheme: str = "gbt4754",
    first_quarter: str | None = None,
    last_quarter: str | None = None,
    policy: Policy | None = None,
    kind: str = "synthetic",
) -> Portfolio:
    """A portfolio of hand-written tables (columns that a table lacks are empty).

    Dates may be ISO words ("2026-09-30"). Without `first_quarter` the span is that of the `clients` rows.

    Examples
    --------
    tiny_portfolio(tmp_path, {"clients": client_rows("A", "B"), "positions": positions})
    """
    folder = tmp_path / f"tiny-{digest(frame.to_csv() for frame in tables.values())}"
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(config={"threads": 1})
    for name, frame in tables.items():
        connection.register(name, frame)
    validate(connection, {name: name for name in tables}, source="tiny")
    for name in tables:
        write_table(connection, name, name, folder / f"{name}.parquet")
    connection.close()
    quarters = sorted(tables["clients"]["quarter"])
    return Portfolio(
        quarter=Quarter(quarter),
        currency=CURRENCIES[currency],
        provenance=Provenance("tiny", kind, Text("手工样本", "hand-made sample")),
        policy=policy or load_policy(),
        folder=folder,
        tables=tuple(name for name in SCHEMAS if name in tables),
        industry_scheme=industry_scheme,
        first_quarter=Quarter(first_quarter or quarters[0]),
        last_quarter=Quarter(last_quarter or max(quarters[-1], quarter)),
        size_rule=SIZE_RULES[industry_scheme],
        tables_key=folder.name,
    )


def client_rows(*ids: str, quarters: tuple[str, ...] = ("2026Q2", "2026Q3"), **columns: object) -> pd.DataFrame:
    """Rows of `clients`: every id at every quarter, open; a mapping gives a column by id, else it is constant.

    Examples
    --------
    client_rows("A", "B", industry={"A": "C", "B": "F"}, region="core")
    """
    rows = [
        {"client_id": id, "quarter": quarter, "entity_type": "enterprise", "status": "open"}
        | {name: value[id] if isinstance(value, Mapping) else value for name, value in columns.items()}
        for quarter in quarters
        for id in ids
    ]
    return pd.DataFrame(rows)


def rows(header: str, *lines: tuple[object, ...]) -> pd.DataFrame:
    """A frame from a header of names and lines of values.

    Examples
    --------
    rows("client_id month product balance_avg", ("A", "2026-09-30", "deposit_demand", 100.0))
    """
    return pd.DataFrame(list(lines), columns=header.split())
