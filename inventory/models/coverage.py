"""SM WAN coverage: what DCC expects of the connection at a location."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from inventory.models.choices import CspRegion, Likelihood


class CoverageImport(models.Model):
    """One full set of coverage data that replaced the one before."""

    audit_name: ClassVar[str] = "coverage_import"

    at = models.DateTimeField()
    name = models.CharField("file name", max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    rows = models.PositiveIntegerField()

    class Meta:
        verbose_name = "import of SM WAN coverage"
        verbose_name_plural = "imports of SM WAN coverage"

    def __str__(self) -> str:
        return self.name

    @property
    def audit_ref(self) -> str:
        """Return the file's name."""
        return self.name


class WanCoverage(models.Model):
    """The coverage a region's provider expects at a premises: `uprn`, or `address_identifier` in a postcode.

    `post_code` is in capitals without spaces. `technology` is kept as it came, even a single space: that is what
    the provider sends when it does not know the variant, and reads "Unknown" on screen (DP106).
    """

    uprn = models.BigIntegerField("UPRN", null=True)
    anticipated_date = models.DateField("coverage anticipated", null=True)
    csp_region = models.PositiveSmallIntegerField("CSP region", choices=CspRegion.choices)
    likelihood = models.PositiveSmallIntegerField(
        "likelihood of a connection", choices=Likelihood.choices, null=True
    )
    is_available = models.BooleanField("coverage is available", null=True)
    post_code = models.CharField(max_length=8, blank=True)
    address_identifier = models.CharField(max_length=30, blank=True)
    technology = models.CharField("WAN technology", max_length=30, blank=True)
    auxiliary_equipment = models.CharField("auxiliary equipment required", max_length=50, blank=True)
    additional_information = models.CharField(max_length=250, blank=True)

    class Meta:
        verbose_name_plural = "SM WAN coverage"
        indexes = [
            models.Index(fields=["post_code", "address_identifier"], name="coverage_by_post_code"),
            models.Index(fields=["uprn"], condition=Q(uprn__isnull=False), name="coverage_by_uprn"),
        ]

    def __str__(self) -> str:
        return f"{self.post_code} {self.address_identifier}".strip() or str(self.uprn)
