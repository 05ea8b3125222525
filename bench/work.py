"""Work of every kind for the web workers and the Celery worker: what their memory is measured before and after."""

import json
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from django.db import connection
from django.utils import timezone

from bench.addresses import addresses
from bench.estate import estate, new_devices
from bench.harness import WrongWork
from bench.serving import Ask, cookie_of, portal, session_of
from bench.worker import wait_until, working
from incidents.actions import batches
from incidents.models import BulkJob, InstallCodeRequest
from incidents.models.bulk import UNFINISHED
from inventory.search import MOST_IDENTIFIERS
from ssi.access.actor import Actor
from ssi.accounts.actions import tokens
from ssi.celery import app
from ssi.eui64 import canonical_text
from ssi.notifications.models import OutboxMessage

AT_ONCE: Final = 8
"""People and programs at once: a thread of each web worker for each."""

LISTS: Final = 2
"""Raised in bulk at once, one by each of the Celery worker's processes: which takes which nobody decides."""

IN_BULK: Final = 5_000
RAISED_BY_EACH: Final = 5
TASKS: Final = (
    "ssi.notifications.tasks.deliver_outbox",
    "incidents.tasks.sweep_bulk",
    "incidents.jobs.send_reminders",
    "incidents.jobs.release_after_a_day",
    "incidents.jobs.ask_about_settled",
)
PAGES: Final = (
    *("/", "/incidents/", "/install-code-requests/", "/install-code-requests/raise/"),
    *("/install-code-requests/batches/", "/devices/lookup/", "/products/"),
)

_SOME: Final = "SELECT device_id FROM inventory_device LIMIT %s"


@dataclass(frozen=True, slots=True)
class Work:
    """What one round asks for: the same each time, but for the devices whose codes are asked for."""

    reads: Sequence[Ask]
    bearer: dict[str, str]

    @classmethod
    def prepared(cls) -> "Work":
        """Return the work for the estate that is loaded."""
        cookie = cookie_of(session_of(estate().raiser))
        token = tokens.issue(person=estate().raiser, can_reveal=False, by=Actor.system())
        bearer = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        groups = addresses()
        of_devices = [Ask(each, headers=cookie) for group in groups.values() for each in group[:2]]
        pages = [Ask(each, headers=cookie) for each in PAGES]
        return cls([*pages, *of_devices, *_calls(bearer)], bearer)

    def round(self) -> None:
        """Ask for everything from several sides at once, and give the worker its tasks; wait until all is done."""
        portal()  # once, before there are threads
        raised = new_devices(AT_ONCE * RAISED_BY_EACH)
        parts = [raised[number::AT_ONCE] for number in range(AT_ONCE)]
        with ThreadPoolExecutor(AT_ONCE) as people:
            for done in [people.submit(self._person, devices) for devices in parts]:
                done.result()
        with working():
            _tasks()

    def _person(self, devices: Sequence[str]) -> None:
        """Ask for everything over a connection of its own."""
        server = portal().connect()
        for ask in (*self.reads, *(self._raising(device) for device in devices)):
            server.request(ask.method, ask.address, body=ask.body, headers=dict(ask.headers))
            answer = server.getresponse()
            answer.read()
            if answer.status >= HTTPStatus.BAD_REQUEST:
                raise WrongWork(f"{ask.method} {ask.address} answers {answer.status}.")
        server.close()

    def _raising(self, device: str) -> Ask:
        headers = self.bearer | {"Idempotency-Key": secrets.token_hex(16)}
        body = json.dumps({"device_id": device}).encode()
        return Ask("/api/v1/install-code-requests", "POST", headers=headers, body=body)


def _calls(bearer: dict[str, str]) -> list[Ask]:
    """Return what programs ask for: a page of devices, and lookups of few and of as many as are allowed."""
    with connection.cursor() as cursor:
        cursor.execute(_SOME, [MOST_IDENTIFIERS])
        devices = [canonical_text(key) for (key,) in cursor.fetchall()]
    lookups = [json.dumps({"identifiers": some}).encode() for some in (devices[:500], devices)]
    return [
        Ask("/api/v1/devices", headers=bearer),
        *(Ask("/api/v1/devices/lookup", "POST", headers=bearer, body=body) for body in lookups),
    ]


def _tasks() -> None:
    """Have the worker raise lists, deliver the e-mails, and do what the clock asks for; wait until it has."""
    jobs = [batches.draft(new_devices(IN_BULK), estate().actor, confirmed=True).pk for _ in range(LISTS)]
    for task in TASKS:
        app.send_task(task)
    wait_until(
        "the worker raised its lists",
        lambda: not BulkJob.objects.filter(pk__in=jobs, state__in=UNFINISHED).exists(),
    )
    app.send_task(TASKS[0])
    wait_until("the worker delivered the e-mails", _is_delivered)
    raised = InstallCodeRequest.objects.filter(batch__in=jobs).count()
    if raised != LISTS * IN_BULK:
        raise WrongWork(f"The worker raised {raised:,} requests of {LISTS * IN_BULK:,}.")


def _is_delivered() -> bool:
    return not OutboxMessage.objects.waiting(timezone.now()).exists()
