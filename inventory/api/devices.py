"""Devices in the REST API: one, a list, and up to 50,000 looked up at once."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from inventory import search
from inventory.api.device_out import all_out, as_json, lines_of
from inventory.meter_points import parse_typed
from inventory.models.choices import CspRegion, DeviceType, DuisChoices, EsmeVariant, Removal, SmiStatus
from inventory.search import MOST_IDENTIFIERS, Filters
from inventory.search.personal_data import FIELDS
from inventory.search.removed import Removed
from inventory.search.rows import rows_of
from ssi import routing
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
    routing.only_reads()
    # Ready-made text: a model, a dictionary and the schema for each of 50,000 take longer than finding them.
    answer = search.sort_out(
        body.identifiers, lambda device_ids: lines_of(rows_of(device_ids, of_points=FIELDS), request.auth)
    )
    rest = {
        "not_found": answer.not_found,
        "removed": list(map(_removed_out, answer.removed.values())),
        "invalid": [asdict(each) for each in answer.invalid],
    }
    text = f'{{"found": [{", ".join(answer.found)}], {as_json(rest)[1:]}'
    return HttpResponse(text, content_type="application/json; charset=utf-8")


@router.get("/devices/{device_id}", response=DeviceOut, summary="One device")
@requires(Component.INVENTORY_SEARCH)
def device(request: ApiRequest, device_id: Eui) -> dict[str, Any]:
    """Return what the inventory knows of a device."""
    return all_out([search.device_of(device_id)], request.auth)[0]


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
    return {"items": all_out(page.rows, request.auth), "next_cursor": page.next_cursor}


def _removed_out(removed: Removed) -> dict[str, Any]:
    device = removed.device
    return {
        "device_id": str(device.device_id),
        "removed_at": device.removed_at,
        "how": Removal(device.how).label,
        "notified_by": {"user_id": str(device.notified_by), "party": removed.party} if removed.party else None,
    }
