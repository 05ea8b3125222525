"""Signed pre-commands (Command Variants 5 to 7): the second half of a critical request.

A critical Service Request comes twice under one RequestID: first to have its pre-command made (Command Variant 4),
then with that pre-command signed, which is sealed and is sent to the device. What it asks was said the first time,
and is checked again, for it is now that it is sent (SEC App AC 4.12).
"""

from typing import Final

from inventory.actions.service_requests.refusals import PreCommandNotAsked
from inventory.duis.messages import DeviceCommand, SignedPreCommand
from inventory.models import AwaitedResponse
from ssi.eui64 import Eui64

NAMES_NO_OTHER: Final = frozenset({"8.1.1", "11.3"})
"""Requests about the target alone, which is known without the first half."""


def as_asked(message: SignedPreCommand) -> DeviceCommand:
    """Return the command that a signed pre-command stands for.

    Raises PreCommandNotAsked where its first half did not come here and is needed to know the other device.
    """
    request_id = message.request_id
    asked = AwaitedResponse.objects.filter(
        originator=request_id.originator,
        target=request_id.target,
        counter=request_id.counter,
        srv=message.srv,
        answered_at=None,
    ).first()
    if asked is None and message.srv not in NAMES_NO_OTHER:
        raise PreCommandNotAsked
    facts = asked.facts if asked else {}
    return DeviceCommand(
        request_id=request_id,
        command_variant=message.command_variant,
        srv=message.srv,
        device_id=message.device_id,
        other_device=Eui64.parse(facts["other"]) if "other" in facts else None,
        execute_at=message.execute_at,
        firmware_hash=facts.get("firmware_hash", ""),
    )
