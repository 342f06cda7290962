"""A text a reader sees: always a zh/en pair."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages.

    Examples
    --------
    >>> Text("存款", "deposits")["en"]
    'deposits'
    """

    zh: str
    en: str

    def __getitem__(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en

    def as_json(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}

    @classmethod
    def of(cls, pair: Mapping[str, str]) -> "Text":
        """From a mapping with the keys zh and en."""
        return cls(pair["zh"], pair["en"])
