"""Every feature, once: what it is, how far it looks back, how it is bent, and the words for much and little of it."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.core.text import Text
from analysis.features.as_of import AsOf
from analysis.features.matrix import Feature

if TYPE_CHECKING:
    Amounts = pd.Series[float]

DAYS_IN_YEAR = 365.25


def _share(part: "Amounts", whole: "Amounts") -> "Amounts":
    """Part over whole, 0 where there is no whole, held between 0 and 1."""
    ratio = np.divide(part, whole, out=np.zeros(len(part)), where=(whole > 0).to_numpy())
    return pd.Series(np.clip(ratio, 0.0, 1.0), index=part.index)


def _deposit_growth(known: AsOf) -> "Amounts":
    """Change on the year over the mean of both quarters, between −2 and 2; NaN for clients not here a year ago.

    The usual growth rate has no upper bound and is not defined from 0; this one is symmetric (Davis and Haltiwanger).
    """
    now, before = known.measure("deposit_avg"), known.measure("deposit_avg", back=4)
    mean = (now + before) / 2
    return ((now - before) / mean.where(mean > 0)).clip(-2.0, 2.0)


def _tenure(known: AsOf) -> "Amounts":
    start = pd.to_datetime(known.column("relation_start"))
    return ((pd.Timestamp(known.quarter.end) - start).dt.days / DAYS_IN_YEAR).clip(lower=0.0)


def _is_startup(known: AsOf) -> "Amounts":
    stage = known.column("stage")
    return (stage == "startup").astype(float).where(stage.notna())


FEATURES: dict[str, Feature] = {
    feature.code: feature
    for feature in (
        Feature(
            code="contribution",
            label=Text("季度综合贡献", "contribution of the quarter"),
            unit="money",
            window=1,
            transform="log1p",
            measures=("contribution",),
            theme="contribution",
            high=Text("高贡献", "high contribution"),
            low=Text("低贡献", "low contribution"),
            build=lambda known: known.measure("contribution"),
        ),
        Feature(
            code="operating_revenue",
            label=Text("季度营业净收入", "operating revenue of the quarter"),
            unit="money",
            window=1,
            transform="log1p",
            measures=("operating_revenue",),
            theme="contribution",
            high=Text("高收入", "high revenue"),
            low=Text("低收入", "low revenue"),
            build=lambda known: known.measure("operating_revenue"),
            instead_of=("contribution",),
        ),
        Feature(
            code="deposit_avg",
            label=Text("日均存款", "average daily deposits"),
            unit="money",
            window=1,
            transform="log1p",
            measures=("deposit_avg",),
            theme="deposit",
            high=Text("高存款", "deposit-rich"),
            low=Text("低存款", "few deposits"),
            build=lambda known: known.measure("deposit_avg"),
        ),
        Feature(
            code="deposit_demand_share",
            label=Text("活期存款占比", "share of demand deposits"),
            unit="ratio",
            window=1,
            transform="share",
            measures=("deposit_demand_avg", "deposit_avg"),
            theme="deposit_mix",
            high=Text("活期为主", "mostly demand deposits"),
            low=Text("定期为主", "mostly term deposits"),
            build=lambda known: _share(known.measure("deposit_demand_avg"), known.measure("deposit_avg")),
        ),
        Feature(
            code="deposit_growth",
            label=Text("存款同比变动（对两期均值）", "change of deposits on the year, over the mean of both"),
            unit="ratio",
            window=5,
            transform="identity",
            measures=("deposit_avg",),
            theme="growth",
            high=Text("存款增长", "growing deposits"),
            low=Text("存款下降", "falling deposits"),
            build=_deposit_growth,
            is_for_distance=False,
        ),
        Feature(
            code="deposit_variation",
            label=Text("月日均存款变异系数（十二个月）", "variation of monthly deposits over a year"),
            unit="index",
            window=4,
            transform="identity",
            measures=("deposit_avg",),
            theme="stability",
            high=Text("余额波动大", "volatile balances"),
            low=Text("余额稳定", "stable balances"),
            build=lambda known: known.deposit_variation(),
            is_for_distance=False,
        ),
        Feature(
            code="loan_avg",
            label=Text("日均贷款", "average daily loans"),
            unit="money",
            window=1,
            transform="log1p",
            measures=("loan_avg",),
            theme="credit",
            high=Text("高贷款", "loan-heavy"),
            low=Text("少贷款", "little borrowing"),
            build=lambda known: known.measure("loan_avg"),
        ),
        Feature(
            code="limit_use",
            label=Text("用信率（无额度计为零）", "share of the limit in use (none counts as zero)"),
            unit="ratio",
            window=1,
            transform="share",
            measures=("limit_used", "credit_limit"),
            theme="credit",
            high=Text("用信率高", "credit well used"),
            low=Text("少用信", "little credit in use"),
            build=lambda known: _share(known.measure("limit_used"), known.measure("credit_limit")),
        ),
        Feature(
            code="acceptances",
            label=Text("银行承兑汇票余额", "bank acceptances"),
            unit="money",
            window=1,
            transform="log1p",
            measures=("acceptances",),
            theme="bills",
            high=Text("票据多", "heavy in bills"),
            low=Text("票据少", "few bills"),
            build=lambda known: known.measure("acceptances"),
        ),
        Feature(
            code="fee_year",
            label=Text("近四季中间业务净收入", "net fee income of four quarters"),
            unit="money",
            window=4,
            transform="log1p",
            measures=("fee",),
            theme="fee",
            high=Text("高中收", "fee-rich"),
            low=Text("低中收", "few fees"),
            build=lambda known: known.total("fee", 4),
        ),
        Feature(
            code="entries_year",
            label=Text("近四季收付笔数", "entries in and out of four quarters"),
            unit="count",
            window=4,
            transform="log1p",
            measures=("n_entries",),
            theme="activity",
            high=Text("交易频繁", "very active"),
            low=Text("交易少", "little activity"),
            build=lambda known: known.total("n_entries", 4),
        ),
        Feature(
            code="cross_border_share",
            label=Text("近四季跨境结算占比", "cross-border share of settlement, four quarters"),
            unit="ratio",
            window=4,
            transform="share",
            measures=("amount_cross_border", "amount_settled"),
            theme="trade",
            high=Text("跨境活跃", "cross-border"),
            low=Text("境内为主", "domestic"),
            build=lambda known: _share(known.total("amount_cross_border", 4), known.total("amount_settled", 4)),
        ),
        Feature(
            code="families",
            label=Text("持有产品类数", "product families held"),
            unit="per_client",
            window=1,
            transform="identity",
            measures=("n_families",),
            theme="products",
            high=Text("多产品", "many products"),
            low=Text("少产品", "few products"),
            build=lambda known: known.measure("n_families"),
        ),
        Feature(
            code="tenure_years",
            label=Text("合作年限", "years with the bank"),
            unit="years",
            window=1,
            transform="identity",
            measures=("relation_start",),
            theme="tenure",
            high=Text("老客户", "long-standing"),
            low=Text("新客户", "recent clients"),
            build=_tenure,
            is_outcome_forbidden=False,
        ),
        # what a lender without accounts knows
        Feature(
            code="approved_amount",
            label=Text("累计批准金额", "amount approved so far"),
            unit="money",
            window=1,
            transform="log1p",
            measures=("approved_amount",),
            theme="credit",
            high=Text("大额贷款", "large loans"),
            low=Text("小额贷款", "small loans"),
            build=lambda known: known.measure("approved_amount"),
            instead_of=("loan_avg",),
        ),
        Feature(
            code="loan_term_months",
            label=Text("贷款期限（按金额加权）", "loan term, weighted by amount"),
            unit="months",
            window=1,
            transform="log1p",
            measures=("term_months",),
            theme="term",
            high=Text("长期限", "long terms"),
            low=Text("短期限", "short terms"),
            build=lambda known: known.loan_average("term_months"),
            instead_of=("loan_avg",),
            is_outcome_forbidden=False,
        ),
        Feature(
            code="staff",
            label=Text("从业人员", "staff"),
            unit="count",
            window=1,
            transform="log1p",
            measures=("staff",),
            theme="staff",
            high=Text("人员多", "larger firms"),
            low=Text("人员少", "smaller firms"),
            build=lambda known: known.column("staff").astype(float),
            instead_of=("loan_avg",),
            is_outcome_forbidden=False,
        ),
        Feature(
            code="is_startup",
            label=Text("初创企业", "start-up"),
            unit="ratio",
            window=1,
            transform="identity",
            measures=("stage",),
            theme="stage",
            high=Text("初创为主", "mostly start-ups"),
            low=Text("存续企业为主", "mostly established"),
            build=_is_startup,
            instead_of=("loan_avg",),
            is_outcome_forbidden=False,
        ),
    )
}
"""In the order of the columns. A feature with `instead_of` is built only where none of those can be."""

VALUE_FEATURES = ("contribution", "operating_revenue", "deposit_avg", "approved_amount")
"""By which segments are ordered: the first of these that could be built."""
