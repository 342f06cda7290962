"""Figures: every one in both languages and widths, the same bytes twice, no glyph missing."""

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import fontManager

from analysis.core.text import LANGUAGES, Text
from analysis.core.units import CURRENCIES
from analysis.present.charts import (
    NARROW,
    WIDE,
    Bars,
    Concentration,
    Heat,
    Line,
    Mark,
    Measure,
    Quadrant,
    Rates,
    SegmentProfile,
    SegmentSizes,
    Side,
    Step,
    Trend,
    Waterfall,
    draw,
    plot_bars,
    plot_concentration,
    plot_heat,
    plot_quadrant,
    plot_rates,
    plot_segment_profile,
    plot_segment_sizes,
    plot_trend,
    plot_waterfall,
    sparkline,
)
from analysis.present.charts.canvas import ticks, wrap
from analysis.present.charts.dots import _DARK, _dodged
from analysis.present.theme import brand, drawing, label_font, repository_root, segment_colour

MONEY = Measure(Text("日均存款", "Average deposits"), "money_large")
SHARE = Measure(Text("占比", "Share"), "percent_1")
COUNT = Measure(Text("客户", "Clients"), "count", Text("户", "number"))
CHANGE = replace(COUNT, style="count_change")
RATE = Measure(Text("违约率", "Default rate"), "percent")
INDUSTRIES = (
    Text("制造业", "Manufacturing"),
    Text("批发和零售业", "Wholesale and retail trade"),
    Text("信息传输、软件和信息技术服务业", "Information transmission, software and IT services"),
    Text("其他", "Others"),
)
BARS = Bars(
    INDUSTRIES, (2e9, 5e9, 1e9, 3e9), MONEY, (Side(SHARE, (0.2, 0.5, 0.1, 0.2)), Side(COUNT, (9, 8, 7, None))), rest=1
)
POPULATION = Waterfall(
    (
        Step(Text("在册", "On the books"), 500, "total"),
        Step(Text("销户", "Closed"), -120),
        Step(Text("并入", "Merged in"), 20),
        Step(Text("研究范围", "Studied"), 400, "total"),
    ),
    COUNT,
    CHANGE,
)
CURVE = Concentration(
    (0.0, 0.2, 0.5, 1.0),
    (0.0, 0.8, 1.1, 1.0),
    SHARE,
    SHARE,
    Mark(0.2, 0.8, 0.74, 0.83, Text("前五分之一", "top fifth")),
    Text("贡献", "Contribution"),
    ((0.0, 0.5, 1.0), (0.0, 0.7, 1.0), Text("存款", "Deposits")),
)
SIZES = SegmentSizes(
    (Text("A 活跃型", "A Active"), Text("B 沉淀型", "B Settled")),
    (0.7, 0.3),
    (0.4, 0.6),
    Text("客户占比", "Share of clients"),
    Text("存款占比", "Share of deposits"),
    SHARE,
)
PROFILE = SegmentProfile(
    ("A", "B"),
    (Text("活跃型", "Active"), Text("沉淀型", "Settled")),
    (Text("日均存款（对数）", "Average deposits (log)"), Text("交易笔数", "Transactions")),
    ((0.5, -0.5), (0.01, None)),
)
RATES = Rates(
    INDUSTRIES, (900, 800, 70, 60), (0.02, 0.05, 0.01, 0.03), (0.015, 0.04, 0.0, 0.01), (0.025, 0.06, 0.03, 0.05), 0.03,
    RATE, COUNT,
)  # fmt: skip
TREND = Trend(
    tuple(f"{year}Q{number}" for year in (2025, 2026) for number in (1, 2, 3, 4)),
    (
        Line(Text("存款", "Deposits"), (1e9, 2e9, None, 3e9, 4e9, 5e9, 6e9, 7e9)),
        Line(Text("贷款", "Loans"), (2e9,) * 8, (1e9,) * 8, (3e9,) * 8),
    ),
    MONEY,
    plan=6.9e9,
)
HEAT = Heat(
    INDUSTRIES[:2], INDUSTRIES[1:3], ((0.2, None), (0.4, 0.1)), ((1.0, 0.0), (0.2, -2.0)), ((1, 0), (0, -1)), (90, 80),
    (0.3, 0.2), SHARE, COUNT, Text("全部", "All"),
)  # fmt: skip
QUADRANT = Quadrant(
    ((9, 0), (20, 40)), 0.5, 0.5, replace(SHARE, quantity=Text("紧急性", "Urgency"), style="decimal_2"),
    replace(SHARE, quantity=Text("重要性", "Importance"), style="decimal_2"), COUNT,
    (Text("先办", "Now"), Text("计划", "Plan"), Text("从快", "Quick"), Text("关注", "Watch")), (40, 20, 0, 9),
)  # fmt: skip
FIGURES: dict[str, tuple[Any, Any]] = {
    "bars": (plot_bars, BARS),
    "waterfall": (plot_waterfall, POPULATION),
    "concentration": (plot_concentration, CURVE),
    "segment sizes": (plot_segment_sizes, SIZES),
    "segment profile": (plot_segment_profile, PROFILE),
    "rates": (plot_rates, RATES),
    "trend": (plot_trend, TREND),
    "heat": (plot_heat, HEAT),
    "quadrant": (plot_quadrant, QUADRANT),
}


@pytest.fixture(scope="module")
def drawings() -> dict[str, dict[str, tuple[Any, ...]]]:
    return {name: draw(plot, data) for name, (plot, data) in FIGURES.items()}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn_in_both_languages_and_widths_with_the_same_bytes_twice(name: str, drawings: Any) -> None:
    made = drawings[name]
    assert list(made) == list(LANGUAGES)
    assert all([image.width_mm for image in images] == [WIDE, NARROW] for images in made.values())
    assert made["zh"] != made["en"]
    assert draw(*FIGURES[name]) == made


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_uses_brand_colours_only_and_holds_paths_instead_of_text(name: str, drawings: Any) -> None:
    allowed = {*brand().light.values(), _DARK}
    for images in drawings[name].values():
        for image in images:
            assert set(re.findall(r"#[0-9a-f]{6}\b(?=[;\"])", image.data)) <= allowed
            assert "<text" not in image.data
            assert "<metadata" not in image.data


def test_a_figure_has_the_width_asked_for(drawings: Any) -> None:
    # 166 mm = 166 / 25.4 * 72 = 470.551 pt, 80 mm = 226.772 pt
    widths = [re.search(r'width="([0-9.]+)pt"', image.data)[1] for image in drawings["bars"]["zh"]]  # type: ignore[index]
    assert [round(float(width), 2) for width in widths] == [470.55, 226.77]


def test_each_weight_draws_its_own_digits() -> None:
    # matplotlib names a glyph in an SVG by its font's PostScript name and index: shared names would mix up digits
    from matplotlib.font_manager import get_font

    from analysis.present.theme import CHINESE, LATIN, LATIN_BOLD, register_fonts

    register_fonts()
    files = {entry.name: entry.fname for entry in fontManager.ttflist if entry.name in (LATIN, LATIN_BOLD, CHINESE)}
    names = {get_font(file).postscript_name for file in files.values()}
    assert len(files) == len(names) == 3


def test_printed_numbers_are_drawn_as_themselves() -> None:
    # the path of each digit in the drawing is the path of that digit alone in the same weight
    def glyphs(bold: bool, text: str) -> list[str]:
        with drawing():
            figure = Canvas()
            figure.text(0, 0, "0123456789", fontproperties=label_font(bold=not bold))
            figure.text(0, 0, text, fontproperties=label_font(bold=bold))
            out = io.StringIO()
            figure.savefig(out, format="svg", metadata={"Date": None})
        svg = out.getvalue()
        paths = dict(re.findall(r'<path id="([^"]+)" d="([^"]+)"', svg))
        last = svg[svg.rindex('<g id="text_2">') :]
        return [paths[name] for name in re.findall(r'xlink:href="#([^"]+)"', last)]

    for bold in (False, True):
        whole = glyphs(bold, "6052")
        assert whole == [glyphs(bold, digit)[0] for digit in "6052"]
        assert len(set(whole)) == 4
    assert glyphs(False, "6") != glyphs(True, "6")


def test_a_character_without_a_glyph_is_an_error() -> None:
    strange = replace(BARS, labels=(Text("\U0001f600", "x"), *INDUSTRIES[1:]))
    with pytest.raises(UserWarning, match="missing from font"):
        draw(plot_bars, strange)


def test_drawing_leaves_matplotlib_as_it_was() -> None:
    import matplotlib as mpl

    before = mpl.rcParams["svg.fonttype"], mpl.rcParams["font.size"]
    plot_bars(BARS)
    assert (mpl.rcParams["svg.fonttype"], mpl.rcParams["font.size"]) == before
    with drawing():
        assert mpl.rcParams["svg.fonttype"] == "path"


def test_bars_run_from_the_largest_down_with_the_rest_at_the_foot() -> None:
    # values 2, 5, 1 billion, rest 3 billion
    assert BARS.order() == (1, 0, 2, 3)
    assert replace(BARS, ordered=True).order() == (0, 1, 2, 3)


def test_a_waterfall_moves_from_level_to_level() -> None:
    # 500 → 500 − 120 = 380 → 380 + 20 = 400, which is the level that remains
    assert POPULATION.spans() == ((0.0, 500), (500, 380), (380, 400), (0.0, 400))
    assert POPULATION.prints("zh") == ["500", "−120", "+20", "400"]


def test_ticks_are_round_in_the_printed_unit() -> None:
    # 0 to 9 billion yuan: 0, 20, 40, 60, 80 in 亿元; 0, 2,000 … 8,000 in CNY million
    assert list(ticks(0, 9e9, MONEY, "zh").values()) == ["0", "20", "40", "60", "80"]
    assert list(ticks(0, 9e9, MONEY, "en").values()) == ["0", "2,000", "4,000", "6,000", "8,000"]
    points = Measure(Text("差", "gap"), "points")
    assert ticks(-0.01, 0.01, points, "zh", about=2) == {-0.01: "−1", 0.0: "0", 0.01: "+1"}


def test_axis_labels_name_quantity_and_unit() -> None:
    assert [MONEY.label("zh"), MONEY.label("en")] == ["日均存款，亿元", "Average deposits, CNY million"]
    assert replace(MONEY, currency=CURRENCIES["USD"]).label("en") == "Average deposits, USD million"


def test_labels_wrap_between_latin_words_and_between_any_chinese_characters() -> None:
    assert wrap("Leasing and business services", 28) == "Leasing and\nbusiness\nservices"
    # 9 pt is 3.175 mm: five characters in 16 mm; the comma stays with its word
    assert wrap("批发和零售业，其他", 16) == "批发和零售\n业，其他"


NAMES = tuple(Text(f"名称很长的第{k}个客群", f"A rather long segment name {k}") for k in range(12))
LIMITS: dict[str, tuple[Any, Any]] = {
    "one bar": (plot_bars, Bars(NAMES[:1], (5.0,), MONEY)),
    "bars of zero": (plot_bars, Bars(NAMES[:2], (0.0, 0.0), MONEY, (Side(SHARE, (None, None)),))),
    "only losses": (plot_bars, Bars(NAMES[:2], (-1e8, -3e8), MONEY)),
    "an empty population": (plot_waterfall, Waterfall((Step(NAMES[0], 0, "total"),), COUNT, CHANGE)),
    "a fall below zero": (plot_waterfall, Waterfall((Step(NAMES[0], 9, "total"), Step(NAMES[1], -30)), COUNT, CHANGE)),
    "no defaults": (plot_rates, Rates(NAMES[:1], (0,), (0.0,), (0.0,), (0.0,), 0.0, RATE, COUNT)),
    "one quarter": (plot_trend, Trend(("2026Q1",), (Line(NAMES[0], (0.0,)),), MONEY, plan=0.0)),
    "a flat line": (plot_trend, Trend(("2026Q1", "2026Q2"), (Line(NAMES[0], (5.0, 5.0)),), MONEY)),
    "twelve segments": (plot_segment_sizes, replace(SIZES, names=NAMES, first=(0.1,) * 12, second=(0.0,) * 12)),
    "no need stands out": (plot_heat, replace(HEAT, marks=((0, 0), (0, 0)))),
    "an empty plane": (plot_quadrant, replace(QUADRANT, counts=((0, 0), (0, 0)), totals=(0, 0, 0, 0))),
    "nothing to profile": (plot_segment_profile, SegmentProfile(("A",), NAMES[:1], NAMES[:1], ((None,),))),
}


@pytest.mark.parametrize("name", LIMITS)
def test_the_limits_of_a_figure_are_drawn_without_a_warning(name: str) -> None:
    assert draw(*LIMITS[name])["zh"]


def test_dots_that_would_touch_are_moved_apart() -> None:
    assert _dodged((0.0, 1.0, None, 1.05), close=0.2) == [(0, 0.0, 0.0), (1, 1.0, -0.5), (3, 1.05, 0.5)]
    # three within reach of each other take three levels; in a chain the third may return to the first level
    assert [shift for _, _, shift in _dodged((0.0, 0.1, 0.15), close=0.2)] == [-1.0, 0.0, 1.0]
    assert [shift for _, _, shift in _dodged((0.0, 0.15, 0.3), close=0.2)] == [-0.5, 0.5, -0.5]


def test_a_trend_labels_its_last_point_with_value_and_name() -> None:
    axes = plot_trend(TREND, language="en")
    assert {"Deposits 7,000.0", "Loans 2,000.0", "plan"} <= {text.get_text() for text in axes.texts}


def test_a_rate_whose_interval_holds_the_mean_is_hollow() -> None:
    axes = plot_rates(RATES)
    faces = [line.get_markerfacecolor() for line in axes.lines if line.get_marker() == "o"]
    # by rate: 5 % [4, 6] and 2 % [1.5, 2.5] leave out the mean of 3 %; 3 % and 1 % [0, 3] hold it
    paper, blue = brand().colour("paper"), brand().colour("a1")
    assert faces == [blue, paper, blue, paper]


def test_a_sparkline_breaks_where_a_quarter_is_missing() -> None:
    svg = sparkline((1.0, 2.0, None, 3.0, 4.0), target=2.5)
    assert svg.count("<polyline") == 2
    assert svg.count("stroke-dasharray") == 1
    # the last value is the largest: 5 units below the top, 5 from the right edge
    assert 'cx="115.0" cy="5.0"' in svg


def _contrast(first: str, second: str) -> float:
    """Contrast of two colours by WCAG 2.2, relative luminance of sRGB."""

    def luminance(colour: str) -> float:
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("screen", ["light", "dark"])
def test_text_colours_are_readable_on_paper(screen: str) -> None:
    colours = getattr(brand(), screen)
    weak = {name: round(_contrast(colours[name], colours["paper"]), 2) for name in brand().text_colours}
    assert {name: ratio for name, ratio in weak.items() if ratio < 4.5} == {}


def test_every_light_colour_stands_for_one_variable() -> None:
    look = brand()
    assert len(look.variables()) == len(set(look.light.values())) == len(look.light)
    assert set(look.light) == set(look.dark)


def test_segments_take_eight_hues_and_then_grey() -> None:
    hues = [segment_colour(position) for position in range(8)]
    assert len(set(hues)) == 8
    assert segment_colour(8) == segment_colour(20) == brand().colour("muted")


def test_a_brand_file_of_its_own_changes_the_colours(tmp_path: Any) -> None:
    text = (repository_root() / "data" / "policy" / "brand.toml").read_text(encoding="utf-8")
    (tmp_path / "brand.toml").write_text(text.replace("#0b5a8a", "#7a1f5c"), encoding="utf-8")
    assert brand(tmp_path / "brand.toml").colour("a1") == "#7a1f5c"


def test_a_heat_map_fills_and_marks_only_what_differs_and_hides_what_it_must() -> None:
    axes = plot_heat(HEAT, language="en")
    written = {text.get_text() for text in axes.texts}
    assert {"20.0 ▲", "40.0", "10.0 ▼", "*"} <= written
    assert len(axes.patches) == 2


def test_a_plane_writes_the_number_of_each_field_and_squares_only_where_something_lies() -> None:
    axes = plot_quadrant(QUADRANT, language="en")
    assert {"Now 40", "Plan 20", "Quick 0", "Watch 9"} <= {text.get_text() for text in axes.texts}
    sides = [line.get_markersize() for line in axes.lines if line.get_marker() == "s"]
    assert len(sides) == 3
    assert max(sides) / min(sides) == pytest.approx((40 / 9) ** 0.5)
