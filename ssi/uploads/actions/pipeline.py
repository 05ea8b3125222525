"""The way of a signed file, one for all kinds: scan, verify, parse, check, then refused as a whole, or checked.

PostgreSQL is the truth: an upload and its steps say what is still to be done, a message of the broker only hurries
a worker. Each step commits with its own row, so after a kill at any moment whoever comes next goes on where the
last commit ended, and two at once do nothing twice. What cannot be done now waits; it never passes. See ADR 22.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.uploads import emails, recipients
from ssi.uploads.actions import steps
from ssi.uploads.actions.submitting import submit_automatically
from ssi.uploads.kinds.registry import kind_of
from ssi.uploads.models import Upload, UploadStep
from ssi.uploads.models.choices import State, Step, StepResult
from ssi.uploads.scanning import ScannerSilent
from ssi.uploads.storage import BytesChanged
from ssi.uploads.trust import TrustUnusable
from ssi.workflow import perform

log = structlog.get_logger(__name__)

WAITS_FOR: Final = (ScannerSilent, TrustUnusable, BytesChanged)
"""What keeps a step from being done now, and nothing that the sender could do about."""

_TO_CHECK: Final = Q(state=State.RECEIVED)
_TO_SUBMIT: Final = Q(state=State.CHECKED, submit_when_checked=True)


def process(upload_id: int) -> None:
    """Take an upload through every step that is left; may run twice, also at once, and be killed at any moment."""
    with _alone(upload_id) as is_ours:
        if is_ours and all(_passes(upload_id, step) for step in steps.DO):
            _finish(upload_id)
            _submit(upload_id)


def uploads_to_do() -> list[int]:
    """Return the keys of the uploads that a worker is to take up, the oldest first."""
    return list(Upload.objects.filter(_TO_CHECK | _TO_SUBMIT).order_by("pk").values_list("pk", flat=True))


def _passes(upload_id: int, step: Step) -> bool:
    """Do a step unless it was done; tell whether the next one may follow."""
    upload, has_ended = _begun(upload_id, step)
    if upload is None:
        return False
    if has_ended:
        return True
    try:
        return steps.DO[step](upload)
    except WAITS_FOR as trouble:
        log.warning("upload_waits", upload=upload.reference, step=step.value, trouble=str(trouble))
        _wait(upload, step, str(trouble))
        return False


@transaction.atomic
def _begun(upload_id: int, step: Step) -> tuple[Upload | None, bool]:
    """Return the upload and whether the step was done; no upload where there is nothing to do any more."""
    upload = Upload.objects.filter(_TO_CHECK | _TO_SUBMIT, pk=upload_id).first()
    if upload is None:
        return None, False
    if upload.state == State.CHECKED:
        return upload, True
    row, _ = UploadStep.objects.get_or_create(upload=upload, step=step)
    return upload, row.ended_at is not None


def _wait(upload: Upload, step: Step, because: str) -> None:
    """Say of a step that it waits, and for what."""
    UploadStep.objects.filter(upload=upload, step=step, ended_at__isnull=True).update(
        result=StepResult.WAITING, detail=because[: steps.LONGEST_DETAIL]
    )


@transaction.atomic
def _finish(upload_id: int) -> None:
    """Refuse the file as a whole if anything is wrong with it, else say that it is checked."""
    upload = _locked(upload_id, _TO_CHECK)
    if upload is None or _ended_steps(upload) < steps.DO.keys():
        return
    if not upload.findings:
        perform(upload.checked, by=Actor.system(), event="upload.checked")
        return
    kind_of(upload).clear(upload)
    emails.rejected(upload, to=recipients.submitters_of(upload))
    perform(upload.reject, by=Actor.system(), event="upload.rejected", at=timezone.now())


@transaction.atomic
def _submit(upload_id: int) -> None:
    """Submit what was to be submitted by itself; where it cannot be, that is not tried again.

    In a transaction of its own: what follows may touch a million rows, and whoever has written to the audit log
    keeps all others from it until the commit.
    """
    upload = _locked(upload_id, _TO_SUBMIT)
    if upload is not None and not submit_automatically(upload):
        upload.submit_when_checked = False
        upload.save(update_fields=["submit_when_checked"])


def _locked(upload_id: int, where: Q) -> Upload | None:
    return Upload.objects.select_for_update(of=("self",), no_key=True).filter(where, pk=upload_id).first()


def _ended_steps(upload: Upload) -> set[str]:
    ended = UploadStep.objects.filter(upload=upload, ended_at__isnull=False)
    return set(ended.values_list("step", flat=True))


@contextmanager
def _alone(upload_id: int) -> Iterator[bool]:
    """Tell whether no other worker has this upload; a killed one's claim ends with its connection.

    This only saves work: that nothing is done twice is seen to by each step's own transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('upload'), %s)", [upload_id % 2**31])
        is_ours = bool(cursor.fetchone()[0])
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext('upload'), %s)", [upload_id % 2**31])
