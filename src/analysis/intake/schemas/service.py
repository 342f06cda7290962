"""What clients need, say and are served with: records of needs, surveys, cases, contacts and processes."""

from analysis.core.text import Text
from analysis.intake.schemas.columns import (
    CLIENT_ID,
    MANAGER_NAMES,
    OF_A_CLIENT,
    STAFF_NAMES,
    day,
    flag,
    identifier,
    later_day,
    money,
    names,
    number,
    text,
)
from analysis.intake.schemas.nouns import Rule, TableSchema
from analysis.intake.schemas.words import FEEDBACK_KINDS, INTERACTION_KINDS, NEED_SOURCES, RELATION_STAGES

_SHARE = Text("0 最弱，1 最强", "0 weakest, 1 strongest")
_POINTS = Text("0 最差，100 最好", "0 worst, 100 best")


NEEDS = TableSchema(
    "needs",
    Text("需求", "needs"),
    Text("一条需求", "need"),
    ("need_id",),
    (
        text("need_id", "需求编号", "need id", "需求号 需求ID need_no demand_id", required=True),
        CLIENT_ID,
        text("need", "需求", "need", "需求类型 需求代码 需求名称 需求类别 need_code need_type demand", required=True),
        text("source", "来源", "source", "需求来源 来源渠道 need_source", allowed=NEED_SOURCES),
        number("strength", "强度", "strength", "需求强度", unit="fraction", low=0, high=1, meaning=_SHARE),
        number("urgency", "紧迫程度", "urgency", "紧急程度 紧迫性", unit="fraction", low=0, high=1, meaning=_SHARE),
        number("importance", "重要程度", "importance", "重要性", unit="fraction", low=0, high=1, meaning=_SHARE),
        day(
            "opened",
            "提出日",
            "recorded on",
            "提出日期 登记日期 记录日期 创建日期 open_date create_date",
            required=True,
        ),
        day("deadline", "期望完成日", "wanted by", "截止日期 期望日期 需求时限 due_date"),
        later_day("closed", "关闭日", "closed on", "关闭日期 完成日期 满足日期 close_date"),
        money("amount", "需求金额", "amount wanted", "金额 意向金额 need_amount"),
        text("served_by", "满足方式", "served by", "满足产品 服务产品 对应产品 product", known_from="closed"),
        identifier("coder_id", "编码人", "who coded it", "staff", "登记人 记录人 编码员 coder"),
        text("note", "备注", "note", "需求描述 描述 说明 内容 remark description", sensitivity="restricted"),
    ),
    rules=(
        Rule(
            "closed_before_opened", "closed", Text("关闭日早于提出日", "is before it was recorded"), "closed < opened"
        ),
    ),
    references=OF_A_CLIENT,
    aliases=names("需求 客户需求 需求登记 需求台账 需求记录 need need_record demand demands"),
    dated="opened",
)

SURVEYS = TableSchema(
    "surveys",
    Text("问卷调查", "surveys"),
    Text("客户 × 期次", "client × wave"),
    ("client_id", "wave"),
    (
        CLIENT_ID,
        text("wave", "期次", "wave", "调查期次 批次 调查批次 问卷期次 survey_wave round", required=True),
        day(
            "date",
            "答复日",
            "answered on",
            "答卷日期 调查日期 回收日期 发放日期 survey_date answer_date",
            required=True,
        ),
        flag("responded", "已答复", "answered", "是否答复 是否回收 回收标志 response_flag"),
        number(
            "satisfaction",
            "总体满意度",
            "satisfaction",
            "满意度 满意度得分 总体评分 csat",
            low=0,
            high=100,
            meaning=_POINTS,
        ),
        number("satisfaction_speed", "效率满意度", "satisfaction with speed", "办理效率 效率评分", low=0, high=100),
        number("satisfaction_fit", "方案契合度", "satisfaction with fit", "定制化评分 个性化评分", low=0, high=100),
        number("satisfaction_price", "价格满意度", "satisfaction with price", "价格评分", low=0, high=100),
        number("satisfaction_staff", "人员满意度", "satisfaction with staff", "客户经理评分 人员评分", low=0, high=100),
        number(
            "satisfaction_safety",
            "风控满意度",
            "satisfaction with risk services",
            "风险服务评分 安全评分",
            low=0,
            high=100,
        ),
        number(
            "loyalty", "继续合作意愿", "wish to stay", "忠诚度 续用意愿 推荐意愿 nps loyalty_intention", low=0, high=100
        ),
        number(
            "risk_appetite",
            "风险偏好",
            "risk appetite",
            "风险偏好等级 风险承受意愿",
            dtype="int",
            low=1,
            high=5,
            meaning=Text("1 最保守，5 最进取", "1 most cautious, 5 most daring"),
        ),
        text("channel_preferred", "偏好渠道", "preferred channel", "渠道偏好 首选渠道 preferred_channel"),
        number(
            "acceptance",
            "对分层服务的接受度",
            "acceptance of tiering",
            "接受度 分层接受度",
            low=0,
            high=100,
            meaning=_POINTS,
        ),
        number("weight", "权重", "weight", "样本权重 抽样权重 survey_weight", low=0),
        text("comment", "意见", "comment", "意见建议 开放题 留言 remark", sensitivity="restricted"),
    ),
    references=OF_A_CLIENT,
    aliases=names("问卷 调查 满意度调查 问卷调查 客户调查 survey questionnaire csat"),
    dated="date",
)

FEEDBACK = TableSchema(
    "feedback",
    Text("意见与投诉", "feedback"),
    Text("一件", "case"),
    ("case_id",),
    (
        text(
            "case_id",
            "工单号",
            "case id",
            "工单编号 投诉编号 编号 case_no ticket_no ticket_id complaint_id",
            required=True,
        ),
        CLIENT_ID,
        text(
            "kind",
            "类型",
            "kind",
            "工单类型 反馈类型 意见类型 case_type feedback_type",
            allowed=FEEDBACK_KINDS,
        ),
        text("theme", "主题", "theme", "投诉类别 投诉原因 问题类别 原因分类 category reason"),
        text("channel", "渠道", "channel", "受理渠道 投诉渠道 来源渠道"),
        day(
            "opened",
            "受理日",
            "opened on",
            "受理日期 投诉日期 登记日期 提出日期 open_date complaint_date",
            required=True,
        ),
        later_day("responded", "首次答复日", "first answered on", "答复日期 响应日期 首次响应日期 response_date"),
        later_day("closed", "办结日", "closed on", "办结日期 关闭日期 结案日期 close_date"),
        flag("is_repeat", "重复", "repeated", "是否重复 重复投诉标志 repeat_flag"),
        number(
            "score",
            "评分",
            "score",
            "评价得分 满意度 rating",
            low=0,
            high=100,
            meaning=_POINTS,
            known_from="closed",
        ),
        identifier("staff_id", "处理人", "handled by", "staff", f"经办人 受理人 处理人员 handler {STAFF_NAMES}"),
        text("content", "内容", "content", "投诉内容 描述 详情 content_text description", sensitivity="restricted"),
        text("contact", "联系人", "contact person", "联系人姓名 投诉人 contact_name", sensitivity="restricted"),
        text("phone", "联系电话", "phone", "电话 手机 手机号 contact_phone mobile_no", sensitivity="restricted"),
    ),
    rules=(
        Rule("closed_before_opened", "closed", Text("办结日早于受理日", "is before it was opened"), "closed < opened"),
        Rule(
            "answered_before_opened",
            "responded",
            Text("答复日早于受理日", "is before it was opened"),
            "responded < opened",
        ),
    ),
    references=OF_A_CLIENT,
    aliases=names("投诉 意见 反馈 工单 客户投诉 投诉工单 complaint complaints feedbacks cases tickets"),
    dated="opened",
)

INTERACTIONS = TableSchema(
    "interactions",
    Text("接触", "interactions"),
    Text("一次接触", "contact"),
    ("interaction_id",),
    (
        text(
            "interaction_id",
            "接触编号",
            "contact id",
            "拜访编号 走访编号 活动编号 visit_id contact_id call_id",
            required=True,
        ),
        CLIENT_ID,
        day("date", "日期", "date", "拜访日期 走访日期 接触日期 visit_date contact_date call_date", required=True),
        text(
            "kind",
            "方式",
            "kind",
            "接触方式 拜访方式 走访方式 活动类型 contact_type visit_type",
            allowed=INTERACTION_KINDS,
        ),
        identifier("manager_id", "客户经理", "client manager", "staff", f"拜访人 走访人 {MANAGER_NAMES}"),
        text("purpose", "目的", "purpose", "拜访目的 走访目的 事由"),
        text("result", "结果", "result", "拜访结果 走访结果 outcome"),
        day("next_date", "下次日期", "next date", "下次拜访日期 下次联系日期 next_visit_date"),
        text(
            "relation_stage",
            "关系阶段",
            "stage of the relation",
            "客户关系阶段 营销阶段 pipeline_stage",
            allowed=RELATION_STAGES,
        ),
        text("note", "纪要", "note", "拜访纪要 走访记录 内容 备注 minutes remark", sensitivity="restricted"),
        text("contact", "联系人", "contact person", "联系人姓名 受访人 被访人 contact_name", sensitivity="restricted"),
        text("phone", "联系电话", "phone", "电话 手机 手机号 contact_phone mobile_no", sensitivity="restricted"),
    ),
    references=OF_A_CLIENT,
    aliases=names(
        "拜访 走访 接触 客户拜访 拜访记录 走访记录 客户联系 interaction visit visits contact contacts "
        "calls crm_activity"
    ),
    dated="date",
)

PROCESSES = TableSchema(
    "processes",
    Text("办理流程", "processes"),
    Text("业务 × 步骤", "case × step"),
    ("case_id", "step_number"),
    (
        text(
            "case_id",
            "业务编号",
            "case id",
            "流程编号 申请编号 业务号 流水号 case_no application_id process_id",
            required=True,
        ),
        number(
            "step_number",
            "步骤序号",
            "number of the step",
            "序号 步骤号 环节序号 step_no seq",
            dtype="int",
            low=1,
            required=True,
        ),
        CLIENT_ID,
        text("process", "流程", "process", "流程类型 业务类型 流程名称 process_type", required=True),
        text("step", "步骤", "step", "环节 环节名称 节点 步骤名称 node activity", required=True),
        text("unit", "办理单位", "unit", "办理部门 处理部门 经办机构 机构号 department"),
        number("approval_level", "审批层级", "approval level", "审批级别 审批级次", dtype="int", low=0, high=20),
        day("start", "开始日", "started on", "开始日期 到达日期 进入日期 start_date arrive_date", required=True),
        later_day("until", "结束日", "ended on", "结束日期 完成日期 离开日期 end_date finish_date"),
        number(
            "waiting_hours",
            "等待时长",
            "time waited",
            "等待小时 排队时长 wait_hours",
            unit="hours",
            low=0,
            known_from="until",
        ),
        number(
            "working_hours",
            "处理时长",
            "time worked",
            "处理小时 办理时长 work_hours",
            unit="hours",
            low=0,
            known_from="until",
        ),
        flag("is_rework", "退回重办", "done again", "是否退回 退回标志 补件标志 rework_flag", known_from="until"),
        text("result", "结果", "result", "办理结果 审批结果 处理结论 decision outcome", known_from="until"),
        identifier("staff_id", "办理人", "done by", "staff", f"经办人 处理人 审批人 {STAFF_NAMES}"),
    ),
    rules=(Rule("ends_before_start", "until", Text("结束日早于开始日", "is before the start"), "until < start"),),
    references=OF_A_CLIENT,
    aliases=names("流程 审批流程 流程日志 业务流程 审批 process process_log workflow approvals"),
    dated="start",
)
