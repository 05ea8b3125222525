"""What references lead to on this floor: e-mails about anything link to /incidents/<reference>/ alone."""

from django.urls import reverse

from inventory.search import corrections
from inventory.search.housekeeping_notices import notice_of
from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.web import references


def _housekeeping(reference: str, actor: Actor) -> str:
    """Return the address of what a run of housekeeping told the actor's party."""
    if not actor.may(Component.HOUSEKEEPING_FORECAST) or notice_of(reference, actor) is None:
        return ""
    return reverse("inventory:housekeeping_notice", args=[reference])


def _corrections(reference: str, actor: Actor) -> str:
    """Return the address of what the actor's User ID asked DCC to correct; for the desk, that of its own page."""
    correction = corrections.manual_correction(reference, by=actor)
    if correction is None:
        return ""
    if actor.is_dcc:
        return reverse("admin:inventory_manualcorrection_change", args=[correction.pk])
    return correction.get_absolute_url() if actor.may(Component.INVENTORY_CORRECTION) else ""


references.add(_corrections)
references.add(_housekeeping)
