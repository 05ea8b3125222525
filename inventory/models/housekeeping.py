"""Housekeeping: for how long Pending devices stay, what removed which, and whom it was told (SECMP0060)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from inventory.models.choices import DeviceType, Removal
from inventory.models.device_models import DeviceModel
from ssi.accounts.models import Party
from ssi.db import SsiModel, new_reference
from ssi.eui64 import Eui64Field


class HousekeepingRule(SsiModel):
    """How long a device of a type may be Pending, in months, or for ever; DCC edits it with a reason."""

    audit_name: ClassVar[str] = "housekeeping_rule"

    device_type = models.PositiveSmallIntegerField(choices=DeviceType.choices, primary_key=True)
    months = models.PositiveSmallIntegerField(default=12)
    is_excluded = models.BooleanField("excluded from housekeeping", default=False)

    def __str__(self) -> str:
        return self.get_device_type_display()

    @property
    def audit_ref(self) -> str:
        """Return the device type."""
        return self.get_device_type_display()


class HousekeepingRun(SsiModel):
    """One run; one at a time. Interrupted, the next one goes on with it."""

    audit_name: ClassVar[str] = "housekeeping_run"

    run_date = models.DateField("removed what was due on")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    removed = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["finished_at"],
                condition=Q(finished_at__isnull=True),
                nulls_distinct=False,
                name="one_housekeeping_run_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"run of {self.run_date}"

    @property
    def audit_ref(self) -> str:
        """Return the day."""
        return str(self.run_date)


class HousekeepingNotice(SsiModel):
    """What one run told one party: how many of its devices went. Its e-mail leads here by `reference`."""

    audit_name: ClassVar[str] = "housekeeping_notice"

    reference = models.CharField(max_length=15, unique=True, default=new_reference, editable=False)
    run = models.ForeignKey(HousekeepingRun, on_delete=models.PROTECT, related_name="notices")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", db_index=False)
    removed = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "party"], name="one_notice_per_run_and_party")]
        indexes = [models.Index(fields=["party", "-id"], name="housekeeping_notice_of_party")]

    def __str__(self) -> str:
        return self.reference

    @property
    def audit_ref(self) -> str:
        """Return the public reference."""
        return self.reference


class RemovedDevice(models.Model):
    """A device that is in the inventory no more, looked up by its ID for a year.

    A run of housekeeping leaves this row of each device and nothing else: with `pending_months`, for how long it
    might be Pending, the row is its N8 in the notifying party's audit trail too (`TrailMessage`); and the last
    step of its status history is written from it should it come back (`inventory/actions/devices/returning.py`).

    In the database the key is (`device_id`, `id`): nothing is asked for by `id` alone, and each index costs a run.
    By age alone, as `retention.py` asks, PostgreSQL 18 looks into the one index a User ID after the other; older
    ones read it whole, once a day.
    """

    device_id = Eui64Field("Device ID")
    notified_by = Eui64Field("notifying party's User ID", null=True)
    notified_at = models.DateTimeField(null=True)
    status_since = models.DateTimeField(null=True)
    removed_at = models.DateTimeField()
    device_model = models.ForeignKey(
        DeviceModel, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    run = models.ForeignKey(
        HousekeepingRun,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    device_type = models.PositiveSmallIntegerField(choices=DeviceType.choices)
    how = models.PositiveSmallIntegerField(choices=Removal.choices)
    pending_months = models.SmallIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["notified_by", "removed_at", "id"], name="removed_device_by_user_and_age")]

    def __str__(self) -> str:
        return str(self.device_id)
