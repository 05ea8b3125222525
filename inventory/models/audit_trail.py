"""The audit trail of Service Requests: what each User sent and received; and which a device has yet to answer.

In the industry the audit trail is a User's own Service Requests, Responses and Alerts (SEC H8.16(b)). What people
did in the portal is the audit log (`ssi/audit`).
"""

from typing import Self, TypeVar

from django.db import models
from django.db.models import Q

from inventory.models.choices import TrailKind
from ssi.access.actor import Actor
from ssi.eui64 import Eui64Field

MessageT = TypeVar("MessageT", bound="Message")


class AuditTrailQuerySet(models.QuerySet[MessageT]):
    """Messages, by whose they are."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the entries of the User ID acted for, in whichever of its User Roles; DCC's staff see none.

        Source: SEC H8.16(b): a User sees the record of its own messages, and nobody else does.
        """
        return self.none() if actor.user_id is None else self.filter(user_id=actor.user_id)


class Message(models.Model):
    """One message that the User `user_id` sent or received, and what came of it; only that User ever sees it.

    `target` and `counter` are the other two parts of the RequestID; of an alert, and in its recipient's trail
    alone, the first and last part of its ResponseID, which tell when the very same comes again. `code` is the
    response code of a request or response, the alert code of an alert. `detail` and `suggestion` are sentences
    without any secret.
    """

    at = models.DateTimeField()
    user_id = Eui64Field("User ID")
    device_id = Eui64Field("Device ID", null=True)
    target = Eui64Field("target of the RequestID", null=True)
    counter = models.DecimalField(max_digits=20, decimal_places=0, null=True)
    kind = models.PositiveSmallIntegerField(choices=TrailKind.choices)
    srv = models.CharField("Service Reference Variant", max_length=8, blank=True)
    code = models.CharField(max_length=24)
    detail = models.TextField()
    suggestion = models.TextField(blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.srv or self.code} at {self.at:%Y-%m-%d %H:%M:%S}"

    @property
    def request_id(self) -> str:
        """Return the RequestID as DUIS writes it, "" where the entry has none, as no alert has."""
        is_alert = self.kind in {TrailKind.DEVICE_ALERT, TrailKind.DCC_ALERT}
        return "" if is_alert or self.counter is None else f"{self.user_id}:{self.target}:{int(self.counter)}"


class AuditTrailEntry(Message):
    """A message as it is kept. Who reads the trail asks `TrailMessage`, which has the housekeeping's as well.

    The table grows by millions a day, so PostgreSQL keeps it in monthly partitions (`ssi/partitions.py`) and old
    months go as a whole. No foreign keys; the row outlives its device.
    """

    objects = AuditTrailQuerySet["AuditTrailEntry"].as_manager()

    class Meta:
        verbose_name_plural = "audit trail entries"


class TrailMessageQuerySet(AuditTrailQuerySet["TrailMessage"]):
    """Messages of the trail, by whose they are."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the messages of the User ID acted for; of a removed device only if it was told of it."""
        return super().visible_to(actor).filter(detail__isnull=False)


class TrailMessage(Message):
    """The audit trail as its User reads it: the entries, and an N8 for each device that housekeeping removed.

    A view. The N8 of a device is its `RemovedDevice` told as a message, so that a run which removes a million
    devices does not write a million of them twice. `detail` is null for a device of which nobody was told so.
    """

    objects = TrailMessageQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "inventory_audittrail"


class AwaitedResponse(models.Model):
    """A Service Request that was sent to a device, with what its response will need; kept for a while afterwards.

    `facts` is what the body said as far as the inventory is concerned: never an install code. `code` is "" until
    the response or the DCC alert about it came, then the response or alert code.
    """

    originator = Eui64Field("User ID")
    target = Eui64Field("target")
    counter = models.DecimalField(max_digits=20, decimal_places=0)
    srv = models.CharField("Service Reference Variant", max_length=8)
    device_id = Eui64Field("Device ID")
    facts = models.JSONField(default=dict)
    sent_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=24, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["originator", "target", "counter", "srv"],
                condition=Q(answered_at__isnull=True),
                name="one_awaited_response_per_request_id",
            )
        ]
        indexes = [
            models.Index(fields=["originator", "target", "counter"], name="awaited_by_request_id"),
            models.Index(fields=["sent_at"], name="awaited_by_age"),
            models.Index(fields=["device_id"], condition=Q(answered_at__isnull=True), name="awaited_by_device"),
        ]

    def __str__(self) -> str:
        return f"{self.srv} to {self.target}"
