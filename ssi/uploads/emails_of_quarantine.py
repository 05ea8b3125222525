"""What we say by e-mail about quarantine events: a reference, a date and a link; never a device or a number.

Each function is one e-mail, written to the outbox in the caller's transaction; `recipients_of_quarantine.py` says
to whom.
"""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.formats import date_format

from ssi.notifications import outbox
from ssi.notifications.notices import Notice
from ssi.notifications.writing import link_to, written
from ssi.uploads import notices
from ssi.uploads.models import QuarantineEvent

_OF_DECIDERS = "You get this because you decide about quarantined messages of your company."
_OF_READERS = "You get this because you see the quarantined messages of your company."
_OF_DESK = "You get this because you work at the DCC service desk."


def opened(event: QuarantineEvent, *, to: Sequence[str]) -> None:
    """Ask the AROs to decide."""
    _post(
        notices.QUARANTINE_OPENED,
        event,
        to,
        news="please decide",
        sentence="DCC quarantined messages of your company: a threshold or a limit was exceeded.",
        what_to_do="find out why, decide about each message on its page, and upload the signed file.",
        why=_OF_DECIDERS,
    )


def opened_copy(event: QuarantineEvent, *, to: Sequence[str]) -> None:
    """Tell SROs and security analysts, who only look on."""
    _post(
        notices.QUARANTINE_OPENED_COPY,
        event,
        to,
        news="messages quarantined",
        sentence="DCC quarantined messages of your company: a threshold or a limit was exceeded.",
        what_to_do="nothing, unless nobody is there to decide. The officers who decide have been told.",
        why=_OF_READERS,
    )


def due_soon(event: QuarantineEvent, *, to: Sequence[str]) -> None:
    """Remind the AROs before the decision is due."""
    _post(
        notices.QUARANTINE_DUE_SOON,
        event,
        to,
        news="decision due soon",
        sentence="Quarantined messages of your company still wait for a decision.",
        what_to_do="decide about each message on its page, and upload the signed file.",
        why=_OF_DECIDERS,
    )


def overdue(event: QuarantineEvent, *, to: Sequence[str]) -> None:
    """Tell AROs and SROs that the decision is late."""
    _post(
        notices.QUARANTINE_OVERDUE,
        event,
        to,
        news="decision overdue",
        sentence="A decision about quarantined messages of your company is overdue. They stay where they are.",
        what_to_do="decide about each message on its page, and upload the signed file.",
        why=_OF_DECIDERS,
    )


def overdue_for_desk(event: QuarantineEvent, *, to: Sequence[str]) -> None:
    """Tell the desk that a User has not decided in time."""
    _post(
        notices.QUARANTINE_OVERDUE_DESK,
        event,
        to,
        news="User's decision overdue",
        sentence="A User has not decided in time about messages that DCC quarantined.",
        what_to_do="look at its page, and ask the User's officers if they need help.",
        why=_OF_DESK,
    )


def _post(
    notice: Notice,
    event: QuarantineEvent,
    to: Sequence[str],
    *,
    news: str,
    sentence: str,
    what_to_do: str,
    why: str,
) -> None:
    due = date_format(timezone.localtime(event.due_at), "D j M Y, H:i")
    email = written(
        notice,
        subject=f"Quarantine {event.reference}: {news}",
        template="uploads/emails/news",
        sentence=sentence,
        what_to_do=what_to_do,
        facts=[("Reference", event.reference), ("Decision due", due)],
        link=link_to(event.reference),
        link_text="Open the quarantine event",
        why=why,
    )
    outbox.post(email, to=to, about=event.audit_name, reference=event.reference)
