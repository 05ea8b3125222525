"""How uploads and what was found in them are found, each reader their own."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet

from ssi.access.actor import Actor
from ssi.refusals import Refusal
from ssi.uploads.models import Upload, UploadFinding
from ssi.web.pages import PAGE_SIZE, Page, page_of

NEWEST_FIRST = ("-received_at", "-id")
BY_LINE = ("line", "id")
EXPORT_CHUNK = 2_000


class UploadUnknown(Refusal):
    """There is no upload {reference} that you may see."""

    suggestion = "Check the reference, and that you act for the User ID that it was sent for."
    status = HTTPStatus.NOT_FOUND


def one(reference: str, *, by: Actor) -> Upload:
    """Return the upload with everybody that it names. Raises UploadUnknown also for what `by` may not see."""
    found = _with_people(Upload.objects.visible_to(by)).filter(reference=reference.upper()).first()
    if found is None:
        raise UploadUnknown(reference=reference.upper())
    return found


def uploads_page(
    filters: Mapping[str, Any], *, by: Actor, cursor: str = "", size: int = PAGE_SIZE
) -> Page[Upload]:
    """Return one page of the uploads that `by` may see, the newest first; `filters` are `state` and `kind`."""
    return page_of(_narrowed(filters, by), key=NEWEST_FIRST, cursor=cursor, size=size)


def every_upload(filters: Mapping[str, Any], *, by: Actor) -> Iterator[Upload]:
    """Yield what `uploads_page` pages through, whole."""
    return _narrowed(filters, by).order_by(*NEWEST_FIRST).iterator(chunk_size=EXPORT_CHUNK)


def findings_page(upload: Upload, *, cursor: str = "", size: int = PAGE_SIZE) -> Page[UploadFinding]:
    """Return one page of what was found, in the order of the file; the file as a whole comes first."""
    return page_of(UploadFinding.objects.filter(upload=upload), key=BY_LINE, cursor=cursor, size=size)


def every_finding(upload: Upload) -> Iterator[UploadFinding]:
    """Yield everything that was found, in the order of the file."""
    return UploadFinding.objects.filter(upload=upload).order_by(*BY_LINE).iterator(chunk_size=EXPORT_CHUNK)


def _narrowed(filters: Mapping[str, Any], by: Actor) -> QuerySet[Upload]:
    wanted = {name: filters[name] for name in ("state", "kind") if filters.get(name)}
    return Upload.objects.visible_to(by).filter(**wanted).select_related("party", "uploaded_by")


def _with_people(uploads: QuerySet[Upload]) -> QuerySet[Upload]:
    return uploads.select_related(
        "party",
        "user_id",
        "uploaded_by",
        "signer",
        "submitted_by",
        "warnings_checked_by",
        "approved_by",
        "confirmed_by",
        "ended_by",
        "compared_with",
    )
