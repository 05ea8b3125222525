"""Prepared queries of rows that not everybody sees: narrowed by `visible_to`, as any query of them is."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

from ssi.access.actor import Actor
from ssi.eui64 import Eui64Field
from ssi.prepared import Prepared, Slot

Found = TypeVar("Found", bound=Model)
_USER_ID: Any = Slot("acting_for", Eui64Field())


class PreparedFor(Generic[Found]):
    """`Prepared`, made of what `query` returns for an actor: one for the desk, one for Users, and so on.

    What is visible may depend on the User ID acted for, and on being DCC, the portal or the feed, and on nothing
    else: the stand-in that the query is made with has no person, no party and no roles, and sees what such a one
    does.

        LATEST = PreparedFor(lambda actor: AuditTrailEntry.objects.visible_to(actor).filter(…))
        entries = LATEST(actor, device_id=device_id)
    """

    def __init__(self, query: Callable[[Actor], "QuerySet[Any, Found]"]) -> None:
        self._query = query
        self._prepared: dict[Actor, Prepared[Found]] = {}

    def __call__(self, actor: Actor, **values: Any) -> list[Found]:
        """Return all that `actor` sees for the values of the slots."""
        kind = Actor(
            user_id=None if actor.user_id is None else _USER_ID,
            is_dcc=actor.is_dcc,
            is_system=actor.is_system,
            is_feed=actor.is_feed,
        )
        prepared = self._prepared.get(kind)
        if prepared is None:
            prepared = self._prepared[kind] = Prepared(lambda: self._query(kind))
        return prepared(acting_for=actor.user_id, **values)
