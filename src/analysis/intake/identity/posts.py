"""Whose task it is: a department, unit or post stays, a person becomes a pseudonym."""

import re
from collections.abc import Mapping
from typing import Any

from analysis.intake.identity.people import PERSON
from analysis.intake.identity.prose import distinct, rewrite
from analysis.intake.schemas import SCHEMAS
from analysis.intake.validate import columns_of

_UNITS = "总行|分行|支行|营业部|营业厅|网点|中心|委员会|董事会|监事会|团队|条线|板块|岗|岗位|部门|部|处|室|科|组"
_POSTS = (
    "(?:副?总?行长|副?总经理|副?主任|副?主管|负责人|(?:公司)?客户经理|产品经理|风险经理|业务经理|项目经理|专员|合规官|"
    "审批人|审查人|岗|牵头人|责任人)"
)
_POST = re.compile(rf"(?:[一-鿿A-Za-z0-9（）()·&-]{{0,16}}(?:{_UNITS}))?{_POSTS}?")
_ENGLISH = re.compile(
    r"(?i)[a-z][a-z &/-]{0,40}?\b(?:department|dept|division|team|desk|office|branch|committee|unit|centre|center|"
    r"banking|management|operations|compliance|audit|finance|marketing|risk|credit|settlement|treasury|technology|"
    r"manager|head|officer|director|sales|strategy|planning|data|research)s?"
)
_BETWEEN = re.compile(r"[、，,；;/及和与\s]+|\band\b")


def is_post(text: str) -> bool:
    """Whether a text names departments, units or posts and nobody.

    Examples
    --------
    >>> is_post("公司业务部"), is_post("风险部、客户经理"), is_post("Corporate banking")
    (True, True, True)
    >>> is_post("李种植"), is_post("公司业务部李种植"), is_post("张经理"), is_post("GH00123")
    (False, False, False, False)
    """
    if _ENGLISH.fullmatch(text.strip()):
        return True
    parts = [part for part in _BETWEEN.split(text.strip()) if part]
    return bool(parts) and all(_POST.fullmatch(part) and not re.fullmatch(PERSON, part) for part in parts)


def people_in_posts(connection: Any, relations: Mapping[str, str]) -> dict[tuple[str, str], dict[str, str]]:
    """Relation and column → text that names a person → that person's number, or the text where none is known."""
    staff = relations.get("staff")
    numbers: dict[str, str] = {}
    if staff and {"staff_id", "name"} <= columns_of(connection, staff).keys():
        query = f"SELECT name, min(staff_id) FROM {staff} GROUP BY name HAVING count(DISTINCT staff_id) = 1"
        numbers = dict(connection.execute(query).fetchall())
    return {
        (relation, column.name): {
            text: numbers.get(text, text) for text in distinct(connection, relation, column.name) if not is_post(text)
        }
        for name, relation in relations.items()
        for column in SCHEMAS[name].columns
        if column.sensitivity == "post" and column.name in columns_of(connection, relation)
    }


def replace_people(
    connection: Any, places: Mapping[tuple[str, str], Mapping[str, str]], pseudonyms: Mapping[str, str]
) -> None:
    """Put the pseudonym of a person's number where a column names the person."""
    for (relation, name), people in places.items():
        rewrite(connection, relation, name, [(text, pseudonyms[number]) for text, number in people.items()])
