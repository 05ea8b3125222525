"""Raise on screen, e-mail on disk: real PostgreSQL, real Valkey, a real worker, the real pages over HTTP."""

import time
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
import redis
from pytest_django.live_server_helper import LiveServer

from incidents.models import InstallCodeRequest
from incidents.models.choices import Event, State
from inventory.models import Device
from ssi import celery_app, working_days
from ssi.accounts.demo_accounts import DEMO_PASSWORD
from ssi.accounts.models import Person
from ssi.celery import collect_schedule
from ssi.embedded.valkey import Valkey
from tests.factories.inventory import DeviceFactory
from tests.personas import actor_of
from tests.processes import celery_worker
from tests.whole.portal import FormBrowser

pytestmark = pytest.mark.django_db(transaction=True)

SOON = 20.0  # seconds


@pytest.fixture
def device(ivan: Person) -> Device:
    """Return a device that Ivan's company pre-notified."""
    return DeviceFactory.create(notified_by_id=actor_of(ivan).user_id)


def raise_on_screen(live_server: LiveServer, person: Person, device: Device) -> str:
    """Sign in, fill in the form, check the answers, raise; return the page that confirms it."""
    browser = FormBrowser(live_server.url)
    browser.sign_in(person.email, DEMO_PASSWORD)
    form = browser.get("/install-code-requests/raise/")
    check = browser.send(form, device_id=str(device.device_id), responsible="on", step="check")
    assert "Check your answers" in check
    return browser.send(check, step="send")


def soon(what: Callable[[], bool]) -> bool:
    """Wait a while for something to become true."""
    deadline = time.monotonic() + SOON
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.1)
    return False


def mails(folder: Path) -> list[EmailMessage]:
    """Return the e-mails on disk."""
    found = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in folder.glob("mail/*.eml")]
    return [message for message in found if isinstance(message, EmailMessage)]


def was_notified() -> bool:
    return InstallCodeRequest.objects.filter(notified_at__isnull=False).exists()


def test_raising_on_screen_puts_an_email_on_disk_and_starts_the_clock(
    live_server: LiveServer, valkey: Valkey, tmp_path: Path, rhea: Person, device: Device
) -> None:
    with celery_worker(tmp_path, broker=valkey.url):
        confirmation = raise_on_screen(live_server, rhea, device)
        assert soon(was_notified), (tmp_path / "worker.log").read_text()
    request = InstallCodeRequest.objects.get()
    assert request.reference in confirmation
    assert request.state == State.ASSIGNED
    assert request.notified_at is not None
    assert request.notified_at >= request.created_at
    assert request.due_date == working_days.due(request.notified_at, working_days=5)
    assert request.history.filter(event=Event.NOTIFIED).count() == 1
    [email] = mails(tmp_path)
    assert (email["To"], email["From"]) == (
        "ivan@brightgrid.example",
        "Self-Service Interface <no-reply@ssi.example>",
    )
    body = email.get_body(("plain",))
    assert body is not None
    assert f"/incidents/{request.reference}/" in body.get_content()
    assert f"{request.due_date:%a} {request.due_date.day} {request.due_date:%b %Y}" in body.get_content()
    assert str(device.device_id) not in str(email)


def test_a_flushed_broker_and_a_dead_worker_only_delay_it(
    live_server: LiveServer, valkey: Valkey, tmp_path: Path, rhea: Person, device: Device
) -> None:
    raise_on_screen(live_server, rhea, device)
    with redis.Redis.from_url(valkey.url) as broker:
        assert broker.llen("celery") >= 1
        broker.flushall()
    with celery_worker(tmp_path, broker=valkey.url):
        assert mails(tmp_path) == []
        as_the_clock_does("notifications-sweep")
        assert soon(was_notified), (tmp_path / "worker.log").read_text()
    assert len(mails(tmp_path)) == 1


def as_the_clock_does(entry: str) -> None:
    """Send a task as beat sends it when its time has come."""
    job = collect_schedule()[entry]
    celery_app.send_task(job["task"], **job["options"])
