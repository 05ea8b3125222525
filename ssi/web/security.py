"""Tries at what guards the grid: to whoever does not reach it its pages do not exist, and the try is an event.

A floor above that wants to hear of tries adds a listener. Source: DP108; docs/adr/0023.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Final

from django.db import transaction
from django.http import Http404, HttpRequest
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.access.decorators import Requires, access_of
from ssi.audit import log
from ssi.audit.models import AuditEvent

ACCESS_DENIED: Final = "security.access_denied"
SAME_TRY: Final = timedelta(minutes=1)
"""For so long further tries of one person at the same components are taken for the one that is recorded."""

LOOKED_BACK: Final = 20
"""How many of a person's newest events are looked at for a try recorded already: the cost of a try has a limit."""

LONGEST_PATH: Final = 200


@dataclass(frozen=True, slots=True)
class Guarded:
    """What a security event is about: the guarded part of the portal, by the company of whoever tried."""

    audit_name: ClassVar[str] = "security"

    of_company: str

    @property
    def audit_ref(self) -> str:
        """Return the party's name, or DCC: under it a company's security analysts find the event."""
        return self.of_company or "DCC"


@dataclass(frozen=True, slots=True)
class Try:
    """Somebody called `path`, which belongs to `components`, all hidden, and reaches none of them."""

    by: Actor
    components: tuple[Component, ...]
    path: str
    method: str


Listener = Callable[[Try], None]

_listeners: list[Listener] = []


def add(listener: Listener) -> None:
    """Let `listener` hear of each recorded try, in its transaction; called once when the portal starts."""
    _listeners.append(listener)


def is_hidden_from(actor: Actor, components: Sequence[Component]) -> bool:
    """Tell whether what belongs to `components` does not exist for `actor`: all are hidden, none is reached."""
    return all(each.rule.hidden for each in components) and not any(actor.may(each) for each in components)


def hide(request: HttpRequest, view: Callable[..., object]) -> None:
    """Raise Http404, and record the try, where `view` does not exist for whoever calls.

    Called before anything else is said about the view. Nobody signed in: nothing is hidden, they sign in first.
    """
    actor: Actor | None = getattr(request, "actor", None)
    access = access_of(view)
    if actor is None or not isinstance(access, Requires) or not is_hidden_from(actor, access.components):
        return
    record(Try(actor, access.components, request.path, str(request.method)))
    raise Http404


def record(tried: Try) -> None:
    """Write the try into the audit log and tell the listeners; again within a minute: do nothing.

    A program that walks through all addresses, or a page reloaded in anger, must not fill the log, which all
    write to one after the other: so one event a person, set of components and minute. The log itself tells whether
    there is one, over its index by person. Of two at the very same moment both may be written; no harm is done.
    """
    named = ", ".join(tried.components)
    if _is_recorded(tried.by, named):
        return
    with transaction.atomic():
        for listener in _listeners:
            listener(tried)
        log.record(
            ACCESS_DENIED,
            by=tried.by,
            about=Guarded(tried.by.party_name),
            component=named,
            path=tried.path[:LONGEST_PATH],
            method=tried.method,
        )


def _is_recorded(by: Actor, component: str) -> bool:
    since = timezone.now() - SAME_TRY
    newest = AuditEvent.objects.filter(person_id=by.person_id).order_by("-id").values_list("event", "at", "detail")
    return any(
        event == ACCESS_DENIED and at > since and detail.get("component") == component
        for event, at, detail in newest[:LOOKED_BACK]
    )
