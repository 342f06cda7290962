"""户均 and median of amounts: every KPI that is a sum of one measure, over clients and for the client in the middle."""

import numpy as np

from analysis.core.estimate import Unavailable
from analysis.core.numerics import weighted_quantile
from analysis.core.text import Text
from analysis.metrics.business import BUSINESS
from analysis.metrics.coverage import COVERAGE
from analysis.metrics.credit import CREDIT
from analysis.metrics.metric import ANY_BASE, INFORMATION, Compute, Inputs, Metric, Value, divide, label_of, registry
from analysis.metrics.value import VALUE

AMOUNTS = {
    code: metric
    for code, metric in (BUSINESS | VALUE | COVERAGE | CREDIT).items()
    if metric.unit == "money" and metric.is_additive and code not in ("DEP_ADB", "NOPAT_NC")
}
"""Amounts of which a client has its part; deposits have had their own row before."""
_MEAN = Text(
    "受大户左右，与中位数并列；分母为季末未销户客户。",
    "Driven by a few; print the median beside it. Over clients open at quarter-end.",
)


def _per_client(amount: Compute) -> Compute:
    def compute(v: Inputs) -> Value:
        top = amount(v)
        return top if isinstance(top, Unavailable) else divide(top, v["n_clients"], label_of("n_clients"))

    return compute


def _median(measure: str) -> Compute:
    def compute(v: Inputs) -> Value:
        values = np.atleast_1d(v[measure])
        if len(values) == 0:
            return Unavailable(Text("没有客户", "there are no clients"))
        return weighted_quantile(values, 0.5)

    return compute


def _mean_of(amount: Metric) -> Metric:
    assert amount.compute is not None
    return Metric(
        code=f"PER_{amount.code}",
        name=Text(f"户均{amount.name.zh}", f"{amount.name.en} per client"),
        definition=Text(f"{amount.name.zh}除以季末客户数。", f"{amount.name.en} over clients at quarter-end."),
        formula=f"{amount.code} ÷ NCLI",
        unit="money",
        measure_type="ratio",
        direction=amount.direction,
        comparisons=amount.comparisons,
        change="growth",
        style="money_small",
        needs=(*amount.needs, "n_clients"),
        base="n_clients",
        compute=_per_client(amount.compute),
        trap=_MEAN,
        is_signed=amount.is_signed,
    )


def _median_of(amount: Metric) -> Metric:
    return Metric(
        code=f"MED_{amount.code}",
        name=Text(f"{amount.name.zh}中位数", f"Median of {amount.name.en[:1].lower()}{amount.name.en[1:]}"),
        definition=Text(f"客户{amount.name.zh}的中位数。", f"{amount.name.en} of the client in the middle."),
        formula=f"median({amount.needs[0]})",
        unit="money",
        measure_type="stock" if amount.comparisons == ANY_BASE else "average",
        direction=amount.direction,
        comparisons=amount.comparisons,
        change="growth",
        style="money_small",
        needs=amount.needs,
        compute=_median(amount.needs[0]),
        trap=Text("多数客户没有该业务时为零。", "Zero where most clients have none of it."),
        is_signed=amount.is_signed,
        over_clients=True,
    )


PER_CLIENT = registry(
    *(_mean_of(amount) for amount in AMOUNTS.values()),
    *(_median_of(amount) for amount in AMOUNTS.values() if len(amount.needs) == 1 and amount.code != "NOPAT_C"),
    owner=INFORMATION,
)
