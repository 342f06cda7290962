"""The list of needs holds every term of the source documents, and every product serves exactly one need."""

import re
from pathlib import Path

import pytest

from analysis.core.errors import DataError
from analysis.intake import load_policy
from analysis.intake.schemas import PRODUCTS, SCHEMAS
from analysis.portrait.needs import load_taxonomy
from tests.portrait.needs.builders import POLICY, TAXONOMY

ASKED_FOR = {
    "融资": "financing", "结算": "settlement", "理财": "wealth_management", "咨询": "advisory",
    "存款": "deposits", "贷款": "financing", "支付结算": "payment_settlement", "现金管理": "cash_management",
    "国际业务": "trade", "供应链金融": "supply_chain_finance", "应收账款": "receivables_finance",
    "科技金融": "sci_tech_finance", "投资银行": "investment_banking", "资产管理": "asset_management",
    "国际贸易": "trade_finance", "金融产品和服务创新": "product_innovation", "服务效率": "service_efficiency",
    "风险管理": "risk_management", "个性化定制": "customised_service", "增值服务": "value_added_service",
    "表外业务": "off_balance_sheet", "规避风险": "risk_avoidance", "结算网络": "settlement_network",
    "财务顾问": "financial_advisory", "融资方案设计": "financing_design", "单一信贷": "financing",
    "资金流转": "fund_operation", "投融资": "investment_financing", "账户管理": "account_management",
    "资金运作": "fund_operation", "绿色金融": "green_finance", "数字货币": "digital_currency",
    "资本运作": "capital_operations",
}  # fmt: skip
"""Terms of requirement C1, in its order, and where each belongs."""


def test_every_term_of_the_source_documents_is_in_the_list() -> None:
    assert {term: TAXONOMY.terms[term] for term in ASKED_FOR} == ASKED_FOR


def test_each_term_leads_to_a_need_or_a_group_with_a_name_in_both_languages() -> None:
    for code in TAXONOMY.terms.values():
        label = TAXONOMY.label(code)
        assert re.search("[一-鿿]", label.zh)
        assert not re.search("[一-鿿]", label.en)


def test_there_are_two_levels_and_every_group_has_needs() -> None:
    assert {need.group for need in TAXONOMY.needs.values()} == set(TAXONOMY.groups)
    assert set(TAXONOMY.groups) & set(TAXONOMY.needs) == set()


def test_every_product_serves_exactly_one_need() -> None:
    assert set(TAXONOMY.product_need) == set(PRODUCTS)
    assert set(TAXONOMY.product_need.values()) <= set(TAXONOMY.needs)


def test_every_rating_of_the_survey_is_about_a_need_or_listed_as_about_none() -> None:
    given = {"client_id", "wave", "date", "responded", "weight", "comment"}
    questions = {column.name for column in SCHEMAS["surveys"].columns} - given
    assert set(TAXONOMY.survey_need) | set(TAXONOMY.unmapped_questions) == questions
    assert set(TAXONOMY.survey_need) & set(TAXONOMY.unmapped_questions) == set()


def test_codes_on_no_list_are_told() -> None:
    assert TAXONOMY.unmapped(["payroll", "golf", "astrology", "golf"]) == ("astrology", "golf")


def test_the_five_needs_of_service_are_there() -> None:
    assert [code for code in TAXONOMY.codes if TAXONOMY.group_of(code) == "service_quality"][:5] == [
        "product_innovation", "service_efficiency", "risk_service", "customised_service", "value_added_service",
    ]  # fmt: skip


def test_a_product_without_a_need_is_refused(tmp_path: Path) -> None:
    (tmp_path / "needs.toml").write_text('[table]\nproduct_needs = [{ id = "online", need = "gossip" }]\n', "utf-8")
    with pytest.raises(DataError) as caught:
        load_taxonomy(load_policy(overlay=tmp_path))
    assert str(caught.value).startswith("The policy table 'product_needs' and the list it rests on differ in gossip.")


def test_weights_of_sources_are_probabilities() -> None:
    assert all(0 < one.weight <= 1 and one.valid_months > 0 for one in TAXONOMY.sources.values())
    assert POLICY.number("need_present") < min(
        one.weight for one in TAXONOMY.sources.values() if one.kind != "inferred"
    )
