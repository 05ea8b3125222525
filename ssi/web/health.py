"""What the portal stands on, and whether it holds."""

from dataclasses import dataclass

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

OK = "ok"
BROKER_TIMEOUT = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Health:
    """Each part is "ok" or says in a few words what is wrong; never an address or an error's text."""

    database: str
    broker: str

    @property
    def is_ready(self) -> bool:
        """Tell whether pages can be served: a dead broker only delays e-mails."""
        return self.database == OK


def look() -> Health:
    """Look at the database and the broker now."""
    return Health(database=_database(), broker=_broker())


def _database() -> str:
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "not reached"
    return "migrations are missing" if pending else OK


def _broker() -> str:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=BROKER_TIMEOUT, socket_connect_timeout=BROKER_TIMEOUT
        ) as broker:
            broker.ping()
    except (redis.RedisError, ValueError):
        return "not reached; e-mails wait until the clock's sweep"
    return OK
