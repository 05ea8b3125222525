"""The DCC Service Status on screen: all of it for DCC's desk, and no trace of it for any User."""

import json
import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone

from inventory.actions.meter_points import notify_service_status
from inventory.duis.writing import duis_response
from inventory.models import AuditTrailEntry, Device, MeterPoint, ServiceStatusChange, ServiceStatusFile
from ssi.access.actor import Actor
from ssi.accounts.models import Person
from tests.architecture.urls import SAMPLES, every_address
from tests.factories.inventory import DeviceFactory, MeterPointFactory
from tests.factories.service_status import A, N, active_point, moved
from tests.inventory.duis import messages as duis
from tests.inventory.duis.applying import apply, register
from tests.personas import client_of
from tests.query_counts import counted
from tests.tokens import bearer

pytestmark = pytest.mark.django_db
USERS = ["gina", "vera", "aroha", "sunil", "adam", "ivan", "nils", "olu"]
"""Somebody of every User Role and Job Type Role."""
SAYS_WHO_SEES_IT = "/access/"
LIST = "/dcc-service-status/"
MPAN, OTHER_MPAN, MPRN = "2000007794886", "2000020479229", "3938424403"
NOT_THE_SAME_TWICE = re.compile(r"[A-Za-z0-9_-]{32,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|why-[0-9a-f]{8}")


@pytest.fixture
def desk(dana: Person) -> Client:
    return client_of(dana)


def notified() -> list[ServiceStatusFile]:
    return notify_service_status(by=Actor.system(), at=timezone.now())


def text_of(client: Client, address: str, **data: str) -> str:
    response = client.get(address, data)
    assert response.status_code == 200, response
    return str(response.content.decode())


# --- For DCC's desk -----------------------------------------------------------------------------


def test_nothing_yet_says_what_will_be(desk: Client) -> None:
    page = text_of(desk, LIST)
    assert "Nothing waits" in page
    assert "No file was made yet" in page


def test_what_waits_and_what_was_told(desk: Client, settings: pytest.MonkeyPatch) -> None:
    active_point(MPAN)
    _, gas = active_point(MPRN)
    page = text_of(desk, LIST)
    assert "MPAS of distributor 20" in page
    assert "Xoserve (gas)" in page
    notified()
    moved(gas, "decommission")
    settings.MP077_GAS = False  # type: ignore[attr-defined]  # pytest-django's
    page = text_of(desk, LIST)
    assert "N waits: its recipients are not told of it yet." in page
    assert 'href="/dcc-service-status/files/20/1.csv">20 000001</a>' in page
    assert ServiceStatusFile.objects.get(recipient="gas").sha256 in page


def test_a_file_is_handed_over_as_it_was_made(desk: Client) -> None:
    active_point(MPAN)
    notified()
    response = desk.get("/dcc-service-status/files/20/1.csv")
    assert response["Content-Disposition"] == 'attachment; filename="dcc-service-status-20-000001.csv"'
    assert response["Cache-Control"] == "no-store"
    assert response.content.startswith(b"H,DCC,Electricity,20,000001,")
    assert response.content.endswith(b"T,1\r\n")
    assert desk.get("/dcc-service-status/files/20/2.csv").status_code == 404
    assert desk.get("/dcc-service-status/files/gas/1.csv").status_code == 404


def test_a_meter_point_has_its_history(desk: Client) -> None:
    point, meter = active_point(MPAN)
    notified()
    moved(meter, "decommission")
    response = desk.get(LIST, {"mpxn": "20 0000 7794 886"})
    assert response["Location"] == f"/dcc-service-status/{MPAN}/"
    page = text_of(desk, response["Location"])
    assert "N: no Smart Meter is operated there any more" in page
    assert page.index("not told yet") < page.index("told in file 20 000001")
    assert f"/devices/?mpxn={point.mpxn}" in page
    unknown = text_of(desk, LIST, mpxn=MPRN)
    assert "The inventory knows no meter point 3938424403." in unknown
    assert "An MPAN has 13 digits" in text_of(desk, LIST, mpxn="12345678901")
    assert "It never changed." in text_of(desk, f"{LIST}{MeterPointFactory.create().mpxn}/")
    for absent in (MPRN, "nonsense"):
        assert desk.get(f"{LIST}{absent}/").status_code == 404


def test_the_device_page_shows_it_to_the_desk_alone(desk: Client, gina: Person) -> None:
    _, meter = active_point(MPAN)
    assert "A: a Smart Meter is operated there through DCC" in text_of(desk, meter.get_absolute_url())
    assert f'href="/dcc-service-status/{MPAN}/"' in text_of(desk, meter.get_absolute_url())
    assert "Service Status" not in text_of(client_of(gina), meter.get_absolute_url())


@pytest.mark.xdist_group("query_counts")
def test_pages_make_a_fixed_number_of_queries(desk: Client) -> None:
    for number in range(12):
        active_point(f"1{number:012d}")
    notified()
    _, meter = active_point(MPAN)
    notified()
    moved(meter, "decommission")
    desk.get("/devices/")
    for page, address in {
        "service status: list": LIST,
        "service status: history": f"{LIST}{MPAN}/",
        "service status: file": "/dcc-service-status/files/10/1.csv",
    }.items():
        with counted(page):
            assert desk.get(address).status_code == 200


# --- Never for Users ----------------------------------------------------------------------------


@pytest.fixture
def estate() -> list[Device]:
    """Return meters at meter points, of which nothing is known as yet."""
    return [
        DeviceFactory.create(import_meter_point=MeterPointFactory.create(mpxn=mpxn))
        for mpxn in (MPAN, OTHER_MPAN, MPRN)
    ]


def everything_seen(person: Person, devices: list[Device]) -> dict[str, str]:
    """Return every page and answer that `person` gets, without what differs at every showing."""
    browser, program, meter = client_of(person), Client(headers=bearer(person)), devices[0]
    seen: dict[str, str] = {}
    for address in every_address():
        url = address.url.replace(SAMPLES["eui64"], str(meter.pk))
        url = url.replace(f"dcc-service-status/{SAMPLES['str']}", f"dcc-service-status/{MPAN}")
        url = url.replace(f"files/{SAMPLES['str']}/{SAMPLES['int']}", "files/20/1")
        if url.startswith(("/sign-out", "/admin")):
            continue
        response = (program if url.startswith("/api/") else browser).get(url)
        content = b"".join(response) if response.streaming else response.content
        seen[url] = f"{response.status_code} {NOT_THE_SAME_TWICE.sub('', content.decode(errors='replace'))}"
    pasted = "\n".join([MPAN, MPRN, str(meter.pk)])
    for name, kind in (("lookup", {}), ("lookup file", {"csv": "1"})):
        response = browser.post("/devices/lookup/", {"identifiers": pasted} | kind)
        content = b"".join(response) if response.streaming else response.content
        seen[name] = NOT_THE_SAME_TWICE.sub("", content.decode())
    body = json.dumps({"identifiers": pasted.split()})
    answer = program.post("/api/v1/devices/lookup", body, content_type="application/json")
    seen["API lookup"] = answer.content.decode()
    for query in (f"?mpxn={MPAN}", f"?q={MPAN}", "?smi_status=Pending"):
        seen[query] = NOT_THE_SAME_TWICE.sub("", browser.get(f"/devices/{query}").content.decode())
    return seen


TELL_OF_TRIES = {"/uploads/security-events/", "/uploads/security-events/export.csv"}
"""They list the very walk that looks at every page."""


@pytest.mark.parametrize("name", USERS)
def test_no_user_sees_any_of_it_anywhere(name: str, estate: list[Device], request: pytest.FixtureRequest) -> None:
    person: Person = request.getfixturevalue(name)
    before = everything_seen(person, estate)
    for mpxn, status in ((MPAN, A), (OTHER_MPAN, N), (MPRN, N)):
        point = MeterPoint.objects.get(mpxn=mpxn)
        MeterPoint.objects.filter(pk=point.pk).update(dcc_service_status=status)
        ServiceStatusChange.objects.create(at=timezone.now(), meter_point=point, to_status=status, because="8.3")
    assert len(notified()) == 2
    ServiceStatusChange.objects.create(
        at=timezone.now(), meter_point=MeterPoint.objects.get(mpxn=MPAN), from_status=A, to_status=N, because="8.3"
    )
    after = everything_seen(person, estate)
    assert [page for page in before if before[page] != after[page] and page not in TELL_OF_TRIES] == []
    assert before.keys() == after.keys()
    said = re.compile(r"DCC Service Status|dcc.service.status|service_status", re.IGNORECASE)
    telling = [page for page, text in after.items() if said.search(text) and "dcc-service-status" not in page]
    assert set(telling) == {SAYS_WHO_SEES_IT}


def test_an_inventory_answer_and_its_audit_trail_say_nothing_of_it() -> None:
    register()
    _, meter = active_point(MPAN)
    asked = f"<sr:ReadInventory><sr:DeviceID>{meter.pk}</sr:DeviceID></sr:ReadInventory>"
    said = []
    for status in (A, N, None):
        MeterPoint.objects.filter(mpxn=MPAN).update(dcc_service_status=status)
        answer = apply(duis.request("8.2", asked))
        assert answer.response_code == "I0"
        xml = duis_response(answer, at=datetime(2026, 7, 1, tzinfo=UTC))
        kept = AuditTrailEntry.objects.latest("id")
        said.append((xml, answer.line("x"), kept.detail, kept.suggestion))
    assert said[0] == said[1] == said[2]
    assert b"ServiceStatus" not in (said[0][0] or b"")
