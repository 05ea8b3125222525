"""Service Request 8.11: a device joins a hub's network, or leaves it."""

import pytest
from django.db import connection

from inventory.models import Device, DeviceStatusChange, MeterPoint
from inventory.models.choices import SmiStatus
from ssi.access.roles import UserRole
from ssi.audit.models import AuditEvent
from ssi.eui64 import Eui64
from tests.inventory.duis import messages as duis
from tests.inventory.duis.applying import apply, apply_all, carried_out, device, register

pytestmark = pytest.mark.django_db

OTHER_HUB = "02-5A-01-00-00-00-0C-02"


@pytest.fixture(autouse=True)
def home() -> None:
    register()
    assert apply_all(duis.hub_answer(), duis.hub_answer(OTHER_HUB), duis.prenotification()) == ["I0", "I0", "I99"]


def display() -> None:
    assert apply(duis.of_type("IHD", duis.DISPLAY)).response_code == "I99"


def set_status(device_id: str, status: SmiStatus) -> None:
    Device.objects.filter(pk=Eui64.parse(device_id)).update(smi_status=status)


def test_a_pending_meter_is_whitelisted_on_the_hub_with_its_meter_points() -> None:
    answer = carried_out(duis.add_to_log(SecondaryImportMPAN="1234567890199", ExportMPAN="1234567890177"))
    assert (answer.response_code, answer.srv, answer.suggestion) == ("I99", "8.11", "")
    assert duis.METER in answer.detail
    assert duis.HUB in answer.detail
    meter = device()
    assert meter.smi_status == SmiStatus.WHITELISTED
    assert meter.comms_hub == device(duis.HUB)
    assert [
        str(point)
        for point in (
            meter.import_meter_point,
            meter.secondary_import_meter_point,
            meter.export_meter_point,
        )
    ] == [duis.MPAN, "1234567890199", "1234567890177"]
    step = DeviceStatusChange.objects.filter(device_id=meter.device_id).latest("at")
    assert (step.from_status, step.to_status) == (SmiStatus.PENDING, SmiStatus.WHITELISTED)
    assert (step.because, str(step.told_by), step.at) == ("8.11 Add", duis.SUPPLIER, meter.status_since)
    event = AuditEvent.objects.latest("id")
    assert (event.event, event.reference) == ("device.whitelisted", duis.METER)
    assert event.detail == {"request_id": "", "comms_hub": duis.HUB}


def test_nothing_moves_before_the_hub_says_so() -> None:
    assert apply(duis.add_to_log()).response_code == "I99"
    assert apply(duis.add_to_log()).response_code == "SSI-REQUEST-DOUBLED"
    assert (device().smi_status, device().comms_hub, device().import_meter_point) == (
        SmiStatus.PENDING,
        None,
        None,
    )
    assert not MeterPoint.objects.exists()


def test_a_meter_point_known_already_is_used_again() -> None:
    point = MeterPoint.objects.create(mpxn=duis.MPAN, post_code="AA1 1AA")
    carried_out(duis.add_to_log())
    assert device().import_meter_point == point


def test_a_second_time_it_is_there_already() -> None:
    carried_out(duis.add_to_log())
    events = AuditEvent.objects.count()
    assert apply(duis.add_to_log(ImportMPxN="1999999999999")).response_code == "SSI-ALREADY-WHITELISTED"
    assert apply(duis.add_to_log(hub=OTHER_HUB)).response_code == "SSI-OTHER-HUB"
    assert str(device().import_meter_point) == duis.MPAN
    assert AuditEvent.objects.count() == events


def test_removed_it_is_pending_again_without_hub_and_meter_points() -> None:
    carried_out(duis.add_to_log())
    assert apply(duis.remove_from_log(hub=OTHER_HUB)).response_code == "SSI-NOT-WHITELISTED"
    answer = carried_out(duis.remove_from_log())
    assert answer.response_code == "I99"
    meter = device()
    assert (meter.smi_status, meter.comms_hub, meter.import_meter_point) == (SmiStatus.PENDING, None, None)
    step = DeviceStatusChange.objects.filter(device_id=meter.device_id).latest("at")
    assert (step.from_status, step.to_status, step.because) == (
        SmiStatus.WHITELISTED,
        SmiStatus.PENDING,
        "8.11 Remove",
    )
    assert AuditEvent.objects.latest("id").event == "device.taken_off_whitelist"
    assert apply(duis.remove_from_log()).response_code == "SSI-NOT-WHITELISTED"
    assert apply(duis.add_to_log(hub=OTHER_HUB)).response_code == "I99"


def test_a_type_2_device_is_linked_without_a_status() -> None:
    display()
    add = duis.add_to_log(duis.DISPLAY, ImportMPxN=None)
    assert carried_out(add).response_code == "I99"
    assert (device(duis.DISPLAY).comms_hub, device(duis.DISPLAY).smi_status) == (device(duis.HUB), None)
    assert not DeviceStatusChange.objects.filter(device_id=Eui64.parse(duis.DISPLAY)).exists()
    assert apply(add).response_code == "SSI-ALREADY-WHITELISTED"
    assert apply(duis.add_to_log(duis.DISPLAY, OTHER_HUB, ImportMPxN=None)).response_code == "SSI-OTHER-HUB"
    assert carried_out(duis.remove_from_log(duis.DISPLAY)).response_code == "I99"
    assert device(duis.DISPLAY).comms_hub is None
    assert apply(duis.remove_from_log(duis.DISPLAY)).response_code == "SSI-NOT-WHITELISTED"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (duis.add_to_log(hub="02-5A-01-00-00-00-0C-99"), "E19"),
        (duis.add_to_log("02-5A-01-00-00-00-0E-99"), "E19"),
        (duis.remove_from_log("02-5A-01-00-00-00-0E-99"), "E19"),
        (duis.add_to_log(OTHER_HUB, duis.METER), "E11"),
        (duis.add_to_log(OTHER_HUB), "E11"),
        (duis.add_to_log(duis.HUB), "E11"),
        (duis.add_to_log(originator="90-B3-D5-1F-3F-00-00-99"), "E1"),
        (duis.add_to_log(command_variant=8), "E12"),
        (duis.add_to_log(execute_at="2126-01-01T00:00:00Z"), "SSI-FUTURE-DATED"),
        (duis.add_to_log(execute_at="9999-12-31T23:59:59-14:00"), "SSI-SCHEMA"),
    ],
)
def test_refusals_change_nothing(message: bytes, code: str) -> None:
    before = (AuditEvent.objects.count(), DeviceStatusChange.objects.count())
    answer = apply(message)
    assert answer.response_code == code
    assert answer.suggestion
    assert device().smi_status == SmiStatus.PENDING
    assert not MeterPoint.objects.exists()
    assert (AuditEvent.objects.count(), DeviceStatusChange.objects.count()) == before


@pytest.mark.parametrize("execute_at", ["2020-01-31T09:30:00Z", "2020-01-31T09:30:00+14:00"])
def test_a_time_that_has_come_is_no_hindrance(execute_at: str) -> None:
    assert apply(duis.add_to_log(execute_at=execute_at)).response_code == "I99"


def test_roles_that_may_not(home: None) -> None:
    register("90-B3-D5-1F-3F-00-00-05", UserRole.ED, UserRole.ES, UserRole.RSA)
    answer = apply(duis.add_to_log(originator="90-B3-D5-1F-3F-00-00-05"))
    assert answer.response_code == "E2"
    assert "IS, GS, OU" in answer.detail


@pytest.mark.parametrize(("role", "code"), [(UserRole.IS, "I99"), (UserRole.GS, "I99"), (UserRole.OU, "E4")])
def test_roles_that_may(role: UserRole, code: str) -> None:
    """Nobody is known in this home: any supplier may, and who is none may for devices of its own."""
    originator = register("90-B3-D5-1F-3F-00-00-06", role, UserRole.ED)
    assert apply(duis.add_to_log(originator="90-B3-D5-1F-3F-00-00-06")).response_code == code
    Device.objects.filter(pk=device().pk).update(notified_by=originator)
    again = apply(duis.add_to_log(originator="90-B3-D5-1F-3F-00-00-06")).response_code
    assert again == ("SSI-REQUEST-DOUBLED" if code == "I99" else "I99")


@pytest.mark.parametrize(
    "status",
    [status for status in SmiStatus if status not in (SmiStatus.PENDING, SmiStatus.WHITELISTED)],
)
def test_only_a_pending_device_is_added(status: SmiStatus) -> None:
    set_status(duis.METER, status)
    answer = apply(duis.add_to_log())
    assert answer.response_code == "E5"
    assert status.duis in answer.detail


def test_only_a_whitelisted_device_is_removed() -> None:
    carried_out(duis.add_to_log())
    set_status(duis.METER, SmiStatus.COMMISSIONED)
    assert apply(duis.remove_from_log()).response_code == "E5"


@pytest.mark.parametrize("status", [SmiStatus.SUSPENDED, SmiStatus.DECOMMISSIONED, SmiStatus.WITHDRAWN])
def test_a_hub_out_of_use_takes_no_requests(status: SmiStatus) -> None:
    set_status(duis.HUB, status)
    answer = apply(duis.add_to_log())
    assert answer.response_code == "E5"
    assert duis.HUB in answer.detail


def test_a_seeded_device_whose_hub_is_not_known_is_taken_off() -> None:
    set_status(duis.METER, SmiStatus.WHITELISTED)
    assert apply(duis.remove_from_log()).response_code == "I99"


def test_a_seeded_device_whose_hub_is_not_known_cannot_be_added_twice() -> None:
    set_status(duis.METER, SmiStatus.WHITELISTED)
    assert apply(duis.add_to_log()).response_code == "E5"


def test_meter_points_belong_to_meters() -> None:
    gas = duis.GAS_METER
    apply_all(duis.of_type("GSME", gas), duis.of_type("PPMID", duis.DISPLAY))
    assert apply(duis.add_to_log(gas, SecondaryImportMPAN=duis.MPAN)).response_code == "SSI-MPXN"
    assert apply(duis.add_to_log(gas, ExportMPAN=duis.MPAN)).response_code == "SSI-MPXN"
    assert apply(duis.add_to_log(duis.DISPLAY)).response_code == "SSI-MPXN"
    assert not MeterPoint.objects.exists()
    assert carried_out(duis.add_to_log(gas, ImportMPxN="0412")).response_code == "I99"
    assert str(device(gas).import_meter_point) == "0412"
    assert apply(duis.add_to_log(duis.DISPLAY, ImportMPxN=None)).response_code == "I99"


def test_the_install_code_is_kept_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    answers = [
        carried_out(duis.add_to_log()),
        apply(duis.add_to_log()),
        apply(duis.add_to_log(InstallCode=duis.INSTALL_CODE + "00")),
        apply(duis.add_to_log(duis.INSTALL_CODE)),
        apply(duis.prenotification(DeviceType=duis.INSTALL_CODE)),
        apply(duis.prenotification(extra=duis.INSTALL_CODE)),
        apply(duis.prenotification(DeviceModel=f"<x>{duis.INSTALL_CODE}</x>")),
    ]
    assert [answer.response_code for answer in answers] == [
        "I99",
        "SSI-ALREADY-WHITELISTED",
        "SSI-INSTALL-CODE",
        *["SSI-SCHEMA"] * 4,
    ]
    code = duis.INSTALL_CODE.lower()
    assert code not in str(answers).lower()
    assert code not in caplog.text.lower()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE lower(t::text) LIKE %s', [f"%{code}%"])
            assert cursor.fetchone() == (0,), table
