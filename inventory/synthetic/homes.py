"""The homes: which devices each holds, who put them in and when, and how far that came.

A home is a number. What is true of it follows from the seed and that number alone, so that the devices of one
maker, then of the next, can be written in the order of their keys without any home being remembered.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Final, NamedTuple

from inventory.models.choices import DeviceType
from inventory.synthetic.chance import BLOCK, MASK, spread, table, words
from ssi.accounts.synthetic import SUPPLIERS
from ssi.copying import DAY, MICROSECONDS, days
from ssi.web.synthetic import Order

BIT: Final = {
    DeviceType.CHF: 1,
    DeviceType.GPF: 2,
    DeviceType.ESME: 4,
    DeviceType.GSME: 8,
    DeviceType.PPMID: 16,
    DeviceType.IHD: 32,
    DeviceType.HCALCS: 64,
    DeviceType.CAD: 128,
}
"""What a home holds is the sum of these, and `EXPORTS` if it has a meter point for export."""

EXPORTS: Final = 256
_ALL_DEVICES: Final = EXPORTS - 1

_GAS, _PPMID, _IHD, _HCALCS, _CAD, _EXPORT = 0.79, 0.76, 0.13, 0.02, 0.04, 0.06


def _holdings() -> tuple[int, ...]:
    always = BIT[DeviceType.CHF] | BIT[DeviceType.GPF] | BIT[DeviceType.ESME]
    displays = ((BIT[DeviceType.PPMID], _PPMID), (BIT[DeviceType.IHD], _IHD), (0, 1 - _PPMID - _IHD))
    others = (
        (BIT[DeviceType.GSME], _GAS),
        (BIT[DeviceType.HCALCS], _HCALCS),
        (BIT[DeviceType.CAD], _CAD),
        (EXPORTS, _EXPORT),
    )
    choices = [displays, *(((bit, share), (0, 1 - share)) for bit, share in others)]
    return table(
        [
            (always + sum(bit for bit, _ in chosen), _together([share for _, share in chosen]))
            for chosen in product(*choices)
        ]
    )


def _together(shares: list[float]) -> float:
    both = 1.0
    for share in shares:
        both *= share
    return both


HOLDINGS: Final = _holdings()


LIVED_IN, UNFINISHED, STOCK = range(3)
"""How far a home came: all done; the installer was there, but not everything was commissioned; devices were
pre-notified for it, but nobody has visited it yet."""

_CAME: Final = table([(LIVED_IN, 97.05), (UNFINISHED, 1.3), (STOCK, 1.65)])
_YEARS_AGO: Final = (8.5, 9.5, 10.5, 10.5, 11, 9, 12, 12, 10, 6)
INSTALLED_DAYS_AGO: Final = spread(_YEARS_AGO, 365)
_RECENTLY: Final = spread((60, 25, 15), 110)
_INSTALLERS: Final = table([(each.number, each.share) for each in SUPPLIERS])
_REGIONS: Final = table(list(enumerate((8.5, 8, 9, 5.5, 8.5, 5.5, 8.5, 2.7, 7, 8, 10.5, 4, 5.8, 8.5), start=10)))
"""The first two digits of an MPAN: the region's electricity network."""

_SUNDAY: Final = 6
_SATURDAY_OF_DAY_ZERO: Final = 5
_EIGHT_HOURS: Final = 8 * 3_600
_TWO_HOURS: Final = 2 * 3_600 * MICROSECONDS
_STIR: Final = 0x9E37_79B9_7F4A_7C15
_STIRRED: Final = 43
"""A home's word serves for more than its 64 bits by one multiplication, of which the middle is taken."""


class Home(NamedTuple):
    """What is true of a whole home. Days are counted as PostgreSQL does, moments in its microseconds.

    `installer` and, since `left_day`, its successor are numbers of suppliers; `delivered_at` is when the devices
    were pre-notified, `installed_at` when somebody came to put them in.
    """

    number: int
    holds: int
    came: int
    installer: int
    distributor: int
    delivered_at: int
    installed_day: int
    installed_at: int


class Homes:
    """The homes of an order: as many as hold its devices, the last perhaps fewer than it might."""

    def __init__(self, order: Order) -> None:
        self.seed = order.seed
        self.today = days(order.as_of)
        self.left_day = tuple(
            days(order.as_of - timedelta(days=each.left_days_ago)) if each.left_days_ago is not None else None
            for each in SUPPLIERS
        )
        self.many, self._last_holds = self._count(order.devices)

    @property
    def blocks(self) -> range:
        """Return the numbers of the blocks that the homes are drawn in."""
        return range(-(-self.many // BLOCK))

    def block(self, number: int) -> Iterator[Home]:
        """Yield the homes of a block."""
        first = number * BLOCK
        drawn = words(self.seed, "home", number)[: self.many - first]
        for home, word in enumerate(drawn, start=first):
            yield self.home(home, word)

    def holdings(self, number: int) -> list[int]:
        """Return what each home of a block holds, without looking any further."""
        first = number * BLOCK
        held = [HOLDINGS[word & MASK] for word in words(self.seed, "home", number)[: self.many - first]]
        if first + len(held) == self.many:
            held[-1] = self._last_holds
        return held

    def home(self, number: int, word: int) -> Home:
        """Return a home, given its word of its block."""
        came = _CAME[word >> 12 & MASK]
        if came == LIVED_IN:
            installed_day = self.today - 1 - INSTALLED_DAYS_AGO[word >> 24 & MASK]
        else:
            installed_day = self.today - 1 - _RECENTLY[word >> 24 & MASK]
        installed_day -= (installed_day + _SATURDAY_OF_DAY_ZERO) % 7 == _SUNDAY
        rest = word * _STIR >> _STIRRED
        delivered_at = (installed_day - 12 - (rest >> 15 & 63)) * DAY + _TWO_HOURS
        installed_at = installed_day * DAY + (_EIGHT_HOURS + (rest & 0x7FFF)) * MICROSECONDS
        holds = self._last_holds if number == self.many - 1 else HOLDINGS[word & MASK]
        return Home(
            number,
            holds,
            came,
            self._installer(word, installed_day),
            _REGIONS[word >> 48 & MASK],
            delivered_at,
            installed_day,
            installed_at,
        )

    def _installer(self, word: int, day: int) -> int:
        """Return who put it in: of those that have left, only as long as they were there."""
        installer = _INSTALLERS[word >> 36 & MASK]
        left_day = self.left_day[installer]
        if left_day is None or day < left_day:
            return installer
        return SUPPLIERS[installer].successor or 0

    def _count(self, devices: int) -> tuple[int, int]:
        """Return how many homes hold so many devices, and what the last one holds."""
        size = [(held & _ALL_DEVICES).bit_count() for held in HOLDINGS]
        before, block = 0, 0
        while True:
            sizes = [size[word & MASK] for word in words(self.seed, "home", block)]
            here = sum(sizes)
            if before + here >= devices:
                break
            before, block = before + here, block + 1
        for index, one in enumerate(sizes):
            if before + one >= devices:
                held = HOLDINGS[words(self.seed, "home", block)[index] & MASK]
                return block * BLOCK + index + 1, _first_of(held, devices - before)
            before += one
        raise AssertionError("A block holds the devices that it was counted to hold.")


def _first_of(held: int, many: int) -> int:
    """Return what is left of a holding when only its first devices are kept."""
    kept = 0
    for bit in BIT.values():
        if held & bit and many:
            kept, many = kept | bit, many - 1
    return kept | (held & EXPORTS if kept & BIT[DeviceType.ESME] else 0)
