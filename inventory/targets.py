"""The inventory keeps devices: it tells the signed files' floor which targets of RequestIDs have a page.

Found when the portal starts, by its name (`ssi/uploads/apps.py`).
"""

from collections.abc import Collection

from django.urls import reverse

from inventory.models import Device
from ssi.eui64 import Eui64
from ssi.uploads import targets


def _pages_of(asked: Collection[Eui64]) -> dict[Eui64, str]:
    """Return the address of the page of each that is a device of the inventory."""
    found = Device.objects.filter(pk__in=set(asked)).values_list("pk", flat=True) if asked else ()
    return {device_id: reverse("inventory:device", args=[device_id]) for device_id in found}


targets.add(_pages_of)
