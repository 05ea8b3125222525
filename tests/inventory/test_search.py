"""Finding devices: what is found, in what order, and at what cost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory import search
from inventory.models import Device
from inventory.models.choices import DeviceType, SmiStatus
from inventory.recognise import NotRecognised, SeveralRecognised
from inventory.search import Filters
from ssi.access.actor import Actor
from ssi.eui64 import Eui64
from ssi.refusals import Refusal
from ssi.web.pages import CursorUnknown
from tests.factories.accounts import PartyFactory, UserIdFactory
from tests.factories.inventory import DeviceFactory, DeviceModelFactory, MeterPointFactory, home

pytestmark = pytest.mark.django_db
ABSENT = Eui64.parse("00-DB-12-34-56-78-90-A0")


# --- One ----------------------------------------------------------------------------------------


def test_find_tells_a_device_a_meter_point_and_an_incident_apart() -> None:
    point = MeterPointFactory.create()
    one, two = (
        DeviceFactory.create(import_meter_point=point),
        DeviceFactory.create(secondary_import_meter_point=point),
    )
    assert search.find(str(one.pk)).device == one
    assert search.find(point.mpxn).mpxn == point.mpxn
    assert search.find("INC004711000815").incident_reference == "INC004711000815"
    two.delete()
    assert search.find(point.mpxn).device == one


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        (str(ABSENT), search.DeviceUnknown),
        ("2000007794886", search.MeterPointUnknown),
        ("", NotRecognised),
        (f"{ABSENT} {ABSENT}", SeveralRecognised),
    ],
)
def test_find_refuses_with_a_way_out(typed: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as refused:
        search.find(typed)
    assert refused.value.way_out
    assert refused.value.field == "q" or refusal is SeveralRecognised


def test_a_home_is_what_one_hub_joins_seen_from_each_of_its_devices() -> None:
    devices = home()
    home()
    for device in devices.values():
        others = set(search.detail_of(device.pk, Actor.system()).home)
        assert others == set(devices.values()) - {device}
    assert search.detail_of(devices[DeviceType.PPMID].pk, Actor.system()).home[0] == devices[DeviceType.CHF]
    assert search.detail_of(DeviceFactory.create().pk, Actor.system()).home == []


# --- Lists --------------------------------------------------------------------------------------


def found(**filters: object) -> list[Device]:
    return list(search.devices_page(Filters(**filters)).rows)  # type: ignore[arg-type]


def test_each_filter_narrows_by_what_it_says() -> None:
    party = PartyFactory.create(name="Invented Gas")
    mine = DeviceFactory.create(
        device_type=DeviceType.GSME,
        smi_status=SmiStatus.SUSPENDED,
        device_model=DeviceModelFactory.create(device_type=DeviceType.GSME, manufacturer="5D09", model="10040100"),
        notified_by=UserIdFactory.create(party=party),
        export_meter_point=MeterPointFactory.create(mpxn="3938424403"),
    )
    DeviceFactory.create(import_meter_point=MeterPointFactory.create())
    assert found(device_type=DeviceType.GSME) == [mine]
    assert found(smi_status=SmiStatus.SUSPENDED) == [mine]
    assert found(model="5d09 1004") == [mine]
    assert found(notified_by=search.users_named("invented gas")) == [mine]
    assert found(notified_by=search.users_named(str(mine.notified_by_id))) == [mine]
    assert found(mpxn="3938424403") == [mine]
    assert found(device_type=DeviceType.ESME, smi_status=SmiStatus.SUSPENDED) == []
    assert found(mpxn="393842440") == []
    assert len(found()) == 2


def test_a_user_nobody_knows_is_refused_rather_than_ignored() -> None:
    for name in ("Nobody Energy", str(ABSENT)):
        with pytest.raises(search.UserUnknown):
            search.users_named(name)
    assert search.users_named("") == []


def test_pages_hold_every_device_once_in_order() -> None:
    devices = DeviceFactory.create_batch(7)
    seen: list[Device] = []
    cursor: str | None = ""
    while cursor is not None:
        page = search.devices_page(Filters(), cursor=cursor, size=3)
        seen += page.rows
        cursor = page.next_cursor
    assert seen == sorted(devices, key=lambda device: device.pk)
    with pytest.raises(CursorUnknown):
        search.devices_page(Filters(), cursor="x")


def test_a_search_that_takes_too_long_is_given_up_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inventory.search.listing.PATIENCE_MS", 1)
    monkeypatch.setattr(
        "inventory.search.listing._page_query",
        lambda _: lambda **_: connection.cursor().execute("SELECT pg_sleep(1)"),
    )
    with pytest.raises(search.SearchTooBroad) as refused:
        search.devices_page(Filters(device_type=DeviceType.CAD))
    assert "Leave a filter out" in refused.value.way_out
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


# --- Many ---------------------------------------------------------------------------------------


def test_a_lookup_keeps_the_order_and_counts_each_device_once() -> None:
    point = MeterPointFactory.create()
    one, two = DeviceFactory.create(import_meter_point=point), DeviceFactory.create(export_meter_point=point)
    asked = [
        str(two.pk),
        point.mpxn,
        one.pk.plain.lower(),
        "3938424403",
        str(ABSENT),
        "Mrs Jones",
        "INC000000000001",
    ]
    answer = search.look_up(asked)
    assert answer.found == [two, one]
    assert answer.not_found == ["3938424403", str(ABSENT)]
    assert [invalid.value for invalid in answer.invalid] == ["Mrs Jones", "INC000000000001"]
    assert all(invalid.message and invalid.suggestion for invalid in answer.invalid)


def test_a_lookup_costs_the_same_few_queries_whatever_is_asked() -> None:
    meters = [DeviceFactory.create(import_meter_point=MeterPointFactory.create()) for _ in range(20)]
    asked = [str(device.pk) for device in meters[:10]]
    asked += [device.import_meter_point.mpxn for device in meters[10:] if device.import_meter_point]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = search.look_up(asked)
        for device in answer.found:
            assert device.notified_by is not None
            assert device.notified_by.party.name
            assert device.device_model.model
            assert device.import_meter_point
    assert len(answer.found) == 20
    assert len(queries) == 6


def test_too_many_identifiers_are_refused() -> None:
    with pytest.raises(search.TooManyIdentifiers) as refused:
        search.look_up(["x"] * 50_001)
    assert "50,001" in refused.value.message


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("a\nb\r\n\n c ", ["a", "b", "c"]),
        (
            f"{ABSENT}, {ABSENT.plain};2000007794886|3938424403",
            [str(ABSENT), ABSENT.plain, "2000007794886", "3938424403"],
        ),
        (f"{ABSENT} {ABSENT.plain}", [str(ABSENT), ABSENT.plain]),
        ("00 DB 12 34 56 78 90 A0", ["00 DB 12 34 56 78 90 A0"]),
        ("20 0000 7794 886", ["20 0000 7794 886"]),
        ("", []),
    ],
)
def test_a_pasted_text_is_cut_into_identifiers(pasted: str, expected: list[str]) -> None:
    assert search.identifiers_in(pasted) == expected
