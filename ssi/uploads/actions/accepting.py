"""What an upload's way to DCC has in common, be it submitted or approved: one set at a time, each file once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from http import HTTPStatus

from django.conf import settings
from django.db import IntegrityError, transaction

from ssi import working_days
from ssi.calendar import search as calendar
from ssi.refusals import Refusal
from ssi.uploads.kinds.file_references import ACCEPTED_ONCE
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import SUBMITTED_STATES, Kind, State

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
