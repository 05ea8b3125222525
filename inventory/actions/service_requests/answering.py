"""From the bytes of a message to its answer: read, apply in one transaction, record."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

from django.db import OperationalError, transaction
from psycopg.errors import DeadlockDetected

from inventory.actions.service_requests.applied import Applied
from inventory.actions.service_requests.han_device_log import update_han_device_log
from inventory.actions.service_requests.inventory_answer import seed_inventory
from inventory.actions.service_requests.prenotification import prenotify
from inventory.duis.answers import Answer
from inventory.duis.files import Source
from inventory.duis.limits import Limits
from inventory.duis.messages import HanDeviceLogUpdate, Message, Prenotification
from inventory.duis.reader import read_envelope, read_message
from inventory.duis.refusals import DuisRefusal
from ssi.access.actor import Actor
from ssi.audit import log

_ATTEMPTS: Final = 3


def answer(stream: BinaryIO, *, by: Actor, is_rehearsal: bool = False) -> Answer:
    """Apply the message in `stream`, all of it or nothing, and return its answer; a refusal is an answer.

    `by` is the feed, which carries messages for the User ID each names as its originator. In a rehearsal the
    caller rolls everything back afterwards, and nothing is recorded in the audit log.
    """
    envelope = None
    try:
        envelope = read_envelope(stream, Limits.from_settings())
        applied = _apply(read_message(envelope), request_id=envelope.request_id, by=by, is_rehearsal=is_rehearsal)
    except DuisRefusal as refusal:
        return Answer.refusing(refusal, envelope)
    return Answer.to(envelope, response_code=applied.response_code, detail=applied.detail)


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


def _apply(message: Message, *, request_id: str, by: Actor, is_rehearsal: bool) -> Applied:
    """Apply a message and record it. Chosen by PostgreSQL to give way to another writer, it starts again.

    A rehearsal takes its locks message by message and keeps them, so it can cross another's way; single messages
    take theirs in one order and cannot. It also stays out of the audit log, whose lock would hold up every other
    action of the portal until the rehearsal ends.
    """
    for attempts_left in reversed(range(_ATTEMPTS)):
        try:
            with transaction.atomic():
                applied = _dispatch(message, by=by)
                if not is_rehearsal:
                    for event in applied.events:
                        log.record(event.name, by=by, about=event.about, request_id=request_id, **event.detail)
                return applied
        except OperationalError as error:
            if not attempts_left or not isinstance(error.__cause__, DeadlockDetected):
                raise
    raise AssertionError("unreachable: the last attempt returns or raises")


def _dispatch(message: Message, *, by: Actor) -> Applied:
    if isinstance(message, Prenotification):
        return prenotify(message)
    if isinstance(message, HanDeviceLogUpdate):
        return update_han_device_log(message, by=by)
    return seed_inventory(message)
