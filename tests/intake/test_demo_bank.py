"""The demo bank as data: contract, keys, ties, lives of clients and loans, truth kept apart, same input same bytes."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from analysis.core.errors import ParameterError
from analysis.intake.schemas import SCHEMAS
from analysis.intake.sources.demo import DemoParameters, generate
from analysis.intake.sources.demo.controls import exact_sums
from analysis.intake.sources.demo.draws import categories, fit_margins, normal_ranks, quotas
from analysis.intake.sources.demo.identity import CODE_LETTERS, with_check_digits
from analysis.intake.sources.demo.parameters import stream
from analysis.intake.sources.demo.truth import write_truth

TABLES = (
    "clients",
    "positions",
    "loans",
    "loan_states",
    "limits",
    "transactions",
    "financials",
    "needs",
    "surveys",
    "feedback",
    "interactions",
    "markets",
    "industries",
    "regions",
    "outlets",
    "staff",
    "controls",
    "bank",
)
"""What the demo bank writes: the contract has more tables."""
SMALL = DemoParameters(n_clients=700, n_months=24, seed=3)
ARROW = {
    "text": "string",
    "quarter": "string",
    "int": "int32",
    "float": "double",
    "money": "decimal128(18, 2)",
    "bool": "bool",
    "date": "date32[day]",
}
DemoBank = Callable[[DemoParameters], Path]


@pytest.fixture(scope="module")
def folder(demo_bank: DemoBank) -> Path:
    return demo_bank(SMALL)


def query(folder: Path, sql: str) -> pd.DataFrame:
    """Answer to a query that names tables as {clients}, {positions} …"""
    return duckdb.sql(sql.format(**{name: f"'{folder}/{name}.parquet'" for name in TABLES})).df()


@pytest.mark.parametrize("name", TABLES)
def test_each_table_has_the_columns_and_types_of_its_schema(folder: Path, name: str) -> None:
    stored = pq.read_schema(folder / f"{name}.parquet")
    assert [(field.name, str(field.type)) for field in stored] == [
        (column.name, ARROW[column.dtype]) for column in SCHEMAS[name].columns
    ]


@pytest.mark.parametrize("name", TABLES)
def test_each_table_is_sorted_by_its_key_without_repeats(folder: Path, name: str) -> None:
    table = pq.read_table(folder / f"{name}.parquet", columns=list(SCHEMAS[name].key)).to_pandas()
    assert not table.duplicated().any()
    assert table.index.equals(table.sort_values(list(SCHEMAS[name].key), kind="stable").index)


@pytest.mark.parametrize("name", TABLES)
def test_values_are_present_allowed_and_in_range(folder: Path, name: str) -> None:
    table = pq.read_table(folder / f"{name}.parquet").to_pandas()
    for column in SCHEMAS[name].columns:
        values = table[column.name].dropna()
        if column.required:
            assert len(values) == len(table), column.name
        if column.allowed:
            assert set(values) <= set(column.allowed), column.name
        if column.low is not None and len(values):
            assert float(values.min()) >= column.low, column.name
        if column.high is not None and len(values):
            assert float(values.max()) <= column.high, column.name


def test_duckdb_reads_money_as_decimal_with_two_places(folder: Path) -> None:
    types = query(folder, "select typeof(balance_avg) as kind from {positions} limit 1")
    assert types["kind"].tolist() == ["DECIMAL(18,2)"]


def test_positions_tie_to_the_ledger_to_the_fen(folder: Path) -> None:
    off = query(
        folder,
        """
        with kinds as (
          select *, product like 'deposit_%' as is_deposit, product like 'loan_%' as is_loan from {positions}),
        place as (select distinct client_id, outlet_id from {clients}),
        sums as (
          select month, outlet_id, unnest(['deposits_avg', 'deposits_end', 'loans_avg', 'loans_end', 'fee',
            'interest_loans', 'interest_deposits', 'direct_cost']) as item,
          unnest([sum(balance_avg) filter (is_deposit), sum(balance_end) filter (is_deposit),
            sum(balance_avg) filter (is_loan), sum(balance_end) filter (is_loan), sum(fee),
            sum(interest) filter (is_loan), sum(interest) filter (is_deposit), sum(direct_cost)]) as amount
          from kinds join place using (client_id) group by month, outlet_id)
        select count(*) as cells, count(*) filter (coalesce(s.amount, 0) <> c.amount) as off
        from {controls} c left join sums s using (month, outlet_id, item)
        """,
    )
    assert off["cells"].tolist() == [24 * 60 * 8]  # months × outlets × items
    assert off["off"].tolist() == [0]


def test_loan_states_add_up_to_the_loan_positions(folder: Path) -> None:
    off = query(
        folder,
        """
        with s as (select client_id, month, product, sum(balance) as balance
                   from {loan_states} join (select loan_id, product from {loans}) using (loan_id) group by all),
        p as (select client_id, month, product, balance_end from {positions} where product like 'loan_%')
        select count(*) filter (coalesce(s.balance, 0) <> coalesce(p.balance_end, 0)) as off, count(*) as n
        from s full join p using (client_id, month, product)
        """,
    )
    assert off["n"].iloc[0] > 1_000
    assert off["off"].iloc[0] == 0


def test_a_loan_moves_only_by_what_is_repaid_written_off_or_transferred(folder: Path) -> None:
    wrong = query(
        folder,
        """
        select count(*) as n from (
          select balance, repaid + written_off + transferred as gone,
                 lag(balance) over (partition by loan_id order by month) as before from {loan_states})
        where before is not null and balance <> before - gone
        """,
    )
    assert wrong["n"].iloc[0] == 0


def test_use_of_a_limit_is_loans_acceptances_and_guarantees(folder: Path) -> None:
    off = query(
        folder,
        """
        with p as (select client_id, month, sum(balance_end) filter (product like 'loan_%') as loans,
                   sum(balance_end) filter (product = 'acceptance') as acceptances from {positions} group by all)
        select count(*) as n,
          count(*) filter (used <> coalesce(loans, 0) + acceptances_limit + guarantees) as off,
          count(*) filter (acceptances_limit <> coalesce(p.acceptances, 0)) as off_acceptances,
          count(*) filter (used > credit_limit) as over, count(*) filter (cash_margin > acceptances_limit) as margin
        from (select *, acceptances as acceptances_limit from {limits}) l join p using (client_id, month)
        """,
    )
    assert off[["off", "off_acceptances", "over", "margin"]].to_numpy().tolist() == [[0, 0, 0, 0]]


def test_clients_have_rows_from_their_first_to_their_last_quarter(folder: Path) -> None:
    rows = query(folder, "select client_id, quarter, status from {clients} order by all")
    number = rows["quarter"].str[:4].astype(int) * 4 + rows["quarter"].str[5].astype(int)
    gaps = number.groupby(rows["client_id"]).diff().dropna()
    assert (gaps == 1).all()
    last = rows.groupby("client_id").last()
    assert (last.loc[last["quarter"] < "2026Q3", "status"] == "closed").all()
    closed = rows[rows["status"] == "closed"]
    assert not closed["client_id"].duplicated().any()
    assert ((last["quarter"] == "2026Q3") & (last["status"] != "closed")).sum() == SMALL.n_clients


def test_nobody_is_a_client_before_it_was_founded_or_after_its_first_row(folder: Path) -> None:
    wrong = query(
        folder,
        """
        select count(*) filter (founded > relation_start) as founded,
          count(*) filter (relation_start > first_end) as begun
        from (select client_id, min(founded) as founded, min(relation_start) as relation_start,
              min(last_day(make_date(left(quarter, 4)::int, right(quarter, 1)::int * 3, 1))) as first_end
              from {clients} group by 1)
        """,
    )
    assert wrong.to_numpy().tolist() == [[0, 0]]


def test_no_position_lies_outside_the_life_of_its_client(folder: Path) -> None:
    outside = query(
        folder,
        """
        select count(*) as n from {positions} p left join {clients} c
        on p.client_id = c.client_id and c.quarter = year(p.month) || 'Q' || quarter(p.month) where c.client_id is null
        """,
    )
    assert outside["n"].iloc[0] == 0


def test_each_size_class_follows_from_staff_revenue_and_assets(demo_bank: DemoBank, tmp_path: Path) -> None:
    from analysis.intake.reference import project_root
    from analysis.intake.size_rule import read_size_rule, size_class

    rule = read_size_rule(project_root() / "data" / "reference" / "nbs_enterprise_size_2017.csv")
    write_truth(SMALL, tmp_path)
    wanted = pd.read_parquet(tmp_path / "truth_clients.parquet").set_index("client_id")["size_class"]
    clients = query(demo_bank(SMALL), "select * from {clients} where quarter = '2026Q3'").set_index("client_id")
    classes, reasons = size_class(
        clients["industry_division"],
        clients["staff"],
        clients["revenue"].astype(float),
        clients["assets"].astype(float),
        rule,
        entity_type=clients["entity_type"],
    )
    known = classes.notna()
    assert (classes[known] == wanted.reindex(clients.index)[known]).all()
    assert reasons[~known].str.startswith("missing ").all()


def test_credit_codes_have_right_check_digits(folder: Path) -> None:
    codes = query(folder, "select distinct credit_code from {clients}")["credit_code"].tolist()
    digits = np.array([[CODE_LETTERS.index(letter) for letter in code[:17]] for code in codes])
    assert with_check_digits(digits) == codes
    assert {code[2:4] for code in codes} == {"99"}  # no province has this number


def test_check_digits_agree_with_a_code_worked_by_hand() -> None:
    # 91 110000 600037341: organisation part 60003734 → 6·3+3·5+7·8+3·4+4·2 = 109; 109 mod 11 = 10; 11−10 = 1.
    # Σ cᵢ·3ⁱ mod 31 with 3ⁱ mod 31 = 1 3 9 27 19 26 16 17 20 29 25 13 8 24 10 30 28:
    # 9+3+9+27+0+0+0+0 + 6·20+0+0+0+3·8+7·24+3·10+4·30+1·28 = 538; 538 mod 31 = 11; 31−11 = 20 → "L".
    digits = np.array([[9, 1, 1, 1, 0, 0, 0, 0, 6, 0, 0, 0, 3, 7, 3, 4, 0]])
    assert with_check_digits(digits) == ["91110000600037341L"]


def test_silent_clients_are_dormant_and_move_nothing(folder: Path) -> None:
    rows = query(
        folder,
        """
        with dormant as (select client_id from {clients} where quarter = '2026Q3' and status = 'dormant')
        select (select count(*) from dormant) as n,
          (select count(*) from {transactions} semi join dormant using (client_id)
             where month > '2026-06-30') as entries,
          (select max(balance_avg)::double from {positions} semi join dormant using (client_id)
             where product = 'deposit_demand' and month = '2026-09-30') as largest
        """,
    )
    assert rows["n"].iloc[0] > 30
    assert rows["entries"].iloc[0] == 0
    assert rows["largest"].iloc[0] < 1_000  # under 0.1 万元


def test_same_parameters_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    generate(SMALL, tmp_path)
    for name in TABLES:
        first, second = ((place / f"{name}.parquet").read_bytes() for place in (folder, tmp_path))
        assert hashlib.sha256(first).hexdigest() == hashlib.sha256(second).hexdigest(), name


def test_another_seed_gives_another_bank(folder: Path, tmp_path: Path) -> None:
    generate(DemoParameters(n_clients=700, n_months=24, seed=4), tmp_path)
    assert (tmp_path / "positions.parquet").read_bytes() != (folder / "positions.parquet").read_bytes()


def test_random_streams_depend_on_their_name_and_chunk_alone() -> None:
    first = stream(SMALL, "deposits", 0).random(3)
    stream(SMALL, "anything else", 0).random(100)
    assert (stream(SMALL, "deposits", 0).random(3) == first).all()
    assert (stream(SMALL, "deposits", 1).random(3) != first).all()
    assert (stream(SMALL, "loans", 0).random(3) != first).all()


def test_the_truth_lies_in_files_of_its_own(folder: Path, tmp_path: Path) -> None:
    write_truth(SMALL, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "truth_clients.parquet",
        "truth_needs.parquet",
        "truth_segments.parquet",
        "truth_statements.parquet",
    ]
    assert not any("truth" in path.name or "segment" in path.name for path in folder.iterdir())
    truth = pd.read_parquet(tmp_path / "truth_clients.parquet")
    counts = truth[~truth["is_lost"]]["segment"].value_counts()
    # 700 of 5,000: G7 1,500 → 210, G8 1,200 → 168, G2 350 → 49; cells are rounded, so a few either way
    assert counts["G7"] == pytest.approx(210, abs=3)
    assert counts["G8"] == pytest.approx(168, abs=3)
    assert counts["G2"] == 49
    assert 0.07 < truth["is_tier_overridden"].mean() < 0.15


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_clients": 10}, "The demo bank cannot have 10 clients. Give 200 to 2000000 clients."),
        (
            {"n_months": 35},
            "The demo bank cannot have a history of 35 months. Give 12 to 60 months, a multiple of 3.",
        ),
        ({"seed": -1}, "The seed -1 is negative. Give a seed of 0 or more."),
        (
            {"variant": "nul"},
            "The demo bank has no variant 'nul'. Did you mean 'null'? Known are null, retier_only.",
        ),
        (
            {"last_quarter": "2026"},
            "'2026' is not a quarter. Write year, Q and a number from 1 to 4.",
        ),
    ],
)
def test_impossible_parameters_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        DemoParameters(**wrong)  # type: ignore[arg-type]
    assert str(refusal.value) == message


@pytest.mark.parametrize(("n_clients", "n_months"), [(200, 12), (5_300, 15)])
def test_odd_sizes_work_and_keep_the_number_of_clients(tmp_path: Path, n_clients: int, n_months: int) -> None:
    told: list[tuple[str, float]] = []
    parameters = DemoParameters(n_clients=n_clients, n_months=n_months, last_quarter="2025Q2", seed=1)
    generate(parameters, tmp_path, progress=lambda text, share: told.append((text, share)))
    counts = query(
        tmp_path, "select quarter, count(*) filter (status <> 'closed') as n from {clients} group by 1 order by 1"
    )
    assert counts["n"].iloc[-1] == n_clients
    assert counts["quarter"].iloc[-1] == "2025Q2"
    assert len(counts) == n_months // 3
    assert told[-1] == ("done", 1.0)


def test_quotas_add_up_and_go_to_the_largest_remainders() -> None:
    # 10 · (0.5, 0.3, 0.2) is whole; half of it is 2.5, 1.5, 1.0: one more for the first of two equal remainders
    assert quotas(np.array([5.0, 3.0, 2.0]), 10).tolist() == [5, 3, 2]
    assert quotas(np.array([5.0, 3.0, 2.0]), 5).tolist() == [3, 1, 1]


def test_ranks_become_normal_values_in_the_same_order() -> None:
    rng = np.random.default_rng(1)
    score = rng.random(1_000)
    values = normal_ranks(rng, score)
    assert (np.argsort(values) == np.argsort(score)).all()
    assert abs(values.mean()) < 0.01
    assert abs(values.std() - 1) < 0.02


def test_categories_come_out_in_the_asked_shares() -> None:
    counts = np.bincount(categories(np.random.default_rng(2), np.array([0.5, 0.25, 0.25]), 400), minlength=3)
    assert np.abs(counts - np.array([200, 100, 100])).max() <= 1


def test_raking_hits_both_margins() -> None:
    fitted = fit_margins(np.array([[1.0, 2.0], [3.0, 1.0]]), np.array([30.0, 70.0]), np.array([60.0, 40.0]))
    assert fitted.sum(axis=1) == pytest.approx([30, 70])
    assert fitted.sum(axis=0) == pytest.approx([60, 40])


def test_sums_of_fen_are_exact_where_doubles_round() -> None:
    # 2^53 + 1 is no double, but the halves of the number are
    large = 2**53 + 1
    assert exact_sums(np.array([0, 1, 0]), np.array([large, 5, -2]), 2).tolist() == [large - 2, 5]
