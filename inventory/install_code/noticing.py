"""Noticing an install code where none may stand: in notes, reasons, search boxes and file names."""

import re
from collections.abc import Sequence
from typing import Final

from inventory.install_code.chunks import (
    DEVICE_ID_DIGITS,
    OCTETS,
    TOKEN,
    WORDS,
    Chunk,
    letters_in,
    runs,
    squeezed,
    windows,
)
from inventory.install_code.codes import BARE_DIGITS, CHECKED_DIGITS
from inventory.install_code.disguises import LETTERS_THAT_CONVINCE, has_valid_check, is_disguised
from inventory.install_code.spelling import plain


def holds_install_code(text: str) -> bool:
    """Return whether a free text seems to hold an install code, in any spelling.

    The text is read as chunks of hex digits with anything but letters and digits between them; a word with
    another letter ends a run of chunks. It holds a code when

    1. 32 or more hex digits stand together; or
    2. chunks that follow each other make 36 digits whose check digits match; or
    3. they make 32 or 36 digits in equal groups of 1, 2, 4, 8 or 16, divided alike (by blanks, lines, dashes,
       colons, dots), or each marked "0x"; or
    4. they make 32 to 36 digits that look like no list of numbers: four or more letters A to F that belong to
       no English word or abbreviation, in more than a single number of 16 digits; or
    5. it is disguised (see `disguises`): broken up by words, in two halves of which one can be no Device ID, with
       O and I for 0 and 1, in decimal numbers or base64, or short as a legacy code; nearly always with check
       digits that match.

    What ends a run for 3 and 4: a Device ID written as eight octets with dashes or colons, or as 16 digits in
    a text with another of its manufacturer; a date, with its time; a number of ten or more decimal digits (MPAN,
    MPRN, telephone).
    Exactly two neighbours in the shape of Device IDs are taken for the halves of a code when one of them is a
    group address (the lowest bit of the first octet is set, IEEE), which no device has, unless one manufacturer
    made both.

    It errs to the safe side: UUIDs and eight numbers of four digits with only blanks between are refused.
    Not noticed: a code without check digits that is broken up by words, or that has hardly a letter and stands in
    uneven groups; a legacy code without check digits, or of 6 bytes, which looks like a Device ID.
    """
    spelt = plain(text)
    if len(squeezed(spelt)) < SHORTEST:
        return False
    if re.search(rf"[0-9A-F]{{{BARE_DIGITS},}}", spelt):
        return True
    if any(_has_valid_crc(window) for run in runs(spelt) for window in windows(run)):
        return True
    explained = _without_identifiers(spelt)
    if any(_is_evenly_grouped(each) or _looks_random(each) for run in runs(explained) for each in windows(run)):
        return True
    return is_disguised(text, spelt, explained)


_GROUPS: Final = (1, 2, 4, 8, 16)
_EVEN_GAPS: Final = frozenset({"", "-", ":", ".", "%", "=", "\\", "|"})  # blanks are taken out first
_LONG_NUMBER: Final = re.compile(r"\b(?![0-9]{16}\b)[0-9]{10,}\b")
_DATE: Final = re.compile(
    r"(?<![\w/.-])(?:[0-9]{1,2}([/.])[0-9]{1,2}\1(?:20)?[0-9]{2}|20[0-9]{2}-[0-9]{2}-[0-9]{2})(?![\w/.-]\w)"
    r"(?:[T\s]+[0-9]{1,2}:[0-9]{2}(?![\w:]))?"
)
_TELEPHONE: Final = re.compile(  # uneven, as no code in even groups is
    r"(?<![\w+])0(?:[0-9]{4} [0-9]{3} [0-9]{3,4}|[0-9]{4} [0-9]{6}|[0-9]{3} [0-9]{3} [0-9]{4}"
    r"|2[0-9] [0-9]{4} [0-9]{4})(?!\w)"
)
SHORTEST: Final = 20
"""Fewer letters and digits hold nothing that any rule here notices."""

_BREAK: Final = " * WORD * "


def _digits_of(window: Sequence[Chunk]) -> str:
    return "".join(chunk.digits for chunk in window)


def _has_valid_crc(window: Sequence[Chunk]) -> bool:
    digits = _digits_of(window)
    return len(digits) == CHECKED_DIGITS and has_valid_check(digits)


def _is_evenly_grouped(window: Sequence[Chunk]) -> bool:
    sizes = {len(chunk.digits) for chunk in window}
    total = len(_digits_of(window))
    if len(sizes) != 1 or sizes.isdisjoint(_GROUPS) or total not in (BARE_DIGITS, CHECKED_DIGITS):
        return False
    gaps = {chunk.gap for chunk in window[1:]}
    return (len(gaps) == 1 and gaps <= _EVEN_GAPS) or all(chunk.marked for chunk in window)


def _looks_random(window: Sequence[Chunk]) -> bool:
    odd = [chunk.digits for chunk in window if re.search("[A-F]", chunk.digits) and chunk.digits not in WORDS]
    has_numbers = re.search("[0-9]", _digits_of(window)) is not None
    alone = len(odd) == 1 and len(odd[0]) == DEVICE_ID_DIGITS
    return has_numbers and letters_in(window) >= LETTERS_THAT_CONVINCE and not alone


def _without_identifiers(spelt: str) -> str:
    """Return the text with a word in the place of each Device ID, date, telephone and other long number."""
    shaped = [found for found in OCTETS.finditer(spelt) if len(squeezed(found[0])) == DEVICE_ID_DIGITS]
    kept = [found.span() for found in shaped if not _is_half_of_a_code(found, shaped, spelt)]
    parts: list[str] = []
    end = 0
    for start, stop in kept:
        parts += [spelt[end:start], _BREAK]
        end = stop
    rest = "".join([*parts, spelt[end:]])
    for known in (_DATE, _TELEPHONE, _LONG_NUMBER):
        rest = known.sub(_BREAK, rest)
    return _without_siblings(rest, {squeezed(found[0]) for found in shaped})


def _is_half_of_a_code(found: re.Match[str], shaped: Sequence[re.Match[str]], spelt: str) -> bool:
    """Return whether it is one of exactly two neighbours that cannot both be Device IDs."""
    at = shaped.index(found)
    first = last = at
    while first > 0 and not TOKEN.search(spelt, shaped[first - 1].end(), shaped[first].start()):
        first -= 1
    while last + 1 < len(shaped) and not TOKEN.search(spelt, shaped[last].end(), shaped[last + 1].start()):
        last += 1
    if last - first != 1:
        return False
    one, other = squeezed(shaped[first][0]), squeezed(shaped[last][0])
    return one[:6] != other[:6] and any(int(each[:2], 16) & 1 for each in (one, other))


def _without_siblings(spelt: str, known: set[str]) -> str:
    """Take out numbers of 16 hex digits that begin with the same manufacturer's identifier as another."""
    found = set(re.findall(r"\b[0-9A-F]{16}\b", spelt)) | known
    makers = [each[:6] for each in found]
    return re.sub(r"\b[0-9A-F]{16}\b", lambda each: _BREAK if makers.count(each[0][:6]) > 1 else each[0], spelt)
