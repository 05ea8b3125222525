"""What would put a mistyped code right: one digit read wrongly, or two neighbours swapped.

For the eyes of the installer alone, who holds the code anyway, in answer to what it has just typed: never in a
refusal, a log, an e-mail, the API or anything kept. Whether a correction is the label's code nobody but the
installer can tell: of a hundred codes that are wrong in some other way, one has a correction by chance.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from inventory.install_code.codes import InstallCode, LegacyLength
from inventory.install_code.reading import digits_in
from inventory.install_code.refusals import InstallCodeCheckDigitsDoNotMatch
from ssi.refusals import Refusal

HEX_DIGITS = "0123456789ABCDEF"


@dataclass(frozen=True, slots=True)
class Correction:
    """A code whose check digits match, one slip away from what was typed.

    `places` are the places that differ, counted from 0: one digit, or two neighbours that are swapped.
    """

    digits: str = field(repr=False)
    places: tuple[int, ...] = field(repr=False)
    typed: str = field(repr=False)

    @property
    def is_swap(self) -> bool:
        """Tell whether two neighbours are swapped, rather than one digit mistyped."""
        return len(self.places) > 1


def corrections(text: str, *, legacy_length: LegacyLength | None = None) -> list[Correction]:
    """Return what would make the check digits of a mistyped code match; nothing where nothing was mistyped so.

    There is never more than one: CRC-16/X-25 tells every such slip from every other within 36 digits.
    """
    try:
        typed = digits_in(text)
    except Refusal:
        return []
    if not _is_mistyped(typed, legacy_length):
        return []
    return [each for each in _slips(typed) if _is_right(each.digits, legacy_length)]


def _is_mistyped(digits: str, legacy_length: LegacyLength | None) -> bool:
    try:
        InstallCode.from_digits(digits, legacy_length=legacy_length)
    except InstallCodeCheckDigitsDoNotMatch:
        return True
    except Refusal:
        return False
    return False


def _is_right(digits: str, legacy_length: LegacyLength | None) -> bool:
    try:
        return InstallCode.from_digits(digits, legacy_length=legacy_length).checked
    except Refusal:
        return False


def _slips(typed: str) -> Iterator[Correction]:
    """Yield every text that is one slip away."""
    for at, was in enumerate(typed):
        for digit in HEX_DIGITS:
            if digit != was:
                yield Correction(f"{typed[:at]}{digit}{typed[at + 1 :]}", (at,), typed)
    for at in range(len(typed) - 1):
        one, other = typed[at], typed[at + 1]
        if one != other:
            yield Correction(f"{typed[:at]}{other}{one}{typed[at + 2 :]}", (at, at + 1), typed)
