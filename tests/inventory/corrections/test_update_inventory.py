"""Service Request 8.4 beyond its details: statuses of hubs and of others, meter points, and who may set them."""

import pytest
from django.db import transaction
from django.utils import timezone

from inventory.actions.service_requests.update_inventory import update_inventory
from inventory.duis.messages import Deletion, DetailsUpdate, InventoryUpdate, MpxnUpdate, RequestId, StatusUpdate
from inventory.duis.refusals import DuisRefusal
from inventory.models import Device, DeviceDetailChange, DeviceStatusChange, MeterPoint, RemovedDevice
from inventory.models.choices import DccServiceStatus, Detail, DeviceType, RegistrationKind, SmiStatus
from ssi.access.actor import Actor
from ssi.access.roles import UserRole
from ssi.accounts.models import Person, Succession, UserId
from ssi.eui64 import Eui64
from tests.factories.accounts import UserIdFactory
from tests.factories.corrections import meter_of
from tests.factories.inventory import DeviceFactory, MeterPointFactory
from tests.factories.registrations import RegistrationFactory, day
from tests.personas import actor_of

pytestmark = pytest.mark.django_db
PENDING, INSTALLED, COMMISSIONED = (
    SmiStatus.PENDING,
    SmiStatus.INSTALLED_NOT_COMMISSIONED,
    SmiStatus.COMMISSIONED,
)
Change = DetailsUpdate | Deletion | StatusUpdate | MpxnUpdate
MPAN, MPRN = "1234567890123", "3938424403"


@pytest.fixture(name="us")
def _us(gina: Person) -> Eui64:
    user_id = actor_of(gina, "IS").user_id
    assert user_id
    return user_id


@pytest.fixture(name="them")
def _them(ivan: Person) -> Eui64:
    user_id = actor_of(ivan, "IS").user_id
    assert user_id
    return user_id


def sent(by: Eui64, device: Device, change: Change) -> str:
    """Return the code of the answer."""
    message = InventoryUpdate(RequestId(by, device.pk, 1000), 8, device.pk, change)
    try:
        with transaction.atomic():
            return update_inventory(message, by=Actor.system(), at=timezone.now()).response_code
    except DuisRefusal as refusal:
        return refusal.code


def status_of(device: Device) -> SmiStatus:
    return SmiStatus(Device.objects.get(pk=device.pk).smi_status or 0)


@pytest.mark.parametrize(
    ("before", "wanted", "code"),
    [
        (SmiStatus.WHITELISTED, PENDING, "I99"),
        (INSTALLED, PENDING, "I99"),
        (PENDING, INSTALLED, "I99"),
        (SmiStatus.WHITELISTED, INSTALLED, "I99"),
        (COMMISSIONED, PENDING, "E5"),
        (COMMISSIONED, INSTALLED, "E5"),
        (SmiStatus.DECOMMISSIONED, PENDING, "E5"),
        (PENDING, PENDING, "E5"),
        (INSTALLED, COMMISSIONED, "SSI-STATUS-ELEMENT"),
        (INSTALLED, SmiStatus.WITHDRAWN, "SSI-WITHDRAWN"),
    ],
)
def test_the_status_of_a_meter(us: Eui64, before: SmiStatus, wanted: SmiStatus, code: str) -> None:
    device = meter_of(us, before)
    assert sent(us, device, StatusUpdate(wanted, of_hub=False)) == code
    assert status_of(device) == (wanted if code == "I99" else before)
    assert DeviceStatusChange.objects.filter(device_id=device.pk).exists() is (code == "I99")


@pytest.mark.parametrize(
    ("before", "wanted", "code"),
    [
        (PENDING, COMMISSIONED, "I99"),
        (INSTALLED, COMMISSIONED, "I99"),
        (PENDING, INSTALLED, "I99"),
        (COMMISSIONED, INSTALLED, "I99"),
        (SmiStatus.DECOMMISSIONED, COMMISSIONED, "E5"),
        (COMMISSIONED, SmiStatus.WITHDRAWN, "SSI-WITHDRAWN"),
        (COMMISSIONED, PENDING, "SSI-STATUS-ELEMENT"),
    ],
)
def test_the_status_of_a_hub(us: Eui64, before: SmiStatus, wanted: SmiStatus, code: str) -> None:
    commissioned = timezone.localdate() if before == SmiStatus.COMMISSIONED else None
    hub = DeviceFactory.create(device_type=DeviceType.CHF, smi_status=before, commissioned_date=commissioned)
    meter_of(us, comms_hub=hub)
    assert sent(us, hub, StatusUpdate(wanted, of_hub=True)) == code
    assert status_of(hub) == (wanted if code == "I99" else before)
    hub.refresh_from_db()
    assert (hub.commissioned_date is not None) == (hub.smi_status == SmiStatus.COMMISSIONED)


def test_each_element_is_for_its_own_devices(us: Eui64) -> None:
    hub, meter = DeviceFactory.create(device_type=DeviceType.CHF), meter_of(us, PENDING)
    display = DeviceFactory.create(device_type=DeviceType.IHD)
    assert sent(us, hub, StatusUpdate(INSTALLED, of_hub=False)) == "E11"
    assert sent(us, meter, StatusUpdate(INSTALLED, of_hub=True)) == "E11"
    assert sent(us, display, StatusUpdate(INSTALLED, of_hub=False)) == "E11"


def test_statuses_and_meter_points_are_the_responsible_suppliers(us: Eui64, them: Eui64) -> None:
    device = meter_of(us, SmiStatus.WHITELISTED)
    assert sent(them, device, StatusUpdate(PENDING, of_hub=False)) == "E4"
    assert sent(them, device, MpxnUpdate(Detail.IMPORT_METER_POINT, MPAN)) == "E4"
    assert not DeviceDetailChange.objects.exists()


def test_a_meter_point_is_corrected_and_the_dcc_service_status_follows(us: Eui64) -> None:
    device = meter_of(us)
    old = device.import_meter_point
    assert old is not None
    MeterPoint.objects.filter(pk=old.pk).update(dcc_service_status=DccServiceStatus.ACTIVE)

    assert sent(us, device, MpxnUpdate(Detail.IMPORT_METER_POINT, MPAN)) == "I99"

    device.refresh_from_db()
    old.refresh_from_db()
    assert device.import_meter_point is not None
    assert device.import_meter_point.mpxn == MPAN
    assert device.import_meter_point.dcc_service_status == DccServiceStatus.ACTIVE
    assert old.dcc_service_status == DccServiceStatus.NOT_ACTIVE
    change = DeviceDetailChange.objects.get()
    assert (change.field, change.before, change.after) == (
        Detail.IMPORT_METER_POINT,
        old.pk,
        device.import_meter_point_id,
    )


@pytest.mark.parametrize(
    ("device_type", "detail", "mpxn", "code"),
    [
        (DeviceType.ESME, Detail.SECONDARY_IMPORT_METER_POINT, MPAN, "I99"),
        (DeviceType.ESME, Detail.EXPORT_METER_POINT, MPAN, "I99"),
        (DeviceType.ESME, Detail.IMPORT_METER_POINT, MPRN, "SSI-MPXN"),
        (DeviceType.GSME, Detail.IMPORT_METER_POINT, MPRN, "I99"),
        (DeviceType.GSME, Detail.IMPORT_METER_POINT, MPAN, "SSI-MPXN"),
        (DeviceType.GSME, Detail.EXPORT_METER_POINT, MPAN, "E11"),
        (DeviceType.PPMID, Detail.IMPORT_METER_POINT, MPAN, "E11"),
    ],
)
def test_which_meter_point_belongs_to_what(
    us: Eui64, device_type: DeviceType, detail: Detail, mpxn: str, code: str
) -> None:
    device = DeviceFactory.create(device_type=device_type, notified_by_id=us, smi_status=COMMISSIONED)
    assert sent(us, device, MpxnUpdate(detail, mpxn)) == code


def test_what_is_not_there_or_says_nothing(us: Eui64) -> None:
    device = meter_of(us)
    assert sent(us, device, DetailsUpdate()) == "SSI-NOTHING-GIVEN"
    assert sent(us, DeviceFactory.build(notified_by=None), Deletion()) == "E19"
    gone = meter_of(us, SmiStatus.DECOMMISSIONED)
    assert sent(us, gone, MpxnUpdate(Detail.IMPORT_METER_POINT, MPAN)) == "E5"


@pytest.mark.parametrize("role", sorted(UserRole))
def test_where_nobody_is_known_a_supplier_corrects(role: UserRole) -> None:
    sender = UserIdFactory.create(user_roles=[role]).eui
    device, hub = meter_of(None, INSTALLED, notified_by=None), hub_of_nobody()
    is_a_supplier = role in {UserRole.IS, UserRole.ES, UserRole.GS}
    may, may_for_hubs = ("I99" if passes else "E4" for passes in (is_a_supplier, role in {"IS", "GS"}))
    assert sent(sender, device, StatusUpdate(PENDING, of_hub=False)) == may
    assert sent(sender, device, MpxnUpdate(Detail.IMPORT_METER_POINT, MPAN)) == may
    assert sent(sender, hub, StatusUpdate(COMMISSIONED, of_hub=True)) == may_for_hubs
    assert DeviceDetailChange.objects.exists() is is_a_supplier


def hub_of_nobody() -> Device:
    return DeviceFactory.create(device_type=DeviceType.CHF, smi_status=PENDING, notified_by=None)


@pytest.mark.parametrize("kind", list(RegistrationKind))
@pytest.mark.parametrize(
    ("first", "last", "counts"), [(-9, None, True), (9, None, True), (-9, 0, True), (-9, -1, False)]
)
def test_a_meter_point_of_somebody_else_is_not_taken(
    us: Eui64, kind: RegistrationKind, first: int, last: int | None, counts: bool
) -> None:
    """Not in registrations past, nor of network operators, who may be anybody."""
    device, wanted = meter_of(us), MeterPointFactory.create(mpxn=MPAN)
    RegistrationFactory.create(
        meter_point=wanted, kind=kind, from_date=day(first), to_date=None if last is None else day(last)
    )
    is_supply = kind not in {RegistrationKind.ELECTRICITY_DISTRIBUTOR, RegistrationKind.GAS_TRANSPORTER}
    refused = counts and is_supply
    assert sent(us, device, MpxnUpdate(Detail.IMPORT_METER_POINT, MPAN)) == ("E4" if refused else "I99")
    assert DeviceDetailChange.objects.exists() is not refused


@pytest.mark.parametrize("who", ["itself", "its party", "taken over by it"])
def test_who_may_give_a_meter_point_that_is_somebodys(us: Eui64, who: str) -> None:
    device, wanted = meter_of(us), MeterPointFactory.create(mpxn=MPAN)
    own = UserId.objects.get(pk=us)
    registered = {
        "itself": lambda: own,
        "its party": lambda: UserIdFactory.create(party=own.party),
        "taken over by it": UserIdFactory.create,
    }[who]()
    RegistrationFactory.create(meter_point=wanted, user_id=registered)
    if who == "taken over by it":
        assert sent(us, device, MpxnUpdate(Detail.IMPORT_METER_POINT, MPAN)) == "E4"
        Succession.objects.create(
            user_id=registered,
            successor=own,
            from_date=day(0),
            because="trade_sale",
            entered_by="desk@dcc.example",
        )
    assert sent(us, device, MpxnUpdate(Detail.IMPORT_METER_POINT, MPAN)) == "I99"


def test_a_hub_is_not_deleted_and_a_pending_meter_leaves_a_trace(us: Eui64) -> None:
    hub = DeviceFactory.create(device_type=DeviceType.CHF, notified_by_id=us)
    meter = meter_of(us, PENDING, notified_by_id=us)
    assert sent(us, hub, Deletion()) == "E11"
    assert sent(us, meter, Deletion()) == "I99"
    assert RemovedDevice.objects.get().device_id == meter.pk
