"""What the DCC service desk can do with an e-mail that did not arrive."""

from http import HTTPStatus

from django.db import transaction
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.audit import log
from ssi.notifications import outbox
from ssi.notifications.models import OutboxMessage
from ssi.refusals import NotInThisState, Refusal


class MessageUnknown(Refusal):
    """There is no such e-mail in the outbox."""

    suggestion = "Reload the list; e-mails leave it 90 days after they were delivered."
    status = HTTPStatus.NOT_FOUND


class NothingLeftToSend(Refusal):
    """The e-mail to {recipient} held a link that opens an account, and is not kept."""

    suggestion = "Send the person a new link from the page of their account."
    status = HTTPStatus.CONFLICT


@transaction.atomic
def send_again(*, message_id: int, by: Actor) -> OutboxMessage:
    """Try again, from the beginning, to deliver an e-mail that was given up or bounced, once its address works.

    It keeps its Message-ID. Raises NotAllowed, MessageUnknown, NothingLeftToSend, and NotInThisState unless it was
    given up or bounced.
    """
    by.require(Component.SERVICE_DESK)
    message = OutboxMessage.objects.select_for_update().filter(pk=message_id).first()
    if message is None:
        raise MessageUnknown
    if message.dead_at is None and message.bounced_at is None:
        state = "delivered" if message.delivered_at else "still waiting to be delivered"
        raise NotInThisState(what=f"e-mail {message.pk}", state=state)
    if not message.html:
        raise NothingLeftToSend(recipient=message.recipient)
    _put_back(message)
    outbox.wake_after_commit()
    log.record("outbox_message.sent_again", by=by, about=message, tells_of=message.reference)
    return message


def _put_back(message: OutboxMessage) -> None:
    """Make an e-mail wait as if it had just been posted; which reports were counted is remembered."""
    message.dead_at = message.delivered_at = message.handled_at = message.bounced_at = None
    message.bounce = ""
    message.attempts = 0
    message.next_attempt_at = timezone.now()
    message.save(
        update_fields=[
            "dead_at",
            "delivered_at",
            "handled_at",
            "bounced_at",
            "bounce",
            "attempts",
            "next_attempt_at",
        ]
    )
