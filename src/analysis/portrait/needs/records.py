"""The records of needs as they were known at the quarter's end: one row a need, not one a coder."""

from dataclasses import dataclass

import pandas as pd

from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.portfolio import Portfolio
from analysis.portrait.needs.taxonomy import Taxonomy, load_taxonomy

KEY = ["client_id", "need", "source", "opened"]
COLUMNS = [*KEY, "strength", "urgency", "importance", "deadline", "closed", "amount", "served_by", "n_coders"]

READ = ("need_id", *KEY, "strength", "urgency", "importance", "deadline", "closed", "amount", "served_by", "coder_id")

NEVER = pd.Timestamp("2200-01-01")
"""A day after every other, for needs that are open."""

NO_RECORDS = Unavailable(
    Text("数据源没有需求记录，无法分析需求", "the source has no records of needs, so needs cannot be analysed")
)


@dataclass(frozen=True)
class NeedRecords:
    """Needs recorded up to the quarter's end, of clients whose account is open.

    Parameters
    ----------
    frame : one row a client, need, source and day; strength from 0 to 1, full where it was not given; `closed` empty
        while the need is open
    everyone : the same with the records of clients that have left since, for what is counted at earlier dates
    codings : the rows of interviews before coders were put together: client_id, opened, need, coder_id
    unmapped : rows left out by code, because the code is on no list of needs
    n_no_source : rows without a source, left out
    as_of : the quarter's last day
    """

    frame: pd.DataFrame
    everyone: pd.DataFrame
    codings: pd.DataFrame
    unmapped: dict[str, int]
    n_no_source: int
    as_of: pd.Timestamp
    taxonomy: Taxonomy
    cautions: tuple[Text, ...] = ()

    @property
    def open(self) -> pd.DataFrame:
        """Needs nobody has closed yet."""
        return self.frame[self.frame["closed"].isna()]

    def in_force(self, months: int) -> pd.DataFrame:
        """Open needs, and those closed within so many months before the quarter's end."""
        start = self.as_of - pd.DateOffset(months=months)
        return self.frame[self.frame["closed"].isna() | (self.frame["closed"] > start)]


def need_records(portfolio: Portfolio) -> NeedRecords | Unavailable:
    """The records of needs, without what was not known yet at the quarter's end."""
    if not portfolio.has("needs"):
        return NO_RECORDS
    taxonomy = load_taxonomy(portfolio.policy)
    raw = portfolio.to_frame(portfolio.table("needs").select(*READ))
    clients = corporate_clients(portfolio).index
    as_of = pd.Timestamp(portfolio.quarter.end)
    for column in ("opened", "deadline", "closed"):
        raw[column] = pd.to_datetime(raw[column])
    everyone = _one_a_need(raw[raw["need"].isin(taxonomy.codes) & raw["source"].notna()])
    raw = raw[clients.get_indexer(pd.Index(raw["client_id"])) >= 0]
    is_known = raw["need"].isin(taxonomy.codes)
    unmapped = {str(code): int(n) for code, n in raw.loc[~is_known, "need"].value_counts().sort_index().items()}
    has_source = raw["source"].notna()
    kept = raw[is_known & has_source]
    interviews = kept[(kept["source"] == "interview") & kept["coder_id"].notna()]
    return NeedRecords(
        frame=everyone[clients.get_indexer(pd.Index(everyone["client_id"])) >= 0].reset_index(drop=True),
        everyone=everyone,
        codings=interviews[["client_id", "opened", "need", "coder_id"]].reset_index(drop=True),
        unmapped=unmapped,
        n_no_source=int((is_known & ~has_source).sum()),
        as_of=as_of,
        taxonomy=taxonomy,
        cautions=_cautions(sum(unmapped.values()), int((is_known & ~has_source).sum())),
    )


def _one_a_need(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of several coders for the same need of the same day put together; a need is open while any of them is."""
    frame = rows.assign(
        strength=rows["strength"].astype(float).fillna(1.0),
        closed_or_never=rows["closed"].fillna(NEVER),
        n_coders=1,
    ).sort_values([*KEY, "need_id"])
    # A mean of strengths in the order of their numbers is the same whoever coded first; there are one or two.
    joined = frame.groupby(KEY, sort=True).agg(
        strength=("strength", "mean"),
        urgency=("urgency", "max"),
        importance=("importance", "max"),
        deadline=("deadline", "min"),
        closed=("closed_or_never", "max"),
        amount=("amount", "max"),
        served_by=("served_by", "first"),
        n_coders=("n_coders", "sum"),
    )
    joined["closed"] = joined["closed"].where(joined["closed"] < NEVER)
    for column in ("urgency", "importance", "amount"):
        joined[column] = joined[column].astype(float)
    return joined.reset_index()[COLUMNS]


def _cautions(n_unmapped: int, n_no_source: int) -> tuple[Text, ...]:
    found = []
    if n_unmapped:
        found.append(
            Text("部分需求记录的代码不在需求分类中，未计入", "some records name a need that is on no list; left out")
        )
    if n_no_source:
        found.append(Text("部分需求记录没有来源，未计入", "some records of needs have no source; left out"))
    return tuple(found)
