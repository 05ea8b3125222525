"""What every request is asked before its own rules, each with DUIS's response code, in DUIS's order."""

import datetime as dt
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from inventory.duis.messages import DeviceCommand, InventoryQuery, LogChange, SignedPreCommand
from inventory.models import AwaitedResponse, Registration
from inventory.models.choices import DeviceType, RegistrationKind, SmiStatus
from ssi.access.roles import UserRole
from ssi.accounts.models import Succession, UserId
from ssi.eui64 import Eui64
from tests.factories.accounts import UserIdFactory
from tests.inventory.service_requests.sending import Home, build_home, put, request_id, respond, send

pytestmark = pytest.mark.django_db
NOBODY = Eui64.parse("90-B3-D5-1F-3E-00-00-99")
NO_DEVICE = Eui64.parse("02-5A-01-00-00-00-0E-99")


@pytest.fixture
def home() -> Home:
    return build_home()


def commission(home: Home, originator: UserId | Eui64 | None = None, **facts: Any) -> str:
    return home.command("8.1.1", home.esme, originator=originator or home.supplier, **facts).response_code


def test_e1_for_whom_nobody_knows_and_who_holds_no_role(home: Home) -> None:
    assert commission(home, NOBODY) == "E1"
    assert commission(home, UserIdFactory.create(user_roles=[])) == "E1"


def test_e2_for_a_role_that_may_not(home: Home) -> None:
    answer = home.command(
        "8.1.1", home.esme, originator=UserIdFactory.create(user_roles=[UserRole.OU, UserRole.ES])
    )
    assert answer.response_code == "E2"
    assert "IS, GS" in answer.detail


def test_e3_for_a_party_that_left(home: Home) -> None:
    home.supplier.party.left_date = timezone.localdate()
    home.supplier.party.save(update_fields=["left_date"])
    assert commission(home) == "E3"


def test_e3_for_a_user_id_that_was_taken_over(home: Home) -> None:
    successor = UserIdFactory.create()
    Succession.objects.create(
        user_id=home.supplier,
        successor=successor,
        from_date=timezone.localdate(),
        because="trade_sale",
        entered_by="desk@dcc.example",
    )
    answer = home.command("8.1.1", home.esme)
    assert answer.response_code == "E3"
    assert str(successor.eui) in answer.detail
    assert commission(home, successor) == "I99"


def test_e12_for_a_command_variant_that_does_not_apply(home: Home) -> None:
    answer = home.command("8.1.1", home.esme, command_variant=8)
    assert answer.response_code == "E12"
    assert "4 or 5 or 6 or 7" in answer.suggestion


def test_e19_for_devices_nobody_knows(home: Home) -> None:
    assert home.command("8.1.1", NO_DEVICE).response_code == "E19"
    assert home.command("8.7.2", home.ppmid, NO_DEVICE).response_code == "E19"
    assert home.command("8.12.1", home.hub, NO_DEVICE).response_code == "E19"
    assert home.command("11.2", NO_DEVICE).response_code == "E19"
    assert home.decommission(NO_DEVICE).response_code == "E19"


@pytest.mark.parametrize(
    ("srv", "target", "other"),
    [
        ("8.1.1", "ppmid", None),
        ("8.1.1", "hub", None),
        ("8.7.1", "hub", "esme"),
        ("8.7.2", "ihd", "esme"),
        ("8.7.2", "hcalcs", "gsme"),
        ("8.7.1", "esme", "gsme"),
        ("8.7.1", "esme", "esme"),
        ("8.8.2", "gpf", "esme"),
        ("8.12.1", "gpf", "hub"),
        ("8.12.1", "hub", "esme"),
        ("8.12.2", "gpf", "hub"),
        ("11.2", "ppmid", None),
        ("11.3", "hub", None),
    ],
)
def test_e11_for_devices_of_another_type(home: Home, srv: str, target: str, other: str | None) -> None:
    answer = home.command(srv, getattr(home, target), getattr(home, other) if other else None)
    assert answer.response_code == "E11"
    assert answer.suggestion


@pytest.mark.parametrize("name", ["hub", "gpf", "ihd"])
def test_e11_for_what_8_3_does_not_decommission(home: Home, name: str) -> None:
    assert home.decommission(getattr(home, name)).response_code == "E11"


def test_e5_for_every_status_in_which_a_meter_is_not_commissioned(home: Home) -> None:
    taken = set()
    for status in SmiStatus:
        put(home.esme, status)
        answer = home.command("8.1.1", home.esme)
        assert answer.response_code in {"I99", "E5"}
        if answer.response_code == "I99":
            taken.add(status)
        else:
            assert status.duis in answer.detail
    assert taken == {SmiStatus.WHITELISTED, SmiStatus.INSTALLED_NOT_COMMISSIONED}


@pytest.mark.parametrize("mp105", [True, False])
def test_e5_and_never_e51_for_a_suspended_device(home: Home, settings: LazySettings, mp105: bool) -> None:
    settings.MP105 = mp105
    for device in (home.esme, home.gsme, home.ppmid, home.hub):
        put(device, SmiStatus.SUSPENDED)
    codes = {
        "8.7.2": home.command("8.7.2", home.ppmid, home.esme).response_code,
        "8.11": send(home.log_update(home.ihd, LogChange.REMOVE), "8.11").response_code,
        "11.2": home.command("11.2", home.esme).response_code,
        "11.2 of a hub": home.command("11.2", home.hub).response_code,
        "11.3": home.command("11.3", home.gsme).response_code,
        "8.7.1": home.command("8.7.1", home.esme, home.hcalcs).response_code,
    }
    assert codes == {
        "8.7.2": "E5",
        "8.11": "E5",
        "11.2": "I99" if mp105 else "E5",
        "11.2 of a hub": "E5",
        "11.3": "I99",
        "8.7.1": "I99",
    }


def test_e4_for_another_supplier(home: Home) -> None:
    other = UserIdFactory.create()
    assert commission(home, other) == "E4"
    assert home.command("8.7.2", home.ppmid, home.esme, originator=other).response_code == "E4"
    assert home.command("11.2", home.esme, originator=other).response_code == "E4"
    assert home.decommission(home.esme, other).response_code == "E4"
    assert send(home.log_update(home.ihd, LogChange.REMOVE, originator=other), "8.11").response_code == "E4"


def test_e4_follows_the_day_of_registration(home: Home) -> None:
    gaining = UserIdFactory.create()
    today = timezone.localdate()
    kept = Registration.objects.filter(user_id=home.supplier, kind=RegistrationKind.IMPORT_SUPPLIER)
    point = kept.get().meter_point
    kept.update(to_date=today)
    Registration.objects.create(
        meter_point=point,
        user_id=gaining,
        kind=RegistrationKind.IMPORT_SUPPLIER,
        from_date=today + dt.timedelta(days=1),
    )
    assert commission(home, gaining) == "E4"
    kept.update(to_date=today - dt.timedelta(days=1))
    Registration.objects.filter(user_id=gaining).update(from_date=today)
    assert commission(home, gaining) == "I99"
    assert commission(home) == "E4"


def test_a_notifying_party_stands_in_where_nobody_is_registered(home: Home) -> None:
    Registration.objects.all().delete()
    assert commission(home, UserIdFactory.create()) == "E4"
    assert commission(home) == "I99"


def test_nobody_is_refused_where_nobody_is_known(home: Home) -> None:
    Registration.objects.all().delete()
    type(home.esme).objects.update(notified_by=None)
    assert commission(home, UserIdFactory.create()) == "I99"


def test_a_hub_s_notifying_party_is_nobody(home: Home) -> None:
    """Hubs are DCC's own: who reported one owns nothing in the home."""
    Registration.objects.all().delete()
    type(home.hub).objects.filter(pk=home.hub.pk).update(notified_by=UserIdFactory.create())
    put(home.esme, SmiStatus.PENDING, comms_hub=None)
    assert send(home.log_update(home.esme), "8.11").response_code == "I99"


def test_another_eligible_role_owes_no_registration(home: Home) -> None:
    other_user = UserIdFactory.create(user_roles=[UserRole.OU])
    assert home.command("8.7.2", home.esme, home.ihd, originator=other_user).response_code == "I99"
    network = UserIdFactory.create(user_roles=[UserRole.ED])
    assert home.command("11.2", home.esme, originator=network).response_code == "I99"


def test_the_order_of_the_checks(home: Home) -> None:
    """Each answer comes although everything after it is wrong as well."""
    other = UserIdFactory.create()
    future = timezone.now() + dt.timedelta(days=3)
    wrong = {"command_variant": 8, "execute_at": future}
    put(home.ppmid, SmiStatus.DECOMMISSIONED)
    put(home.esme, SmiStatus.DECOMMISSIONED)

    def code(target: object, originator: UserId | Eui64, **facts: object) -> str:
        return home.command("8.1.1", target, originator=originator, **facts).response_code  # type: ignore[arg-type]

    assert code(NO_DEVICE, NOBODY, **wrong) == "E1"
    assert code(NO_DEVICE, UserIdFactory.create(user_roles=[UserRole.OU]), **wrong) == "E2"
    assert code(NO_DEVICE, other, **wrong) == "E12"
    assert code(NO_DEVICE, other, execute_at=future) == "E19"
    assert code(home.ppmid, other, execute_at=future) == "E11"
    assert code(home.esme, other, execute_at=future) == "E5"
    put(home.esme, SmiStatus.WHITELISTED)
    assert code(home.esme, other, execute_at=future) == "E4"
    assert code(home.esme, home.supplier, execute_at=future) == "SSI-FUTURE-DATED"
    assert code(home.esme, home.supplier) == "I99"


def test_a_request_id_awaited_is_not_sent_again(home: Home) -> None:
    assert commission(home, counter=1000) == "I99"
    assert commission(home, counter=1000) == "SSI-REQUEST-DOUBLED"
    assert (
        home.command("11.2", home.esme, counter=1000).response_code == "I99"
    )  # published messages share a counter
    assert AwaitedResponse.objects.count() == 2


def test_an_answered_request_id_may_come_again(home: Home) -> None:
    first = home.asked("11.2", home.esme, counter=1000)
    assert home.succeeded(first, "E20").response_code == "I0"
    assert home.command("11.2", home.esme, counter=1000).response_code == "I99"


def test_a_signed_pre_command_goes_on_with_its_request(home: Home) -> None:
    assert commission(home, counter=7) == "I99"
    signed = home.asked("8.1.1", home.esme, counter=7, command_variant=5)
    assert send(signed).response_code == "I99"
    assert send(signed).response_code == "SSI-REQUEST-DOUBLED"
    assert respond(signed).response_code == "I0"
    assert AwaitedResponse.objects.get().code == "I0"


def test_a_signed_pre_command_is_sealed_and_means_what_was_asked(home: Home) -> None:
    def signed(asked: DeviceCommand) -> SignedPreCommand:
        return SignedPreCommand(asked.request_id, 5, asked.srv, asked.device_id)

    asked = home.asked("8.7.1", home.esme, home.ppmid)
    assert send(signed(asked)).response_code == "SSI-NO-PRE-COMMAND"
    assert send(asked).response_code == send(signed(asked)).response_code == "I99"
    assert AwaitedResponse.objects.get().device_id == home.ppmid.device_id
    put(home.gsme, SmiStatus.COMMISSIONED)
    assert send(signed(home.asked("8.1.1", home.gsme))).response_code == "E5"
    assert send(signed(home.asked("8.1.1", home.esme))).response_code == "I99"


def test_counters_rise_where_they_must(home: Home, settings: LazySettings) -> None:
    settings.SSI_DUIS_COUNTER_RISES = True
    query = InventoryQuery(request_id(home.supplier.eui, counter=50), 8, home.esme.device_id)
    assert send(query, "8.2").response_code == "I0"
    assert send(query, "8.2").response_code == "SSI-COUNTER"
    lower = InventoryQuery(request_id(home.supplier.eui, counter=49), 8, home.esme.device_id)
    assert send(lower, "8.2").response_code == "SSI-COUNTER"
    other = InventoryQuery(request_id(UserIdFactory.create().eui, counter=3), 8, home.esme.device_id)
    assert send(other, "8.2").response_code == "I0"
    higher = InventoryQuery(request_id(home.supplier.eui, counter=51), 8, home.esme.device_id)
    assert send(higher, "8.2").response_code == "I0"


def test_a_type_2_device_is_no_hindrance(home: Home) -> None:
    assert home.ihd.device_type == DeviceType.IHD
    assert home.command("8.7.2", home.gpf, home.ihd).response_code == "I99"
