"""The register of officers on screen: for an SRO of the party, and for nobody else."""

import uuid
from http import HTTPStatus

import pytest
from django.test import Client

from ssi.accounts.actions import officers
from ssi.accounts.models import Officer, Person, RoleGrant
from ssi.accounts.models.officers import Standing
from ssi.audit.models import AuditEvent
from tests.factories.accounts import OfficerFactory, RoleGrantFactory, UserIdFactory, officer_in_register
from tests.personas import actor_of, client_of
from tests.query_counts import counted

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("query_counts")]
NEW = {"name": "Tamsin Reed", "email": "tamsin@northlight.example"}


def form_of(person: Person, **changes: str) -> dict[str, str]:
    user_id = str(RoleGrant.objects.filter(person=person)[0].acting_for_id)
    return {**NEW, "user_ids": user_id, "idempotency_key": str(uuid.uuid4()), "step": "send", **changes}


def nominee(sro: Person, **facts: object) -> Officer:
    return OfficerFactory.create(
        acting_for=RoleGrant.objects.filter(person=sro)[0].acting_for, nominated_by=sro.email, **facts
    )


def text_of(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


# --- Looking -----------------------------------------------------------------------------------------


def test_list_shows_nominations_and_the_register(sunil: Person, aroha: Person) -> None:
    waiting, registered = nominee(sunil, **NEW), officer_in_register(aroha)
    officer_in_register(sunil)
    page = text_of(client_of(sunil), "/officers/")
    for shown in (waiting.reference, "Tamsin Reed", registered.reference, "Aroha Tane", "Sunil Rao"):
        assert shown in page
    assert page.index(waiting.reference) < page.index(registered.reference)
    assert "desk@dcc.example" not in page  # DCC confirmed, not somebody
    assert 'href="/officers/"' in page  # in the menu


def test_empty_lists_say_what_to_do(sunil: Person) -> None:
    browser = client_of(sunil)
    assert "Nobody is in the register" in text_of(browser, "/officers/")
    assert "No earlier entries" in text_of(browser, "/officers/earlier/")


def test_account_that_is_closed_is_told(sunil: Person, aroha: Person) -> None:
    officer_in_register(aroha)
    Person.objects.filter(pk=aroha.pk).update(is_active=False)
    assert "Closed: they cannot sign in" in text_of(client_of(sunil), "/officers/")


def test_entry_from_before_says_so(sunil: Person, aroha: Person) -> None:
    officer = officer_in_register(aroha)
    Officer.objects.update(nominated_as="before")
    assert "Before the register was kept" in text_of(client_of(sunil), f"/officers/{officer.reference}/")


def test_earlier_entries_tell_why(sunil: Person, vera: Person, dana: Person) -> None:
    officer = nominee(sunil, email=vera.email)
    officers.refuse(reference=officer.reference, answer="We cannot match them.", by=actor_of(dana))
    browser = client_of(sunil)
    assert officer.reference in text_of(browser, "/officers/earlier/")
    assert officer.reference not in text_of(browser, "/officers/")
    page = text_of(browser, f"/officers/{officer.reference}/")
    assert "We cannot match them." in page
    assert "Refused by DCC" in page
    assert "Withdraw the nomination" not in page


ADDRESSES = ("", "earlier/", "nominate/", "{}/", "{}/nominated/", "{}/withdraw/", "{}/end/")


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("persona", ["gina", "vera", "aroha", "adam", "ivan", "bela", "olu", "dana"])
def test_nobody_else_finds_a_page(path: str, persona: str, sunil: Person, request: pytest.FixtureRequest) -> None:
    address = "/officers/" + path.format(nominee(sunil).reference)
    browser = client_of(request.getfixturevalue(persona))
    assert browser.get(address).status_code == browser.post(address).status_code == HTTPStatus.NOT_FOUND
    assert 'href="/officers/"' not in browser.get("/access/").content.decode()


def test_security_analyst_finds_none_either(sunil: Person) -> None:
    analyst = RoleGrantFactory.create(
        person__party=sunil.party,
        acting_for=RoleGrant.objects.filter(person=sunil)[0].acting_for,
        job_type_role="SEC",
    ).person
    assert client_of(analyst).get("/officers/").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("path", [path for path in ADDRESSES if "{}" in path])
def test_entry_of_another_party_does_not_exist(path: str, sunil: Person) -> None:
    officer = OfficerFactory.create()
    browser = client_of(sunil)
    address = "/officers/" + path.format(officer.reference)
    assert browser.get(address).status_code == 404
    fields = {"idempotency_key": str(uuid.uuid4()), "because": "left"}
    assert browser.post(address, fields).status_code in {404, 405}
    officer.refresh_from_db()
    assert officer.standing == Standing.NOMINATED
    assert officer.reference not in text_of(browser, "/officers/")


# --- Nominating --------------------------------------------------------------------------------------


def test_nomination_is_checked_then_sent_then_confirmed(sunil: Person) -> None:
    browser = client_of(sunil)
    assert "Check your answers" in text_of(browser, "/officers/nominate/")
    form = form_of(sunil)
    check = browser.post("/officers/nominate/", {**form, "step": "check"}).content.decode()
    assert "Tamsin Reed" in check
    assert not Officer.objects.exists()
    done = browser.post("/officers/nominate/", form, follow=True)
    officer = Officer.objects.get()
    assert done.redirect_chain[0][0] == f"/officers/{officer.reference}/nominated/"
    assert officer.reference in done.content.decode()
    again = browser.post("/officers/nominate/", form)  # the button pressed twice
    assert again["Location"] == done.redirect_chain[0][0]
    assert Officer.objects.count() == AuditEvent.objects.count() == 1


def test_changing_answers_keeps_them(sunil: Person) -> None:
    page = client_of(sunil).post("/officers/nominate/", form_of(sunil, step="change")).content.decode()
    assert 'value="Tamsin Reed"' in page
    assert not Officer.objects.exists()


@pytest.mark.parametrize("step", ["check", "send"])
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"email": "sunil@northlight.example"}, "You cannot nominate yourself"),
        ({"email": "nonsense"}, "It looks like name@company.example."),
        ({"name": ""}, "Enter the name."),
        ({"user_ids": "90-B3-D5-1F-30-01-00-00"}, "Choose one of those listed."),
        ({"user_ids": ""}, "is not one of the available choices"),
        ({"email": "there@northlight.example"}, "is nominated or registered as ARO"),
    ],
)
def test_bad_nomination_is_refused(
    changes: dict[str, str], said: str, step: str, sunil: Person, ivan: Person
) -> None:
    nominee(sunil, email="there@northlight.example")
    answer = client_of(sunil).post("/officers/nominate/", form_of(sunil, **{**changes, "step": step}))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert Officer.objects.count() == 1


def test_another_companys_address_reads_as_any(sunil: Person, ivan: Person) -> None:
    pages = []
    for email in (ivan.email, "nobody@brightgrid.example"):
        answer = client_of(sunil).post("/officers/nominate/", form_of(sunil, email=email), follow=True)
        officer = Officer.objects.get(email=email)
        page = text_of(client_of(sunil), f"/officers/{officer.reference}/")
        pages.append((answer.status_code, page.replace(email, "").count("Not matched yet"), "Ivan" in page))
    assert pages[0] == pages[1] == (200, 1, False)


def test_user_ids_of_ones_own_party_are_offered(sunil: Person, ivan: Person) -> None:
    second = UserIdFactory.create(party=sunil.party)
    page = text_of(client_of(sunil), "/officers/nominate/")
    assert str(second.eui) in page
    assert "90-B3-D5-1F-30-01-00-00" not in page


# --- Withdrawing and ending --------------------------------------------------------------------------


def test_nomination_is_withdrawn(sunil: Person) -> None:
    officer, browser = nominee(sunil), client_of(sunil)
    assert "End the role" not in text_of(browser, f"/officers/{officer.reference}/")
    assert "Withdraw the nomination" in text_of(browser, f"/officers/{officer.reference}/withdraw/")
    key = str(uuid.uuid4())
    for _ in range(2):
        done = browser.post(f"/officers/{officer.reference}/withdraw/", {"idempotency_key": key}, follow=True)
        assert "is withdrawn" in done.content.decode()
    late = browser.post(
        f"/officers/{officer.reference}/withdraw/", {"idempotency_key": str(uuid.uuid4())}, follow=True
    )
    assert "is withdrawn." in late.content.decode()
    assert "This cannot be done now" in late.content.decode()
    assert AuditEvent.objects.filter(event="officer.withdrawn").count() == 1


def test_role_is_ended_for_a_reason(sunil: Person, aroha: Person) -> None:
    officer, browser = officer_in_register(aroha), client_of(sunil)
    address = f"/officers/{officer.reference}/end/"
    assert "is signed out with the very next click" in text_of(browser, address)
    key = {"idempotency_key": str(uuid.uuid4())}
    assert "Why does the role end?" in browser.post(address, key).content.decode()
    assert actor_of(aroha).job_type_roles
    done = browser.post(address, {**key, "because": "key_lost"}, follow=True).content.decode()
    assert "acts for your company as ARO no more" in done
    assert "Their signing key is lost" in done
    assert not actor_of(aroha).job_type_roles


def test_sro_is_not_ended_here(sunil: Person) -> None:
    officer, browser = officer_in_register(sunil), client_of(sunil)
    assert "is ended by the DCC service desk alone" in text_of(browser, f"/officers/{officer.reference}/")
    fields = {"idempotency_key": str(uuid.uuid4()), "because": "left"}
    assert (
        "may not do this"
        in browser.post(f"/officers/{officer.reference}/end/", fields, follow=True).content.decode()
    )
    assert actor_of(sunil).job_type_roles


# --- What e-mails link to ------------------------------------------------------------------------------


def test_reference_leads_everybody_to_what_they_may_see(
    sunil: Person, aroha: Person, dana: Person, bela: Person, adam: Person
) -> None:
    officer = officer_in_register(aroha)
    link = f"/incidents/{officer.reference}/"
    assert client_of(sunil).get(link)["Location"] == f"/officers/{officer.reference}/"
    assert client_of(dana).get(link)["Location"] == f"/admin/accounts/officer/{officer.pk}/change/"
    assert client_of(aroha).get(link)["Location"] == "/access/"
    assert client_of(bela).get(link).status_code == 404
    assert client_of(adam).get(link).status_code in {403, 404}


# --- How many queries --------------------------------------------------------------------------------


def test_query_counts(sunil: Person, aroha: Person) -> None:
    entry = officer_in_register(aroha)
    waiting = [nominee(sunil) for _ in range(3)]
    OfficerFactory.create_batch(
        3,
        acting_for=entry.acting_for,
        standing=Standing.WITHDRAWN,
    )
    browser = client_of(sunil)
    browser.get("/officers/")
    for page, path in {
        "officers: list": "",
        "officers: earlier": "earlier/",
        "officers: nominate": "nominate/",
        "officers: nominated": f"{waiting[0].reference}/nominated/",
        "officers: one": f"{entry.reference}/",
        "officers: end": f"{entry.reference}/end/",
        "officers: withdraw": f"{waiting[0].reference}/withdraw/",
    }.items():
        with counted(page):
            text_of(browser, f"/officers/{path}")
