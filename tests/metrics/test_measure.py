"""Every KPI of the bank of four clients, worked out by hand (D = 92 days)."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.core.errors import ParameterError
from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.intake.portfolio import Portfolio
from analysis.metrics import METRICS, TOTAL, UNASSIGNED, measure, series, sparkline, value_at, value_of
from tests.metrics.small_bank import positions, small_bank

YEAR = 365 / 92
EL = (82_800 + 46_000 * 62 / 92) * 92 / 365  # l1 all quarter; l2 until it turned bad, 62 of 92 days
CONTRIB_A = 11_500 - 0.0072 * 1_500 - 600
CONTRIB_B = 76_100 - 0.0072 * 121_000 - 3_300 - EL
RWA = 8_280_000 * 0.85 + 920_000 + (500_000 + 0.5 * 200_000 - 150_000) * 0.9
EC = 0.105 * RWA

BY_HAND = {
    "DEP_EOP": 1_000_000 + 920_000 + 100_000,
    # A demand: 31 × 920,000 + 31 × 1,840,000 + 30 × 920,000 over 92 = 1,230,000; A term: 30 × 920,000 / 92 = 300,000;
    # B: 30 × 92,000 / 92 = 30,000. July and August without a row count as zero.
    "DEP_ADB": 1_560_000,
    "ADBGAP": 2_020_000 / 1_560_000 - 1,
    "CASA_C": 1_260_000 / 1_560_000,
    "DEPRATE": 5_000 * YEAR / 1_560_000,
    "LOAN_EOP": 9_200_000,
    "LOAN_ADB": 9_200_000,
    "LOANRATE": 120_000 * YEAR / 9_200_000,
    # l1: 36 months, 4 % − 3 %; l2: 84 months, 5 % − 3.5 %; by balance 0.9 and 0.1
    "SPREAD_LPR": 0.9 * 0.01 + 0.1 * 0.015,
    # deposits 12,000 + 3,000 + 100 − 5,000; loans 120,000 − 45,000
    "FTPNII": 85_100,
    "NIM_C": 85_100 * YEAR / (9_200_000 + 1_560_000),
    "NETFEE": 2_500,
    "FEER": 2_500 / 87_600,
    "OPREV": 87_600,
    "CTS": 3_900,
    "CIR": 3_900 / 87_600,
    "EL": 82_800 + 46_000 * 62 / 92,
    "RWA": RWA,
    "EC": EC,
    "RWA_DENS": RWA / (9_200_000 + 600_000),
    "CONTRIB": CONTRIB_A + CONTRIB_B,
    "NOPAT_C": 0.75 * (CONTRIB_A + CONTRIB_B),
    "RAROC": 0.75 * CONTRIB_B * YEAR / EC,  # A uses no capital and is reported apart
    "RAROC_ALL": 0.75 * (CONTRIB_A + CONTRIB_B) * YEAR / EC,
    "NOPAT_NC": 0.75 * CONTRIB_A,
    "EVA": 0.75 * (CONTRIB_A + CONTRIB_B) - EC * 0.10 / YEAR,
    "EVA_C": 0.75 * CONTRIB_B - EC * 0.10 / YEAR,
    "RORWA": 0.75 * (CONTRIB_A + CONTRIB_B) * YEAR / RWA,
    "LDR_C": 1_560_000 / 9_200_000,
    "PER_DEP": 1_560_000 / 3,
    "MED_DEP": 30_000,  # of 1,530,000, 30,000 and 0
    # contributions of three clients: C 0, A, B
    "GINI": (2 * CONTRIB_B - 0.0) / (3 * (CONTRIB_A + CONTRIB_B)),
    "TOP20": 0.6 * CONTRIB_B / (CONTRIB_A + CONTRIB_B),  # a fifth of three clients is 0.6 of the best one
    "GINI_DEP": 2 * 1_530_000 / (3 * 1_560_000),
    "TOP20_DEP": 0.6 * 1_530_000 / 1_560_000,
    "NCLI": 3,  # D closed
    "EFFCLI": 2,  # A by deposits, B by its limit
    "EFFR": 2 / 3,
    "VALCLI": 1,  # A: 1,530,000 of deposits; B: deposits 30,000 and contribution under 50,000
    "VALCLI_IN": 1,  # A had 300,000 in the second quarter
    "VALCLI_OUT": 0,
    "NBORR": 1,
    "NLIMIT": 1,  # A's limit expired in August
    "NOLOAN": 2,
    "NEWLOAN": 0,
    "BASICR": 1 / 3,
    "PPC": 5 / 3,  # A settlement, term, online; B settlement, loan
    "XSELL": 1 / 3,
    "SETTLE_ACT": 1 / 3,  # A has 6 entries, B 2
    "SETTLE_VOL": 150_000,
    "CROSS_VOL": 5_000,
    "DORM": 2 / 3,  # neither B nor C started a payment since April
    "CHURN_N": 1 / 3,  # effective in the first quarter A, B, D; D in neither of the two since
    "CHURN_AMT": 0.5,  # A and D had 31 × 900,000 / 90 = 310,000 each
    "NRR": 87_600 / 7_000,
    "PEN_ONLINE": 1 / 3,
    "PEN_SETTLEMENT": 2 / 3,
    "LIMIT": 10_000_000,
    "UTIL": 0.95,
    "EXPO": 9_200_000 + 500_000 + 200_000 - 150_000,
    "ACCEPT": 500_000,
    "NPLR": 0.1,
    "SMLR": 0.0,
    "OVDR": 0.1,
    "OVD30R": 0.1,
    "OVD90_NPL": 1.0,
    # pass a year ago: l1 10,000,000 now 8,280,000; l2 1,000,000 now 920,000 and worse; l3 is gone
    "MIG_N": 920_000 / 9_200_000,
    "NPLGEN": 920_000 / 9_200_000 * YEAR,
    "COVR": 542_800 / 920_000,
    "PROVR": 542_800 / 9_200_000,
    "CCOST": (542_800 - 128_800) * YEAR / 9_200_000,
    "STAGE2": 0.9,
    "SINGLE": 0.2,
    "TOP10": 9_200_000 / 46_000_000,
    "TOP10_LOAN": 1.0,
    "HHI": 1.0,
    "GINI_LOAN": 0.0,
    "N_LOAN": 4,
    "APPR_AMT": 11_800_000,
    "N_NEW": 1,
    "NEW_AMT": 1_000_000,
    "DEF_R": 0.5,
    "UNK_R": 0.5,
    "LOSS_R": 120_000 / 800_000,
}


@pytest.fixture(scope="module")
def by_code(bank: Portfolio) -> pd.Series:
    table = measure(bank, [code for code, metric in METRICS.items() if metric.compute is not None])
    return table.set_index("code")["value"]


@pytest.mark.parametrize("code", BY_HAND)
def test_the_kpi_is_what_it_is_by_hand(by_code: pd.Series, code: str) -> None:
    assert by_code[code] == pytest.approx(BY_HAND[code], rel=1e-8, abs=1e-12)


def test_value_added_is_the_return_above_the_cost_of_capital_times_capital(by_code: pd.Series) -> None:
    assert by_code["EVA"] == pytest.approx((by_code["RAROC_ALL"] - 0.10) * by_code["EC"] / YEAR, rel=1e-9)
    assert by_code["EVA_C"] == pytest.approx((by_code["RAROC"] - 0.10) * by_code["EC"] / YEAR, rel=1e-9)


def test_a_value_or_a_reason_stands_in_every_row_and_never_nan(bank: Portfolio) -> None:
    codes = [code for code, metric in METRICS.items() if metric.compute is not None]
    table = measure(bank, codes, by="industry")
    for row in table.itertuples():
        assert (row.value is None) != (row.reason is None)
        assert row.value is None or math.isfinite(row.value)


def test_a_migration_from_a_class_without_loans_has_the_reason(bank: Portfolio) -> None:
    value = value_of(bank, "MIG_S")
    assert isinstance(value, Unavailable)
    assert value.reason.en == "the denominator is zero: special-mention loans of a year ago, less what was reduced"


# --- groups ---------------------------------------------------------------------------------------------------------


def test_groups_by_a_column_of_the_register_add_up_to_the_total(bank: Portfolio) -> None:
    table = measure(bank, ["DEP_ADB", "NCLI", "LDR_C"], by="branch_id").pivot_table(
        index="group", columns="code", values="value", aggfunc="first"
    )
    assert table.loc["north", "DEP_ADB"] == 1_560_000
    assert table.loc["south", "DEP_ADB"] == 0
    assert table.loc["north", "NCLI"] == 2
    assert table.loc["south", "NCLI"] == 1  # D is closed
    assert table.loc[TOTAL, "NCLI"] == 3
    assert table.loc["north", "LDR_C"] == table.loc[TOTAL, "LDR_C"]


def test_a_group_without_loans_has_no_deposits_per_loan(bank: Portfolio) -> None:
    table = measure(bank, ["LDR_C"], by="branch_id").set_index("group")
    assert table.loc["south", "value"] is None
    assert table.loc["south", "reason"].zh == "分母为零：贷款日均余额"


def test_a_rate_of_a_group_is_the_ratio_of_sums_not_the_mean_of_rates(bank: Portfolio) -> None:
    # A: 3 families, B: 2, C: 0 -> 5 / 3, and by group (3 + 2) / 2 and 0 / 1
    table = measure(bank, ["PPC"], by=pd.Series({"A": "x", "B": "x", "C": "y"})).set_index("group")["value"]
    assert table["x"] == 2.5
    assert table["y"] == 0.0
    assert table[TOTAL] == pytest.approx(5 / 3)


def test_clients_that_an_assignment_leaves_out_are_shown_apart(bank: Portfolio) -> None:
    table = measure(bank, ["DEP_ADB"], by=pd.Series({"A": "x"})).set_index("group")["value"]
    assert table.to_dict() == {"x": 1_530_000, UNASSIGNED: 30_000, TOTAL: 1_560_000}


def test_groups_of_a_categorical_assignment_keep_their_order_and_empty_groups(bank: Portfolio) -> None:
    tiers = pd.Series(pd.Categorical(["low", "top", "low"], ["top", "middle", "low"]), index=["A", "B", "C"])
    table = measure(bank, ["NCLI"], by=tiers)
    assert list(table["group"]) == ["top", "middle", "low", TOTAL]
    assert list(table["value"]) == [1, 0, 2, 3]


def test_only_the_clients_asked_for_are_counted(bank: Portfolio) -> None:
    assert value_of(bank, "DEP_ADB", clients=["B", "C"]) == 30_000
    assert value_of(bank, "NCLI", clients=[]) == 0
    no_one = value_of(bank, "MED_DEP", clients=[])
    assert isinstance(no_one, Unavailable)
    assert no_one.reason.zh == "没有客户"


def test_a_client_in_two_groups_is_refused(bank: Portfolio) -> None:
    twice = pd.Series(["x", "y"], index=["A", "A"])
    with pytest.raises(ParameterError, match=r"^The grouping names some clients twice\. Give one group a client\.$"):
        measure(bank, ["NCLI"], by=twice)


def test_unknown_codes_and_columns_are_refused_with_the_nearest_name(bank: Portfolio) -> None:
    with pytest.raises(ParameterError, match=r"^There is no KPI 'RAROK'\. .*RAROC"):
        measure(bank, ["RAROK"])
    with pytest.raises(ParameterError, match=r"^Clients have no column 'branch'\. .*branch_id"):
        measure(bank, ["NCLI"], by="branch")


def test_a_model_number_is_refused_because_it_comes_from_its_study(bank: Portfolio) -> None:
    with pytest.raises(
        ParameterError,
        match=r"^ATT \(Strategy effect\) has no formula on measures\. Its value comes from the study that makes it\.$",
    ):
        measure(bank, ["ATT"])


# --- what is missing ------------------------------------------------------------------------------------------------


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    bank = small_bank(tmp_path, without=("limits", "bank"))
    for code, reason in {
        "RAROC": "needs the table limits",
        "EFFCLI": "needs the table limits",
        "SPREAD_LPR": "needs the table bank",
        "TOP10": "the bank table lacks net_capital in 2026Q3",
    }.items():
        value = value_of(bank, code)
        assert isinstance(value, Unavailable)
        assert value.reason.en == reason
    assert value_of(bank, "DEP_ADB") == 1_560_000


def test_an_empty_column_gives_a_reason_and_not_zero(tmp_path: Path) -> None:
    bank = small_bank(tmp_path, positions=positions().drop(columns="direct_cost"))
    value = value_of(bank, "CTS")
    assert isinstance(value, Unavailable)
    assert value.reason.en == "no data in 2026Q3: cost to serve"
    assert isinstance(value_of(bank, "RAROC"), Unavailable)
    assert value_of(bank, "OPREV") == 87_600


def test_a_rate_on_a_loss_has_no_meaning(tmp_path: Path) -> None:
    frame = positions()
    frame["fee"] = -100_000.0
    value = value_of(small_bank(tmp_path, positions=frame), "CIR")
    assert isinstance(value, Unavailable)
    assert value.reason.en == "the denominator is negative: operating revenue"


# --- quarters -------------------------------------------------------------------------------------------------------


def test_earlier_quarters_are_measured_with_their_own_days(bank: Portfolio) -> None:
    # second quarter of 2026: 30 × 910,000 / 91; first: A and D 31 × 900,000 / 90 each
    assert value_at(bank, "DEP_ADB", Quarter("2026Q2")) == 300_000
    assert value_at(bank, "DEP_ADB", Quarter("2026Q1")) == 620_000
    assert value_at(bank, "NCLI", Quarter("2026Q1")) == 4


def test_a_series_runs_from_old_to_new_with_reasons_before_the_data(bank: Portfolio) -> None:
    values = series(bank, "NCLI", quarters=6)
    assert [str(quarter) for quarter in values] == ["2025Q2", "2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3"]
    first = values[Quarter("2025Q2")]
    assert isinstance(first, Unavailable)
    assert first.reason.zh == "历史数据自 2025Q3 起，不足以计算"
    assert sparkline(bank, "NCLI", quarters=6) == (None, 4, 4, 4, 3, 3)


def test_what_looks_a_year_back_says_that_the_history_is_short(bank: Portfolio) -> None:
    value = value_at(bank, "MIG_N", Quarter("2026Q2"))
    assert isinstance(value, Unavailable)
    assert value.reason.en == "the data start in 2025Q3, too late for this"
    assert isinstance(value_at(bank, "CHURN_N", Quarter("2025Q4")), Unavailable)
    assert isinstance(value_at(bank, "NRR", Quarter("2026Q2")), Unavailable)


# --- properties -----------------------------------------------------------------------------------------------------


def drawn_positions(seed: int, scale: float = 1.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    lines = []
    for client in "ABCD":
        for month in ("2026-07-31", "2026-08-31", "2026-09-30"):
            for product in ("deposit_demand", "loan_fixed"):
                amounts = np.round(rng.uniform(1, 1e6, 6), 2) * scale
                lines.append((client, month, product, *amounts))
    names = [
        "client_id",
        "month",
        "product",
        "balance_avg",
        "balance_end",
        "interest",
        "funds_amount",
        "fee",
        "direct_cost",
    ]
    return pd.DataFrame(lines, columns=names)


ADDITIVE = ["DEP_EOP", "DEP_ADB", "LOAN_ADB", "FTPNII", "OPREV", "CTS", "NETFEE"]
RATES = ["CASA_C", "DEPRATE", "LDR_C", "ADBGAP"]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    return small_bank(tmp_path_factory.mktemp("drawn"), positions=drawn_positions(1))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["x", "y", "z"]), min_size=4, max_size=4))
def test_groups_of_an_additive_kpi_sum_to_the_total_exactly(drawn: Portfolio, labels: list[str]) -> None:
    table = measure(drawn, ADDITIVE, by=pd.Series(labels, index=list("ABCD")))
    for _, rows in table.groupby("code"):
        parts = rows.loc[rows["group"] != TOTAL, "value"]
        whole = rows.loc[rows["group"] == TOTAL, "value"].iloc[0]
        # each sum is a whole number of ten-thousandths
        assert sum(round(value * 10_000) for value in parts) == round(whole * 10_000)


def test_the_order_of_rows_changes_nothing(tmp_path: Path, drawn: Portfolio) -> None:
    shuffled = drawn_positions(1).sample(frac=1, random_state=3)
    other = small_bank(tmp_path, positions=shuffled)
    assert list(measure(other, ADDITIVE + RATES)["value"]) == list(measure(drawn, ADDITIVE + RATES)["value"])


def test_ten_times_the_money_gives_ten_times_the_amounts_and_the_same_rates(tmp_path: Path, drawn: Portfolio) -> None:
    scaled = small_bank(tmp_path, positions=drawn_positions(1, scale=10.0))
    for code in ADDITIVE:
        assert value_of(scaled, code) == pytest.approx(10 * float(value_of(drawn, code)), rel=1e-9)  # type: ignore[arg-type]
    for code in RATES:
        assert value_of(scaled, code) == pytest.approx(value_of(drawn, code), rel=1e-9)
