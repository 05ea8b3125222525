"""Codes that are broken up, mistyped, shortened or written in another notation: what a plain look overlooks.

Each rule here asks for more than a shape, nearly always for check digits that match: of 65,536 texts that only
look alike, one is refused.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from typing import Final

from inventory.install_code.chunks import (
    DEVICE_ID_DIGITS,
    OCTETS,
    WORDS,
    Chunk,
    chunks_of,
    letters_in,
    runs,
    squeezed,
    windows,
)
from inventory.install_code.codes import (
    BARE_DIGITS,
    CHECKED_DIGITS,
    CODE_BYTES,
    CRC_BYTES,
    CRC_DIGITS,
    LegacyLength,
    bare_digits,
    check_digits,
)

LETTERS_THAT_CONVINCE: Final = 4
_LOOKALIKES: Final = str.maketrans("OQILSZ", "001152")
_MISTYPED: Final = re.compile(rf"(?<![A-Z0-9])[0-9A-FOQILSZ]{{{BARE_DIGITS},{CHECKED_DIGITS}}}(?![A-Z0-9])")
_BASE64: Final = re.compile(r"(?<![\w+/-])[A-Za-z0-9+/_-]{22,}={0,2}(?![\w+/=-])")
_OCTET: Final = re.compile(r"(?<![\w.])(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.])", re.ASCII)
_SHORT: Final = tuple(bare_digits(each) + CRC_DIGITS for each in (LegacyLength.EIGHT, LegacyLength.TWELVE))


def is_disguised(text: str, spelt: str, explained: str) -> bool:
    """Return whether a text holds a code in disguise; `spelt` is it in capitals, `explained` less Device IDs."""
    return (
        _is_mistyped(spelt)
        or _is_broken_up_by_words(spelt)
        or _is_in_two_halves(spelt)
        or _is_short(explained)
        or _is_in_decimals(spelt)
        or _is_in_base64(text)
    )


def has_valid_check(digits: str) -> bool:
    """Return whether the last four of these hex digits are the check digits of those before."""
    return digits[-CRC_DIGITS:] == check_digits(bytes.fromhex(digits[:-CRC_DIGITS]))


def _is_mistyped(spelt: str) -> bool:
    """The letters O, I, S and the like stand for 0, 1, 5."""
    if any(re.search("[0-9]", found[0]) for found in _MISTYPED.finditer(spelt)):
        return True
    return any(_is_whole(window) for run in runs(spelt.translate(_LOOKALIKES)) for window in windows(run))


def _is_whole(window: Sequence[Chunk]) -> bool:
    digits = "".join(chunk.digits for chunk in window)
    return (
        len(digits) == CHECKED_DIGITS and letters_in(window) >= LETTERS_THAT_CONVINCE and has_valid_check(digits)
    )


def _is_broken_up_by_words(spelt: str) -> bool:
    """The first half is this and the second half that."""
    chunks = [chunk for chunk in chunks_of(spelt) if chunk and chunk.digits not in WORDS]
    return any(_is_whole(window) for window in windows(chunks))


def _is_in_two_halves(spelt: str) -> bool:
    """There are exactly two numbers like Device IDs, and one is a group address, which no device has."""
    shaped = [squeezed(found[0]) for found in OCTETS.finditer(spelt)]
    shaped += re.findall(rf"(?<![A-Z0-9])[0-9A-F]{{{DEVICE_ID_DIGITS}}}(?![A-Z0-9])", spelt)
    halves = {each for each in shaped if len(each) == DEVICE_ID_DIGITS}
    makers = {each[:6] for each in halves}
    groups = [each for each in halves if int(each[:2], 16) & 1 and re.search("[A-F]", each)]
    return len(halves) == len(makers) == 2 and bool(groups)  # noqa: PLR2004 - two halves


def _is_short(explained: str) -> bool:
    """A legacy code with its check digits; one of 16 digits in all is left to look like a Device ID."""
    for run in runs(explained):
        for window in windows(run, _SHORT[0], _SHORT[-1]):
            digits = "".join(chunk.digits for chunk in window)
            if len(digits) in _SHORT and letters_in(window) >= LETTERS_THAT_CONVINCE and has_valid_check(digits):
                return True
    return False


def _is_in_decimals(spelt: str) -> bool:
    """Eighteen numbers from 0 to 255, as a program prints bytes."""
    octets = [int(found[0]) for found in _OCTET.finditer(spelt)]
    size = CODE_BYTES + CRC_BYTES
    return any(
        len(set(octets[at : at + size])) > 1 and has_valid_check(bytes(octets[at : at + size]).hex().upper())
        for at in range(len(octets) - size + 1)
    )


def _is_in_base64(text: str) -> bool:
    """The bytes with check digits, or padded; or any of the usual spellings inside."""
    return any(_is_code(octets, found) for found in _BASE64.findall(text) for octets in _decoded(found))


def _decoded(found: str) -> Iterator[bytes]:
    body = found.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        yield base64.b64decode(body + "=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        return


def _is_code(octets: bytes, found: str) -> bool:
    if len(octets) == CODE_BYTES:
        return found.endswith("==")
    if len(octets) == CODE_BYTES + CRC_BYTES:
        return has_valid_check(octets.hex().upper())
    inside = octets.decode("ascii", errors="replace")
    return re.search(rf"[0-9A-Fa-f]{{{BARE_DIGITS}}}", inside) is not None
