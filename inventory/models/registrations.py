"""Registrations: who supplied a meter point, or ran its network, from when to when; shaped for 60 million rows."""

from django.db import models
from django.db.models import F, Q

from inventory.models.choices import RegistrationKind
from inventory.models.meter_points import MeterPoint
from ssi.accounts.models import UserId


class Registration(models.Model):
    """`user_id` is registered at `meter_point` from `from_date` to `to_date`, its last day; null while it runs.

    Agreed future ones stand here too. Of one kind a meter point has one at a time: the import refuses overlaps.
    No foreign key constraints: checking 60 million rows one by one would cost two thirds of the import, whose
    joins see to it that both are there.
    """

    meter_point = models.ForeignKey(
        MeterPoint, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    user_id = models.ForeignKey(
        UserId,
        on_delete=models.PROTECT,
        related_name="+",
        db_column="user_id",
        db_index=False,
        db_constraint=False,
        verbose_name="User ID",
    )
    from_date = models.DateField()
    to_date = models.DateField(null=True)
    kind = models.PositiveSmallIntegerField(choices=RegistrationKind.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meter_point", "kind", "from_date"], name="one_registration_per_point_kind_and_day"
            ),
            models.CheckConstraint(
                condition=Q(to_date__isnull=True) | Q(to_date__gte=F("from_date")),
                name="a_registration_does_not_end_before_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["user_id", "from_date"], name="registration_by_user_id")]

    def __str__(self) -> str:
        return f"{self.user_id_id} at {self.meter_point_id} from {self.from_date}"
