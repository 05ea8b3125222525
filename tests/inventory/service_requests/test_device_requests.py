"""Requests to devices: nothing moves when they are asked, and all of it when they answer with success."""

import datetime as dt

import pytest
from django.conf import LazySettings
from django.utils import timezone

from inventory.duis.messages import LogChange
from inventory.models import AwaitedResponse, CplEntry, DeviceDetailChange, DeviceStatusChange, MeterPoint
from inventory.models.choices import DccServiceStatus, DeviceType, SmiStatus
from ssi.audit.models import AuditEvent
from tests.inventory.service_requests.sending import (
    MPAN,
    Home,
    build_home,
    device_of,
    fresh,
    history,
    put,
    respond,
    send,
    status,
    tell,
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


# --- 8.1.1 ---


def test_a_meter_is_commissioned_when_it_says_so(home: Home) -> None:
    asked = home.asked("8.1.1", home.esme)
    answer = send(asked)
    assert (answer.response_code, answer.srv) == ("I99", "8.1.1")
    assert status(home.esme) is INC
    assert not DeviceStatusChange.objects.exists()
    told = respond(asked)
    assert told.response_code == "I0"
    assert "Commissioned" in told.detail
    assert status(home.esme) is C
    assert fresh(home.esme).commissioned_date == timezone.localdate()
    assert history(home.esme) == [(INC, C, "8.1.1")]
    assert DeviceStatusChange.objects.get().told_by == home.supplier.eui
    assert MeterPoint.objects.get(mpxn=MPAN).dcc_service_status == DccServiceStatus.ACTIVE
    assert AuditEvent.objects.get().event == "device.commissioned"


def test_a_whitelisted_meter_proves_by_its_answer_that_it_joined(home: Home) -> None:
    put(home.gsme, W)
    home.succeeded(home.asked("8.1.1", home.gsme))
    assert history(home.gsme) == [(W, INC, "8.1.1"), (INC, C, "8.1.1")]


@pytest.mark.parametrize("code", ["E20", "E21", "E30", "W050201", "E5"])
def test_a_meter_that_says_anything_else_stays(home: Home, code: str) -> None:
    answer = home.succeeded(home.asked("8.1.1", home.esme), code)
    assert answer.response_code == "I0"
    assert code in answer.detail
    assert status(home.esme) is INC
    assert AwaitedResponse.objects.get().code == code


def test_an_acknowledgement_and_a_pre_command_move_nothing(home: Home) -> None:
    asked = home.asked("8.1.1", home.esme)
    assert home.succeeded(asked, "I99").response_code == "I0"
    assert respond(asked, is_pre_command=True).response_code == "I0"
    assert status(home.esme) is INC
    assert AwaitedResponse.objects.get().answered_at is None
    assert respond(asked).response_code == "I0"
    assert status(home.esme) is C


@pytest.mark.parametrize("hub_status", [P, INC, S, D])
def test_its_hub_must_be_commissioned(home: Home, hub_status: SmiStatus) -> None:
    put(home.hub, hub_status)
    answer = home.command("8.1.1", home.esme)
    assert answer.response_code == "E5"
    assert hub_status.duis in answer.detail


def test_its_hub_must_be_known(home: Home) -> None:
    put(home.esme, INC, comms_hub=None)
    assert home.command("8.1.1", home.esme).response_code == "E5"


# --- responses ---


def test_a_response_belongs_to_a_request(home: Home) -> None:
    never_sent = home.asked("8.1.1", home.esme)
    assert respond(never_sent).response_code == "SSI-NO-REQUEST"
    sent = home.asked("8.1.1", home.esme)
    send(sent)
    assert respond(sent, srv="11.3").response_code == "SSI-RESPONSE-SRV"
    assert status(home.esme) is INC


def test_a_response_comes_once(home: Home) -> None:
    asked = home.asked("8.1.1", home.esme)
    home.succeeded(asked)
    again = respond(asked)
    assert again.response_code == "SSI-RESPONSE-DOUBLED"
    assert "I0" in again.detail
    assert len(history(home.esme)) == 1


def test_a_response_from_long_before_belongs_to_an_earlier_request(home: Home) -> None:
    asked = home.asked("8.1.1", home.esme)
    send(asked)
    assert respond(asked, at=timezone.now() - dt.timedelta(days=400)).response_code == "SSI-RESPONSE-EARLY"
    assert status(home.esme) is INC
    assert respond(asked, at=timezone.now() - dt.timedelta(days=90)).response_code == "I0"  # the feed catches up


def test_a_device_that_moved_meanwhile_is_left_alone(home: Home) -> None:
    asked = home.asked("8.1.1", home.esme)
    send(asked)
    home.decommission(home.esme)
    answer = respond(asked)
    assert answer.response_code == "I0"
    assert "Nothing was changed" in answer.detail
    assert status(home.esme) is D
    assert AwaitedResponse.objects.get().code == "I0"


def test_a_device_that_is_gone_meanwhile_is_no_crash(home: Home) -> None:
    put(home.ihd, None, comms_hub=None)  # type: ignore[arg-type]
    asked = home.log_update(home.ihd)
    send(asked, "8.11")
    home.ihd.delete()
    answer = respond(asked)
    assert (answer.response_code, "Nothing was changed" in answer.detail) == ("I0", True)


# --- 8.7, 8.8 ---


@pytest.mark.parametrize(
    ("srv", "target", "other", "joined"),
    [
        ("8.7.1", "esme", "ppmid", "ppmid"),
        ("8.7.2", "ppmid", "esme", "ppmid"),
        ("8.7.2", "ppmid", "gpf", "ppmid"),
        ("8.7.1", "esme", "hcalcs", "hcalcs"),
        ("8.7.2", "hcalcs", "esme", "hcalcs"),
        ("8.7.1", "gsme", "gpf", "gpf"),
        ("8.7.2", "gpf", "gsme", "gpf"),
    ],
)
def test_joining_commissions(home: Home, srv: str, target: str, other: str, joined: str) -> None:
    asked = home.asked(srv, getattr(home, target), getattr(home, other))
    send(asked)
    assert AwaitedResponse.objects.get().device_id == getattr(home, joined).device_id
    assert status(getattr(home, joined)) is INC
    respond(asked)
    assert history(getattr(home, joined)) == [(INC, C, srv)]
    assert DeviceStatusChange.objects.count() == 1


def test_a_type_2_device_joins_without_a_status(home: Home) -> None:
    assert home.succeeded(home.asked("8.7.2", home.esme, home.ihd)).response_code == "I0"
    assert not DeviceStatusChange.objects.exists()


def test_joined_twice_it_stays_commissioned(home: Home) -> None:
    home.succeeded(home.asked("8.7.2", home.ppmid, home.esme))
    assert home.succeeded(home.asked("8.7.2", home.ppmid, home.gpf)).response_code == "I0"
    assert len(history(home.ppmid)) == 1


def test_devices_of_two_homes_are_not_joined(home: Home) -> None:
    elsewhere = device_of(
        DeviceType.PPMID, smi_status=INC, notified_by=home.supplier, comms_hub=device_of(DeviceType.CHF)
    )
    assert home.command("8.7.1", home.esme, elsewhere).response_code == "SSI-OTHER-HOME"


def test_a_pending_device_is_not_joined(home: Home) -> None:
    put(home.ppmid, P)
    assert home.command("8.7.1", home.esme, home.ppmid).response_code == "E5"


@pytest.mark.parametrize(
    ("joined", "other", "after"),
    [("ppmid", "esme", INC), ("hcalcs", "esme", INC), ("gpf", "gsme", INC), ("ppmid", "gpf", C)],
)
def test_unjoining_takes_out_of_service(home: Home, joined: str, other: str, after: SmiStatus) -> None:
    device = getattr(home, joined)
    put(device, C, commissioned_date=dt.date(2026, 1, 5))
    home.succeeded(home.asked("8.8.2", device, getattr(home, other)))
    assert status(device) is after
    assert (fresh(device).commissioned_date is None) == (after is INC)


# --- 8.11 ---


def test_8_11_is_told_by_response_and_by_alert(home: Home) -> None:
    put(home.esme, P, comms_hub=None)
    asked = home.log_update(home.esme, import_mpxn="1234567890199")
    assert send(asked, "8.11").response_code == "I99"
    assert status(home.esme) is P
    assert tell(asked, "N24").response_code == "I0"
    assert status(home.esme) is W
    assert str(fresh(home.esme).import_meter_point) == "1234567890199"
    assert DeviceDetailChange.objects.get().because == "8.11 Add"
    known = respond(asked)
    assert (known.response_code, "known already" in known.detail) == ("I0", True)
    assert respond(asked).response_code == tell(asked, "N24").response_code == "SSI-RESPONSE-DOUBLED"
    assert history(home.esme) == [(P, W, "8.11 Add")]


def test_n25_and_e_codes_move_nothing(home: Home) -> None:
    put(home.esme, P, comms_hub=None)
    for code in ("N25", "E20"):
        asked = home.log_update(home.esme)
        send(asked, "8.11")
        answer = tell(asked, code) if code == "N25" else respond(asked, code)
        assert (answer.response_code, code in answer.detail) == ("I0", True)
        assert status(home.esme) is P


@pytest.mark.parametrize(
    ("first", "second", "is_taken"),
    [
        ("N25", "I0", False),
        ("N25", "N24", False),
        ("N25", "N25", False),
        ("I0", "N25", False),
        ("N24", "N25", False),
        ("I0", "N24", True),
        ("N24", "I0", True),
        ("E20", "N24", True),
        ("E20", "N25", True),
        ("N25", "E20", True),
    ],
)
def test_8_11_has_one_outcome(home: Home, first: str, second: str, is_taken: bool) -> None:
    put(home.esme, P, comms_hub=None)
    asked = home.log_update(home.esme)
    send(asked, "8.11")
    answers = [(tell if code.startswith("N") else respond)(asked, code) for code in (first, second)]
    assert [each.response_code for each in answers] == ["I0", "I0" if is_taken else "SSI-RESPONSE-DOUBLED"]
    told = {first, second} if is_taken else {first}
    assert status(home.esme) is (W if told & {"I0", "N24"} else P)


def test_a_response_from_the_future_is_not_believed(home: Home) -> None:
    asked = home.asked("8.1.1", home.esme)
    send(asked)
    assert respond(asked, at=timezone.now() + dt.timedelta(hours=25)).response_code == "SSI-DATED-AHEAD"
    assert status(home.esme) is INC
    assert respond(asked, at=timezone.now() + dt.timedelta(hours=23)).response_code == "I0"


def test_an_alert_about_a_request_nobody_sent(home: Home) -> None:
    assert tell(home.log_update(home.esme), "N24").response_code == "SSI-NO-REQUEST"


def test_removed_meanwhile_by_another_request(home: Home) -> None:
    put(home.ppmid, W)
    first, second = (home.log_update(home.ppmid, LogChange.REMOVE) for _ in range(2))
    assert send(first, "8.11").response_code == send(second, "8.11").response_code == "I99"
    respond(first)
    assert "Nothing was changed" in respond(second).detail
    assert history(home.ppmid) == [(W, P, "8.11 Remove")]


# --- 8.12 ---


def test_a_new_hub_takes_over_the_devices_of_the_old_one(home: Home) -> None:
    new = device_of(DeviceType.CHF, smi_status=C, notified_by=None)
    new_gpf = device_of(DeviceType.GPF, smi_status=INC, comms_hub=new)
    put(home.hcalcs, D)
    asked = home.asked("8.12.1", new, home.hub)
    send(asked)
    assert fresh(home.esme).comms_hub_id == home.hub.pk
    assert "devices that follow: 4" in respond(asked).detail
    for device in (home.esme, home.gsme, home.ppmid, home.ihd, new_gpf):
        assert fresh(device).comms_hub_id == new.pk
    assert fresh(home.gpf).comms_hub_id == fresh(home.hcalcs).comms_hub_id == home.hub.pk
    assert not DeviceStatusChange.objects.exists()


def test_a_new_gpf_takes_over_the_gas_side(home: Home) -> None:
    new = device_of(DeviceType.CHF, smi_status=C, notified_by=None)
    new_gpf = device_of(DeviceType.GPF, smi_status=INC, comms_hub=new)
    home.succeeded(home.asked("8.12.2", new_gpf, home.gpf))
    assert fresh(home.gsme).comms_hub_id == new.pk
    assert fresh(home.esme).comms_hub_id == home.hub.pk


def test_a_log_is_not_taken_over_from_itself(home: Home) -> None:
    assert home.command("8.12.1", home.hub, home.hub).response_code == "SSI-SAME-HUB"


# --- 11.2, 11.3 ---


@pytest.mark.parametrize(("mp105", "after"), [(True, C), (False, S)])
def test_11_2_restores_with_mp105(home: Home, settings: LazySettings, mp105: bool, after: SmiStatus) -> None:
    put(home.esme, C)
    asked = home.asked("11.2", home.esme)
    send(asked)
    at = timezone.now()
    DeviceStatusChange.objects.create(
        device_id=home.esme.pk, at=at, from_status=C, to_status=S, because="CPL removal"
    )
    put(home.esme, S, status_since=at)
    settings.MP105 = mp105
    assert respond(asked).response_code == "I0"
    assert status(home.esme) is after


def test_11_2_of_a_device_in_order_changes_nothing(home: Home) -> None:
    put(home.esme, C)
    home.succeeded(home.asked("11.2", home.esme))
    assert not DeviceStatusChange.objects.exists()


@pytest.mark.parametrize(("commissioned", "after"), [(dt.date(2026, 1, 5), C), (None, INC)])
def test_a_seeded_suspended_device_is_restored_by_its_commissioned_date(
    home: Home, commissioned: dt.date | None, after: SmiStatus
) -> None:
    put(home.esme, S, commissioned_date=commissioned)
    home.succeeded(home.asked("11.3", home.esme))
    assert status(home.esme) is after


def cpl_entry(home: Home, firmware: str, image_hash: str, removed: dt.date | None = None) -> None:
    model = home.esme.device_model
    CplEntry.objects.create(
        device_type=DeviceType.ESME,
        manufacturer=model.manufacturer,
        model_identifier=model.model[:4],
        hardware_version=model.model[4:],
        firmware_version=firmware,
        smets_version=model.smets_version,
        image_hash=image_hash,
        added_date=dt.date(2026, 1, 1),
        removed_date=removed,
    )


def test_activated_firmware_is_the_device_s_and_restores_it(home: Home) -> None:
    cpl_entry(home, "00020399", "AB" * 32)
    put(home.esme, S, commissioned_date=dt.date(2026, 1, 5))
    home.succeeded(home.asked("11.3", home.esme, firmware_hash="AB" * 32))
    assert fresh(home.esme).device_model.firmware_version == "00020399"
    assert status(home.esme) is C


def test_firmware_that_left_the_list_too_restores_nothing(home: Home) -> None:
    cpl_entry(home, "00020399", "AB" * 32, removed=dt.date(2026, 2, 1))
    put(home.esme, S)
    answer = home.succeeded(home.asked("11.3", home.esme, firmware_hash="AB" * 32))
    assert "stays Suspended" in answer.detail
    assert status(home.esme) is S


def test_activated_firmware_of_a_device_in_order(home: Home) -> None:
    cpl_entry(home, "00020399", "AB" * 32)
    put(home.esme, C)
    home.succeeded(home.asked("11.3", home.esme, firmware_hash="AB" * 32))
    assert (status(home.esme), fresh(home.esme).device_model.firmware_version) == (C, "00020399")
