"""The audit trail through the API: the same rows and filters as on screen."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, get_args

import pytest
from django.test import Client

from inventory.api.service_requests import KINDS as API_KINDS
from inventory.api.service_requests import KindName
from inventory.forms.service_requests import KINDS
from inventory.models.choices import TrailKind
from ssi.accounts.models import Person
from tests.factories.audit_trail import DEVICE_ID, message
from tests.tokens import bearer

pytestmark = pytest.mark.django_db
CALL = "/api/v1/service-requests"


@pytest.fixture
def program(vera: Person) -> Client:
    """Return a program of somebody who only reads."""
    return Client(headers=bearer(vera))


def items(program: Client, **query: Any) -> list[dict[str, Any]]:
    answer = program.get(CALL, query)
    assert answer.status_code == HTTPStatus.OK, answer.content
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_a_message_has_all_its_facts(program: Client, vera: Person, ivan: Person) -> None:
    at = datetime(2026, 7, 1, 16, 0, 3, tzinfo=UTC)
    message(vera, at=at, code="E5", detail="It is Suspended.", suggestion="Wait.")
    message(ivan)
    assert items(program) == [
        {
            "at": "2026-07-01T16:00:03Z",
            "kind": "service_request",
            "srv": "8.11",
            "device_id": str(DEVICE_ID),
            "request_id": f"90-B3-D5-1F-30-03-00-00:{DEVICE_ID}:1000",
            "code": "E5",
            "meaning": "Failed authorisation: the device's SMI Status does not go with the Service Reference.",
            "detail": "It is Suspended.",
            "suggestion": "Wait.",
        }
    ]


def test_an_alert_of_no_device_has_nulls(program: Client, vera: Person) -> None:
    message(vera, kind=TrailKind.DCC_ALERT, code="N42", srv="", device_id=None, target=None, counter=None)
    (found,) = items(program)
    assert (found["kind"], found["srv"], found["device_id"], found["request_id"]) == (
        "dcc_alert",
        None,
        None,
        None,
    )


def test_a_signed_pre_command_is_a_kind_of_its_own(program: Client, vera: Person) -> None:
    message(vera, srv="8.1.1")
    message(vera, srv="8.1.1", kind=TrailKind.SIGNED_PRE_COMMAND)
    (found,) = items(program, kind="signed_pre_command")
    assert (found["kind"], found["srv"], found["meaning"][:12]) == ("signed_pre_command", "8.1.1", "Acknowledged")
    assert len(items(program, kind="service_request")) == 1


@pytest.mark.parametrize(
    ("query", "counters"),
    [
        ({"device_id": "00db1234567890a0"}, [3, 2, 1]),
        ({"device_id": "00-DB-12-00-00-00-00-07"}, []),
        ({"srv": "12.2"}, [2]),
        ({"code": "e5"}, [3]),
        ({"kind": "service_response"}, [3]),
        ({"from_at": "2026-07-01T17:00:00"}, [3, 2]),  # London's
        ({"from_at": "2026-07-01T17:00:00Z"}, [3]),
        ({"before_at": "2026-07-01T16:00:00Z", "srv": "8.11"}, [1]),
        ({"from_at": "2026-07-01", "before_at": "2026-07-02"}, [3, 2, 1]),
    ],
)
def test_each_filter_narrows(program: Client, vera: Person, query: dict[str, str], counters: list[int]) -> None:
    message(vera, counter=1, at=datetime(2026, 7, 1, 15, tzinfo=UTC))
    message(vera, counter=2, at=datetime(2026, 7, 1, 16, tzinfo=UTC), srv="12.2")
    response = {"kind": TrailKind.SERVICE_RESPONSE, "code": "E5"}
    message(vera, counter=3, at=datetime(2026, 7, 1, 17, tzinfo=UTC), **response)
    assert [int(each["request_id"].rsplit(":", 1)[1]) for each in items(program, **query)] == counters


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"device_id": "12"}, "device_id"),
        ({"kind": "telegram"}, "kind"),
        ({"from_at": "yesterday"}, "from_at"),
        ({"before_at": "0001-01-01"}, "before_at"),
        ({"cursor": "AAAA"}, "cursor"),
        ({"limit": 501}, "limit"),
    ],
)
def test_what_makes_no_sense_names_its_field(program: Client, query: dict[str, Any], field: str) -> None:
    answer = program.get(CALL, query)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert error["suggestion"]


def test_pages_follow_each_other(program: Client, vera: Person) -> None:
    for number in range(5):
        message(vera, counter=number, ago=timedelta(minutes=number))
    first = program.get(CALL, {"limit": 3}).json()
    second = program.get(CALL, {"limit": 3, "cursor": first["next_cursor"]}).json()
    assert [len(page["items"]) for page in (first, second)] == [3, 2]
    assert second["next_cursor"] is None


def test_dcc_and_its_feed_do_not_see_it(dana: Person, feed: Person, gina: Person) -> None:
    message(gina)
    for person in (dana, feed):
        answer = Client(headers=bearer(person)).get(CALL)
        assert answer.status_code == HTTPStatus.FORBIDDEN
        assert answer.json()["suggestion"]


def test_screen_and_api_name_the_kinds_alike() -> None:
    assert list(KINDS) == list(get_args(KindName))
    assert dict(API_KINDS) == KINDS
