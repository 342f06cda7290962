"""What was issued for a quarter against the same quarter today: found with before and after, and with its reason."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analysis.core.blocks import Missing, Ref
from analysis.core.fact import Fact
from analysis.core.provenance import Input
from analysis.core.text import Text
from analysis.core.units import CURRENCIES
from analysis.intake import Portfolio, load_portfolio
from analysis.metrics import METRICS
from analysis.reporting.chapter import facts_json
from analysis.reporting.decisions import DEFINITIONS, POLICIES, definitions_json, policies_json
from analysis.reporting.issue import Issue
from analysis.reporting.restatements import (
    Restated,
    Restatements,
    find_restatements,
    recomputed,
    restatement_row,
    restatement_tables,
)
from tests.builders import client_rows, rows, tiny_portfolio

YUAN = CURRENCIES["CNY"]
DEPOSITS = "10_describe_clients.kpi.DEP_EOP"
CODE = "code of now"


def bank(folder: Path, june: float = 300.0, september: float = 500.0, other: float = 0.0) -> Portfolio:
    """Two clients, A with balances of two month-ends and B perhaps with one, as of 2026Q3."""
    positions = rows(
        "client_id month product balance_avg balance_end interest funds_amount fee direct_cost",
        ("A", "2026-06-30", "deposit_demand", june, june, 0.0, 0.0, 0.0, 0.0),
        ("A", "2026-09-30", "deposit_demand", september, september, 0.0, 0.0, 0.0, 0.0),
        *([("B", "2026-06-30", "deposit_demand", other, other, 0.0, 0.0, 0.0, 0.0)] if other else []),
    )
    return tiny_portfolio(folder, {"clients": client_rows("A", "B"), "positions": positions})


@pytest.fixture
def issue(tmp_path: Path) -> Callable[..., Issue]:
    """Makes the issue of 2026Q2 of a portfolio as it stood then, with more facts beside its KPIs."""

    def make(portfolio: Portfolio, *more: Fact, policies: Any = None, definitions: Any = None) -> Issue:
        folder = tmp_path / "2026Q2"
        folder.mkdir()
        kpi = [ref.fact for ref in recomputed(portfolio.at("2026Q2")).values() if ref.fact.value is not None]
        inputs = [{"name": i.name, "rows": i.rows, "sha256": i.sha256} for i in portfolio.provenance.inputs]
        manifest = {
            "chapters": {"10_describe_clients": {"parts": {"code": CODE}}},
            "inputs": inputs,
            "data_parameters": portfolio.provenance.parameters,
        }
        files = {
            "manifest.json": manifest,
            POLICIES: policies or policies_json(portfolio.policy),
            DEFINITIONS: definitions or definitions_json(),
        }
        for name, content in files.items():
            (folder / name).write_text(json.dumps(content, default=str), encoding="utf-8")
        (folder / "facts.json").write_text(facts_json([*kpi, *more]), encoding="utf-8")
        return Issue(folder, "quarterly", "tiny", "2026Q2", 1, "", "2026-07-20", "key")

    return make


def reasons(found: Restatements) -> dict[str, set[str]]:
    return {one.issued.metric: {reason.en for reason in one.reasons} for one in found.restated}


def test_where_nothing_changed_nothing_is_restated(tmp_path: Path, issue: Any):
    portfolio = bank(tmp_path)
    found = find_restatements(issue(portfolio), portfolio, code=CODE)
    assert found.restated == ()
    assert found.n_compared == found.n_facts > 5


def test_what_came_in_after_the_quarter_restates_nothing(tmp_path: Path, issue: Any):
    frozen = issue(bank(tmp_path, september=500.0))
    assert find_restatements(frozen, bank(tmp_path, september=9_000.0), code=CODE).restated == ()


def test_a_corrected_balance_is_found_with_before_and_after(tmp_path: Path, issue: Any):
    frozen = issue(bank(tmp_path, june=300.0))
    found = find_restatements(frozen, bank(tmp_path, june=340.0), code=CODE)
    by_id = {one.issued.id: one for one in found.restated}
    assert (by_id[DEPOSITS].issued.value, by_id[DEPOSITS].now.value) == (300.0, 340.0)
    assert (by_id[DEPOSITS].issued.quarter, found.quarter) == ("", "2026Q2")
    assert "10_describe_clients.kpi.NCLI" not in by_id  # clients are as they were


def test_facts_that_cannot_be_recomputed_are_counted_apart(tmp_path: Path, issue: Any):
    portfolio = bank(tmp_path)
    text = Text("目标", "target")
    target = Fact("90_summarise.target.DEP_EOP", 0.06, "ratio", "90_summarise", text, "DEP_EOP")
    share = Fact("10_describe_clients.region.share", 0.5, "ratio", "10_describe_clients", text)
    found = find_restatements(issue(portfolio, target, share), portfolio, code=CODE)
    assert (found.n_facts - found.n_compared, found.n_kpi - found.n_compared) == (2, 1)


# --- reasons --------------------------------------------------------------------------------------------------------


def test_late_rows_of_the_tables_behind_a_kpi_are_its_reason(tmp_path: Path, issue: Any):
    frozen, corrected = issue(bank(tmp_path)), bank(tmp_path, june=340.0)
    log = rows(
        "table kind folder",
        ("positions", "changed", "2026Q3"),
        ("positions", "late", "2026Q3"),
        ("positions", "late", "2026Q2"),  # known when the quarter was issued
        ("loans", "late", "2026Q3"),
    )
    log.to_parquet(corrected.folder / "restatements.parquet")
    found = reasons(find_restatements(frozen, corrected, code="other code"))
    assert found["DEP_EOP"] == {"data late or corrected (2 values)"}


def test_a_file_with_other_content_is_a_reason(tmp_path: Path, issue: Any):
    def with_file(portfolio: Portfolio, sha256: str) -> Portfolio:
        files = (Input("2026Q2/positions.csv", 1, sha256),)
        return replace(portfolio, provenance=replace(portfolio.provenance, inputs=files))

    frozen = issue(with_file(bank(tmp_path), "aa"))
    corrected = bank(tmp_path, june=340.0)
    assert reasons(find_restatements(frozen, with_file(corrected, "bb"), code=CODE))["DEP_EOP"] == {
        "data files changed"
    }
    untouched = reasons(find_restatements(frozen, with_file(corrected, "aa"), code=CODE))["DEP_EOP"]
    assert untouched == {"neither data, definition, policy nor program changed: look into it"}


def test_another_formula_is_a_change_of_definition_of_that_kpi_alone(tmp_path: Path, issue: Any):
    definitions = definitions_json()
    definitions["DEP_EOP"] = definitions["DEP_EOP"] | {"formula": "deposit_end − margin"}
    definitions["DEP_ADB"] = definitions["DEP_ADB"] | {"name": {"zh": "旧名", "en": "only renamed"}}
    frozen = issue(bank(tmp_path), definitions=definitions)
    found = reasons(find_restatements(frozen, bank(tmp_path, june=340.0), code="other code"))
    assert found["DEP_EOP"] == {"definition changed"}
    assert found["DEP_ADB"] == {"the program computes it otherwise"}


def with_rule(portfolio: Portfolio, id: str, value: float) -> Portfolio:
    policy = portfolio.policy
    changed = tuple(replace(row, value=value) if row.id == id else row for row in policy.rows)
    return replace(portfolio, policy=replace(policy, rows=changed, sha256=f"{policy.sha256} {value}"))


def test_a_policy_value_is_the_reason_of_the_kpis_it_moves_and_of_no_other(tmp_path: Path, issue: Any):
    # A holds one family of products, B none: one of two is cross-sold from one family on, none from two on.
    portfolio = bank(tmp_path)
    frozen = issue(with_rule(portfolio, "xsell_families", 1))
    found = find_restatements(frozen, with_rule(portfolio, "xsell_families", 2), code="other code")
    label = portfolio.policy.row("xsell_families").label.en
    assert reasons(found) == {"XSELL": {f"policy changed: {label}"}}
    assert (found.restated[0].issued.value, found.restated[0].now.value) == (0.5, 0.0)


def test_a_corrected_balance_and_a_changed_rule_are_both_named_where_both_bear(tmp_path: Path, issue: Any):
    # Both hold one family at the issue; B's balance is gone, which leaves one of two, and the rule of today none.
    frozen = issue(with_rule(bank(tmp_path, other=600.0), "xsell_families", 1))
    today = with_rule(bank(tmp_path, other=0.0), "xsell_families", 2)
    found = reasons(find_restatements(frozen, today, code="other code"))
    label = today.policy.row("xsell_families").label.en
    assert found["XSELL"] == {f"policy changed: {label}", "the program computes it otherwise"}
    assert found["DEP_EOP"] == {"the program computes it otherwise"}


# --- shown ----------------------------------------------------------------------------------------------------------


def test_the_annex_lists_as_issued_now_change_and_reason(tmp_path: Path, issue: Any):
    frozen = issue(bank(tmp_path))
    scope, listed = restatement_tables(find_restatements(frozen, bank(tmp_path, june=340.0), code="other code"))
    row = next(row for row in listed.rows if row.cells["what"] == METRICS["DEP_EOP"].name)
    values = [cell.fact.value for cell in row.cells.values() if isinstance(cell, Ref)]
    assert values == [300.0, 340.0, 40.0]
    assert row.cells["reason"] == Text("计算程序更新", "the program computes it otherwise")
    facts = {fact.id: fact.value for fact in (*scope.facts, *listed.facts)}
    assert facts[f"appendix.restatements.{DEPOSITS}.change"] == 40.0
    assert facts["appendix.restatements.n_restated"] == len(listed.rows)
    assert facts["appendix.restatements.n_facts"] == facts["appendix.restatements.n_compared"]
    assert not any(fact.metric for fact in listed.facts)  # the next issue compares KPIs, not their restatements


def test_a_figure_that_has_no_value_any_more_is_listed_without_a_change(tmp_path: Path, issue: Any):
    frozen = issue(bank(tmp_path))
    without = replace(bank(tmp_path), tables=("clients",), tables_key="without positions")
    _, listed = restatement_tables(find_restatements(frozen, without, code=CODE))
    row = next(row for row in listed.rows if row.cells["what"] == METRICS["DEP_EOP"].name)
    assert isinstance(row.cells["now"], Missing)
    assert row.cells["change"] == Missing(Text("其中一期没有数值", "one of the two has no value"))


def test_the_control_page_says_how_many_or_that_nothing_was_issued():
    none = Restatements("2026Q2", 9, 6, 4, ())
    row = restatement_row(none, "2026Q2", YUAN)
    assert (row.value, row.state) == (
        Text(
            "已发布的 2026Q2 重算 4 个指标值，其中 0 个有变",
            "4 figures issued for 2026Q2 were recomputed, 0 of them changed",
        ),
        "good",
    )
    fact = Fact("c.kpi.X", 1.0, "ratio", "c", Text("x", "x"), "X")
    one = replace(none, restated=(Restated(fact, replace(fact, value=2.0), "percent", (Text("y", "y"),)),))
    assert restatement_row(one, "2026Q2", YUAN).state == "near"
    assert restatement_row(None, "2026Q2", YUAN).value == Text(
        "2026Q2 没有已发布的报告，上季数据由现有各表按当季末重算，无从比对",
        "no report was issued for 2026Q2: its figures are recomputed from the tables as of its end",
    )
    assert tuple(restatement_tables(None)) == ()
    assert [table.rows for table in restatement_tables(none)][1] == ()


# --- a bank's own folders -------------------------------------------------------------------------------------------


def test_a_later_delivery_that_corrects_an_issued_quarter_is_told_with_its_values(tmp_path: Path, issue: Any):
    clients = "client_id,status\nC1,open\nC2,open\n"
    header = "client_id,month,product,balance_avg,balance_end\n"
    first = f"{header}C1,2026-06-30,deposit_demand,300,300\n"
    later = f"{header}C1,2026-06-30,deposit_demand,340,340\nC1,2026-09-30,deposit_demand,500,500\n"
    root = tmp_path / "extracts"

    def deliver(quarter: str, positions: str) -> Portfolio:
        (root / quarter).mkdir(parents=True)
        (root / quarter / "clients.csv").write_text(clients, encoding="utf-8")
        (root / quarter / "positions.csv").write_text(positions, encoding="utf-8")
        return load_portfolio("folder", data=str(root), cache=tmp_path / "cache")

    frozen = issue(deliver("2026Q2", first))
    found = find_restatements(frozen, deliver("2026Q3", later), code="other code")
    one = next(one for one in found.restated if one.issued.id == DEPOSITS)
    assert (one.issued.value, one.now.value) == (300.0, 340.0)
    # two values of one row: the average and the end balance
    assert [reason.en for reason in one.reasons] == ["data late or corrected (2 values)"]
    assert "10_describe_clients.kpi.NCLI" not in {one.issued.id for one in found.restated}
