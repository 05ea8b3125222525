"""The demo's devices: some four thousand homes of Great Britain, the same every time, dated from today.

Everything is invented: companies, addresses, and EUI-64s, whose first octet marks them as locally administered.
No device has the OUI 00-DB-12, which is left free for messages of the public DUIS test set.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.db import connection
from django.utils import timezone

from inventory import (
    demo_corrections,
    demo_housekeeping,
    demo_meter_points,
    demo_products,
    demo_traffic,
    demo_trail,
)
from inventory.actions import reports, suspicions, transactions
from inventory.demo_products import PRODUCTS, REMOVED, WITH_SWITCH, Product
from inventory.meter_points import mpan_check_digit, mprn_check_digits
from inventory.models import Device, DeviceModel, DeviceStatusChange, MeterPoint, Registration
from inventory.models.choices import CspRegion, DeviceType, EsmeVariant, ProductStatus, RegistrationKind, SmiStatus
from ssi.accounts.demo_accounts import BRIGHTGRID, FERNLEIGH, HARBOURLINE, LUMENWAY, NORTHLIGHT
from ssi.eui64 import Eui64

HOMES = 4_450
SEED = 20_26
FIRST_METER_POINT = 1
INSTALLERS = (NORTHLIGHT, BRIGHTGRID, HARBOURLINE, LUMENWAY, FERNLEIGH)
INSTALLER_WEIGHTS = (40, 33, 21, 3, 3)
SUPPLIER_NOW = {
    Eui64.parse(each.user_id): Eui64.parse((each.taken_over_by or BRIGHTGRID).user_id)
    for each in INSTALLERS
    if each.has_left
}
"""Who supplies the homes of those that have left the market."""


ODD_METERS, BARE_METERS, ODD_HOMES = 40, 397, 9
"""One in so many: ESMEs that may have a wrong variant, meters with no meter point, switches without a D."""

VARIANTS = (EsmeVariant.A, EsmeVariant.AD, EsmeVariant.B, EsmeVariant.BD, EsmeVariant.C, EsmeVariant.ADE)
VARIANT_WEIGHTS = (62, 20, 8, 5, 3, 2)
REGIONS = (CspRegion.NORTH, CspRegion.CENTRAL, CspRegion.SOUTH, CspRegion.SOUTH_4G)
REGION_WEIGHTS = (33, 31, 32, 4)
STREETS = (
    "Alder Row",
    "Bramley Close",
    "Canal Wharf",
    "Dunlin Drive",
    "Elm Terrace",
    "Foundry Lane",
    "Gorse Hill",
)
POST_AREAS = ("NL", "BG", "HB", "PW", "TW")
INWARD = "ABDEFGHJLNPQRSTUWXYZ"


@dataclass(slots=True)
class Row:
    """One device about to be written, with the steps of its status history (status, when, why)."""

    device_id: Eui64
    device_type: DeviceType
    model_id: int
    notified_by: Eui64
    notified_at: datetime
    steps: list[tuple[SmiStatus, datetime, str]]
    hub: Eui64 | None = None
    meter_point: int | None = None
    export_meter_point: int | None = None
    variant: EsmeVariant | None = None
    region: CspRegion | None = None


def load() -> str:
    """Fill the empty inventory; return a sentence for the terminal. Does nothing if there are devices already."""
    if Device.objects.exists():
        return ""
    random = Random(SEED)  # noqa: S311 - the same estate every time is the point
    models = _write_models()
    estate = _Estate(random, models)
    rows = [row for number in range(HOMES) for row in estate.home(number)]
    _copy(MeterPoint, ("id", "mpxn", "uprn", "post_code", "address_identifier"), estate.meter_points)
    _restart_ids(MeterPoint)
    _copy(Registration, ("meter_point_id", "kind", "user_id", "from_date"), _registrations(rows, random))
    _copy(Device, _DEVICE_COLUMNS, map(_device_values, sorted(rows, key=lambda row: row.hub is not None)))
    history = (values for row in rows for values in _history_values(row))
    _copy(DeviceStatusChange, ("device_id", "at", "from_status", "to_status", "because", "told_by"), history)
    _tell_the_planner()
    products = demo_products.load(estate.now)
    places = demo_meter_points.load(estate.now)
    trail = demo_trail.load(SUPPLIER_NOW)
    housekeeping = demo_housekeeping.load()
    corrected = demo_corrections.load()
    reports.refresh_device_counts()
    suspicions.refresh_suspicions()
    transactions.refresh()
    more = [products, places, trail, housekeeping, corrected, demo_traffic.load()]
    return f"{len(rows):,} devices in {HOMES:,} homes, {', '.join(more)}"


def _tell_the_planner() -> None:
    """Give PostgreSQL the statistics of what was just copied: without them it joins row by row, for minutes."""
    with connection.cursor() as cursor:
        for model in (DeviceModel, MeterPoint, Registration, Device, DeviceStatusChange):
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


class _Estate:
    """Makes homes one after the other out of one stream of chance."""

    def __init__(self, random: Random, models: dict[Product, int]) -> None:
        self.random = random
        self.models = models
        self.meter_points: list[tuple[int, str, int, str, str]] = []
        self.now = timezone.now()
        self.serial = 0

    def home(self, number: int) -> Iterator[Row]:
        """Yield a home's devices, the Communications Hub first."""
        installer = Eui64.parse(self.random.choices(INSTALLERS, INSTALLER_WEIGHTS)[0].user_id)
        notified_at = self._moment(days_ago=self.random.randint(20, 1_900))
        leftover = self._happens(percent=6)
        if leftover:
            notified_at = self._moment(days_ago=self.random.randint(3, 320))
        hub = self._row(DeviceType.CHF, installer, notified_at, leftover=leftover and number % 3 == 0)
        hub.region = self.random.choices(REGIONS, REGION_WEIGHTS)[0]
        yield hub
        yield from self._inside(hub, installer, notified_at, leftover)

    def _inside(self, hub: Row, installer: Eui64, notified_at: datetime, leftover: bool) -> Iterator[Row]:
        address = self._address()
        gpf = self._row(DeviceType.GPF, installer, notified_at, leftover=leftover)
        gpf.hub = hub.device_id
        yield gpf
        wanted = [DeviceType.ESME]
        wanted += [DeviceType.GSME] * (self._happens(percent=78))
        wanted += [DeviceType.PPMID if self._happens(percent=80) else DeviceType.IHD] * (self._happens(percent=72))
        wanted += [DeviceType.HCALCS] * (self._happens(percent=3))
        wanted += [DeviceType.CAD] * (self._happens(percent=5))
        for device_type in wanted:
            switched = device_type is DeviceType.ESME and DeviceType.HCALCS in wanted
            unfinished = leftover and self._happens(percent=70)
            row = self._row(device_type, installer, notified_at, leftover=unfinished, switched=switched)
            known_to_hub = not row.steps or row.steps[-1][0] is not SmiStatus.PENDING
            row.hub = hub.device_id if known_to_hub else None
            if device_type in (DeviceType.ESME, DeviceType.GSME) and known_to_hub:
                row.meter_point = self._meter_point(device_type, address)
                if self.serial % BARE_METERS == 0:
                    row.meter_point = None
            if device_type is DeviceType.ESME:
                drawn = self.random.choices(VARIANTS, VARIANT_WEIGHTS)[0]
                row.variant = drawn if self.serial % ODD_METERS == 0 else row.variant
                if known_to_hub and self._happens(percent=4):
                    row.export_meter_point = self._meter_point(device_type, address)
            yield row

    def _row(
        self,
        device_type: DeviceType,
        installer: Eui64,
        notified_at: datetime,
        *,
        leftover: bool,
        switched: bool = False,
    ) -> Row:
        choices = [product for product in PRODUCTS if product.device_type is device_type]
        product = self.random.choices(choices, [each.weight for each in choices])[0]
        self.serial += 1
        steps = self._steps(device_type, notified_at, leftover)
        if switched and self.serial % ODD_HOMES:
            product = WITH_SWITCH
        if steps and steps[-1][0] is SmiStatus.SUSPENDED:
            product = REMOVED[device_type]
        return Row(
            device_id=Eui64.from_bytes(
                product.oui.to_bytes(3, "big") + (0x4000000000 + self.serial * 7).to_bytes(5, "big")
            ),
            device_type=device_type,
            model_id=self.models[product],
            notified_by=installer,
            notified_at=notified_at,
            steps=steps,
            variant=product.variant,
        )

    def _steps(
        self, device_type: DeviceType, start: datetime, leftover: bool
    ) -> list[tuple[SmiStatus, datetime, str]]:
        """Return the statuses a device went through; leftovers stop before they were commissioned."""
        if device_type in (DeviceType.IHD, DeviceType.CAD):
            return []
        way = [(SmiStatus.PENDING, "12.2")]
        if device_type not in (DeviceType.CHF, DeviceType.GPF):
            way += [(SmiStatus.WHITELISTED, "8.11")]
        way += [(SmiStatus.INSTALLED_NOT_COMMISSIONED, "joined the SMHAN")]
        if leftover:
            way = way[: self.random.choices((1, 2, 3), (35, 25, 40))[0]]
        else:
            way += [(SmiStatus.COMMISSIONED, "8.1.1"), *self._afterwards()]
        moment, steps = start, []
        for status, because in way:
            steps.append((status, moment, because))
            moment = min(
                moment + timedelta(days=self.random.randint(0, 9), minutes=self.random.randint(1, 600)), self.now
            )
        return self._suspended(device_type, steps)

    def _suspended(
        self, device_type: DeviceType, steps: list[tuple[SmiStatus, datetime, str]]
    ) -> list[tuple[SmiStatus, datetime, str]]:
        """Return the steps of a Suspended device dated as its product left the list; others never were."""
        status, _, because = steps[-1]
        if status is not SmiStatus.SUSPENDED:
            return steps
        at = demo_products.removed_at(self.now)
        if device_type not in REMOVED or steps[-2][1] > at:
            return steps[:-1]
        return [*steps[:-1], (status, at + timedelta(minutes=2), because)]

    def _afterwards(self) -> list[tuple[SmiStatus, str]]:
        """Return what became of a commissioned device: mostly nothing."""
        if self._happens(percent=2.2):
            return [(SmiStatus.DECOMMISSIONED, "8.3")]
        if self._happens(percent=0.8):
            return [(SmiStatus.SUSPENDED, "CPL removal")]
        if self._happens(percent=0.1):
            return [(SmiStatus.RECOVERY, "SMKI recovery"), (SmiStatus.RECOVERED, "SMKI recovery")]
        return []

    def _happens(self, *, percent: float) -> bool:
        return self.random.random() * 100 < percent

    def _moment(self, *, days_ago: int) -> datetime:
        seconds = self.random.randint(7 * 3600, 18 * 3600)
        midnight = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - timedelta(days=days_ago) + timedelta(seconds=seconds)

    def _address(self) -> tuple[int, str, str]:
        post_code = (
            f"{self.random.choice(POST_AREAS)}{self.random.randint(1, 28)} "
            f"{self.random.randint(1, 9)}{self.random.choice(INWARD)}{self.random.choice(INWARD)}"
        )
        number_and_street = f"{self.random.randint(1, 180)} {self.random.choice(STREETS)}"
        return self.random.randint(10**10, 10**12 - 1), post_code, number_and_street

    def _meter_point(self, device_type: DeviceType, address: tuple[int, str, str]) -> int:
        key = FIRST_METER_POINT + len(self.meter_points)
        if device_type is DeviceType.ESME:
            body = f"{self.random.randint(10, 23)}{key:010d}"
            mpxn = f"{body}{mpan_check_digit(body)}"
        else:
            body = f"{30_000_000 + key:08d}"
            mpxn = f"{body}{mprn_check_digits(body)}"
        self.meter_points.append((key, mpxn, *address))
        return key


_DEVICE_COLUMNS = (
    "device_id",
    "notified_by_id",
    "notified_at",
    "status_since",
    "comms_hub_id",
    "import_meter_point_id",
    "export_meter_point_id",
    "device_model_id",
    "commissioned_date",
    "device_type",
    "smi_status",
    "esme_variant",
    "csp_region",
)


def _device_values(row: Row) -> tuple[Any, ...]:
    commissioned: date | None = next(
        (at.date() for status, at, _ in row.steps if status is SmiStatus.COMMISSIONED), None
    )
    return (
        row.device_id.as_bigint,
        row.notified_by.as_bigint,
        row.notified_at,
        row.steps[-1][1] if row.steps else None,
        row.hub.as_bigint if row.hub else None,
        row.meter_point,
        row.export_meter_point,
        row.model_id,
        commissioned,
        int(row.device_type),
        int(row.steps[-1][0]) if row.steps else None,
        row.variant,
        row.region,
    )


def _history_values(row: Row) -> Iterator[tuple[Any, ...]]:
    before: SmiStatus | None = None
    for status, at, because in row.steps:
        told_by = None if status is SmiStatus.SUSPENDED else row.notified_by.as_bigint
        yield row.device_id.as_bigint, at, before, int(status), because, told_by
        before = status


def _registrations(rows: Iterable[Row], random: Random) -> Iterator[tuple[Any, ...]]:
    """Yield a registration for each meter point of a meter: of whoever installed it, since before it did."""
    for row in rows:
        supplier = SUPPLIER_NOW.get(row.notified_by, row.notified_by).as_bigint
        from_date = row.notified_at.date() - timedelta(days=random.randint(100, 900))
        if row.meter_point is not None:
            gas = row.device_type is DeviceType.GSME
            kind = RegistrationKind.GAS_SUPPLIER if gas else RegistrationKind.IMPORT_SUPPLIER
            yield row.meter_point, int(kind), supplier, from_date
        if row.export_meter_point is not None:
            yield row.export_meter_point, int(RegistrationKind.EXPORT_SUPPLIER), supplier, from_date


def _write_models() -> dict[Product, int]:
    models = DeviceModel.objects.bulk_create(
        DeviceModel(
            device_type=product.device_type,
            manufacturer=product.manufacturer,
            model=product.model,
            firmware_version=product.firmware_version,
            smets_version=product.smets_version,
            gbcs_version="4.1" if product.firmware_version else "",
            han_variant="Dual Band" if product.smets_version == "CHTS V1.5" else "",
            firmware_status=ProductStatus.ACTIVE if product.firmware_version else None,
            cpl_status=ProductStatus.ACTIVE if product.firmware_version else None,
        )
        for product in (*PRODUCTS, *REMOVED.values())
    )
    return dict(zip((*PRODUCTS, *REMOVED.values()), (model.pk for model in models), strict=True))


def _copy(model: type[Any], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    names = ", ".join(columns)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {model._meta.db_table} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _restart_ids(model: type[Any]) -> None:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # noqa: S608 - a model's own
