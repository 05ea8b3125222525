"""Giving up on a query that takes longer than people wait: each filter has its index, not every combination."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from ssi.refusals import Refusal

PATIENCE_MS: Final = 5_000


@contextmanager
def patience(refusal: type[Refusal], milliseconds: int = PATIENCE_MS) -> Iterator[None]:
    """Let PostgreSQL stop any statement made within after `milliseconds`; raises `refusal` where it does."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)])
            yield
            cursor.execute("SET LOCAL statement_timeout = DEFAULT")
    except OperationalError as trouble:
        if isinstance(trouble.__cause__, QueryCanceled):
            raise refusal from trouble
        raise
