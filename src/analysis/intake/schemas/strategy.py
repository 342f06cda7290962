"""What clients were given and asked: strategies, campaigns, consents; and what the bank set out to do."""

from analysis.core.text import Text
from analysis.intake.schemas.columns import (
    CLIENT_ID,
    OF_A_CLIENT,
    PRODUCT_NAMES,
    QUARTER,
    day,
    flag,
    later_day,
    money,
    names,
    number,
    text,
)
from analysis.intake.schemas.nouns import Rule, TableSchema
from analysis.intake.schemas.words import ACTION_STATES, PURPOSES, REVIEW_STATES

STRATEGIES = TableSchema(
    "strategies",
    Text("策略实施", "strategies"),
    Text("客户 × 服务包 × 开始日", "client × package × start"),
    ("client_id", "package", "start"),
    (
        CLIENT_ID,
        text(
            "package",
            "服务包",
            "package",
            "服务包编号 策略 策略编号 服务方案 方案编号 strategy strategy_id package_id",
            required=True,
        ),
        day("start", "开始日", "start", "开始日期 实施日期 生效日期 start_date effective_date", required=True),
        later_day("until", "结束日", "ended on", "结束日期 失效日期 终止日期 end_date"),
        flag("delivered", "已落实", "delivered", "是否落实 落实标志 是否实施 delivery_flag"),
        flag("eligible", "符合条件", "eligible", "是否符合条件 适用标志 eligible_flag"),
        money("cost", "成本", "cost", "实施成本 服务成本 strategy_cost"),
        text("unit", "推广单位", "unit of roll-out", "推广网点 试点机构 网点 机构号 rollout_unit outlet_id branch_id"),
        text(
            "assigned_by",
            "指派方式",
            "how it was assigned",
            "指派依据 分配方式 抽签标志 assignment",
            sensitivity="prose",
        ),
        text("reason", "原因", "reason", "指派原因 理由 remark", sensitivity="prose"),
    ),
    rules=(Rule("ends_before_start", "until", Text("结束日早于开始日", "is before the start"), "until < start"),),
    references=OF_A_CLIENT,
    aliases=names("策略 服务包 策略实施 服务方案 策略分配 strategy strategy_assignment packages treatment"),
    dated="start",
)

CAMPAIGNS = TableSchema(
    "campaigns",
    Text("营销活动", "campaigns"),
    Text("活动 × 客户 × 接触日", "campaign × client × day of contact"),
    ("campaign", "client_id", "date"),
    (
        text(
            "campaign",
            "活动",
            "campaign",
            "活动编号 活动名称 营销活动编号 营销活动 campaign_id campaign_code",
            required=True,
        ),
        CLIENT_ID,
        day("date", "接触日", "day of contact", "接触日期 营销日期 触达日期 contact_date send_date", required=True),
        text("segment", "目标客群", "segment", "客群 目标分群 target_segment"),
        text("product", "产品", "product", PRODUCT_NAMES),
        text("channel", "渠道", "channel", "营销渠道 触达渠道 contact_channel"),
        flag("is_control", "对照组", "held out", "是否对照组 对照标志 control_flag holdout"),
        money("cost", "成本", "cost", "营销成本 触达成本 campaign_cost"),
        flag("responded", "有响应", "answered", "是否响应 响应标志 response response_flag", known_from="response_date"),
        later_day("response_date", "响应日", "answered on", "响应日期"),
        flag(
            "converted",
            "已成交",
            "bought",
            "是否成交 是否转化 转化标志 conversion conversion_flag",
            known_from="conversion_date",
        ),
        later_day("conversion_date", "成交日", "bought on", "成交日期 转化日期"),
        flag("opted_out", "退订", "opted out", "是否退订 拒绝标志 opt_out unsubscribe"),
        text(
            "material_review",
            "材料审查",
            "review of the material",
            "材料审查状态 合规审查 review_state",
            allowed=REVIEW_STATES,
        ),
    ),
    rules=(
        Rule(
            "bought_before_contact",
            "conversion_date",
            Text("成交日早于接触日", "is before the contact"),
            "conversion_date < date",
        ),
        Rule(
            "answered_before_contact",
            "response_date",
            Text("响应日早于接触日", "is before the contact"),
            "response_date < date",
        ),
    ),
    references=OF_A_CLIENT,
    aliases=names("营销 营销活动 活动 营销名单 营销触达 campaign campaign_contacts marketing"),
    dated="date",
)

CONSENTS = TableSchema(
    "consents",
    Text("授权同意", "consents"),
    Text("客户 × 用途 × 起始日", "client × purpose × start"),
    ("client_id", "purpose", "start"),
    (
        CLIENT_ID,
        text(
            "purpose", "用途", "purpose", "授权用途 授权目的 同意事项 consent_purpose", allowed=PURPOSES, required=True
        ),
        flag("granted", "已同意", "granted", "是否同意 授权标志 是否授权 consent consent_flag"),
        day(
            "start",
            "起始日",
            "from",
            "授权日期 授权起始日 同意日期 生效日期 grant_date consent_date start_date",
            required=True,
        ),
        # Known ahead: an expiry is part of the consent, and a withdrawal heard of early can only protect the client.
        day("until", "截止日", "until", "授权到期日 失效日期 撤回日期 到期日期 expiry_date end_date withdrawn_date"),
        text("channel", "取得渠道", "how it was given", "授权渠道 授权方式 consent_channel"),
    ),
    rules=(Rule("ends_before_start", "until", Text("截止日早于起始日", "is before the start"), "until < start"),),
    references=OF_A_CLIENT,
    aliases=names("授权 同意 授权书 客户授权 隐私授权 consent authorisation authorization"),
    dated="start",
)

ACTIONS = TableSchema(
    "actions",
    Text("行动与路线图", "actions"),
    Text("行动 × 季度", "action × quarter"),
    ("action_id", "quarter"),
    (
        text("action_id", "行动编号", "action id", "任务编号 措施编号 编号 action_no task_id", required=True),
        QUARTER,
        text("kind", "类别", "kind", "任务类别 行动类别 action_type"),
        text(
            "title",
            "事项",
            "what is to be done",
            "行动 任务 措施 任务名称 事项名称 task action",
            required=True,
            sensitivity="prose",
        ),
        text("owner", "责任部门或岗位", "owner", "责任人 责任部门 牵头部门 responsible", sensitivity="post"),
        day("planned", "计划开始日", "planned start", "计划开始日期 plan_start"),
        day("due", "到期日", "due on", "计划完成日期 截止日期 到期日期 due_date deadline"),
        later_day("done", "完成日", "done on", "完成日期 实际完成日期 done_date finish_date"),
        text("state", "状态", "state", "进展状态 任务状态 status", allowed=ACTION_STATES),
        number("progress", "进度", "progress", "完成进度 完成率", unit="fraction", low=0, high=1),
        text("evidence", "依据", "evidence", "完成依据 佐证 佐证材料", sensitivity="prose"),
    ),
    aliases=names("行动 行动台账 任务清单 路线图 工作计划 措施 action action_log tasks roadmap"),
)
