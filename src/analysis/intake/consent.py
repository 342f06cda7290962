"""Who may be used for a purpose on a day: every list that reaches a client goes through here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from analysis.core.errors import ParameterError
from analysis.core.text import Text
from analysis.intake.schemas import SCHEMAS
from analysis.intake.suggest import nearest

if TYPE_CHECKING:
    import pandas as pd

VALID, WITHDRAWN, EXPIRED, NONE = "valid", "withdrawn", "expired", "none"
REASONS = {
    VALID: Text("授权有效", "consent in force"),
    WITHDRAWN: Text("已拒绝或撤回", "refused or withdrawn"),
    EXPIRED: Text("授权已到期", "consent expired"),
    NONE: Text("无授权记录", "no consent on record"),
}
"""What a client's consent is on a day; only the first makes it eligible."""


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The clients of a list, by whether they agreed to its purpose.

    Parameters
    ----------
    clients : DataFrame, a row a client in the order given: client_id, is_eligible, reason (a key of `REASONS`)
    """

    purpose: str
    on_date: date
    clients: "pd.DataFrame"

    @property
    def counts(self) -> dict[str, int]:
        """Clients by reason, all reasons named; they add up to the clients given."""
        found = self.clients["reason"].value_counts()
        return {reason: int(found.get(reason, 0)) for reason in REASONS}

    @property
    def eligible(self) -> "pd.Series[str]":
        """Numbers of the clients that may be used."""
        listed: pd.Series[str] = self.clients["client_id"]
        return listed[self.clients["is_eligible"]]


def eligible(consents: "pd.DataFrame", clients: Iterable[str], *, purpose: str, on_date: date) -> Eligibility:
    """Each client with whether it may be used for the purpose on the day, and why not.

    Parameters
    ----------
    consents : rows of the canonical table `consents`
    clients : client numbers, no two alike
    purpose : a word that `consents.purpose` may hold
    on_date : day on which the list is used

    Notes
    -----
    A consent holds from its `start` to its `until`, both days included, without end where `until` is empty. A refusal
    ends every consent that started before it, until a later one; a record that does not say granted is a refusal.
    What starts after the day is not known yet. Purposes are apart: agreeing to be served is not agreeing to be offered
    products.

    References
    ----------
    个人信息保护法 (2021), articles 14 to 16: consent for a stated purpose, which can be withdrawn.
    """
    _check_purpose(purpose)
    import pandas as pd

    day = pd.Timestamp(on_date)
    rows = consents[consents["purpose"].eq(purpose)]
    start, until = pd.to_datetime(rows["start"]), pd.to_datetime(rows["until"])
    is_given = rows["granted"].astype("boolean").fillna(False).astype(bool)
    is_known = start <= day
    refused = start.where(is_known & ~is_given).groupby(rows["client_id"]).transform("max")
    stands = is_known & is_given & (refused.isna() | (start > refused))
    in_force = stands & (until.isna() | (until >= day))
    listed = pd.DataFrame({"client_id": pd.Series(list(clients), dtype="str")})
    reason = pd.Series(NONE, index=listed.index, dtype="str")
    for word, members in (
        (WITHDRAWN, rows["client_id"][is_known & ~is_given]),
        (EXPIRED, rows["client_id"][stands]),
        (VALID, rows["client_id"][in_force]),
    ):
        reason = reason.mask(listed["client_id"].isin(members), word)
    return Eligibility(purpose, on_date, listed.assign(is_eligible=reason == VALID, reason=reason))


def _check_purpose(purpose: str) -> None:
    known = SCHEMAS["consents"].column("purpose").allowed
    if purpose not in known:
        raise ParameterError(f"There is no purpose {purpose!r} of consents.", hint=nearest(purpose, known))
