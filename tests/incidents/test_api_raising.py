"""Raising through the API, and one effect per Idempotency-Key."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from incidents.models import InstallCodeRequest
from incidents.models.choices import State
from inventory.models.choices import DeviceType, SmiStatus
from ssi.accounts.demo_accounts import BRIGHTGRID, NORTHLIGHT
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from tests.factories.incidents import (
    CODE,
    CODE_WITH_CRC,
    device_of,
    raised,
    request_in,
)
from tests.factories.inventory import DeviceFactory
from tests.incidents.calling import FIELDS, problem, send

pytestmark = pytest.mark.django_db


class TestRaising:
    def test_answers_201_with_the_contracts_fields(self, northlight: Client, ivan: Person) -> None:
        device = device_of(ivan)
        response = send(northlight, "", {"device_id": str(device.device_id).lower(), "note": "Visit on Friday."})
        assert response.status_code == 201, response.content
        body = response.json()
        assert set(body) == FIELDS
        assert body["state"] == "assigned"
        assert body["raised_by"] == {"user_id": NORTHLIGHT.user_id, "party": NORTHLIGHT.name}
        assert body["assigned_to"] == {"user_id": BRIGHTGRID.user_id, "party": BRIGHTGRID.name}
        assert BRIGHTGRID.name in body["assigned_because"]
        assert body["notified_at"] is None  # the e-mail has not gone yet
        assert body["due_date"] > f"{timezone.localdate()}"
        assert body["device"] == {
            "device_id": str(device.device_id),
            "device_type": "ESME",
            "smi_status": "Pending",
        }

    def test_needs_only_the_device_id(self, northlight: Client, ivan: Person) -> None:
        assert send(northlight, "", {"device_id": device_of(ivan).device_id.plain}).status_code == 201
        request = InstallCodeRequest.objects.get()
        assert request.responsibility_claimed_at is not None

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "device_id"),
            ({"device_id": "not one"}, "device_id"),
            ({"device_id": None}, "device_id"),
            ({"mpxn": "12345678901"}, "mpxn"),
            ({"needed_by_date": "2026-02-30"}, "needed_by_date"),
            ({"needed_by_date": "2020-01-01"}, "needed_by_date"),
            ({"note": "x" * 2_001}, "note"),
            ({"note": f"It is {CODE}."}, "note"),
        ],
    )
    def test_bad_input_is_422_and_names_the_field(
        self, northlight: Client, ivan: Person, body: dict[str, Any], field: str
    ) -> None:
        good = {"device_id": str(device_of(ivan).device_id)} if body and "device_id" not in body else {}
        document = problem(send(northlight, "", good | body), 422)
        assert [error["field"] for error in document["errors"]] == [field]
        assert CODE not in json.dumps(document)
        assert not InstallCodeRequest.objects.exists()

    def test_an_unknown_device_is_404(self, northlight: Client) -> None:
        problem(send(northlight, "", {"device_id": "00-DB-12-34-56-78-90-A0"}), 404)

    @pytest.mark.parametrize("status", [SmiStatus.COMMISSIONED, SmiStatus.DECOMMISSIONED, SmiStatus.SUSPENDED])
    def test_a_device_in_no_permitted_status_is_409(
        self, northlight: Client, ivan: Person, status: SmiStatus
    ) -> None:
        problem(send(northlight, "", {"device_id": str(device_of(ivan, smi_status=status).device_id)}), 409)

    @pytest.mark.parametrize("device_type", [DeviceType.IHD, DeviceType.CAD])
    def test_a_type_2_device_is_422(self, northlight: Client, ivan: Person, device_type: DeviceType) -> None:
        device = device_of(ivan, device_type=device_type)
        problem(send(northlight, "", {"device_id": str(device.device_id)}), 422)

    @pytest.mark.parametrize("device_type", [DeviceType.CHF, DeviceType.GPF])
    def test_a_part_of_a_hub_goes_to_the_desk(
        self, northlight: Client, ivan: Person, device_type: DeviceType
    ) -> None:
        device = device_of(ivan, device_type=device_type)
        answer = send(northlight, "", {"device_id": str(device.device_id)}).json()
        assert (answer["state"], answer["assigned_to"]) == (State.WITH_SERVICE_DESK, None)
        assert "communications hub" in answer["assigned_because"]

    def test_ones_own_device_goes_to_the_desk(self, northlight: Client, gina: Person) -> None:
        answer = send(northlight, "", {"device_id": str(device_of(gina).device_id)}).json()
        assert (answer["state"], answer["assigned_to"]) == (State.WITH_SERVICE_DESK, None)
        assert "Northlight Energy pre-notified this device itself" in answer["assigned_because"]

    def test_a_second_open_one_is_409_and_names_the_first(
        self, northlight: Client, gina: Person, ivan: Person
    ) -> None:
        first = raised(gina, ivan)
        document = problem(send(northlight, "", {"device_id": str(first.device_id)}), 409)
        assert first.reference in document["detail"]

    def test_nothing_tells_of_what_others_have_open(
        self, northlight: Client, gina: Person, rhea: Person, ivan: Person
    ) -> None:
        theirs = raised(rhea, ivan)
        response = send(northlight, "", {"device_id": str(theirs.device_id)})
        assert response.status_code == 201
        assert theirs.reference not in response.content.decode()

    def test_nobody_to_ask_goes_to_the_desk(self, northlight: Client) -> None:
        response = send(northlight, "", {"device_id": str(DeviceFactory.create(notified_by=None).device_id)})
        assert response.json()["state"] == "with_service_desk"
        assert response.json()["assigned_to"] is None


class TestIdempotency:
    def test_the_same_key_and_body_give_the_same_answer_and_one_request(
        self, northlight: Client, ivan: Person
    ) -> None:
        body, key = {"device_id": str(device_of(ivan).device_id)}, str(uuid.uuid4())
        answers = [send(northlight, "", body, **{"Idempotency-Key": key}) for _ in range(3)]
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
        assert InstallCodeRequest.objects.count() == 1

    def test_the_same_key_with_another_body_is_422(self, northlight: Client, ivan: Person) -> None:
        one, other = ({"device_id": str(device_of(ivan).device_id)} for _ in range(2))
        send(northlight, "", one, **{"Idempotency-Key": "k"})
        problem(send(northlight, "", other, **{"Idempotency-Key": "k"}), 422)
        assert InstallCodeRequest.objects.count() == 1

    def test_an_answer_repeated_after_the_state_moved_is_the_same_answer(
        self, gina: Person, ivan: Person, brightgrid: Client
    ) -> None:
        reference = raised(gina, ivan).reference
        body, key = {"install_code": CODE_WITH_CRC}, {"Idempotency-Key": "answer-1"}
        first, again = (send(brightgrid, f"/{reference}/answer", body, **key) for _ in range(2))
        assert first.status_code == again.status_code == 200
        assert first.content == again.content
        problem(send(brightgrid, f"/{reference}/answer", body), 409)  # without the key it is a new attempt
        assert AuditEvent.objects.filter(event="install_code_request.answered").count() == 1

    def test_a_reveal_repeated_is_counted_once(
        self, gina: Person, ivan: Person, northlight_revealing: Client
    ) -> None:
        reference = request_in(State.ANSWERED, gina, ivan).reference
        body, key = {"reason": "To join it."}, {"Idempotency-Key": "reveal-1"}
        first, again = (send(northlight_revealing, f"/{reference}/reveal", body, **key) for _ in range(2))
        assert first.json() == again.json()
        assert InstallCodeRequest.objects.get().reveals == 1

    def test_a_reveal_repeated_much_later_shows_nothing(
        self, gina: Person, ivan: Person, northlight_revealing: Client
    ) -> None:
        reference = request_in(State.ANSWERED, gina, ivan).reference
        body, key = {"reason": "To join it."}, {"Idempotency-Key": "reveal-1"}
        send(northlight_revealing, f"/{reference}/reveal", body, **key)
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            problem(send(northlight_revealing, f"/{reference}/reveal", body, **key), 409)
