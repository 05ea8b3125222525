"""Checking files anew that were checked against thresholds which are in force no more."""

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from ssi.access.actor import Actor
from ssi.uploads.models import Upload, UploadFinding, UploadStep
from ssi.uploads.models.choices import Kind, State, Step
from ssi.uploads.tasks import wake_after_commit
from ssi.workflow import perform


@transaction.atomic
def check_again_where_changed() -> int:
    """Send every checked upload back to the check that was held against other thresholds; return how many.

    They are not submitted yet, so nobody but their own User is concerned. May run at any time, and twice: what
    somebody holds at this moment is left for the next time.
    """
    changed = list(_changed().select_for_update(of=("self",), no_key=True, skip_locked=True))
    for upload in changed:
        _check_again(upload)
    return len(changed)


def _check_again(upload: Upload) -> None:
    UploadStep.objects.filter(upload=upload, step=Step.CHECK).delete()
    UploadFinding.objects.filter(upload=upload, step=Step.CHECK).delete()
    upload.warnings, upload.second_because, upload.compared_with = 0, [], None
    upload.save(update_fields=["warnings", "second_because", "compared_with"])
    perform(upload.check_again, by=Actor.system(), event="upload.checked_again")
    wake_after_commit(upload.pk)


def _changed() -> QuerySet[Upload]:
    applied = Upload.objects.filter(
        kind=Kind.ADT, state=State.APPLIED, user_id=OuterRef("user_id"), user_role=OuterRef("user_role")
    )
    same = Q(compared_with=F("now_in_force")) | Q(compared_with__isnull=True, now_in_force__isnull=True)
    waiting = Upload.objects.filter(kind=Kind.ADT, state=State.CHECKED)
    return waiting.annotate(now_in_force=Subquery(applied.values("pk")[:1])).exclude(same)
