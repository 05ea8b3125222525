"""Details put right: the history of each device's details, corrections by file, and requests to the desk."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from inventory.install_code.shown import LONGEST_GIVEN
from inventory.models.choices import Detail, EsmeVariant, SmiStatus, Suspect
from ssi.access.actor import Actor
from ssi.accounts.models import Party, Person, UserId
from ssi.db import SsiModel, new_reference
from ssi.eui64 import Eui64Field
from ssi.workflow import StateField, WorkflowModel, move


class DeviceDetailChange(models.Model):
    """One change of a device's detail: what stood there before, what after, by which rule, told by whom.

    `before` and `after` are as `Detail` says. No foreign key to the device: the history outlives it; and none that
    is checked row by row to the batch, which would cost more than the row (files have up to a million).
    """

    at = models.DateTimeField()
    device_id = Eui64Field("Device ID")
    told_by = Eui64Field("User ID", null=True)
    before = models.BigIntegerField(null=True)
    after = models.BigIntegerField(null=True)
    batch = models.ForeignKey(
        "inventory.CorrectionBatch",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    field = models.PositiveSmallIntegerField(choices=Detail.choices)
    because = models.CharField(max_length=40)

    class Meta:
        indexes = [
            models.Index(fields=["device_id", "at"], name="detail_history_of_device"),
        ]

    def __str__(self) -> str:
        return f"{self.device_id}: {self.get_field_display()}"


class CorrectionState(models.TextChoices):
    """Where a file of corrections stands."""

    CHECKING = "checking", "Being checked"
    CHECKED = "checked", "Checked: nothing is changed yet"
    APPLYING = "applying", "Being applied"
    APPLIED = "applied", "Applied"
    REVERTING = "reverting", "Being reverted"
    REVERTED = "reverted", "Reverted"
    CANCELLED = "cancelled", "Cancelled"


UNFINISHED = (
    CorrectionState.CHECKING,
    CorrectionState.CHECKED,
    CorrectionState.APPLYING,
    CorrectionState.REVERTING,
)
"""States of a file that waits for a worker, or for its User."""

AT_WORK = (CorrectionState.CHECKING, CorrectionState.APPLYING, CorrectionState.REVERTING)
"""States in which a worker has it."""


class CorrectionBatchQuerySet(models.QuerySet["CorrectionBatch"]):
    """Files of corrections, by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Narrow to those that the actor's own User ID sent."""
        return self.filter(user_id=actor.user_id) if actor.user_id else self.none()


def _of_its_user(batch: "CorrectionBatch", actor: Actor) -> bool:
    """The User ID that sent the file."""
    return actor.is_system or actor.user_id == batch.user_id_id


class CorrectionBatch(WorkflowModel):
    """A CSV file of ESME Variants to be corrected, sent under `user_id`; its rows say what becomes of each line.

    `allowed` and `refused` count rows after the check; `done` those applied, `undone` those reverted; `conflicts`
    those that were changed by others between the check and the apply. `findings` counts rows by what refused
    them. Each stage goes through the rows by line: `at_line` is the last that the present one dealt with,
    `stage_at` when it began.
    """

    objects = CorrectionBatchQuerySet.as_manager()

    audit_name: ClassVar[str] = "correction_batch"
    recognised = False
    """Set on the instance that was found instead of made: the same file is under way already."""

    reference = models.CharField(max_length=15, unique=True, default=new_reference, editable=False)
    state = StateField(max_length=12, choices=CorrectionState.choices, default=CorrectionState.CHECKING)
    user_id = models.ForeignKey(UserId, on_delete=models.PROTECT, related_name="+", db_column="user_id")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    user_role = models.CharField("User Role", max_length=4)
    file_name = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64)
    given = models.PositiveIntegerField(default=0)
    allowed = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    conflicts = models.PositiveIntegerField(default=0)
    undone = models.PositiveIntegerField(default=0)
    at_line = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=dict)
    stage_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True)
    reverted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "correction batches"
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "sha256"],
                condition=Q(state__in=["checking", "checked", "applying", "reverting"]),
                name="one_unfinished_batch_of_the_same_file",
            )
        ]
        indexes = [
            models.Index(fields=["user_id", "-created_at", "-id"], name="correction_batch_of_user"),
            models.Index(
                fields=["id"],
                condition=Q(state__in=["checking", "applying", "reverting"]),
                name="correction_batch_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def audit_ref(self) -> str:
        """Return the public reference."""
        return self.reference

    def get_absolute_url(self) -> str:
        """Return its page."""
        return f"/corrections/{self.reference}/"

    @move(state, source=CorrectionState.CHECKING, target=CorrectionState.CHECKED, permission=_of_its_user)
    def checked(self, *, at: datetime) -> None:
        """Every row was checked and previewed."""
        self.stage_at = at

    @move(state, source=CorrectionState.CHECKED, target=CorrectionState.APPLYING, permission=_of_its_user)
    def apply(self, *, at: datetime) -> None:
        """Its User wants exactly what was previewed."""
        self.stage_at, self.at_line = at, 0

    @move(state, source=CorrectionState.APPLYING, target=CorrectionState.APPLIED, permission=_of_its_user)
    def applied(self, *, at: datetime) -> None:
        """Every row was dealt with."""
        self.applied_at = at

    @move(state, source=CorrectionState.APPLIED, target=CorrectionState.REVERTING, permission=_of_its_user)
    def revert(self, *, at: datetime) -> None:
        """Its User wants what stood there before, where nothing changed since."""
        self.stage_at, self.at_line = at, 0

    @move(state, source=CorrectionState.REVERTING, target=CorrectionState.REVERTED, permission=_of_its_user)
    def reverted(self, *, at: datetime) -> None:
        """Every row was dealt with."""
        self.reverted_at = at

    @move(
        state,
        source=[CorrectionState.CHECKING, CorrectionState.CHECKED],
        target=CorrectionState.CANCELLED,
        permission=_of_its_user,
    )
    def cancel(self) -> None:
        """Nothing was changed, and nothing will be."""


class CorrectionRow(models.Model):
    """A line of a file of corrections. `finding` is "" where nothing speaks against it, else what did.

    `rule` is the key of the rule that allows it. `current` is the variant at the check: applied only if it stands.
    What became of a row follows from its finding and from how far its batch is, so that applying a million rows
    does not write a million of them twice. `given` is kept of lines that could not be read.
    """

    batch = models.ForeignKey(
        CorrectionBatch, on_delete=models.CASCADE, related_name="rows", db_index=False, db_constraint=False
    )
    device_id = Eui64Field("Device ID", null=True)
    line = models.PositiveIntegerField()
    current = models.PositiveSmallIntegerField(choices=EsmeVariant.choices, null=True)
    wanted = models.PositiveSmallIntegerField(choices=EsmeVariant.choices, null=True)
    smi_status = models.PositiveSmallIntegerField("SMI Status", choices=SmiStatus.choices, null=True)
    given = models.CharField(max_length=LONGEST_GIVEN, blank=True)
    finding = models.CharField(max_length=40, blank=True)
    rule = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "line"], name="one_row_per_line_of_a_batch")]
        indexes = [models.Index(fields=["batch", "line"], condition=~Q(finding=""), name="correction_row_refused")]

    def __str__(self) -> str:
        return f"line {self.line}"


class ManualState(models.TextChoices):
    """Where a correction by the manual process stands."""

    ASKED = "asked", "Asked for"
    PROPOSED = "proposed", "Examined, awaiting a second pair of eyes"
    MADE = "made", "Made"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"


class ManualCorrectionQuerySet(models.QuerySet["ManualCorrection"]):
    """Corrections asked of the desk, by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Narrow to those that the actor's own User ID asked for; DCC's staff see all."""
        if actor.is_dcc or actor.is_system:
            return self.all()
        return self.filter(user_id=actor.user_id) if actor.user_id else self.none()


def _by_the_desk(correction: "ManualCorrection", actor: Actor) -> bool:
    """DCC's staff."""
    return actor.is_dcc


def _by_another_of_the_desk(correction: "ManualCorrection", actor: Actor) -> bool:
    """DCC's staff, but not the one who examined it."""
    return actor.is_dcc and actor.person_id != correction.examined_by_id


def _by_who_asked(correction: "ManualCorrection", actor: Actor) -> bool:
    """The User ID that asked."""
    return actor.user_id == correction.user_id_id


class ManualCorrection(WorkflowModel):
    """A request to correct manufacturer and model of a device that is no longer Pending: DCC's manual process.

    Two of DCC's staff are needed: one examines, another makes the change. Source: SECMP0125.
    """

    objects = ManualCorrectionQuerySet.as_manager()

    audit_name: ClassVar[str] = "manual_correction"

    reference = models.CharField(max_length=15, unique=True, default=new_reference, editable=False)
    state = StateField(max_length=12, choices=ManualState.choices, default=ManualState.ASKED)
    device_id = Eui64Field("Device ID")
    user_id = models.ForeignKey(UserId, on_delete=models.PROTECT, related_name="+", db_column="user_id")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    manufacturer = models.CharField(max_length=30)
    model = models.CharField(max_length=30)
    reason = models.TextField()
    current_model = models.ForeignKey("inventory.DeviceModel", on_delete=models.PROTECT, related_name="+")
    examined_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    answer = models.TextField("what the desk says", blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device_id"],
                condition=Q(state__in=["asked", "proposed"]),
                name="one_open_manual_correction_per_device",
            ),
            models.CheckConstraint(
                condition=~Q(state="made") | (Q(examined_by__isnull=False) & ~Q(examined_by=F("decided_by"))),
                name="two_people_make_a_manual_correction",
            ),
        ]
        indexes = [models.Index(fields=["user_id", "-created_at", "-id"], name="manual_correction_of_user")]

    def __str__(self) -> str:
        return self.reference

    @property
    def audit_ref(self) -> str:
        """Return the public reference."""
        return self.reference

    def get_absolute_url(self) -> str:
        """Return its page."""
        return f"/corrections/{self.reference}/"

    @move(state, source=ManualState.ASKED, target=ManualState.PROPOSED, permission=_by_the_desk)
    def examine(self, *, person_id: int, answer: str) -> None:
        """One of the desk examined it and proposes to make it."""
        self.examined_by_id, self.answer = person_id, answer

    @move(state, source=ManualState.PROPOSED, target=ManualState.MADE, permission=_by_another_of_the_desk)
    def make(self, *, person_id: int) -> None:
        """Another of the desk makes the change."""
        self.decided_by_id, self.decided_at = person_id, timezone.now()

    @move(
        state,
        source=[ManualState.ASKED, ManualState.PROPOSED],
        target=ManualState.REFUSED,
        permission=_by_the_desk,
    )
    def refuse(self, *, person_id: int, answer: str) -> None:
        """The desk says why not."""
        self.decided_by_id, self.answer, self.decided_at = person_id, answer, timezone.now()

    @move(
        state,
        source=[ManualState.ASKED, ManualState.PROPOSED],
        target=ManualState.WITHDRAWN,
        permission=_by_who_asked,
    )
    def withdraw(self) -> None:
        """Who asked wants it no more."""
        self.decided_at = timezone.now()


class SuspicionQuerySet(models.QuerySet["Suspicion"]):
    """Suspicions, by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Narrow to those that the actor's own User ID may put right; DCC sees all."""
        if actor.is_dcc or actor.is_system:
            return self
        return self.filter(user_id=actor.user_id) if actor.user_id else self.none()


class Suspicion(SsiModel):
    """A device whose details are suspected to be wrong, as of the last refresh.

    `user_id` is a User ID that may put it right, each in a row of its own: the Responsible Suppliers, or the
    notifying party of a Pending device; null where there is none. `expected` is the ESME Variant that would agree,
    if it can be told.
    """

    objects = SuspicionQuerySet.as_manager()

    device_id = Eui64Field("Device ID")
    user_id = Eui64Field("User ID", null=True)
    kind = models.PositiveSmallIntegerField(choices=Suspect.choices)
    current = models.PositiveSmallIntegerField(choices=EsmeVariant.choices, null=True)
    expected = models.PositiveSmallIntegerField(choices=EsmeVariant.choices, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "device_id", "user_id"],
                nulls_distinct=False,
                name="one_suspicion_of_a_kind_per_device_and_user",
            )
        ]
        indexes = [models.Index(fields=["user_id", "kind", "device_id"], name="suspicion_by_user_id")]

    def __str__(self) -> str:
        return f"{self.device_id}: {self.get_kind_display()}"
