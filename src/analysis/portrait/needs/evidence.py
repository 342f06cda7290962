"""What each client needs, put together from every source that can speak, and how sure that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.portfolio import Portfolio
from analysis.metrics.holdings import products_held
from analysis.portrait.needs.adoption import marked_needs
from analysis.portrait.needs.records import NeedRecords, need_records
from analysis.portrait.needs.response import survey_answers
from analysis.portrait.needs.taxonomy import HOLDINGS, Kind, Source, Taxonomy

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Evidence = Literal["stated", "revealed", "combined"]

NEVER = np.iinfo(np.int64).max
"""Days since a source spoke where it never did."""


@dataclass(frozen=True)
class SourceEvidence:
    """What one source says.

    Parameters
    ----------
    strength : ndarray (n_clients, n_needs), 0 where it names no need
    covered : ndarray (n_clients,), whether the source could have named a need of this client
    age_days : ndarray (n_clients, n_needs), days since the newest record that names the need; NEVER without one
    """

    source: Source
    strength: Floats
    covered: Mask
    age_days: npt.NDArray[np.int64]

    @property
    def is_stale(self) -> Mask:
        """Needs whose newest evidence is older than the source's validity."""
        return np.asarray((self.age_days < NEVER) & (self.age_days > self.source.valid_months * 30.44))


@dataclass(frozen=True)
class NeedEvidence:
    """Every client's needs by source and combined.

    Parameters
    ----------
    clients : the population of the study
    by_source : the sources asked for, in the order of the policy
    threshold : combined strength from which a need counts as present

    Notes
    -----
    Strength of a kind of evidence: 1 − Π (1 − weight × strength) over its sources, the chance that at least one of
    several independent sources is right. Combined joins stated and revealed; inferred evidence is only shown apart.
    """

    clients: pd.Index
    taxonomy: Taxonomy
    by_source: Mapping[str, SourceEvidence]
    threshold: float
    as_of: pd.Timestamp
    records: NeedRecords
    cautions: tuple[Text, ...] = ()

    def strength(self, kind: Kind | Literal["combined"] = "combined") -> Floats:
        """Strength of the evidence of a kind, ndarray (n_clients, n_needs)."""
        kinds = ("stated", "revealed") if kind == "combined" else (kind,)
        missing = np.ones((len(self.clients), len(self.taxonomy.codes)))
        for one in self.by_source.values():
            if one.source.kind in kinds:
                missing *= 1 - one.source.weight * one.strength
        return 1 - missing

    def present(self, evidence: Evidence = "combined") -> pd.DataFrame:
        """Whether each client has each need; index clients, columns needs."""
        found = self.strength(evidence) >= self.threshold
        return pd.DataFrame(found, index=self.clients, columns=list(self.taxonomy.codes))

    @property
    def is_asked(self) -> "pd.Series[bool]":
        """Clients of whom a survey, an interview or a manager could have told a need: the base of stated shares."""
        covered = np.zeros(len(self.clients), dtype=bool)
        for one in self.by_source.values():
            if one.source.kind == "stated":
                covered |= one.covered
        return pd.Series(covered, index=self.clients, dtype=bool)

    def base(self, evidence: Evidence) -> "pd.Series[bool]":
        """Clients over whom a share is taken: everybody for use, those asked for whatever rests on words."""
        everybody = pd.Series(np.ones(len(self.clients), dtype=bool), index=self.clients, dtype=bool)
        return everybody if evidence == "revealed" else self.is_asked

    @property
    def open_stated(self) -> Mask:
        """Whether the client has an open record of the need, of any source but public information."""
        rows = self.records.open
        rows = rows[rows["source"].isin(self.taxonomy.counted_sources)]
        return _marked(rows, self.clients, self.taxonomy.codes)

    @property
    def held(self) -> Mask:
        """Whether the client uses a product that serves the need."""
        one = self.by_source.get(HOLDINGS)
        return np.zeros((len(self.clients), len(self.taxonomy.codes)), dtype=bool) if one is None else one.strength > 0

    def grades(self) -> npt.NDArray[np.str_]:
        """How sure each need is, A to D, empty where there is no evidence; ndarray (n_clients, n_needs).

        A: words and use agree. B: two sources of words. C: one source of words, or use alone. D: inferred only.
        One grade lower, D at worst, when all its evidence is stale.
        """
        speaks = {code: one.strength > 0 for code, one in self.by_source.items()}
        shape = (len(self.clients), len(self.taxonomy.codes))
        words = np.zeros(shape, dtype=int)
        use, hint, fresh = (np.zeros(shape, dtype=bool) for _ in range(3))
        for code, one in self.by_source.items():
            fresh |= speaks[code] & ~one.is_stale
            words += speaks[code] & (one.source.kind == "stated")
            use |= speaks[code] & (one.source.kind == "revealed")
            hint |= speaks[code] & (one.source.kind == "inferred")
        level = np.select([(words > 0) & use, words > 1, (words > 0) | use, hint], [0, 1, 2, 3], 4)
        level = np.where(fresh | (level == 4), level, np.minimum(level + 1, 3))
        return np.asarray(np.array(["A", "B", "C", "D", ""])[level], dtype=np.str_)


def combine_needs(portfolio: Portfolio, *, sources: Sequence[str] | None = None) -> NeedEvidence | Unavailable:
    """The needs of every client of the study.

    Parameters
    ----------
    sources : codes of the sources to use, by default all of the policy; one left out changes coverage, not the others
    """
    records = need_records(portfolio)
    if isinstance(records, Unavailable):
        return records
    taxonomy, policy = records.taxonomy, portfolio.policy
    clients = corporate_clients(portfolio).index
    window = int(policy.number("need_window_months"))
    rows = records.in_force(window)
    asked = tuple(taxonomy.sources) if sources is None else tuple(sources)
    found = {}
    for code in (code for code in taxonomy.sources if code in asked):
        if code == HOLDINGS:
            found[code] = _from_holdings(portfolio, clients, taxonomy)
        else:
            found[code] = _from_records(rows[rows["source"] == code], taxonomy.sources[code], clients, records)
    if "survey" in found:
        found["survey"] = _with_answers(found["survey"], portfolio, clients, window)
    if "manager" in found:
        found["manager"] = _with_charges(found["manager"], portfolio)
    return NeedEvidence(
        clients, taxonomy, found, policy.number("need_present"), records.as_of, records, records.cautions
    )


def _cells(rows: pd.DataFrame, clients: pd.Index, codes: Sequence[str]) -> tuple[npt.NDArray[np.intp], ...]:
    """Row and column of each record in a table of clients and needs."""
    return clients.get_indexer(pd.Index(rows["client_id"])), pd.Index(codes).get_indexer(pd.Index(rows["need"]))


def _marked(rows: pd.DataFrame, clients: pd.Index, codes: Sequence[str]) -> Mask:
    marked = np.zeros((len(clients), len(codes)), dtype=bool)
    marked[_cells(rows, clients, codes)] = True
    return marked


def _from_records(rows: pd.DataFrame, source: Source, clients: pd.Index, records: NeedRecords) -> SourceEvidence:
    codes = records.taxonomy.codes
    at = _cells(rows, clients, codes)
    strength = np.zeros((len(clients), len(codes)))
    np.maximum.at(strength, at, rows["strength"].to_numpy(dtype=float))
    age = np.full(strength.shape, NEVER, dtype=np.int64)
    np.minimum.at(age, at, (records.as_of - rows["opened"]).dt.days.to_numpy(dtype=np.int64))
    return SourceEvidence(source, strength, np.asarray((strength > 0).any(axis=1)), age)


def _from_holdings(portfolio: Portfolio, clients: pd.Index, taxonomy: Taxonomy) -> SourceEvidence:
    """Use: a product held at the quarter's end shows its need at full strength."""
    held = products_held(portfolio)
    marked = marked_needs(held, clients, taxonomy.codes, taxonomy)
    covered = np.full(len(clients), portfolio.has("positions"))
    return SourceEvidence(taxonomy.sources[HOLDINGS], marked.astype(float), covered, np.where(marked, 0, NEVER))


def _with_answers(one: SourceEvidence, portfolio: Portfolio, clients: pd.Index, window: int) -> SourceEvidence:
    """The survey also covers those who answered it and named no need."""
    answers = survey_answers(portfolio, window)
    if isinstance(answers, Unavailable):
        return one
    answered = answers.loc[answers["answered"], "client_id"]
    return SourceEvidence(one.source, one.strength, one.covered | clients.isin(answered), one.age_days)


def _with_charges(one: SourceEvidence, portfolio: Portfolio) -> SourceEvidence:
    """Managers cover every client in their charge: the base must not depend on whether they wrote a need down."""
    in_charge = corporate_clients(portfolio)["manager_id"].notna().to_numpy(dtype=bool)
    return SourceEvidence(one.source, one.strength, one.covered | in_charge, one.age_days)


@dataclass(frozen=True, slots=True)
class SourceLine:
    """Coverage of one source, and how far the others confirm it.

    Parameters
    ----------
    n_clients : clients it covers, as a share of all in `share`
    n_needs : needs it names (client × need)
    median_age_days, stale_share : of the needs it names
    confirmed : share of the needs it names that another source names too, over clients that another source covers
    """

    source: Source
    n_clients: int
    share: float
    n_needs: int
    median_age_days: float | Unavailable
    stale_share: float | Unavailable
    confirmed: float | Unavailable


NOTHING_NAMED = Unavailable(Text("该来源没有记录需求", "the source names no need"))
NO_OTHER = Unavailable(Text("没有其他来源覆盖同一客户", "no other source covers the same clients"))


def source_lines(evidence: NeedEvidence) -> tuple[SourceLine, ...]:
    """Coverage, age and agreement of every source used."""
    return tuple(_line(evidence, code) for code in evidence.by_source)


def _line(evidence: NeedEvidence, code: str) -> SourceLine:
    one = evidence.by_source[code]
    named = one.strength > 0
    n_needs = int(named.sum())
    share = float(one.covered.mean()) if len(one.covered) else 0.0
    if n_needs == 0:
        return SourceLine(one.source, int(one.covered.sum()), share, 0, NOTHING_NAMED, NOTHING_NAMED, NOTHING_NAMED)
    others = [other for key, other in evidence.by_source.items() if key != code]
    covered = np.logical_or.reduce([other.covered for other in others]) if others else np.zeros(len(named), dtype=bool)
    also = np.logical_or.reduce([other.strength > 0 for other in others]) if others else np.zeros_like(named)
    comparable = named & covered[:, None]
    # Age and staleness of what is in use now mean nothing: it is of the quarter's last day.
    is_use = code == HOLDINGS
    return SourceLine(
        one.source,
        int(one.covered.sum()),
        share,
        n_needs,
        Unavailable(USE_IS_NOW) if is_use else float(np.median(one.age_days[named])),
        Unavailable(USE_IS_NOW) if is_use else float(one.is_stale[named].mean()),
        float(also[comparable].mean()) if comparable.any() else NO_OTHER,
    )


USE_IS_NOW = Text("产品使用为季末当日", "use is that of the quarter's last day")
