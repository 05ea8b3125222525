"""Reading what people type: the code in it, however it is written."""

import re
from typing import Final

from inventory.install_code.codes import CRC_DIGITS, InstallCode, LegacyLength
from inventory.install_code.refusals import (
    InstallCodeMissing,
    InstallCodeNeededTwice,
    InstallCodeNotHexadecimal,
    InstallCodesDiffer,
)
from inventory.install_code.spelling import JOINS, plain
from ssi.refusals import Refusal

_LABEL: Final = re.compile(r"^\W*(?:INSTALL(?:ATION)?\W*CODE|IC)\W*")
_MARK: Final = re.compile(r"(?<![0-9A-F])0X")


def digits_in(text: str) -> str:
    """Return the hex digits of a text, without spaces, dashes, colons, lines, "0x", "IC:", in capitals.

    Raises InstallCodeMissing, InstallCodeNotHexadecimal.
    """
    digits = JOINS.sub("", _MARK.sub("", _LABEL.sub("", plain(text), count=1)))
    if not digits:
        raise InstallCodeMissing
    if not re.fullmatch(r"[0-9A-F]+", digits):
        raise InstallCodeNotHexadecimal
    return digits


def read(text: str, *, legacy_length: LegacyLength | None = None) -> InstallCode:
    """Return the code in a text. One without check digits comes back with `checked` False.

    A code has 16 bytes; another length is read only where `legacy_length` names it. Raises what `digits_in` and
    `InstallCode.from_digits` raise.
    """
    return InstallCode.from_digits(digits_in(text), legacy_length=legacy_length)


def parse(text: str, again: str | None = None, *, legacy_length: LegacyLength | None = None) -> InstallCode:
    """Return the code an installer gives; without check digits it must be given twice, alike.

    Raises what `read` raises, InstallCodeNeededTwice and InstallCodesDiffer.
    """
    code = read(text, legacy_length=legacy_length)
    if again is None or not again.strip():
        if not code.checked:
            raise InstallCodeNeededTwice(bare=len(code.hex), checked=len(code.hex) + CRC_DIGITS)
        return code
    try:
        second = read(again, legacy_length=legacy_length)
    except Refusal:
        raise InstallCodesDiffer from None
    if second != code:
        raise InstallCodesDiffer
    return code
