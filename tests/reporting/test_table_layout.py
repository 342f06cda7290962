"""How a printed table is set: widths, alignment, heat, bars, decimal points."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.blocks import Column, Missing, Row, Sentence, Suppressed, Table
from analysis.core.text import LANGUAGES, Language, Text
from analysis.core.units import CURRENCIES
from analysis.reporting.render.table_layout import (
    TEXT_WIDTH,
    bar_lengths,
    bar_shares,
    decimal_pads,
    heat_fills,
    lay_out,
    mix,
    right_aligned,
    signs_note,
    split,
    text_width,
    texts_of,
)
from tests.reporting.sample_content import decisions, industries, ledger, migration, tiers

CNY = CURRENCIES["CNY"]


def layout_of(table: Table, language: Language):
    block = table.as_json()
    return lay_out(block, texts_of(block, language, CNY), language)


def words(*labels: str) -> tuple[Column, ...]:
    return tuple(Column(f"c{k}", Text(label, label), "words") for k, label in enumerate(labels))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("table", [tiers(), decisions(), ledger(), industries(), migration()], ids=lambda t: t.id)
def test_columns_fill_the_text_column_exactly(table, language):
    layout = layout_of(table, language)
    assert layout is not None
    assert sum(layout.widths) == pytest.approx(TEXT_WIDTH, abs=0.1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_number_is_wider_than_its_column(language):
    for table in (tiers(), ledger(), industries()):
        block = table.as_json()
        texts = texts_of(block, language, CNY)
        layout = lay_out(block, texts, language)
        assert layout is not None
        for i, width in enumerate(layout.widths):
            if layout.right[i]:
                assert max(text_width(row[i], layout.size) for row in texts) <= width


def test_a_table_of_eight_columns_is_set_smaller():
    layouts = [layout_of(table, "zh") for table in (tiers(), industries())]
    assert [layout and layout.size for layout in layouts] == [8.0, 8.5]  # eight columns and six


def test_intervals_and_counts_out_of_a_total_stand_right_and_dates_left():
    column = {"style": "words"}
    assert right_aligned(column, ["[+5.1, +12.9]", "—", "[−6.8, +6.0]"])
    assert right_aligned(column, ["4/4", "3/4"])
    assert not right_aligned(column, ["2026-12-31"])
    assert not right_aligned(column, ["—", ""])
    assert not right_aligned(column, ["[a] note", "text"])


def test_a_left_column_after_numbers_gets_more_room():
    layout = layout_of(ledger(), "zh")
    assert layout is not None
    assert layout.gaps == (False,) * 7 + (True,)


def test_a_table_too_wide_for_the_page_is_split_with_its_first_column_in_both_parts():
    columns = (*words("行业"), *(Column(f"n{k}", Text("贷款", "Loans outstanding"), "money_large") for k in range(11)))
    cells = {"c0": Text("制造业", "Manufacturing"), **{f"n{k}": 31_234_567_890.0 for k in range(11)}}
    table = Table("t", Text("", ""), Text("", ""), columns, (Row(cells),), Sentence.of("", ""))
    assert layout_of(table, "en") is None
    first, second = split(table.as_json())
    # eleven numbers: six and five
    assert [len(part["columns"]) for part in (first, second)] == [7, 6]
    assert first["columns"][0] == second["columns"][0]
    assert all(lay_out(part, texts_of(part, "en", CNY), "en") for part in (first, second))


@given(st.lists(st.text(alphabet="战略客户 abcDE-_1,.", max_size=60), min_size=1, max_size=6))
def test_any_words_give_columns_that_fill_the_page(cells):
    columns = words(*(cell[:12] for cell in cells))
    row = Row({f"c{k}": cell for k, cell in enumerate(cells)})
    layout = layout_of(Table("t", Text("", ""), Text("", ""), columns, (row,), Sentence.of("", "")), "zh")
    assert layout is None or sum(layout.widths) == pytest.approx(TEXT_WIDTH, abs=0.1)


def test_heat_is_the_square_root_of_the_share_of_the_block():
    columns = (*words("行"), *(Column(f"n{k}", Text("n", "n"), heat=True) for k in range(2)))
    rows = (Row({"n0": 100, "n1": 25}), Row({"n0": 0, "n1": -1}), Row({"n0": Missing(), "n1": 400}, "total"))
    fills = heat_fills(
        Table("t", Text("", ""), Text("", ""), columns, rows, Sentence.of("", "")).as_json(),
        "#ffffff",
        "#000000",
        "#ff0000",
    )
    # √(100/100) = 1 · √(25/100) = 0.5 · zero has no fill · √(1/100) = 0.1 towards red · totals take no part
    assert fills == {(0, "n0"): "#000000", (0, "n1"): "#808080", (1, "n1"): mix("#ffffff", "#ff0000", 0.1)}


def test_two_blocks_of_heat_have_a_maximum_each():
    columns = (Column("a", Text("a", "a"), heat=True), *words("x"), Column("b", Text("b", "b"), heat=True))
    row = Row({"a": 4, "b": 1000})
    fills = heat_fills(
        Table("t", Text("", ""), Text("", ""), columns, (row,), Sentence.of("", "")).as_json(),
        "#ffffff",
        "#000000",
        "#ff0000",
    )
    assert fills == {(0, "a"): "#000000", (0, "b"): "#000000"}


def test_a_bar_is_the_share_of_the_longest_and_totals_have_none():
    rows = (Row({"n": 50}), Row({"n": -100}), Row({"n": 150}, "total"), Row({"n": None}))
    columns = (Column("n", Text("n", "n"), bar=True),)
    table = Table("t", Text("", ""), Text("", ""), columns, rows, Sentence.of("", ""))
    assert bar_shares(table.as_json()) == {(0, "n"): 0.5, (1, "n"): 1.0}


def test_the_longest_bar_ends_before_its_number():
    block = industries().as_json()
    texts = texts_of(block, "en", CNY)
    layout = lay_out(block, texts, "en")
    assert layout is not None
    lengths = bar_lengths(block, texts, layout)
    assert lengths[(0, "loans")] >= 34  # the room kept for it, less the gap before the number
    assert lengths[(0, "loans")] + text_width(texts[0][2], layout.size) < layout.widths[2]
    assert lengths[(32, "loans")] == pytest.approx(lengths[(0, "loans")] / 2, abs=0.01)  # half the loans: 32 of 64


def test_decimal_points_stand_below_each_other():
    assert decimal_pads(["1,572", "9.99", "—", "−0.5", ""]) == [".99", "", "", "9", ""]
    assert decimal_pads(["12", "3"]) == ["", ""]


def test_a_sign_is_explained_once_unless_the_note_does_it():
    cells = {"a": Missing(Text("无计划", "no plan")), "b": Missing(Text("无计划", "no plan")), "c": Suppressed()}
    columns = tuple(Column(key, Text(key, key)) for key in cells)
    table = Table("t", Text("", ""), Text("", ""), columns, (Row(cells), Row({"a": 1})), Sentence.of("", "")).as_json()
    assert signs_note(table, "", "zh") == "—：无计划。*：低于披露下限。"
    assert signs_note(table, "", "en") == "—: no plan. *: below the disclosure limit."
    assert signs_note(table, "— 无计划，* 低于下限。", "zh") == ""
