"""HTML: one file, no script, no request to anywhere, fonts and drawings inside, light and dark, screen and print."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markupsafe import Markup
from nbconvert.exporters import Exporter
from traitlets import Enum

from analysis.core.blocks import Sentence
from analysis.core.fact import by_id
from analysis.core.text import Language, Text
from analysis.core.units import Currency
from analysis.present.theme import brand
from analysis.reporting.render.document import (
    ReportContent,
    chapter_indices,
    chapter_number,
    content_from_notebook,
    number_blocks,
    quarter_text,
)
from analysis.reporting.render.html_blocks import Setting, View, table_body, view
from analysis.reporting.render.html_fonts import font_faces, printed_characters
from analysis.reporting.render.html_text import anchor, css_string
from analysis.reporting.render.words import CHIP_STATES, WORDS, footer_line, header_line

LANG = {"zh": "zh-CN", "en": "en"}
_PHRASES = {
    "skip": Text("跳到正文", "Skip to the text"),
    "link": Text("本节链接", "Link to this place"),
    "tiles": Text("关键指标", "Key figures"),
    "trace": Text("数字的来路", "Where the numbers come from"),
    "metrics": Text("指标口径：", "Measures:"),
    "facts": Text("数据点", "Facts"),
    "fact": Text("数据点", "Fact"),
    "label": Text("名称", "Name"),
    "raw": Text("未取整数值", "Unrounded value"),
    "metric": Text("指标", "Measure"),
    "quarter": Text("季度", "Quarter"),
    "stop": Text("。", ". "),
    "gap": Text("", " "),
}
_STACK = {
    "zh": '"Report Latin","Report Chinese","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif',
    "en": "'Report Latin','Report Chinese',system-ui,-apple-system,'Segoe UI',sans-serif",
}
_FONT_PLACE = "/*fonts*/"


def render_html(content: ReportContent, language: Language) -> str:
    """The report in one language as the text of one HTML file.

    The same content gives the same text. It holds no script and asks the network for nothing.
    """
    quarter = quarter_text(content.quarter)[language]
    setting = Setting(
        language=language,
        currency=content.currency,
        numbers=number_blocks(content),
        facts=by_id(content.facts),
        source=_source_line(content, language),
        as_of=str(content.as_of),
    )
    chapters = _chapters(content, setting)
    appendix = [view(block, replace(setting, source=Markup(""))) for block in content.appendix]
    headline = setting.say(content.control_headline)
    contents = [{"href": c["id"], "number": c["number"], "name": c["name"]} for c in chapters]
    contents += [{"href": "control-page", "number": "✓", "name": WORDS["control"][language]}] if content.control else []
    mark = WORDS["appendix_mark"][language]
    contents += [{"href": "appendix", "number": mark, "name": WORDS["appendix"][language]}] if appendix else []
    page = _template().render(
        single=None,
        lang=LANG[language],
        w=_words(language),
        css=Markup(
            _FONT_PLACE + _variables(language, ":root") + _css("page") + _page_boxes(content, language) + _css("blocks")
        ),
        title=content.title[language],
        short_title=content.short_title[language],
        quarter=quarter,
        about=_about(content, language),
        mark=brand().marks[content.kind][language],
        cover=content.source_title[language],
        version=f"{WORDS['version'][language]} {content.version}",
        contents=contents,
        chapters=chapters,
        headlines=[{**c, "href": c["id"]} for c in chapters],
        control=_control(content, setting),
        lights=_lights(content, language),
        control_headline=headline,
        appendix=appendix,
    )
    return page.replace(_FONT_PLACE, font_faces(printed_characters(page), language), 1)


def block_html(block: Mapping[str, Any], language: Language, currency: Currency) -> str:
    """One block (its JSON) as a fragment for JupyterLab, with its own style and without embedded fonts."""
    style = _variables(language, ".analysis-block") + f"{_NEST}{{{_ALONE}{_css('blocks')}}}"
    single = view(block, Setting(language, currency))
    return _template().render(single=single, lang=LANG[language], w=_words(language), css=Markup(style))


_NEST = ".analysis-block" * 4
"""Repeated, so that its rules weigh more than JupyterLab's own for tables and lists."""
_ALONE = "max-width:46rem;padding:.2rem 1rem;background:var(--paper);color:var(--ink);font:16px/1.75 var(--font);"


def _chapters(content: ReportContent, setting: Setting) -> list[View]:
    out = []
    for index, chapter in zip(chapter_indices(content), content.chapters, strict=True):
        number = chapter_number(index)[setting.language]
        target = f"chapter-{anchor(chapter.name)}"
        blocks = [view(block, setting) for block in chapter.blocks]
        opening = next((block for block in blocks if block["kind"] == "opening"), {})
        for block in blocks:
            if block["kind"] == "opening":
                block |= {"chapter_number": number, "link": target}
        name = opening.get("name", chapter.name)
        headline = opening.get("headline", "")
        out.append(
            {
                "id": target,
                "number": number,
                "name": name,
                "label": f"{number} {name}",
                "headline": headline,
                "blocks": blocks,
            }
        )
    return out


def _control(content: ReportContent, setting: Setting) -> View | None:
    """The control page's table: what was checked, what came out, and its state as a chip."""
    if not content.control:
        return None
    rows = []
    for row in content.control:
        word = row.word if row.word.zh or row.state == "none" else WORDS[row.state]
        state = {lang: f"{_SIGNS[row.state]} {word[lang]}" if word[lang] else "" for lang in ("zh", "en")}
        cells = {
            "check": {"text": row.label.as_json()},
            "result": {"text": row.value.as_json()},
            "state": {"text": state},
        }
        rows.append({"role": "normal", "cells": cells})
    keys = ("check", "result", "state")
    columns = [
        {"key": key, "label": WORDS[key].as_json(), "style": "words", "bar": False, "heat": False} for key in keys
    ]
    table = {
        "title": WORDS["control"].as_json(),
        "unit": {"zh": "", "en": ""},
        "columns": columns,
        "rows": rows,
        "note": Sentence((), ()).as_json(),
    }
    return table_body(table, setting)


def _lights(content: ReportContent, language: Language) -> list[View]:
    """The lines of the control page that also stand at the head: label, sign and word of the state, what was found."""
    return [
        {
            "label": row.label[language],
            "value": row.value[language],
            "state": row.state,
            "sign": _SIGNS[row.state],
            "word": row.word[language],
        }
        for row in content.control
        if row.is_light
    ]


_SIGNS: dict[str, str] = {**{state: sign for sign, state in CHIP_STATES.items()}, "bad": "▲"}
"""Sign of a state in a verdict chip."""


def _about(content: ReportContent, language: Language) -> str:
    """Bank, mark, data date and report number in the banner; the mark of the data stands beside them."""
    date = f"{WORDS['as_of'][language]} {content.as_of}"
    parts = (content.bank[language], content.mark[language], date, content.report_id)
    return " · ".join(part for part in parts if part and part != brand().marks[content.kind][language])


def _page_boxes(content: ReportContent, language: Language) -> str:
    """Running header and footer of the printed page: report, mark of the data, data date, report number, page."""
    boxes = {
        "top-left": css_string(header_line(content)[language]),
        "top-right": css_string(brand().marks[content.kind][language]),
        "bottom-left": css_string(footer_line(content)[language]),
        "bottom-center": css_string(content.report_id),
        "bottom-right": 'counter(page) " / " counter(pages)',
    }
    grey = brand().colour("muted-small")
    inside = "".join(
        f"@{box}{{content:{text};font:8pt {_STACK[language]};color:{grey}}}" for box, text in boxes.items()
    )
    return f"@media print{{@page{{{inside}}}}}"


def _source_line(content: ReportContent, language: Language) -> Markup:
    """Source and data date, printed below a figure or table whose note does not give the date."""
    first = content.source_title[language].split("。" if language == "zh" else ". ")[0].rstrip(".。")
    line = {"zh": "来源：{}；数据截止 {}。", "en": "Source: {}; data as of {}."}[language]
    date = Markup('<span class="n">{}</span>').format(content.as_of)
    return Markup(line).format(first, date)


def _words(language: Language) -> dict[str, str]:
    return {key: text[language] for key, text in (WORDS | _PHRASES).items()}


def _variables(language: Language, selector: str) -> str:
    """The brand's colours as CSS variables, light and dark, and the font stack of the language."""
    look = brand()
    light = "".join(f"--{name}:{hex_};" for name, hex_ in look.light.items())
    dark = "".join(f"--{name}:{hex_};" for name, hex_ in look.dark.items())
    font = f"--font:{_STACK[language]};"
    return (
        f"{selector}{{{light}{font}--shade:rgb(31 41 51 / .16)}}"
        f"@media screen and (prefers-color-scheme:dark){{{selector}{{{dark}--shade:rgb(0 0 0 / .55)}}}}"
    )


@cache
def _css(part: str) -> str:
    """The `page` or `blocks` part of the style sheet."""
    text = files("analysis.reporting").joinpath("templates/report.css").read_text(encoding="utf-8")
    page, _, blocks = text.partition("/* blocks:")
    chosen = page if part == "page" else "/* blocks:" + blocks
    lines = (line.strip() for line in chosen.splitlines() if not line.startswith("/*"))
    return "\n".join(line for line in lines if line)


@cache
def _template() -> Template:
    folder = files("analysis.reporting").joinpath("templates")
    loader = FunctionLoader(lambda name: folder.joinpath(name).read_text(encoding="utf-8"))
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("report.html.j2")


class ReportHTMLExporter(Exporter):
    """Management report (HTML): a joined report, or one executed chapter alone."""

    export_from_notebook = "Management report (HTML)"
    output_mimetype = "text/html"
    language = Enum(("zh", "en"), default_value="zh", help="Language of the page: zh or en.").tag(config=True)

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(self, nb: Any, resources: Any | None = None, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        """The page and nbconvert's resources."""
        nb_copy, resources = super().from_notebook_node(nb, resources, **kwargs)
        return render_html(content_from_notebook(nb_copy), "en" if self.language == "en" else "zh"), resources
