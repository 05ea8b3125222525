"""How many messages each User sent, by the hour: Anomaly Detection Thresholds are held against it."""

from typing import Final

from django.db import models

from ssi.eui64 import Eui64Field


class TrafficHour(models.Model):
    """How many messages of one SRV a User sent in the hour that began at `began_at`, refused ones too.

    `is_pre_command`: Signed Pre-Commands, else Service Requests. Only hours that are over are kept; the running
    one is counted from the audit trail when it is asked for (`inventory/search/traffic.py`).
    """

    messages = models.BigIntegerField()
    user_id = Eui64Field("User ID")
    began_at = models.DateTimeField()
    srv = models.CharField("Service Reference Variant", max_length=8)
    is_pre_command = models.BooleanField("Signed Pre-Commands")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "began_at", "srv", "is_pre_command"],
                include=["messages"],
                name="one_count_per_user_hour_srv_and_type",
            )
        ]
        indexes = [models.Index(fields=["began_at"], name="traffic_by_age")]

    def __str__(self) -> str:
        return f"{self.messages} messages"


class TrafficCounted(models.Model):
    """How far the counting by the hour came: one row, there since the first counting.

    Hours before `until_at` are counted. Before `apart_since_at` Signed Pre-Commands stood in the audit trail, and
    are counted, as Service Requests.
    """

    THE_ONE: Final = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_ONE)
    until_at = models.DateTimeField()
    apart_since_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="the_counting_by_the_hour_is_one"),
        ]

    def __str__(self) -> str:
        return f"counted up to {self.until_at:%Y-%m-%d %H:%M}"
