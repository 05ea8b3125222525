"""The outbox: an e-mail is a row first, of the same transaction as the deed; and who wants it at another pace."""

from datetime import datetime
from email.utils import make_msgid
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Expression, F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from ssi.db import SsiModel
from ssi.notifications.notices import Pace, find

EVENT_LENGTH = 80
FAILED_AT = Coalesce("dead_at", "bounced_at")
"""When we learned that an e-mail does not arrive."""


def new_message_id() -> str:
    """Return the Message-ID that every attempt at this message will carry: ours, by the host of SSI_BASE_URL."""
    return make_msgid(domain=settings.SSI_MESSAGE_ID_DOMAIN)


class OutboxQuerySet(models.QuerySet["OutboxMessage"]):
    """E-mails, by what is still to be done with them."""

    def waiting(self, now: datetime | Expression) -> Self:
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
    failed because of this very e-mail, not those made while no mail server was to be had. `bounced_at` is when a
    mail server further on reported that it could not be delivered after all, `bounce` why, in our words;
    `bounce_reports` are fingerprints of the reports that were counted, each of them once.
    """

    audit_name: ClassVar[str] = "outbox_message"

    message_id = models.CharField("Message-ID", max_length=320, unique=True, default=new_message_id)
    recipient = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    event = models.CharField(max_length=EVENT_LENGTH)
    about = models.CharField(max_length=60)
    reference = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    dead_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    bounce = models.CharField(max_length=200, blank=True)
    bounce_reports = ArrayField(models.CharField(max_length=64), default=list, blank=True, editable=False)

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
            models.Index(FAILED_AT.desc(nulls_last=True), F("id").desc(), name="outbox_failures_first"),
            models.Index(
                fields=["delivered_at"], condition=Q(delivered_at__isnull=False), name="outbox_by_delivery"
            ),
            models.Index(fields=["about", "reference"], name="outbox_by_thing"),
            models.Index(fields=["recipient", "-id"], name="outbox_of_recipient"),
            models.Index(fields=["-dead_at", "-id"], condition=Q(dead_at__isnull=False), name="outbox_given_up"),
            models.Index(
                fields=["-bounced_at", "-id"], condition=Q(bounced_at__isnull=False), name="outbox_bounced"
            ),
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(delivered_at__isnull=True, dead_at__isnull=True) & ~Q(last_error=""),
                name="outbox_failing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.recipient}"

    @property
    def audit_ref(self) -> str:
        """Return the Message-ID, by which mail servers know it too."""
        return self.message_id


class Preference(SsiModel):
    """That a person wants one kind of e-mail at another pace than at once, which is what everybody starts with."""

    audit_name: ClassVar[str] = "email_preference"

    recipient = models.EmailField()
    event = models.CharField(max_length=EVENT_LENGTH)
    pace = models.CharField(max_length=8, choices=Pace.choices)
    chosen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "e-mail preference"
        constraints = [
            models.UniqueConstraint(fields=["recipient", "event"], name="one_pace_per_person_and_kind_of_email")
        ]

    def __str__(self) -> str:
        return f"{self.recipient}: {self.event} {self.get_pace_display().lower()}"

    @property
    def audit_ref(self) -> str:
        """Return whose it is."""
        return self.recipient


class DigestItem(SsiModel):
    """Something a person wants to read in the summary: written with the deed, gone when the summary is written.

    `references` are the things it tells of, the first ones if there are many; `size` is how many there are.
    """

    recipient = models.EmailField()
    event = models.CharField(max_length=EVENT_LENGTH)
    about = models.CharField(max_length=60)
    reference = models.CharField(max_length=120)
    references = ArrayField(models.CharField(max_length=120))
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "line of a summary"
        verbose_name_plural = "lines of summaries"
        indexes = [models.Index(fields=["recipient", "created_at"], name="digest_items_of_a_person")]

    def __str__(self) -> str:
        notice = find(self.event)
        return f"{notice.name if notice else self.event}: {self.size}"


class Digest(SsiModel):
    """The claim that a person's summary of a Working Day was written: whoever makes it writes the one there is."""

    recipient = models.EmailField()
    digest_date = models.DateField()
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "summary"
        verbose_name_plural = "summaries"
        constraints = [
            models.UniqueConstraint(fields=["recipient", "digest_date"], name="one_summary_per_person_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.recipient} {self.digest_date}"
