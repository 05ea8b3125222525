"""What the inventory itself hangs onto the device page: its product, and the own User ID's messages about it."""

from inventory.models import Device
from inventory.presenters import service_requests as presenters
from inventory.presenters.products import ProductLine
from inventory.search import products
from inventory.search import service_requests as search
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.web.panels import DEVICE, Panel, add_panel


def _service_requests(actor: Actor, device: Device) -> Panel | None:
    """Show the newest of the own User ID's messages about this device; nobody sees another's."""
    if not actor.may(Component.AUDIT_TRAIL):
        return None
    found = presenters.lines(search.latest_of(device.device_id, by=actor))
    return Panel("inventory/service_requests/of_device.html", {"lines": found, "device_id": device.device_id})


def _product(actor: Actor, device: Device) -> Panel | None:
    """Show the device's entry of the Central Products List; Type 2 Devices are never on it."""
    if device.is_type_2 or not actor.may(Component.CPL_VIEWER):
        return None
    entry = products.product_of_device(device)
    return Panel("inventory/products/of_device.html", {"line": ProductLine(entry) if entry else None})


add_panel(DEVICE, _product)
add_panel(DEVICE, _service_requests)
