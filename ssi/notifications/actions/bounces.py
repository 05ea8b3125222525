"""Noting which e-mails bounced: accepted by our mail server, and given up by one further on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.audit import log
from ssi.notifications.bounces import Report, in_words, read
from ssi.notifications.mailboxes import Found
from ssi.notifications.models import OutboxMessage


class Verdict(StrEnum):
    """What a mail among the bounces turned out to be."""

    RECORDED = "recorded"
    KNOWN = "known already"
    SUPERSEDED = "sent again meanwhile"
    NOT_FINAL = "not given up"
    UNKNOWN = "none of our e-mails"
    NO_REPORT = "no delivery status notification"
    TOO_LARGE = "too large"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one mail; `message_id` and `status` where it is about one of our e-mails."""

    name: str
    verdict: Verdict
    message_id: str = ""
    status: str = ""
    detail: str = ""


def record_bounces(*, mails: Iterable[Found], by: Actor) -> Iterator[Answer]:
    """Note the e-mails that `mails` report as given up, each in its own transaction; reading twice notes once.

    A report that a mail server goes on trying changes nothing; other mail and strangers' reports are only named.
    """
    by.require(Component.SERVICE_DESK)
    for mail in mails:
        yield _answer(mail, by)


def _answer(mail: Found, by: Actor) -> Answer:
    if mail.content is None:
        verdict = Verdict.UNREADABLE if mail.is_unreadable else Verdict.TOO_LARGE
        return Answer(mail.name, verdict, detail=mail.wrong)
    report = read(mail.content)
    if report is None:
        return Answer(mail.name, Verdict.NO_REPORT)
    verdict, message_id = _record(report, by)
    return Answer(mail.name, verdict, message_id, report.status if message_id else "")


@transaction.atomic(durable=True)
def _record(report: Report, by: Actor) -> tuple[Verdict, str]:
    """Note what a report says of one of our e-mails; return what it was and the e-mail's Message-ID, if ours."""
    ours = OutboxMessage.objects.select_for_update().filter(message_id__in=report.message_ids)
    messages = {message.message_id: message for message in ours.order_by("pk")}
    message = next((messages[each] for each in report.message_ids if each in messages), None)
    if message is None:
        return Verdict.UNKNOWN, ""
    if not report.is_final:
        return Verdict.NOT_FINAL, message.message_id
    if report.fingerprint in message.bounce_reports:
        return Verdict.KNOWN, message.message_id
    message.bounce_reports = [*message.bounce_reports, report.fingerprint]
    if message.delivered_at is None:
        message.save(update_fields=["bounce_reports"])
        return Verdict.SUPERSEDED, message.message_id
    message.bounced_at = message.bounced_at or timezone.now()
    message.bounce = in_words(report.status)
    message.save(update_fields=["bounced_at", "bounce", "bounce_reports"])
    log.record("outbox_message.bounced", by=by, about=message, status=report.status, tells_of=message.reference)
    return Verdict.RECORDED, message.message_id
