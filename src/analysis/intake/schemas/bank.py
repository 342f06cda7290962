"""The bank itself: outlets, people, ledger totals, figures of the whole bank."""

from analysis.core.text import Text
from analysis.intake.schemas.nouns import Column, TableSchema

OUTLETS = TableSchema(
    "outlets",
    Text("网点", "outlets"),
    Text("网点 × 季度", "outlet × quarter"),
    ("outlet_id", "quarter"),
    (
        Column("outlet_id", "text", Text("网点", "outlet"), required=True),
        Column("quarter", "quarter", Text("季度", "quarter"), required=True),
        Column("branch_id", "text", Text("分行", "branch"), required=True),
        Column("name", "text", Text("名称", "name")),
        Column("region", "text", Text("地区", "region")),
        Column("region_tier", "text", Text("地区层级", "region tier")),
        Column("staff_full_time", "float", Text("在岗人数", "full-time staff"), "persons", low=0),
    ),
)

STAFF = TableSchema(
    "staff",
    Text("人员", "staff"),
    Text("人员 × 季度", "person × quarter"),
    ("staff_id", "quarter"),
    (
        Column("staff_id", "text", Text("工号", "staff id"), required=True, sensitivity="identifier", entity="staff"),
        Column("quarter", "quarter", Text("季度", "quarter"), required=True),
        Column("role", "text", Text("岗位", "role"), required=True, allowed=("manager", "product_specialist")),
        Column("outlet_id", "text", Text("网点", "outlet")),
        Column("team", "text", Text("团队", "team"), allowed=("key", "general", "pooled", "product")),
    ),
)

CONTROLS = TableSchema(
    "controls",
    Text("总账勾稽", "ledger control totals"),
    Text("月 × 网点 × 项目", "month × outlet × item"),
    ("month", "outlet_id", "item"),
    (
        Column("month", "date", Text("月末", "month-end"), required=True),
        Column("outlet_id", "text", Text("网点", "outlet"), required=True),
        Column(
            "item",
            "text",
            Text("项目", "item"),
            required=True,
            allowed=(
                "deposits_avg",
                "deposits_end",
                "loans_avg",
                "loans_end",
                "fee",
                "interest_loans",
                "interest_deposits",
                "direct_cost",
            ),
        ),
        Column("amount", "money", Text("金额", "amount"), "currency units", required=True),
    ),
)

BANK = TableSchema(
    "bank",
    Text("全行指标", "bank figures"),
    Text("季度 × 项目", "quarter × item"),
    ("quarter", "item"),
    (
        Column("quarter", "quarter", Text("季度", "quarter"), required=True),
        Column("item", "text", Text("项目", "item"), required=True),
        Column("value", "float", Text("数值", "value"), required=True),
    ),
)
