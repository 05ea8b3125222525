"""The outbox: an e-mail is a row first, written in the transaction of the deed it tells of."""

from datetime import datetime
from email.utils import make_msgid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ssi.db import SsiModel


def new_message_id() -> str:
    """Return the Message-ID that every attempt at this message will carry."""
    return make_msgid(domain="ssi.example")


class OutboxQuerySet(models.QuerySet["OutboxMessage"]):
    """E-mails, by what is still to be done with them."""

    def waiting(self, now: datetime) -> Self:
        """Return those whose next attempt is due."""
        return self.filter(delivered_at__isnull=True, dead_at__isnull=True, next_attempt_at__lte=now)

    def unhandled(self, now: datetime) -> Self:
        """Return those that were delivered while what follows from it is still to be carried out."""
        return self.filter(delivered_at__isnull=False, handled_at__isnull=True, next_attempt_at__lte=now)


class OutboxMessage(SsiModel):
    """One e-mail to one address.

    It carries a reference, a due date and a link, never content. `about` and `reference` name the thing it tells
    of, `event` what happened. `delivered_at` is when the mail server accepted it; `handled_at` when what follows
    from the delivery (`deliveries.py`) was carried out; `dead_at` when we gave up. `attempts` counts those that
    failed because of this very e-mail, not those made while no mail server was to be had.
    """

    audit_name: ClassVar[str] = "outbox_message"

    message_id = models.CharField("Message-ID", max_length=120, unique=True, default=new_message_id)
    recipient = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    event = models.CharField(max_length=80)
    about = models.CharField(max_length=60)
    reference = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    dead_at = models.DateTimeField(null=True, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = "e-mail"
        verbose_name_plural = "e-mails"
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(delivered_at__isnull=True, dead_at__isnull=True),
                name="outbox_waiting",
            ),
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(delivered_at__isnull=False, handled_at__isnull=True),
                name="outbox_unhandled",
            ),
            models.Index(F("dead_at").desc(nulls_last=True), F("id").desc(), name="outbox_failures_first"),
            models.Index(
                fields=["delivered_at"], condition=Q(delivered_at__isnull=False), name="outbox_by_delivery"
            ),
            models.Index(fields=["about", "reference"], name="outbox_by_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.recipient}"

    @property
    def audit_ref(self) -> str:
        """Return the Message-ID, by which mail servers know it too."""
        return self.message_id
