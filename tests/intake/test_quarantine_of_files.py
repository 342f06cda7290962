"""From a file as a bank gives it to rows kept and set aside: reading, mapping and quarantine together."""

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from analysis.intake.mapping import ColumnMapping, FileMapping, map_rows
from analysis.intake.quarantine import Part, split
from analysis.intake.reading import FileSpec, read_file
from analysis.intake.schemas import SCHEMAS

TEXT = """机构存款明细表
客户号,客户名称,月份,产品,日均余额(万元),执行利率
C000000001,兰州第一有限公司,2026-09,deposit_demand,"1,234.56",0.35%
C000000002,李四,2026年9月,deposit_demand,1O.5,0.35%
C000000003,王五,2026-09-30,deposit_demand,20,35
C000000003,王五,2026-09-30
C000000001,兰州第一有限公司,2026-09,deposit_demand,"1,234.56",0.35%
合计,,,,1255.06,
"""

MAPPING = FileMapping(
    "positions",
    ("*.csv",),
    (
        ColumnMapping("client_id", "客户号"),
        ColumnMapping("month", "月份"),
        ColumnMapping("product", "产品"),
        ColumnMapping("balance_avg", "日均余额(万元)", multiply=Decimal(10000)),
        ColumnMapping("rate", "执行利率"),
    ),
)


@pytest.fixture
def connection():
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


def split_file(connection, path):
    raw = read_file(connection, FileSpec(path, path.name), relation="raw")
    map_rows(connection, raw, MAPPING, relation="mapped")
    return split(
        connection, SCHEMAS["positions"], [Part("mapped", raw, MAPPING)], references={}, as_of=date(2026, 9, 30)
    )


def test_every_line_of_a_messy_file_is_kept_or_set_aside_with_its_line_and_its_text(connection, tmp_path):
    path = tmp_path / "存款.csv"
    path.write_text(TEXT, encoding="gb18030")
    found = split_file(connection, path)
    assert connection.execute(f"SELECT client_id, balance_avg, _line FROM {found.clean}").fetchall() == [
        ("C000000001", Decimal("12345600.00"), 3)
    ]
    query = f'SELECT "line", "rule", "column", raw FROM {found.set_aside} ORDER BY "line"'
    assert connection.execute(query).fetchall() == [
        (
            4,
            "type",
            "balance_avg",
            "客户号=••• | 月份=2026年9月 | 产品=deposit_demand | 日均余额(万元)=1O.5 | 执行利率=0.35% | •••",
        ),
        (
            5,
            "range",
            "rate",
            "客户号=••• | 月份=2026-09-30 | 产品=deposit_demand | 日均余额(万元)=20 | 执行利率=35 | •••",
        ),
        (6, "ragged", "", "•••,•••,2026-09-30"),
        (
            7,
            "duplicate_row",
            "client_id",
            "客户号=••• | 月份=2026-09 | 产品=deposit_demand | 日均余额(万元)=1,234.56 | 执行利率=0.35% | •••",
        ),
        (8, "total_row", "", "•••,,,,1255.06,"),
    ]
    assert [(c.quarter, c.n_read, c.n_kept, c.n_set_aside) for c in found.counts] == [
        ("", 2, 0, 2),
        ("2026Q3", 4, 1, 3),
    ]
    assert [(c.rule, c.n_rows, c.examples) for c in found.checks] == [
        ("ragged", 1, ("line 6",)),
        ("total_row", 1, ("line 8",)),
        ("type", 1, ("1O.5 (line 4)",)),
        ("range", 1, ("35 (line 5)",)),
        ("duplicate_row", 1, ("line 7",)),
    ]


def test_names_and_numbers_of_clients_occur_nowhere_in_what_was_set_aside(connection, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(TEXT, encoding="utf-8")
    found = split_file(connection, path)
    told = repr(connection.execute(f"SELECT * FROM {found.set_aside}").fetchall()) + repr(found.checks)
    for secret in ("李四", "王五", "兰州", "C000000001", "C000000002", "C000000003"):
        assert secret not in told


def test_nothing_but_the_two_tables_is_left_behind(connection, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(TEXT, encoding="utf-8")
    found = split_file(connection, path)
    names = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert {name for name in names if "raw" not in name} == {found.clean, found.set_aside}
