"""Moving many requests on screen: ticked or all that the filter finds, what cannot be moved, and who is told."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.actions.bulk import engine
from incidents.models import BulkJob, InstallCodeRequest, WorkPack
from incidents.models.choices import BulkState, Event, State
from inventory.models import SealedInstallCode
from ssi.accounts.models import Person
from ssi.notifications.models import OutboxMessage
from tests.factories.incidents import answered, raised, request_in, told
from tests.incidents.browsing import hidden_fields, text_of
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db
LIST = "/install-code-requests/"
CLOSE, WITHDRAW, DECLINE, CODES = (
    f"/install-code-requests/chosen/{verb}/" for verb in ("close", "withdraw", "decline", "codes")
)


def ticked(*requests: InstallCodeRequest) -> str:
    return "&".join(f"request={each.reference}" for each in requests)


def confirmed(browser: Client, page: str, query: str, **typed: Any) -> Any:
    """Look at the page, then send its form."""
    shown = browser.get(f"{page}?{query}")
    assert shown.status_code == 200, text_of(shown)
    chosen = {"request": re.findall(r'name="request" value="([^"]+)"', shown.content.decode())}
    return browser.post(page, {**hidden_fields(shown), **chosen, **typed})


def done(response: Any) -> BulkJob:
    """Return the job that was begun, carried out."""
    assert response.status_code == 302, text_of(response)
    job = BulkJob.objects.get(reference=re.findall(r"INC\d{12}", response["Location"])[0])
    engine.carry_on(job.pk)
    job.refresh_from_db()
    assert job.state == BulkState.DONE
    return job


def states(requests: list[InstallCodeRequest]) -> list[str]:
    return [InstallCodeRequest.objects.get(pk=each.pk).state for each in requests]


@pytest.fixture
def mixed(gina: Person, ivan: Person) -> list[InstallCodeRequest]:
    """Return requests of Gina's: two answered, one assigned, one closed."""
    return [
        request_in(state, gina, ivan) for state in (State.ANSWERED, State.ANSWERED, State.ASSIGNED, State.CLOSED)
    ]


class TestTheList:
    def test_offers_what_one_may_do(self, mixed: list[InstallCodeRequest], gina: Person, ivan: Person) -> None:
        ours = client_of(gina).get(f"{LIST}?side=raised").content.decode()
        assert [name for name in ("close", "withdraw", "decline", "codes") if f"chosen/{name}/" in ours] == [
            "close",
            "withdraw",
            "codes",
        ]
        assert ours.count('type="checkbox" name="request"') == 4
        theirs = client_of(ivan).get(f"{LIST}?side=assigned").content.decode()
        assert "chosen/decline/" in theirs
        assert "chosen/close/" not in theirs

    def test_offers_nothing_to_who_only_looks(self, mixed: list[InstallCodeRequest], vera: Person) -> None:
        page = client_of(vera).get("/incidents/").content.decode()
        assert 'name="request"' not in page

    def test_all_that_the_filter_finds_keeps_the_filter(
        self, mixed: list[InstallCodeRequest], gina: Person
    ) -> None:
        page = client_of(gina).get(f"{LIST}?side=raised&state=answered&cursor=").content.decode()
        assert re.search(
            r'href="/install-code-requests/chosen/close/\?side=raised&amp;state=answered&amp;all=yes"', page
        )


class TestChoosing:
    def test_says_how_many_and_which_cannot_and_why(self, mixed: list[InstallCodeRequest], gina: Person) -> None:
        says = text_of(client_of(gina).get(f"{CLOSE}?{ticked(*mixed)}"))
        assert "2 of 4 chosen requests can be closed now." in says
        assert "Cannot be closed now: 2" in says
        assert mixed[2].reference in says
        assert "A request is closed once it is answered." in says
        assert "nothing more can be done" in says
        assert mixed[0].reference not in says

    def test_nothing_chosen(self, gina: Person) -> None:
        response = client_of(gina).get(CLOSE)
        assert response.status_code == 422
        assert "No request is chosen." in text_of(response)

    def test_others_requests_are_as_unknown(self, gina: Person, ivan: Person, rhea: Person) -> None:
        theirs = raised(rhea, ivan)
        assert client_of(gina).get(f"{WITHDRAW}?{ticked(theirs)}").status_code == 422
        both = client_of(gina).get(f"{WITHDRAW}?{ticked(theirs, raised(gina, ivan))}")
        assert "1 of 1 chosen request can be withdrawn now." in text_of(both)

    def test_none_can_be_moved(self, mixed: list[InstallCodeRequest], gina: Person) -> None:
        page = client_of(gina).get(f"{CLOSE}?{ticked(mixed[2])}")
        assert "None of them can be closed now." in text_of(page)
        assert '<button class="button button-primary">' not in page.content.decode()

    def test_all_that_the_filter_finds(self, mixed: list[InstallCodeRequest], gina: Person) -> None:
        says = text_of(client_of(gina).get(f"{CLOSE}?all=yes&side=raised&state=answered"))
        assert "2 of 2 chosen requests can be closed now." in says

    def test_who_may_not(self, mixed: list[InstallCodeRequest], gina: Person, ivan: Person, vera: Person) -> None:
        assert (
            client_of(ivan).get(f"{CLOSE}?{ticked(*mixed)}").status_code == 422
        )  # none of these is Ivan's to close
        assert client_of(vera).get(f"{DECLINE}?{ticked(*mixed)}").status_code == 403


class TestMoving:
    def test_closing(self, mixed: list[InstallCodeRequest], gina: Person, ivan: Person) -> None:
        OutboxMessage.objects.all().delete()
        job = done(confirmed(client_of(gina), CLOSE, ticked(*mixed), outcome="worked"))
        assert (job.kind, job.given, job.carried_out) == ("close", 2, 2)
        assert states(mixed) == [State.CLOSED, State.CLOSED, State.ASSIGNED, State.CLOSED]
        (email,) = OutboxMessage.objects.all()
        assert (email.recipient, email.subject) == (ivan.email, "Install codes: 2 requests closed")
        assert all(each.reference in email.text for each in mixed[:2])

    def test_wrong_codes_go_back_as_a_work_pack(
        self, mixed: list[InstallCodeRequest], gina: Person, ivan: Person
    ) -> None:
        OutboxMessage.objects.all().delete()
        job = done(confirmed(client_of(gina), CLOSE, "all=yes&side=raised&state=answered", outcome="wrong_code"))
        assert states(mixed)[:2] == [State.ASSIGNED] * 2
        pack = WorkPack.objects.get(batch=job)
        assert (pack.size, str(pack.installer_id)) == (2, str(actor_of(ivan).user_id))
        (email,) = OutboxMessage.objects.all()
        assert (email.event, email.reference) == ("work_pack.installer_asked", pack.reference)
        assert not SealedInstallCode.objects.filter(device_id__in=[each.device_id for each in mixed[:2]]).exists()
        assert "2 left" in text_of(client_of(ivan).get(f"{pack.get_absolute_url()}next/", follow=True))
        waiting = InstallCodeRequest.objects.filter(work_pack=pack)
        assert all(each.notified_at for each in waiting)

    def test_what_was_seen_in_the_portal_meanwhile_needs_no_e_mail(
        self, mixed: list[InstallCodeRequest], gina: Person, ivan: Person
    ) -> None:
        response = confirmed(client_of(gina), CLOSE, ticked(mixed[0]), outcome="wrong_code")
        job = BulkJob.objects.get(reference=re.findall(r"INC\d{12}", response["Location"])[0])
        OutboxMessage.objects.all().delete()
        engine._one_step(job.pk)
        engine._one_step(job.pk)
        assert client_of(ivan).get(mixed[0].get_absolute_url()).status_code == 200
        assert done(response).carried_out == 1
        assert not OutboxMessage.objects.exists()
        assert not WorkPack.objects.exists()

    def test_withdrawing(self, mixed: list[InstallCodeRequest], gina: Person, ivan: Person) -> None:
        told(mixed[2])
        OutboxMessage.objects.all().delete()
        done(confirmed(client_of(gina), WITHDRAW, ticked(*mixed), reason="The home was lost."))
        assert states(mixed)[2] == State.WITHDRAWN
        assert mixed[2].history.get(event=Event.WITHDRAWN).text == "The home was lost."
        assert mixed[2].obligations.get().ended_by == "withdrawn"
        assert OutboxMessage.objects.get().subject == "Install codes: 1 request withdrawn"

    def test_declining_writes_one_e_mail_to_each_raiser(self, gina: Person, rhea: Person, ivan: Person) -> None:
        requests = [raised(gina, ivan), raised(gina, ivan), raised(rhea, ivan)]
        OutboxMessage.objects.all().delete()
        browser = client_of(ivan)
        done(confirmed(browser, DECLINE, ticked(*requests), reason="device_scrapped", detail="All of them."))
        assert set(states(requests)) == {State.WITH_SERVICE_DESK}
        subjects = dict(OutboxMessage.objects.values_list("recipient", "subject"))
        assert subjects == {
            gina.email: "Install codes: 2 are declined",
            rhea.email: "Install codes: 1 is declined",
        }

    def test_a_refused_reason_shows_the_form_again(self, mixed: list[InstallCodeRequest], gina: Person) -> None:
        browser = client_of(gina)
        response = confirmed(browser, WITHDRAW, ticked(*mixed), reason="83FED3407A939723A5C639B26916D505C3B5")
        assert response.status_code == 200
        assert "83FED340" not in response.content.decode()
        assert not BulkJob.objects.exists()

    def test_a_second_press_begins_no_second_job(self, mixed: list[InstallCodeRequest], gina: Person) -> None:
        browser = client_of(gina)
        shown = browser.get(f"{CLOSE}?{ticked(*mixed)}")
        fields = {**hidden_fields(shown), "request": [each.reference for each in mixed], "outcome": "worked"}
        first = browser.post(CLOSE, fields)
        done(first)
        second = browser.post(CLOSE, fields)
        assert second["Location"] == first["Location"]
        assert BulkJob.objects.count() == 1

    def test_what_changed_since_it_was_seen_is_shown_anew(
        self, mixed: list[InstallCodeRequest], gina: Person, ivan: Person
    ) -> None:
        browser = client_of(gina)
        shown = browser.get(f"{CLOSE}?all=yes&side=raised")
        answered(mixed[2], by=actor_of(ivan))
        fields = hidden_fields(shown)
        response = browser.post(CLOSE, {**fields, "outcome": "worked"})
        assert "Meanwhile other requests than you saw can be dealt with." in text_of(response)
        assert "3 of 4 chosen requests can be closed now." in text_of(response)
        assert states(mixed)[0] == State.ANSWERED
        again = browser.post(CLOSE, {**hidden_fields(response), "outcome": "worked"})
        assert done(again).carried_out == 3

    def test_a_code_may_be_wrong_twice(self, gina: Person, ivan: Person) -> None:
        request = answered(raised(gina, ivan), by=actor_of(ivan))
        for _ in range(2):
            done(confirmed(client_of(gina), CLOSE, ticked(request), outcome="wrong_code"))
            answered(request, by=actor_of(ivan))
        assert BulkJob.objects.filter(state=BulkState.DONE, carried_out=1).count() == 2


@pytest.mark.parametrize(
    ("page", "state", "typed"),
    [
        (CLOSE, State.ANSWERED, {"outcome": "worked"}),
        (CLOSE, State.ANSWERED, {"outcome": "wrong_code"}),
        (WITHDRAW, State.ASSIGNED, {"reason": "Not needed."}),
        (DECLINE, State.ASSIGNED, {"reason": "code_lost"}),
    ],
)
def test_many_need_no_more_queries_than_few(
    page: str, state: State, typed: dict[str, str], gina: Person, ivan: Person
) -> None:
    counts = []
    for number in (2, 7):
        requests = [request_in(state, gina, ivan) for _ in range(number)]
        browser = client_of(ivan if page == DECLINE else gina)
        response = confirmed(browser, page, ticked(*requests), **typed)
        with CaptureQueriesContext(connection) as queries:
            assert done(response).carried_out == number
        counts.append(len(queries))
    assert counts[0] == counts[1]
