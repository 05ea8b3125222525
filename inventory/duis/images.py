"""Measures base64 as it passes by, without keeping it: the firmware image of Service Requests 11.1 and 11.4."""

import re
from dataclasses import dataclass
from typing import Final

_SPACE: Final = re.compile(r"[ \t\r\n]+")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]*={0,2}", re.ASCII)
_QUANTUM: Final = 4
_OCTETS: Final = 3


@dataclass(slots=True)
class Base64Gauge:
    """How much base64 has passed, and whether it was base64 throughout. Line breaks and spaces do not count."""

    characters: int = 0
    padding: int = 0
    is_broken: bool = False

    def take(self, text: str) -> None:
        """Measure the next piece, of whatever length."""
        solid = _SPACE.sub("", text)
        if not _BASE64.fullmatch(solid) or (self.padding and solid.strip("=")):
            self.is_broken = True
        self.characters += len(solid)
        self.padding += solid.count("=")

    @property
    def is_base64(self) -> bool:
        """Tell whether all that passed is whole base64."""
        return not self.is_broken and self.characters % _QUANTUM == 0 and self.padding < _OCTETS

    @property
    def octets(self) -> int:
        """Return how many octets it stands for."""
        return self.characters // _QUANTUM * _OCTETS - self.padding
