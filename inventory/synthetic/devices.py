"""The devices of the homes, maker by maker in the order of their Device IDs, and the steps of their SMI Status."""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from inventory.models.choices import (
    COMMS_HUB_PARTS,
    TYPE_2,
    Connectivity,
    CspRegion,
    DeviceType,
    EsmeVariant,
)
from inventory.synthetic.chance import BLOCK, MASK, table, words
from inventory.synthetic.homes import BIT, EXPORTS, STOCK, Home, Homes
from inventory.synthetic.meter_points import A_HOME, EXPORT, GAS, IMPORT
from inventory.synthetic.products import DRAW, PRODUCTS, SERIAL_BITS, Maker, Product, first_device_id, oui_of
from inventory.synthetic.standing import (
    COMMISSIONED,
    DECOMMISSIONED,
    INSTALLED,
    OUTCOMES,
    PENDING,
    RECOVERED,
    RECOVERY,
    SUSPENDED,
    WHITELISTED,
    is_bare,
)
from ssi.accounts.synthetic import SUPPLIERS
from ssi.copying import DAY, MICROSECONDS, NULL, bigint, count, integer, smallint, text

COLUMNS: Final = (
    "device_id",
    "notified_by_id",
    "notified_at",
    "status_since",
    "comms_hub_id",
    "import_meter_point_id",
    "export_meter_point_id",
    "commissioned_date",
    "device_model_id",
    "device_type",
    "smi_status",
    "esme_variant",
    "csp_region",
    "connectivity",
)
HISTORY_COLUMNS: Final = ("id", "device_id", "at", "from_status", "to_status", "because", "told_by")
HISTORY_DAYS: Final = 400
"""The portal has kept the history of statuses for so long; what became of a device before is not known."""

_MINUTE: Final = 60 * MICROSECONDS
_FOUR_G_SINCE_DAYS: Final = 500
_WRONG_VARIANT: Final = 0.02

_IS_WRONG: Final = table([(0, 1 - _WRONG_VARIANT), (1, _WRONG_VARIANT)])

_WAY: Final = (
    (PENDING, "12.2"),
    (WHITELISTED, "8.11"),
    (INSTALLED, "joined the SMHAN"),
    (COMMISSIONED, "8.1.1"),
)
_AFTERWARDS: Final = {
    DECOMMISSIONED: "8.3",
    SUSPENDED: "CPL removal",
    RECOVERY: "SMKI recovery",
    RECOVERED: "SMKI recovery",
}
_USER_IDS: Final = tuple(each.user_id.as_bigint for each in SUPPLIERS)
_NO_STATUS: Final = 0


class Drawn(NamedTuple):
    """One device: of which home, of which product, and how it stands.

    `hub` is None outside a hub's device log, `status` 0 and `since_at` None for a Type 2 Device. `notified_at` is
    when it was pre-notified: a lot of one type on one day, some time before the visit.
    """

    device_id: int
    device_type: int
    home: Home
    product: Product
    word: int
    hub: int | None
    status: int
    since_at: int | None
    notified_at: int


class Line:
    """The devices of one type by one maker, in all homes; `device_type` may be the other part of a hub."""

    def __init__(self, homes: Homes, maker: Maker, device_type: DeviceType | None = None) -> None:
        self.homes = homes
        self.maker = maker
        self.device_type = (device_type or maker.device_type).value
        self._stream = maker.device_type.name
        self._is_hub = maker.device_type in COMMS_HUB_PARTS
        self._has_status = maker.device_type not in TYPE_2
        self._outcomes = OUTCOMES[self._is_hub]
        self._commissioned_after = (14 + 4 * self.device_type) * _MINUTE
        self._notified_before = self.device_type * DAY
        self._now = homes.today * DAY

    def devices(self, block: int) -> Iterator[Drawn]:
        """Yield those in the homes of a block, by rising Device ID; a hub's two parts together."""
        gpf = Line(self.homes, self.maker, DeviceType.GPF) if self._is_hub else None
        oui, base = oui_of(self.maker), first_device_id(oui_of(self.maker))
        bit, gpf_bit, draw = BIT[self.maker.device_type], BIT[DeviceType.GPF], DRAW[self.maker.device_type]
        seed, first = self.homes.seed, block * BLOCK
        home_words, hub_words = words(seed, "home", block), words(seed, DeviceType.CHF.name, block)
        for index, (held, word) in enumerate(
            zip(self.homes.holdings(block), words(seed, self._stream, block), strict=False)
        ):
            if not held & bit or (product := draw[word & MASK]).oui != oui:
                continue
            home = self.homes.home(first + index, home_words[index])
            device_id = base + (home.number << 6) + (word >> 47 & 62)
            if gpf is None:
                yield self._device(device_id, home, product, word, _hub_of(home, hub_words[index]))
                continue
            yield self._device(device_id, home, product, word, None)
            if held & gpf_bit:
                yield gpf._device(device_id + 1, home, product, word, device_id)

    def _device(self, device_id: int, home: Home, product: Product, word: int, hub: int | None) -> Drawn:
        status, since_at = self._standing(home, word) if self._has_status else (_NO_STATUS, None)
        if not self._is_hub and (status == PENDING or (not status and home.came == STOCK)):
            hub = None
        notified_at = home.delivered_at - self._notified_before
        return Drawn(device_id, self.device_type, home, product, word, hub, status, since_at, notified_at)

    def _standing(self, home: Home, word: int) -> tuple[int, int]:
        """Return the SMI Status, and since when."""
        status = self._outcomes[home.came][word >> 12 & MASK]
        commissioned_at = home.installed_at + self._commissioned_after
        if status == COMMISSIONED:
            return status, commissioned_at
        if status == PENDING:
            return status, home.delivered_at - self._notified_before
        if status < COMMISSIONED:
            return status, home.installed_at + (6 * _MINUTE if status == INSTALLED else 0)
        return status, commissioned_at + ((self._now - commissioned_at) * (word >> 24 & MASK) >> 12)


def _hub_of(home: Home, word: int) -> int:
    return (DRAW[DeviceType.CHF][word & MASK].oui << SERIAL_BITS) + (home.number << 6) + (word >> 47 & 62)


_head = struct.Struct(">hiqiqiq").pack
_WIDE: Final = 8
_ESME, _GSME, _CHF, _GPF = (
    each.value for each in (DeviceType.ESME, DeviceType.GSME, DeviceType.CHF, DeviceType.GPF)
)


class Rows:
    """Writes devices as COPY takes them, once the keys of models and meter points are known."""

    def __init__(
        self, homes: Homes, models: tuple[dict[int, int], dict[int, int]], first_meter_point: int
    ) -> None:
        self._models, self._gpf_models = models
        self._first_meter_point = first_meter_point
        self._four_g_since = homes.today - _FOUR_G_SINCE_DAYS
        self._tails: dict[tuple[int, ...], bytes] = {}

    def device(self, drawn: Drawn) -> bytes:
        """Return the row of a device."""
        home, device_type = drawn.home, drawn.device_type
        import_ = export = NULL
        if device_type in (_ESME, _GSME) and drawn.status != PENDING and not is_bare(drawn.word):
            first = self._first_meter_point + home.number * A_HOME
            import_ = bigint(first + (GAS if device_type == _GSME else IMPORT))
            export = bigint(first + EXPORT) if device_type == _ESME and home.holds & EXPORTS else NULL
        return (
            _head(len(COLUMNS), _WIDE, drawn.device_id, _WIDE, _USER_IDS[home.installer], _WIDE, drawn.notified_at)
            + bigint(drawn.since_at)
            + bigint(drawn.hub)
            + import_
            + export
            + (integer(home.installed_day) if drawn.status >= COMMISSIONED else NULL)
            + self._tail(drawn)
        )

    def _tail(self, drawn: Drawn) -> bytes:
        """Return the columns that thousands of devices share, from memory."""
        device_type, home = drawn.device_type, drawn.home
        shared = 0
        if device_type == _CHF:
            shared = home.distributor * 2 + (home.installed_day > self._four_g_since)
        elif device_type == _ESME:
            shared = _IS_WRONG[drawn.word >> 36 & MASK]
        known_by = (drawn.product.number, device_type, drawn.status, shared)
        tail = self._tails.get(known_by)
        if tail is None:
            tail = self._tails[known_by] = self._new_tail(*known_by)
        return tail

    def _new_tail(self, product: int, device_type: int, status: int, shared: int) -> bytes:
        models = self._gpf_models if device_type == _GPF else self._models
        variant = PRODUCTS[product].variant
        if variant is not None and shared:
            variant = EsmeVariant.B if variant is EsmeVariant.A else EsmeVariant.A
        is_hub = device_type == _CHF
        return b"".join(
            (
                bigint(models[product]),
                smallint(device_type),
                smallint(status or None),
                smallint(variant),
                smallint(_region(*divmod(shared, 2)) if is_hub else None),
                smallint(Connectivity.CELLULAR if is_hub else None),
            )
        )


_NORTH, _CENTRAL = frozenset({15, 16, 17, 18, 23}), frozenset({11, 13, 14, 21})


def _region(distributor: int, is_recent: int) -> CspRegion:
    """Return the region of the Communications Service Provider; hubs put in lately are on 4G."""
    if distributor in _NORTH:
        return CspRegion.NORTH_4G if is_recent else CspRegion.NORTH
    if distributor in _CENTRAL:
        return CspRegion.CENTRAL_4G if is_recent else CspRegion.CENTRAL
    return CspRegion.SOUTH_4G if is_recent else CspRegion.SOUTH


class History:
    """Writes the steps of SMI Statuses as COPY takes them; those before `HISTORY_DAYS` are not known."""

    def __init__(self, homes: Homes, first_key: int) -> None:
        self._known_since = (homes.today - HISTORY_DAYS) * DAY
        self._next_key = first_key

    def steps(self, drawn: Drawn) -> Iterator[tuple[int, bytes]]:
        """Yield the rows of a device's steps, each behind its moment."""
        if drawn.since_at is None or drawn.since_at < self._known_since:
            return
        before, told_by = 0, bigint(_USER_IDS[drawn.home.installer])
        for status, at, because in _steps(drawn):
            if at >= self._known_since:
                row = (
                    _FIRST_OF_STEP,
                    bigint(self._next_key),
                    bigint(drawn.device_id),
                    bigint(at),
                    smallint(before or None),
                    smallint(status),
                    text(because),
                    told_by,
                )
                yield at, b"".join(row)
                self._next_key += 1
            before = status


_FIRST_OF_STEP: Final = count(len(HISTORY_COLUMNS))


def _steps(drawn: Drawn) -> Iterator[tuple[int, int, str]]:
    """Yield the statuses that a device took, when, and by what; a hub's parts are in no device log."""
    installed_at = drawn.home.installed_at
    at = (
        drawn.notified_at,
        installed_at,
        installed_at + 6 * _MINUTE,
        installed_at + (14 + 4 * drawn.device_type) * _MINUTE,
    )
    is_hub = drawn.device_type in (_CHF, _GPF)
    for (status, because), moment in zip(_WAY, at, strict=True):
        if status <= drawn.status and not (is_hub and status == WHITELISTED):
            yield status, moment, because
    if drawn.since_at is not None and drawn.status in _AFTERWARDS:
        yield drawn.status, drawn.since_at, _AFTERWARDS[drawn.status]
