"""What the inventory itself hangs onto the device page: its product, and the own User ID's messages about it."""

from django.urls import reverse

from inventory.presenters import correcting
from inventory.presenters import service_requests as presenters
from inventory.presenters.products import ProductLine
from inventory.search import Detail, corrections, products
from inventory.search import service_requests as search
from inventory.search.standing import standing_of
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.web.panels import DEVICE, PageAction, Panel, add_action, add_panel


def _service_requests(actor: Actor, detail: Detail) -> Panel | None:
    """Show the newest of the own User ID's messages about this device; nobody sees another's."""
    if not actor.may(Component.AUDIT_TRAIL):
        return None
    device_id = detail.device.device_id
    found = presenters.lines(search.latest_of(device_id, by=actor))
    return Panel("inventory/service_requests/of_device.html", {"lines": found, "device_id": device_id})


def _product(actor: Actor, detail: Detail) -> Panel | None:
    """Show the device's entry of the Central Products List; Type 2 Devices are never on it."""
    if detail.device.is_type_2 or not actor.may(Component.CPL_VIEWER):
        return None
    entry = products.product_of_device(detail.device)
    return Panel("inventory/products/of_device.html", {"line": ProductLine(entry) if entry else None})


def _details(actor: Actor, detail: Detail) -> Panel | None:
    """Show what was corrected of the device's details to whoever reaches its history."""
    if not actor.may(Component.STATUS_HISTORY):
        return None
    history = corrections.detail_history(detail.device)
    steps = correcting.steps(history)
    return Panel("inventory/corrections/of_device.html", {"steps": steps}) if steps else None


def _correct(actor: Actor, detail: Detail) -> PageAction | None:
    """Offer to correct details, or say why nothing may be corrected."""
    if actor.user_id is None or not actor.may(Component.INVENTORY_CORRECTION):
        return None
    device = detail.device
    allowances = correcting.Allowances(device, standing_of(device, actor.user_id, known=detail.known))
    return PageAction("Correct details", reverse("inventory:correct", args=[device.pk]), reason=allowances.reason)


add_panel(DEVICE, _product)
add_panel(DEVICE, _service_requests)
add_panel(DEVICE, _details)
add_action(DEVICE, _correct)
