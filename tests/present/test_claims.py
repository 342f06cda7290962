"""What chapter 20 says of the statements, in both languages."""

import pytest

from analysis.core.blocks import Figure
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.portrait.claims import Claim, Outcome, Part
from analysis.present.claims import NO_NUMBER, claims_figure, claims_finding, claims_table, parts_table
from tests.present.prose import en, zh

SAID = Text("大型企业需求更多", "Large firms need more")
WHY = Text("没有数据", "no data")


def claim(*outcomes: Outcome | None) -> Claim:
    def part(outcome: Outcome | None) -> Part:
        measured = Unavailable(WHY) if outcome is None else Estimate(1.7, 1.2, 2.4, 900, "index", WHY)
        return Part("T0.x", SAID, measured, 0.01, outcome)

    return Claim("T0", SAID, "000", tuple(part(outcome) for outcome in outcomes))


@pytest.mark.parametrize(
    ("claims", "chinese", "english"),
    [
        (
            [claim("holds"), claim("holds", "no_evidence"), claim("no_evidence"), claim(None)],
            "可检验的 3 条论断中，本季数据支持 1 条、部分支持 1 条、未支持 1 条；另有 1 条缺少数据",
            "Of 3 testable statements this quarter's data support 1, 1 in part and 1 not; 1 more lack data",
        ),
        (
            [claim("contrary"), claim("contrary", None)],
            "可检验的 2 条论断中，本季数据支持 0 条、部分支持 0 条、未支持 2 条；另有 0 条缺少数据",
            "Of 2 testable statements this quarter's data support 0, 0 in part and 2 not; 0 more lack data",
        ),
    ],
    ids=["one of each", "none holds"],
)
def test_the_finding_counts_the_verdicts(claims: list[Claim], chinese: str, english: str) -> None:
    assert zh(claims_finding(claims)) == chinese
    assert en(claims_finding(claims)) == english


def test_a_statement_without_data_says_why_in_its_row() -> None:
    [held, missing] = claims_table([claim("holds", "no_evidence"), claim(None)]).rows
    assert held.cells["held"] == Text("1 / 2", "1 of 2")
    assert missing.cells["verdict"] == Text("无法检验", "not testable")
    assert "没有数据" in str(missing.cells["held"])


def test_every_part_is_in_the_workbook_and_ratios_in_the_figure() -> None:
    claims = [claim("holds", "no_evidence"), claim(None)]
    figure = claims_figure(claims)
    assert isinstance(figure, Figure)
    assert len(parts_table(claims).rows) == len(figure.behind.rows) == 3
    assert claims_figure([claim(None)]) == NO_NUMBER
