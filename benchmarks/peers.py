"""The other side of each comparison, written as somebody who knows the tool would; a task a process."""

import sys
from pathlib import Path
from typing import Any

from benchmarks.measure import report

_COLUMNS = ["client_id", "date", "hour", "direction", "amount", "channel", "counterparty", "is_cross_border"]
_CODED = ["client_id", "direction", "channel", "counterparty"]


def pandas_plain(folder: Path) -> dict[str, Any]:
    """Client-quarter features with pandas as they are mostly written: words as words, `nunique` for distinct counts."""
    import pyarrow as pa

    table = pa.concat_tables([_read(path, []) for path in sorted(folder.glob("*.parquet"))])
    frame = table.to_pandas(self_destruct=True, split_blocks=True)
    del table
    frame["quarter"] = (frame["date"].dt.year * 4 + frame["date"].dt.quarter).astype("int16")
    found = _sums(frame, ["client_id", "quarter"])
    groups = frame.groupby(["client_id", "quarter"])
    for column, name in _DISTINCT:
        found[name] = groups[column].nunique()
    return {"rows": len(found)}


def pandas_coded(folder: Path) -> dict[str, Any]:
    """The same with every word as a category and distinct counts by dropping doubles: the fastest we found."""
    import pyarrow as pa

    table = pa.concat_tables([_read(path, _CODED) for path in sorted(folder.glob("*.parquet"))]).unify_dictionaries()
    frame = table.to_pandas(self_destruct=True, split_blocks=True)
    del table
    frame["quarter"] = (frame["date"].dt.year * 4 + frame["date"].dt.quarter).astype("int16")
    return {"rows": len(_features(frame, ["client_id", "quarter"]))}


def pandas_coded_by_quarter(folder: Path) -> dict[str, Any]:
    """The same with one quarter in memory at a time."""
    n_rows = 0
    for path in sorted(folder.glob("*.parquet")):
        frame = _read(path, _CODED).to_pandas(self_destruct=True, split_blocks=True)
        n_rows += len(_features(frame, ["client_id"]))
    return {"rows": n_rows}


def _read(path: Path, coded: list[str]) -> Any:
    """The columns used, amounts as floats: Python decimals would take pandas minutes and many gigabytes.

    Parameters
    ----------
    coded : columns that become categories
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.set_cpu_count(1)
    table = pq.read_table(path, columns=_COLUMNS, read_dictionary=coded, use_threads=False)
    at = table.schema.get_field_index("amount")
    table = table.set_column(at, "amount", table["amount"].cast(pa.float64()))
    at = table.schema.get_field_index("date")
    return table.set_column(at, "date", table["date"].cast(pa.timestamp("s")))


_DISTINCT = (("date", "n_active_days"), ("channel", "n_channels"), ("counterparty", "n_counterparties"))


def _features(frame: Any, key: list[str]) -> Any:
    """The same features as `analysis.intake.events.quarterly`."""
    found = _sums(frame, key)
    for column, name in _DISTINCT:
        pairs = frame[[*key, column]].drop_duplicates()  # faster than nunique
        found[name] = pairs.groupby(key, observed=True, sort=False).size()
    return found


def _sums(frame: Any, key: list[str]) -> Any:
    """What sums, largest values and spreads tell."""
    is_in = frame["direction"] == "in"
    frame["is_in"] = is_in.astype("int8")
    frame["received"] = frame["amount"].where(is_in, 0.0)
    frame["abroad"] = frame["amount"].where(frame["is_cross_border"], 0.0)
    frame["at_night"] = ((frame["hour"] >= 22) | (frame["hour"] < 7)).astype("int8")
    frame["at_weekend"] = (frame["date"].dt.day_of_week >= 5).astype("int8")
    groups = frame.groupby(key, observed=True, sort=False)
    found = groups.agg(
        n=("amount", "size"),
        n_in=("is_in", "sum"),
        amount=("amount", "sum"),
        amount_in=("received", "sum"),
        amount_largest=("amount", "max"),
        amount_largest_in=("received", "max"),
        amount_sd=("amount", "std"),
        n_cross_border=("is_cross_border", "sum"),
        amount_cross_border=("abroad", "sum"),
        n_night=("at_night", "sum"),
        n_weekend=("at_weekend", "sum"),
    )
    found["n_out"] = found["n"] - found["n_in"]
    found["amount_out"] = found["amount"] - found["amount_in"]
    found["cross_border_share"] = found["amount_cross_border"] / found["amount"]
    return found


def pandera(path: Path) -> dict[str, Any]:
    """Validate positions with pandera on pandas, and split them into clean rows and others."""
    import pandas as pd
    import pandera.pandas as pa

    frame = pd.read_parquet(path)
    money = ("balance_avg", "balance_end", "interest", "funds_amount", "fee", "direct_cost")
    for name in money:
        frame[name] = frame[name].astype("float64")
    schema = pa.DataFrameSchema(
        {
            "client_id": pa.Column("str", nullable=False),
            "month": pa.Column(nullable=False),
            "product": pa.Column("str", nullable=False),
            **{name: pa.Column("float64", nullable=True) for name in money},
            "rate": pa.Column("float64", pa.Check.in_range(-0.05, 1), nullable=True),
            "funds_price": pa.Column("float64", pa.Check.in_range(-0.05, 1), nullable=True),
        },
        unique=["client_id", "month", "product"],
    )
    from benchmarks.ours import Clock

    times = Clock()
    bad: list[int] = []
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        bad = errors.failure_cases["index"].dropna().unique().tolist()
    clean, aside = frame.drop(index=bad), frame.loc[bad]
    times.lap("validate_and_split")
    return {"read": len(frame), "kept": len(clean), "aside": len(aside), **times.laps}


def extract(path: Path) -> dict[str, Any]:
    """Read a GB18030 extract with pandas, numbers parsed."""
    import pandas as pd

    return {"rows": len(pd.read_csv(path, encoding="gb18030", thousands=","))}


TASKS = {
    "pandas_plain": pandas_plain,
    "pandas_coded": pandas_coded,
    "pandas_coded_by_quarter": pandas_coded_by_quarter,
    "pandera": pandera,
    "extract": extract,
}

if __name__ == "__main__":
    task = sys.argv[1]
    used = ("pandera", "pandas", "numpy") if task == "pandera" else ("pandas", "pyarrow", "numpy")
    modules = ("pandas", "pyarrow.parquet", *(("pandera.pandas",) if task == "pandera" else ()))
    report(lambda: TASKS[task](Path(sys.argv[2])), used, modules)
