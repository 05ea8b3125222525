"""Work on thousands of requests at once: the job, its rows, and the work packs for installing suppliers."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from incidents import rules
from incidents.models.choices import BulkKind, BulkState
from inventory.install_code.shown import LONGEST_GIVEN
from inventory.models import SealedInstallCode
from ssi.access.actor import Actor
from ssi.accounts.models import Party, UserId
from ssi.db import REFERENCE_LENGTH, SsiModel, new_reference
from ssi.eui64 import Eui64Field
from ssi.workflow import StateField, WorkflowModel, move

LONGEST_FACT = 300
UNFINISHED = (BulkState.CHECKING, BulkState.CHECKED, BulkState.RUNNING)


class BulkJobQuerySet(models.QuerySet["BulkJob"]):
    """Bulk jobs, by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those of the User ID that `actor` acts for; all for the portal and, but deposits, for the desk.

        That a code is in escrow is known to its depositor alone.
        """
        if actor.is_system:
            return self
        if actor.is_dcc:
            return self.exclude(kind=BulkKind.DEPOSIT)
        return self.none() if actor.user_id is None else self.filter(user_id=actor.user_id)


class BulkJob(WorkflowModel):
    """One instruction about many requests: checked first, carried out once confirmed, by the worker.

    `person_id`, `user_id` and `user_role` say for whom the worker acts (who gave, then who confirmed it); the
    rights are looked up again then.
    `sha256` is that of the instruction in its normal form, so that the same one sent twice is recognised. `facts`
    are what all rows share (an outcome, a reason, the day it is needed by). Of the counts `given` is the number of
    rows, `acceptable` of those without a finding, `refused` of those with one, `carried_out` of those done.
    """

    audit_name: ClassVar[str] = "bulk_job"
    recognised: bool = False
    """Not stored: that this one was found when the same instruction was given again."""

    reference = models.CharField(max_length=REFERENCE_LENGTH, unique=True, default=new_reference, editable=False)
    kind = models.CharField(max_length=8, choices=BulkKind.choices)
    state = StateField(choices=BulkState.choices, default=BulkState.CHECKING)
    person_id = models.BigIntegerField()
    user_id = models.ForeignKey(
        UserId, on_delete=models.PROTECT, related_name="+", db_column="user_id", db_index=False
    )
    user_role = models.CharField("User Role", max_length=8)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", db_index=False)
    sha256 = models.CharField(max_length=64)
    file_name = models.CharField(max_length=120, blank=True)
    facts = models.JSONField(default=dict)
    given = models.PositiveIntegerField(default=0)
    acceptable = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    carried_out = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    objects = BulkJobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "kind", "sha256"],
                condition=Q(state__in=UNFINISHED),
                name="the_same_instruction_is_not_given_twice_at_once",
            )
        ]
        indexes = [
            models.Index(fields=["user_id", "-id"], name="bulk_job_by_user_id"),
            models.Index(fields=["user_id", "kind", "sha256"], name="bulk_job_by_content"),
            models.Index(
                fields=["id"],
                condition=Q(state__in=[BulkState.CHECKING, BulkState.RUNNING]),
                name="bulk_job_to_do",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def audit_ref(self) -> str:
        """Return the public reference."""
        return self.reference

    def get_absolute_url(self) -> str:
        """Return the job's page."""
        return reverse("incidents:batch", args=[self.reference])

    @move(state, source=BulkState.CHECKING, target=BulkState.CHECKED, permission=rules.by_portal_in_bulk)
    def checked(self, *, given: int, acceptable: int) -> None:
        """Every row has been looked at; nothing has been done yet."""
        self.given = given
        self.acceptable = acceptable
        self.refused = given - acceptable

    @move(state, source=BulkState.CHECKED, target=BulkState.RUNNING, permission=rules.by_its_user_id)
    def confirm(self, *, person_id: int, user_role: str) -> None:
        """Somebody has seen what it would do and wants it; from here on it is done in their name."""
        self.person_id = person_id
        self.user_role = user_role
        self.confirmed_at = timezone.now()

    @move(
        state,
        source=[BulkState.CHECKING, BulkState.CHECKED],
        target=BulkState.CANCELLED,
        permission=rules.by_its_user_id,
    )
    def cancel(self) -> None:
        """It is not wanted after all; nothing was done."""
        self.done_at = timezone.now()

    @move(state, source=BulkState.RUNNING, target=BulkState.DONE, permission=rules.by_portal_in_bulk)
    def finish(self, *, carried_out: int, refused: int) -> None:
        """Every row has its result."""
        self.carried_out = carried_out
        self.refused = refused
        self.done_at = timezone.now()


class BulkRow(SsiModel):
    """One row of a bulk job: what was given, what it means, and what became of it.

    `finding` is the name of the refusal, empty while there is none; `fact` holds what its sentence needs, one a
    line.
    `code` is an answer's install code, sealed while the file was read, until the row is carried out. `choice` and
    `detail` are a row's own decline reason. `done_at` is set in the transaction that carries the row out.
    """

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="rows", db_index=False)
    line = models.PositiveIntegerField()
    given = models.CharField(max_length=LONGEST_GIVEN)
    device_id = Eui64Field("Device ID", null=True)
    request = models.ForeignKey(
        "incidents.InstallCodeRequest",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    code = models.ForeignKey(
        SealedInstallCode,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    choice = models.CharField(max_length=24, blank=True)
    detail = models.TextField(blank=True)
    finding = models.CharField(max_length=60, blank=True)
    fact = models.CharField(max_length=LONGEST_FACT, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "line"], name="one_row_per_line_of_a_bulk_job")]
        indexes = [
            models.Index(
                fields=["job", "line"], condition=Q(finding="", done_at__isnull=True), name="bulk_row_to_do"
            ),
            models.Index(fields=["job", "line"], condition=~Q(finding=""), name="bulk_row_refused"),
            models.Index(fields=["code"], condition=Q(code__isnull=False), name="bulk_row_by_code"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.line}"


class WorkPackQuerySet(models.QuerySet["WorkPack"]):
    """Work packs, by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the complete ones of the User ID that is asked; all for the portal and the desk."""
        if actor.is_dcc or actor.is_system:
            return self
        return self.none() if actor.user_id is None else self.filter(installer=actor.user_id, size__gt=0)


class WorkPack(SsiModel):
    """The requests of one batch that one installing supplier is asked: one e-mail, one queue, one file.

    `size` is 0 until all of them are raised; the supplier is shown, and told of, a complete pack only: what starts
    the clocks of a pack must find them all.
    """

    audit_name: ClassVar[str] = "work_pack"

    reference = models.CharField(max_length=REFERENCE_LENGTH, unique=True, default=new_reference, editable=False)
    batch = models.ForeignKey(BulkJob, on_delete=models.PROTECT, related_name="work_packs", db_index=False)
    installer = models.ForeignKey(UserId, on_delete=models.PROTECT, related_name="+", db_index=False)
    size = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    notified_at = models.DateTimeField(null=True)

    objects = WorkPackQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "installer"], name="one_work_pack_per_batch_and_installer")
        ]
        indexes = [models.Index(fields=["installer", "-id"], name="work_pack_by_installer")]

    def __str__(self) -> str:
        return self.reference

    @property
    def audit_ref(self) -> str:
        """Return the public reference."""
        return self.reference

    def get_absolute_url(self) -> str:
        """Return the pack's page."""
        return reverse("incidents:work_pack", args=[self.reference])
