"""Exit Quarantine: events, the communications held in each, and what is decided about them."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.accounts.models import Party, Person, UserId
from ssi.db import SsiModel, new_reference
from ssi.eui64 import Eui64Field
from ssi.uploads.models.choices import Breach, Decision, Fate, Kind
from ssi.uploads.models.uploads import Upload
from ssi.workflow import StateField, WorkflowModel, move

STILL_OPEN = Q(held__gt=0) | Q(decided__gt=0)
"""Of an event: that communications of it are held, or decided about and not yet carried out."""

ENDED = Q(held=0, decided=0)


class QuarantineEventQuerySet(models.QuerySet["QuarantineEvent"]):
    """Events, by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Narrow to those of the actor's own User ID; DCC's staff see all."""
        if actor.is_dcc or actor.is_system:
            return self.all()
        return self.filter(user_id=actor.user_id) if actor.user_id else self.none()


class QuarantineEvent(SsiModel):
    """One exceeding of a threshold or limit, under which communications of one User were quarantined.

    `event_ref` is DUIS's QuarantineEventRef, up to 20 digits. `due_at` is when the decision is due. The counts are
    of its communications by where they stand, kept with every change of theirs.
    """

    objects = QuarantineEventQuerySet.as_manager()

    audit_name: ClassVar[str] = "quarantine_event"

    reference = models.CharField(max_length=15, unique=True, default=new_reference, editable=False)
    user_id = models.ForeignKey(UserId, on_delete=models.PROTECT, related_name="+", db_column="user_id")
    event_ref = models.DecimalField("Quarantine Event Ref", max_digits=20, decimal_places=0)
    breach = models.PositiveSmallIntegerField(choices=Breach.choices)
    began_at = models.DateTimeField()
    due_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    overdue_told_at = models.DateTimeField(null=True)
    held = models.PositiveIntegerField(default=0)
    decided = models.PositiveIntegerField(default=0)
    released = models.PositiveIntegerField(default=0)
    deleted = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user_id", "event_ref"], name="one_quarantine_event_per_reference")
        ]
        indexes = [
            models.Index(fields=["user_id", "-began_at", "-id"], name="quarantine_event_of_user"),
            models.Index(fields=["-began_at", "-id"], name="quarantine_event_by_age"),
            models.Index(fields=["due_at"], condition=Q(held__gt=0), name="quarantine_event_due"),
            models.Index(fields=["-began_at", "-id"], condition=STILL_OPEN, name="quarantine_event_open"),
            models.Index(fields=["-began_at", "-id"], condition=ENDED, name="quarantine_event_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.event_ref}"

    @property
    def audit_ref(self) -> str:
        """Return the public reference, under which e-mails link to it too."""
        return self.reference

    def get_absolute_url(self) -> str:
        """Return its page."""
        return f"/quarantine/{self.reference}/"


def _the_portal(communication: "QuarantinedCommunication", actor: Actor) -> bool:
    """The portal itself, which carries out a signed file."""
    return actor.is_system


class QuarantinedCommunication(WorkflowModel):
    """A Service Request that DCC holds: RequestID is `<User ID>:<target>:<counter>`, its User that of the event.

    `wish` is what an ARO decided on screen, not binding until a signed file says so; `decided_in` the accepted
    upload that did. Files have up to a million, so their moves are made in SQL by the states declared here.
    """

    audit_name: ClassVar[str] = "quarantined_communication"

    event = models.ForeignKey(
        QuarantineEvent, on_delete=models.PROTECT, related_name="communications", db_index=False
    )
    target = Eui64Field("target of the RequestID")
    counter = models.DecimalField(max_digits=20, decimal_places=0)
    srv = models.CharField("Service Reference Variant", max_length=8, blank=True)
    fate = StateField(max_length=8, choices=Fate.choices, default=Fate.HELD)
    held_at = models.DateTimeField()
    wish = models.CharField(max_length=7, choices=Decision.choices, blank=True)
    wish_because = models.CharField(max_length=200, blank=True)
    decided_in = models.ForeignKey(Upload, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    decision = models.CharField(max_length=7, choices=Decision.choices, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "target", "counter"], name="a_communication_is_held_once_in_an_event"
            )
        ]
        indexes = [
            models.Index(fields=["decided_in", "id"], name="communication_decided_in"),
            models.Index(fields=["event", "id"], name="communication_of_event"),
        ]

    def __str__(self) -> str:
        return f"{self.target}:{self.counter}"

    @move(fate, source=Fate.HELD, target=Fate.DECIDED, permission=_the_portal)
    def decide(self) -> None:
        """An accepted signed file decides about it."""

    @move(fate, source=Fate.DECIDED, target=Fate.HELD, permission=_the_portal)
    def undecide(self) -> None:
        """The file was withdrawn, or DCC refused it: it is open again."""

    @move(fate, source=Fate.DECIDED, target=Fate.RELEASED, permission=_the_portal)
    def release(self, *, at: datetime) -> None:
        """DCC sends it on."""
        self.ended_at = at

    @move(fate, source=Fate.DECIDED, target=Fate.DELETED, permission=_the_portal)
    def delete_it(self, *, at: datetime) -> None:
        """DCC deletes it: it never reaches its device."""
        self.ended_at = at


class DecisionLine(models.Model):
    """A D record of an Exit Quarantine file, as a worker read it: what is to become of one RequestID."""

    upload = models.ForeignKey(
        Upload, on_delete=models.CASCADE, related_name="decisions", db_index=False, db_constraint=False
    )
    line = models.PositiveIntegerField()
    originator = Eui64Field("User ID")
    target = Eui64Field("target of the RequestID")
    counter = models.DecimalField(max_digits=20, decimal_places=0)
    action = models.CharField(max_length=7, choices=Decision.choices)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["upload", "originator", "target", "counter"], name="decision_of_upload")]

    def __str__(self) -> str:
        return f"line {self.line}"


class PreparedFileQuerySet(models.QuerySet["PreparedFile"]):
    """Files that the portal prepared, by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Narrow to those of the actor's own User ID."""
        return self.filter(user_id=actor.user_id) if actor.user_id else self.none()


class PreparedFile(SsiModel):
    """A file that the portal built, to be signed off line; it holds this `reference`, and is taken once.

    `withdrawn_at` is set when a newer one took its place. Its bytes are kept like an upload's. `user_role` is that
    of thresholds, "" otherwise.
    """

    objects = PreparedFileQuerySet.as_manager()

    audit_name: ClassVar[str] = "prepared_file"

    reference = models.CharField(max_length=15, unique=True, default=new_reference, editable=False)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    user_id = models.ForeignKey(UserId, on_delete=models.PROTECT, related_name="+", db_column="user_id")
    user_role = models.CharField("User Role", max_length=8, blank=True)
    event = models.ForeignKey(QuarantineEvent, null=True, on_delete=models.PROTECT, related_name="prepared_files")
    prepared_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(default=timezone.now)
    file_name = models.CharField(max_length=200)
    lines = models.PositiveIntegerField()
    size = models.BigIntegerField("bytes")
    sha256 = models.CharField("SHA-256", max_length=64)
    stored_as = models.CharField(max_length=100)
    used_by = models.ForeignKey(Upload, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user_id", "-prepared_at", "-id"], name="prepared_file_of_user")]

    def __str__(self) -> str:
        return self.reference

    @property
    def audit_ref(self) -> str:
        """Return the public reference."""
        return self.reference
