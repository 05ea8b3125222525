"""SR 11.1 and 11.4: each device that cannot have the firmware is named once, with why; and 11.3's image hash."""

import datetime as dt
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.actions.products.finding import model_by_image_hash
from inventory.actions.service_requests.applied import Applied
from inventory.actions.service_requests.firmware import FirmwareUnknown, TooManyDevices, update_firmware
from inventory.duis.messages import FirmwareUpdate, FirmwareWarning, RequestId
from inventory.duis.srv import Srv
from inventory.models import Device
from inventory.models.choices import CspRegion, DeviceType, ProductStatus, SmiStatus
from ssi.access.actor import Actor
from ssi.accounts.models import UserId
from ssi.eui64 import Eui64
from tests.factories.accounts import UserIdFactory
from tests.factories.inventory import DeviceFactory, DeviceModelFactory, MeterPointFactory
from tests.factories.products import CplEntryFactory
from tests.factories.registrations import RegistrationFactory

pytestmark = pytest.mark.django_db

DCC = Eui64.parse("90-B3-D5-1F-30-00-00-02")
NEW = "00020400"
COMMISSIONED = SmiStatus.COMMISSIONED


@pytest.fixture
def sender() -> UserId:
    return UserIdFactory.create()


def send(sender: UserId, *devices: Device | str, srv: Srv = Srv.UPDATE_FIRMWARE, firmware: str = NEW) -> Applied:
    ids = tuple(str(each.pk) if isinstance(each, Device) else each for each in devices)
    message = FirmwareUpdate(RequestId(sender.pk, DCC, 1), 8, srv, firmware, ids)
    return update_firmware(message, by=Actor.system(), at=timezone.now())


def lists_of(applied: Applied) -> dict[str, list[str]]:
    warning = applied.payload
    assert isinstance(warning, FirmwareWarning)
    names = ("invalid", "not_commissioned", "not_applicable", "other_request_in_progress", "invalid_gbcs_version")
    return {name: list(getattr(warning, name)) for name in names if getattr(warning, name)}


def meter(sender: UserId, **facts: Any) -> Device:
    return DeviceFactory.create(**{"smi_status": COMMISSIONED, "notified_by": sender} | facts)


def test_all_in_order_is_i99(sender: UserId) -> None:
    CplEntryFactory.create(firmware_version=NEW)
    applied = send(sender, meter(sender), meter(sender))
    assert (applied.response_code, applied.payload) == ("I99", None)
    assert "accepted for 2 of 2 devices" in applied.detail


def test_each_device_that_cannot_have_it_is_named_once(sender: UserId) -> None:
    CplEntryFactory.create(firmware_version=NEW)
    good, suspended = meter(sender), meter(sender, smi_status=SmiStatus.SUSPENDED)
    anothers = meter(sender, import_meter_point=(point := MeterPointFactory.create()))
    RegistrationFactory.create(meter_point=point)
    hub = meter(sender, device_type=DeviceType.CHF)
    pending = meter(sender, smi_status=SmiStatus.PENDING)
    another_model = meter(sender, device_model=DeviceModelFactory.create(model="99990001"))
    unknown = "1E-5A-99-00-00-00-00-01"
    applied = send(sender, good, suspended, anothers, hub, pending, another_model, unknown)
    assert applied.response_code == "W110101"
    assert lists_of(applied) == {
        "invalid": [str(anothers.pk), str(hub.pk), unknown],
        "not_commissioned": [str(pending.pk)],
        "not_applicable": [str(another_model.pk)],
    }
    assert "accepted for 2 of 7 devices" in applied.detail
    assert "1 not commissioned" in applied.detail


def test_a_suspended_ppmid_is_not_exempt(sender: UserId) -> None:
    CplEntryFactory.create(device_type=DeviceType.PPMID, firmware_version=NEW)
    ppmid = meter(sender, device_type=DeviceType.PPMID, smi_status=SmiStatus.SUSPENDED)
    applied = send(sender, ppmid, srv=Srv.UPDATE_PPMID_FIRMWARE)
    assert (applied.response_code, list(lists_of(applied))) == ("W110401", ["not_commissioned"])


@pytest.mark.parametrize("mp202", [True, False])
@pytest.mark.parametrize("region", [CspRegion.NORTH, CspRegion.SMETS1])
def test_dual_mode_ppmids_get_firmware_in_smets2_systems_alone(
    settings: LazySettings, sender: UserId, mp202: bool, region: CspRegion
) -> None:
    settings.MP202 = mp202
    for version in ("SMETS1", "SMETS V4.2"):
        CplEntryFactory.create(device_type=DeviceType.PPMID, firmware_version=NEW, smets_version=version)
    hub_model = DeviceModelFactory.create(device_type=DeviceType.CHF, smets_version="")
    hub = meter(sender, device_type=DeviceType.CHF, device_model=hub_model, csp_region=region)
    ppmid = meter(sender, device_type=DeviceType.PPMID, comms_hub=hub)
    applied = send(sender, ppmid, srv=Srv.UPDATE_PPMID_FIRMWARE)
    refused = mp202 and region is CspRegion.SMETS1
    assert applied.response_code == ("W110401" if refused else "I99")


def test_firmware_listed_as_smets1_alone_is_not_for_a_ppmid(sender: UserId) -> None:
    CplEntryFactory.create(device_type=DeviceType.PPMID, firmware_version=NEW, smets_version="SMETS1")
    ppmid = meter(sender, device_type=DeviceType.PPMID)
    assert list(lists_of(send(sender, ppmid, srv=Srv.UPDATE_PPMID_FIRMWARE))) == ["not_applicable"]


def test_firmware_that_is_not_on_the_list_is_refused(sender: UserId) -> None:
    CplEntryFactory.create(firmware_version=NEW, removed_date=dt.date(2025, 1, 1))
    CplEntryFactory.create()
    with pytest.raises(FirmwareUnknown):
        send(sender, meter(sender))


def test_without_any_list_firmware_is_not_judged(sender: UserId) -> None:
    assert send(sender, meter(sender)).response_code == "I99"


def test_more_devices_than_duis_allows_are_refused(sender: UserId) -> None:
    with pytest.raises(TooManyDevices):
        send(sender, *(f"{number:016X}" for number in range(50_001)))


def test_statements_do_not_grow_with_the_devices(sender: UserId) -> None:
    CplEntryFactory.create(firmware_version=NEW)
    counts = []
    for number in (2, 40):
        devices = [meter(sender) for _ in range(number)]
        with CaptureQueriesContext(connection) as queries:
            send(sender, *devices)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- 11.3 -------------------------------------------------------------------------------------------------------

HASH = "AB" * 32


def test_the_hash_of_an_image_tells_the_model_it_makes(sender: UserId) -> None:
    CplEntryFactory.create(firmware_version=NEW, image_hash=HASH)
    found = model_by_image_hash(meter(sender), HASH.lower())
    assert found is not None
    assert (found.model, found.firmware_version, found.smets_version) == ("41A00102", NEW, "SMETS V4.2")
    assert (found.cpl_status, found.gbcs_version) == (ProductStatus.ACTIVE, "4.1")


@pytest.mark.parametrize(
    "facts",
    [
        {"manufacturer": "31C7"},
        {"model_identifier": "41A1"},
        {"device_type": DeviceType.GSME},
        {"image_hash": "CD" * 32},
    ],
)
def test_an_image_for_another_product_tells_nothing(sender: UserId, facts: dict[str, Any]) -> None:
    CplEntryFactory.create(**{"firmware_version": NEW, "image_hash": HASH} | facts)
    assert model_by_image_hash(meter(sender), HASH) is None


def test_no_hash_is_no_image(sender: UserId) -> None:
    CplEntryFactory.create(firmware_version=NEW)
    assert model_by_image_hash(meter(sender), "") is None


@pytest.mark.parametrize(("mine", "taken"), [("SMETS1", "SMETS1"), ("SMETS V4.2", "SMETS V5.0")])
def test_of_two_smets_versions_the_devices_generation_is_taken(sender: UserId, mine: str, taken: str) -> None:
    for version in ("SMETS1", "SMETS V5.0"):
        CplEntryFactory.create(
            device_type=DeviceType.PPMID, firmware_version=NEW, image_hash=HASH, smets_version=version
        )
    model = DeviceModelFactory.create(device_type=DeviceType.PPMID, smets_version=mine)
    found = model_by_image_hash(meter(sender, device_type=DeviceType.PPMID, device_model=model), HASH)
    assert found is not None
    assert found.smets_version == taken
