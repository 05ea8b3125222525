"""Service Requests 11.1 Update Firmware and 11.4, that of PPMIDs: which devices would be sent the firmware.

The image itself is not kept and goes nowhere from here. Of up to 50,000 devices those that cannot have it are
named in the lists of the warning W110101 or W110401; with all in order the answer is I99. A device is named once:

- invalid: not in the inventory, of another type, or of another Responsible Supplier than the originator (ours);
- not commissioned: neither Commissioned nor, for 11.1, Suspended (STAB MP105 exempts 11.1);
- not applicable: the Central Products List has this firmware, but not for its model; for a PPMID with MP202 also
  if it is in a SMETS1 system (S202 requirement 7).

OtherRequestInProgressList and InvalidGBCSVersionList are never filled: no image is distributed from here.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final, NamedTuple

from django.conf import settings
from django.db import connection

from inventory.actions.products.finding import generations_of_firmware, is_any_listed
from inventory.actions.service_requests.applied import ACCEPTED, Applied
from inventory.duis.messages import FirmwareUpdate, FirmwareWarning
from inventory.duis.refusals import DuisRefusal
from inventory.generations import Generation, generation_from, generation_of
from inventory.models.choices import DeviceType, SmiStatus
from inventory.models.devices import LONDON
from inventory.rules import RULES, ServiceRule, takes_while_suspended
from inventory.search.responsible import responsible_facts, responsible_suppliers
from ssi.access.actor import Actor
from ssi.eui64 import Eui64, NotAnEui64

MOST_DEVICES: Final = 50_000
WARNINGS: Final = {"11.1": "W110101", "11.4": "W110401"}

_DEVICES: Final = """
SELECT device.device_id, device.device_type, device.smi_status, device.device_model_id, model.smets_version,
    hub.device_id, hub_model.smets_version, hub.s1sp, hub.csp_region
FROM unnest(%(ids)s::bigint[]) AS given (device_id)
JOIN inventory_device device ON device.device_id = given.device_id
JOIN inventory_devicemodel model ON model.id = device.device_model_id
LEFT JOIN inventory_device hub ON hub.device_id = device.comms_hub_id
LEFT JOIN inventory_devicemodel hub_model ON hub_model.id = hub.device_model_id
"""

# Where nobody is known as responsible, nobody is refused.
_ANOTHERS: Final = f"""
SELECT responsible.device_id
FROM {responsible_suppliers("(SELECT unnest(%(ids)s::bigint[]) AS device_id)")} AS responsible
GROUP BY responsible.device_id HAVING NOT bool_or(responsible.user_id = %(originator)s)
"""  # noqa: S608 - nothing typed is in it


class FirmwareUnknown(DuisRefusal):
    """Firmware {firmware_version} is not on the Central Products List for any {types} that the request names."""

    code = "SSI-FIRMWARE"
    suggestion = "Check FirmwareVersion; new firmware is sent once its entry is on the list."
    source = "SEC App Z; ours"


class TooManyDevices(DuisRefusal):
    """The request names more than {most} devices."""

    code = "SSI-TOO-MANY"
    suggestion = "Send it in several requests."
    source = "DUIS 5.4 schema: DeviceIDList has at most 50,000"


class Why(Enum):
    """Why a device gets no firmware; the value is how sentences name it."""

    INVALID = "not in the inventory, of another type, or another supplier's"
    NOT_COMMISSIONED = "not commissioned"
    NOT_APPLICABLE = "of a model that this firmware is not for"


class _Found(NamedTuple):
    device_type: int
    smi_status: int | None
    model: int
    generation: Generation | None


@dataclass(frozen=True, slots=True)
class _Inventory:
    """What is known of the devices that a request names."""

    devices: Mapping[int, _Found]
    anothers: frozenset[int]
    firmware: Mapping[int, set[Generation | None]] | None


def update_firmware(message: FirmwareUpdate, *, by: Actor, at: datetime) -> Applied:
    """Check the devices of an 11.1 or 11.4, whose sender was checked; changes nothing. Raises DuisRefusal."""
    if len(message.device_ids) > MOST_DEVICES:
        raise TooManyDevices(most=f"{MOST_DEVICES:,}")
    rule = RULES[message.srv]
    given = {text: _id_in(text) for text in message.device_ids}
    known = _inventory(message, rule, [each for each in given.values() if each is not None], at)
    reasons: dict[Why, list[str]] = defaultdict(list)
    for text, device_id in given.items():
        why = _why_not(known, rule, device_id)
        if why is not None:
            reasons[why].append(text)
    return _answer(message, len(given), reasons)


def _id_in(text: str) -> int | None:
    try:
        return Eui64.parse(text).as_bigint
    except NotAnEui64:
        return None


def _inventory(message: FirmwareUpdate, rule: ServiceRule, ids: Sequence[int], at: datetime) -> _Inventory:
    """Look the devices up: three statements however many they are. Raises FirmwareUnknown."""
    with connection.cursor() as cursor:
        cursor.execute(_DEVICES, {"ids": list(ids)})
        devices = {
            row[0]: _Found(row[1], row[2], row[3], _generation(row[4], *row[5:])) for row in cursor.fetchall()
        }
        originator = message.request_id.originator.as_bigint
        on = responsible_facts(at.astimezone(LONDON).date())
        cursor.execute(_ANOTHERS, {"ids": list(ids), "originator": originator, **on})
        anothers = frozenset(device_id for (device_id,) in cursor.fetchall())
    models = {each.model for each in devices.values() if each.device_type in rule.device_types}
    firmware = None
    if is_any_listed(rule.device_types):
        firmware = generations_of_firmware(message.firmware_version, models)
        if models and not firmware:
            names = " or ".join(each.duis for each in DeviceType if each in rule.device_types)
            raise FirmwareUnknown(firmware_version=message.firmware_version, types=names)
    return _Inventory(devices, anothers, firmware)


def _generation(
    version: str, hub: int | None, hub_version: str | None, s1sp: str | None, region: int | None
) -> Generation | None:
    """Return the generation of the system a device is in: its hub's, and without a hub its own."""
    return generation_of(version) if hub is None else generation_from(hub_version or "", s1sp, region)


def _why_not(known: _Inventory, rule: ServiceRule, device_id: int | None) -> Why | None:
    device = None if device_id is None else known.devices.get(device_id)
    if device is None or device_id in known.anothers or device.device_type not in rule.device_types:
        return Why.INVALID
    if not _is_commissioned(device, rule):
        return Why.NOT_COMMISSIONED
    if known.firmware is not None and device.model not in known.firmware:
        return Why.NOT_APPLICABLE
    is_ppmid = device.device_type == DeviceType.PPMID
    if settings.MP202 and is_ppmid and not _is_in_smets2(device, known.firmware):
        return Why.NOT_APPLICABLE
    return None


def _is_commissioned(device: _Found, rule: ServiceRule) -> bool:
    if device.smi_status == SmiStatus.SUSPENDED:
        return takes_while_suspended(rule, DeviceType(device.device_type), mp105=settings.MP105)
    return device.smi_status == SmiStatus.COMMISSIONED


def _is_in_smets2(device: _Found, firmware: Mapping[int, set[Generation | None]] | None) -> bool:
    """Tell whether a PPMID is in a SMETS2+ system, and the firmware listed for it as SMETS2+."""
    if device.generation is Generation.SMETS1:
        return False
    return firmware is None or Generation.SMETS2 in firmware[device.model]


def _answer(message: FirmwareUpdate, given: int, reasons: Mapping[Why, Sequence[str]]) -> Applied:
    left = given - sum(map(len, reasons.values()))
    said = f"Firmware {message.firmware_version}: accepted for {left:,} of {given:,} devices"
    if not reasons:
        return Applied(ACCEPTED, f"{said}. Its image is not sent from here.")
    refused = "; ".join(f"{len(reasons[why]):,} {why.value}" for why in Why if why in reasons)
    warning = FirmwareWarning(
        message.srv,
        invalid=tuple(reasons.get(Why.INVALID, ())),
        not_commissioned=tuple(reasons.get(Why.NOT_COMMISSIONED, ())),
        not_applicable=tuple(reasons.get(Why.NOT_APPLICABLE, ())),
    )
    return Applied(
        WARNINGS[message.srv],
        f"{said}; {refused}.",
        suggestion="Look the devices up that the lists of the answer name, and send it again for those put right.",
        payload=warning,
    )
