"""The request as a view sees it."""

from collections.abc import Sequence
from typing import Protocol

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from ssi.access.actor import Actor


class ActingChoice(Protocol):
    """One User ID in one User Role, as the switch at the top of the page offers it."""

    @property
    def value(self) -> str:
        """What the form sends."""
        ...

    @property
    def label(self) -> str:
        """What the person reads."""
        ...


class SsiRequest(HttpRequest):
    """A request that passed the middleware: somebody acts, as `actor`. Only for type checkers."""

    actor: Actor
    acting_choices: Sequence[ActingChoice]
    htmx: HtmxDetails
