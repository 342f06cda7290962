from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.errors import ParameterError
from analysis.intake.consent import REASONS, eligible

DAY = date(2026, 9, 30)


def consents(*rows: tuple[str, str, bool | None, date, date | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["client_id", "purpose", "granted", "start", "until"])
    return frame.assign(start=pd.to_datetime(frame["start"]), until=pd.to_datetime(frame["until"]))


def reason(*rows: tuple[str, str, bool | None, date, date | None]) -> str:
    return str(eligible(consents(*rows), ["A"], purpose="marketing", on_date=DAY).clients["reason"].item())


def test_a_consent_holds_on_its_first_and_on_its_last_day() -> None:
    assert reason(("A", "marketing", True, DAY, DAY)) == "valid"
    assert reason(("A", "marketing", True, DAY, None)) == "valid"


def test_a_consent_of_yesterday_is_expired_and_one_of_tomorrow_is_not_known() -> None:
    day = timedelta(days=1)
    assert reason(("A", "marketing", True, DAY - 9 * day, DAY - day)) == "expired"
    assert reason(("A", "marketing", True, DAY + day, None)) == "none"


def test_a_refusal_ends_what_was_agreed_before_and_not_what_is_agreed_after() -> None:
    first, second, third = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
    assert reason(("A", "marketing", True, first, None), ("A", "marketing", False, second, None)) == "withdrawn"
    assert (
        reason(
            ("A", "marketing", True, first, None),
            ("A", "marketing", False, second, None),
            ("A", "marketing", True, third, None),
        )
        == "valid"
    )


def test_a_refusal_of_tomorrow_changes_nothing_today() -> None:
    tomorrow = DAY + timedelta(days=1)
    assert reason(("A", "marketing", True, date(2026, 1, 1), None), ("A", "marketing", False, tomorrow, None)) == (
        "valid"
    )


def test_a_record_that_does_not_say_granted_is_a_refusal() -> None:
    assert reason(("A", "marketing", None, date(2026, 1, 1), None)) == "withdrawn"


def test_an_older_consent_without_end_outlives_a_newer_one_that_expired() -> None:
    rows = (
        ("A", "marketing", True, date(2025, 1, 1), None),
        ("A", "marketing", True, date(2026, 1, 1), date(2026, 6, 30)),
    )
    assert reason(*rows) == "valid"


def test_purposes_are_apart() -> None:
    assert reason(("A", "service", True, date(2026, 1, 1), None)) == "none"


def test_counts_name_every_reason_and_add_up() -> None:
    table = consents(
        ("A", "marketing", True, date(2026, 1, 1), None),
        ("B", "marketing", True, date(2026, 1, 1), date(2026, 2, 1)),
        ("C", "marketing", False, date(2026, 1, 1), None),
        ("Z", "marketing", True, date(2026, 1, 1), None),  # is not on the list
    )
    found = eligible(table, ["D", "C", "B", "A"], purpose="marketing", on_date=DAY)
    assert found.counts == {"valid": 1, "withdrawn": 1, "expired": 1, "none": 1}
    assert found.clients["client_id"].tolist() == ["D", "C", "B", "A"]
    assert found.eligible.tolist() == ["A"]


def test_without_any_record_nobody_is_eligible() -> None:
    found = eligible(consents(), ["A", "B"], purpose="marketing", on_date=DAY)
    assert found.counts == {"valid": 0, "withdrawn": 0, "expired": 0, "none": 2}


def test_a_purpose_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ParameterError) as caught:
        eligible(consents(), [], purpose="marketting", on_date=DAY)
    assert str(caught.value) == (
        "There is no purpose 'marketting' of consents."
        " Did you mean 'marketing'? Known are marketing, profiling, research, service, sharing."
    )


DAYS = st.dates(DAY - timedelta(days=3), DAY + timedelta(days=3))
RECORDS = st.lists(
    st.tuples(st.sampled_from("ABC"), st.just("marketing"), st.booleans(), DAYS, st.none() | DAYS),
    max_size=6,
    unique_by=lambda row: (row[0], row[3]),
)


@given(RECORDS)
def test_nobody_is_eligible_without_a_consent_in_force_that_no_later_refusal_ended(
    records: list[tuple[str, str, bool, date, date | None]],
) -> None:
    found = eligible(consents(*records), "ABC", purpose="marketing", on_date=DAY)
    assert sum(found.counts.values()) == 3
    assert set(found.clients["reason"]) <= set(REASONS)
    for client in "ABC":
        own = [row for row in records if row[0] == client and row[3] <= DAY]
        expected = any(
            row[2]
            and (row[4] is None or row[4] >= DAY)
            and not any(not other[2] and other[3] > row[3] for other in own)
            for row in own
        )
        assert (client in set(found.eligible)) == expected
