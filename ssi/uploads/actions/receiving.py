"""Receiving a signed file: its bytes are kept as they came, it gets its reference, and a worker is woken."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.db.models import Min, Sum
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.accounts.models import UserId
from ssi.audit import log
from ssi.eui64 import Eui64
from ssi.refusals import NotAllowed, Refusal
from ssi.uploads import storage
from ssi.uploads.actions.rights import require_now
from ssi.uploads.models import Upload, UploadStep
from ssi.uploads.models.choices import Kind, Step, StepResult
from ssi.uploads.models.uploads import LONGEST_NAME, LONGEST_SIGNATURE, SUBMISSION
from ssi.uploads.search import recovery
from ssi.uploads.tasks import wake_after_commit

NAMELESS: Final = "(no name)"
_A_DAY: Final = timedelta(hours=24)


class UseEmail(Refusal):
    """Signed files are taken by e-mail alone at the moment: {why}"""  # noqa: D400, D415 - DCC's own words end it

    suggestion = "{instructions}"
    status = HTTPStatus.CONFLICT
    source = "DP109: e-mail is kept for disaster recovery"


class TooMuchToday(Refusal):
    """With this file {user_id} would have sent {megabytes} MB in 24 hours, and {most} MB are taken."""

    suggestion = (
        "Send it after {after}, when the first of those files no longer counts, or ask the DCC service desk"
        " whether the limit may be raised."
    )
    status = HTTPStatus.TOO_MANY_REQUESTS
    source = "Ours: no token fills the disk"


@transaction.atomic
def receive(
    *,
    kind: Kind,
    file: "File[bytes] | BinaryIO",
    name: str,
    size: int,
    signature: bytes | None,
    signature_name: str,
    submit_when_checked: bool,
    by: Actor,
    for_user_id: Eui64 | None = None,
    sent_by_email_at: datetime | None = None,
    authorised_by: str = "",
) -> Upload:
    """Keep a file and return its upload, which is `received`; everything about it is found out by a worker.

    The bytes are on the disk before the upload is committed. The desk names the User ID of a file that came by
    e-mail as `for_user_id`, with when it was sent and who authorised it. Raises NotAllowed, RoleEnded, UseEmail,
    TooMuchToday and FileTooLarge.
    """
    user_id = _entitled(kind, by, for_user_id, size)
    began_at = timezone.now()
    kept = storage.keep(file)
    upload = Upload.objects.create(
        kind=kind,
        party_id=user_id.party_id,
        user_id=user_id,
        uploaded_by_id=_person(by),
        via=by.via,
        received_at=began_at,
        submit_when_checked=submit_when_checked,
        **_facts_of(kept, name),
        signature=signature[: LONGEST_SIGNATURE + 1] if signature else None,  # a longer one is none: F11
        signature_name=_kept_name(signature_name),
        **_facts_of_email(sent_by_email_at, authorised_by, at=began_at),
    )
    _say_received(upload, began_at)
    wake_after_commit(upload.pk)
    log.record("upload.received", by=by, about=upload, kind=kind.value, bytes=kept.size, sha256=kept.sha256)
    return upload


def _facts_of(kept: storage.Kept, name: str) -> dict[str, Any]:
    file_name = _kept_name(name) or NAMELESS
    return {"file_name": file_name, "size": kept.size, "sha256": kept.sha256, "stored_as": kept.stored_as}


def _facts_of_email(sent_at: datetime | None, authorised_by: str, *, at: datetime) -> dict[str, Any]:
    """Return what is kept of a file that came by e-mail; nothing of another."""
    if sent_at is None:
        return {}
    time = recovery.of_email_that_came(sent_at, at)
    return {"recovery": time, "sent_by_email_at": sent_at, "authorised_by": authorised_by}


def _say_received(upload: Upload, began_at: datetime) -> None:
    """Write the first step: it is done once the bytes are on the disk."""
    UploadStep.objects.create(
        upload=upload,
        step=Step.RECEIVE,
        started_at=began_at,
        ended_at=timezone.now(),
        result=StepResult.DONE,
        detail=f"{upload.size:,} bytes were kept as they came.",
    )


def _entitled(kind: Kind, by: Actor, for_user_id: Eui64 | None, size: int) -> UserId:
    """Return for which User ID `by` sends a file of so many bytes. Raises as `receive`."""
    if for_user_id is not None:
        by.require(Component.SERVICE_DESK)
        return UserId.objects.get(pk=for_user_id)
    by.require(SUBMISSION[kind])
    require_now(by, SUBMISSION[kind])
    if (running := recovery.running()) is not None:
        raise UseEmail(why=running.because, instructions=running.instructions)
    user_id = UserId.objects.get(pk=by.user.user_id)
    _require_room(user_id, size, at=timezone.now())
    return user_id


def _require_room(user_id: UserId, size: int, *, at: datetime) -> None:
    """Pass if a User ID may send so many bytes more; what was rejected counts too. Raises TooMuchToday."""
    lately = Upload.objects.filter(user_id=user_id, received_at__gt=at - _A_DAY, recovery=None)
    sent = lately.aggregate(bytes=Sum("size"), first=Min("received_at"))
    total, most = (sent["bytes"] or 0) + size, settings.SSI_UPLOAD_MOST_BYTES_A_DAY
    if sent["first"] is not None and total > most:
        raise TooMuchToday(
            user_id=user_id.pk,
            megabytes=f"{-(-total // 1_000_000):,}",
            most=f"{most // 1_000_000:,}",
            after=f"{timezone.localtime(sent['first'] + _A_DAY):%Y-%m-%d %H:%M}",
        )


def _person(by: Actor) -> int:
    if by.person_id is None:
        raise NotAllowed(why="Only a person sends a signed file.", way_out="Sign in.")
    return by.person_id


def _kept_name(name: str) -> str:
    """Return a name as it can be kept; nothing on our disk is ever called by it."""
    text = name.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")
    return text[:LONGEST_NAME]
