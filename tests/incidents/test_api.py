"""Requests for Install Code through the API: reading and moving them, the contract's fields and refusals."""

import json
from typing import Any

import pytest
from django.test import Client

from incidents.models import InstallCodeRequest
from incidents.models.choices import State
from ssi.accounts.demo_accounts import NORTHLIGHT
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from tests.factories.accounts import RoleGrantFactory, UserIdFactory
from tests.factories.incidents import (
    CODE,
    CODE_WITH_CRC,
    MISTYPED,
    raised,
    request_in,
)
from tests.incidents.calling import DETAIL, ROOT, problem, send
from tests.tokens import bearer

pytestmark = pytest.mark.django_db


class TestReading:
    def test_one_request_has_history_and_what_one_may_do(
        self, gina: Person, ivan: Person, northlight: Client, brightgrid: Client
    ) -> None:
        reference = raised(gina, ivan).reference
        ours, theirs = (each.get(f"{ROOT}/{reference}").json() for each in (northlight, brightgrid))
        assert set(ours) == DETAIL
        assert [step["event"] for step in ours["history"]] == ["raised", "assigned"]
        assert [step["party"] for step in ours["history"]] == [NORTHLIGHT.name, None]
        assert all(set(step) == {"at", "event", "party"} for step in ours["history"])
        assert sorted(ours["allowed"]) == ["notes", "withdraw"]
        assert sorted(theirs["allowed"]) == ["answer", "decline", "notes"]
        assert theirs["history"][:2] == ours["history"]
        assert [step["event"] for step in theirs["history"][2:]] == ["notified"]  # they have just seen it

    def test_reveal_is_allowed_only_to_a_token_made_for_it(
        self, gina: Person, ivan: Person, northlight: Client, northlight_revealing: Client
    ) -> None:
        reference = request_in(State.ANSWERED, gina, ivan).reference
        assert "reveal" not in northlight.get(f"{ROOT}/{reference}").json()["allowed"]
        assert "reveal" in northlight_revealing.get(f"{ROOT}/{reference}").json()["allowed"]

    def test_what_is_unknown_and_what_is_others_is_the_same_404(
        self, gina: Person, ivan: Person, rhea: Person
    ) -> None:
        reference = raised(gina, ivan).reference
        program = Client(headers=bearer(rhea))
        theirs = problem(program.get(f"{ROOT}/{reference}"), 404)
        unknown = problem(program.get(f"{ROOT}/INC999999999999"), 404)
        assert json.dumps(theirs).replace(reference, "") == json.dumps(unknown).replace("INC999999999999", "")

    @pytest.mark.parametrize("reference", ["x", "INC1", "INC00000000000000000", "%00", "INC%00000000000", "..."])
    def test_what_is_no_reference_is_404(self, northlight: Client, reference: str) -> None:
        problem(northlight.get(f"{ROOT}/{reference}"), 404)

    def test_the_list_has_sides_states_and_pages(self, gina: Person, ivan: Person, northlight: Client) -> None:
        ours = [raised(gina, ivan).reference for _ in range(3)]
        theirs = raised(ivan, gina).reference
        withdrawn = request_in(State.WITHDRAWN, gina, ivan).reference

        def references(query: str) -> list[str]:
            body = northlight.get(f"{ROOT}?{query}").json()
            assert set(body) == {"items", "next_cursor"}
            assert all(set(item) == DETAIL for item in body["items"])
            return [item["reference"] for item in body["items"]]

        assert references("side=raised") == [withdrawn, *reversed(ours)]
        assert references("side=assigned") == [theirs]
        assert references("") == [withdrawn, theirs, *reversed(ours)]
        assert references("side=raised&state=assigned") == [*reversed(ours)]
        assert references("side=&state=&cursor=&limit=2") == [withdrawn, theirs]
        cursor = northlight.get(f"{ROOT}?limit=2").json()["next_cursor"]
        assert references(f"limit=2&cursor={cursor}") == [ours[2], ours[1]]

    @pytest.mark.parametrize(
        ("query", "field"),
        [("side=both", "side"), ("state=open", "state"), ("limit=0", "limit"), ("cursor=nonsense", "cursor")],
    )
    def test_a_bad_filter_is_422(self, northlight: Client, query: str, field: str) -> None:
        document = problem(northlight.get(f"{ROOT}?{query}"), 422)
        assert [error["field"] for error in document["errors"]] == [field]

    def test_the_list_takes_the_same_few_queries_whatever_its_length(
        self, gina: Person, ivan: Person, northlight: Client, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(6):
            raised(gina, ivan)
        with django_assert_max_num_queries(5):
            assert len(northlight.get(ROOT).json()["items"]) == 6


class TestAnswering:
    def test_36_digits_are_sealed_and_never_come_back(
        self, gina: Person, ivan: Person, brightgrid: Client
    ) -> None:
        reference = raised(gina, ivan).reference
        response = send(brightgrid, f"/{reference}/answer", {"install_code": CODE_WITH_CRC})
        assert response.status_code == 200
        assert response["Cache-Control"] == "no-store"
        assert set(response.json()) == DETAIL
        assert response.json()["state"] == "answered"
        assert CODE not in response.content.decode().upper()

    def test_32_digits_are_needed_twice(self, gina: Person, ivan: Person, brightgrid: Client) -> None:
        reference = raised(gina, ivan).reference
        once = problem(send(brightgrid, f"/{reference}/answer", {"install_code": CODE}), 422)
        assert [error["field"] for error in once["errors"]] == ["install_code_again"]
        other = {"install_code": CODE, "install_code_again": CODE.replace("8", "9")}
        problem(send(brightgrid, f"/{reference}/answer", other), 422)
        both = {"install_code": CODE, "install_code_again": CODE.lower()}
        assert send(brightgrid, f"/{reference}/answer", both).status_code == 200

    @pytest.mark.parametrize("code", [MISTYPED, CODE[:-2], "", "x" * 201, "O" * 36, "0" * 32, 17, None, [CODE]])
    def test_a_bad_code_is_422_without_repeating_it(
        self, gina: Person, ivan: Person, brightgrid: Client, code: object
    ) -> None:
        reference = raised(gina, ivan).reference
        response = send(brightgrid, f"/{reference}/answer", {"install_code": code})
        problem(response, 422)
        assert response["Cache-Control"] == "no-store"
        assert CODE[:12] not in response.content.decode()
        assert InstallCodeRequest.objects.get().state == State.ASSIGNED

    def test_the_raiser_may_not_answer_however_ill_formed_the_code(
        self, gina: Person, ivan: Person, northlight: Client
    ) -> None:
        reference = raised(gina, ivan).reference
        problem(send(northlight, f"/{reference}/answer", {"install_code": "x"}), 403)

    def test_answering_again_is_409(self, gina: Person, ivan: Person, brightgrid: Client) -> None:
        reference = request_in(State.ANSWERED, gina, ivan).reference
        problem(send(brightgrid, f"/{reference}/answer", {"install_code": CODE_WITH_CRC}), 409)

    def test_declining_takes_a_known_reason(self, gina: Person, ivan: Person, brightgrid: Client) -> None:
        reference = raised(gina, ivan).reference
        problem(send(brightgrid, f"/{reference}/decline", {"reason": "too_busy", "detail": ""}), 422)
        problem(send(brightgrid, f"/{reference}/decline", {"reason": "other", "detail": " "}), 422)
        response = send(
            brightgrid, f"/{reference}/decline", {"reason": "device_transferred", "detail": "To Lumenway."}
        )
        assert response.json()["state"] == "with_service_desk"


class TestRevealing:
    def test_a_token_made_for_it_reads_the_code(
        self, gina: Person, ivan: Person, northlight_revealing: Client
    ) -> None:
        reference = request_in(State.ANSWERED, gina, ivan).reference
        response = send(northlight_revealing, f"/{reference}/reveal", {"reason": "To commission it."})
        assert response.json() == {"install_code": CODE, "install_code_with_crc": CODE_WITH_CRC, "reveals": 1}
        assert response["Cache-Control"] == "no-store"
        event = AuditEvent.objects.get(event="install_code.revealed")
        assert event.detail["reason"] == "To commission it."
        assert event.via == "api"

    def test_another_token_is_403_and_leaves_nothing(self, gina: Person, ivan: Person, northlight: Client) -> None:
        reference = request_in(State.ANSWERED, gina, ivan).reference
        response = send(northlight, f"/{reference}/reveal", {"reason": "To commission it."})
        problem(response, 403)
        assert response["Cache-Control"] == "no-store"
        assert InstallCodeRequest.objects.get().reveals == 0

    def test_no_reason_is_422(self, gina: Person, ivan: Person, northlight_revealing: Client) -> None:
        reference = request_in(State.ANSWERED, gina, ivan).reference
        problem(send(northlight_revealing, f"/{reference}/reveal", {"reason": "  "}), 422)
        problem(send(northlight_revealing, f"/{reference}/reveal", {}), 422)

    def test_before_it_is_answered_409(self, gina: Person, ivan: Person, northlight_revealing: Client) -> None:
        reference = raised(gina, ivan).reference
        problem(send(northlight_revealing, f"/{reference}/reveal", {"reason": "To commission it."}), 409)

    def test_the_installer_and_the_desk_may_not_even_with_such_a_token(
        self, gina: Person, ivan: Person, dana: Person
    ) -> None:
        reference = request_in(State.ANSWERED, gina, ivan).reference
        for person in (ivan, dana):
            program = Client(headers=bearer(person, can_reveal=True))
            problem(send(program, f"/{reference}/reveal", {"reason": "To look."}), 403)


class TestEnding:
    @pytest.mark.parametrize(
        ("outcome", "state"), [("worked", "closed"), ("not_tried", "closed"), ("wrong_code", "assigned")]
    )
    def test_closing(self, gina: Person, ivan: Person, northlight: Client, outcome: str, state: str) -> None:
        reference = request_in(State.ANSWERED, gina, ivan).reference
        response = send(northlight, f"/{reference}/close", {"outcome": outcome})
        assert response.json()["state"] == state

    def test_only_the_raiser_closes(self, gina: Person, ivan: Person, dana: Person, brightgrid: Client) -> None:
        reference = request_in(State.ANSWERED, gina, ivan).reference
        problem(send(brightgrid, f"/{reference}/close", {"outcome": "worked"}), 403)
        problem(send(Client(headers=bearer(dana)), f"/{reference}/close", {"outcome": "worked"}), 403)

    def test_an_unknown_outcome_is_422(self, gina: Person, ivan: Person, northlight: Client) -> None:
        reference = request_in(State.ANSWERED, gina, ivan).reference
        problem(send(northlight, f"/{reference}/close", {"outcome": "fine"}), 422)

    def test_withdrawing_takes_a_reason(self, gina: Person, ivan: Person, northlight: Client) -> None:
        reference = raised(gina, ivan).reference
        problem(send(northlight, f"/{reference}/withdraw", {"reason": ""}), 422)
        assert send(northlight, f"/{reference}/withdraw", {"reason": "Not needed."}).json()["state"] == "withdrawn"
        problem(send(northlight, f"/{reference}/withdraw", {"reason": "Not needed."}), 409)

    def test_notes_of_both_sides(self, gina: Person, ivan: Person, northlight: Client, brightgrid: Client) -> None:
        reference = raised(gina, ivan).reference
        for program in (northlight, brightgrid):
            response = send(program, f"/{reference}/notes", {"text": "Which depot?"})
            assert response.json()["history"][-1]["event"] == "note_added"
        problem(send(northlight, f"/{reference}/notes", {"text": " "}), 422)
        problem(send(northlight, f"/{reference}/notes", {"text": f"Code: {CODE}"}), 422)


def test_what_one_sees_hangs_on_the_user_id_acted_for(gina: Person, ivan: Person) -> None:
    reference = raised(gina, ivan).reference
    other = RoleGrantFactory.create(person=gina, acting_for=UserIdFactory.create(party=gina.party))
    headers = {**bearer(gina), "Acting-As": f"{other.acting_for_id}/IS"}
    problem(Client(headers=headers).get(f"{ROOT}/{reference}"), 404)
