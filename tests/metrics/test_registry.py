"""The contract that every KPI, measure and history measure keeps."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from analysis.core.text import Text
from analysis.intake.policy import load_policy
from analysis.intake.schemas import SCHEMAS
from analysis.metrics import DERIVED, HISTORY, MEASURES, METRICS, tables_of
from analysis.metrics.metric import CORPORATE, FINANCE, INFORMATION, RESEARCH, RISK, RULES, TREASURY
from analysis.metrics.relations import RELATIONS

SEED = [
    "DEP_EOP", "DEP_ADB", "ADBGAP", "CASA_C", "DEPRATE", "LOAN_EOP", "LOAN_ADB", "LOANRATE", "SPREAD_LPR",
    "FTPNII", "NIM_C", "NETFEE", "FEER", "OPREV", "CTS", "CIR", "EL", "EC", "RWA_DENS", "CONTRIB", "NOPAT_C",
    "RAROC", "EVA", "RORWA", "NCLI", "NCLI_G", "EFFCLI", "EFFR", "VALCLI", "VALCLI_IN", "VALCLI_OUT",
    "VALCLI_NET", "NOLOAN", "BASICR", "SETTLE_ACT", "SETTLE_VOL", "DORM", "PER_DEP", "PER_OPREV", "PPC",
    "XSELL", "LIMIT", "UTIL", "EXPO", "LDR_C", "NPLR", "SMLR", "OVDR", "OVD90_NPL", "MIG_N", "MIG_S", "MIG_SUB",
    "MIG_D", "NPLGEN", "COVR", "PROVR", "CCOST", "STAGE2", "SINGLE", "TOP10", "LEX_S", "LEX_G", "HHI", "GINI",
    "TOP20", "CHURN_N", "CHURN_AMT", "NRR", "UPR", "DNR", "LCHURN", "PSI_SEG", "NETNEW", "NEWLOAN", "MEDEV",
    "N_LOAN", "APPR_AMT", "DEF_R", "UNK_R", "LOSS_R",
]  # fmt: skip
"""KPIs with a formula on measures that a report of a bank cannot do without."""
MADE_ELSEWHERE = [
    "SOW_LOAN", "SOW_REV", "WARN_PREC", "WARN_LEAD", "SAVE_R", "ATT", "TOTEFF", "S_ROI", "MDE", "OVERLAP",
    "PLACEBO_P", "SIL", "ARI_B", "JAC", "ETA2", "FID", "PLAN_R", "MSHARE", "DEP_OUT", "INC_OUT", "DEP_FTE",
    "INC_FTE", "BR_ORGANIC", "BR_IN", "BR_OUT", "BR_NEW", "BR_LOST", "MIX_EFF", "RATE_EFF", "PV_VOLUME",
    "PV_MIX", "PV_MARGIN", "PV_FEE", "PV_DAYS",
]  # fmt: skip
"""Numbers of a study or of other tables than the clients': registered for name and meaning."""
WITH_A_TRAP = [
    "DEP_EOP", "DEP_ADB", "ADBGAP", "CASA_C", "DEPRATE", "LOAN_EOP", "LOAN_ADB", "LOANRATE", "SPREAD_LPR",
    "FTPNII", "NIM_C", "NETFEE", "OPREV", "CTS", "EL", "EC", "CONTRIB", "RAROC", "EVA", "NCLI", "EFFCLI",
    "EFFR", "VALCLI", "BASICR", "SETTLE_ACT", "SETTLE_VOL", "PER_DEP", "PER_LOAN_ADB", "PPC", "LIMIT", "UTIL",
    "LDR_C", "SOW_LOAN", "SOW_REV", "NPLR", "OVDR", "MIG_N", "NPLGEN", "SINGLE", "TOP10", "LEX_S", "LEX_G",
    "GINI", "TOP20", "CHURN_N", "NRR", "UPR", "DNR", "SAVE_R", "ATT", "TOTEFF", "S_ROI", "MDE", "MEDEV",
    "PLAN_R",
]  # fmt: skip


class Recorder(Mapping[str, object]):
    """Inputs that note which names a formula reads."""

    def __init__(self, over_clients: bool) -> None:
        self.read: set[str] = set()
        self.over_clients = over_clients

    def __getitem__(self, name: str) -> object:
        self.read.add(name)
        is_array = self.over_clients and (name in MEASURES or name in DERIVED)
        return np.array([3.0, 2.0, 1.0]) if is_array else 2.0

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def test_the_kpis_of_the_seed_list_are_there_with_a_formula() -> None:
    assert [code for code in SEED if code not in METRICS or METRICS[code].compute is None] == []


@pytest.mark.parametrize("code", METRICS)
def test_a_kpi_is_well_formed(code: str) -> None:
    metric = METRICS[code]
    assert metric.code == code
    assert metric.direction in (-1, 0, 1)
    assert metric.formula
    for text in (metric.name, metric.definition, metric.trap or metric.name):
        assert text.zh
        assert text.en
        assert not any(sign in text.zh for sign in ",;:()")
    if metric.measure_type == "ratio" and metric.unit == "ratio":
        assert metric.change in ("points", "bp")
    if metric.measure_type in ("flow", "average"):
        assert "ytd" not in metric.comparisons
    if metric.measure_type == "stock":
        assert metric.comparisons == ("qoq", "ytd", "yoy")


@pytest.mark.parametrize("code", [code for code, metric in METRICS.items() if metric.compute is not None])
def test_a_formula_reads_what_it_declares_and_nothing_else(code: str) -> None:
    metric = METRICS[code]
    assert metric.compute is not None
    inputs = Recorder(metric.over_clients)
    metric.compute(inputs)
    assert inputs.read - {*RULES, "days"} == {*metric.needs, *metric.bank}
    assert all(need in MEASURES or need in DERIVED or need in HISTORY for need in metric.needs)


def test_numbers_made_elsewhere_are_registered_with_their_formula_and_without_a_way_to_compute_them_here() -> None:
    assert [code for code in MADE_ELSEWHERE if code not in METRICS or METRICS[code].compute is not None] == []
    assert {code for code, metric in METRICS.items() if metric.compute is None} == set(MADE_ELSEWHERE)


@pytest.mark.parametrize("code", METRICS)
def test_a_kpi_has_an_owner_whose_word_is_that_of_the_policies(code: str) -> None:
    departments = {FINANCE, TREASURY, CORPORATE, RISK, INFORMATION, RESEARCH}
    assert METRICS[code].owner in departments


def test_the_known_traps_are_told() -> None:
    assert [code for code in WITH_A_TRAP if METRICS[code].trap is None] == []


@pytest.mark.parametrize("code", [code for code, metric in METRICS.items() if metric.base])
def test_a_ratio_over_a_base_is_its_top_over_that_base(code: str) -> None:
    metric = METRICS[code]
    assert metric.compute is not None
    assert not metric.is_additive
    rules = {"days": 92.0, "days_in_year": 365.0, "tax_rate": 0.25, "cost_of_capital": 0.1}
    inputs = {need: 6.0 + place for place, need in enumerate(metric.needs)} | rules
    first, second = (metric.compute(inputs | {metric.base: base}) for base in (3.0, 6.0))
    if metric.base in ("deposit_month_avg", "n_tier_opening") or code == "MEDEV":
        return  # the base is in the top too
    assert first == pytest.approx(2 * second)  # type: ignore[arg-type]


def test_no_name_is_used_twice() -> None:
    names = [*MEASURES, *DERIVED, *HISTORY]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", [*MEASURES, *DERIVED, *HISTORY])
def test_a_measure_has_a_label_in_both_languages(name: str) -> None:
    label: Text = (MEASURES.get(name) or DERIVED.get(name) or HISTORY[name]).label
    assert label.zh
    assert label.en


def test_every_measure_sums_a_known_relation_of_canonical_tables() -> None:
    assert {measure.relation for measure in MEASURES.values()} == set(RELATIONS)
    assert all(table in SCHEMAS for relation in RELATIONS.values() for table in relation.tables)


def test_derived_measures_need_only_what_stands_above_them() -> None:
    known = set(MEASURES)
    for name, derived in DERIVED.items():
        assert set(derived.needs) <= known, name
        known.add(name)
    for history in HISTORY.values():
        assert set(history.needs) <= known


def test_the_tables_of_a_measure_are_those_of_all_it_is_made_of() -> None:
    assert tables_of("deposit_avg") == ("positions",)
    assert tables_of("contribution") == ("positions", "loan_states")
    assert tables_of("economic_capital") == ("loan_states", "limits")


def test_the_method_page_names_every_policy_rule_the_formulas_use_and_each_exists() -> None:
    root = Path(__file__).parents[2]
    source = "".join(path.read_text(encoding="utf-8") for path in (root / "src/analysis/metrics").glob("*.py"))
    used = {*re.findall(r'policy\.number\(\s*"(\w+)"', source), *RULES, "growth_base_client", "growth_base_bank"}
    page = (root / "docs/methods/kpi.md").read_text(encoding="utf-8")
    assert len(used) > 15
    assert [rule for rule in sorted(used) if f"`{rule}`" not in page] == []
    policy = load_policy()
    assert all(policy.number(rule) >= 0 for rule in used)
