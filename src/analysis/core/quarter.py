"""The quarter: the grain of study. Its last day is the as-of date."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from analysis.core.errors import ParameterError

_PATTERN = re.compile(r"(?:19|20|21)[0-9]{2}Q[1-4]")


def month_end(year: int, month: int) -> date:
    """Last day of a month; months above 12 or below 1 roll into the next or previous years."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)


def is_quarter(label: str) -> bool:
    """Whether a word is a quarter, such as 2026Q3."""
    return _PATTERN.fullmatch(label) is not None


@dataclass(frozen=True, order=True, slots=True)
class Quarter:
    """A calendar quarter.

    Examples
    --------
    >>> Quarter("2026Q3").end
    datetime.date(2026, 9, 30)
    >>> Quarter("2026Q1").previous
    Quarter('2025Q4')
    >>> Quarter("2026Q3").year_start
    Quarter('2025Q4')
    """

    label: str

    def __post_init__(self) -> None:
        if not is_quarter(self.label):
            guess = nearest_quarter(self.label)
            raise ParameterError(
                f"{self.label!r} is not a quarter.",
                hint=f"Write year, Q and a number from 1 to 4{f', for example {guess}' if guess else ''}.",
            )

    def __repr__(self) -> str:
        return f"Quarter({self.label!r})"

    def __str__(self) -> str:
        return self.label

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """The quarter a day lies in."""
        return cls(f"{day.year}Q{(day.month + 2) // 3}")

    @property
    def year(self) -> int:
        return int(self.label[:4])

    @property
    def number(self) -> int:
        return int(self.label[5])

    @property
    def start(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def end(self) -> date:
        return month_end(self.year, 3 * self.number)

    @property
    def as_of(self) -> date:
        """Same as `end`: nothing later than this day may enter a study of the quarter."""
        return self.end

    @property
    def days(self) -> int:
        """Calendar days in the quarter, the D of the KPI formulas."""
        return (self.end - self.start).days + 1

    @property
    def months(self) -> tuple[date, date, date]:
        """The three month-ends."""
        first = 3 * self.number - 2
        return (month_end(self.year, first), month_end(self.year, first + 1), self.end)

    def shift(self, quarters: int) -> "Quarter":
        """The quarter so many quarters later (earlier when negative)."""
        index = self.year * 4 + self.number - 1 + quarters
        return Quarter(f"{index // 4}Q{index % 4 + 1}")

    @property
    def previous(self) -> "Quarter":
        return self.shift(-1)

    @property
    def same_quarter_last_year(self) -> "Quarter":
        return self.shift(-4)

    @property
    def year_start(self) -> "Quarter":
        """The base of 较年初: the quarter that ends on the last 31 December."""
        return Quarter(f"{self.year - 1}Q4")

    def trailing(self, quarters: int) -> tuple["Quarter", ...]:
        """This quarter and those before it, oldest first."""
        return tuple(self.shift(k) for k in range(1 - quarters, 1))


def nearest_quarter(text: str) -> str:
    """A well-formed quarter close to a malformed one, or an empty string."""
    digits = re.findall(r"[0-9]+", text)
    if len(digits) < 2 or not re.fullmatch(r"(?:19|20|21)[0-9]{2}", digits[0]):
        return ""
    return f"{digits[0]}Q{min(max(int(digits[1][:2]), 1), 4)}"
