"""Marks what rests on data the quality gate warned of: conclusions, tiles, tables and figures, by what their facts are.

A fact that carries a KPI rests on the KPI's tables. Another one says by its id what it is about
(`<chapter>.pareto.contribution.top_share`): the measures named there, and `clients` where it names a column of it. A
number of a segmentation, or one whose id names nothing known, rests on all tables of its chapter.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from analysis.core.blocks import Block, Figure, Finding, Findings, Opening, Paragraph, Sentence, Table, Tile, Tiles
from analysis.core.fact import Fact
from analysis.core.text import Text
from analysis.intake import Policy
from analysis.intake.quality import Quality
from analysis.intake.schemas import SCHEMAS
from analysis.metrics.lineage import tables_behind
from analysis.present.numbers import capital, with_numerals_as_facts

_NOT_FROM_DATA = {"target", "disclosure_limit"}
"""Words in the id of a fact that is a decision, not data."""


_CLIENT_COLUMNS = {column.name for column in SCHEMAS["clients"].columns}


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a fact rests on: its tables, and the words of its id, among them the columns it groups by."""

    tables: tuple[str, ...]
    words: frozenset[str] = frozenset()


def lineage(fact: Fact, tables_of_chapter: Callable[[str], tuple[str, ...]]) -> Lineage:
    """What a fact rests on.

    Parameters
    ----------
    tables_of_chapter : from a chapter's name to the tables it needs and uses
    """
    from analysis.features.declarations import FEATURES
    from analysis.segmentation import METHODS

    parts = fact.id.split(".")[1:]
    words = frozenset(parts) | {part.removesuffix("_share") for part in parts}
    if words & _NOT_FROM_DATA:
        return Lineage(())
    if fact.metric and (found := tables_behind(fact.metric)):
        return Lineage(found, words)
    behind = [
        measure for word in sorted(words) for measure in (FEATURES[word].measures if word in FEATURES else (word,))
    ]
    tables = [table for measure in behind for table in tables_behind(measure)]
    if words & _CLIENT_COLUMNS:
        tables.append("clients")
    if words & set(METHODS) or not tables:
        tables = list(tables_of_chapter(fact.chapter))
    return Lineage(tuple(dict.fromkeys(tables)), words)


@dataclass(frozen=True, slots=True)
class Marker:
    """Puts marks on the blocks of one chapter.

    Parameters
    ----------
    word : what the mark says before it names the tables
    """

    quality: Quality
    word: Text
    chapter: str
    tables_of_chapter: Callable[[str], tuple[str, ...]]

    @classmethod
    def of(
        cls, quality: Quality, policy: Policy, chapter: str, tables_of_chapter: Callable[[str], tuple[str, ...]]
    ) -> "Marker":
        """With the wording of the policy."""
        word = next(Text.of(row) for row in policy.table("quality_words") if row["id"] == "mark")
        return cls(quality, word, chapter, tables_of_chapter)

    def tables(self) -> tuple[str, ...]:
        """Warned tables that the chapter rests on."""
        own = self.tables_of_chapter(self.chapter)
        return tuple(table for table in self.quality.warned_tables if table in own)

    def caution(self) -> Paragraph | None:
        """What the reader of the chapter must know about its data, or nothing."""
        return caution_of(self.chapter, self.tables(), self.quality, self.word)

    def mark(self, block: Block) -> Block:
        """The block with its marks; one that rests on sound data comes back as it is."""
        match block:
            case Opening():
                return replace(block, mark=self.text(block.facts))
            case Paragraph(role="text" | "so_what"):
                return replace(block, mark=self.text(block.facts))
            case Findings():
                return replace(block, items=tuple(self._finding(item) for item in block.items))
            case Tiles():
                return replace(block, tiles=tuple(self._tile(tile) for tile in block.tiles))
            case Table() | Figure():
                return replace(block, mark=self._drawn(block))
        return block

    def _finding(self, item: Finding) -> Finding:
        return replace(item, mark=self.text(item.sentence.facts))

    def _tile(self, tile: Tile) -> Tile:
        """A tile has no room for names; they stand above it."""
        facts = Tiles("", (tile,), Sentence((), ())).facts
        return replace(tile, mark=self.word if self.text(facts) else None)

    def _drawn(self, block: Table | Figure) -> Text | None:
        """A table or figure rests on its facts, else on its KPIs, the client columns its id names, or its chapter."""
        if block.facts:
            return self.text(block.facts)
        behind = [table for code in block.metrics for table in tables_behind(code)]
        columns = frozenset(name for name in _CLIENT_COLUMNS if f"_{name}" in block.id)
        tables = tuple(behind) or (("clients",) if columns else self.tables_of_chapter(self.chapter))
        return self._names([Lineage(tables, columns)])

    def text(self, facts: Iterable[Fact]) -> Text | None:
        """The mark of what rests on these facts, or none."""
        return self._names([lineage(fact, self.tables_of_chapter) for fact in facts])

    def _names(self, found: Collection[Lineage]) -> Text | None:
        warned = [table for table in self.quality.warned_tables if any(self._is_concerned(table, one) for one in found)]
        if not warned:
            return None
        labels = [SCHEMAS[table].label for table in warned]
        return Text(
            f"{self.word.zh}：{'、'.join(label.zh for label in labels)}",
            f"{self.word.en}: {', '.join(label.en for label in labels)}",
        )

    def _is_concerned(self, table: str, found: Lineage) -> bool:
        """Whether a fault of the table touches the number: empty cells only where their column is what it is about."""
        if table not in found.tables:
            return False
        return any(
            flaw.kind != "fill" or flaw.column in found.words for flaw in self.quality.flaws if flaw.table == table
        )


def caution_of(chapter: str, tables: Collection[str], quality: Quality, word: Text) -> Paragraph | None:
    """What the reader of a chapter must know about its data, or nothing."""
    reasons = [_sayable(table, reason) for table in tables for reason in quality.reasons[table]]
    if not reasons:
        return None
    said = Text(
        f"{'；'.join(reason.zh for reason in reasons)}。受影响的结论标有“{word.zh}”。",
        f"{'; '.join(capital(reason).en for reason in reasons)}. What this touches is marked “{word.en}”.",
    )
    block_id = f"quality_{chapter}"
    return Paragraph(block_id, with_numerals_as_facts(chapter, "quality", said), role="caution")


_NUMERAL = re.compile(r"\d+")


def _sayable(table: str, reason: Text) -> Text:
    """The reason, if both languages name the same numbers; the name of a bank's own rule may not."""
    if sorted(_NUMERAL.findall(reason.zh)) == sorted(_NUMERAL.findall(reason.en)):
        return reason
    label = SCHEMAS[table].label
    return Text(f"{label.zh}：数据有缺陷，详见控制页", f"{label.en}: faults in the data, see the control page")
