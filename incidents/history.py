"""Writing a request's history: what both parties and the desk read."""

from incidents.models import InstallCodeRequest, InstallCodeRequestEvent
from incidents.models.choices import Event
from ssi.access.actor import Actor


def add(request: InstallCodeRequest, event: Event, *, by: Actor, text: str = "") -> None:
    """Add one line; the party is named, never the person."""
    InstallCodeRequestEvent.objects.create(
        request=request, event=event, party_name="" if by.is_system else by.party_name, text=text
    )
