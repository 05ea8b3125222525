"""MPANs and MPRNs, the numbers of meter points: which is which, and whether a typed one is plausible.

Check digits serve only to warn people who type (a warning one may overrule). They are never applied to DUIS
messages or imports: published samples fail them (domain facts 8.2, 8.3).
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ssi.refusals import Refusal

MPAN_DIGITS: Final = 13
FULL_MPAN_DIGITS: Final = 21
"""With the profile class (2), meter timeswitch code (3) and line loss factor (3) before the core's 13 digits."""
LONGEST_MPRN: Final = 10

_MPAN_WEIGHTS: Final = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)
_NOT_PART: Final = re.compile(r"[\s\-\u2010-\u2015\u2212/]+")
_CHECK_DIGITS_OF_MPRN: Final = 2


class MpxnKind(StrEnum):
    """What a meter point's number is."""

    MPAN = "MPAN"
    """Meter Point Administration Number: electricity, 13 digits."""
    MPRN = "MPRN"
    """Meter Point Reference Number: gas, 1 to 10 digits."""


class NotAMeterPoint(Refusal):
    """An MPAN has 13 digits (or 21 in full) and an MPRN up to 10; {problem}."""

    suggestion = "Copy the number from the bill or the registration data, digits only."
    source = "DUIS schema: ImportMPxN; MPAN core"
    field = "mpxn"


@dataclass(frozen=True, slots=True)
class Mpxn:
    """A meter point's number: its kind and its digits as the inventory keeps them (an MPAN's core)."""

    kind: MpxnKind
    digits: str

    def __str__(self) -> str:
        return self.digits

    @property
    def distributor(self) -> str | None:
        """Return the distributor's two digits of an MPAN ("10" to "23" are the regional networks), else None."""
        return self.digits[:2] if self.kind is MpxnKind.MPAN else None

    @property
    def check_digits_match(self) -> bool:
        """Return whether its check digits are right; a person may have mistyped it when they are not."""
        if self.kind is MpxnKind.MPAN:
            return self.digits[-1] == mpan_check_digit(self.digits[:-1])
        body, check = self.digits[:-_CHECK_DIGITS_OF_MPRN], self.digits[-_CHECK_DIGITS_OF_MPRN:]
        return bool(body) and check == mprn_check_digits(body)


def kind_of(digits: str) -> MpxnKind | None:
    """Return the kind of a number as DUIS carries it: 13 digits are an MPAN, 1 to 10 an MPRN, else None."""
    if not re.fullmatch(r"[0-9]+", digits):
        return None
    if len(digits) == MPAN_DIGITS:
        return MpxnKind.MPAN
    return MpxnKind.MPRN if len(digits) <= LONGEST_MPRN else None


def parse_typed(text: str) -> Mpxn:
    """Return the meter point a person typed: blanks and dashes are left out, a full MPAN gives its core.

    Raises NotAMeterPoint. Check digits are not enforced; see `Mpxn.check_digits_match`.
    """
    digits = _NOT_PART.sub("", unicodedata.normalize("NFKC", text))
    if not digits:
        raise NotAMeterPoint(problem="nothing was given")
    if not re.fullmatch(r"[0-9]+", digits):
        raise NotAMeterPoint(problem="this has a character that is no digit")
    core = digits[-MPAN_DIGITS:] if len(digits) == FULL_MPAN_DIGITS else digits
    kind = kind_of(core)
    if kind is None:
        raise NotAMeterPoint(problem=f"this has {len(digits)}")
    return Mpxn(kind, core)


def mpan_check_digit(body: str) -> str:
    """Return the 13th digit of an MPAN from its first 12: a weighted sum modulo 11, modulo 10."""
    if not re.fullmatch(r"[0-9]{12}", body):
        raise ValueError("The check digit of an MPAN is worked out from 12 digits.")
    total = sum(weight * int(digit) for weight, digit in zip(_MPAN_WEIGHTS, body, strict=True))
    return str(total % 11 % 10)


def mprn_check_digits(body: str) -> str:
    """Return the last two digits, "00" to "10", of an MPRN from those before them.

    The weights fall from the body's length to 1; the sum is taken modulo 11.
    """
    if not re.fullmatch(r"[0-9]{1,8}", body):
        raise ValueError("The check digits of an MPRN are worked out from 1 to 8 digits.")
    total = sum(weight * int(digit) for weight, digit in zip(range(len(body), 0, -1), body, strict=True))
    return f"{total % 11:02d}"
