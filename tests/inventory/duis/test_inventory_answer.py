"""Responses to Service Request 8.2 seed the inventory."""

import datetime as dt

import pytest

from inventory.models import Device, DeviceModel, DeviceStatusChange, MeterPoint
from inventory.models.choices import Connectivity, CspRegion, EsmeVariant, ProductStatus, SmiStatus
from ssi.audit.models import AuditEvent
from tests.inventory.duis import messages as duis
from tests.inventory.duis.applying import apply, device, register

pytestmark = pytest.mark.django_db

ADDRESS = (
    "<sr:PropertyFilter><sr:PostCode>2222-222</sr:PostCode>"
    "<sr:AddressIdentifier>3 Invented Row</sr:AddressIdentifier></sr:PropertyFilter>"
)


def meter(**changes: str | None) -> str:
    return duis.device(
        duis.METER,
        "ESME",
        extra=ADDRESS,
        **(
            {
                "SMETSCHTSVersion": "SMETS V5.0",
                "DeviceFirmwareVersionStatus": "Active",
                "CPLStatus": "Expired",
                "DateCommissioned": "2025-12-28Z",
                "ImportMPxN": duis.MPAN,
                "ExportMPAN": "1234567890177",
                "ESMEVariant": "AD",
                "UPRN": "123456789",
                "CSPRegion": "North",
                "DeviceGBCSVersion": "4.2",
                "HANVariant": "Single Band",
                "S1SP": "Invented",
                "Connectivity": "Cellular",
            }
            | changes
        ),
    )


def test_a_device_enters_with_every_field() -> None:
    answer = apply(duis.inventory_answer(meter()))
    assert (answer.response_code, answer.srv) == ("I0", "8.2")
    assert answer.detail == "1 device entered the inventory."
    seeded = device()
    assert (seeded.smi_status, seeded.esme_variant) == (SmiStatus.COMMISSIONED, EsmeVariant.AD)
    assert seeded.commissioned_date == dt.date(2025, 12, 28)
    assert (seeded.csp_region, seeded.connectivity) == (CspRegion.NORTH, Connectivity.CELLULAR)
    assert seeded.s1sp == "Invented"
    assert (seeded.notified_by, seeded.notified_at, seeded.status_since, seeded.comms_hub) == (None,) * 4
    model = seeded.device_model
    assert (model.gbcs_version, model.han_variant) == ("4.2", "Single Band")
    assert (model.firmware_status, model.cpl_status) == (ProductStatus.ACTIVE, ProductStatus.EXPIRED)
    points = [seeded.import_meter_point, seeded.secondary_import_meter_point, seeded.export_meter_point]
    assert [str(point) if point else None for point in points] == [duis.MPAN, None, "1234567890177"]
    point = MeterPoint.objects.get(mpxn=duis.MPAN)
    assert (point.uprn, point.post_code, point.address_identifier) == (123456789, "2222-222", "3 Invented Row")
    step = DeviceStatusChange.objects.get()
    assert (step.from_status, step.to_status, step.because, step.told_by) == (
        None,
        SmiStatus.COMMISSIONED,
        "8.2",
        None,
    )
    event = AuditEvent.objects.get()
    assert (event.event, event.reference) == ("device.seeded", duis.METER)
    assert "2222-222" not in str(event.detail)


def test_a_device_with_only_what_it_must_have() -> None:
    bare = duis.device(duis.DISPLAY, "CAD")
    assert apply(duis.inventory_answer(bare)).response_code == "I0"
    seeded = device(duis.DISPLAY)
    assert (seeded.smi_status, seeded.device_model.firmware_version, seeded.s1sp) == (None, "", None)
    assert not DeviceStatusChange.objects.exists()


def test_a_home_of_17_devices() -> None:
    entries = [duis.device(f"02-5A-01-00-00-00-AA-{n:02d}", "PPMID") for n in range(16)]
    answer = apply(duis.inventory_answer(duis.device(duis.HUB, "CHF"), *entries))
    assert answer.detail == "17 devices entered the inventory."
    assert Device.objects.count() == DeviceStatusChange.objects.count() == AuditEvent.objects.count() == 17
    assert DeviceModel.objects.count() == 2


def test_devices_already_there_are_left_unchanged() -> None:
    supplier = register()
    apply(duis.prenotification())
    answer = apply(duis.inventory_answer(meter(), duis.device(duis.HUB, "CHF")))
    assert answer.response_code == "I0"
    assert answer.detail == "1 device entered the inventory. 1 device already there, left unchanged."
    assert (device().smi_status, device().notified_by) == (SmiStatus.PENDING, supplier)
    assert device().import_meter_point is None
    again = apply(duis.inventory_answer(meter(), duis.device(duis.HUB, "CHF")))
    assert again.detail == "0 devices entered the inventory. 2 devices already there, left unchanged."
    assert AuditEvent.objects.count() == 2


def test_what_is_known_of_models_and_meter_points_stays() -> None:
    apply(duis.inventory_answer(meter()))
    other = duis.device(
        "02-5A-01-00-00-00-0E-02",
        "ESME",
        SMETSCHTSVersion="SMETS V5.0",
        DeviceFirmwareVersionStatus="Withdrawn",
        CPLStatus="Withdrawn",
        DeviceGBCSVersion="9.9",
        HANVariant="Dual Band",
        ImportMPxN=duis.MPAN,
        UPRN="999",
        extra=ADDRESS.replace("2222", "3333"),
    )
    assert apply(duis.inventory_answer(other)).response_code == "I0"
    model = DeviceModel.objects.get()
    assert (model.gbcs_version, model.han_variant, model.cpl_status) == (
        "4.2",
        "Single Band",
        ProductStatus.EXPIRED,
    )
    point = MeterPoint.objects.get(mpxn=duis.MPAN)
    assert (point.uprn, point.post_code) == (123456789, "2222-222")


def test_what_is_not_known_yet_is_filled_in() -> None:
    register()
    apply(duis.prenotification(SMETSCHTSVersion="SMETS V5.0"))
    MeterPoint.objects.create(mpxn=duis.MPAN)
    other = meter(DeviceID="02-5A-01-00-00-00-0E-02")
    assert apply(duis.inventory_answer(other)).response_code == "I0"
    assert DeviceModel.objects.get().gbcs_version == "4.2"
    assert MeterPoint.objects.get(mpxn=duis.MPAN).uprn == 123456789


def test_an_address_without_a_meter_point_is_said_to_be_lost() -> None:
    answer = apply(duis.inventory_answer(duis.device(duis.HUB, "CHF", extra=ADDRESS)))
    assert "The address of 1 device without a meter point was not kept." in answer.detail


def test_one_bad_device_and_none_enters() -> None:
    bad = duis.device(duis.GAS_METER, "GSME", CSPRegion="West")
    assert apply(duis.inventory_answer(meter(), bad)).response_code == "SSI-SCHEMA"
    assert not Device.objects.exists()
    assert not MeterPoint.objects.exists()


def test_an_originator_need_not_be_known_and_may_be_missing() -> None:
    inventory = f"<sr:DSPInventory>{meter()}</sr:DSPInventory>"
    answer = apply(duis.response("8.2", inventory, request_id=None))
    assert (answer.response_code, answer.request_id) == ("I0", "")
