"""The connection that is kept between requests: found to be there without a query, replaced when it is gone."""

import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from psycopg.errors import AdminShutdown

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 10.0


@pytest.fixture(autouse=True)
def a_new_one_afterwards() -> Iterator[None]:
    """Leave later tests a connection that nobody ended."""
    yield
    connection.close()


def ended() -> None:
    """Have the server end our connection, and wait until that has come."""
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    settings = connections["default"].get_connection_params()
    wanted = {
        name: settings[name] for name in ("dbname", "user", "host", "port", "password") if settings.get(name)
    }
    with psycopg.connect(**wanted, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def as_a_request_begins() -> None:
    """Have the connection looked after before its next query."""
    kept: Any = connections["default"]
    kept.health_check_enabled, kept.health_check_done = True, False


def test_a_connection_that_is_there_is_not_asked() -> None:
    connection.ensure_connection()
    with CaptureQueriesContext(connection) as sent:
        assert connection.is_usable()
    assert not sent.captured_queries


def test_one_that_the_server_ended_is_not_usable() -> None:
    ended()
    until = time.monotonic() + PATIENCE
    while connection.is_usable() and time.monotonic() < until:
        time.sleep(0.01)
    assert not connection.is_usable()


def test_none_and_a_closed_one_are_not_usable() -> None:
    connection.ensure_connection()
    connection.connection.close()
    assert not connection.is_usable()
    connection.close()
    assert not connection.is_usable()


def test_a_notice_that_waits_does_not_make_it_unusable() -> None:
    with connection.cursor() as cursor:
        cursor.execute("LISTEN a_word")
        cursor.execute("SELECT pg_notify('a_word', 'to ourselves')")
    assert connection.is_usable()


def test_the_request_after_it_ended_is_served() -> None:
    browser = Client()
    assert browser.get("/readyz").status_code == 200
    ended()
    as_a_request_begins()
    assert browser.get("/readyz").status_code == 200


def test_a_query_on_an_ended_connection_says_so_where_none_looked() -> None:
    ended()
    kept: Any = connections["default"]
    kept.health_check_done = True
    with pytest.raises(Exception, match=r"terminating connection|closed") as raised, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert isinstance(raised.value.__cause__, AdminShutdown | psycopg.OperationalError)
