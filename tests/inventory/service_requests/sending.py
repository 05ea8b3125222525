"""Sending messages that were read already, and a home to which they are sent."""

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from inventory.actions.service_requests.answering import answer_message
from inventory.duis.answers import Answer
from inventory.duis.fields import SR
from inventory.duis.messages import (
    DccAlert,
    Decommission,
    DeviceAlert,
    DeviceCommand,
    HanDeviceLogUpdate,
    HubInstalled,
    HubReturned,
    LogChange,
    LogUpdateResult,
    Message,
    RequestId,
    ServiceResponse,
    StatusChange,
    StatusChangeEvent,
)
from inventory.duis.reader import Envelope
from inventory.duis.safe_xml import Node
from inventory.duis.srv import Srv
from inventory.models import Device, DeviceStatusChange, Registration
from inventory.models.choices import DeviceType, RegistrationKind, SmiStatus
from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64
from tests.factories.accounts import UserIdFactory
from tests.factories.inventory import DeviceFactory, DeviceModelFactory, MeterPointFactory

BROKER = Eui64.parse("90-B3-D5-1F-3F-FF-FF-02")
MPAN = "1234567890123"
MPRN = "3938424403"
CRITICAL = {"8.1.1", "8.7.1", "8.8.1", "11.3"}

_counters = itertools.count(1)


def send(message: Message, srv: str = "") -> Answer:
    """Return the answer to a message; `srv` is read off a message that says it."""
    return answer_message(envelope_of(message, srv), message, by=Actor.system())


def envelope_of(message: Message, srv: str = "") -> Envelope:
    """Return the envelope in which a message would have come."""
    is_request = hasattr(message, "command_variant")
    request_id: RequestId | None = getattr(message, "request_id", None)
    text = f"{request_id.originator}:{request_id.target}:{request_id.counter}" if request_id else ""
    root = Node(SR, "Request" if is_request else "Response", {"schemaVersion": "5.4"})
    return Envelope(root, text, str(getattr(message, "srv", "") or srv))


def request_id(originator: Eui64, target: Eui64 = BROKER, counter: int | None = None) -> RequestId:
    """Return a RequestID with the next counter, unless one is given."""
    return RequestId(originator, target, next(_counters) if counter is None else counter)


@dataclass
class Home:
    """A home, in which every device waits to be commissioned; `supplier` is registered for both fuels."""

    supplier: UserId
    hub: Device
    gpf: Device
    esme: Device
    gsme: Device
    ppmid: Device
    hcalcs: Device
    ihd: Device

    def command(
        self, srv: str, target: Device | Eui64, other: Device | Eui64 | None = None, **facts: Any
    ) -> Answer:
        """Send a request to a device, and return the answer."""
        return send(self.asked(srv, target, other, **facts))

    def asked(
        self, srv: str, target: Device | Eui64, other: Device | Eui64 | None = None, **facts: Any
    ) -> DeviceCommand:
        """Return a request to a device."""
        eui = target.device_id if isinstance(target, Device) else target
        sender: UserId | Eui64 = facts.pop("originator", self.supplier)
        originator = sender.eui if isinstance(sender, UserId) else sender
        return DeviceCommand(
            request_id(originator, eui, facts.pop("counter", None)),
            facts.pop("command_variant", 4 if srv in CRITICAL else 1),
            Srv(srv),
            eui,
            other.device_id if isinstance(other, Device) else other,
            **facts,
        )

    def succeeded(self, command: DeviceCommand | HanDeviceLogUpdate, code: str = "I0", **facts: Any) -> Answer:
        """Send the request, then the response to it, and return the answer to the response."""
        asked = send(command, "8.11")
        assert asked.response_code == "I99", asked
        return respond(command, code, **facts)

    def log_update(self, device: Device, change: LogChange = LogChange.ADD, **facts: Any) -> HanDeviceLogUpdate:
        """Return an 8.11 about a device of this home."""
        originator: UserId = facts.pop("originator", self.supplier)
        hub: Device = facts.pop("hub", self.hub)
        return HanDeviceLogUpdate(
            request_id(originator.eui, hub.device_id, facts.pop("counter", None)),
            facts.pop("command_variant", 1),
            device.device_id,
            change,
            **facts,
        )

    def decommission(self, device: Device | Eui64, originator: UserId | None = None) -> Answer:
        """Send 8.3."""
        eui = device.device_id if isinstance(device, Device) else device
        return send(Decommission(request_id((originator or self.supplier).eui), 8, eui), "8.3")

    def installed(self, *, has_wan: bool, hub: Device | None = None) -> Answer:
        """Send 8.14.1 or 8.14.2."""
        srv = Srv.HUB_INSTALLED if has_wan else Srv.HUB_INSTALLED_WITHOUT_WAN
        eui = (hub or self.hub).device_id
        return send(HubInstalled(request_id(self.supplier.eui), 8, srv, eui, "New CHF Install", has_wan))

    def returned(self, return_type: str, *, fault: bool, hub: Device | None = None) -> Answer:
        """Send 8.14.3 or 8.14.4."""
        srv = Srv.HUB_FAULT_RETURN if fault else Srv.HUB_NO_FAULT_RETURN
        return send(HubReturned(request_id(self.supplier.eui), 8, srv, (hub or self.hub).device_id, return_type))


def respond(
    command: DeviceCommand | HanDeviceLogUpdate,
    code: str = "I0",
    *,
    srv: str | None = None,
    at: datetime | None = None,
    is_pre_command: bool = False,
) -> Answer:
    """Send the response to a request."""
    named = str(getattr(command, "srv", "8.11")) if srv is None else srv
    return send(ServiceResponse(command.request_id, code, at or timezone.now(), named, is_pre_command))


def tell(command: HanDeviceLogUpdate, code: str, recipient: UserId | None = None) -> Answer:
    """Send the DCC alert about an 8.11."""
    payload = LogUpdateResult(command.request_id)
    return send(DccAlert(code, timezone.now(), payload, recipient.eui if recipient else None))


def alert(
    device: Device | Eui64, what: StatusChange, code: str = "N28", recipient: UserId | None = None
) -> Answer:
    """Send a DCC alert about a device's status."""
    eui = device.device_id if isinstance(device, Device) else device
    payload = StatusChangeEvent(eui, what)
    return send(DccAlert(code, timezone.now(), payload, recipient.eui if recipient else None))


def device_alert(device: Device, code: str, recipient: UserId) -> Answer:
    """Send a device alert."""
    return send(DeviceAlert(device.device_id, recipient.eui, code, timezone.now()))


def fresh(device: Device) -> Device:
    """Return the device as it is now."""
    return Device.objects.get(pk=device.pk)


def status(device: Device) -> SmiStatus | None:
    """Return the status of a device as it is now."""
    now = fresh(device).smi_status
    return None if now is None else SmiStatus(now)


def put(device: Device, smi_status: SmiStatus, **facts: Any) -> None:
    """Put a device into a status, as if it had come there long ago."""
    Device.objects.filter(pk=device.pk).update(smi_status=smi_status, **facts)


def history(device: Device) -> list[tuple[int | None, int | None, str]]:
    """Return the steps of a device's status history."""
    steps = DeviceStatusChange.objects.filter(device_id=device.pk).order_by("at", "id")
    return [(step.from_status, step.to_status, step.because) for step in steps]


def device_of(device_type: DeviceType, home: "Home | None" = None, **facts: Any) -> Device:
    """Make a device of a model of its type; in the home's log if one is given."""
    inside = {"comms_hub": home.hub, "notified_by": home.supplier} if home else {}
    version = "CHTS V1.4" if device_type in {DeviceType.CHF, DeviceType.GPF} else "SMETS V4.2"
    model = DeviceModelFactory.create(
        device_type=device_type, smets_version="" if device_type in {DeviceType.IHD, DeviceType.CAD} else version
    )
    return DeviceFactory.create(device_type=device_type, device_model=model, **inside | facts)


def build_home(smi_status: SmiStatus = SmiStatus.INSTALLED_NOT_COMMISSIONED) -> Home:
    """Return a home whose hub is Commissioned and all else in `smi_status`; its supplier alone is registered."""
    supplier = UserIdFactory.create()
    hub = device_of(DeviceType.CHF, smi_status=SmiStatus.COMMISSIONED, notified_by=None)
    inside: dict[str, Any] = {"comms_hub": hub, "notified_by": supplier}
    mpan, mprn = MeterPointFactory.create(mpxn=MPAN), MeterPointFactory.create(mpxn=MPRN)
    began = timezone.localdate() - timedelta(days=365)
    for point, kind in ((mpan, RegistrationKind.IMPORT_SUPPLIER), (mprn, RegistrationKind.GAS_SUPPLIER)):
        Registration.objects.create(meter_point=point, user_id=supplier, kind=kind, from_date=began)
    return Home(
        supplier=supplier,
        hub=hub,
        gpf=device_of(DeviceType.GPF, smi_status=smi_status, **inside),
        esme=device_of(DeviceType.ESME, smi_status=smi_status, import_meter_point=mpan, **inside),
        gsme=device_of(DeviceType.GSME, smi_status=smi_status, import_meter_point=mprn, **inside),
        ppmid=device_of(DeviceType.PPMID, smi_status=smi_status, **inside),
        hcalcs=device_of(DeviceType.HCALCS, smi_status=smi_status, **inside),
        ihd=device_of(DeviceType.IHD, **inside),
    )
