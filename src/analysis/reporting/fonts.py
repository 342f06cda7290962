"""The font files of the installed wheels. No system font is ever used."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Literal

from analysis.core.errors import ReportError

FontName = Literal["sc_variable", "sc_regular", "latin_variable", "latin_italic"]

_FILES: dict[FontName, tuple[str, str]] = {
    "sc_variable": ("manimgx-fonts-cjk", "manimgx_fonts_cjk/NotoSansCJK-VF.otf.ttc"),
    "sc_regular": ("pylopdf-fonts-zh-cn", "pylopdf_fonts_zh_cn/NotoSansSC-Regular.otf"),
    "latin_variable": ("fontpkg-ibm-plex-sans", "fontpkg_ibm_plex_sans/files/IBMPlexSans[wdth,wght].ttf"),
    "latin_italic": ("fontpkg-ibm-plex-sans", "fontpkg_ibm_plex_sans/files/IBMPlexSans-Italic[wdth,wght].ttf"),
}


def font_file(name: FontName) -> Path:
    """Path of a font file: Noto Sans SC (`sc_variable` collection, static `sc_regular`) or IBM Plex Sans."""
    package, file = _FILES[name]
    try:
        path = Path(str(distribution(package).locate_file(file)))
    except PackageNotFoundError:
        path = Path(file)
    if not path.is_file():
        raise ReportError(f"font {path.name} of package {package} is missing: run make setup.")
    return path
