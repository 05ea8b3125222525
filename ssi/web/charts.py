"""Bar charts drawn by the server: they need no script, print, and stand above the table that they show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

ROW_HEIGHT: Final = 44
WORDS_AT, BAR_AT = 14, 22


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, its value in words, and its length as a percentage of the width."""

    name: str
    value: str
    percent: float
    is_own: bool = False

    @property
    def width(self) -> str:
        """Return the length as SVG takes it."""
        return f"{self.percent:.4g}%"


@dataclass(frozen=True, slots=True)
class Placed:
    """A bar with the places of it and of its words, in pixels from the top."""

    bar: Bar
    words_at: int
    bar_at: int


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars below each other; `title` says what they show. Shown by components/bar_chart.html."""

    title: str
    bars: Sequence[Bar]

    @property
    def placed(self) -> Sequence[Placed]:
        """Return the bars with their places."""
        return [
            Placed(bar, ROW_HEIGHT * row + WORDS_AT, ROW_HEIGHT * row + BAR_AT)
            for row, bar in enumerate(self.bars)
        ]

    @property
    def height(self) -> int:
        """Return the height in pixels."""
        return ROW_HEIGHT * len(self.bars)

    @property
    def in_words(self) -> str:
        """Return what it shows, for those who do not see it."""
        return f"{self.title}. {'; '.join(f'{bar.name} {bar.value}' for bar in self.bars)}."
