"""What references lead to among signed files: e-mails about anything link to /incidents/<reference>/ alone."""

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.uploads.models import QuarantineEvent, Upload
from ssi.web import references


def _uploads(reference: str, actor: Actor) -> str:
    """Return the address of an upload that the actor may see."""
    if not actor.may(Component.ADT_AND_QUARANTINE_VIEW):
        return ""
    found = Upload.objects.visible_to(actor).filter(reference=reference).only("reference").first()
    return found.get_absolute_url() if found else ""


def _quarantine_events(reference: str, actor: Actor) -> str:
    """Return the address of a quarantine event that the actor may see."""
    if not actor.may(Component.ADT_AND_QUARANTINE_VIEW):
        return ""
    found = QuarantineEvent.objects.visible_to(actor).filter(reference=reference).only("reference").first()
    return found.get_absolute_url() if found else ""


references.add(_uploads)
references.add(_quarantine_events)
