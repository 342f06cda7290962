"""The words that coded columns may hold."""

from analysis.core.text import Text

ENTITY_TYPES = ("enterprise", "institution", "government", "association", "sole_proprietor", "individual")
STATUSES = ("open", "dormant", "closed")
STAGES = ("startup", "growth", "mature", "decline", "established", "not_applicable")
"""`established` is for sources that only know new from existing firms."""
SIZE_CLASSES = ("L", "M", "S", "X", "I")
"""大 中 小 微, and I for clients outside the size rule."""
LOAN_CLASSES = ("pass", "special_mention", "substandard", "doubtful", "loss")
OWNERSHIPS = ("private", "state", "foreign", "institution")
REGION_TIERS = ("core", "coastal", "inland", "county")
CHANNELS = ("online", "counter", "direct", "mobile", "other")
"""`other` also stands for entries whose channel is not recorded, where they are summed by channel."""
ROLES = ("manager", "product_specialist")
TEAMS = ("key", "general", "pooled", "product")
CONTROL_ITEMS = (
    "deposits_avg",
    "deposits_end",
    "loans_avg",
    "loans_end",
    "fee",
    "interest_loans",
    "interest_deposits",
    "direct_cost",
)
OUTCOMES = ("paid_in_full", "charged_off")

NEED_SOURCES = ("survey", "interview", "data", "manager", "public")
FEEDBACK_KINDS = ("complaint", "opinion", "rating", "praise", "enquiry")
INTERACTION_KINDS = ("visit", "call", "online", "meeting", "message", "event")
RELATION_STAGES = ("research", "plan", "contact", "deepen", "optimise")
PURPOSES = ("marketing", "profiling", "research", "sharing", "service")
"""What a client can agree to: being offered products, being profiled, being studied, data passed on, being served."""
REVIEW_STATES = ("not_needed", "open", "approved", "rejected")
ACTION_STATES = ("planned", "running", "done", "late", "dropped")
RISK_FAMILIES = ("credit", "market", "operation", "compliance", "data", "acceptance", "marketing", "model", "other")
RISK_GRADES = ("low", "medium", "high")
RISK_SOURCES = ("data", "expert", "both")
RISK_STATES = ("open", "watched", "treated", "closed")

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
