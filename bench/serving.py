"""The portal and the floor under it, each served by one gunicorn over the whole run, and how long they take.

turns = compared(portal(), floor(), session_of(person), addresses)
"""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

from django.conf import settings
from django.core.management import call_command
from django.test import Client

from bench.harness import UP, Turns, WrongWork, in_turn
from ssi.accounts.models import Person

ROUNDS: Final = 100
WARM: Final = 20
PATIENCE: Final = 120.0
KEPT_OPEN: Final = 1.0
"""Seconds: gunicorn closes a connection on which nothing is asked for two."""

ALIKE: Final = 0.05
"""So much may the floor's page differ in length from the portal's: what tells one request from another."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of a server; `wanted` is the status it must answer with."""

    address: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    wanted: int = 200


class Served:
    """One gunicorn, asked over one kept connection."""

    def __init__(self, application: str, environment: Mapping[str, str]) -> None:
        self.port = _free_port()
        command = (sys.executable, "-m", "gunicorn", application, "-c", "deploy/gunicorn.conf.py")
        with (settings.SSI_DATA_DIR / "logs" / f"{application}-{self.port}.log").open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own Python
                (*command, "-b", f"127.0.0.1:{self.port}"),
                env=os.environ | environment,
                stdout=log,
                stderr=log,
            )
        self.connection = self.connect()
        self._used_at = 0.0

    def connect(self) -> http.client.HTTPConnection:
        """Return another connection; gunicorn keeps each with one of its workers."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def wait(self) -> None:
        """Wait until it takes connections. Raises RuntimeError when it ended instead."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"{self.process.args!r} does not serve.")

    def ask(
        self, address: str, *, method: str = "GET", headers: Mapping[str, str], body: bytes | None = None
    ) -> tuple[int, bytes]:
        """Return status and body of one answer."""
        if time.monotonic() - self._used_at > KEPT_OPEN:
            self.connection.close()  # as gunicorn will have, or is about to; http.client opens it again
        self.connection.request(method, address, body=body, headers=dict(headers))
        answer = self.connection.getresponse()
        status, body = answer.status, answer.read()
        self._used_at = time.monotonic()
        return status, body

    def stop(self) -> None:
        """End it."""
        self.connection.close()
        self.process.terminate()
        self.process.wait(PATIENCE)


Asked = tuple[Served, Sequence[Ask]]


def served(application: str, **environment: str) -> Served:
    """Return a gunicorn that serves an application, once it does."""
    one = Served(application, {"SSI_LOG_LEVEL": "INFO"} | environment)  # it logs as under `make run`
    UP.callback(one.stop)
    one.wait()
    return one


@cache
def portal() -> Served:
    """Return the portal: one gunicorn for all lines, everything on, set up as under `make run`."""
    call_command("collectstatic", interactive=False, verbosity=0)
    return served("ssi.wsgi:application")


@cache
def floor() -> Served:
    """Return the floor's server: one for all lines, the same gunicorn as the portal's."""
    return served("bench.floor:application")


def session_of(person: Person) -> str:
    """Sign a person in and return the session's key."""
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def cookie_of(session: str) -> dict[str, str]:
    """Return the header that a signed-in browser sends."""
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}


def alternated(ours: Asked, floor: Asked, *, rounds: int = ROUNDS, warm: int = WARM) -> Turns:
    """Ask both in turn, so that what else the machine does meets both alike; the first `warm` rounds do not count.

    Round after round each gets the next of its own asks, and after the last the first again.

    Raises:
        WrongWork: an answer has another status than it should.

    """

    def asking(server: Served, asks: Sequence[Ask]) -> Callable[[int], None]:
        return lambda number: _ask(server, asks[number % len(asks)])

    return in_turn(asking(*ours), asking(*floor), rounds=rounds, warm=warm)


def _ask(server: Served, ask: Ask) -> None:
    status, body = server.ask(ask.address, method=ask.method, headers=ask.headers, body=ask.body)
    if status != ask.wanted:
        raise WrongWork(f"{ask.method} {ask.address} answers {status}, not {ask.wanted}: {body[:300]!r}")


def compared(
    ours: Served, floor: Served, session: str, addresses: Sequence[str], *, rounds: int = ROUNDS
) -> Turns:
    """Ask the portal and its floor for the same pages in turn. Raises WrongWork where they are not alike."""
    asks = [_alike(ours, floor, Ask(address, headers=cookie_of(session))) for address in addresses]
    return alternated((ours, asks), (floor, asks), rounds=rounds)


def _alike(ours: Served, floor: Served, ask: Ask) -> Ask:
    """Return what is asked with the status that both give. Raises WrongWork where they answer differently."""
    (status, page), (bare_status, bare) = (one.ask(ask.address, headers=ask.headers) for one in (ours, floor))
    if status != bare_status or abs(len(page) - len(bare)) > ALIKE * len(page):
        raise WrongWork(
            f"{ask.address}: {bare_status} and {len(bare)} bytes of the floor, {status} and {len(page)} of ours."
        )
    return replace(ask, wanted=status)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
