"""The PDF of a report: A4, tagged (PDF/UA-1, PDF/A-2a), our fonts embedded, made by Typst in process."""

import json
import tempfile
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst
from nbconvert.exporters import Exporter
from traitlets import Unicode

from analysis.core.errors import ReportError
from analysis.core.text import LANGUAGES, Language
from analysis.reporting.fonts import font_file
from analysis.reporting.render.document import ReportContent, content_from_notebook
from analysis.reporting.render.print_model import print_model


def render_pdf(content: ReportContent, language: Language) -> bytes:
    """The report as a PDF in one language. The same content gives the same bytes.

    Raises
    ------
    ReportError : the page cannot be set: a font or glyph is missing, a picture has no alt text, a reference is lost
    """
    model, images = print_model(content, language)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, data in images.items():
            (root / name).write_bytes(data)
        (root / "report.json").write_text(json.dumps(model, ensure_ascii=False), encoding="utf-8")
        main = root / "report.typ"
        main.write_bytes(files("analysis.reporting").joinpath("templates", "report.typ").read_bytes())
        return _compile(main, content)


def _compile(main: Path, content: ReportContent) -> bytes:
    stamp = datetime(content.as_of.year, content.as_of.month, content.as_of.day, tzinfo=UTC)
    try:
        pdf, warnings = typst.compile_with_warnings(
            main,
            root=main.parent,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=["ua-1", "a-2a"],
            timestamp=stamp,
        )
    except typst.TypstError as error:
        hint = " ".join(error.hints) or "Look at the block named last in the message."
        raise ReportError(f"the PDF of {content.report_id} cannot be set: {error.message}.", hint=hint) from error
    if warnings:
        said = "; ".join(sorted({warning.message for warning in warnings}))
        raise ReportError(f"the PDF of {content.report_id} was set with warnings: {said}.")
    return bytes(pdf)


@cache
def _fonts() -> Any:
    """The two families a page may use; neither the machine's fonts nor Typst's own."""
    folders = [str(font_file(name).parent) for name in ("sc_variable", "latin_variable")]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


class ReportPDFExporter(Exporter):
    """nbconvert exporter: one executed notebook, a joined report or a chapter alone, to a printed report."""

    export_from_notebook = "Report (PDF)"
    output_mimetype = "application/pdf"
    language = Unicode("zh", help="zh or en").tag(config=True)

    def _file_extension_default(self) -> str:
        return ".pdf"

    def from_notebook_node(  # type: ignore[override]  # bytes instead of text, as nbconvert's own PDF exporters give
        self, nb: Any, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """The PDF and nbconvert's resources."""
        language = next((known for known in LANGUAGES if known == self.language), None)
        if language is None:
            raise ReportError(f"{self.language!r} is not a language of this project.", hint="Use zh or en.")
        # nbconvert's preprocessors first: --execute is one of them
        prepared, known_resources = super().from_notebook_node(nb, resources, **kwargs)
        pdf = render_pdf(content_from_notebook(prepared), language)
        return pdf, {**known_resources, "output_extension": self.file_extension}
