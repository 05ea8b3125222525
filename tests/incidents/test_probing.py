"""A prober learns nothing from answers but what the inventory shows it anyway.

What it is told of a device is the same, word for word, whatever other parties have asked for it; a request of
others is like one that never was; and what a refusal says of a device stands in the inventory's own answer.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone

from incidents.actions import install_code_requests as actions
from incidents.models import InstallCodeRequest
from incidents.models.choices import DeclineReason, Outcome
from inventory.models import Device
from inventory.models.choices import DeviceType, SmiStatus
from ssi.accounts.models import Person
from tests.factories.accounts import UserIdFactory
from tests.factories.batches import checked, raised_in_bulk
from tests.factories.incidents import answered, device_of, raised
from tests.factories.inventory import DeviceFactory
from tests.incidents.browsing import RAISE
from tests.incidents.calling import ROOT
from tests.personas import actor_of, client_of
from tests.tokens import bearer

pytestmark = pytest.mark.django_db

UNKNOWN_DEVICE = "1E-5A-77-77-77-77-77-77"
UNKNOWN_REQUEST = "INC999999999999"
Story = Callable[[Device, Person, Person], Any]


@pytest.fixture(autouse=True)
def stopped_clock() -> Iterator[None]:
    """Stop the clock, so that two answers cannot differ by when they were given."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


def said(response: Any) -> tuple[int, str]:
    """Return an answer's status and words, without what differs between any two answers."""
    body = b"".join(response).decode()
    body = re.sub(r'name="(csrfmiddlewaretoken|idempotency_key)" value="[^"]*"', "", body)
    body = re.sub(r"INC[0-9]{12}", "INC", re.sub(r"why-[0-9a-f]{8}", "why", body))
    return response.status_code, re.sub(r"\s+", " ", body)


def without_effect(probe: Callable[[], Any]) -> tuple[int, str]:
    """Return what a probe is told, and undo what it did."""
    with transaction.atomic():
        answer = said(probe())
        transaction.set_rollback(True)
    return answer


def probes(prober: Person, device_id: str) -> dict[str, tuple[int, str]]:
    """Return all that `prober` is told when it asks in every way about a device."""
    program, browser = Client(headers=bearer(prober)), client_of(prober)
    body = json.dumps({"device_id": device_id})
    form = {"device_id": device_id, "responsible": "on", "idempotency_key": "9d8bbd46-64a7-4b0c-8f8d-38a5f80ab9c2"}
    return {
        "raise by API": without_effect(lambda: program.post(ROOT, body, content_type="application/json")),
        "device by API": said(program.get(f"/api/v1/devices/{device_id}")),
        "list by API": said(program.get(ROOT)),
        "device page": said(browser.get(f"/devices/{device_id}/")),
        "raise page": said(browser.get(f"{RAISE}?device_id={device_id}")),
        "check page": without_effect(lambda: browser.post(RAISE, form)),
        "raise on screen": without_effect(lambda: browser.post(RAISE, {**form, "step": "send"}, follow=True)),
        "search": said(browser.get(f"/devices/?q={device_id}")),
        "lists": said(browser.get("/install-code-requests/")),
        "incidents": said(browser.get("/incidents/")),
        "export": said(browser.get("/install-code-requests/export/")),
        "home": said(browser.get("/")),
    }


# --- What others asked ---------------------------------------------------------------------------------------


def open_one(device: Device, by: Person, installer: Person) -> InstallCodeRequest:
    return actions.raise_one(device_id=device.device_id, by=actor_of(by))


def answered_one(device: Device, by: Person, installer: Person) -> InstallCodeRequest:
    return answered(open_one(device, by, installer), by=actor_of(installer))


def closed_one(device: Device, by: Person, installer: Person) -> None:
    request = answered_one(device, by, installer)
    actions.close(reference=request.reference, outcome=Outcome.WORKED, by=actor_of(by))


def declined_one(device: Device, by: Person, installer: Person) -> None:
    reason = DeclineReason.NOT_OUR_PRENOTIFICATION
    actions.decline(reference=open_one(device, by, installer).reference, reason=reason, by=actor_of(installer))


STORIES = [open_one, answered_one, closed_one, declined_one]


@pytest.mark.parametrize(
    ("prober", "story"),
    [*(("gina", story) for story in STORIES), *((prober, answered_one) for prober in ("vera", "nils", "olu"))],
)
def test_what_others_asked_changes_no_answer(
    prober: str, story: Story, ivan: Person, rhea: Person, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(prober)
    device = device_of(ivan)
    before = probes(person, str(device.device_id))
    story(device, rhea, ivan)
    assert probes(person, str(device.device_id)) == before


def test_the_probes_do_ask(gina: Person, ivan: Person) -> None:
    told = probes(gina, str(device_of(ivan).device_id))
    assert told.pop("raise by API")[0] == 201
    assert {status for status, _ in told.values()} <= {200, 302}
    assert "What happens next" in told["raise on screen"][1]
    assert "Brightgrid Supply pre-notified this device" in told["check page"][1]
    assert not InstallCodeRequest.objects.exists()


@pytest.mark.parametrize("status", [each for each in SmiStatus if each is not SmiStatus.PENDING])
def test_what_others_asked_changes_no_refusal(gina: Person, ivan: Person, rhea: Person, status: SmiStatus) -> None:
    device = device_of(ivan)
    twin = device_of(ivan, device_id=str(device.device_id)[:-2] + "FF", smi_status=status)
    open_one(device, rhea, ivan)
    Device.objects.filter(pk=device.pk).update(smi_status=status)
    asked, never_asked = (probes(gina, str(each.device_id)) for each in (device, twin))
    hidden = {str(device.device_id): "DEVICE", str(twin.device_id): "DEVICE"}
    for probe in ("raise by API", "raise page", "check page"):
        assert _renamed(asked[probe], hidden) == _renamed(never_asked[probe], hidden)


@pytest.mark.parametrize("story", STORIES)
def test_what_others_asked_changes_no_list(gina: Person, ivan: Person, rhea: Person, story: Story) -> None:
    asked_for, never = device_of(ivan), device_of(ivan)
    story(asked_for, rhea, ivan)
    program, browser = Client(headers=bearer(gina)), client_of(gina)

    def told(device: Device) -> list[tuple[int, str]]:
        given = [device.device_id, device_of(ivan, smi_status=SmiStatus.COMMISSIONED).device_id]
        job = checked(gina, [given[0], UNKNOWN_DEVICE])
        answers = [program.get(f"{ROOT}/batches/{job.reference}"), browser.get(job.get_absolute_url())]
        answers.append(program.get(f"{ROOT}/batches/{raised_in_bulk(gina, given).reference}"))
        return [_renamed(said(each), dict.fromkeys(map(str, given), "DEVICE")) for each in answers]

    assert told(asked_for) == (answers := told(never))
    assert [status for status, _ in answers] == [200, 200, 200]


def test_device_that_left_the_inventory_is_unknown_whoever_asked_for_it(
    gina: Person, ivan: Person, rhea: Person
) -> None:
    device = device_of(ivan)
    device_id = str(device.device_id)
    open_one(device, rhea, ivan)
    device.delete()
    gone, unknown = probes(gina, device_id), probes(gina, UNKNOWN_DEVICE)
    hidden = {device_id: "DEVICE", UNKNOWN_DEVICE: "DEVICE"}
    assert {probe: _renamed(answer, hidden) for probe, answer in gone.items()} == {
        probe: _renamed(answer, hidden) for probe, answer in unknown.items()
    }


def _renamed(answer: tuple[int, str], names: dict[str, str]) -> tuple[int, str]:
    status, body = answer
    for name, instead in names.items():
        body = body.replace(name, instead).replace(name.replace("-", ""), instead)
    return status, body


def test_own_party_alone_is_told_of_its_own_open_request(gina: Person, ivan: Person, rhea: Person) -> None:
    """The one answer that does depend on requests is about one's own."""
    device = device_of(ivan)
    own = open_one(device, gina, ivan)
    assert own.reference in b"".join(client_of(gina).get(f"/devices/{device.pk}/")).decode()
    assert own.reference not in b"".join(client_of(rhea).get(f"/devices/{device.pk}/")).decode()
    body = json.dumps({"device_id": str(device.pk)})
    assert Client(headers=bearer(rhea)).post(ROOT, body, content_type="application/json").status_code == 201


# --- What a refusal says stands in the inventory -------------------------------------------------------------


def asked_by_api(prober: Person, device_id: str) -> Any:
    body = json.dumps({"device_id": device_id})
    return Client(headers=bearer(prober)).post(ROOT, body, content_type="application/json")


def known_by_api(prober: Person, device_id: str) -> Any:
    return Client(headers=bearer(prober)).get(f"/api/v1/devices/{device_id}")


def test_unknown_device_is_unknown_to_the_inventory_as_well(gina: Person) -> None:
    assert asked_by_api(gina, UNKNOWN_DEVICE).status_code == 404
    assert known_by_api(gina, UNKNOWN_DEVICE).status_code == 404


@pytest.mark.parametrize("status", [SmiStatus.COMMISSIONED, SmiStatus.SUSPENDED, SmiStatus.WITHDRAWN])
def test_refused_status_is_the_one_that_the_inventory_shows(gina: Person, ivan: Person, status: SmiStatus) -> None:
    device = device_of(ivan, smi_status=status)
    refusal = asked_by_api(gina, str(device.pk)).json()
    shown = known_by_api(gina, str(device.pk)).json()
    assert shown["smi_status"] == status.duis
    assert refusal["detail"] == f"{device.pk} is {status.duis}, so its install code cannot be asked for."


@pytest.mark.parametrize("device_type", [DeviceType.IHD, DeviceType.CAD])
def test_refused_type_is_the_one_that_the_inventory_shows(
    gina: Person, ivan: Person, device_type: DeviceType
) -> None:
    device = device_of(ivan, device_type=device_type)
    assert known_by_api(gina, str(device.pk)).json()["device_type"] == device_type.duis
    assert device_type.duis in asked_by_api(gina, str(device.pk)).json()["detail"]


def test_who_is_asked_is_whom_the_inventory_names(gina: Person, ivan: Person) -> None:
    device = device_of(ivan)
    shown = known_by_api(gina, str(device.pk)).json()["notified_by"]
    answer = asked_by_api(gina, str(device.pk)).json()
    assert answer["assigned_to"] == shown
    nobody = DeviceFactory.create(notified_by=None, notified_at=None)
    assert known_by_api(gina, str(nobody.pk)).json()["notified_by"] is None
    assert asked_by_api(gina, str(nobody.pk)).json()["assigned_to"] is None


def test_foreign_device_is_as_visible_as_ones_own(gina: Person, ivan: Person) -> None:
    """Which party pre-notified a device decides who is asked, not whether one is told of it."""
    for notified_by in (UserIdFactory.create(), None):
        device = DeviceFactory.create(notified_by=notified_by)
        assert known_by_api(gina, str(device.pk)).status_code == 200
        assert asked_by_api(gina, str(device.pk)).status_code == 201


# --- Requests of others are like none ------------------------------------------------------------------------

MOVES = {
    "answer": {"install_code": "83FED3407A939723A5C639B26916D505C3B5"},
    "decline": {"reason": "code_lost"},
    "reveal": {"reason": "To commission it."},
    "notes": {"text": "Hello."},
    "close": {"outcome": "worked"},
    "withdraw": {"reason": "Not needed."},
}
PAGES = ("", *(f"{verb}/" for verb in MOVES), "reroute/", "unlock/", "done/raise/", "done/answer/")


def of_unknown_and_foreign(tell: Callable[[str], Any], reference: str) -> tuple[Any, Any]:
    unknown, foreign = said(tell(UNKNOWN_REQUEST)), said(tell(reference))
    return unknown, foreign


@pytest.mark.parametrize(
    ("prober", "story"),
    [
        ("gina", open_one),
        ("gina", answered_one),
        ("vera", answered_one),
        ("nils", answered_one),
        ("olu", answered_one),
        ("aroha", answered_one),
    ],
)
def test_request_of_others_is_like_one_that_never_was(
    prober: str, story: Story, ivan: Person, rhea: Person, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(prober)
    foreign = story(device_of(ivan), rhea, ivan).reference
    program, browser = Client(headers=bearer(person, can_reveal=True)), client_of(person)

    def pairs() -> Iterator[tuple[Any, Any]]:
        yield of_unknown_and_foreign(lambda reference: program.get(f"{ROOT}/{reference}"), foreign)
        for verb, body in MOVES.items():
            sent = json.dumps(body)
            yield of_unknown_and_foreign(
                lambda reference, verb=verb, sent=sent: program.post(  # type: ignore[misc]  # bound at once
                    f"{ROOT}/{reference}/{verb}", sent, content_type="application/json"
                ),
                foreign,
            )
        for page in PAGES:
            for call in (browser.get, browser.post):
                yield of_unknown_and_foreign(
                    lambda reference, page=page, call=call: call(f"/incidents/{reference}/{page}"),  # type: ignore[misc]
                    foreign,
                )
        yield of_unknown_and_foreign(lambda reference: browser.get(f"/devices/?q={reference}"), foreign)

    for unknown, told in pairs():
        assert told == unknown
        assert told[0] in {302, 403, 404, 405}


def test_others_requests_move_no_number(gina: Person, ivan: Person, rhea: Person) -> None:
    """No count, no cursor and no order tells how much others ask."""
    mine = [raised(gina, ivan) for _ in range(2)]
    program = Client(headers=bearer(gina))
    before = program.get(f"{ROOT}?limit=1").json()
    for _ in range(5):
        raised(rhea, ivan)
    after = program.get(f"{ROOT}?limit=1").json()
    assert after["items"] == before["items"]
    assert len(after["next_cursor"]) == len(before["next_cursor"])  # sealed, each time anew
    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
        third = raised(gina, ivan)
    references = [each["reference"] for each in program.get(ROOT).json()["items"]]
    assert references == [third.reference, mine[1].reference, mine[0].reference]
