"""The glossary says what the registry says: the page in docs, and the words for types and comparisons."""

from pathlib import Path

from analysis.core.text import Text
from analysis.metrics import METRICS
from analysis.metrics.glossary import NO_COMPARISON, comparisons_in_words, glossary, glossary_markdown

PAGE = Path(__file__).parents[2] / "docs" / "methods" / "glossary.md"


def test_the_page_is_generated_from_the_registry() -> None:
    assert PAGE.read_text(encoding="utf-8") == glossary_markdown(), (
        "docs/methods/glossary.md is behind the registry; write it anew: python -c "
        "\"from analysis.metrics.glossary import *; open('docs/methods/glossary.md', 'w').write(glossary_markdown())\""
    )


def test_every_kpi_has_an_entry_in_the_order_of_the_registry() -> None:
    assert [entry.code for entry in glossary()] == list(METRICS)
    assert [entry.code for entry in glossary(["RAROC", "DEP_ADB"])] == ["DEP_ADB", "RAROC"]


def test_a_comparison_is_told_in_the_words_of_its_type() -> None:
    assert comparisons_in_words(METRICS["DEP_EOP"]) == Text(
        "较上季末、较年初、较上年同期末；列增减与增长率",
        "against last quarter-end, since the start of the year, on a year ago; difference and growth",
    )
    assert comparisons_in_words(METRICS["DEPRATE"]) == Text(
        "环比、同比；列基点", "quarter on quarter, year on year; basis points"
    )
    assert comparisons_in_words(METRICS["ATT"]) == NO_COMPARISON


def test_an_entry_carries_owner_type_and_trap() -> None:
    entry = glossary(["ADBGAP"])[0]
    assert (entry.owner, entry.measure_type) == (Text("财务部门", "finance"), Text("比率", "ratio"))
    assert entry.trap == METRICS["ADBGAP"].trap
