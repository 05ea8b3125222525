"""Finding entries of the Central Products List and its imports. The list is small: some thousands of entries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from django.db.models import QuerySet, Value
from django.db.models.functions import Concat

from inventory.actions.products.matching import entry_of_model, models_of_entry
from inventory.models import CplEntry, CplEntryChange, CplImport, Device
from inventory.models.choices import DeviceType
from ssi.refusals import Refusal
from ssi.web.pages import PAGE_SIZE, Page, page_of

KEY: Final = (
    "device_type",
    "manufacturer",
    "model_identifier",
    "hardware_version",
    "firmware_version",
    "smets_version",
)
MOST_COUNTED: Final = 10_000
EXPORT_CHUNK: Final = 2_000


class Standing(StrEnum):
    """Whether an entry is on the list."""

    LISTED = "listed"
    REMOVED = "removed"


class ProductUnknown(Refusal):
    """There is no such entry of the Central Products List."""

    suggestion = "Look for it in the list; removed entries stay there."
    status = HTTPStatus.NOT_FOUND


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows the list; empty ones do not. Texts may stand anywhere, a firmware version begins so."""

    device_type: DeviceType | None = None
    manufacturer: str = ""
    model: str = ""
    firmware: str = ""
    standing: Standing | None = None


def products_page(filters: Filters, *, cursor: str = "", size: int = PAGE_SIZE) -> Page[CplEntry]:
    """Return one page of the entries that fit, by type, manufacturer, model and firmware. Raises CursorUnknown."""
    return page_of(_matching(filters), key=KEY, cursor=cursor, size=size)


def every_product(filters: Filters) -> Iterator[CplEntry]:
    """Yield every entry that fits, in the order of the list."""
    return _matching(filters).order_by(*KEY).iterator(chunk_size=EXPORT_CHUNK)


def is_any_product() -> bool:
    """Tell whether a list was ever imported."""
    return CplEntry.objects.exists()


def _matching(filters: Filters) -> QuerySet[CplEntry]:
    found = CplEntry.objects.all()
    if filters.device_type:
        found = found.filter(device_type=filters.device_type)
    if filters.manufacturer:
        by_name = found.annotate(maker=Concat("manufacturer", Value(" "), "manufacturer_name"))
        found = by_name.filter(maker__icontains=filters.manufacturer)
    if filters.model:
        found = found.annotate(whole_model=Concat("model_identifier", "hardware_version"))
        found = found.filter(whole_model__icontains=filters.model.replace(" ", ""))
    if filters.firmware:
        found = found.filter(firmware_version__istartswith=filters.firmware)
    if filters.standing:
        found = found.filter(removed_date__isnull=filters.standing is Standing.LISTED)
    return found


@dataclass(frozen=True, slots=True)
class ProductDetail:
    """An entry with its history, the newest step first; `devices` is None for who may not know."""

    entry: CplEntry
    history: Sequence[CplEntryChange]
    others: Sequence[CplEntry]
    devices: int | None


def product_of(key: int, *, with_devices: bool) -> ProductDetail:
    """Return an entry, its history, and the same firmware in other SMETS versions. Raises ProductUnknown.

    `devices` counts the devices of its models, up to one more than `MOST_COUNTED`.
    """
    entry = CplEntry.objects.filter(pk=key).first()
    if entry is None:
        raise ProductUnknown
    history = CplEntryChange.objects.filter(entry=entry).select_related("cpl_import").order_by("-id")
    same = CplEntry.objects.filter(
        **{name: getattr(entry, name) for name in KEY[:-1]},
    ).exclude(pk=entry.pk)
    return ProductDetail(entry, list(history), list(same.order_by("smets_version")), _devices(key, with_devices))


def _devices(key: int, with_devices: bool) -> int | None:
    if not with_devices:
        return None
    of_models = Device.objects.filter(device_model__in=models_of_entry(key))
    return of_models.values("pk")[: MOST_COUNTED + 1].count()


def product_of_device(device: Device) -> CplEntry | None:
    """Return the entry that a device's model goes with; None for a Type 2 Device or where there never was one."""
    return None if device.is_type_2 else entry_of_model(device.device_model_id)


def imports_page(*, cursor: str = "", size: int = PAGE_SIZE) -> Page[CplImport]:
    """Return one page of the imports, the newest first. Raises CursorUnknown."""
    return page_of(CplImport.objects.all(), key=("-id",), cursor=cursor, size=size)


class ImportUnknown(Refusal):
    """There is no such import of the Central Products List."""

    suggestion = "Look for it among the imports."
    status = HTTPStatus.NOT_FOUND


def import_of(key: int) -> CplImport:
    """Return an import. Raises ImportUnknown."""
    found = CplImport.objects.filter(pk=key).first()
    if found is None:
        raise ImportUnknown
    return found


def changes_page(cpl_import: CplImport, *, cursor: str = "", size: int = PAGE_SIZE) -> Page[CplEntryChange]:
    """Return one page of what an import did to entries, in their order. Raises CursorUnknown."""
    changes = cpl_import.changes.select_related("entry")
    return page_of(changes, key=("id",), cursor=cursor, size=size)


def every_change(cpl_import: CplImport) -> Iterator[CplEntryChange]:
    """Yield everything that an import did to entries."""
    changes = cpl_import.changes.select_related("entry").order_by("id")
    return changes.iterator(chunk_size=EXPORT_CHUNK)
