"""Versions of thresholds: those in force or on their way, every one that ever was, and what each holds."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, QuerySet

from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64
from ssi.uploads.models import Threshold, Upload
from ssi.uploads.models.choices import SUBMITTED_STATES, Kind, State
from ssi.uploads.search.thresholds import thresholds_of
from ssi.uploads.search.uploads import NEWEST_FIRST
from ssi.web.pages import Page, page_of
from ssi.web.references import ReferenceConverter

EVER_IN_FORCE: Final = (State.APPLIED, State.SUPERSEDED)
MOST_SHOWN: Final = 600
"""Thresholds of one version on one page: all that DUIS has, without their exceptions, are fewer."""

VERSIONS_SHOWN: Final = 20
_EXPORT_CHUNK: Final = 2_000


@dataclass(frozen=True, slots=True)
class ThresholdFilters:
    """What narrows thresholds; empty ones do not."""

    srv: str = ""
    message_type: str = ""


def user_ids_seen(by: Actor) -> Sequence[UserId]:
    """Return the User IDs whose thresholds the actor may see: the own one; for DCC's staff all, by party."""
    found = UserId.objects.select_related("party").order_by("party__name", "eui")
    if by.is_dcc:
        return list(found)
    return list(found.filter(pk=by.user_id)) if by.user_id else []


def current_of(user_id: Eui64, *, by: Actor) -> Sequence[Upload]:
    """Return what is in force for a User ID in each of its User Roles, and what is on its way; one query."""
    found = Upload.objects.visible_to(by).filter(
        kind=Kind.ADT, user_id=user_id, state__in=(State.APPLIED, *SUBMITTED_STATES)
    )
    return list(found.select_related("signer").order_by("user_role", "state"))


def narrowed(upload: Upload, filters: ThresholdFilters) -> QuerySet[Threshold]:
    """Return the thresholds of a version that fit, in the order of the SRVs."""
    found = thresholds_of(upload)
    if filters.srv:
        found = found.filter(srv=filters.srv)
    if filters.message_type:
        found = found.filter(message_type=filters.message_type)
    return found


def every_threshold(upload: Upload) -> Iterator[Threshold]:
    """Yield the thresholds of a version, those that a DELTA left alone too."""
    return thresholds_of(upload).iterator(chunk_size=_EXPORT_CHUNK)


def versions_page(*, by: Actor, user_id: Eui64 | None, cursor: str = "") -> Page[Upload]:
    """Return a page of the versions that are, or were, in force, the newest first; of all Users where None."""
    found = _versions(by)
    if user_id is not None:
        found = found.filter(user_id=user_id)
    people = ("party", "signer", "submitted_by", "approved_by", "confirmed_by", "compared_with")
    return page_of(found.select_related(*people), key=NEWEST_FIRST, cursor=cursor, size=VERSIONS_SHOWN)


def version(reference: str, *, by: Actor) -> Upload | None:
    """Return a version that is, or was, in force; None for what `by` may not see alike, and for no reference."""
    if not re.fullmatch(ReferenceConverter.regex, reference):
        return None
    return _versions(by).select_related("party").filter(reference=reference.upper()).first()


def sizes_of(uploads: Collection[Upload]) -> Mapping[int, int]:
    """Return how many thresholds each of the versions holds, by its key; one query over an index."""
    rows = Threshold.objects.filter(upload__in=[each.pk for each in uploads]).values("upload_id").order_by()
    return {row["upload_id"]: row["number"] for row in rows.annotate(number=Count("pk"))}


def _versions(by: Actor) -> QuerySet[Upload]:
    return Upload.objects.visible_to(by).filter(kind=Kind.ADT, state__in=EVER_IN_FORCE)
