"""What is kept of sentences and of whose task something is."""

import hmac

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.intake.identity.posts import is_post
from analysis.intake.identity.prose import KnownNames, without_people
from analysis.intake.identity.pseudonyms import pseudonymise
from tests.intake.identity.kept_rows import rows, table

KEY = b"a key of sixteen"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("李种植", "•••"),
        ("由李经理跟进", "由•••经理跟进"),
        ("负责人：李种植，九月完成", "负责人：•••，九月完成"),
        ("请电13912345678或0755-12345678", "请电•••或•••"),
        ("身份证310101199001011234", "身份证•••"),
        ("写信到 planted@example.com", "写信到 •••"),
        ("种植测试有限公司", "•••"),
    ],
)
def test_people_phones_cards_addresses_and_firms_are_covered(text: str, kept: str) -> None:
    assert without_people(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "抵押率上升，逐户复核",
        "2026年9月30日前完成全部 1,250 户的复核",
        "Second review delays approvals",
        "公司业务部牵头，风险部配合",
        "deposit_term",
        "客户总数下降",
    ],
)
def test_sentences_about_things_stay_as_they_are(text: str) -> None:
    assert without_people(text) == text


@given(st.text(max_size=60))
def test_covering_twice_changes_nothing_more(text: str) -> None:
    once = without_people(text)
    assert without_people(once) == once


def test_a_known_name_is_found_anywhere_and_the_longest_first() -> None:
    known = KnownNames(["甲乙", "甲乙丙有限公司", "KH0001"])
    assert known.covered("甲乙丙有限公司（KH0001）由甲乙联系") == "•••（•••）由•••联系"
    assert known.covered("甲 乙") == "甲 乙"
    assert KnownNames([]).covered("甲乙") == "甲乙"


POSTS = "公司业务部 风险管理部 总行 深圳分行 客户经理 福田支行行长 公司部、风险部 风险部/合规部 信贷审批岗"
ENGLISH = ("Corporate banking", "Risk department", "Head office", "branch manager")
PEOPLE = "李种植 李经理 公司业务部李种植 公司业务部、李种植 GH00123 13912345678 张三（风险部）"


@pytest.mark.parametrize("text", [*POSTS.split(), *ENGLISH])
def test_departments_units_and_posts_are_posts(text: str) -> None:
    assert is_post(text)


@pytest.mark.parametrize("text", [*PEOPLE.split(), "Zhang San", ""])
def test_people_are_no_posts(text: str) -> None:
    assert not is_post(text)


def test_a_person_in_charge_has_the_pseudonym_of_the_person_in_staff(connection: duckdb.DuckDBPyConnection) -> None:
    staff = table(
        connection, "staff", "staff_id quarter name", ("GH1", "2026Q3", "李种植"), ("GH2", "2026Q3", "王播种")
    )
    actions = table(
        connection,
        "actions",
        "action_id quarter title owner",
        ("A1", "2026Q3", "请王播种复核", "李种植"),
        ("A2", "2026Q3", "复核", "公司业务部"),
        ("A3", "2026Q3", "复核", "赵某某"),
        ("A4", "2026Q3", "复核", None),
        ("A5", "2026Q3", "复核", "GH1"),
    )
    pseudonymise(connection, {"staff": staff, "actions": actions}, KEY)
    first = "S" + hmac.digest(KEY, b"staff:GH1", "sha256").hex()[:16]
    found = {action: (title, owner) for action, title, owner in rows(connection, "action_id, title, owner", actions)}
    assert found["A1"] == ("请•••复核", first)
    assert found["A2"] == ("复核", "公司业务部")
    assert found["A3"] == ("复核", "S" + hmac.digest(KEY, "staff:赵某某".encode(), "sha256").hex()[:16])
    assert found["A4"] == ("复核", None)
    assert found["A5"] == ("复核", first)


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})
