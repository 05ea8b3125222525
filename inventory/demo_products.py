"""The demo's products, and a Central Products List that has them: two imports, removed and expired entries.

Makers, models and certificates are invented. What left the list is what the demo's Suspended meters are.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from inventory.actions.products.comparing import compare, write
from inventory.actions.products.matching import update_device_models
from inventory.actions.products.reading import LISTED_TYPES, Row
from inventory.models import CplImport, Device
from inventory.models.choices import CplStep, DeviceType, EsmeVariant, ProductStatus, SmiStatus

FIRST_LIST: Final = timedelta(days=402, hours=5)
SECOND_LIST: Final = timedelta(days=41, hours=3)
"""So long ago the two lists were imported; the second removed what the Suspended meters are."""


@dataclass(frozen=True, slots=True)
class Product:
    """A line of the demo's product range; `weight` is its share among products of its type.

    `variant` is what its ESMEs are; a few carry another, and a home with a HCALCS has a meter with a D.
    """

    device_type: DeviceType
    manufacturer: str
    model: str
    firmware_version: str
    smets_version: str
    weight: int
    oui: int
    variant: EsmeVariant | None = None


PRODUCTS = (
    Product(DeviceType.ESME, "2F01", "41A00102", "00020311", "SMETS V4.2", 46, 0x1E5A01, EsmeVariant.A),
    Product(DeviceType.ESME, "2F01", "41A00101", "0002012F", "SMETS V2.0", 22, 0x1E5A01, EsmeVariant.A),
    Product(DeviceType.ESME, "31C7", "0E110204", "01040007", "SMETS V5.0", 20, 0x1E5A02, EsmeVariant.AD),
    Product(DeviceType.ESME, "31C7", "0E330101", "01010002", "SMETS V5.1", 8, 0x1E5A02, EsmeVariant.BD),
    Product(DeviceType.ESME, "4B20", "70020003", "0000A10C", "SMETS V1.58", 4, 0x1E5A03, EsmeVariant.B),
    Product(DeviceType.GSME, "2F01", "62B00201", "00030104", "SMETS V4.2", 55, 0x1E5A04),
    Product(DeviceType.GSME, "5D09", "10040100", "00000B22", "SMETS V2.0", 38, 0x1E5A05),
    Product(DeviceType.GSME, "5D09", "10040200", "00000C01", "SMETS V5.0", 7, 0x1E5A05),
    Product(DeviceType.CHF, "6A11", "C1010001", "0103000A", "CHTS V1.4", 70, 0x1E5A06),
    Product(DeviceType.CHF, "6A11", "C1020001", "02000103", "CHTS V1.5", 30, 0x1E5A06),
    Product(DeviceType.GPF, "6A11", "C1010001", "0103000A", "CHTS V1.4", 70, 0x1E5A06),
    Product(DeviceType.GPF, "6A11", "C1020001", "02000103", "CHTS V1.5", 30, 0x1E5A06),
    Product(DeviceType.PPMID, "7E02", "0A010001", "00010203", "SMETS V4.2", 100, 0x1E5A07),
    Product(DeviceType.HCALCS, "31C7", "AC010100", "00000017", "SMETS V4.2", 100, 0x1E5A08),
    Product(DeviceType.IHD, "7E02", "0D010001", "", "", 100, 0x1E5A09),
    Product(DeviceType.CAD, "88F4", "0001000B", "", "", 100, 0x1E5A0A),
)

WITH_SWITCH = next(each for each in PRODUCTS if each.variant is EsmeVariant.AD)

REMOVED: Final[Mapping[DeviceType, Product]] = MappingProxyType(
    {
        DeviceType.ESME: Product(
            DeviceType.ESME, "2F01", "41A00101", "0002010C", "SMETS V2.0", 0, 0x1E5A01, EsmeVariant.A
        ),
        DeviceType.GSME: Product(DeviceType.GSME, "5D09", "10040100", "00000A17", "SMETS V2.0", 0, 0x1E5A05),
    }
)
"""Products that left the list with the second import; none is drawn for a home."""

_MAKERS: Final = {
    "2F01": "Corrigan Metering",
    "31C7": "Aldous Instruments",
    "4B20": "Peverell Meters",
    "5D09": "Fenwick Gas Controls",
    "6A11": "Talland Communications",
    "7E02": "Harrow Displays",
}
_NEWER, _OLDER, _OLDEST = 0x100, -0x2, -0x6
"""How firmware versions differ: the next one, the one before, and one that has left the list."""


def removed_at(now: datetime) -> datetime:
    """Return when the second import removed products."""
    return now - SECOND_LIST


def load(now: datetime) -> str:
    """Import the demo's two lists as of then; return words for the terminal."""
    first = list(_first_list(now))
    second = [
        *(each for each in first if not _leaves(each)),
        *(_another(each, _NEWER, now - SECOND_LIST) for each in first if _is_of_the_demo(each)),
        *_dual_mode(now),
    ]
    _import(first, now - FIRST_LIST, "cpl-first.csv")
    made = _import([_changed(each) for each in second], now - SECOND_LIST, "cpl-second.csv")
    made.devices_suspended = made.devices_expected = Device.objects.filter(
        smi_status=SmiStatus.SUSPENDED, device_type__in=REMOVED
    ).count()
    made.save(update_fields=["devices_suspended", "devices_expected"])
    update_device_models()
    return f"{len(second)} products on the list"


def _first_list(now: datetime) -> Iterator[Row]:
    """Yield the demo's products and those about to leave, with the firmware before each."""
    for product in (*PRODUCTS, *REMOVED.values()):
        if product.device_type in LISTED_TYPES:
            row = _row(product, (now - FIRST_LIST).date())
            yield row
            if product.weight:
                yield _another(row, _OLDER, now - FIRST_LIST - timedelta(days=210))
                yield _another(row, _OLDEST, now - FIRST_LIST - timedelta(days=480))


def _dual_mode(now: datetime) -> Iterator[Row]:
    """Yield the PPMID once more as SMETS1: one firmware for both generations (MP202)."""
    for product in PRODUCTS:
        if product.device_type is DeviceType.PPMID:
            yield _row(product, (now - SECOND_LIST).date(), smets_version="SMETS1")


def _is_of_the_demo(row: Row) -> bool:
    return any(
        (row.device_type, row.firmware_version) == (each.device_type, each.firmware_version) for each in PRODUCTS
    )


def _leaves(row: Row) -> bool:
    """Tell whether an entry is on the first list alone: the removed products, and the oldest firmware."""
    firmware = (row.device_type, row.firmware_version)
    if any(firmware == (each.device_type, each.firmware_version) for each in REMOVED.values()):
        return True
    return any(
        firmware == (each.device_type, _firmware(each.firmware_version, _OLDEST))
        for each in PRODUCTS
        if each.device_type in LISTED_TYPES
    )


def _changed(row: Row) -> Row:
    """Return an entry as the second list has it: the firmware before the present one is Expired by then."""
    is_old = any(
        (row.device_type, row.firmware_version) == (each.device_type, _firmware(each.firmware_version, _OLDER))
        for each in PRODUCTS
        if each.device_type in LISTED_TYPES
    )
    return replace(row, status=ProductStatus.EXPIRED) if is_old else row


def _row(product: Product, added_date: date, *, smets_version: str = "") -> Row:
    half = len(product.model) // 2
    return Row(
        line=0,
        device_type=product.device_type,
        manufacturer=product.manufacturer,
        manufacturer_name=_MAKERS[product.manufacturer],
        model_identifier=product.model[:half],
        hardware_version=product.model[half:],
        firmware_version=product.firmware_version,
        smets_version=smets_version or product.smets_version,
        gbcs_version="4.1",
        esme_variant=product.variant,
        image_hash=_hash(product.manufacturer, product.model, product.firmware_version),
        cpa_reference=f"CPA-{product.manufacturer}-{product.model[:half]}",
        cpa_until_date=date(added_date.year + 6, 6, 30),
        status=ProductStatus.ACTIVE,
        added_date=added_date,
        coding="",
    )


def _another(row: Row, step: int, added_at: datetime) -> Row:
    """Return the same product with other firmware."""
    firmware = _firmware(row.firmware_version, step)
    return replace(
        row,
        firmware_version=firmware,
        added_date=added_at.date(),
        image_hash=_hash(row.manufacturer, row.model_identifier + row.hardware_version, firmware),
    )


def _firmware(version: str, step: int) -> str:
    return f"{int(version, 16) + step:08X}"


def _hash(*parts: str) -> str:
    return hashlib.sha256(" ".join(parts).encode()).hexdigest().upper()


def _import(rows: list[Row], at: datetime, name: str) -> CplImport:
    """Write an import as it would have been then; the log of what people did begins with the demo itself."""
    comparison = compare(rows, today=at.date())
    made = CplImport.objects.create(
        at=at,
        name=name,
        sha256=hashlib.sha256(repr(rows).encode()).hexdigest(),
        by="Dana Fairweather",
        rows=len(rows),
        carried_out_at=at + timedelta(minutes=4),
        **{step.label: comparison.count(step) for step in CplStep},
    )
    write(comparison, made)
    return made
