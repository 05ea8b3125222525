"""Devices in the REST API: one, a list, and up to 50,000 looked up at once."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Field, Query, Router, Schema
from ninja.responses import NinjaJSONEncoder
from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from inventory import search
from inventory.meter_points import parse_typed
from inventory.models import Device, MeterPoint
from inventory.models.choices import CspRegion, DeviceType, DuisChoices, EsmeVariant, Removal, SmiStatus
from inventory.search import MOST_IDENTIFIERS, Filters
from inventory.search.personal_data import FIELDS, PersonalData
from inventory.search.removed import Removed
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.web.api_access import ApiRequest, Eui, ShortText, requires
from ssi.web.pages import LONGEST_PAGE, PAGE_SIZE

router = Router(tags=["Devices"])


def _duis(choices: type[DuisChoices]) -> tuple[BeforeValidator, PlainSerializer, WithJsonSchema]:
    """Return what lets an enumeration be read and written as DUIS does."""
    values = [member.duis for member in choices]
    return (
        BeforeValidator(_reader(choices, values)),
        PlainSerializer(lambda member: member.duis, return_type=str),
        WithJsonSchema({"type": "string", "enum": values}),
    )


def _reader(choices: type[DuisChoices], values: list[str]) -> Callable[[Any], DuisChoices]:
    def read(value: Any) -> DuisChoices:
        try:
            return value if isinstance(value, choices) else choices.of(str(value))
        except ValueError:
            message = f"This is no {choices.__name__} of DUIS."
            suggestion = f"Send one of {', '.join(values)}."
            raise PydanticCustomError(
                "not_of_duis", "{message}", {"message": message, "suggestion": suggestion}
            ) from None

    return read


DeviceTypeName = Annotated[DeviceType, *_duis(DeviceType)]
SmiStatusName = Annotated[SmiStatus, *_duis(SmiStatus)]
EsmeVariantName = Annotated[EsmeVariant, *_duis(EsmeVariant)]
CspRegionName = Annotated[CspRegion, *_duis(CspRegion)]


class NotifiedByOut(Schema):
    """The User that sent the pre-notification."""

    user_id: Eui
    party: str


class DeviceOut(Schema):
    """A device; `masked` names the fields that are withheld from the caller, which are then null."""

    device_id: Eui
    device_type: DeviceTypeName
    smi_status: SmiStatusName | None = Field(description="Null for a Type 2 Device, which has no status.")
    status_since: datetime | None
    manufacturer: str
    model: str
    firmware_version: str | None
    smets_version: str | None = Field(description="SMETS or CHTS version.")
    esme_variant: EsmeVariantName | None
    notified_by: NotifiedByOut | None = Field(description="Null where the inventory does not know it.")
    notified_at: datetime | None
    import_mpxn: str | None
    uprn: int | None = Field(description="Of the import meter point; withheld from parties not registered for it.")
    post_code: str | None = Field(description="Of the import meter point; withheld as `uprn` is.")
    address_identifier: str | None = Field(description="Of the import meter point; withheld as `uprn` is.")
    secondary_import_mpan: str | None
    export_mpan: str | None
    comms_hub: Eui | None
    csp_region: CspRegionName | None
    masked: list[str]


class DevicesQuery(Schema):
    """What narrows a list of devices, and which page of it."""

    device_type: DeviceTypeName | None = None
    smi_status: SmiStatusName | None = None
    mpxn: ShortText = Field("", description="An MPAN or MPRN the device is associated with.")
    notified_by: ShortText = Field("", description="A User ID, or a party's name in full.")
    model: ShortText = Field("", description="Words in manufacturer, model or firmware version.")
    cursor: ShortText = Field("", description="The next_cursor of the page before; empty for the first.")
    limit: int = Field(PAGE_SIZE, ge=1, le=LONGEST_PAGE, description=f"Devices a page, 1 to {LONGEST_PAGE}.")


class DevicesOut(Schema):
    """A page of devices; send `next_cursor` as `cursor` for the next one. There are no totals."""

    items: list[DeviceOut]
    next_cursor: str | None


class LookupIn(Schema):
    """The identifiers to look up: Device IDs, MPANs and MPRNs, mixed."""

    identifiers: list[str] = Field(max_length=MOST_IDENTIFIERS)


class InvalidOut(Schema):
    """An identifier that is none."""

    value: str
    message: str
    suggestion: str


class RemovedOut(Schema):
    """A device that is in the inventory no more."""

    device_id: Eui
    removed_at: datetime
    how: str = Field(description="How it left: by housekeeping, or deleted on request (SR 8.4).")
    notified_by: NotifiedByOut | None = Field(description="Null where it was not known.")


class LookupOut(Schema):
    """What became of the identifiers; each device once, in the order given."""

    found: list[DeviceOut]
    not_found: list[str]
    removed: list[RemovedOut] = Field(description="Those not found that left the inventory within a year.")
    invalid: list[InvalidOut]


@router.post("/devices/lookup", response=LookupOut, summary="Look up many devices at once")
@requires(Component.INVENTORY_SEARCH)
def look_up(request: ApiRequest, body: LookupIn) -> HttpResponse:
    """Tell which of up to 50,000 identifiers are in the inventory. An MPxN gives every device associated."""
    answer = search.look_up(body.identifiers)
    found = {
        "found": _all_out(answer.found, request.auth),
        "not_found": answer.not_found,
        "removed": list(map(_removed_out, answer.removed.values())),
        "invalid": [asdict(each) for each in answer.invalid],
    }
    # Ready-made: checking 50,000 devices against the schema again would take longer than finding them.
    return HttpResponse(json.dumps(found, cls=NinjaJSONEncoder), content_type="application/json; charset=utf-8")


@router.get("/devices/{device_id}", response=DeviceOut, summary="One device")
@requires(Component.INVENTORY_SEARCH)
def device(request: ApiRequest, device_id: Eui) -> dict[str, Any]:
    """Return what the inventory knows of a device."""
    return _all_out([search.device_of(device_id)], request.auth)[0]


@router.get("/devices", response=DevicesOut, summary="Devices, narrowed by filters")
@requires(Component.INVENTORY_SEARCH)
def devices(request: ApiRequest, asked: Query[DevicesQuery]) -> dict[str, Any]:
    """Return devices in the order of their Device IDs."""
    filters = Filters(
        device_type=asked.device_type,
        smi_status=asked.smi_status,
        model=asked.model,
        notified_by=search.users_named(asked.notified_by),
        mpxn=parse_typed(asked.mpxn).digits if asked.mpxn else "",
    )
    page = search.devices_page(filters, cursor=asked.cursor, size=asked.limit)
    return {"items": _all_out(page.rows, request.auth), "next_cursor": page.next_cursor}


def _names(choices: type[DuisChoices]) -> dict[int | None, str]:
    return {member.value: member.duis for member in choices}


_TYPES, _STATUSES = _names(DeviceType), _names(SmiStatus)
_VARIANTS, _REGIONS = _names(EsmeVariant), _names(CspRegion)


def _all_out(devices: Sequence[Device], actor: Actor) -> list[dict[str, Any]]:
    """Return devices as JSON has them; one query tells whose addresses `actor` sees."""
    personal_data = PersonalData.of_devices(devices, actor)
    return [
        _out(device) | _address(device.import_meter_point, shown=personal_data.shows(device.import_meter_point_id))
        for device in devices
    ]


def _address(point: MeterPoint | None, *, shown: bool) -> dict[str, Any]:
    """Return the personal data of a meter point, or, whether or not there is any, that it is masked."""
    if point is None or not shown:
        return {"masked": list(FIELDS) if point else [], **dict.fromkeys(FIELDS)}
    return {"masked": [], **{name: getattr(point, name) or None for name in FIELDS}}


def _out(device: Device) -> dict[str, Any]:
    """Return a device as JSON has it, without what may be masked."""
    model, notified_by = device.device_model, device.notified_by
    return {
        "device_id": str(device.pk),
        "device_type": _TYPES[device.device_type],
        "smi_status": _STATUSES.get(device.smi_status),
        "status_since": device.status_since,
        "manufacturer": model.manufacturer,
        "model": model.model,
        "firmware_version": model.firmware_version or None,
        "smets_version": model.smets_version or None,
        "esme_variant": _VARIANTS.get(device.esme_variant),
        "notified_by": {"user_id": str(notified_by.eui), "party": notified_by.party.name} if notified_by else None,
        "notified_at": device.notified_at,
        "import_mpxn": _mpxn(device.import_meter_point),
        "secondary_import_mpan": _mpxn(device.secondary_import_meter_point),
        "export_mpan": _mpxn(device.export_meter_point),
        "comms_hub": str(device.comms_hub_id) if device.comms_hub_id else None,
        "csp_region": _REGIONS.get(device.csp_region),
    }


def _removed_out(removed: Removed) -> dict[str, Any]:
    device = removed.device
    return {
        "device_id": str(device.device_id),
        "removed_at": device.removed_at,
        "how": Removal(device.how).label,
        "notified_by": {"user_id": str(device.notified_by), "party": removed.party} if removed.party else None,
    }


def _mpxn(point: MeterPoint | None) -> str | None:
    return point.mpxn if point else None
