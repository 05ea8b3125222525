"""Searches are read from a hot standby while it is near; writes, access and secrets never are."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.models import Device, Registration, SealedInstallCode
from ssi import routing
from ssi.accounts.demo_accounts import DEMO_ACCOUNTS
from ssi.accounts.models import Person
from ssi.routing import REPLICA
from tests.factories.accounts import demo_person
from tests.factories.inventory import DeviceFactory
from tests.personas import client_of
from tests.replicas.conftest import Pair
from tests.tokens import bearer

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("replicas")]
TABLE = 'FROM "inventory_device"'


@pytest.fixture(scope="module")
def gina(portal_on: Pair) -> Person:
    return demo_person(next(each for each in DEMO_ACCOUNTS if each.email.startswith("gina@")))


@pytest.fixture(scope="module")
def device(portal_on: Pair, gina: Person) -> Device:
    device = DeviceFactory.create()
    portal_on.catch_up()
    cache.clear()
    return device


def asked(client: Client, address: str, **sent: Any) -> tuple[int, str, str]:
    """Return the status, and what was asked of the primary and of the standby."""
    with (
        CaptureQueriesContext(connections["default"]) as primary,
        CaptureQueriesContext(connections[REPLICA]) as standby,
    ):
        answer = client.post(address, **sent) if sent else client.get(address)
        if answer.streaming:
            answer.getvalue()
    return (
        answer.status_code,
        "\n".join(str(query["sql"]) for query in primary),
        "\n".join(str(query["sql"]) for query in standby),
    )


def pages_of(device: Device) -> tuple[str, ...]:
    return ("/devices/", f"/devices/{device.pk}/", "/devices/export.csv", f"/devices/?q={device.pk}")


def test_the_inventory_is_read_from_the_standby_and_all_else_from_the_primary(
    portal_on: Pair, gina: Person, device: Device
) -> None:
    client = client_of(gina)
    for address in pages_of(device):
        status, primary, standby = asked(client, address)
        assert status in {200, 302}, address
        assert TABLE in standby, address
        assert TABLE not in primary, address
        assert "inventory_device" in standby
        assert "accounts_rolegrant" in primary
        for never in ("django_session", "accounts_person", "accounts_rolegrant", "inventory_registration"):
            assert f'FROM "{never}"' not in standby, (address, never)
    with connections[REPLICA].cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        assert cursor.fetchone() == (True,)


def test_a_program_reads_there_too(portal_on: Pair, gina: Person, device: Device) -> None:
    program = Client(headers=bearer(gina))
    portal_on.catch_up()
    for address in ("/api/v1/devices", f"/api/v1/devices/{device.pk}"):
        status, primary, standby = asked(program, address)
        assert status == 200
        assert TABLE in standby
        assert TABLE not in primary
        assert "accounts_apitoken" in primary
        assert "accounts_apitoken" not in standby


def test_a_lookup_is_sent_and_only_reads(portal_on: Pair, gina: Person, device: Device) -> None:
    cache.clear()
    routing.standing.forget()
    identifiers = {"identifiers": [str(device.pk)]}
    lookups = (
        (client_of(gina), "/devices/lookup/", {"data": {"identifiers": str(device.pk)}}),
        (
            Client(headers=bearer(gina)),
            "/api/v1/devices/lookup",
            {"data": identifiers, "content_type": "application/json"},
        ),
    )
    for client, address, sent in lookups:
        status, primary, standby = asked(client, address, **sent)
        assert status == 200, address
        assert "inventory_device" in standby, address
        assert TABLE not in primary, address
        assert TABLE in asked(client, address.replace("/lookup", ""))[2], "it wrote nothing"


def test_writing_and_deciding_happen_on_the_primary(portal_on: Pair, gina: Person, device: Device) -> None:
    routing._served.set(routing._Served(Client().get("/livez").wsgi_request))
    router = routing.ReplicaRouter()
    assert router.db_for_write(Device) == "default"
    assert router.db_for_read(Registration) == "default"
    assert router.db_for_read(SealedInstallCode, instance=device) == "default"
    assert not router.allow_migrate(REPLICA, "inventory")
    routing._served.set(None)
    assert router.db_for_read(Device) == "default"  # a command, a worker


def test_no_transaction_reads_from_the_standby(portal_on: Pair, gina: Person, device: Device) -> None:
    client = client_of(gina)
    with transaction.atomic():
        _, primary, standby = asked(client, "/devices/")
    assert TABLE in primary
    assert standby == ""


def test_one_reads_ones_own_writes(portal_on: Pair, gina: Person, device: Device) -> None:
    portal_on.tell_standby("SELECT pg_wal_replay_pause()")
    client, other = client_of(gina), client_of(gina)
    try:
        assert client.post("/access/acting-as/", {"acting_as": "nothing"}).status_code < 500
        for browser in (client, other):
            _, primary, standby = asked(browser, "/devices/")
            assert TABLE in primary
            assert TABLE not in standby
    finally:
        portal_on.tell_standby("SELECT pg_wal_replay_resume()")
    portal_on.catch_up()
    cache.clear()  # as it is some seconds later
    routing.standing.forget()
    assert TABLE in asked(client, "/devices/")[2]


def test_a_standby_that_lags_is_not_asked(portal_on: Pair, gina: Person, device: Device, settings: Any) -> None:
    client = client_of(gina)
    portal_on.catch_up()
    portal_on.tell_standby("SELECT pg_wal_replay_pause()")
    try:
        settings.SSI_REPLICA_MOST_LAG_SECONDS = 0  # or the test would have to wait
        newer = DeviceFactory.create()
        routing.standing.forget()
        status, primary, standby = asked(client, f"/devices/{newer.pk}/")
        assert status == 200
        assert TABLE in primary
        assert TABLE not in standby
    finally:
        portal_on.tell_standby("SELECT pg_wal_replay_resume()")
    portal_on.catch_up()
    settings.SSI_REPLICA_MOST_LAG_SECONDS = 600
    routing.standing.forget()
    assert TABLE in asked(client, f"/devices/{newer.pk}/")[2]


def test_a_standby_that_is_lost_costs_nobody_a_page(
    portal_on: Pair, gina: Person, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, program = client_of(gina), Client(headers=bearer(gina))
    portal_on.catch_up()
    assert TABLE in asked(client, "/devices/")[2]
    assert TABLE in asked(program, "/api/v1/devices")[2]
    portal_on.standby.stop()
    try:
        _served_all_the_same(client, program, device)
        monkeypatch.setattr(routing, "_answers", lambda: True)  # as if it were lost between two queries of a page
        _served_all_the_same(client, program, device)
        routing.standing.forget()
        assert client.get("/devices/").status_code == 200  # it looks, and nobody answers
    finally:
        portal_on.standby.start()
    monkeypatch.undo()
    portal_on.catch_up()
    routing.standing.forget()
    assert TABLE in asked(client, "/devices/")[2]


def _served_all_the_same(client: Client, program: Client, device: Device) -> None:
    calls = [(client, address) for address in pages_of(device)] + [(program, f"/api/v1/devices/{device.pk}")]
    for caller, address in calls:
        routing.standing.is_near, routing.standing._look_at = True, float("inf")  # as it was a moment ago
        with CaptureQueriesContext(connections["default"]) as primary:
            assert caller.get(address).status_code in {200, 302}, address
        assert any(TABLE in str(query["sql"]) for query in primary), address
        assert not routing.standing.is_near
