"""What DCC says to a signed file within a Working Day: it counts, or it does not. Source: DP109; domain 6.3."""

from http import HTTPStatus

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.audit import log
from ssi.notifications import outbox
from ssi.refusals import Refusal
from ssi.uploads import emails, moves, notices, recipients
from ssi.uploads.actions import applying
from ssi.uploads.actions.accepting import confirm_by
from ssi.uploads.actions.locking import locked
from ssi.uploads.actions.rights import require_now
from ssi.uploads.kinds.registry import kind_of
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Scan, State
from ssi.uploads.search import parts
from ssi.workflow import perform, require_move

LONGEST_REASON = 500
MOST_TOLD_AT_ONCE = 200


class NotScanned(Refusal):
    """{reference} was not scanned for malware, and nobody has said that it is to count all the same."""

    suggestion = "Scan the file by other means or ask the User where it was made; then tick the box, or refuse it."
    status = HTTPStatus.CONFLICT
    field = "unscanned_accepted"
    source = "Ours: what was not scanned is never taken for clean"


class RolesEnded(Refusal):
    """{who} Nobody has said that the file is to count all the same."""

    suggestion = "Ask an officer of the User whether they stand by it; then tick the box, or refuse it."
    status = HTTPStatus.CONFLICT
    field = "ended_accepted"
    source = "DP108: ending a person's role takes effect at once"


class WhyMissing(Refusal):
    """The User reads why its file is not taken, so a reason is needed, of at most 500 characters."""

    suggestion = "Write in a sentence or two what is wrong and what would mend it."
    field = "because"


@transaction.atomic
def confirm(*, reference: str, unscanned_accepted: bool, by: Actor, ended_accepted: bool = False) -> Upload:
    """Confirm a signed file for DCC: it is applied at once, or when its effective date comes.

    `unscanned_accepted` says that a file counts although no scanner has looked at it, `ended_accepted` although
    whoever signed, submitted or approved it is no officer any more. It is applied by a worker right after the
    commit, since that may touch a million rows. Raises UploadUnknown, NotAllowed (also for who registered it or
    recorded a second officer's yes), NotInThisState, RoleEnded, NotScanned, RolesEnded.
    """
    upload = locked(reference, by=by)
    if (refusal := moves.acted_for_the_user(upload, by)) is not None:
        raise refusal
    require_move(upload.confirm, by=by)
    require_now(by, Component.SIGNED_FILES_DESK)
    is_scanned = upload.scan == Scan.CLEAN
    if not is_scanned and not unscanned_accepted:
        raise NotScanned(reference=upload.reference)
    ended = parts.ended_parts([upload])[upload.pk]
    if ended and not ended_accepted:
        raise RolesEnded(who=" ".join(each.in_words for each in ended))
    _take_back_what_asks_for_it(upload)
    emails.confirmed(upload, to=recipients.submitters_of(upload))
    applying.wake_after_commit(upload)
    perform(upload.confirm, by=by, event="upload.confirmed", person_id=by.person_id, at=timezone.now())
    if not is_scanned:
        log.record("upload.unscanned_accepted", by=by, about=upload, scan=upload.scan)
    if ended:
        log.record("upload.ended_accepted", by=by, about=upload, parts=[each.in_words for each in ended])
    return upload


@transaction.atomic
def refuse(*, reference: str, because: str, by: Actor) -> Upload:
    """Refuse a signed file for DCC: it goes no further, and what is in force stays. The User reads `because`.

    Raises UploadUnknown, NotAllowed, NotInThisState, RoleEnded, WhyMissing.
    """
    upload = locked(reference, by=by)
    require_move(upload.refuse, by=by)
    require_now(by, Component.SIGNED_FILES_DESK)
    because = because.strip()
    if not because or len(because) > LONGEST_REASON:
        raise WhyMissing
    kind_of(upload).given_up(upload)
    _take_back_what_asks_for_it(upload)
    emails.refused(upload, to=recipients.submitters_of(upload))
    perform(
        upload.refuse,
        by=by,
        event="upload.refused",
        person_id=by.person_id,
        at=timezone.now(),
        because=because,
    )
    return upload


@transaction.atomic
def tell_of_overdue() -> int:
    """Tell the desk once of each file that should have been confirmed by now; return how many. May run twice."""
    overdue = list(_overdue_and_not_told().select_for_update(of=("self",), no_key=True, skip_locked=True))
    desk, now = recipients.service_desk(), timezone.now()
    for upload in overdue:
        upload.overdue_told_at = now
        upload.save(update_fields=["overdue_told_at"])
        emails.overdue(upload, to=desk)
    log.record_many("upload.overdue", by=Actor.system(), about=overdue)
    return len(overdue)


def _overdue_and_not_told() -> QuerySet[Upload]:
    today = timezone.localdate()
    waiting = Upload.objects.filter(state=State.ACCEPTED, confirmed_at__isnull=True, overdue_told_at__isnull=True)
    due = waiting.filter(confirm_due_date__lt=today).order_by("confirm_due_date", "id")
    return due[:MOST_TOLD_AT_ONCE]


def _take_back_what_asks_for_it(upload: Upload) -> None:
    outbox.take_back(event=notices.ACCEPTED.event, about=upload.audit_name, reference=upload.reference)


@transaction.atomic
def recount() -> int:
    """Count anew by when DCC is to confirm what it has not: the calendar changed; return how many days moved.

    The desk is told again of what becomes overdue by the new day. May run twice, and when nothing changed.
    """
    waiting = Upload.objects.filter(state=State.ACCEPTED, confirmed_at__isnull=True, accepted_at__isnull=False)
    moved = 0
    for upload in waiting.select_for_update(of=("self",), no_key=True).order_by("pk"):
        due_date = confirm_by(upload.accepted_at or timezone.now())
        if due_date == upload.confirm_due_date:
            continue
        upload.confirm_due_date, upload.overdue_told_at, moved = due_date, None, moved + 1
        upload.save(update_fields=["confirm_due_date", "overdue_told_at"])
        log.record("upload.recounted", by=Actor.system(), about=upload, due_date=due_date.isoformat())
    return moved
