"""The SBA loans: published numbers are met, what means nothing is counted, and earlier quarters know less."""

import csv
import gzip
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from analysis.core.errors import DataError, ParameterError
from analysis.intake import load_portfolio
from analysis.intake.sources import published

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
    assert (amount, principal) == (Decimal(1_711_632_565), Decimal(160_328_472))
    assert one(staged, "SELECT count(DISTINCT region) FROM clients") == [(51,)]
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
    assert counts == {
        ("clients", "industry"): 2_662,  # NAICS 0
        ("clients", "industry_division"): 2_662,
        ("clients", "staff"): 68,
        ("clients", "stage"): 20,
        ("loans", "term_months"): 21,
        ("loans", "is_revolving"): 2_737,  # 0: 2,075 · T: 661 · 1: 1
        ("loans", "outcome_date"): 11_763,  # paid in full; the last of two notes, see below
        ("loans", "charged_off"): 158,  # 146 paid in full and 12 of unknown outcome carry a principal
    }
    dated = [c.n_rows for c in staged.provenance.cleaning if c.column == "outcome_date"]
    assert dated == [1, 11_763]  # charged off before it was approved; paid in full
    assert sum(c.n_dropped for c in staged.provenance.cleaning) == 0


@needs_file
def test_every_row_is_kept_and_the_file_is_the_one_that_was_checked(staged):
    assert staged.set_aside.empty
    assert staged.provenance.parameters["checked"] is True
    assert [(i.name, i.rows) for i in staged.provenance.inputs] == [(STAGED.name, 14_917)]


@needs_file
def test_no_borrower_name_reaches_a_table(staged):
    with gzip.open(STAGED, "rt", encoding="latin-1", newline="") as handle:
        names = {row["Name"] for row in csv.DictReader(handle) if len(row["Name"]) > 8}
    for name in staged.tables:
        for row in one(staged, f"SELECT * FROM {name} USING SAMPLE 500 ROWS (reservoir, 1)"):
            assert not names & {value for value in row if isinstance(value, str)}
    assert {"name", "credit_code"}.isdisjoint(staged.clients.dropna(axis="columns", how="all").columns)


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
        "SELECT start::VARCHAR, amount, guaranteed, outcome_date::VARCHAR, charged_off FROM loans"
        " ORDER BY start, outcome_date",
    )
    # 84 months after 28 February 1997 is 28 February 2004; after 5 January 1972 it is 5 January 1979.
    assert rows == [
        ("1972-01-05", 60000, 48000, "1979-01-05", None),
        ("1997-02-28", 60000, 48000, "2004-02-28", None),
        ("1997-02-28", 60000, 48000, "2004-02-28", None),
        ("2014-03-01", 60000, 48000, "2014-08-07", Decimal("1234.50")),
    ]
    assert (portfolio.first_quarter.label, portfolio.last_quarter.label) == ("1972Q1", "2014Q3")


def test_two_digit_years_after_2014_lie_in_the_last_century(tmp_path):
    changes = ({"ApprovalDate": "1-Sep-14"}, {"ApprovalDate": "1-Dec-15"})
    starts = one(load(tmp_path, *changes), "SELECT start::VARCHAR FROM loans ORDER BY start")
    assert starts == [("1915-12-01",), ("2014-09-01",)]


def test_a_charge_off_without_a_usable_date_is_known_from_the_end_of_the_data(tmp_path):
    lost = {"MIS_Status": "CHGOFF", "ChgOffPrinGr": "$100.00"}
    portfolio = load(tmp_path, {**lost, "ChgOffDate": "1-Jan-90"}, lost)
    assert one(portfolio, "SELECT outcome_date::VARCHAR, charged_off FROM loans") == [("2014-09-30", 100)] * 2
    assert one(portfolio.at("2014Q2"), "SELECT count(outcome) FROM loans") == [(0,)]


def test_a_loan_paid_in_full_is_known_from_the_end_of_its_term(tmp_path):
    # Approved 1997-02-28 for 84 months: the end lies in 2004Q1. The charge-off makes 2014Q3 the last quarter.
    changes = ({}, {"Term": "240"}, {"Term": "0"}, {"MIS_Status": "CHGOFF", "ChgOffDate": "7-Aug-14"})
    portfolio = load(tmp_path, *changes)
    outcomes = "SELECT coalesce(outcome, '') AS ended, term_months FROM loans ORDER BY ended, term_months"
    assert {ended for ended, _ in one(portfolio.at("2003Q4"), outcomes)} == {""}
    assert one(portfolio.at("2004Q1"), outcomes)[-1] == ("paid_in_full", 84)
    assert [ended for ended, _ in one(portfolio.at("2004Q1"), outcomes)] == ["", "", "", "paid_in_full"]
    assert [ended for ended, _ in one(portfolio, outcomes)] == ["charged_off"] + ["paid_in_full"] * 3


def test_codes_that_mean_nothing_are_unknown_and_counted(tmp_path):
    stray = {"NAICS": "0", "NoEmp": "0", "NewExist": "0", "RevLineCr": "T", "LowDoc": "S", "MIS_Status": ""}
    portfolio = load(tmp_path, {}, stray)
    row = portfolio.register[portfolio.register.staff.isna()].iloc[0]
    assert row[["industry", "industry_division", "stage", "size_class"]].isna().all()
    assert row.size_reason == "missing staff"
    assert one(portfolio, "SELECT is_revolving, is_simplified, outcome FROM loans WHERE outcome IS NULL") == [
        (None,) * 3
    ]
    cleaning = {(c.table, c.column): c for c in portfolio.provenance.cleaning}
    assert cleaning["loans", "is_revolving"].examples == ("T",)
    assert cleaning["loans", "is_simplified"].examples == ("S",)
    assert {cleaning["clients", name].n_rows for name in ("industry", "staff", "stage")} == {1}


def test_a_code_that_nobody_listed_sets_the_row_aside(tmp_path):
    portfolio = load(tmp_path, *({} for _ in range(300)), {"NAICS": "991111"}, {"LowDoc": "?"})
    aside = portfolio.set_aside[["table", "rule", "column"]].itertuples(index=False, name=None)
    assert sorted(aside) == [
        ("clients", "unknown_code", "industry"),
        ("loans", "orphan_of_set_aside", "client_id"),
        ("loans", "type", "is_simplified"),
    ]


def test_joined_sectors_share_a_code(tmp_path):
    changes = tuple({"NAICS": f"{sector}1111"} for sector in (31, 32, 33, 44, 45, 48, 49, 54))
    sectors = one(load(tmp_path, *changes), "SELECT industry FROM clients ORDER BY industry")
    assert [row[0] for row in sectors] == ["31-33"] * 3 + ["44-45"] * 2 + ["48-49"] * 2 + ["54"]


def test_a_file_with_another_hash_is_accepted_and_named(tmp_path):
    portfolio = load(tmp_path, {})
    assert portfolio.provenance.parameters["checked"] is False
    assert portfolio.provenance.inputs[0].name == "SBAnational.csv"
    first = portfolio.provenance.cleaning[0]
    assert (first.rule.en, first.n_rows) == (
        "not a file this project was checked with; accepted, as its columns are right",
        1,
    )


def test_missing_columns_are_named_with_the_nearest(tmp_path):
    header = ["GrApprv" if name == "GrAppv" else name for name in HEADER if name != "NoEmp"]
    path = published_file(tmp_path, {}, header=header)
    with pytest.raises(DataError) as refused:
        load_portfolio("sba", data=str(path), cache=tmp_path / "cache")
    missing = "SBAnational.csv has no column 'GrAppv' for loans.amount (Did you mean 'GrApprv'?)"
    assert refused.value.message == (
        f"Columns are missing: SBAnational.csv has no column 'NoEmp' for clients.staff; {missing}; {missing}."
    )
    assert str(tmp_path) not in str(refused.value)
    assert refused.value.exit_code == 3


def test_a_file_without_the_columns_that_are_dated_is_refused_by_its_mapping(tmp_path):
    path = published_file(tmp_path, {}, header=[name for name in HEADER if name != "Term"])
    with pytest.raises(DataError, match=r"^Columns are missing: SBAnational.csv has no column 'Term' for loans"):
        load_portfolio("sba", data=str(path), cache=tmp_path / "cache")


def test_a_date_that_cannot_be_read_sets_the_loan_aside_and_half_of_the_file_is_refused(tmp_path):
    portfolio = load(tmp_path, *({} for _ in range(300)), {"ApprovalDate": "yesterday"})
    assert len(portfolio.clients) == 300
    assert set(portfolio.set_aside["rule"]) == {"type"}
    (tmp_path / "half").mkdir()
    bad = ({"ApprovalDate": "yesterday"},) * 200
    with pytest.raises(DataError, match=r"^The data of sba for 2014Q3 are not good enough for a report: ") as refused:
        load(tmp_path / "half", *({} for _ in range(200)), *bad)
    assert refused.value.exit_code == 3


def test_the_same_loan_twice_is_one_loan_and_told(tmp_path):
    portfolio = load(tmp_path, *({} for _ in range(300)), {"LoanNr_ChkDgt": "7"}, {"LoanNr_ChkDgt": "7"})
    assert one(portfolio, "SELECT count(*) FROM loans") == [(301,)]
    aside = portfolio.set_aside[["table", "line", "rule"]].itertuples(index=False, name=None)
    assert sorted(aside) == [("clients", 303, "duplicate_row"), ("loans", 303, "duplicate_row")]


def test_any_file_may_be_named_and_a_folder_needs_exactly_one_that_fits(tmp_path):
    path = published_file(tmp_path, {}, name="loans of 1997.csv")
    assert len(load_portfolio("sba", data=str(path), cache=tmp_path / "cache").clients) == 1
    folder = tmp_path / "given"
    folder.mkdir()
    mapping = published.mapping_of("sba")
    published_file(folder, {})
    published_file(folder, {}, name="other.csv")
    assert published.find("sba", mapping, str(folder)).name == "SBAnational.csv"
    published_file(folder, {}, name="sba.csv")
    with pytest.raises(DataError, match=r"^In given there are 2 files of the source sba. It is SBAnational.csv, publ"):
        published.find("sba", mapping, str(folder))


def test_without_the_file_it_says_where_it_is_published(tmp_path, monkeypatch):
    monkeypatch.setattr(published, "_BESIDE_REPOSITORY", ("nowhere",))
    with pytest.raises(DataError) as refused:
        load_portfolio("sba", cache=tmp_path)
    assert refused.value.exit_code == 3
    assert str(refused.value) == (
        "The source sba needs the published file, and none was given. It is SBAnational.csv, published with Li, Mickel"
        " & Taylor (2018), Should This Loan be Approved or Denied?, Journal of Statistics Education 26(1),"
        " doi:10.1080/10691898.2018.1434342. Write DATA=path."
    )
    with pytest.raises(DataError, match=r"^The file x.csv given as DATA does not exist. It is SBAnational.csv, ") as no:
        load_portfolio("sba", data=str(tmp_path / "x.csv"))
    assert no.value.exit_code == 3


def test_the_source_takes_no_options(tmp_path):
    with pytest.raises(ParameterError, match=r"^The source sba takes no options, but was given seed."):
        load_portfolio("sba", options={"seed": 1})


def test_a_packed_file_that_is_cut_off_is_refused(tmp_path):
    whole = tmp_path / "whole.csv.gz"
    lines = [",".join(HEADER), *(",".join(GOOD.get(name, "") for name in HEADER) for _ in range(5000))]
    whole.write_bytes(gzip.compress("\n".join(lines).encode(), compresslevel=0))
    cut = tmp_path / "SBAnational.csv.gz"
    cut.write_bytes(whole.read_bytes()[:200_000])
    with pytest.raises(DataError) as caught:
        load_portfolio("sba", data=str(cut), cache=tmp_path / "cache")
    assert caught.value.message == ("The file SBAnational.csv.gz cannot be read: it is cut off or no gzip file.")
    assert caught.value.exit_code == 3


def test_a_plain_file_that_is_cut_off_within_a_line_is_refused(tmp_path):
    path = published_file(tmp_path, {}, {}, {})
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(DataError) as caught:
        load_portfolio("sba", data=str(path), cache=tmp_path / "cache")
    assert caught.value.message == (
        "The file SBAnational.csv is damaged: 1 of its lines, the first of them line 4,"
        " cannot be split into the cells of its header."
    )
    assert caught.value.exit_code == 3


def test_a_file_that_is_no_table_is_refused(tmp_path):
    path = tmp_path / "SBAnational.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
    with pytest.raises(DataError) as caught:
        load_portfolio("sba", data=str(path), cache=tmp_path / "cache")
    assert caught.value.exit_code == 3
