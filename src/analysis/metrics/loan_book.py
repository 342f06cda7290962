"""KPIs of concentration, and of books of loans whose outcome is known."""

import numpy as np

from analysis.core.numerics import gini, hhi
from analysis.core.text import Text
from analysis.metrics.metric import (
    ANY_BASE,
    NO_BASE,
    PERIOD_BASE,
    RISK,
    Inputs,
    Metric,
    Value,
    divide,
    label_of,
    registry,
    share,
    total,
)

NET_CAPITAL = Text("资本净额", "net capital")
TIER_1 = Text("一级资本净额", "tier 1 capital")
_EXPOSURE = Text(
    "敞口为贷款、承兑、保函减保证金，未计转换系数与合格缓释；上限以现行办法为准。",
    "Exposure is loans, acceptances and guarantees less cash margin, without conversion factors or other mitigants; "
    "check the limits in the text in force.",
)


def _largest(v: Inputs, n_clients: int) -> Value:
    return divide(float(np.sort(v["loan_end"])[-n_clients:].sum()), v["net_capital"], NET_CAPITAL)


def _ten_of_loans(v: Inputs) -> Value:
    loans = np.sort(v["loan_end"])
    return divide(float(loans[-10:].sum()), float(loans.sum()), label_of("loan_end"))


def _largest_exposure(v: Inputs) -> Value:
    held = np.atleast_1d(v["exposure"])
    return divide(float(held.max()) if len(held) else 0.0, v["tier1_capital"], TIER_1)


def _large_exposures(v: Inputs) -> Value:
    if v["tier1_capital"] <= 0:
        return divide(0.0, v["tier1_capital"], TIER_1)
    return float(np.count_nonzero(np.atleast_1d(v["exposure"]) > v["large_exposure_share"] * v["tier1_capital"]))


def _unknown(v: Inputs) -> Value:
    return divide(v["n_loans"] - v["n_known"], v["n_loans"], label_of("n_loans"))


LOAN_BOOK = registry(
    # concentration
    Metric(
        code="SINGLE",
        name=Text("单一客户贷款集中度", "Largest borrower"),
        definition=Text("最大客户贷款余额除以资本净额。", "Loans of the largest client over net capital."),
        formula="max loan_end ÷ net capital",
        unit="ratio",
        measure_type="ratio",
        direction=-1,
        comparisons=ANY_BASE,
        change="points",
        style="percent",
        needs=("loan_end",),
        compute=lambda v: _largest(v, 1),
        trap=Text("监管上限 10%，以现行办法为准。", "Supervisory limit 10%; check the text in force."),
        over_clients=True,
        bank=("net_capital",),
    ),
    Metric(
        code="TOP10",
        name=Text("前十大客户贷款集中度", "Ten largest borrowers"),
        definition=Text("最大十户贷款余额除以资本净额。", "Loans of the ten largest clients over net capital."),
        formula="Σ ten largest loan_end ÷ net capital",
        unit="ratio",
        measure_type="ratio",
        direction=-1,
        comparisons=ANY_BASE,
        change="points",
        style="percent",
        needs=("loan_end",),
        compute=lambda v: _largest(v, 10),
        over_clients=True,
        bank=("net_capital",),
        trap=Text("请以现行办法核对口径与上限。", "Check scope and limit in the text in force."),
    ),
    Metric(
        code="LEX_S",
        name=Text("最大单一客户风险暴露", "Largest exposure to a client"),
        definition=Text("最大客户授信敞口除以一级资本净额。", "Exposure to the largest client over tier 1 capital."),
        formula="max exposure ÷ tier 1 capital",
        unit="ratio",
        measure_type="ratio",
        direction=-1,
        comparisons=ANY_BASE,
        change="points",
        style="percent",
        needs=("exposure",),
        compute=_largest_exposure,
        trap=_EXPOSURE,
        over_clients=True,
        bank=("tier1_capital",),
    ),
    Metric(
        code="LEX_G",
        name=Text("最大集团客户风险暴露", "Largest exposure to a group"),
        definition=Text(
            "最大集团（各成员合并，不属集团者单列）授信敞口除以一级资本净额。",
            "Exposure to the largest group, its members together and others by themselves, over tier 1 capital.",
        ),
        formula="max Σ exposure of a group ÷ tier 1 capital",
        unit="ratio",
        measure_type="ratio",
        direction=-1,
        comparisons=ANY_BASE,
        change="points",
        style="percent",
        needs=("exposure",),
        compute=_largest_exposure,
        trap=_EXPOSURE,
        over_clients=True,
        by="group_id",
        bank=("tier1_capital",),
    ),
    Metric(
        code="LEX_N",
        name=Text("大额风险暴露户数", "Large exposures"),
        definition=Text(
            "集团合并后授信敞口超过一级资本净额规定比例的户数。",
            "Groups and single clients whose exposure passes the stated share of tier 1 capital.",
        ),
        formula="number of exposures > large_exposure_share × tier 1 capital",
        unit="count",
        measure_type="count",
        direction=-1,
        comparisons=ANY_BASE,
        change="growth",
        style="count",
        needs=("exposure",),
        compute=_large_exposures,
        trap=_EXPOSURE,
        over_clients=True,
        by="group_id",
        bank=("tier1_capital",),
    ),
    Metric(
        code="TOP10_LOAN",
        name=Text("前十大客户贷款占比", "Ten largest borrowers, share of loans"),
        definition=Text("最大十户贷款余额占贷款总额的比例。", "Loans of the ten largest clients over loans."),
        formula="Σ ten largest loan_end ÷ Σ loan_end",
        unit="ratio",
        measure_type="ratio",
        direction=-1,
        comparisons=ANY_BASE,
        change="points",
        style="percent",
        needs=("loan_end",),
        compute=_ten_of_loans,
        over_clients=True,
    ),
    Metric(
        code="HHI",
        name=Text("贷款行业集中度", "Concentration of loans by industry"),
        definition=Text("各行业门类贷款占比的平方和。", "Sum of squared shares of loans by industry section."),
        formula="Σ s²",
        unit="index",
        measure_type="ratio",
        direction=-1,
        comparisons=ANY_BASE,
        change="absolute",
        style="decimal_3",
        needs=("loan_end",),
        compute=lambda v: hhi(v["loan_end"]),
        trap=Text("行业缺失的客户合为一类。", "Clients without an industry count as one."),
        over_clients=True,
        by="industry",
    ),
    Metric(
        code="GINI_LOAN",
        name=Text("贷款基尼系数", "Gini coefficient of loans"),
        definition=Text("有贷款客户贷款余额的基尼系数。", "Gini of loans over borrowers."),
        formula="Σ (2i − n − 1) x₍ᵢ₎ ÷ (n Σ x)",
        unit="index",
        measure_type="ratio",
        direction=0,
        comparisons=ANY_BASE,
        change="absolute",
        style="decimal_2",
        needs=("loan_end",),
        compute=lambda v: gini(v["loan_end"][v["loan_end"] > 0]),
        over_clients=True,
    ),
    # the loan book of a source with outcomes
    Metric(
        code="N_LOAN",
        name=Text("贷款笔数", "Loans"),
        definition=Text("截至季末累计发放的贷款笔数。", "Loans granted up to quarter-end."),
        formula="Σ n_loans",
        unit="count",
        measure_type="count",
        direction=0,
        comparisons=ANY_BASE,
        change="growth",
        style="count",
        needs=("n_loans",),
        compute=total("n_loans"),
    ),
    Metric(
        code="APPR_AMT",
        name=Text("批准金额", "Amount approved"),
        definition=Text("截至季末累计批准金额。", "Amount approved up to quarter-end."),
        formula="Σ approved_amount",
        unit="money",
        measure_type="stock",
        direction=0,
        comparisons=ANY_BASE,
        change="growth",
        style="money_large",
        needs=("approved_amount",),
        compute=total("approved_amount"),
    ),
    Metric(
        code="N_NEW",
        name=Text("本季新发放笔数", "Loans granted in the quarter"),
        definition=Text("当季发放的贷款笔数。", "Loans granted in the quarter."),
        formula="Σ n_new_loans",
        unit="count",
        measure_type="count",
        direction=1,
        comparisons=PERIOD_BASE,
        change="growth",
        style="count",
        needs=("n_new_loans",),
        compute=total("n_new_loans"),
    ),
    Metric(
        code="NEW_AMT",
        name=Text("本季新发放金额", "Amount granted in the quarter"),
        definition=Text("当季发放的贷款金额。", "Amount granted in the quarter."),
        formula="Σ new_amount",
        unit="money",
        measure_type="flow",
        direction=1,
        comparisons=PERIOD_BASE,
        change="growth",
        style="money_large",
        needs=("new_amount",),
        compute=total("new_amount"),
    ),
    Metric(
        code="DEF_R",
        name=Text("核销率（按笔数）", "Charge-off rate by number"),
        definition=Text("已核销笔数除以结果已知笔数。", "Loans charged off over loans with a known outcome."),
        formula="Σ n_charged_off ÷ Σ n_known",
        unit="ratio",
        measure_type="ratio",
        direction=-1,
        comparisons=NO_BASE,
        change="points",
        style="percent",
        needs=(
            "n_charged_off",
            "n_known",
        ),
        compute=share("n_charged_off", "n_known"),
        trap=Text(
            "结果未知的贷款不在分母；近年发放的多数未知。",
            "Loans without a known outcome are left out; most recent ones are.",
        ),
    ),
    Metric(
        code="UNK_R",
        name=Text("结果未知占比", "Share with unknown outcome"),
        definition=Text("结果尚未知的贷款占全部笔数的比例。", "Loans whose outcome is not known over all loans."),
        formula="1 − Σ n_known ÷ Σ n_loans",
        unit="ratio",
        measure_type="ratio",
        direction=-1,
        comparisons=NO_BASE,
        change="points",
        style="percent",
        needs=(
            "n_known",
            "n_loans",
        ),
        compute=_unknown,
    ),
    Metric(
        code="LOSS_R",
        name=Text("损失率（按金额）", "Loss rate by amount"),
        definition=Text(
            "核销本金除以结果已知贷款的批准金额。",
            "Principal charged off over the amount approved of loans with a known outcome.",
        ),
        formula="Σ charged_off_amount ÷ Σ approved_known",
        unit="ratio",
        measure_type="ratio",
        direction=-1,
        comparisons=NO_BASE,
        change="points",
        style="percent",
        needs=(
            "charged_off_amount",
            "approved_known",
        ),
        compute=share("charged_off_amount", "approved_known"),
    ),
    owner=RISK,
)
