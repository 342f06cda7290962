"""The data contract: every canonical table, once. Templates, dictionary and messages are generated from here.

This is a plain table of our own and not pandera: it has to carry labels in two languages, unit and sensitivity, and be
checked in SQL on tables larger than memory (docs/decisions/schema-language.md).
"""

from dataclasses import dataclass
from typing import Literal

from analysis.core.text import Text

Dtype = Literal["text", "int", "float", "money", "bool", "date", "quarter"]
Sensitivity = Literal["public", "internal", "identifier", "restricted"]
"""identifier: numbers of clients, loans, people; stored as pseudonyms · restricted: names and codes; never stored"""
Dimension = Literal["completeness", "validity", "uniqueness", "consistency", "timeliness"]
Action = Literal["set_aside", "flag"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a canonical table.

    Parameters
    ----------
    unit : of the stored number; money is in the portfolio's currency, rates are fractions a year
    allowed : the only values a text may have, or none for free text
    low, high : the closed range a number must lie in
    required : must be there and never empty
    meaning : what the number is, where the label does not say it all
    aliases : other names a bank's extract may use for it, Chinese or English
    entity : whose number an identifier is (client, loan, staff, group); equal numbers get equal pseudonyms
    """

    name: str
    dtype: Dtype
    label: Text
    unit: str = ""
    required: bool = False
    allowed: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    sensitivity: Sensitivity = "internal"
    meaning: Text | None = None
    aliases: tuple[str, ...] = ()
    entity: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule across the columns of a table (or its earlier rows), beyond what each column says by itself.

    Parameters
    ----------
    column : the column a message names
    broken : SQL over the table's typed columns, true where the rule is broken, NULL where it cannot be judged;
        may use window functions
    action : set_aside leaves the row out; flag keeps and counts it
    """

    name: str
    column: str
    label: Text
    broken: str
    action: Action = "set_aside"
    dimension: Dimension = "consistency"


@dataclass(frozen=True, slots=True)
class Reference:
    """Values of `column` must occur in `table.target`; a row whose value does not is an orphan and is set aside."""

    column: str
    table: str
    target: str


@dataclass(frozen=True, slots=True)
class TableSchema:
    """One canonical table: its grain, its key, its columns and the rules across them; `aliases` are names of files."""

    name: str
    label: Text
    grain: Text
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    required: bool = False
    rules: tuple[Rule, ...] = ()
    references: tuple[Reference, ...] = ()
    aliases: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


ENTITY_TYPES = ("enterprise", "institution", "government", "association", "sole_proprietor", "individual")
STATUSES = ("open", "dormant", "closed")
STAGES = ("startup", "growth", "mature", "decline", "established", "not_applicable")
"""`established` is for sources that only know new from existing firms."""
SIZE_CLASSES = ("L", "M", "S", "X", "I")
"""大 中 小 微, and I for clients outside the size rule."""
LOAN_CLASSES = ("pass", "special_mention", "substandard", "doubtful", "loss")
OUTCOMES = ("paid_in_full", "charged_off")

CLIENTS = TableSchema(
    "clients",
    Text("客户", "clients"),
    Text("客户 × 季末", "client × quarter-end"),
    ("client_id", "quarter"),
    (
        Column("client_id", "text", Text("客户号", "client id"), required=True),
        Column("quarter", "quarter", Text("季度", "quarter"), required=True),
        Column("name", "text", Text("名称", "name"), sensitivity="restricted"),
        Column("credit_code", "text", Text("统一社会信用代码", "unified social credit code"), sensitivity="restricted"),
        Column("entity_type", "text", Text("主体类型", "entity type"), allowed=ENTITY_TYPES),
        Column("status", "text", Text("账户状态", "account status"), allowed=STATUSES),
        Column("relation_start", "date", Text("建立关系日", "start of relation")),
        Column("founded", "date", Text("成立日", "founded")),
        Column("group_id", "text", Text("集团号", "group id")),
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
        Column("manager_id", "text", Text("客户经理", "client manager")),
        Column("tier", "text", Text("现行层级", "tier in force")),
    ),
    required=True,
)

POSITIONS = TableSchema(
    "positions",
    Text("产品持有", "positions"),
    Text("客户 × 月 × 产品", "client × month × product"),
    ("client_id", "month", "product"),
    (
        Column("client_id", "text", Text("客户号", "client id"), required=True),
        Column("month", "date", Text("月末", "month-end"), required=True),
        Column("product", "text", Text("产品", "product"), required=True),
        Column("balance_avg", "money", Text("月日均余额", "average daily balance of the month"), "currency units"),
        Column("balance_end", "money", Text("月末余额", "balance at month-end"), "currency units"),
        Column("rate", "float", Text("执行利率", "contract rate"), "fraction a year", low=-0.05, high=1),
        Column("funds_price", "float", Text("资金价格", "funds price"), "fraction a year", low=-0.05, high=1),
        Column(
            "interest",
            "money",
            Text(
                "当月利息（贷款为不含税收入，存款为支出）",
                "interest of the month (loans: income net of VAT; deposits: expense)",
            ),
            "currency units",
        ),
        Column(
            "funds_amount",
            "money",
            Text(
                "当月资金转移金额（贷款为成本，存款为收益）", "funds charge (loans) or credit (deposits) of the month"
            ),
            "currency units",
        ),
        Column("fee", "money", Text("当月净手续费收入", "net fee income of the month"), "currency units"),
        Column("direct_cost", "money", Text("当月直接服务成本", "direct cost to serve of the month"), "currency units"),
    ),
)

LOANS = TableSchema(
    "loans",
    Text("贷款", "loans"),
    Text("借据", "loan"),
    ("loan_id",),
    (
        Column("loan_id", "text", Text("借据号", "loan id"), required=True),
        Column("client_id", "text", Text("客户号", "client id"), required=True),
        Column("product", "text", Text("产品", "product")),
        Column("start", "date", Text("发放或批准日", "start or approval"), required=True),
        Column("term_months", "float", Text("期限", "term"), "months", low=0),
        Column("amount", "money", Text("金额", "amount"), "currency units", low=0),
        Column("rate", "float", Text("利率", "rate"), "fraction a year", low=-0.05, high=1),
        Column("collateral", "text", Text("担保方式", "collateral")),
        Column(
            "guaranteed",
            "money",
            Text("外部机构担保金额", "amount guaranteed by a third party"),
            "currency units",
            low=0,
        ),
        Column("is_revolving", "bool", Text("循环额度", "revolving line")),
        Column("is_simplified", "bool", Text("简化审批", "simplified approval")),
        Column("outcome", "text", Text("最终结果", "final outcome"), allowed=OUTCOMES),
        Column("outcome_date", "date", Text("结果日", "date of the outcome")),
        Column("charged_off", "money", Text("核销本金", "principal charged off"), "currency units", low=0),
    ),
)

LOAN_STATES = TableSchema(
    "loan_states",
    Text("贷款月度状态", "loan states"),
    Text("借据 × 月末", "loan × month-end"),
    ("loan_id", "month"),
    (
        Column("loan_id", "text", Text("借据号", "loan id"), required=True),
        Column("client_id", "text", Text("客户号", "client id"), required=True),
        Column("month", "date", Text("月末", "month-end"), required=True),
        Column("balance", "money", Text("余额", "balance"), "currency units", low=0),
        Column("loan_class", "text", Text("五级分类", "loan class"), allowed=LOAN_CLASSES),
        Column("days_overdue", "int", Text("逾期天数", "days overdue"), "days", low=0),
        Column("rate", "float", Text("利率", "rate"), "fraction a year", low=-0.05, high=1),
        Column("repaid", "money", Text("当月偿还", "repaid in the month"), "currency units", low=0),
        Column("written_off", "money", Text("当月核销", "written off in the month"), "currency units", low=0),
        Column("transferred", "money", Text("当月转让", "transferred in the month"), "currency units", low=0),
        Column("extended", "bool", Text("展期或借新还旧", "extended or rolled over")),
        Column("rating", "text", Text("评级", "rating")),
        Column(
            "default_prob", "float", Text("一年违约概率", "one-year default probability"), "fraction", low=0, high=1
        ),
        Column("loss_given_default", "float", Text("违约损失率", "loss given default"), "fraction", low=0, high=1),
        Column("allowance", "money", Text("贷款损失准备", "loan-loss allowance"), "currency units", low=0),
        Column("stage", "int", Text("减值阶段", "impairment stage"), low=1, high=3),
        Column("risk_weight", "float", Text("风险权重", "risk weight"), "fraction", low=0, high=15),
    ),
)

LIMITS = TableSchema(
    "limits",
    Text("授信额度", "limits"),
    Text("客户 × 月末", "client × month-end"),
    ("client_id", "month"),
    (
        Column("client_id", "text", Text("客户号", "client id"), required=True),
        Column("month", "date", Text("月末", "month-end"), required=True),
        Column("credit_limit", "money", Text("授信额度", "approved limit"), "currency units", low=0),
        Column("used", "money", Text("已用额度", "limit in use"), "currency units", low=0),
        Column("acceptances", "money", Text("银行承兑汇票", "bank acceptances"), "currency units", low=0),
        Column("guarantees", "money", Text("保函", "guarantees"), "currency units", low=0),
        Column("cash_margin", "money", Text("保证金", "cash margin"), "currency units", low=0),
        Column("expiry", "date", Text("额度到期日", "expiry of the limit")),
    ),
)

TRANSACTIONS = TableSchema(
    "transactions",
    Text("交易", "transactions"),
    Text("客户 × 月 × 渠道", "client × month × channel"),
    ("client_id", "month", "channel"),
    (
        Column("client_id", "text", Text("客户号", "client id"), required=True),
        Column("month", "date", Text("月末", "month-end"), required=True),
        Column(
            "channel", "text", Text("渠道", "channel"), required=True, allowed=("online", "counter", "direct", "mobile")
        ),
        Column("n_in", "int", Text("入账笔数", "entries in"), low=0),
        Column("n_out", "int", Text("出账笔数", "entries out"), low=0),
        Column("amount_in", "money", Text("入账金额", "amount in"), "currency units", low=0),
        Column("amount_out", "money", Text("出账金额", "amount out"), "currency units", low=0),
        Column("amount_cross_border", "money", Text("跨境金额", "cross-border amount"), "currency units", low=0),
    ),
)

FINANCIALS = TableSchema(
    "financials",
    Text("财务报表", "financial statements"),
    Text("客户 × 年", "client × year"),
    ("client_id", "year"),
    (
        Column("client_id", "text", Text("客户号", "client id"), required=True),
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

OUTLETS = TableSchema(
    "outlets",
    Text("网点", "outlets"),
    Text("网点 × 季度", "outlet × quarter"),
    ("outlet_id", "quarter"),
    (
        Column("outlet_id", "text", Text("网点", "outlet"), required=True),
        Column("quarter", "quarter", Text("季度", "quarter"), required=True),
        Column("branch_id", "text", Text("分行", "branch"), required=True),
        Column("name", "text", Text("名称", "name")),
        Column("region", "text", Text("地区", "region")),
        Column("region_tier", "text", Text("地区层级", "region tier")),
        Column("staff_full_time", "float", Text("在岗人数", "full-time staff"), "persons", low=0),
    ),
)

STAFF = TableSchema(
    "staff",
    Text("人员", "staff"),
    Text("人员 × 季度", "person × quarter"),
    ("staff_id", "quarter"),
    (
        Column("staff_id", "text", Text("工号", "staff id"), required=True),
        Column("quarter", "quarter", Text("季度", "quarter"), required=True),
        Column("role", "text", Text("岗位", "role"), required=True, allowed=("manager", "product_specialist")),
        Column("outlet_id", "text", Text("网点", "outlet")),
        Column("team", "text", Text("团队", "team"), allowed=("key", "general", "pooled", "product")),
    ),
)

CONTROLS = TableSchema(
    "controls",
    Text("总账勾稽", "ledger control totals"),
    Text("月 × 网点 × 项目", "month × outlet × item"),
    ("month", "outlet_id", "item"),
    (
        Column("month", "date", Text("月末", "month-end"), required=True),
        Column("outlet_id", "text", Text("网点", "outlet"), required=True),
        Column(
            "item",
            "text",
            Text("项目", "item"),
            required=True,
            allowed=(
                "deposits_avg",
                "deposits_end",
                "loans_avg",
                "loans_end",
                "fee",
                "interest_loans",
                "interest_deposits",
                "direct_cost",
            ),
        ),
        Column("amount", "money", Text("金额", "amount"), "currency units", required=True),
    ),
)

BANK = TableSchema(
    "bank",
    Text("全行指标", "bank figures"),
    Text("季度 × 项目", "quarter × item"),
    ("quarter", "item"),
    (
        Column("quarter", "quarter", Text("季度", "quarter"), required=True),
        Column("item", "text", Text("项目", "item"), required=True),
        Column("value", "float", Text("数值", "value"), required=True),
    ),
)

SCHEMAS = {
    schema.name: schema
    for schema in (
        CLIENTS,
        POSITIONS,
        LOANS,
        LOAN_STATES,
        LIMITS,
        TRANSACTIONS,
        FINANCIALS,
        OUTLETS,
        STAFF,
        CONTROLS,
        BANK,
    )
}
"""Every canonical table built so far, by name."""

PRODUCTS: dict[str, tuple[str, str, Text]] = {
    # code: (kind, family, label)
    "deposit_demand": ("deposit", "settlement", Text("活期存款", "demand deposits")),
    "deposit_term": ("deposit", "term", Text("定期存款", "term deposits")),
    "deposit_notice": ("deposit", "term", Text("通知与协定存款", "notice and agreement deposits")),
    "deposit_margin": ("deposit", "bills", Text("保证金存款", "margin deposits")),
    "loan_working": ("loan", "loan", Text("流动资金贷款", "working-capital loans")),
    "loan_fixed": ("loan", "loan", Text("固定资产贷款", "fixed-asset loans")),
    "acceptance": ("off_balance", "bills", Text("银行承兑汇票", "bank acceptances")),
    "guarantee": ("off_balance", "guarantee", Text("保函与信用证", "guarantees and letters of credit")),
    "settlement": ("fee", "settlement", Text("结算", "settlement")),
    "online": ("fee", "online", Text("网上银行", "online banking")),
    "payroll": ("fee", "payroll", Text("代发工资", "payroll")),
    "cash_management": ("fee", "cash_management", Text("现金管理", "cash management")),
    "international": ("fee", "international", Text("国际结算与外汇", "international settlement and FX")),
    "supply_chain": ("fee", "supply_chain", Text("供应链金融", "supply-chain finance")),
    "investment_banking": ("fee", "investment_banking", Text("投资银行", "investment banking")),
    "wealth": ("fee", "wealth", Text("对公理财", "wealth for firms")),
    "digital_wallet": ("fee", "digital_wallet", Text("数字人民币钱包", "digital-yuan wallet")),
    "agency": ("fee", "settlement", Text("代理与托管", "agency and custody")),
}
"""Products: kind (deposit, loan, off_balance, fee), product family, label."""
