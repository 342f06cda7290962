"""A mapping file is read whole, or refused with every fault named."""

from decimal import Decimal
from pathlib import Path

import pytest

from analysis.core.errors import DataError
from analysis.core.text import Text
from analysis.intake.mapping import ColumnMapping, FileMapping, SourceMapping, load_mapping
from analysis.intake.reference import project_root
from analysis.intake.schemas import SCHEMAS

HINT = " Correct the mapping file; its language is in data/mappings/README.md."

WHOLE = """
[source]
name = "monday"
zh = "周一"
en = "Monday"
kind = "open"
currency = "USD"
industry_scheme = "naics"
client_priority = ["core_*.csv", "crm.xlsx"]
first_quarter = "2025Q1"
last_quarter = "2026Q3"

[source.about]
published = "nowhere"
licence = "ours"

[[file]]
table = "positions"
files = ["存款*.csv", "deposits.csv"]
sheet = "明细"
header_row = 3
delimiter = "|"
encoding = "gb18030"
priority = 1

[file.columns]
client_id = { column = "客户号", prefix = "A-", part = [1, 9] }
month = { column = "日期", dates = "%d/%m/%Y" }
product = "品种"
balance_avg = { column = "日均(万元)", multiply = 10000 }
rate = { column = "利率%", multiply = 0.01 }
fee = { column = "手续费累计", year_to_date = true }
direct_cost = { constant = 0 }

[file.codes.product]
"活期" = "deposit_demand"
01 = "deposit_term"

[file.where]
"币种" = "CNY"
"金额类型" = ["余额", "日均"]
"""


def _load(folder: Path, text: str) -> SourceMapping:
    path = folder / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return load_mapping(path)


def _refusal(folder: Path, text: str) -> str:
    with pytest.raises(DataError) as caught:
        _load(folder, text)
    return str(caught.value)


def _file(lines: str) -> str:
    return f'[source]\nname = "a"\n[[file]]\ntable = "clients"\nfiles = "a.csv"\n{lines}'


def test_everything_a_mapping_file_can_say(tmp_path: Path) -> None:
    columns = (
        ColumnMapping("client_id", "客户号", prefix="A-", part=(1, 9)),
        ColumnMapping("month", "日期", dates="%d/%m/%Y"),
        ColumnMapping("product", "品种", codes={"活期": "deposit_demand", "01": "deposit_term"}),
        ColumnMapping("balance_avg", "日均(万元)", multiply=Decimal(10000)),
        ColumnMapping("rate", "利率%", multiply=Decimal("0.01")),
        ColumnMapping("fee", "手续费累计", year_to_date=True),
        ColumnMapping("direct_cost", constant="0"),
    )
    where = {"币种": ("CNY",), "金额类型": ("余额", "日均")}
    files = ("存款*.csv", "deposits.csv")
    file = FileMapping("positions", files, columns, "明细", 3, "|", "gb18030", 1, where)
    assert _load(tmp_path, WHOLE) == SourceMapping(
        "monday",
        Text("周一", "Monday"),
        "open",
        "USD",
        "naics",
        (file,),
        ("core_*.csv", "crm.xlsx"),
        "2025Q1",
        "2026Q3",
        {"published": "nowhere", "licence": "ours"},
    )


def test_what_is_not_said_is_a_chinese_banks_own(tmp_path: Path) -> None:
    mapping = _load(tmp_path, _file('[file.columns]\nclient_id = "id"'))
    file = FileMapping("clients", ("a.csv",), (ColumnMapping("client_id", "id"),))
    assert mapping == SourceMapping("a", Text("a", "a"), "production", "CNY", "gbt4754", (file,))


def test_all_faults_are_told_at_once_with_the_nearest_name(tmp_path: Path) -> None:
    text = """
[source]
nme = "x"
kind = "produce"
[[file]]
table = "lones"
[[file]]
table = "outlets"
files = "a.csv"
[file.columns]
outlet = "网点"
"""
    keys = "about, client_priority, currency, en, first_quarter, industry_scheme, kind, last_quarter, name, zh"
    kinds = "open, production, synthetic"
    tables = ", ".join(sorted(SCHEMAS))
    columns = ", ".join(sorted(column.name for column in SCHEMAS["outlets"].columns))
    faults = (
        f"[source]: there is no key 'nme' (Did you mean 'name'? Known are {keys})",
        "[source] name is missing",
        f"[source] kind: there is no choice 'produce' (Did you mean 'production'? Known are {kinds})",
        f"[[file]] 1: there is no table 'lones' (Did you mean 'loans'? Known are {tables})",
        "[[file]] 1 files is missing",
        "[[file]] 1 columns is missing",
        f"[[file]] 2 (outlets): there is no column 'outlet' (Did you mean 'outlet_id'? Known are {columns})",
    )
    assert _refusal(tmp_path, text) == f"mapping.toml has 7 faults: {'; '.join(faults)}.{HINT}"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('files = "/etc/passwd"', "'/etc/passwd'"),
        ('files = "../a.csv"', "'../a.csv'"),
        ('files = ["a.csv", "b/c.csv"]', "'b/c.csv'"),
        ('files = "C:a.csv"', "'C:a.csv'"),
        ('files = "~/a.csv"', "'~/a.csv'"),
        ("files = 'a\\b.csv'", "'a\\\\b.csv'"),
        ('files = "postgresql://x"', "'postgresql://x'"),
    ],
)
def test_a_pattern_of_files_never_leaves_the_folder(tmp_path: Path, line: str, fault: str) -> None:
    text = f'[source]\nname = "a"\n[[file]]\ntable = "clients"\n{line}\n[file.columns]\nclient_id = "id"'
    expected = f"[[file]] 1 (clients) files must be names in the source's own folder, not {fault}"
    assert _refusal(tmp_path, text) == f"mapping.toml has 1 fault: {expected}.{HINT}"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("staff = 3", "staff must be a table, not 3; [[file]] 1 (clients) staff must say either column or constant"),
        ('staff = { column = "a", constant = 1 }', "staff must say either column or constant"),
        ("staff = {}", "staff must say either column or constant"),
        ('staff = ""', "staff column must not be empty"),
        ('staff = { column = "a", multiply = 0 }', "staff multiply must be a number other than 0, not 0"),
        ('staff = { column = "a", multiply = "x" }', "staff multiply must be a number other than 0, not 'x'"),
        (
            'staff = { column = "a", multiply = nan }',
            "staff multiply must be a number other than 0, not Decimal('NaN')",
        ),
        (
            'staff = { column = "a", multiply = 1e13 }',
            "staff multiply must be a power of ten up to 10^12 or have at most 10 digits, not 1E+13",
        ),
        ('status = { column = "a", multiply = 10 }', "status is no number, so multiply makes no sense"),
        ('staff = { column = "a", dates = "%Y" }', "staff is no date, so dates makes no sense"),
        ('founded = { column = "a", dates = "%x" }', "founded dates must be a format such as '%d/%m/%Y', not '%x'"),
        (
            'founded = { column = "a", dates = "%Y\' OR 1" }',
            "founded dates must be a format such as '%d/%m/%Y', not \"%Y' OR 1\"",
        ),
        (
            'region = { column = "a", part = [0, 2] }',
            "region part must be the first and the last character, such as [1, 6], not [0, 2]",
        ),
        (
            'region = { column = "a", part = "1" }',
            "region part must be the first and the last character, such as [1, 6], not '1'",
        ),
        ('status = { column = "a", prefix = "x" }', "status is no free text, so prefix makes no sense"),
        ('staff = { column = "a", year_to_date = true }', "has no month, so year_to_date makes no sense"),
        ('staff = { column = "a", year_to_date = 1 }', "staff year_to_date must be true or false, not 1"),
        ('region = { column = "a", times = "b" }', "region is no amount, so times makes no sense"),
        ('revenue = { column = "a", times = "b", multiply = 2 }', "revenue must say either times or multiply"),
        ('region = { column = "a", absolute = true }', "region is no number, so absolute makes no sense"),
        ("staff = { constant = [1] }", "staff constant must be a text, a number or a date, not [1]"),
    ],
)
def test_a_fault_of_a_column_says_what_it_must_be(tmp_path: Path, line: str, fault: str) -> None:
    expected = f"[[file]] 1 (clients) {fault}"
    message = _refusal(tmp_path, _file(f'[file.columns]\nclient_id = "id"\n{line}'))
    n_faults = message.count("[[file]]")
    many = "1 fault" if n_faults == 1 else f"{n_faults} faults"
    assert message == f"mapping.toml has {many}: {expected}.{HINT}"


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (
            '[file.codes.status]\n"x" = "opened"',
            "status code 'x': there is no word 'opened' (Did you mean 'open'? Known are closed, dormant, open)",
        ),
        ('[file.codes.status]\n"x" = 1', "status code 'x' must stand for a text, not 1"),
        (
            '[file.codes.stats]\n"x" = "open"',
            "codes: 'stats' is not among its columns (Did you mean 'status'? Known are client_id, is_green, status)",
        ),
        (
            '[file.codes.is_green]\n"x" = "green"',
            "is_green code 'x': there is no word 'green' (Known are false, true)",
        ),
        ("[file.where]\nkind = 3", "where kind must be a text or a list of texts, not 3"),
    ],
)
def test_a_fault_of_a_code_says_what_it_must_be(tmp_path: Path, lines: str, fault: str) -> None:
    columns = '[file.columns]\nclient_id = "id"\nstatus = "s"\nis_green = "g"\n'
    place = "[[file]] 1 (clients)" + ("" if fault.startswith(":") else " ")
    text = _refusal(tmp_path, _file(columns + lines))
    assert text == f"mapping.toml has 1 fault: {place}{fault}.{HINT}"


@pytest.mark.parametrize("name", ["gb", "hex", "rot13", "../utf-8"])
def test_an_encoding_is_one_that_python_knows(tmp_path: Path, name: str) -> None:
    text = _file(f'encoding = "{name}"\n[file.columns]\nclient_id = "id"')
    fault = f"[[file]] 1 (clients) encoding must be one that Python knows, such as 'gb18030', not {name!r}"
    assert _refusal(tmp_path, text) == f"mapping.toml has 1 fault: {fault}.{HINT}"


def test_a_hidden_character_is_refused(tmp_path: Path) -> None:
    message = _refusal(tmp_path, _file('[file.columns]\nclient_id = "i\\u0000d"'))
    assert message == f"mapping.toml has 1 fault: 'i\\x00d' holds a control character.{HINT}"


def test_what_is_no_toml_and_what_is_no_utf8_says_where(tmp_path: Path) -> None:
    message = _refusal(tmp_path, "[source")
    assert message.startswith("mapping.toml is not valid TOML: ")
    assert message.endswith(HINT)
    (tmp_path / "gbk.toml").write_bytes('name = "中"'.encode("gb18030"))
    with pytest.raises(DataError) as caught:
        load_mapping(tmp_path / "gbk.toml")
    assert str(caught.value) == "gbk.toml is not UTF-8 from byte 8 on. Save it as UTF-8 and try again."


def test_an_empty_mapping_names_what_it_lacks(tmp_path: Path) -> None:
    faults = "[source] is missing; [source] name is missing; there is no [[file]]"
    assert _refusal(tmp_path, "") == f"mapping.toml has 3 faults: {faults}.{HINT}"


def test_the_example_of_the_documentation_loads(tmp_path: Path) -> None:
    text = (project_root() / "data" / "mappings" / "README.md").read_text(encoding="utf-8")
    mapping = _load(tmp_path, text.partition("```toml\n")[2].partition("```")[0])
    assert [column.column for column in mapping.files[0].columns] == [
        "client_id",
        "month",
        "product",
        "balance_avg",
        "fee",
        "rate",
        "direct_cost",
    ]
    assert mapping.files[0].where == {"金额类型": ("余额",)}
