"""The demo's audit trail: believable, the same every time, and without a secret."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from inventory.models import AuditTrailEntry, DeviceStatusChange, TrailMessage, TransactionCount
from inventory.models.choices import TrailKind
from ssi.accounts.demo_accounts import NORTHLIGHT, PENNINE, THIRDWAYS
from ssi.accounts.models import Person
from ssi.eui64 import Eui64
from tests.personas import client_of

pytestmark = pytest.mark.django_db
LONG_HEX = re.compile(r"[0-9A-Fa-f]{20,}")


def test_the_trail_is_believable_and_tells_the_devices_histories() -> None:
    call_command("load_demo")
    entries = list(AuditTrailEntry.objects.all())
    now = timezone.now()
    assert 15_000 < len(entries) < 30_000
    assert all(now - timedelta(days=92) < entry.at <= now for entry in entries)
    _requests_have_their_responses(entries)
    _histories_are_told(entries)
    _counters_rise()
    assert not [entry for entry in entries if LONG_HEX.search(entry.detail + entry.suggestion)]
    users = Counter(str(entry.user_id) for entry in entries)
    assert min(users[user.user_id] for user in (NORTHLIGHT, PENNINE, THIRDWAYS)) > 200
    assert sum(TransactionCount.objects.values_list("messages", flat=True)) == TrailMessage.objects.count()
    _somebody_reads_it(client_of(Person.objects.get(email="nils@pennine.example")))


def _requests_have_their_responses(entries: list[AuditTrailEntry]) -> None:
    requests = {entry.request_id: entry for entry in entries if entry.kind == TrailKind.SERVICE_REQUEST}
    assert len(requests) == sum(entry.kind == TrailKind.SERVICE_REQUEST for entry in entries)
    for entry in entries:
        if entry.kind == TrailKind.SERVICE_RESPONSE and entry.request_id in requests:
            request = requests[entry.request_id]
            assert (request.srv, request.device_id, request.code) == (entry.srv, entry.device_id, "I99")
            assert request.at <= entry.at
    answered = sum(entry.kind == TrailKind.SERVICE_RESPONSE and entry.request_id in requests for entry in entries)
    assert answered > len(requests) // 2


def _histories_are_told(entries: list[AuditTrailEntry]) -> None:
    told = {(entry.device_id, entry.at) for entry in entries if entry.srv in {"12.2", "8.1.1", "8.3"}}
    since = timezone.now() - timedelta(days=90)
    changes = DeviceStatusChange.objects.filter(at__gte=since, because__in=["12.2", "8.1.1", "8.3"])
    assert changes.exists()
    assert all((change.device_id, change.at) in told for change in changes)


def _somebody_reads_it(browser: Client) -> None:
    page = browser.get("/service-requests/", {"code": "AD1"}).content.decode()
    assert "DCC alert" in page
    assert "Power outage" not in page  # a list names codes, its pages what they mean
    assert browser.get("/reports/transactions/").context["shown"].total > 200


def _counters_rise() -> None:
    ours = AuditTrailEntry.objects.filter(
        user_id=Eui64.parse(NORTHLIGHT.user_id), kind=TrailKind.SERVICE_REQUEST
    ).order_by("at", "counter")
    counters = [counter for counter in ours.values_list("counter", flat=True) if counter is not None]
    assert len(set(counters)) == len(counters)
    assert counters[0] == min(counters)
    assert counters[-1] == max(counters)
