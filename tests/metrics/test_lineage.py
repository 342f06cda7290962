"""Which canonical tables a number rests on."""

from analysis.intake.schemas import SCHEMAS
from analysis.metrics import METRICS
from analysis.metrics.lineage import tables_behind


def test_a_kpi_rests_on_the_tables_of_its_measures():
    assert tables_behind("DEP_ADB") == ("positions",)
    assert set(tables_behind("NPLR")) == {"loan_states"}


def test_a_kpi_over_several_quarters_rests_on_what_each_of_them_reads():
    assert {"clients", "positions", "limits", "transactions"} <= set(tables_behind("CHURN_N"))


def test_a_kpi_that_reads_bank_figures_or_groups_by_an_attribute_rests_on_those_tables_too():
    assert all("bank" in tables_behind(code) for code, metric in METRICS.items() if metric.bank)
    assert all("clients" in tables_behind(code) for code, metric in METRICS.items() if metric.by)


def test_every_kpi_with_a_formula_has_tables_and_only_canonical_ones():
    for code, metric in METRICS.items():
        assert bool(tables_behind(code)) == bool(metric.needs or metric.bank), code
        assert set(tables_behind(code)) <= set(SCHEMAS)
