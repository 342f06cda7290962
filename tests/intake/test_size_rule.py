"""The size rule of 2017, class by class, from the limits of the notice (万元 are 10,000 yuan)."""

import csv
import hashlib
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.core.errors import DataError
from analysis.intake.reference import project_root
from analysis.intake.size_rule import SizeRule, read_size_rule, size_class

REFERENCE = project_root() / "data" / "reference"
WAN = 10_000.0
NAMES = (
    "gbt4754_2017_sections",
    "gbt4754_2017_sections_en",
    "gbt4754_2017_divisions",
    "nbs_enterprise_size_2017",
    "provinces_gbt2260",
)


@pytest.fixture(scope="module")
def rule() -> SizeRule:
    return read_size_rule(REFERENCE / "nbs_enterprise_size_2017.csv")


def classify(rule: SizeRule, code: str, staff: float, revenue: float, assets: float) -> str | None:
    """Class of one client; money in 万元."""
    classes, _ = size_class([code], [staff], [revenue * WAN], [assets * WAN], rule)
    return None if pd.isna(classes.iloc[0]) else str(classes.iloc[0])


def test_a_factory_on_both_large_limits_is_large(rule: SizeRule) -> None:
    # industry: large from 1,000 persons and 40,000 万元; the limits themselves belong to the upper class
    assert classify(rule, "34", 1000, 40_000, 0) == "L"


def test_a_firm_that_misses_one_indicator_limit_falls_to_the_next_class(rule: SizeRule) -> None:
    assert classify(rule, "34", 1000, 39_999, 0) == "M"  # revenue is only medium (2,000 … 39,999)
    assert classify(rule, "34", 299, 400_000, 0) == "S"  # staff is only small (20 … 299)


def test_a_firm_under_one_small_limit_is_micro(rule: SizeRule) -> None:
    assert classify(rule, "34", 19, 400_000, 0) == "X"  # under 20 persons, whatever the revenue
    assert classify(rule, "51", 5, 999, 0) == "X"  # wholesale: 5 persons are enough, 1,000 万元 are not


@pytest.mark.parametrize(
    ("code", "staff", "revenue", "assets", "wanted"),
    [
        ("01", 1, 20_000, 0, "L"),  # farming looks at revenue alone
        ("01", 9_999, 499, 0, "S"),
        ("47", 1, 80_000, 80_000, "L"),  # building: revenue and assets
        ("47", 1, 80_000, 4_999, "S"),
        ("52", 50, 500, 0, "M"),  # retail: 50 persons and 500 万元
        ("54", 300, 3_000, 0, "M"),  # road transport
        ("59", 100, 1_000, 0, "M"),  # storage has lower limits than transport
        ("591", 100, 1_000, 0, "S"),  # loading counts as transport: 300 persons for medium
        ("60", 1000, 30_000, 0, "L"),
        ("61", 100, 2_000, 0, "M"),
        ("64", 2000, 100_000, 0, "L"),
        ("65", 100, 1_000, 0, "M"),
        ("70", 1, 1_000, 5_000, "M"),  # a two-digit 70 is taken as development: revenue and assets
        ("702", 300, 1_000, 0, "M"),  # property management: 300 persons and 1,000 万元
        ("72", 300, 0, 119_999, "M"),  # business services: staff and assets
        ("74", 10, 0, 0, "S"),  # not named elsewhere: staff alone
        ("85", 300, 0, 0, "L"),  # social work is in, health (84) is not
    ],
)
def test_each_industry_group_has_its_own_indicators(
    rule: SizeRule, code: str, staff: float, revenue: float, assets: float, wanted: str
) -> None:
    assert classify(rule, code, staff, revenue, assets) == wanted


@pytest.mark.parametrize("code", ["53", "66", "83", "84", "91", "97", "704"])
def test_finance_railways_schools_health_and_public_bodies_are_outside(rule: SizeRule, code: str) -> None:
    assert classify(rule, code, 5_000, 500_000, 500_000) == "I"


def test_a_public_body_is_outside_whatever_its_industry(rule: SizeRule) -> None:
    classes, reasons = size_class(
        ["78", "78"], [500, 500], [1.0, 1.0], [1.0, 1.0], rule, entity_type=["institution", "enterprise"]
    )
    assert classes.tolist() == ["I", "L"]
    assert reasons.tolist() == ["", ""]


def test_a_missing_indicator_leaves_the_class_open_and_says_which(rule: SizeRule) -> None:
    classes, reasons = size_class(
        pd.Series(["34", "34", "74", None], index=list("abcd")),
        [np.nan, 10, 12, 10],
        [1e6, np.nan, np.nan, 1.0],
        [np.nan, 1.0, 1.0, 1.0],
        rule,
    )
    assert classes.isna().tolist() == [True, True, False, True]  # division 74 needs no revenue
    assert reasons.tolist() == ["missing staff", "missing revenue", "", "missing industry"]
    assert list(classes.index) == list("abcd")


def test_more_staff_or_money_never_lowers_the_class(rule: SizeRule) -> None:
    order = {"X": 0, "S": 1, "M": 2, "L": 3}
    rng = np.random.default_rng(5)
    codes = np.array(["01", "34", "47", "51", "52", "54", "61", "65", "70", "72", "74"])[rng.integers(0, 11, 400)]
    low = np.exp(rng.uniform(0, 8, 400)), np.exp(rng.uniform(8, 22, 400)), np.exp(rng.uniform(8, 22, 400))
    before, _ = size_class(codes, *low, rule)
    after, _ = size_class(codes, *(values * 1.7 for values in low), rule)
    assert (after.map(order) >= before.map(order)).all()


def test_nobody_gives_an_empty_answer(rule: SizeRule) -> None:
    classes, reasons = size_class([], [], [], [], rule)
    assert len(classes) == 0
    assert len(reasons) == 0


def test_the_rule_has_the_sixteen_groups_of_the_notice(rule: SizeRule) -> None:
    assert len(rule.groups) == 16
    assert rule.groups[1].limits["revenue"] == (300 * WAN, 2_000 * WAN, 40_000 * WAN)


def test_a_file_that_is_no_size_rule_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError) as refusal:
        read_size_rule(tmp_path / "other.csv")
    assert str(refusal.value) == ("other.csv is not a size rule. It needs the columns of nbs_enterprise_size_2017.csv.")


@pytest.mark.parametrize("name", NAMES)
def test_reference_files_are_those_their_source_notes_describe(name: str) -> None:
    note = tomllib.loads((REFERENCE / f"{name}.source.toml").read_text(encoding="utf-8"))
    assert note["sha256"] == hashlib.sha256((REFERENCE / f"{name}.csv").read_bytes()).hexdigest()
    assert {"title_zh", "title_en", "document", "published", "source", "licence"} <= set(note)


def test_every_section_has_an_english_name_and_its_divisions() -> None:
    def rows(name: str) -> list[dict[str, str]]:
        with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    sections, english, divisions = (rows(name) for name in (NAMES[0], NAMES[1], NAMES[2]))
    assert [row["section"] for row in sections] == [row["section"] for row in english]
    # 5+7+31+3+4+2+8+2+3+4+1+2+3+4+3+1+2+5+6+1 = 97 divisions in 20 sections
    assert sum(int(row["n_divisions"]) for row in sections) == len(divisions) == 97
