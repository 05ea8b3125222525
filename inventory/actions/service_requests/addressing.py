"""Who stands in the ids of a message: the DCC itself is none of the devices and User IDs that are known here."""

from typing import Final

from inventory.actions.service_requests.refusals import SenderNotDcc, TargetNotDcc
from inventory.duis.messages import DccAlert, RequestId
from inventory.models import Device
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64

TO_THE_DCC: Final = 8
"""The Command Variant of requests that go to no device."""


def require_target(request_id: RequestId, command_variant: int) -> None:
    """Pass if a request to the DCC itself names no device or User as its target; raises TargetNotDcc."""
    if command_variant == TO_THE_DCC and (what := _known_as(request_id.target)):
        raise TargetNotDcc(target=request_id.target, what=what)


def require_from_dcc(alert: DccAlert) -> None:
    """Pass if a DCC alert names no User or device as its sender; raises SenderNotDcc."""
    if alert.sender is not None and (what := _known_as(alert.sender)):
        raise SenderNotDcc(sender=alert.sender, what=what)


def _known_as(eui: Eui64) -> str:
    """Return what an EUI-64 is known as here, "" if it is not: the DCC's own IDs are not registered."""
    if UserId.objects.filter(pk=eui).exists():
        return "a registered User ID"
    return "a device of the inventory" if Device.objects.filter(pk=eui).exists() else ""
