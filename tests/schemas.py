"""Tables as they were before a migration, in a schema of their own beside those of today."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.apps.registry import Apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model


@contextmanager
def as_before(migration: tuple[str, str], *names: str) -> Iterator[Apps]:
    """Make the tables of an app's models as a migration left them, empty, where SQL finds them first.

    Yield the models of that time. To be used in a test's transaction, which takes everything back.
    """
    apps = MigrationExecutor(connection).loader.project_state(migration).apps
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA before")
        cursor.execute("SET LOCAL search_path TO before, public")
    create([apps.get_model(migration[0], name) for name in names])
    try:
        yield apps
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL search_path TO public")


def create(models: Sequence[type[Model]]) -> None:
    """Create tables with all their constraints and indexes."""
    with connection.schema_editor() as editor:
        for model in models:
            editor.create_model(model)


def run(statement: str) -> list[tuple[object, ...]]:
    """Execute a statement and return its rows, if it gives any."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []
