"""Applying what DCC confirmed: thresholds come into force on their effective date, decisions at once.

An upload is applied as a whole in one transaction, together with the end of what it takes the place of, its step
and its e-mails. A worker that is killed in the middle has done nothing; the clock finds the upload again.
"""

from datetime import datetime
from typing import Final

import structlog
from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from ssi import waking
from ssi.access.actor import Actor
from ssi.refusals import Refusal
from ssi.uploads import emails, recipients
from ssi.uploads.actions.locking import hold_in_force
from ssi.uploads.kinds.adt import ThresholdsChangedMeanwhile
from ssi.uploads.kinds.registry import kind_of
from ssi.uploads.models import Upload, UploadStep
from ssi.uploads.models.choices import Kind, State, Step, StepResult
from ssi.workflow import perform

log = structlog.get_logger(__name__)

APPLY: Final = "ssi.uploads.jobs.apply_due"
MOST_IN_A_RUN: Final = 500
"""More than that are found by the next run."""


def wake_after_commit(upload: Upload) -> None:
    """Have a worker apply an upload once the caller's transaction is committed, if its date has come."""
    waking.wake_after_commit(APPLY, reference=upload.reference)


def apply_due(*, reference: str | None = None) -> int:
    """Apply what is confirmed and due, or only the upload of that reference; return how many were applied.

    Each in a transaction of its own: one that fails keeps none of the others from its turn, stays due, and comes
    after all the others next time. May run twice and beside others. Raises what the last one that failed raised,
    after all had their turn.
    """
    due = _due() if reference is None else _due().filter(reference=reference)
    applied, failure = 0, None
    in_turn = due.annotate(failed_at=_last_try()).order_by(
        F("failed_at").asc(nulls_first=True), "confirmed_at", "id"
    )
    for upload_id in list(in_turn.values_list("pk", flat=True)[:MOST_IN_A_RUN]):
        try:
            applied += _apply(upload_id)
        except Exception as trouble:
            log.exception("upload_not_applied", upload_id=upload_id)
            failure = trouble
            _wait(upload_id, trouble)
    if failure is not None:
        raise failure
    return applied


def _due() -> QuerySet[Upload]:
    """Return what DCC has confirmed and whose effective date, a day in London, has come; EQF files have none."""
    has_come = Q(effective_date__isnull=True) | Q(effective_date__lte=timezone.localdate())
    return Upload.objects.filter(has_come, state=State.ACCEPTED, confirmed_at__isnull=False)


@transaction.atomic
def _apply(upload_id: int) -> bool:
    """Apply one upload, unless somebody else has it or it is due no more; tell whether it was applied."""
    began_at = timezone.now()
    upload = (
        _due()
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .select_related("user_id", "party")
        .filter(pk=upload_id)
        .first()
    )
    if upload is None:
        return False
    hold_in_force(upload)
    portal, at = Actor.system(), timezone.now()
    try:
        is_applied = kind_of(upload).apply(upload, by=portal, at=at)
    except ThresholdsChangedMeanwhile as changed:  # it can never be applied; nothing was written yet
        _give_up(upload, changed, at)
        return False
    if not is_applied:
        return False
    _write_step(upload, began_at)
    emails.applied(upload, to=recipients.submitters_of(upload))
    perform(upload.apply, by=portal, event="upload.applied", at=at)
    return True


def _give_up(upload: Upload, changed: ThresholdsChangedMeanwhile, at: datetime) -> None:
    """Reject what can never be applied any more, and say why."""
    log.error("upload_given_up", upload=upload.reference, because=changed.message)
    kind_of(upload).given_up(upload)
    emails.not_applied(upload, to=recipients.submitters_of(upload))
    because = f"{changed.message} {changed.way_out}"
    perform(upload.give_up, by=Actor.system(), event="upload.not_applied", at=at, because=because)


def _last_try() -> Subquery:
    """Return when an upload could not be applied last; nothing where that was not tried yet."""
    tried = UploadStep.objects.filter(upload=OuterRef("pk"), step=Step.APPLY)
    return Subquery(tried.values("started_at")[:1])


def _wait(upload_id: int, trouble: Exception) -> None:
    """Say that an upload could not be applied now, and when that was tried."""
    said = trouble.message if isinstance(trouble, Refusal) else "It could not be applied."
    facts = {"started_at": timezone.now(), "result": StepResult.WAITING, "detail": f"{said} It is tried again."}
    UploadStep.objects.get_or_create(upload_id=upload_id, step=Step.APPLY, defaults=facts)
    UploadStep.objects.filter(upload=upload_id, step=Step.APPLY, ended_at__isnull=True).update(**facts)


def _write_step(upload: Upload, began_at: datetime) -> None:
    said = "In force from now on." if upload.kind == Kind.ADT else "Every decision was carried out."
    UploadStep.objects.update_or_create(
        upload=upload,
        step=Step.APPLY,
        defaults={
            "started_at": began_at,
            "ended_at": timezone.now(),
            "result": StepResult.DONE,
            "detail": said,
        },
    )
