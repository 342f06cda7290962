"""The list of needs in two levels, which need each product and survey question is about, and what is on no list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from analysis.core.errors import DataError
from analysis.core.text import Text
from analysis.intake.policy import Policy
from analysis.intake.schemas import PRODUCTS
from analysis.intake.schemas.words import NEED_SOURCES

Kind = Literal["stated", "revealed", "inferred"]
KINDS: tuple[Kind, ...] = ("stated", "revealed", "inferred")

HOLDINGS = "holdings"
"""The source that is no record: products the client uses."""
UNMAPPED = "unmapped"


@dataclass(frozen=True, slots=True)
class Need:
    """One need of the second level.

    Parameters
    ----------
    group : code of the first level
    is_emerging : new to banking (green finance, digital yuan), as against loans, deposits and payments
    reference : where it is asked for
    """

    code: str
    group: str
    label: Text
    is_emerging: bool
    reference: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a need is read from.

    Parameters
    ----------
    weight : chance that a need this source alone names at full strength is really there
    valid_months : after so many months the evidence is stale
    """

    code: str
    kind: Kind
    weight: float
    valid_months: int
    label: Text


@dataclass(frozen=True)
class Taxonomy:
    """Needs, what they are read from, and what serves them.

    Parameters
    ----------
    groups : names of the first level, in printing order
    needs : second level by code, in printing order
    product_need : the one need each product serves
    survey_need : the need a survey question is about; questions about none are in `unmapped_questions`
    terms : terms of the source documents and the code (of either level) that stands for each
    """

    groups: Mapping[str, Text]
    needs: Mapping[str, Need]
    sources: Mapping[str, Source]
    product_need: Mapping[str, str]
    survey_need: Mapping[str, str]
    unmapped_questions: tuple[str, ...]
    terms: Mapping[str, str]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(self.needs)

    @property
    def has_product(self) -> frozenset[str]:
        """Needs that a product of the catalogue serves."""
        return frozenset(self.product_need.values())

    @property
    def counted_sources(self) -> tuple[str, ...]:
        """Sources whose needs are counted; inferred ones are only shown apart."""
        return tuple(code for code, source in self.sources.items() if source.kind != "inferred")

    def group_of(self, need: str) -> str:
        return self.needs[need].group

    def label(self, code: str) -> Text:
        """Name of a need or of a group of needs."""
        return self.needs[code].label if code in self.needs else self.groups[code]

    def unmapped(self, codes: Iterable[str]) -> tuple[str, ...]:
        """Codes that are on no list, sorted."""
        return tuple(sorted({str(code) for code in codes} - set(self.needs)))


def load_taxonomy(policy: Policy) -> Taxonomy:
    """The list of needs in force.

    Raises
    ------
    DataError : a product is missing from the map, or a row names a need that is on no list
    """
    groups = {row["id"]: Text.of(row) for row in policy.table("need_groups")}
    needs = {
        row["id"]: Need(row["id"], row["group"], Text.of(row), row["novelty"] == "emerging", row["reference"])
        for row in policy.table("needs")
    }
    sources = {
        row["id"]: Source(row["id"], row["kind"], float(row["weight"]), int(row["valid_months"]), Text.of(row))
        for row in policy.table("need_sources")
    }
    products = {row["id"]: row["need"] for row in policy.table("product_needs")}
    questions = {row["id"]: row["need"] for row in policy.table("survey_needs")}
    terms = {row["id"]: row["need"] for row in policy.table("need_terms")}
    _check("needs", {need.group for need in needs.values()}, groups)
    _check("product_needs", set(products.values()), needs)
    _check("survey_needs", set(questions.values()) - {UNMAPPED}, needs)
    _check("need_terms", set(terms.values()), {**groups, **needs})
    _check("product_needs", set(PRODUCTS), products)
    _check("need_sources", {*NEED_SOURCES, HOLDINGS}, sources)
    return Taxonomy(
        groups,
        needs,
        sources,
        products,
        {question: need for question, need in questions.items() if need != UNMAPPED},
        tuple(question for question, need in questions.items() if need == UNMAPPED),
        terms,
    )


def _check(table: str, named: set[str], known: Mapping[str, object]) -> None:
    if unknown := sorted(named - set(known)):
        raise DataError(
            f"The policy table {table!r} and the list it rests on differ in {', '.join(unknown)}.",
            hint="Every code stands on both; see data/policy/needs.toml.",
        )
