"""Roll-ups for the reports: counts kept by set-based refresh, each with the moment it stands for."""

from django.db import models
from django.db.models import Q

from inventory.models.choices import DeviceType, SmiStatus, Whose
from ssi.eui64 import Eui64Field


class RollUp(models.Model):
    """When a roll-up was last refreshed: the page says "as of" it."""

    name = models.CharField(max_length=40, primary_key=True)
    refreshed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class DeviceCount(models.Model):
    """How many devices of a model have a status: of everybody (`user_id` null), or of one User ID's."""

    devices = models.BigIntegerField()
    user_id = Eui64Field("User ID", null=True)
    device_model_id = models.BigIntegerField()
    whose = models.PositiveSmallIntegerField(choices=Whose.choices)
    device_type = models.PositiveSmallIntegerField(choices=DeviceType.choices)
    smi_status = models.PositiveSmallIntegerField("SMI Status", choices=SmiStatus.choices, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["whose", "user_id", "device_type", "smi_status", "device_model_id"],
                nulls_distinct=False,
                name="one_count_per_user_status_and_model",
            ),
            models.CheckConstraint(
                condition=Q(whose=Whose.EVERYBODY, user_id__isnull=True)
                | Q(~Q(whose=Whose.EVERYBODY), user_id__isnull=False),
                name="a_count_of_everybody_names_no_user",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.devices} devices"


class TransactionCount(models.Model):
    """How many messages of a kind, SRV and code a User sent or received in a month (its first day)."""

    month_date = models.DateField("month")
    user_id = Eui64Field("User ID")
    kind = models.PositiveSmallIntegerField()
    srv = models.CharField("Service Reference Variant", max_length=8, blank=True)
    code = models.CharField(max_length=24)
    messages = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "month_date", "kind", "srv", "code"], name="one_count_per_user_month_and_code"
            )
        ]

    def __str__(self) -> str:
        return f"{self.messages} messages"
