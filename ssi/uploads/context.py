"""What every page tells those who work with signed files: that disaster recovery runs, and what to do."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import HttpRequest

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.uploads.models import DisasterRecovery
from ssi.uploads.search import recovery

TOLD = (
    Component.ADT_SUBMISSION,
    Component.EXIT_QUARANTINE_SUBMISSION,
    Component.ADT_AND_QUARANTINE_VIEW,
    Component.SIGNED_FILES_DESK,
)


def disaster_recovery(request: HttpRequest) -> dict[str, Any]:
    """Return `disaster_recovery`, which asks the database once a page, and only where a page asks it."""
    actor: Actor | None = getattr(request, "actor", None)
    ask: Callable[[], DisasterRecovery | None] = _nothing
    if actor is not None and any(actor.may(component) for component in TOLD):
        ask = getattr(request, "_disaster_recovery", None) or cache(recovery.running)
        request._disaster_recovery = ask  # type: ignore[attr-defined]  # asked once a page
    return {"disaster_recovery": ask}


def _nothing() -> None:
    """Say that nothing runs, to whom it is no concern of."""
