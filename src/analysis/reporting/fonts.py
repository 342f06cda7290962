"""The font files of a report, as `data/policy/brand.toml` names them. No system font is ever used."""

from pathlib import Path
from typing import Literal

from analysis.present.theme import brand

FontName = Literal["sc_variable", "sc_regular", "latin_variable"]

_ROLES: dict[FontName, str] = {"sc_variable": "chinese-variable", "sc_regular": "chinese", "latin_variable": "latin"}


def font_file(name: FontName) -> Path:
    """Path of a font file: the Chinese family (`sc_variable` a collection, `sc_regular` static) or the Latin one.

    Raises
    ------
    ReportError : the package that ships the font is not installed
    """
    return brand().fonts[_ROLES[name]].path
