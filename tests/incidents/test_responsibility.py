"""The later check of the raiser's claim: confirmed, contradicted or unchecked, as registration data have it."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from incidents import jobs
from incidents.actions import install_code_requests as actions
from incidents.actions import responsibility
from incidents.models import Contradiction, InstallCodeRequest
from incidents.models.choices import Responsibility
from inventory.models import Device, MeterPoint, Registration
from inventory.models.choices import DeviceType, RegistrationKind
from ssi.access.actor import Actor
from ssi.accounts.actions import parties, successions
from ssi.accounts.models import Person, UserId
from ssi.accounts.models.succession import TakenOverBecause
from ssi.audit.models import AuditEvent
from ssi.celery import collect_schedule
from ssi.notifications.models import OutboxMessage
from tests.factories.accounts import UserIdFactory
from tests.factories.incidents import device_of
from tests.factories.inventory import MeterPointFactory
from tests.factories.registrations import RegistrationFactory, day
from tests.incidents.browsing import text_of
from tests.personas import actor_of, client_of
from tests.tokens import bearer

pytestmark = pytest.mark.django_db

CONFIRMED, CONTRADICTED, UNCHECKED = (
    Responsibility.CONFIRMED,
    Responsibility.CONTRADICTED,
    Responsibility.UNCHECKED,
)
MPRN = "3938424403"


@pytest.fixture
def point(db: None) -> MeterPoint:
    return MeterPointFactory.create()


def of(person: Person) -> UserId:
    return UserId.objects.get(pk=actor_of(person).user.user_id)


def raise_for(device: Device, by: Person, *, days_ago: int = 0, **facts: Any) -> InstallCodeRequest:
    request = actions.raise_one(device_id=device.device_id, by=actor_of(by), **facts)
    InstallCodeRequest.objects.filter(pk=request.pk).update(created_at=timezone.now() - timedelta(days=days_ago))
    return request


def verdict(request: InstallCodeRequest) -> str:
    responsibility.check()
    return InstallCodeRequest.objects.get(pk=request.pk).responsibility


# --- Verdicts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("from_date", "to_date", "expected"),
    [
        (-365, None, CONFIRMED),  # the supplier already
        (10, None, CONFIRMED),  # agreed
        (30, None, CONFIRMED),  # agreed, on the last day that counts
        (31, None, UNCHECKED),  # too late to count
        (-365, -1, UNCHECKED),  # lost the day before it asked
        (-365, 0, CONFIRMED),  # its last day
    ],
)
def test_raiser_is_or_becomes_the_supplier(
    gina: Person, ivan: Person, point: MeterPoint, from_date: int, to_date: int | None, expected: str
) -> None:
    request = raise_for(device_of(ivan, import_meter_point=point), gina)
    ends = None if to_date is None else day(to_date)
    RegistrationFactory.create(meter_point=point, user_id=of(gina), from_date=day(from_date), to_date=ends)
    assert verdict(request) == expected


def test_another_supplier_and_no_agreed_registration_contradict(
    gina: Person, ivan: Person, point: MeterPoint
) -> None:
    request = raise_for(device_of(ivan, import_meter_point=point), gina)
    RegistrationFactory.create(meter_point=point)
    assert verdict(request) == CONTRADICTED
    assert Contradiction.objects.get().request == request


def test_gain_agreed_beside_the_old_supplier_confirms(gina: Person, ivan: Person, point: MeterPoint) -> None:
    request = raise_for(device_of(ivan, import_meter_point=point), gina)
    RegistrationFactory.create(meter_point=point, to_date=day(9))
    RegistrationFactory.create(meter_point=point, user_id=of(gina), from_date=day(10))
    assert verdict(request) == CONFIRMED


def test_thirty_days_count_from_the_raising(gina: Person, ivan: Person, point: MeterPoint) -> None:
    request = raise_for(device_of(ivan, import_meter_point=point), gina, days_ago=60)
    RegistrationFactory.create(meter_point=point, to_date=day(-21))
    gained = RegistrationFactory.create(meter_point=point, user_id=of(gina), from_date=day(-20))
    assert verdict(request) == CONTRADICTED
    Registration.objects.filter(pk=gained.pk).update(from_date=day(-30))
    assert verdict(request) == CONFIRMED


def test_without_any_registration_nothing_is_known(gina: Person, ivan: Person, point: MeterPoint) -> None:
    known, given, nothing = (
        raise_for(device_of(ivan, import_meter_point=point), gina),
        raise_for(device_of(ivan), gina, mpxn=MeterPointFactory.create().mpxn),
        raise_for(device_of(ivan), gina),
    )
    assert [verdict(each) for each in (known, given, nothing)] == [UNCHECKED] * 3
    assert not AuditEvent.objects.filter(event__startswith="install_code_request.claim_").exists()


def test_given_mpxn_counts_where_the_inventory_knows_none(gina: Person, ivan: Person, point: MeterPoint) -> None:
    request = raise_for(device_of(ivan), gina, mpxn=point.mpxn)
    RegistrationFactory.create(meter_point=point, user_id=of(gina))
    assert verdict(request) == CONFIRMED


def test_given_mpxn_of_ones_own_customer_does_not_cover_another_home(
    gina: Person, ivan: Person, point: MeterPoint
) -> None:
    own = RegistrationFactory.create(user_id=of(gina)).meter_point
    request = raise_for(device_of(ivan, import_meter_point=point), gina, mpxn=own.mpxn)
    RegistrationFactory.create(meter_point=point)
    assert verdict(request) == CONTRADICTED


def test_other_user_ids_of_the_party_count(gina: Person, ivan: Person, point: MeterPoint) -> None:
    request = raise_for(device_of(ivan, import_meter_point=point), gina)
    RegistrationFactory.create(meter_point=point, user_id=UserIdFactory.create(party=gina.party))
    assert verdict(request) == CONFIRMED


def test_user_ids_taken_over_count(gina: Person, ivan: Person, point: MeterPoint) -> None:
    request = raise_for(device_of(ivan, import_meter_point=point), gina)
    registration = RegistrationFactory.create(meter_point=point)
    assert verdict(request) == CONTRADICTED
    parties.mark_left(party_id=registration.user_id.party_id, left_date=day(0), by=Actor.system())
    successions.enter(
        eui=registration.user_id.eui,
        successor=of(gina).eui,
        from_date=date(2026, 1, 1),
        because=TakenOverBecause.SUPPLIER_OF_LAST_RESORT,
        by=Actor.system(),
    )
    assert verdict(request) == CONFIRMED


@pytest.mark.parametrize(
    ("device_type", "kind", "expected"),
    [
        (DeviceType.ESME, RegistrationKind.IMPORT_SUPPLIER, CONFIRMED),
        (DeviceType.ESME, RegistrationKind.EXPORT_SUPPLIER, UNCHECKED),
        (DeviceType.ESME, RegistrationKind.ELECTRICITY_DISTRIBUTOR, UNCHECKED),
        (DeviceType.HCALCS, RegistrationKind.IMPORT_SUPPLIER, CONFIRMED),
        (DeviceType.HCALCS, RegistrationKind.GAS_SUPPLIER, UNCHECKED),
        (DeviceType.GSME, RegistrationKind.GAS_SUPPLIER, CONFIRMED),
        (DeviceType.GSME, RegistrationKind.GAS_TRANSPORTER, UNCHECKED),
        (DeviceType.GSME, RegistrationKind.IMPORT_SUPPLIER, UNCHECKED),
        (DeviceType.PPMID, RegistrationKind.GAS_SUPPLIER, CONFIRMED),
        (DeviceType.PPMID, RegistrationKind.IMPORT_SUPPLIER, CONFIRMED),
        (DeviceType.CHF, RegistrationKind.IMPORT_SUPPLIER, CONFIRMED),
        (DeviceType.GPF, RegistrationKind.IMPORT_SUPPLIER, UNCHECKED),
    ],
)
def test_the_supplier_of_the_devices_fuel_counts(
    gina: Person, ivan: Person, device_type: DeviceType, kind: RegistrationKind, expected: str
) -> None:
    gas = kind in {RegistrationKind.GAS_SUPPLIER, RegistrationKind.GAS_TRANSPORTER}
    point = MeterPointFactory.create(**{"mpxn": MPRN} if gas else {})
    request = raise_for(device_of(ivan, device_type=device_type), gina, mpxn=point.mpxn)
    RegistrationFactory.create(meter_point=point, user_id=of(gina), kind=kind)
    assert verdict(request) == expected


def test_requests_older_than_ninety_days_are_left_alone(gina: Person, ivan: Person, point: MeterPoint) -> None:
    request = raise_for(device_of(ivan, import_meter_point=point), gina, days_ago=91)
    RegistrationFactory.create(meter_point=point)
    assert verdict(request) == UNCHECKED


def test_device_that_left_the_inventory_is_judged_by_the_mpxn_given(
    gina: Person, ivan: Person, point: MeterPoint
) -> None:
    device = device_of(ivan)
    request = raise_for(device, gina, mpxn=point.mpxn)
    device.delete()
    RegistrationFactory.create(meter_point=point, user_id=of(gina))
    assert verdict(request) == CONFIRMED


# --- Running it again, in batches -------------------------------------------------------------------------------


def test_later_data_bear_a_claim_out(gina: Person, ivan: Person, point: MeterPoint) -> None:
    request = raise_for(device_of(ivan, import_meter_point=point), gina)
    RegistrationFactory.create(meter_point=point, to_date=day(4))
    assert verdict(request) == CONTRADICTED
    RegistrationFactory.create(meter_point=point, user_id=of(gina), from_date=day(5))
    assert verdict(request) == CONFIRMED
    assert not Contradiction.objects.exists()
    events = AuditEvent.objects.filter(reference=request.reference, event__contains="claim").order_by("id")
    assert [each.event.split("_claim_")[-1].split(".")[-1] for each in events] == [
        "claim_contradicted",
        "claim_no_longer_contradicted",
    ]


def test_all_batches_are_checked_with_few_queries(
    gina: Person,
    ivan: Person,
    point: MeterPoint,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: Any,
) -> None:
    requests = [raise_for(device_of(ivan, import_meter_point=point), gina) for _ in range(7)]
    RegistrationFactory.create(meter_point=point)
    with django_assert_max_num_queries(20):
        assert responsibility.check() == {CONTRADICTED: 7}
    InstallCodeRequest.objects.update(responsibility=UNCHECKED)
    Contradiction.objects.all().delete()
    monkeypatch.setattr(responsibility, "BATCH", 2)
    assert responsibility.check() == {CONTRADICTED: 7}
    assert Contradiction.objects.count() == len(requests)
    assert responsibility.check() == {}


# --- The e-mail to the desk -------------------------------------------------------------------------------------


def told(dana: Person) -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(recipient=dana.email).order_by("pk"))


def test_the_desk_gets_one_email_a_day_that_names_each_request_once(
    gina: Person, ivan: Person, dana: Person, point: MeterPoint
) -> None:
    RegistrationFactory.create(meter_point=point)
    first, second = (raise_for(device_of(ivan, import_meter_point=point), gina) for _ in range(2))
    now = timezone.localtime().replace(hour=12)
    responsibility.check(now)
    responsibility.check(now)
    [email] = told(dana)
    assert email.subject == "Install codes: 2 requests contradicted by registration data"
    assert first.reference in email.text
    assert second.reference in email.text
    assert "Northlight" not in email.text
    third = raise_for(device_of(ivan, import_meter_point=point), gina)
    responsibility.check(now + timedelta(minutes=1))
    assert len(told(dana)) == 1
    responsibility.check(now + timedelta(days=1))
    emails = told(dana)
    assert len(emails) == 2
    assert third.reference in emails[1].text
    assert first.reference not in emails[1].text


def test_nothing_contradicted_no_email(gina: Person, ivan: Person, dana: Person, point: MeterPoint) -> None:
    raise_for(device_of(ivan, import_meter_point=point), gina)
    RegistrationFactory.create(meter_point=point, user_id=of(gina))
    responsibility.check()
    assert told(dana) == []


def test_command_says_what_changed(
    gina: Person, ivan: Person, point: MeterPoint, capsys: pytest.CaptureFixture[str]
) -> None:
    raise_for(device_of(ivan, import_meter_point=point), gina)
    RegistrationFactory.create(meter_point=point)
    call_command("check_responsibility")
    assert capsys.readouterr().out == "Changed: 0 confirmed, 1 contradicted, 0 unchecked. New alerts: 0.\n"


def test_the_clock_checks_each_night(gina: Person, ivan: Person, point: MeterPoint) -> None:
    assert collect_schedule()["incidents-responsibility"]["task"] == jobs.check_responsibility.name
    raise_for(device_of(ivan, import_meter_point=point), gina)
    RegistrationFactory.create(meter_point=point)
    jobs.check_responsibility(something_later="x")
    assert Contradiction.objects.count() == 1


# --- What the desk sees, and nobody else ------------------------------------------------------------------------


def test_only_the_desk_reads_the_verdict(gina: Person, ivan: Person, dana: Person, point: MeterPoint) -> None:
    request = raise_for(device_of(ivan, import_meter_point=point), gina)
    RegistrationFactory.create(meter_point=point)
    responsibility.check()
    address = f"/incidents/{request.reference}/"
    assert "Contradicted by registration data" in text_of(client_of(dana).get(address, follow=True))
    for person in (gina, ivan):
        browser = client_of(person)
        for page in (address, "/install-code-requests/", "/install-code-requests/export.csv", "/"):
            assert "ontradicted" not in b"".join(browser.get(page, follow=True)).decode()
        answer = Client(headers=bearer(person)).get(f"/api/v1/install-code-requests/{request.reference}")
        assert "ontradicted" not in answer.content.decode()


def test_the_desk_finds_the_contradicted_ones(gina: Person, ivan: Person, dana: Person, point: MeterPoint) -> None:
    contradicted = raise_for(device_of(ivan, import_meter_point=point), gina)
    other = raise_for(device_of(ivan), gina)
    RegistrationFactory.create(meter_point=point)
    responsibility.check()
    desk = client_of(dana)
    page = desk.get("/admin/incidents/installcoderequest/?claim=contradicted").content.decode()
    assert contradicted.reference in page
    assert "Contradicted by registration data" in page
    assert other.reference not in page
    assert other.reference in desk.get("/admin/incidents/installcoderequest/").content.decode()
    assert re.search(r"Contradicted claims\s+1 ", text_of(desk.get("/")))
