"""KPIs of clients that came, left or changed tier since last quarter, and of groups of connected clients."""

import numpy as np

from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.metrics.metric import (
    ANY_BASE,
    CORPORATE,
    INFORMATION,
    PERIOD_BASE,
    Inputs,
    Metric,
    Value,
    divide,
    label_of,
    registry,
    share,
    total,
)

_FIXED_LIST = Text(
    "名单固定在上季末，新增与流失另计；按层级看时须按期初层级分组。",
    "The list is fixed at the last quarter-end, new and lost clients apart; by tier, group by the tier of the opening.",
)


def _stability(v: Inputs) -> Value:
    """Σ (p₁ − p₀) ln (p₁ ÷ p₀) over the rungs of the ladder that hold anybody at either end."""
    ends = [np.atleast_1d(np.asarray(v[name], dtype=np.float64)) for name in ("tier_rank_opening", "tier_rank_now")]
    ends = [ranks[ranks > 0] for ranks in ends]
    if any(not len(ranks) for ranks in ends):
        return Unavailable(Text("没有有层级的客户", "there are no clients with a tier"))
    before, after = (np.array([(ranks == rung).mean() for rung in np.unique(np.concatenate(ends))]) for ranks in ends)
    if not (before * after).all():
        return Unavailable(Text("有层级只在一端有客户", "a tier holds clients at one end only"))
    return float(((after - before) * np.log(after / before)).sum())


MOVEMENT = registry(
    # came and left
    Metric(
        code="NEWCLI",
        name=Text("新增客户", "New clients"),
        definition=Text("本季末未销户、上季末不在或已销户的客户。", "Clients open now that were not last quarter-end."),
        formula="Σ n_new_clients",
        unit="count",
        measure_type="count",
        direction=1,
        comparisons=PERIOD_BASE,
        change="growth",
        style="count",
        needs=("n_new_clients",),
        compute=total("n_new_clients"),
    ),
    Metric(
        code="LOSTCLI",
        name=Text("销户客户", "Clients that closed"),
        definition=Text("上季末未销户、本季末已销户的客户。", "Clients open last quarter-end that are closed now."),
        formula="Σ n_gone_clients",
        unit="count",
        measure_type="count",
        direction=-1,
        comparisons=PERIOD_BASE,
        change="growth",
        style="count",
        needs=("n_gone_clients",),
        compute=total("n_gone_clients"),
        trap=Text("只计销户；仍开户但不再往来的见流失率。", "Closed accounts only; silent ones are in the attrition."),
    ),
    Metric(
        code="NETNEW",
        name=Text("净增客户", "Net new clients"),
        definition=Text(
            "新增客户减销户客户，等于客户数的增减。", "New less closed clients: the change of their number."
        ),
        formula="NEWCLI − LOSTCLI",
        unit="count",
        measure_type="count",
        direction=1,
        comparisons=PERIOD_BASE,
        change="absolute",
        style="count_change",
        needs=("n_new_clients", "n_gone_clients"),
        compute=lambda v: float(v["n_new_clients"] - v["n_gone_clients"]),
        trap=Text("与新增、销户并列，不只看净增。", "Show beside those that came and left."),
        is_signed=True,
    ),
    Metric(
        code="VALCLI_NET",
        name=Text("价值客户净增", "Net new value clients"),
        definition=Text("价值客户新进减退出。", "Value clients that came less those that left."),
        formula="VALCLI_IN − VALCLI_OUT",
        unit="count",
        measure_type="count",
        direction=1,
        comparisons=PERIOD_BASE,
        change="absolute",
        style="count_change",
        needs=("n_value_in", "n_value_out"),
        compute=lambda v: float(v["n_value_in"] - v["n_value_out"]),
        trap=Text("进出须分列，不只看净增。", "Report in and out, not the net only."),
        is_signed=True,
    ),
    Metric(
        code="NCLI_G",
        name=Text("客户数（集团合并）", "Clients, groups counted once"),
        definition=Text(
            "季末未销户客户，同一集团合为一户，不属集团者各计一户。",
            "Open clients at quarter-end, those of one group as one, the others each by itself.",
        ),
        formula="number of groups with n_clients > 0",
        unit="count",
        measure_type="count",
        direction=1,
        comparisons=ANY_BASE,
        change="growth",
        style="count",
        needs=("n_clients",),
        compute=lambda v: float(np.count_nonzero(np.asarray(v["n_clients"]) > 0)),
        trap=Text(
            "与单位口径（NCLI）并列；集团跨分组时各组都计。",
            "Beside the count of entities (NCLI); a group that lies in several groupings counts in each.",
        ),
        over_clients=True,
        by="group_id",
        owner=INFORMATION,
    ),
    # up and down the tiers
    Metric(
        code="UPR",
        name=Text("升级率", "Up-rate"),
        definition=Text(
            "上季末有层级的客户中，本季末层级更高的比例。",
            "Of clients with a tier last quarter-end, those now in a higher one.",
        ),
        formula="Σ n_moved_up ÷ Σ n_tier_opening",
        unit="ratio",
        measure_type="ratio",
        direction=1,
        comparisons=PERIOD_BASE,
        change="points",
        style="percent_1",
        needs=("n_moved_up", "n_tier_opening"),
        base="n_tier_opening",
        compute=share("n_moved_up", "n_tier_opening"),
        trap=_FIXED_LIST,
    ),
    Metric(
        code="DNR",
        name=Text("降级率", "Down-rate"),
        definition=Text(
            "上季末有层级的客户中，本季末层级更低的比例。",
            "Of clients with a tier last quarter-end, those now in a lower one.",
        ),
        formula="Σ n_moved_down ÷ Σ n_tier_opening",
        unit="ratio",
        measure_type="ratio",
        direction=-1,
        comparisons=PERIOD_BASE,
        change="points",
        style="percent_1",
        needs=("n_moved_down", "n_tier_opening"),
        base="n_tier_opening",
        compute=share("n_moved_down", "n_tier_opening"),
        trap=_FIXED_LIST,
    ),
    Metric(
        code="LCHURN",
        name=Text("标签变动率", "Label churn"),
        definition=Text(
            "两季末均有层级的客户中，层级不同的比例。", "Of clients with a tier at both ends, those in another one."
        ),
        formula="(Σ n_moved_up + Σ n_moved_down) ÷ Σ n_tier_both",
        unit="ratio",
        measure_type="ratio",
        direction=-1,
        comparisons=PERIOD_BASE,
        change="points",
        style="percent_1",
        needs=("n_moved_up", "n_moved_down", "n_tier_both"),
        compute=lambda v: divide(v["n_moved_up"] + v["n_moved_down"], v["n_tier_both"], label_of("n_tier_both")),
        trap=Text(
            "现行层级；模型分段的变动率由分段研究给出。", "Of the tiers in force; that of a model comes from its study."
        ),
    ),
    Metric(
        code="PSI_SEG",
        name=Text("客群结构稳定度", "Stability of the mix"),
        definition=Text(
            "各层级客户占比较上季末变化的 PSI。",
            "Population stability index of the shares of clients by tier since last quarter-end.",
        ),
        formula="Σ (p₁ − p₀) ln (p₁ ÷ p₀)",
        unit="index",
        measure_type="ratio",
        direction=-1,
        comparisons=PERIOD_BASE,
        change="absolute",
        style="decimal_3",
        needs=("tier_rank_opening", "tier_rank_now"),
        compute=_stability,
        trap=Text("只看占比，互换层级的客户看不出。", "Sees shares only: clients that swap tiers leave it at zero."),
        over_clients=True,
        owner=INFORMATION,
    ),
    owner=CORPORATE,
)
