"""Service Request 8.2, answered from the inventory."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from inventory.duis.answers import Answer
from inventory.duis.messages import InventoryAnswer, InventoryQuery
from inventory.models import MeterPoint, Registration
from inventory.models.choices import DeviceType, SmiStatus
from ssi.access.roles import UserRole
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64
from tests.factories.accounts import UserIdFactory
from tests.inventory.service_requests.sending import MPAN, MPRN, Home, build_home, device_of, request_id, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> Home:
    home = build_home(SmiStatus.COMMISSIONED)
    MeterPoint.objects.filter(mpxn=MPAN).update(uprn=100012345678, post_code="NL1 4QX", address_identifier="7")
    MeterPoint.objects.filter(mpxn=MPRN).update(uprn=None, post_code="", address_identifier="")
    return home


def ask(home: Home, by: UserId | None = None, **key: Any) -> Answer:
    return send(InventoryQuery(request_id((by or home.supplier).eui), 8, **key), "8.2")


def found(answer: Answer) -> dict[Eui64, Any]:
    assert isinstance(answer.payload, InventoryAnswer), answer
    return {each.device_id: each for each in answer.payload.devices}


def test_one_device_with_all_that_is_known_of_it(home: Home) -> None:
    answer = ask(home, device_id=home.esme.device_id)
    assert (answer.response_code, answer.is_duis_code) == ("I0", True)
    entry = found(answer)[home.esme.device_id]
    model = home.esme.device_model
    assert (entry.model.manufacturer, entry.model.firmware_version) == (model.manufacturer, model.firmware_version)
    assert (entry.smi_status, entry.esme_variant.duis) == (SmiStatus.COMMISSIONED, "A")
    assert (entry.import_mpxn, entry.uprn, entry.post_code, entry.address_identifier) == (
        MPAN,
        100012345678,
        "NL1 4QX",
        "7",
    )
    assert len(found(answer)) == 1


def test_a_type_2_device_has_no_status(home: Home) -> None:
    assert found(ask(home, device_id=home.ihd.device_id))[home.ihd.device_id].smi_status is None


@pytest.mark.parametrize("key", [{"mpxn": MPAN}, {"mpxn": MPRN}, {"uprn": 100012345678}])
def test_a_meter_point_or_address_gives_the_home(home: Home, key: dict[str, Any]) -> None:
    assert len(found(ask(home, **key))) == 7


def test_an_address_gives_the_home(home: Home) -> None:
    assert len(found(ask(home, post_code="NL1 4QX", address_identifier="7"))) == 7
    assert ask(home, post_code="NL1 4QX", address_identifier="8").response_code == "E080201"


def test_addresses_are_for_registered_parties(home: Home) -> None:
    stranger = UserIdFactory.create(user_roles=[UserRole.OU])
    entry = found(ask(home, stranger, mpxn=MPAN))[home.esme.device_id]
    assert (entry.import_mpxn, entry.uprn, entry.post_code, entry.address_identifier) == (MPAN, None, "", "")
    assert ask(home, stranger, uprn=100012345678).response_code == "E080201"
    nowhere = ask(home, stranger, uprn=999)
    assert nowhere.detail == ask(home, stranger, uprn=100012345678).detail


def test_a_supplier_to_be_finds_and_sees_them(home: Home) -> None:
    gaining = UserIdFactory.create()
    point = MeterPoint.objects.get(mpxn=MPAN)
    soon = timezone.localdate() + dt.timedelta(days=10)
    Registration.objects.create(meter_point=point, user_id=gaining, kind=1, from_date=soon)
    assert found(ask(home, gaining, uprn=100012345678))[home.esme.device_id].uprn == 100012345678


def test_none_and_too_many(home: Home) -> None:
    assert ask(home, device_id=Eui64.parse("02-5A-01-00-00-00-0E-99")).response_code == "E19"
    assert ask(home, mpxn="1999999999999").response_code == "E080201"
    for _ in range(10):
        device_of(DeviceType.CAD, home)
    assert len(found(ask(home, mpxn=MPAN))) == 17
    device_of(DeviceType.CAD, home)
    answer = ask(home, mpxn=MPAN)
    assert (answer.response_code, answer.payload, answer.is_duis_code) == ("E080202", None, True)


def test_a_meter_whose_hub_is_not_known_is_found_alone(home: Home) -> None:
    type(home.esme).objects.filter(pk=home.esme.pk).update(comms_hub=None)
    assert list(found(ask(home, mpxn=MPAN))) == [home.esme.device_id]


def test_the_dcc_service_status_is_nowhere_in_it(home: Home) -> None:
    MeterPoint.objects.update(dcc_service_status=1)
    entry = found(ask(home, mpxn=MPAN))[home.esme.device_id]
    assert not any("service_status" in name for name in type(entry).__slots__)
