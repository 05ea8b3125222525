"""The invented product range: makers with an OUI each, their models, and firmware versions in a long tail.

An OUI marks its octets as locally administered and belongs to one maker's devices of one type, so that a Device ID
tells both. All lie between 1E-5C-00 and 1E-5C-FF: none is 00-DB-12, nor one of the demo's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from inventory.models import CplEntry, DeviceModel
from inventory.models.choices import TYPE_2, DeviceType, EsmeVariant, ProductStatus
from inventory.synthetic.chance import long_tail, table
from ssi.eui64 import Eui64

FIRST_OUI: Final = 0x1E5C00
LAST_OUI: Final = 0x1E5CFF
SERIAL_BITS: Final = 40


@dataclass(frozen=True, slots=True)
class Maker:
    """A maker's range of one device type: `share` of the type, its models, the most usual first."""

    device_type: DeviceType
    manufacturer: str
    share: int
    models: tuple[str, ...]
    smets_versions: tuple[str, ...]
    firmware: int = 1
    """How many firmware versions of each model are in use."""


class Product(NamedTuple):
    """One row of `DeviceModel`, with its place in `PRODUCTS`; `oui` is its maker's, `weight` its share."""

    number: int
    device_type: DeviceType
    manufacturer: str
    model: str
    firmware_version: str
    smets_version: str
    oui: int
    weight: float
    variant: EsmeVariant | None = None


_SMETS2: Final = ("SMETS V4.2", "SMETS V2.0", "SMETS V5.0", "SMETS V5.1", "SMETS V1.58")
_CHTS: Final = ("CHTS V1.4", "CHTS V1.5", "CHTS V1.1")

# In the order of their OUIs, hubs first: what names a hub comes after it.
MAKERS: Final = (
    Maker(DeviceType.CHF, "9A11", 52, ("C2010001", "C2020001", "C2030002"), _CHTS, 5),
    Maker(DeviceType.CHF, "9B27", 37, ("70310102", "70320100"), _CHTS, 4),
    Maker(DeviceType.CHF, "9C40", 11, ("4E010001",), ("CHTS V1.5",), 3),
    Maker(DeviceType.ESME, "A101", 34, ("51A00102", "51A00201", "51B00104", "51C10100"), _SMETS2, 9),
    Maker(DeviceType.ESME, "A2C7", 27, ("1E110204", "1E330101", "1E120300"), _SMETS2, 8),
    Maker(DeviceType.ESME, "A330", 18, ("80020003", "80020105"), _SMETS2, 7),
    Maker(DeviceType.ESME, "A4F2", 12, ("00310A01", "00310B02"), _SMETS2, 6),
    Maker(DeviceType.ESME, "A51D", 6, ("D3000101",), _SMETS2, 4),
    Maker(DeviceType.ESME, "A6B8", 3, ("29000001", "29010001"), ("SMETS V5.1",), 3),
    Maker(DeviceType.GSME, "B101", 46, ("72B00201", "72B00202", "72C00100"), _SMETS2, 8),
    Maker(DeviceType.GSME, "B209", 31, ("20040100", "20040200"), _SMETS2, 6),
    Maker(DeviceType.GSME, "B3A0", 16, ("6F010001", "6F020001"), _SMETS2, 5),
    Maker(DeviceType.GSME, "B47E", 7, ("0C110001",), ("SMETS V5.0",), 3),
    Maker(DeviceType.PPMID, "C102", 58, ("1A010001", "1A020001"), _SMETS2, 6),
    Maker(DeviceType.PPMID, "C244", 34, ("3B000102",), _SMETS2, 4),
    Maker(DeviceType.PPMID, "C3D1", 8, ("55000001",), ("SMETS V5.0",), 3),
    Maker(DeviceType.IHD, "C102", 71, ("1D010001", "1D020001"), ("",)),
    Maker(DeviceType.IHD, "C4E6", 29, ("90000007",), ("",)),
    Maker(DeviceType.HCALCS, "A2C7", 100, ("BC010100", "BC010101"), ("SMETS V4.2",), 3),
    Maker(DeviceType.CAD, "D1F4", 63, ("0101000B",), ("",)),
    Maker(DeviceType.CAD, "D2A9", 37, ("0A0A0001", "0A0A0002"), ("",)),
)

_VARIANTS: Final = (EsmeVariant.A, EsmeVariant.AD, EsmeVariant.A, EsmeVariant.BD, EsmeVariant.C, EsmeVariant.ADE)


def oui_of(maker: Maker) -> int:
    """Return the OUI of a maker's devices of one type."""
    return FIRST_OUI + 1 + MAKERS.index(maker)


def first_device_id(oui: int) -> int:
    """Return the lowest Device ID with an OUI; it is positive, for an OUI of ours begins with 1E."""
    return oui << SERIAL_BITS


def first_and_last() -> tuple[Eui64, Eui64]:
    """Return the lowest Device ID of a synthetic estate, and the one after its highest."""
    return Eui64(first_device_id(FIRST_OUI)), Eui64(first_device_id(LAST_OUI + 1))


def _products() -> tuple[Product, ...]:
    made: list[Product] = []
    for maker in MAKERS:
        for rank, (model, weight) in enumerate(zip(maker.models, long_tail(len(maker.models)), strict=True)):
            made += [
                Product(
                    number=len(made) + release,
                    device_type=maker.device_type,
                    manufacturer=maker.manufacturer,
                    model=model,
                    firmware_version=_firmware(maker, rank, release),
                    smets_version=maker.smets_versions[(rank + release // 2) % len(maker.smets_versions)],
                    oui=oui_of(maker),
                    weight=maker.share * weight * usual,
                    variant=_variant(maker, rank),
                )
                for release, usual in enumerate(long_tail(maker.firmware, 1.6))
            ]
    return tuple(made)


def _firmware(maker: Maker, rank: int, release: int) -> str:
    if maker.device_type in TYPE_2:
        return ""
    return f"{rank + 1:02X}{maker.firmware - release:02X}{(MAKERS.index(maker) * 37 + release * 11) % 4096:04X}"


def _variant(maker: Maker, rank: int) -> EsmeVariant | None:
    if maker.device_type is not DeviceType.ESME:
        return None
    return _VARIANTS[(MAKERS.index(maker) + rank) % len(_VARIANTS)]


PRODUCTS: Final = _products()

DRAW: Final[Mapping[DeviceType, tuple[Product, ...]]] = {
    device_type: table([(each, each.weight) for each in PRODUCTS if each.device_type is device_type])
    for device_type in DeviceType
    if device_type is not DeviceType.GPF
}
"""The products of each type, to be drawn from; a Gas Proxy Function is in the hub and drawn with it."""


def write_models() -> tuple[dict[int, int], dict[int, int]]:
    """Make the rows of `DeviceModel` that are missing; return their keys by product, and those of hubs' GPFs."""
    hubs = [each for each in PRODUCTS if each.device_type is DeviceType.CHF]
    proxies = [each._replace(device_type=DeviceType.GPF) for each in hubs]
    DeviceModel.objects.bulk_create(map(_model, (*PRODUCTS, *proxies)), ignore_conflicts=True)
    keys = {tuple(facts): key for key, *facts in DeviceModel.objects.values_list("id", *_KEY)}
    return (
        {each.number: keys[_facts(each)] for each in PRODUCTS},
        {each.number: keys[_facts(each)] for each in proxies},
    )


_LISTED_DATE: Final = date(2018, 3, 1)
_VARIANT_LISTED: Final = frozenset({"A101", "A330"})
"""Makers whose entries in the Central Products List give the ESME Variant; others leave it out."""


def write_cpl_entries() -> None:
    """List the products in the Central Products List, but those of Type 2 Devices, which are not on it."""
    listed = [each for each in PRODUCTS if each.device_type not in TYPE_2]
    CplEntry.objects.bulk_create(map(_entry, listed), ignore_conflicts=True)


def _entry(product: Product) -> CplEntry:
    return CplEntry(
        device_type=product.device_type,
        manufacturer=product.manufacturer,
        manufacturer_name=f"Invented Devices {product.manufacturer}",
        model_identifier=product.model[:4],
        hardware_version=product.model[4:],
        firmware_version=product.firmware_version,
        smets_version=product.smets_version,
        gbcs_version="4.1",
        esme_variant=product.variant if product.manufacturer in _VARIANT_LISTED else None,
        added_date=_LISTED_DATE,
    )


_KEY: Final = ("device_type", "manufacturer", "model", "firmware_version", "smets_version")


def _facts(product: Product) -> tuple[object, ...]:
    return tuple(getattr(product, name) for name in _KEY)


def _model(product: Product) -> DeviceModel:
    has_firmware = product.device_type not in TYPE_2
    return DeviceModel(
        device_type=product.device_type,
        manufacturer=product.manufacturer,
        model=product.model,
        firmware_version=product.firmware_version,
        smets_version=product.smets_version,
        gbcs_version="4.1" if has_firmware else "",
        han_variant="Dual Band" if product.smets_version == "CHTS V1.5" else "",
        firmware_status=ProductStatus.ACTIVE if has_firmware else None,
        cpl_status=ProductStatus.ACTIVE if has_firmware else None,
    )
