"""The risk register, what happened, and what was heard."""

from analysis.core.text import Text
from analysis.intake.schemas.columns import (
    CLIENT_NAMES,
    OF_A_CLIENT,
    QUARTER,
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
from analysis.intake.schemas.words import RISK_FAMILIES, RISK_GRADES, RISK_SOURCES, RISK_STATES

_CLIENT = identifier("client_id", "客户号", "client id", "client", CLIENT_NAMES)
_SCORE = Text("1 最低，5 最高", "1 lowest, 5 highest")

RISKS = TableSchema(
    "risks",
    Text("风险台账", "risk register"),
    Text("风险 × 季度", "risk × quarter"),
    ("risk_id", "quarter"),
    (
        text("risk_id", "风险编号", "risk id", "风险点编号 编号 risk_no", required=True),
        QUARTER,
        text(
            "family",
            "风险类别",
            "family",
            "风险种类 风险大类 risk_type risk_category",
            allowed=RISK_FAMILIES,
            required=True,
        ),
        text(
            "title",
            "风险",
            "risk",
            "风险名称 风险事项 风险描述 risk_name description",
            required=True,
            sensitivity="prose",
        ),
        text("process", "环节", "step of the process", "流程环节 业务环节 process_step"),
        text("segment", "客群", "segment", "涉及客群 影响客群"),
        text("cause", "成因", "cause", "风险成因 原因", sensitivity="prose"),
        text("indicator", "监测指标", "indicator", "指标 风险指标 kri", sensitivity="prose"),
        text("source", "来源", "source", "识别来源 评估方式", allowed=RISK_SOURCES),
        number("likelihood", "可能性评分", "likelihood", "可能性", dtype="int", low=1, high=5, meaning=_SCORE),
        number("impact", "影响评分", "impact", "影响程度", dtype="int", low=1, high=5, meaning=_SCORE),
        number("probability", "年发生概率", "probability in a year", "发生概率 概率", unit="fraction", low=0, high=1),
        money("loss", "可能损失", "loss if it happens", "损失金额 预计损失 损失"),
        text("grade", "等级", "grade", "风险等级 risk_grade risk_level", allowed=RISK_GRADES),
        text("response", "应对", "response", "应对措施 应对策略 控制措施 control", sensitivity="prose"),
        text("owner", "责任部门或岗位", "owner", "责任人 责任部门 risk_owner", sensitivity="post"),
        day("due", "期限", "due on", "整改期限 完成期限 截止日期 due_date"),
        text("state", "状态", "state", "风险状态 status", allowed=RISK_STATES),
        text("evidence", "依据", "evidence", "佐证 佐证材料", sensitivity="prose"),
        identifier("rater_id", "评估人", "who rated it", "staff", "打分人 评分人 rater"),
    ),
    aliases=names("风险 风险台账 风险清单 风险登记 risk risk_register"),
)

INCIDENTS = TableSchema(
    "incidents",
    Text("风险事件", "incidents"),
    Text("一起事件", "incident"),
    ("incident_id",),
    (
        text("incident_id", "事件编号", "incident id", "事件号 编号 incident_no event_id", required=True),
        day("date", "发生日", "happened on", "发生日期 事件日期 incident_date event_date", required=True),
        day("found", "发现日", "found on", "发现日期 discovery_date"),
        text("family", "风险类别", "family", "风险种类 事件类型 risk_type incident_type", allowed=RISK_FAMILIES),
        text("risk_id", "对应风险编号", "risk id", "风险编号 risk_no"),
        text("step", "环节", "step of the process", "流程环节 业务环节"),
        text("cause", "成因", "cause", "原因 事件原因", sensitivity="prose"),
        text("unit", "单位", "unit", "发生机构 机构号 网点 outlet_id branch_id"),
        _CLIENT,
        money("loss", "损失", "loss", "损失金额 loss_amount"),
        money("recovered", "已挽回", "recovered", "挽回金额 追回金额 recovery", known_from="closed"),
        flag("is_near_miss", "未遂", "near miss", "是否未遂 未遂标志"),
        later_day("closed", "关闭日", "closed on", "关闭日期 结案日期 close_date"),
        text("content", "经过", "what happened", "事件描述 事件经过 description", sensitivity="restricted"),
    ),
    rules=(
        Rule("found_before_it_happened", "found", Text("发现日早于发生日", "is before it happened"), "found < date"),
        Rule("closed_before_it_happened", "closed", Text("关闭日早于发生日", "is before it happened"), "closed < date"),
        Rule(
            "recovered_above_loss",
            "recovered",
            Text("挽回金额大于损失", "is more than the loss"),
            "recovered > loss",
            action="flag",
        ),
    ),
    references=OF_A_CLIENT,
    aliases=names("事件 风险事件 操作风险事件 损失事件 incident loss_events"),
    dated="date",
    noticed="found",
)

INFORMATION = TableSchema(
    "information",
    Text("信息", "information"),
    Text("一条信息", "item"),
    ("item_id",),
    (
        text("item_id", "信息编号", "item id", "编号 情报编号 info_id info_no", required=True),
        day("date", "日期", "date", "收集日期 登记日期 info_date", required=True),
        text("kind", "类别", "kind", "信息类别 信息类型 info_type"),
        text("source", "来源", "source", "信息来源 info_source", sensitivity="prose"),
        text("level", "层级", "level", "信息层级 报送层级"),
        _CLIENT,
        text("industry", "行业", "industry", "行业代码 所属行业 industry_code"),
        text("region", "地区", "region", "地区代码 region_code"),
        flag("forwarded", "已转送", "passed on", "是否转送 转送标志", known_from="forwarded_on"),
        later_day("forwarded_on", "转送日", "passed on on", "转送日期"),
        flag("used", "已采用", "used", "是否采用 采用标志", known_from="forwarded_on"),
        identifier("staff_id", "报送人", "reported by", "staff", STAFF_NAMES),
        text("content", "内容", "content", "信息内容 摘要 description", sensitivity="restricted"),
    ),
    rules=(
        Rule(
            "forwarded_before_date",
            "forwarded_on",
            Text("转送日早于收集日", "is before it came in"),
            "forwarded_on < date",
        ),
    ),
    references=OF_A_CLIENT,
    aliases=names("信息 市场信息 信息台账 情报 info_item info market_information"),
    dated="date",
)
