"""Writing a request's history: what both parties and the desk read."""

from collections.abc import Callable, Iterable

from incidents.models import InstallCodeRequest, InstallCodeRequestEvent
from incidents.models.choices import Event
from ssi.access.actor import Actor


def add(request: InstallCodeRequest, event: Event, *, by: Actor, text: str = "") -> None:
    """Add one line; the party is named, never the person."""
    add_many([request], event, by=by, text=lambda _: text)


def add_many(
    requests: Iterable[InstallCodeRequest],
    event: Event,
    *,
    by: Actor,
    text: Callable[[InstallCodeRequest], str] = lambda _: "",
) -> None:
    """Add one line to each of many requests, in one query."""
    party = "" if by.is_system else by.party_name
    InstallCodeRequestEvent.objects.bulk_create(
        InstallCodeRequestEvent(request=each, event=event, party_name=party, text=text(each)) for each in requests
    )
