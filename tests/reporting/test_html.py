"""The HTML report: whole, closed to the outside, readable, and nothing from data becomes markup."""

import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest

from analysis.core.blocks import (
    Block,
    Column,
    Finding,
    Findings,
    Image,
    Missing,
    Opening,
    Paragraph,
    Row,
    Sentence,
    Table,
)
from analysis.core.errors import ReportError
from analysis.core.text import LANGUAGES, Language, Text
from analysis.core.units import CURRENCIES
from analysis.present.theme import brand
from analysis.reporting.render.document import ChapterContent, ReportContent, number_blocks, to_notebook
from analysis.reporting.render.html import ReportHTMLExporter, block_html, render_html
from analysis.reporting.render.html_blocks import Setting, fact_ids, table_body
from analysis.reporting.render.html_fonts import font_faces, printed_characters
from analysis.reporting.render.html_text import css_string, inline_svg, sentence_html
from tests.reporting.sample_content import bridge, migration, ref, sample_content, say, tiers

CNY = CURRENCIES["CNY"]
HOSTILE = (
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "</style><b>bold</b>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;already&gt;",
    "'single' \"double\" `tick`",
)  # fmt: skip
EXTERNAL = re.compile(
    r"""(?:\b(?:src|href|action|srcset|poster|data)\s*=\s*["']?\s*|url\(\s*["']?|@import\s*["']?)((?:https?:)?//[^"')\s>]*)""",
    re.IGNORECASE,
)
VOID = {"meta", "img", "br", "link", "input"}


@cache
def content() -> ReportContent:
    return sample_content()


@cache
def page(language: Language) -> str:
    return render_html(content(), language)


class Tree(HTMLParser):
    """Elements of a page in order, with a check that they are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.texts))


@cache
def tree(language: Language) -> Tree:
    return Tree(page(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_asks_the_network_for_nothing(language: Language) -> None:
    assert EXTERNAL.findall(page(language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_forbids_scripts_and_everything_from_outside(language: Language) -> None:
    policies = [m["content"] for m in tree(language).of("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    assert {"default-src 'none'", "script-src 'none'", "img-src data:", "font-src data:"} <= set(
        policies[0].split("; ")
    )
    assert tree(language).of("script") == []
    assert not any(key.startswith("on") for _, attributes in tree(language).elements for key in attributes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_element_is_closed_and_every_id_is_there_once(language: Language) -> None:
    assert tree(language).open == []
    ids = [attributes["id"] for _, attributes in tree(language).elements if "id" in attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_block_is_there_with_its_number(language: Language) -> None:
    ids = {attributes.get("id") for _, attributes in tree(language).elements}
    blocks = [block for chapter in content().chapters for block in chapter.blocks]
    assert {block["id"] for block in (*blocks, *content().appendix)} <= ids
    for number in number_blocks(content()).values():
        assert number[language] in tree(language).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_inner_link_leads_somewhere(language: Language) -> None:
    ids = {attributes.get("id") for _, attributes in tree(language).elements}
    links = [attributes["href"] for tag, attributes in tree(language).elements if tag in ("a", "use")]
    assert len(links) > 20
    assert [link for link in links if link[:1] != "#" or link[1:] not in ids] == []


def test_both_languages_carry_the_same_facts() -> None:
    carried = {
        language: {a["data-fact"] for _, a in tree(language).elements if "data-fact" in a} for language in LANGUAGES
    }
    assert carried["zh"] == carried["en"]
    assert {fact.id for fact in content().facts} == carried["zh"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_screen_reader_finds_its_way(language: Language) -> None:
    page_tree = tree(language)
    assert page_tree.of("html") == [{"lang": {"zh": "zh-CN", "en": "en"}[language]}]
    assert len(page_tree.of("main")) == len(page_tree.of("h1")) == 1
    assert page_tree.of("a")[0] == {"class": "skip", "href": "#main"}
    assert all("scope" in head for head in page_tree.of("th"))
    assert all(image.get("alt") for image in page_tree.of("img"))
    pictures = [a for _, a in page_tree.elements if a.get("role") == "img"]
    assert pictures
    assert all(picture.get("aria-label") for picture in pictures)
    assert all(nav.get("aria-label") for nav in page_tree.of("nav"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_kind_of_data_is_marked_in_the_banner_that_stays(language: Language) -> None:
    assert f'<span class="mark">{brand().marks["synthetic"][language]}</span>' in page(language)
    assert ".banner { position: sticky; top: 0;" in page(language)


def test_the_same_content_gives_the_same_bytes() -> None:
    font_faces.__globals__["_woff2"].cache_clear()
    assert render_html(sample_content(), "en") == page("en")


def test_hostile_text_prints_as_it_was_written() -> None:
    words = " ".join(HOSTILE)
    text, said = Text(words, words), Sentence((words,), (words,))
    column = Column("a", text, "words")
    blocks: tuple[Block, ...] = (
        Opening("o", text, text, said, said),
        Paragraph("p", said, "so_what"),
        Findings("f", (Finding(said, "t"),)),
        Table("t", text, text, (column,), (Row({"a": words}), Row({"a": Missing(text)})), said, metrics=(words,)),
        replace(bridge(), id="g", alt=text, name=text, finding=said, shows=said, note=said),
    )
    chapter = ChapterContent(words, tuple(block.as_json() for block in blocks))
    names = {"title": text, "short_title": text, "bank": text, "mark": text, "source_title": text, "version": words}
    hostile = replace(content(), chapters=(chapter,), appendix=(), report_id=words, **names)
    made = Tree(render_html(hostile, "en"))
    assert made.open == []
    assert made.of("script") == made.of("img") == made.of("b") == [] or not {"x"} & {
        i.get("src") for i in made.of("img")
    }
    assert made.of("script") == []
    assert not any(key.startswith("on") for _, attributes in made.elements for key in attributes)
    # title, headline, lead, paragraph, finding, cell … all print every sign
    assert made.text.count(words) > 15


def test_emphasis_and_numbers_of_a_sentence_become_markup() -> None:
    growth = say("**规模**增长{g}。", "**Size** grew {g}.", g=ref("x", 0.07, "growth")).as_json()
    assert sentence_html(growth, "zh", CNY) == (
        '<strong>规模</strong>增长 <span class="n" data-fact="sample.x">+7.0%</span>。'
    )
    assert sentence_html(growth, "en", CNY) == (
        '<strong>Size</strong> grew <span class="n" data-fact="sample.x">+7.0%</span>.'
    )


def test_a_drawing_gets_ids_of_its_own_and_variables_for_colours() -> None:
    svg = (
        '<svg width="9pt" viewBox="0 0 9 9"><defs><style type="text/css">*{x: y}</style></defs>'
        '<g id="a" style="fill: #0b5a8a; clip-path: url(#a)"><use xlink:href="#a"/><path stroke="#123456"/></g></svg>'
    )
    assert inline_svg(svg, "f") == (
        '<svg viewBox="0 0 9 9" aria-hidden="true" focusable="false">'
        '<g id="f-a" style="fill: var(--a1); clip-path: url(#f-a)"><use href="#f-a"/><path stroke="#123456"/></g></svg>'
    )


@pytest.mark.parametrize(
    "inside",
    [
        "<script>1</script>",
        '<g onload="x()"/>',
        '<image href="data:,x"/>',
        '<a href="#x">y</a>',
        '<g style="fill: url(//x)"/>',
    ],
)
def test_a_drawing_with_something_active_is_refused(inside: str) -> None:
    with pytest.raises(ReportError, match="the drawing f holds"):
        inline_svg(f'<svg viewBox="0 0 1 1">{inside}</svg>', "f")


def test_a_picture_that_is_no_base64_is_refused() -> None:
    image = Image("image/png", 166, '" onload="x')
    block = replace(bridge(), images={"zh": (image,), "en": (image,)}).as_json()
    with pytest.raises(ReportError, match="is not base64"):
        block_html(block, "zh", CNY)


def test_the_phone_gets_its_own_drawing() -> None:
    made = block_html(bridge().as_json(), "zh", CNY)
    assert [made.count(f'class="drawing {width}"') for width in ("wide", "narrow")] == [1, 1]
    assert "describe_bridge-166-" in made
    assert "describe_bridge-80-" in made


def test_a_block_alone_carries_its_style_and_no_number() -> None:
    made = block_html(tiers().as_json(), "zh", CNY)
    assert made.startswith('<div class="analysis-block" lang="zh-CN"><style>')
    assert "表 1-1" not in made
    assert "@font-face" not in made
    assert "@page" not in made


def test_heat_is_the_square_root_of_the_share_and_leaves_totals_out() -> None:
    body = table_body(migration().as_json(), Setting("zh", CNY))
    # largest cell 1,901: 139 → 45 · √(139 / 1901) = 12.17; zero has no fill
    fills = [[cell["fill"] for cell in row["cells"]] for row in body["rows"]]
    assert fills[0][1] == "--h:12%"
    assert fills[3][4] == "--h:45%"
    assert fills[0][3] == ""
    assert set(fills[-1]) == {""}


def test_reasons_of_missing_numbers_are_collected_unless_the_note_gives_them() -> None:
    table = Table(
        "t",
        Text("", ""),
        Text("", ""),
        (Column("a", Text("甲", "A")), Column("b", Text("乙", "B"))),
        (Row({"a": Missing(Text("无计划", "no plan")), "b": Missing(Text("客户不足", "too few clients"))}),),
        say("无计划者不列。", "Those with no plan are left out."),
    )
    body = table_body(table.as_json(), Setting("zh", CNY))
    assert body["reasons"] == "—：客户不足。"
    assert table_body(table.as_json(), Setting("en", CNY))["reasons"] == "—: too few clients."


def test_a_column_of_intervals_stands_right_and_words_behind_numbers_get_room() -> None:
    kinds = [head["class"].split()[0] for head in table_body(sample_table(), Setting("en", CNY))["heads"]]
    assert kinds == ["word", "num", "num", "gap", "word", "word", "word"]


def sample_table() -> dict[str, Any]:
    return next(block for block in content().chapters[0].blocks if block["kind"] == "table")


def test_the_trace_lists_the_facts_of_a_figure() -> None:
    names = set(fact_ids(bridge().as_json()))
    assert names == {fact.id for fact in bridge().facts}
    assert all(f"<code>{name}</code>" in page("zh") for name in names)


def test_printed_characters_leave_out_markup_styles_and_drawings() -> None:
    assert printed_characters('<style>z</style><p title="甲">A&amp;<svg>q</svg></p><!-- w -->') == set("甲A&")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_printed_character_has_a_font_inside(language: Language) -> None:
    ranges = re.findall(r"unicode-range:([^}]*)", page(language))
    covered: set[int] = set()
    for part in ",".join(ranges).split(","):
        low, _, high = part.removeprefix("U+").partition("-")
        covered |= set(range(int(low, 16), int(high or low, 16) + 1))
    assert {c for c in printed_characters(page(language)) if ord(c) not in covered} == set()
    # quotes are Chinese in a Chinese text
    latin = ranges[0]
    assert ("U+201C" in latin) is False


def test_css_strings_cannot_end_the_style() -> None:
    assert css_string('a"</style>') == '"a\\22 \\3c \\2f style\\3e "'


def test_the_exporter_renders_a_joined_report_as_it_is() -> None:
    html, resources = ReportHTMLExporter(language="en").from_notebook_node(to_notebook(content()))
    assert html == page("en")
    assert resources["output_extension"] == ".html"


def test_the_exporter_renders_one_chapter_alone() -> None:
    chapter = to_notebook(replace(content(), chapters=content().chapters[1:2], appendix=()))
    del chapter["metadata"]["analysis_report"]
    chapter["metadata"]["papermill"] = {"parameters": {"quarter": "2026Q3"}}
    html, _ = ReportHTMLExporter().from_notebook_node(chapter)
    made = Tree(html)
    assert made.of("html") == [{"lang": "zh-CN"}]
    assert "图 1-1" in made.text
    assert brand().marks["synthetic"].zh in made.text


def test_the_exporter_is_offered_by_nbconvert() -> None:
    from nbconvert.exporters import get_exporter

    assert get_exporter("analysis_html") is ReportHTMLExporter
