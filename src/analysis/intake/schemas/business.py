"""What clients hold and do with the bank, month by month."""

from analysis.core.text import Text
from analysis.intake.schemas.columns import (
    CLIENT_ID,
    MONTH,
    OF_A_CLIENT,
    PRODUCT_NAMES,
    day,
    flag,
    identifier,
    money,
    names,
    number,
    rate,
    text,
)
from analysis.intake.schemas.nouns import Rule, TableSchema
from analysis.intake.schemas.words import CHANNELS, PRODUCTS

_WITH_BALANCE = ", ".join(f"'{code}'" for code, (kind, _, _) in PRODUCTS.items() if kind in ("deposit", "loan"))

POSITIONS = TableSchema(
    "positions",
    Text("产品持有", "positions"),
    Text("客户 × 月 × 产品", "client × month × product"),
    ("client_id", "month", "product"),
    (
        CLIENT_ID,
        MONTH,
        text("product", "产品", "product", PRODUCT_NAMES, allowed=tuple(PRODUCTS), required=True),
        money(
            "balance_avg",
            "月日均余额",
            "average daily balance of the month",
            "日均余额 月日均 日均 本月日均余额 本月日均 当月日均余额 月均余额 日均存款 存款日均 贷款日均 "
            "存款日均余额 "
            "贷款日均余额 当月日均 "
            "avg_balance average_balance daily_avg_balance bal_avg avg_bal month_avg_bal adb",
            signed=True,
        ),
        money(
            "balance_end",
            "月末余额",
            "balance at month-end",
            "余额 期末余额 时点余额 月末时点余额 账户余额 存款余额 贷款余额 当前余额 本月末余额 "
            "balance end_balance ending_balance closing_balance bal bal_end acct_bal month_end_balance",
            signed=True,
        ),
        rate(
            "rate",
            "执行利率",
            "contract rate",
            "利率 年利率 合同利率 存款利率 贷款利率 interest_rate exec_rate int_rate apr",
        ),
        rate(
            "funds_price",
            "资金价格",
            "funds price",
            "FTP FTP价格 FTP利率 内部资金价格 内部转移价格 转移价格 ftp_rate ftp_price",
        ),
        money(
            "interest",
            "当月利息（贷款为不含税收入，存款为支出）",
            "interest of the month (loans: income net of VAT; deposits: expense)",
            "当月利息 利息 利息收入 利息支出 本月利息 当月利息收支 利息收支 贷款利息收入 存款利息支出 "
            "interest_amount interest_income interest_expense int_amt",
            signed=True,
        ),
        money(
            "funds_amount",
            "当月资金转移金额（贷款为成本，存款为收益）",
            "funds charge (loans) or credit (deposits) of the month",
            "资金转移金额 当月资金转移金额 FTP金额 FTP收支 FTP收益 FTP成本 内部资金转移金额 ftp_amount ftp_amt",
            signed=True,
        ),
        money(
            "fee",
            "当月净手续费收入",
            "net fee income of the month",
            "手续费 手续费收入 中间业务收入 中收 净手续费收入 手续费及佣金净收入 本月中间业务收入 "
            "fee_income commission net_fee fees fee_amt",
            signed=True,
        ),
        money(
            "direct_cost",
            "当月直接服务成本",
            "direct cost to serve of the month",
            "直接成本 服务成本 直接服务成本 业务成本 运营成本 cost service_cost cost_to_serve",
            signed=True,
        ),
        money(
            "opening_balance",
            "月初余额",
            "balance at the month's start",
            "期初余额 上月末余额 上期余额 begin_balance beginning_balance start_balance last_balance",
            signed=True,
        ),
        money(
            "inflow", "当月增加额", "added in the month", "当月流入 本月增加 贷方发生额 本期增加 credit_amount increase"
        ),
        money(
            "outflow",
            "当月减少额",
            "taken off in the month",
            "当月流出 本月减少 借方发生额 本期减少 debit_amount decrease",
        ),
        money(
            "product_limit", "产品额度", "limit of the product", "单项额度 产品授信额度 额度金额 sub_limit line_amount"
        ),
        day(
            "opened",
            "起始日",
            "held from",
            "起息日 产品开通日期 签约日期 开通日期 value_date sign_date activation_date",
        ),
        day("matures", "到期日", "matures", "到期日期 终止日期 产品到期日 maturity maturity_date mature_date end_date"),
        number(
            "risk_level",
            "产品风险等级",
            "risk level of the product",
            "风险等级 产品风险级别 product_risk risk_grade",
            dtype="int",
            low=1,
            high=5,
        ),
    ),
    rules=(
        Rule(
            "negative_balance",
            "balance_avg",
            Text(
                "存款或贷款余额为负：本项目存贷款余额均为正数，若系统以负号记账，请在映射中写 multiply = -1",
                "is a negative balance of a deposit or loan: both are positive here; multiply = -1 in the mapping turns"
                " the sign where the system books them so",
            ),
            # a month may end below nought for a day, as where an account is overdrawn; its average may not
            f"product IN ({_WITH_BALANCE}) AND coalesce(balance_avg, balance_end) < 0",
            action="flag",
            dimension="validity",
        ),
        Rule(
            "end_is_start_and_flows",
            "balance_end",
            Text(
                "月末余额不等于月初余额加增加减减少", "is not the opening balance plus what came in less what went out"
            ),
            # Given in 万元 with two decimals, each of the four figures is up to 50 yuan off.
            "abs(opening_balance + inflow - outflow - balance_end) > CASE WHEN balance_end % 100 = 0"
            " AND opening_balance % 100 = 0 AND inflow % 100 = 0 AND outflow % 100 = 0 THEN 200 ELSE 0.02 END",
        ),
        Rule(
            "matures_before_opened", "matures", Text("到期日早于起始日", "is before it was opened"), "matures < opened"
        ),
    ),
    references=OF_A_CLIENT,
    aliases=names(
        "余额 存款 贷款余额 存款余额 存款明细 存贷款 产品余额 产品持有 客户产品 日均 客户余额 业务量 "
        "账户余额 持有产品 客户存款 "
        "balances balance deposits holdings position accounts product_balance acct_balance"
    ),
)

TRANSACTIONS = TableSchema(
    "transactions",
    Text("交易", "transactions"),
    Text("客户 × 月 × 渠道", "client × month × channel"),
    ("client_id", "month", "channel"),
    (
        CLIENT_ID,
        MONTH,
        text(
            "channel",
            "渠道",
            "channel",
            "交易渠道 渠道类型 渠道代码 交易途径 channel_code channel_type trans_channel chnl",
            allowed=CHANNELS,
            required=True,
        ),
        number(
            "n_in",
            "入账笔数",
            "entries in",
            "贷方笔数 转入笔数 流入笔数 in_count credit_count cnt_in",
            dtype="int",
            low=0,
        ),
        number(
            "n_out",
            "出账笔数",
            "entries out",
            "借方笔数 转出笔数 流出笔数 out_count debit_count cnt_out",
            dtype="int",
            low=0,
        ),
        money(
            "amount_in",
            "入账金额",
            "amount in",
            "贷方金额 转入金额 流入金额 入账额 in_amount credit_amount amt_in inflow",
        ),
        money(
            "amount_out",
            "出账金额",
            "amount out",
            "借方金额 转出金额 流出金额 出账额 out_amount debit_amount amt_out outflow",
        ),
        money(
            "amount_cross_border",
            "跨境金额",
            "cross-border amount",
            "跨境交易金额 跨境结算金额 国际结算金额 跨境结算量 cross_border cross_border_amount intl_amount",
        ),
    ),
    rules=(
        Rule(
            "amount_without_entry",
            "amount_in",
            Text("有金额而无笔数", "is an amount without an entry"),
            "(n_in = 0 AND amount_in > 0) OR (n_out = 0 AND amount_out > 0)",
        ),
    ),
    references=OF_A_CLIENT,
    aliases=names(
        "交易 交易汇总 交易流水汇总 客户交易 结算 结算量 结算流水 渠道交易 transaction trans txn "
        "transaction_summary settlement"
    ),
)

EVENTS = TableSchema(
    "events",
    Text("交易流水", "transaction entries"),
    Text("一笔交易", "entry"),
    ("entry_id",),
    (
        text(
            "entry_id",
            "流水号",
            "entry number",
            "交易流水号 交易编号 核心流水号 trans_id txn_id serial_no",
            required=True,
        ),
        CLIENT_ID,
        day(
            "date",
            "交易日期",
            "date of the entry",
            "交易日 记账日期 入账日期 trans_date txn_date posting_date",
            required=True,
        ),
        number("hour", "交易时点", "hour of the day", "小时 交易小时 trans_hour txn_hour", dtype="int", low=0, high=23),
        text(
            "direction",
            "收付方向",
            "direction",
            "借贷方向 借贷标志 收付标志 资金流向 dc_flag debit_credit in_out",
            allowed=("in", "out"),
            required=True,
        ),
        money("amount", "交易金额", "amount", "金额 发生额 交易额 trans_amount txn_amount amt", required=True),
        text(
            "channel",
            "渠道",
            "channel",
            "交易渠道 渠道类型 渠道代码 channel_code channel_type trans_channel",
            allowed=CHANNELS,
        ),
        identifier(
            "counterparty", "交易对手", "counterparty", "counterparty", "对手账号 对方账号 对方客户号 opponent payee"
        ),
        flag("is_cross_border", "跨境", "cross-border", "跨境标志 是否跨境 cross_border_flag"),
    ),
    references=OF_A_CLIENT,
    aliases=names("流水 交易明细 交易流水 交易流水明细 账户流水 entries events transaction_detail journal txn_detail"),
    dated="date",
)
