"""Postcodes and UPRNs, the numbers of places, as people and files write them."""

import re
import unicodedata
from typing import Final

LARGEST_UPRN: Final = 999_999_999_999
"""A Unique Property Reference Number has up to 12 digits (DUIS schema: UPRN)."""

_COMPACT: Final = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}|GIR0AA", re.ASCII)
_INWARD: Final = 3


def compact(text: str) -> str:
    """Return a postcode in capitals without spaces, such as "NL14QX", or "" for what is none."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()
    return plain if _COMPACT.fullmatch(plain) else ""


def spaced(post_code: str) -> str:
    """Return a postcode as it is written on an envelope: "NL1 4QX"; "" for what is none."""
    plain = compact(post_code)
    return f"{plain[:-_INWARD]} {plain[-_INWARD:]}" if plain else ""


def uprn(text: str) -> int | None:
    """Return the UPRN that a text of 1 to 12 digits is, spaces aside, else None."""
    digits = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    if not re.fullmatch(r"[0-9]{1,12}", digits) or int(digits) == 0:
        return None
    return int(digits)
