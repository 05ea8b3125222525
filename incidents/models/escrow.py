"""Codes deposited ahead, and the rule by which they answer (what MP281 asks for)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from incidents.models.choices import ReleaseRule
from inventory.models import SealedInstallCode
from ssi.accounts.models import UserId
from ssi.db import SsiModel
from ssi.eui64 import Eui64Field


class EscrowRule(SsiModel):
    """When the codes that a User ID deposits answer a request by themselves."""

    audit_name: ClassVar[str] = "escrow_rule"

    user_id = models.OneToOneField(
        UserId, primary_key=True, on_delete=models.CASCADE, related_name="+", db_column="user_id"
    )
    rule = models.CharField(max_length=24, choices=ReleaseRule.choices, default=ReleaseRule.NEVER)

    def __str__(self) -> str:
        return f"{self.pk}: {self.get_rule_display()}"

    @property
    def audit_ref(self) -> str:
        """Return the User ID whose rule it is."""
        return str(self.pk)


class EscrowedCode(SsiModel):
    """An install code deposited before anybody asked, for a device left uncommissioned.

    `withdrawn_at` is set when the depositor takes it back, or when a raiser found the code wrong (`was_wrong`).
    """

    audit_name: ClassVar[str] = "escrowed_code"

    device_id = Eui64Field("Device ID")
    deposited_by = models.ForeignKey(UserId, on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.ForeignKey(SealedInstallCode, null=True, on_delete=models.SET_NULL, related_name="+")
    deposited_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)
    was_wrong = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deposited_by", "device_id"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_code_in_escrow_per_device_and_depositor",
            )
        ]
        indexes = [
            models.Index(fields=["deposited_by", "-id"], name="escrow_by_depositor"),
            models.Index(fields=["device_id"], condition=Q(withdrawn_at__isnull=True), name="escrow_by_device"),
        ]

    def __str__(self) -> str:
        return f"code in escrow for {self.device_id}"

    @property
    def audit_ref(self) -> str:
        """Return the Device ID: the code itself is known to nobody here."""
        return str(self.device_id)
