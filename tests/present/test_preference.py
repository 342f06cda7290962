"""Preference in words: take-up with its change and who stands out; use and words in separate columns."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from analysis.core.blocks import Figure, Missing
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.portrait import Group, Preference
from analysis.portrait.preference import NO_INTEREST, NO_PRODUCTS, NO_SURVEY, GroupPreference
from analysis.portrait.rates import wilson
from analysis.present.preference import preference_blocks
from tests.present.prose import GONE, en, keeps_the_promises, value, zh


def rate(k: int, n: int) -> Estimate:
    found = wilson(k, n)
    assert isinstance(found, Estimate)
    return found


def preference(uses: Mapping[str, tuple[int, int]], before: float | Unavailable = GONE) -> Preference:
    """Take-up by size class: clients that use one, of so many."""
    k, n = (sum(pair[side] for pair in uses.values()) for side in (0, 1))
    groups = tuple(
        GroupPreference(
            Group(code, Text(f"{code}类", f"class {code}"), "group", pair[1], (code,)),
            rate(*pair),
            0.1,
            (pair[0] / pair[1]) / (k / n) if k else NO_PRODUCTS,
            NO_INTEREST,
        )
        for code, pair in uses.items()
    )
    wallet = Text("数字钱包", "digital wallet")
    return Preference(
        "size_class", Text("规模", "size"), groups, rate(k, n), before, {"digital_wallet": rate(k, n)},
        {"digital_wallet": wallet}, NO_INTEREST, {"online": 0.8, "counter": 0.2}, 0.8, GONE, NO_SURVEY, 0,
    )  # fmt: skip


def figure_of(found: Preference) -> Figure:
    (figure,) = preference_blocks(found)
    return figure


@pytest.mark.parametrize(
    ("uses", "before", "chinese", "english"),
    [
        (
            {"L": (50, 100), "X": (50, 900)}, 0.08,
            "10.0% 的客户使用新兴产品，同比增长 2.00 个百分点，L 类客户达 50.0%",
            "10.0% of clients use an emerging product, up 2.00 pp on the year; class L: 50.0%",
        ),
        (
            {"L": (10, 100), "X": (90, 900)}, 0.12,
            "10.0% 的客户使用新兴产品，同比下降 2.00 个百分点，各组之间无明显差别",
            "10.0% of clients use an emerging product, down 2.00 pp on the year; no group stands out",
        ),
        (
            {"L": (10, 100), "X": (90, 900)}, GONE,
            "10.0% 的客户使用新兴产品，各组之间无明显差别",
            "10.0% of clients use an emerging product; no group stands out",
        ),
    ],
    ids=["one class stands out", "none stands out", "no year before"],
)  # fmt: skip
def test_the_headline_turns_with_the_clients(
    uses: Mapping[str, tuple[int, int]], before: float | Unavailable, chinese: str, english: str
) -> None:
    figure = figure_of(preference(uses, before))
    assert zh(figure.finding) == chinese
    assert en(figure.finding) == english
    assert keeps_the_promises(figure)


def test_the_workbook_holds_groups_products_and_channels_and_leaves_gaps_where_nothing_is_known() -> None:
    table = figure_of(preference({"L": (50, 100), "X": (50, 900)})).behind
    assert [row.cells["item"].en for row in table.rows] == [  # type: ignore[union-attr]
        "Total", "class L", "class X", "Product: digital wallet", "Channel: online banking", "Channel: counter",
        "Channels: digital together",
    ]  # fmt: skip
    assert table.rows[1].cells["interest"] == Missing(NO_INTEREST.reason)
    assert value(table.rows[4].cells["take_up"]) == 0.8
    stated = replace(preference({"L": (5, 10)}), stated_channels={"mobile": 0.7})
    assert "Preferred: mobile banking" in [row.cells["item"].en for row in figure_of(stated).behind.rows]  # type: ignore[union-attr]


def test_without_products_nothing_is_drawn() -> None:
    assert preference_blocks(NO_PRODUCTS) == ()
