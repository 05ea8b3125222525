"""One embedded Valkey: the broker, on the loopback interface behind a password made for this start.

A socket file would need no password, but Celery and redis-py do not read the same address of one
(`redis+socket://` against `unix://`), so everything that reads REDIS_URL would need to translate. Nothing is
written to disk: PostgreSQL holds the truth, a message only wakes a worker, beat sweeps what was forgotten.
"""

import os
import secrets
import socket
import subprocess
import time
from pathlib import Path

from ssi.embedded.binaries import find_valkey
from ssi.embedded.processes import identity_for, spawn, stop
from ssi.refusals import Refusal

_START_SECONDS = 20.0
_ATTEMPTS = 5


class ValkeyDidNotStart(Refusal):
    """Valkey did not start."""

    suggestion = "Its log is {log}."


class Valkey:
    """The Valkey server of one folder."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder = folder
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return the REDIS_URL of the server that runs here, whoever started it; empty if none does."""
        try:
            return (self.folder / "url").read_text()
        except FileNotFoundError:
            return ""

    def start(self) -> None:
        """Start the server on a free port; another program may take the port first, so try a few.

        Raises:
            ValkeyDidNotStart: it ended or stayed silent.
            NoValkey: there is no program to start.

        """
        program = find_valkey()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for _ in range(_ATTEMPTS):
            if self._start_on(program, _free_port(), secrets.token_hex(24)):
                return
        raise ValkeyDidNotStart(log=self.log)

    def stop(self) -> None:
        """Stop the server; what is queued in it is forgotten, as designed."""
        if self.process:
            stop(self.process, grace=2)
            (self.folder / "url").unlink(missing_ok=True)
            self.process = None

    def _start_on(self, program: str, port: int, password: str) -> bool:
        identity = identity_for(self.folder)
        configuration = self.folder / "valkey.conf"
        lines = [
            "bind 127.0.0.1",
            f"port {port}",
            f"requirepass {password}",
            'save ""',
            "appendonly no",
            "maxmemory 256mb",
            "maxmemory-policy noeviction",
        ]
        _write_private(configuration, "\n".join(lines) + "\n")
        identity.owns(configuration)
        identity.owns(self.folder)
        self.process = spawn([program, str(configuration)], log=self.log, identity=identity)
        if not self._wait_until_ready(port, password):
            self.stop()
            return False
        _write_private(self.folder / "url", f"redis://:{password}@127.0.0.1:{port}/0")
        return True

    def _wait_until_ready(self, port: int, password: str) -> bool:
        deadline = time.monotonic() + _START_SECONDS
        while self.process and self.process.poll() is None and time.monotonic() < deadline:
            if _lets_in(port, password):
                return True
            time.sleep(0.01)
        return False


def _lets_in(port: int, password: str) -> bool:
    """Say whether the server on a port takes this password: only then is it ours."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as client:
            client.sendall(f"AUTH {password}\r\n".encode())
            return client.recv(64).startswith(b"+OK")
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _write_private(file: Path, text: str) -> None:
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
