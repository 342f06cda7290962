"""Figures of a written demo bank, computed from its tables alone."""

from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from scipy.stats import skew

from analysis.intake.reference import project_root
from analysis.intake.schemas import PRODUCTS, SCHEMAS
from analysis.intake.size_rule import SizeRule, read_size_rule, size_class

WAN, YI = 1e4, 1e8
BAD = ("substandard", "doubtful", "loss")


class Bank:
    """Figures of one written bank, computed from its tables alone."""

    def __init__(self, folder: Path) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("set threads = 1")
        for name in (name for name in SCHEMAS if (folder / f"{name}.parquet").exists()):
            self.connection.execute(f"create view {name} as select * from '{folder}/{name}.parquet'")
        kinds = pd.DataFrame([(p, kind, family) for p, (kind, family, _) in PRODUCTS.items()], columns=["p", "k", "f"])
        self.connection.register("kinds", kinds)
        self.months = self.sql("select distinct month from controls order by 1")["month"].tolist()
        self.clients = self._clients()
        self.open = self.clients[self.clients["status"] != "closed"]

    def sql(self, text: str) -> pd.DataFrame:
        return self.connection.sql(text).df()

    def _clients(self) -> pd.DataFrame:
        clients = self.sql("select * from clients where quarter = '2026Q3'").set_index("client_id")
        for name in ("revenue", "assets"):
            clients[name] = clients[name].astype(float)
        rule = read_rule()
        size, _ = size_class(
            clients["industry_division"],
            clients["staff"],
            clients["revenue"],
            clients["assets"],
            rule,
            entity_type=clients["entity_type"],
        )
        return clients.assign(size=size)


def measure(folder: Path) -> dict[str, float]:
    """All figures of one bank by name."""
    bank = Bank(folder)
    figures = {**who(bank), **money(bank), **economics(bank), **quality(bank), **activity(bank)}
    bank.connection.close()
    return figures


def who(bank: Bank) -> dict[str, float]:
    clients, size = bank.open, bank.open["size"]
    groups = clients["group_id"].value_counts()
    limits = {value for group in read_rule().groups for bounds in group.limits.values() for value in bounds}
    on_limit = clients[["staff", "revenue", "assets"]].isin(limits).any(axis=1) & (clients["staff"] > 20)
    known = size.notna().sum()
    moves = bank.sql("select quarter, status, client_id from clients order by quarter")
    by_quarter = [frame.set_index("client_id")["status"] for _, frame in moves.groupby("quarter")]
    new, lost = [], []
    for before, after in pairwise(by_quarter):
        n_before = (before != "closed").sum()
        new.append(len(after.index.difference(before.index)) / n_before)
        fell_silent = after[(after == "dormant")].index.intersection(before[before == "open"].index)
        lost.append(((after == "closed").sum() + len(fell_silent)) / n_before)
    statements = bank.sql("select distinct client_id from financials")["client_id"]
    return {
        "clients": len(clients),
        "groups with two members": (groups >= 2).sum(),
        "largest group": groups.max(),
        **{f"clients of size {c}": (size == c).sum() / known for c in "LMSX"},
        "missing size indicator": size.isna().mean(),
        "on a size limit": on_limit.mean(),
        "clients in manufacturing": (clients["industry"] == "C").mean(),
        "clients in trade": (clients["industry"] == "F").mean(),
        "platform firms": clients["is_platform"].mean(),
        "high-tech firms": clients["is_high_tech"].mean(),
        "green clients": clients["is_green"].mean(),
        "start-ups": (clients["stage"] == "startup").mean(),
        "growing clients": (clients["stage"] == "growth").mean(),
        "private clients": (clients["ownership"] == "private").mean(),
        "core-city clients": (clients["region_tier"] == "core").mean(),
        "basic accounts": clients["has_basic_account"].mean(),
        "statements": clients.index.isin(statements).mean(),
        "new clients a quarter": float(np.mean(new)),
        "lost or silent a quarter": float(np.mean(lost)),
    }


def read_rule() -> SizeRule:
    return read_size_rule(project_root() / "data" / "reference" / "nbs_enterprise_size_2017.csv")


def money(bank: Bank) -> dict[str, float]:
    """Totals, growth, shape and mix of deposits and loans."""
    days = pd.Series({month: month.day for month in bank.months})
    total = bank.sql("""select month, k, sum(balance_avg)::double as a, sum(balance_end)::double as e
        from positions join kinds on product = p group by all""")
    deposits, loans = (total[total["k"] == kind].set_index("month").sort_index() for kind in ("deposit", "loan"))

    def quarter(frame: pd.DataFrame, back: int) -> float:
        months = bank.months[len(bank.months) - 3 * back - 3 : len(bank.months) - 3 * back]
        return float((frame.loc[months, "a"] * days[months]).sum() / days[months].sum())

    over = (deposits["e"] / deposits["a"] - 1).iloc[2::3]
    ends = [deposits["e"].iloc[-1 - 3 * k] / quarter(deposits, k) - 1 for k in range(12)]
    december = [bank.months[-1 - 3 * k].month == 12 for k in range(12)]
    q3 = bank.sql("""select client_id, sum(balance_avg * day(month)) filter (k = 'deposit')::double / 92 as deposit,
        sum(balance_end) filter (k = 'loan' and month = '2026-09-30')::double as loan,
        sum(balance_avg * day(month)) filter (product = 'acceptance')::double / 92 as acceptance,
        sum(balance_avg * day(month)) filter (product = 'deposit_margin')::double / 92 as margin
        from positions join kinds on product = p where month > '2026-06-30' group by 1""").set_index("client_id")
    q3 = bank.open.join(q3).fillna({"deposit": 0.0, "loan": 0.0, "acceptance": 0.0, "margin": 0.0})
    d, b = q3["deposit"].sort_values(ascending=False).to_numpy() / WAN, q3[q3["loan"] > 0]
    loan = b["loan"].sort_values(ascending=False).to_numpy() / WAN
    n = len(d)
    share = {k: d[: round(n * k)].sum() / d.sum() for k in (0.01, 0.10, 0.20)}
    last = bank.sql("""select client_id, balance_avg::double as a, balance_end::double as e from (select client_id,
        sum(balance_avg) as balance_avg, sum(balance_end) as balance_end from positions join kinds on product = p
        where k = 'deposit' and month = '2026-09-30' group by 1)""")
    spike = last[last["e"] > 1.25 * last["a"].clip(lower=1)]
    tier1 = bank.sql("select value from bank where item = 'tier1_capital' order by quarter")["value"].iloc[-1]
    group = (b.groupby("group_id")["loan"].sum() / tier1).sort_values(ascending=False)
    known = q3[q3["size"].notna()]
    return {
        "deposits, daily average, 亿": quarter(deposits, 0) / YI,
        "loans, daily average, 亿": quarter(loans, 0) / YI,
        "acceptances, 亿": q3["acceptance"].sum() / YI,
        "cash margin of acceptances": q3["margin"].sum() / q3["acceptance"].sum(),
        "deposit growth": quarter(deposits, 0) / quarter(deposits, 4) - 1,
        "loan growth": quarter(loans, 0) / quarter(loans, 4) - 1,
        "loans in manufacturing": b.loc[b["industry"] == "C", "loan"].sum() / b["loan"].sum(),
        "loans in trade": b.loc[b["industry"] == "F", "loan"].sum() / b["loan"].sum(),
        "loans of platform firms": b.loc[b["is_platform"], "loan"].sum() / b["loan"].sum(),
        "core-city deposits": q3.loc[q3["region_tier"] == "core", "deposit"].sum() / q3["deposit"].sum(),
        "deposits of size L": known.loc[known["size"] == "L", "deposit"].sum() / known["deposit"].sum(),
        "loans of size L": known.loc[known["size"] == "L", "loan"].sum() / known["loan"].sum(),
        "borrowers": len(b) / len(q3),
        **{f"borrowers of size {c}": (b["size"] == c).sum() / (q3["size"] == c).sum() for c in "LX"},
        "deposit mean, 万": d.mean(),
        "deposit median, 万": float(np.median(d)),
        "deposit 90 % point, 万": float(np.quantile(d, 0.90)),
        "deposit 99 % point, 万": float(np.quantile(d, 0.99)),
        "deposit skewness": float(skew(d)),
        "deposit Gini": gini(d),
        "deposits of the top 1 %": share[0.01],
        "deposits of the top 10 %": share[0.10],
        "deposits of the top 20 %": share[0.20],
        "ten largest depositors": d[:10].sum() / d.sum(),
        "loan mean, 万": loan.mean(),
        "loan median, 万": float(np.median(loan)),
        "loan Gini": gini(loan),
        "ten largest borrowers": loan[:10].sum() / loan.sum(),
        "ln deposit and ln loan": float(np.corrcoef(np.log(b["deposit"].clip(lower=100)), np.log(b["loan"]))[0, 1]),
        "quarter-end over quarter average": float(
            np.mean([e for e, year in zip(ends, december, strict=True) if not year])
        ),
        "year-end over quarter average": float(np.mean([e for e, year in zip(ends, december, strict=True) if year])),
        "quarters over the limit of 4 %": float((over > 0.04).sum()),
        "clients that spike": len(spike) / len(q3),
        "spikers' part of the gap": (spike["e"] - spike["a"]).sum() / (last["e"] - last["a"]).sum(),
        "largest group of tier 1": group.iloc[0],
        "second group of tier 1": group.iloc[1],
        "third group of tier 1": group.iloc[2],
        "largest single name of tier 1": b["loan"].max() / tier1,
    }


def gini(values: np.ndarray) -> float:
    """Σ(2i − n − 1)·xᵢ / (n·Σx) over ascending values."""
    x = np.sort(values)
    n = len(x)
    return float(((2 * np.arange(1, n + 1) - n - 1) * x).sum() / (n * x.sum()))


def economics(bank: Bank) -> dict[str, float]:
    """Prices, fees, cost and contribution of the last quarter or year."""
    mix = bank.sql("""select product, k, sum(balance_avg * day(month))::double as a, sum(interest)::double as i,
        sum(funds_amount)::double as f from positions join kinds on product = p
        where month > '2026-06-30' group by all""").set_index("product")
    deposits, loans = mix[mix["k"] == "deposit"], mix[mix["k"] == "loan"]
    revenue = (
        "sum(case k when 'loan' then interest - funds_amount when 'deposit' then funds_amount - interest else 0 end"
    )
    years = bank.sql(f"""select (month > '2025-09-30') as now, {revenue} + fee)::double as r from positions
        join kinds on product = p where month > '2024-09-30' group by 1 order by 1""")["r"]
    by_client = bank.sql(f"""select client_id, {revenue} + fee)::double * 365 / 92 as r, sum(fee)::double as fee,
        sum(direct_cost)::double * 365 / 92 as cost from positions join kinds on product = p
        where month > '2026-06-30' group by 1""").set_index("client_id")
    states = bank.sql("""select client_id, sum(balance * default_prob * loss_given_default) filter
        (loan_class in ('pass', 'special_mention'))::double as loss, sum(balance * risk_weight)::double as rwa
        from loan_states where month = '2026-09-30' group by 1""").set_index("client_id")
    off = bank.sql("""select client_id, 0.9 * greatest(acceptances + guarantees - cash_margin, 0)::double as off
        from limits where month = '2026-09-30'""").set_index("client_id")
    table = bank.open.join(by_client).join(states).join(off)
    table = table.fillna(dict.fromkeys(("r", "fee", "cost", "loss", "rwa", "off"), 0.0))
    table["capital"] = 0.105 * (table["rwa"] + table["off"])
    table["contribution"] = table["r"] - table["cost"] - table["loss"]
    contribution = table["contribution"].sort_values(ascending=False)
    user = table[table["capital"] > 0]
    spread = bank.sql("""select client_id, sum(interest - funds_amount)::double as s,
        sum(balance_avg * day(month))::double as a from positions join kinds on product = p
        where k = 'loan' and month > '2026-06-30' group by 1""").set_index("client_id")
    spread = spread.join(bank.clients["size"]).groupby("size")[["s", "a"]].sum()
    rates = bank.sql("""select client_id, sum(balance * rate)::double as r, sum(balance)::double as b from loan_states
        where month = '2026-09-30' and loan_class in ('pass', 'special_mention') group by 1""").set_index("client_id")
    rates = rates.join(bank.clients["size"]).groupby("size")[["r", "b"]].sum()
    return {
        "demand deposits": mix.loc["deposit_demand", "a"] / deposits["a"].sum(),
        "term deposits": mix.loc["deposit_term", "a"] / deposits["a"].sum(),
        "notice deposits": mix.loc["deposit_notice", "a"] / deposits["a"].sum(),
        "margin deposits": mix.loc["deposit_margin", "a"] / deposits["a"].sum(),
        "deposit cost": deposits["i"].sum() / deposits["a"].sum() * 365,
        "deposit spread": (deposits["f"] - deposits["i"]).sum() / deposits["a"].sum() * 365,
        "loan funds price": loans["f"].sum() / loans["a"].sum() * 365,
        **{f"loan rate {c}": rates.loc[c, "r"] / rates.loc[c, "b"] for c in "LMS"},
        **{f"loan spread {c}": spread.loc[c, "s"] / spread.loc[c, "a"] * 365 for c in "LS"},
        "operating revenue, 亿 a year": years.iloc[1] / YI,
        "operating revenue growth": years.iloc[1] / years.iloc[0] - 1,
        "fees of revenue": table["fee"].sum() * 365 / 92 / table["r"].sum(),
        "clients without fees": (table["fee"] <= 0).mean(),
        "cost of revenue": table["cost"].sum() / table["r"].sum(),
        "contribution, 亿": contribution.sum() / YI,
        "clients with negative contribution": (contribution < 0).mean(),
        "top 20 % of net contribution": contribution.iloc[: len(contribution) // 5].sum() / contribution.sum(),
        "capital users under the hurdle": (user["contribution"] * 0.75 < 0.10 * user["capital"]).mean(),
        "RAROC of capital users": user["contribution"].sum() * 0.75 / user["capital"].sum(),
    }


def quality(bank: Bank) -> dict[str, float]:
    """Loan quality at the end, and what happened on the way."""
    now = bank.sql("""select balance::double as b, allowance::double as a, loan_class, days_overdue, stage,
        loss_given_default from loan_states where month = '2026-09-30'""")
    total, bad = now["b"].sum(), now["loan_class"].isin(BAD)
    path = bank.sql("""select client_id, month, sum(balance)::double as b, sum(written_off + transferred)::double as w,
        sum(repaid)::double as r, max(loan_class in ('substandard', 'doubtful', 'loss')) as bad,
        bool_or(loan_class = 'special_mention') as mentioned from loan_states group by 1, 2""")
    start, year = bank.months[-13], path[path["month"] > bank.months[-13]]
    opening, closing = (path[path["month"] == month].set_index("client_id") for month in (start, bank.months[-1]))
    left = year["w"].sum() + year.loc[year["bad"], "r"].sum()
    formation = closing.loc[closing["bad"], "b"].sum() - opening.loc[opening["bad"], "b"].sum() + left
    mentioned = opening[opening["mentioned"] & ~opening["bad"]]
    turned = mentioned.index.isin(year.loc[year["bad"], "client_id"])
    first_bad = path[path["bad"]].groupby("client_id")["month"].min()
    return {
        "NPL": now.loc[bad, "b"].sum() / total,
        "special mention": now.loc[now["loan_class"] == "special_mention", "b"].sum() / total,
        "overdue": now.loc[now["days_overdue"] > 0, "b"].sum() / total,
        "90+ of NPL": now.loc[bad & (now["days_overdue"] > 90), "b"].sum() / now.loc[bad, "b"].sum(),
        "coverage": now["a"].sum() / now.loc[bad, "b"].sum(),
        "stage 2": now.loc[now["stage"] == 2, "b"].sum() / total,
        "loss given default": (now["b"] * now["loss_given_default"]).sum() / total,
        "NPL formation": formation / opening["b"].sum(),
        "special mention that turned bad in a year": mentioned.loc[turned, "b"].sum() / mentioned["b"].sum(),
        "defaults in the history": float((first_bad > bank.months[0]).sum()),
    }


def activity(bank: Bank) -> dict[str, float]:
    """Products held, entries, staff, tiers."""
    held = bank.sql("""select distinct client_id, f from positions join kinds on product = p
        where month = '2026-09-30'""")
    held = held[held["client_id"].isin(bank.open.index)]
    families = held.groupby("client_id").size().reindex(bank.open.index).fillna(0)
    share = held["f"].value_counts() / len(bank.open)
    entries = (
        bank.sql("""select client_id, sum(n_in + n_out)::double / 3 as n from transactions
        where month > '2026-06-30' group by 1""")
        .set_index("client_id")["n"]
        .reindex(bank.open.index)
        .fillna(0)
    )
    managers = bank.sql("select count(distinct staff_id) as n from staff where role = 'manager'")["n"].iloc[0]
    return {
        "product families": families.mean(),
        **{f"product families of size {c}": families[bank.open["size"] == c].mean() for c in "LX"},
        **{family: share[family] for family in ("online", "payroll", "term", "bills", "wealth", "international")},
        **{f"entries {tier}": entries[bank.open["region_tier"] == tier].mean() for tier in ("core", "county")},
        "managers": float(managers),
    }
