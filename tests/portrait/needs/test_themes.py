"""Feedback by theme: given, read off the text, or uncoded and shown as such."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.core.estimate import Estimate, Unavailable
from analysis.intake.portfolio import Portfolio
from analysis.portrait.needs import Themes, feedback_themes
from tests.builders import client_rows, rows, tiny_portfolio

HEADER = "case_id client_id kind theme opened content"
IDS = tuple(f"C{k}" for k in range(8))


def _bank(tmp_path: Path, *lines: tuple[object, ...]) -> Portfolio:
    numbered = [(f"f{k}", *line) for k, line in enumerate(lines)]
    return tiny_portfolio(tmp_path, {"clients": client_rows(*IDS), "feedback": rows(HEADER, *numbered)})


def _found(portfolio: Portfolio) -> Themes:
    found = feedback_themes(portfolio)
    assert isinstance(found, Themes)
    return found


def test_themes_by_hand(tmp_path: Path) -> None:
    # eight cases of speed (five given by code or name, three by words), one nobody can code; a rating is no theme
    lines = [(IDS[k], "complaint", "speed" if k % 2 else "办理效率", "2026-08-01", None) for k in range(5)]
    lines += [(IDS[k], "opinion", None, "2026-08-02", "排队时间太长") for k in range(3)]
    lines += [(IDS[0], "opinion", "???", "2026-08-03", "与主题无关")]
    lines += [(IDS[1], "rating", None, "2026-08-03", "排队")]
    lines += [(IDS[1], "complaint", "speed", "2026-05-03", None)]
    found = _found(_bank(tmp_path, *lines))
    table = found.table.set_index("theme")
    assert table.loc["speed", ["n_cases", "previous", "complaints", "n_clients"]].tolist() == [8, 1, 5, 5]
    assert table.index.tolist() == ["speed", "uncoded"]
    assert isinstance(found.uncoded, Estimate)
    assert found.uncoded.estimate == pytest.approx(1 / 9)
    assert (found.n_cases, found.n_previous, found.n_from_text) == (9, 1, 3)
    assert table["share"].sum() == pytest.approx(1.0)
    assert table.loc["uncoded", "hidden"]


def test_unseen_text_stays_uncoded_and_is_never_spread(tmp_path: Path) -> None:
    found = _found(_bank(tmp_path, *[(id, "opinion", None, "2026-08-01", "完全陌生的内容") for id in IDS]))
    assert found.table[["theme", "n_cases", "share"]].values.tolist() == [["uncoded", 8, 1.0]]


def test_agreement_of_words_with_a_coded_sample_by_hand(tmp_path: Path) -> None:
    # four cases coded by hand, the words agree on three: over the two themes named 8 verdicts, 6 alike, half by chance
    lines = [
        (IDS[0], "opinion", "speed", "2026-08-01", "排队"),
        (IDS[1], "opinion", "speed", "2026-08-01", "等待"),
        (IDS[2], "opinion", "price", "2026-08-01", "利率"),
        (IDS[3], "opinion", "price", "2026-08-01", "等待"),
    ]
    found = _found(_bank(tmp_path, *lines))
    assert isinstance(found.agreement, Estimate)
    assert found.agreement.estimate == pytest.approx((6 / 8 - 1 / 2) / (1 - 1 / 2))


def test_no_table_and_a_silent_quarter_give_reasons(tmp_path: Path) -> None:
    without = feedback_themes(tiny_portfolio(tmp_path, {"clients": client_rows("A")}))
    silent = feedback_themes(_bank(tmp_path, (IDS[0], "complaint", "speed", "2026-05-01", None)))
    assert isinstance(without, Unavailable)
    assert isinstance(silent, Unavailable)
    assert without.reason.en == "the source has no feedback"
    assert silent.reason.en == "there was no feedback in the quarter"


def test_no_text_in_the_result(tmp_path: Path) -> None:
    found = _found(_bank(tmp_path, *[(id, "complaint", None, "2026-08-01", "张三投诉收费") for id in IDS]))
    assert "张三" not in found.table.to_csv() + str(found.labels)
    assert isinstance(found.table, pd.DataFrame)
