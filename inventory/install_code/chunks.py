"""A text read as chunks of hex digits, with anything but letters and digits between them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from inventory.install_code.codes import BARE_DIGITS, CHECKED_DIGITS
from inventory.install_code.spelling import JOINS

DEVICE_ID_DIGITS: Final = 16
OCTETS: Final = re.compile(r"(?<![^\W_])[0-9A-F]{2}(?:([-:])\s*[0-9A-F]{2})(?:\1\s*[0-9A-F]{2})*(?![^\W_])")
TOKEN: Final = re.compile(r"[^\W_]+")
_HEX_TOKEN: Final = re.compile(r"(0?X|IC(?=[0-9A-F]{2}))?([0-9A-F]+)")

# Words and abbreviations of hex letters that people write: they are text, not part of a code.
_WORD_LIST: Final = """
A ABBE ABE ABED AC ACCEDE ACCEDED ACE ACED AD ADD ADDED AED BA BAD BADE BBC BCC BE BEAD BEADED BED BEDDED BEE
BEEF CAB CAD CAFE CCC CD CEDE CEDED DAB DAD DC DCC DEAD DEAF DEB DEC DECADE DECAF DEE DEED DEF DEFACE DEFACED
EBB EBBED ED EDF EFFACE EFFACED FAB FACADE FACE FACED FAD FADE FADED FEB FED FEE FEED
ADE BDE CDE ADF BDF CDF ADEF BDEF CDEF AEF BEF CEF
"""
WORDS: Final = frozenset(_WORD_LIST.split())


@dataclass(frozen=True, slots=True)
class Chunk:
    """Hex digits that stand together, what stood before them, and whether "0x" or the like marked them."""

    digits: str = field(repr=False)
    gap: str
    marked: bool


def chunks_of(spelt: str) -> Iterator[Chunk | None]:
    """Yield the chunks of hex digits in a text, and None for each other word."""
    end = 0
    for token in TOKEN.finditer(spelt):
        found = _HEX_TOKEN.fullmatch(token[0])
        gap = re.sub(r"\s+", "", spelt[end : token.start()])
        yield Chunk(found[2], gap, marked=bool(found[1])) if found else None
        end = token.end()


def runs(spelt: str) -> Iterator[list[Chunk]]:
    """Yield the chunks of hex digits that follow each other with no word between."""
    run: list[Chunk] = []
    for chunk in (*chunks_of(spelt), None):
        if chunk is not None:
            run.append(chunk)
        elif run:
            yield run
            run = []


def windows(
    run: Sequence[Chunk], least: int = BARE_DIGITS, most: int = CHECKED_DIGITS
) -> Iterator[Sequence[Chunk]]:
    """Yield every stretch of whole chunks that has 32 to 36 digits, or as many as asked for."""
    for start in range(len(run)):
        total = 0
        for end in range(start, len(run)):
            total += len(run[end].digits)
            if total > most:
                break
            if total >= least:
                yield run[start : end + 1]


def letters_in(window: Sequence[Chunk]) -> int:
    """Return how many letters A to F stand in chunks that are no words."""
    return sum(len(re.findall("[A-F]", chunk.digits)) for chunk in window if chunk.digits not in WORDS)


def squeezed(text: str) -> str:
    """Return the text without what stands between its letters and digits."""
    return JOINS.sub("", text)
