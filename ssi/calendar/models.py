"""What DCC enters over the published calendar of England and Wales: bank holidays that come, and that go."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ssi.db import SsiModel


class Kind(models.TextChoices):
    """What an entry does to its day."""

    ADDED = "added", "A bank holiday is added"
    TAKEN_OUT = "taken_out", "A bank holiday is taken out"


class CalendarEntryQuerySet(models.QuerySet["CalendarEntry"]):
    """Entries, by whether they count and whether what depends on them was counted anew."""

    def in_force(self) -> Self:
        """Return those that nobody has taken back."""
        return self.filter(taken_back_at__isnull=True)

    def unsettled(self) -> Self:
        """Return those whose coming or going some dates may not yet follow."""
        return self.filter(settled_at__isnull=True)


class CalendarEntry(SsiModel):
    """One day that is no Working Day after all, or that is one after all, and why DCC says so.

    `name` is the bank holiday's: of an added one as it was proclaimed, of one taken out as the published calendar
    has it. `changed_at` is when the entry was made or last taken back; `settled_at` when everything that is
    counted in Working Days was known to follow it.
    """

    audit_name: ClassVar[str] = "calendar_entry"

    on_date = models.DateField("day")
    kind = models.CharField("what changes", max_length=9, choices=Kind.choices)
    name = models.CharField("name of the bank holiday", max_length=80)
    because = models.CharField("reason", max_length=300)
    entered_at = models.DateTimeField(default=timezone.now)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_because = models.CharField("reason for taking it back", max_length=300, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "change to the calendar"
        verbose_name_plural = "changes to the calendar"
        constraints = [
            models.UniqueConstraint(
                fields=["on_date"], condition=Q(taken_back_at__isnull=True), name="one_entry_in_force_per_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.on_date:%a} {self.on_date.day} {self.on_date:%b %Y}"

    @property
    def audit_ref(self) -> str:
        """Return the day, under which the audit log knows every entry for it."""
        return self.on_date.isoformat()

    @property
    def is_in_force(self) -> bool:
        """Tell whether the entry still counts."""
        return self.taken_back_at is None

    @property
    def is_holiday(self) -> bool:
        """Tell whether, as things stand by this entry, its day is a bank holiday."""
        return (self.kind == Kind.ADDED) == self.is_in_force
