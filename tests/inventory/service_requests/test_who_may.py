"""Whose devices they are (E4): two hubs at once, other users, hubs of nobody, and who restores by reading."""

import pytest
from django.conf import LazySettings
from django.utils import timezone

from inventory.duis.messages import LogChange
from inventory.models import Device, DeviceStatusChange, Registration
from inventory.models.choices import DeviceType, RegistrationKind, SmiStatus
from ssi.access.roles import UserRole
from ssi.accounts.models import Succession, UserId
from tests.factories.accounts import UserIdFactory
from tests.factories.inventory import MeterPointFactory
from tests.factories.registrations import RegistrationFactory, day
from tests.inventory.service_requests.sending import (
    Home,
    build_home,
    device_of,
    fresh,
    put,
    respond,
    send,
    status,
)

pytestmark = pytest.mark.django_db
P, W, INC, C, D, S = (
    SmiStatus.PENDING,
    SmiStatus.WHITELISTED,
    SmiStatus.INSTALLED_NOT_COMMISSIONED,
    SmiStatus.COMMISSIONED,
    SmiStatus.DECOMMISSIONED,
    SmiStatus.SUSPENDED,
)


@pytest.fixture
def home() -> Home:
    return build_home()


@pytest.fixture
def stranger() -> UserId:
    return UserIdFactory.create()


@pytest.fixture
def new_hub() -> Device:
    return device_of(DeviceType.CHF, smi_status=C, notified_by=None)


def meter_behind(
    hub: Device, supplier: UserId, *, is_registered: bool, device_type: DeviceType = DeviceType.ESME
) -> Device:
    """Return a meter in the log of a hub: at its supplier's meter point, or pre-notified by it."""
    notified_by = None if is_registered else supplier
    meter = device_of(device_type, smi_status=C, comms_hub=hub, notified_by=notified_by)
    if is_registered:
        meter.import_meter_point = MeterPointFactory.create()
        meter.save(update_fields=["import_meter_point"])
        kind = (
            RegistrationKind.IMPORT_SUPPLIER if device_type == DeviceType.ESME else RegistrationKind.GAS_SUPPLIER
        )
        RegistrationFactory.create(meter_point=meter.import_meter_point, user_id=supplier, kind=kind)
    return meter


# --- 8.12: two homes ---


@pytest.mark.parametrize("is_registered", [True, False])
def test_devices_are_not_taken_into_the_home_of_somebody_else(
    home: Home, stranger: UserId, new_hub: Device, is_registered: bool
) -> None:
    meter_behind(new_hub, stranger, is_registered=is_registered)
    assert home.command("8.12.1", new_hub, home.hub).response_code == "E4"
    Device.objects.filter(comms_hub=home.hub).update(comms_hub=None)
    assert home.command("8.12.1", new_hub, home.hub).response_code == "E4"


def test_devices_are_not_taken_out_of_the_home_of_somebody_else(
    home: Home, stranger: UserId, new_hub: Device
) -> None:
    meter_behind(new_hub, stranger, is_registered=True)
    assert home.command("8.12.1", new_hub, home.hub, originator=stranger).response_code == "E4"


def test_two_homes_of_one_supplier_do_not_mix_those_of_others(
    home: Home, stranger: UserId, new_hub: Device
) -> None:
    meter_behind(new_hub, home.supplier, is_registered=True)
    assert home.command("8.12.1", new_hub, home.hub).response_code == "I99"
    foreign = meter_behind(new_hub, stranger, is_registered=True, device_type=DeviceType.GSME)
    answer = home.command("8.12.1", new_hub, home.hub)
    assert (answer.response_code, str(foreign.device_id) in answer.detail) == ("E4", True)


def test_the_gas_supplier_follows_to_the_new_hub(home: Home, stranger: UserId, new_hub: Device) -> None:
    """The other supplier of a home brought all devices over; the GPF of the new hub still takes over its log."""
    Registration.objects.filter(kind=RegistrationKind.GAS_SUPPLIER).update(user_id=stranger)
    new_gpf = device_of(DeviceType.GPF, smi_status=INC, comms_hub=new_hub, notified_by=None)
    home.succeeded(home.asked("8.12.1", new_hub, home.hub))
    assert fresh(home.gsme).comms_hub_id == new_hub.pk
    assert home.command("8.12.2", new_gpf, home.gpf, originator=stranger).response_code == "I99"


def test_a_home_that_became_somebody_elses_meanwhile(home: Home, stranger: UserId, new_hub: Device) -> None:
    asked = home.asked("8.12.1", new_hub, home.hub)
    assert send(asked).response_code == "I99"
    meter_behind(new_hub, stranger, is_registered=True)
    assert "is not the Responsible Supplier" in respond(asked).detail
    assert fresh(home.esme).comms_hub_id == home.hub.pk


def test_the_old_home_that_was_lost_meanwhile(home: Home, stranger: UserId, new_hub: Device) -> None:
    asked = home.asked("8.12.1", new_hub, home.hub)
    assert send(asked).response_code == "I99"
    Registration.objects.update(user_id=stranger)
    assert "Nothing was changed" in respond(asked).detail
    assert fresh(home.esme).comms_hub_id == home.hub.pk


# --- other users ---


@pytest.fixture
def other() -> UserId:
    return UserIdFactory.create(user_roles=[UserRole.OU])


@pytest.mark.parametrize("is_known", [True, False])
def test_an_other_user_joins_displays_and_devices_of_its_own(home: Home, other: UserId, is_known: bool) -> None:
    if not is_known:
        Registration.objects.all().delete()
        Device.objects.update(notified_by=None)

    def codes(srv: str) -> list[str]:
        pairs = ((home.esme, home.ihd), (home.esme, home.ppmid), (home.ppmid, home.esme))
        return [home.command(srv, *pair, originator=other).response_code for pair in pairs]

    assert codes("8.7.2") == codes("8.8.2") == ["I99", "E4", "E4"]
    Device.objects.filter(pk=home.ppmid.pk).update(notified_by=other)
    assert codes("8.7.2") == codes("8.8.2") == ["I99", "I99", "I99"]


@pytest.mark.parametrize("change", list(LogChange))
def test_an_other_user_logs_displays_and_devices_of_its_own(home: Home, other: UserId, change: LogChange) -> None:
    hub = None if change is LogChange.ADD else home.hub
    for device in (home.esme, home.ppmid):
        put(device, P if change is LogChange.ADD else W, comms_hub=hub)
    Device.objects.filter(pk=home.ihd.pk).update(comms_hub=hub)
    Device.objects.filter(pk=home.ppmid.pk).update(notified_by=other)

    codes = [
        send(home.log_update(device, change, originator=other), "8.11").response_code
        for device in (home.ihd, home.ppmid, home.esme)
    ]
    assert codes == ["I99", "I99", "E4"]


def test_who_took_over_an_other_user_has_its_devices(home: Home, other: UserId) -> None:
    heir = UserIdFactory.create(user_roles=[UserRole.OU])
    put(home.ppmid, P, comms_hub=None, notified_by=other)
    assert send(home.log_update(home.ppmid, originator=heir), "8.11").response_code == "E4"
    take_over(other, heir)
    assert send(home.log_update(home.ppmid, originator=heir), "8.11").response_code == "I99"


def take_over(user_id: UserId, successor: UserId) -> None:
    Succession.objects.create(
        user_id=user_id,
        successor=successor,
        from_date=day(0),
        because="trade_sale",
        entered_by="desk@dcc.example",
    )


# --- 11.2 ---


@pytest.fixture
def suspended(home: Home, settings: LazySettings) -> Home:
    settings.MP105 = True
    at = timezone.now()
    DeviceStatusChange.objects.create(
        device_id=home.esme.pk, at=at, from_status=C, to_status=S, because="CPL removal"
    )
    put(home.esme, S, status_since=at)
    return home


@pytest.mark.parametrize("role", [UserRole.ED, UserRole.GT, UserRole.RSA, UserRole.OU])
def test_reading_by_who_is_no_supplier_restores_nothing(suspended: Home, role: UserRole) -> None:
    reader = UserIdFactory.create(user_roles=[role])
    answer = suspended.succeeded(suspended.asked("11.2", suspended.esme, originator=reader))
    assert (answer.response_code, "stays Suspended" in answer.detail) == ("I0", True)
    assert status(suspended.esme) is S
    assert suspended.succeeded(suspended.asked("11.2", suspended.esme)).response_code == "I0"
    assert status(suspended.esme) is C


def test_reading_restores_where_nobody_is_known(suspended: Home) -> None:
    Registration.objects.all().delete()
    Device.objects.update(notified_by=None)
    reader = UserIdFactory.create(user_roles=[UserRole.ED])
    suspended.succeeded(suspended.asked("11.2", suspended.esme, originator=reader))
    assert status(suspended.esme) is C


# --- 8.14 ---


def told_of(home: Home) -> dict[str, str]:
    """Return the codes of all four requests about the hub, each sent to it as it must be."""
    codes = {}
    for has_wan, srv in ((True, "8.14.1"), (False, "8.14.2")):
        put(home.hub, P)
        codes[srv] = home.installed(has_wan=has_wan).response_code
    for fault, srv in ((True, "8.14.3"), (False, "8.14.4")):
        put(home.hub, C)
        return_type = "Fault identified post installation" if fault else "Lost or Stolen Hub"
        codes[srv] = home.returned(return_type, fault=fault).response_code
    return codes


def test_a_hub_of_an_unregistered_home_is_for_who_pre_notified_its_devices(home: Home, stranger: UserId) -> None:
    Registration.objects.all().delete()
    assert set(told_of(home).values()) == {"I99"}
    installer, home.supplier = home.supplier, stranger
    assert set(told_of(home).values()) == {"E4"}
    take_over(installer, stranger)
    assert set(told_of(home).values()) == {"I99"}


@pytest.mark.parametrize("after", ["nobody is known", "all are decommissioned"])
def test_any_supplier_tells_of_a_hub_of_nobody(home: Home, stranger: UserId, after: str) -> None:
    Registration.objects.all().delete()
    home.supplier = stranger
    if after == "nobody is known":
        Device.objects.update(notified_by=None)
    else:
        Device.objects.filter(comms_hub=home.hub, smi_status__isnull=False).update(smi_status=D)
        home.ihd.delete()
    assert set(told_of(home).values()) == {"I99"}


def test_one_of_those_who_pre_notified_is_enough(home: Home, stranger: UserId) -> None:
    Registration.objects.all().delete()
    Device.objects.filter(pk=home.gsme.pk).update(notified_by=stranger)
    home.supplier = stranger
    assert set(told_of(home).values()) == {"I99"}
