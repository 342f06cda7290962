"""Measures: what can be added up over clients, each declared once and summed by DuckDB from the rows of a relation.

Money is summed as DECIMAL, so a sum is the same however the rows are ordered.
"""

from dataclasses import dataclass
from typing import Literal

from analysis.core.text import Text
from analysis.core.units import Unit
from analysis.intake.schemas import PRODUCTS
from analysis.metrics import amounts as a
from analysis.metrics import definitions as d

Kind = Literal["average", "flow", "stock", "any"]
"""average: days-weighted into the quarter, a month without a row counts as zero · flow: sum of the quarter's rows ·
stock: at the quarter's last day · any: 1 where at least one row at the quarter's last day is true"""


@dataclass(frozen=True, slots=True)
class Measure:
    """An additive column of the panel.

    Parameters
    ----------
    relation : whose rows are summed, a key of `RELATIONS`
    kind : how months become a quarter
    amount : what each row adds; NULL where the column it rests on is empty, then the measure is absent
    """

    label: Text
    relation: str
    kind: Kind
    unit: Unit
    amount: a.Amount


CLASS_LABELS = {
    "pass": Text("正常类贷款", "pass loans"),
    "special_mention": Text("关注类贷款", "special-mention loans"),
    "substandard": Text("次级类贷款", "substandard loans"),
    "doubtful": Text("可疑类贷款", "doubtful loans"),
    "loss": Text("损失类贷款", "loss loans"),
}


MEASURES: dict[str, Measure] = {
    # clients
    "n_clients": Measure(Text("客户数", "clients"), "clients", "stock", "count", a.count(d.is_account_open)),
    "n_basic_account": Measure(
        Text("基本户客户数", "clients with their basic account here"),
        "clients",
        "stock",
        "count",
        a.count(lambda rows: d.is_account_open(rows) & rows["has_basic_account"]),
    ),
    "n_seasoned": Measure(
        Text("建立关系已满睡眠观察期的客户数", "clients known longer than the dormancy window"),
        "clients",
        "stock",
        "count",
        a.count(d.is_seasoned),
    ),
    # positions
    "deposit_end": Measure(
        Text("存款时点余额", "deposits at period end"),
        "positions",
        "stock",
        "money",
        a.where("balance_end", d.is_deposit),
    ),
    "deposit_avg": Measure(
        Text("存款日均余额", "average daily deposits"),
        "positions",
        "average",
        "money",
        a.where("balance_avg", d.is_deposit),
    ),
    "deposit_month_avg": Measure(
        Text("季末月存款日均", "average daily deposits of the quarter's last month"),
        "positions",
        "stock",  # the row of the last month; its average is that month's own
        "money",
        a.where("balance_avg", d.is_deposit),
    ),
    "deposit_demand_avg": Measure(
        Text("活期存款日均余额", "average daily demand deposits"),
        "positions",
        "average",
        "money",
        a.where("balance_avg", d.is_demand_deposit),
    ),
    "loan_end": Measure(
        Text("贷款时点余额", "loans at period end"), "positions", "stock", "money", a.where("balance_end", d.is_loan)
    ),
    "loan_avg": Measure(
        Text("贷款日均余额", "average daily loans"), "positions", "average", "money", a.where("balance_avg", d.is_loan)
    ),
    "deposit_interest": Measure(
        Text("存款利息支出", "interest paid on deposits"),
        "positions",
        "flow",
        "money",
        a.where("interest", d.is_deposit),
    ),
    "deposit_funds": Measure(
        Text("存款资金转移收入", "funds credit of deposits"),
        "positions",
        "flow",
        "money",
        a.where("funds_amount", d.is_deposit),
    ),
    "loan_interest": Measure(
        Text("贷款利息收入（不含税）", "interest earned on loans, net of VAT"),
        "positions",
        "flow",
        "money",
        a.where("interest", d.is_loan),
    ),
    "loan_funds": Measure(
        Text("贷款资金转移成本", "funds charge of loans"),
        "positions",
        "flow",
        "money",
        a.where("funds_amount", d.is_loan),
    ),
    "fee": Measure(Text("中间业务净收入", "net fee income"), "positions", "flow", "money", a.column("fee")),
    "direct_cost": Measure(Text("服务成本", "cost to serve"), "positions", "flow", "money", a.column("direct_cost")),
    # loan states in the quarter
    "loan_balance": Measure(
        Text("借据余额", "loans by loan record"), "loan_states", "stock", "money", a.column("balance")
    ),
    "loan_balance_avg": Measure(
        Text("借据月末平均余额", "month-end average of loans by loan record"),
        "loan_states",
        "average",
        "money",
        a.column("balance"),
    ),
    "npl_balance": Measure(
        Text("不良贷款", "bad loans"), "loan_states", "stock", "money", a.where("balance", d.is_npl)
    ),
    "overdue_balance": Measure(
        Text("逾期贷款", "overdue loans"), "loan_states", "stock", "money", a.where("balance", d.is_overdue)
    ),
    "overdue_30_balance": Measure(
        Text("逾期 30 天以上贷款", "loans overdue by more than 30 days"),
        "loan_states",
        "stock",
        "money",
        a.where("balance", lambda rows: d.is_overdue(rows, over=30)),
    ),
    "overdue_90_balance": Measure(
        Text("逾期 90 天以上贷款", "loans overdue by more than 90 days"),
        "loan_states",
        "stock",
        "money",
        a.where("balance", lambda rows: d.is_overdue(rows, over=90)),
    ),
    "stage_2_balance": Measure(
        Text("第二阶段贷款", "stage-2 loans"), "loan_states", "stock", "money", a.where("balance", d.is_stage_2)
    ),
    "allowance": Measure(
        Text("贷款损失准备", "loan-loss allowance"), "loan_states", "stock", "money", a.column("allowance")
    ),
    "expected_loss_year": Measure(
        Text("正常与关注类贷款的年预期损失", "one-year expected loss of loans that are not bad"),
        "loan_states",
        "average",
        "money",
        a.expected_loss,
    ),
    "rwa_loans": Measure(
        Text("贷款风险加权资产", "risk-weighted loans"), "loan_states", "average", "money", a.weighted_balance
    ),
    "written_off": Measure(Text("核销", "written off"), "loan_states", "flow", "money", a.column("written_off")),
    "transferred": Measure(Text("转让", "transferred"), "loan_states", "flow", "money", a.column("transferred")),
    "extended_balance": Measure(
        Text("展期或借新还旧贷款", "loans extended or rolled over"),
        "loan_states",
        "stock",
        "money",
        a.where("balance", lambda rows: rows["extended"]),
    ),
    "rate_amount": Measure(
        Text("合同利率乘余额", "contract rate times balance"), "loan_states", "stock", "money", a.rate_amount
    ),
    "spread_amount": Measure(
        Text("较 LPR 点差乘余额", "spread over the loan prime rate times balance"),
        "priced_states",
        "stock",
        "money",
        a.spread_amount,
    ),
    "spread_balance": Measure(
        Text("可比 LPR 的贷款余额", "loans with a rate and a term"), "priced_states", "stock", "money", a.spread_balance
    ),
    # loan states at the opening, over the months, over a year
    "loan_open": Measure(
        Text("期初借据余额", "loans at the opening"), "opening_states", "flow", "money", a.column("balance")
    ),
    "npl_open": Measure(
        Text("期初不良贷款", "bad loans at the opening"),
        "opening_states",
        "flow",
        "money",
        a.where("balance", d.is_npl),
    ),
    "allowance_open": Measure(
        Text("期初贷款损失准备", "loan-loss allowance at the opening"),
        "opening_states",
        "flow",
        "money",
        a.column("allowance"),
    ),
    "npl_formation": Measure(
        Text("新生成不良贷款", "loans turned bad"), "changes_by_month", "flow", "money", a.npl_formation
    ),
    "allowance_transferred": Measure(
        Text("转让贷款带走的准备", "allowance that left with transferred loans"),
        "changes_by_month",
        "flow",
        "money",
        a.where("previous_allowance", lambda rows: rows["transferred"] > 0),
    ),
    # limits
    "credit_limit": Measure(
        Text("有效授信额度", "valid credit limits"),
        "limits",
        "stock",
        "money",
        a.where("credit_limit", d.is_limit_valid),
    ),
    "limit_used": Measure(
        Text("用信余额", "limits in use"), "limits", "stock", "money", a.where("used", d.is_limit_valid)
    ),
    "acceptances": Measure(
        Text("银行承兑汇票余额", "bank acceptances"), "limits", "stock", "money", a.column("acceptances")
    ),
    "guarantees": Measure(
        Text("保函与信用证余额", "guarantees and letters of credit"), "limits", "stock", "money", a.column("guarantees")
    ),
    "cash_margin": Measure(Text("保证金", "cash margin"), "limits", "stock", "money", a.column("cash_margin")),
    "off_balance_avg": Measure(
        Text("表外业务信用等价额", "credit equivalent of off-balance items"),
        "limits",
        "average",
        "money",
        a.credit_equivalent,
    ),
    "rwa_off_balance": Measure(
        Text("表外风险加权资产", "risk-weighted off-balance items"),
        "limits",
        "average",
        "money",
        a.weighted_off_balance,
    ),
    # transactions
    "n_entries": Measure(Text("收付笔数", "entries in and out"), "transactions", "flow", "count", a.entries),
    "amount_settled": Measure(Text("结算量", "settlement volume"), "transactions", "flow", "money", a.settled),
    "amount_cross_border": Measure(
        Text("跨境结算量", "cross-border volume"), "transactions", "flow", "money", a.column("amount_cross_border")
    ),
    "n_out_recent": Measure(
        Text("睡眠观察期内主动付款笔数", "payments started within the dormancy window"),
        "recent_transactions",
        "flow",
        "count",
        lambda rows, _: rows["n_out"],
    ),
    # entries of the quarter; those of one client are counted once, and the largest and the spread are each client's own
    "active_days": Measure(
        Text("有交易的天数", "days with an entry"), "activity", "flow", "count", lambda rows, _: rows["n_active_days"]
    ),
    "channels_used": Measure(
        Text("使用的渠道数", "channels used"), "activity", "flow", "count", lambda rows, _: rows["n_channels"]
    ),
    "counterparties": Measure(
        Text("交易对手数", "counterparties"), "activity", "flow", "count", lambda rows, _: rows["n_counterparties"]
    ),
    "entries_cross_border": Measure(
        Text("跨境笔数", "cross-border entries"), "activity", "flow", "count", lambda rows, _: rows["n_cross_border"]
    ),
    "entries_night": Measure(
        Text("夜间笔数", "entries at night"), "activity", "flow", "count", lambda rows, _: rows["n_night"]
    ),
    "entries_weekend": Measure(
        Text("周末笔数", "entries at weekends"), "activity", "flow", "count", lambda rows, _: rows["n_weekend"]
    ),
    "entry_largest": Measure(
        Text("单笔最大金额", "largest entry"), "activity", "flow", "money", a.column("amount_largest")
    ),
    "entry_largest_in": Measure(
        Text("单笔最大入账金额", "largest entry in"), "activity", "flow", "money", a.column("amount_largest_in")
    ),
    "entry_sd": Measure(
        Text("单笔金额标准差", "standard deviation of an entry"),
        "activity",
        "flow",
        "money",
        lambda rows, _: a.to_money(rows["amount_sd"]),
    ),
    # the loan book
    "n_loans": Measure(
        Text("累计贷款笔数", "loans granted so far"),
        "loan_book",
        "stock",
        "count",
        a.count(lambda r: r["start"].notnull()),
    ),
    "approved_amount": Measure(
        Text("累计批准金额", "amount approved so far"), "loan_book", "stock", "money", a.column("amount")
    ),
    "n_new_loans": Measure(
        Text("本季新发放笔数", "loans granted in the quarter"),
        "loan_book",
        "stock",
        "count",
        a.count(d.is_granted_in_quarter),
    ),
    "new_amount": Measure(
        Text("本季新发放金额", "amount granted in the quarter"),
        "loan_book",
        "stock",
        "money",
        a.where("amount", d.is_granted_in_quarter),
    ),
    "n_known": Measure(
        Text("结果已知笔数", "loans with a known outcome"), "loan_book", "stock", "count", a.count(d.is_outcome_known)
    ),
    "n_charged_off": Measure(
        Text("核销笔数", "loans charged off"), "loan_book", "stock", "count", a.count(d.is_charged_off)
    ),
    "approved_known": Measure(
        Text("结果已知贷款的批准金额", "amount approved of loans with a known outcome"),
        "loan_book",
        "stock",
        "money",
        a.where("amount", d.is_outcome_known),
    ),
    "charged_off_amount": Measure(
        Text("核销本金", "principal charged off"),
        "loan_book",
        "stock",
        "money",
        lambda rows, _: a.amount_if(d.is_charged_off(rows), rows["charged_off"].fill_null(0).cast("decimal(18,4)")),
    ),
}
MEASURES |= {
    f"{name}_balance": Measure(label, "loan_states", "stock", "money", a.where("balance", a.class_is(name)))
    for name, label in CLASS_LABELS.items()
}
MEASURES |= {
    f"{'moved' if moved else 'kept'}_{name}": Measure(
        Text(
            f"一年前{CLASS_LABELS[name].zh}{'转入更差类别的' if moved else '未减少的'}余额",
            f"{CLASS_LABELS[name].en} of a year ago{' now in a worse class' if moved else ', less what was reduced'}",
        ),
        "moves_in_a_year",
        "stock",
        "money",
        a.kept(name, moved=moved),
    )
    for name in d.WORSE_CLASSES
    for moved in (False, True)
}
MEASURES |= {
    f"{product}_avg": Measure(
        Text(f"{PRODUCTS[product][2].zh}日均", f"average daily {PRODUCTS[product][2].en}"),
        "positions",
        "average",
        "money",
        a.where("balance_avg", a.product_is(product)),
    )
    for product in (*d.DEPOSITS, *d.LOANS)
    if f"{product}_avg" not in MEASURES
}
MEASURES |= {
    f"{product}_ftp": Measure(
        Text(f"{PRODUCTS[product][2].zh}FTP 净利息", f"net interest of {PRODUCTS[product][2].en} at funds prices"),
        "positions",
        "flow",
        "money",
        a.funds_margin(product),
    )
    for product in (*d.DEPOSITS, *d.LOANS)
}
MEASURES |= {
    f"holds_{family}": Measure(
        Text(f"持有产品类：{family}", f"holds the product family {family}"), "positions", "any", "count", a.held(family)
    )
    for family in d.FAMILIES
}
