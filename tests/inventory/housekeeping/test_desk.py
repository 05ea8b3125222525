"""Housekeeping at the desk: rules with their reasons, runs with their numbers, and the simulation."""

import pytest
from django.test import Client

from inventory.actions import housekeeping
from inventory.actions.housekeeping.rules import DurationOutOfRange, NoReasonGiven, TypeHasNoStatus
from inventory.durations import Duration
from inventory.models import Device, HousekeepingRule
from inventory.models.choices import DeviceType
from inventory.search.housekeeping import durations_in_force
from ssi.access.actor import Actor
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.refusals import NotAllowed, Refusal
from tests.factories.housekeeping import due_device
from tests.personas import actor_of, client_of
from tests.query_counts import counted

pytestmark = pytest.mark.django_db
RULES = "/admin/inventory/housekeepingrule/"
RUNS = "/admin/inventory/housekeepingrun/"


@pytest.fixture
def desk(dana: Person) -> Client:
    return client_of(dana)


def text_of(desk: Client, address: str) -> str:
    response = desk.get(address)
    assert response.status_code == 200, response
    return response.content.decode()


def send(desk: Client, device_type: DeviceType, **fields: str) -> str:
    sent = {"months": "12", "because": "SEC Panel, 12 May 2026", "idempotency_key": "x"} | fields
    return desk.post(f"{RULES}{device_type.value}/change/", sent, follow=True).content.decode()


def test_all_eight_types_are_listed_without_a_row(desk: Client) -> None:
    page = text_of(desk, RULES)
    for each in DeviceType:
        assert each.duis in page
    assert page.count("12 months") == 4
    assert page.count("for ever: excluded") == 2
    assert page.count("never Pending: it has no SMI Status") == 2
    assert not HousekeepingRule.objects.exists()


def test_a_rule_is_changed_with_its_reason(desk: Client, dana: Person) -> None:
    send(desk, DeviceType.CHF, months="36")
    assert durations_in_force()[DeviceType.CHF] == Duration(36, False)
    event = AuditEvent.objects.get(event="housekeeping_rule.changed")
    assert (event.reference, event.person_email) == ("CHF", dana.email)
    assert event.detail == {
        "months_before": 12,
        "was_excluded": True,
        "months": 36,
        "is_excluded": False,
        "because": "SEC Panel, 12 May 2026",
    }
    assert "36 months" in text_of(desk, RULES)
    assert "SEC Panel, 12 May 2026" in text_of(desk, f"{RULES}{DeviceType.CHF.value}/history/")


def test_without_a_reason_nothing_changes(desk: Client) -> None:
    page = send(desk, DeviceType.ESME, months="24", because=" ")
    assert "A reason is missing." in page
    assert not HousekeepingRule.objects.exists()


@pytest.mark.parametrize("device_type", ["7", "8", "9", "4711", "ESME"])
def test_there_is_no_rule_of_what_is_never_pending(desk: Client, device_type: str) -> None:
    assert desk.get(f"{RULES}{device_type}/change/").status_code == 302


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"months": 0}, DurationOutOfRange),
        ({"months": 121}, DurationOutOfRange),
        ({"because": ""}, NoReasonGiven),
        ({"device_type": DeviceType.IHD}, TypeHasNoStatus),
    ],
)
def test_what_makes_no_sense_is_refused(facts: dict[str, object], refusal: type[Refusal]) -> None:
    given = {"device_type": DeviceType.ESME, "months": 12, "is_excluded": False, "because": "Panel"} | facts
    with pytest.raises(refusal):
        housekeeping.change_rule(**given, by=Actor.system())  # type: ignore[arg-type]


def test_users_change_no_rule(gina: Person) -> None:
    with pytest.raises(NotAllowed):
        housekeeping.change_rule(
            device_type=DeviceType.ESME, months=1, is_excluded=False, because="Ours", by=actor_of(gina)
        )


def test_runs_are_listed_with_whom_they_told(desk: Client) -> None:
    device = due_device()
    (run,) = housekeeping.run(by=Actor.system())
    assert f"{RUNS}simulate/" in text_of(desk, RUNS)
    page = text_of(desk, f"{RUNS}{run.pk}/change/")
    assert device.notified_by is not None
    assert f"{device.notified_by.party.name}: 1" in page
    assert run.notices.get().reference in page


def test_the_desk_simulates_a_run(desk: Client) -> None:
    assert "Nothing is due" in text_of(desk, f"{RUNS}simulate/")
    due_device(), due_device(device_type=DeviceType.GSME)
    page = text_of(desk, f"{RUNS}simulate/")
    assert "would remove 2 devices; 0 are held. Nothing was changed." in page
    assert Device.objects.count() == 2


def test_the_pages_make_a_fixed_number_of_queries(desk: Client) -> None:
    due_device(), due_device()
    with counted("desk: housekeeping rules"):
        desk.get(RULES)
    with counted("desk: housekeeping simulation"):
        desk.get(f"{RUNS}simulate/")
