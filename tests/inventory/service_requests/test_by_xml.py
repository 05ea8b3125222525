"""A home from its pre-notification to its end, told in DUIS messages as they come by the feed."""

import io
from collections.abc import Iterator

import pytest
import time_machine
from django.utils import timezone
from lxml import etree

from inventory.actions import service_requests
from inventory.duis.files import Source
from inventory.duis.writing import duis_response
from inventory.models import AuditTrailEntry, AwaitedResponse, Device, DeviceStatusChange, MeterPoint
from inventory.models.choices import DccServiceStatus, SmiStatus, TrailKind
from ssi.access.actor import Actor
from tests.inventory.duis import messages as duis
from tests.inventory.duis.applying import apply, apply_all, device, register

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def just_before_the_messages() -> Iterator[None]:
    with time_machine.travel("2026-11-20T08:14:00Z", tick=True):
        register()
        yield


def answered(
    srv: str, *, target: str = duis.METER, counter: int = 7, payload: str = "", code: str = "I0"
) -> bytes:
    """Return the response to a request to a device."""
    inside = payload or "<sr:GBCSPayload>QUJD</sr:GBCSPayload>"
    return duis.response(srv, inside, response_code=code, request_id=f"{duis.SUPPLIER}:{target}:{counter}")


def log_updated(code: str, counter: int = 8) -> bytes:
    """Return the DCC alert about an 8.11."""
    asked = f"{duis.SUPPLIER}:{duis.HUB}:{counter}"
    element = "UpdateHANDeviceLogServiceRequestID"
    return duis.dcc_alert(
        code, f"<sr:UpdateHANDeviceLogResult><sr:{element}>{asked}</sr:{element}></sr:UpdateHANDeviceLogResult>"
    )


def signed(srv: str = "8.1.1") -> bytes:
    """Return the signed pre-command of a critical request."""
    return duis.commanding(srv, "SignedPreCommand", {"GBCSPayload": "QUJD"}, command_variant=5)


def test_a_life_in_messages() -> None:
    assert apply_all(
        duis.hub_answer(),
        duis.prenotification(),
        duis.add_to_log(),
        log_updated("N24"),
        duis.device_alert(),
        duis.commissioning(),
    ) == ["I0", "I99", "I99", "I0", "I0", "I99"]
    assert device().smi_status == SmiStatus.INSTALLED_NOT_COMMISSIONED
    assert apply(signed()).response_code == "I99"
    assert apply(signed()).response_code == "SSI-REQUEST-DOUBLED"
    assert apply(answered("8.1.1")).response_code == "I0"
    assert device().smi_status == SmiStatus.COMMISSIONED
    assert MeterPoint.objects.get().dcc_service_status == DccServiceStatus.ACTIVE
    assert apply_all(
        duis.status_changed("N28", "DeviceSuspended"),
        duis.commanding("11.2", "ReadFirmwareVersion", counter=20),
        answered("11.2", counter=20),
        duis.asking("8.3", "DecommissionDevice", {"DeviceID": duis.METER}),
    ) == ["I0", "I99", "I0", "I99"]
    steps = DeviceStatusChange.objects.filter(device_id=device().device_id).order_by("at", "id")
    assert [(SmiStatus(step.to_status).duis, step.because) for step in steps if step.to_status] == [
        ("Pending", "12.2"),
        ("Whitelisted", "8.11 Add"),
        ("InstalledNotCommissioned", "alert 8183"),
        ("Commissioned", "8.1.1"),
        ("Suspended", "alert N28"),
        ("Commissioned", "11.2"),
        ("Decommissioned", "8.3"),
    ]
    assert MeterPoint.objects.get().dcc_service_status == DccServiceStatus.NOT_ACTIVE


def test_responses_and_alerts_out_of_order() -> None:
    apply_all(duis.hub_answer(), duis.prenotification())
    assert apply_all(log_updated("N24"), answered("8.11", target=duis.HUB, counter=8)) == ["SSI-NO-REQUEST"] * 2
    assert apply_all(duis.add_to_log(), log_updated("N25")) == ["I99", "I0"]
    assert device().smi_status == SmiStatus.PENDING
    assert apply_all(duis.add_to_log(), log_updated("N24"), log_updated("N24")) == [
        "I99",
        "I0",
        "SSI-RESPONSE-DOUBLED",
    ]
    assert device().smi_status == SmiStatus.WHITELISTED
    assert apply(answered("8.1.1")).response_code == "SSI-NO-REQUEST"


def test_signed_pre_commands_are_told_from_their_requests() -> None:
    apply_all(duis.hub_answer(), duis.prenotification(), duis.add_to_log(), log_updated("N24"))
    apply_all(duis.device_alert(), duis.commissioning(), signed(), signed(), signed("8.3"))
    kinds = AuditTrailEntry.objects.filter(srv__in=["8.1.1", "8.3"]).order_by("id").values_list("kind", "code")
    assert list(kinds) == [
        (TrailKind.SERVICE_REQUEST, "I99"),
        (TrailKind.SIGNED_PRE_COMMAND, "I99"),
        (TrailKind.SIGNED_PRE_COMMAND, "SSI-REQUEST-DOUBLED"),
        (TrailKind.SIGNED_PRE_COMMAND, "SSI-SRV-MISMATCH"),  # 8.3 is not Critical
    ]


def source(name: str, data: bytes) -> Source:
    """Return a message as a file would be opened."""
    return Source(name, lambda: io.BytesIO(data))


def test_a_rehearsal_of_a_life_leaves_nothing_behind() -> None:
    life = [duis.hub_answer(), duis.prenotification(), duis.add_to_log(), log_updated("N24"), duis.commissioning()]
    sources = [source(str(number), data) for number, data in enumerate(life)]
    answers = service_requests.answer_all(sources, by=Actor.system(), is_rehearsal=True)
    assert [answer.response_code for _, answer in answers] == ["I0", "I99", "I99", "I0", "I99"]
    for model in (Device, DeviceStatusChange, AwaitedResponse, AuditTrailEntry):
        assert not model.objects.exists()


def test_an_inventory_query_is_answered_in_duis() -> None:
    apply_all(duis.hub_answer(), duis.prenotification())
    query = duis.asking("8.2", "ReadInventory", {"DeviceID": duis.METER})
    answer = apply(query)
    assert answer.response_code == "I0"
    written = duis_response(answer, at=timezone.now())
    assert written is not None
    root = etree.fromstring(written)
    names = {"sr": duis.SR}
    assert root.findtext(".//sr:DSPInventory/sr:Device/sr:DeviceID", namespaces=names) == duis.METER
    assert root.findtext(".//sr:Device/sr:DeviceStatus", namespaces=names) == "Pending"


def test_hubs_by_xml() -> None:
    smets1 = {"SMETSCHTSVersion": "SMETS V1.2", "AssociatedGPFDeviceID": duis.GPF}
    assert apply_all(duis.of_type("CHF", duis.HUB, **smets1), duis.hub_installed()) == ["I99", "I99"]
    assert device(duis.GPF).smi_status == SmiStatus.INSTALLED_NOT_COMMISSIONED
    assert apply(duis.hub_returned()).response_code == "I99"
    assert device(duis.HUB).smi_status == device(duis.GPF).smi_status == SmiStatus.DECOMMISSIONED
