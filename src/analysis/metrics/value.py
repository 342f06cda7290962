"""KPIs of value: contribution, capital, return, and how much hangs on few clients."""

from analysis.core.estimate import Unavailable
from analysis.core.numerics import gini, top_share, weighted_quantile
from analysis.core.text import Text
from analysis.metrics.metric import (
    CORPORATE,
    FINANCE,
    INFORMATION,
    PERIOD_BASE,
    RISK,
    TREASURY,
    Inputs,
    Metric,
    Value,
    annual,
    divide,
    label_of,
    nopat,
    on_clients,
    registry,
    share,
    total,
)


def _eva(v: Inputs, contribution: str = "contribution", capital: str = "economic_capital") -> float:
    return nopat(v, contribution) - float(v[capital] * v["cost_of_capital"] / annual(v))


def _raroc(v: Inputs) -> Value:
    return divide(
        nopat(v, "contribution_with_capital") * annual(v),
        v["capital_with_capital"],
        label_of("capital_with_capital"),
    )


def _return_on(v: Inputs, base: str) -> Value:
    return divide(nopat(v) * annual(v), v[base], label_of(base))


def _nopat_without_capital(v: Inputs) -> float:
    return nopat(v) - nopat(v, "contribution_with_capital")


def _median(v: Inputs, measure: str) -> Value:
    values = v[measure]
    if len(values) == 0:
        return Unavailable(Text("没有客户", "there are no clients"))
    return weighted_quantile(values, 0.5)


VALUE = registry(
    # value and capital
    Metric(
        code="EL",
        owner=RISK,
        name=Text("预期损失（一年）", "Expected loss, one year"),
        definition=Text(
            "正常与关注类贷款的违约概率 × 违约损失率 × 余额，取各月末按天数加权平均；不良贷款的损失已入准备，不再计。",
            "Default probability × loss given default × balance of loans that are not bad, month-ends weighted by "
            "days; losses on bad loans are in the allowance already.",
        ),
        formula="Σ PD × LGD × EAD",
        unit="money",
        measure_type="model",
        direction=-1,
        comparisons=PERIOD_BASE,
        change="growth",
        style="money_large",
        needs=("expected_loss_year",),
        compute=total("expected_loss_year"),
        trap=Text("不同于会计预期信用损失。", "Not the accounting expected credit loss."),
    ),
    Metric(
        code="RWA",
        name=Text("风险加权资产", "Risk-weighted assets"),
        definition=Text(
            "贷款余额乘风险权重，加表外信用等价额扣除保证金后乘权重，取季均。",
            "Loans times risk weight, plus off-balance credit equivalents net of margin times weight, quarter average.",
        ),
        formula="avg Σ balance × weight + avg Σ max(CCF × off-balance − margin, 0) × weight",
        unit="money",
        measure_type="average",
        direction=0,
        comparisons=PERIOD_BASE,
        change="growth",
        style="money_large",
        needs=("rwa",),
        compute=total("rwa"),
    ),
    Metric(
        code="EC",
        name=Text("经济资本", "Economic capital"),
        definition=Text("季均风险加权资产乘资本占用比例。", "Average risk-weighted assets times the capital ratio."),
        formula="RWA × capital ratio",
        unit="money",
        measure_type="average",
        direction=0,
        comparisons=PERIOD_BASE,
        change="growth",
        style="money_large",
        needs=("economic_capital",),
        compute=total("economic_capital"),
        trap=Text("取季均，不取时点。", "The average, not the period end."),
    ),
    Metric(
        code="RWA_DENS",
        name=Text("风险加权资产密度", "Density of risk-weighted assets"),
        definition=Text("风险加权资产占违约风险暴露的比例。", "Risk-weighted assets over exposure at default."),
        formula="RWA ÷ EAD",
        unit="ratio",
        measure_type="ratio",
        direction=-1,
        comparisons=PERIOD_BASE,
        change="points",
        style="percent",
        needs=("rwa", "exposure_at_default"),
        base="exposure_at_default",
        compute=share("rwa", "exposure_at_default"),
    ),
    Metric(
        code="CONTRIB",
        owner=FINANCE,
        name=Text("综合贡献（税前）", "Contribution before tax"),
        definition=Text(
            "营业净收入减税金及附加、服务成本和当季预期损失。",
            "Operating revenue less surcharges, cost to serve and the quarter's expected loss.",
        ),
        formula="OPREV − surcharges − CTS − EL × D ÷ 365",
        unit="money",
        measure_type="flow",
        direction=1,
        comparisons=PERIOD_BASE,
        change="growth",
        style="money_large",
        needs=("contribution",),
        compute=total("contribution"),
        is_signed=True,
        trap=Text("金额口径，不与积分口径混用。", "An amount; never mixed with a points score."),
    ),
    Metric(
        code="NOPAT_C",
        owner=FINANCE,
        name=Text("风险调整后税后利润", "Risk-adjusted profit after tax"),
        definition=Text("综合贡献扣所得税。", "Contribution less income tax."),
        formula="CONTRIB × (1 − t)",
        unit="money",
        measure_type="flow",
        direction=1,
        comparisons=PERIOD_BASE,
        change="growth",
        style="money_large",
        needs=("contribution",),
        compute=nopat,
        is_signed=True,
    ),
    Metric(
        code="RAROC",
        name=Text("风险调整资本回报率", "Risk-adjusted return on capital"),
        definition=Text(
            "占用资本客户的税后利润年化后除以其季均经济资本；几乎不占用资本的客户单列（NOPAT_NC）。",
            "Profit after tax of clients that use capital, annualised, over their average economic capital; "
            "clients that use next to none are reported apart (NOPAT_NC).",
        ),
        formula="NOPAT_C[EC ≥ minimum] × 365 ÷ D ÷ EC[EC ≥ minimum]",
        unit="ratio",
        measure_type="ratio",
        direction=1,
        comparisons=PERIOD_BASE,
        change="points",
        style="percent",
        needs=("contribution_with_capital", "capital_with_capital"),
        base="capital_with_capital",
        compute=_raroc,
        trap=Text(
            "客户级口径：含存款与中收，不是单笔贷款的回报；高于零但低于资本成本仍在消耗价值。",
            "By client: deposits and fees count, unlike the return on one loan; "
            "above zero but under the cost of capital it still destroys value.",
        ),
    ),
    Metric(
        code="RAROC_ALL",
        name=Text("全客户资本回报率", "Return on capital, all clients"),
        definition=Text(
            "全部客户的税后利润年化后除以经济资本。",
            "Profit after tax of all clients, annualised, over economic capital.",
        ),
        formula="NOPAT_C × 365 ÷ D ÷ EC",
        unit="ratio",
        measure_type="ratio",
        direction=1,
        comparisons=PERIOD_BASE,
        change="points",
        style="percent",
        needs=("contribution", "economic_capital"),
        base="economic_capital",
        compute=lambda v: _return_on(v, "economic_capital"),
        trap=Text(
            "含不占用资本的存款客户，高于 RAROC。",
            "Includes deposit clients that use no capital, so it lies above RAROC.",
        ),
    ),
    Metric(
        code="NOPAT_NC",
        owner=FINANCE,
        name=Text("不占用资本客户的税后利润", "Profit after tax of clients without capital"),
        definition=Text(
            "经济资本低于最小值的客户单列。", "Clients whose economic capital is under the minimum, reported apart."
        ),
        formula="NOPAT_C − NOPAT_C[EC ≥ minimum]",
        unit="money",
        measure_type="flow",
        direction=1,
        comparisons=PERIOD_BASE,
        change="growth",
        style="money_large",
        needs=("contribution", "contribution_with_capital"),
        compute=_nopat_without_capital,
        is_signed=True,
    ),
    Metric(
        code="EVA",
        name=Text("经济增加值", "Economic value added"),
        definition=Text(
            "全部客户的税后利润减经济资本的成本。", "Profit after tax of all clients less the cost of their capital."
        ),
        formula="NOPAT_C − EC × CoC × D ÷ 365",
        unit="money",
        measure_type="flow",
        direction=1,
        comparisons=PERIOD_BASE,
        change="growth",
        style="money_large",
        needs=("contribution", "economic_capital"),
        compute=_eva,
        is_signed=True,
        trap=Text(
            "等于（RAROC_ALL − 资本成本率）× EC × D ÷ 365。", "Equals (RAROC_ALL − cost of capital) × EC × D ÷ 365."
        ),
    ),
    Metric(
        code="EVA_C",
        name=Text("占用资本客户的经济增加值", "Economic value added of clients that use capital"),
        definition=Text(
            "占用资本客户的税后利润减其资本成本。", "Profit after tax of clients that use capital less its cost."
        ),
        formula="NOPAT_C[EC ≥ minimum] − EC[EC ≥ minimum] × CoC × D ÷ 365",
        unit="money",
        measure_type="flow",
        direction=1,
        comparisons=PERIOD_BASE,
        change="growth",
        style="money_large",
        needs=("contribution_with_capital", "capital_with_capital"),
        compute=lambda v: _eva(v, "contribution_with_capital", "capital_with_capital"),
        is_signed=True,
        trap=Text("等于（RAROC − 资本成本率）× EC × D ÷ 365。", "Equals (RAROC − cost of capital) × EC × D ÷ 365."),
    ),
    Metric(
        code="RORWA",
        name=Text("风险加权资产回报", "Return on risk-weighted assets"),
        definition=Text(
            "税后利润年化后除以季均风险加权资产。", "Profit after tax, annualised, over average risk-weighted assets."
        ),
        formula="NOPAT_C × 365 ÷ D ÷ RWA",
        unit="ratio",
        measure_type="ratio",
        direction=1,
        comparisons=PERIOD_BASE,
        change="points",
        style="percent",
        needs=("contribution", "rwa"),
        base="rwa",
        compute=lambda v: _return_on(v, "rwa"),
    ),
    Metric(
        code="LDR_C",
        owner=CORPORATE,
        name=Text("存款派生率", "Deposits per loan"),
        definition=Text("客户存款日均除以贷款日均。", "Average deposits over average loans of the clients."),
        formula="Σ deposit_avg ÷ Σ loan_avg",
        unit="ratio",
        measure_type="ratio",
        direction=1,
        comparisons=PERIOD_BASE,
        change="points",
        style="percent",
        needs=("deposit_avg", "loan_avg"),
        base="loan_avg",
        compute=share("deposit_avg", "loan_avg"),
        trap=Text("与银行存贷比方向相反。", "The reverse of a bank's loan-to-deposit ratio."),
    ),
    # a client, and concentration
    Metric(
        code="PER_DEP",
        owner=INFORMATION,
        name=Text("户均存款", "Deposits per client"),
        definition=Text("存款日均除以季末客户数。", "Average deposits over clients at quarter-end."),
        formula="DEP_ADB ÷ NCLI",
        unit="money",
        measure_type="ratio",
        direction=1,
        comparisons=PERIOD_BASE,
        change="growth",
        style="money_small",
        needs=("deposit_avg", "n_clients"),
        base="n_clients",
        compute=share("deposit_avg", "n_clients"),
        trap=Text("受大户左右，与中位数并列。", "Driven by a few; print the median beside it."),
    ),
    Metric(
        code="MED_DEP",
        owner=INFORMATION,
        name=Text("存款中位数", "Median deposits of a client"),
        definition=Text("客户存款日均的中位数。", "Median of clients' average deposits."),
        formula="median(deposit_avg)",
        unit="money",
        measure_type="average",
        direction=1,
        comparisons=PERIOD_BASE,
        change="growth",
        style="money_small",
        needs=("deposit_avg",),
        compute=lambda v: _median(v, "deposit_avg"),
        over_clients=True,
    ),
    Metric(
        code="GINI",
        owner=INFORMATION,
        name=Text("综合贡献基尼系数", "Gini coefficient of contribution"),
        definition=Text(
            "综合贡献在客户间的基尼系数；负值客户过多时不给出。",
            "Gini of contribution over clients; not given when too many are negative.",
        ),
        formula="Σ (2i − n − 1) x₍ᵢ₎ ÷ (n Σ x)",
        unit="index",
        measure_type="ratio",
        direction=0,
        comparisons=PERIOD_BASE,
        change="absolute",
        style="decimal_2",
        needs=("contribution",),
        compute=on_clients(gini, "contribution"),
        over_clients=True,
        trap=Text(
            "负值客户超过二十分之一时看累计贡献曲线。",
            "With more than a twentieth negative read the cumulative curve instead.",
        ),
    ),
    Metric(
        code="TOP20",
        owner=INFORMATION,
        name=Text("前 20% 客户贡献占比", "Share of contribution from the top fifth"),
        definition=Text(
            "贡献最高的五分之一客户占综合贡献净额的比例。",
            "What the best fifth of clients bring, as a share of net contribution.",
        ),
        formula="Σ top fifth of contribution ÷ Σ contribution",
        unit="ratio",
        measure_type="ratio",
        direction=0,
        comparisons=PERIOD_BASE,
        change="points",
        style="percent_1",
        needs=("contribution",),
        compute=on_clients(lambda values: top_share(values, 0.2), "contribution"),
        over_clients=True,
        trap=Text("有亏损客户时可超过 100%。", "Passes 100% when others lose money."),
    ),
    Metric(
        code="GINI_DEP",
        owner=INFORMATION,
        name=Text("存款基尼系数", "Gini coefficient of deposits"),
        definition=Text("存款日均在客户间的基尼系数。", "Gini of average deposits over clients."),
        formula="Σ (2i − n − 1) x₍ᵢ₎ ÷ (n Σ x)",
        unit="index",
        measure_type="ratio",
        direction=0,
        comparisons=PERIOD_BASE,
        change="absolute",
        style="decimal_2",
        needs=("deposit_avg",),
        compute=on_clients(gini, "deposit_avg"),
        over_clients=True,
    ),
    Metric(
        code="TOP20_DEP",
        owner=INFORMATION,
        name=Text("前 20% 客户存款占比", "Share of deposits from the top fifth"),
        definition=Text(
            "存款最多的五分之一客户占存款日均的比例。", "What the largest fifth of depositors hold of average deposits."
        ),
        formula="Σ top fifth of deposit_avg ÷ Σ deposit_avg",
        unit="ratio",
        measure_type="ratio",
        direction=0,
        comparisons=PERIOD_BASE,
        change="points",
        style="percent_1",
        needs=("deposit_avg",),
        compute=on_clients(lambda values: top_share(values, 0.2), "deposit_avg"),
        over_clients=True,
    ),
    owner=TREASURY,
)
