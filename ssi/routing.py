"""Reading the inventory from a replica of the database: what may, for whom, and as long as it is near.

Everything is written to, and nearly everything read from, the one primary database. Where SSI_REPLICA_URL names a
streaming replica, searches and lists of the inventory are read there: rows of the models below, while a page or
an API call is served that only reads, outside any transaction. Who may do what, sealed codes, the audit log, and
all that an action decides by is never among them. See docs/adr/0027.

Nobody misses what they just did: after a person's own write their pages come from the primary until any replica
in use has it. A replica that is away or lags is not asked.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, Final, cast

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections, models
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from psycopg.errors import QueryCanceled

REPLICA: Final = "replica"
APP: Final = "inventory"
MODELS: Final = frozenset(
    {
        "cplentry",
        "cplentrychange",
        "cplimport",
        "device",
        "devicecount",
        "devicedetailchange",
        "devicemodel",
        "devicestatuschange",
        "meterpoint",
        "removeddevice",
        "rollup",
        "servicestatuschange",
        "servicestatusfile",
        "transactioncount",
        "wancoverage",
    }
)
"""What may be read a moment late. Not registrations: they decide whose address one sees."""

LOOKS_EVERY: Final = 2.0
"""Seconds for which a process believes what it found out about the replica."""

LOOKS_AGAIN_AFTER: Final = 10.0
"""Seconds for which a replica that did not answer is left alone."""

_SAFE: Final = frozenset({"GET", "HEAD"})
_LOST: Final = (OperationalError, InterfaceError)
_IS_NEAR: Final = """
SELECT pg_is_in_recovery() AND (pg_last_wal_replay_lsn() >= %s::pg_lsn
    OR now() - pg_last_xact_replay_timestamp() <= make_interval(secs => %s))
"""
logger = structlog.get_logger(__name__)


class _Standing:
    """What this process knows of the replica."""

    def __init__(self) -> None:
        self.is_near = False
        self._look_at = 0.0
        self._looking = threading.Lock()

    def look(self) -> bool:
        """Tell whether the replica may be asked; one thread looks again where that was found out too long ago."""
        if time.monotonic() < self._look_at:
            return self.is_near
        if not self._looking.acquire(blocking=False):
            return False
        try:
            self._set(_is_near())
        finally:
            self._looking.release()
        return self.is_near

    def lost(self) -> None:
        """Leave the replica alone for a while."""
        connections[REPLICA].close()
        self._set(None)

    def forget(self) -> None:
        """Look again at the next occasion."""
        self._look_at = 0.0

    def _set(self, is_near: bool | None) -> None:
        self._look_at = time.monotonic() + (LOOKS_AGAIN_AFTER if is_near is None else LOOKS_EVERY)
        if bool(is_near) != self.is_near:
            logger.warning("replica", used=bool(is_near), answers=is_near is not None)
        self.is_near = bool(is_near)


standing = _Standing()


def _is_near() -> bool | None:
    """Tell whether the replica has all that the primary has by now, or nearly; None where it does not answer.

    The primary's place in its log is asked first: an idle primary's replica is near, however long ago the last
    commit was, and one that is cut off from a busy primary is not.
    """
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()")
        place = str(cursor.fetchone()[0])
    try:
        with connections[REPLICA].cursor() as cursor:
            cursor.execute(_IS_NEAR, [place, settings.SSI_REPLICA_MOST_LAG_SECONDS])
            return bool(cursor.fetchone()[0])
    except _LOST:
        connections[REPLICA].close()
        return None


class _Served:
    """The request that is being served, and from where it reads the inventory, once that was asked."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.only_reads = request.method in _SAFE
        self._alias: str | None = None

    @property
    def alias(self) -> str:
        """Return where what may be read late is read; worked out once, so that a page shows one state."""
        if self._alias is None:
            self._alias = REPLICA if self.only_reads and self._has_all() else DEFAULT_DB_ALIAS
        return self._alias

    @property
    def person_id(self) -> int | None:
        """Return who it is served to, from their session or their token; None before that is known."""
        actor = getattr(self.request, "auth", None) or getattr(self.request, "actor", None)
        return getattr(actor, "person_id", None)

    def lost_the_replica(self, trouble: Exception) -> bool:
        """Tell whether `trouble` came of the replica, which is then not asked again; not of impatience."""
        if (
            self._alias != REPLICA
            or not isinstance(trouble, _LOST)
            or isinstance(trouble.__cause__, QueryCanceled)
        ):
            return False
        standing.lost()
        self._alias = DEFAULT_DB_ALIAS
        return True

    def _has_all(self) -> bool:
        return (
            self.person_id is not None and standing.look() and not cache.get(_key(self.person_id)) and _answers()
        )


_served: ContextVar[_Served | None] = ContextVar("served", default=None)


def _answers() -> bool:
    """Tell whether the connection to the replica holds, making it where there is none."""
    try:
        connections[REPLICA].close_if_health_check_failed()
        connections[REPLICA].ensure_connection()
    except _LOST:
        standing.lost()
        return False
    return True


def _key(person_id: int) -> str:
    return f"wrote/{person_id}"


def only_reads() -> None:
    """Say, in a view or an operation that is called by POST, that this call changes nothing."""
    served = _served.get()
    if served is not None:
        served.only_reads = True


class ReplicaRouter:
    """Django's way of asking where a model is read and written."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        """Return the replica for what may be read there now, else the primary, whatever it is related to."""
        served = _served.get()
        if served is None or model._meta.app_label != APP or model._meta.model_name not in MODELS:
            return DEFAULT_DB_ALIAS
        return DEFAULT_DB_ALIAS if connections[DEFAULT_DB_ALIAS].in_atomic_block else served.alias

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str:
        """Return the primary."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: models.Model, another: models.Model, **hints: Any) -> bool:
        """Return yes: it is the same row, wherever it was read."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Return whether `db` is the primary; what it is migrated to streams to the replica."""
        return db == DEFAULT_DB_ALIAS


class ReplicaMiddleware:
    """Tells the router what is being served, and remembers who wrote. The innermost: it needs to know who acts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Serve the request."""
        served = _Served(request)
        token = _served.set(served)
        try:
            response = self.get_response(request)
        finally:
            _served.reset(token)
        if not served.only_reads and served.person_id is not None:
            cache.set(_key(served.person_id), True, settings.SSI_REPLICA_MOST_LAG_SECONDS + LOOKS_EVERY + 1)
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            rows = cast("Iterator[bytes]", response.streaming_content)
            response.streaming_content = _streamed(rows, served)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Serve a page again, from the primary, that lost the replica on its way: it only reads."""
        served, match = _served.get(), request.resolver_match
        if served is None or match is None or not served.lost_the_replica(exception):
            return None
        return cast("HttpResponseBase", match.func(request, *match.args, **match.kwargs))


def _streamed(rows: Iterator[bytes], served: _Served) -> Iterator[bytes]:
    """Yield the rows of a download, which go on being read where the first were."""
    rows = iter(rows)
    while True:
        token = _served.set(served)
        try:
            row = next(rows, None)
        finally:
            _served.reset(token)
        if row is None:
            return
        yield row
