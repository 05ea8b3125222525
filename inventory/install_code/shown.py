"""What somebody gave, as it may be kept and shown back: short, and never an install code."""

import unicodedata
from typing import Final

from inventory.install_code.codes import BARE_DIGITS
from inventory.install_code.noticing import holds_install_code

MASKED: Final = "(holds an install code: not kept)"
"""Stands in the place of what was given when that may not be stored."""

LONGEST_GIVEN: Final = 64
_LOOKED_INTO: Final = 2_000


def is_long_enough_for_a_code(text: str) -> bool:
    """Tell whether a text has as many letters and digits as the shortest install code: else it holds none."""
    spelt = unicodedata.normalize("NFKD", text[:_LOOKED_INTO])
    return sum(map(str.isalnum, spelt)) >= BARE_DIGITS


def shown_back(text: str) -> str:
    """Return what was given as it may be stored and shown: at most 64 letters, and never an install code."""
    plain = " ".join(text[:_LOOKED_INTO].replace("\x00", "").split())
    if is_long_enough_for_a_code(plain) and holds_install_code(plain):
        return MASKED
    return plain if len(plain) <= LONGEST_GIVEN else f"{plain[: LONGEST_GIVEN - 1]}…"
