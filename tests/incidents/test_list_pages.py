"""Lists, home and the device page: what each person is shown, and that others' requests move nothing."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.models import InstallCodeRequest
from incidents.models.choices import State
from inventory.models.choices import SmiStatus
from ssi.accounts.models import Person
from tests.factories.incidents import (
    device_of,
    raised,
    request_in,
    told,
)
from tests.incidents.browsing import RAISE, send, text_of
from tests.personas import client_of

pytestmark = pytest.mark.django_db


class TestLists:
    def test_each_side_its_own(self, gina: Person, ivan: Person, rhea: Person) -> None:
        ours, theirs, others = raised(gina, ivan), raised(ivan, gina), raised(rhea, ivan)
        browser = client_of(gina)
        for query, shown in ((("?side=raised"), ours), ("?side=assigned", theirs), ("", ours)):
            said = text_of(browser.get(f"/install-code-requests/{query}"))
            assert [request.reference in said for request in (ours, theirs, others)] == [
                request is shown for request in (ours, theirs, others)
            ]
        said = text_of(browser.get("/incidents/"))
        assert ours.reference in said
        assert theirs.reference in said
        assert others.reference not in said

    def test_filters_and_pages_keep_the_side(self, gina: Person, ivan: Person) -> None:
        for _ in range(51):
            raised(gina, ivan)
        first = client_of(gina).get("/install-code-requests/?side=raised&state=assigned").content.decode()
        following = re.search(r'rel="next" href="([^"]+)"', first)
        assert following
        assert "side=raised" in following[1]
        assert "state=assigned" in following[1]
        second = client_of(gina).get(f"/install-code-requests/{following[1].replace('&amp;', '&')}")
        assert len(set(re.findall(r"/incidents/(INC\d+)/", second.content.decode()))) == 1

    def test_a_bad_cursor_is_a_page_not_a_crash(self, gina: Person) -> None:
        assert client_of(gina).get("/install-code-requests/?cursor=nonsense").status_code == 422

    def test_a_bad_filter_does_not_narrow(self, gina: Person, ivan: Person) -> None:
        reference = raised(gina, ivan).reference
        assert reference in text_of(client_of(gina).get("/install-code-requests/?side=raised&state=nonsense"))

    def test_empty_lists_say_what_to_do(self, gina: Person, dana: Person) -> None:
        browser = client_of(gina)
        assert "You have raised no requests yet" in text_of(browser.get("/install-code-requests/?side=raised"))
        assert "Nobody has asked you" in text_of(browser.get("/install-code-requests/?side=assigned"))
        assert "No request fits" in text_of(browser.get("/install-code-requests/?side=raised&state=closed"))
        assert "No incidents here" in text_of(client_of(dana).get("/incidents/"))

    def test_the_export_is_the_same_list_without_notes(self, gina: Person, ivan: Person, rhea: Person) -> None:
        ours, others = raised(gina, ivan, note="Secret of ours"), raised(rhea, ivan)
        response = client_of(gina).get("/install-code-requests/export/?side=raised")
        assert response["Content-Type"].startswith("text/csv")
        assert response["Content-Disposition"].startswith("attachment")
        lines = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
        assert ours.reference in lines
        assert others.reference not in lines
        assert "Secret of ours" not in lines

    def test_the_list_takes_the_same_few_queries_whatever_its_length(
        self, gina: Person, ivan: Person, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(8):
            raised(gina, ivan)
        browser = client_of(gina)
        for path in ("/install-code-requests/?side=raised", "/incidents/"):
            with django_assert_max_num_queries(8):
                browser.get(path)


class TestHome:
    def test_tells_each_what_awaits_them(self, gina: Person, ivan: Person, dana: Person) -> None:
        asked, ready = raised(gina, ivan), request_in(State.ANSWERED, gina, ivan)
        declined = request_in(State.WITH_SERVICE_DESK, gina, ivan)
        homes = {who.name: text_of(client_of(who).get("/")) for who in (gina, ivan, dana)}
        assert [request.reference in homes[gina.name] for request in (asked, ready, declined)] == [
            False,
            True,
            False,
        ]
        assert [request.reference in homes[ivan.name] for request in (asked, ready, declined)] == [
            True,
            False,
            False,
        ]
        assert [request.reference in homes[dana.name] for request in (asked, ready, declined)] == [
            False,
            False,
            True,
        ]

    def test_the_soonest_due_comes_first(self, gina: Person, ivan: Person) -> None:
        later, sooner = raised(gina, ivan), told(raised(gina, ivan), timezone.now() - timedelta(days=30))
        said = text_of(client_of(ivan).get("/"))
        assert said.index(sooner.reference) < said.index(later.reference)
        assert "One is overdue." in said

    def test_is_useful_to_those_without_these_roles(
        self, vera: Person, aroha: Person, adam: Person, olu: Person, nils: Person
    ) -> None:
        for who in (vera, aroha, adam, olu, nils):
            said = text_of(client_of(who).get("/"))
            assert "Good " in said
            assert "What may I do?" in said
        assert "Find a device" in text_of(client_of(vera).get("/"))

    def test_others_requests_move_no_count(self, gina: Person, rhea: Person, ivan: Person) -> None:
        browser = client_of(gina)
        before = text_of(browser.get("/"))
        raised(rhea, ivan)
        request_in(State.WITH_SERVICE_DESK, rhea, ivan)
        assert text_of(browser.get("/")) == before


class TestTheDevicePage:
    def test_offers_to_ask_for_the_code(self, gina: Person, ivan: Person) -> None:
        device = device_of(ivan)
        page = client_of(gina).get(device.get_absolute_url()).content.decode()
        assert f"{RAISE}?device_id={device.device_id}" in page

    def test_leads_to_the_open_request_instead(self, gina: Person, ivan: Person) -> None:
        request = raised(gina, ivan)
        page = client_of(gina).get(f"/devices/{request.device_id}/")
        assert "See your open request" in text_of(page)

    def test_tells_a_third_party_nothing(self, gina: Person, ivan: Person, rhea: Person) -> None:
        device = device_of(ivan)
        before = text_of(client_of(rhea).get(device.get_absolute_url()))
        send(client_of(gina), RAISE, device_id=device.device_id, responsible="on", step="send")
        assert InstallCodeRequest.objects.exists()
        assert text_of(client_of(rhea).get(device.get_absolute_url())) == before

    def test_says_why_it_cannot_be_asked_for(self, gina: Person, ivan: Person) -> None:
        device = device_of(ivan, smi_status=SmiStatus.COMMISSIONED)
        assert "its install code cannot be asked for" in text_of(client_of(gina).get(device.get_absolute_url()))
