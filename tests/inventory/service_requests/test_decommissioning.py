"""What the DCC carries out at once: 8.3 and 8.14, and whom it tells."""

import pytest
from django.utils import timezone

from inventory.duis.messages import InventoryUpdate, StatusUpdate
from inventory.models import AuditTrailEntry, MeterPoint, Registration
from inventory.models.choices import DccServiceStatus, DeviceType, RegistrationKind, SmiStatus, TrailKind
from ssi.audit.models import AuditEvent
from tests.factories.accounts import UserIdFactory
from tests.inventory.service_requests.sending import (
    MPAN,
    MPRN,
    Home,
    build_home,
    device_of,
    fresh,
    history,
    put,
    request_id,
    send,
    status,
)

pytestmark = pytest.mark.django_db
P, INC, C, D, S = (
    SmiStatus.PENDING,
    SmiStatus.INSTALLED_NOT_COMMISSIONED,
    SmiStatus.COMMISSIONED,
    SmiStatus.DECOMMISSIONED,
    SmiStatus.SUSPENDED,
)


@pytest.fixture
def home() -> Home:
    return build_home(C)


def dcc_status(mpxn: str = MPAN) -> int | None:
    return MeterPoint.objects.get(mpxn=mpxn).dcc_service_status


@pytest.mark.parametrize("name", ["esme", "gsme", "ppmid", "hcalcs"])
def test_a_device_is_decommissioned_at_once(home: Home, name: str) -> None:
    device = getattr(home, name)
    answer = home.decommission(device)
    assert (answer.response_code, answer.srv) == ("I99", "8.3")
    assert history(device) == [(C, D, "8.3")]
    assert home.decommission(device).response_code == "E5"
    assert AuditEvent.objects.get().event == "device.decommissioned"


@pytest.mark.parametrize("before", [each for each in SmiStatus if each not in {D, SmiStatus.WITHDRAWN}])
def test_whatever_its_status(home: Home, before: SmiStatus) -> None:
    put(home.ppmid, before)
    assert home.decommission(home.ppmid).response_code == "I99"


def test_the_meter_point_is_told_and_the_device_stays_on_record(home: Home) -> None:
    MeterPoint.objects.filter(mpxn=MPAN).update(dcc_service_status=DccServiceStatus.ACTIVE)
    home.decommission(home.esme)
    assert dcc_status() == DccServiceStatus.NOT_ACTIVE
    assert str(fresh(home.esme).import_meter_point) == MPAN


def test_the_other_suppliers_concerned_are_alerted(home: Home) -> None:
    """The gas supplier learns that the electricity meter of the home is gone; the originator sent it itself."""
    other = UserIdFactory.create()
    gas = Registration.objects.filter(kind=RegistrationKind.GAS_SUPPLIER)
    gas.update(user_id=other)
    home.decommission(home.esme)
    alert = AuditTrailEntry.objects.get(kind=TrailKind.DCC_ALERT)
    assert (alert.user_id, alert.code, alert.device_id) == (other.eui, "N9", home.esme.device_id)
    assert "MeterDecommissioningOrWithdrawal" in alert.detail
    assert str(home.gsme.device_id) in alert.detail
    assert str(home.ihd.device_id) not in alert.detail
    assert MPAN not in alert.detail


def test_of_a_display_nobody_is_alerted(home: Home) -> None:
    Registration.objects.filter(kind=RegistrationKind.GAS_SUPPLIER).update(user_id=UserIdFactory.create())
    home.decommission(home.ppmid)
    assert not AuditTrailEntry.objects.filter(kind=TrailKind.DCC_ALERT).exists()


# --- 8.14 ---


@pytest.fixture
def new_hub(home: Home) -> Home:
    """Return the home with a hub that was just delivered."""
    for each in (home.hub, home.gpf):
        put(each, P)
    return home


def test_installed_with_wan(new_hub: Home) -> None:
    answer = new_hub.installed(has_wan=True)
    assert (answer.response_code, answer.srv) == ("I99", "8.14.1")
    assert history(new_hub.hub) == [(P, C, "8.14.1")]
    assert history(new_hub.gpf) == [(P, INC, "8.14.1")]
    assert fresh(new_hub.hub).commissioned_date == timezone.localdate()


def test_installed_without_wan_and_then_connected(new_hub: Home) -> None:
    assert new_hub.installed(has_wan=False).response_code == "I99"
    assert (status(new_hub.hub), status(new_hub.gpf)) == (INC, P)
    again = new_hub.installed(has_wan=False)
    assert (again.response_code, "already" in again.detail) == ("I99", True)
    assert new_hub.installed(has_wan=True).response_code == "I99"
    assert (status(new_hub.hub), status(new_hub.gpf)) == (C, INC)


def test_a_hub_commissioned_by_8_4_brings_its_gpf(new_hub: Home) -> None:
    commissioned = StatusUpdate(SmiStatus.COMMISSIONED, of_hub=True)
    update = InventoryUpdate(request_id(new_hub.supplier.eui), 8, new_hub.hub.device_id, commissioned)
    assert send(update, "8.4").response_code == "I99"
    assert (status(new_hub.hub), status(new_hub.gpf)) == (C, INC)


def test_a_hub_in_use_is_installed_already(home: Home) -> None:
    assert home.installed(has_wan=True).response_code == "I99"
    assert home.installed(has_wan=False).response_code == "E5"
    assert not history(home.hub)


@pytest.mark.parametrize("before", [S, D, SmiStatus.RECOVERY])
def test_a_hub_out_of_order_is_not_installed(home: Home, before: SmiStatus) -> None:
    put(home.hub, before)
    assert home.installed(has_wan=True).response_code == "E5"


def test_only_a_chf_is_installed_or_returned(home: Home) -> None:
    assert home.installed(has_wan=True, hub=home.gpf).response_code == "E11"
    assert home.returned("Lost or Stolen Hub", fault=False, hub=home.esme).response_code == "E11"


@pytest.mark.parametrize("before", [P, INC, C, S])
@pytest.mark.parametrize(
    ("return_type", "fault", "srv"),
    [
        ("Fault identified post installation", True, "8.14.3"),
        ("No Fault Return (general)", False, "8.14.4"),
        ("Lost or Stolen Hub", False, "8.14.4"),
    ],
)
def test_a_returned_hub_goes_with_its_gpf(
    home: Home, before: SmiStatus, return_type: str, fault: bool, srv: str
) -> None:
    put(home.hub, before)
    answer = home.returned(return_type, fault=fault)
    assert (answer.response_code, answer.srv) == ("I99", srv)
    assert history(home.hub) == [(before, D, srv)]
    assert history(home.gpf) == [(C, D, srv)]
    assert status(home.esme) is C
    assert home.returned(return_type, fault=fault).response_code == "E5"


def test_a_fault_prior_to_installation(home: Home) -> None:
    answer = home.returned("Fault identified prior to installation", fault=True)
    assert answer.response_code == "SSI-RETURN-TYPE"
    assert status(home.hub) is C
    for each in (home.hub, home.gpf):
        put(each, P)
    assert home.returned("Fault identified prior to installation", fault=True).response_code == "I99"
    assert (status(home.hub), status(home.gpf)) == (D, D)


def test_a_strange_supplier_reports_no_hub_of_this_home(home: Home) -> None:
    stranger = UserIdFactory.create()
    home.supplier = stranger
    assert home.returned("Lost or Stolen Hub", fault=False).response_code == "E4"


def test_any_supplier_reports_a_hub_without_a_home(home: Home) -> None:
    home.supplier = UserIdFactory.create()
    hub = device_of(DeviceType.CHF, notified_by=None)
    assert home.installed(has_wan=True, hub=hub).response_code == "I99"
    assert dcc_status(MPRN) is None
