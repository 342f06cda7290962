"""Which group a client belongs to, and what it is called."""

from pathlib import Path

from analysis.core.text import Text
from analysis.features.groups import UNCLASSIFIED, group_codes, group_label
from tests.builders import client_rows, tiny_portfolio


def test_a_banks_own_regions_stay_and_only_those_of_the_demo_get_its_names(tmp_path: Path) -> None:
    clients = client_rows("A", "B", "C", "D", region={"A": "深圳", "B": "广州市", "C": " ", "D": "沐港市"})
    bank = tiny_portfolio(tmp_path, {"clients": clients})
    codes = group_codes(bank, bank.clients.set_index("client_id"), "region")
    assert codes.to_dict() == {"A": "深圳", "B": "广州市", "C": UNCLASSIFIED, "D": "沐港市"}
    assert group_label(bank, "region", "深圳") == Text("深圳", "深圳")
    assert group_label(bank, "region", "沐港市") == Text("沐港市", "Mugang")


def test_a_state_that_is_none_and_an_industry_that_is_none_are_unclassified(tmp_path: Path) -> None:
    clients = client_rows("A", "B", region={"A": "DC", "B": "深圳"}, industry={"A": "52", "B": "C3511"})
    book = tiny_portfolio(tmp_path, {"clients": clients}, industry_scheme="naics")
    register = book.clients.set_index("client_id")
    assert group_codes(book, register, "region").to_dict() == {"A": "DC", "B": UNCLASSIFIED}
    assert group_codes(book, register, "industry").to_dict() == {"A": "52", "B": UNCLASSIFIED}
