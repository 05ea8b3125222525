"""Charts drawn by the server: they need no script, print, and stand above the table that they show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

ROW_HEIGHT: Final = 44
COLUMN_WIDTH, COLUMN_GAP, COLUMNS_HEIGHT = 16, 4, 100
HEADROOM: Final = 1.08
"""How much higher than what it shows a chart of columns is."""
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


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its value, and the limit that held for it, None where none did."""

    value: int
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A column with its places; all lengths in the chart's own units. `limit_at` is None where it has no limit."""

    x: int
    y: float
    height: float
    limit_at: float | None
    is_above: bool

    @property
    def limit_ends(self) -> int:
        """Return where the line of the limit ends."""
        return self.x + COLUMN_WIDTH + COLUMN_GAP


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """Columns beside each other, with the line of their limit; shown by components/column_chart.html.

    `title` is its heading; `in_words` says what it shows, for those who do not see it. What is above its limit is
    drawn in another colour and with a cap, and stands in the words.
    """

    title: str
    in_words: str
    columns: Sequence[Column]
    first: str
    last: str

    @property
    def standing(self) -> Sequence[Standing]:
        """Return the columns with their places."""
        return [self._place(number, column) for number, column in enumerate(self.columns)]

    def _place(self, number: int, column: Column) -> Standing:
        height = round(column.value * COLUMNS_HEIGHT / self._highest, 2)
        limit_at = None
        if column.limit is not None and column.limit <= self._highest:
            limit_at = round(COLUMNS_HEIGHT - column.limit * COLUMNS_HEIGHT / self._highest, 2)
        x = number * (COLUMN_WIDTH + COLUMN_GAP)
        is_above = column.limit is not None and column.value > column.limit
        return Standing(x, round(COLUMNS_HEIGHT - height, 2), height, limit_at, is_above)

    @property
    def _highest(self) -> float:
        """Return the value at the top: a limit far above every column is left out, or none could be seen."""
        values = [column.value for column in self.columns]
        most = max(values, default=0) or 1
        limits = [column.limit for column in self.columns if column.limit is not None and column.limit <= 2 * most]
        return HEADROOM * max([most, *limits])

    @property
    def has_line(self) -> bool:
        """Tell whether a limit is low enough to be drawn."""
        return any(each.limit_at is not None for each in self.standing)

    @property
    def width(self) -> int:
        """Return the width in the chart's own units."""
        return max(1, len(self.columns)) * (COLUMN_WIDTH + COLUMN_GAP)

    @property
    def height(self) -> int:
        """Return the height in the chart's own units."""
        return COLUMNS_HEIGHT
