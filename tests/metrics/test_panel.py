"""The panel: months into quarters, absent measures, what is kept on disk."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.core.errors import ParameterError
from analysis.core.quarter import Quarter
from analysis.intake.portfolio import Portfolio
from analysis.metrics import DERIVED, MEASURES, build_panel, load_panel, write_panel
from analysis.metrics.panel import compute, panel_folder, panel_quarters
from tests.builders import client_rows, rows, tiny_portfolio
from tests.metrics.small_bank import loan_states, small_bank


def test_the_panel_has_a_row_a_client_and_quarter_in_order(bank: Portfolio) -> None:
    panel = build_panel(bank)
    assert list(zip(panel["client_id"], panel["quarter"], strict=True)) == [
        (client, quarter) for client in "ABCD" for quarter in ("2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3")
    ]


def test_every_measure_is_there_when_every_table_is(bank: Portfolio) -> None:
    panel = build_panel(bank, 1)
    assert set(panel.columns) == {"client_id", "quarter", *MEASURES, *DERIVED} - {"extended_balance"}
    assert not panel.isna().any(axis=None)


def test_a_month_without_a_row_counts_as_zero_in_an_average(tmp_path: Path) -> None:
    # 31 days at 920 in July, nothing since: 31 × 920 / 92 = 310
    positions = rows("client_id month product balance_avg", ("A", "2026-07-31", "deposit_demand", 920.0))
    bank = tiny_portfolio(tmp_path, {"clients": client_rows("A"), "positions": positions})
    panel = build_panel(bank, 1)
    assert panel["deposit_avg"].tolist() == [310.0]


def test_a_leap_year_february_weighs_29_days(tmp_path: Path) -> None:
    # first quarter of 2024: 91 days; 29 × 910 / 91 = 290
    positions = rows("client_id month product balance_avg", ("A", "2024-02-29", "loan_fixed", 910.0))
    clients = client_rows("A", quarters=("2024Q1",))
    bank = tiny_portfolio(tmp_path, {"clients": clients, "positions": positions}, "2024Q1")
    assert build_panel(bank, 1)["loan_avg"].tolist() == [290.0]


def test_a_stock_is_the_last_day_of_the_quarter_only(bank: Portfolio) -> None:
    panel = build_panel(bank, 1).set_index("client_id")
    assert panel.loc["A", "deposit_end"] == 1_920_000
    assert panel.loc["A", "credit_limit"] == 0  # expired in August
    assert panel.loc["C", "deposit_end"] == 0


def test_measures_that_look_back_are_empty_where_there_is_nothing_to_look_at(bank: Portfolio) -> None:
    panel = build_panel(bank).groupby("quarter").first()
    assert panel["kept_pass"].notna().tolist() == [False, False, False, False, True]
    assert panel["npl_open"].notna().tolist() == [False, True, False, False, True]
    assert panel["n_out_recent"].notna().tolist() == [False, False, False, False, True]


def test_a_measure_without_its_table_is_absent(tmp_path: Path) -> None:
    panel = build_panel(small_bank(tmp_path, without=("limits", "loan_states")), 1)
    assert "deposit_avg" in panel
    assert not {"credit_limit", "npl_balance", "contribution", "n_effective"} & set(panel.columns)


def test_clients_alone_make_a_panel_of_counts(tmp_path: Path) -> None:
    bank = tiny_portfolio(tmp_path, {"clients": client_rows("A", "B")})
    panel = build_panel(bank)
    assert panel["n_clients"].tolist() == [1.0] * 4


def test_the_register_of_a_quarter_is_each_clients_latest_row(tmp_path: Path) -> None:
    clients = client_rows("A", quarters=("2026Q1",))
    bank = tiny_portfolio(tmp_path, {"clients": clients}, "2026Q3", last_quarter="2026Q3")
    assert build_panel(bank)["quarter"].tolist() == ["2026Q1", "2026Q2", "2026Q3"]


def test_formation_adds_back_what_left_the_bad_loans(tmp_path: Path) -> None:
    # 100 bad at the opening. July: 30 repaid. August: 50 written off, 20 left. September: 20 upgraded. Another 40
    # turn bad in August and are transferred in September. Formation: −30 + 30 − 50 + 50 − 20 + 20 + 40 − 40 + 40 = 40.
    states = rows(
        "loan_id client_id month balance loan_class repaid written_off transferred",
        ("l1", "A", "2026-06-30", 100.0, "doubtful", 0.0, 0.0, 0.0),
        ("l1", "A", "2026-07-31", 70.0, "doubtful", 30.0, 0.0, 0.0),
        ("l1", "A", "2026-08-31", 20.0, "doubtful", 0.0, 50.0, 0.0),
        ("l1", "A", "2026-09-30", 20.0, "special_mention", 0.0, 0.0, 0.0),
        ("l2", "A", "2026-06-30", 40.0, "pass", 0.0, 0.0, 0.0),
        ("l2", "A", "2026-07-31", 40.0, "pass", 0.0, 0.0, 0.0),
        ("l2", "A", "2026-08-31", 40.0, "substandard", 0.0, 0.0, 0.0),
        ("l2", "A", "2026-09-30", 0.0, "substandard", 0.0, 0.0, 40.0),
    )
    bank = tiny_portfolio(tmp_path, {"clients": client_rows("A"), "loan_states": states})
    panel = build_panel(bank, 1)
    assert panel["npl_formation"].tolist() == [40.0]
    assert panel["npl_balance"].tolist() == [0.0]
    assert panel["npl_open"].tolist() == [100.0]


def test_the_allowance_of_a_transferred_loan_is_that_of_the_month_before(tmp_path: Path) -> None:
    states = rows(
        "loan_id client_id month balance loan_class allowance transferred",
        ("l1", "A", "2026-08-31", 100.0, "loss", 90.0, 0.0),
        ("l1", "A", "2026-09-30", 0.0, "loss", 0.0, 100.0),
        ("l2", "A", "2026-08-31", 100.0, "loss", 80.0, 0.0),
        ("l2", "A", "2026-09-30", 100.0, "loss", 80.0, 0.0),
    )
    panel = build_panel(tiny_portfolio(tmp_path, {"clients": client_rows("A"), "loan_states": states}), 1)
    assert panel["allowance_transferred"].tolist() == [90.0]


def test_a_closed_client_holds_nothing_though_its_last_month_has_rows(tmp_path: Path) -> None:
    positions = rows("client_id month product balance_avg", ("A", "2026-09-30", "deposit_demand", 920.0))
    clients = client_rows("A")
    clients.loc[clients["quarter"] == "2026Q3", "status"] = "closed"
    panel = build_panel(tiny_portfolio(tmp_path, {"clients": clients, "positions": positions}), 1)
    assert panel["holds_settlement"].tolist() == [0.0]
    assert panel["deposit_avg"].tolist() == [300.0]  # money of the quarter still counts: totals tie


def test_migration_looks_at_what_was_not_repaid(tmp_path: Path) -> None:
    # pass a year ago: 100 now 60 and doubtful (40 repaid), 200 now 250 and pass (50 more drawn), 80 now gone
    states = rows(
        "loan_id client_id month balance loan_class",
        ("l1", "A", "2025-09-30", 100.0, "pass"),
        ("l2", "A", "2025-09-30", 200.0, "pass"),
        ("l3", "A", "2025-09-30", 80.0, "pass"),
        ("l1", "A", "2026-09-30", 60.0, "doubtful"),
        ("l2", "A", "2026-09-30", 250.0, "pass"),
    )
    clients = client_rows("A", quarters=("2025Q3", "2026Q3"))
    panel = build_panel(tiny_portfolio(tmp_path, {"clients": clients, "loan_states": states}), 1)
    assert panel["kept_pass"].tolist() == [260.0]
    assert panel["moved_pass"].tolist() == [60.0]


def test_an_expected_loss_leaves_bad_loans_out(tmp_path: Path) -> None:
    states = loan_states().assign(loan_class="loss")
    panel = build_panel(small_bank(tmp_path, loan_states=states), 1)
    assert panel["expected_loss_year"].sum() == 0.0
    assert panel["npl_balance"].sum() == 9_200_000.0


def test_an_earlier_quarter_of_a_later_portfolio_is_what_the_portfolio_of_that_quarter_says(bank: Portfolio) -> None:
    early = Quarter("2026Q2")
    later = build_panel(bank, [early])
    own = build_panel(bank.at(early), [early])
    pd.testing.assert_frame_equal(later, own)


def test_quarters_outside_the_data_are_not_in_the_panel(bank: Portfolio) -> None:
    assert [str(q) for q in panel_quarters(bank, 2)] == ["2026Q2", "2026Q3"]
    assert len(panel_quarters(bank, 20)) == 5
    assert panel_quarters(bank, [Quarter("2020Q1"), Quarter("2026Q4")]) == ()
    assert build_panel(bank, [Quarter("2020Q1")]).empty
    assert load_panel(bank, ["n_clients"], [Quarter("2020Q1")]).empty


def test_a_panel_computed_in_slices_of_clients_is_the_same(bank: Portfolio) -> None:
    quarters = panel_quarters(bank, 2)
    sliced = pd.concat(frame for _, frame in compute(bank, quarters, max_clients=1))
    pd.testing.assert_frame_equal(sliced.sort_values(["client_id", "quarter"], ignore_index=True), build_panel(bank, 2))


# --- kept on disk ---------------------------------------------------------------------------------------------------


def test_the_kept_panel_is_the_computed_one(bank: Portfolio) -> None:
    kept, computed = load_panel(bank, quarters=3), build_panel(bank, 3)
    pd.testing.assert_frame_equal(kept[sorted(kept.columns)], computed[sorted(computed.columns)])


def test_only_the_columns_asked_for_are_read_in_the_order_asked(bank: Portfolio) -> None:
    panel = load_panel(bank, ["loan_end", "deposit_avg"], 1)
    assert list(panel.columns) == ["client_id", "quarter", "loan_end", "deposit_avg"]


def test_an_unknown_measure_is_refused(bank: Portfolio) -> None:
    with pytest.raises(
        ParameterError,
        match=r"^There is no measure 'deposits'\. Measures are listed in analysis\.metrics\.MEASURES and DERIVED\.$",
    ):
        load_panel(bank, ["deposits"])


def test_kept_files_are_used_again_and_bytes_are_the_same(bank: Portfolio, tmp_path: Path) -> None:
    first = write_panel(bank, 2, folder=tmp_path / "one")
    again = write_panel(bank, 2, folder=tmp_path / "two")
    assert [path.read_bytes() for path in first.values()] == [path.read_bytes() for path in again.values()]
    before = {path: path.stat().st_mtime_ns for path in first.values()}
    write_panel(bank, 3, folder=tmp_path / "one")
    assert {path: path.stat().st_mtime_ns for path in first.values()} == before
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == [
        "2026Q1.parquet",
        "2026Q2.parquet",
        "2026Q3.parquet",
    ]


def test_another_policy_has_another_folder(bank: Portfolio) -> None:
    from dataclasses import replace

    other = replace(bank, policy=replace(bank.policy, sha256="other"))
    assert panel_folder(other) != panel_folder(bank)
    assert panel_folder(bank.at("2026Q1")) == panel_folder(bank)
