"""What an upload's way to DCC has in common, be it submitted or approved: one set at a time, each file once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from http import HTTPStatus

from django.conf import settings
from django.db import IntegrityError, transaction

from ssi import working_days
from ssi.calendar import search as calendar
from ssi.refusals import NotInThisState, Refusal
from ssi.uploads.kinds.adt_checks import last_created_at
from ssi.uploads.kinds.file_references import ACCEPTED_ONCE
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import SUBMITTED_STATES, Kind, State
from ssi.uploads.search import thresholds

ONE_SUBMITTED_SET = "one_submitted_set_of_thresholds_per_user_id_and_role"
A_FILE_ONCE = "a_file_is_accepted_once"
"""The constraints that decide between two at the same moment."""


class AnotherSetIsSubmitted(Refusal):
    """Other thresholds of {user_id} as {user_role} are submitted already: {reference}, which is {state}."""

    suggestion = "Wait until {reference} is applied, or have it withdrawn if this file is to take its place."
    status = HTTPStatus.CONFLICT
    source = "Ours: two sets on their way at once would each be checked against what the other replaces"


class FileWasAccepted(Refusal):
    """This very file was accepted before, as {reference}."""

    suggestion = "Make a new file with a new creation time and sign that, if it is to be submitted again."
    status = HTTPStatus.CONFLICT
    source = "domain 6.3, F04: a file is not used twice"


class ChangedMeanwhile(NotInThisState):
    """The thresholds in force changed after {reference} was checked, so its differences are not true any more."""

    suggestion = (
        "It is checked again by itself within a minute. Reload its page, look at what changes, and submit."
    )
    status = HTTPStatus.CONFLICT
    source = "Ours: what is submitted is what was shown"


class ChangedSinceSubmitted(NotInThisState):
    """The thresholds in force changed after {reference} was submitted, so what it shows is not true any more."""

    suggestion = "Decline it, and have it uploaded again: it is then checked against what is in force."
    status = HTTPStatus.CONFLICT
    source = "Ours: what is approved is what was shown"


class NewerWasAccepted(Refusal):
    """A file that was created at {last}, not before {reference}, was accepted already."""

    suggestion = "Make the file anew with a later creation time, sign that one and upload it."
    status = HTTPStatus.CONFLICT
    source = "domain 6.3, F04"


def is_out_of_date(upload: Upload) -> bool:
    """Tell whether thresholds were checked against others than those in force; after `hold_in_force`."""
    if upload.kind != Kind.ADT:
        return False
    current = thresholds.in_force(upload.user_id_id, upload.user_role)
    return upload.compared_with_id != (current.pk if current else None)


def refuse_what_is_older(upload: Upload) -> None:
    """Pass unless thresholds created later came into force; those still on their way the constraint refuses.

    After `hold_in_force`. Raises NewerWasAccepted.
    """
    if upload.kind != Kind.ADT or upload.file_created_at is None:
        return
    last = last_created_at(upload, among=(State.APPLIED, State.SUPERSEDED))
    if last is not None and upload.file_created_at <= last:
        raise NewerWasAccepted(last=f"{last:%Y-%m-%dT%H:%M:%SZ}", reference=upload.reference)


def confirm_by(accepted_at: datetime) -> date:
    """Return the day by whose end DCC is to confirm what it gets at that moment."""
    return working_days.due(accepted_at, settings.SSI_UPLOAD_CONFIRM_WORKING_DAYS, calendar.overrides())


@contextmanager
def decided_by_constraints(upload: Upload) -> Iterator[None]:
    """Run a move of `upload` that the database may refuse; raises AnotherSetIsSubmitted or FileWasAccepted."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as clash:
        constraint = str(getattr(getattr(clash.__cause__, "diag", None), "constraint_name", "") or "")
        refuse = _REFUSALS.get(constraint)
        if refuse is None:
            raise
        raise refuse(upload) from clash


def _another_set(upload: Upload) -> Refusal:
    other = (
        Upload.objects.filter(user_id=upload.user_id_id, user_role=upload.user_role, kind=Kind.ADT)
        .filter(state__in=SUBMITTED_STATES)
        .exclude(pk=upload.pk)
        .first()
    )
    return AnotherSetIsSubmitted(
        user_id=upload.user_id_id,
        user_role=upload.user_role,
        reference=other.reference if other else "another upload",
        state=State(other.state).in_words if other else "on its way",
    )


def _same_file(upload: Upload) -> Refusal:
    other = (
        Upload.objects.filter(ACCEPTED_ONCE, user_id=upload.user_id_id, sha256=upload.sha256)
        .exclude(pk=upload.pk)
        .first()
    )
    return FileWasAccepted(reference=other.reference if other else "another upload")


_REFUSALS: dict[str, Callable[[Upload], Refusal]] = {ONE_SUBMITTED_SET: _another_set, A_FILE_ONCE: _same_file}
