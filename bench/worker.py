"""A real Celery worker over the whole run, started as by `make run`; and what processes hold in memory.

It takes messages only while `working()`: the lines that carry bulk work on themselves are measured without it.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from bench.harness import UP, WrongWork
from ssi.celery import app

PATIENCE: Final = 180.0
_QUEUE: Final = "celery"
_ANSWERED: Final[dict[str, Any]] = {"reply": True, "limit": 1}
"""There is one worker: once it answered, nobody waits for others."""

_QUIET: Final = ("--without-gossip", "--without-mingle", "--without-heartbeat")


@cache
def worker() -> "subprocess.Popen[bytes]":
    """Return the worker, once it answers; it waits for `working`."""
    with (Path(os.environ["SSI_DATA_DIR"]) / "logs" / "worker.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own Python
            (sys.executable, "-m", "celery", "-A", "ssi", "worker", "-l", "INFO", "-c", "2", *_QUIET),
            env=os.environ | {"SSI_LOG_LEVEL": "INFO"},
            stdout=log,
            stderr=log,
        )
    UP.callback(process.wait, PATIENCE)
    UP.callback(process.terminate)
    wait_until("the worker answers", lambda: bool(app.control.ping(timeout=1.0, limit=1)))
    app.control.cancel_consumer(_QUEUE, **_ANSWERED)
    return process


@contextmanager
def working() -> Iterator[None]:
    """Let the worker take messages inside; those that were left lying before are thrown away first."""
    worker()
    app.control.purge()
    app.control.add_consumer(_QUEUE, **_ANSWERED)
    try:
        yield
    finally:
        app.control.cancel_consumer(_QUEUE, **_ANSWERED)


def wait_until(what: str, done: Callable[[], bool]) -> None:
    """Wait for something others do. Raises WrongWork when it does not happen."""
    until = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > until:
            raise WrongWork(f"It did not happen that {what}.")
        time.sleep(0.1)


def resident(pid: int) -> int:
    """Return the bytes that a process and its children hold in memory; what they share counts once."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    pss = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(pss.split()[1]) * 1024 + sum(resident(child) for child in _children(pid))


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text(encoding="ascii").split()]
