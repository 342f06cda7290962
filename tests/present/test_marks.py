"""What rests on data the gate warned of is marked, and nothing else."""

import json
from pathlib import Path

import pytest

from analysis.core.blocks import (
    Block,
    Column,
    Finding,
    Findings,
    Opening,
    Paragraph,
    Ref,
    Row,
    Sentence,
    Table,
    Tile,
    Tiles,
)
from analysis.core.fact import Fact
from analysis.core.text import Text
from analysis.features.declarations import FEATURES
from analysis.intake import load_policy
from analysis.intake.quality import Flaw, Quality, Score
from analysis.metrics.lineage import tables_behind
from analysis.present.marks import Marker, caution_of, lineage
from tests.present.prose import en, keeps_the_promises, zh

EMPTY = Text("", "")
CHAPTERS = {
    "10_describe_clients": ("clients", "positions", "loan_states", "transactions"),
    "30_segment_clients": ("clients", "positions"),
}
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def flaw(table: str, kind: str = "validity", column: str = "") -> Flaw:
    return Flaw(table, "validity", kind, column, "warn", Text(f"{table} 有 2.5% 不对", f"{table}: 2.5% wrong"), "")


def quality(*flaws: Flaw) -> Quality:
    return Quality(
        "2026Q3",
        tuple(
            Score(table, "validity", 0.9, "warn") for table in ("clients", "positions", "loan_states", "transactions")
        ),
        flaws,
    )


def marker(*flaws: Flaw, chapter: str = "10_describe_clients") -> Marker:
    return Marker.of(quality(*flaws), load_policy(), chapter, CHAPTERS.__getitem__)


def ref(id: str, metric: str = "") -> Ref:
    return Ref(Fact(id, 1, "count", id.partition(".")[0], Text("数", "number"), metric), "count")


def say(*refs: Ref) -> Sentence:
    return Sentence(("数 ", *refs), ("number ", *refs))


DEPOSITS = ref("10_describe_clients.kpi.DEP_ADB", "DEP_ADB")
BAD_LOANS = ref("10_describe_clients.kpi.NPLR", "NPLR")
BY_INDUSTRY = ref("10_describe_clients.industry.C.deposit_avg_share")
BY_REGION = ref("10_describe_clients.region.east.deposit_avg_share")
TOP = ref("10_describe_clients.pareto.contribution.top_share")
SEGMENTS = ref("30_segment_clients.kmeans.A.share")
GOAL = ref("90_summarise.target.DEP_ADB", "DEP_ADB")
POSITIONS = Text("数据提示：产品持有", "data caution: positions")


@pytest.mark.parametrize(
    ("number", "tables"),
    [
        (DEPOSITS, {"positions"}),
        (BAD_LOANS, {"loan_states"}),
        (BY_INDUSTRY, {"positions", "clients"}),
        (TOP, {"positions", "loan_states"}),
        (SEGMENTS, {"clients", "positions"}),
        (ref("30_segment_clients.features.entries_year.median"), {"transactions"}),
        (ref("30_segment_clients.overlap.top_tier_share"), {"clients", "positions"}),
        (GOAL, set()),
        (ref("10_describe_clients.disclosure_limit"), set()),
    ],
)
def test_a_fact_rests_on_its_kpi_its_measures_its_columns_or_its_chapter(number: Ref, tables: set[str]) -> None:
    assert set(lineage(number.fact, CHAPTERS.__getitem__).tables) == tables


def test_a_conclusion_is_marked_by_its_facts_and_the_others_are_not():
    block = Findings("f", (Finding(say(DEPOSITS)), Finding(say(BAD_LOANS)), Finding(say(DEPOSITS, BAD_LOANS))))
    marked = marker(flaw("positions")).mark(block)
    assert isinstance(marked, Findings)
    assert [item.mark for item in marked.items] == [POSITIONS, None, POSITIONS]


def test_several_tables_are_named_in_one_mark():
    marked = marker(flaw("positions"), flaw("loan_states")).mark(Paragraph("p", say(DEPOSITS, BAD_LOANS)))
    assert marked.as_json()["mark"] == {
        "zh": "数据提示：产品持有、贷款月度状态",
        "en": "data caution: positions, loan states",
    }


def test_empty_cells_touch_only_what_is_grouped_by_their_column():
    marks = marker(flaw("clients", "fill", "industry"))
    assert marks.text([BY_INDUSTRY.fact]) == Text("数据提示：客户", "data caution: clients")
    assert marks.text([BY_REGION.fact]) is None
    assert marker(flaw("clients")).text([BY_REGION.fact]) is not None


@pytest.mark.parametrize(
    "block",
    [
        Opening("o", EMPTY, EMPTY, say(BAD_LOANS), say(DEPOSITS)),
        Paragraph("p", say(DEPOSITS)),
        Paragraph("p", say(DEPOSITS), "so_what"),
        Table("t", EMPTY, EMPTY, (Column("a", EMPTY),), (Row({"a": DEPOSITS}),), say()),
        Table("t", EMPTY, EMPTY, (Column("a", EMPTY),), (Row({"a": 1}),), say(), ("DEP_ADB",)),
        Table("t", EMPTY, EMPTY, (Column("a", EMPTY),), (Row({"a": 1}),), say()),
    ],
    ids=("opening", "paragraph", "so what", "table by facts", "table by KPIs", "table by its chapter"),
)
def test_every_kind_of_block_that_concludes_carries_a_mark(block: Block) -> None:
    assert marker(flaw("positions")).mark(block).as_json()["mark"] == POSITIONS.as_json()
    assert marker(flaw("transactions", "fill", "n_in")).mark(block) == block
    assert "mark" not in block.as_json()


def test_a_table_that_crosses_client_columns_rests_on_clients_only():
    cross = Table("cross_size_class_ownership", EMPTY, EMPTY, (Column("a", EMPTY),), (Row({"a": 1}),), say())
    assert marker(flaw("positions")).mark(cross) == cross
    assert marker(flaw("clients")).mark(cross) != cross


def test_a_tile_is_marked_without_the_names_it_has_no_room_for():
    tiles = Tiles("t", (Tile(EMPTY, DEPOSITS, ()), Tile(EMPTY, BAD_LOANS, ())), say())
    marked = marker(flaw("positions")).mark(tiles)
    assert isinstance(marked, Tiles)
    assert [tile.mark for tile in marked.tiles] == [Text("数据提示", "data caution"), None]


@pytest.mark.parametrize("role", ["unknown", "caution"])
def test_what_is_not_known_needs_no_mark(role: str) -> None:
    block = Paragraph("p", say(DEPOSITS), role)
    assert marker(flaw("positions")).mark(block) is block


def test_a_chapter_says_once_what_is_wrong_with_the_tables_it_rests_on():
    marks = marker(flaw("positions"), flaw("loan_states"), chapter="30_segment_clients")
    caution = marks.caution()
    assert caution is not None
    assert marks.tables() == ("positions",)
    assert zh(caution.sentence) == "positions 有 2.5% 不对。受影响的结论标有“数据提示”。"
    assert en(caution.sentence) == "Positions: 2.5% wrong. What this touches is marked “data caution”."
    assert keeps_the_promises(caution)


def test_a_chapter_on_sound_tables_says_nothing():
    assert marker(flaw("loan_states"), chapter="30_segment_clients").caution() is None


def test_a_reason_whose_languages_name_different_numbers_is_left_to_the_control_page():
    odd = Flaw("clients", "validity", "validity", "", "warn", Text("二类不对", "class 2 wrong"), "")
    caution = caution_of("30_segment_clients", ("clients",), quality(odd), Text("数据提示", "data caution"))
    assert caution is not None
    assert zh(caution.sentence) == "客户：数据有缺陷，详见控制页。受影响的结论标有“数据提示”。"


def test_the_segment_chapter_names_every_table_behind_its_features():
    said = json.loads((NOTEBOOKS / "30_segment_clients.ipynb").read_text(encoding="utf-8"))["metadata"]["analysis"]
    needed = {table for feature in FEATURES.values() for name in feature.measures for table in tables_behind(name)}
    assert needed <= {*said["needs"], *said["uses"]}
