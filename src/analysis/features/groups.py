"""Client groups by a column of the register, with their names in words."""

from collections.abc import Mapping

import pandas as pd

from analysis.core.errors import ParameterError
from analysis.core.text import Text
from analysis.intake.portfolio import Portfolio
from analysis.intake.reference import industry_names, region_names

UNCLASSIFIED = "unclassified"
"""Code of the clients without a value; never left out of a table."""

DIMENSIONS: dict[str, Text] = {
    "industry": Text("行业", "industry"),
    "region": Text("地区", "region"),
    "region_tier": Text("地区层级", "region tier"),
    "size_class": Text("规模", "size"),
    "ownership": Text("所有制", "ownership"),
    "stage": Text("发展阶段", "life-cycle stage"),
    "entity_type": Text("主体类型", "entity type"),
    "tier": Text("现行层级", "tier in force"),
    "branch_id": Text("分行", "branch"),
}
"""Columns by which clients can be grouped."""

WORDS: dict[str, dict[str, Text]] = {
    "region_tier": {
        "core": Text("核心城市", "core city"),
        "coastal": Text("沿海及发达城市", "coastal and developed cities"),
        "inland": Text("内陆城市", "inland cities"),
        "county": Text("县域", "counties"),
    },
    "size_class": {
        "L": Text("大型", "large"),
        "M": Text("中型", "medium"),
        "S": Text("小型", "small"),
        "X": Text("微型", "micro"),
        "I": Text("规则外（机关、事业单位、金融业等）", "outside the rule (public bodies, finance …)"),
    },
    "ownership": {
        "private": Text("民营", "private"),
        "state": Text("国有", "state-owned"),
        "foreign": Text("外资及港澳台", "overseas-funded"),
        "institution": Text("机关事业单位", "public institutions"),
    },
    "stage": {
        "startup": Text("初创", "start-up"),
        "growth": Text("成长", "growth"),
        "mature": Text("成熟", "mature"),
        "decline": Text("衰退", "decline"),
        "established": Text("存续企业", "established"),
        "not_applicable": Text("不适用", "not applicable"),
    },
    "entity_type": {
        "enterprise": Text("企业", "enterprises"),
        "institution": Text("事业单位", "institutions"),
        "government": Text("政府机关", "government bodies"),
        "association": Text("社会团体", "associations"),
        "sole_proprietor": Text("个体工商户", "sole proprietors"),
        "individual": Text("个人", "individuals"),
    },
}
"""Words for the coded values of the data contract; industries and regions are named by the reference data."""

UNCLASSIFIED_WORDS = {
    "size_class": Text("未知", "unknown"),
}


def group_codes(portfolio: Portfolio, clients: pd.DataFrame, by: str) -> pd.Series:
    """Group of each client, `unclassified` where it has none or one that its closed list lacks, index as `clients`.

    Parameters
    ----------
    clients : index client_id
    by : a key of DIMENSIONS

    Notes
    -----
    Closed are the words of the data contract, industry schemes and the states of the United States. A Chinese bank
    writes its own regions: those stay as they are, whether or not the reference has a name in two languages for them.
    """
    if by not in DIMENSIONS:
        raise ParameterError(f"Clients cannot be grouped by {by!r}.", hint=f"Choose from {', '.join(DIMENSIONS)}.")
    if by not in clients.columns:
        return pd.Series(UNCLASSIFIED, index=clients.index, name=by, dtype="str")
    codes = clients[by].astype("str")
    known = {} if by == "region" and portfolio.industry_scheme != "naics" else _names(portfolio, by)
    is_known = codes.notna() & (codes.isin(list(known)) if known else codes.str.strip() != "")
    return codes.where(is_known, UNCLASSIFIED).rename(by)


def group_label(portfolio: Portfolio, by: str, code: str) -> Text:
    """Name of a group in words; a code that carries its own name stays as it is."""
    if code == UNCLASSIFIED:
        return UNCLASSIFIED_WORDS.get(by, Text("未分类", "unclassified"))
    return _names(portfolio, by).get(code, Text(code, code))


def _names(portfolio: Portfolio, by: str) -> Mapping[str, Text]:
    if by == "industry":
        return industry_names(portfolio.industry_scheme)
    if by == "region":
        return region_names(portfolio.industry_scheme)
    return WORDS.get(by, {})


def group_order(by: str) -> tuple[str, ...]:
    """Codes in their natural order, for coded columns that have one; empty for the others (then by size)."""
    ordered = by in ("size_class", "stage", "region_tier")
    return tuple(WORDS[by]) if ordered else ()
