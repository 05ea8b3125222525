"""SEC Parties, the User IDs they act under, and the User Roles of each."""

from typing import ClassVar, Self

from django.db import models

from ssi.access.roles import UserRole
from ssi.db import SsiModel
from ssi.eui64 import Eui64Field

SERVICE_USER_DESCRIPTOR_LENGTH = 30


class Party(SsiModel):
    """A company that is a Party to the Smart Energy Code. `left_date` is set when it has left the market.

    `requests_per_day` is its own daily quota of requests; null for the setting SSI_REQUESTS_PER_PARTY_AND_DAY.
    """

    audit_name: ClassVar[str] = "party"

    name = models.CharField(max_length=120, unique=True)
    left_date = models.DateField(
        null=True, blank=True, help_text="The day it left the Smart Energy Code; empty while it is a Party."
    )
    requests_per_day = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Requests for Install Code it may raise a day; empty for what everybody may, 0 for none.",
    )

    class Meta:
        verbose_name_plural = "parties"

    def __str__(self) -> str:
        return self.name

    @property
    def audit_ref(self) -> str:
        """Return the party's name, under which the audit log knows it."""
        return self.name


class UserIdQuerySet(models.QuerySet["UserId"]):
    """User IDs, by how they are asked for."""

    def current(self) -> Self:
        """Return those whose Party is still in the market."""
        return self.filter(party__left_date__isnull=True)


class UserId(SsiModel):
    """A SEC User: an EUI-64 under which one Party acts in one or more User Roles.

    `descriptor` is the Service User Descriptor, at most 30 characters (SEC App AH v1.0).
    """

    audit_name: ClassVar[str] = "user_id"

    eui = Eui64Field(primary_key=True, verbose_name="User ID")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="user_ids")
    descriptor = models.CharField(max_length=SERVICE_USER_DESCRIPTOR_LENGTH, blank=True)

    objects = UserIdQuerySet.as_manager()

    class Meta:
        verbose_name = "User ID"

    def __str__(self) -> str:
        return f"{self.eui} {self.party}"

    @property
    def audit_ref(self) -> str:
        """Return the EUI-64 with dashes."""
        return str(self.eui)


class UserIdRole(models.Model):
    """One User Role that a User ID is registered in."""

    held_by = models.ForeignKey(UserId, on_delete=models.CASCADE, related_name="roles")
    user_role = models.CharField(max_length=8, choices=UserRole.choices)

    class Meta:
        verbose_name = "User Role"
        constraints = [
            models.UniqueConstraint(
                fields=["held_by", "user_role"],
                name="one_row_per_user_role",
                violation_error_message="This User ID holds that User Role already.",
            )
        ]

    def __str__(self) -> str:
        return self.user_role
