"""Install codes: reading what people type, checking it, and noticing one where none may stand.

A code is 16 bytes, in rare legacy devices 6, 8 or 12. Printed, it is followed by a CRC-16/X-25, low byte first, so
36 hex digits in all; DUIS carries it without the CRC, 32 digits. A code is a bearer secret for joining a home's
network: no refusal, repr or log line made here holds one, or the check digits that would put a mistyped one right.
"""

from inventory.install_code.codes import (
    BARE_DIGITS,
    CHECKED_DIGITS,
    CODE_BYTES,
    CRC_BYTES,
    InstallCode,
    LegacyLength,
    check_digits,
    crc16_x25,
)
from inventory.install_code.corrections import Correction, corrections
from inventory.install_code.noticing import holds_install_code
from inventory.install_code.reading import parse, read
from inventory.install_code.refusals import (
    FileNameHoldsInstallCode,
    InstallCodeCheckDigitsDoNotMatch,
    InstallCodeIsPlaceholder,
    InstallCodeLengthAmbiguous,
    InstallCodeLooksLegacy,
    InstallCodeMissing,
    InstallCodeNeededTwice,
    InstallCodeNotHexadecimal,
    InstallCodesDiffer,
    InstallCodeWrongLength,
    NoteHoldsInstallCode,
)

__all__ = [
    "BARE_DIGITS",
    "CHECKED_DIGITS",
    "CODE_BYTES",
    "CRC_BYTES",
    "Correction",
    "FileNameHoldsInstallCode",
    "InstallCode",
    "InstallCodeCheckDigitsDoNotMatch",
    "InstallCodeIsPlaceholder",
    "InstallCodeLengthAmbiguous",
    "InstallCodeLooksLegacy",
    "InstallCodeMissing",
    "InstallCodeNeededTwice",
    "InstallCodeNotHexadecimal",
    "InstallCodeWrongLength",
    "InstallCodesDiffer",
    "LegacyLength",
    "NoteHoldsInstallCode",
    "check_digits",
    "corrections",
    "crc16_x25",
    "holds_install_code",
    "parse",
    "read",
]
