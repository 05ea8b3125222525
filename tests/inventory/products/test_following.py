"""MP202: the SMETS version of a PPMID follows its hub, in all four cases of the Modification Report."""

import datetime as dt

import pytest
from django.conf import LazySettings
from django.utils import timezone

from inventory.actions.products.following import follow_hub
from inventory.models import CplEntry, Device, DeviceDetailChange
from inventory.models.choices import Detail, DeviceType, SmiStatus
from ssi.eui64 import Eui64
from tests.factories.inventory import DeviceFactory, DeviceModelFactory

pytestmark = pytest.mark.django_db

VERSION = {"S1": "SMETS1", "S2": "SMETS V4.2"}
HUB_VERSION = {"S1": "SMETS V1.2", "S2": "CHTS V1.4"}
CASES = [("S1", "S1"), ("S1", "S2"), ("S2", "S1"), ("S2", "S2")]
"""What was pre-notified, and what the hub is: the PPMID becomes what the hub is."""
TOLD_BY = Eui64.parse("90-B3-D5-1F-30-01-00-00")


def _pair(notified: str, hub: str, device_type: DeviceType = DeviceType.PPMID) -> tuple[Device, Device]:
    model = DeviceModelFactory.create(device_type=device_type, smets_version=VERSION[notified])
    hub_model = DeviceModelFactory.create(device_type=DeviceType.CHF, smets_version=HUB_VERSION[hub])
    return (
        DeviceFactory.create(device_type=device_type, device_model=model),
        DeviceFactory.create(
            device_type=DeviceType.CHF, device_model=hub_model, smi_status=SmiStatus.COMMISSIONED
        ),
    )


def _entry(smets_version: str, **facts: object) -> CplEntry:
    return CplEntry.objects.create(
        **{
            "device_type": DeviceType.PPMID,
            "manufacturer": "2F01",
            "model_identifier": "41A0",
            "hardware_version": "0102",
            "firmware_version": "00020311",
            "smets_version": smets_version,
            "added_date": dt.date(2024, 3, 1),
            **facts,
        }
    )


def _followed(notified: str, hub: str) -> tuple[Device, str]:
    device, its_hub = _pair(notified, hub)
    said = follow_hub(device, its_hub, at=timezone.now(), told_by=TOLD_BY)
    return Device.objects.select_related("device_model").get(pk=device.pk), said


@pytest.mark.parametrize(("notified", "hub"), CASES)
def test_the_version_follows_the_hub_whatever_was_prenotified(notified: str, hub: str) -> None:
    device, said = _followed(notified, hub)
    kept = VERSION[notified] if notified == hub else {"S1": "SMETS1", "S2": "SMETS2+"}[hub]
    assert device.device_model.smets_version == kept
    assert (kept in said) == (notified != hub)
    assert device.device_model.model == "41A00102"
    assert device.device_model.firmware_version == "00020311"


@pytest.mark.parametrize(("notified", "hub"), CASES)
def test_nothing_follows_without_mp202(settings: LazySettings, notified: str, hub: str) -> None:
    settings.MP202 = False
    device, said = _followed(notified, hub)
    assert (device.device_model.smets_version, said) == (VERSION[notified], "")
    assert not DeviceDetailChange.objects.exists()


@pytest.mark.parametrize(("notified", "hub"), CASES)
def test_only_a_ppmid_follows(notified: str, hub: str) -> None:
    device, its_hub = _pair(notified, hub, DeviceType.HCALCS)
    assert follow_hub(device, its_hub, at=timezone.now(), told_by=TOLD_BY) == ""


def test_the_version_is_that_of_the_products_entry() -> None:
    _entry("SMETS V4.2")
    _entry("SMETS V5.0", removed_date=dt.date(2025, 1, 1), added_date=dt.date(2024, 9, 1))
    _entry("SMETS1")
    _entry("SMETS V9.9", firmware_version="00020312")
    assert _followed("S1", "S2")[0].device_model.smets_version == "SMETS V4.2"


def test_a_model_written_in_lower_case_finds_its_entry() -> None:
    _entry("SMETS V4.2", manufacturer="2F0A", model_identifier="41AB", firmware_version="0002031F")
    device, hub = _pair("S1", "S2")
    device.device_model = DeviceModelFactory.create(
        device_type=DeviceType.PPMID,
        manufacturer="2f0a",
        model="41ab0102",
        firmware_version="0002031f",
        smets_version=VERSION["S1"],
    )
    follow_hub(device, hub, at=timezone.now(), told_by=TOLD_BY)
    followed = Device.objects.select_related("device_model").get(pk=device.pk).device_model
    assert (followed.smets_version, followed.model) == ("SMETS V4.2", "41ab0102")


def test_the_change_is_in_the_history_of_details() -> None:
    device, _ = _followed("S2", "S1")
    change = DeviceDetailChange.objects.get(device_id=device.device_id)
    assert change.field == Detail.DEVICE_MODEL
    assert change.after == device.device_model_id
    assert change.told_by == TOLD_BY
    assert change.because == "8.11 Add: follows its hub (MP202)"


def test_a_second_ppmid_takes_the_same_model_row() -> None:
    first, second = _followed("S2", "S1")[0], _followed("S2", "S1")[0]
    assert first.device_model_id == second.device_model_id
