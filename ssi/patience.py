"""Giving up on a query that takes longer than people wait: each filter has its index, not every combination."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction
from psycopg.errors import QueryCanceled

from ssi.refusals import Refusal

PATIENCE_MS: Final = 5_000


@contextmanager
def patience(
    refusal: type[Refusal], milliseconds: int = PATIENCE_MS, *, using: str = DEFAULT_DB_ALIAS
) -> Iterator[None]:
    """Let PostgreSQL stop any statement made within after `milliseconds`; raises `refusal` where it does.

    `using` is the database that is asked within: `router.db_for_read` of what may be read from a replica.
    """
    is_within = connections[using].in_atomic_block
    try:
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)])
            yield
            if is_within:  # otherwise it ends with the transaction
                cursor.execute("SET LOCAL statement_timeout = DEFAULT")
    except OperationalError as trouble:
        if isinstance(trouble.__cause__, QueryCanceled):
            raise refusal from trouble
        raise
