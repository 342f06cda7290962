"""Restatements: the KPIs of the last issued quarter, recomputed today for that same quarter, and why they moved."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analysis.core.blocks import Cell, Column, Missing, Ref, Row, Sentence, Style, Table
from analysis.core.fact import Fact
from analysis.core.text import LANGUAGES, Text
from analysis.core.units import Currency
from analysis.present.format import sentence_text
from analysis.present.numbers import number
from analysis.reporting.decisions import (
    DEFINITIONS,
    POLICIES,
    changed_definitions,
    changed_rules,
    policy_as_issued,
)
from analysis.reporting.render.document import ControlRow

if TYPE_CHECKING:
    from analysis.intake import Portfolio
    from analysis.reporting.issue import Issue

_PLACE = "appendix"
_SAME = 1e-9
"""Relative difference below which two numbers are the same: facts keep twelve digits, and nothing prints as many."""
_N_RULES = 3
"""Changed rules that are named in a reason; the policy table prints them all."""


@dataclass(frozen=True, slots=True)
class Restated:
    """One KPI of the issued quarter that is another today.

    Parameters
    ----------
    issued, now : the fact as it was issued and as it is recomputed for the same quarter; either may have no value
    style : how both print
    reasons : what has changed that the number rests on
    """

    issued: Fact
    now: Fact
    style: Style
    reasons: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Restatements:
    """What comparing an issued quarter with its figures of today came to.

    Parameters
    ----------
    n_facts : facts of the issued report
    n_compared : of these, values and changes of KPIs that could be recomputed
    n_kpi : facts that carry a KPI's code
    restated : those that differ, in the order they were issued
    """

    quarter: str
    n_facts: int
    n_kpi: int
    n_compared: int
    restated: tuple[Restated, ...]


def find_restatements(issue: "Issue", portfolio: "Portfolio", *, code: str) -> Restatements:
    """Recompute the KPIs of an issued quarter and compare them.

    Parameters
    ----------
    issue : of the quarter before the portfolio's
    code : hash of the program, as a chapter's manifest holds it
    """
    then = portfolio.at(issue.quarter)
    today = recomputed(then)
    kpi = [fact for fact in issue.facts if fact.metric]
    compared = [(fact, today[fact.id]) for fact in kpi if fact.id in today]
    differ = [(fact, ref) for fact, ref in compared if not _is_same(fact, ref.fact)]
    restated = tuple(_with_reasons(differ, issue, then, code)) if differ else ()
    return Restatements(issue.quarter, len(issue.facts), len(kpi), len(compared), restated)


def _with_reasons(
    differ: Sequence[tuple[Fact, Ref]], issue: "Issue", then: "Portfolio", code: str
) -> Iterator[Restated]:
    """Each figure with its reasons: under the rules of the issue it is computed once more, which tells policy apart."""
    why = _Reasons.of(issue, then, code)
    under = recomputed(replace(then, policy=policy_as_issued(issue.read(POLICIES), then.policy))) if why.rules else {}
    for issued, now in differ:
        as_ruled = under[issued.id].fact if issued.id in under else now.fact
        reasons = [] if _is_same(as_ruled, now.fact) else [why.policy()]
        if not _is_same(as_ruled, issued):
            reasons += why.of_metric(issued.metric)
        yield Restated(issued, now.fact, now.style, tuple(reasons))


def recomputed(portfolio: "Portfolio") -> dict[str, Ref]:
    """The KPIs of the overview in the portfolio's quarter, their changes and quarters so far, by id of the fact."""
    from analysis.metrics import METRICS, comparisons, recent
    from analysis.present import overview

    found: dict[str, Ref] = {}
    for one in comparisons(portfolio, overview.codes_for(portfolio)):
        metric = METRICS[one.code]
        refs = [overview.value_ref(metric, one.current)]
        refs += [
            ref
            for change in one.changes
            for is_absolute in (False, True)
            if isinstance(ref := overview.change_ref(metric, change, absolute=is_absolute), Ref)
        ]
        found |= {ref.fact.id: ref for ref in refs}
    for code, values in recent(portfolio, overview.tiles_for(portfolio)).items():
        metric = METRICS[code]
        for quarter, value in list(values.items())[:-1]:  # the last one is the KPI itself
            key = f"series.{code}.{quarter}"
            ref = number(overview.CHAPTER, key, value, metric.style, metric.name, metric=code, quarter=quarter.label)
            found[ref.fact.id] = ref
    return found


def _is_same(issued: Fact, now: Fact) -> bool:
    one, two = issued.value, now.value
    if isinstance(one, int | float) and isinstance(two, int | float):
        return math.isclose(one, two, rel_tol=_SAME)
    return one == two


@dataclass(frozen=True, slots=True)
class _Reasons:
    """What has changed since the issue.

    Parameters
    ----------
    late : rows of earlier quarters that deliveries after the issue changed or added, by table
    inputs : whether files that were read then have other content now or are gone
    definitions : codes of the KPIs that are computed otherwise
    rules : labels of the policy rules with another value
    code : whether the program is another
    """

    late: Mapping[str, int]
    inputs: bool
    definitions: frozenset[str]
    rules: tuple[Text, ...]
    code: bool

    @classmethod
    def of(cls, issue: "Issue", portfolio: "Portfolio", code: str) -> "_Reasons":
        chapters = issue.manifest["chapters"].values()
        return cls(
            _late_rows(issue, portfolio),
            _inputs_differ(issue, portfolio),
            changed_definitions(issue.read(DEFINITIONS)),
            changed_rules(issue.read(POLICIES), portfolio.policy),
            any(chapter["parts"].get("code") != code for chapter in chapters),
        )

    def policy(self) -> Text:
        """The rules with another value, the first of them by name."""
        named = self.rules[:_N_RULES]
        n_more = len(self.rules) - len(named)
        zh, en = "、".join(rule.zh for rule in named), ", ".join(rule.en for rule in named)
        return Text(
            f"政策取值调整：{zh}{f'等 {len(self.rules)} 项' if n_more else ''}",
            f"policy changed: {en}{f' and {n_more} more' if n_more else ''}",
        )

    def of_metric(self, code: str) -> tuple[Text, ...]:
        """What else than the policy may lie behind one KPI."""
        return tuple(self._found(code)) or (_PROGRAM if self.code else _UNKNOWN,)

    def _found(self, code: str) -> Iterator[Text]:
        from analysis.metrics.lineage import tables_behind

        n_late = sum(self.late.get(table, 0) for table in tables_behind(code))
        if n_late:
            yield Text(f"数据补录或更正（{n_late:,} 处）", f"data late or corrected ({n_late:,} values)")
        elif self.inputs:
            yield Text("数据文件有变", "data files changed")
        if code in self.definitions:
            yield Text("口径调整", "definition changed")


_PROGRAM = Text("计算程序更新", "the program computes it otherwise")
_UNKNOWN = Text(
    "未见数据、口径、政策或程序变化，须查明", "neither data, definition, policy nor program changed: look into it"
)


def _late_rows(issue: "Issue", portfolio: "Portfolio") -> dict[str, int]:
    """Restated values by table, of deliveries later than the issued quarter."""
    frame = portfolio.restatements
    if frame.empty:
        return {}
    later = frame[frame["folder"] > issue.quarter]
    return {str(table): int(n) for table, n in later["table"].value_counts().items()}


def _inputs_differ(issue: "Issue", portfolio: "Portfolio") -> bool:
    """Whether the files of then have changed; without files, whether the data were made otherwise."""
    then = {row["name"]: row["sha256"] for row in issue.manifest["inputs"]}
    now = {item.name: item.sha256 for item in portfolio.provenance.inputs}
    if then or now:
        return any(now.get(name) != value for name, value in then.items())
    return bool(issue.manifest["data_parameters"] != portfolio.provenance.parameters)


# --- shown ----------------------------------------------------------------------------------------------------------

_CHANGES: Mapping[Style, Style] = {
    "money_large": "money_large_change",
    "money_small": "money_small_change",
    "count": "count_change",
    "percent": "points",
    "percent_1": "points",
    "growth": "points",
}
"""How the difference of two numbers prints; in other styles like the numbers."""


def restatement_row(found: Restatements | None, quarter: str, currency: Currency) -> ControlRow:
    """How many figures of the last issue are others today; or that nothing was issued.

    Parameters
    ----------
    quarter : the quarter before the report's
    """
    label = Text("重述", "Restatements")
    if found is None:
        return ControlRow(
            label,
            Text(
                f"{quarter} 没有已发布的报告，上季数据由现有各表按当季末重算，无从比对",
                f"no report was issued for {quarter}: its figures are recomputed from the tables as of its end",
            ),
        )
    sentence = Sentence.of(
        "已发布的 {quarter} 重算 {compared} 个指标值，其中 {restated} 个有变",
        "{compared} figures issued for {quarter} were recomputed, {restated} of them changed",
        **_counts(found),
    ).as_json()
    value = Text(*(sentence_text(sentence, language, currency) for language in LANGUAGES))
    if found.restated:
        return ControlRow(label, value, "near", Text("见附录", "see appendix"))
    return ControlRow(label, value, "good", Text("通过", "passed"))


def _counts(found: Restatements) -> dict[str, Ref]:
    values: dict[str, tuple[int | str, Style, Text]] = {
        "quarter": (found.quarter, "name", Text("已发布的季度", "quarter issued")),
        "facts": (found.n_facts, "count", Text("已发布的数据点", "facts issued")),
        "kpi": (found.n_kpi, "count", Text("其中指标", "facts of a KPI")),
        "compared": (found.n_compared, "count", Text("重算的指标值", "figures recomputed")),
        "restated": (len(found.restated), "count", Text("重述的指标值", "figures restated")),
        "other": (found.n_facts - found.n_compared, "count", Text("未重算的数据点", "facts not recomputed")),
    }
    return {
        name: number(_PLACE, f"restatements.n_{name}", value, style, label)
        for name, (value, style, label) in values.items()
    }


def restatement_tables(found: Restatements | None) -> Iterator[Table]:
    """The annex: how much was compared, and every figure that is another today."""
    if found is None:
        return
    counts = _counts(found)
    rows = tuple(
        Row({"what": ref.fact.label, "n": ref}, "total" if name == "restated" else "normal")
        for name, ref in counts.items()
        if name != "quarter"
    )
    yield Table(
        "appendix_restatements_scope",
        Text("重述说明：比对范围", "Restatements: what was compared"),
        Text("个", "number"),
        (Column("what", Text("内容", "What"), "words"), Column("n", Text("个数", "Number"))),
        rows,
        Sentence.of(
            "将已发布的 {quarter} 的指标按同一季度重算后比对：指标值、其增减与近八季数列。"
            "分布、客群、模型等数据点及目标值不重算。",
            "KPIs issued for {quarter} are recomputed for that same quarter and compared: values, changes and the last"
            " quarters of the tiles. Facts of distributions, segments and models, and targets, are not.",
            quarter=counts["quarter"],
        ),
    )
    yield _list(found)


def _list(found: Restatements) -> Table:
    columns = (
        Column("what", Text("指标", "Figure"), "words"),
        Column("issued", Text("发布时", "As issued")),
        Column("now", Text("现在", "Now")),
        Column("change", Text("变动", "Change")),
        Column("reason", Text("原因", "Reason"), "words"),
    )
    note = Sentence.of(
        "按发布时的政策取值再算一遍，以区分政策与其他原因；其他原因列出自发布以来的变化，多项并存时不分摊。",
        "Each figure is computed once more under the rules of the issue, which tells policy from the rest; other"
        " reasons are what has changed since then, and several are not told apart by amount.",
    )
    title = Text("重述说明", "Restatements")
    rows = tuple(_row(one) for one in found.restated)
    return Table("appendix_restatements", title, Text("见各格", "in each cell"), columns, rows, note)


def _row(one: Restated) -> Row:
    fact, key = one.issued, f"restatements.{one.issued.id}"
    quarter = f" {fact.quarter}" if fact.quarter else ""
    label = Text(f"{fact.label.zh}{quarter}", f"{fact.label.en}{quarter}")
    cells: dict[str, Cell] = {
        name: number(_PLACE, f"{key}.{name}", value, one.style, label)
        if value is not None
        else Missing(reason or Text("无数据", "no data"))
        for name, value, reason in (("issued", fact.value, fact.reason), ("now", one.now.value, one.now.reason))
    }
    return Row(
        {
            "what": label,
            **cells,
            "change": _change(one, key, label),
            "reason": Text("；".join(why.zh for why in one.reasons), "; ".join(why.en for why in one.reasons)),
        }
    )


def _change(one: Restated, key: str, label: Text) -> Cell:
    before, after = one.issued.value, one.now.value
    if not isinstance(before, int | float) or not isinstance(after, int | float):
        return Missing(Text("其中一期没有数值", "one of the two has no value"))
    return number(_PLACE, f"{key}.change", after - before, _CHANGES.get(one.style, one.style), label)
