"""The table of basic features: medians with coverage by class, gaps told, at most seven numbers a row."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.core.blocks import Row, Suppressed, Table
from analysis.core.text import Text
from analysis.portrait import BasicFeatures, basic_features
from analysis.portrait.basics import NOTHING
from analysis.present.absent import absent_parts
from analysis.present.basics import MAX_NUMBERS, basic_blocks
from tests.builders import rows
from tests.portrait.test_basics import ten_factories
from tests.present.prose import CNY, en, keeps_the_promises, value, zh


def table_of(tmp_path: Path, **tables: pd.DataFrame) -> Table:
    found = basic_features(ten_factories(tmp_path, **tables))
    assert isinstance(found, BasicFeatures)
    (table,) = basic_blocks(found, currency=CNY)
    return table


def row_of(table: Table, label: str) -> Row:
    return next(row for row in table.rows if isinstance(row.cells["item"], Text) and row.cells["item"].en == label)


def test_medians_stand_in_blocks_with_their_spread_and_coverage(tmp_path: Path) -> None:
    given = [(f"L{k}", 2025, 1e7 * (k + 1), 5e6, 1e7 * (k + 1) - 5e6) for k in range(5)]
    table = table_of(tmp_path, financials=rows("client_id year assets liabilities equity", *given))
    assets = row_of(table, "Total assets (CNY thousand)")
    assert value(assets.cells["L"]) == 3e7
    assert assets.cells["X"] == Suppressed()
    assert value(assets.cells["coverage"]) == 0.5
    # quartiles 20 and 40 million: twice
    assert value(row_of(table, "Total assets: upper ÷ lower quartile").cells["L"]) == 2.0
    # leverage 5/10, 5/20, 5/30 …: the median is 5/30
    assert value(row_of(table, "Leverage (%)").cells["L"]) == pytest.approx(5 / 30)
    heads = [row.cells["item"] for row in table.rows if row.role == "normal"]
    assert [head.en for head in heads if isinstance(head, Text)] == ["Size and strength", "Capacity for risk"]
    assert len(table.columns) - 1 <= MAX_NUMBERS
    assert keeps_the_promises(table)


def test_blocks_without_data_are_told_in_the_note(tmp_path: Path) -> None:
    table = table_of(tmp_path)
    assert "The source has no financial statements, so capacity for risk cannot be seen." in en(table.note)
    assert "数据源没有办理流程" in zh(table.note)


def test_a_source_with_nothing_prints_no_table_but_one_reason_with_the_others() -> None:
    assert basic_blocks(NOTHING, currency=CNY) == ()
    (paragraph,) = absent_parts("10_describe_clients", {"basics": NOTHING, "tiers": "there"})
    assert en(paragraph.sentence) == (
        "Left out of this chapter: four basic features "
        "(the source has no assets, revenue, products, needs, processes or statements)."
    )
    assert zh(paragraph.sentence).startswith("本章未列：四项基本特征（")
    assert paragraph.role == "caution"
    assert absent_parts("10_describe_clients", {"tiers": "there"}) == ()
