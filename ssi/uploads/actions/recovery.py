"""Disaster recovery: DCC says "use e-mail", and the desk registers the files that come, by the same pipeline.

A registered file is checked like any other: its signature must be an ARO's. It goes to DCC by itself on the
signer's behalf. Where a person has to look first, the desk asks the User and says who said yes; where a second
officer is needed, another member of DCC's staff asks a second one. Source: DP109; ours.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import BinaryIO, Final

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.accounts.models import Person, UserId
from ssi.audit import log
from ssi.eui64 import Eui64
from ssi.refusals import NotAllowed, NotInThisState, Refusal
from ssi.uploads import emails_of_the_desk as emails
from ssi.uploads import recipients
from ssi.uploads.actions import approving, receiving, submitting, withdrawing
from ssi.uploads.actions.locking import locked
from ssi.uploads.models import DisasterRecovery, Upload
from ssi.uploads.models.choices import Kind
from ssi.uploads.search import recovery as search

LONGEST_NAME: Final = 40
"""Of whoever authorised something: `Upload.authorised_by` has room for four, with what each said yes to."""


APPROVED: Final = "approved"


class RecoveryIsRunning(Refusal):
    """Disaster recovery was declared already, and runs."""

    suggestion = "Reload the page to see who declared it and why. End it first if its instructions are to change."
    status = HTTPStatus.CONFLICT
    source = "One place to send files to at a time"


class NoRecoveryThen(Refusal):
    """No disaster recovery was running when this e-mail came, or it ended too long ago."""

    suggestion = (
        "Check when it came. Files of other times are not taken by e-mail: ask the User to upload it itself."
    )
    field = "came_at"
    source = "DP109: e-mail is kept for disaster recovery"


class NotYet(Refusal):
    """An e-mail cannot have come in the future."""

    suggestion = "Enter the time at which it came, in London time."
    field = "came_at"


class UserIdUnknown(Refusal):
    """There is no User ID {user_id} in the portal."""

    suggestion = "Check the number: it stands in the file's name and in its first line."
    field = "for_user_id"


class NotAnOfficer(Refusal):
    """Whoever says yes must be an Authorised or Senior Responsible Officer of {user_id} now."""

    suggestion = "Choose one of its officers, and call them by a telephone number you have on file."
    field = "said_by"
    source = "The desk acts on the User's word alone"


class DidNotComeByEmail(Refusal):
    """{reference} did not come by e-mail, so the User itself goes on with it."""

    suggestion = "Ask the User's officers to do so on the upload's page."
    status = HTTPStatus.CONFLICT


class SameOfficer(Refusal):
    """{name} signed this file or said yes to it before, and two officers of the User must."""

    suggestion = "Ask another Authorised or Senior Responsible Officer of the User."
    field = "said_by"
    source = "DP108, ours: nobody approves what they submitted"


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A signed file as it was attached to an e-mail; `signature` is None where there was none."""

    kind: Kind
    content: "File[bytes] | BinaryIO"
    name: str
    size: int
    signature: bytes | None
    signature_name: str


def declare(*, because: str, instructions: str, by: Actor) -> DisasterRecovery:
    """Close uploads on screen and in the API, and tell everybody who may send files what to do instead.

    Raises NotAllowed and RecoveryIsRunning.
    """
    by.require(Component.SIGNED_FILES_DESK)
    try:
        with transaction.atomic():
            time = DisasterRecovery.objects.create(
                declared_by_id=_person(by), because=because, instructions=instructions
            )
            log.record("disaster_recovery.declared", by=by, about=time, because=because)
    except IntegrityError as clash:
        raise RecoveryIsRunning from clash
    return time


@transaction.atomic
def end(*, reference: str, by: Actor) -> DisasterRecovery:
    """End the disaster recovery `reference`: uploads are open again. Raises NotAllowed and NotInThisState.

    Whoever ends one that is over already did not see the one that may run now, so that one goes on.
    """
    by.require(Component.SIGNED_FILES_DESK)
    still_running = DisasterRecovery.objects.filter(reference=reference.upper(), ended_at__isnull=True)
    time = still_running.select_for_update(no_key=True).first()
    if time is None:
        raise NotInThisState(what="disaster recovery", state="over already")
    time.ended_at, time.ended_by_id = timezone.now(), by.person_id
    time.save(update_fields=["ended_at", "ended_by"])
    log.record("disaster_recovery.ended", by=by, about=time)
    return time


@transaction.atomic
def register(*, file: SignedFile, for_user_id: Eui64, came_at: datetime, said_by: int, by: Actor) -> Upload:
    """Register a file that came by e-mail for a User ID; it is checked, and submitted on its signer's behalf.

    `said_by` is the key of the officer who said that it is theirs; `came_at` must fall into a time of disaster
    recovery or a day after it. The User's AROs are told. Raises NotAllowed, UserIdUnknown, NotYet, NoRecoveryThen,
    NotAnOfficer and FileTooLarge.
    """
    by.require(Component.SIGNED_FILES_DESK)
    now = timezone.now()
    if came_at > now:
        raise NotYet
    time = search.of_email_that_came(came_at, now)
    if time is None:
        raise NoRecoveryThen
    if not UserId.objects.current().filter(pk=for_user_id).exists():
        raise UserIdUnknown(user_id=for_user_id)
    officer = _officer(said_by, for_user_id)
    upload = receiving.receive(
        kind=file.kind,
        file=file.content,
        name=file.name,
        size=file.size,
        signature=file.signature,
        signature_name=file.signature_name,
        submit_when_checked=True,
        by=by,
        for_user_id=for_user_id,
        sent_by_email_at=came_at,
        authorised_by=_named(officer),
    )
    upload.recovery = time  # of an e-mail that came before the end and is registered after it, none runs
    upload.said_yes = [officer.pk]
    upload.save(update_fields=["recovery", "said_yes"])
    emails.registered(upload, to=recipients.submitters_of(upload))
    log.record("upload.registered", by=by, about=upload, recovery=time.reference, authorised_by=_named(officer))
    return upload


def submit(*, reference: str, warnings_checked: bool, said_by: int, by: Actor) -> Upload:
    """Submit a checked file that came by e-mail, on the word of `said_by`; raises as `submitting.submit`."""
    return _on_the_users_word(
        reference,
        "submitted",
        said_by,
        by,
        lambda: submitting.submit(reference=reference, warnings_checked=warnings_checked, by=by),
    )


def approve(*, reference: str, said_by: int, by: Actor) -> Upload:
    """Approve, as another member of DCC's staff, on a second officer's word; raises as `approving.approve`.

    And SameOfficer.
    """
    return _on_the_users_word(
        reference, APPROVED, said_by, by, lambda: approving.approve(reference=reference, by=by)
    )


def withdraw(*, reference: str, said_by: int, by: Actor) -> Upload:
    """Take a file that came by e-mail back, on the word of `said_by`; raises as `withdrawing.withdraw`."""
    return _on_the_users_word(
        reference, "withdrawn", said_by, by, lambda: withdrawing.withdraw(reference=reference, by=by)
    )


@transaction.atomic
def _on_the_users_word(reference: str, done: str, said_by: int, by: Actor, act: Callable[[], Upload]) -> Upload:
    """Do `act` with an upload that came by e-mail, and keep who of the User said yes to it."""
    by.require(Component.SIGNED_FILES_DESK)
    upload = locked(reference, by=by)
    if upload.recovery_id is None:
        raise DidNotComeByEmail(reference=upload.reference)
    officer = _officer(said_by, upload.user_id_id)
    said = _named(officer)
    if done == APPROVED and officer.pk in {upload.signer_id, *upload.said_yes}:
        raise SameOfficer(name=said)
    upload.authorised_by = f"{upload.authorised_by}; {done}: {said}"
    upload.said_yes = [*upload.said_yes, officer.pk]
    upload.save(update_fields=["authorised_by", "said_yes"])
    acted = act()
    log.record(f"upload.{done}_on_word", by=by, about=upload, authorised_by=said)
    return acted


def _person(by: Actor) -> int:
    """Return the key of the person who acts: disaster recovery is somebody's decision, not a program's."""
    if by.person_id is None:
        raise NotAllowed(why="Only a person can decide this.", way_out="Sign in as DCC's staff.")
    return by.person_id


def _officer(person_id: int, user_id: Eui64) -> Person:
    """Return an officer of the User ID, whose role cannot end before the transaction does. Raises NotAnOfficer."""
    held = search.officers_grants().filter(person=person_id, acting_for=user_id).order_by("pk")
    grant = held.select_for_update(of=("self",), no_key=True).first()
    if grant is None:
        raise NotAnOfficer(user_id=user_id)
    return grant.person


def _named(officer: Person) -> str:
    return officer.name[:LONGEST_NAME]
