"""The bank itself: outlets, people, plans, ledger totals, figures of the whole bank."""

from analysis.core.text import Text
from analysis.intake.schemas.columns import (
    BRANCH_NAMES,
    MONTH,
    OUTLET_NAMES,
    QUARTER,
    STAFF_NAMES,
    identifier,
    money,
    names,
    number,
    text,
)
from analysis.intake.schemas.nouns import TableSchema
from analysis.intake.schemas.words import CONTROL_ITEMS, REGION_TIERS, ROLES, TEAMS

OUTLETS = TableSchema(
    "outlets",
    Text("网点", "outlets"),
    Text("网点 × 季度", "outlet × quarter"),
    ("outlet_id", "quarter"),
    (
        text("outlet_id", "网点", "outlet", OUTLET_NAMES, required=True),
        QUARTER,
        text("branch_id", "分行", "branch", BRANCH_NAMES, required=True),
        text("name", "名称", "name", "网点名称 机构名称 支行名称 outlet_name org_name"),
        text(
            "region",
            "地区",
            "region",
            "省份 城市 所在地区 所在城市 地区代码 行政区划 province city area area_code region_code",
        ),
        text(
            "region_tier",
            "地区层级",
            "region tier",
            "地区类别 区域层级 城市层级 区域类型 city_tier area_tier region_type",
            allowed=REGION_TIERS,
        ),
        number(
            "staff_full_time",
            "在岗人数",
            "full-time staff",
            "员工人数 人数 编制人数 fte headcount",
            unit="persons",
            low=0,
        ),
        money(
            "deposits_increment",
            "本季新增存款",
            "deposits added in the quarter",
            "存款增量 新增存款 存款净增 deposit_increase deposit_increment",
            signed=True,
        ),
        money("deposits_kept", "存款保持额", "deposits kept", "余额保持 存款保持 balance_kept deposits_retained"),
        money(
            "income", "本季营业收入", "income of the quarter", "网点收入 营业收入 outlet_income revenue", signed=True
        ),
    ),
    aliases=names("网点 机构 机构信息 网点信息 支行 outlet branch_info branches org organisation organization"),
)

STAFF = TableSchema(
    "staff",
    Text("人员", "staff"),
    Text("人员 × 季度", "person × quarter"),
    ("staff_id", "quarter"),
    (
        identifier("staff_id", "工号", "staff id", "staff", STAFF_NAMES, required=True),
        QUARTER,
        text("role", "岗位", "role", "岗位类型 职务 职位 岗位名称 position job post", allowed=ROLES, required=True),
        text("outlet_id", "网点", "outlet", OUTLET_NAMES),
        text("team", "团队", "team", "团队类型 所属团队 条线 team_type", allowed=TEAMS),
        text("name", "姓名", "name", "员工姓名 客户经理姓名 staff_name employee_name", sensitivity="restricted"),
        text("phone", "电话", "phone", "联系电话 手机 手机号 mobile_no telephone", sensitivity="restricted"),
        text("specialism", "专长", "specialism", "专业方向 擅长领域 specialty speciality"),
        number(
            "capacity",
            "可管户数",
            "clients that can be looked after",
            "管户上限 服务能力 max_clients",
            unit="clients",
            low=0,
        ),
        number(
            "training_hours",
            "本季培训学时",
            "hours of training in the quarter",
            "培训学时 培训小时 training",
            unit="hours",
            low=0,
        ),
        text("training_topics", "培训主题", "topics of the training", "培训内容 training_topic"),
    ),
    aliases=names("人员 员工 客户经理 客户经理信息 员工信息 employee employees managers rm_list staff_info"),
)

CONTROLS = TableSchema(
    "controls",
    Text("总账勾稽", "ledger control totals"),
    Text("月 × 网点 × 项目", "month × outlet × item"),
    ("month", "outlet_id", "item"),
    (
        MONTH,
        text("outlet_id", "网点", "outlet", OUTLET_NAMES, required=True),
        text(
            "item",
            "项目",
            "item",
            "科目 指标 总账项目 gl_item subject account_title",
            allowed=CONTROL_ITEMS,
            required=True,
        ),
        money(
            "amount",
            "金额",
            "amount",
            "余额 总账金额 总账余额 gl_amount gl_balance balance",
            signed=True,
            required=True,
        ),
    ),
    aliases=names("总账 总账勾稽 勾稽 总账余额 科目余额 ledger general_ledger gl control_totals"),
)

BANK = TableSchema(
    "bank",
    Text("全行指标", "bank figures"),
    Text("季度 × 项目", "quarter × item"),
    ("quarter", "item"),
    (
        QUARTER,
        text("item", "项目", "item", "指标 指标名称 指标代码 indicator metric", required=True),
        number("value", "数值", "value", "指标值 金额 amount", required=True),
    ),
    aliases=names("全行指标 全行 资本 监管指标 bank_figures capital bank_level"),
)

PLANS = TableSchema(
    "plans",
    Text("计划", "plans"),
    Text("单位 × 季度 × 项目", "unit × quarter × item"),
    ("unit", "quarter", "item"),
    (
        text("unit", "单位", "unit", "机构 机构号 分行 网点 考核单位 org_id org_code", required=True),
        QUARTER,
        text("item", "项目", "item", "指标 指标名称 指标代码 考核指标 kpi indicator", required=True),
        number(
            "target",
            "计划值",
            "planned value",
            "目标 目标值 计划 任务数 考核目标 plan plan_value target_value",
            required=True,
        ),
    ),
    aliases=names("计划 目标 经营计划 考核目标 任务 plan targets budget"),
)
