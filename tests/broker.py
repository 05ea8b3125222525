"""A broker of a test's own, and making this process send its tasks there. Import the fixtures into a conftest."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ssi import celery_app
from ssi.embedded.valkey import Valkey
from ssi.notifications import tasks

UseBroker = Callable[[str], None]


@pytest.fixture
def use_broker(monkeypatch: pytest.MonkeyPatch) -> UseBroker:
    """Return what makes this process send its tasks to another broker."""
    monkeypatch.setattr(tasks, "_broker", tasks._Broker())

    def use(url: str) -> None:
        monkeypatch.setenv("CELERY_BROKER_URL", url)
        monkeypatch.setattr(celery_app, "_pool", None)
        monkeypatch.setattr(celery_app.amqp, "_producer_pool", None)

    return use


@pytest.fixture
def valkey(tmp_path: Path, use_broker: UseBroker) -> Iterator[Valkey]:
    """Run a Valkey for this test alone."""
    server = Valkey(tmp_path / "broker", tmp_path / "valkey.log")
    server.start()
    use_broker(server.url)
    yield server
    if server.process:
        server.process.send_signal(signal.SIGCONT)
    server.stop()
