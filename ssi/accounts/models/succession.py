"""Successions: which User ID took over the devices, and the duties, of another one."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ssi.accounts.models.parties import UserId
from ssi.db import SsiModel


class TakenOverBecause(models.TextChoices):
    """Why a User ID was taken over."""

    SUPPLIER_OF_LAST_RESORT = "supplier_of_last_resort", "Supplier of Last Resort"
    ENERGY_SUPPLY_COMPANY_ADMINISTRATION = "administration", "Energy supply company administration"
    TRADE_SALE = "trade_sale", "Sale of the business"
    MERGER = "merger", "Merger, or a move within a group"
    OTHER = "other", "Another reason"


class SuccessionQuerySet(models.QuerySet["Succession"]):
    """Successions, by how they are asked for."""

    def in_force(self) -> Self:
        """Return those that the desk has not ended, also those that begin later."""
        return self.filter(ended_at__isnull=True)


class Succession(SsiModel):
    """`successor` took over `user_id`, whose party failed or sold, from `from_date` on.

    Entered by the DCC service desk; never deleted but ended, so that the log tells who was asked why.
    """

    audit_name: ClassVar[str] = "succession"

    user_id = models.ForeignKey(
        UserId,
        on_delete=models.PROTECT,
        related_name="+",
        db_column="user_id",
        db_index=False,
        verbose_name="User ID taken over",
    )
    successor = models.ForeignKey(
        UserId, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="taken over by"
    )
    from_date = models.DateField("from", help_text="The first day on which the successor holds it.")
    because = models.CharField("why", max_length=24, choices=TakenOverBecause.choices)
    entered_at = models.DateTimeField(default=timezone.now)
    entered_by = models.CharField(max_length=254)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=254, blank=True)

    objects = SuccessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user_id"], condition=Q(ended_at__isnull=True), name="one_successor_per_user_id"
            ),
            models.CheckConstraint(condition=~Q(user_id=F("successor")), name="nobody_succeeds_themselves"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id_id} taken over by {self.successor_id}"

    @property
    def audit_ref(self) -> str:
        """Return the User ID that was taken over, under which the audit log knows this."""
        return str(self.user_id_id)
