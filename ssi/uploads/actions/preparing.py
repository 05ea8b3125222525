"""Writing a file of thresholds that an ARO signs off line: checked whole first, then kept under its reference.

A rehearsal runs the very reading and checking that the upload will go through, and leaves nothing behind; so the
page and the upload never disagree. Only what is known when the file comes back can still be found then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from http import HTTPStatus
from io import BytesIO
from typing import BinaryIO, Final

from django.db import transaction
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.accounts.models import UserId
from ssi.audit import log
from ssi.db import new_reference
from ssi.eui64 import Eui64
from ssi.refusals import Refusal
from ssi.uploads import storage
from ssi.uploads.actions.rights import require_now
from ssi.uploads.findings import Found
from ssi.uploads.formats import writing
from ssi.uploads.formats.fields import NEW
from ssi.uploads.kinds.adt import AdtFile
from ssi.uploads.models import PreparedFile, Upload
from ssi.uploads.models.choices import Kind
from ssi.uploads.search.thresholds import Difference, difference
from ssi.uploads.search.what_if import Summary, summary_of

FIRST_LINE: Final = 2
"""The line of the file in which the first threshold stands; before it comes the header."""


class PreparedFileUnknown(Refusal):
    """There is no prepared file {reference} of yours."""

    suggestion = "Prepare one under Thresholds, acting for the User ID that it is for."
    status = HTTPStatus.NOT_FOUND


class RowsAreWrong(Refusal):
    """Something is wrong with these thresholds, so no file was made of them."""

    suggestion = "Mend what the findings say."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a file is to say. A row is what stands in a D record after its line number."""

    user_role: str
    replaces: str
    effective_date: date
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What the upload would find: `problems` reject it, `warnings` are to be checked.

    Of a good file also why a second officer would have to approve it, what changes, and what the replay says.
    """

    problems: Sequence[Found]
    warnings: Sequence[Found]
    second_because: Sequence[str] = ()
    difference: Difference | None = None
    replay: Summary | None = None

    @property
    def is_good(self) -> bool:
        """Tell whether the upload would be accepted for submission."""
        return not self.problems


def rehearse(wanted: Wanted, *, by: Actor) -> Rehearsed:
    """Return everything that the upload of such a file would find; changes nothing."""
    by.require(Component.ADT_SUBMISSION)
    with transaction.atomic():
        rehearsed = _rehearsed(wanted, by)
        transaction.set_rollback(True)
    return rehearsed


def _rehearsed(wanted: Wanted, by: Actor) -> Rehearsed:
    created_at = _now()
    data = _written(wanted, NEW, created_at, by.user.user_id)
    upload = Upload.objects.create(
        kind=Kind.ADT,
        party_id=by.user.party_id,
        user_id_id=by.user.user_id,
        uploaded_by_id=by.person_id or 0,
        via=by.via,
        file_name=writing.name_of(Kind.ADT, by.user.user_id, NEW, created_at),
        size=len(data),
        sha256=sha256(data).hexdigest(),
    )
    kind = AdtFile()
    items = list(kind.read(upload, BytesIO(data)))
    found = [item for item in items if isinstance(item, Found)]
    kind.keep(upload, [item for item in items if not isinstance(item, Found)])
    upload.findings = len(found)
    found += kind.check(upload)
    problems = sorted((each for each in found if not each.is_warning), key=_by_line)
    warnings = [each for each in found if each.is_warning]
    if problems:
        return Rehearsed(problems, warnings)
    return Rehearsed(problems, warnings, upload.second_because, difference(upload), summary_of(upload))


def prepare(wanted: Wanted, *, by: Actor) -> PreparedFile:
    """Write the file and keep it under its reference, which is taken once; an older one of the role is withdrawn.

    Raises RowsAreWrong, NotAllowed, RoleEnded.
    """
    if not rehearse(wanted, by=by).is_good:
        raise RowsAreWrong
    reference, created_at = new_reference(), _now()
    kept = storage.keep(BytesIO(_written(wanted, reference, created_at, by.user.user_id)))
    with transaction.atomic():
        user_id = UserId.objects.select_for_update(no_key=True).get(pk=by.user.user_id)  # two at once, one later
        require_now(by, Component.ADT_SUBMISSION)
        older = PreparedFile.objects.filter(
            user_id=user_id, kind=Kind.ADT, user_role=wanted.user_role, used_by=None, withdrawn_at=None
        )
        withdrawn = sorted(older.values_list("reference", flat=True))
        older.update(withdrawn_at=timezone.now())
        prepared = PreparedFile.objects.create(
            reference=reference,
            kind=Kind.ADT,
            party_id=by.user.party_id,
            user_id=user_id,
            user_role=wanted.user_role,
            prepared_by_id=by.person_id or 0,
            file_name=writing.name_of(Kind.ADT, user_id.eui, reference, created_at),
            lines=len(wanted.rows),
            size=kept.size,
            sha256=kept.sha256,
            stored_as=kept.stored_as,
        )
        facts = {"user_role": wanted.user_role, "sha256": kept.sha256, "thresholds": prepared.lines}
        log.record("prepared_file.made", by=by, about=prepared, **facts, withdrawn=withdrawn)
    return prepared


def one(reference: str, *, by: Actor) -> PreparedFile:
    """Return a prepared file of thresholds of the actor's own User ID. Raises PreparedFileUnknown."""
    found = PreparedFile.objects.visible_to(by).filter(kind=Kind.ADT, reference=reference.upper())
    prepared = found.select_related("party", "used_by", "prepared_by").first()
    if prepared is None:
        raise PreparedFileUnknown(reference=reference.upper())
    return prepared


def opened(prepared: PreparedFile) -> BinaryIO:
    """Open its bytes, exactly those that are to be signed. Raises BytesChanged."""
    return storage.opened(prepared.stored_as, prepared.sha256)


def newest_open(user_id: Eui64, *, by: Actor) -> Sequence[PreparedFile]:
    """Return the prepared files of thresholds that can still be signed and sent, one a role at most."""
    found = PreparedFile.objects.visible_to(by).filter(
        user_id=user_id, kind=Kind.ADT, used_by=None, withdrawn_at=None
    )
    return list(found.select_related("prepared_by").order_by("-prepared_at", "-id")[:10])


def _written(wanted: Wanted, reference: str, created_at: datetime, user_id: Eui64) -> bytes:
    pieces = writing.adt_file(
        user_id=user_id,
        user_role=wanted.user_role,
        reference=reference,
        created_at=created_at,
        effective_date=wanted.effective_date,
        replaces=wanted.replaces,
        rows=wanted.rows,
    )
    return b"".join(pieces)


def _now() -> datetime:
    """Return the moment as a file holds it, to the second."""
    return timezone.now().replace(microsecond=0)


def _by_line(found: Found) -> int:
    return found.line
