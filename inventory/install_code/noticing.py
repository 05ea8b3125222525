"""Noticing an install code where none may stand: in notes, reasons, search boxes and file names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from inventory.install_code.codes import BARE_DIGITS, CHECKED_DIGITS, check_digits
from inventory.install_code.spelling import JOINS, plain


def holds_install_code(text: str) -> bool:
    """Return whether a free text seems to hold an install code, in any spelling.

    The text is read as chunks of hex digits with anything but letters and digits between them; a word with
    another letter ends a run of chunks. It holds a code when

    1. 32 or more hex digits stand together; or
    2. chunks that follow each other make 36 digits whose check digits match; or
    3. they make 32 or 36 digits in equal groups of 1, 2, 4, 8 or 16, divided alike (by blanks, lines, dashes,
       colons, dots), or each marked "0x"; or
    4. they make 32 to 36 digits that look like no list of numbers: four or more letters A to F that belong to
       no English word or abbreviation, in more than a single number of 16 digits.

    What ends a run for 3 and 4: a Device ID written as eight octets with dashes or colons, or as 16 digits in
    a text with another of its manufacturer; a number of ten or more decimal digits (MPAN, MPRN, telephone).
    Exactly two neighbours in the shape of Device IDs are taken for the halves of a code when one of them is a
    group address (the lowest bit of the first octet is set, IEEE), which no device has, unless one manufacturer
    made both.

    It errs to the safe side: UUIDs and eight numbers of four digits with only blanks between are refused.
    Not noticed: a code without letters in uneven groups and without check digits; one broken up by words.
    """
    spelt = plain(text)
    if re.search(rf"[0-9A-F]{{{BARE_DIGITS},}}", spelt):
        return True
    if any(_has_valid_crc(window) for run in _runs(spelt) for window in _windows(run)):
        return True
    explained = _without_identifiers(spelt)
    return any(
        _is_evenly_grouped(window) or _looks_random(window) for run in _runs(explained) for window in _windows(run)
    )


_TOKEN: Final = re.compile(r"[^\W_]+")
_HEX_TOKEN: Final = re.compile(r"(0?X|IC(?=[0-9A-F]{2}))?([0-9A-F]+)")
_OCTETS: Final = re.compile(r"(?<![^\W_])[0-9A-F]{2}(?:([-:])\s*[0-9A-F]{2})(?:\1\s*[0-9A-F]{2})*(?![^\W_])")
_DEVICE_ID_DIGITS: Final = 16
_GROUPS: Final = (1, 2, 4, 8, 16)
_EVEN_GAPS: Final = frozenset({"", "-", ":", "."})  # blanks are taken out first
_LONG_NUMBER: Final = re.compile(r"\b(?![0-9]{16}\b)[0-9]{10,}\b")
_LETTERS_THAT_CONVINCE: Final = 4
_BREAK: Final = " * WORD * "

# Words and abbreviations of hex letters that people write: they are text, not part of a code.
_WORD_LIST: Final = """
A ABBE ABE ABED AC ACCEDE ACCEDED ACE ACED AD ADD ADDED AED BA BAD BADE BBC BCC BE BEAD BEADED BED BEDDED BEE
BEEF CAB CAD CAFE CCC CD CEDE CEDED DAB DAD DC DCC DEAD DEAF DEB DEC DECADE DECAF DEE DEED DEF DEFACE DEFACED
EBB EBBED ED EDF EFFACE EFFACED FAB FACADE FACE FACED FAD FADE FADED FEB FED FEE FEED
ADE BDE CDE ADF BDF CDF ADEF BDEF CDEF AEF BEF CEF
"""
_WORDS: Final = frozenset(_WORD_LIST.split())


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Hex digits that stand together, what stood before them, and whether "0x" or the like marked them."""

    digits: str = field(repr=False)
    gap: str
    marked: bool


def _runs(spelt: str) -> Iterator[list[_Chunk]]:
    """Yield the chunks of hex digits that follow each other with no word between."""
    run: list[_Chunk] = []
    end = 0
    for token in _TOKEN.finditer(spelt):
        found = _HEX_TOKEN.fullmatch(token[0])
        if found:
            gap = re.sub(r"\s+", "", spelt[end : token.start()])
            run.append(_Chunk(found[2], gap, marked=bool(found[1])))
        elif run:
            yield run
            run = []
        end = token.end()
    if run:
        yield run


def _windows(run: Sequence[_Chunk]) -> Iterator[Sequence[_Chunk]]:
    """Yield every stretch of whole chunks that has 32 to 36 digits."""
    for start in range(len(run)):
        total = 0
        for end in range(start, len(run)):
            total += len(run[end].digits)
            if total > CHECKED_DIGITS:
                break
            if total >= BARE_DIGITS:
                yield run[start : end + 1]


def _digits_of(window: Sequence[_Chunk]) -> str:
    return "".join(chunk.digits for chunk in window)


def _has_valid_crc(window: Sequence[_Chunk]) -> bool:
    digits = _digits_of(window)
    code, check = digits[:BARE_DIGITS], digits[BARE_DIGITS:]
    return len(digits) == CHECKED_DIGITS and check == check_digits(bytes.fromhex(code))


def _is_evenly_grouped(window: Sequence[_Chunk]) -> bool:
    sizes = {len(chunk.digits) for chunk in window}
    total = len(_digits_of(window))
    if len(sizes) != 1 or sizes.isdisjoint(_GROUPS) or total not in (BARE_DIGITS, CHECKED_DIGITS):
        return False
    gaps = {chunk.gap for chunk in window[1:]}
    return (len(gaps) == 1 and gaps <= _EVEN_GAPS) or all(chunk.marked for chunk in window)


def _looks_random(window: Sequence[_Chunk]) -> bool:
    odd = [chunk.digits for chunk in window if re.search("[A-F]", chunk.digits) and chunk.digits not in _WORDS]
    letters = sum(len(re.findall("[A-F]", digits)) for digits in odd)
    has_numbers = re.search("[0-9]", _digits_of(window)) is not None
    alone = len(odd) == 1 and len(odd[0]) == _DEVICE_ID_DIGITS
    return has_numbers and letters >= _LETTERS_THAT_CONVINCE and not alone


def _without_identifiers(spelt: str) -> str:
    """Return the text with a word in the place of each Device ID and each long number."""
    shaped = [found for found in _OCTETS.finditer(spelt) if len(_squeezed(found[0])) == _DEVICE_ID_DIGITS]
    kept = [found.span() for found in shaped if not _is_half_of_a_code(found, shaped, spelt)]
    parts: list[str] = []
    end = 0
    for start, stop in kept:
        parts += [spelt[end:start], _BREAK]
        end = stop
    rest = _LONG_NUMBER.sub(_BREAK, "".join([*parts, spelt[end:]]))
    return _without_siblings(rest, {_squeezed(found[0]) for found in shaped})


def _is_half_of_a_code(found: re.Match[str], shaped: Sequence[re.Match[str]], spelt: str) -> bool:
    """Return whether it is one of exactly two neighbours that cannot both be Device IDs."""
    at = shaped.index(found)
    first = last = at
    while first > 0 and not _TOKEN.search(spelt, shaped[first - 1].end(), shaped[first].start()):
        first -= 1
    while last + 1 < len(shaped) and not _TOKEN.search(spelt, shaped[last].end(), shaped[last + 1].start()):
        last += 1
    if last - first != 1:
        return False
    one, other = _squeezed(shaped[first][0]), _squeezed(shaped[last][0])
    return one[:6] != other[:6] and any(int(each[:2], 16) & 1 for each in (one, other))


def _without_siblings(spelt: str, known: set[str]) -> str:
    """Take out numbers of 16 hex digits that begin with the same manufacturer's identifier as another."""
    found = set(re.findall(r"\b[0-9A-F]{16}\b", spelt)) | known
    makers = [each[:6] for each in found]
    return re.sub(r"\b[0-9A-F]{16}\b", lambda each: _BREAK if makers.count(each[0][:6]) > 1 else each[0], spelt)


def _squeezed(text: str) -> str:
    return JOINS.sub("", text)
