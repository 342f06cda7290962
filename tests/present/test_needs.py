"""What chapter 20 shows: other data give other sentences, hidden cells stay hidden, reasons stand for numbers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.core.blocks import Figure, Findings, Sentence, Suppressed, Table
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.portfolio import Portfolio
from analysis.portrait.grouping import Group, Grouping
from analysis.portrait.needs import (
    Forecast,
    Gaps,
    Intensity,
    Latent,
    Ledger,
    NeedEvidence,
    Priority,
    Response,
    client_revenue,
    combine_needs,
    feedback_themes,
    forecast_demand,
    intensity,
    intensity_by,
    interview_evidence,
    latent_needs,
    need_groups,
    need_ledger,
    product_coverage,
    rank_needs,
    survey_response,
    unmet_needs,
)
from analysis.portrait.needs.demand import forecast_series
from analysis.portrait.needs.latent import Scores, Validation, calibration
from analysis.present import needs
from analysis.present.needs.groups import _drawn, _told, marks_of
from analysis.present.needs.words import column_label, spelt_out
from analysis.present.numbers import capital
from analysis.present.sentences import needs as sentences
from tests.builders import client_rows, rows, tiny_portfolio
from tests.portrait.needs.builders import POLICY, TAXONOMY, evidence_of, grouping_of, held_rows, need_rows
from tests.present.prose import CNY, GONE, cell, en, keeps_the_promises, value, zh

Q3 = Quarter("2026Q3")
IDS = tuple(f"C{k:02d}" for k in range(24))
NAME, QUESTION = Text("客户需求", "Needs"), Text("需要什么？", "What do they need?")


def _bank(tmp_path: Path, *, open_deposits: int = 8, served: bool = True) -> Portfolio:
    """24 clients, two managers; all say payroll, some say deposits; a survey and interviews by two coders."""
    lines = [(id, "payroll", "manager", "2026-08-01", {"amount": 1000.0 * (k + 1)}) for k, id in enumerate(IDS)]
    lines += [(id, "deposits", "survey", "2026-05-01", {"deadline": "2026-06-01"}) for id in IDS[:open_deposits]]
    for k, id in enumerate(IDS[:6]):
        lines += [(id, "fx_risk", "interview", "2026-05-02", {"coder_id": coder}) for coder in ("x", "y")[: 1 + k % 2]]
        lines += [(id, "low_cost", "interview", "2026-05-02", {"coder_id": coder}) for coder in ("x", "y")]
    closed = {"closed": "2026-08-05", **({"served_by": "payroll"} if served else {})}
    lines += [(id, "investment", "manager", "2026-07-02", closed) for id in IDS[:9]]
    surveys = rows("client_id wave date responded", *((id, "w", "2026-05-01", k % 3 > 0) for k, id in enumerate(IDS)))
    clients = client_rows(*IDS, ownership={id: "private" if k < 12 else "state" for k, id in enumerate(IDS)},
        manager_id={id: f"M{k % 2}" for k, id in enumerate(IDS)})  # fmt: skip
    tables = {"clients": clients, "needs": need_rows(*lines), "surveys": surveys}
    return tiny_portfolio(tmp_path, tables | {"positions": held_rows(C00=["payroll"], C01=["deposit_demand"])})


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    return _bank(tmp_path_factory.mktemp("bank"))


@pytest.fixture(scope="module")
def evidence(bank: Portfolio) -> NeedEvidence:
    found = combine_needs(bank)
    assert isinstance(found, NeedEvidence)
    return found


def _gaps(portfolio: Portfolio, evidence: NeedEvidence) -> Gaps:
    revenue = pd.Series(5000.0, index=list(IDS))
    found = unmet_needs(evidence, need_groups(portfolio, evidence, "ownership"), revenue, policy=POLICY)
    assert isinstance(found, Gaps)
    return found


def _priority(portfolio: Portfolio, evidence: NeedEvidence) -> Priority:
    found = rank_needs(portfolio, evidence, pd.Series(dtype=float))
    assert isinstance(found, Priority)
    return found


def _ledger(portfolio: Portfolio, evidence: NeedEvidence) -> Ledger:
    return need_ledger(portfolio, evidence.records)


def _intensity(share_first: float, share_second: float) -> Intensity:
    n = 200
    has = np.concatenate([np.arange(n) < share_first * n, np.arange(n) < share_second * n])[:, None]
    found = intensity(evidence_of(has), grouping_of(["L"] * n + ["S"] * n), minimum=5, seed=1)
    assert isinstance(found, Intensity)
    return found


def _latent(gain: float, half: float) -> Latent:
    how = Text("区间", "interval")
    scores = Scores(
        0.2, 0.21, 0.05, 0.051,
        Estimate(gain, gain - half, gain + half, 100, "index", how),
        Estimate(2.5, 2.0, 3.0, 100, "index", how), 1.5,
        Estimate(1.0, 0.2, 1.8, 100, "index", how),
    )  # fmt: skip
    bins = calibration(np.array([0.0, 1.0, 0.0]), np.array([0.1, 0.3, 0.3]))
    check = Validation((Quarter("2025Q1"), Quarter("2025Q3")), Quarter("2026Q1"), 900, 60, 300, scores, bins)
    line = {
        "need": "payroll", "n_without": 80, "base": 0.1, "expected": 9.0, "n_candidates": 12,
        "expected_candidates": 4.0, "test_n": 20, "test_hits": 5, "reasons": (Text("存款", "deposits"),),
    }  # fmt: skip
    table = pd.DataFrame([line, line | {"need": "wealth_management", "n_candidates": 3, "reasons": ()}])
    return Latent(("payroll",), table, pd.DataFrame(), check, gain > half, 2.0, 2)


def _forecast(values: np.ndarray) -> Forecast:
    grouping = grouping_of(["a"] * 10 + ["b"] * 10)
    labels = [quarter.label for quarter in Q3.trailing(values.shape[1])]
    frame = pd.DataFrame(values.astype(float), index=["a", "b"], columns=labels)
    found = forecast_series(frame, grouping.groups, Q3, seed=1)
    assert isinstance(found, Forecast)
    return found


def test_every_block_keeps_the_promises(bank: Portfolio, evidence: NeedEvidence) -> None:
    response = survey_response(bank, by="ownership")
    gaps, priority, ledger = _gaps(bank, evidence), _priority(bank, evidence), _ledger(bank, evidence)
    blocks = [
        needs.source_table(evidence),
        needs.grade_table(evidence),
        *needs.response_blocks(evidence, response, interview_evidence(evidence.records)),
        needs.heat_figure(_intensity(0.5, 0.2), TAXONOMY),
        needs.difference_table([_intensity(0.5, 0.2)], TAXONOMY),
        needs.strength_table([_intensity(0.5, 0.2)]),
        needs.unmet_table(gaps, TAXONOMY, currency=CNY),
        needs.unmet_group_table(gaps, currency=CNY),
        needs.quadrant_figure(priority, minimum=5),
        needs.priority_table(priority, TAXONOMY, minimum=5),
        needs.ledger_table(ledger),
        needs.time_table(ledger, TAXONOMY),
        needs.latent_table(_latent(0.1, 0.05), TAXONOMY, minimum=5),
        needs.validation_table(_latent(0.1, 0.05)),
        needs.calibration_table(_latent(0.1, 0.05)),
        needs.demand_table(_forecast(np.tile([5, 9, 7, 8], (2, 3)))),
        sentences.needs_opening(NAME, QUESTION, evidence, gaps, ledger),
        sentences.needs_findings({"size": _intensity(0.5, 0.2)}, gaps, priority, ledger, _latent(0.1, 0.2), TAXONOMY),
        sentences.needs_so_what(priority, TAXONOMY),
        sentences.needs_unknown(response),
    ]  # fmt: skip
    assert not [block for block in blocks if isinstance(block, Unavailable)]
    assert keeps_the_promises(*blocks)


def test_a_need_one_group_has_more_often_is_told_with_both_shares() -> None:
    figure = needs.heat_figure(_intensity(0.5, 0.2), TAXONOMY)
    assert isinstance(figure, Figure)
    assert zh(figure.finding) == "L 客户的“短期资金”需求占比 50.0%，其余客户 20.0%"
    assert en(figure.finding) == "L clients: 50.0% need short-term funds, against 20.0% of all others"


def test_without_a_difference_the_figure_and_the_finding_say_so() -> None:
    flat = _intensity(0.3, 0.29)
    figure = needs.heat_figure(flat, TAXONOMY)
    table = needs.difference_table([flat], TAXONOMY)
    assert isinstance(figure, Figure)
    assert isinstance(table, Unavailable)
    assert zh(figure.finding) == "各规模客户的需求没有超出偶然的差别"
    assert en(figure.finding) == "Needs do not differ between clients by size beyond chance"


def test_the_need_of_the_headline_is_drawn_and_the_note_says_how_many_are_not() -> None:
    # 24 needs named by 90 of 400, alike in both groups; the 25th by 40 of the first group and nobody else, so it is
    # the rarest of all and the only one that differs
    place = np.arange(200)
    common = np.tile((place < 90)[:, None], (2, 24))
    rare = np.concatenate([place < 40, np.zeros(200, dtype=bool)])[:, None]
    found = intensity(evidence_of(np.hstack([common, rare])), grouping_of(["L"] * 200 + ["S"] * 200), minimum=5, seed=1)
    figure = needs.heat_figure(found, TAXONOMY)
    assert isinstance(figure, Figure)
    label = TAXONOMY.label(TAXONOMY.codes[24]).en
    assert en(figure.finding) == f"L clients: 20.0% need {label}, against 0.0% of all others"
    drawn = _drawn(found, _told(found))
    assert len(drawn) == 22
    assert found.needs[drawn[-1]] == TAXONOMY.codes[24]
    assert (
        f"Drawn are 22 needs, those most clients have and that of the headline; the other {len(TAXONOMY.codes) - 22} "
        in en(figure.note)
    )


def test_hidden_cells_stay_hidden_in_the_table_behind_the_figure() -> None:
    has = np.concatenate([np.arange(40) < 3, np.arange(40) < 20])[:, None]
    found = intensity(evidence_of(has), grouping_of(["L"] * 40 + ["S"] * 40), minimum=5, seed=1)
    figure = needs.heat_figure(found, TAXONOMY)
    assert isinstance(figure, Figure)
    row = next(
        k for k, line in enumerate(figure.behind.rows) if line.cells["need"] == Text("短期资金", "Short-term funds")
    )
    assert [cell(figure.behind, row, code) for code in ("L", "S")] == [Suppressed(), Suppressed()]
    assert marks_of(found) == []


def test_the_headline_turns_with_the_data(tmp_path: Path, bank: Portfolio, evidence: NeedEvidence) -> None:
    # payroll: 23 of 24 unmet, deposits, advice on costs and currency besides; nine were opened and closed this quarter
    opening = sentences.needs_opening(NAME, QUESTION, evidence, _gaps(bank, evidence), _ledger(bank, evidence))
    assert zh(opening.headline) == "100.0% 的客户有未满足的需求，季末未办结需求记录 44 条，较上季末增加 24 条"
    assert (
        en(opening.headline)
        == "100.0% of clients have an unmet need; 44 records of needs stay open, up 24 on the quarter"
    )
    without = sentences.needs_opening(NAME, QUESTION, evidence, GONE, _ledger(bank, evidence))
    assert en(without.headline) == "44 records of needs were open at quarter-end, up 24 on the quarter"
    fewer = _bank(tmp_path, open_deposits=5)
    other = combine_needs(fewer)
    assert isinstance(other, NeedEvidence)
    changed = sentences.needs_opening(NAME, QUESTION, other, _gaps(fewer, other), _ledger(fewer, other))
    assert (
        en(changed.headline)
        == "100.0% of clients have an unmet need; 41 records of needs stay open, up 24 on the quarter"
    )


def _said(found: Findings, place: int) -> tuple[str, str]:
    return zh(found.items[place].sentence), en(found.items[place].sentence)


def test_findings_say_what_is_unmet_and_what_exceeds_capacity(bank: Portfolio, evidence: NeedEvidence) -> None:
    priority = _priority(bank, evidence)
    found = sentences.needs_findings({}, _gaps(bank, evidence), priority, _ledger(bank, evidence), GONE, TAXONOMY)
    assert _said(found, 0)[1] == (
        "Of needs that a product would serve, payroll is unmet most. 23 clients have it, use no product for it and no "
        "record says it was met: 95.8% of those who have it. Over all needs 24 clients have at least one unmet."
    )
    # two managers at six needs; 24 payroll, 8 deposits, 6 currency and 6 cost: 44; the eight deposits are overdue
    assert _said(found, 1)[1].startswith(
        "Open needs exceed what a quarter can hold. 44 client-need pairs are open and managers can serve 12; 8 "
    )
    assert _said(found, 1)[0].startswith(
        "未办结需求超出一季的承接能力。未办结的客户×需求 44 项，客户经理一季可办 12 项；逾期 8 项"
    )
    calm = replace(priority, capacity=500)
    relaxed = sentences.needs_findings({}, GONE, calm, _ledger(bank, evidence), GONE, TAXONOMY)
    assert (
        _said(relaxed, 0)[1]
        == "A quarter is enough for all. 44 client-need pairs are open and managers can serve 500; 8 are overdue."
    )


def test_the_verdict_on_prediction_follows_the_interval(bank: Portfolio, evidence: NeedEvidence) -> None:
    def last(latent: Latent) -> tuple[str, str]:
        return _said(sentences.needs_findings({}, GONE, GONE, _ledger(bank, evidence), latent, TAXONOMY), -1)

    good, bad = last(_latent(0.1, 0.05)), last(_latent(0.01, 0.05))
    assert good[1].startswith(
        "The next need can be told to some degree. After training, the top tenth took up 2.50 times"
    )
    assert bad[1].startswith("Predicting the next need does no better than naive. After training")
    assert good[0].startswith("下一需求可以预测到一定程度。")
    assert bad[0].startswith("下一需求的预测不优于简单预测。")


def test_the_time_to_meet_a_need_is_told_with_its_trend(bank: Portfolio, evidence: NeedEvidence) -> None:
    how = Text("法", "method")
    time = Estimate(40.0, 35.0, 46.0, 200, "days", how)
    ledger = _ledger(bank, evidence)
    fast = replace(
        ledger, time_to_meet=time, recent=replace(time, estimate=30.0, ci_low=28.0, ci_high=33.0), before=time
    )
    said = _said(sentences.needs_findings({}, GONE, GONE, fast, GONE, TAXONOMY), 0)
    assert said[1] == (
        "Meeting a need took less time than the year before. Median 30 days for needs opened in the last four quarters "
        "(interval 28 days to 33 days), 40 days for those of the four before (interval 35 days to 46 days); "
        "the intervals are apart."
    )
    # neither year's median is that of all records: the verdict is about the two it prints
    alike = replace(
        fast, recent=replace(time, estimate=38.0, ci_low=33.0, ci_high=44.0), time_to_meet=replace(time, estimate=43.0)
    )
    assert _said(sentences.needs_findings({}, GONE, GONE, alike, GONE, TAXONOMY), 0)[0] == (
        "满足一项需求所用时间与上一年无法区分。近四季提出者中位 38 天（区间 33 天 至 44 天），"
        "前四季提出者 40 天（区间 35 天 至 46 天），两年的区间重叠。"
    )
    one = replace(fast, before=GONE)
    assert _said(sentences.needs_findings({}, GONE, GONE, one, GONE, TAXONOMY), 0)[1] == (
        "The time to meet a need is not yet comparable with the year before. One year has no median; "
        "that of all records is 40 days (interval 35 days to 46 days)."
    )


def test_the_ledger_says_whether_records_tell_what_served_a_need(
    tmp_path: Path, bank: Portfolio, evidence: NeedEvidence
) -> None:
    table = needs.ledger_table(_ledger(bank, evidence))
    flows = ("opening", "opened", "met", "lapsed", "left", "closing")
    assert [value(table.rows[-1].cells[name]) for name in flows] == [20, 33, 9, 0, 0, 44]
    assert "Closed with a word of what served it: met; without: lapsed." in en(table.note)
    silent = _bank(tmp_path, served=False)
    other = combine_needs(silent)
    assert isinstance(other, NeedEvidence)
    assert "so every closed one counts as met" in en(needs.ledger_table(_ledger(silent, other)).note)


def test_response_is_told_by_group_or_not_at_all(bank: Portfolio, evidence: NeedEvidence) -> None:
    response = survey_response(bank, by="ownership")
    assert isinstance(response, Response)
    table, ranges = needs.response_blocks(evidence, response, interview_evidence(evidence.records))
    assert isinstance(table, Table)
    assert isinstance(ranges, Table)
    assert value(table.rows[0].cells["rate"]) == pytest.approx(16 / 24)
    assert "6 clients were interviewed, 6 of them coded by two people; kappa" in en(table.note)
    assert needs.response_blocks(evidence, GONE, GONE) == (GONE,)
    assert en(sentences.needs_unknown(response).sentence).startswith("8 clients were asked and did not answer")
    assert en(sentences.needs_unknown(GONE).sentence).startswith("There is no survey")


def test_the_forecast_says_which_method_and_how_wrong_it_was() -> None:
    season = needs.demand_table(_forecast(np.tile([5, 30, 7, 20], (2, 3))))
    noise = needs.demand_table(_forecast(np.random.default_rng(1).poisson(200, (2, 12))))
    assert isinstance(season, Table)
    assert isinstance(noise, Table)
    assert "Method: same quarter last year." in en(season.note)
    assert "the mean absolute error was 0.0% of what came" in en(season.note)
    assert en(noise.note) != en(season.note)


def test_what_is_missing_gives_its_reason_in_place_of_every_block() -> None:
    assert needs.heat_figure(GONE, TAXONOMY) == GONE
    assert needs.unmet_table(GONE, TAXONOMY, currency=CNY) == GONE
    assert needs.unmet_group_table(GONE, currency=CNY) == GONE
    assert needs.quadrant_figure(GONE, minimum=5) == GONE
    assert needs.priority_table(GONE, TAXONOMY, minimum=5) == GONE
    assert needs.latent_table(GONE, TAXONOMY, minimum=5) == GONE
    assert needs.validation_table(GONE) == needs.calibration_table(GONE) == needs.demand_table(GONE) == GONE
    assert needs.theme_table(GONE) == sentences.needs_so_what(GONE, TAXONOMY) == GONE


def test_few_candidates_are_not_counted_out() -> None:
    table = needs.latent_table(_latent(0.1, 0.05), TAXONOMY, minimum=5)
    assert isinstance(table, Table)
    assert cell(table, 0, "n_candidates") == 12
    assert not isinstance(cell(table, 1, "n_candidates"), int)


def test_no_client_stands_in_any_block(bank: Portfolio, evidence: NeedEvidence) -> None:
    priority = _priority(bank, evidence)
    blocks = (
        needs.source_table(evidence),
        needs.unmet_table(_gaps(bank, evidence), TAXONOMY, currency=CNY),
        needs.priority_table(priority, TAXONOMY, minimum=5),
        needs.quadrant_figure(priority, minimum=5),
    )
    text = str([block.as_json() for block in blocks if not isinstance(block, Unavailable)])
    assert not [id for id in IDS if f"'{id}'" in text]


@pytest.mark.parametrize("n_records", [0, 1, 12])
def test_clients_and_records_of_needs_alone_make_a_chapter(n_records: int, tmp_path: Path) -> None:
    """What the notebook asks for, on a source without positions, surveys, feedback or a second quarter."""
    lines = [(IDS[k], "payroll", "manager", "2026-08-01") for k in range(max(n_records, 1))]
    clients = client_rows(*IDS, quarters=("2026Q3",))
    portfolio = tiny_portfolio(tmp_path, {"clients": clients, "needs": need_rows(*lines).head(n_records)})
    found = combine_needs(portfolio)
    assert isinstance(found, NeedEvidence)
    response, ledger = survey_response(portfolio), need_ledger(portfolio, found.records)
    by_group = intensity_by(portfolio, found, ("size_class", "stage"), seed=1)
    gaps = unmet_needs(found, need_groups(portfolio, found, "stage"), client_revenue(portfolio), policy=POLICY)
    priority = rank_needs(portfolio, found, pd.Series(dtype=float))
    latent, demand = latent_needs(portfolio, seed=1), forecast_demand(portfolio, found.records, seed=1)
    shown = [
        sentences.needs_opening(NAME, QUESTION, found, gaps, ledger),
        needs.source_table(found),
        needs.grade_table(found),
        *needs.response_blocks(found, response, interview_evidence(found.records)),
        needs.heat_figure(by_group["size_class"], TAXONOMY),
        needs.difference_table(tuple(by_group.values()), TAXONOMY),
        needs.strength_table(tuple(by_group.values())),
        needs.coverage_table(product_coverage(portfolio), TAXONOMY),
        needs.unmet_table(gaps, TAXONOMY, currency=CNY),
        needs.quadrant_figure(priority, minimum=5),
        needs.priority_table(priority, TAXONOMY, minimum=5),
        needs.ledger_table(ledger),
        needs.time_table(ledger, TAXONOMY),
        needs.latent_table(latent, TAXONOMY, minimum=5),
        needs.demand_table(demand),
        needs.theme_table(feedback_themes(portfolio)),
        sentences.needs_findings(by_group, gaps, priority, ledger, latent, TAXONOMY),
        sentences.needs_so_what(priority, TAXONOMY),
        sentences.needs_unknown(response),
    ]
    assert keeps_the_promises(*(block for block in shown if not isinstance(block, Unavailable)))
    assert sum(isinstance(block, Unavailable) for block in shown) >= 8


def test_notes_of_themes_speak_only_of_what_the_table_holds(tmp_path: Path) -> None:
    def note(*lines: tuple[object, ...]) -> str:
        numbered = [(f"f{k}", *line) for k, line in enumerate(lines)]
        feedback = rows("case_id client_id kind theme opened content", *numbered)
        table = needs.theme_table(
            feedback_themes(tiny_portfolio(tmp_path, {"clients": client_rows(*IDS), "feedback": feedback}))
        )
        assert isinstance(table, Table)
        return en(table.note)

    given = [(id, "complaint", "speed", "2026-08-01", None) for id in IDS]
    assert note(*given).startswith("Themes are those the records give. No case has both")
    read = [(id, "opinion", None, "2026-08-02", "排队时间太长") for id in IDS[:6]]
    few = [(IDS[0], "opinion", "???", "2026-08-03", "与主题无关")]
    assert note(*given, *read, *few).startswith(
        "Themes are those the records give; those of 6 cases were read off the words of their text. "
        "Cases nobody could code stand apart. * below the disclosure limit. "
    )


def test_the_short_name_of_a_column_is_spelt_out_and_is_that_of_its_own_grouping() -> None:
    label = Text("规则外（机关、事业单位、金融业等）", "outside the rule (public bodies, finance …)")
    group = Group("I", label, "group", 8, ("I",))
    codes = pd.Series("I", index=list(IDS))
    sizes = Grouping("size_class", Text("规模", "size"), codes, (group,))
    industries = Grouping("industry", Text("行业", "industry"), codes, (group,))
    assert column_label(sizes, group) == Text("规则外", "Outside")
    assert column_label(industries, group) == capital(label)
    said = spelt_out(sizes, Sentence.of("注。", "Note."))
    assert zh(said) == "注。“规则外”即规则外（机关、事业单位、金融业等）。"
    assert spelt_out(industries, Sentence.of("注。", "Note.")) == Sentence.of("注。", "Note.")
