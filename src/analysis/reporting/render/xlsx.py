"""Excel: a sheet for every table and for the numbers behind every figure, with unit, note, source, date and mark.

Numbers are written in full precision in the unit they are printed in (亿元, 万元, 个百分点); percentages are
fractions in a percent format. Text is never a formula, whatever it begins with.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import xlsxwriter

from analysis.core.fact import Fact
from analysis.core.text import Language, Text
from analysis.core.units import Currency
from analysis.present.format import cell_text, sentence_text, unit_word
from analysis.present.theme import brand
from analysis.reporting.render.document import (
    BlockJson,
    ReportContent,
    chapter_indices,
    chapter_number,
    number_blocks,
    quarter_text,
)
from analysis.reporting.render.words import WORDS

_NUMBER_FORMATS = {
    "money_large": "#,##0.00",
    "money_small": "[>=10]#,##0;[<=-10]-#,##0;0.00",
    "money_small_2": "#,##0.00",
    "money_full": "#,##0",
    "money_large_change": "+#,##0.00;-#,##0.00;0.00",
    "money_small_change": "[>=10]+#,##0;[<=-10]-#,##0;0.00",
    "percent": "0.00%",
    "percent_1": "0.0%",
    "growth": "+0.0%;-0.0%;0.0%",
    "points": "+0.00;-0.00;0.00",
    "bp": "+0;-0;0",
    "count": "#,##0",
    "count_change": "+#,##0;-#,##0;0",
    "decimal_2": "0.00",
    "decimal_3": "0.000",
    "days": "#,##0",
}
"""How each style shows in a cell; the value below it keeps all its digits."""
_FACT_FORMATS = {"money": "#,##0.00", "count": "#,##0"}
_UNIT_WORDS = {
    "ratio": Text("小数", "fraction"),
    "points": Text("小数之差", "difference of fractions"),
    "count": Text("个", "number"),
    "per_client": Text("每户", "per client"),
    "days": Text("天", "days"),
    "months": Text("月", "months"),
    "years": Text("年", "years"),
    "index": Text("无单位", "no unit"),
    "name": Text("文字", "word"),
}
_HEADERS = {
    "id": Text("数据点", "Fact"),
    "label": Text("名称", "Name"),
    "value": Text("数值", "Value"),
    "unit": Text("单位", "Unit"),
    "metric": Text("指标", "Measure"),
    "quarter": Text("季度", "Quarter"),
    "chapter": Text("章", "Chapter"),
    "reason": Text("缺失原因", "Why missing"),
}
_FACTS = Text("数据点", "Facts")
_NUMBER, _SHEET, _TITLE = Text("编号", "Number"), Text("章", "Chapter"), Text("名称", "Title")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
_WIDEST, _NARROWEST = 46, 9
"""Column widths in characters: wider text wraps."""
_FIRST_ROW = 5
"""Header row of a table (counted from zero): title, unit, source, stamp and a data caution (or nothing) come first."""


def render_xlsx(content: ReportContent, language: Language, path: Path) -> None:
    """Write the workbook of a report in one language. The same content gives the same bytes."""
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties(
            {
                "title": content.title[language],
                "author": content.bank[language],
                "comments": brand().marks[content.kind][language],
                "created": datetime(content.as_of.year, content.as_of.month, content.as_of.day),
            }
        )
        writer = _Writer(book, content, language)
        first = writer.sheet(WORDS["contents"][language])
        entries = [(sheet, number, title, chapter) for sheet, number, title, chapter in writer.tables()]
        writer.facts(content.facts)
        writer.contents(first, entries)


def safe_text(text: str) -> str:
    """A text that no spreadsheet takes for a formula, also after it was saved as CSV: such text gets an apostrophe.

    Examples
    --------
    >>> safe_text("=1+1"), safe_text("−5"), safe_text("表 1-1")
    ("'=1+1", '−5', '表 1-1')
    """
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def in_printed_unit(value: float, style: str, language: Language, currency: Currency) -> float:
    """A number in the unit its style is printed in, unrounded; percentages stay fractions.

    Examples
    --------
    >>> from analysis.core.units import CURRENCIES
    >>> in_printed_unit(34042e6, "money_large", "zh", CURRENCIES["CNY"])
    340.42
    """
    number = Decimal(str(value))
    if style.startswith("money_large"):
        number /= Decimal((currency.large_zh if language == "zh" else currency.large_en)[0])
    elif style.startswith("money_small"):
        number /= Decimal((currency.small_zh if language == "zh" else currency.small_en)[0])
    elif style in ("points", "bp"):
        number *= 100 if style == "points" else 10_000
    return float(number)


def with_unit(number_format: str, word: str) -> str:
    """A number format that prints a unit behind the number, in each of its sections; percent formats have theirs.

    Examples
    --------
    >>> with_unit("+0.00;-0.00", "亿元"), with_unit("0.0%", "%")
    ('+0.00" 亿元";-0.00" 亿元"', '0.0%')
    """
    if not word or "%" in number_format:
        return number_format
    return ";".join(f'{section}" {word}"' for section in number_format.split(";"))


def _width(text: str) -> int:
    """Characters a text takes, a Chinese one counting two."""
    return max(sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in text.split("\n"))


@dataclass(slots=True)
class _Writer:
    """A workbook while it is written: one sheet after the other, formats made once."""

    book: Any
    content: ReportContent
    language: Language
    formats: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def format(self, **properties: Any) -> Any:
        look = {"font_name": _office_font(self.language), "font_size": 10, "valign": "top", "font_color": _hue("ink")}
        key = tuple(sorted((look | properties).items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(dict(key))
        return self.formats[key]

    def sheet(self, name: str) -> Any:
        """A new sheet with a page set-up; the name is shortened and made unique."""
        clean = "".join("-" if c in "[]:*?/\\'" else c for c in name)[:28] or "-"
        unique = next(n for n in (clean, *(f"{clean} {k}" for k in range(2, 99))) if n.lower() not in self.used)
        self.used.add(unique.lower())
        sheet = self.book.add_worksheet(unique)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{self.stamp().replace('&', '&&')[:200]}&R&P / &N")
        return sheet

    def stamp(self) -> str:
        """Mark, data date and report number."""
        content, language = self.content, self.language
        date = f"{WORDS['as_of'][language]} {content.as_of}"
        marks = (content.mark[language], brand().marks[content.kind][language])
        return " · ".join(dict.fromkeys((*marks, date, content.report_id)))

    def text(self, sheet: Any, row: int, column: int, text: str, **look: Any) -> None:
        if text:
            sheet.write_string(row, column, safe_text(text), self.format(**look))
        else:
            sheet.write_blank(row, column, None, self.format(**look))

    def tables(self) -> Iterator[tuple[str, str, str, str]]:
        """Write a sheet for each table and figure; gives sheet name, number, title and chapter."""
        numbers, language = number_blocks(self.content), self.language
        sections = [
            (
                f"{chapter_number(index)[language]} {_chapter_name(chapter.opening, chapter.name, language)}",
                chapter.blocks,
            )
            for index, chapter in zip(chapter_indices(self.content), self.content.chapters, strict=True)
        ]
        for chapter, blocks in [*sections, (WORDS["appendix"][language], self.content.appendix)]:
            for block in blocks:
                if block["kind"] not in ("table", "figure"):
                    continue
                number = numbers[block["id"]][language]
                title = block["title" if block["kind"] == "table" else "name"][language]
                sheet = self.sheet(number)
                self.table(sheet, block, number, title)
                yield sheet.get_name(), number, title, chapter

    def table(self, sheet: Any, block: BlockJson, number: str, title: str) -> None:
        """Title, unit, source, header, rows and note of a table, or of the numbers behind a figure."""
        language, currency = self.language, self.content.currency
        table = block if block["kind"] == "table" else block["behind"]
        unit = table["unit"][language]
        self.text(sheet, 0, 0, f"{number} {title}", bold=True, font_size=12)
        self.text(sheet, 1, 0, WORDS["unit"][language] + unit if unit else "", font_color=_hue("muted"))
        source = f"{WORDS['source'][language]}: " if language == "en" else f"{WORDS['source'][language]}："
        self.text(sheet, 2, 0, f"{source}{self.content.source_title[language]}", font_color=_hue("muted"))
        self.text(sheet, 3, 0, self.stamp(), font_color=_hue("a2-text"))
        if "mark" in block:
            self.text(sheet, 4, 0, f"◆ {block['mark'][language]}", bold=True, font_color=_hue("muted"))
        self.header(sheet, table)
        for place, row in enumerate(table["rows"], start=_FIRST_ROW + 1):
            for position, column in enumerate(table["columns"]):
                self.cell(sheet, place, position, row, column)
        self.columns(sheet, table)
        self.fills(sheet, table)
        below = _FIRST_ROW + 2 + len(table["rows"])
        sentences = [block["finding"], block["shows"]] if block["kind"] == "figure" else []
        notes = [sentence_text(sentence, language, currency) for sentence in (*sentences, block["note"])]
        for offset, note in enumerate(note for note in notes if note):
            self.text(sheet, below + offset, 0, note, font_color=_hue("muted"))
        sheet.freeze_panes(_FIRST_ROW + 1, 1)
        sheet.repeat_rows(_FIRST_ROW)

    def header(self, sheet: Any, table: Mapping[str, Any]) -> None:
        for position, column in enumerate(table["columns"]):
            align = "left" if column["style"] == "words" else "right"
            look = {"bold": True, "top": 2, "bottom": 1, "align": align, "text_wrap": True, "valign": "bottom"}
            self.text(sheet, _FIRST_ROW, position, column["label"][self.language], **look)

    def cell(self, sheet: Any, place: int, position: int, row: Mapping[str, Any], column: Mapping[str, Any]) -> None:
        """One cell: a number in its printed unit, or words."""
        raw, style = row["cells"].get(column["key"]), column["style"]
        look: dict[str, Any] = {"bold": True, "top": 4} if row["role"] == "total" else {}
        if row["role"] == "indent":
            look |= {"font_color": _hue("muted")} | ({"indent": 1} if position == 0 else {})
        how = raw["style"] if isinstance(raw, Mapping) and "fact" in raw else style
        value = raw.get("value") if isinstance(raw, Mapping) else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            number = in_printed_unit(value, how, self.language, self.content.currency)
            shown = _NUMBER_FORMATS.get(how, "General")
            if how != style and raw.get("unit", True):  # the unit line does not cover it
                shown = with_unit(shown, unit_word(how, self.language, self.content.currency))
            sheet.write_number(place, position, number, self.format(num_format=shown, **look))
        elif raw is None:
            sheet.write_blank(place, position, None, self.format(**look))
        else:
            text = cell_text(raw, style, self.language, self.content.currency)
            align = "left" if style == "words" else "right"
            self.text(sheet, place, position, text, align=align, text_wrap=style == "words", **look)

    def columns(self, sheet: Any, table: Mapping[str, Any]) -> None:
        """Widths by what is printed."""
        for position, column in enumerate(table["columns"]):
            texts = [
                cell_text(row["cells"].get(column["key"]), column["style"], self.language, self.content.currency)
                for row in table["rows"]
            ]
            words = max((_width(text) for text in texts), default=0)
            head = min(_width(column["label"][self.language]), max(words, 14))
            sheet.set_column(position, position, min(max(words, head, _NARROWEST) + 2, _WIDEST))

    def fills(self, sheet: Any, table: Mapping[str, Any]) -> None:
        """Data bars and heat as conditional formats; total rows take no part when they stand first or last."""
        roles = [row["role"] for row in table["rows"]]
        if not roles:
            return
        first = _FIRST_ROW + 1 + (roles[0] == "total")
        last = _FIRST_ROW + len(roles) - (roles[-1] == "total")
        tint = _hue("a1-tint")
        for position, column in enumerate(table["columns"]):
            if last < first or not (column["bar"] or column["heat"]):
                continue
            rule = {"type": "data_bar", "bar_color": tint, "min_type": "num", "min_value": 0}
            if column["heat"]:
                rule = {"type": "2_color_scale", "min_color": _hue("paper"), "max_color": tint}
            sheet.conditional_format(first, position, last, position, rule)

    def facts(self, facts: tuple[Fact, ...]) -> None:
        """Every fact the report prints, unrounded: id, name, value, unit, measure, quarter, chapter."""
        language = self.language
        sheet = self.sheet(_FACTS[language])
        for position, header in enumerate(_HEADERS.values()):
            self.text(sheet, 0, position, header[language], bold=True, top=2, bottom=1)
        for row, fact in enumerate({fact.id: fact for fact in facts}.values(), start=1):
            money = Text(self.content.currency.name.zh, self.content.currency.code)
            unit = money if fact.unit == "money" else _UNIT_WORDS[fact.unit]
            reason = fact.reason[language] if fact.reason else ""
            words = [fact.id, fact.label[language], "", unit[language], fact.metric, fact.quarter, fact.chapter, reason]
            for position, word in enumerate(words):
                self.text(sheet, row, position, word)
            if isinstance(fact.value, int | float):
                look = self.format(num_format=_FACT_FORMATS.get(fact.unit, "General"))
                sheet.write_number(row, 2, fact.value, look)
            else:
                self.text(sheet, row, 2, fact.value or "—", align="right")
        for position, width in enumerate((44, 36, 20, 14, 16, 10, 24, 30)):
            sheet.set_column(position, position, width)
        sheet.freeze_panes(1, 1)

    def contents(self, sheet: Any, entries: list[tuple[str, str, str, str]]) -> None:
        """The first sheet: what this is, and a link to every table."""
        content, language = self.content, self.language
        self.text(sheet, 0, 0, content.title[language], bold=True, font_size=14)
        self.text(sheet, 1, 0, f"{content.bank[language]} · {quarter_text(content.quarter)[language]}")
        self.text(sheet, 2, 0, content.source_title[language], font_color=_hue("muted"))
        self.text(sheet, 3, 0, self.stamp(), font_color=_hue("a2-text"), bold=True)
        for position, header in enumerate((_NUMBER, _TITLE, _SHEET)):
            self.text(sheet, _FIRST_ROW, position, header[language], bold=True, top=2, bottom=1)
        link = self.format(font_color=_hue("a1"), underline=1)
        for row, (name, number, title, chapter) in enumerate(entries, start=_FIRST_ROW + 1):
            sheet.write_url(row, 0, f"internal:'{name}'!A1", link, number)
            self.text(sheet, row, 1, title)
            self.text(sheet, row, 2, chapter)
        row = _FIRST_ROW + 1 + len(entries)
        sheet.write_url(row, 0, f"internal:'{_FACTS[language]}'!A1", link, _FACTS[language])
        for position, width in enumerate((14, 48, 34)):
            sheet.set_column(position, position, width)
        sheet.freeze_panes(_FIRST_ROW + 1, 0)


def _chapter_name(opening: BlockJson | None, name: str, language: Language) -> str:
    return str(opening["name"][language]) if opening else name


def _hue(name: str) -> str:
    return brand().colour(name)


@cache
def _office_font(language: Language) -> str:
    return brand().office_fonts[language]
