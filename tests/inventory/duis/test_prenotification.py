"""Service Request 12.2: a device enters the inventory, or the answer says why not."""

from typing import Any

import pytest

from inventory.models import Device, DeviceModel, DeviceStatusChange
from inventory.models.choices import DeviceType, EsmeVariant, SmiStatus
from ssi.access.roles import UserRole
from ssi.accounts.models import Party, UserId
from ssi.audit import log
from ssi.audit.models import AuditEvent
from ssi.eui64 import Eui64
from tests.inventory.duis import messages as duis
from tests.inventory.duis.applying import apply, apply_all, device, register

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def supplier() -> UserId:
    return register()


def test_a_meter_enters_as_pending_with_its_notifying_party(supplier: UserId) -> None:
    answer = apply(duis.prenotification())
    assert (answer.response_code, answer.srv, answer.suggestion) == ("I99", "12.2", "")
    assert answer.request_id == f"{duis.SUPPLIER}:{duis.BROKER}:7"
    assert duis.METER in answer.detail
    assert "The Central Products List has no such model" in answer.detail
    meter = device()
    assert (meter.device_type, meter.smi_status, meter.esme_variant) == (
        DeviceType.ESME,
        SmiStatus.PENDING,
        EsmeVariant.BD,
    )
    assert (meter.notified_by, meter.comms_hub, meter.import_meter_point) == (supplier, None, None)
    assert meter.notified_at == meter.status_since
    model = meter.device_model
    assert (model.manufacturer, model.model, model.firmware_version, model.smets_version) == (
        "7C01",
        "5500A001",
        "01020304",
        "SMETS V4.2",
    )
    step = DeviceStatusChange.objects.get()
    assert (step.device_id, step.from_status, step.to_status) == (meter.device_id, None, SmiStatus.PENDING)
    assert (step.because, step.told_by) == ("12.2", supplier.eui)


def test_the_audit_log_has_it() -> None:
    apply(duis.prenotification())
    event = AuditEvent.objects.get()
    assert (event.event, event.about, event.reference) == ("device.prenotified", "device", duis.METER)
    assert event.detail == {
        "request_id": f"{duis.SUPPLIER}:{duis.BROKER}:7",
        "device_type": "ESME",
        "user_id": duis.SUPPLIER,
    }
    assert log.verify().broken_id is None


@pytest.mark.parametrize("device_type", ["GSME", "PPMID", "HCALCS"])
def test_other_type_1_devices_enter_as_pending(device_type: str) -> None:
    assert apply(duis.of_type(device_type, duis.METER)).response_code == "I99"
    assert device().smi_status == SmiStatus.PENDING
    assert device().esme_variant is None


@pytest.mark.parametrize("device_type", ["IHD", "CAD"])
def test_type_2_devices_have_no_status_and_need_no_firmware(device_type: str) -> None:
    answer = apply(duis.of_type(device_type, duis.DISPLAY, SMETSCHTSVersion=None, FirmwareVersion=None))
    assert answer.response_code == "I99"
    assert "without an SMI Status" in answer.detail
    assert (device(duis.DISPLAY).smi_status, device(duis.DISPLAY).status_since) == (None, None)
    assert not DeviceStatusChange.objects.exists()


def test_devices_of_one_model_share_its_row() -> None:
    other = "02-5A-01-00-00-00-0E-02"
    assert apply_all(duis.prenotification(), duis.prenotification(other)) == ["I99", "I99"]
    assert device().device_model_id == device(other).device_model_id
    apply(duis.prenotification("02-5A-01-00-00-00-0E-03", SMETSCHTSVersion="SMETS V1.58"))
    assert DeviceModel.objects.count() == 2


def test_a_device_already_there_is_left_as_it_is() -> None:
    apply(duis.prenotification())
    again = apply(duis.prenotification(DeviceModel="ELSE0001"))
    assert again.response_code == "SSI-DEVICE-EXISTS"
    assert duis.METER in again.detail
    assert again.suggestion
    assert device().device_model.model == "5500A001"
    assert DeviceStatusChange.objects.count() == AuditEvent.objects.count() == 1
    assert DeviceModel.objects.count() == 1


def test_an_originator_nobody_knows() -> None:
    answer = apply(duis.prenotification(header={"originator": "90-B3-D5-1F-3F-00-00-99"}))
    assert answer.response_code == "E1"
    assert "90-B3-D5-1F-3F-00-00-99" in answer.detail


def test_an_originator_without_a_user_role_and_one_that_left(supplier: UserId) -> None:
    Party.objects.filter(pk=supplier.party_id).update(left_date="2026-01-31")
    assert apply(duis.prenotification()).response_code == "E3"
    Party.objects.filter(pk=supplier.party_id).update(left_date=None)
    supplier.roles.all().delete()
    assert apply(duis.prenotification()).response_code == "E1"


@pytest.mark.parametrize("role", [role for role in UserRole if role is not UserRole.MDR])
def test_all_seven_user_roles_may_prenotify(role: UserRole) -> None:
    register("90-B3-D5-1F-3F-00-00-07", role)
    answer = apply(duis.prenotification(header={"originator": "90-B3-D5-1F-3F-00-00-07"}))
    assert answer.response_code == "I99"


def test_a_meter_data_retriever_may_not() -> None:
    register("90-B3-D5-1F-3F-00-00-08", UserRole.MDR)
    answer = apply(duis.prenotification(header={"originator": "90-B3-D5-1F-3F-00-00-08"}))
    assert answer.response_code == "E2"
    assert "MDR" in answer.detail
    assert "IS, ES, GS, ED, GT, RSA, OU" in answer.detail


def test_another_command_variant_does_not_apply() -> None:
    answer = apply(duis.prenotification(header={"command_variant": "1"}))
    assert (answer.response_code, answer.suggestion) == ("E12", "Give Command Variant 8.")


def test_an_esme_needs_a_variant_and_others_have_none() -> None:
    assert apply(duis.prenotification(ESMEVariant=None)).response_code == "SSI-VARIANT"
    assert apply(duis.of_type("GSME", duis.METER, ESMEVariant="A")).response_code == "SSI-VARIANT"
    assert not Device.objects.exists()


@pytest.mark.parametrize("missing", ["SMETSCHTSVersion", "FirmwareVersion"])
def test_smets_version_and_firmware_are_needed(missing: str) -> None:
    answer = apply(duis.prenotification(**dict[str, Any]({missing: None})))
    assert answer.response_code == "SSI-MODEL-INCOMPLETE"
    assert missing in answer.detail


def smets1_hub(**changes: str | None) -> bytes:
    return duis.of_type(
        "CHF", duis.HUB, **({"SMETSCHTSVersion": "SMETS V1.2", "AssociatedGPFDeviceID": duis.GPF} | changes)
    )


def test_a_smets1_hub_brings_its_gpf(supplier: UserId) -> None:
    answer = apply(smets1_hub())
    assert answer.response_code == "I99"
    assert duis.GPF in answer.detail
    hub, gpf = device(duis.HUB), device(duis.GPF)
    assert (hub.device_type, gpf.device_type) == (DeviceType.CHF, DeviceType.GPF)
    assert (hub.smi_status, gpf.smi_status) == (SmiStatus.PENDING, SmiStatus.PENDING)
    assert (hub.comms_hub, gpf.comms_hub) == (None, hub)
    assert hub.notified_by == gpf.notified_by == supplier
    assert gpf.device_model.smets_version == "SMETS V1.2"
    assert DeviceStatusChange.objects.count() == 2
    assert sorted(AuditEvent.objects.values_list("reference", flat=True)) == [duis.HUB, duis.GPF]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (smets1_hub(SMETSCHTSVersion="CHTS V1.4"), "E11"),
        (smets1_hub(SMETSCHTSVersion="SMETS V10"), "E11"),
        (smets1_hub(SMETSCHTSVersion="SMETS V1.58"), "E11"),
        (smets1_hub(AssociatedGPFDeviceID=None), "SSI-GPF"),
        (smets1_hub(AssociatedGPFDeviceID=duis.HUB.lower()), "SSI-GPF"),
        (smets1_hub(SMETSCHTSVersion=None), "SSI-MODEL-INCOMPLETE"),
        (duis.of_type("GPF", duis.GPF), "E11"),
        (duis.prenotification(AssociatedGPFDeviceID=duis.GPF), "SSI-GPF"),
    ],
)
def test_hubs_come_from_users_as_smets1_with_a_gpf_alone(message: bytes, code: str) -> None:
    answer = apply(message)
    assert answer.response_code == code
    assert answer.suggestion
    assert not Device.objects.exists()


@pytest.mark.parametrize("version", ["SMETS1", "SMETS1 V1.2", "smets v1", "SMETS V1.2"])
def test_every_way_to_write_smets1(version: str) -> None:
    assert apply(smets1_hub(SMETSCHTSVersion=version)).response_code == "I99"


@pytest.mark.parametrize(
    ("device_id", "why"),
    [("00-" * 7 + "00", "all zeros"), ("ff-" * 7 + "ff", "all FF"), (duis.SUPPLIER, "registered User ID")],
)
def test_an_id_that_no_device_has(device_id: str, why: str) -> None:
    for message in (duis.prenotification(device_id), smets1_hub(AssociatedGPFDeviceID=device_id)):
        answer = apply(message)
        assert (answer.response_code, why in answer.detail) == ("SSI-DEVICE-ID", True)
        assert device_id.upper() in answer.detail
    assert not Device.objects.exists()


def test_a_request_to_the_dcc_goes_to_no_device_or_user() -> None:
    apply(duis.prenotification())
    other = "02-5A-01-00-00-00-0E-02"
    for target, what in ((duis.METER, "device of the inventory"), (duis.SUPPLIER, "User ID")):
        answer = apply(duis.prenotification(other, header={"target": target}))
        assert (answer.response_code, what in answer.detail) == ("SSI-TARGET", True)
    assert Device.objects.count() == 1


def test_a_hub_whose_gpf_is_there_already_leaves_nothing_half_written() -> None:
    apply(duis.prenotification(duis.GPF))
    assert apply(smets1_hub()).response_code == "SSI-DEVICE-EXISTS"
    assert not Device.objects.filter(pk=Eui64.parse(duis.HUB)).exists()
    assert AuditEvent.objects.count() == DeviceStatusChange.objects.count() == 1
