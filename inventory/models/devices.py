"""Devices, and the history of their SMI Status; shaped for a hundred million rows."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from inventory.models.choices import TYPE_2, Connectivity, CspRegion, DeviceType, EsmeVariant, SmiStatus
from inventory.models.device_models import DeviceModel
from inventory.models.meter_points import MeterPoint
from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64Field
from ssi.workflow import StateIntegerField, WorkflowModel, move


def _may_feed(device: "Device", actor: Actor) -> bool:
    """Only messages move a device: the feed applies them as the portal itself."""
    return actor.is_system


class Device(WorkflowModel):
    """A device of the Smart Metering Inventory, known by its EUI-64.

    Columns run from wide to narrow so that no byte is lost to alignment: about 110 bytes a row with its header.
    `notified_by` is the User ID that sent the pre-notification (SR 12.2); unknown (null) for devices seeded from
    an inventory answer. `comms_hub` joins the devices of a home; `smi_status` is null for Type 2 Devices.
    """

    audit_name: ClassVar[str] = "device"

    device_id = Eui64Field("Device ID", primary_key=True)
    notified_by = models.ForeignKey(
        UserId,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name="notifying party",
    )
    notified_at = models.DateTimeField(null=True)
    status_since = models.DateTimeField(null=True)
    comms_hub = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    import_meter_point = models.ForeignKey(
        MeterPoint, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    secondary_import_meter_point = models.ForeignKey(
        MeterPoint, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    export_meter_point = models.ForeignKey(
        MeterPoint, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    device_model = models.ForeignKey(DeviceModel, on_delete=models.PROTECT, related_name="+", db_index=False)
    commissioned_date = models.DateField(null=True)
    device_type = models.PositiveSmallIntegerField(choices=DeviceType.choices)
    smi_status = StateIntegerField("SMI Status", choices=SmiStatus.choices, null=True)
    esme_variant = models.PositiveSmallIntegerField("ESME Variant", choices=EsmeVariant.choices, null=True)
    csp_region = models.PositiveSmallIntegerField("CSP region", choices=CspRegion.choices, null=True)
    connectivity = models.PositiveSmallIntegerField(choices=Connectivity.choices, null=True)
    s1sp = models.CharField("SMETS1 Service Provider", max_length=30, null=True)  # noqa: DJ001 - null costs no byte

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(device_type__in=TYPE_2, smi_status__isnull=True)
                | Q(~Q(device_type__in=TYPE_2), smi_status__isnull=False),
                name="type_2_devices_have_no_status_all_others_have_one",
            ),
            models.CheckConstraint(
                condition=Q(device_type=DeviceType.ESME) | Q(esme_variant__isnull=True),
                name="only_an_esme_has_a_variant",
            ),
        ]
        indexes = [
            models.Index(fields=["device_model", "device_id"], name="device_by_model"),
            models.Index(
                fields=["notified_by", "device_id"],
                condition=Q(notified_by__isnull=False),
                name="device_by_notifying_party",
            ),
            models.Index(
                fields=["smi_status", "device_id"],
                condition=~Q(smi_status=SmiStatus.COMMISSIONED),
                name="device_by_rarer_status",
            ),
            models.Index(fields=["comms_hub"], condition=Q(comms_hub__isnull=False), name="device_by_comms_hub"),
            *(
                models.Index(
                    fields=[name], condition=Q(**{f"{name}__isnull": False}), name=f"device_by_{name}"[:30]
                )
                for name in ("import_meter_point", "secondary_import_meter_point", "export_meter_point")
            ),
        ]

    def __str__(self) -> str:
        return str(self.device_id)

    def get_absolute_url(self) -> str:
        """Return the device's page."""
        return f"/devices/{self.device_id}/"

    @property
    def is_type_2(self) -> bool:
        """Tell whether this is a Type 2 Device, which has no SMI Status."""
        return self.device_type in TYPE_2

    @move(smi_status, source=SmiStatus.PENDING, target=SmiStatus.WHITELISTED, permission=_may_feed)
    def whitelist(self, *, hub: "Device", at: datetime) -> None:
        """SR 8.11 Add: the hub's device log names it (DUIS; domain 4.5)."""
        self.comms_hub = hub
        self.status_since = at

    @move(smi_status, source=SmiStatus.WHITELISTED, target=SmiStatus.PENDING, permission=_may_feed)
    def take_off_whitelist(self, *, at: datetime) -> None:
        """SR 8.11 Remove: the hub's device log names it no more (domain 4.5)."""
        self.comms_hub = None
        self.status_since = at


class DeviceStatusChange(models.Model):
    """One step in a device's SMI Status history: from which status to which, when, and by what.

    No foreign key to the device: history is written in bulk beside it and outlives it. `because` is the Service
    Request Variant or alert that caused it.
    """

    device_id = Eui64Field("Device ID")
    at = models.DateTimeField(default=timezone.now)
    from_status = models.PositiveSmallIntegerField(choices=SmiStatus.choices, null=True)
    to_status = models.PositiveSmallIntegerField(choices=SmiStatus.choices, null=True)
    because = models.CharField(max_length=40)
    told_by = Eui64Field("User ID", null=True)

    class Meta:
        indexes = [models.Index(fields=["device_id", "at"], name="status_history_of_device")]

    def __str__(self) -> str:
        return f"{self.device_id}: {self.get_to_status_display()}"
