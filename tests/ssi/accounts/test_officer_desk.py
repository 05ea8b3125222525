"""The register of officers at the desk: what awaits it first, and each button calls its action."""

from typing import Any

import pytest
from django.test import Client

from ssi.accounts.actions import officers
from ssi.accounts.models import Officer, Person, RoleGrant
from ssi.accounts.models.officers import Standing
from ssi.audit.models import AuditEvent
from tests.factories.accounts import OfficerFactory, officer_in_register
from tests.personas import actor_of, client_of
from tests.query_counts import counted

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("query_counts")]
BASE = "/admin/accounts/officer/"


@pytest.fixture
def desk(dana: Person) -> Client:
    return client_of(dana)


@pytest.fixture
def nomination(sunil: Person) -> Officer:
    grant = RoleGrant.objects.get(person=sunil)
    return OfficerFactory.create(
        acting_for=grant.acting_for, email="tamsin@northlight.example", name="Tamsin Reed"
    )


def sent(desk: Client, path: str, **fields: Any) -> str:
    return desk.post(f"{BASE}{path}", fields, follow=True).content.decode()


def events() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("event", flat=True))


def test_what_awaits_the_desk_comes_first(desk: Client, nomination: Officer, aroha: Person) -> None:
    registered = officer_in_register(aroha)
    Officer.objects.filter(pk=nomination.pk).update(nominated_at="2026-01-05T09:00Z")
    page = desk.get(BASE).content.decode()
    assert page.index(nomination.reference) < page.index(registered.reference)
    only = desk.get(f"{BASE}?standing__exact=nominated").content.decode()
    assert registered.reference not in only
    assert nomination.reference in desk.get(f"{BASE}?q=tamsin").content.decode()


def test_nomination_is_confirmed_once(desk: Client, nomination: Officer) -> None:
    page = desk.get(f"{BASE}{nomination.pk}/change/").content.decode()
    assert "None yet: confirming opens it" in page
    assert "acts as ARO of Northlight Energy from now on" in sent(desk, f"{nomination.pk}/confirm/")
    assert "This cannot be done now" in sent(desk, f"{nomination.pk}/confirm/")
    assert actor_of(Person.objects.get(email=nomination.email)).job_type_roles == {"ARO"}
    assert events().count("officer.confirmed") == 1


def test_nomination_is_refused_with_a_reason(desk: Client, nomination: Officer) -> None:
    assert "no reason was given" in sent(desk, f"{nomination.pk}/change/", answer="")
    sent(desk, f"{nomination.pk}/change/", answer="Not in our records.")
    nomination.refresh_from_db()
    assert (nomination.standing, nomination.answer) == (Standing.REFUSED, "Not in our records.")
    page = desk.get(f"{BASE}{nomination.pk}/change/").content.decode()
    assert "Not in our records." in page
    assert 'type="submit"' not in page.split('id="officer_form"')[1].split("</form>")[0]
    assert desk.post(f"{BASE}{nomination.pk}/change/", {"answer": "x"}).status_code == 403
    assert events() == ["officer.refused"]


def test_address_of_another_company_is_shown_and_refused(desk: Client, nomination: Officer, ivan: Person) -> None:
    Officer.objects.filter(pk=nomination.pk).update(email=ivan.email)
    page = desk.get(f"{BASE}{nomination.pk}/change/").content.decode()
    assert "who works for Brightgrid Supply: this nomination must be refused." in page
    assert "does not belong to Northlight Energy" in sent(desk, f"{nomination.pk}/confirm/")


def test_role_is_ended_for_a_reason(desk: Client, aroha: Person) -> None:
    officer = officer_in_register(aroha)
    assert "End the role" in desk.get(f"{BASE}{officer.pk}/change/").content.decode()
    assert "Choose" in sent(desk, f"{officer.pk}/change/", ended_because="")
    assert actor_of(aroha).job_type_roles
    sent(desk, f"{officer.pk}/change/", ended_because="left")
    assert not actor_of(aroha).job_type_roles
    assert "They left the company" in desk.get(f"{BASE}{officer.pk}/change/").content.decode()
    assert "Ended" in desk.get(f"{BASE}{officer.pk}/history/").content.decode()


def test_sro_is_registered(desk: Client, nomination: Officer) -> None:
    form = desk.get(f"{BASE}add/").content.decode()
    for offered in ("Director", "Company Secretary", "Chief Information Security Officer", "Register the SRO"):
        assert offered in form
    assert 'value="sro"' not in form
    fields = {
        "acting_for": str(nomination.acting_for_id),
        "name": "Noor Haddad",
        "email": "noor@northlight.example",
        "nominated_by": "Helena Ward",
        "nominated_as": "director",
    }
    sent(desk, "add/", **fields)
    officer = Officer.objects.get(email="noor@northlight.example")
    assert (officer.standing, officer.job_type_role, officer.nominated_by) == ("confirmed", "SRO", "Helena Ward")
    assert officer.person is not None
    assert actor_of(officer.person).job_type_roles == {"SRO"}
    assert "is nominated or registered as SRO" in sent(desk, "add/", **fields)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"nominated_as": ""}, "required"),
        ({"nominated_as": "sro"}, "is not one of the available choices"),
        ({"nominated_by": ""}, "required"),
        ({"email": "ivan@brightgrid.example"}, "does not belong to Northlight Energy"),
        ({"email": "nonsense"}, "valid email"),
    ],
)
def test_bad_sro_is_refused(
    change: dict[str, str], said: str, desk: Client, nomination: Officer, ivan: Person
) -> None:
    fields = {
        "acting_for": str(nomination.acting_for_id),
        "name": "Noor Haddad",
        "email": "noor@northlight.example",
        "nominated_by": "Helena Ward",
        "nominated_as": "director",
        **change,
    }
    assert said in sent(desk, "add/", **fields)
    assert Officer.objects.count() == 1
    assert events() == []


def test_history_is_of_the_entry(desk: Client, nomination: Officer, dana: Person) -> None:
    officers.confirm(reference=nomination.reference, by=actor_of(dana))
    page = desk.get(f"{BASE}{nomination.pk}/history/").content.decode()
    assert "Confirmed" in page
    assert "dana@dcc.example" in page


@pytest.mark.parametrize("persona", ["sunil", "aroha", "adam", "gina"])
def test_nobody_else_comes_near(persona: str, nomination: Officer, request: pytest.FixtureRequest) -> None:
    browser = client_of(request.getfixturevalue(persona))
    for path in ("", "add/", f"{nomination.pk}/change/"):
        assert browser.get(f"{BASE}{path}").status_code == 403
        assert browser.post(f"{BASE}{path}", {"answer": "x"}).status_code == 403
    assert browser.post(f"{BASE}{nomination.pk}/confirm/").status_code == 403
    nomination.refresh_from_db()
    assert nomination.standing == Standing.NOMINATED


def test_query_counts(desk: Client, nomination: Officer) -> None:
    OfficerFactory.create_batch(3)
    desk.get(BASE)
    for page, path in {"desk: officers": "", "desk: officer": f"{nomination.pk}/change/"}.items():
        with counted(page):
            assert desk.get(f"{BASE}{path}").status_code == 200
