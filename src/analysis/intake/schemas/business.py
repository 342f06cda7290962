"""What clients hold and do with the bank, month by month."""

from analysis.core.text import Text
from analysis.intake.schemas.nouns import Column, TableSchema

POSITIONS = TableSchema(
    "positions",
    Text("产品持有", "positions"),
    Text("客户 × 月 × 产品", "client × month × product"),
    ("client_id", "month", "product"),
    (
        Column(
            "client_id", "text", Text("客户号", "client id"), required=True, sensitivity="identifier", entity="client"
        ),
        Column("month", "date", Text("月末", "month-end"), required=True),
        Column("product", "text", Text("产品", "product"), required=True),
        Column("balance_avg", "money", Text("月日均余额", "average daily balance of the month"), "currency units"),
        Column("balance_end", "money", Text("月末余额", "balance at month-end"), "currency units"),
        Column("rate", "float", Text("执行利率", "contract rate"), "fraction a year", low=-0.05, high=1),
        Column("funds_price", "float", Text("资金价格", "funds price"), "fraction a year", low=-0.05, high=1),
        Column(
            "interest",
            "money",
            Text(
                "当月利息（贷款为不含税收入，存款为支出）",
                "interest of the month (loans: income net of VAT; deposits: expense)",
            ),
            "currency units",
        ),
        Column(
            "funds_amount",
            "money",
            Text(
                "当月资金转移金额（贷款为成本，存款为收益）", "funds charge (loans) or credit (deposits) of the month"
            ),
            "currency units",
        ),
        Column("fee", "money", Text("当月净手续费收入", "net fee income of the month"), "currency units"),
        Column("direct_cost", "money", Text("当月直接服务成本", "direct cost to serve of the month"), "currency units"),
    ),
)

TRANSACTIONS = TableSchema(
    "transactions",
    Text("交易", "transactions"),
    Text("客户 × 月 × 渠道", "client × month × channel"),
    ("client_id", "month", "channel"),
    (
        Column(
            "client_id", "text", Text("客户号", "client id"), required=True, sensitivity="identifier", entity="client"
        ),
        Column("month", "date", Text("月末", "month-end"), required=True),
        Column(
            "channel", "text", Text("渠道", "channel"), required=True, allowed=("online", "counter", "direct", "mobile")
        ),
        Column("n_in", "int", Text("入账笔数", "entries in"), low=0),
        Column("n_out", "int", Text("出账笔数", "entries out"), low=0),
        Column("amount_in", "money", Text("入账金额", "amount in"), "currency units", low=0),
        Column("amount_out", "money", Text("出账金额", "amount out"), "currency units", low=0),
        Column("amount_cross_border", "money", Text("跨境金额", "cross-border amount"), "currency units", low=0),
    ),
)
