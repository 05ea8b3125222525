"""From the bytes of a message to its answer: read, check, apply in one transaction, record."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import BinaryIO, Final

from django.db import OperationalError, transaction
from django.utils import timezone
from psycopg.errors import DeadlockDetected

from inventory.actions.service_requests import trail
from inventory.actions.service_requests.addressing import require_target
from inventory.actions.service_requests.alerts import dcc_alerted, device_alerted
from inventory.actions.service_requests.applied import Applied
from inventory.actions.service_requests.checks import require_sender
from inventory.actions.service_requests.commissioning import ask_to_commission
from inventory.actions.service_requests.decommissioning import decommission
from inventory.actions.service_requests.firmware import update_firmware
from inventory.actions.service_requests.firmware_commands import ask_about_firmware
from inventory.actions.service_requests.han_device_log import ask_for_log_update
from inventory.actions.service_requests.hubs import hub_installed, hub_returned
from inventory.actions.service_requests.inventory_answer import seed_inventory
from inventory.actions.service_requests.inventory_query import read_inventory
from inventory.actions.service_requests.joining import ask_to_join, ask_to_unjoin
from inventory.actions.service_requests.pre_commands import as_asked
from inventory.actions.service_requests.prenotification import prenotify
from inventory.actions.service_requests.responding import respond
from inventory.actions.service_requests.restoring_logs import ask_to_restore_log
from inventory.actions.service_requests.update_inventory import update_inventory
from inventory.actions.service_requests.wan_matrix import request_wan_matrix
from inventory.duis.answers import Answer
from inventory.duis.files import Source
from inventory.duis.headers import read_request_id
from inventory.duis.limits import Limits
from inventory.duis.messages import (
    DccAlert,
    DeviceAlert,
    InventoryAnswer,
    Message,
    ServiceResponse,
    SignedPreCommand,
)
from inventory.duis.reader import Envelope, read_envelope, read_message
from inventory.duis.refusals import DuisRefusal, NotHandledYet
from inventory.duis.trust import configured_trust
from inventory.models.choices import TrailKind
from inventory.rules import RULES
from ssi.access.actor import Actor
from ssi.audit import log
from ssi.eui64 import Eui64

_ATTEMPTS: Final = 3

HANDLERS: Final[Mapping[str, Callable[..., Applied]]] = MappingProxyType(
    {
        "8.1.1": ask_to_commission,
        "8.2": read_inventory,
        "8.3": decommission,
        "8.4": update_inventory,
        "8.7.1": ask_to_join,
        "8.7.2": ask_to_join,
        "8.8.1": ask_to_unjoin,
        "8.8.2": ask_to_unjoin,
        "8.11": ask_for_log_update,
        "8.12.1": ask_to_restore_log,
        "8.12.2": ask_to_restore_log,
        "8.14.1": hub_installed,
        "8.14.2": hub_installed,
        "8.14.3": hub_returned,
        "8.14.4": hub_returned,
        "11.1": update_firmware,
        "11.2": ask_about_firmware,
        "11.3": ask_about_firmware,
        "11.4": update_firmware,
        "12.1": request_wan_matrix,
        "12.2": prenotify,
    }
)
"""What applies a Service Request, by its variant. Who sent it, and how, was checked before: E1, E2, E3, E12."""


def answer(stream: BinaryIO, *, by: Actor, is_rehearsal: bool = False) -> Answer:
    """Apply the message in `stream`, all of it or nothing, and return its answer; a refusal is an answer.

    `by` is the feed, which carries messages for the User ID each names as its originator. What was answered is
    kept in that User's audit trail. In a rehearsal the caller rolls everything back afterwards, and nothing is
    recorded.
    """
    envelope = None
    try:
        envelope = read_envelope(stream, Limits.from_settings(), configured_trust())
        message = read_message(envelope)
    except DuisRefusal as refusal:
        return _refused(envelope, None, refusal, is_rehearsal=is_rehearsal)
    return answer_message(envelope, message, by=by, is_rehearsal=is_rehearsal)


def answer_message(envelope: Envelope, message: Message, *, by: Actor, is_rehearsal: bool = False) -> Answer:
    """Apply a message that was read, and return its answer: see `answer`."""
    try:
        applied = _apply(envelope, message, by=by, is_rehearsal=is_rehearsal)
    except DuisRefusal as refusal:
        return _refused(envelope, message, refusal, is_rehearsal=is_rehearsal)
    return Answer.to(
        envelope,
        response_code=applied.response_code,
        detail=applied.detail,
        suggestion=applied.suggestion,
        payload=applied.payload,
    )


def answer_all(sources: Iterable[Source], *, by: Actor, is_rehearsal: bool) -> Iterator[tuple[str, Answer]]:
    """Answer message after message and yield each with its file's name; a rehearsal leaves nothing behind.

    A rehearsal is one transaction that is rolled back, in which later messages see what earlier ones did.
    """
    if not is_rehearsal:
        for source in sources:
            yield source.name, _answer_source(source, by=by, is_rehearsal=False)
        return
    with transaction.atomic():
        for source in sources:
            yield source.name, _answer_source(source, by=by, is_rehearsal=True)
        transaction.set_rollback(True)


def _answer_source(source: Source, *, by: Actor, is_rehearsal: bool) -> Answer:
    try:
        with source.open() as stream:
            return answer(stream, by=by, is_rehearsal=is_rehearsal)
    except DuisRefusal as refusal:
        return Answer.refusing(refusal)


def _apply(envelope: Envelope, message: Message, *, by: Actor, is_rehearsal: bool) -> Applied:
    """Apply a message and record it. Chosen by PostgreSQL to give way to another writer, it starts again.

    A rehearsal takes its locks message by message and keeps them, so it can cross another's way; single messages
    take theirs in one order and cannot. It also stays out of the audit log, whose lock would hold up every other
    action of the portal until the rehearsal ends.
    """
    for attempts_left in reversed(range(_ATTEMPTS)):
        try:
            with transaction.atomic():
                at = timezone.now()
                applied = _carry_out(envelope, message, by=by, at=at)
                if not is_rehearsal:
                    _keep(envelope, message, applied, at=at)
                    for event in applied.events:
                        log.record(
                            event.name, by=by, about=event.about, request_id=envelope.request_id, **event.detail
                        )
                return applied
        except OperationalError as error:
            if not attempts_left or not isinstance(error.__cause__, DeadlockDetected):
                raise
    raise AssertionError("unreachable: the last attempt returns or raises")


def _carry_out(envelope: Envelope, message: Message, *, by: Actor, at: datetime) -> Applied:
    if isinstance(message, InventoryAnswer):
        return seed_inventory(message, at=at)
    if isinstance(message, ServiceResponse):
        return respond(message, by=by, at=at)
    if isinstance(message, DeviceAlert):
        return device_alerted(message, by=by, at=at)
    if isinstance(message, DccAlert):
        return dcc_alerted(message, by=by, at=at)
    if envelope.srv not in HANDLERS:
        raise NotHandledYet(what=f"Service Request {envelope.srv}")
    require_sender(message.request_id, message.command_variant, RULES[envelope.srv])
    require_target(message.request_id, message.command_variant)
    if isinstance(message, SignedPreCommand):
        message = as_asked(message)
    return HANDLERS[envelope.srv](message, by=by, at=at)


def _keep(envelope: Envelope, message: Message, applied: Applied, *, at: datetime) -> None:
    """Keep an applied request or response in its User's audit trail; alerts were kept where they were taken."""
    request_id = read_request_id(envelope.request_id)
    if request_id is None or isinstance(message, DeviceAlert | DccAlert):
        return
    trail.keep_message(
        request_id,
        kind=_kind(envelope),
        srv=envelope.srv,
        code=message.response_code if isinstance(message, ServiceResponse) else applied.response_code,
        answered=applied,
        device_id=_device_of(message),
        at=at,
    )


def _refused(
    envelope: Envelope | None, message: Message | None, refusal: DuisRefusal, *, is_rehearsal: bool
) -> Answer:
    """Return the answer to a refused message, which is kept as well if it is known from whom it came."""
    if envelope is not None and not is_rehearsal:
        _keep_refused(envelope, message, refusal)
    return Answer.refusing(refusal, envelope)


def _keep_refused(envelope: Envelope, message: Message | None, refusal: DuisRefusal) -> None:
    """Keep a refused message for who sent it, or for whom an alert was."""
    if isinstance(message, DeviceAlert | DccAlert):
        trail.keep_refused_alert(message, refusal)
        return
    request_id = read_request_id(envelope.request_id)
    if request_id is not None:
        trail.keep_refused(
            request_id, refusal, kind=_kind(envelope), srv=envelope.srv, device_id=_device_of(message)
        )


def _kind(envelope: Envelope) -> TrailKind:
    if envelope.is_signed_pre_command:
        return TrailKind.SIGNED_PRE_COMMAND
    return TrailKind.SERVICE_REQUEST if envelope.is_request else TrailKind.SERVICE_RESPONSE


def _device_of(message: Message | None) -> Eui64 | None:
    """Return the device that a message is about, None where it names none or several."""
    device_id: Eui64 | None = getattr(message, "device_id", None)
    return device_id
