"""The API as a whole: who calls, what goes wrong and how it says so, what its document promises."""

import json
from typing import Any

import pytest
from django.test import Client

from ssi.access.components import Component
from ssi.access.decorators import Requires, access_of
from ssi.accounts.models import Person
from ssi.api import CallsPerPerson, api
from ssi.web.api_reference import Reference
from tests.factories.inventory import DeviceFactory
from tests.personas import client_of
from tests.tokens import bearer

pytestmark = pytest.mark.django_db

UNKNOWN = "/api/v1/devices/00-DB-12-34-56-78-90-A0"


def problem(response: Any, status: int) -> dict[str, Any]:
    """Return the problem document that `response` is."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document["status"] == status
    for part in ("title", "detail", "suggestion"):
        assert document[part], part
    assert all(set(error) == {"field", "message", "suggestion"} for error in document["errors"])
    return document


# --- Who calls ----------------------------------------------------------------------------------


def test_no_token_is_401_and_says_how_to_send_one() -> None:
    response = Client().get("/api/v1/devices")
    assert "Authorization: Bearer" in problem(response, 401)["suggestion"]
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer ", "Basic Z2luYTp4", "nonsense", "Bearer \x00"])
def test_a_bad_token_is_401(header: str) -> None:
    problem(Client().get("/api/v1/devices", headers={"Authorization": header}), 401)


def test_a_session_is_no_token(gina: Person) -> None:
    problem(client_of(gina).get("/api/v1/devices"), 401)


def test_the_role_is_asked_before_the_body_is_read(aroha: Person) -> None:
    response = Client(headers=bearer(aroha)).post(
        "/api/v1/devices/lookup", "not json", content_type="application/json"
    )
    document = problem(response, 403)
    assert "you hold ARO" in document["detail"]
    assert "Ask" in document["suggestion"]


def test_a_token_acts_in_the_role_it_asks_for(gina: Person) -> None:
    client = Client(headers=bearer(gina) | {"Acting-As": "90-B3-D5-1F-30-03-00-00/GS"})
    assert client.get("/api/v1/devices").json() == {"items": [], "next_cursor": None}
    problem(Client(headers=bearer(gina) | {"Acting-As": "90-B3-D5-1F-30-03-00-00/ED"}).get("/api/v1/devices"), 403)


def test_every_operation_names_its_component() -> None:
    for bound in api._get_bound_routers():
        for view in bound.path_operations.values():
            for operation in view.operations:
                access = access_of(operation.view_func)
                assert isinstance(access, Requires), f"{operation.view_func.__qualname__} names no component"
                assert all(isinstance(component, Component) for component in access.components)
                assert operation.auth_callbacks, f"{operation.view_func.__qualname__} asks for no token"


# --- What goes wrong ----------------------------------------------------------------------------


def test_an_unknown_path_is_a_problem(gina: Person) -> None:
    problem(Client(headers=bearer(gina)).get("/api/v1/toasters"), 404)
    problem(Client().get("/api/v1/toasters/1"), 404)


def test_a_wrong_method_is_a_problem_that_names_the_right_one(gina: Person) -> None:
    response = Client(headers=bearer(gina)).delete(UNKNOWN)
    assert "GET" in problem(response, 405)["detail"]
    assert response["Allow"] == "GET"


@pytest.mark.parametrize(
    "body", [b"{", b"\xff\xfe", b'{"identifiers": ["\\u0000"]}', b'{"identifiers": ["\\ud800"]}', b"[" * 100_000]
)
def test_a_body_that_is_no_json_text_is_400(gina: Person, body: bytes) -> None:
    client = Client(headers=bearer(gina))
    problem(client.post("/api/v1/devices/lookup", body, content_type="application/json"), 400)


def test_a_body_beyond_two_mebibytes_is_413(gina: Person) -> None:
    client = Client(headers=bearer(gina))
    problem(client.post("/api/v1/devices/lookup", b" " * 2_200_000, content_type="application/json"), 413)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "identifiers"),
        ({"identifiers": "x"}, "identifiers"),
        ({"identifiers": ["x", 3]}, "identifiers.1"),
        ({"identifiers": ["x"] * 50_001}, "identifiers"),
        ([], "identifiers"),
        (None, "identifiers"),
    ],
)
def test_each_field_at_fault_is_named(gina: Person, body: object, field: str) -> None:
    client = Client(headers=bearer(gina))
    response = client.post("/api/v1/devices/lookup", json.dumps(body), content_type="application/json")
    assert [error["field"] for error in problem(response, 422)["errors"]] == [field]


def test_a_nul_in_a_query_or_an_address_is_refused(gina: Person) -> None:
    client = Client(headers=bearer(gina))
    problem(client.get("/api/v1/devices?notified_by=%00"), 422)
    problem(client.get("/api/v1/devices/%00"), 400)


def test_what_breaks_on_our_side_is_a_problem_too(gina: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("inventory.search.device_of", breaks)
    client = Client(headers=bearer(gina), raise_request_exception=False)
    assert "boom" not in problem(client.get(UNKNOWN), 500)["detail"]


def test_too_many_calls_are_429_and_say_when_to_come_back(gina: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    throttle = CallsPerPerson(2)
    for bound in api._get_bound_routers():
        for view in bound.path_operations.values():
            for operation in view.operations:
                monkeypatch.setattr(operation, "throttle_objects", [throttle])
    client = Client(headers=bearer(gina))
    assert [client.get(UNKNOWN).status_code for _ in range(2)] == [404, 404]
    response = client.get(UNKNOWN)
    problem(response, 429)
    assert int(response["Retry-After"]) == 30


# --- What its document promises -----------------------------------------------------------------


def test_the_document_is_openapi_3_1_and_tells_of_problems() -> None:
    document = Client().get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            assert {"401", "403", "422", "429"} <= answers.keys(), (method, path)
            schema = answers["403"]["content"]["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}
            assert operation["security"]
    assert set(document["components"]["schemas"]["Problem"]["properties"]) == {
        "status",
        "title",
        "detail",
        "suggestion",
        "errors",
        "code",
    }


def test_the_reference_shows_every_operation_without_a_script() -> None:
    page = Client().get("/api/v1/docs").content.decode()
    for group in Reference(api.get_openapi_schema()).groups:
        for operation in group.operations:
            assert f'id="{operation.anchor}"' in page
            assert operation.summary
            assert operation.description
    assert "<script>" not in page
    assert "style=" not in page


def test_an_operation_answers_its_owner(gina: Person) -> None:
    device = DeviceFactory.create()
    response = Client(headers=bearer(gina)).get(f"/api/v1/devices/{device.pk}")
    assert response.json()["device_id"] == str(device.pk)
