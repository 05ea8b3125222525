"""Whatever comes in the place of a DUIS message gets an answer: read, applied or refused, and never a crash."""

import copy
import io

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from inventory.actions import service_requests
from inventory.duis.answers import Answer
from inventory.duis.limits import Limits
from inventory.duis.messages import InventoryAnswer, Prenotification
from inventory.duis.reader import read_envelope, read_message
from inventory.duis.refusals import DuisRefusal
from inventory.duis.trust import Signer, Trust
from ssi.access.actor import Actor
from tests.inventory.duis import messages as duis
from tests.inventory.duis.applying import register
from tests.inventory.duis.signing import DS, house, sign

SAMPLES = (
    duis.prenotification(),
    duis.of_type("CHF", duis.HUB, SMETSCHTSVersion="SMETS V1.2", AssociatedGPFDeviceID=duis.GPF),
    duis.add_to_log(SecondaryImportMPAN="1234567890199"),
    duis.remove_from_log(),
    duis.inventory_answer(duis.device(duis.METER, "ESME", DateCommissioned="2025-12-28Z", UPRN="12")),
    duis.request("4.8.1", "<sr:ReadActiveImportProfileData/>"),
    duis.commissioning(),
    duis.commanding("8.7.1", "JoinServiceCritical", {"OtherDeviceID": duis.DISPLAY}),
    duis.commanding("11.3", "SignedPreCommand", {"GBCSPayload": "QUJD"}, command_variant=5),
    duis.asking("8.2", "ReadInventory", {"UPRN": "12"}),
    duis.asking("8.3", "DecommissionDevice", {"DeviceID": duis.METER}),
    duis.inventory_update("<sr:UpdateDeviceDetails><sr:ESMEVariant>AD</sr:ESMEVariant></sr:UpdateDeviceDetails>"),
    duis.hub_installed("8.14.2"),
    duis.hub_returned(),
    duis.firmware_update(DeviceIDList=f"{duis.METER},{duis.GAS_METER}"),
    duis.asking("12.1", "RequestWANMatrix", {"UPRN": "12"}),
    duis.response("8.11", "<sr:GBCSPayload>QUJD</sr:GBCSPayload>"),
    duis.device_alert(),
    duis.status_changed("N28", "DeviceSuspended"),
    duis.dcc_alert("N40", f"<sr:ECoSAlert><sr:DeviceID>{duis.METER}</sr:DeviceID></sr:ECoSAlert>"),
)
SNIPPETS = (
    b"<!DOCTYPE x>",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"&amp;",
    b"&#0;",
    b"&x;",
    b"<?p q?>",
    b"</sr:Body>",
    b"<sr:DeviceID>",
    b'xmlns:sr="urn:x"',
    b"\xff",
    b"\x00",
    b"\xef\xbb\xbf",
    b"8.11",
    b"Remove",
    b"5.9",
)

SIGNED = SAMPLES[0]

texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="<&>"), max_size=40
)
euis = st.binary(min_size=8, max_size=8).map(lambda octets: octets.hex("-"))
meter_points = st.none() | texts | st.text("0123456789", min_size=13, max_size=13)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Return a message with pieces cut out, doubled, moved or put in."""
    data = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        upto = draw(st.integers(at, min(len(data), at + 200)))
        put_in = draw(st.sampled_from(SNIPPETS) | st.binary(max_size=4) | st.just(data[at:upto] * 2))
        data = data[:at] + put_in + data[upto:]
    return data


@st.composite
def rearranged(draw: st.DrawFn) -> bytes:
    """Return a message with one of its elements left out, doubled, renamed or put somewhere else."""
    root = etree.fromstring(draw(st.sampled_from(SAMPLES)))
    within = [each for each in root.iter("{*}*") if each is not root]
    chosen, place = draw(st.sampled_from(within)), draw(st.sampled_from([root, *within]))
    change = draw(st.sampled_from(["leave out", "double", "move", "rename", "empty"]))
    parent = chosen.getparent()
    if change == "rename":
        chosen.tag = draw(st.sampled_from([chosen.tag.lower(), f"{{{duis.SR}}}DeviceID", "DeviceID"]))
    elif change == "empty":
        chosen.clear()
    elif change == "double":
        place.append(copy.deepcopy(chosen))
    elif parent is not None:
        parent.remove(chosen)
        if change == "move" and place not in chosen.iter():
            place.insert(draw(st.integers(0, len(place))), chosen)
    return etree.tostring(root)


def read(data: bytes) -> str:
    """Return the kind of message read, or everything that the answer to a refused one says."""
    try:
        return type(read_message(read_envelope(io.BytesIO(data), Limits()))).__name__
    except DuisRefusal as refusal:
        answer = Answer.refusing(refusal)
    assert answer.detail.endswith(".")
    assert answer.suggestion.endswith(".")
    assert answer.response_code
    return str(answer)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(data: bytes) -> None:
    assert read(data).startswith("Answer")


@given(damaged())
@settings(max_examples=400)
def test_a_damaged_message_is_read_or_refused_and_gives_no_install_code_away(data: bytes) -> None:
    assert duis.INSTALL_CODE not in read(data)


@given(rearranged())
@settings(max_examples=200)
def test_a_rearranged_message_is_read_or_refused(data: bytes) -> None:
    assert duis.INSTALL_CODE not in read(data)


@given(rearranged())
def test_a_rearranged_message_keeps_its_signature_only_if_it_says_the_same(data: bytes) -> None:
    """A signature is put to a message that it was not made for; what is read is what was signed, or nothing."""
    signed = etree.fromstring(sign(SIGNED))
    root = etree.fromstring(data)
    for each in root.findall(f"{{{DS}}}Signature"):
        root.remove(each)
    root.append(signed[-1])
    trust = Trust(signers=(Signer(house()["supplier"].certificate, is_dcc=True),), authorities=())
    try:
        message = read_message(read_envelope(io.BytesIO(etree.tostring(root)), Limits(), trust))
    except DuisRefusal:
        return
    assert message == read_message(read_envelope(io.BytesIO(SIGNED), Limits()))


@given(damaged(), st.sampled_from(["utf-16", "utf-16-be", "latin-1", "utf-7"]))
def test_a_damaged_message_in_another_encoding_is_read_or_refused(data: bytes, encoding: str) -> None:
    text = data.decode("latin-1").replace("UTF-8", draw_name(encoding))
    assert read(text.encode(encoding))


def draw_name(encoding: str) -> str:
    return {"utf-16": "UTF-16", "utf-16-be": "UTF-16", "latin-1": "ISO-8859-1", "utf-7": "UTF-7"}[encoding]


@given(
    euis, texts.filter(lambda t: 1 <= len(t.strip()) <= 30), st.text("0123456789ABCDEF", min_size=1, max_size=8)
)
def test_what_is_written_is_what_is_read(device_id: str, name: str, firmware: str) -> None:
    data = duis.prenotification(device_id, DeviceModel=name, FirmwareVersion=firmware)
    message = read_message(read_envelope(io.BytesIO(data), Limits()))
    assert isinstance(message, Prenotification)
    assert str(message.device_id) == device_id.upper()
    assert (message.model.model, message.model.firmware_version) == (name.strip(), firmware)


@given(st.lists(euis, min_size=1, max_size=17, unique=True))
def test_an_inventory_of_up_to_17_devices_is_read_whole(device_ids: list[str]) -> None:
    data = duis.inventory_answer(*(duis.device(each, "PPMID") for each in device_ids))
    message = read_message(read_envelope(io.BytesIO(data), Limits()))
    assert isinstance(message, InventoryAnswer)
    assert [str(each.device_id).lower() for each in message.devices] == device_ids


device_types = st.sampled_from(["ESME", "GSME", "CHF", "GPF", "PPMID", "HCALCS", "IHD", "CAD"])
known_ids = st.sampled_from([duis.HUB, duis.METER, duis.GPF, duis.DISPLAY])
optional = st.none() | texts
prenotifications = st.builds(
    lambda device_id, device_type, **changes: duis.prenotification(device_id, DeviceType=device_type, **changes),
    known_ids,
    device_types,
    ESMEVariant=st.none() | st.sampled_from(["A", "AEG", "Z"]),
    SMETSCHTSVersion=st.none() | st.sampled_from(["SMETS V1.2", "SMETS V1.58", "SMETS V4.2", "CHTS V1.4"]) | texts,
    FirmwareVersion=optional,
    AssociatedGPFDeviceID=st.none() | known_ids,
)
inventories = st.lists(
    st.builds(
        duis.device,
        known_ids,
        device_types,
        DeviceStatus=st.none() | st.sampled_from(["Pending", "Whitelisted", "Commissioned", "Suspended"]),
        ESMEVariant=st.none() | st.just("BD"),
        ImportMPxN=meter_points,
        ExportMPAN=meter_points,
        UPRN=st.none() | st.integers(0, 10**13).map(str),
        S1SP=optional,
        HANVariant=optional,
        DeviceGBCSVersion=optional,
    ),
    min_size=1,
    max_size=4,
).map(lambda devices: duis.inventory_answer(*devices))
additions = st.builds(duis.add_to_log, known_ids, known_ids, ImportMPxN=meter_points, ExportMPAN=meter_points)
removals = st.builds(duis.remove_from_log, known_ids, known_ids)
anything = st.lists(
    prenotifications | inventories | additions | removals | damaged() | rearranged() | st.sampled_from(SAMPLES),
    min_size=1,
    max_size=8,
)


@pytest.mark.django_db
@given(anything)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_run_of_messages_gets_an_answer_each(run: list[bytes]) -> None:
    with transaction.atomic():
        register()
        for data in run:
            answer = service_requests.answer(io.BytesIO(data), by=Actor.system())
            assert isinstance(answer, Answer)
            assert answer.response_code.startswith(("I", "E", "W", "SSI-"))
            assert duis.INSTALL_CODE not in str(answer)
        transaction.set_rollback(True)
