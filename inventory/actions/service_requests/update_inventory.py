"""Service Request 8.4, Update Inventory: details, deletion, status of a hub or another device, meter points.

Who may correct which detail when is `inventory/rules_of_details.py` (SECMP0125). Statuses and meter points are
corrected by the Responsible Supplier; where nobody is known to be that, by who holds a supplier's User Role, and a
meter point that is somebody's is given by them alone (both ours). Withdrawn is never reached, because nobody may
withdraw a device (SR 8.5).
Source: DUIS 8.4 (domain 4.8).
"""

from datetime import datetime
from typing import Final

from django.utils import timezone

from inventory.actions.details.changing import change_details
from inventory.actions.details.correcting import correct_details
from inventory.actions.devices.interning import meter_points
from inventory.actions.devices.moving import move_device
from inventory.actions.devices.removing import remove_devices
from inventory.actions.service_requests.applied import ACCEPTED, Applied, Event
from inventory.actions.service_requests.checks import (
    locked_devices,
    require_known,
    require_type,
    roles_of,
    wrong_status,
)
from inventory.actions.service_requests.hubs import install_gpfs, with_gpfs
from inventory.actions.service_requests.refusals import NotResponsible
from inventory.duis.messages import DetailsUpdate, InventoryUpdate, MpxnUpdate, StatusUpdate
from inventory.duis.refusals import DuisRefusal
from inventory.meter_points import MpxnKind, kind_of
from inventory.models import Device, Registration
from inventory.models.choices import METERS, TYPE_2, Detail, DeviceType, Removal, SmiStatus
from inventory.rules import REGISTERED_ROLES, RULES, SUPPLIERS
from inventory.rules_of_details import rule_for_deletion
from inventory.search.responsible import SUPPLIES, responsible_user_ids
from inventory.search.standing import standing_of
from ssi.access.actor import Actor
from ssi.accounts import search as accounts
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64
from ssi.workflow import can_move_now

RULE: Final = RULES["8.4"]
_GONE: Final = frozenset({SmiStatus.DECOMMISSIONED, SmiStatus.WITHDRAWN})
_HUB: Final = frozenset({DeviceType.CHF})
_OTHERS: Final = frozenset(DeviceType) - _HUB - TYPE_2
_VERBS: Final = {
    (SmiStatus.PENDING, False): ("correct_to_pending",),
    (SmiStatus.INSTALLED_NOT_COMMISSIONED, False): ("correct_to_installed",),
    (SmiStatus.INSTALLED_NOT_COMMISSIONED, True): ("correct_to_installed", "correct_hub_to_installed"),
    (SmiStatus.COMMISSIONED, True): ("correct_hub_to_commissioned",),
}
_ELEMENTS: Final = {
    Detail.IMPORT_METER_POINT: ("ImportMPxN", "import_meter_point", METERS),
    Detail.SECONDARY_IMPORT_METER_POINT: (
        "SecondaryImportMPAN",
        "secondary_import_meter_point",
        frozenset({DeviceType.ESME}),
    ),
    Detail.EXPORT_METER_POINT: ("ExportMPAN", "export_meter_point", frozenset({DeviceType.ESME})),
}
"""The element of the request, the field of the device, and which devices have such a meter point."""


class NeverWithdrawn(DuisRefusal):
    """No device becomes Withdrawn: nobody is eligible to withdraw one."""

    code = "SSI-WITHDRAWN"
    suggestion = (
        "Decommission the device with Service Request 8.3, or report a hub's return with 8.14.3 or 8.14.4."
    )
    source = "DUIS 8.5 has no eligible User Role (MP077)"


class StatusNotByThisElement(DuisRefusal):
    """{element} does not set {status}."""

    code = "SSI-STATUS-ELEMENT"
    suggestion = "{way_out}"
    source = "DUIS 5.4 schema: UpdateInventory"


class MeterPointOfSomebodyElse(DuisRefusal):
    """The originator {user_id} is not registered at {mpxn} as its supplier, and somebody else is."""

    code = "E4"
    suggestion = "Check the number; who is registered there, now or in future, can send it."
    source = "DUIS response codes: not authorised for the device at the required date and time; ours"


class MpxnOfOtherFuel(DuisRefusal):
    """{element} of a {device_type} takes {kind}, and {mpxn} is none."""

    code = "SSI-MPXN"
    suggestion = "Check the number: an MPAN has 13 digits, an MPRN up to 10."
    source = "DUIS 8.4; MPAN and MPRN; ours"


def update_inventory(message: InventoryUpdate, *, by: Actor, at: datetime) -> Applied:
    """Change the one thing that the request is about; raises DuisRefusal."""
    device = require_known(
        locked_devices(message.device_id),
        message.device_id,
        part="DeviceID",
        way_out="Check DeviceID; a device comes into the inventory with Service Request 12.2.",
    )
    originator, change = message.request_id.originator, message.change
    if isinstance(change, DetailsUpdate):
        return _update_details(device, change, originator, at=at)
    if isinstance(change, StatusUpdate):
        return _update_status(device, change, originator, by=by, at=at)
    if isinstance(change, MpxnUpdate):
        return _update_mpxn(device, change, originator, at=at)
    return _delete(device, originator, at=at)


def _update_details(device: Device, wanted: DetailsUpdate, originator: Eui64, *, at: datetime) -> Applied:
    may_stand_in = not roles_of(originator).isdisjoint(REGISTERED_ROLES)
    standing = standing_of(device, originator, where_nobody_is_named=may_stand_in)
    changed = correct_details(device, wanted, standing, at=at, by_way_of=RULE.srv, told_by=originator)
    what = " and ".join(each.label for each in changed)
    sentence = f"{what} corrected" if changed else "it carries these details already, nothing was changed"
    return _applied(device, sentence, "device.details_corrected", details=[each.label for each in changed])


def _delete(device: Device, originator: Eui64, *, at: datetime) -> Applied:
    rule_for_deletion(standing_of(device, originator))
    remove_devices([device.device_id], at=at, how=Removal.DELETED)
    return _applied(device, "deleted from the inventory", "device.deleted")


def _update_status(device: Device, wanted: StatusUpdate, originator: Eui64, *, by: Actor, at: datetime) -> Applied:
    """Set the status; a status that the machine does not allow from here is E5."""
    if wanted.status is SmiStatus.WITHDRAWN:
        raise NeverWithdrawn
    element = "UpdateDeviceStatusCH" if wanted.of_hub else "UpdateDeviceStatusExceptCH"
    verbs = _VERBS.get((wanted.status, wanted.of_hub))
    if verbs is None:
        way_out = (
            "Commissioned or InstalledNotCommissioned" if wanted.of_hub else "Pending or InstalledNotCommissioned"
        )
        raise StatusNotByThisElement(element=element, status=wanted.status.duis, way_out=f"Give {way_out}.")
    require_type(
        device,
        _HUB if wanted.of_hub else _OTHERS,
        part=element,
        way_out="UpdateDeviceStatusCH is for a CHF, UpdateDeviceStatusExceptCH for other devices with a status.",
    )
    verb = next((each for each in verbs if can_move_now(device, each, by)), None)
    if verb is None:
        raise wrong_status(device, f"{element} does not make it {wanted.status.duis} from there")
    _require_responsible(device, originator, at=at)
    move_device(device, verb, by=by, at=at, because=f"{RULE.srv} status", told_by=originator)
    if wanted.of_hub:
        _, gpfs = with_gpfs(device.device_id)
        install_gpfs(device, gpfs, by=by, at=at, because=f"{RULE.srv} status", told_by=originator)
    return _applied(device, f"now {wanted.status.duis}", "device.status_corrected", status=wanted.status.duis)


def _update_mpxn(device: Device, wanted: MpxnUpdate, originator: Eui64, *, at: datetime) -> Applied:
    """Associate the meter with another meter point; the DCC Service Status of both follows."""
    element, field, types = _ELEMENTS[wanted.detail]
    require_type(
        device, types, part=f"the device of {element}", way_out=f"Send {element} with a meter that has one."
    )
    if device.smi_status in _GONE:
        raise wrong_status(device, "meter points of a device in use alone are corrected")
    _require_responsible(device, originator, at=at)
    _require_registered(wanted.mpxn, originator, at=at)
    kind = MpxnKind.MPRN if device.device_type == DeviceType.GSME else MpxnKind.MPAN
    if kind_of(wanted.mpxn) is not kind:
        raise MpxnOfOtherFuel(
            element=element,
            device_type=DeviceType(device.device_type).duis,
            kind=f"an {kind}",
            mpxn=wanted.mpxn,
        )
    point = meter_points([wanted.mpxn])[wanted.mpxn]
    changed = change_details(device, at=at, because=f"{RULE.srv}: MPxN", told_by=originator, **{field: point})
    sentence = f"{element} is {wanted.mpxn} now" if changed else f"{element} was {wanted.mpxn} already"
    return _applied(device, sentence, "device.meter_point_corrected", element=element)


def _require_responsible(device: Device, originator: Eui64, *, at: datetime) -> None:
    """Pass if the originator is the Responsible Supplier, or nobody is known to be and it could be one; raises E4.

    8.4 is for all User Roles, but a status or meter point is the supplier's to correct, whoever else may send it.
    """
    suppliers = responsible_user_ids(device, timezone.localdate(at))
    roles = SUPPLIERS if device.device_type == DeviceType.CHF else REGISTERED_ROLES
    passes = originator in suppliers if suppliers else not roles_of(originator).isdisjoint(roles)
    if not passes:
        raise NotResponsible(user_id=originator, device=device)


def _require_registered(mpxn: str, originator: Eui64, *, at: datetime) -> None:
    """Pass if the originator or its Party supplies the meter point, now or in future, or nobody does; raises E4.

    Who took over a User ID that is registered there counts as that.
    """
    today = timezone.localdate(at)
    there = Registration.objects.filter(meter_point__mpxn=mpxn, kind__in=SUPPLIES).exclude(to_date__lt=today)
    named = set(there.values_list("user_id", flat=True))
    heirs = accounts.successors(today)
    named |= {heirs[each].user_id.eui for each in named & heirs.keys()}
    party = UserId.objects.filter(pk=originator).values("party")
    if named and not UserId.objects.filter(pk__in=named, party__in=party).exists():
        raise MeterPointOfSomebodyElse(user_id=originator, mpxn=mpxn)


def _applied(device: Device, sentence: str, event: str, **detail: object) -> Applied:
    name = DeviceType(device.device_type).duis
    return Applied(ACCEPTED, f"{name} {device.device_id}: {sentence}.", (Event(event, device, detail),))
