"""Work packs on screen: what another supplier asked in one go, answered one after the other."""

import re
from typing import Any

import pytest
from django.test import Client

from incidents.actions import batches
from incidents.actions import install_code_requests as actions
from incidents.models import InstallCodeRequest, WorkPack
from incidents.models.choices import Outcome
from ssi.accounts.models import Person
from tests.factories.batches import pack_of
from tests.factories.incidents import CODE_WITH_CRC, MISTYPED, answered, device_of
from tests.incidents.browsing import send, text_of
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db
LIST = "/install-code-requests/packs/"


@pytest.fixture
def pack(gina: Person, ivan: Person) -> WorkPack:
    return pack_of(gina, ivan)


def references(pack: WorkPack) -> list[str]:
    return list(
        InstallCodeRequest.objects.filter(work_pack=pack).order_by("id").values_list("reference", flat=True)
    )


def next_of(browser: Client, pack: WorkPack, query: str = "") -> str:
    return str(browser.get(f"{pack.get_absolute_url()}next/{query}")["Location"])


class TestTheQueue:
    def test_goes_from_one_to_the_next(self, pack: WorkPack, ivan: Person) -> None:
        one, two, three = references(pack)
        browser = client_of(ivan)
        assert next_of(browser, pack) == f"/incidents/{one}/answer/?pack={pack.reference}"
        page = browser.get(f"/incidents/{one}/answer/?pack={pack.reference}")
        assert "3 of 3 left" in text_of(page)
        assert "autofocus" in page.content.decode()
        sent = send(browser, f"/incidents/{one}/answer/?pack={pack.reference}", install_code=CODE_WITH_CRC)
        after = browser.get(sent["Location"], follow=True)
        assert after.redirect_chain == [(f"/incidents/{two}/answer/?pack={pack.reference}", 302)]
        assert f"{one} is answered" in text_of(after)
        assert "2 of 3 left" in text_of(after)
        sent = send(browser, f"/incidents/{two}/decline/?pack={pack.reference}", reason="code_lost")
        assert next_of(browser, pack, f"?{sent['Location'].split('?')[1]}").startswith(f"/incidents/{three}/")
        sent = send(browser, f"/incidents/{three}/answer/?pack={pack.reference}", install_code=CODE_WITH_CRC)
        last = browser.get(sent["Location"], follow=True)
        assert last.redirect_chain == [(pack.get_absolute_url(), 302)]
        assert "Nothing in this work pack waits for an answer any more" in text_of(last)

    def test_what_was_skipped_comes_again_at_the_end(self, pack: WorkPack, ivan: Person) -> None:
        one, two, three = references(pack)
        browser = client_of(ivan)
        page = browser.get(f"/incidents/{one}/answer/?pack={pack.reference}").content.decode()
        skip = re.search(rf'href="({pack.get_absolute_url()}next/\?after={one})"', page)
        assert skip
        assert browser.get(skip[1])["Location"].startswith(f"/incidents/{two}/")
        assert next_of(browser, pack, f"?after={three}").startswith(f"/incidents/{one}/")

    def test_a_wrong_code_stays_where_it_is(self, pack: WorkPack, ivan: Person) -> None:
        one = references(pack)[0]
        response = send(client_of(ivan), f"/incidents/{one}/answer/?pack={pack.reference}", install_code=MISTYPED)
        assert "The check digits do not match" in text_of(response)
        assert "3 of 3 left" in text_of(response)

    def test_without_its_pack_a_request_is_alone(self, pack: WorkPack, gina: Person, ivan: Person) -> None:
        one, other = references(pack)[0], pack_of(gina, ivan)
        for query in ("", "?pack=", f"?pack={other.reference}", "?pack=INC000000000000"):
            assert "of 3 left" not in text_of(client_of(ivan).get(f"/incidents/{one}/answer/{query}"))
        sent = send(client_of(ivan), f"/incidents/{one}/answer/", install_code=CODE_WITH_CRC)
        assert sent["Location"] == f"/incidents/{one}/done/answer/"


class TestThePack:
    def test_says_who_asks_how_far_it_is_and_when_it_is_due(self, pack: WorkPack, ivan: Person) -> None:
        answered(InstallCodeRequest.objects.filter(work_pack=pack).earliest("id"), by=actor_of(ivan))
        said = text_of(client_of(ivan).get(pack.get_absolute_url()))
        assert "Work pack from Northlight Energy" in said
        assert "Left to answer 2 None is overdue." in said
        assert "1 of 3" in said
        assert all(reference in said for reference in references(pack))

    def test_opening_it_starts_its_clocks(self, pack: WorkPack, gina: Person, ivan: Person, dana: Person) -> None:
        client_of(dana).get(pack.get_absolute_url())
        assert not InstallCodeRequest.objects.filter(notified_at__isnull=False).exists()
        client_of(ivan).get(pack.get_absolute_url())
        assert not InstallCodeRequest.objects.filter(notified_at__isnull=True).exists()

    def test_what_comes_back_with_a_wrong_code_is_told_of_there(
        self, pack: WorkPack, gina: Person, ivan: Person, dana: Person
    ) -> None:
        one = references(pack)[0]
        browser = client_of(ivan)
        browser.get(pack.get_absolute_url())
        send(browser, f"/incidents/{one}/answer/", install_code=CODE_WITH_CRC)
        actions.close(reference=one, outcome=Outcome.WRONG_CODE, by=actor_of(gina))
        client_of(dana).get(pack.get_absolute_url())
        assert InstallCodeRequest.objects.get(reference=one).notified_at is None
        browser.get(pack.get_absolute_url())
        assert InstallCodeRequest.objects.get(reference=one).notified_at is not None

    def test_overdue_is_said(self, pack: WorkPack, ivan: Person) -> None:
        browser = client_of(ivan)
        browser.get(pack.get_absolute_url())
        InstallCodeRequest.objects.update(due_date="2026-01-05")
        assert "3 are overdue" in text_of(browser.get(pack.get_absolute_url()))
        assert "Overdue" in text_of(browser.get(LIST))

    def test_narrows_to_a_state(self, pack: WorkPack, ivan: Person) -> None:
        one, two, _ = references(pack)
        answered(InstallCodeRequest.objects.get(reference=one), by=actor_of(ivan))
        said = text_of(client_of(ivan).get(f"{pack.get_absolute_url()}?state=answered"))
        assert one in said
        assert two not in said
        assert text_of(client_of(ivan).get(f"{pack.get_absolute_url()}?state=nonsense")).count(two) == 1

    def test_what_was_re_routed_is_not_in_it_any_more(
        self, pack: WorkPack, ivan: Person, rhea: Person, dana: Person
    ) -> None:
        moved = references(pack)[0]
        user = actor_of(rhea).user_id
        assert user
        actions.reroute(reference=moved, to=user, reason="The depot was taken over.", by=actor_of(dana))
        said = text_of(client_of(ivan).get(pack.get_absolute_url()))
        assert moved not in said
        assert "Left to answer 2" in said

    def test_the_desk_reads_and_answers_nothing(self, pack: WorkPack, dana: Person) -> None:
        browser = client_of(dana)
        assert "Answer the next one" not in text_of(browser.get(pack.get_absolute_url()))
        assert "Brightgrid Supply" in text_of(browser.get(LIST))
        assert browser.get(f"{pack.get_absolute_url()}next/").status_code == 403

    def test_others_packs_do_not_exist(self, pack: WorkPack, gina: Person, rhea: Person) -> None:
        for stranger in (gina, rhea):
            browser = client_of(stranger)
            for path in ("", "next/"):
                theirs = browser.get(f"{pack.get_absolute_url()}{path}")
                none = browser.get(f"/install-code-requests/packs/INC000000000000/{path}")
                assert (theirs.status_code, none.status_code) == (404, 404)
                assert bare(theirs, pack.reference) == bare(none, "INC000000000000")
            assert browser.get(f"/incidents/{pack.reference}/").status_code == 404
            assert pack.reference not in text_of(browser.get(f"{LIST}?all"))

    def test_its_reference_leads_to_it_as_in_an_email(self, pack: WorkPack, ivan: Person) -> None:
        assert client_of(ivan).get(f"/incidents/{pack.reference}/")["Location"] == pack.get_absolute_url()


def bare(response: Any, reference: str) -> str:
    """Return a page without the reference, and without what differs at every showing."""
    lines = response.content.decode().splitlines()
    return "\n".join(line for line in lines if "csrfmiddlewaretoken" not in line).replace(reference, "")


class TestLists:
    def test_those_to_answer_and_all(self, pack: WorkPack, ivan: Person) -> None:
        browser = client_of(ivan)
        assert pack.reference in text_of(browser.get(LIST))
        for request in InstallCodeRequest.objects.all():
            answered(request, by=actor_of(ivan))
        assert "No work pack waits for you" in text_of(browser.get(LIST))
        assert pack.reference in text_of(browser.get(f"{LIST}?all"))

    def test_the_home_page_shows_what_waits(self, pack: WorkPack, gina: Person, ivan: Person) -> None:
        said = text_of(client_of(ivan).get("/"))
        assert "Work packs to answer" in said
        assert pack.reference in said
        batches.draft([str(device_of(ivan).device_id)], actor_of(gina))
        assert "Batches in progress" in text_of(client_of(gina).get("/"))
        assert "Batches in progress" not in text_of(client_of(ivan).get("/"))

    def test_requests_of_a_pack_in_the_list_of_requests(self, pack: WorkPack, gina: Person, ivan: Person) -> None:
        other = pack_of(gina, ivan, 1)
        path = f"/install-code-requests/?side=assigned&pack={pack.reference}"
        said = text_of(client_of(ivan).get(path))
        assert all(reference in said for reference in references(pack))
        assert references(other)[0] not in said
        assert "No request fits the filters" in text_of(client_of(gina).get(path.replace("assigned", "raised")))

    def test_a_reader_without_the_right_has_no_list(self, aroha: Person) -> None:
        assert client_of(aroha).get(LIST).status_code == 403
