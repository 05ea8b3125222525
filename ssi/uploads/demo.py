"""The demo's signed files: an authority to trust, versions of thresholds, quarantined communications, samples.

What stands in the database went the way of every file: received, checked, submitted, confirmed and applied by the
people of the demo, with real signatures.
"""

import io
import os
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.accounts.acting import actor_for, choices_of, default_choice
from ssi.accounts.models import Person
from ssi.notifications.models import OutboxMessage
from ssi.refusals import NotAllowed, Refusal
from ssi.uploads import authority_folders, demo_files, demo_quarantine
from ssi.uploads.actions import applying, confirming, pipeline, receiving, submitting
from ssi.uploads.actions.rights import RoleEnded
from ssi.uploads.demo_files import AROHA, NORTHLIGHTS, Officers, Signed
from ssi.uploads.models import QuarantineEvent, Upload
from ssi.uploads.models.choices import Kind, State

AUTHORITY: Final = "demo-ca"
VALID_FOR: Final = timedelta(days=authority_folders.MOST_DAYS)
DESK: Final = "dana@dcc.example"
_TRUSTED: Final = ("root.pem", "issuer.pem", "root.crl", "issuer.crl")
_PREFIX: Final = "demo-"


class StillChecked(Refusal):
    """The demo's file {reference} cannot be checked to its end now."""


_NOT_NOW: Final = (StillChecked, NotAllowed, RoleEnded, receiving.UseEmail)
"""Why the demo's people cannot send files on a copy that was used before, or where no scanner answers."""

console = structlog.get_logger(__name__)


def load() -> str:
    """Make what is missing, and return a phrase for the terminal, "" if nothing was.

    Where SSI_FILE_TRUST names a folder with others' authorities, nothing is made: what the demo's would sign
    counts for nothing there.
    """
    people = {person.email: person for person in Person.objects.filter(email__in=(AROHA, DESK), is_active=True)}
    if len(people) != 2 or not _is_ours_to_fill(Path(settings.SSI_FILE_TRUST)):  # noqa: PLR2004 - both of them
        return ""
    authority = _authority()
    _publish(authority, Path(settings.SSI_FILE_TRUST))
    now = timezone.now().replace(microsecond=0)
    has_history = Upload.objects.filter(user_id=NORTHLIGHTS).exists()
    has_events = QuarantineEvent.objects.exists()
    if has_history and has_events and demo_files.are_there():
        return ""
    officers = Officers.of(authority)
    made = [] if has_history else _history(officers, {email: _actor(each) for email, each in people.items()}, now)
    if not has_events:
        made.append(demo_quarantine.hold_some(now, decided_by=_actor(people[AROHA])))
    demo_files.write(officers, now)
    return ", ".join([*made, f"signed files in {demo_files.FOLDER}"])


def _actor(person: Person) -> Actor:
    return actor_for(person, default_choice(choices_of(person)), via="demo")


def _is_ours_to_fill(trust: Path) -> bool:
    """Tell whether the trust folder is not there yet, or holds nothing but what we put there."""
    return bool(settings.SSI_FILE_TRUST) and (
        not trust.exists() or all(each.name.startswith(_PREFIX) for each in trust.iterdir())
    )


def _authority() -> Path:
    """Return the folder of the demo's authority, made whole or not at all."""
    folder = Path(settings.SSI_DATA_DIR) / AUTHORITY
    if not folder.exists():
        draft = Path(tempfile.mkdtemp(prefix=f".{AUTHORITY}-", dir=settings.SSI_DATA_DIR))
        authority_folders.make(draft, ends=VALID_FOR)
        try:
            draft.rename(folder)
        except OSError:  # another process was quicker
            shutil.rmtree(draft)
    return folder


def _publish(authority: Path, trust: Path) -> None:
    """Put the root, the issuer and their revocation lists, not their keys, where the portal looks."""
    trust.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in _TRUSTED:
        content, target = (authority / name).read_bytes(), trust / f"{_PREFIX}{name}"
        if not target.exists() or target.read_bytes() != content:
            draft = trust / f"{_PREFIX}{name}.{os.getpid()}"
            draft.write_bytes(content)
            draft.replace(target)


def _history(officers: Officers, actors: dict[str, Actor], now: datetime) -> list[str]:
    """Send Northlight's three sets of thresholds, unless its people cannot now, such as in disaster recovery."""
    aroha, dana = actors[AROHA], actors[DESK]
    today = timezone.localdate()
    before = OutboxMessage.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    first = demo_files.adt(officers, demo_files.BEFORE, now - timedelta(hours=3), effective_date=today)
    second = demo_files.adt(officers, demo_files.IN_FORCE, now - timedelta(hours=2), effective_date=today)
    gas = demo_files.adt(officers, demo_files.AS_GAS_SUPPLIER, now - timedelta(hours=1), user_role="GS")
    try:
        with transaction.atomic():
            for each in (first, second):
                reference = _submitted(each, aroha)
                confirming.confirm(reference=reference, unscanned_accepted=True, by=dana)
                applying.apply_due(reference=reference)
            _submitted(gas, aroha)
    except _NOT_NOW as refusal:
        console.warning("demo_without_uploads", because=str(refusal))
        return []
    OutboxMessage.objects.filter(pk__gt=before).delete()  # its story is past: its e-mails are not to be sent now
    return ["3 sets of thresholds"]


def _submitted(signed: Signed, by: Actor) -> str:
    """Send a file, have it checked and submit it; return its reference. Raises Refusal where it did not pass."""
    upload = receiving.receive(
        kind=Kind.ADT,
        file=io.BytesIO(signed.content),
        name=signed.name,
        size=len(signed.content),
        signature=signed.signature,
        signature_name=f"{signed.name}.sig",
        submit_when_checked=False,
        by=by,
    )
    pipeline.process(upload.pk)
    upload.refresh_from_db(fields=["state"])
    if upload.state == State.RECEIVED:
        raise StillChecked(reference=upload.reference)
    submitting.submit(reference=upload.reference, warnings_checked=True, by=by)
    return upload.reference
