"""Signed pre-commands of 8.1.1, 8.7.1, 8.8.1 and 11.3: a critical command goes to its device at last.

What it asks is in GBCS, and sealed. The request that asked for it, under the same RequestID and with Command
Variant 4, said what it is and was checked; from here on that request awaits the device's answer.
"""

from datetime import datetime

from inventory.actions.service_requests.applied import ACCEPTED, Applied
from inventory.actions.service_requests.awaiting import refuse_future, sign
from inventory.duis.messages import SignedPreCommand
from inventory.rules import RULES
from ssi.access.actor import Actor


def send_signed(message: SignedPreCommand, *, by: Actor, at: datetime) -> Applied:
    """Note that a pre-command was signed and sent; raises DuisRefusal."""
    refuse_future(message.execute_at, at=at)
    asked = sign(message.request_id, message.srv, command_variant=message.command_variant, at=at)
    return Applied(
        ACCEPTED,
        f"{RULES[message.srv].name}: the signed pre-command was sent. Nothing moves before the device answers.",
        device_id=asked.device_id,
    )
