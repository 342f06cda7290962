"""Sentences and drawings as safe markup. Everything that comes from data is escaped here."""

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

from analysis.core.errors import ReportError
from analysis.core.text import Language
from analysis.core.units import Currency
from analysis.present.format import sentence_runs
from analysis.present.theme import brand

_COLOUR = re.compile(r"(?<=[:\"])( ?)(#[0-9a-f]{6})(?=[;\"])")
_STYLE = re.compile(r"<defs>\s*<style[^>]*>.*?</style>\s*</defs>|<style[^>]*>.*?</style>", re.DOTALL)
_ROOT = re.compile(r"<svg\b[^>]*>")
_ACTIVE = re.compile(
    r"<(?:script|foreignObject|iframe|image|a|animate|set)\b|\son\w+\s*="
    r"|(?:href|src)\s*=\s*[\"'](?!#)|url\((?!#)|@import",
    re.IGNORECASE,
)


def sentence_html(sentence: Mapping[str, Any] | None, language: Language, currency: Currency) -> Markup:
    """A sentence (its JSON) as markup: emphasis as strong, each number in a span that names its fact."""
    out = Markup("")
    for run in sentence_runs(sentence, language, currency):
        text = escape(run.text)
        if run.fact:
            text = Markup('<span class="n" data-fact="{}">{}</span>').format(run.fact, run.text)
        out += Markup("<strong>{}</strong>").format(text) if run.bold else text
    return out


def inline_svg(svg: str, prefix: str) -> Markup:
    """A drawing to stand inside the page: ids of its own, brand colours as variables, no size, nothing active."""
    active = _ACTIVE.search(_ROOT.sub("<svg>", svg, count=1))
    if active:
        raise ReportError(f"the drawing {prefix} holds {active[0]!r}.", hint="Draw figures with present.charts.draw.")
    box = re.search(r'viewBox="([^"]*)"', svg)
    if box is None:
        raise ReportError(f"the drawing {prefix} has no viewBox.", hint="Save it as SVG with matplotlib.")
    body = _STYLE.sub("", svg[svg.index("<svg") :])
    body = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    root = f'<svg viewBox="{escape(box[1])}" aria-hidden="true" focusable="false">'
    body = _ROOT.sub(root, body, count=1)
    body = re.sub(r'\bid="([^"]*)"', rf'id="{prefix}-\1"', body)
    body = re.sub(r'\b(?:xlink:)?href="#([^"]*)"', rf'href="#{prefix}-\1"', body)
    body = re.sub(r"url\(#([^)]*)\)", rf"url(#{prefix}-\1)", body)
    return Markup(with_variables(body).strip())


def with_variables(svg: str) -> str:
    """Brand colours of a drawing replaced by CSS variables.

    Examples
    --------
    >>> with_variables('<path style="fill: #0b5a8a"/>')
    '<path style="fill: var(--a1)"/>'
    """
    variables = brand().variables()
    return _COLOUR.sub(lambda found: found[1] + variables.get(found[2], found[2]), svg)


def anchor(name: str) -> str:
    """A block's or chapter's id as it may stand in an attribute and behind `#`.

    Examples
    --------
    >>> anchor("10_describe clients")
    'c10_describe-clients'
    """
    clean = re.sub(r"[^0-9A-Za-z_-]", "-", name)
    return clean if clean[:1].isalpha() else f"c{clean}"


def css_string(text: str) -> str:
    """A text as a CSS string; nothing in it can end the string or the style element."""
    return '"' + "".join(c if c.isalnum() or c in " ·-.:,，。" else f"\\{ord(c):x} " for c in text) + '"'
