"""Service Request 12.2, Device Pre-notification: a device that will be installed enters the inventory."""

from datetime import datetime
from typing import Final

from inventory.actions.devices.interning import device_models, insert_new
from inventory.actions.service_requests.applied import ACCEPTED, Applied, Event
from inventory.duis.messages import ModelFacts, Prenotification
from inventory.duis.refusals import DuisRefusal, VariantRule
from inventory.duis.srv import Srv
from inventory.generations import Generation, generation_of
from inventory.models import CplEntry, Device, DeviceModel, DeviceStatusChange
from inventory.models.choices import TYPE_2, DeviceType, SmiStatus
from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64

_ALL_ZERO: Final = Eui64(0)
_ALL_FF: Final = Eui64(-1)


class NotOfADevice(DuisRefusal):
    """{device} is no device's ID: {why}."""

    code = "SSI-DEVICE-ID"
    suggestion = "Check the Device ID against the label of the device; nothing was changed."
    source = "ours: DUIS allows any eight octets"


class DeviceInInventory(DuisRefusal):
    """{device} is already in the inventory."""

    code = "SSI-DEVICE-EXISTS"
    suggestion = "Check the Device ID. If it is right, the device needs no pre-notification; nothing was changed."
    source = "DUIS 12.2: not already in the Smart Metering Inventory"


class TypeNotPrenotified(DuisRefusal):
    """A {device_type} is not pre-notified by Users{unless}."""

    code = "E11"
    suggestion = "Leave it out: the DCC enters Communications Hubs itself, when they are delivered."
    source = "DUIS response codes; CHF and GPF come from DCC, but for a SMETS1 CHF with its GPF"


class ModelIncomplete(DuisRefusal):
    """A {device_type} needs {missing}."""

    code = "SSI-MODEL-INCOMPLETE"
    suggestion = "Add it as it stands on the Central Products List; only an IHD or CAD goes without."
    source = "DUIS 12.2; MP202: the SMETS version picks the row of the Central Products List"


class AssociatedGpf(DuisRefusal):
    """AssociatedGPFDeviceID {problem}."""

    code = "SSI-GPF"
    suggestion = "Give it with a SMETS1 CHF, as the Device ID of the hub's own GPF, and with nothing else."
    source = "DUIS 12.2; DP316"


def prenotify(message: Prenotification, *, by: Actor, at: datetime) -> Applied:
    """Enter the device, and with a SMETS1 CHF its GPF, as pre-notified by the request's originator.

    Raises DuisRefusal. A model that is not on the Central Products List is no hindrance; the answer says so.
    """
    notified_by = UserId.objects.get(pk=message.request_id.originator)
    _require_type(message)
    _require_facts(message)
    _require_device_ids(message)
    wanted = _devices(message, notified_by=notified_by, at=at)
    new = insert_new(wanted)
    there = {each.device_id for each in wanted} - {each.device_id for each in new}
    if there:
        raise DeviceInInventory(device=min(there))
    DeviceStatusChange.objects.bulk_create(
        DeviceStatusChange(
            device_id=each.device_id,
            at=at,
            to_status=each.smi_status,
            because=Srv.DEVICE_PRENOTIFICATION,
            told_by=notified_by.eui,
        )
        for each in new
        if not each.is_type_2
    )
    return Applied(
        ACCEPTED,
        f"{_in_words(wanted)}{_listing_in_words(message.model)}",
        tuple(Event("device.prenotified", each, _facts(each)) for each in new),
    )


def _require_type(message: Prenotification) -> None:
    """A CHF comes from Users only as SMETS1; a GPF only with it."""
    device_type = message.model.device_type
    is_hub = device_type is DeviceType.CHF
    if device_type is DeviceType.GPF:
        raise TypeNotPrenotified(device_type="GPF", unless=" but with its SMETS1 CHF")
    if is_hub and generation_of(message.model.smets_version) is Generation.SMETS2:
        raise TypeNotPrenotified(device_type="CHF", unless=" unless it is a SMETS1 device")
    if is_hub and message.associated_gpf is None:
        raise AssociatedGpf(problem="is missing: a SMETS1 CHF comes with its GPF")
    if message.associated_gpf is not None and not is_hub:
        raise AssociatedGpf(problem=f"comes with a {device_type.duis}")
    if message.associated_gpf == message.device_id:
        raise AssociatedGpf(problem="is the DeviceID of the CHF itself")


def _require_facts(message: Prenotification) -> None:
    device_type = message.model.device_type
    is_esme = device_type is DeviceType.ESME
    if is_esme and message.esme_variant is None:
        raise VariantRule(problem="an ESME needs one")
    if not is_esme and message.esme_variant is not None:
        raise VariantRule(problem=f"it comes with a {device_type.duis}")
    if device_type in TYPE_2:
        return
    for name, value in (
        ("SMETSCHTSVersion", message.model.smets_version),
        ("FirmwareVersion", message.model.firmware_version),
    ):
        if not value:
            raise ModelIncomplete(device_type=device_type.duis, missing=name)


def _require_device_ids(message: Prenotification) -> None:
    """Pass if the IDs may be devices': none is empty, full, or somebody's User ID."""
    given = [each for each in (message.device_id, message.associated_gpf) if each is not None]
    for each in given:
        if each in (_ALL_ZERO, _ALL_FF):
            raise NotOfADevice(device=each, why=f"it is all {'zeros' if each == _ALL_ZERO else 'FF'}")
    for user_id in UserId.objects.filter(pk__in=given).order_by("pk"):
        raise NotOfADevice(device=user_id.eui, why="it is a registered User ID")


def _devices(message: Prenotification, *, notified_by: UserId, at: datetime) -> list[Device]:
    """Return the unsaved rows: the device, then its GPF if it is a hub."""
    facts = message.model
    wanted: list[tuple[Eui64, ModelFacts]] = [(message.device_id, facts)]
    if message.associated_gpf is not None:
        gpf = ModelFacts(
            DeviceType.GPF, facts.manufacturer, facts.model, facts.firmware_version, facts.smets_version
        )
        wanted.append((message.associated_gpf, gpf))
    models = device_models([each for _, each in wanted])
    return [
        _device(device_id, models[each], message, notified_by=notified_by, at=at) for device_id, each in wanted
    ]


def _device(
    device_id: Eui64, model: DeviceModel, message: Prenotification, *, notified_by: UserId, at: datetime
) -> Device:
    is_type_2 = model.device_type in TYPE_2
    return Device(
        device_id=device_id,
        notified_by=notified_by,
        notified_at=at,
        status_since=None if is_type_2 else at,
        smi_status=None if is_type_2 else SmiStatus.PENDING,
        comms_hub_id=message.device_id if model.device_type == DeviceType.GPF else None,
        device_model=model,
        device_type=model.device_type,
        esme_variant=message.esme_variant,
    )


def _facts(device: Device) -> dict[str, object]:
    return {"device_type": DeviceType(device.device_type).duis, "user_id": str(device.notified_by_id)}


def _in_words(devices: list[Device]) -> str:
    names = " and ".join(f"{DeviceType(each.device_type).duis} {each.device_id}" for each in devices)
    status = "without an SMI Status" if devices[0].is_type_2 else "as Pending"
    return f"{names}: in the inventory {status}, pre-notified by {devices[0].notified_by_id}."


def _listing_in_words(facts: ModelFacts) -> str:
    """Say of all but Type 2 Devices, which are never on it, whether the Central Products List has the model."""
    if facts.device_type in TYPE_2:
        return ""
    entries = CplEntry.objects.filter(
        device_type=facts.device_type,
        manufacturer=facts.manufacturer.upper(),
        firmware_version=facts.firmware_version.upper(),
        removed_date__isnull=True,
    )
    is_listed = any(each.model == facts.model.upper() for each in entries)
    return f" The Central Products List has {'this' if is_listed else 'no such'} model with this firmware."
