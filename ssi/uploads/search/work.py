"""What awaits somebody among uploads, and what an upload's page says besides the upload itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.accounts.models import Person, RoleGrant
from ssi.audit.models import AuditEvent
from ssi.refusals import Refusal
from ssi.uploads.models import DecisionLine, QuarantineEvent, Upload, UploadStep
from ssi.uploads.models.choices import Decision, Kind, State, Step, StepResult
from ssi.uploads.models.uploads import SUBMISSION
from ssi.uploads.search import thresholds
from ssi.uploads.search.thresholds import Difference, Line

REJECTED_SHOWN = timedelta(days=14)
MOST_SHOWN = 20
MOST_EVENTS = 100


@dataclass(frozen=True, slots=True)
class Awaiting:
    """What awaits an actor: files to submit, to approve and to mend; for the desk, to confirm."""

    to_submit: Sequence[Upload] = field(default_factory=list)
    to_approve: Sequence[Upload] = field(default_factory=list)
    to_mend: Sequence[Upload] = field(default_factory=list)
    to_confirm: Sequence[Upload] = field(default_factory=list)


def awaiting(actor: Actor) -> Awaiting:
    """Return what awaits `actor`, the newest first; one query."""
    if actor.may(Component.SIGNED_FILES_DESK):
        due = Upload.objects.visible_to(actor).filter(state=State.ACCEPTED, confirmed_at__isnull=True)
        return Awaiting(to_confirm=list(due.order_by("confirm_due_date", "id")[:MOST_SHOWN]))
    found = list(
        Upload.objects.visible_to(actor)
        .filter(Q(state__in=[State.CHECKED, State.AWAITING_APPROVAL]) | _rejected_and_not_mended())
        .order_by("-received_at", "-id")[:MOST_SHOWN]
    )
    submits = [kind for kind in Kind if actor.may(SUBMISSION[kind])]
    mine = [each for each in found if each.kind in submits]
    return Awaiting(
        to_submit=[each for each in mine if each.state == State.CHECKED],
        to_approve=[each for each in found if _is_to_approve(each, actor)],
        to_mend=[each for each in mine if each.state == State.REJECTED],
    )


def _is_to_approve(upload: Upload, actor: Actor) -> bool:
    return (
        upload.state == State.AWAITING_APPROVAL
        and actor.may(Component.ADT_APPROVAL)
        and actor.person_id not in upload.took_part
    )


def _rejected_and_not_mended() -> Q:
    """Return files that the portal rejected lately and that no later one of their kind has followed."""
    later = Upload.objects.filter(
        user_id=OuterRef("user_id"), kind=OuterRef("kind"), received_at__gt=OuterRef("received_at")
    )
    since = timezone.now() - REJECTED_SHOWN
    return Q(state=State.REJECTED, ended_by__isnull=True, ended_at__gte=since) & ~Q(Exists(later))


@dataclass(frozen=True, slots=True)
class Facts:
    """What an upload's page shows besides the upload: its steps by name, its history, and what its kind asks for.

    `codes` are how many findings there are of each code, `approvers` the names of those who may approve it now,
    `difference` what thresholds that were checked change. `decisions` are how many communications an Exit
    Quarantine file releases and deletes, and `event` is that file's.
    """

    steps: Mapping[str, UploadStep] = field(default_factory=dict)
    history: Sequence[AuditEvent] = ()
    codes: Sequence[tuple[str, int]] = ()
    approvers: Sequence[str] = ()
    decisions: Mapping[Decision, int] = field(default_factory=dict)
    event: QuarantineEvent | None = None
    difference: Difference | None = None


class NothingCompared(Refusal):
    """{reference} was not compared with what is in force."""

    suggestion = "Its page says what was found, and what happens next."
    status = HTTPStatus.NOT_FOUND


def facts_of(upload: Upload) -> Facts:
    """Return what the page of an upload shows besides it; a fixed number of queries for each kind and state."""
    is_of_quarantine = upload.kind == Kind.EXIT_QUARANTINE
    may_need_second = upload.state in {State.CHECKED, State.AWAITING_APPROVAL} and upload.second_because
    steps = _steps_of(upload)
    return Facts(
        steps=steps,
        history=_history_of(upload),
        codes=_codes_in(upload),
        approvers=_approvers_of(upload) if may_need_second else (),
        decisions=_decisions_in(upload) if is_of_quarantine else {},
        event=_event_of(upload) if is_of_quarantine else None,
        difference=thresholds.difference(upload) if _is_compared(upload, steps) else None,
    )


def every_change(upload: Upload) -> Iterator[Line]:
    """Return every line of the difference, to be taken one by one. Raises NothingCompared."""
    if not _is_compared(upload, _steps_of(upload)):
        raise NothingCompared(reference=upload.reference)
    return _lines_of(upload)


def _lines_of(upload: Upload) -> Iterator[Line]:
    with transaction.atomic():  # the database gives them piece by piece within one
        yield from thresholds.every_line(upload)


def _steps_of(upload: Upload) -> Mapping[str, UploadStep]:
    return {each.step: each for each in UploadStep.objects.filter(upload=upload)}


def _is_compared(upload: Upload, steps: Mapping[str, UploadStep]) -> bool:
    """Tell whether these are thresholds of a good file: its rows are then the whole set that it results in."""
    was_checked = Step.CHECK in steps and steps[Step.CHECK].result == StepResult.DONE
    is_bad = any(each.result == StepResult.FOUND for each in steps.values())
    return upload.kind == Kind.ADT and was_checked and not is_bad


def _history_of(upload: Upload) -> Sequence[AuditEvent]:
    events = AuditEvent.objects.filter(about=upload.audit_name, reference=upload.audit_ref)
    return list(events.order_by("-id")[:MOST_EVENTS])


def _codes_in(upload: Upload) -> Sequence[tuple[str, int]]:
    counted = upload.found.values_list("code").annotate(lines=Count("pk"))
    return list(counted.order_by("-lines", "code"))


def _approvers_of(upload: Upload) -> Sequence[str]:
    """Return the names of those who may approve it: who neither uploaded, submitted nor signed it."""
    held = (
        RoleGrant.objects.in_force()
        .filter(acting_for=upload.user_id_id, person__is_active=True)
        .filter(job_type_role__in=Component.ADT_APPROVAL.rule.job_type_roles)
    )
    people = Person.objects.filter(pk__in=held.values("person_id")).exclude(pk__in=upload.took_part)
    return list(people.order_by("name").values_list("name", flat=True))


def _decisions_in(upload: Upload) -> dict[Decision, int]:
    """Count what an Exit Quarantine file decides; one pass over its lines."""
    counted = DecisionLine.objects.filter(upload=upload).values_list("action").annotate(lines=Count("pk"))
    return {Decision(action): lines for action, lines in counted.order_by("action")}


def _event_of(upload: Upload) -> QuarantineEvent | None:
    if upload.event_ref is None:
        return None
    return QuarantineEvent.objects.filter(user_id=upload.user_id_id, event_ref=upload.event_ref).first()
