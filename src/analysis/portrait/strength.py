"""How strong firms are, apart from how large: strong, middling or weak by equity and profit, by size class."""

from collections.abc import Mapping
from typing import Literal, get_args

import pandas as pd

from analysis.core.estimate import Estimate, Unavailable
from analysis.core.text import Text
from analysis.intake.policy import Policy
from analysis.portrait.grouping import Grouping
from analysis.portrait.rates import wilson

Strength = Literal["strong", "middling", "weak"]
GRADES: tuple[Strength, ...] = get_args(Strength)
FEW = Unavailable(Text("有数据的客户少于披露下限", "fewer clients with data than the disclosure limit"))


def strength(equity_ratio: "pd.Series[float]", margin: "pd.Series[float]", policy: Policy) -> pd.Series:
    """Strength of each firm, missing where one of the two ratios is.

    Parameters
    ----------
    equity_ratio : equity ÷ assets, index client_id
    margin : net profit ÷ revenue

    Notes
    -----
    Strong when both reach their limit, weak when either is below its own, middling between. A limit belongs to the
    better grade. Size plays no part: scale and strength are reported apart.
    """
    strong = (equity_ratio >= policy.number("strength_equity_strong")) & (
        margin >= policy.number("strength_margin_strong")
    )
    weak = (equity_ratio < policy.number("strength_equity_weak")) | (margin < policy.number("strength_margin_weak"))
    grade = pd.Series("middling", index=equity_ratio.index, dtype="str").mask(strong, "strong").mask(weak, "weak")
    return grade.where(equity_ratio.notna() & margin.notna())


def strength_grid(
    grades: pd.Series, grouping: Grouping, *, minimum: int, everyone: str
) -> Mapping[Strength, Mapping[str, Estimate | Unavailable]]:
    """Share of each grade among the firms with both ratios, by size class and of all clients.

    Parameters
    ----------
    grades : index client_id, missing where not known
    everyone : code under which the share of all clients stands
    """
    known = grades.dropna()
    codes = grouping.codes.reindex(known.index)
    parts = {group.code: known[codes == group.code] for group in grouping.groups} | {everyone: known}
    return {
        grade: {
            code: wilson(int((part == grade).sum()), len(part)) if len(part) >= minimum else FEW
            for code, part in parts.items()
        }
        for grade in GRADES
    }
