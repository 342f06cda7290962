"""A folder of extracts becomes a portfolio: quarters, guesses, refusals, and the command that tries it."""

import re
from pathlib import Path

import pytest

from analysis.cli import main
from analysis.core.errors import DataError, ParameterError
from analysis.intake import load_portfolio
from analysis.intake.check_folder import check_folder
from analysis.intake.load import locate
from analysis.intake.schemas import PRODUCTS
from analysis.intake.sources.folder import look, slug

CLIENTS = "客户号,客户名称,客户状态,从业人员\nC1,东方贸易公司,正常,120\nC2,西方制造公司,正常,300\nC3,南方餐饮,销户,12\n"
JUNE = '客户号,月末,产品,月日均余额(万元)\nC1,2026-06-30,deposit_demand,"1,000.5"\nC2,2026年6月30日,deposit_demand,20\n'
MAPPING = """
[source]
name = "monday"
zh = "周一银行"
en = "Monday bank"
kind = "production"
currency = "CNY"
industry_scheme = "gbt4754"

[[file]]
table = "clients"
files = ["客户*.csv"]
[file.columns]
client_id = "客户号"
name = "客户名称"
status = "客户状态"
staff = "从业人员"
[file.codes.status]
"正常" = "open"
"销户" = "closed"

[[file]]
table = "positions"
files = ["存款*.csv"]
[file.columns]
client_id = "客户号"
month = "月末"
product = "产品"
balance_avg = {column = "月日均余额(万元)", multiply = 10000}
"""


@pytest.fixture(autouse=True)
def key(monkeypatch):
    """Production data need a key; the tests bring their own and write none."""
    monkeypatch.setenv("ANALYSIS_ID_KEY", "a key for tests only")


@pytest.fixture
def bank(tmp_path):
    """Two quarters: the second delivery changes one balance of June, and holds one row nobody can use."""
    root = tmp_path / "bank"
    for quarter, deposits in (
        ("2026Q2", JUNE),
        (
            "2026Q3",
            "客户号,月末,产品,月日均余额(万元)\nC1,2026-06-30,deposit_demand,900\nC1,20260930,deposit_demand,50\n"
            "C9,2026-09-30,deposit_demand,7\n",
        ),
    ):
        (root / quarter).mkdir(parents=True)
        (root / quarter / "客户信息.csv").write_text(CLIENTS, encoding="gb18030")
        (root / quarter / "存款.csv").write_text(deposits, encoding="utf-8")
    (root / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    return root


def deposits(portfolio) -> dict[str, float]:
    frame = portfolio.to_frame(portfolio.table("positions"))
    return {str(month.date()): float(total) for month, total in frame.groupby("month")["balance_avg"].sum().items()}


def test_quarters_are_read_up_to_the_one_asked_for_and_a_later_folder_restates(bank, tmp_path):
    cache = tmp_path / "cache"
    june = load_portfolio(str(bank), quarter="2026Q2", cache=cache)
    # 1,000.5 + 20 万元
    assert deposits(june) == {"2026-06-30": 10_205_000.0}
    september = load_portfolio(str(bank), cache=cache)
    assert september.quarter.label == "2026Q3"
    # June is now 900 + 20 万元; September 50 万元, as the client C9 is unknown and its row set aside
    assert deposits(september) == {"2026-06-30": 9_200_000.0, "2026-09-30": 500_000.0}
    (changed,) = september.restatements.to_dict("records")
    assert (changed["column"], float(changed["before"]), float(changed["after"])) == (
        "balance_avg",
        10_005_000.0,
        9_000_000.0,
    )
    (aside,) = september.set_aside.to_dict("records")
    assert (aside["file"], aside["line"], aside["rule"]) == ("2026Q3/存款.csv", 4, "orphan")


def test_the_portfolio_is_named_by_its_mapping_and_holds_no_name_and_no_number_of_the_bank(bank, tmp_path):
    portfolio = load_portfolio(str(bank), cache=tmp_path / "cache")
    assert (portfolio.provenance.source, portfolio.provenance.kind) == ("monday", "production")
    # C3 is closed
    assert len(portfolio.clients) == 2
    assert all(re.fullmatch(r"C[0-9a-f]{16}", number) for number in portfolio.clients["client_id"])
    assert portfolio.clients["name"].isna().all()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "cache").rglob("*") if path.is_file())
    assert "东方贸易".encode() not in kept


def test_a_flat_folder_holds_all_history_and_its_last_quarter_is_that_of_its_rows(tmp_path):
    folder = tmp_path / "flat"
    folder.mkdir()
    (folder / "客户信息.csv").write_text(CLIENTS, encoding="utf-8")
    rows = "".join(f"C1,2026-0{month}-28,deposit_demand,{month}\n" for month in range(1, 10))
    slip = "C1,2062-01-31,deposit_demand,1\n"
    many = "".join(f"C{client},2026-09-30,deposit_term,1\n" for client in (1, 2, 3))
    (folder / "存款.csv").write_text(JUNE.splitlines()[0] + "\n" + rows + many, encoding="utf-8")
    (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    assert load_portfolio(str(folder), cache=tmp_path / "cache").quarter.label == "2026Q3"
    # One row of 2062 beside more than fifty of September does not move the quarter, and is set aside as later than it.
    more = "".join(
        f"C{client},2026-09-30,{product},1\n"
        for client in (1, 2, 3)
        for product in PRODUCTS
        if product not in ("deposit_demand", "deposit_term")
    )
    text = JUNE.splitlines()[0] + "\n" + rows + many + more + slip
    (folder / "存款.csv").write_text(text, encoding="utf-8")
    portfolio = load_portfolio(str(folder), cache=tmp_path / "cache")
    assert portfolio.quarter.label == "2026Q3"
    assert "later_than_quarter" in set(portfolio.set_aside["rule"])


def test_a_missing_column_is_named_with_the_nearest_one_and_all_files_at_once(bank, tmp_path):
    (bank / "2026Q3" / "客户信息.csv").write_text(CLIENTS.replace("从业人员", "从业人数"), encoding="utf-8")
    (bank / "2026Q3" / "存款.csv").write_text(JUNE.replace("产品", "品种"), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_portfolio(str(bank), cache=tmp_path / "cache")
    assert caught.value.message == (
        "Columns are missing: 2026Q3/存款.csv has no column '产品' for positions.product; "
        "2026Q3/客户信息.csv has no column '从业人员' for clients.staff (Did you mean '从业人数'?)."
    )


def test_extra_columns_do_no_harm(bank, tmp_path):
    wider = "\n".join(f"{line},x" for line in CLIENTS.strip().splitlines())
    (bank / "2026Q3" / "客户信息.csv").write_text(wider, encoding="utf-8")
    assert len(load_portfolio(str(bank), cache=tmp_path / "cache").clients) == 2


def test_without_a_mapping_a_folder_of_known_names_loads_and_one_of_unknown_names_is_refused(bank, tmp_path):
    (bank / "mapping.toml").unlink()
    found = look(str(bank))
    assert found.guess is not None
    # A header such as 月日均余额(万元) says its unit, but ten thousand times too much is worth a look.
    assert not found.guess.is_certain
    for quarter in ("2026Q2", "2026Q3"):
        path = bank / quarter / "存款.csv"
        path.write_text(path.read_text(encoding="utf-8").replace("(万元)", ""), encoding="utf-8")
    assert len(load_portfolio(str(bank), cache=tmp_path / "cache").clients) == 2
    for quarter in ("2026Q2", "2026Q3"):
        text = CLIENTS.replace("客户状态", "某某代码")
        (bank / quarter / "客户信息.csv").write_text(text.replace("客户号", "甲乙丙"), encoding="utf-8")
    with pytest.raises(DataError, match=r"^The folder bank has no mapping.toml, and what its columns mean is not"):
        load_portfolio(str(bank), cache=tmp_path / "cache")


def test_no_folder_no_files_and_nothing_up_to_the_quarter_are_told_apart(tmp_path, bank):
    with pytest.raises(ParameterError, match=r"^There is no folder 'nowhere'\."):
        load_portfolio(str(tmp_path / "nowhere"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"^The folder empty holds no data file and no quarter such as 2026Q3\."):
        load_portfolio(str(tmp_path / "empty"))
    with pytest.raises(DataError, match=r"^The folder bank has nothing up to 2026Q1\."):
        load_portfolio(str(bank), quarter="2026Q1")


def test_a_mapping_must_not_take_the_name_of_a_source_of_this_project(bank):
    (bank / "mapping.toml").write_text(MAPPING.replace('"monday"', '"demo"'), encoding="utf-8")
    with pytest.raises(
        ParameterError, match=r"^The mapping calls its source 'demo', which is a name of this project\."
    ):
        load_portfolio(str(bank))


def test_what_source_says_is_a_name_a_folder_or_an_address(tmp_path):
    assert locate("demo", None) == ("demo", None)
    assert locate("sba", "x.csv") == ("sba", "x.csv")
    assert locate(str(tmp_path), None) == ("folder", str(tmp_path))
    assert locate("postgresql://reader@host/bank", None) == ("database", "postgresql://reader@host/bank")
    assert locate("postgresql://host/bank", "m.toml") == ("database", "postgresql://host/bank m.toml")
    assert locate("nosuch", None) == ("nosuch", None)


@pytest.mark.parametrize(
    ("text", "name"),
    [("Bank 2026", "bank-2026"), ("数据", "folder"), ("../..", "folder"), ("demo", "folder"), ("A" * 60, "a" * 40)],
)
def test_short_names_hold_letters_digits_and_dashes_only(text, name):
    assert slug(text, "folder") == name


def test_the_bank_s_own_policy_rows_win_over_those_of_the_project(bank, tmp_path):
    (bank / "policy").mkdir()
    text = '[[rule]]\nid = "dormant_months"\nvalue = 9\nunit = "months"\nowner = "业务部"\nvalid_from = 2026-01-01\n'
    text += 'origin = "ours"\nzh = "睡眠户"\nen = "dormant"\n'
    (bank / "policy" / "own.toml").write_text(text, encoding="utf-8")
    assert load_portfolio(str(bank), cache=tmp_path / "cache").policy.number("dormant_months") == 9


def test_rows_and_money_read_are_kept_or_set_aside(bank, tmp_path):
    result = check_folder(bank, cache=tmp_path / "cache")
    counts = {count.table: count for count in result.counts}
    positions = counts["positions"]
    assert (positions.n_read, positions.n_kept, positions.n_set_aside) == (5, 4, 1)
    # 1,000.5 + 20 + 900 + 50 万元 kept, 7 万元 set aside
    assert (float(positions.money_kept), float(positions.money_set_aside)) == (19_705_000.0, 70_000.0)
    assert positions.money_read == positions.money_kept + positions.money_set_aside


def test_what_looks_like_a_formula_is_text_in_the_file_of_rows_set_aside(bank, tmp_path):
    text = CLIENTS.replace("C3,南方餐饮,销户,12", "C3,南方餐饮,=1+1,12")
    (bank / "2026Q3" / "客户信息.csv").write_text(text, encoding="utf-8")
    result = check_folder(bank, cache=tmp_path / "cache")
    assert result.set_aside is not None
    lines = result.set_aside.read_text(encoding="utf-8-sig").splitlines()
    assert all(not cell.startswith(("=", "+", "-", "@")) for line in lines for cell in line.split(","))


def run(capsys, *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    said = capsys.readouterr()
    return int(caught.value.code or 0), said.out, said.err


def test_the_command_prints_rows_by_table_then_what_is_wrong_and_ends_with_its_code(
    bank, capsys, monkeypatch, tmp_path
):
    monkeypatch.setattr("analysis.intake.check_folder.default_cache", lambda: tmp_path / "cache")
    (bank / "2026Q3" / "notes.pdf").write_bytes(b"%PDF")
    code, out, _ = run(capsys, "data", "check", str(bank))
    assert code == 0
    assert out.startswith("not read, its ending is none of a table: 2026Q3/notes.pdf\nmapping: mapping.toml\n")
    assert re.search(r"^table +read +kept +set aside$", out, re.M)
    assert re.search(r"^positions +5 +4 +1$", out, re.M)
    assert "2026Q3/存款.csv · positions.client_id · orphan: does not occur in the rows kept of clients: 1 row" in out
    assert "C9" not in out
    code, _, err = run(capsys, "data", "check", str(tmp_path / "nowhere"))
    assert (code, err.splitlines()[0]) == (2, "There is no folder 'nowhere'.")
    (bank / "2026Q3" / "客户信息.csv").write_bytes(b"")
    code, _, err = run(capsys, "data", "check", str(bank))
    assert code == 3
    assert "客户信息.csv" in err


def test_a_guess_is_shown_and_written_as_a_draft_that_loads(bank, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("analysis.intake.check_folder.default_cache", lambda: tmp_path / "cache")
    (bank / "mapping.toml").unlink()
    code, out, _ = run(capsys, "data", "check", str(bank))
    assert code == 0
    assert "    client_id ← 客户号" in out
    draft = bank / "mapping.draft.toml"
    draft.rename(bank / "mapping.toml")
    assert look(str(bank)).guess is None
    assert len(load_portfolio(str(bank), cache=tmp_path / "cache").clients) == 2


def test_a_folder_that_may_only_be_read_gets_its_draft_elsewhere(bank, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("analysis.intake.check_folder.default_cache", lambda: tmp_path / "cache")
    (bank / "mapping.toml").unlink()
    real = Path.write_text

    def refuse(self, *args, **kwargs):
        if self.parent == bank:
            raise PermissionError(13, "Permission denied")
        return real(self, *args, **kwargs)

    monkeypatch.setattr(Path, "write_text", refuse)
    code, out, _ = run(capsys, "data", "check", str(bank))
    assert code == 0
    assert "the draft is mapping.draft.toml in cache" in out


def test_a_mapping_that_calls_a_banks_data_open_does_not_get_the_key_everybody_knows(bank, tmp_path):
    own = load_portfolio(str(bank), cache=tmp_path / "cache")
    written = bank / "mapping.toml"
    text = written.read_text(encoding="utf-8")
    written.write_text(text.replace('kind = "production"', 'kind = "open"'), encoding="utf-8")
    called_open = load_portfolio(str(bank), cache=tmp_path / "cache")
    assert called_open.provenance.kind == "open"
    assert list(called_open.clients["client_id"]) == list(own.clients["client_id"])
