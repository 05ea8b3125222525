"""The Central Products List: which products may be installed, and the history of each entry."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from inventory.models.choices import CplStep, DeviceType, EsmeVariant, ProductStatus
from ssi.db import new_reference


class CplDraft(models.Model):
    """A full list that the desk had checked, and that is not applied: it is then, or goes after a day.

    `content` is the file, compressed; `last_import` the key of the import that the check compared it with, null if
    there was none; `found` what the check said, as the page shows it.
    """

    audit_name: ClassVar[str] = "cpl_draft"

    reference = models.CharField(max_length=15, unique=True, default=new_reference, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    name = models.CharField("file name", max_length=200)
    content = models.BinaryField()
    last_import = models.BigIntegerField(null=True)
    found = models.JSONField(default=dict)

    class Meta:
        verbose_name = "draft of the Central Products List"
        verbose_name_plural = "drafts of the Central Products List"

    def __str__(self) -> str:
        return self.reference

    @property
    def audit_ref(self) -> str:
        """Return the public reference."""
        return self.reference


class CplImport(models.Model):
    """One full list that was applied. `sha256` is of the file as it came.

    `devices_expected` is how many devices would follow when it was applied; `devices_suspended` and
    `devices_restored` how many did.
    """

    audit_name: ClassVar[str] = "cpl_import"

    at = models.DateTimeField()
    name = models.CharField("file name", max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    by = models.CharField("imported by", max_length=120)
    rows = models.PositiveIntegerField()
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    restored = models.PositiveIntegerField(default=0)
    devices_expected = models.PositiveIntegerField(default=0)
    devices_suspended = models.PositiveIntegerField(default=0)
    devices_restored = models.PositiveIntegerField(default=0)
    carried_out_at = models.DateTimeField("devices followed at", null=True)

    class Meta:
        verbose_name = "import of the Central Products List"
        verbose_name_plural = "imports of the Central Products List"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the import's page."""
        return f"/products/imports/{self.pk}/"

    @property
    def devices_followed(self) -> int:
        """Return how many devices followed so far."""
        return self.devices_suspended + self.devices_restored

    @property
    def audit_ref(self) -> str:
        """Return the file's name."""
        return self.name


class CplEntry(models.Model):
    """An entry of the Central Products List, listed or removed. Its key holds the SMETS version (MP202).

    `manufacturer` is the hexadecimal ID; a Device Model's `model` is `model_identifier` followed by
    `hardware_version`. `removed_date` is null while it is listed. `esme_variant` is given for some ESMEs only.
    """

    device_type = models.PositiveSmallIntegerField(choices=DeviceType.choices)
    manufacturer = models.CharField("manufacturer ID", max_length=30)
    manufacturer_name = models.CharField(max_length=100, blank=True)
    model_identifier = models.CharField(max_length=15)
    hardware_version = models.CharField(max_length=15, blank=True)
    firmware_version = models.CharField(max_length=8)
    smets_version = models.CharField("SMETS or CHTS version", max_length=20)
    gbcs_version = models.CharField("GBCS version", max_length=20, blank=True)
    esme_variant = models.PositiveSmallIntegerField("ESME Variant", choices=EsmeVariant.choices, null=True)
    image_hash = models.CharField("hash of the manufacturer image", max_length=64, blank=True)
    cpa_reference = models.CharField("CPA certificate", max_length=60, blank=True)
    cpa_until_date = models.DateField("CPA expiry or renewal", null=True)
    status = models.PositiveSmallIntegerField(choices=ProductStatus.choices, default=ProductStatus.ACTIVE)
    added_date = models.DateField()
    removed_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "device_type",
                    "manufacturer",
                    "model_identifier",
                    "hardware_version",
                    "firmware_version",
                    "smets_version",
                ],
                name="one_cpl_entry_per_product_and_smets_version",
            )
        ]
        indexes = [models.Index(fields=["image_hash"], name="cpl_entry_by_image_hash")]
        verbose_name = "entry of the Central Products List"
        verbose_name_plural = "entries of the Central Products List"

    def __str__(self) -> str:
        return f"{self.manufacturer} {self.model}, firmware {self.firmware_version}"

    def get_absolute_url(self) -> str:
        """Return the entry's page."""
        return f"/products/{self.pk}/"

    @property
    def model(self) -> str:
        """Return the model as DUIS and the inventory have it: with its hardware version."""
        return f"{self.model_identifier}{self.hardware_version}"


class CplEntryChange(models.Model):
    """One step in an entry's history. `changed` holds, by field, what stood there before and after."""

    entry = models.ForeignKey(CplEntry, on_delete=models.PROTECT, related_name="history")
    cpl_import = models.ForeignKey(CplImport, on_delete=models.PROTECT, related_name="changes")
    step = models.PositiveSmallIntegerField(choices=CplStep.choices)
    changed = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.get_step_display()}"
