"""`make run`: set up this copy of the portal, start everything it needs, and stop all of it again.

The servers come up in order (PostgreSQL, Valkey, web, worker, beat) and go down in the opposite one. However
this process ends, by Ctrl-C, a signal, a killed parent or being killed, nothing it started stays behind.
"""

import errno
import hashlib
import http.client
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Never

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connections

from ssi import embedded
from ssi.accounts.demo_accounts import DEMO_ACCOUNTS, DEMO_FEED, DEMO_PASSWORD
from ssi.embedded.processes import die_with_parent, spawn, stop
from ssi.refusals import Refusal

HOST = "127.0.0.1"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_WEB_READY_WITHIN = 60.0  # seconds
_GRACE = 6.0  # seconds for web, worker and beat together; with the servers' own, all are gone within about ten
_LOG_TAIL = 15  # lines


class PortTaken(Refusal):
    """Port {port} of this machine is already in use."""

    suggestion = "Stop the program that uses it, or take another port: SSI_PORT={other} make run"


class NotAPort(Refusal):
    """SSI_PORT is "{value}", which is no port number."""

    suggestion = "Give a number from 1 to 65535, such as SSI_PORT=8001 make run"


class ChildDied(Refusal):
    """{name} ended by itself (exit status {status}), so everything was stopped."""

    suggestion = "Its log is {log}; it ends with:\n{tail}"


class WebSilent(Refusal):
    """The web server did not become ready within {seconds} seconds, so everything was stopped."""

    suggestion = "Its log is {log}; it ends with:\n{tail}"


class StopAsked(BaseException):
    """Somebody asked us to stop; no error, so nothing that handles errors may catch it."""


@dataclass(frozen=True)
class Child:
    """One process of the portal's that we started."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def check(self) -> None:
        """Raise ChildDied if the process is gone."""
        status = self.process.poll()
        if status is not None:
            raise ChildDied(name=self.name, status=status, log=self.log, tail=tail_of(self.log))


class House:
    """Everything that `make run` starts."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.servers = embedded.Servers(folder)
        self.programs: list[Child] = []

    def open(self) -> None:
        """Bring everything up, and say how far we are."""
        for name in ("postgres", "valkey", "web", "worker", "beat"):
            keep_last_log(self.log_of(name))
        say("Starting PostgreSQL and Valkey …")
        self.servers.start()
        set_up_portal()
        say("Starting the web server, the worker and the clock …")
        site = ("ssi.wsgi:application", "-c", "deploy/gunicorn.conf.py", "-b", f"{HOST}:{self.port}")
        web = self.start("web", "gunicorn", *site)
        self.wait_for_web(web)
        quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        self.start("worker", "celery", "-A", "ssi", "worker", "-l", "INFO", "-c", "2", *quiet)
        clock = ("--schedule", str(self.folder / "beat-schedule"), "--pidfile", "")
        self.start("beat", "celery", "-A", "ssi", "beat", "-l", "INFO", *clock)

    def log_of(self, name: str) -> Path:
        """Return the log file of a process."""
        return self.folder / "logs" / f"{name}.log"

    def start(self, name: str, module: str, *words: str) -> Child:
        """Start one Python program of the portal's."""
        log = self.log_of(name)
        child = Child(name, spawn([sys.executable, "-m", module, *words], log=log), log)
        self.programs.append(child)
        return child

    def wait_for_web(self, web: Child) -> None:
        """Wait until the web server says that it is ready.

        Raises:
            ChildDied: it ended instead.
            WebSilent: it never said so.

        """
        deadline = time.monotonic() + _WEB_READY_WITHIN
        while time.monotonic() < deadline:
            web.check()
            if is_ready(self.port):
                return
            time.sleep(0.05)
        raise WebSilent(seconds=int(_WEB_READY_WITHIN), log=web.log, tail=tail_of(web.log))

    def watch(self) -> Never:
        """Stay until something ends or somebody asks us to stop."""
        make = Parent()
        while True:
            for child in (*self.programs, *self._embedded()):
                child.check()
            if make.was_asked_to_stop():
                raise StopAsked
            time.sleep(0.25)

    def close(self) -> None:
        """Stop everything, last started first; the servers only when nothing uses them any more."""
        stop(*(child.process for child in reversed(self.programs)), grace=_GRACE)
        self.servers.stop()

    def _embedded(self) -> Iterator[Child]:
        """Yield the embedded servers that are ours to watch over."""
        if process := self.servers.postgres.process:
            yield Child("PostgreSQL", process, self.log_of("postgres"))
        if process := self.servers.valkey.process:
            yield Child("Valkey", process, self.log_of("valkey"))


class Parent:
    """The `make` that runs us. It passes SIGTERM on, but on SIGINT and SIGHUP only waits for us to end.

    From a terminal that is well: Ctrl-C reaches us too. When only `make` itself is told, we see it from the
    signals it still catches, because it drops its handler first (Linux only).
    """

    def __init__(self) -> None:
        self._caught = self._caught_signals()

    def was_asked_to_stop(self) -> bool:
        """Say whether the parent dropped a handler it had when we started."""
        dropped = self._caught & ~self._caught_signals()
        return any(dropped & (1 << (number - 1)) for number in STOP_SIGNALS)

    def _caught_signals(self) -> int:
        try:
            status = Path(f"/proc/{os.getppid()}/status").read_text()
        except OSError:
            return 0
        masks = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")]
        return int(masks[0], 16) if masks else 0


def main() -> int:
    """Run the portal until it is asked to stop; return the exit status."""
    house: House | None = None
    heed_signals()
    try:
        house = prepare()
        house.open()
        announce(house)
        house.watch()
    except StopAsked:
        say("Stopping …")
        return 0
    except (Refusal, ImproperlyConfigured) as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    finally:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # once is enough: what follows is short
        if house:
            house.close()


def heed_signals() -> None:
    """Turn every way of being asked to stop into StopAsked; under `make`, its death is one."""
    for number in STOP_SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # `nohup make run` stays
            signal.signal(number, ask_to_stop)
    if "--stop-with-parent" in sys.argv:
        die_with_parent(signal.SIGTERM)


def ask_to_stop(_: int, __: FrameType | None) -> Never:
    """Unwind to `main`."""
    raise StopAsked


def prepare() -> House:
    """Check that the port is free and the data folder ours.

    Raises:
        PortTaken: another program listens there.
        DataFolderInUse: another copy runs on the folder.

    """
    folder = embedded.data_dir()
    os.environ["SSI_DATA_DIR"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ssi.settings")
    os.chdir(embedded.ROOT)
    house = House(folder, port_from_environment())
    if not house.servers.own("`make run`"):
        raise house.servers.refuse_second()
    refuse_taken_port(house.port)
    embedded.fill_secrets(folder)
    return house


def port_from_environment() -> int:
    """Return SSI_PORT, 8000 where it is not set."""
    value = os.environ.get("SSI_PORT") or "8000"
    if not value.isdecimal() or not 0 < int(value) < 2**16:
        raise NotAPort(value=value)
    os.environ["SSI_PORT"] = value
    return int(value)


def refuse_taken_port(port: int) -> None:
    """Raise PortTaken if another program listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as failed:
            if failed.errno in {errno.EADDRINUSE, errno.EACCES}:
                raise PortTaken(port=port, other=port + 1 if port >= 1024 else 8000) from failed  # noqa: PLR2004
            raise


def set_up_portal() -> None:
    """Bring the database and the static files to the state of this code, in this very process."""
    django.setup()
    logging.disable(logging.INFO)  # of this process alone: the terminal is for what a person must know
    say("Bringing the database up to date …")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    if settings.SSI_DEMO:
        say("Looking after the demo estate …")
        call_command("load_demo")
    collect_static_files()
    connections.close_all()


def collect_static_files() -> None:
    """Collect the static files, unless none changed since the last time."""
    mark = settings.SSI_DATA_DIR / "static.fingerprint"
    fingerprint = hashlib.sha256("\n".join(static_file_versions()).encode()).hexdigest()
    if mark.exists() and mark.read_text() == fingerprint:
        return
    say("Collecting the static files …")
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    mark.write_text(fingerprint)


def static_file_versions() -> Iterator[str]:
    """Yield every static file's name, size and time of change."""
    yield str(settings.STATIC_ROOT)
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            yield f"{name} {found.st_size} {found.st_mtime_ns}"


def is_ready(port: int) -> bool:
    """Ask the web server whether it and what it stands on are ready."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def announce(house: House) -> None:
    """Say that we are ready, and in the demo who may sign in."""
    address = f"http://{HOST}:{house.port}"
    say(f"Ready: {address}")
    if settings.SSI_DEMO:
        say(*demo_sign_ins(address))
    say(f"Logs are in {house.folder / 'logs'}, e-mails in {house.folder / 'mail'}. Ctrl-C stops everything.")


def demo_sign_ins(address: str) -> Iterator[str]:
    """Yield the lines that tell who may sign in to the demo estate."""
    yield f"Sign in at {address}/sign-in/ with the password {DEMO_PASSWORD} as"
    for account in DEMO_ACCOUNTS:
        yield f"  {account.email:<28}{account.who} ({', '.join(account.job_type_roles) or 'service desk'})"
    yield f"  {DEMO_FEED.email:<28}{DEMO_FEED.who}: .venv/bin/python manage.py api_token {DEMO_FEED.email}"


def keep_last_log(log: Path) -> None:
    """Begin a new log file and keep that of the run before."""
    if log.exists():
        log.replace(log.with_suffix(".log.1"))


def tail_of(log: Path) -> str:
    """Return the last lines of a log, indented."""
    try:
        lines = log.read_text(errors="replace").splitlines()[-_LOG_TAIL:]
    except OSError:
        return "  (nothing)"
    return "\n".join(f"  {line}" for line in lines)


def say(*lines: str) -> None:
    """Tell the person in front of the terminal, at once."""
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
