"""Codes deposited ahead, and the rule by which they answer (what MP281 asks for)."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from incidents.models.choices import ReleaseRule
from incidents.models.install_code_requests import InstallCodeRequest
from inventory.models import SealedInstallCode
from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.db import SsiModel
from ssi.eui64 import Eui64Field


class EscrowRule(SsiModel):
    """When the codes that a User ID deposits answer a request by themselves; without a row, never.

    `told_date` is the last day of whose releases the depositor's people were told.
    """

    audit_name: ClassVar[str] = "escrow_rule"

    user_id = models.OneToOneField(
        UserId, primary_key=True, on_delete=models.CASCADE, related_name="+", db_column="user_id"
    )
    rule = models.CharField(max_length=24, choices=ReleaseRule.choices, default=ReleaseRule.NEVER)
    told_date = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.pk}: {self.get_rule_display()}"

    @property
    def audit_ref(self) -> str:
        """Return the User ID whose rule it is."""
        return str(self.pk)


class EscrowedCodeQuerySet(models.QuerySet["EscrowedCode"]):
    """Deposits, by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Return those of the User ID that `actor` acts for; the service desk sees none (MP281, ours)."""
        if actor.is_system:
            return self
        return self.none() if actor.user_id is None else self.filter(deposited_by=actor.user_id)

    def held(self) -> Self:
        """Return those whose codes are in escrow now."""
        return self.filter(withdrawn_at__isnull=True)


class EscrowedCode(SsiModel):
    """An install code deposited before anybody asked, for a device left uncommissioned.

    `withdrawn_at` is when its sealed code was erased: the depositor took it back, a raiser found it wrong
    (`was_wrong`), or nobody could need it any more. It may have answered several raisers before that.
    """

    audit_name: ClassVar[str] = "escrowed_code"

    device_id = Eui64Field("Device ID")
    deposited_by = models.ForeignKey(UserId, on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.ForeignKey(SealedInstallCode, null=True, on_delete=models.SET_NULL, related_name="+")
    deposited_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)
    was_wrong = models.BooleanField(default=False)

    objects = EscrowedCodeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deposited_by", "device_id"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_code_in_escrow_per_device_and_depositor",
            )
        ]
        indexes = [
            models.Index(
                fields=["deposited_by", "-id"],
                condition=Q(withdrawn_at__isnull=True),
                name="escrow_by_depositor",
            ),
            models.Index(fields=["deposited_by", "-id"], condition=Q(was_wrong=True), name="escrow_found_wrong"),
        ]

    def __str__(self) -> str:
        return f"code in escrow for {self.device_id}"

    @property
    def audit_ref(self) -> str:
        """Return the Device ID: the code itself is known to nobody here."""
        return str(self.device_id)


class EscrowRelease(SsiModel):
    """That a deposit answered a request: which one, and when.

    `raiser_told_at` is when the raiser's e-mail was written: many releases share one, so it comes after them.
    """

    deposit = models.ForeignKey(EscrowedCode, on_delete=models.CASCADE, related_name="releases")
    request = models.OneToOneField(InstallCodeRequest, on_delete=models.CASCADE, related_name="+")
    released_at = models.DateTimeField()
    raiser_told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(raiser_told_at__isnull=True), name="escrow_release_untold"),
            models.Index(fields=["released_at"], name="escrow_release_by_moment"),
        ]

    def __str__(self) -> str:
        return f"released {self.released_at:%Y-%m-%d}"
