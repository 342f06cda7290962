"""What a source with few tables cannot show: all reasons in one paragraph, so that a page is not full of them."""

from collections.abc import Mapping

from analysis.core.blocks import Paragraph
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.present.numbers import with_numerals_as_facts

PARTS: Mapping[str, Text] = {
    "basics": Text("四项基本特征", "four basic features"),
    "activity": Text("客户活跃度", "activity of clients"),
    "stages": Text("发展阶段变动", "moves between life-cycle stages"),
    "preference": Text("新兴产品与渠道偏好", "preference for products and channels"),
    "dependence": Text("各口径集中度", "concentration by every cut"),
    "tiers": Text("现行分层诊断", "diagnosis of the tiers in force"),
    "revenue": Text("营业净收入的量价拆分", "operating revenue by price and volume"),
    "bridge": Text("分层级变动", "changes by tier"),
    "return": Text("资本回报的结构与水平", "structure and rate of the return on capital"),
    "quarter_end": Text("季末时点偏离", "gap at quarter-end"),
    "appetite": Text("风险承受能力与偏好", "capacity and appetite for risk"),
    "output": Text("网点与人均单产", "output of outlets and people"),
    "remarks": Text("财务报表提示", "remarks on statements"),
    "markets": Text("市场份额", "market share"),
}
"""What the parts are called."""


def absent_parts(chapter: str, parts: Mapping[str, object]) -> tuple[Paragraph, ...]:
    """One caution that names the parts left out and why; nothing where all are there.

    Parameters
    ----------
    parts : results by key of PARTS; those that are `Unavailable` are named
    """
    missing = [(PARTS[key], part.reason) for key, part in parts.items() if isinstance(part, Unavailable)]
    if not missing:
        return ()
    zh = "；".join(f"{name.zh}（{reason.zh}）" for name, reason in missing)
    en = "; ".join(f"{name.en} ({reason.en})" for name, reason in missing)
    text = Text(f"本章未列：{zh}。", f"Left out of this chapter: {en}.")
    return (Paragraph(f"absent_{chapter}", with_numerals_as_facts(chapter, "absent", text), role="caution"),)
