"""Give the tests a PostgreSQL and a Valkey of their own, before Django reads its settings.

An early pytest plugin (`-p tests.environment`). The first pytest process starts the servers in a throw-away
folder and passes their addresses to pytest-xdist's workers by the environment; it stops them at the end,
however that comes. DATABASE_URL and REDIS_URL are used as they are where they are set. Each process has a data
folder of its own beside the servers': what one worker's test keeps, no other worker's test finds.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from ssi import embedded

LOGS = "logs"
"""Where the servers log, beside the data folders of the processes."""

_PREFIX = "ssi-test-"
_running: list[embedded.Servers] = []


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, Any, Any]:
    """Come before pytest-django, which loads the settings here."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        _start(with_servers=not early_config.known_args_namespace.collectonly)
    else:
        _move_to(Path(os.environ["SSI_DATA_DIR"]).with_name(worker))
    try:
        return (yield)
    except BaseException:
        pytest_unconfigure()  # pytest itself does not come so far as to call it
        raise


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Stop what this process started."""
    while _running:
        servers = _running.pop()
        servers.stop()
        _remove(servers)


def _remove(servers: embedded.Servers) -> None:
    shutil.rmtree(servers.folder, ignore_errors=True)
    shutil.rmtree(servers.postgres.socket_folder, ignore_errors=True)


def _start(*, with_servers: bool) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end as on Ctrl-C: tidy
    _remove_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    servers = embedded.Servers(folder, durable=False)
    _running.append(servers)
    (folder / LOGS).mkdir()
    _move_to(folder / "main")
    embedded.fill_secrets(embedded.data_dir())
    if with_servers:
        servers.start()


def _move_to(folder: Path) -> None:
    os.environ["SSI_DATA_DIR"] = str(folder)
    embedded.data_dir()


def _remove_leftovers() -> None:
    """Remove the folders of test runs that were killed; their servers died with them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if folder.stat().st_uid == os.geteuid() and owner.isdigit() and not Path(f"/proc/{owner}").exists():
            _remove(embedded.Servers(folder))
