"""Writing a request's history: what both parties and the desk read."""

from collections.abc import Callable, Iterable, Sequence

from incidents.models import InstallCodeRequest, InstallCodeRequestEvent
from incidents.models.choices import Event
from ssi.access.actor import Actor
from ssi.saving import insert_few


def add(request: InstallCodeRequest, event: Event, *, by: Actor, text: str = "") -> None:
    """Add one line; the party is named, never the person."""
    _line(request, event, by, text).save(force_insert=True)


def add_lines(request: InstallCodeRequest, lines: Sequence[tuple[Event, Actor, str]]) -> None:
    """Add several lines of one moment, each an event, who it is by, and a text; one query."""
    insert_few([_line(request, event, by, text) for event, by, text in lines])


def add_many(
    requests: Iterable[InstallCodeRequest],
    event: Event,
    *,
    by: Actor,
    text: Callable[[InstallCodeRequest], str] = lambda _: "",
) -> None:
    """Add one line to each of many requests, in one query."""
    InstallCodeRequestEvent.objects.bulk_create(_line(each, event, by, text(each)) for each in requests)


def _line(request: InstallCodeRequest, event: Event, by: Actor, text: str) -> InstallCodeRequestEvent:
    party = "" if by.is_system else by.party_name
    return InstallCodeRequestEvent(request=request, event=event, party_name=party, text=text)
