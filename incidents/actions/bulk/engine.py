"""The engine of bulk work: takes an instruction, has its rows checked, and carries them out chunk by chunk.

PostgreSQL is the truth: a job and its rows say what is still to be done, a message of the broker only hurries a
worker. Every step is one committed transaction that begins with the lock of the job's row, so two workers never
do one step twice, and after a kill at any moment whoever comes next goes on where the last commit ended.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone

from incidents import rules
from incidents.actions.bulk import findings
from incidents.actions.bulk.rows import NewRow, copy_in
from incidents.actions.bulk.waking import wake_after_commit
from incidents.models import BulkJob, BulkRow
from incidents.models.bulk import UNFINISHED
from incidents.models.choices import BulkKind, BulkState
from ssi.access.actor import Actor
from ssi.accounts.acting import actor_later
from ssi.refusals import NotAllowed, Refusal
from ssi.workflow import perform, require_move

CHUNK = 500
"""Rows that a step moves as objects, under the audit chain's lock; who inserts by SQL may take more."""

RUN_SECONDS = 60.0
"""After so long a worker lets others' jobs come in between."""

KEPT_CHECKED = timedelta(hours=24)
"""A check older than this says little of the inventory: the same instruction is then checked anew."""

VIA = "bulk"
THE_SAME_AT_ONCE = "the_same_instruction_is_not_given_twice_at_once"


class Kind(Protocol):
    """One kind of bulk work, mostly a module with these four functions; each runs in a transaction of its caller.

    `check` writes the finding of every row that cannot be carried out. `confirmed` does what is owed once at the
    confirmation, or raises a Refusal. `step` carries out some rows that have neither finding nor `done_at`
    (`to_do`), gives each one of the two, and returns how many it dealt with; 0 means that none was left.
    `finished` does what is owed once at the end, such as e-mails.
    """

    def check(self, job: BulkJob) -> None:
        """Write the findings."""
        ...

    def confirmed(self, job: BulkJob, by: Actor) -> None:
        """Do what is owed at the confirmation, or raise a Refusal."""
        ...

    def step(self, job: BulkJob, by: Actor) -> int:
        """Carry out the next rows and return their number."""
        ...

    def finished(self, job: BulkJob, by: Actor) -> None:
        """Do what is owed at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Instruction:
    """What somebody wants done: `sha256` is that of its normal form, `facts` are what all rows share.

    With `confirmed` it is carried out as soon as it is checked; else it waits for `confirm`.
    """

    kind: BulkKind
    sha256: str
    rows: Iterable[NewRow]
    facts: Mapping[str, object] = field(default_factory=dict)
    file_name: str = ""
    confirmed: bool = False


_kinds: dict[BulkKind, Kind] = {}


def register(name: BulkKind, kind: Kind) -> None:
    """Have jobs of that name done by `kind`."""
    _kinds[name] = kind


def require(kind: BulkKind, by: Actor) -> None:
    """Pass if `by` may do work of that kind. Raises NotAllowed."""
    for component in rules.COMPONENTS_OF_BULK[kind]:
        by.require(component)


# --- Taking an instruction ---------------------------------------------------------------------------------------


@transaction.atomic
def begin(instruction: Instruction, *, by: Actor, again: bool = False) -> BulkJob:
    """Store an instruction to be checked by a worker, or return the job it was given as before (`recognised`).

    The same one still unfinished is always returned; one that is done is too, if it did anything, unless `again`
    is asked for. Of two given at once the database takes one. Raises NotAllowed.
    """
    require(instruction.kind, by)
    while True:
        found = _same(instruction, by, done_too=not again)
        if found is not None:
            found.recognised = True
            if instruction.confirmed:
                _confirm_as_well(found, by)
            return found
        job = _inserted(instruction, by)
        if job is not None:
            job.given = copy_in(job, instruction.rows)
            job.save(update_fields=["given"])
            wake_after_commit(job.pk)
            return job


def _same(instruction: Instruction, by: Actor, *, done_too: bool) -> BulkJob | None:
    """Return the job of the same instruction, if there is one that holds good; a stale check is called off."""
    mine = BulkJob.objects.filter(
        user_id=by.user.user_id, kind=instruction.kind, sha256=instruction.sha256
    ).order_by("-id")
    unfinished = mine.filter(state__in=UNFINISHED).select_for_update(of=("self",), no_key=True).first()
    if unfinished is not None and unfinished.state == BulkState.CHECKED and _is_stale(unfinished):
        perform(unfinished.cancel, by=by, event="bulk_job.cancelled")
        unfinished = None
    if unfinished is None and done_too:
        return mine.filter(state=BulkState.DONE, carried_out__gt=0).first()
    return unfinished


def _confirm_as_well(job: BulkJob, by: Actor) -> None:
    """Confirm a job that was given before without it, now or as soon as it is checked."""
    if job.state == BulkState.CHECKED:
        confirm(job, by=by)
    elif job.state == BulkState.CHECKING:
        job.facts["confirmed"] = True
        job.person_id, job.user_role = _person(by), by.user.user_role
        job.save(update_fields=["facts", "person_id", "user_role"])


def _person(by: Actor) -> int:
    if by.person_id is None:
        raise NotAllowed(why="Only a person gives such an instruction.", way_out="Sign in.")
    return by.person_id


def _is_stale(job: BulkJob) -> bool:
    return timezone.now() - job.created_at > KEPT_CHECKED


def _inserted(instruction: Instruction, by: Actor) -> BulkJob | None:
    """Insert the job; return None if somebody else has just given the same instruction."""
    job = BulkJob(
        kind=instruction.kind,
        person_id=_person(by),
        user_id_id=by.user.user_id,
        user_role=by.user.user_role,
        party_id=by.user.party_id,
        sha256=instruction.sha256,
        file_name=instruction.file_name,
        facts={**instruction.facts, "confirmed": instruction.confirmed},
    )
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError as clash:
        if THE_SAME_AT_ONCE not in str(clash):
            raise
        return None
    return job


def confirm(job: BulkJob, *, by: Actor) -> None:
    """Confirm a checked job, whose row the caller has locked, in the name of `by`; a worker is woken.

    Raises NotAllowed, NotInThisState and what its kind refuses.
    """
    _confirm(job, by)
    wake_after_commit(job.pk)


def _confirm(job: BulkJob, by: Actor) -> None:
    """Have the kind do its part before the audit log is written: whoever counts or locks does so before that."""
    require_move(job.confirm, by=by)
    _kinds[BulkKind(job.kind)].confirmed(job, by)
    perform(
        job.confirm,
        by=by,
        event="bulk_job.confirmed",
        person_id=_person(by),
        user_role=by.user.user_role,
    )


# --- Carrying it out ---------------------------------------------------------------------------------------------


def carry_on(job_id: int, *, seconds: float = RUN_SECONDS) -> bool:
    """Check a job, or carry out its rows, until nothing is left or the time is up; tell whether more is left.

    May run twice at once, and be killed at any moment. Call it outside any transaction.
    """
    end = time.monotonic() + seconds
    while _one_step(job_id):
        if time.monotonic() > end:
            return True
    return False


def carry_out_here(job_id: int) -> None:
    """Do all that is left of a job inside the caller's transaction: for the demo estate, which is loaded whole."""
    while _one_step(job_id, durable=False):
        pass


def jobs_to_do() -> list[int]:
    """Return the keys of the jobs that wait for a worker, the oldest first."""
    to_do = BulkJob.objects.filter(state__in=[BulkState.CHECKING, BulkState.RUNNING])
    return list(to_do.order_by("id").values_list("pk", flat=True))


def actor_of(job: BulkJob) -> Actor:
    """Return on whose behalf a job is done, with the rights they have now: none if they were taken away."""
    return actor_later(job.person_id, job.party, job.user_id_id, job.user_role, via=VIA)


def to_do(job: BulkJob, at_most: int = CHUNK) -> list[BulkRow]:
    """Return the next rows of a job, in their order, that have neither a finding nor been carried out."""
    rows = BulkRow.objects.filter(job=job, finding="", done_at__isnull=True).select_related("request", "code")
    return list(rows.order_by("line")[:at_most])


def refuse_rest(job: BulkJob, refusal: Refusal) -> int:
    """Give every row that is still to be done the same finding; return how many there were."""
    finding, fact = findings.of(refusal)
    rest = BulkRow.objects.filter(job=job, finding="", done_at__isnull=True)
    return rest.update(finding=finding, fact=fact)


def _one_step(job_id: int, *, durable: bool = True) -> bool:
    """Do one committed step of a job; tell whether another may follow. Whoever finds it locked leaves it."""
    with transaction.atomic(durable=durable):
        job = _claimed(job_id)
        if job is None:
            return False
        if job.state == BulkState.CHECKING:
            return _check(job)
        return _step(job)


def _claimed(job_id: int) -> BulkJob | None:
    return (
        BulkJob.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        .select_related("party")
        .filter(pk=job_id, state__in=[BulkState.CHECKING, BulkState.RUNNING])
        .first()
    )


def _check(job: BulkJob) -> bool:
    """Find out what cannot be done; go on at once if the instruction was confirmed with it."""
    _kinds[BulkKind(job.kind)].check(job)
    count = _counted(job)
    perform(
        job.checked,
        by=Actor.system(),
        event="bulk_job.checked",
        given=count["done"] + count["refused"] + count["left"],
        acceptable=count["left"],
    )
    return bool(job.facts.get("confirmed")) and _confirmed_beforehand(job)


def _confirmed_beforehand(job: BulkJob) -> bool:
    """Confirm a job in its giver's name; if that is refused it stays checked, and who confirms it hears why."""
    try:
        with transaction.atomic():
            _confirm(job, actor_of(job))
    except Refusal:
        return False
    return True


def _step(job: BulkJob) -> bool:
    """Carry out the next rows, or finish; the rest is refused if the giver's rights are gone."""
    kind, by = _kinds[BulkKind(job.kind)], actor_of(job)
    if not rules.may_do_in_bulk(job.kind, by):
        refuse_rest(job, findings.MayNoLonger())
    elif kind.step(job, by):
        job.carried_out = _counted(job)["done"]
        job.save(update_fields=["carried_out"])
        return True
    kind.finished(job, by)
    count = _counted(job)
    perform(
        job.finish,
        by=Actor.system(),
        event="bulk_job.finished",
        carried_out=count["done"],
        refused=count["refused"],
    )
    return False


def _counted(job: BulkJob) -> dict[str, int]:
    """Count a job's rows: `done`, `refused`, `left`."""
    refused, done = ~Q(finding=""), Q(done_at__isnull=False)
    rows = BulkRow.objects.filter(job=job)
    return rows.aggregate(
        done=Count("pk", filter=done),
        refused=Count("pk", filter=refused),
        left=Count("pk", filter=~done & ~refused),
    )
