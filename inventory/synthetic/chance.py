"""Chance that can be repeated: any stretch of an estate is drawn again from its seed, at once and in any order."""

import hashlib
import struct
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Final, TypeVar

BLOCK: Final = 4_096
"""So many homes are drawn together."""

DRAWN: Final = 4_096
"""Entries of a table that is drawn from with twelve bits."""

MASK: Final = DRAWN - 1

T = TypeVar("T")

_words = struct.Struct(f"<{BLOCK}Q").unpack


@lru_cache(maxsize=16)
def words(seed: int, about: str, block: int) -> tuple[int, ...]:
    """Return 64 random bits for each home of a block: SHAKE-128 of what is asked for, on any machine the same."""
    return _words(hashlib.shake_128(f"{seed}/{about}/{block}".encode()).digest(8 * BLOCK))


def table(weighted: Sequence[tuple[T, float]]) -> tuple[T, ...]:
    """Return 4,096 entries in the given proportions; every value of any weight is there at least once."""
    total = sum(weight for _, weight in weighted)
    fair = [max(1, round(weight / total * DRAWN)) if weight else 0 for _, weight in weighted]
    most = max(range(len(fair)), key=fair.__getitem__)
    fair[most] += DRAWN - sum(fair)
    return tuple(value for (value, _), many in zip(weighted, fair, strict=True) for _ in range(many))


def long_tail(many: int, falling: float = 1.25) -> list[float]:
    """Return weights of the first, second, third, … most usual: each rarer than the one before."""
    return [1 / rank**falling for rank in range(1, many + 1)]


def spread(shares: Sequence[float], width: int) -> tuple[int, ...]:
    """Return 4,096 numbers, evenly spread within each of the shares' stretches of `width`, the first from 0."""
    weighted = [(index, share) for index, share in enumerate(shares)]
    stretches = table(weighted)
    starts = [0, *accumulate(stretches.count(index) for index in range(len(shares)))]
    return tuple(
        stretch * width + (entry - starts[stretch]) * width // max(1, starts[stretch + 1] - starts[stretch])
        for entry, stretch in enumerate(stretches)
    )
