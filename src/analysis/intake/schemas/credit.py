"""Loans, their monthly states, and limits."""

from analysis.core.text import Text
from analysis.intake.schemas.nouns import Column, TableSchema
from analysis.intake.schemas.words import LOAN_CLASSES, OUTCOMES

LOANS = TableSchema(
    "loans",
    Text("贷款", "loans"),
    Text("借据", "loan"),
    ("loan_id",),
    (
        Column("loan_id", "text", Text("借据号", "loan id"), required=True, sensitivity="identifier", entity="loan"),
        Column(
            "client_id", "text", Text("客户号", "client id"), required=True, sensitivity="identifier", entity="client"
        ),
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
        Column("loan_id", "text", Text("借据号", "loan id"), required=True, sensitivity="identifier", entity="loan"),
        Column(
            "client_id", "text", Text("客户号", "client id"), required=True, sensitivity="identifier", entity="client"
        ),
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
        Column(
            "client_id", "text", Text("客户号", "client id"), required=True, sensitivity="identifier", entity="client"
        ),
        Column("month", "date", Text("月末", "month-end"), required=True),
        Column("credit_limit", "money", Text("授信额度", "approved limit"), "currency units", low=0),
        Column("used", "money", Text("已用额度", "limit in use"), "currency units", low=0),
        Column("acceptances", "money", Text("银行承兑汇票", "bank acceptances"), "currency units", low=0),
        Column("guarantees", "money", Text("保函", "guarantees"), "currency units", low=0),
        Column("cash_margin", "money", Text("保证金", "cash margin"), "currency units", low=0),
        Column("expiry", "date", Text("额度到期日", "expiry of the limit")),
    ),
)
