"""The printed report: standards, fonts, running lines, literal text, same bytes."""

import dataclasses
import io
import re
from functools import cache
from typing import Any
from unittest import mock

import nbformat
import pikepdf
import pypdf
import pytest

from analysis.core.blocks import Column, Finding, Findings, Image, Missing, Opening, Paragraph, Row, Sentence, Table
from analysis.core.errors import ReportError
from analysis.core.text import LANGUAGES, Language, Text
from analysis.present.theme import brand
from analysis.reporting.check import check_content
from analysis.reporting.fonts import font_file
from analysis.reporting.render.document import (
    ALONE,
    ChapterContent,
    ReportContent,
    content_from_notebook,
    number_blocks,
    to_notebook,
)
from analysis.reporting.render.pdf import ReportPDFExporter, render_pdf
from analysis.reporting.render.print_model import print_model
from tests.reporting.sample_content import bridge, sample_content

HOSTILE = (
    '#import "x": y',
    "#eval(1) $x^2$ *b* _i_ @ref <label> [a] ~ `c` / d = e - f + g",
    r"back\slash \u{41} \n",
    "\"double\" 'single' “curly”",
    "</script><script>alert(1)</script>",
    "// no comment /* none */",
    "{{ jinja }} %(py)s",
)


@cache
def content() -> ReportContent:
    return sample_content()


@cache
def printed(language: Language) -> bytes:
    return render_pdf(content(), language)


@cache
def page_texts(language: Language) -> tuple[str, ...]:
    return tuple(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(printed(language))).pages)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def with_blocks(*blocks: Any) -> ReportContent:
    """The sample with one chapter of the given blocks."""
    chapter = ChapterContent("10_describe_clients", tuple(block.as_json() for block in blocks))
    return dataclasses.replace(content(), chapters=(chapter,), appendix=())


def opening(headline: str = "Headline") -> Opening:
    return Opening("o", Text("章", "Chapter"), Text("问？", "Why?"), Sentence.of(headline, headline))


def test_the_sample_passes_the_checks_of_a_report():
    assert check_content(content()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_claims_pdf_ua_and_pdf_a(language):
    with pikepdf.open(io.BytesIO(printed(language))) as pdf:
        meta = pdf.open_metadata()
        assert (meta["pdfuaid:part"], meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("1", "2", "A")
        assert (
            meta["dc:title"] == f"{content().title[language]} " + {"zh": "2026 年第三季度", "en": "2026 Q3"}[language]
        )
        assert meta["xmp:CreateDate"].startswith("2026-09-30")
        assert str(pdf.Root.Lang).startswith(language)
        assert pdf.Root.MarkInfo.Marked


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_report_gives_the_same_bytes(language):
    assert render_pdf(sample_content(), language) == printed(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_our_two_families_are_embedded(language):
    families = set()
    with pikepdf.open(io.BytesIO(printed(language))) as pdf:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
                assert {"/FontFile2", "/FontFile3"} & set(item.keys()), item.FontName
                families.add(re.sub(r"^/[A-Z]{6}\+", "", str(item.FontName)).split("-")[0])
    assert families == {"IBMPlexSans", "NotoSansCJKsc"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_carries_mark_number_and_the_kind_of_data(language):
    mark = squeezed(brand().marks["synthetic"][language])
    texts = [squeezed(text) for text in page_texts(language)]
    assert len(texts) == 8
    for number, text in enumerate(texts, start=1):
        assert mark in text
        assert "R-2026Q3-DEMO-04" in text
        if number > 1:  # the cover has neither header nor footer
            page = {"zh": f"第{number}页/共8页", "en": f"Page{number}of8"}[language]
            assert page in text
            assert (
                squeezed({"zh": "内部资料 · 数据截止 2026-09-30", "en": "Internal · data as of 2026-09-30"}[language])
                in text
            )


def test_production_data_carry_no_mark_of_synthetic_data():
    pdf = render_pdf(dataclasses.replace(content(), kind="production"), "zh")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert squeezed(brand().marks["synthetic"].zh) not in squeezed(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_can_be_extracted_and_no_glyph_is_missing(language):
    text = squeezed("".join(page_texts(language)))
    assert not set("\ufffd\x00") & set(text)
    for sentence in {
        "zh": (
            "三季度日均存款340.42亿元，同比+7.0%",
            "表1-1各客群日均存款",
            "单位：户、亿元、%",
            "○证据不足",
            "尚不确定",
        ),
        "en": ("DepositsofCNY34,042.0million,+7.0%ontheyear", "Table1-1Dailyaveragedepositsbytier", "○noevidence"),
    }[language]:
        assert sentence in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_contents_list_names_the_page_a_chapter_starts_on(language):
    model, _ = print_model(content(), language)
    texts = [squeezed(text) for text in page_texts(language)]
    for entry, chapter in zip(model["contents"], model["chapters"], strict=True):
        page = next(n for n, text in enumerate(texts, 1) if n > 2 and squeezed(chapter["kicker"]) in text)
        finding = squeezed("".join(run[0] for run in entry["finding"]))
        assert re.search(f"{re.escape(squeezed(entry['name']))}{page}{re.escape(finding)}", texts[1]), entry


def test_a_long_table_repeats_its_header_on_the_next_page():
    first, second = (squeezed(text) for text in page_texts("zh")[4:6])
    header = "行业户数贷款余额占比户均说明"
    assert header in first
    assert header in second


def test_references_and_captions_carry_the_same_numbers():
    numbers = number_blocks(content())
    assert numbers["describe_bridge"] == Text("图 1-1", "Figure 1-1")
    assert numbers["answer_decisions"] == Text("表 0-1", "Table 0-1")
    assert numbers["appendix_parameters"] == Text("表 A-2", "Table A-2")
    with pikepdf.open(io.BytesIO(printed("zh"))) as pdf:
        links = [a for page in pdf.pages for a in page.get("/Annots", []) if a.Subtype == "/Link"]
    assert len(links) >= 10  # five contents lines, five findings


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_text_prints_literally_everywhere(language):
    rows = tuple(Row({"word": Text(text, text), "n": 1}) for text in HOSTILE)
    table = Table(
        "t",
        Text(HOSTILE[0], HOSTILE[0]),
        Text(HOSTILE[4], HOSTILE[4]),
        (Column("word", Text(HOSTILE[1], HOSTILE[1]), "words"), Column("n", Text("n", "n"))),
        rows,
        Sentence((HOSTILE[2],), (HOSTILE[2],)),
    )
    paragraphs = [
        Paragraph(f"p{k}", Sentence((text,), (text,)), role=role)  # type: ignore[arg-type]
        for k, (text, role) in enumerate(zip(HOSTILE, ["text", "so_what", "unknown", "caution"] * 2, strict=False))
    ]
    findings = Findings("f", tuple(Finding(Sentence((text,), (text,)), "t") for text in HOSTILE))
    pdf = render_pdf(with_blocks(opening("Headline"), *paragraphs, table, findings), language)
    text = squeezed("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages))
    for hostile in HOSTILE:
        # once in the table, once as a paragraph, once as a finding
        assert text.count(squeezed(hostile)) >= 3, hostile


def test_a_character_no_font_has_is_refused_rather_than_lost():
    with pytest.raises(ReportError, match=r"^the PDF of R-2026Q3-DEMO-04 cannot be set: "):
        render_pdf(with_blocks(opening(), Paragraph("p", Sentence(("a\ue123b",), ("a\ue123b",)))), "en")


def test_a_reference_to_nothing_is_refused():
    lost = Findings("f", (Finding(Sentence.of("一", "one"), "nowhere"),))
    with pytest.raises(
        ReportError,
        match=r"^a finding refers to nowhere, which no chapter shows\. Name a figure or table of this report\.$",
    ):
        render_pdf(with_blocks(opening(), lost), "zh")


def test_two_figures_with_one_id_are_refused():
    with pytest.raises(
        ReportError,
        match=r"^two figures or tables share the id same\. Give each an id of its own\.$",
    ):
        render_pdf(with_blocks(opening(), bridge(id_="same"), bridge(id_="same")), "zh")


def test_a_picture_without_words_for_it_is_refused():
    silent = dataclasses.replace(bridge(), alt=Text("", ""))
    with pytest.raises(ReportError, match=r"^figure describe_bridge has no alt text in zh\. Say what it shows\.$"):
        render_pdf(with_blocks(opening(), silent), "zh")


def test_a_font_nobody_has_is_refused_by_name():
    strange = dataclasses.replace(brand().fonts["latin"], family="No Such Sans")
    with (
        mock.patch.dict(brand().fonts, latin=strange),
        pytest.raises(ReportError, match=r"was set with warnings: unknown font family: no such sans\.$"),
    ):
        render_pdf(with_blocks(opening()), "zh")


def test_every_font_file_is_there():
    assert all(font_file(name).is_file() for name in ("sc_variable", "sc_regular", "latin_variable"))


def test_only_a_phone_drawing_is_printed_at_its_own_width():
    figure = bridge()
    phone = {language: drawings[1:] for language, drawings in figure.images.items()}
    model, images = print_model(with_blocks(opening(), dataclasses.replace(figure, images=phone)), "zh")
    assert model["chapters"][0]["blocks"][0]["width"] == 80
    assert list(images) == ["0.svg"]


def test_png_and_svg_drawings_are_written_as_they_were():
    _, images = print_model(content(), "en")
    assert sorted(images) == ["0.svg", "1.png"]
    assert images["1.png"].startswith(b"\x89PNG")
    assert b"<svg" in images["0.svg"]


def test_a_notebook_gives_back_the_report_it_was_made_from():
    notebook = nbformat.reads(nbformat.writes(to_notebook(content())), as_version=4)
    assert content_from_notebook(notebook) == content()


def test_the_exporter_prints_what_the_renderer_prints():
    exporter = ReportPDFExporter(language="en")
    pdf, resources = exporter.from_notebook_node(to_notebook(content()))
    assert pdf == printed("en")
    assert resources["output_extension"] == ".pdf"
    assert exporter.export_from_notebook


def test_the_exporter_refuses_a_language_it_does_not_know():
    with pytest.raises(ReportError, match=r"^'fr' is not a language of this project\. Use zh or en\.$"):
        ReportPDFExporter(language="fr").from_notebook_node(to_notebook(content()))


def lone_chapter(source: str = 'quarter = "2026Q3"  # which quarter') -> Any:
    """An executed chapter as JupyterLab leaves it: no header, a note of the researcher, a parameters cell."""
    notebook = to_notebook(with_blocks(opening("Alone"), Paragraph("p", Sentence.of("正文。", "Body."))))
    del notebook.metadata["analysis_report"]
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    notebook.cells = [nbformat.v4.new_markdown_cell("note to myself"), cell, *notebook.cells]
    return notebook


def test_a_chapter_alone_is_printed_with_defaults_and_without_notes():
    pdf, _ = ReportPDFExporter(language="en").from_notebook_node(lone_chapter())
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert "C-2026Q3" in text
    assert "Alone" in text
    assert "note to myself" not in text


def test_a_chapter_that_names_no_quarter_is_refused():
    with pytest.raises(ReportError, match=r"^the notebook does not say which quarter it speaks of\. Run it with .*$"):
        content_from_notebook(lone_chapter('quarter = "latest"'))


def test_a_failed_cell_refuses_the_notebook():
    notebook = lone_chapter()
    notebook.cells[1].outputs = [nbformat.v4.new_output("error", ename="ValueError", evalue="bad", traceback=[])]
    with pytest.raises(
        ReportError, match=r"^a cell of chapter ended with an error: ValueError: bad Run the chapter .*$"
    ):
        content_from_notebook(notebook)


def test_a_table_of_signs_only_and_a_report_without_control_page_are_printed():
    table = Table(
        "t",
        Text("空", "Empty"),
        Text("", ""),
        (Column("a", Text("甲", "A"), "words"), Column("b", Text("乙", "B"), bar=True, heat=True)),
        (Row({"a": Text("行", "row"), "b": Missing()}),),
        Sentence.of("", ""),
    )
    bare = dataclasses.replace(
        with_blocks(opening(), table), control=(), control_headline={"zh": [], "en": []}, bank=Text("", "")
    )
    pages = pypdf.PdfReader(io.BytesIO(render_pdf(bare, "en"))).pages
    assert len(pages) == 2
    assert isinstance(pages[1].extract_text(), str)


def test_a_picture_of_another_size_is_printed():
    image = Image("image/svg+xml", 166, "<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'></svg>")
    figure = dataclasses.replace(bridge(), images=dict.fromkeys(LANGUAGES, (image,)))
    assert render_pdf(with_blocks(opening(), figure), "en").startswith(b"%PDF")


def test_a_chapter_alone_prints_without_references_to_chapters_that_are_not_there() -> None:
    elsewhere = {
        "kind": "findings",
        "id": "f",
        "items": [{"sentence": {"zh": ["一。"], "en": ["One."]}, "refers_to": "x"}],
    }
    alone = dataclasses.replace(content(), report=ALONE, chapters=(ChapterContent("c", (elsewhere,)),), appendix=())
    assert render_pdf(alone, "en").startswith(b"%PDF")
    with pytest.raises(ReportError, match="which no chapter shows"):
        render_pdf(dataclasses.replace(alone, report="quarterly"), "en")
