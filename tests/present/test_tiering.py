"""Diagnosis of tiers in words: the headline and the readings turn with the data, and nothing is said without tiers."""

from dataclasses import replace

import pandas as pd
import pytest

from analysis.core.association import BOOTSTRAP, NONCENTRAL, Separation
from analysis.core.blocks import Figure, Table
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.portrait import RuleCheck, TierDiagnosis
from analysis.portrait.rates import wilson
from analysis.portrait.tier_rule import NO_STANDARD, NO_TIERS
from analysis.portrait.tiering import NO_TEAMS
from analysis.present.tiering import tier_blocks, tier_finding
from tests.present.prose import en, keeps_the_promises, value, zh


def explained(share: float, chance: float = 0.01, half: float = 0.02) -> Separation:
    return Separation(Estimate(share, share - half, share + half, 400, "ratio", BOOTSTRAP), chance, 3)


def rate(k: int, n: int) -> Estimate:
    found = wilson(k, n)
    assert isinstance(found, Estimate)
    return found


def rule(n_higher: int = 30, n_lower: int = 10) -> RuleCheck:
    ends = Quarter("2026Q1"), Quarter("2024Q1")
    return RuleCheck(*ends, rate(400 - n_higher - n_lower, 400), 400, n_higher, n_lower, pd.DataFrame())


def diagnosis(tier: Separation | Unavailable | None = None, size: float = 0.10, **changes: object) -> TierDiagnosis:
    own = tier or explained(0.30)
    found = TierDiagnosis(
        n_clients=400,
        coverage=rate(400, 400),
        sizes=pd.Series({"T1": 100, "T2": 300}),
        labels={},
        rule=rule(),
        separations={"contribution": own, "n_entries": explained(0.03)},
        criteria={"tier": own, "size_class": explained(size)},
        value="contribution",
        service=Estimate(0.4, 0.3, 0.5, 400, "index", NONCENTRAL),
        teams=None,
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def shown(found: TierDiagnosis) -> tuple[Figure, Table]:
    figure, table = tier_blocks(found)
    assert isinstance(figure, Figure)
    assert isinstance(table, Table)
    return figure, table


def readings(table: Table) -> list[str]:
    found = [row.cells.get("reading") for row in table.rows]
    return [text.en for text in found if isinstance(text, Text)]


def test_the_headline_sets_the_tiers_beside_the_best_other_column() -> None:
    figure, table = shown(diagnosis())
    assert zh(figure.finding) == "现行层级解释综合贡献（税前）名次差异的 30.0%，高于规模的 10.0%"
    assert (
        en(figure.finding)
        == "The tiers in force explain 30.0% of the ranking by contribution before tax, more than size (10.0%)"
    )
    assert keeps_the_promises(figure, table)


@pytest.mark.parametrize(
    ("size", "words"),
    [(0.10, "more than size (10.0%)"), (0.50, "less than size (50.0%)"), (0.31, "hardly to be told from size (31.0%)")],
)
def test_the_comparison_turns_with_the_other_column(size: float, words: str) -> None:
    figure, _ = shown(diagnosis(size=size))
    assert en(figure.finding).endswith(words)


def test_random_tiers_are_called_uninformative() -> None:
    figure, table = shown(diagnosis(explained(0.008, chance=0.012, half=0.004)))
    assert zh(figure.finding) == "现行层级不能区分客户：只解释综合贡献（税前）名次差异的 0.8%，随机分层也可达 1.2%"
    assert "tells nothing: as random tiers" in readings(table)
    finding = tier_finding(diagnosis(explained(0.008, chance=0.012, half=0.004)))
    assert finding is not None
    assert en(finding.sentence).startswith("The tiers in force do not tell the clients' worth.")


def test_the_table_reads_coverage_rule_separation_and_service() -> None:
    _, table = shown(diagnosis())
    assert [value(row.cells["value"]) for row in table.rows] == [1.0, 0.9, 0.075, 0.025, 0.30, 0.03, 0.4]
    assert readings(table) == [
        "every client has one",
        "some differ",
        "tells clients apart",
        "tells little",
        "service follows the tier",
    ]


def test_a_perfect_rule_gaps_in_coverage_and_service_at_random_read_so() -> None:
    _, table = shown(
        diagnosis(coverage=rate(300, 400), rule=rule(0, 0), service=Estimate(0.02, 0.0, 0.1, 400, "index", NONCENTRAL))
    )
    texts = readings(table)
    assert texts[:2] == ["some clients have none", "wholly by the rule"]
    assert texts[-1] == "service does not follow the tier"


def test_what_is_missing_is_named_in_its_row() -> None:
    _, table = shown(diagnosis(rule=NO_STANDARD, service=NO_TEAMS))
    texts = readings(table)
    assert NO_STANDARD.reason.en in texts
    assert NO_TEAMS.reason.en in texts
    finding = tier_finding(diagnosis(rule=NO_STANDARD))
    assert finding is not None
    assert "No written tier standard is in the policy" in en(finding.sentence)


def test_without_tiers_or_without_a_measure_of_worth_nothing_is_claimed() -> None:
    assert tier_blocks(NO_TIERS) == ()
    assert tier_finding(NO_TIERS) is None
    gone = Unavailable(Text("没有金额", "no amount"))
    blocks = tier_blocks(diagnosis(criteria={"tier": gone}))
    assert [block.id for block in blocks if isinstance(block, Table)] == ["tier_diagnosis"]
    assert tier_finding(diagnosis(criteria={"tier": gone})) is None


def test_the_finding_follows_the_numbers() -> None:
    finding = tier_finding(diagnosis(rule=rule(40, 0)))
    assert finding is not None
    assert zh(finding.sentence) == (
        "现行层级能区分客户价值。它解释名次差异的 30.0%。90.0% 的客户与书面标准一致，10.0% 高于标准、0.0% 低于标准。"
        "服务随层级而不同（关联 0.40）。"
    )
    assert finding.refers_to == "tier_diagnosis"
    assert keeps_the_promises(finding)


@pytest.mark.parametrize(
    ("low", "link", "words"),
    [
        (0.0, 0.10, "service does not follow the tier"),
        (0.1, 0.19, "service hardly follows the tier"),
        (0.1, 0.20, "service follows the tier"),
    ],
)
def test_service_follows_clearly_hardly_or_not(low: float, link: float, words: str) -> None:
    found = diagnosis(service=Estimate(link, low, 0.3, 400, "index", NONCENTRAL))
    assert readings(shown(found)[1])[-1] == words
