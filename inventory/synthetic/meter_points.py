"""The meter points of the homes, with valid check digits, at invented addresses; and who is registered there."""

from collections.abc import Iterator
from typing import Final

from inventory.models.choices import DeviceType, RegistrationKind
from inventory.synthetic.chance import MASK, table, words
from inventory.synthetic.homes import BIT, EXPORTS, STOCK, Home, Homes
from inventory.synthetic.standing import service_status
from ssi.accounts.synthetic import DISTRIBUTORS, GAS_TRANSPORTERS, SUPPLIERS
from ssi.copying import NULL, bigint, count, integer, smallint, text

COLUMNS: Final = ("id", "mpxn", "uprn", "post_code", "address_identifier", "dcc_service_status")
REGISTRATION_COLUMNS: Final = ("id", "meter_point_id", "kind", "user_id", "from_date", "to_date")

IMPORT, GAS, EXPORT = 0, 1, 2
A_HOME: Final = 3
"""A home's meter points take the keys at these places of its three; those it does not have stay free."""

_FIRST_SERIAL: Final = 2_000_000_000
_FIRST_GAS_SERIAL: Final = 40_000_000
"""Far from the demo's, whose serials begin with 0 and with 30,000,000."""

_MPAN_WEIGHTS: Final = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)
_CHUNK: Final = 100_000
_GAS_CHUNK: Final = 10_000


def _sums(weights: tuple[int, ...]) -> tuple[int, ...]:
    """Return the weighted sum of every number's digits: check digits are made by adding two look-ups."""
    sums: tuple[int, ...] = (0,)
    for weight in weights:
        sums = tuple(before + weight * digit for before in sums for digit in range(10))
    return sums


_OF_DISTRIBUTOR: Final = _sums(_MPAN_WEIGHTS[:2])
_OF_UPPER: Final = _sums(_MPAN_WEIGHTS[2:7])
_OF_LOWER: Final = _sums(_MPAN_WEIGHTS[7:])
_OF_GAS_UPPER: Final = _sums((8, 7, 6, 5))
_OF_GAS_LOWER: Final = _sums((4, 3, 2, 1))

_STREETS: Final = (
    *("Alder Row", "Bramley Close", "Canal Wharf", "Dunlin Drive", "Elm Terrace", "Foundry Lane", "Gorse Hill"),
    *("Hawthorn Way", "Iron Mews", "Jubilee Court", "Kiln Street", "Larch Avenue", "Mill Rise", "Nettle Bank"),
    *("Orchard Place", "Plover Road"),
)
_INWARD: Final = "ABDEFGHJLNPQRSTUWXYZ"
_FIRST_UPRN: Final = 10_000_000_000
_FIRST: Final = count(len(COLUMNS))
_FIRST_OF_REGISTRATION: Final = count(len(REGISTRATION_COLUMNS))


def mpan(distributor: int, serial: int) -> str:
    """Return the MPAN of a network's serial, of up to ten digits."""
    upper, lower = divmod(serial, _CHUNK)
    total = _OF_DISTRIBUTOR[distributor] + _OF_UPPER[upper] + _OF_LOWER[lower]
    return f"{distributor}{serial:010d}{total % 11 % 10}"


def mprn(serial: int) -> str:
    """Return the MPRN of a serial of eight digits."""
    upper, lower = divmod(serial, _GAS_CHUNK)
    return f"{serial}{(_OF_GAS_UPPER[upper] + _OF_GAS_LOWER[lower]) % 11:02d}"


def of_block(homes: Homes, block: int, first_key: int) -> Iterator[bytes]:
    """Yield the rows of a block's meter points by rising key; nobody has associated those of stock."""
    seed = homes.seed
    of_meters = (words(seed, DeviceType.ESME.name, block), words(seed, DeviceType.GSME.name, block))
    drawn = zip(homes.block(block), words(seed, "supply", block), *of_meters, strict=False)
    for home, word, electricity_word, gas_word in drawn:
        if home.came == STOCK or not home.holds & BIT[DeviceType.ESME]:
            continue
        key, serial = first_key + A_HOME * home.number, _FIRST_SERIAL + 2 * home.number
        address, status = _address(home, word), service_status(home, electricity_word)
        yield b"".join((_FIRST, bigint(key + IMPORT), text(mpan(home.distributor, serial)), address, status))
        if home.holds & BIT[DeviceType.GSME]:
            number, gas_status = mprn(_FIRST_GAS_SERIAL + home.number), service_status(home, gas_word)
            yield b"".join((_FIRST, bigint(key + GAS), text(number), address, gas_status))
        if home.holds & EXPORTS:
            yield b"".join(
                (_FIRST, bigint(key + EXPORT), text(mpan(home.distributor, serial + 1)), address, status)
            )


def _address(home: Home, word: int) -> bytes:
    """Return a UPRN, a post code and a house: areas that begin with Q are nowhere in Great Britain."""
    post_code = (
        f"Q{_INWARD[home.distributor - 10]}{1 + (word >> 40 & 31)} "
        f"{1 + (word >> 45 & 7)}{_INWARD[(word >> 48 & 15)]}{_INWARD[4 + (word >> 52 & 15)]}"
    )
    house = f"{1 + (word >> 56 & 127)} {_STREETS[word >> 36 & 15]}"
    return bigint(_FIRST_UPRN + (word & 0xF_FFFF_FFFF)) + text(post_code) + text(house)


_CHANGES: Final = 0.22
_PLANNED: Final = 0.003
_STAYS: Final = -1
_GAINED_BY: Final = table(
    [
        (_STAYS, 1 - _CHANGES),
        *((each.number, _CHANGES * each.share / 1_000) for each in SUPPLIERS if each.left_days_ago is None),
    ]
)
_IS_PLANNED: Final = table([(False, 1 - _PLANNED), (True, _PLANNED)])
_KEPT_DAYS: Final = 730
"""Registrations that ended longer ago are not on record."""

_SETTLED: Final = 60
_NETWORK_SINCE_DAYS: Final = 8_000
_USER_IDS: Final = tuple(bigint(each.user_id.as_bigint) for each in SUPPLIERS)
_DISTRIBUTORS: Final = tuple(bigint(each.user_id.as_bigint) for each in DISTRIBUTORS)
_TRANSPORTERS: Final = tuple(bigint(each.user_id.as_bigint) for each in GAS_TRANSPORTERS)

Term = tuple[int, int, int | None]
"""A supplier's number, its first and its last day, which is None while it runs."""


def registrations(homes: Homes, block: int, first_meter_point: int) -> Iterator[bytes]:
    """Yield the registrations of a block's meter points, in the order of their unique key, without their own."""
    network_since = integer(homes.today - _NETWORK_SINCE_DAYS)
    electricity, gas, export = (
        smallint(kind)
        for kind in (
            RegistrationKind.IMPORT_SUPPLIER,
            RegistrationKind.GAS_SUPPLIER,
            RegistrationKind.EXPORT_SUPPLIER,
        )
    )
    distributor, transporter = (
        smallint(kind) for kind in (RegistrationKind.ELECTRICITY_DISTRIBUTOR, RegistrationKind.GAS_TRANSPORTER)
    )
    for home, word in zip(homes.block(block), words(homes.seed, "supply", block), strict=False):
        if home.came == STOCK or not home.holds & BIT[DeviceType.ESME]:
            continue
        first, terms = first_meter_point + A_HOME * home.number, suppliers(homes, home, word)
        key = bigint(first + IMPORT)
        network = _DISTRIBUTORS[home.distributor % len(_DISTRIBUTORS)] + network_since + NULL
        yield from (key + electricity + term for term in map(_term, terms))
        yield key + distributor + network
        if home.holds & BIT[DeviceType.GSME]:
            key = bigint(first + GAS)
            yield from (key + gas + term for term in map(_term, terms))
            yield key + transporter + _TRANSPORTERS[home.distributor % len(_TRANSPORTERS)] + network_since + NULL
        if home.holds & EXPORTS:
            key = bigint(first + EXPORT)
            yield from (key + export + term for term in map(_term, terms[-1:]))
            yield key + distributor + network


def _term(term: Term) -> bytes:
    supplier, from_day, to_day = term
    return _USER_IDS[supplier] + integer(from_day) + integer(to_day)


def suppliers(homes: Homes, home: Home, word: int) -> list[Term]:
    """Return who supplied a home, in turn: who put its devices in, who took over from it, who gained it since."""
    begun = home.installed_day - 30 - (word >> 24 & MASK) % 800
    turns = [(home.installer, begun)]
    left_day, successor = homes.left_day[home.installer], SUPPLIERS[home.installer].successor
    if left_day is not None and successor is not None:
        turns.append((successor, left_day))
    gained_by, ago = _GAINED_BY[word & MASK], homes.today - home.installed_day
    if _IS_PLANNED[word >> 12 & MASK]:
        turns.append(((turns[-1][0] + 1) % 8, homes.today + 1 + (word & 15)))
    elif gained_by != _STAYS and ago > _SETTLED:
        day = home.installed_day + 30 + ((ago - _SETTLED) * (word >> 12 & MASK) >> 12)
        if day > turns[-1][1] and gained_by != turns[-1][0]:
            turns.append((gained_by, day))
    ends = [later - 1 for (_, later) in turns[1:]]
    terms = [(who, since, until) for (who, since), until in zip(turns, [*ends, None], strict=True)]
    return [term for term in terms if term[2] is None or term[2] >= homes.today - _KEPT_DAYS]
