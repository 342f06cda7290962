"""Numbers become text: hand-worked cases in both languages, limits, and parsing back."""

import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.blocks import Column, Missing, Ref, Row, Sentence, Style, Suppressed, Table
from analysis.core.errors import ReportError
from analysis.core.fact import Fact
from analysis.core.text import Text
from analysis.core.units import CURRENCIES
from analysis.present.format import Run, cell_text, render, sentence_runs, sentence_text, spaced, unit_word

CNY, USD = CURRENCIES["CNY"], CURRENCIES["USD"]

CASES = [
    # 34,042,000,000 yuan = 340.42 × 10⁸ = 34,042 × 10⁶
    (34_042_000_000.0, "money_large", "340.42 亿元", "CNY 34,042.0 million"),
    (-20_420_000.0, "money_large", "−0.20 亿元", "CNY −20.4 million"),
    (492_000_000.0, "money_large_change", "+4.92 亿元", "CNY +492.0 million"),
    (15_720_000.0, "money_small", "1,572 万元", "CNY 15,720 thousand"),
    (12_345.0, "money_small", "1.23 万元", "CNY 12 thousand"),
    (99_960.0, "money_small", "10 万元", "CNY 100 thousand"),  # 9.996 is 10.00 at two decimals, so no decimals
    (99_940.0, "money_small", "9.99 万元", "CNY 100 thousand"),
    (0.0, "money_small", "0.00 万元", "CNY 0.00 thousand"),
    (-14_400_000.0, "money_small_change", "−1,440 万元", "CNY −14,400 thousand"),
    (12_345_678.0, "money_small_2", "1,234.57 万元", "CNY 12,345.68 thousand"),
    (1_234_567.5, "money_full", "1,234,568 元", "CNY 1,234,568"),
    (0.0193, "percent", "1.93%", "1.93%"),
    (0.987, "percent_1", "98.7%", "98.7%"),
    (0.07, "growth", "+7.0%", "+7.0%"),
    (-0.009, "growth", "−0.9%", "−0.9%"),
    (0.0, "growth", "0.0%", "0.0%"),
    (0.0012, "points", "+0.12 个百分点", "+0.12 pp"),
    (-0.0041, "points", "−0.41 个百分点", "−0.41 pp"),
    (0.0012, "bp", "+12 BP", "+12 bp"),
    (5000, "count", "5,000", "5,000"),
    (1_234_567, "count", "1,234,567", "1,234,567"),
    (21, "count_change", "+21", "+21"),
    (-3, "count_change", "−3", "−3"),
    (0, "count_change", "0", "0"),
    (0.445, "decimal_2", "0.45", "0.45"),
    (0.4444, "decimal_3", "0.444", "0.444"),
    (1, "days", "1 天", "1 day"),
    (180, "days", "180 天", "180 days"),
    ("2026Q3", "name", "2026Q3", "2026Q3"),
    (None, "percent", "—", "—"),
]


@pytest.mark.parametrize(("value", "style", "zh", "en"), CASES)
def test_a_number_prints_as_worked_out_by_hand(value, style, zh, en):
    assert (render(value, style, "zh", CNY), render(value, style, "en", CNY)) == (zh, en)


@pytest.mark.parametrize(
    ("value", "style", "printed"),
    [
        (0.00125, "points", "+0.13"),  # 0.125 points, a half goes away from zero
        (-0.00125, "points", "−0.13"),
        (2.675, "decimal_2", "2.68"),  # the double lies below 2.675; the decimal people wrote is what counts
        (1.005, "decimal_2", "1.01"),
        (0.0005, "growth", "+0.1"),
        (2.5, "count", "3"),  # not 2, as half-even would give
    ],
)
def test_a_half_is_rounded_away_from_zero(value, style, printed):
    assert render(value, style, "zh", CNY, unit=False) == printed


@pytest.mark.parametrize("style", ["growth", "points", "bp", "count_change", "money_large_change", "decimal_2"])
@pytest.mark.parametrize("value", [0.0, -0.0, -1e-9])
def test_what_rounds_to_zero_has_no_sign(style, value):
    assert re.fullmatch(r"0(\.0+)?", render(value, style, "zh", CNY, unit=False))


def test_size_only_drops_the_sign_but_not_the_unit():
    assert render(-0.023, "growth", "zh", CNY, size_only=True) == "2.3%"
    assert render(-20_420_000.0, "money_large", "en", CNY, size_only=True) == "CNY 20.4 million"


def test_the_currency_of_the_portfolio_names_the_unit():
    assert render(34_042_000_000.0, "money_large", "zh", USD) == "340.42 亿美元"
    assert render(12_000.0, "money_full", "zh", USD) == "12,000 美元"
    assert render(12_000.0, "money_full", "en", USD) == "USD 12,000"


def test_a_unit_word_stands_alone_in_both_languages():
    assert unit_word("money_large", "zh", CNY) == "亿元"
    assert unit_word("money_small_change", "en", CNY) == "CNY thousand"
    assert unit_word("money_large", "en", CNY, short=True) == "CNY m"
    assert unit_word("money_small", "en", USD, short=True) == "USD k"
    assert unit_word("money_small", "zh", CNY, short=True) == "万元"
    assert (unit_word("money_full", "zh", CNY), unit_word("money_full", "en", CNY)) == ("元", "CNY")
    assert (unit_word("percent", "zh", CNY), unit_word("points", "en", CNY)) == ("%", "pp")
    assert (unit_word("count", "zh", CNY), unit_word("name", "en", CNY), unit_word("words", "zh", CNY)) == ("", "", "")


def test_what_is_not_a_number_is_refused():
    with pytest.raises(ReportError, match=r"^nan cannot be printed as percent\. Use Missing with a reason\.$"):
        render(float("nan"), "percent", "zh", CNY)
    with pytest.raises(ReportError, match=r"^inf cannot be printed as percent\. Use Missing with a reason\.$"):
        render(float("inf"), "percent", "zh", CNY)
    with pytest.raises(ReportError, match=r"^'many' cannot be printed as count\. Words take the style name\.$"):
        render("many", "count", "zh", CNY)
    with pytest.raises(ReportError, match=r"^there is no style 'fraction'\. Use one of money_large, .*, name\.$"):
        render(1.0, "fraction", "zh", CNY)


def test_every_style_prints_zero_in_both_languages():
    for style in get_args(Style):
        for language in ("zh", "en"):
            assert "0" in render(0, style, language, CNY)


def test_cells_tell_zero_missing_suppressed_and_empty_apart():
    fact = Fact("c.t.x", 0.0193, "ratio", "c", Text("不良率", "NPL ratio"))
    cells = {
        "zero": 0.0,
        "missing": Missing(),
        "suppressed": Suppressed(),
        "empty": None,
        "word": Text("战略", "Strategic"),
        "code": "DEP_ADB",
        "fact": Ref(fact, "percent"),
    }
    columns = tuple(Column(key, Text(key, key), "percent") for key in cells)
    table = Table("t", Text("表", "T"), Text("%", "%"), columns, (Row(cells),), Sentence.of("", ""))
    printed = {key: cell_text(cell, "percent", "en", CNY) for key, cell in table.as_json()["rows"][0]["cells"].items()}
    assert printed == {
        "zero": "0.00",
        "missing": "—",
        "suppressed": "*",
        "empty": "",
        "word": "Strategic",
        "code": "DEP_ADB",
        "fact": "1.93",
    }


def test_a_fact_in_another_style_than_its_column_keeps_its_unit():
    cell = {"fact": "c.t.x", "value": 0.0193, "style": "percent", "unit": True, "size_only": False}
    assert cell_text(cell, "words", "zh", CNY) == "1.93%"
    assert cell_text(cell, "percent", "zh", CNY) == "1.93"
    assert cell_text(cell | {"unit": False}, "words", "zh", CNY) == "1.93"


def test_a_raw_number_in_a_column_of_words_prints_as_it_is():
    assert cell_text({"value": 2026}, "words", "en", CNY) == "2026"


def test_bold_may_span_a_number_and_chinese_is_spaced():
    growth = Ref(Fact("c.f.x", 0.115, "ratio", "c", Text("增速", "growth")), "growth")
    sentence = Sentence.of("存款**同比{g}，**多半来自名单", "Deposits **{g} on the year,** mostly the list", g=growth)
    assert sentence_runs(sentence.as_json(), "zh", CNY) == (
        Run("存款"),
        Run("同比 ", bold=True),
        Run("+11.5%", bold=True, fact="c.f.x"),
        Run("，", bold=True),
        Run("多半来自名单"),
    )
    assert sentence_text(sentence.as_json(), "en", CNY) == "Deposits +11.5% on the year, mostly the list"


def test_the_space_after_a_number_belongs_to_the_words():
    growth = Ref(Fact("c.f.x", 0.115, "ratio", "c", Text("增速", "growth")), "growth")
    sentence = Sentence.of("{g}来自名单", "{g} from the list", g=growth)
    assert [run.text for run in sentence_runs(sentence.as_json(), "zh", CNY)] == ["+11.5%", " 来自名单"]


def test_no_sentence_is_no_text():
    assert sentence_runs(None, "zh", CNY) == ()
    assert sentence_text({"zh": [], "en": []}, "en", CNY) == ""


@given(st.text(alphabet="中文存款AB12+−%，。 *", max_size=30))
def test_spacing_twice_is_spacing_once(text):
    assert spaced(spaced(text)) == spaced(text)
    assert spaced(text).replace(" ", "") == text.replace(" ", "")


_SCALES = {
    "money_large": ({"zh": 1e8, "en": 1e6}, {"zh": 2, "en": 1}),
    "money_large_change": ({"zh": 1e8, "en": 1e6}, {"zh": 2, "en": 1}),
    "money_small_2": ({"zh": 1e4, "en": 1e3}, {"zh": 2, "en": 2}),
    "money_full": ({"zh": 1, "en": 1}, {"zh": 0, "en": 0}),
    "percent": ({"zh": 0.01, "en": 0.01}, {"zh": 2, "en": 2}),
    "growth": ({"zh": 0.01, "en": 0.01}, {"zh": 1, "en": 1}),
    "points": ({"zh": 0.01, "en": 0.01}, {"zh": 2, "en": 2}),
    "bp": ({"zh": 0.0001, "en": 0.0001}, {"zh": 0, "en": 0}),
    "decimal_3": ({"zh": 1, "en": 1}, {"zh": 3, "en": 3}),
}


@given(
    st.floats(min_value=-1e13, max_value=1e13, allow_nan=False),
    st.sampled_from(sorted(_SCALES)),
    st.sampled_from(["zh", "en"]),
)
def test_printed_text_parses_back_within_rounding(value, style, language):
    text = render(value, style, language, CNY, unit=False)
    scales, decimals = _SCALES[style]
    parsed = float(text.replace(",", "").replace("−", "-")) * scales[language]
    half_a_step = 0.5 * 10 ** -decimals[language] * scales[language]
    # facts keep 12 significant digits, and money its fen: that much may move before rounding
    assert abs(parsed - value) <= half_a_step + abs(value) * 1e-11 + 0.005


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_a_count_is_never_rounded(value):
    assert int(render(value, "count", "en", CNY).replace(",", "").replace("−", "-")) == value
