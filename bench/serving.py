"""The portal and the floor under it, each served by a gunicorn of its own, and what they take over real HTTP."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.management import call_command
from django.test import Client

from bench import FLOOR_PLAN
from bench.harness import Times
from ssi.accounts.models import Person

ROUNDS: Final = 150
WARM: Final = 15
PATIENCE: Final = 60.0


class Served:
    """One gunicorn, asked over one kept connection."""

    def __init__(self, application: str, environment: dict[str, str]) -> None:
        self.port = _free_port()
        command = (sys.executable, "-m", "gunicorn", application, "-c", "deploy/gunicorn.conf.py")
        self.process = subprocess.Popen(  # noqa: S603 - our own Python
            (*command, "-b", f"127.0.0.1:{self.port}", "--log-level", "error"),
            env=os.environ | environment,
            stdout=subprocess.DEVNULL,
        )
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

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
        self, address: str, *, method: str = "GET", headers: dict[str, str], body: bytes | None = None
    ) -> tuple[int, bytes]:
        """Return status and body of one answer."""
        self.connection.request(method, address, body=body, headers=headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def stop(self) -> None:
        """End it."""
        self.connection.close()
        self.process.terminate()
        self.process.wait(PATIENCE)


@contextmanager
def both_served(person: Person, addresses: Sequence[str], folder: Path) -> Iterator[tuple[Served, Served, str]]:
    """Serve the portal and the floor for a signed-in person; yield both and the person's session."""
    call_command("collectstatic", interactive=False, verbosity=0)
    client = Client()
    client.force_login(person)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    plan = folder / "floor.json"
    plan.write_text(json.dumps({"session": session, "addresses": list(addresses)}), encoding="utf-8")
    ours, floor = Served("ssi.wsgi:application", {}), Served("bench.floor:application", {FLOOR_PLAN: str(plan)})
    try:
        ours.wait()
        floor.wait()
        yield ours, floor, session
    finally:
        ours.stop()
        floor.stop()


def compared(ours: Served, floor: Served, session: str, addresses: Sequence[str]) -> tuple[Times, Times]:
    """Ask both for the same addresses in turn, so that what else the machine does meets both alike."""
    cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(WARM + ROUNDS):
        address = addresses[number % len(addresses)]
        for served, times in zip((ours, floor), taken, strict=True):
            begun = time.perf_counter()
            status, _ = served.ask(address, headers=cookie)
            if number >= WARM:
                times.append(time.perf_counter() - begun)
            if status != 200:  # noqa: PLR2004 - OK
                raise RuntimeError(f"{address} answers {status}")
    return Times.of(taken[0]), Times.of(taken[1])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
