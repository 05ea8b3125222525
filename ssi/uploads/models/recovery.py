"""Disaster recovery: the times in which files come by e-mail."""

from typing import ClassVar

from django.db import models
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils import timezone

from ssi.accounts.models import Person
from ssi.db import SsiModel, new_reference


class DisasterRecovery(SsiModel):
    """A time, still running while `ended_at` is null, in which files are sent by e-mail. Source: DP109."""

    audit_name: ClassVar[str] = "disaster_recovery"

    reference = models.CharField(max_length=15, unique=True, default=new_reference, editable=False)
    declared_at = models.DateTimeField(default=timezone.now)
    declared_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    because = models.CharField("why", max_length=500)
    instructions = models.CharField("where to send files, and how", max_length=1_000)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "times of disaster recovery"
        constraints = [
            models.UniqueConstraint(
                ExpressionWrapper(Q(ended_at__isnull=True), output_field=BooleanField()),
                condition=Q(ended_at__isnull=True),
                name="one_disaster_recovery_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def audit_ref(self) -> str:
        """Return the public reference."""
        return self.reference
