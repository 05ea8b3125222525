"""Small counts about others are not shown, and neither is what would give them away. Pure functions.

A count under ten could tell of single deeds of a company that is not named. It is shown as "fewer than 10"; where
the column's total would then give it away, further counts are withheld, or the total itself.
"""

from collections.abc import Sequence
from enum import Enum
from typing import Final

LEAST: Final = 10
"""From so many on a count is shown."""


class Hidden(Enum):
    """Why a count is not shown: it is small, or it would give a small one away."""

    FEW = "fewer than 10"
    WITHHELD = "not shown"


Shown = int | Hidden


def few_hidden(count: int) -> Shown:
    """Return a count that stands alone, hidden if it is small."""
    return count if count >= LEAST else Hidden.FEW


def suppressed(counts: Sequence[int]) -> tuple[list[Shown], bool]:
    """Return what may be shown of a column of counts about others, and whether their sum may be.

    Whoever adds up what is shown, the sum included, learns of each small count no more than that it is one of 0 to
    9. The smallest others are withheld first, of equals the first.
    """
    shown = [few_hidden(count) for count in counts]
    largest_last = sorted(range(len(counts)), key=lambda place: (counts[place], place))
    candidates = [place for place in largest_last if shown[place] is not Hidden.FEW]
    while Hidden.FEW in shown and _gives_away(counts, shown):
        if not candidates:
            return shown, False
        shown[candidates.pop(0)] = Hidden.WITHHELD
    return shown, True


def _gives_away(counts: Sequence[int], shown: Sequence[Shown]) -> bool:
    """Tell whether the sum of what is hidden leaves a small count less room than from 0 to 9."""
    rest = sum(count for count, each in zip(counts, shown, strict=True) if isinstance(each, Hidden))
    few, withheld = list(shown).count(Hidden.FEW), list(shown).count(Hidden.WITHHELD)
    most = LEAST - 1
    at_most_is_possible = rest - LEAST * withheld >= most
    at_least_is_possible = bool(withheld) or rest <= most * (few - 1)
    return rest < LEAST or not at_most_is_possible or not at_least_is_possible
