"""A device as JSON has it: as values for one or a page of them, as text for 50,000.

Both are put together from the same pieces, and the text is what encoding the values would give. Whatever thousands
of devices share (types, models, Users) is encoded once, so that another device costs one formatting.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ninja.responses import NinjaJSONEncoder

from inventory.models import Device, DeviceModel, MeterPoint
from inventory.models.choices import CspRegion, DeviceType, DuisChoices, EsmeVariant, SmiStatus
from inventory.search.personal_data import FIELDS, PersonalData
from inventory.search.rows import IMPORTS, DeviceRows
from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.eui64 import canonical_text


def _names(choices: type[DuisChoices]) -> dict[int | None, str | None]:
    return {None: None} | {member.value: member.duis for member in choices}


_TYPES, _STATUSES = _names(DeviceType), _names(SmiStatus)
_VARIANTS, _REGIONS = _names(EsmeVariant), _names(CspRegion)


def as_json(values: object) -> str:
    """Return values as the API encodes them."""
    return json.dumps(values, cls=NinjaJSONEncoder)


# --- As values ------------------------------------------------------------------------------------


def all_out(devices: Sequence[Device], actor: Actor) -> list[dict[str, Any]]:
    """Return devices, what belongs to them at hand; one query tells whose addresses `actor` sees."""
    personal_data = PersonalData.of_devices(devices, actor)
    return [_out(device, shown=personal_data.shows(device.import_meter_point_id)) for device in devices]


def _out(device: Device, *, shown: bool) -> dict[str, Any]:
    point = device.import_meter_point
    return {
        "device_id": str(device.pk),
        "device_type": _TYPES[device.device_type],
        "smi_status": _STATUSES[device.smi_status],
        "status_since": device.status_since,
        **_model(device.device_model),
        "esme_variant": _VARIANTS[device.esme_variant],
        "notified_by": _user(device.notified_by),
        "notified_at": device.notified_at,
        "import_mpxn": _mpxn(point),
        "secondary_import_mpan": _mpxn(device.secondary_import_meter_point),
        "export_mpan": _mpxn(device.export_meter_point),
        "comms_hub": str(device.comms_hub_id) if device.comms_hub_id else None,
        "csp_region": _REGIONS[device.csp_region],
        **_address([getattr(point, name) for name in FIELDS] if point else None, shown=shown),
    }


def _model(model: DeviceModel) -> dict[str, Any]:
    return {
        "manufacturer": model.manufacturer,
        "model": model.model,
        "firmware_version": model.firmware_version or None,
        "smets_version": model.smets_version or None,
    }


def _user(user: UserId | None) -> dict[str, Any] | None:
    return {"user_id": str(user.eui), "party": user.party.name} if user else None


def _mpxn(point: MeterPoint | None) -> str | None:
    return point.mpxn if point else None


def _address(values: Sequence[Any] | None, *, shown: bool) -> dict[str, Any]:
    """Return the personal data of a meter point, or, whether or not there is any, that it is masked."""
    if values is None or not shown:
        return {"masked": [] if values is None else list(FIELDS), **dict.fromkeys(FIELDS)}
    return {"masked": [], **{name: value or None for name, value in zip(FIELDS, values, strict=True)}}


# --- As text --------------------------------------------------------------------------------------

_TO_THE_SECOND: Final = len("2026-11-22 12:00:00+00")


def lines_of(devices: DeviceRows, actor: Actor) -> dict[int, str]:
    """Return each device by its Device ID's column value; of addresses what `actor` sees."""
    types, statuses, variants, regions = map(_encoded, (_TYPES, _STATUSES, _VARIANTS, _REGIONS))
    models = {key: as_json(_model(model))[1:-1] for key, model in devices.models.items()}
    users = {None: "null"} | {key: as_json(_user(user)) for key, user in devices.users.items()}
    mpxns = {None: "null"} | {key: json.dumps(point[1]) for key, point in devices.points.items()}
    addresses = _addresses(devices, actor)
    return {
        key: f'{{"device_id": "{canonical_text(key)}", "device_type": {types[kind]}, '
        f'"smi_status": {statuses[status]}, "status_since": {_moment(since)}, {models[model]}, '
        f'"esme_variant": {variants[variant]}, "notified_by": {users[user]}, "notified_at": {_moment(at)}, '
        f'"import_mpxn": {mpxns[imports]}, "secondary_import_mpan": {mpxns[secondary]}, '
        f'"export_mpan": {mpxns[exports]}, "comms_hub": {_eui(hub)}, "csp_region": {regions[region]}, '
        f"{addresses[imports]}}}"
        for key, kind, status, since, model, variant, user, at, imports, secondary, exports, hub, region in (
            devices.rows
        )
    }


def _addresses(devices: DeviceRows, actor: Actor) -> dict[int | None, str]:
    """Return the personal data of each import meter point, and of none."""
    keys = {row[IMPORTS] for row in devices.rows}
    personal_data = PersonalData.of_points(keys, actor)
    masked = as_json(_address((), shown=False))[1:-1]
    addresses: dict[int | None, str] = {None: as_json(_address(None, shown=True))[1:-1]}
    for key in keys - {None}:
        shown = personal_data.shows(key)
        addresses[key] = json.dumps(_address(devices.points[key][2:], shown=True))[1:-1] if shown else masked
    return addresses


def _encoded(names: Mapping[int | None, str | None]) -> dict[int | None, str]:
    return {value: as_json(name) for value, name in names.items()}


def _eui(key: int | None) -> str:
    return "null" if key is None else f'"{canonical_text(key)}"'


def _moment(text: str | None) -> str:
    """Return a moment that PostgreSQL wrote in UTC as the API writes it."""
    if text is None:
        return "null"
    if len(text) == _TO_THE_SECOND:
        return f'"{text[:10]}T{text[11:19]}Z"'
    return as_json(datetime.fromisoformat(text))
