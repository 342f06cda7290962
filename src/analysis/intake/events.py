"""Entries of accounts, summed where they lie: client × month × channel, and client × quarter with what sums lose.

Each is one Ibis expression that DuckDB, PostgreSQL and Spark understand alike: no hash, no sample, no estimate of a
count; days and channels are counted by the bits of a number, as fast as a sum.
"""

from collections.abc import Container, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.core.quarter import Quarter
from analysis.intake.schemas import SCHEMAS, Column
from analysis.intake.schemas.words import CHANNELS
from analysis.intake.validate import SQL_TYPES, columns_of, literal, quote

if TYPE_CHECKING:
    import ibis.expr.types as ir

MONEY = "decimal(18,2)"
NIGHT = (22, 7)
"""From this hour on and before that one: outside the hours of counters and of most firms' offices."""


def monthly(events: "ir.Table") -> "ir.Table":
    """Entries as rows of `transactions`: client × month × channel."""
    import ibis

    day = events["date"]
    # by way of a time: engines give one for a day and an interval, and Ibis would leave out a cast of day to day
    following = day.truncate("M").cast("timestamp") + ibis.interval(months=1) - ibis.interval(days=1)
    month_end = following.cast("timestamp").cast("date")
    rows = _told(events).mutate(month=month_end)
    rows = rows.mutate(channel=rows["channel"].fill_null("other"))
    return (
        rows.group_by("client_id", "month", "channel")
        .aggregate(
            n_in=rows["is_in"].sum(),
            n_out=(1 - rows["is_in"]).sum(),
            amount_in=rows["received"].sum().cast(MONEY),
            amount_out=(rows["amount"] - rows["received"]).sum().cast(MONEY),
            amount_cross_border=_known(rows["abroad"].sum(), rows["is_abroad"].count()).cast(MONEY),
        )
        .order_by("client_id", "month", "channel")
    )


def quarterly(events: "ir.Table", quarter: Quarter) -> "ir.Table":
    """Entries of one quarter as rows of `activity`: one a client.

    Notes
    -----
    The days of each of the three months are bits of a number; their number is the sum of the bits set. Counterparties
    are counted apart, as distinct pairs, and joined one to one: three times faster than to count them beside the sums,
    a tenth faster than to count distinct names of a group.
    """
    import ibis

    within = events.filter(events["date"].between(quarter.start, quarter.end))
    summed = _told(within).group_by("client_id").aggregate(**_sums())
    pairs = within.select("client_id", "counterparty").filter(within["counterparty"].notnull()).distinct()
    partners = pairs.group_by("client_id").aggregate(n_counterparties=pairs.count())
    joined = summed.left_join(partners, "client_id").drop("client_id_right")
    settled = (joined["amount_in"] + joined["amount_out"]).cast("float64").nullif(0)
    return joined.select(
        "client_id",
        quarter=ibis.literal(quarter.label),
        **{name: joined[name].cast(kind) for name, kind in _PLAIN.items()},
        n_active_days=sum((_bits(joined[f"days_{month}"]) for month in range(1, 3)), _bits(joined["days_0"])),
        n_channels=_bits(joined["channels"]),
        n_counterparties=joined["n_counterparties"],
        cross_border_share=joined["amount_cross_border"].cast("float64") / settled,
    )


_PLAIN = {
    "n_in": "int64",
    "n_out": "int64",
    "amount_in": MONEY,
    "amount_out": MONEY,
    "amount_largest": MONEY,
    "amount_largest_in": MONEY,
    "amount_sd": "float64",
    "n_cross_border": "int64",
    "amount_cross_border": MONEY,
    "n_night": "int64",
    "n_weekend": "int64",
}


def _told(events: "ir.Table") -> "ir.Table":
    """The entries with what each adds, written as plain numbers: a number summed is faster than a condition counted."""
    import ibis

    day, channel = events["date"], events["channel"]
    is_in = events["direction"] == "in"
    zero = ibis.literal(0).cast(MONEY)
    amount = events["amount"].cast(MONEY)
    is_night = (events["hour"] >= NIGHT[0]) | (events["hour"] < NIGHT[1])
    bit = (ibis.literal(1, type="int32") << (day.day() - 1).cast("int32")).cast("int32")
    bits = {name: 2**place for place, name in enumerate(CHANNELS)}
    return events.select(
        "client_id",
        "date",
        "channel",
        amount=amount,
        is_in=is_in.cast("int32"),
        received=is_in.ifelse(amount, zero),
        is_abroad=events["is_cross_border"].cast("int32"),
        abroad=events["is_cross_border"].ifelse(amount, zero),
        at_night=is_night.cast("int32"),
        at_weekend=(day.day_of_week.index() >= 5).cast("int32"),
        channel_bit=ibis.cases(*((channel == name, value) for name, value in bits.items()), else_=0).cast("int32"),
        **{f"in_month_{month}": (day.month() % 3 == month).ifelse(bit, 0).cast("int32") for month in range(3)},
    )


def _sums() -> "dict[str, Any]":
    from ibis import _

    return {
        "n_in": _.is_in.sum(),
        "n_out": (_.count() - _.is_in.sum()),
        "amount_in": _.received.sum(),
        "amount_out": (_.amount.sum() - _.received.sum()),
        "amount_largest": _.amount.max(),
        "amount_largest_in": _.received.max(),
        "amount_sd": _.amount.cast("float64").std(how="sample"),
        "n_cross_border": _.is_abroad.sum(),
        "amount_cross_border": _known(_.abroad.sum(), _.is_abroad.count()),
        "n_night": _.at_night.sum(),
        "n_weekend": _.at_weekend.sum(),
        "channels": _.channel_bit.bit_or(),
        **{f"days_{month}": _[f"in_month_{month}"].bit_or() for month in range(3)},
    }


def _known(total: Any, n_known: Any) -> Any:
    """A sum, or NULL where none of its rows was known."""
    return (n_known > 0).ifelse(total, None)


def _bits(mask: "ir.IntegerValue") -> "ir.IntegerValue":
    """How many bits of a number below 2³² are set, by sums of ever wider fields of bits: any engine can do that."""
    mask = mask.cast("int64")
    pairs = mask - ((mask >> 1) & 0x55555555)
    fours = (pairs & 0x33333333) + ((pairs >> 2) & 0x33333333)
    eights = (fours + (fours >> 4)) & 0x0F0F0F0F
    return ((eights * 0x01010101) >> 24) & 0xFF


# --- in a load ------------------------------------------------------------------------------------------------------


def write_sums(connection: Any, entries: str, folder: Path) -> None:
    """Write what entries add up to as `transactions.parquet` and `activity.parquet`, in the order of their keys.

    Parameters
    ----------
    connection : a DuckDB connection
    entries : relation with columns of `events`; those that are not there are empty
    """
    import ibis

    backend = ibis.duckdb.from_connection(connection)
    known = columns_of(connection, entries)
    columns = ", ".join(_column(column, known) for column in SCHEMAS["events"].columns)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW entries AS SELECT {columns} FROM {entries}")
    table = backend.table("entries")
    _write(connection, "transactions", [backend.compile(monthly(table))], folder)
    labels = "SELECT DISTINCT year(date) || 'Q' || quarter(date) FROM entries ORDER BY 1"
    quarters = [Quarter(row[0]) for row in connection.execute(labels).fetchall()]
    _write(connection, "activity", [backend.compile(quarterly(table, quarter)) for quarter in quarters], folder)
    connection.execute("DROP VIEW entries")


def _column(column: Column, known: Container[str]) -> str:
    value = quote(column.name) if column.name in known else "NULL"
    return f"CAST({value} AS {SQL_TYPES[column.dtype]}) AS {quote(column.name)}"


def _write(connection: Any, name: str, queries: Sequence[str], folder: Path) -> None:
    """A table of the contract from queries, run one after the other so that each quarter's memory is given back."""
    schema = SCHEMAS[name]
    typed = ", ".join(f"CAST({quote(c.name)} AS {SQL_TYPES[c.dtype]}) AS {quote(c.name)}" for c in schema.columns)
    described = ", ".join(f"{quote(c.name)} {SQL_TYPES[c.dtype]}" for c in schema.columns)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE summed ({described})")
    for query in queries:
        connection.execute(f"INSERT INTO summed SELECT {typed} FROM ({query})")
    order = ", ".join(quote(column) for column in schema.key)
    target = literal(str(folder / f"{name}.parquet"))
    connection.execute(f"COPY (SELECT * FROM summed ORDER BY {order}) TO {target} (FORMAT parquet, COMPRESSION zstd)")
    connection.execute("DROP TABLE summed")
