"""The template of the bank's extracts reads back as a portfolio of one client, and is never written over."""

from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from analysis.cli import main
from analysis.core.errors import ParameterError
from analysis.intake import load_portfolio
from analysis.intake.dictionary import DICTIONARY_HEADER, dictionary_rows
from analysis.intake.mapping import load_mapping
from analysis.intake.schemas import SCHEMAS
from analysis.reporting.template import write_template


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("extracts") / "2026Q3"
    write_template(folder)
    return folder


def test_the_template_has_a_sheet_a_table_with_the_names_of_the_contract(written: Path):
    book = openpyxl.load_workbook(written / "template.xlsx")
    assert book.sheetnames[:2] == ["说明 help", "字典 dictionary"]
    assert book.sheetnames[2:] == list(SCHEMAS)
    for schema in SCHEMAS.values():
        header = [cell.value for cell in book[schema.name][1]]
        assert header == [column.name for column in schema.columns]


def test_the_dictionary_sheet_is_the_dictionary(written: Path):
    sheet = openpyxl.load_workbook(written / "template.xlsx")["字典 dictionary"]
    rows = [tuple(cell or "" for cell in row) for row in sheet.iter_rows(values_only=True)]
    assert rows == [DICTIONARY_HEADER, *dictionary_rows()]


def test_cells_of_coded_columns_offer_the_allowed_words(written: Path):
    sheet = openpyxl.load_workbook(written / "template.xlsx")["loan_states"]
    offered = {
        str(rule.sqref): (rule.formula1, rule.errorStyle)
        for rule in sheet.data_validations.dataValidation
        if rule.type == "list"
    }
    # loan_class is the fifth column, extended the eleventh, upgraded and in_default the twentieth and twenty-first
    assert offered == {
        "E2:E1048576": ('"pass,special_mention,substandard,doubtful,loss"', "warning"),
        "K2:K1048576": ('"是,否"', "warning"),
        "T2:T1048576": ('"是,否"', "warning"),
        "U2:U1048576": ('"是,否"', "warning"),
    }


def test_the_same_template_has_the_same_bytes(written: Path, tmp_path: Path):
    again, _ = write_template(tmp_path)
    assert again.read_bytes() == (written / "template.xlsx").read_bytes()


def test_the_template_as_it_is_loads_as_a_portfolio_of_one_client(written: Path, tmp_path: Path):
    portfolio = load_portfolio("folder", data=str(written.parent), cache=tmp_path)
    # entries are summed into activity and transactions and not kept
    assert set(portfolio.tables) == set(SCHEMAS) - {"events"}
    assert portfolio.quarter.label == "2026Q3"
    assert portfolio.set_aside.empty
    assert portfolio.quality is not None
    assert portfolio.quality.state == "pass"
    (client,) = portfolio.clients.to_dict("records")
    assert (client["industry"], client["staff"], client["revenue"]) == ("C", 260.0, 186_000_000.0)
    balance = portfolio.connection.con.execute("SELECT sum(balance_end) FROM positions").fetchone()[0]
    assert balance == Decimal("1200000.00")


def test_the_mapping_example_is_a_mapping(written: Path):
    mapping = load_mapping(written / "mapping-example.toml")
    assert [(file.table, file.files) for file in mapping.files] == [
        ("clients", ("客户信息*.xlsx",)),
        ("positions", ("存款*.csv",)),
        ("limits", ("授信台账.csv",)),
    ]
    clients, positions, limits = ({column.column: column for column in file.columns} for file in mapping.files)
    assert clients["industry"].part == (1, 1)
    assert clients["status"].codes == {"正常": "open", "久悬": "dormant", "销户": "closed"}
    assert positions["balance_avg"].multiply == 10000
    assert positions["interest"].year_to_date
    assert (limits["client_id"].prefix, limits["month"].dates) == ("C", "%Y%m")


def test_a_template_that_may_be_filled_in_is_not_written_over(tmp_path: Path):
    write_template(tmp_path / "mine")
    filled = tmp_path / "mine" / "template.xlsx"
    filled.write_bytes(b"filled in")
    with pytest.raises(ParameterError) as caught:
        write_template(tmp_path / "mine")
    assert caught.value.message == "There is a template.xlsx in 'mine' already, and it may be filled in."
    assert caught.value.hint == "Name another folder, or move the file away."
    assert filled.read_bytes() == b"filled in"


def test_a_file_is_no_folder_for_a_template(tmp_path: Path):
    (tmp_path / "taken").write_text("x", encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        write_template(tmp_path / "taken")
    assert caught.value.message == "'taken' is a file, not a folder."
    assert caught.value.hint == "Name a folder; it is made if need be."


def test_the_command_writes_both_files_and_refuses_a_second_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as first:
        main(["data", "template", str(tmp_path)])
    assert (first.value.code, capsys.readouterr().out) == (0, "template.xlsx\nmapping-example.toml\n")
    with pytest.raises(SystemExit) as second:
        main(["data", "template", str(tmp_path)])
    assert second.value.code == 2
