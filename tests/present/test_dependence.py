"""Dependence in words: the share of the largest groups against that of the largest clients."""

from pathlib import Path

import pytest

from analysis.core.blocks import Missing, Suppressed
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.intake.portfolio import Portfolio
from analysis.portrait import Dependence, dependence
from analysis.present.dependence import dependence_blocks, group_sentence
from tests.builders import client_rows, rows, tiny_portfolio
from tests.portrait.test_dependence import bank
from tests.present.prose import en, keeps_the_promises, value, zh


def of(portfolio: Portfolio) -> Dependence:
    found = dependence(portfolio)
    assert isinstance(found, Dependence)
    return found


def test_each_cut_has_its_row_with_facts(tmp_path: Path) -> None:
    (table,) = dependence_blocks(of(bank(tmp_path)))
    cuts = [row.cells["cut"] for row in table.rows]
    assert [cut.en for cut in cuts if isinstance(cut, Text)] == ["Client", "Business group, counted once", "Industry"]
    assert [value(row.cells["n_parts"]) for row in table.rows] == [12, 11, 2]
    # deposits 1 … 12: 78² ÷ 650 = 9.36 equal clients; the five largest 50 of 78
    assert value(table.rows[0].cells["deposit_avg_effective"]) == pytest.approx(78**2 / 650)
    assert value(table.rows[0].cells["deposit_avg_top"]) == pytest.approx(50 / 78)
    assert isinstance(table.rows[2].cells["deposit_avg_top"], Missing)
    assert keeps_the_promises(table)


def test_the_sentence_on_groups_turns_with_them(tmp_path: Path) -> None:
    found = of(bank(tmp_path))
    sentence = group_sentence(found)
    assert sentence is not None
    assert zh(sentence) == "集团合并计一次后，最大五家占贷款日均余额 65.4%，高于按户的 64.1%。"
    assert en(sentence) == (
        "With every business group counted once the five largest hold 65.4% of average daily loans, "
        "up from 64.1% by client."
    )
    assert keeps_the_promises(sentence)


def test_few_clients_and_no_groups_say_nothing(tmp_path: Path) -> None:
    # eight clients: the five largest would leave three, so no share is printed
    held = [(id, "2026-09-30", "loan_working", 1.0, 1.0) for id in "abcdefgh"]
    clients = client_rows(*"abcdefgh", group_id={id: "G" if id in "ab" else None for id in "abcdefgh"})
    portfolio = tiny_portfolio(
        tmp_path, {"clients": clients, "positions": rows("client_id month product balance_avg balance_end", *held)}
    )
    (table,) = dependence_blocks(of(portfolio))
    assert table.rows[0].cells["loan_avg_top"] == Suppressed()
    assert group_sentence(of(portfolio)) is None
    alone = of(tiny_portfolio(tmp_path, {"clients": client_rows(*"abcdefgh")}))
    assert group_sentence(alone) is None
    (bare,) = dependence_blocks(alone)
    assert "Groups: the source has no group ids" in en(bare.note)
    assert dependence_blocks(Unavailable(Text("无", "none"))) == ()
