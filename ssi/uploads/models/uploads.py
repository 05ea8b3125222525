"""Uploads: one signed file each, from its receipt to its end, with the steps it went and what was found."""

from datetime import date, datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.accounts.models import Party, Person, UserId
from ssi.db import new_reference
from ssi.uploads.models.choices import (
    Kind,
    Replaces,
    Scan,
    State,
    Step,
    StepResult,
)
from ssi.workflow import StateField, WorkflowModel, move

LONGEST_NAME = 200
LONGEST_SIGNATURE = 64 * 1024
"""Bytes of a signature file, its certificates included."""

SUBMISSION = {Kind.ADT: Component.ADT_SUBMISSION, Kind.EXIT_QUARANTINE: Component.EXIT_QUARANTINE_SUBMISSION}
"""Which Functional Component submits files of a kind."""


class UploadQuerySet(models.QuerySet["Upload"]):
    """Uploads, by who may see them and where they stand."""

    def visible_to(self, actor: Actor) -> Self:
        """Narrow to those of the actor's own User ID; DCC's staff see what was accepted or came to them by e-mail.

        DCC sees nothing of what a User has not submitted, and where one is needed approved. Source: DP109.
        """
        if actor.is_system:
            return self.all()
        if actor.is_dcc:
            return self.filter(Q(accepted_at__isnull=False) | Q(recovery__isnull=False))
        return self.filter(user_id=actor.user_id) if actor.user_id else self.none()


def _the_portal(upload: "Upload", actor: Actor) -> bool:
    """The portal itself."""
    return actor.is_system


def _its_aro(upload: "Upload", actor: Actor) -> bool:
    """An ARO of the User ID that it is for."""
    return actor.user_id == upload.user_id_id and actor.may(SUBMISSION[Kind(upload.kind)])


def _the_desk(upload: "Upload", actor: Actor) -> bool:
    """The DCC service desk."""
    return actor.may(Component.SIGNED_FILES_DESK)


def _the_desk_but_its_voice(upload: "Upload", actor: Actor) -> bool:
    """The DCC service desk; of a file that came by e-mail, not who registered it or recorded the second yes."""
    return _the_desk(upload, actor) and actor.person_id not in upload.acted_for_user


def _came_by_email(upload: "Upload", actor: Actor) -> bool:
    """The DCC service desk, of a file that it registered in disaster recovery, on the User's word."""
    return upload.recovery_id is not None and _the_desk(upload, actor)


def _its_aro_or_the_desk(upload: "Upload", actor: Actor) -> bool:
    """An ARO of the User ID that it is for; of a file that came by e-mail the desk too."""
    return _its_aro(upload, actor) or _came_by_email(upload, actor)


def _an_officer_or_the_desk(upload: "Upload", actor: Actor) -> bool:
    """An ARO or SRO of the User ID that it is for; of a file that came by e-mail the desk too."""
    is_officer = actor.user_id == upload.user_id_id and actor.may(Component.ADT_APPROVAL)
    return is_officer or _came_by_email(upload, actor)


def _another_officer(upload: "Upload", actor: Actor) -> bool:
    """Another ARO or SRO of the party: neither who uploaded, who submitted nor who signed it.

    Of a file that came by e-mail also another member of DCC's staff, who asks the party.
    """
    if actor.person_id is None or actor.person_id in upload.took_part:
        return False
    is_of_party = actor.party_id == upload.party_id and actor.may(Component.ADT_APPROVAL)
    return is_of_party or _came_by_email(upload, actor)


def _was_confirmed(upload: "Upload") -> bool:
    return upload.confirmed_at is not None


def _was_not_confirmed(upload: "Upload") -> bool:
    return upload.confirmed_at is None


class Upload(WorkflowModel):
    """A signed file of one User ID. Its bytes are kept as they came (`ssi/uploads/storage.py`), under `stored_as`.

    `sha256` is hex, of the file's exact bytes; `size` in bytes. What stands in the file's header is null or ""
    until it was read: `user_role`, `file_reference`, `file_created_at`, `effective_date` and `replaces` of an ADT
    file, `event_ref` of an Exit Quarantine file. `lines_read` grows while a worker reads it, up to `lines`, which
    is null until the end was seen. `findings` count what rejects it, `warnings` what must be checked (W50, W51).
    `compared_with` is what was in force when it was checked. `second_because` says, a sentence each, why a second
    officer must approve; empty: none must. `submit_when_checked` was asked for with the upload: it is then
    submitted by itself where nothing needs a person's eyes. `sent_by_email_at` and `authorised_by` tell of a file
    that the desk registered in disaster recovery; `said_yes` holds the keys of the officers named in the latter.
    """

    objects = UploadQuerySet.as_manager()

    audit_name: ClassVar[str] = "upload"

    reference = models.CharField(max_length=15, unique=True, default=new_reference, editable=False)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    state = StateField(max_length=20, choices=State.choices, default=State.RECEIVED)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    user_id = models.ForeignKey(UserId, on_delete=models.PROTECT, related_name="+", db_column="user_id")
    user_role = models.CharField("User Role", max_length=8, blank=True)
    uploaded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    via = models.CharField(max_length=16)
    received_at = models.DateTimeField(default=timezone.now)
    submit_when_checked = models.BooleanField(default=False)

    file_name = models.CharField(max_length=LONGEST_NAME)
    size = models.BigIntegerField("bytes")
    sha256 = models.CharField("SHA-256", max_length=64)
    stored_as = models.CharField(max_length=100)
    signature = models.BinaryField(null=True)
    signature_name = models.CharField(max_length=LONGEST_NAME, blank=True)

    scan = models.CharField(max_length=12, choices=Scan.choices, default=Scan.NOT_SCANNED)
    signer = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    signer_name = models.CharField(max_length=254, blank=True)
    certificate_serial = models.CharField(max_length=64, blank=True)
    certificate_issuer = models.CharField(max_length=300, blank=True)
    signed_well = models.BooleanField(default=False)

    format_version = models.CharField(max_length=8, blank=True)
    file_reference = models.CharField(max_length=15, blank=True)
    file_created_at = models.DateTimeField(null=True)
    effective_date = models.DateField(null=True)
    replaces = models.CharField(max_length=5, choices=Replaces.choices, blank=True)
    event_ref = models.DecimalField("Quarantine Event Ref", max_digits=20, decimal_places=0, null=True)
    lines = models.PositiveIntegerField(null=True)
    lines_read = models.PositiveIntegerField(default=0)
    findings = models.PositiveIntegerField(default=0)
    warnings = models.PositiveIntegerField(default=0)

    compared_with = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    second_because = models.JSONField(default=list)
    warnings_checked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    submitted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    confirm_due_date = models.DateField(null=True)
    overdue_told_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField("superseded, rejected or withdrawn at", null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    ended_because = models.CharField(max_length=500, blank=True)

    recovery = models.ForeignKey(
        "uploads.DisasterRecovery", null=True, on_delete=models.PROTECT, related_name="uploads"
    )
    sent_by_email_at = models.DateTimeField(null=True)
    authorised_by = models.CharField(max_length=200, blank=True)
    said_yes = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "user_role"],
                condition=Q(kind="adt", state="applied"),
                name="one_set_of_thresholds_in_force_per_user_id_and_role",
            ),
            models.UniqueConstraint(
                fields=["user_id", "user_role"],
                condition=Q(kind="adt", state__in=["awaiting_approval", "accepted"]),
                name="one_submitted_set_of_thresholds_per_user_id_and_role",
            ),
            models.UniqueConstraint(
                fields=["user_id", "sha256"],
                condition=Q(accepted_at__isnull=False) | Q(state="awaiting_approval"),
                name="a_file_is_accepted_once",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("submitted_by")),
                name="nobody_approves_what_they_submitted",
            ),
        ]
        indexes = [
            models.Index(fields=["user_id", "-received_at", "-id"], name="upload_of_user"),
            models.Index(fields=["-received_at", "-id"], name="upload_by_age"),
            models.Index(
                fields=["confirm_due_date", "id"], condition=Q(state="accepted"), name="upload_to_confirm"
            ),
            models.Index(fields=["id"], condition=Q(state="received"), name="upload_to_check"),
            models.Index(fields=["user_id", "sha256"], name="upload_by_content"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def audit_ref(self) -> str:
        """Return the public reference."""
        return self.reference

    @property
    def took_part(self) -> frozenset[int]:
        """Return the keys of those who uploaded, submitted or signed it: none of them is its second officer."""
        people = (self.uploaded_by_id, self.submitted_by_id, self.signer_id)
        return frozenset(person_id for person_id in people if person_id is not None)

    @property
    def acted_for_user(self) -> frozenset[int]:
        """Return the keys of DCC's staff who registered it, or recorded a second officer's yes, for the User.

        None of them confirms it for DCC.
        """
        people = (self.uploaded_by_id, self.approved_by_id) if self.recovery_id is not None else ()
        return frozenset(person_id for person_id in people if person_id is not None)

    def get_absolute_url(self) -> str:
        """Return its page."""
        return f"/uploads/{self.reference}/"

    @move(state, source=State.RECEIVED, target=State.CHECKED, permission=_the_portal)
    def checked(self) -> None:
        """Nothing in it is wrong; it may be submitted."""

    @move(state, source=State.CHECKED, target=State.RECEIVED, permission=_the_portal)
    def check_again(self) -> None:
        """What is in force changed since it was checked."""

    @move(state, source=State.RECEIVED, target=State.REJECTED, permission=_the_portal)
    def reject(self, *, at: datetime) -> None:
        """Something in it is wrong: it is refused as a whole."""
        self.ended_at = at

    @move(state, source=State.CHECKED, target=State.AWAITING_APPROVAL, permission=_its_aro_or_the_desk)
    def ask_second(self, *, person_id: int, at: datetime, warnings_checked: bool) -> None:
        """An ARO submits it; a second officer must approve before DCC sees it."""
        self._submitted(person_id, at, warnings_checked)

    @move(state, source=State.CHECKED, target=State.ACCEPTED, permission=_its_aro_or_the_desk)
    def submit(self, *, person_id: int, at: datetime, warnings_checked: bool, due_date: date) -> None:
        """An ARO submits it to DCC."""
        self._submitted(person_id, at, warnings_checked)
        self.accepted_at, self.confirm_due_date = at, due_date

    def _submitted(self, person_id: int, at: datetime, warnings_checked: bool) -> None:
        self.submitted_by_id, self.submitted_at = person_id, at
        if warnings_checked:
            self.warnings_checked_by_id = person_id

    @move(state, source=State.AWAITING_APPROVAL, target=State.ACCEPTED, permission=_another_officer)
    def approve(self, *, person_id: int, at: datetime, due_date: date) -> None:
        """A second officer of the party approves; DCC sees it from now on."""
        self.approved_by_id, self.approved_at = person_id, at
        self.accepted_at, self.confirm_due_date = at, due_date

    @move(state, source=State.AWAITING_APPROVAL, target=State.REJECTED, permission=_another_officer)
    def decline(self, *, person_id: int, at: datetime, because: str) -> None:
        """A second officer of the party does not approve."""
        self.ended_by_id, self.ended_at, self.ended_because = person_id, at, because

    @move(
        state,
        source=State.ACCEPTED,
        target=State.ACCEPTED,
        permission=_the_desk_but_its_voice,
        conditions=[_was_not_confirmed],
    )
    def confirm(self, *, person_id: int, at: datetime) -> None:
        """DCC confirms it; it counts from its effective date."""
        self.confirmed_by_id, self.confirmed_at = person_id, at

    @move(state, source=State.ACCEPTED, target=State.REJECTED, permission=_the_desk)
    def refuse(self, *, person_id: int, at: datetime, because: str) -> None:
        """DCC does not take it, and says why."""
        self.ended_by_id, self.ended_at, self.ended_because = person_id, at, because

    @move(state, source=State.ACCEPTED, target=State.APPLIED, permission=_the_portal, conditions=[_was_confirmed])
    def apply(self, *, at: datetime) -> None:
        """Its effective date has come: it is in force, or its decisions are carried out."""
        self.applied_at = at

    @move(state, source=State.ACCEPTED, target=State.REJECTED, permission=_the_portal)
    def give_up(self, *, at: datetime, because: str) -> None:
        """It cannot be applied any more: what is in force is not what it was checked against."""
        self.ended_at, self.ended_because = at, because

    @move(state, source=State.APPLIED, target=State.SUPERSEDED, permission=_the_portal)
    def supersede(self, *, at: datetime) -> None:
        """A later one is in force."""
        self.ended_at = at

    @move(
        state,
        source=[State.RECEIVED, State.CHECKED, State.AWAITING_APPROVAL, State.ACCEPTED],
        target=State.WITHDRAWN,
        permission=_an_officer_or_the_desk,
    )
    def withdraw(self, *, person_id: int, at: datetime) -> None:
        """An officer of the User takes it back; what is in force stays."""
        self.ended_by_id, self.ended_at = person_id, at


class UploadStep(models.Model):
    """One step that an upload went, or is in: `ended_at` is null while it runs or waits; `detail` a sentence."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="steps")
    step = models.CharField(max_length=8, choices=Step.choices)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=8, choices=StepResult.choices, blank=True)
    detail = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "step"], name="one_row_per_step_of_an_upload")]

    def __str__(self) -> str:
        return self.get_step_display()


class UploadFinding(models.Model):
    """One thing that is wrong with a file, or to be checked: see `ssi/uploads/findings.py`.

    `line` counts from 1; 0 is the file as a whole. `step` is the one that found it: done again, it finds it anew.
    """

    upload = models.ForeignKey(
        Upload, on_delete=models.CASCADE, related_name="found", db_index=False, db_constraint=False
    )
    step = models.CharField(max_length=8, choices=Step.choices)
    code = models.CharField(max_length=3)
    line = models.PositiveIntegerField(default=0)
    field = models.CharField(max_length=40, blank=True)
    message = models.CharField(max_length=500)
    suggestion = models.CharField(max_length=500)

    class Meta:
        indexes = [models.Index(fields=["upload", "line", "id"], name="finding_of_upload")]

    def __str__(self) -> str:
        return f"{self.code} line {self.line}"
