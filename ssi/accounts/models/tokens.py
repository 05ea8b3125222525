"""Bearer tokens with which a person's programs call the API."""

import hashlib
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import Expression, Q
from django.utils import timezone

from ssi.accounts.models.people import Person
from ssi.db import SsiModel

REVEALING_TOKEN_LIFE = timedelta(hours=24)
TOKEN_PREFIX = "ssi_"  # noqa: S105 - marks a token so that secret scanners know it; no secret itself


def digest_of(token: str) -> bytes:
    """Return what is kept of a token: tokens are 256 random bits, so a plain SHA-256 cannot be turned back."""
    return hashlib.sha256(token.encode()).digest()


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Tokens, by whether they work."""

    def usable(self, now: datetime | Expression) -> Self:
        """Return tokens that work at `now`, of people who may sign in."""
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=now), ended_at__isnull=True, person__is_active=True
        )


class ApiToken(SsiModel):
    """A token's digest; the token itself is shown once and never kept. `can_reveal` tokens live 24 hours."""

    audit_name: ClassVar[str] = "api_token"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    digest = models.BinaryField(max_length=32, unique=True)
    can_reveal = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"token {self.pk} of {self.person.email}"

    @property
    def audit_ref(self) -> str:
        """Return a name that tells nothing of the token."""
        return f"{self.person.email} #{self.pk}"
