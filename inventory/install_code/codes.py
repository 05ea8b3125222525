"""The install code itself: its bytes, its check digits, and how long it may be."""

from dataclasses import dataclass, field
from typing import Final, Self

from django.db.models import TextChoices

from inventory.install_code.refusals import (
    InstallCodeCheckDigitsDoNotMatch,
    InstallCodeIsPlaceholder,
    InstallCodeLengthAmbiguous,
    InstallCodeLooksLegacy,
    InstallCodeWrongLength,
)
from ssi.refusals import Refusal

CODE_BYTES: Final = 16
CRC_BYTES: Final = 2
CRC_DIGITS: Final = 2 * CRC_BYTES
BARE_DIGITS: Final = 2 * CODE_BYTES
CHECKED_DIGITS: Final = BARE_DIGITS + CRC_DIGITS


class LegacyLength(TextChoices):
    """Lengths in bytes that ZigBee also allows and devices in Great Britain hardly ever have; the API's values."""

    SIX = "6", "6 bytes: 16 digits with check digits, 12 without"
    EIGHT = "8", "8 bytes: 20 digits with check digits, 16 without"
    TWELVE = "12", "12 bytes: 28 digits with check digits, 24 without"

    @property
    def octets(self) -> int:
        """Return the length of the code without its check digits."""
        return int(self.value)


LENGTHS: Final = (*(each.octets for each in LegacyLength), CODE_BYTES)


@dataclass(frozen=True, slots=True)
class InstallCode:
    """A device's install code: 16 bytes, fewer of legacy ones; hidden in its repr and str. `parse` makes one."""

    code: bytes = field(repr=False)
    checked: bool = field(default=False, compare=False)
    """Whether it was given with check digits, which matched."""

    def __post_init__(self) -> None:
        if len(self.code) not in LENGTHS:
            raise wrong_length(2 * len(self.code))

    def __str__(self) -> str:
        return "(install code, hidden)"

    @property
    def hex(self) -> str:
        """Return the digits as DUIS SR 8.11 carries them: 32, fewer of a legacy code."""
        return self.code.hex().upper()

    @property
    def with_crc(self) -> str:
        """Return the digits as they are printed on a label: four more, the check digits."""
        return self.hex + check_digits(self.code)

    @classmethod
    def from_digits(cls, digits: str, *, legacy_length: LegacyLength | None = None) -> Self:
        """Return the code of hex digits in capitals: 32 or 36, or as many as the legacy length says.

        Check digits are verified where given. Raises InstallCodeWrongLength, InstallCodeLooksLegacy,
        InstallCodeLengthAmbiguous, InstallCodeIsPlaceholder, InstallCodeCheckDigitsDoNotMatch.
        """
        bare = bare_digits(legacy_length)
        if len(digits) not in (bare, bare + CRC_DIGITS):
            raise wrong_length(len(digits), legacy_length)
        code, check = bytes.fromhex(digits[:bare]), digits[bare:]
        if not any(code) or all(octet == 0xFF for octet in code):  # noqa: PLR2004 - every bit set
            raise InstallCodeIsPlaceholder
        if check and check != check_digits(code):
            raise InstallCodeCheckDigitsDoNotMatch(count=len(digits))
        return cls(code, checked=bool(check))


def bare_digits(legacy_length: LegacyLength | None) -> int:
    """Return how many hex digits a code of this length has without its check digits."""
    return 2 * legacy_length.octets if legacy_length else BARE_DIGITS


def wrong_length(count: int, legacy_length: LegacyLength | None = None) -> Refusal:
    """Return the refusal of a code of `count` digits; one of a legacy length is told how to say so."""
    if legacy_length is None:
        fitting = [each for each in LegacyLength if count - bare_digits(each) in (0, CRC_DIGITS)]
        if len(fitting) > 1:
            return InstallCodeLengthAmbiguous()
        if fitting:
            return InstallCodeLooksLegacy(count=count, length=fitting[0].value)
    bare = bare_digits(legacy_length)
    kind = f"An install code of {legacy_length.value} bytes" if legacy_length else "An install code"
    return InstallCodeWrongLength(kind=kind, bare=bare, checked=bare + CRC_DIGITS, count=count)


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
