"""`data check` tells what it read, set aside and judged, also where no report can be made."""

import pytest

from analysis.cli import main
from analysis.core.quarter import Quarter
from analysis.intake.check_folder import check_found, result_lines
from analysis.intake.schemas import PRODUCTS
from analysis.intake.sources.folder import look

CLIENTS = "客户号,客户名称,客户状态\nC1,东方贸易公司,{0}\nC2,西方制造公司,{0}\n"
DEPOSITS = "客户号,月末,产品,月日均余额\nC1,2026-09-30,deposit_demand,100\nC2,2026-09-30,deposit_demand,20\n"

KINDS = tuple(PRODUCTS)


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("ANALYSIS_ID_KEY", "a key for tests only")


def written(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def unknown(tmp_path):
    """Every client has a status that nobody knows."""
    files = {"2026Q3/客户信息.csv": CLIENTS.format("在册"), "2026Q3/存款.csv": DEPOSITS}
    return written(tmp_path / "bank", files)


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    said = capsys.readouterr()
    return int(caught.value.code or 0), said.out, said.err


def test_rows_of_every_table_are_told_where_all_clients_were_set_aside(unknown, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("analysis.intake.check_folder.default_cache", lambda: tmp_path / "cache")
    code, out, err = run(capsys, "data", "check", str(unknown))
    assert code == 3
    lines = [line.split() for line in out.splitlines()]
    assert ["clients", "2", "0", "2"] in lines
    assert ["positions", "2", "0", "2"] in lines
    assert "2026Q3/客户信息.csv · clients.status · unknown_code" in out
    assert "nothing is wrong" not in out
    assert "rows set aside, with line and rule: " in out
    (aside,) = (tmp_path / "cache" / "set_aside").glob("*.csv")
    assert len(aside.read_text(encoding="utf-8-sig").splitlines()) == 1 + 4
    assert err.splitlines()[-2] == (
        "The table clients is empty: every row of it was set aside: 2026Q3/客户信息.csv, clients.status breaks"
        " unknown_code (is a code that is not known) in 2 rows, for example 在册 (line 2)."
    )


def test_rows_are_told_where_no_file_gives_the_clients(tmp_path):
    root = written(tmp_path / "bank", {"2026Q3/存款.csv": DEPOSITS})
    result = check_found(look(str(root)), cache=tmp_path / "cache")
    lines = list(result_lines(result))
    assert lines[1].split() == ["positions", "2", "2", "0"]
    assert "nothing is wrong" not in lines
    assert result.refused is not None
    assert result.refused.message == "The table clients is empty: no file gives it."


def test_what_stops_a_report_is_told_and_never_called_nothing(tmp_path):
    """30 clients have a balance in each of seven months but August."""
    months = [f"2026-{month:02d}-28" for month in (3, 4, 5, 6, 7, 9)]
    rows = "".join(f"C{n},{month},deposit_demand,1\n" for n in range(30) for month in months)
    clients = "客户号,客户状态\n" + "".join(f"C{n},open\n" for n in range(30))
    files = {"客户信息.csv": clients, "存款.csv": "客户号,月末,产品,月日均余额\n" + rows}
    result = check_found(look(str(written(tmp_path / "bank", files))), cache=tmp_path / "cache")
    assert result.quality is not None
    assert (result.quality.quarter, result.quality.state) == (Quarter("2026Q3").label, "stop")
    lines = list(result_lines(result))
    at = lines.index("judged by the gate for the quality of data:")
    assert lines[at + 1] == "  stop: positions at 2026-08-31 holds 0.0% of what the periods around it do"
    assert "nothing is wrong" not in lines


def test_negative_deposits_and_loans_are_counted_and_warned_of(tmp_path):
    rows = "".join(f"C{n % 2 + 1},2026-0{7 + n // 6}-28,{product},-5\n" for n, product in enumerate(KINDS))
    files = {"2026Q3/客户信息.csv": CLIENTS.format("open"), "2026Q3/存款.csv": f"客户号,月末,产品,余额\n{rows}"}
    result = check_found(look(str(written(tmp_path / "bank", files))), cache=tmp_path / "cache")
    (check,) = (check for check in result.checks if check.rule == "negative_balance")
    # six of the products have a balance (four deposits, two loans), the others may be negative; money is six times -5
    assert (check.action, check.n_rows, check.money) == ("flag", 6, -30)
    assert "multiply = -1" in check.label.en
    assert result.quality is not None
    assert result.quality.state == "warn"


def test_a_first_quarter_of_cumulated_interest_is_no_stop(tmp_path):
    """Thirty clients with interest cumulated since January, delivered for the third quarter only."""
    rows = "".join(f"C{n},2026-{month:02d}-28,deposit_demand,100,{month}\n" for n in range(30) for month in (7, 8, 9))
    clients = "客户号,客户状态\n" + "".join(f"C{n},open\n" for n in range(30))
    files = {"2026Q3/客户信息.csv": clients, "2026Q3/存款.csv": f"客户号,月末,产品,月日均余额,本年累计利息\n{rows}"}
    found = look(str(written(tmp_path / "bank", files)))
    assert any(column.year_to_date for file in found.mapping.files for column in file.columns)
    result = check_found(found, cache=tmp_path / "cache")
    told = {check.rule: (check.action, check.n_rows) for check in result.checks}
    assert told == {"year_to_date": ("changed", 60), "year_to_date_begins": ("changed", 30)}
    assert result.quality is not None
    assert result.quality.state != "stop"


def test_the_address_of_a_database_is_refused_by_what_it_is(capsys):
    code, _, err = run(capsys, "data", "check", "postgresql://reader@host/bank")
    assert code == 2
    assert err.splitlines() == [
        "data check reads folders, and this is the address of a database.",
        "make report SOURCE=… DATA=mapping.toml reads it and stops with what is wrong.",
    ]
