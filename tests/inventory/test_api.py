"""Devices through the API: the contract's fields, filters and lookup."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from inventory.api.devices import LookupOut
from inventory.models.choices import CspRegion, DeviceType, EsmeVariant, SmiStatus
from ssi.accounts.models import Person
from tests.factories.inventory import DeviceFactory, MeterPointFactory, home
from tests.tokens import bearer

pytestmark = pytest.mark.django_db

FIELDS = {
    "device_id",
    "device_type",
    "smi_status",
    "status_since",
    "manufacturer",
    "model",
    "firmware_version",
    "smets_version",
    "esme_variant",
    "notified_by",
    "notified_at",
    "import_mpxn",
    "uprn",
    "post_code",
    "address_identifier",
    "secondary_import_mpan",
    "export_mpan",
    "comms_hub",
    "csp_region",
    "masked",
}


@pytest.fixture
def program(vera: Person) -> Client:
    """Return a program of somebody who only reads."""
    return Client(headers=bearer(vera))


def refused(response: Any, status: int) -> list[str]:
    """Return the fields at fault in a problem document."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    return [error["field"] for error in response.json()["errors"]]


def test_a_device_has_the_contracts_fields(program: Client) -> None:
    hub = DeviceFactory.create(device_type=DeviceType.CHF, csp_region=CspRegion.NORTH_4G)
    meter = DeviceFactory.create(
        comms_hub=hub,
        smi_status=SmiStatus.INSTALLED_NOT_COMMISSIONED,
        esme_variant=EsmeVariant.ADE,
        notified_at=datetime(2026, 7, 1, 16, tzinfo=UTC),
        import_meter_point=MeterPointFactory.create(mpxn="2000007794886"),
        secondary_import_meter_point=MeterPointFactory.create(mpxn="2000020479229"),
        export_meter_point=MeterPointFactory.create(mpxn="1200031501010"),
    )
    assert program.get(f"/api/v1/devices/{meter.pk}").json() == {
        "device_id": str(meter.pk),
        "device_type": "ESME",
        "smi_status": "InstalledNotCommissioned",
        "status_since": "2026-07-01T16:00:00Z",
        "manufacturer": "2F01",
        "model": "41A00102",
        "firmware_version": "00020311",
        "smets_version": "SMETS V4.2",
        "esme_variant": "ADE",
        "notified_by": {"user_id": str(meter.notified_by_id), "party": meter.notified_by.party.name},  # type: ignore[union-attr]
        "notified_at": "2026-07-01T16:00:00Z",
        "import_mpxn": "2000007794886",
        "uprn": None,
        "post_code": None,
        "address_identifier": None,
        "secondary_import_mpan": "2000020479229",
        "export_mpan": "1200031501010",
        "comms_hub": str(hub.pk),
        "csp_region": None,
        "masked": ["uprn", "post_code", "address_identifier"],
    }
    assert program.get(f"/api/v1/devices/{hub.pk}").json()["csp_region"] == "4G North"


def test_a_type_2_device_has_nulls_where_it_has_nothing(program: Client) -> None:
    display = DeviceFactory.create(device_type=DeviceType.IHD, notified_by=None, notified_at=None)
    answer = program.get(f"/api/v1/devices/{display.pk}").json()
    assert set(answer) == FIELDS
    empty = {"smi_status", "status_since", "firmware_version", "smets_version", "esme_variant", "notified_by"}
    assert {name for name in FIELDS if answer[name] is None} >= empty


@pytest.mark.parametrize("spelling", ["{}", "{plain}", "{lower}"])
def test_a_device_id_may_be_spelt_any_way(program: Client, spelling: str) -> None:
    device = DeviceFactory.create()
    path = spelling.format(device.pk, plain=device.pk.plain, lower=str(device.pk).lower())
    assert program.get(f"/api/v1/devices/{path}").json()["device_id"] == str(device.pk)


def test_an_unknown_device_is_404_and_a_malformed_id_422(program: Client) -> None:
    assert refused(program.get("/api/v1/devices/00-DB-12-34-56-78-90-A0"), 404) == ["device_id"]
    response = program.get("/api/v1/devices/00-DB-12")
    assert refused(response, 422) == ["device_id"]
    assert "it has 6 digits, not 16" in response.json()["detail"]


def test_the_list_takes_the_contracts_filters(program: Client) -> None:
    devices = home()
    meter = devices[DeviceType.ESME]
    assert meter.import_meter_point is not None
    asked = {
        "device_type": "ESME",
        "smi_status": "Commissioned",
        "mpxn": meter.import_meter_point.mpxn,
        "notified_by": str(meter.notified_by_id),
        "model": "2F01 41A00102",
        "cursor": "",
        "limit": "10",
    }
    assert [item["device_id"] for item in program.get("/api/v1/devices", asked).json()["items"]] == [str(meter.pk)]
    assert program.get("/api/v1/devices", asked | {"smi_status": "Pending"}).json()["items"] == []
    for name in asked:
        assert program.get("/api/v1/devices", {name: ""}).status_code == 200, name


def test_the_list_pages_by_cursor_without_totals(program: Client) -> None:
    devices = DeviceFactory.create_batch(5)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = program.get("/api/v1/devices", {"limit": "2", "cursor": cursor}).json()
        assert set(page) == {"items", "next_cursor"}
        seen += [item["device_id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [str(device.pk) for device in sorted(devices, key=lambda device: device.pk)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("device_type", "SAPC"),
        ("smi_status", "commissioned?"),
        ("mpxn", "12345678901"),
        ("notified_by", "Nobody Energy"),
        ("cursor", "x"),
        ("limit", "0"),
        ("limit", "501"),
        ("limit", "many"),
        ("model", "x" * 201),
    ],
)
def test_a_filter_that_makes_no_sense_is_named(program: Client, name: str, value: str) -> None:
    assert refused(program.get("/api/v1/devices", {name: value}), 422) == [name]


def test_a_lookup_sorts_identifiers_into_found_not_found_and_invalid(program: Client) -> None:
    devices = home()
    meter = devices[DeviceType.ESME]
    assert meter.import_meter_point is not None
    body = {"identifiers": [meter.import_meter_point.mpxn, str(devices[DeviceType.CHF].pk), "3938424404", "x"]}
    response = program.post("/api/v1/devices/lookup", json.dumps(body), content_type="application/json")
    answer = response.json()
    LookupOut.model_validate(answer)
    assert [item["device_id"] for item in answer["found"]] == [str(meter.pk), str(devices[DeviceType.CHF].pk)]
    assert all(set(item) == FIELDS for item in answer["found"])
    assert answer["not_found"] == ["3938424404"]
    assert [set(each) for each in answer["invalid"]] == [{"value", "message", "suggestion"}]


def test_an_address_leaves_through_the_api_for_dcc_alone_where_nobody_is_registered(
    program: Client, dana: Person
) -> None:
    meter = home()[DeviceType.ESME]
    point = meter.import_meter_point
    assert point is not None
    theirs, desks = (
        client.get(f"/api/v1/devices/{meter.pk}").json() for client in (program, Client(headers=bearer(dana)))
    )
    assert theirs["masked"] == ["uprn", "post_code", "address_identifier"]
    assert {theirs[name] for name in theirs["masked"]} == {None}
    assert desks["masked"] == []
    assert desks["uprn"] == point.uprn
    assert (desks["post_code"], desks["address_identifier"]) == (point.post_code, point.address_identifier)
