"""The SBA loans: published numbers are met, dirt is counted, names stay outside, and earlier quarters know less."""

import csv
import gzip
from pathlib import Path

import duckdb
import pytest

from analysis.core.errors import DataError, ParameterError
from analysis.intake import load_portfolio
from analysis.intake.sources import sba

STAGED = Path(__file__).parents[2].parent / "shared" / "data" / "sba_national" / "sba_national_dev.csv.gz"
needs_file = pytest.mark.skipif(not STAGED.is_file(), reason="the staged SBA file is not beside the repository")

HEADER = [
    *(
        "LoanNr_ChkDgt",
        "Name",
        "City",
        "State",
        "Zip",
        "Bank",
        "BankState",
        "NAICS",
        "ApprovalDate",
        "ApprovalFY",
        "Term",
    ),
    *(
        "NoEmp",
        "NewExist",
        "CreateJob",
        "RetainedJob",
        "FranchiseCode",
        "UrbanRural",
        "RevLineCr",
        "LowDoc",
        "ChgOffDate",
    ),
    *("DisbursementDate", "DisbursementGross", "BalanceGross", "MIS_Status", "ChgOffPrinGr", "GrAppv", "SBA_Appv"),
]
GOOD = {
    "LoanNr_ChkDgt": "1000014003",
    "Name": "PLANTED NAME",
    "City": "PLANTED TOWN",
    "State": "IN",
    "Zip": "47711",
    "NAICS": "451120",
    "ApprovalDate": "28-Feb-97",
    "Term": "84",
    "NoEmp": "4",
    "NewExist": "2",
    "RevLineCr": "N",
    "LowDoc": "Y",
    "MIS_Status": "P I F",
    "ChgOffPrinGr": "$0.00 ",
    "GrAppv": "$60,000.00 ",
    "SBA_Appv": "$48,000.00 ",
}


def published_file(folder, *changes, name="SBAnational.csv", header=HEADER):
    """A file in the form of the published one: one good loan a change, with that change."""
    path = folder / name
    with path.open("w", newline="", encoding="latin-1") as handle:
        writer = csv.DictWriter(handle, header, restval="", extrasaction="ignore")
        writer.writeheader()
        for k, change in enumerate(changes):
            writer.writerow(GOOD | {"LoanNr_ChkDgt": f"{1000000000 + k}"} | change)
    return path


def load(tmp_path, *changes, quarter="latest"):
    path = published_file(tmp_path, *changes)
    return load_portfolio("sba", data=str(path), cache=tmp_path / "cache", quarter=quarter)


def one(portfolio, sql):
    return portfolio.connection.con.execute(sql).fetchall()


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    return load_portfolio("sba", data=str(STAGED), cache=tmp_path_factory.mktemp("cache"))


@needs_file
def test_the_numbers_of_the_staged_file_are_met(staged):
    # From the description beside the file: 14,917 loans, 3,084 charged off of 14,847 known, totals in US dollars.
    loans, charged_off, known, amount, principal = one(
        staged,
        "SELECT count(*), count(*) FILTER (WHERE outcome = 'charged_off'), count(outcome),"
        " sum(amount), sum(charged_off) FROM loans",
    )[0]
    assert (loans, charged_off, known) == (14_917, 3_084, 14_847)
    assert round(charged_off / known, 4) == 0.2077
    assert (amount, principal) == (1_711_632_565, 160_328_472)
    assert len(staged.clients) == 14_917
    assert staged.quarter.label == "2014Q3"
    assert staged.currency.code == "USD"
    assert staged.provenance.kind == "open"


@needs_file
def test_new_firms_were_charged_off_less_often_than_existing_ones(staged):
    rates = one(
        staged,
        "SELECT stage, round(count(*) FILTER (WHERE outcome = 'charged_off') / count(outcome), 4)"
        " FROM loans JOIN clients USING (client_id) WHERE stage IS NOT NULL GROUP BY 1 ORDER BY 1",
    )
    assert rates == [("established", 0.2234), ("startup", 0.1734)]


@needs_file
def test_what_was_done_to_the_rows_is_counted(staged):
    counts = {(c.table, c.column): c.n_rows for c in staged.provenance.cleaning}
    assert counts["clients", "industry"] == 2_662  # NAICS 0
    assert counts["clients", "staff"] == 68
    assert counts["clients", "stage"] == 20
    assert counts["loans", "term_months"] == 21
    assert counts["loans", "is_revolving"] == 2_739  # 0: 2,075 · T: 661 · empty: 2 · 1: 1
    assert counts["loans", "outcome"] == 70
    assert counts["loans", "charged_off"] == 158  # 146 paid in full and 12 of unknown outcome carry a principal
    assert sum(c.n_dropped for c in staged.provenance.cleaning) == 0


@needs_file
def test_no_borrower_name_reaches_a_table(staged):
    with gzip.open(STAGED, "rt", encoding="latin-1", newline="") as handle:
        names = {row["Name"] for row in csv.DictReader(handle) if len(row["Name"]) > 8}
    for name in staged.tables:
        for row in one(staged, f"SELECT * FROM {name} USING SAMPLE 500 ROWS (reservoir, 1)"):
            assert not names & {value for value in row if isinstance(value, str)}
    assert staged.clients[["name", "credit_code"]].isna().all(axis=None)


@needs_file
def test_an_earlier_quarter_knows_fewer_loans_and_fewer_outcomes(staged):
    before = staged.at("2005Q4")
    as_of = "DATE '2005-12-31'"
    assert one(before, f"SELECT count(*) FROM loans WHERE start > {as_of} OR outcome_date > {as_of}") == [(0,)]
    raw = f"read_parquet('{staged.folder / 'loans.parquet'}')"
    approved = duckdb.sql(f"SELECT count(*) FROM {raw} WHERE start <= {as_of}").fetchone()
    assert one(before, "SELECT count(*) FROM loans") == [approved]
    assert one(before, "SELECT count(outcome) < 14847 FROM loans") == [(True,)]
    assert len(before.clients) == approved[0]


@needs_file
def test_no_path_is_in_what_a_report_may_print(staged):
    assert "/" not in staged.provenance.inputs[0].name
    assert str(STAGED.parent) not in repr(staged)


def test_money_and_dates_of_the_published_form_are_read(tmp_path):
    changes = (
        {},
        {"ApprovalDate": "2/28/1997", "GrAppv": "60000"},
        {"ApprovalDate": "1-Mar-14", "MIS_Status": "CHGOFF", "ChgOffDate": "7-Aug-14", "ChgOffPrinGr": "$1,234.50 "},
        {"ApprovalDate": "5-Jan-72"},
    )
    portfolio = load(tmp_path, *changes)
    rows = one(
        portfolio,
        "SELECT start::VARCHAR, amount, guaranteed, outcome_date::VARCHAR, charged_off FROM loans ORDER BY loan_id",
    )
    # 84 months after 28 February 1997 is 28 February 2004; after 5 January 1972 it is 5 January 1979.
    assert rows == [
        ("1997-02-28", 60000, 48000, "2004-02-28", None),
        ("1997-02-28", 60000, 48000, "2004-02-28", None),
        ("2014-03-01", 60000, 48000, "2014-08-07", pytest.approx(1234.50)),
        ("1972-01-05", 60000, 48000, "1979-01-05", None),
    ]
    assert (portfolio.first_quarter.label, portfolio.last_quarter.label) == ("1972Q1", "2014Q3")


def test_two_digit_years_after_2014_lie_in_the_last_century(tmp_path):
    changes = ({"ApprovalDate": "1-Dec-14"}, {"ApprovalDate": "1-Dec-15"})
    starts = one(load(tmp_path, *changes), "SELECT start::VARCHAR FROM loans ORDER BY loan_id")
    assert starts == [("2014-12-01",), ("1915-12-01",)]


def test_a_loan_paid_in_full_is_known_from_the_end_of_its_term(tmp_path):
    # Approved 1997-02-28 for 84 months: the end lies in 2004Q1. The charge-off makes 2014Q3 the last quarter.
    changes = ({}, {"Term": "240"}, {"Term": "0"}, {"MIS_Status": "CHGOFF", "ChgOffDate": "7-Aug-14"})
    portfolio = load(tmp_path, *changes)
    outcomes = "SELECT coalesce(outcome, '') FROM loans ORDER BY loan_id"
    assert one(portfolio.at("2003Q4"), outcomes) == [("",)] * 4
    assert one(portfolio.at("2004Q1"), outcomes) == [("paid_in_full",), ("",), ("",), ("",)]
    assert one(portfolio, outcomes) == [("paid_in_full",)] * 3 + [("charged_off",)]


def test_stray_codes_become_unknown_and_are_counted(tmp_path):
    stray = {
        "NAICS": "0",
        "NoEmp": "0",
        "NewExist": "0",
        "RevLineCr": "T",
        "LowDoc": "S",
        "State": "??",
        "MIS_Status": "",
    }
    portfolio = load(tmp_path, {}, stray)
    row = portfolio.register.iloc[1]
    assert row[["industry", "industry_division", "region", "staff", "stage", "size_class"]].isna().all()
    assert row.size_reason == "missing staff"
    assert one(portfolio, "SELECT is_revolving, is_simplified, outcome FROM loans ORDER BY loan_id DESC LIMIT 1") == [
        (None,) * 3
    ]
    cleaning = {(c.table, c.column): c for c in portfolio.provenance.cleaning}
    assert cleaning["loans", "is_revolving"].examples == ("T",)
    assert cleaning["loans", "is_simplified"].examples == ("S",)
    assert {cleaning["clients", name].n_rows for name in ("industry", "region", "staff", "stage")} == {1}


def test_joined_sectors_share_a_code(tmp_path):
    changes = tuple({"NAICS": f"{sector}1111"} for sector in (31, 32, 33, 44, 45, 48, 49, 54))
    sectors = one(load(tmp_path, *changes), "SELECT industry FROM clients ORDER BY client_id")
    assert [row[0] for row in sectors] == ["31-33"] * 3 + ["44-45"] * 2 + ["48-49"] * 2 + ["54"]


def test_a_file_with_another_hash_is_accepted_and_named(tmp_path):
    portfolio = load(tmp_path, {})
    assert portfolio.provenance.parameters["file"] == "not one of the files this project was checked with"
    assert portfolio.provenance.inputs[0].name == "SBAnational.csv"
    assert (
        portfolio.provenance.cleaning[0].rule.en
        == "not a file this project was checked with; accepted, as its columns are right"
    )


def test_missing_columns_are_named_with_the_nearest(tmp_path):
    header = ["GrApprv" if name == "GrAppv" else name for name in HEADER if name != "NoEmp"]
    path = published_file(tmp_path, {}, header=header)
    with pytest.raises(DataError) as refused:
        load_portfolio("sba", data=str(path), cache=tmp_path / "cache")
    assert refused.value.message == (
        "The file SBAnational.csv lacks 2 columns of the SBA loans: NoEmp; GrAppv (Did you mean 'GrApprv'?)."
    )
    assert str(tmp_path) not in str(refused.value)
    assert refused.value.exit_code == 3


def test_a_file_whose_dates_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(
        DataError, match=r"^Of 2 rows of SBAnational.csv, 1 have no loan number or no readable approval date."
    ):
        load(tmp_path, {}, {"ApprovalDate": "yesterday"})


def test_the_same_loan_twice_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"loans.loan_id names the same row more than once \(2 rows\), for example 7"):
        load(tmp_path, {"LoanNr_ChkDgt": "7"}, {"LoanNr_ChkDgt": "7"})


def test_a_folder_with_one_file_is_enough_and_with_two_it_is_not(tmp_path):
    folder = tmp_path / "given"
    folder.mkdir()
    published_file(folder, {})
    assert sba.find_file(str(folder)).name == "SBAnational.csv"
    published_file(folder, {}, name="other.csv")
    with pytest.raises(
        DataError, match=r"^The folder given holds 2 csv files: SBAnational.csv, other.csv. Name one file"
    ):
        sba.find_file(str(folder))


def test_without_the_file_it_says_where_it_is_published(tmp_path, monkeypatch):
    monkeypatch.setattr(sba, "_BESIDE_REPOSITORY", ("nowhere",))
    with pytest.raises(DataError) as refused:
        load_portfolio("sba", cache=tmp_path)
    assert refused.value.exit_code == 3
    assert "doi:10.1080/10691898.2018.1434342" in str(refused.value)
    assert "DATA=path" in str(refused.value)
    with pytest.raises(DataError, match=r"^The file x.csv given as DATA does not exist."):
        load_portfolio("sba", data=str(tmp_path / "x.csv"))


def test_the_source_takes_no_options(tmp_path):
    with pytest.raises(ParameterError, match=r"^The source sba takes no options, but was given seed."):
        load_portfolio("sba", options={"seed": 1})


def test_a_file_that_is_cut_off_is_refused_as_data(tmp_path):
    whole = tmp_path / "whole.csv.gz"
    lines = [",".join(HEADER), *(",".join(GOOD.get(name, "") for name in HEADER) for _ in range(5000))]
    whole.write_bytes(gzip.compress("\n".join(lines).encode(), compresslevel=0))
    cut = tmp_path / "SBAnational.csv.gz"
    cut.write_bytes(whole.read_bytes()[:200_000])
    with pytest.raises(DataError) as caught:
        load_portfolio("sba", data=str(cut), cache=tmp_path / "cache")
    assert str(caught.value).startswith("The file SBAnational.csv.gz cannot be read to its end: ")
    assert str(tmp_path) not in str(caught.value)
