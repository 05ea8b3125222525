"""Device Models: the interned facts that thousands of devices share."""

from django.db import models

from inventory.models.choices import DeviceType, ProductStatus


class DeviceModel(models.Model):
    """Manufacturer, model with hardware version, firmware and SMETS or CHTS version of a device type.

    Texts are as DUIS gives them (`433100AC` is model 4331, hardware 00AC); "" where DUIS gave none. The key holds
    the SMETS version because one firmware may stand on the Central Products List for SMETS1 and SMETS2+ (MP202).
    """

    device_type = models.PositiveSmallIntegerField(choices=DeviceType.choices)
    manufacturer = models.CharField(max_length=30)
    model = models.CharField(max_length=30)
    firmware_version = models.CharField(max_length=8, blank=True)
    smets_version = models.CharField("SMETS or CHTS version", max_length=20, blank=True)
    gbcs_version = models.CharField("GBCS version", max_length=20, blank=True)
    han_variant = models.CharField("HAN variant", max_length=20, blank=True)
    firmware_status = models.PositiveSmallIntegerField(choices=ProductStatus.choices, null=True, blank=True)
    cpl_status = models.PositiveSmallIntegerField(
        "CPL status", choices=ProductStatus.choices, null=True, blank=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device_type", "manufacturer", "model", "firmware_version", "smets_version"],
                name="one_row_per_device_model",
            )
        ]

    def __str__(self) -> str:
        firmware = f", firmware {self.firmware_version}" if self.firmware_version else ""
        return f"{self.manufacturer} {self.model}{firmware}"
