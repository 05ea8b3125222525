"""Devices, and the history of their SMI Status; shaped for a hundred million rows."""

from datetime import datetime
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.utils import timezone

from inventory.models.choices import (
    COMMS_HUB_PARTS,
    JOINED,
    SUSPENDABLE,
    TYPE_2,
    Connectivity,
    CspRegion,
    DeviceType,
    EsmeVariant,
    SmiStatus,
)
from inventory.models.device_models import DeviceModel
from inventory.models.meter_points import MeterPoint
from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64Field
from ssi.workflow import StateIntegerField, WorkflowModel, move

LONDON: Final = ZoneInfo("Europe/London")
RARER_STATUS: Final = Q(smi_status__lt=SmiStatus.COMMISSIONED) | Q(smi_status__gt=SmiStatus.COMMISSIONED)
"""Said so that it leaves out Type 2 Devices, which have none."""

_TYPES: Final = {int(value): str(label) for value, label in DeviceType.choices}
_STATUSES: Final = {int(value): str(label) for value, label in SmiStatus.choices}


def _may_feed(device: "Device", actor: Actor) -> bool:
    """DCC's feed, or the portal itself: messages, the Central Products List and housekeeping move devices."""
    return actor.is_system or actor.is_feed


def is_of_the_hub(device: "Device") -> bool:
    """A CHF or GPF."""
    return device.device_type in COMMS_HUB_PARTS


def is_a_hub(device: "Device") -> bool:
    """A CHF."""
    return device.device_type == DeviceType.CHF


def is_of_the_han(device: "Device") -> bool:
    """A device that joins a hub's network: neither CHF nor GPF."""
    return device.device_type not in COMMS_HUB_PARTS


def is_joined(device: "Device") -> bool:
    """A device commissioned by Join Service: PPMID, HCALCS or GPF."""
    return device.device_type in JOINED


def can_be_suspended(device: "Device") -> bool:
    """A device whose firmware the Central Products List names by itself: all Type 1 but the GPF, and the CHF."""
    return device.device_type in SUSPENDABLE


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
                fields=["notified_by", "device_model", "device_id"],
                condition=Q(notified_by__isnull=False),
                name="device_by_user_and_model",
            ),
            models.Index(
                fields=["smi_status", "device_model", "device_id"],
                condition=RARER_STATUS,
                name="device_by_status_and_model",
            ),
            models.Index(
                fields=["smi_status", "notified_by", "device_model", "device_id"],
                condition=RARER_STATUS & Q(notified_by__isnull=False),
                name="device_by_status_and_user",
            ),
            models.Index(
                fields=["device_type", "status_since"],
                condition=Q(smi_status=SmiStatus.PENDING),
                name="device_pending_by_age",
            ),
            models.Index(
                fields=["notified_by", "device_type", "status_since"],
                condition=Q(smi_status=SmiStatus.PENDING),
                name="device_pending_by_user_and_age",
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

    def get_device_type_display(self) -> str:  # type: ignore[no-redef] # instead of Django's
        """Return its type in words; as Django's own, which works it out anew for each row."""
        return _TYPES[self.device_type]

    def get_smi_status_display(self) -> str | None:  # type: ignore[no-redef] # instead of Django's
        """Return its SMI Status in words, None for a Type 2 Device; as Django's own."""
        return None if self.smi_status is None else _STATUSES[self.smi_status]

    @property
    def is_type_2(self) -> bool:
        """Tell whether this is a Type 2 Device, which has no SMI Status."""
        return self.device_type in TYPE_2

    # --- Moves. Each sets fields alone; history and what follows is `inventory/actions/devices/moving.py`'s. ---

    @move(
        smi_status,
        source=SmiStatus.PENDING,
        target=SmiStatus.WHITELISTED,
        conditions=[is_of_the_han],
        permission=_may_feed,
    )
    def whitelist(self, *, hub: "Device", at: datetime) -> None:
        """SR 8.11 Add succeeded at the hub: its device log names it (DCC alert N24; domain 4.5)."""
        self.comms_hub = hub
        self.status_since = at

    @move(smi_status, source=SmiStatus.WHITELISTED, target=SmiStatus.PENDING, permission=_may_feed)
    def take_off_whitelist(self, *, at: datetime) -> None:
        """SR 8.11 Remove succeeded, or the time to join passed: no hub's device log names it (domain 4.5)."""
        self.comms_hub = None
        self.status_since = at

    @move(
        smi_status,
        source=SmiStatus.WHITELISTED,
        target=SmiStatus.INSTALLED_NOT_COMMISSIONED,
        conditions=[is_of_the_han],
        permission=_may_feed,
    )
    def join_han(self, *, at: datetime) -> None:
        """It joined the home's network: device alert 8183, or the first success it answers (domain 4.5)."""
        self.status_since = at

    @move(
        smi_status,
        source=SmiStatus.PENDING,
        target=SmiStatus.INSTALLED_NOT_COMMISSIONED,
        conditions=[is_of_the_hub],
        permission=_may_feed,
    )
    def install(self, *, at: datetime) -> None:
        """A hub was installed without SM WAN (SR 8.14.2), or a GPF's hub was commissioned (domain 4.5)."""
        self.status_since = at

    @move(
        smi_status,
        source=SmiStatus.INSTALLED_NOT_COMMISSIONED,
        target=SmiStatus.COMMISSIONED,
        permission=_may_feed,
    )
    def commission(self, *, at: datetime) -> None:
        """SR 8.1.1 of a meter, SR 8.7 of a PPMID, HCALCS or GPF, or a hub's SM WAN (SEC App AC 4.9 to 4.13)."""
        self.status_since = at
        self.commissioned_date = at.astimezone(LONDON).date()

    @move(
        smi_status,
        source=SmiStatus.PENDING,
        target=SmiStatus.COMMISSIONED,
        conditions=[is_a_hub],
        permission=_may_feed,
    )
    def commission_hub(self, *, at: datetime) -> None:
        """A hub that nobody reported as installed reached the SM WAN at once (SR 8.14.1; domain 4.5)."""
        self.status_since = at
        self.commissioned_date = at.astimezone(LONDON).date()

    @move(
        smi_status,
        source=SmiStatus.COMMISSIONED,
        target=SmiStatus.INSTALLED_NOT_COMMISSIONED,
        conditions=[is_joined],
        permission=_may_feed,
    )
    def unjoin(self, *, at: datetime) -> None:
        """SR 8.8 succeeded: it serves no meter any more, and is still in the home (ours)."""
        self.status_since = at
        self.commissioned_date = None

    @move(
        smi_status,
        source=[status for status in SmiStatus if status not in {SmiStatus.DECOMMISSIONED, SmiStatus.WITHDRAWN}],
        target=SmiStatus.DECOMMISSIONED,
        permission=_may_feed,
    )
    def decommission(self, *, at: datetime) -> None:
        """SR 8.3; for a hub with its GPF SR 8.14.3, 8.14.4 or its replacement (domain 4.5)."""
        self.status_since = at

    @move(
        smi_status,
        source=[SmiStatus.INSTALLED_NOT_COMMISSIONED, SmiStatus.COMMISSIONED],
        target=SmiStatus.SUSPENDED,
        conditions=[can_be_suspended],
        permission=_may_feed,
    )
    def suspend(self, *, at: datetime) -> None:
        """Its firmware left the Central Products List, or DCC suspended it (MP105)."""
        self.status_since = at

    @move(smi_status, source=SmiStatus.SUSPENDED, target=SmiStatus.COMMISSIONED, permission=_may_feed)
    def restore_commissioned(self, *, at: datetime) -> None:
        """Restored, and it was Commissioned before (MP105)."""
        self.status_since = at

    @move(
        smi_status, source=SmiStatus.SUSPENDED, target=SmiStatus.INSTALLED_NOT_COMMISSIONED, permission=_may_feed
    )
    def restore_installed(self, *, at: datetime) -> None:
        """Restored, and it was InstalledNotCommissioned before (MP105)."""
        self.status_since = at

    @move(smi_status, source=SmiStatus.COMMISSIONED, target=SmiStatus.RECOVERY, permission=_may_feed)
    def recover(self, *, at: datetime) -> None:
        """Its certificates are being replaced by the SMKI Recovery Procedure (MP077 3.1.1)."""
        self.status_since = at

    @move(smi_status, source=SmiStatus.RECOVERY, target=SmiStatus.RECOVERED, permission=_may_feed)
    def recovered(self, *, at: datetime) -> None:
        """Its new certificates are in place (MP077 3.1.1)."""
        self.status_since = at

    @move(
        smi_status,
        source=[SmiStatus.WHITELISTED, SmiStatus.INSTALLED_NOT_COMMISSIONED],
        target=SmiStatus.PENDING,
        conditions=[is_of_the_han],
        permission=_may_feed,
    )
    def correct_to_pending(self, *, at: datetime) -> None:
        """SR 8.4 UpdateDeviceStatusExceptCH: Pending (domain 4.5)."""
        self.comms_hub = None
        self.status_since = at

    @move(
        smi_status,
        source=[SmiStatus.PENDING, SmiStatus.WHITELISTED],
        target=SmiStatus.INSTALLED_NOT_COMMISSIONED,
        permission=_may_feed,
    )
    def correct_to_installed(self, *, at: datetime) -> None:
        """SR 8.4 UpdateDeviceStatusExceptCH or UpdateDeviceStatusCH: InstalledNotCommissioned (domain 4.5)."""
        self.status_since = at

    @move(
        smi_status,
        source=SmiStatus.COMMISSIONED,
        target=SmiStatus.INSTALLED_NOT_COMMISSIONED,
        conditions=[is_a_hub],
        permission=_may_feed,
    )
    def correct_hub_to_installed(self, *, at: datetime) -> None:
        """SR 8.4 UpdateDeviceStatusCH: InstalledNotCommissioned, of a Commissioned hub (domain 4.5)."""
        self.status_since = at
        self.commissioned_date = None

    @move(
        smi_status,
        source=[SmiStatus.PENDING, SmiStatus.INSTALLED_NOT_COMMISSIONED],
        target=SmiStatus.COMMISSIONED,
        conditions=[is_a_hub],
        permission=_may_feed,
    )
    def correct_hub_to_commissioned(self, *, at: datetime) -> None:
        """SR 8.4 UpdateDeviceStatusCH: Commissioned (domain 4.5)."""
        self.status_since = at
        self.commissioned_date = at.astimezone(LONDON).date()


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
