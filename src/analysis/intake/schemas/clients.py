"""Who the clients are, and their yearly statements."""

from analysis.core.text import Text
from analysis.intake.schemas.nouns import Column, TableSchema
from analysis.intake.schemas.words import ENTITY_TYPES, STAGES, STATUSES

CLIENTS = TableSchema(
    "clients",
    Text("客户", "clients"),
    Text("客户 × 季末", "client × quarter-end"),
    ("client_id", "quarter"),
    (
        Column(
            "client_id", "text", Text("客户号", "client id"), required=True, sensitivity="identifier", entity="client"
        ),
        Column("quarter", "quarter", Text("季度", "quarter"), required=True),
        Column("name", "text", Text("名称", "name"), sensitivity="restricted"),
        Column("credit_code", "text", Text("统一社会信用代码", "unified social credit code"), sensitivity="restricted"),
        Column("entity_type", "text", Text("主体类型", "entity type"), allowed=ENTITY_TYPES),
        Column("status", "text", Text("账户状态", "account status"), allowed=STATUSES),
        Column("relation_start", "date", Text("建立关系日", "start of relation")),
        Column("founded", "date", Text("成立日", "founded")),
        Column("group_id", "text", Text("集团号", "group id"), sensitivity="identifier", entity="group"),
        Column("industry", "text", Text("行业门类", "industry section")),
        Column("industry_division", "text", Text("行业大类", "industry division")),
        Column("region", "text", Text("地区", "region")),
        Column(
            "region_tier",
            "text",
            Text("地区层级", "region tier"),
            allowed=("core", "coastal", "inland", "county"),
        ),
        Column(
            "ownership", "text", Text("所有制", "ownership"), allowed=("private", "state", "foreign", "institution")
        ),
        Column("staff", "float", Text("从业人员", "staff"), "persons", low=0),
        Column("revenue", "money", Text("年营业收入", "yearly revenue"), "currency units", low=0),
        Column("assets", "money", Text("资产总额", "total assets"), "currency units", low=0),
        Column("stage", "text", Text("发展阶段", "life-cycle stage"), allowed=STAGES),
        Column("is_platform", "bool", Text("平台类", "local-government related")),
        Column("is_high_tech", "bool", Text("高新技术或专精特新", "high-tech")),
        Column("is_green", "bool", Text("绿色", "green")),
        Column("is_agriculture", "bool", Text("涉农", "agriculture related")),
        Column("has_basic_account", "bool", Text("在我行开立基本户", "basic account here")),
        Column("branch_id", "text", Text("分行", "branch")),
        Column("outlet_id", "text", Text("网点", "outlet")),
        Column("manager_id", "text", Text("客户经理", "client manager"), sensitivity="identifier", entity="staff"),
        Column("tier", "text", Text("现行层级", "tier in force")),
    ),
    required=True,
)

FINANCIALS = TableSchema(
    "financials",
    Text("财务报表", "financial statements"),
    Text("客户 × 年", "client × year"),
    ("client_id", "year"),
    (
        Column(
            "client_id", "text", Text("客户号", "client id"), required=True, sensitivity="identifier", entity="client"
        ),
        Column("year", "int", Text("年度", "year"), required=True),
        Column("assets", "money", Text("资产总额", "total assets"), "currency units", low=0),
        Column("equity", "money", Text("净资产", "equity"), "currency units"),
        Column("debt", "money", Text("有息负债", "interest-bearing debt"), "currency units", low=0),
        Column("current_assets", "money", Text("流动资产", "current assets"), "currency units", low=0),
        Column("current_liabilities", "money", Text("流动负债", "current liabilities"), "currency units", low=0),
        Column("revenue", "money", Text("营业收入", "revenue"), "currency units", low=0),
        Column("profit", "money", Text("净利润", "net profit"), "currency units"),
        Column("interest_expense", "money", Text("利息支出", "interest expense"), "currency units", low=0),
        Column("operating_cash_flow", "money", Text("经营现金流", "operating cash flow"), "currency units"),
    ),
)
