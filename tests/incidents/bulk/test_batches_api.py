"""Lists of devices through the API: what outside programs rely on."""

import json
from typing import Any

import pytest
from django.test import Client

from incidents.models import BulkJob, BulkRow, InstallCodeRequest
from inventory.models.choices import SmiStatus
from ssi.accounts.models import Party, Person
from ssi.audit.models import AuditEvent
from tests.factories.accounts import PersonFactory, RoleGrantFactory, UserIdFactory
from tests.factories.batches import worked_off
from tests.factories.incidents import CODE_WITH_CRC, device_of, raised
from tests.incidents.calling import ROOT, problem, send
from tests.personas import actor_of
from tests.tokens import bearer

pytestmark = pytest.mark.django_db
UNKNOWN = "1E-5A-FF-00-00-00-00-01"
NOTHING_YET = {"given": 0, "acceptable": 0, "refused": 0, "created": 0}


def sent(program: Client, device_ids: list[str], *, confirm: bool = False, **headers: str) -> dict[str, Any]:
    response = send(program, "/batches", {"device_ids": device_ids, "confirm": confirm}, **headers)
    assert response.status_code == 202, response.content
    answer: dict[str, Any] = response.json()
    assert set(answer) == {"batch", "state", "counts", "refused"}
    assert set(answer["counts"]) == {"given", "acceptable", "refused", "created"}
    return answer


def got(program: Client, batch: str) -> dict[str, Any]:
    response = program.get(f"{ROOT}/batches/{batch}")
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = response.json()
    return answer


def work() -> None:
    """Do what the workers would."""
    for job in BulkJob.objects.order_by("pk"):
        worked_off(job)


def devices(installer: Person, many: int) -> list[str]:
    return [str(device_of(installer).device_id) for _ in range(many)]


def test_a_list_is_checked_and_waits(northlight: Client, ivan: Person) -> None:
    good = devices(ivan, 2)
    answer = sent(northlight, [*good, UNKNOWN])
    assert answer["state"] == "checking"
    assert answer["counts"] == NOTHING_YET | {"given": 3}
    assert answer["refused"] == []
    work()
    checked = got(northlight, answer["batch"])
    assert checked["state"] == "checked"
    assert checked["counts"] == {"given": 3, "acceptable": 2, "refused": 1, "created": 0}
    assert checked["refused"] == [
        {
            "device_id": UNKNOWN,
            "message": f"{UNKNOWN} is not in the Smart Metering Inventory.",
            "suggestion": "Check the Device ID on the label. If it is right, ask whoever installed the device to "
            "pre-notify it.",
        }
    ]
    assert not InstallCodeRequest.objects.exists()


def test_a_confirmed_list_goes_on_by_itself(northlight: Client, ivan: Person) -> None:
    answer = sent(northlight, [*devices(ivan, 3), UNKNOWN], confirm=True)
    work()
    done = got(northlight, answer["batch"])
    assert done["state"] == "done"
    assert done["counts"] == {"given": 4, "acceptable": 3, "refused": 1, "created": 3}
    assert [each["device_id"] for each in done["refused"]] == [UNKNOWN]
    listed = northlight.get(f"{ROOT}?side=raised").json()["items"]
    assert len(listed) == 3


def test_the_same_list_again_is_the_same_batch(northlight: Client, ivan: Person) -> None:
    given = devices(ivan, 3)
    first = sent(northlight, given)
    spelt_otherwise = [each.replace("-", "").lower() for each in reversed(given)]
    assert sent(northlight, spelt_otherwise)["batch"] == first["batch"]
    work()
    assert sent(northlight, given)["state"] == "checked"
    confirmed = sent(northlight, given, confirm=True)
    assert (confirmed["batch"], confirmed["state"]) == (first["batch"], "running")
    work()
    again = sent(northlight, given, confirm=True)
    assert (again["batch"], again["state"], again["counts"]["created"]) == (first["batch"], "done", 3)
    work()
    assert InstallCodeRequest.objects.count() == 3


def test_a_list_confirmed_while_it_is_checked_goes_on_by_itself(northlight: Client, ivan: Person) -> None:
    given = devices(ivan, 2)
    batch = sent(northlight, given)["batch"]
    assert sent(northlight, given, confirm=True)["state"] == "checking"
    work()
    assert got(northlight, batch)["state"] == "done"


def test_the_same_key_gives_the_same_answer(northlight: Client, ivan: Person) -> None:
    given = devices(ivan, 2)
    first = sent(northlight, given, confirm=True, **{"Idempotency-Key": "one"})
    work()
    assert sent(northlight, given, confirm=True, **{"Idempotency-Key": "one"}) == first
    problem(send(northlight, "/batches", {"device_ids": given[:1]}, **{"Idempotency-Key": "one"}), 422)


def test_every_refused_entry_says_why(northlight: Client, gina: Person, ivan: Person) -> None:
    commissioned = device_of(ivan, smi_status=SmiStatus.COMMISSIONED)
    already = raised(gina, ivan)
    mine = str(already.device_id)
    good = str(device_of(ivan).device_id)
    given = [UNKNOWN, str(commissioned.device_id), mine, "nonsense", "", good, good.lower(), CODE_WITH_CRC]
    answer = sent(northlight, given)
    work()
    refused = got(northlight, answer["batch"])["refused"]
    assert [each["device_id"] for each in refused] == [
        UNKNOWN,
        str(commissioned.device_id),
        mine,
        "nonsense",
        "",
        good,
        "(holds an install code: not kept)",
    ]
    messages = [each["message"] for each in refused]
    assert "is Commissioned" in messages[1]
    assert already.reference in messages[2]
    assert "Not a Device ID" in messages[3]
    assert "nothing was given" in messages[4]
    assert "line 6" in messages[5]
    assert "install code" in messages[6]
    assert all(each["suggestion"] for each in refused)
    assert CODE_WITH_CRC not in json.dumps(list(BulkRow.objects.values("given", "fact", "detail")))


def test_what_is_too_long_is_shown_shortened(northlight: Client) -> None:
    batch = sent(northlight, ["z" * 500])["batch"]
    work()
    assert got(northlight, batch)["refused"][0]["device_id"] == "z" * 63 + "…"


@pytest.mark.parametrize("device_ids", [[], [UNKNOWN] * 50_001, "no list", [1], None])
def test_an_ill_formed_list_is_refused_as_a_whole(northlight: Client, device_ids: object) -> None:
    problem(send(northlight, "/batches", {"device_ids": device_ids}), 422)
    assert not BulkJob.objects.exists()


def test_others_batches_do_not_exist(northlight: Client, brightgrid: Client, ivan: Person, rhea: Person) -> None:
    batch = sent(northlight, devices(ivan, 1), confirm=True)["batch"]
    work()
    refused = [
        problem(program.get(f"{ROOT}/batches/{reference}"), 404)["title"]
        for program in (brightgrid, Client(headers=bearer(rhea)))
        for reference in (batch, "INC000000000000")
    ]
    assert len(set(refused)) == 1


def test_another_user_id_of_the_party_has_batches_of_its_own(
    northlight: Client, gina: Person, ivan: Person
) -> None:
    other = UserIdFactory.create(party=Party.objects.get(pk=actor_of(gina).user.party_id))
    colleague = PersonFactory.create(party=other.party)
    RoleGrantFactory.create(person=colleague, acting_for=other)
    theirs, given = Client(headers=bearer(colleague)), devices(ivan, 1)
    first, second = sent(northlight, given, confirm=True), sent(theirs, given, confirm=True)
    assert first["batch"] != second["batch"]
    work()
    assert got(theirs, second["batch"])["counts"]["created"] == 0
    assert InstallCodeRequest.objects.count() == 1
    problem(northlight.get(f"{ROOT}/batches/{second['batch']}"), 404)


@pytest.mark.parametrize("who", ["vera", "nils", "dana"])
def test_who_may_not_raise_sends_no_list(who: str, request: pytest.FixtureRequest) -> None:
    program = Client(headers=bearer(request.getfixturevalue(who)))
    problem(send(program, "/batches", {"device_ids": [UNKNOWN]}), 403)
    problem(program.get(f"{ROOT}/batches/INC000000000000"), 403)
    assert not BulkJob.objects.exists()


def test_a_list_above_the_quota_stays_checked_and_says_why_when_confirmed(
    northlight: Client, gina: Person, ivan: Person
) -> None:
    Party.objects.filter(pk=actor_of(gina).user.party_id).update(requests_per_day=2)
    given = devices(ivan, 3)
    batch = sent(northlight, given, confirm=True)["batch"]
    work()
    assert got(northlight, batch)["state"] == "checked"
    told = problem(send(northlight, "/batches", {"device_ids": given, "confirm": True}), 429)
    assert "2 left today" in told["detail"]
    Party.objects.filter(pk=actor_of(gina).user.party_id).update(requests_per_day=3)
    assert sent(northlight, given, confirm=True)["state"] == "running"
    work()
    assert got(northlight, batch)["counts"]["created"] == 3


def test_the_log_tells_who_raised_each_request(northlight: Client, gina: Person, ivan: Person) -> None:
    sent(northlight, devices(ivan, 2), confirm=True)
    work()
    for request in InstallCodeRequest.objects.all():
        event = AuditEvent.objects.get(event="install_code_request.raised", reference=request.reference)
        assert (event.person_email, event.via) == (gina.email, "bulk")
        assert event.detail == {"device_id": str(request.device_id)}
