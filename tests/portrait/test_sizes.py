"""The look-up of a size class: every limit of the 2017 rule in all sixteen industry groups, and what is unknown."""

import csv
from collections.abc import Iterator
from itertools import groupby

import pytest

from analysis.core.errors import ParameterError
from analysis.core.estimate import Unavailable
from analysis.intake.reference import project_root
from analysis.portrait import classify_size

WAN = 10_000.0
CODES = {
    "农、林、牧、渔业": "01",
    "工业": "34",
    "建筑业": "47",
    "批发业": "51",
    "零售业": "52",
    "交通运输业": "54",
    "仓储业": "592",
    "邮政业": "60",
    "住宿业": "61",
    "餐饮业": "62",
    "信息传输业": "64",
    "软件和信息技术服务业": "65",
    "房地产开发经营": "701",
    "物业管理": "702",
    "租赁和商务服务业": "72",
    "其他未列明行业": "74",
}
"""An industry code of each group of the notice."""
HUGE = 1e15


def limits() -> Iterator[tuple[str, str, dict[str, tuple[float, float, float]]]]:
    """Group, code and its limits (small, medium, large; persons and yuan), straight from the file of the notice."""
    path = project_root() / "data" / "reference" / "nbs_enterprise_size_2017.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {"从业人员": "staff", "营业收入": "revenue", "资产总额": "assets"}
    for group, lines in groupby(rows, key=lambda row: row["industry_group"]):
        found = {}
        for row in lines:
            scale = WAN if row["unit"] == "万元" else 1.0
            found[names[row["indicator"]]] = tuple(
                float(row[f"{level}_min"]) * scale for level in ("small", "medium", "large")
            )
        yield group, CODES[group], found  # type: ignore[misc]


BOUNDARIES = [
    pytest.param(code, indicator, bound, lower, upper, id=f"{code}-{indicator}-{upper}")
    for _, code, found in limits()
    for indicator, bounds in found.items()
    for bound, (lower, upper) in zip(bounds, (("X", "S"), ("S", "M"), ("M", "L")), strict=True)
]


def sized(code: str, **given: float | None) -> str | Unavailable:
    """The class with every indicator that is not given far above all limits."""
    values = {"staff": HUGE, "revenue": HUGE, "assets": HUGE} | given
    return classify_size(code, values["staff"], values["revenue"], values["assets"])


def test_all_sixteen_groups_are_tried() -> None:
    assert {group for group, _, _ in limits()} == set(CODES)
    assert len(CODES) == 16


@pytest.mark.parametrize(("code", "indicator", "bound", "lower", "upper"), BOUNDARIES)
def test_a_limit_belongs_to_the_upper_class_and_just_below_it_is_the_lower(
    code: str, indicator: str, bound: float, lower: str, upper: str
) -> None:
    least = 1.0 if indicator == "staff" else 0.01  # a person, a fen
    assert sized(code, **{indicator: bound}) == upper
    assert sized(code, **{indicator: bound - least}) == lower


@pytest.mark.parametrize(("code", "found"), [(code, found) for _, code, found in limits()], ids=list(CODES.values()))
def test_a_missing_indicator_that_the_group_uses_leaves_the_class_unknown_and_says_which(
    code: str, found: dict[str, tuple[float, float, float]]
) -> None:
    words = {"staff": "the number of staff is missing", "revenue": "the yearly revenue is missing"}
    words["assets"] = "the total assets are missing"
    for indicator in ("staff", "revenue", "assets"):
        answer = sized(code, **{indicator: None})
        if indicator in found:
            assert isinstance(answer, Unavailable)
            assert answer.reason.en == words[indicator]
        else:
            assert answer == "L"


def test_money_is_in_yuan_not_in_ten_thousands() -> None:
    # industry, 1,000 persons: 40,000 万元 of revenue are 400 million yuan; 40,000 yuan are those of a micro firm
    assert classify_size("34", 1000, 40_000 * WAN, None) == "L"
    assert classify_size("34", 1000, 40_000, None) == "X"


@pytest.mark.parametrize("code", ["53", "66", "83", "84", "91", "97", "704", "J", "J66", "S", "P"])
def test_finance_schools_health_and_public_bodies_are_outside_the_rule(code: str) -> None:
    assert sized(code) == "I"


def test_a_section_letter_is_enough_where_its_divisions_lie_in_one_group() -> None:
    assert classify_size("C", 1000, 4e8, None) == classify_size("c3411", 1000, 4e8, None) == "L"
    assert classify_size("A", None, 2e8, None) == "L"
    for letter in ("F", "G", "H", "I", "Q"):
        answer = sized(letter)
        assert isinstance(answer, Unavailable)
        assert answer.reason.en == "the code holds several industry groups of the rule: give a longer one"


@pytest.mark.parametrize("code", ["K", "K70", "70", "59", "g59"])
def test_a_division_that_the_rule_splits_is_not_guessed(code: str) -> None:
    # 701 develops, 702 manages property, 704 is outside; 591 is transport, the rest of 59 storage
    answer = sized(code)
    assert isinstance(answer, Unavailable)
    assert answer.reason.en == "the code holds several industry groups of the rule: give a longer one"
    assert answer.reason.zh == "该代码含几个划型行业，须给出更细的代码"
    assert (sized("701"), sized("K702"), sized("704"), sized("591"), sized("592")) == ("L", "L", "I", "L", "L")


def test_a_code_given_as_a_number_is_read_as_its_digits() -> None:
    assert classify_size(34, 1000, 4e8, None) == classify_size("34", 1000, 4e8, None) == "L"
    answer = classify_size(3, 1000, 4e8, None)
    assert isinstance(answer, Unavailable)
    assert answer.reason.en == "the industry code is not in GB/T 4754-2017"
    with pytest.raises(ParameterError) as refusal:
        classify_size(34.5, 1000, 4e8, None)  # type: ignore[arg-type]
    assert str(refusal.value) == 'The industry code 34.5 is no word. Write it as "34" or "C34".'


def test_an_infinite_amount_is_refused_and_nan_is_a_gap() -> None:
    with pytest.raises(ParameterError) as refusal:
        classify_size("34", 1000, float("inf"), None)
    assert str(refusal.value) == "revenue is inf, which is no number. Give None where it is unknown."
    answer = classify_size("34", 1000, float("nan"), None)
    assert isinstance(answer, Unavailable)
    assert answer.reason.en == "the yearly revenue is missing"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (None, "the industry code is missing"),
        ("  ", "the industry code is missing"),
        ("99", "the industry code is not in GB/T 4754-2017"),
        ("A34", "the industry code is not in GB/T 4754-2017"),
        ("machines", "the industry code is not in GB/T 4754-2017"),
        ("3", "the industry code is not in GB/T 4754-2017"),
    ],
)
def test_an_industry_that_is_not_known_gives_no_class(code: str | None, words: str) -> None:
    answer = classify_size(code, 100, 1e8, 1e8)
    assert isinstance(answer, Unavailable)
    assert answer.reason.en == words


def test_less_than_nothing_is_refused() -> None:
    with pytest.raises(ParameterError) as refusal:
        classify_size("34", -3, 1e8, 1e8)
    assert str(refusal.value) == "staff is -3, which is less than nothing. Give persons and yuan."
