"""A chapter: one notebook that loads a portfolio, shows blocks and records the facts they print.

The same object works in JupyterLab and in the report run: every block is displayed as HTML for the screen and as JSON
for the renderers, in both languages.
"""

import json
import os
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.core.blocks import BLOCK_MIME, Block, Opening, Paragraph
from analysis.core.errors import ParameterError, ReportError
from analysis.core.estimate import Unavailable
from analysis.core.fact import Fact, by_id
from analysis.core.quarter import Quarter
from analysis.core.text import LANGUAGES, Language, Text
from analysis.present.numbers import with_numerals_as_facts

if TYPE_CHECKING:
    from analysis.intake import Portfolio
    from analysis.intake.quality import Quality
    from analysis.present.marks import Marker

CHAPTER_MIME = "application/vnd.analysis.chapter+json"
"""What `finish` leaves in the notebook: the chapter's facts and cautions."""
FACTS_VARIABLE = "ANALYSIS_FACTS"
"""Environment variable with the file of facts that earlier chapters of the same run recorded."""

Showable = Block | Unavailable | Sequence["Block | Unavailable"]


class Chapter:
    """One chapter of a report, run by Papermill or by hand.

    Parameters
    ----------
    name : the notebook's name without ending, such as `10_describe_clients`
    source, quarter, data : which data; see `load_portfolio`
    display : language of the screen in JupyterLab; the blocks always carry both
    seed : of every random draw in the chapter

    Raises
    ------
    ParameterError : the language is not zh or en, or the chapter has no text file
    """

    def __init__(
        self, name: str, *, source: str, quarter: str, data: str = "", display: str = "zh", seed: int = 0
    ) -> None:
        if display not in LANGUAGES:
            raise ParameterError(f"{display!r} is not a language of this project.", hint="Use zh or en.")
        self.name = name
        self.source = source
        self.quarter = quarter
        self.data = data
        self.seed = seed
        self.language: Language = "en" if display == "en" else "zh"
        self.texts = read_texts(name)
        self._blocks: list[Block] = []
        self._facts: list[Fact] = []
        self._cautions: list[Text] = []
        self._currency = "CNY"
        self._about: dict[str, Any] = {}
        self._marker: Marker | None = None

    def load(self) -> "Portfolio":
        """The portfolio at the chapter's quarter."""
        from analysis.intake import load_portfolio

        portfolio = load_portfolio(self.source, quarter=self.quarter, data=self.data or None)
        self._currency = portfolio.currency.code
        self._about = {
            "quarter": str(portfolio.quarter),
            "source": portfolio.provenance.source,
            "source_title": portfolio.provenance.title.as_json(),
            "kind": portfolio.provenance.kind,
            "currency": portfolio.currency.code,
        }
        if portfolio.quality is not None and portfolio.quality.flaws:
            self._marker = self._marker_of(portfolio, portfolio.quality)
        return portfolio

    def _marker_of(self, portfolio: "Portfolio", quality: "Quality") -> "Marker":
        """Marks for what rests on data the quality gate warned of; their reasons become cautions of the chapter."""
        from analysis.present.marks import Marker

        def tables_of(chapter: str) -> tuple[str, ...]:
            return tables_of_chapter(chapter, portfolio.tables)

        marker = Marker.of(quality, portfolio.policy, self.name, tables_of)
        self.caution(*(reason for table in marker.tables() for reason in quality.reasons[table]))
        return marker

    def show(self, *items: Showable) -> None:
        """Display blocks in order. An `Unavailable` prints its reason instead of a block."""
        for item in items:
            if isinstance(item, Block | Unavailable):
                self._show_one(item)
            else:
                self.show(*item)

    def _show_one(self, item: Block | Unavailable) -> None:
        from IPython.display import display

        block = self._as_paragraph(item) if isinstance(item, Unavailable) else item
        block = self._marker.mark(block) if self._marker else block
        block = self._dated(block)
        if any(block.id == shown.id for shown in self._blocks):
            raise ReportError(f"Chapter {self.name} shows two blocks with the id {block.id!r}.", hint="Rename one.")
        self._blocks.append(block)
        self._facts += block.facts
        payload = block.as_json() | {"chapter": self.name}
        bundle = {"text/html": self._html(payload), "text/plain": f"<{block.kind} {block.id}>", BLOCK_MIME: payload}
        display(bundle, raw=True)  # type: ignore[no-untyped-call]
        if isinstance(block, Opening) and self._marker and (caution := self._marker.caution()):
            self._show_one(caution)

    def _dated(self, block: Block) -> Block:
        """A headline that says nothing of when gets the quarter."""
        from analysis.present.headlines import dated

        return dated(block, self.name, Quarter(self._about["quarter"])) if self._about else block

    def _as_paragraph(self, missing: Unavailable) -> Paragraph:
        number = sum(block.id.startswith("unavailable") for block in self._blocks)
        block_id = f"unavailable_{self.name}_{number + 1}"
        return Paragraph(block_id, with_numerals_as_facts(self.name, block_id, missing.reason), role="caution")

    def _html(self, payload: dict[str, Any]) -> str:
        from analysis.core.units import CURRENCIES
        from analysis.reporting.render.html import block_html

        return block_html(payload, self.language, CURRENCIES[self._currency])

    def caution(self, *texts: Text) -> None:
        """Record what the reader must know about the data or a method; printed on the control page."""
        self._cautions += [text for text in texts if text not in self._cautions]

    def recorded(self) -> dict[str, Fact]:
        """Facts of the chapters that ran before this one, by id.

        In a report run they are those of the same run; by hand, those of the last report built.

        Raises
        ------
        ReportError : no report of this source was built yet
        """
        file = os.environ.get(FACTS_VARIABLE)
        path = Path(file) if file else self._last_facts()
        return by_id(Fact.of(row) for row in json.loads(path.read_text(encoding="utf-8")))

    def _last_facts(self) -> Path:
        from analysis.reporting.build import build_root

        pattern = f"*/{self.source}/{'*' if self.quarter == 'latest' else self.quarter}/facts.json"
        found = sorted(build_root().glob(pattern))
        if not found:
            raise ReportError(
                f"No report on {self.source} was built yet, so there are no facts to sum up.",
                hint="Run make report first; this chapter reads what the others recorded.",
            )
        return found[-1]

    def finish(self) -> None:
        """Record the chapter's facts. The same id with two values is refused."""
        from IPython.display import display

        facts = by_id(self._facts)
        payload = {
            "name": self.name,
            **self._about,
            "facts": [fact.as_json() for fact in facts.values()],
            "cautions": [text.as_json() for text in self._cautions],
        }
        count = len(facts)
        plain = {"zh": f"本章记录 {count} 个数据点", "en": f"{count} facts recorded"}[self.language]
        display({"text/plain": plain, CHAPTER_MIME: payload}, raw=True)  # type: ignore[no-untyped-call]


def read_texts(name: str, root: Path | None = None) -> dict[str, Text]:
    """The fixed texts of a chapter, from the TOML file beside its notebook."""
    from analysis.reporting.definition import notebook_folder

    path = notebook_folder(root) / f"{name}.toml"
    if not path.is_file():
        raise ParameterError(f"Chapter {name!r} has no text file {name}.toml.", hint="Write one beside its notebook.")
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    return {key: Text.of(pair) for key, pair in raw.items()}


def tables_of_chapter(name: str, present: Sequence[str], root: Path | None = None) -> tuple[str, ...]:
    """Tables a chapter rests on, of those the data have; one that sums up the others rests on all of them."""
    from analysis.reporting.definition import notebook_folder
    from analysis.reporting.plan import demands_of

    demands = demands_of(notebook_folder(root) / f"{name}.ipynb")
    return tuple(t for t in present if demands.reads_facts or t in (*demands.needs, *demands.uses))


def facts_json(facts: Iterable[Fact]) -> str:
    """Facts as the text of facts.json, in the order they are printed."""
    return json.dumps([fact.as_json() for fact in facts], ensure_ascii=False, indent=1) + "\n"
