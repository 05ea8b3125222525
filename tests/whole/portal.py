"""Start the portal as its users do, in a clone of its own, and see what is left when it ends."""

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Self
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, ProxyHandler, Request, build_opener

import psutil

READY_WITHIN = 240.0  # seconds; a bare clone installs its packages, perhaps beside other tests
GONE_WITHIN = 20.0
AS_FROM_A_TERMINAL = """
import os, signal
signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs ignore it, and so would all they start
os.execvp("make", ["make", "run"])
"""
_OURS = ("SSI_", "PYTEST_", "MAKE", "DJANGO_", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "MFLAGS", "PYTHONPATH")


def free_port() -> int:
    """Return a port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(**settings: str) -> dict[str, str]:
    """Return the environment without what these tests run under."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS)} | settings


@dataclass
class Portal:
    """One `make run` and everything it started."""

    clone: Path
    port: int
    data_dir: Path
    demo: bool = True
    lines: list[str] = field(default_factory=list)
    seconds_to_ready: float = 0.0

    def __enter__(self) -> Self:
        settings = {
            "SSI_PORT": str(self.port),
            "SSI_DATA_DIR": str(self.data_dir),
            "SSI_DEMO": str(int(self.demo)),
        }
        self.make = subprocess.Popen(
            [sys.executable, "-c", AS_FROM_A_TERMINAL],
            cwd=self.clone,
            env=clean_environment(**settings),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._said: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(signal.SIGTERM)

    def _listen(self) -> None:
        assert self.make.stdout
        for line in self.make.stdout:
            self._said.put(line.rstrip("\n"))

    def wait_until_ready(self) -> Self:
        started = time.monotonic()
        while not any(line.startswith("Ready:") for line in self.lines):
            assert self.make.poll() is None, "\n".join(["make run ended:", *self.lines])
            assert time.monotonic() < started + READY_WITHIN, "\n".join(["never ready:", *self.lines])
            self._read(0.2)
        self.seconds_to_ready = time.monotonic() - started
        return self

    def wait_until_over(self) -> int:
        """Return the exit status of a `make run` that ends by itself."""
        status = self.make.wait(READY_WITHIN)
        self._read(0.5)
        return status

    def stop(self, number: signal.Signals, *, group: bool = False) -> int:
        """Send a signal to `make`, or as a terminal does to its whole group, and return its exit status."""
        if self.make.poll() is None:
            (os.killpg if group else os.kill)(self.make.pid, number)
        try:
            return self.make.wait(GONE_WITHIN)
        except subprocess.TimeoutExpired:
            for process in self.processes():
                process.kill()
            raise

    def processes(self) -> list[psutil.Process]:
        """Return every living process that descends from this `make run`, or works for its data folder."""
        found = {process.pid: process for process in psutil.process_iter() if self._is_ours(process)}
        return [process for process in found.values() if process.is_running()]

    def wait_until_nothing_is_left(self) -> None:
        deadline = time.monotonic() + GONE_WITHIN
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert self.processes() == []

    def launcher(self) -> psutil.Process:
        """Return the process that `make` runs."""
        return next(process for process in self.processes() if "ssi.launcher" in process.cmdline())

    def child(self, word: str) -> psutil.Process:
        """Return the launcher's child whose command line has a word such as "worker"."""
        return next(child for child in self.launcher().children() if word in child.cmdline())

    def browser(self) -> "Browser":
        return Browser(f"http://127.0.0.1:{self.port}")

    def _read(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                self.lines.append(self._said.get(timeout=left))
            except queue.Empty:
                return

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            told = process.environ().get("SSI_DATA_DIR") == str(self.data_dir)
            return told or any(str(self.data_dir) in word for word in process.cmdline())
        except psutil.Error:
            return False


class Browser:
    """The least of a browser: follows redirects, keeps cookies, sends forms."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.opener: OpenerDirector = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))
        self.url = ""

    def get(self, path: str) -> str:
        return self._open(Request(self.address + path))

    def sign_in(self, email: str, password: str) -> str:
        """Fill the sign-in form as it stands on its page, and return the page that follows."""
        fields = hidden_fields(self.get("/sign-in/")) | {"login": email, "password": password}
        headers = {"Referer": self.url, "Origin": self.address}
        return self._open(Request(self.url, data=urlencode(fields).encode(), headers=headers))

    def _open(self, request: Request) -> str:
        with self.opener.open(request, timeout=20) as answer:
            self.url = answer.url
            return str(answer.read().decode())


class FormBrowser(Browser):
    """A browser that fills in and sends the form of the page it is on."""

    def send(self, page: str, **typed: str) -> str:
        """Send the page's form, with what it holds already and what is typed, to the page's own address."""
        fields = hidden_fields(page) | typed
        headers = {"Referer": self.url, "Origin": self.address}
        return self._open(Request(self.url, data=urlencode(fields).encode(), headers=headers))


class _Form(HTMLParser):
    """The hidden fields of a page's sign-in form."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("type") == "hidden" and given.get("name"):
            self.fields[given["name"] or ""] = given.get("value") or ""


def hidden_fields(page: str) -> dict[str, str]:
    """Return what a page's forms send without being asked, the CSRF token among it."""
    form = _Form()
    form.feed(page)
    return form.fields
