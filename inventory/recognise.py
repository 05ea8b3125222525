"""What was typed into the one search box: a Device ID, a meter point or an incident reference, told by its shape.

16 decimal digits are a legal Device ID, and nothing else of the industry has 16 digits, so they are one.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from inventory.install_code import NoteHoldsInstallCode, holds_install_code
from inventory.meter_points import FULL_MPAN_DIGITS, MPAN_DIGITS, MpxnKind, NotAMeterPoint, parse_typed
from ssi.eui64 import Eui64, NotAnEui64
from ssi.refusals import Refusal


class Kind(StrEnum):
    """What a text names."""

    DEVICE_ID = "Device ID"
    MPAN = "MPAN"
    MPRN = "MPRN"
    INCIDENT = "incident reference"


class NotRecognised(Refusal):
    """{problem}."""

    suggestion = (
        "Type a Device ID (16 digits, such as 00-DB-12-34-56-78-90-A0), an MPAN (13 digits), an MPRN (up to 10 "
        "digits) or an incident reference (INC and 12 digits)."
    )
    field = "q"


class SeveralRecognised(Refusal):
    """There is more than one identifier here, and the search box takes one at a time."""

    suggestion = (
        "Search for them one by one. A program can send up to 50,000 at once to devices/lookup of the API."
    )
    field = "q"


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a text names, with the value to look for."""

    kind: Kind
    value: Eui64 | str
    """An Eui64 for a Device ID, else the text as the inventory keeps it: 13 digits, up to 10, or INC and 12."""


_REFERENCE: Final = re.compile(r"INC[\s:#-]*([0-9]{12})", re.ASCII)
_REFERENCE_LIKE: Final = re.compile(r"INC[\s:#-]*[0-9]*", re.ASCII)
_LIST: Final = re.compile(r"[\n\r\t,;|]+|\s{2,}")
_LABEL: Final = re.compile(r"^(?:DEVICE\s*ID|EUI(?:-?64)?|GUID|MPAN|MPRN|MPXN)\b[\s:#=.]*")
_WHOLE_NUMBER: Final = re.compile(r"([0-9]+)\.0+", re.ASCII)
_ROUNDED: Final = re.compile(r"[0-9]([.,][0-9]+)?E\+[0-9]+", re.ASCII)
_SHORTEST_USUAL_MPRN: Final = 6
LONGEST_LOOKED_INTO: Final = 2_000
_AROUND: Final = " \t\r\n'\"`\u2018\u2019\u201c\u201d=<>()[].,;"
_HEX: Final = re.compile(r"[0-9A-F]+", re.ASCII)


def recognise(text: str) -> Recognised:
    """Return what a text names, however a spreadsheet or an e-mail dressed it up.

    Quotes, invisible characters, any blank and any case are borne. Raises NotRecognised, SeveralRecognised, or
    NoteHoldsInstallCode; none repeats the text.
    """
    plain = _plain(text)
    found = _one(plain)
    if found:
        return found
    parts = _LIST.split(plain)
    if sum(map(_stands_alone, parts if len(parts) > 1 else plain.split())) > 1:
        raise SeveralRecognised
    if holds_install_code(text[:LONGEST_LOOKED_INTO]):
        raise NoteHoldsInstallCode.at("q")
    raise NotRecognised(problem=_problem_with(plain))


def _plain(text: str) -> str:
    """Return the text in capitals without invisible characters, and without what stands around it."""
    shown = "".join(each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")
    return _bare(shown.upper())


def _bare(text: str) -> str:
    """Return a text without quotes, a label such as "MPAN:" and the ".0" that spreadsheets add to numbers."""
    bare = _LABEL.sub("", text.strip(_AROUND), count=1).strip(_AROUND)
    whole = _WHOLE_NUMBER.fullmatch(bare)
    return whole[1] if whole else bare


def _one(plain: str) -> Recognised | None:
    """Return the one thing a text names, or None."""
    reference = _REFERENCE.fullmatch(plain)
    if reference:
        return Recognised(Kind.INCIDENT, f"INC{reference[1]}")
    try:
        return Recognised(Kind.DEVICE_ID, Eui64.parse(plain))
    except NotAnEui64:
        pass
    if _LIST.search(plain) or not plain:
        return None
    try:
        mpxn = parse_typed(plain)
    except NotAMeterPoint:
        return None
    return Recognised(Kind.MPAN if mpxn.kind is MpxnKind.MPAN else Kind.MPRN, mpxn.digits)


def _stands_alone(part: str) -> bool:
    """Return whether a part of a text names something by itself; a few digits may be a piece of one number."""
    found = _one(_bare(part))
    return found is not None and not (found.kind is Kind.MPRN and len(str(found.value)) < _SHORTEST_USUAL_MPRN)


def _problem_with(plain: str) -> str:
    """Return in a sentence (its full stop to follow) why nothing was recognised, without repeating it."""
    digits = re.sub(r"[\s:.-]+", "", plain)
    if not digits:
        return "Nothing was typed"
    if _REFERENCE_LIKE.fullmatch(plain):
        return f"An incident reference has 12 digits after INC; this has {len(re.sub('[^0-9]', '', plain))}"
    if digits.isascii() and digits.isdigit():
        return (
            f"No identifier has {len(digits)} digits: an MPAN has {MPAN_DIGITS} or {FULL_MPAN_DIGITS}, "
            "an MPRN up to 10, a Device ID 16"
        )
    if _ROUNDED.fullmatch(plain):
        return "A spreadsheet has rounded this number, so its last digits are lost: format the column as text"
    if _HEX.fullmatch(digits):
        return f"A Device ID has 16 digits; this has {len(digits)}"
    return "No Device ID, meter point or incident reference looks like this"
