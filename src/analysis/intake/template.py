"""What a template of the bank's extracts holds: an example row a table, and an example of a mapping file.

The rows belong together (one client, its loan, its manager) and break no rule of the contract, so the template read
as it is makes a portfolio of one client.
"""

from datetime import date

from analysis.intake.schemas import PRODUCTS, Column, TableSchema

Value = str | int | float | date

_QUARTER, _MONTH, _DAY, _LATER = "2026Q3", date(2026, 9, 30), date(2026, 8, 14), date(2027, 8, 13)

_BY_NAME: dict[str, Value] = {
    "client_id": "C000001",
    "loan_id": "L000001",
    "group_id": "G0001",
    "manager_id": "S0001",
    "staff_id": "S0001",
    "coder_id": "S0001",
    "rater_id": "S0001",
    "counterparty": "A000009",
    "quarter": _QUARTER,
    "month": _MONTH,
    "year": 2025,
    "branch_id": "B01",
    "outlet_id": "B01-001",
    "unit": "B01-001",
    "product": "deposit_demand",
    "industry": "C",
    "industry_division": "35",
    "region": "330100",
    "credit_code": "91110000MA00000077",  # office 9, no real organisation; its check digits are right
    "relation_start": date(2014, 3, 18),
    "founded": date(2009, 6, 2),
    "opened": date(2026, 7, 6),
    "start": date(2026, 4, 1),
    "until": _LATER,
    "expiry": _LATER,
    "deadline": _LATER,
    "due": _LATER,
    "next_date": _LATER,
    "rate": 0.0345,
    "funds_price": 0.0195,
    "growth": 0.06,
    "bad_rate": 0.012,
    "outlook": 60,
    "competition": 50,
    "staff": 260,
    "tier": "T2",
    "collateral": "mortgage",
    "rating": "A",
    "settlement_bank": "own",
    "item": "net_capital",
    "package": "P2",
    "campaign": "2026-03",
    "wave": "2026H2",
    "step": "second review",
    "process": "loan approval",
    "need": "working capital",
    "theme": "speed",
    "feature": "export share",
    "kind": "visit",
    "source": "data",
    "owner": "Corporate banking",
    "specialism": "supply chain",
    "purpose": "production",
    "revenue": 186_000_000,
    "assets": 150_000_000,
    "balance": 4_500_000,
    "stage": "growth",
    "weight": 1,
}
_BY_COLUMN: dict[str, Value] = {
    "clients.name": "示例制造有限公司",
    "outlets.name": "示例支行",
    "staff.name": "示例经理",
    "staff.phone": "00000000000",
    "positions.balance_avg": 1_150_000,
    "positions.balance_end": 1_200_000,
    "positions.opening_balance": 1_000_000,
    "positions.inflow": 3_000_000,
    "positions.outflow": 2_800_000,
    "positions.rate": 0.0035,
    "positions.interest": 330.51,
    "positions.funds_amount": 1_134.25,
    "positions.fee": 600,
    "positions.direct_cost": 900,
    "positions.opened": date(2014, 3, 18),
    "positions.matures": "",
    "loans.product": "loan_working",
    "loans.term_months": 12,
    "loans.amount": 5_000_000,
    "loans.guaranteed": 2_000_000,
    "loans.matures": date(2027, 4, 1),
    "loans.outcome": "",
    "loans.outcome_date": "",
    "loans.charged_off": "",
    "loans.guarantor_id": "",
    "loan_states.days_overdue": 0,
    "loan_states.repaid": 500_000,
    "loan_states.written_off": 0,
    "loan_states.transferred": 0,
    "loan_states.drawn": 0,
    "loan_states.amount_overdue": 0,
    "loan_states.default_prob": 0.012,
    "loan_states.loss_given_default": 0.42,
    "loan_states.allowance": 81_000,
    "loan_states.stage": 1,
    "loan_states.risk_weight": 0.85,
    "limits.credit_limit": 8_000_000,
    "limits.used": 5_500_000,
    "limits.acceptances": 1_000_000,
    "limits.guarantees": 0,
    "limits.cash_margin": 300_000,
    "transactions.n_in": 40,
    "transactions.n_out": 65,
    "transactions.amount_in": 3_000_000,
    "transactions.amount_out": 2_800_000,
    "transactions.amount_cross_border": 0,
    "events.hour": 10,
    "financials.liabilities": 90_000_000,
    "financials.equity": 60_000_000,
    "financials.debt": 40_000_000,
    "financials.current_assets": 70_000_000,
    "financials.current_liabilities": 50_000_000,
    "financials.profit": 9_300_000,
    "plans.unit": "B01",
    "plans.item": "deposit_avg",
    "plans.target": 36_000_000_000,
    "controls.item": "deposits_end",
    "controls.amount": 1_200_000,
    "bank.value": 9_000_000_000,
    "markets.product": "deposits",
    "feedback.kind": "complaint",
    "feedback.closed": date(2026, 7, 10),
    "actions.kind": "roadmap",
    "actions.done": "",
    "risks.title": "Second review delays approvals",
    "risks.loss": 500_000,
    "actions.title": "Drop the second review for small loans",
    "incidents.recovered": 20_000,
    "consents.purpose": "marketing",
    "features.word": "",
    "features.value": 0.35,
    "information.kind": "market",
}
_YES = frozenset({"has_basic_account", "delivered", "eligible", "granted", "responded", "is_audited"})


def example_row(schema: TableSchema) -> dict[str, Value]:
    """A row of a table as an extract would give it; an empty text where a column is not needed."""
    return {column.name: _example(schema, column) for column in schema.columns}


def _example(schema: TableSchema, column: Column) -> Value:
    own = f"{schema.name}.{column.name}"
    if own in _BY_COLUMN:
        return _BY_COLUMN[own]
    if column.allowed:
        given = _BY_NAME.get(column.name)
        return given if given in column.allowed else column.allowed[0]
    if column.name in _BY_NAME and column.sensitivity != "restricted":
        return _BY_NAME[column.name]
    return _BY_NAME.get(own.partition(".")[2], _by_type(column))


def _by_type(column: Column) -> Value:
    """A value that any column of the type may have."""
    match column.dtype:
        case "text" | "quarter":
            return f"{column.name.removesuffix('_id')}-1" if column.required else ""
        case "bool":
            return "是" if column.name in _YES else "否"
        case "date":
            return _DAY
        case "money":
            return 100_000
        case _:
            return {1: 0.5, 5: 3, 100: 80}.get(int(column.high or 0), 1)


def choices(column: Column) -> tuple[str, ...]:
    """The words a cell of a column may hold, in the form a file gives them; none where anything may stand."""
    if column.dtype == "bool":
        return ("是", "否")
    return tuple(PRODUCTS) if column.name == "product" else column.allowed


def mapping_example() -> str:
    """A mapping file that shows what one can say, for files with a bank's own names, codes and units."""
    return _MAPPING


_MAPPING = """\
# How a bank's own files become the tables of the contract. Name this file mapping.toml and put it beside the quarter
# folders; `analysis data check FOLDER` drafts one from your files. Left: name in the contract. Right: name in the file.
[source]
name = "mybank"                 # short name of the source, used in paths of reports
zh = "某银行对公数据"
en = "extracts of a bank"
kind = "production"             # production, open or synthetic
currency = "CNY"
industry_scheme = "gbt4754"

[[file]]
table = "clients"
files = ["客户信息*.xlsx"]      # names in a quarter's folder, * stands for anything
sheet = "对公客户"

[file.columns]
client_id = "客户号"
name = "客户名称"               # read to find the same client twice, never kept
credit_code = "统一社会信用代码"
entity_type = "客户类型"
status = "账户状态"
relation_start = "开户日期"
industry = { column = "行业代码", part = [1, 1] }       # the first character: C of C3511
revenue = { column = "年营业收入(万元)", multiply = 10000 }

[file.codes.status]             # the file's word = the contract's word
"正常" = "open"
"久悬" = "dormant"
"销户" = "closed"

[file.codes.entity_type]
"企业" = "enterprise"
"机关" = "government"

[[file]]
table = "positions"
files = ["存款*.csv"]
encoding = "gb18030"            # left out: utf-8 or gb18030 is found out

[file.columns]
client_id = "客户号"
month = "数据日期"
product = "存款种类"
balance_avg = { column = "日均余额(万元)", multiply = 10000 }
balance_end = { column = "余额(万元)", multiply = 10000 }
interest = { column = "本年累计利息支出", year_to_date = true }   # January to date: the month's amount is worked out

[file.codes.product]
"活期" = "deposit_demand"
"定期" = "deposit_term"

[[file]]
table = "limits"
files = ["授信台账.csv"]
delimiter = "|"
priority = 1                    # of two files with the same client and month, the lower number wins

[file.columns]
client_id = { column = "客户编号", prefix = "C" }
month = { column = "统计月份", dates = "%Y%m" }
credit_limit = "授信总额"
used = "已用额度"

[file.where]                    # only rows with one of these words are read
"币种" = ["人民币", "CNY"]
"""
