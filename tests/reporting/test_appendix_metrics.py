"""The annex of definitions: what is printed of a KPI is what the registry says of it."""

from analysis.core.fact import Fact
from analysis.core.text import Text
from analysis.metrics import METRICS
from analysis.metrics.glossary import TYPES, comparisons_in_words
from analysis.reporting.appendix import metric_table


def fact(code: str) -> Fact:
    return Fact(f"a.{code}", 1.0, "money", "a", Text("甲", "a"), code)


def test_every_printed_kpi_stands_in_the_annex_with_owner_type_comparisons_and_trap() -> None:
    codes = ["BR_ORGANIC", "DEP_EOP", "RAROC", "RATE_EFF"]
    table = metric_table([*map(fact, codes), fact("RAROC"), fact("")])
    # in the order of the registry, each once
    assert len(table.rows) == 4
    for code, row in zip(sorted(codes, key=list(METRICS).index), table.rows, strict=True):
        metric = METRICS[code]
        name, told, definition = row.cells["name"], row.cells["type"], row.cells["definition"]
        assert name == Text(f"{metric.name.zh}（{code}）", f"{metric.name.en} ({code})")
        assert row.cells["owner"] == metric.owner
        assert row.cells["formula"] == metric.formula
        assert isinstance(told, Text)
        assert isinstance(definition, Text)
        assert told.zh.startswith(TYPES[metric.measure_type].zh)
        assert told.en.endswith(comparisons_in_words(metric).en)
        assert definition.zh == metric.definition.zh + (f"提示：{metric.trap.zh}" if metric.trap else "")


def test_a_type_that_is_its_unit_is_said_once() -> None:
    (row,) = metric_table([fact("RAROC")]).rows
    assert row.cells["type"] == Text(
        "比率；环比、同比；列百分点", "ratio; quarter on quarter, year on year; percentage points"
    )


def test_the_annex_says_where_the_interaction_is_counted() -> None:
    note = metric_table([fact("RATE_EFF")]).note
    assert "交互项计入水平效应" in str(note.zh[0])
    assert "the interaction is counted in the rate" in str(note.en[0])
