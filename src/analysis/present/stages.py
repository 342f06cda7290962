"""Life-cycle stages: how many clients are in each, what they hold, and who moved within a year."""

from dataclasses import replace

from analysis.core.blocks import Block, Cell, Column, Figure, Ref, Row, Sentence, Suppressed, Table
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.core.units import Currency
from analysis.portrait import Distribution, StageTransition
from analysis.portrait.stages import LEFT, NEW, TOTAL
from analysis.present.charts import Bars, Measure, Side, draw, plot_bars
from analysis.present.numbers import capital, number
from analysis.present.portrait import CHAPTER, amount_label, distribution_table

MOVED = Text("一年来改变阶段的客户", "clients that changed stage within a year")


def stage_blocks(
    found: Distribution | Unavailable, moves: StageTransition | Unavailable, *, currency: Currency
) -> tuple[Block | Unavailable, ...]:
    """The figure of stages with the transitions behind it; the table alone where nothing a year ago is known."""
    if isinstance(found, Unavailable) or isinstance(moves, Unavailable) or len(_named(found)) < 2:
        return (distribution_table(found, currency=currency),)
    return (stage_figure(found, moves, currency=currency),)


def _named(found: Distribution) -> list[int]:
    return [place for place, group in enumerate(found.groups) if group.kind == "group"]


def stage_figure(found: Distribution, moves: StageTransition, *, currency: Currency) -> Figure:
    """Bars of clients by stage in its natural order, their share and their part of the main amount beside."""
    places = [*_named(found), *(k for k, group in enumerate(found.groups) if group.kind != "group")]
    table = found.table
    sides = [
        Side(
            Measure(Text("户数占比", "Share of clients"), "percent_1"),
            tuple(float(table["share"].iloc[k]) for k in places),
        )
    ]
    if found.amounts:
        what = amount_label(found.amounts[0])
        shares = [table[f"{found.amounts[0]}_share"].iloc[k] for k in places]
        known = tuple(None if share != share else float(share) for share in shares)
        sides.append(Side(Measure(Text(f"占{what.zh}", f"Of {what.en}"), "percent_1"), known))
    data = Bars(
        labels=tuple(found.groups[k].label for k in places),
        values=tuple(float(table["n_clients"].iloc[k]) for k in places),
        measure=Measure(Text("客户", "Clients"), "count", Text("户", "number")),
        sides=tuple(sides),
        ordered=True,
        rest=len(places) - len(_named(found)),
    )
    return Figure(
        id="by_stage_figure",
        finding=_finding(found, moves),
        shows=Sentence.of("各发展阶段的客户，户", "Clients by life-cycle stage, number"),
        name=Text("发展阶段分布", "Life-cycle stages"),
        note=_note(moves),
        alt=Text("条形图：各发展阶段的客户数", "Bar chart: clients by life-cycle stage"),
        images=draw(plot_bars, data),
        behind=_behind(found, moves, currency=currency),
    )


def _share(found: Distribution, place: int) -> Ref:
    label = found.groups[place].label
    title = Text(f"{label.zh}：户数占比", f"{label.en}: share of clients")
    value = float(found.table["share"].iloc[place])
    return number(CHAPTER, f"{found.by}.{found.groups[place].code}.share", value, "percent_1", title)


def _finding(found: Distribution, moves: StageTransition) -> Sentence:
    """The largest stage, and how many clients changed theirs within the year."""
    top = max(_named(found), key=lambda place: (float(found.table["n_clients"].iloc[place]), -place))
    n_known = moves.n_stayed + moves.n_moved
    first = Sentence.of(
        "{stage}客户最多，占 {share}",
        "{stage} clients are the most, {share}",
        stage=capital(found.groups[top].label),
        share=_share(found, top),
    )
    if n_known == 0:
        return first
    if moves.n_moved == 0:
        words = Text("；一年来没有客户改变阶段", "; no client changed stage within the year")
        return Sentence((*first.zh, words.zh), (*first.en, words.en))
    if moves.n_moved < found.minimum:
        words = Text("；一年来几乎没有客户改变阶段", "; hardly a client changed stage within the year")
        return Sentence((*first.zh, words.zh), (*first.en, words.en))
    second = Sentence.of(
        "；一年来 {rate} 的老客户改变阶段",
        "; {rate} of clients known for a year changed stage",
        rate=number(CHAPTER, "stage.moved_share", moves.n_moved / n_known, "percent_1", MOVED),
    )
    return Sentence(first.zh + second.zh, first.en + second.en)


def _note(moves: StageTransition) -> Sentence:
    origin = (
        Text("阶段由数据源给出", "Stages are given by the source")
        if moves.origin == "given"
        else Text(
            "数据源未给出阶段，按政策规则由年龄、收入增长与利润率判定",
            "The source gives no stage: told by the rule of the policy from age, revenue growth and margin",
        )
    )
    return Sentence.of(
        "{origin}。{start} 至 {end} 的阶段变动见工作簿。",
        "{origin}. Moves from {start} to {end} are in the workbook.",
        origin=origin,
        start=number(CHAPTER, "stage.start", str(moves.start), "name", Text("比较起点", "start of the comparison")),
        end=number(CHAPTER, "stage.end", str(moves.end), "name", Text("比较终点", "end of the comparison")),
    )


def _behind(found: Distribution, moves: StageTransition, *, currency: Currency) -> Table:
    """Clients and money of each stage, then where its clients came from; a last row for those who left."""
    base = distribution_table(found, currency=currency)
    assert isinstance(base, Table)  # found is a distribution
    sources = [code for code in moves.counts.index if code != TOTAL]
    extra = [Column(f"from_{code}", _from(moves, code), "count") for code in sources]
    codes = ["total", *found.codes()]
    rows = [
        replace(row, cells={**row.cells, **_came_from(moves, code, sources)})
        for row, code in zip(base.rows, codes, strict=True)
    ]
    left = Row({"group": moves.labels[LEFT], **_came_from(moves, LEFT, sources)})
    return replace(base, columns=(*base.columns, *extra), rows=(*rows, left))


def _from(moves: StageTransition, code: str) -> Text:
    if code == NEW:
        return moves.labels[NEW]
    label = moves.labels[code]
    return Text(f"一年前为{label.zh}", f"{label.en} a year ago")


def _came_from(moves: StageTransition, code: str, sources: list[str]) -> dict[str, Cell]:
    """How many of a stage's clients were in each stage a year ago; a stage merged differently then has no cell."""
    if code not in moves.counts.columns:
        return {}
    column = moves.counts[code].astype(float)
    values = {source: float(column[source]) for source in sources}
    return {f"from_{source}": Suppressed() if value != value else int(value) for source, value in values.items()}
