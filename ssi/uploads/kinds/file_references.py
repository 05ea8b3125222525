"""The reference that a signed file holds, of any kind: NEW, or that of a file which the portal prepared.

F01 to F03, and of F04 that the reference, or the very same bytes, were used before. Source: domain 6.3.
"""

from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Final

from django.db.models import Q
from django.utils import timezone

from ssi.refusals import Refusal
from ssi.uploads.findings import Found
from ssi.uploads.formats.fields import NEW
from ssi.uploads.models import PreparedFile, Upload
from ssi.uploads.models.choices import Kind, State

ACCEPTED_ONCE: Final = Q(accepted_at__isnull=False) | Q(state=State.AWAITING_APPROVAL)
"""Uploads whose bytes are not taken again, whatever became of them: the model's constraint says the same."""

_FIELD: Final = "reference"


class ReferenceUsedMeanwhile(Refusal):
    """The reference in {reference} was used by another upload meanwhile."""

    suggestion = "Prepare the file again, sign that one and upload it."
    status = HTTPStatus.CONFLICT


class ReferenceWithdrawnMeanwhile(Refusal):
    """{prepared} was withdrawn on {at}, after {reference} was checked: it says what is not meant any more."""

    suggestion = "Download the file that took its place, or prepare it again; sign that one and upload it."
    status = HTTPStatus.CONFLICT
    source = "domain 6.3, F03"


def problems_with(upload: Upload) -> Iterator[Found]:
    """Yield F01, F02, F03 or F04 of the reference, and F04 of bytes that were accepted before."""
    if upload.file_reference and upload.file_reference != NEW:
        yield from _problem_with_reference(upload)
    same = Upload.objects.filter(ACCEPTED_ONCE, user_id=upload.user_id_id, sha256=upload.sha256)
    if before := same.exclude(pk=upload.pk).values_list("reference", flat=True).first():
        yield Found("F04", f"This very file was accepted before, as {before}.")


def _problem_with_reference(upload: Upload) -> Iterator[Found]:
    own = PreparedFile.objects.filter(user_id=upload.user_id_id).select_related("used_by")
    prepared = own.filter(reference=upload.file_reference).first()
    if prepared is None:
        yield Found("F01", f"The portal prepared no file {upload.file_reference} for you.", 1, _FIELD)
    elif prepared.kind != upload.kind:
        prepared_for = Kind(prepared.kind).label
        yield Found("F02", f"{prepared.reference} was prepared for {prepared_for}.", 1, _FIELD)
    elif prepared.used_by is not None and prepared.used_by_id != upload.pk:
        yield Found("F04", f"{prepared.reference} was used already, by {prepared.used_by.reference}.", 1, _FIELD)
    elif prepared.withdrawn_at is not None:
        yield Found("F03", f"{prepared.reference} was withdrawn on {_in_words(prepared.withdrawn_at)}.", 1, _FIELD)


def use(upload: Upload) -> None:
    """Take the prepared file whose reference the upload holds; nobody else can, whatever becomes of the upload.

    Its bytes are not accepted again, so it is not given back. Raises ReferenceUsedMeanwhile,
    ReferenceWithdrawnMeanwhile.
    """
    if upload.file_reference in {"", NEW}:
        return
    named = PreparedFile.objects.filter(reference=upload.file_reference)
    free = Q(used_by__isnull=True, withdrawn_at__isnull=True) | Q(used_by=upload)
    if named.filter(free).update(used_by=upload):
        return
    prepared = named.first()
    if prepared is not None and prepared.used_by_id is None and prepared.withdrawn_at is not None:
        at = _in_words(prepared.withdrawn_at)
        raise ReferenceWithdrawnMeanwhile(prepared=prepared.reference, at=at, reference=upload.reference)
    raise ReferenceUsedMeanwhile(reference=upload.reference)


def _in_words(at: datetime) -> str:
    return f"{timezone.localtime(at):%d %b %Y at %H:%M}"
