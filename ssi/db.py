"""What every table of the portal shares: saving with named fields, and public references."""

import secrets
from collections.abc import Iterable
from typing import Any

from django.db import models


class SsiModel(models.Model):
    """Base of the portal's own tables: an existing row is saved only with `update_fields` (house rule 7)."""

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save, refusing to write a whole row over another's change."""
        if not self._state.adding and update_fields is None:
            raise TypeError(f"Name the fields to save of {type(self).__name__}: save(update_fields=[...]).")
        super().save(*args, update_fields=update_fields, **kwargs)


REFERENCE_PREFIX = "INC"
REFERENCE_LENGTH = 15
"""DUIS's IncidentReference holds 15 characters; the service management system's numbers are INC + 12 digits."""


def new_reference() -> str:
    """Return a random public reference such as "INC004711000815": it tells nobody how many there are."""
    return f"{REFERENCE_PREFIX}{secrets.randbelow(10**12):012d}"
