"""The DCC Service Status of meter points: its history, and the files that tell it to the registration systems."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from inventory.models.choices import DccServiceStatus, Fuel
from inventory.models.meter_points import MeterPoint


class ServiceStatusFile(models.Model):
    """A file of changes for one recipient: an MPAS (`recipient` is its distributor ID) or Xoserve ("gas").

    It is made from its changes again whenever it is read, always with the same bytes, of which `sha256` is kept.
    """

    audit_name: ClassVar[str] = "service_status_file"

    fuel = models.PositiveSmallIntegerField(choices=Fuel.choices)
    recipient = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    rows = models.PositiveIntegerField()
    sha256 = models.CharField("SHA-256", max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fuel", "recipient", "number"], name="one_file_per_recipient_and_number"
            )
        ]
        verbose_name = "file of DCC Service Statuses"
        verbose_name_plural = "files of DCC Service Statuses"

    def __str__(self) -> str:
        return f"{self.recipient} {self.number:06d}"

    @property
    def audit_ref(self) -> str:
        """Return recipient and number."""
        return str(self)


class ServiceStatusChange(models.Model):
    """One change of a meter point's DCC Service Status, and the file in which it was notified; null until then."""

    at = models.DateTimeField()
    meter_point = models.ForeignKey(
        MeterPoint, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    file = models.ForeignKey(
        ServiceStatusFile, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    from_status = models.PositiveSmallIntegerField(choices=DccServiceStatus.choices, null=True)
    to_status = models.PositiveSmallIntegerField(choices=DccServiceStatus.choices)
    because = models.CharField(max_length=40)

    class Meta:
        indexes = [
            models.Index(fields=["meter_point", "at"], name="service_status_history"),
            models.Index(fields=["id"], condition=Q(file__isnull=True), name="service_status_to_notify"),
            models.Index(fields=["file"], condition=Q(file__isnull=False), name="service_status_by_file"),
        ]

    def __str__(self) -> str:
        return f"{self.meter_point_id}: {self.get_to_status_display()}"
