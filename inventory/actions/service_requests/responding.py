"""Responses to Service Requests: what a device was asked for happens when it answers I0.

Any other code moves nothing: I99 acknowledges, as a pre-command does, and the answer is still to come; an E-code
says that nothing happened. Where the device moved meanwhile so that there is nothing left to do, the answer and
the audit trail tell it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from django.db import transaction

from inventory.actions.service_requests.applied import ACCEPTED, SUCCESS, Applied, Effect
from inventory.actions.service_requests.awaiting import claim, refuse_ahead, settle
from inventory.actions.service_requests.commissioning import commission_answered
from inventory.actions.service_requests.firmware_commands import firmware_activated, firmware_read
from inventory.actions.service_requests.han_device_log import carry_out_log_update
from inventory.actions.service_requests.joining import join_answered, unjoin_answered
from inventory.actions.service_requests.restoring_logs import log_restored
from inventory.duis.messages import RequestId, ServiceResponse
from inventory.duis.refusals import DuisRefusal
from inventory.models import AwaitedResponse
from ssi.access.actor import Actor
from ssi.refusals import NotInThisState

LOG_UPDATED: Final = "N24"
"""The DCC alert that an 8.11 succeeded; its N25 says that it did not."""

EFFECTS: Final[Mapping[str, Callable[..., Effect]]] = MappingProxyType(
    {
        "8.1.1": commission_answered,
        "8.7.1": join_answered,
        "8.7.2": join_answered,
        "8.8.1": unjoin_answered,
        "8.8.2": unjoin_answered,
        "8.11": carry_out_log_update,
        "8.12.1": log_restored,
        "8.12.2": log_restored,
        "11.2": firmware_read,
        "11.3": firmware_activated,
    }
)
"""What a success does, by Service Reference Variant of the request that it answers."""


def respond(message: ServiceResponse, *, by: Actor, at: datetime) -> Applied:
    """Carry out what a response says of the request that it answers; raises DuisRefusal."""
    code = message.response_code
    refuse_ahead(message.responded_at, at=at)
    awaited = claim(message.request_id, message.srv, code=code, responded_at=message.responded_at)
    if code == ACCEPTED or message.is_pre_command:
        return Applied(
            SUCCESS,
            f"Service Request {awaited.srv} was acknowledged; its response is still awaited.",
            device_id=awaited.device_id,
        )
    return outcome(awaited, code, is_success=code == SUCCESS, by=by, at=at)


def log_update_told(request_id: RequestId, code: str, *, alerted_at: datetime, by: Actor, at: datetime) -> Applied:
    """Carry out what DCC alert N24 says of an 8.11, or note that N25 says it failed; raises DuisRefusal."""
    awaited = claim(request_id, "8.11", code=code, responded_at=alerted_at)
    return outcome(awaited, code, is_success=code == LOG_UPDATED, by=by, at=at)


def outcome(awaited: AwaitedResponse, code: str, *, is_success: bool, by: Actor, at: datetime) -> Applied:
    """Settle a claimed request, and carry it out if this is the first that tells of its success."""
    was_done = any(each in {SUCCESS, LOG_UPDATED} for each in awaited.code.split())
    settle(awaited, code, at=at)
    if was_done:
        effect = Effect(f"Its outcome was known already: {awaited.code}. Nothing was changed.")
    elif is_success:
        effect = _carried_out(awaited, by=by, at=at)
    else:
        effect = Effect("The device did not do it: nothing was changed.")
    return Applied(
        SUCCESS,
        f"Service Request {awaited.srv} was answered with {code}. {effect.detail}",
        effect.events,
        device_id=awaited.device_id,
    )


def _carried_out(awaited: AwaitedResponse, *, by: Actor, at: datetime) -> Effect:
    """Do what the response says; where the device moved meanwhile, say so and leave it."""
    try:
        with transaction.atomic():
            return EFFECTS[awaited.srv](awaited, by=by, at=at)
    except (DuisRefusal, NotInThisState) as refusal:
        return Effect(f"Nothing was changed, for meanwhile: {refusal.message}")
