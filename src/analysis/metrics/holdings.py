"""Which products each client holds at the end of a quarter, by the same rule as the product families of the panel."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.core.quarter import Quarter
from analysis.metrics.definitions import is_product_held

if TYPE_CHECKING:
    import pandas as pd

    from analysis.intake.portfolio import Portfolio


def products_held(portfolio: "Portfolio", quarters: Sequence[Quarter] | None = None) -> "pd.DataFrame":
    """One row a client, quarter and product held at the quarter's last day; columns client_id, quarter, product.

    Parameters
    ----------
    quarters : by default the portfolio's own; those after it are not known and give no rows
    """
    import pandas as pd

    asked = (portfolio.quarter,) if quarters is None else tuple(quarters)
    if not portfolio.has("positions"):
        return pd.DataFrame({name: pd.Series(dtype="str") for name in ("client_id", "quarter", "product")})
    rows = portfolio.table("positions")
    ends = {pd.Timestamp(quarter.end): quarter.label for quarter in asked}
    held = rows.filter(rows["month"].isin([quarter.end for quarter in asked]) & is_product_held(rows))
    frame = portfolio.to_frame(held.select("client_id", "month", "product").distinct())
    frame["quarter"] = pd.to_datetime(frame["month"]).map(ends).astype("str")
    return frame[["client_id", "quarter", "product"]].sort_values(
        ["client_id", "quarter", "product"], ignore_index=True
    )
