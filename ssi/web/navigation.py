"""The menu: every app contributes entries in its `menu.py`, and the access matrix cuts them for the actor."""

from dataclasses import dataclass
from functools import cache
from itertools import groupby

from django.http import HttpRequest
from django.urls import reverse

from ssi.access.actor import Actor
from ssi.access.components import Component


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu, shown to actors who reach any of `components`.

    Entries of a `group` stand together under its name, by rising `order`; "" is on top, without a name. Groups
    follow each other by their lowest `order`.
    """

    label: str
    url_name: str
    components: tuple[Component, ...]
    order: int
    group: str = ""


@dataclass(frozen=True, slots=True)
class MenuItem:
    """An entry as the page shows it."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """Entries that stand together; `name` is "" for those on top."""

    name: str
    items: tuple[MenuItem, ...]


_entries: list[Entry] = []


def add(*entries: Entry) -> None:
    """Put entries into the menu; called once per app when the portal starts."""
    _entries.extend(entries)
    lowest: dict[str, int] = {}
    for entry in _entries:
        lowest[entry.group] = min(entry.order, lowest.get(entry.group, entry.order))
    _entries.sort(
        key=lambda entry: (entry.group != "", lowest[entry.group], entry.group, entry.order, entry.label)
    )


def menu_for(request: HttpRequest) -> list[MenuGroup]:
    """Return the menu of whoever asks: only what they reach, with the current one marked."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return []
    reached = [entry for entry in _entries if any(actor.may(component) for component in entry.components)]
    urls = [_address(entry.url_name) for entry in reached]
    current = max((url for url in urls if _leads_to(request.path, url)), key=len, default=None)
    return [
        MenuGroup(name, tuple(MenuItem(entry.label, url, url == current) for entry, url in members))
        for name, members in groupby(zip(reached, urls, strict=True), key=lambda each: each[0].group)
    ]


@cache
def _address(url_name: str) -> str:
    return reverse(url_name)


def _leads_to(path: str, url: str) -> bool:
    return path == url if url == "/" else path.startswith(url)
