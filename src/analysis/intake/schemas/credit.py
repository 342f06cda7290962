"""Loans, their monthly states, and limits."""

from analysis.core.text import Text
from analysis.intake.schemas.columns import (
    CLIENT_ID,
    LOAN_ID,
    MONTH,
    OF_A_CLIENT,
    PRODUCT_NAMES,
    day,
    flag,
    identifier,
    later_day,
    money,
    names,
    number,
    rate,
    text,
)
from analysis.intake.schemas.nouns import Reference, Rule, TableSchema
from analysis.intake.schemas.words import LOAN_CLASSES, OUTCOMES

LOANS = TableSchema(
    "loans",
    Text("贷款", "loans"),
    Text("借据", "loan"),
    ("loan_id",),
    (
        LOAN_ID,
        CLIENT_ID,
        text("product", "产品", "product", PRODUCT_NAMES),
        day(
            "start",
            "发放或批准日",
            "start or approval",
            "发放日 发放日期 放款日 放款日期 贷款发放日期 起始日 起始日期 借据起始日 批准日 批准日期 "
            "合同起始日 起贷日期 "
            "start_date loan_date disbursement_date putout_date approval_date issue_date drawdown_date",
            required=True,
        ),
        number(
            "term_months",
            "期限",
            "term",
            "期限月 期限(月) 贷款期限 合同期限 期限月数 贷款期限月 term loan_term term_month tenor months",
            unit="months",
            low=0,
        ),
        money(
            "amount",
            "金额",
            "amount",
            "贷款金额 借据金额 发放金额 放款金额 合同金额 贷款本金 loan_amount principal disbursed_amount "
            "contract_amount "
            "putout_sum loan_amt",
        ),
        rate(
            "rate",
            "利率",
            "rate",
            "执行利率 年利率 合同利率 贷款利率 执行年利率 interest_rate loan_rate exec_rate int_rate",
        ),
        text(
            "collateral",
            "担保方式",
            "collateral",
            "主要担保方式 担保类型 保证方式 增信方式 collateral_type guarantee_type vouch_type security_type",
        ),
        money(
            "guaranteed",
            "外部机构担保金额",
            "amount guaranteed by a third party",
            "担保金额 保证金额 政府担保金额 第三方担保金额 guaranteed_amount guarantee_amount",
        ),
        flag(
            "is_revolving",
            "循环额度",
            "revolving line",
            "循环标志 循环贷标志 是否循环 是否循环额度 revolving revolving_flag",
        ),
        flag(
            "is_simplified",
            "简化审批",
            "simplified approval",
            "简化流程标志 是否简化审批 快捷审批 simplified fast_track",
        ),
        text(
            "outcome",
            "最终结果",
            "final outcome",
            "贷款结果 结清状态 终结方式 借据状态 final_status loan_status outcome_code",
            allowed=OUTCOMES,
            known_from="outcome_date",
        ),
        later_day(
            "outcome_date",
            "结果日",
            "date of the outcome",
            "结清日期 结清日 核销日期 终结日期 finish_date settled_date payoff_date close_date",
        ),
        money(
            "charged_off",
            "核销本金",
            "principal charged off",
            "核销金额 核销本金金额 chargeoff_amount writeoff_amount",
            known_from="outcome_date",
        ),
        day(
            "matures",
            "到期日",
            "matures",
            "到期日期 贷款到期日 借据到期日 合同到期日 maturity maturity_date due_date end_date",
        ),
        identifier(
            "guarantor_id",
            "保证人客户号",
            "client id of the guarantor",
            "client",
            "保证人 担保人 担保人客户号 guarantor",
        ),
        text(
            "purpose",
            "贷款用途",
            "purpose",
            "用途 贷款用途代码 资金用途 loan_purpose use_of_funds",
            sensitivity="prose",
        ),
        flag("is_green", "绿色贷款", "green loan", "绿色贷款标志 是否绿色贷款 green_loan"),
    ),
    rules=(
        Rule(
            "outcome_before_start",
            "outcome_date",
            Text("结果日早于发放日", "is before the start"),
            "outcome_date < start",
        ),
        Rule("matures_before_start", "matures", Text("到期日早于发放日", "is before the start"), "matures < start"),
        Rule(
            "guaranteed_above_amount",
            "guaranteed",
            Text("担保金额大于贷款金额", "is more than the amount of the loan"),
            "guaranteed > amount",
        ),
        Rule(
            "charged_off_above_amount",
            "charged_off",
            Text("核销本金超过贷款金额两倍", "is more than twice the amount of the loan"),
            # Capitalised interest and later drawings lift it above the amount: 1.71 times at most in 7,317 US loans.
            "charged_off > 2 * amount AND NOT coalesce(is_revolving, false)",
            action="flag",
        ),
    ),
    references=OF_A_CLIENT,
    aliases=names(
        "贷款 贷款台账 借据 借据信息 借据台账 贷款借据 贷款信息 贷款主档 贷款明细 放款台账 loan loan_info "
        "due_bill duebill loan_master"
    ),
)

LOAN_STATES = TableSchema(
    "loan_states",
    Text("贷款月度状态", "loan states"),
    Text("借据 × 月末", "loan × month-end"),
    ("loan_id", "month"),
    (
        LOAN_ID,
        CLIENT_ID,
        MONTH,
        money(
            "balance",
            "余额",
            "balance",
            "贷款余额 借据余额 本金余额 期末余额 月末余额 loan_balance principal_balance outstanding bal",
        ),
        text(
            "loan_class",
            "五级分类",
            "loan class",
            "五级分类结果 贷款分类 风险分类 五级形态 五级分类代码 资产分类 five_class five_category "
            "loan_classification risk_class",
            allowed=LOAN_CLASSES,
        ),
        number(
            "days_overdue",
            "逾期天数",
            "days overdue",
            "欠款天数 本金逾期天数 拖欠天数 最大逾期天数 overdue_days dpd days_past_due",
            unit="days",
            low=0,
            dtype="int",
        ),
        rate("rate", "利率", "rate", "执行利率 年利率 合同利率 贷款利率 执行年利率 interest_rate loan_rate exec_rate"),
        money(
            "repaid",
            "当月偿还",
            "repaid in the month",
            "当月还款 还款金额 本月还款 当月收回 收回金额 repayment repaid_amount",
        ),
        money(
            "written_off",
            "当月核销",
            "written off in the month",
            "核销 核销金额 本月核销 write_off writeoff written_off_amount",
        ),
        money(
            "transferred",
            "当月转让",
            "transferred in the month",
            "转让 转让金额 本月转让 资产转让金额 transfer transfer_amount",
        ),
        flag(
            "extended",
            "展期或借新还旧",
            "extended or rolled over",
            "展期标志 展期 借新还旧标志 重组标志 是否展期 无还本续贷标志 extension_flag rollover_flag restructured",
        ),
        text(
            "rating",
            "评级",
            "rating",
            "信用等级 信用评级 客户评级 内部评级 评级结果 债项评级 credit_rating internal_rating grade",
        ),
        number(
            "default_prob",
            "一年违约概率",
            "one-year default probability",
            "违约概率 PD PD值 客户违约概率 pd_value pd_1y probability_of_default",
            unit="fraction",
            low=0,
            high=1,
        ),
        number(
            "loss_given_default",
            "违约损失率",
            "loss given default",
            "LGD LGD值 lgd_value",
            unit="fraction",
            low=0,
            high=1,
        ),
        money(
            "allowance",
            "贷款损失准备",
            "loan-loss allowance",
            "减值准备 贷款减值准备 拨备 准备金 拨备余额 provision allowance_amount",
        ),
        number(
            "stage",
            "减值阶段",
            "impairment stage",
            "阶段 三阶段 减值三阶段 ECL阶段 ecl_stage",
            dtype="int",
            low=1,
            high=3,
        ),
        number("risk_weight", "风险权重", "risk weight", "权重 RWA权重 rw", unit="fraction", low=0, high=15),
        money("drawn", "当月提款", "drawn in the month", "当月发放 本月发放 提款金额 本月提款 drawdown drawn_amount"),
        money(
            "amount_overdue", "逾期金额", "amount overdue", "逾期本金 逾期余额 拖欠金额 overdue_amount overdue_balance"
        ),
        flag(
            "upgraded",
            "当月上调至正常或关注",
            "restored to performing in the month",
            "上调标志 上迁标志 不良上调 upgrade_flag",
        ),
        flag("in_default", "已违约", "in default", "违约标志 是否违约 default_flag is_default"),
    ),
    rules=(
        Rule(
            "overdue_but_performing",
            "loan_class",
            Text("逾期超过90天却未列入不良", "is performing although more than 90 days overdue"),
            "days_overdue > 90 AND loan_class IN ('pass', 'special_mention')",
            action="flag",
        ),
        Rule(
            "overdue_above_balance",
            "amount_overdue",
            Text("逾期金额大于余额", "is more than the balance"),
            "amount_overdue > balance + 100",
        ),
        Rule(
            "allowance_above_balance",
            "allowance",
            Text("贷款损失准备大于余额", "is more than the balance"),
            "allowance > balance + 100",
            action="flag",
        ),
    ),
    references=(Reference("loan_id", "loans", "loan_id"), *OF_A_CLIENT),
    aliases=names(
        "贷款状态 贷款月度状态 贷款余额表 借据余额 贷款月末 五级分类 贷款质量 贷款台账月报 资产质量 "
        "loan_state loan_status loan_balance loan_month loan_monthly"
    ),
)

LIMITS = TableSchema(
    "limits",
    Text("授信额度", "limits"),
    Text("客户 × 月末", "client × month-end"),
    ("client_id", "month"),
    (
        CLIENT_ID,
        MONTH,
        money(
            "credit_limit",
            "授信额度",
            "approved limit",
            "授信总额 综合授信额度 批复额度 授信金额 额度 额度总额 敞口额度 limit limit_amount "
            "credit_line total_limit approved_limit",
        ),
        money(
            "used",
            "已用额度",
            "limit in use",
            "已使用额度 用信余额 已用授信 占用额度 用信金额 额度占用 used_limit used_amount limit_used utilized",
        ),
        money(
            "acceptances",
            "银行承兑汇票",
            "bank acceptances",
            "银承 银承余额 承兑汇票余额 银行承兑汇票余额 acceptance bank_acceptance",
        ),
        money("guarantees", "保函", "guarantees", "保函余额 保函及信用证 开出保函 guarantee letter_of_guarantee"),
        money("cash_margin", "保证金", "cash margin", "保证金余额 保证金金额 margin margin_amount cash_collateral"),
        day(
            "expiry",
            "额度到期日",
            "expiry of the limit",
            "授信到期日 额度有效期 额度终止日 到期日 limit_expiry expiry_date end_date",
        ),
    ),
    rules=(
        Rule(
            "used_above_limit",
            "used",
            Text("已用额度大于授信额度", "is more than the approved limit"),
            "used > credit_limit + 100",  # 100 yuan: both figures rounded to 0.01 of a 万元
            action="flag",
        ),
        Rule(
            "margin_above_acceptances",
            "cash_margin",
            Text("保证金大于承兑与保函之和", "is more than acceptances and guarantees together"),
            "cash_margin > acceptances + coalesce(guarantees, 0) + 100",
            action="flag",
        ),
    ),
    references=OF_A_CLIENT,
    aliases=names("授信 授信额度 额度 额度信息 授信台账 授信信息 limit credit_limit credit_line facility facilities"),
)
