"""Codes for DUIS: each recorded and counted before any is opened; nothing leaves that may not be read."""

import csv
import io
from typing import Any
from unittest import mock

import pytest
from django.test import Client

from incidents.actions import install_code_requests as actions
from incidents.actions.install_code_requests import exporting
from incidents.actions.install_code_requests.revealing import RevealNeedsFreshSignIn, RevealPermitSpent
from incidents.models import InstallCodeRequest
from incidents.models.choices import Event, Outcome, State
from incidents.search.selections import Chosen
from ssi.accounts.models import Person
from ssi.audit import log
from ssi.audit.models import AuditEvent
from tests.factories.incidents import CODE, CODE_WITH_CRC, answered, raised, read, request_in
from tests.incidents.browsing import hidden_fields, text_of
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db(transaction=True)
CODES = "/install-code-requests/chosen/codes/"
REASON = "To commission the meters."


@pytest.fixture
def requests(gina: Person, ivan: Person) -> list[InstallCodeRequest]:
    return [request_in(State.ANSWERED, gina, ivan) for _ in range(3)]


def query(*requests: InstallCodeRequest) -> str:
    return "&".join(f"request={each.reference}" for each in requests)


def asked(browser: Client, *requests: InstallCodeRequest, reason: str = REASON) -> Any:
    """Look at the page, then ask for the file."""
    shown = browser.get(f"{CODES}?{query(*requests)}")
    return browser.post(CODES, _fields(shown, *requests, reason=reason))


def _fields(shown: Any, *requests: InstallCodeRequest, reason: str = REASON) -> dict[str, Any]:
    return {**hidden_fields(shown), "request": [each.reference for each in requests], "reason": reason}


def rows(response: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode())))


def events() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(event="install_code.revealed").order_by("id"))


def test_the_file_has_duis_names_and_codes_without_check_digits(
    requests: list[InstallCodeRequest], gina: Person
) -> None:
    response = asked(client_of(gina), *requests)
    assert rows(response) == [
        ["DeviceID", "InstallCode", "Reference"],
        *([str(each.device_id), CODE, each.reference] for each in requests),
    ]
    assert response["Content-Disposition"].startswith('attachment; filename="install-codes-')
    assert "no-store" in response["Cache-Control"]
    assert response.content[:8] == b"DeviceID"


def test_each_counts_and_is_recorded_as_a_reading_of_its_own(
    requests: list[InstallCodeRequest], gina: Person
) -> None:
    asked(client_of(gina), *requests)
    assert [(each.reference, each.detail["reason"]) for each in events()] == [
        (each.reference, REASON) for each in requests
    ]
    for request in requests:
        request.refresh_from_db()
        assert request.reveals == 1
        step = request.history.get(event=Event.REVEALED)
        assert (step.party_name, step.text) == ("Northlight Energy", "")


def test_nothing_is_opened_before_all_is_committed(requests: list[InstallCodeRequest], gina: Person) -> None:
    with mock.patch.object(exporting, "open_codes", side_effect=RevealPermitSpent) as opening:
        asked(client_of(gina), *requests)
    assert len(opening.call_args.kwargs["permits"]) == 3
    assert len(events()) == 3


def test_without_its_record_no_code_leaves(requests: list[InstallCodeRequest], gina: Person) -> None:
    with mock.patch.object(log, "record_many", side_effect=RuntimeError), pytest.raises(RuntimeError):
        asked(client_of(gina), *requests)
    assert events() == []
    assert not InstallCodeRequest.objects.filter(reveals__gt=0).exists()


def test_what_is_read_out_or_not_answered_is_left_out_and_listed(
    requests: list[InstallCodeRequest], gina: Person, ivan: Person
) -> None:
    read_out, waiting = requests[0], raised(gina, ivan)
    InstallCodeRequest.objects.filter(pk=read_out.pk).update(reveals=5)
    browser = client_of(gina)
    says = text_of(browser.get(f"{CODES}?{query(*requests, waiting)}"))
    assert "2 of 4 chosen requests can be read now." in says
    assert "This code was read 5 times" in says
    assert "It is not answered yet." in says
    response = asked(browser, *requests, waiting)
    assert [row[2] for row in rows(response)[1:]] == [each.reference for each in requests[1:]]
    assert len(events()) == 2


def test_what_changed_since_it_was_seen_is_shown_anew_and_counts_nothing(
    requests: list[InstallCodeRequest], gina: Person
) -> None:
    browser = client_of(gina)
    shown = browser.get(f"{CODES}?{query(*requests)}")
    actions.close(reference=requests[0].reference, outcome=Outcome.WORKED, by=actor_of(gina))
    response = browser.post(CODES, _fields(shown, *requests))
    assert "Meanwhile other requests than you saw" in text_of(response)
    assert CODE not in response.content.decode()
    assert events() == []


def test_a_second_press_gives_the_same_file_and_counts_once(
    requests: list[InstallCodeRequest], gina: Person
) -> None:
    browser = client_of(gina)
    fields = _fields(browser.get(f"{CODES}?{query(*requests)}"), *requests)
    first, second = browser.post(CODES, fields), browser.post(CODES, fields)
    assert first.content == second.content
    assert len(events()) == 3


def test_a_stale_sign_in_is_asked_for_the_password_and_comes_back(
    requests: list[InstallCodeRequest], gina: Person
) -> None:
    browser = client_of(gina, fresh=False)
    for response in (
        browser.get(f"{CODES}?{query(*requests)}"),
        browser.post(CODES, {"request": [each.reference for each in requests], "reason": REASON}),
    ):
        assert response.status_code == 302
        assert "chosen%2Fcodes%2F%3Frequest%3D" in response["Location"]
    assert events() == []
    with pytest.raises(RevealNeedsFreshSignIn):
        permitted(requests, gina, may_reveal=False)


@pytest.mark.parametrize("reason", ["", "   ", f"For {CODE_WITH_CRC}"])
def test_no_file_without_a_reason_that_may_be_kept(
    reason: str, requests: list[InstallCodeRequest], gina: Person
) -> None:
    response = asked(client_of(gina), *requests, reason=reason)
    assert response["Content-Type"].startswith("text/html")
    assert CODE_WITH_CRC not in response.content.decode()
    assert events() == []


def test_nobody_elses_codes(requests: list[InstallCodeRequest], ivan: Person, rhea: Person, vera: Person) -> None:
    assert client_of(ivan).get(f"{CODES}?{query(*requests)}").status_code == 422
    assert client_of(rhea).get(f"{CODES}?{query(*requests)}").status_code == 422
    assert client_of(vera).get(f"{CODES}?{query(*requests)}").status_code == 403


def permitted(requests: list[InstallCodeRequest], by: Person, *, may_reveal: bool = True) -> Any:
    actor = actor_of(by, may_reveal=may_reveal)
    chosen = Chosen(references=[each.reference for each in requests])
    return exporting.permit_export(
        chosen, seen=exporting.exportable(chosen, by=actor).seen, reason=REASON, by=actor
    )


def test_a_permit_serves_nobody_else_and_nothing_else(
    requests: list[InstallCodeRequest], gina: Person, ivan: Person
) -> None:
    permits = permitted(requests, gina)
    with pytest.raises(RevealPermitSpent):
        list(exporting.export(permits=permits, by=actor_of(ivan, may_reveal=True)))
    with pytest.raises(RevealNeedsFreshSignIn):
        list(exporting.export(permits=permits, by=actor_of(gina)))
    first = requests[0]
    actions.close(reference=first.reference, outcome=Outcome.WRONG_CODE, by=actor_of(gina))
    answered(first, by=actor_of(ivan))
    lines = list(exporting.export(permits=permits, by=actor_of(gina, may_reveal=True)))
    assert [line[2] for line in lines] == [each.reference for each in requests[1:]]


def test_reading_them_one_by_one_counts_on(requests: list[InstallCodeRequest], gina: Person) -> None:
    asked(client_of(gina), *requests)
    assert read(requests[0], by=actor_of(gina, may_reveal=True)) == CODE
    requests[0].refresh_from_db()
    assert requests[0].reveals == 2


def test_many_need_no_more_queries_than_few(
    gina: Person, ivan: Person, django_assert_max_num_queries: Any
) -> None:
    for number in (2, 9):
        many = [request_in(State.ANSWERED, gina, ivan) for _ in range(number)]
        permits = permitted(many, gina)
        with django_assert_max_num_queries(5):
            assert len(list(exporting.export(permits=permits, by=actor_of(gina, may_reveal=True)))) == number
