"""Words of a coded column that no code is known for: set aside, told with the nearest, listed in the draft."""

import pytest

from analysis.core.errors import DataError
from analysis.intake.check_folder import check_folder, mapping_lines, result_lines
from analysis.intake.mapping.words import nearest_word
from analysis.intake.schemas import PRODUCTS, SCHEMAS
from analysis.intake.sources.folder import look

CLIENTS = "客户号,客户名称,客户状态\nC1,东方贸易公司,正常\nC2,西方制造公司,正常\n"
DEPOSITS = (
    "客户号,月末,产品,月日均余额\nC1,2026-09-30,单位结算户,100\nC2,2026-09-30,单位结算户,20\nC2,2026-09-30,协定户,3\n"
)
PRODUCT = SCHEMAS["positions"].column("product")


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("ANALYSIS_ID_KEY", "a key for tests only")


@pytest.fixture
def bank(tmp_path):
    root = tmp_path / "bank"
    (root / "2026Q3").mkdir(parents=True)
    (root / "2026Q3" / "客户信息.csv").write_text(CLIENTS, encoding="utf-8")
    (root / "2026Q3" / "存款.csv").write_text(DEPOSITS, encoding="utf-8")
    return root


def test_a_product_may_only_be_one_of_the_contract():
    assert PRODUCT.allowed == tuple(PRODUCTS)


def test_positions_of_unknown_products_are_set_aside_and_the_nearest_word_is_told(bank, tmp_path):
    result = check_folder(bank, cache=tmp_path / "cache")
    (positions,) = (count for count in result.counts if count.table == "positions")
    assert (positions.n_read, positions.n_kept, positions.n_set_aside) == (3, 0, 3)
    (line,) = (line for line in result_lines(result) if "unknown_code" in line)
    # 100 + 20 + 3 yuan
    assert line == (
        "  2026Q3/存款.csv · positions.product · unknown_code: is a code that is not known: 3 rows, 123.00 in money,"
        " for example 单位结算户 (line 2), 协定户 (line 4); '单位结算户' is most like 'settlement';"
        " '协定户' is most like 'deposit_notice'"
    )


def test_the_draft_lists_unknown_words_to_be_filled_in_and_still_loads(bank, tmp_path):
    found = look(str(bank))
    list(mapping_lines(found, tmp_path))
    draft = (bank / "mapping.draft.toml").read_text(encoding="utf-8")
    assert "[file.codes.product]\n# No code is known for these, whose rows are set aside" in draft
    assert '\n# "单位结算户" = "settlement"\n# "协定户" = "deposit_notice"\n' in draft
    filled = draft.replace('# "单位结算户" = "settlement"', '"单位结算户" = "deposit_demand"')
    filled = filled.replace('# "协定户" =', '"协定户" =')
    (bank / "mapping.toml").write_text(filled, encoding="utf-8")
    result = check_folder(bank, cache=tmp_path / "cache")
    assert {count.table: count.n_set_aside for count in result.counts} == {"clients": 0, "positions": 0}


def test_a_code_that_stands_for_no_word_is_refused_with_the_nearest(bank, tmp_path):
    found = look(str(bank))
    list(mapping_lines(found, tmp_path))
    draft = (bank / "mapping.draft.toml").read_text(encoding="utf-8")
    wrong = draft.replace('# "单位结算户" = "settlement"', '"单位结算户" = "deposit_demnd"')
    (bank / "mapping.toml").write_text(wrong, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        look(str(bank))
    assert caught.value.message == (
        "mapping.toml has 1 fault: [[file]] 1 (positions) product code '单位结算户': there is no word 'deposit_demnd'"
        f" (Did you mean 'deposit_demand'? Known are {', '.join(sorted(PRODUCTS))})."
    )


@pytest.mark.parametrize(
    ("word", "nearest"),
    [("单位结算户", "settlement"), ("deposit_demnd", "deposit_demand"), ("单位大额存单", ""), ("gold", "")],
)
def test_the_nearest_word_is_only_told_where_more_than_half_of_it_is_the_same(word, nearest):
    assert nearest_word("positions", PRODUCT, word) == nearest


def test_a_draft_that_somebody_edited_is_kept_and_the_new_one_stands_beside_it(bank, tmp_path):
    found = look(str(bank))
    draft = bank / "mapping.draft.toml"
    list(mapping_lines(found, tmp_path))
    written = draft.read_text(encoding="utf-8")
    list(mapping_lines(found, tmp_path))
    assert [path.name for path in bank.glob("*.toml")] == ["mapping.draft.toml"]
    draft.write_text(written + "# mine\n", encoding="utf-8")
    lines = list(mapping_lines(found, tmp_path))
    assert any("the draft is mapping.draft-2.toml in bank" in line for line in lines)
    assert draft.read_text(encoding="utf-8") == written + "# mine\n"
    assert (bank / "mapping.draft-2.toml").read_text(encoding="utf-8") == written
