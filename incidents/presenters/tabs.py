"""The tabs of the pages about install codes: requests of either side, batches, work packs."""

from enum import StrEnum
from typing import Any

from django.urls import reverse

from incidents.models.choices import Side
from ssi.access.actor import Actor
from ssi.access.components import Component


class Tab(StrEnum):
    """One of these pages; the values of the first two are the sides'."""

    RAISED = Side.RAISED.value
    ASSIGNED = Side.ASSIGNED.value
    BATCHES = "batches"
    WORK_PACKS = "work_packs"


def tabs_of(actor: Actor, current: Tab) -> list[dict[str, Any]]:
    """Return the tabs of the pages that `actor` reaches, the current one marked."""
    requests = reverse("incidents:requests")
    tabs = {
        Tab.RAISED: (Side.RAISED.label, f"{requests}?side={Side.RAISED}"),
        Tab.ASSIGNED: (Side.ASSIGNED.label, f"{requests}?side={Side.ASSIGNED}"),
        Tab.BATCHES: ("Batches", reverse("incidents:batches")),
        Tab.WORK_PACKS: ("Work packs", reverse("incidents:work_packs")),
    }
    return [
        {"label": label, "url": url, "current": tab is current}
        for tab, (label, url) in tabs.items()
        if tab in _reached_by(actor)
    ]


def _reached_by(actor: Actor) -> set[Tab]:
    """Return the pages that somebody reaches: the raiser's, the installing supplier's, the desk's."""
    reached = set[Tab]()
    if actor.may(Component.INSTALL_CODE_REQUEST_RAISE):
        reached |= {Tab.RAISED, Tab.ASSIGNED, Tab.BATCHES}
    if actor.may(Component.INSTALL_CODE_REQUEST_RESPOND):
        reached |= {Tab.ASSIGNED, Tab.BATCHES, Tab.WORK_PACKS}
    if actor.may(Component.SERVICE_DESK):
        reached |= {Tab.BATCHES, Tab.WORK_PACKS}
    return reached
