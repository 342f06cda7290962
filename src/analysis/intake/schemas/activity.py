"""What entries say about a client in a quarter: made from `events`, or given ready by a bank that keeps its entries."""

from analysis.core.text import Text
from analysis.intake.schemas.columns import CLIENT_ID, OF_A_CLIENT, QUARTER, money, names, number
from analysis.intake.schemas.nouns import Column, TableSchema


def _count(name: str, zh: str, en: str) -> Column:
    return number(name, zh, en, dtype="int", low=0)


ACTIVITY = TableSchema(
    "activity",
    Text("账户活动", "account activity"),
    Text("客户 × 季度", "client × quarter"),
    ("client_id", "quarter"),
    (
        CLIENT_ID,
        QUARTER,
        _count("n_in", "季度入账笔数", "entries in of the quarter"),
        _count("n_out", "季度出账笔数", "entries out of the quarter"),
        money("amount_in", "季度入账金额", "amount in of the quarter"),
        money("amount_out", "季度出账金额", "amount out of the quarter"),
        money("amount_largest", "单笔最大金额", "largest entry"),
        money("amount_largest_in", "单笔最大入账金额", "largest entry in"),
        number("amount_sd", "单笔金额标准差", "standard deviation of an entry", unit="currency units", low=0),
        _count("n_active_days", "有交易的天数", "days with an entry"),
        _count("n_channels", "使用的渠道数", "channels used"),
        _count("n_counterparties", "交易对手数", "counterparties"),
        _count("n_cross_border", "跨境笔数", "cross-border entries"),
        money("amount_cross_border", "季度跨境金额", "cross-border amount of the quarter"),
        number(
            "cross_border_share", "跨境金额占比", "cross-border share of the amount", unit="fraction", low=0, high=1
        ),
        _count("n_night", "夜间笔数（22 点至 7 点）", "entries at night (22 to 7 o'clock)"),
        _count("n_weekend", "周末笔数", "entries on Saturdays and Sundays"),
    ),
    references=OF_A_CLIENT,
    aliases=names("账户活动 账户活跃度 季度交易特征 account_activity"),
)
