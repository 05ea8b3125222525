"""Meter points: an MPAN (electricity) or MPRN (gas)."""

from django.db import models
from django.db.models import Q

from inventory.models.choices import DccServiceStatus

MPAN_LENGTH = 13


class MeterPoint(models.Model):
    """A meter point by its MPxN, as text: an MPRN may begin with a zero. 13 digits are an MPAN, fewer an MPRN.

    `uprn`, `post_code` and `address_identifier` are personal data: shown only to a party with a registration.
    `dcc_service_status` is for DCC's staff and the outgoing files alone, never for Users (MP077).
    Check digits are not enforced, since messages from DUIS are taken as they are (domain 8.2, 8.3).
    """

    mpxn = models.CharField("MPxN", max_length=MPAN_LENGTH)
    uprn = models.BigIntegerField("UPRN", null=True, blank=True)
    post_code = models.CharField(max_length=8, blank=True)
    address_identifier = models.CharField(max_length=30, blank=True)
    dcc_service_status = models.PositiveSmallIntegerField(
        "DCC Service Status", choices=DccServiceStatus.choices, null=True, editable=False
    )

    class Meta:
        constraints = [
            # not `unique=True`, for which Django makes another index as large, for beginnings of MPxNs
            models.UniqueConstraint(fields=["mpxn"], name="inventory_meterpoint_mpxn_key"),
        ]
        indexes = [
            models.Index(fields=["uprn"], condition=Q(uprn__isnull=False), name="meter_point_by_uprn"),
            models.Index(
                fields=["post_code", "address_identifier"],
                condition=~Q(post_code=""),
                name="meter_point_by_post_code",
            ),
        ]

    def __str__(self) -> str:
        return self.mpxn

    @property
    def is_electricity(self) -> bool:
        """Tell whether this is an MPAN; otherwise it is an MPRN."""
        return len(self.mpxn) == MPAN_LENGTH
