"""Running the portal's programs from a test, on the test's own database."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

_WORKER_READY_WITHIN = 60.0  # seconds; a machine may be busy with other tests
_WORKER_GONE_WITHIN = 20.0


def environment_of_this_test() -> dict[str, str]:
    """Return the environment in which a child process sees what the test has committed."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    return dict(os.environ) | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "ssi.settings"}


@contextmanager
def celery_worker(folder: Path, *, broker: str, **settings_of_worker: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a real worker with `folder` as its data folder, so that its e-mails land in `folder/mail`."""
    worker = start_worker(folder, broker=broker, **settings_of_worker)
    try:
        _wait_until_ready(worker, folder / "worker.log")
        yield worker
    finally:
        worker.terminate()
        try:
            worker.wait(_WORKER_GONE_WITHIN)
        finally:
            worker.kill()


def start_worker(folder: Path, *, broker: str, **settings_of_worker: str) -> subprocess.Popen[bytes]:
    """Start a real worker in a process group of its own, and do not wait until it is ready."""
    words = ["worker", "-l", "INFO", "-c", "1", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    of_the_worker = {"REDIS_URL": broker, "SSI_DATA_DIR": str(folder), "EMAIL_URL": ""} | settings_of_worker
    with (folder / "worker.log").open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "ssi", *words],
            env=environment_of_this_test() | of_the_worker,
            cwd=settings.BASE_DIR,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


@contextmanager
def web_server(folder: Path, *, broker: str) -> Iterator[str]:
    """Run the real web server with `folder` as its data folder, logging to `folder/web.log`; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = environment_of_this_test() | {
        "REDIS_URL": broker,
        "SSI_DATA_DIR": str(folder),
        "SSI_PORT": str(port),
        "EMAIL_URL": "",
    }
    run = partial(subprocess.run, cwd=settings.BASE_DIR, env=environment, check=True, capture_output=True)
    run([sys.executable, "manage.py", "collectstatic", "--no-input", "-v", "0"])
    site = ["ssi.wsgi:application", "-c", "deploy/gunicorn.conf.py", "-b", f"127.0.0.1:{port}"]
    with (folder / "web.log").open("ab") as out:
        web = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *site],
            env=environment,
            cwd=settings.BASE_DIR,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_it_answers(web, port, folder / "web.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        web.terminate()
        try:
            web.wait(_WORKER_GONE_WITHIN)
        finally:
            web.kill()


def _wait_until_it_answers(web: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _WORKER_READY_WITHIN
    while True:
        assert web.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


def _wait_until_ready(worker: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _WORKER_READY_WITHIN
    while " ready." not in log.read_text():
        assert worker.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
