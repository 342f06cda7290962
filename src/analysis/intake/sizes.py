"""Size class of every client, by the rule that fits where the firms are."""

from typing import TYPE_CHECKING

from analysis.core.text import Text
from analysis.intake.policy import Policy
from analysis.intake.reference import reference_file

if TYPE_CHECKING:
    import pandas as pd

SIZE_RULES = {
    "gbt4754": Text(
        "《统计上大中小微型企业划分办法（2017）》；规则以外的客户单列",
        "statistical size rule of 2017 (large, medium, small, micro); clients outside the rule are kept apart",
    ),
    "naics": Text(
        "按从业人员划分（本项目口径，中国统计规模划分办法不适用于美国企业）；从业人员为零视为未知",
        "staff bands of this project (the Chinese statistical rule does not apply to US firms); no staff is unknown",
    ),
    "none": Text("数据不含划分规模的依据，未划分", "the data hold nothing to size clients by: not sized"),
}
"""By which rule clients are sized, by industry scheme."""


def add_size(clients: "pd.DataFrame", *, industry_scheme: str, policy: Policy) -> "pd.DataFrame":
    """The clients with `size_class` (L, M, S, X, I or missing) and `size_reason` (empty, or why it is missing)."""
    if industry_scheme == "naics":
        return _by_staff(clients, policy)
    if industry_scheme == "none":
        return clients.assign(size_class=_words(clients, None), size_reason=_words(clients, "no size rule"))
    return _by_rule_of_2017(clients)


def _words(clients: "pd.DataFrame", word: str | None) -> "pd.Series[str]":
    import pandas as pd

    return pd.Series([word] * len(clients), index=clients.index, dtype="str")


def _by_rule_of_2017(clients: "pd.DataFrame") -> "pd.DataFrame":
    from analysis.intake.size_rule import read_size_rule, size_class

    rule = read_size_rule(reference_file("nbs_enterprise_size_2017.csv"))
    classes, reasons = size_class(
        clients["industry_division"],
        clients["staff"],
        clients["revenue"],
        clients["assets"],
        rule,
        entity_type=clients["entity_type"],
    )
    return clients.assign(size_class=classes.astype("str"), size_reason=reasons.astype("str"))


def _by_staff(clients: "pd.DataFrame", policy: Policy) -> "pd.DataFrame":
    import numpy as np
    import pandas as pd

    bands = policy.table("staff_bands")
    bounds = [band["below"] for band in bands[:-1]]
    staff = clients["staff"].to_numpy(dtype="float64", na_value=np.nan)
    is_known = staff > 0
    codes = np.array([band["id"] for band in bands], dtype=object)
    classes = codes[np.searchsorted(bounds, np.where(is_known, staff, 0.0), side="right")]
    classes[~is_known] = None
    return clients.assign(
        size_class=pd.array(classes, dtype="str"),
        size_reason=pd.array(np.where(is_known, "", "missing staff"), dtype="str"),
    )
