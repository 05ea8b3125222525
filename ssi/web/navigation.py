"""The menu: every app contributes entries in its `menu.py`, and the access matrix cuts them for the actor."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from ssi.access.actor import Actor
from ssi.access.components import Component


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu, shown to actors who reach any of `components`. Lower `order` stands further left."""

    label: str
    url_name: str
    components: tuple[Component, ...]
    order: int


@dataclass(frozen=True, slots=True)
class MenuItem:
    """An entry as the page shows it."""

    label: str
    url: str
    current: bool


_entries: list[Entry] = []


def add(*entries: Entry) -> None:
    """Put entries into the menu; called once per app when the portal starts."""
    _entries.extend(entries)
    _entries.sort(key=lambda entry: entry.order)


def menu_for(request: HttpRequest) -> list[MenuItem]:
    """Return the menu of whoever asks: only what they reach, with the current one marked."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return []
    reached = [entry for entry in _entries if any(actor.may(component) for component in entry.components)]
    urls = [reverse(entry.url_name) for entry in reached]
    current = max((url for url in urls if _leads_to(request.path, url)), key=len, default=None)
    return [MenuItem(entry.label, url, url == current) for entry, url in zip(reached, urls, strict=True)]


def _leads_to(path: str, url: str) -> bool:
    return path == url if url == "/" else path.startswith(url)
