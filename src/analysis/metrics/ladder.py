"""The ladder of tiers: which code stands above which, and what a tier is called. A decision of the bank, as policy."""

from collections.abc import Iterable

from analysis.core.text import Text
from analysis.intake.policy import Policy
from analysis.metrics.metric import UNASSIGNED

NO_TIER = Text("未分层", "no tier")


def tier_ranks(policy: Policy) -> dict[str, int]:
    """Rank of each tier code on the policy's ladder, 1 the highest."""
    return {str(row["id"]): int(row["rank"]) for row in policy.table("tier_ladder")}


def tier_name(policy: Policy, code: str) -> Text:
    """What a tier is called; a code that is not on the ladder stands for itself.

    Examples
    --------
    >>> from analysis.intake.policy import load_policy
    >>> tier_name(load_policy(), "T1").zh, tier_name(load_policy(), "gold").en
    ('战略客户', 'gold')
    """
    if code == UNASSIGNED:
        return NO_TIER
    for row in policy.table("tier_ladder"):
        if row["id"] == code:
            return Text.of(row)
    return Text(code, code)


def in_ladder_order(policy: Policy, codes: Iterable[str]) -> list[str]:
    """Codes from the highest tier down, then those not on the ladder by name, then clients without a tier."""
    ranks = tier_ranks(policy)
    last = len(ranks) + max(ranks.values(), default=0) + 1
    return sorted(set(codes), key=lambda code: (code == UNASSIGNED, ranks.get(code, last), code))
