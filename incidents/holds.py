"""What of the incidents keeps a Pending device in the inventory: an open Request for Install Code (SECMP0060)."""

from typing import Any

from django.db.models import QuerySet

from incidents.models import InstallCodeRequest
from inventory import holds
from inventory.holds import Hold


def _open_requests() -> QuerySet[Any]:
    return InstallCodeRequest.objects.open()


holds.add(Hold("an open Request for Install Code", _open_requests))
