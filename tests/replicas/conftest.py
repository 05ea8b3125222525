"""A primary and its hot standby: two real PostgreSQL servers, and the portal reading from both."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from django.test.utils import override_settings

from ssi import routing
from ssi.embedded import postgres as embedded
from ssi.embedded.binaries import find_postgres
from ssi.embedded.postgres import Postgres
from tests.processes import environment_of_this_test

SOON = 90.0  # seconds; a standby may hold replaying back for 30, and a machine be busy with other tests


@dataclass
class Pair:
    """The two servers. The standby is a copy of the primary's data folder, and follows its log."""

    primary: Postgres
    standby: Postgres

    def start(self) -> None:
        self.primary.start()
        _copy_this_tests_database(self.primary)
        self.primary.stop()
        shutil.copytree(self.primary.folder, self.standby.folder)
        (self.standby.folder / "cluster" / "standby.signal").touch()
        (self.standby.folder / "cluster" / "postgresql.auto.conf").write_text(
            f"primary_conninfo = 'host={self.primary.socket_folder} user={embedded.USER}'\n"
            "wal_retrieve_retry_interval = '100ms'\n"
        )
        self.primary.start()
        self.standby.start()

    def stop(self) -> None:
        self.standby.stop()
        self.primary.stop()

    def catch_up(self) -> None:
        """Wait until the standby has all that was committed."""
        with psycopg.connect(self.primary.url) as primary, psycopg.connect(self.standby.url) as standby:
            primary.execute("SET synchronous_commit = on")
            primary.execute("SELECT pg_logical_emit_message(true, 'test', '')")
            primary.commit()  # on disk with all that was committed before it
            row = primary.execute("SELECT pg_current_wal_flush_lsn()").fetchone()
            _wait_for(
                lambda: bool(
                    (standby.execute("SELECT pg_last_wal_replay_lsn() >= %s", row).fetchone() or [False])[0]
                )
            )

    def tell_standby(self, statement: str) -> None:
        with psycopg.connect(self.standby.url, autocommit=True) as standby:
            standby.execute(statement.encode())


def _copy_this_tests_database(server: Postgres) -> None:
    """Fill a server's empty database with the tables of the tests' own."""
    programs = find_postgres().folder
    dumped = subprocess.run(
        [str(programs / "pg_dump"), "--no-owner", environment_of_this_test()["DATABASE_URL"]],
        capture_output=True,
        check=True,
    )
    psql = [str(programs / "psql"), "-q", "-v", "ON_ERROR_STOP=1", "-d", server.url]
    subprocess.run(psql, input=dumped.stdout, capture_output=True, check=True)


def _wait_for(happens: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SOON
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture(scope="module")
def pair(django_db_setup: None) -> Iterator[Pair]:
    folder = Path(tempfile.mkdtemp(prefix=f"ssi-test-{os.getpid()}-replicas-"))
    both = Pair(
        *(Postgres(folder / name, folder / f"{name}.log", durable=False) for name in ("primary", "standby"))
    )
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"wal_level": "replica", "max_wal_senders": "4", "shared_buffers": "16MB"}.items():
            patch.setitem(embedded._SETTINGS, name, value)
        try:
            both.start()
            yield both
        finally:
            both.stop()
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def portal_on(pair: Pair, django_db_blocker: Any) -> Iterator[Pair]:
    """Let this process' portal write to the primary, and read from the standby where it may."""
    ours = connection.settings_dict
    usual = dict(ours)
    with (
        django_db_blocker.unblock(),
        override_settings(
            DATABASE_ROUTERS=["ssi.routing.ReplicaRouter"],
            MIDDLEWARE=[*settings.MIDDLEWARE, "ssi.routing.ReplicaMiddleware"],
        ),
    ):
        connection.close()
        ours |= {"NAME": embedded.DATABASE, "HOST": str(pair.primary.socket_folder), "OPTIONS": {}}
        ours |= {"USER": embedded.USER, "PORT": "", "PASSWORD": ""}
        connections.settings[routing.REPLICA] = ours | {"HOST": str(pair.standby.socket_folder)}
        try:
            yield pair
        finally:
            connections[routing.REPLICA].close()
            del connections[routing.REPLICA]
            del connections.settings[routing.REPLICA]
            connection.close()
            ours |= usual


@pytest.fixture
def _django_db_helper(portal_on: Pair) -> None:
    """Stand in for pytest-django's own, which would begin a transaction here and forbid the standby."""
    routing.standing.forget()
