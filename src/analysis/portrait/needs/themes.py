"""What clients complain and write about: cases by theme and quarter, with those nobody could code shown as such."""

from dataclasses import dataclass

import pandas as pd

from analysis.core.disclosure import suppress_parts
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.portfolio import Portfolio
from analysis.portrait.needs.response import cohen_kappa
from analysis.portrait.rates import wilson

UNCODED = "uncoded"
UNCODED_LABEL = Text("未能编码", "not coded")
NO_FEEDBACK = Unavailable(Text("数据源没有意见与投诉", "the source has no feedback"))
NOTHING_SAID = Unavailable(Text("本季没有意见与投诉", "there was no feedback in the quarter"))
NOT_COMPARABLE = Unavailable(
    Text(
        "没有同时具备主题与文字的意见，无法核对自动编码",
        "no case has both a theme and a text, so the coding cannot be checked",
    )
)


@dataclass(frozen=True)
class Themes:
    """Feedback of a quarter by theme.

    Parameters
    ----------
    table : a row a theme and the uncoded last; columns theme, n_cases, share, previous, complaints, n_clients, hidden
    labels : names of the themes
    uncoded : share of cases without a theme
    n_from_text : cases whose theme was read off their text by the words of the policy
    agreement : kappa between the words of the policy and the theme given, over cases that have both
    """

    table: pd.DataFrame
    labels: dict[str, Text]
    n_cases: int
    n_previous: int
    uncoded: Estimate | Unavailable
    n_from_text: int
    agreement: Estimate | Unavailable


def feedback_themes(portfolio: Portfolio) -> Themes | Unavailable:
    """Cases of the quarter by theme, against the quarter before.

    Notes
    -----
    A theme the policy lists is taken as given, by code or by name. Without one, the first row of the policy any of
    whose words stands in the text gives it. What is left is uncoded and shown, never spread over the themes.
    """
    if not portfolio.has("feedback"):
        return NO_FEEDBACK
    columns = ["case_id", "client_id", "kind", "theme", "opened", "content"]
    rows = portfolio.to_frame(portfolio.table("feedback").select(*columns))
    rows = rows[rows["client_id"].isin(corporate_clients(portfolio).index) & (rows["kind"] != "rating")]
    rows["opened"] = pd.to_datetime(rows["opened"])
    listed = portfolio.policy.table("feedback_themes")
    names = {name.lower(): row["id"] for row in listed for name in (row["id"], row["zh"], row["en"])}
    given = rows["theme"].str.strip().str.lower().map(names)
    read = _read_text(rows["content"], {row["id"]: row["words"].split() for row in listed})
    rows = rows.assign(code=given.fillna(read).fillna(UNCODED), from_text=given.isna() & read.notna())
    now, before = (
        rows[(rows["opened"] >= pd.Timestamp(quarter.start)) & (rows["opened"] <= pd.Timestamp(quarter.end))]
        for quarter in (portfolio.quarter, portfolio.quarter.previous)
    )
    if now.empty:
        return NOTHING_SAID
    table = _table(now, before, int(portfolio.policy.number("disclosure_min_clients")))
    n_uncoded = int((now["code"] == UNCODED).sum())
    both = given.notna() & read.notna()
    return Themes(
        table,
        {row["id"]: Text.of(row) for row in listed} | {UNCODED: UNCODED_LABEL},
        len(now),
        len(before),
        wilson(n_uncoded, len(now)),
        int(now["from_text"].sum()),
        _agreement(given[both], read[both]),
    )


def _read_text(content: "pd.Series[str]", words: dict[str, list[str]]) -> "pd.Series[str]":
    """The first theme any of whose words stands in the text; missing where none does."""
    found = pd.Series(pd.NA, index=content.index, dtype="str")
    text = content.str.lower()
    for theme, its_words in words.items():
        hit = pd.Series(False, index=content.index)
        for word in its_words:
            hit |= text.str.contains(word.lower(), regex=False).fillna(False).astype(bool)
        found = found.where(found.notna() | ~hit, theme)
    return found


def _table(now: pd.DataFrame, before: pd.DataFrame, minimum: int) -> pd.DataFrame:
    counts = now["code"].value_counts()
    order = sorted((code for code in counts.index if code != UNCODED), key=lambda code: (-counts[code], code))
    order += [UNCODED] if UNCODED in counts else []
    clients = now.groupby("code")["client_id"].nunique().reindex(order)
    return pd.DataFrame(
        {
            "theme": order,
            "n_cases": counts.reindex(order).to_numpy(),
            "share": (counts.reindex(order) / len(now)).to_numpy(),
            "previous": before["code"].value_counts().reindex(order).fillna(0).astype(int).to_numpy(),
            "complaints": now[now["kind"] == "complaint"]["code"]
            .value_counts()
            .reindex(order)
            .fillna(0)
            .astype(int)
            .to_numpy(),
            "n_clients": clients.to_numpy(),
            "hidden": suppress_parts(clients.to_numpy(), minimum),
        }
    )


def _agreement(given: "pd.Series[str]", read: "pd.Series[str]") -> Estimate | Unavailable:
    """Kappa over case × theme verdicts."""
    if given.empty:
        return NOT_COMPARABLE
    themes = sorted({*given, *read})
    first = pd.concat([given == theme for theme in themes]).to_numpy(dtype=bool)
    second = pd.concat([read == theme for theme in themes]).to_numpy(dtype=bool)
    return cohen_kappa(first, second, n_clients=len(given))
