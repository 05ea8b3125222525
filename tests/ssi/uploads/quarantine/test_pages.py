"""The pages of quarantined communications: who sees what, deciding, building the file, and what came of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ssi.accounts.models import Person
from ssi.eui64 import Eui64
from ssi.uploads.models import PreparedFile, QuarantinedCommunication, QuarantineEvent
from ssi.uploads.models.choices import Fate
from tests.factories.accounts import RoleGrantFactory
from tests.factories.inventory import DeviceFactory
from tests.factories.quarantine import FIRST_TARGET, event_of, held_in, kept
from tests.personas import client_of
from tests.query_counts import counted

pytestmark = pytest.mark.django_db
KEY = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def window(aroha: Person) -> Client:
    return client_of(aroha)


def text(response: Any) -> str:
    return str(response.content.decode())


def decided(window: Client, event: QuarantineEvent, query: str = "", **fields: Any) -> Any:
    given = {"idempotency_key": KEY, "decision": "RELEASE", "because": ""} | fields
    return window.post(f"{event.get_absolute_url()}decide/{query}", given, follow=True)


def wishes(event: QuarantineEvent) -> list[str]:
    return [each.wish for each in held_in(event)]


# --- The cockpit ---


def test_the_cockpit_lists_events_by_age(window: Client, event: QuarantineEvent, bela: Person) -> None:
    late = event_of(event.user_id, 2, event_ref=1, began_at=timezone.now() - timedelta(days=3))
    over = event_of(event.user_id, 0, event_ref=2, began_at=timezone.now() - timedelta(days=9), released=4)
    theirs = event_of(bela.grants.get().acting_for, event_ref=3)
    page = text(window.get("/quarantine/"))
    places = [page.index(each.reference) for each in (event, late, over)]
    assert places == sorted(places)
    assert theirs.reference not in page
    assert "Overdue by 2 days" in page
    assert "21 hours left" in page
    assert "Ended" in page


@pytest.mark.parametrize(("show", "seen"), [("", 2), ("open", 1), ("ended", 1), ("rubbish", 2)])
def test_open_or_ended_events(window: Client, event: QuarantineEvent, show: str, seen: int) -> None:
    event_of(event.user_id, 0, event_ref=2, released=4)
    assert text(window.get(f"/quarantine/?show={show}")).count('scope="row"') == seen


def test_nothing_was_quarantined(window: Client) -> None:
    assert "Nothing was quarantined" in text(window.get("/quarantine/"))
    assert "No such event" in text(window.get("/quarantine/?show=open"))


def test_dcc_sees_all_events_and_decides_none(dana: Person, event: QuarantineEvent) -> None:
    window = client_of(dana)
    page = text(window.get("/quarantine/"))
    assert event.reference in page
    assert "Northlight" in page
    page = text(window.get(event.get_absolute_url()))
    assert 'name="decision"' not in page
    assert decided(window, event, everything="True").status_code == 404
    assert window.post(f"{event.get_absolute_url()}prepare/", {"idempotency_key": KEY}).status_code == 404


@pytest.mark.parametrize("who", ["sunil"])
def test_an_sro_sees_and_does_not_decide(who: str, request: pytest.FixtureRequest, event: QuarantineEvent) -> None:
    window = client_of(request.getfixturevalue(who))
    page = text(window.get(event.get_absolute_url()))
    assert "Communications" in page
    assert 'name="decision"' not in page
    assert "Build the file" not in page
    assert decided(window, event, everything="True").status_code == 404
    assert wishes(event) == ["", "", ""]


@pytest.mark.parametrize("who", ["gina", "vera", "adam", "olu", "bela", "ivan"])
def test_to_all_others_it_does_not_exist(who: str, request: pytest.FixtureRequest, event: QuarantineEvent) -> None:
    window = client_of(request.getfixturevalue(who))
    for path in ("", "export.csv", "decide/"):
        assert window.get(f"{event.get_absolute_url()}{path}").status_code == 404, path
    assert decided(window, event, everything="True").status_code == 404
    assert window.post(f"{event.get_absolute_url()}prepare/", {"idempotency_key": KEY}).status_code == 404


def test_a_security_analyst_gets_from_a_target_to_its_device(gina: Person, event: QuarantineEvent) -> None:
    acting_for = gina.grants.first().acting_for  # type: ignore[union-attr]
    RoleGrantFactory.create(person=gina, acting_for=acting_for, job_type_role="SEC")
    DeviceFactory.create(device_id=FIRST_TARGET)
    QuarantinedCommunication.objects.filter(pk=held_in(event)[2].pk).update(
        target=Eui64(FIRST_TARGET.as_bigint + 9)
    )
    page = text(client_of(gina).get(event.get_absolute_url()))
    assert page.count(f'href="/devices/{FIRST_TARGET}/"') == 2
    assert f'href="/devices/{Eui64(FIRST_TARGET.as_bigint + 9)}/"' not in page


def test_its_reference_leads_to_it(window: Client, bela: Person, event: QuarantineEvent) -> None:
    answer = window.get(f"/incidents/{event.reference}/")
    assert (answer.status_code, answer["Location"]) == (302, event.get_absolute_url())
    assert client_of(bela).get(f"/incidents/{event.reference}/").status_code == 404


# --- What an event holds ---


def test_filters_narrow_the_list_and_the_file(window: Client, event: QuarantineEvent) -> None:
    first = held_in(event)[0]
    QuarantinedCommunication.objects.filter(pk=first.pk).update(wish="DELETE", fate=Fate.HELD)
    url = event.get_absolute_url()
    for query, seen in {
        "": 3,
        "?srv=7.4": 1,
        f"?target={FIRST_TARGET}": 3,
        f"?target={FIRST_TARGET.plain.lower()}": 3,
        "?target=00-00-00-00-00-00-00-00": 0,
        "?fate=held": 3,
        "?fate=released": 0,
        "?decided=yes": 1,
        "?decided=no": 2,
        "?srv=6.23&decided=yes": 0,
    }.items():
        assert text(window.get(f"{url}{query}")).count('name="communication"') == seen, query
        csv = b"".join(window.get(f"{url}export.csv{query}").streaming_content)  # type: ignore[attr-defined]
        assert len(csv.decode().splitlines()) == seen + 1, query
    assert "is not a Device ID" not in text(window.get(f"{url}?target=x"))
    assert "Not a Device ID" in text(window.get(f"{url}?target=x"))


def test_long_lists_come_in_pages(window: Client, aroha: Person) -> None:
    event = event_of(aroha.grants.get().acting_for, 60)
    page = text(window.get(event.get_absolute_url()))
    assert page.count('name="communication"') == 50
    following = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert text(window.get(f"{event.get_absolute_url()}{following}")).count('name="communication"') == 10


# --- Deciding ---


def test_what_is_ticked_is_decided_at_once(window: Client, event: QuarantineEvent) -> None:
    first, second, _ = held_in(event)
    ticked = [f"{each.target}:{int(each.counter)}" for each in (first, second)]
    answer = decided(window, event, communication=ticked, decision="DELETE", because="Not ours, checked")
    assert "You decided to delete 2 communications." in text(answer)
    assert "2 of 3" in text(answer)
    assert wishes(event) == ["DELETE", "DELETE", ""]
    assert "aroha@northlight.example" in text(answer)
    answer = decided(window, event, communication=ticked[:1], decision="none")
    assert "The decision about 1 communication was taken back." in text(answer)
    assert wishes(event) == ["", "DELETE", ""]


def test_all_that_the_filters_find_after_a_look(window: Client, event: QuarantineEvent) -> None:
    page = text(window.get(f"{event.get_absolute_url()}decide/?srv=7.4"))
    assert "This is about <strong>1</strong> quarantined communication of event" in page
    assert wishes(event) == ["", "", ""]
    decided(window, event, "?srv=7.4", everything="True")
    assert wishes(event) == ["RELEASE", "", ""]
    decided(window, event, "?decided=no", everything="True", decision="DELETE")
    assert wishes(event) == ["RELEASE", "DELETE", "DELETE"]


def test_what_was_quarantined_after_the_look_is_not_decided_about(window: Client, event: QuarantineEvent) -> None:
    form = window.get(f"{event.get_absolute_url()}decide/").context["form"]
    QuarantinedCommunication.objects.create(event=event, target=FIRST_TARGET, counter=7, held_at=timezone.now())
    decided(window, event, everything="True", up_to=form["up_to"].value())
    assert wishes(event) == ["RELEASE", "RELEASE", "RELEASE", ""]


def test_a_double_click_decides_once(window: Client, event: QuarantineEvent) -> None:
    decided(window, event, everything="True")
    before = len(window.get(event.get_absolute_url()).context["shown"].history)
    decided(window, event, everything="True")
    assert len(window.get(event.get_absolute_url()).context["shown"].history) == before


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "No communication was chosen."),
        ({"communication": ["x"]}, "A communication that is ticked is none."),
        ({"communication": ["00-DB-12-34-00-00-00-01:999"]}, "None of the communications chosen is still"),
        (
            {"communication": ["00-DB-12-34-00-00-00-01:1000"], "because": "=1"},
            "The reason begins like a formula.",
        ),
        ({"everything": "True", "because": "@x"}, "The reason begins like a formula."),
        ({"everything": "True", "because": "x" * 201}, "Shorten it"),
        ({"everything": "True", "decision": "KEEP"}, "Choose one of those listed."),
        ({"everything": "True", "decision": ""}, "Choose the decision."),
    ],
)
def test_what_is_refused_says_what_to_do(
    window: Client, event: QuarantineEvent, fields: dict[str, Any], says: str
) -> None:
    answer = decided(window, event, **fields)
    assert (answer.status_code, says in text(answer)) == (200, True)
    assert wishes(event) == ["", "", ""]


def test_nothing_fits_the_check_page(window: Client, event: QuarantineEvent) -> None:
    assert "Nothing that fits is quarantined" in text(window.get(f"{event.get_absolute_url()}decide/?srv=1.1.1"))


# --- The file ---


def built(window: Client, event: QuarantineEvent) -> Any:
    return window.post(f"{event.get_absolute_url()}prepare/", {"idempotency_key": KEY}, follow=True)


def test_the_file_is_built_downloaded_and_read_without_a_finding(
    window: Client, aroha: Person, event: QuarantineEvent
) -> None:
    assert "3 of 3 are not decided yet" in text(window.get(event.get_absolute_url()))
    answer = built(window, event)
    assert (answer.status_code, "3 of the 3 communications" in text(answer)) == (409, True)
    decided(window, event, everything="True", because="Tariffs, “agreed”")
    page = text(built(window, event))
    assert "The file is built." in page
    prepared = PreparedFile.objects.get()
    assert prepared.file_name in page
    assert prepared.sha256 in page
    sent = window.get(f"/quarantine/prepared/{prepared.reference}/")
    assert sent["Content-Disposition"] == f'attachment; filename="{prepared.file_name}"'
    content = b"".join(sent.streaming_content)  # type: ignore[attr-defined]
    upload = kept(aroha, event.user_id, prepared.file_name, content)
    assert list(upload.found.all()) == []
    assert (upload.sha256, upload.file_reference) == (prepared.sha256, prepared.reference)


def test_a_file_is_its_own_user_s(
    window: Client, bela: Person, sunil: Person, dana: Person, event: QuarantineEvent
) -> None:
    decided(window, event, everything="True")
    built(window, event)
    url = f"/quarantine/prepared/{PreparedFile.objects.get().reference}/"
    assert [client_of(each).get(url).status_code for each in (bela, sunil, dana)] == [404] * 3
    assert window.get("/quarantine/prepared/INC000000000000/").status_code == 404


def test_a_changed_decision_withdraws_the_file(window: Client, event: QuarantineEvent) -> None:
    decided(window, event, everything="True")
    built(window, event)
    decided(window, event, "?srv=7.4", everything="True", decision="DELETE")
    assert PreparedFile.objects.get().withdrawn_at is not None
    assert "was withdrawn: decisions changed afterwards" in text(window.get(event.get_absolute_url()))


def test_more_quarantined_makes_the_file_old(window: Client, event: QuarantineEvent) -> None:
    decided(window, event, everything="True")
    built(window, event)
    QuarantinedCommunication.objects.create(
        event=event, target=FIRST_TARGET, counter=77, srv="", held_at=timezone.now()
    )
    QuarantineEvent.objects.update(held=4)
    assert "What is quarantined changed after the file was built" in text(window.get(event.get_absolute_url()))


def test_every_communication_s_end_is_shown(window: Client, aroha: Person, event: QuarantineEvent) -> None:
    upload = kept(aroha, event.user_id, "x.csv", b"")
    QuarantinedCommunication.objects.update(
        fate=Fate.DELETED, decision="DELETE", decided_in=upload, ended_at=timezone.now()
    )
    QuarantineEvent.objects.update(held=0, deleted=3)
    page = text(window.get(event.get_absolute_url()))
    assert "This event is over" in page
    assert page.count(f'href="/uploads/{upload.reference}/"') == 3
    assert 'name="communication"' not in page


# --- Queries ---


@pytest.mark.xdist_group("query_counts")
def test_pages_make_a_fixed_number_of_queries(window: Client, aroha: Person) -> None:
    few = event_of(aroha.grants.get().acting_for, 2)
    many = event_of(aroha.grants.get().acting_for, 60, event_ref=4712)
    window.get("/quarantine/")
    for each in (few, many):
        for page, url in {
            "quarantine: events": "/quarantine/",
            "quarantine: event": each.get_absolute_url(),
            "quarantine: decide about all": f"{each.get_absolute_url()}decide/",
            "quarantine: event, CSV": f"{each.get_absolute_url()}export.csv",
        }.items():
            with counted(page):
                answer = window.get(url)
                list(answer)  # what is sent as it is read, too
            assert answer.status_code == 200
