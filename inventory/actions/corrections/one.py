"""Correcting or deleting one device on screen: the same rules as Service Request 8.4, told by a person."""

from django.db import transaction
from django.utils import timezone

from inventory.actions.details.correcting import correct_details
from inventory.actions.devices.removing import remove_devices
from inventory.duis.messages import DetailsUpdate
from inventory.models import Device
from inventory.models.choices import Detail, Removal
from inventory.rules_of_details import rule_for_deletion
from inventory.search import DeviceUnknown
from inventory.search.standing import standing_of
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.audit import log
from ssi.eui64 import Eui64
from ssi.refusals import Refusal


class NothingDiffers(Refusal):
    """The device carries these details already."""

    suggestion = "Change what is wrong, or leave the form: nothing needs to be done."


BY_WAY_OF = "screen"


@transaction.atomic
def correct(device_id: Eui64, wanted: DetailsUpdate, *, by: Actor) -> list[Detail]:
    """Correct details of a device and return those that changed.

    Raises NotAllowed, DeviceUnknown, NothingGiven, NothingDiffers, and what the rules refuse.
    """
    device = locked(device_id, by=by)
    user_id = by.user.user_id
    standing = standing_of(device, user_id)
    changed = correct_details(device, wanted, standing, at=timezone.now(), by_way_of=BY_WAY_OF, told_by=user_id)
    if not changed:
        raise NothingDiffers
    log.record("device.details_corrected", by=by, about=device, details=[each.label for each in changed])
    return changed


@transaction.atomic
def delete(device_id: Eui64, *, by: Actor) -> None:
    """Delete a Pending device. Raises NotAllowed, DeviceUnknown, and what the rules refuse."""
    device = locked(device_id, by=by)
    rule_for_deletion(standing_of(device, by.user.user_id))
    remove_devices([device_id], at=timezone.now(), how=Removal.DELETED)
    log.record("device.deleted", by=by, about=device)


def locked(device_id: Eui64, *, by: Actor) -> Device:
    """Return a device with its row locked, for who may make corrections. Raises NotAllowed or DeviceUnknown."""
    by.require(Component.INVENTORY_CORRECTION)
    device = Device.objects.select_for_update(no_key=True).filter(pk=device_id).first()
    if device is None:
        raise DeviceUnknown(device_id=device_id)
    return device
