"""The outbox: an e-mail is a row first, written in the transaction of the deed it tells of."""

from email.utils import make_msgid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ssi.db import SsiModel


def new_message_id() -> str:
    """Return the Message-ID that every attempt at this message will carry."""
    return make_msgid(domain="ssi.example")


class OutboxMessage(SsiModel):
    """One e-mail to one address.

    It carries a reference, a due date and a link, never content. `about` and `reference` name the thing it tells
    of, `event` what happened. `delivered_at` is when the mail server accepted it; `dead_at` when we gave up.
    """

    message_id = models.CharField(max_length=255, unique=True, default=new_message_id)
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
    dead_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(delivered_at__isnull=True, dead_at__isnull=True),
                name="outbox_waiting",
            ),
            models.Index(fields=["about", "reference"], name="outbox_by_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.recipient}"
