"""How a device and a User ID stand to each other, as the rules of corrections ask it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils import timezone

from inventory.generations import Generation, generation_of
from inventory.models import Device, DeviceModel
from inventory.models.choices import CspRegion, DeviceType, SmiStatus
from inventory.rules_of_details import Standing
from inventory.search.responsible import responsible_for
from ssi.accounts import search as accounts
from ssi.accounts.search import Successor
from ssi.eui64 import Eui64


@dataclass(frozen=True, slots=True)
class Known:
    """What a caller knows already: a device's Responsible Suppliers of today, and who was taken over by whom."""

    suppliers: frozenset[Eui64]
    taken_over: Mapping[Eui64, Successor]


def standing_of(
    device: Device,
    user_id: Eui64 | None,
    *,
    where_nobody_is_named: bool = False,
    known: Known | None = None,
) -> Standing:
    """Return how `user_id` stands to `device`, whose model is at hand; a few queries, none where all is `known`.

    `where_nobody_is_named` tells whether it counts as responsible where neither a registration nor a notifying
    party is known: a supplier's message does (docs/adr/0017), people on screen do not. An unknown notifying party
    is nobody's to stand in for.
    """
    if known is None:
        today = timezone.localdate()
        taken_over = accounts.successors(today)
        known = Known(responsible_for(device, today, taken_over=taken_over).user_ids, taken_over)
    suppliers = known.suppliers
    notifier = device.notified_by_id
    notified = notifier is not None and user_id is not None and notifier in stands_for(user_id, known.taken_over)
    return Standing(
        device_type=DeviceType(device.device_type),
        smi_status=None if device.smi_status is None else SmiStatus(device.smi_status),
        is_smets1=is_smets1(device),
        is_joined=device.comms_hub_id is not None,
        is_notifying_party=notified,
        is_responsible=user_id in suppliers if suppliers else where_nobody_is_named,
    )


def stands_for(user_id: Eui64, taken_over: Mapping[Eui64, Successor] | None = None) -> frozenset[Eui64]:
    """Return a User ID with those that it has taken over: what they pre-notified is its own now."""
    heirs = accounts.successors() if taken_over is None else taken_over
    return frozenset({user_id, *(each for each, heir in heirs.items() if heir.user_id.eui == user_id)})


def is_smets1(device: Device) -> bool:
    """Tell whether a device is of SMETS1: by its version, its S1SP or its region."""
    return bool(
        device.s1sp
        or device.csp_region == CspRegion.SMETS1
        or generation_of(device.device_model.smets_version) is Generation.SMETS1
    )


def smets1_models() -> Collection[int]:
    """Return the keys of the ESMEs' Device Models of SMETS1, for statements over many devices."""
    models = DeviceModel.objects.filter(device_type=DeviceType.ESME).values_list("pk", "smets_version")
    return [pk for pk, version in models if generation_of(version) is Generation.SMETS1]
