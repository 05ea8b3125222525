"""Where sessions are kept: in PostgreSQL, read by a prepared statement, and written once a minute at most.

An hour without a click ends a session (SESSION_COOKIE_AGE). To write that down with every click would be the one
write of every page, so a click within a minute of the last that was written leaves it: a session may end up to a
minute early, never late. What changes in a session is written at once, as ever.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from ssi.prepared import Prepared, Slot

WRITTEN_EVERY: Final = timedelta(minutes=1)

_SESSION: Final = Prepared(
    lambda: Session.objects.filter(
        session_key=Slot("key", Session._meta.get_field("session_key")),
        expire_date__gt=Slot("now", Session._meta.get_field("expire_date")),
    ).values_list("session_data", "expire_date")
)


class SessionStore(db.SessionStore):  # the class's name salts what is kept: another would end every session
    """A session whose end moves on with the clicks, a minute at a time."""

    def load(self) -> dict[str, Any]:
        """Return what the session holds, nothing where there is none or it has ended."""
        now = timezone.now()
        found = _SESSION.first(key=self.session_key, now=now)
        if found is None:
            self._session_key = None
            return {}
        data, expires_at = found
        held: dict[str, Any] = self.decode(data)
        self._session_cache = held
        if self._is_due(expires_at, now):
            self.modified = True  # so that it is written with the answer
        return held

    def _is_due(self, expires_at: datetime, now: datetime) -> bool:
        return expires_at < now + timedelta(seconds=self.get_expiry_age()) - WRITTEN_EVERY
