"""What the incidents floor hangs onto the device page: the requests for it, asking for its code, its escrow."""

from django.urls import reverse

from incidents.actions import install_code_requests, obligations
from incidents.actions.escrow.depositing import TYPES_DEPOSITED
from incidents.actions.install_code_requests.raising import AlreadyRequested
from incidents.forms.batches import NewBatchForm
from incidents.rules import PERMITTED_STATUSES, TYPES_ASKED_FOR
from incidents.search import escrow
from inventory.search import Detail, Lookup
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.refusals import Refusal
from ssi.web.panels import DEVICE, LOOKUP, PageAction, Panel, add_action, add_panel

READERS = (
    Component.INCIDENTS,
    Component.INSTALL_CODE_REQUEST_RAISE,
    Component.INSTALL_CODE_REQUEST_RESPOND,
)


def _requests(actor: Actor, detail: Detail) -> Panel | None:
    """Show the requests for this device that `actor` may see; nothing tells of others'."""
    if not any(actor.may(component) for component in READERS):
        return None
    rows = obligations.show_of_device(detail.device.device_id, by=actor)
    return Panel("incidents/install_code_requests/of_device.html", {"requests": rows, "actor": actor})


def _ask_for_the_code(actor: Actor, detail: Detail) -> PageAction | None:
    """Offer to raise a request, or say why it cannot be raised; none for types without a status."""
    device = detail.device
    if not actor.may(Component.INSTALL_CODE_REQUEST_RAISE) or device.device_type not in TYPES_ASKED_FOR:
        return None
    url = f"{reverse('incidents:raise')}?device_id={device.device_id}"
    try:
        install_code_requests.check_device(device, by=actor)
    except AlreadyRequested as open_one:
        reference = str(open_one.facts["reference"])
        return PageAction("See your open request", reverse("incidents:incident", args=[reference]))
    except Refusal as refusal:
        return PageAction("Ask for the install code", url, reason=refusal.message)
    return PageAction("Ask for the install code", url, kind="primary")


def _escrow(actor: Actor, detail: Detail) -> Panel | None:
    """Show the depositor its code in escrow, or where to deposit one; nobody else learns of it."""
    device = detail.device
    if not actor.may(Component.INSTALL_CODE_REQUEST_RESPOND) or device.notified_by_id != actor.user_id:
        return None
    held = escrow.of_device(device.device_id, by=actor)
    may_deposit = device.device_type in TYPES_DEPOSITED and device.smi_status in PERMITTED_STATUSES
    if held is None and not may_deposit:
        return None
    return Panel("incidents/escrow/of_device.html", {"deposit": held, "rule": escrow.rule_of(actor)})


def _ask_for_them_all(actor: Actor, answer: Lookup) -> Panel | None:
    """Offer to have those devices of a pasted list checked whose status lets their install codes be asked for."""
    if not actor.may(Component.INSTALL_CODE_REQUEST_RAISE):
        return None
    devices = [
        str(device.pk)
        for device in answer.found
        if device.device_type in TYPES_ASKED_FOR and device.smi_status in PERMITTED_STATUSES
    ]
    form = NewBatchForm(initial={"device_ids": ",".join(devices)})
    return Panel("incidents/batches/of_lookup.html", {"count": len(devices), "list": form}) if devices else None


add_panel(DEVICE, _requests)
add_panel(DEVICE, _escrow)
add_action(DEVICE, _ask_for_the_code)
add_panel(LOOKUP, _ask_for_them_all)
