"""Install codes, sealed: the one place where they are kept."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from inventory.install_code import InstallCode
from ssi.accounts.models import UserId
from ssi.crypto import aad_for, open_sealed, reseal, seal
from ssi.db import SsiModel
from ssi.eui64 import Eui64Field


class SealedInstallCode(SsiModel):
    """A device's install code under AES-256-GCM, bound to this row: copied to another row it does not open.

    `erase_at` is set when the request it answered ends; from then on nobody reads it, and at that moment it goes.
    """

    audit_name: ClassVar[str] = "sealed_install_code"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device_id = Eui64Field("Device ID")
    envelope = models.BinaryField()
    given_by = models.ForeignKey(UserId, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)
    erase_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["erase_at"], condition=Q(erase_at__isnull=False), name="install_code_to_erase")
        ]

    def __str__(self) -> str:
        return f"sealed install code of {self.device_id}"

    @property
    def audit_ref(self) -> str:
        """Return the Device ID: the code itself is known to nobody here."""
        return str(self.device_id)

    @property
    def _bound_to(self) -> str:
        return aad_for(self._meta.label_lower, self.pk, "envelope")

    def put(self, code: InstallCode) -> None:
        """Seal `code` into this row, which the caller saves."""
        self.envelope = seal(code.code, aad=self._bound_to)

    def take(self) -> InstallCode:
        """Open the envelope. Only an action that has committed its audit event may call this."""
        return InstallCode(open_sealed(bytes(self.envelope), aad=self._bound_to))

    def reseal(self) -> None:
        """Seal the same code with the newest key, in place; the caller saves it. Raises CannotOpen."""
        self.envelope = reseal(bytes(self.envelope), aad=self._bound_to)

    def sealed_anew(self) -> Self:
        """Return another row, unsaved, that holds the same code sealed for itself; it is in the clear only here.

        What one row's envelope tells, another's does not: each of those who were given a code has their own.
        Raises CannotOpen.
        """
        another = type(self)(device_id=self.device_id, given_by_id=self.given_by_id)
        another.put(self.take())
        return another
