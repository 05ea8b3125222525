"""What must be unique over all Requests for Install Code, whatever their year: kept by triggers, never by hand.

A table in partitions cannot hold a unique key that lacks the column it is partitioned by. So the database itself
keeps these two narrow tables beside it (migration 0002): whoever inserts, moves or deletes a request, in whatever
way, moves them along in the same statement, and of two at once their keys decide.
"""

from typing import Final

from django.db import IntegrityError, models

from ssi.accounts.models import Party
from ssi.db import REFERENCE_LENGTH
from ssi.eui64 import Eui64Field

_KEYS: Final = ("incidents_installcoderequest_reference_key", "one_open_request_per_raising_party_and_device")


def is_taken(clash: IntegrityError) -> bool:
    """Tell whether a request was not inserted because its reference, or its device for that party, is taken."""
    return getattr(getattr(clash.__cause__, "diag", None), "constraint_name", None) in _KEYS


class RequestReference(models.Model):
    """Every request's reference, and the key under which the request is found: one probe, in one partition."""

    reference = models.CharField(max_length=REFERENCE_LENGTH, primary_key=True)
    request = models.ForeignKey(
        "incidents.InstallCodeRequest",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    def __str__(self) -> str:
        return self.reference


class OpenRequest(models.Model):
    """Every open request's raising party and device: there is one of each pair at most."""

    request = models.OneToOneField(
        "incidents.InstallCodeRequest",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        primary_key=True,
    )
    raised_by_party = models.ForeignKey(
        Party, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    device_id = Eui64Field("Device ID")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["raised_by_party", "device_id"], name="one_open_request_per_raising_party_and_device"
            )
        ]

    def __str__(self) -> str:
        return f"{self.device_id} for {self.raised_by_party_id}"
