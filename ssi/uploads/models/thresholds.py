"""Anomaly Detection Thresholds: the rows of every version."""

from django.db import models

from ssi.uploads.models.choices import MessageType, Period
from ssi.uploads.models.uploads import Upload

LONGEST_NOTE = 200


class Threshold(models.Model):
    """One threshold of a version, which is an ADT upload: all of a version's rows together are in force with it.

    `is_in_file` tells rows that stand in the file, at `line`, from those that a DELTA took over from what was in
    force. `warning` and `quarantine` are numbers of messages of one Service Reference Variant in one period; above
    `warning` the User is told, above `quarantine` messages are held. An exception counts from
    `exception_from_date` to `exception_to_date`, both included, in place of the threshold without dates.
    Source: SEC App AA; domain 6.2.
    """

    upload = models.ForeignKey(
        Upload, on_delete=models.CASCADE, related_name="thresholds", db_index=False, db_constraint=False
    )
    line = models.PositiveIntegerField()
    is_in_file = models.BooleanField(default=True)
    srv = models.CharField("Service Reference Variant", max_length=8)
    message_type = models.CharField(max_length=3, choices=MessageType.choices)
    period = models.CharField(max_length=4, choices=Period.choices)
    warning = models.BigIntegerField("warning threshold", null=True)
    quarantine = models.BigIntegerField("quarantine threshold")
    exception_from_date = models.DateField(null=True)
    exception_to_date = models.DateField(null=True)
    note = models.CharField(max_length=LONGEST_NOTE, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["upload", "srv", "message_type", "period"], name="threshold_of_upload"),
        ]

    def __str__(self) -> str:
        return f"{self.srv} {self.message_type} {self.period}"
