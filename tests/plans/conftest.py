"""The estate, in a database of its own beside the tests', made once for this folder's tests."""

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg.sql import SQL, Identifier

from tests.plans import estate
from tests.plans.guard import Guard, large_tables
from tests.plans.things import Things, things_of_the_estate


def _tell_the_server(statement: str, *names: str) -> None:
    """Carry out a statement that no database may be in use for."""
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True, dbname="postgres") as server:
        server.execute(SQL(statement).format(*map(Identifier, names)))


@pytest.fixture(scope="package")
def large_estate(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Have this process' connection lead to the estate until the last of this folder's tests is done."""
    ours = connection.settings_dict
    usual = str(ours["NAME"])
    connection.close()
    _tell_the_server("CREATE DATABASE {} TEMPLATE {}", f"{usual}_estate", usual)
    ours["NAME"] = f"{usual}_estate"
    try:
        with django_db_blocker.unblock():
            estate.build()
        yield
    finally:
        connection.close()
        ours["NAME"] = usual
        _tell_the_server("DROP DATABASE {} WITH (FORCE)", f"{usual}_estate")


@pytest.fixture(scope="package")
def guard(large_estate: None, django_db_blocker: Any) -> Guard:
    with django_db_blocker.unblock():
        return Guard(large_tables())


@pytest.fixture(scope="package")
def things(large_estate: None, django_db_blocker: Any) -> Things:
    with django_db_blocker.unblock():
        return things_of_the_estate()
