"""Who the clients are, and their yearly statements."""

from analysis.core.text import Text
from analysis.intake.schemas.columns import (
    BRANCH_NAMES,
    CLIENT_ID,
    MANAGER_NAMES,
    OF_A_CLIENT,
    OUTLET_NAMES,
    QUARTER,
    day,
    flag,
    identifier,
    money,
    names,
    number,
    text,
)
from analysis.intake.schemas.nouns import Rule, TableSchema
from analysis.intake.schemas.words import ENTITY_TYPES, OWNERSHIPS, REGION_TIERS, STAGES, STATUSES

CLIENTS = TableSchema(
    "clients",
    Text("客户", "clients"),
    Text("客户 × 季末", "client × quarter-end"),
    ("client_id", "quarter"),
    (
        CLIENT_ID,
        QUARTER,
        text(
            "name",
            "名称",
            "name",
            "客户名称 企业名称 公司名称 单位名称 户名 客户全称 customer_name client_name "
            "cust_name company_name company",
            sensitivity="restricted",
        ),
        text(
            "credit_code",
            "统一社会信用代码",
            "unified social credit code",
            "社会信用代码 信用代码 统一信用代码 统一社会信用代码证号 证件号码 uscc "
            "social_credit_code unified_code uniform_credit_code cert_no",
            sensitivity="restricted",
        ),
        text(
            "entity_type",
            "主体类型",
            "entity type",
            "客户类型 客户类别 单位类型 主体类别 机构类型 存款人类别 customer_type client_type cust_type party_type",
            allowed=ENTITY_TYPES,
        ),
        text(
            "status",
            "账户状态",
            "account status",
            "客户状态 户态 状态 账户状态代码 结算账户状态 account_state cust_status client_status acct_status "
            "acct_sts cust_sts acct_stat",
            allowed=STATUSES,
        ),
        day(
            "relation_start",
            "建立关系日",
            "start of relation",
            "开户日期 开户日 建立客户关系日期 首次开户日期 建档日期 客户建立日期 open_date "
            "opening_date onboard_date relation_start_date first_account_date open_dt first_open_date",
        ),
        day(
            "founded",
            "成立日",
            "founded",
            "成立日期 注册日期 成立时间 企业成立日期 founded_date established establish_date "
            "registration_date date_of_incorporation",
        ),
        identifier(
            "group_id",
            "集团号",
            "group id",
            "group",
            "集团编号 集团代码 集团客户号 集团客户编号 所属集团 关联集团号 集团ID group group_no group_code "
            "group_cust_id parent_group 集团编码 集团客户代码 集团客户ID 集团标识 所属集团号 所属集团编号 grp_id "
            "grp_no",
        ),
        text(
            "industry",
            "行业门类",
            "industry section",
            "行业 行业代码 所属行业 国标行业 国标行业门类 行业类别 行业门类代码 industry_code "
            "industry_section sector industry_cd",
        ),
        text(
            "industry_division",
            "行业大类",
            "industry division",
            "行业大类代码 国标行业大类 行业细类 行业小类 industry_class industry_sub industry_detail",
        ),
        text(
            "region",
            "地区",
            "region",
            "省份 城市 所在地区 地区代码 行政区划 行政区划代码 所在地 所在省份 所在城市 所在省市 所属地区 province "
            "city area area_code region_code",
        ),
        text(
            "region_tier",
            "地区层级",
            "region tier",
            "地区类别 区域层级 城市层级 区域类型 区域 city_tier area_tier region_type",
            allowed=REGION_TIERS,
        ),
        text(
            "ownership",
            "所有制",
            "ownership",
            "所有制形式 控股类型 企业控股类型 经济成分 企业性质 所有制性质 ownership_type "
            "ownership_code holding_type economic_nature",
            allowed=OWNERSHIPS,
        ),
        number(
            "staff",
            "从业人员",
            "staff",
            "从业人数 从业人员数 员工人数 职工人数 企业人数 employees n_employees employee_count headcount no_emp",
            unit="persons",
            low=0,
        ),
        money(
            "revenue",
            "年营业收入",
            "yearly revenue",
            "营业收入 年销售额 销售收入 上年营业收入 主营业务收入 sales annual_revenue turnover operating_income",
        ),
        money(
            "assets",
            "资产总额",
            "total assets",
            "总资产 资产总计 资产合计 资产规模 total_assets asset_total",
        ),
        text(
            "stage",
            "发展阶段",
            "life-cycle stage",
            "生命周期 生命周期阶段 企业发展阶段 成长阶段 life_cycle lifecycle_stage business_stage",
            allowed=STAGES,
        ),
        flag(
            "is_platform",
            "平台类",
            "local-government related",
            "平台类标志 政府平台标志 是否平台 地方政府融资平台 是否融资平台 platform_flag lgfv_flag is_lgfv",
        ),
        flag(
            "is_high_tech",
            "高新技术或专精特新",
            "high-tech",
            "高新技术企业标志 科技型企业标志 专精特新标志 是否科技型 是否高新技术 high_tech_flag "
            "tech_flag sci_tech_flag",
        ),
        flag("is_green", "绿色", "green", "绿色标志 绿色信贷标志 是否绿色 green_flag"),
        flag(
            "is_agriculture",
            "涉农",
            "agriculture related",
            "涉农标志 涉农贷款标志 是否涉农 agri_flag agriculture_flag",
        ),
        flag(
            "has_basic_account",
            "在我行开立基本户",
            "basic account here",
            "基本户标志 是否基本户 基本账户标志 基本存款账户 basic_account basic_account_flag basic_acct_flag",
        ),
        text("branch_id", "分行", "branch", BRANCH_NAMES),
        text("outlet_id", "网点", "outlet", OUTLET_NAMES),
        identifier("manager_id", "客户经理", "client manager", "staff", MANAGER_NAMES),
        text(
            "tier",
            "现行层级",
            "tier in force",
            "客户层级 客户等级 客户分层 现行等级 分层 价值等级 客户级别 customer_tier client_tier "
            "cust_level cust_grade level",
        ),
        flag(
            "is_multinational",
            "跨国经营",
            "works in several countries",
            "跨国标志 跨国企业 跨国公司标志 是否跨国 multinational multinational_flag mnc_flag",
        ),
        text(
            "settlement_bank",
            "主要结算银行",
            "main settlement bank",
            "主结算行 主要结算行 主办银行 基本户开户行 main_bank main_settlement_bank primary_bank",
            meaning=Text(
                "客户主要用于结算的银行；本行记为 own", "the bank the client mainly settles through; own for ourselves"
            ),
        ),
        number(
            "decision_levels",
            "采购决策层级数",
            "levels of decision",
            "决策层级 审批层级 decision_layers",
            dtype="int",
            low=1,
            high=20,
            meaning=Text(
                "客户内部选定金融服务需经过的审批层级",
                "approval levels inside the client to choose a financial service",
            ),
        ),
        number(
            "decision_days",
            "采购决策天数",
            "days to decide",
            "决策天数 决策周期 decision_time",
            unit="days",
            low=0,
            meaning=Text("从提出方案到客户决定的通常天数", "usual days from a proposal to the client's decision"),
        ),
    ),
    required=True,
    rules=(
        Rule(
            "starts_after_quarter",
            "relation_start",
            Text("建立关系日晚于该行季度末", "is later than the row's quarter"),
            "year(relation_start) || 'Q' || quarter(relation_start) > quarter",
        ),
        Rule(
            "founded_after_quarter",
            "founded",
            Text("成立日晚于该行季度末", "is later than the row's quarter"),
            "year(founded) || 'Q' || quarter(founded) > quarter",
        ),
    ),
    aliases=names(
        "客户信息 客户基本信息 客户信息表 对公客户 对公客户信息 客户主档 客户档案 客户清单 "
        "公司客户 customer customers client customer_info client_info cust_info party ecif"
    ),
)

UNIT_IN_FILE = (
    "CASE WHEN assets % 10000 = 0 AND liabilities % 10000 = 0 AND equity % 10000 = 0 THEN 10000"
    " WHEN assets % 100 = 0 AND liabilities % 100 = 0 AND equity % 100 = 0 THEN 100"
    " WHEN assets % 1 = 0 AND liabilities % 1 = 0 AND equity % 1 = 0 THEN 1 ELSE 0.01 END"
)
"""The step in which a statement is given: whole 万元, 万元 with two decimals, yuan or fen."""

FINANCIALS = TableSchema(
    "financials",
    Text("财务报表", "financial statements"),
    Text("客户 × 年", "client × year"),
    ("client_id", "year"),
    (
        CLIENT_ID,
        number(
            "year",
            "年度",
            "year",
            "年份 报表年度 会计年度 财务年度 报表年份 fiscal_year report_year fy",
            dtype="int",
            required=True,
            low=1900,
            high=2200,
        ),
        money("assets", "资产总额", "total assets", "总资产 资产总计 资产合计 total_assets asset_total"),
        money(
            "liabilities",
            "负债总额",
            "total liabilities",
            "总负债 负债合计 负债总计 total_liabilities liability_total total_debt",
        ),
        money(
            "equity",
            "净资产",
            "equity",
            "所有者权益 所有者权益合计 股东权益 股东权益合计 权益合计 net_assets total_equity "
            "owners_equity shareholders_equity",
            signed=True,
        ),
        money(
            "debt", "有息负债", "interest-bearing debt", "带息负债 有息债务 借款合计 interest_bearing_debt borrowings"
        ),
        money("current_assets", "流动资产", "current assets", "流动资产合计 total_current_assets"),
        money("current_liabilities", "流动负债", "current liabilities", "流动负债合计 total_current_liabilities"),
        money("revenue", "营业收入", "revenue", "主营业务收入 营业总收入 销售收入 sales operating_revenue turnover"),
        money("profit", "净利润", "net profit", "净利 税后利润 net_profit net_income profit_after_tax", signed=True),
        money("operating_profit", "营业利润", "operating profit", "经营利润 ebit", signed=True),
        money(
            "interest_expense", "利息支出", "interest expense", "财务费用利息支出 利息费用 interest_cost interest_paid"
        ),
        money(
            "operating_cash_flow",
            "经营现金流",
            "operating cash flow",
            "经营活动现金流量净额 经营性现金流 经营活动现金净流量 cash_flow_operating ocf cfo",
            signed=True,
        ),
        money(
            "capital_spending",
            "资本性支出",
            "capital spending",
            "购建固定资产支付的现金 资本开支 capex capital_expenditure",
            signed=True,
        ),
        flag("is_audited", "经审计", "audited", "是否审计 审计标志 audited_flag audit_flag"),
    ),
    rules=(
        Rule(
            "balance_sheet",
            "equity",
            Text("净资产不等于资产减负债", "is not assets less liabilities"),
            # Half a step of rounding in each of the three figures; above 0.5 % of the assets it is no rounding.
            f"abs(assets - liabilities - equity) > least(1.5 * ({UNIT_IN_FILE}), 0.005 * abs(assets))",
        ),
        Rule(
            "part_of_assets",
            "current_assets",
            Text("流动资产大于资产总额", "is more than all assets"),
            "current_assets > assets + 10000",
        ),
        Rule(
            "part_of_liabilities",
            "debt",
            Text("有息负债大于负债总额", "is more than all liabilities"),
            "debt > liabilities + 10000",
        ),
    ),
    references=OF_A_CLIENT,
    aliases=names(
        "财务 财务数据 客户财务 财务指标 客户财务报表 财报 资产负债表 financial finance "
        "financial_statement statements fin_report"
    ),
)
