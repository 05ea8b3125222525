"""Service Requests 8.14.1 to 8.14.4: what became of a Communications Hub, told by who installed or returned it.

A hub and the GPF in it go together. Installed with SM WAN, the hub is Commissioned and its GPF installed;
without, the hub is InstalledNotCommissioned and its GPF waits, Pending, for the hub (domain 4.5).

A returned hub, and its GPF, are Decommissioned, whatever they were: also one whose fault was seen before it was
installed, or that was returned without a fault or lost. It is with its supplier no more, and what the DCC delivers
again is delivered as new (ours). A fault "prior to installation" of a Commissioned hub is refused: one of the two
is wrong, and believing the message would take a home out of service.

Of a hub in whose home nobody is registered any supplier may tell, unless it is known who pre-notified devices of
the home and that was somebody else (ours).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.utils import timezone

from inventory.actions.devices.moving import move_device
from inventory.actions.service_requests.applied import ACCEPTED, Applied, Event
from inventory.actions.service_requests.checks import (
    in_words,
    locked_devices,
    require_known,
    require_responsible,
    require_status,
    require_type,
)
from inventory.actions.service_requests.refusals import NotResponsible
from inventory.duis.messages import HubInstalled, HubReturned, RequestId
from inventory.duis.refusals import DuisRefusal
from inventory.models import Device
from inventory.models.choices import COMMS_HUB_PARTS, DeviceType, SmiStatus
from inventory.rules import RULES
from inventory.search.responsible import responsible_for
from inventory.search.standing import stands_for
from ssi.access.actor import Actor
from ssi.eui64 import Eui64

PRIOR: Final = "Fault identified prior to installation"
_OUT_OF_USE: Final = (SmiStatus.DECOMMISSIONED, SmiStatus.WITHDRAWN)
_INSTALLED: Final = (SmiStatus.COMMISSIONED, SmiStatus.SUSPENDED, SmiStatus.RECOVERY, SmiStatus.RECOVERED)


class ReturnContradicts(DuisRefusal):
    """{device} is {status}, and the request says that its fault was identified prior to installation."""

    code = "SSI-RETURN-TYPE"
    suggestion = "If the hub was taken out of a home, say that the fault was identified post installation."
    source = "ours"


def hub_installed(message: HubInstalled, *, by: Actor, at: datetime) -> Applied:
    """Take the hub, and with SM WAN its GPF, as installed; raises DuisRefusal."""
    hub, gpfs = _known(message.device_id, message.request_id, message.srv, at=at)
    told_by = message.request_id.originator
    moved: list[Device] = []
    if message.has_wan:
        verb = {
            SmiStatus.PENDING: "commission_hub",
            SmiStatus.INSTALLED_NOT_COMMISSIONED: "commission",
        }.get(SmiStatus(hub.smi_status))
    else:
        verb = "install" if hub.smi_status == SmiStatus.PENDING else None
    if verb is not None:
        move_device(hub, verb, by=by, at=at, because=message.srv, told_by=told_by)
        moved.append(hub)
    moved += install_gpfs(hub, gpfs, by=by, at=at, because=message.srv, told_by=told_by)
    return _applied(hub, moved, "device.installed")


def install_gpfs(
    hub: Device, gpfs: Iterable[Device], *, by: Actor, at: datetime, because: str, told_by: Eui64 | None
) -> list[Device]:
    """Install the GPF, Pending until then, of a hub that is Commissioned; all locked by the caller."""
    moved = []
    for gpf in gpfs:
        if hub.smi_status == SmiStatus.COMMISSIONED and gpf.smi_status == SmiStatus.PENDING:
            move_device(gpf, "install", by=by, at=at, because=because, told_by=told_by)
            moved.append(gpf)
    return moved


def hub_returned(message: HubReturned, *, by: Actor, at: datetime) -> Applied:
    """Take the hub and its GPF out of service; raises DuisRefusal."""
    hub, gpfs = _known(message.device_id, message.request_id, message.srv, at=at)
    if message.return_type == PRIOR and hub.smi_status in _INSTALLED:
        raise ReturnContradicts(device=hub, status=SmiStatus(hub.smi_status).duis)
    moved = decommission_hub(hub, gpfs, by=by, at=at, because=message.srv, told_by=message.request_id.originator)
    return _applied(hub, moved, "device.decommissioned")


def decommission_hub(
    hub: Device, gpfs: list[Device], *, by: Actor, at: datetime, because: str, told_by: Eui64 | None
) -> list[Device]:
    """Decommission a hub and what is in it, all locked by the caller; return which moved."""
    moved = [each for each in (hub, *gpfs) if each.smi_status not in _OUT_OF_USE]
    for each in moved:
        move_device(each, "decommission", by=by, at=at, because=because, told_by=told_by)
    return moved


def with_gpfs(hub_id: Eui64) -> tuple[dict[Eui64, Device], list[Device]]:
    """Return the hub, by its id, and the GPF in it, all locked; there is one, unless messages were strange."""
    inside = Device.objects.filter(comms_hub=hub_id, device_type=DeviceType.GPF).values_list("pk", flat=True)
    found = locked_devices(hub_id, *inside)
    return found, [each for each in found.values() if each.device_id != hub_id]


def _known(device_id: Eui64, request_id: RequestId, srv: str, *, at: datetime) -> tuple[Device, list[Device]]:
    """Return hub and GPF, checked as all four requests need it."""
    rule = RULES[srv]
    found, gpfs = with_gpfs(device_id)
    hub = require_known(found, device_id, part="DeviceID", way_out="Check DeviceID: it is the CHF.")
    require_type(hub, rule.device_types, part=f"the Communications Hub of {in_words(rule)}")
    require_status(hub, rule)
    require_responsible(hub, request_id.originator, rule, at=at)
    _refuse_strangers(hub, request_id.originator, at=at)
    return hub, gpfs


def _refuse_strangers(hub: Device, originator: Eui64, *, at: datetime) -> None:
    """Refuse who pre-notified nothing of a home in which nobody is registered, but somebody pre-notified; E4."""
    if responsible_for(hub, timezone.localdate(at)).is_registered:
        return
    behind = Device.objects.filter(comms_hub=hub, notified_by__isnull=False)
    in_use = behind.exclude(device_type__in=COMMS_HUB_PARTS).exclude(smi_status__in=_OUT_OF_USE)
    notifiers = set(in_use.order_by().values_list("notified_by_id", flat=True).distinct())
    if notifiers and notifiers.isdisjoint(stands_for(originator)):
        raise NotResponsible(user_id=originator, device=hub)


def _applied(hub: Device, moved: list[Device], event: str) -> Applied:
    if not moved:
        return Applied(ACCEPTED, f"CHF {hub.device_id}: is {SmiStatus(hub.smi_status).duis} already.")
    names = ", ".join(
        f"{DeviceType(each.device_type).duis} {each.device_id} now {SmiStatus(each.smi_status).duis}"
        for each in moved
    )
    return Applied(ACCEPTED, f"{names}.", tuple(Event(event, each) for each in moved))
