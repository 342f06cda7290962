"""Latent needs: who might take what up next, how the model did after training, whether its chances are right."""

from analysis.core.blocks import Cell, Column, Missing, Ref, Row, Sentence, Table
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.portrait.needs import Latent, Taxonomy
from analysis.portrait.rates import wilson
from analysis.present.needs.words import CHAPTER, HIGH, LOW, NEED, count, fact, interval, measured, need_label
from analysis.present.numbers import capital, number

NO_CANDIDATES = Unavailable(Text("检验期没有候选客户", "there were no candidates in the test"))
LEAST_EXPECTED = 1.0
"""Take-ups expected of a need below which its row says nothing."""


def latent_table(latent: Latent | Unavailable, taxonomy: Taxonomy, *, minimum: int) -> Table | Unavailable:
    """Candidates by need, how the same rule did in the test, and what speaks for them."""
    if isinstance(latent, Unavailable):
        return latent
    columns = (
        Column("need", NEED, "words"),
        Column("n_without", Text("未用户数", "Clients without"), "count"),
        Column("base", Text("检验期新用率", "Base rate"), "percent_1"),
        Column("expected", Text("预计新用", "Expected"), "count"),
        Column("n_candidates", Text("候选户数", "Candidates"), "count"),
        Column("hits", Text("候选检验期新用率", "Their rate"), "percent_1"),
        Column("low", LOW, "percent_1"),
        Column("high", HIGH, "percent_1"),
        Column("reasons", Text("主要依据", "What speaks for it"), "words"),
    )
    rows = []
    for line in latent.table[latent.table["expected"] >= LEAST_EXPECTED].to_dict("records"):
        found = wilson(int(line["test_hits"]), int(line["test_n"])) if line["test_n"] else NO_CANDIDATES
        is_small = 0 < int(line["n_candidates"]) < minimum
        reasons = line["reasons"]
        cells: dict[str, Cell] = {
            "need": need_label(taxonomy, str(line["need"])),
            "n_without": int(line["n_without"]),
            "base": Missing() if line["base"] != line["base"] else float(line["base"]),
            "expected": float(line["expected"]),
            "n_candidates": Missing(Text("低于披露下限", "below the disclosure limit"))
            if is_small
            else int(line["n_candidates"]),
            "hits": measured(found),
            **interval(found),
            "reasons": capital(Text("、".join(r.zh for r in reasons), "; ".join(r.en for r in reasons)))
            if reasons
            else "",
        }
        rows.append(Row(cells))
    note = Sentence.of(
        "候选：未用对应产品、未提出该需求、预测概率至少为同期平均 {lift} 倍的客户；预计新用为未来两季概率之和。检验列为同一规则在训练期之后两季的结果，区间：Wilson。",
        "Candidates: without the product, not naming the need, with at least {lift} times the average chance; expected: sum of chances over the next two quarters. Base rate: taken up in the test by all without; their rate: by the candidates of the same rule in "
        "the two quarters after training, Wilson intervals.",
        lift=number(
            CHAPTER, "latent.min_lift", latent.min_lift, "decimal_2", Text("潜在需求最低倍数", "least multiple")
        ),
    )
    title = Text("潜在需求：同类客户在用、本户未用", "Latent needs: similar clients use it, this one does not")
    return Table("need_latent", title, Text("户、%", "clients, %"), columns, tuple(rows), note)


_PER = 1000
"""Take-up is rare, so the losses of one case would print as zeros."""


def validation_table(latent: Latent | Unavailable) -> Table | Unavailable:
    """The model against the naive guess, out of time."""
    if isinstance(latent, Unavailable):
        return latent
    test, scores = latent.validation, latent.validation.scores
    columns = (
        Column("measure", Text("指标", "Measure"), "words"),
        Column("model", Text("模型", "Model"), "decimal_2"),
        Column("naive", Text("简单预测", "Naive"), "decimal_2"),
        Column("gain", Text("改进", "Gain"), "decimal_2"),
        Column("low", LOW, "decimal_2"),
        Column("high", HIGH, "decimal_2"),
    )
    none = Missing(Text("不作区间", "no interval is made"))
    loss: dict[str, Cell] = {
        "measure": Text("对数损失，每千例（小为好）", "Log-loss of a thousand cases (less is better)"),
        "model": _PER * scores.log_loss,
        "naive": _PER * scores.naive_log_loss,
        "gain": fact(
            "latent.gain",
            _PER * scores.gain.estimate,
            "decimal_2",
            Text("对数损失改进，每千例", "gain in log-loss of a thousand cases"),
        ),
        "low": _PER * scores.gain.ci_low,
        "high": _PER * scores.gain.ci_high,
    }
    brier: dict[str, Cell] = {
        "measure": Text("Brier 分，每千例（小为好）", "Brier score of a thousand cases (less is better)"),
        "model": _PER * scores.brier,
        "naive": _PER * scores.naive_brier,
        "gain": _PER * (scores.naive_brier - scores.brier),
        "low": none,
        "high": none,
    }
    lift: dict[str, Cell] = {
        "measure": Text("最高一成的提升倍数（大为好）", "Lift of the top tenth (more is better)"),
        "model": fact(
            "latent.lift", scores.lift.estimate, "decimal_2", Text("最高一成的提升倍数", "lift of the top tenth")
        ),
        "naive": fact(
            "latent.naive_lift", scores.naive_lift, "decimal_2", Text("简单预测的提升倍数", "lift of the naive guess")
        ),
        "gain": scores.lift_gain.estimate,
        **interval(scores.lift_gain),
    }
    rows = tuple(Row(cells) for cells in (loss, brier, lift))
    note = Sentence.of(
        "训练：{first} 至 {last} 起的各两季；检验：{test} 末起的两季，{cases} 例（客户 × 需求），其中新用 {adopted} 例。简单预测为训练期各需求的平均新用率。区间：{how}。",
        "Training: two quarters each from {first} to {last}; test: the two quarters after the end of {test}, {cases} cases (client × need) with {adopted} take-ups. Naive: each need's average in "
        "training. Intervals: {how}.",
        first=_quarter("latent.first", str(test.train[0]), Text("训练首季", "first quarter of training")),
        last=_quarter("latent.last", str(test.train[-1]), Text("训练末季", "last quarter of training")),
        test=_quarter("latent.test", str(test.test), Text("检验起点", "start of the test")),
        cases=count("latent.cases", test.n_cases, Text("检验例数", "cases of the test")),
        adopted=count("latent.adopted", test.n_adopted, Text("检验期新用例数", "take-ups of the test")),
        how=scores.gain.interval,
    )
    title = Text("下一需求预测：训练期之后的检验", "Next need: tested on what came after training")
    return Table("need_validation", title, Text("见各行", "in each row"), columns, rows, note)


def _quarter(key: str, label: str, name: Text) -> Ref:
    return number(CHAPTER, key, label, "name", name)


def calibration_table(latent: Latent | Unavailable) -> Table | Unavailable:
    """Predicted against observed take-up by band of probability."""
    if isinstance(latent, Unavailable):
        return latent
    columns = (
        Column("low_band", Text("预测概率自", "Predicted from"), "percent_1"),
        Column("high_band", Text("至", "to"), "percent_1"),
        Column("n", Text("例数", "Cases"), "count"),
        Column("predicted", Text("平均预测", "Mean predicted"), "percent_1"),
        Column("observed", Text("实际新用", "Observed"), "percent_1"),
        Column("low", LOW, "percent_1"),
        Column("high", HIGH, "percent_1"),
    )
    rows = tuple(
        Row(
            {
                "low_band": one.low,
                "high_band": one.high,
                "n": one.n_cases,
                "predicted": one.predicted,
                "observed": measured(one.observed),
                **interval(one.observed),
            }
        )
        for one in latent.validation.bins
    )
    note = Sentence.of(
        "模型在检验期的预测与实际；区间为 Wilson，未计同一客户多例之间的相关。",
        "The model's predictions in the test against what came; Wilson intervals, which leave out that the cases of one client go together.",
    )
    return Table(
        "need_calibration",
        Text("预测概率是否属实", "Are the probabilities right"),
        Text("%、例", "%, cases"),
        columns,
        rows,
        note,
    )
