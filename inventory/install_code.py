"""Install codes: reading what people type, checking it, and noticing one where none may stand.

A code is 16 bytes. Printed, it is followed by a CRC-16/X-25, low byte first, so 36 hex digits in all; DUIS
carries it without the CRC, 32 digits. A code is a bearer secret for joining a home's network: no refusal,
repr or log line made here holds one, or the check digits that would put a mistyped one right.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from ssi.refusals import Refusal

CODE_BYTES: Final = 16
CRC_BYTES: Final = 2
BARE_DIGITS: Final = 2 * CODE_BYTES
CHECKED_DIGITS: Final = 2 * (CODE_BYTES + CRC_BYTES)


class InstallCodeMissing(Refusal):
    """No install code was given."""

    suggestion = "Type the code from the device's label or your asset records: 36 digits with its check digits."
    field = "install_code"


class InstallCodeNotHexadecimal(Refusal):
    """An install code has only the digits 0 to 9 and the letters A to F."""

    suggestion = "Look for a letter O, I, S or B typed for 0, 1, 5 or 8, and leave out any words."
    field = "install_code"


class InstallCodeWrongLength(Refusal):
    """An install code has 36 digits with its check digits, or 32 without them; this has {count}."""

    suggestion = "Re-read the label, or copy the code again from your asset records."
    source = "ZigBee install codes: 16 bytes, then a 2-byte CRC"
    field = "install_code"


class InstallCodeCheckDigitsDoNotMatch(Refusal):
    """The check digits do not match."""

    suggestion = "Re-read the label: one of the 36 digits is mistyped, or two are swapped."
    source = "CRC-16/X-25 over the code, low byte first"
    field = "install_code"


class InstallCodeIsPlaceholder(Refusal):
    """An install code is never all zeros or all Fs; that is a placeholder."""

    suggestion = "Look the code up again. If you do not hold it, decline the request and say so."
    field = "install_code"


class InstallCodeNeededTwice(Refusal):
    """A code of 32 digits has no check digits, so it is needed a second time."""

    suggestion = "Type it again in the second field, from the label, or give all 36 digits."
    field = "install_code_again"


class InstallCodesDiffer(Refusal):
    """The two entries of the install code differ."""

    suggestion = "Re-read the label and type both again."
    field = "install_code_again"


class NoteHoldsInstallCode(Refusal):
    """The text seems to hold an install code, which may stand only in the sealed answer field."""

    suggestion = (
        "Take it out. To answer a request, give the code under Install code: it is encrypted there, and each "
        "reading of it is recorded. If it is something else, write words between the numbers, and Device IDs "
        "with dashes."
    )
    source = "SSI design 6: install codes are sealed objects"
    hides_value = True
    field = "text"


@dataclass(frozen=True, slots=True)
class InstallCode:
    """A device's install code of 16 bytes; hidden in its repr and str. `parse` makes one of typed text."""

    code: bytes = field(repr=False)
    checked: bool = field(default=False, compare=False)
    """Whether it was given with check digits, which matched."""

    def __post_init__(self) -> None:
        if len(self.code) != CODE_BYTES:
            raise InstallCodeWrongLength(count=2 * len(self.code))

    def __str__(self) -> str:
        return "(install code, hidden)"

    @property
    def hex(self) -> str:
        """Return the 32 digits as DUIS SR 8.11 carries them."""
        return self.code.hex().upper()

    @property
    def with_crc(self) -> str:
        """Return the 36 digits as they are printed on a label."""
        return self.hex + check_digits(self.code)

    @classmethod
    def from_digits(cls, digits: str) -> Self:
        """Return the code of 32 or 36 hex digits in capitals, the check digits verified where given."""
        if len(digits) not in (BARE_DIGITS, CHECKED_DIGITS):
            raise InstallCodeWrongLength(count=len(digits))
        code, check = bytes.fromhex(digits[:BARE_DIGITS]), digits[BARE_DIGITS:]
        if code in (bytes(CODE_BYTES), b"\xff" * CODE_BYTES):
            raise InstallCodeIsPlaceholder
        if check and check != check_digits(code):
            raise InstallCodeCheckDigitsDoNotMatch
        return cls(code, checked=bool(check))


def crc16_x25(octets: bytes) -> int:
    """Return the CRC-16/X-25: polynomial 0x1021 reflected, start and final exclusive-or 0xFFFF."""
    crc = 0xFFFF
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = (crc >> 1) ^ 0x8408 if crc & 1 else crc >> 1
    return crc ^ 0xFFFF


def check_digits(code: bytes) -> str:
    """Return the four digits that follow a printed code: its CRC, low byte first."""
    return crc16_x25(code).to_bytes(CRC_BYTES, "little").hex().upper()


def read(text: str) -> InstallCode:
    """Return the code in a text, however it is written: spaces, dashes, colons, lines, "0x", "IC:", any case.

    Raises InstallCodeMissing, InstallCodeNotHexadecimal, InstallCodeWrongLength, InstallCodeIsPlaceholder or
    InstallCodeCheckDigitsDoNotMatch. A code of 32 digits comes back with `checked` False.
    """
    digits = _JOINS.sub("", _MARK.sub("", _LABEL.sub("", _plain(text), count=1)))
    if not digits:
        raise InstallCodeMissing
    if not re.fullmatch(r"[0-9A-F]+", digits):
        raise InstallCodeNotHexadecimal
    return InstallCode.from_digits(digits)


def parse(text: str, again: str | None = None) -> InstallCode:
    """Return the code an installer gives; without check digits it must be given twice, alike.

    Raises what `read` raises, InstallCodeNeededTwice and InstallCodesDiffer.
    """
    code = read(text)
    if again is None or not again.strip():
        if not code.checked:
            raise InstallCodeNeededTwice
        return code
    try:
        second = read(again)
    except Refusal:
        raise InstallCodesDiffer from None
    if second != code:
        raise InstallCodesDiffer
    return code


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
    plain = _plain(text)
    if re.search(rf"[0-9A-F]{{{BARE_DIGITS},}}", plain):
        return True
    if any(_has_valid_crc(window) for run in _runs(plain) for window in _windows(run)):
        return True
    explained = _without_identifiers(plain)
    return any(
        _is_evenly_grouped(window) or _looks_random(window) for run in _runs(explained) for window in _windows(run)
    )


# --- How text is read --------------------------------------------------------------------------------------

_LABEL: Final = re.compile(r"^\W*(?:INSTALL(?:ATION)?\W*CODE|IC)\W*")
_MARK: Final = re.compile(r"(?<![0-9A-F])0X")
_JOINS: Final = re.compile(r"[\W_]+")
_DASHES: Final = re.compile(r"[\u2010-\u2015\u2212]")


def _plain(text: str) -> str:
    """Return the text in capitals, with plain digits and dashes and nothing invisible in it."""
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text)).replace("_", " ")
    return "".join(
        str(unicodedata.decimal(each, each)) for each in plain if unicodedata.category(each) != "Cf"
    ).upper()


# --- How a code is noticed ---------------------------------------------------------------------------------

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


def _runs(plain: str) -> Iterator[list[_Chunk]]:
    """Yield the chunks of hex digits that follow each other with no word between."""
    run: list[_Chunk] = []
    end = 0
    for token in _TOKEN.finditer(plain):
        found = _HEX_TOKEN.fullmatch(token[0])
        if found:
            gap = re.sub(r"\s+", "", plain[end : token.start()])
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


def _without_identifiers(plain: str) -> str:
    """Return the text with a word in the place of each Device ID and each long number."""
    shaped = [found for found in _OCTETS.finditer(plain) if len(_squeezed(found[0])) == _DEVICE_ID_DIGITS]
    kept = [found.span() for found in shaped if not _is_half_of_a_code(found, shaped, plain)]
    parts: list[str] = []
    end = 0
    for start, stop in kept:
        parts += [plain[end:start], _BREAK]
        end = stop
    rest = _LONG_NUMBER.sub(_BREAK, "".join([*parts, plain[end:]]))
    return _without_siblings(rest, {_squeezed(found[0]) for found in shaped})


def _is_half_of_a_code(found: re.Match[str], shaped: Sequence[re.Match[str]], plain: str) -> bool:
    """Return whether it is one of exactly two neighbours that cannot both be Device IDs."""
    at = shaped.index(found)
    first = last = at
    while first > 0 and not _TOKEN.search(plain, shaped[first - 1].end(), shaped[first].start()):
        first -= 1
    while last + 1 < len(shaped) and not _TOKEN.search(plain, shaped[last].end(), shaped[last + 1].start()):
        last += 1
    if last - first != 1:
        return False
    one, other = _squeezed(shaped[first][0]), _squeezed(shaped[last][0])
    return one[:6] != other[:6] and any(int(each[:2], 16) & 1 for each in (one, other))


def _without_siblings(plain: str, known: set[str]) -> str:
    """Take out numbers of 16 hex digits that begin with the same manufacturer's identifier as another."""
    found = set(re.findall(r"\b[0-9A-F]{16}\b", plain)) | known
    makers = [each[:6] for each in found]
    return re.sub(r"\b[0-9A-F]{16}\b", lambda each: _BREAK if makers.count(each[0][:6]) > 1 else each[0], plain)


def _squeezed(text: str) -> str:
    return _JOINS.sub("", text)
