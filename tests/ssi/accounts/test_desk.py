"""The service desk's pages: each button calls the action, each refusal comes back with a way out."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.roles import JobTypeRole
from ssi.accounts.acting import choices_of
from ssi.accounts.actions.tokens import issue
from ssi.accounts.demo_accounts import NORTHLIGHT
from ssi.accounts.models import ApiToken, Party, Person, RoleGrant, UserId
from ssi.audit import log
from ssi.audit.models import AuditEvent
from ssi.notifications.models import OutboxMessage
from tests.factories.accounts import PartyFactory, PersonFactory, RoleGrantFactory, officer_in_register
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db
FREE_EUI = "90-B3-D5-1F-3E-00-00-01"


@pytest.fixture
def desk(dana: Person) -> Client:
    return client_of(dana)


def sent(desk: Client, path: str, **fields: Any) -> str:
    """Post to a page of the desk, follow it, and return what it says."""
    return desk.post(f"/admin/accounts/{path}", fields, follow=True).content.decode()


def events() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("event", flat=True))


def only_user_id(person: Person) -> UserId:
    assert person.party is not None
    return person.party.user_ids.get()


# --- Parties -----------------------------------------------------------------------------------------


def test_party_is_registered_renamed_and_marked_as_left(desk: Client) -> None:
    sent(desk, "party/add/", name="Tern Supply")
    party = Party.objects.get(name="Tern Supply")
    sent(desk, f"party/{party.pk}/change/", name="Tern Energy", left_date="")
    sent(desk, f"party/{party.pk}/change/", name="Tern Energy", left_date="2026-11-01")
    party.refresh_from_db()
    assert (party.name, str(party.left_date)) == ("Tern Energy", "2026-11-01")
    sent(desk, f"party/{party.pk}/change/", name="Tern Energy", left_date="")
    assert events() == ["party.registered", "party.renamed", "party.left", "party.returned"]
    assert not LogEntry.objects.exists()


def test_saving_without_a_change_does_nothing(desk: Client) -> None:
    party = PartyFactory.create()
    sent(desk, f"party/{party.pk}/change/", name=party.name, left_date="")
    assert events() == []


@pytest.mark.parametrize("path", ["party/add/", "party/{pk}/change/"])
def test_name_of_another_party_is_refused_with_a_way_out(desk: Client, gina: Person, path: str) -> None:
    party = PartyFactory.create()
    page = sent(desk, path.format(pk=party.pk), name="Northlight Energy", left_date="")
    assert "A party named Northlight Energy is registered already." in page
    assert "as the register of Parties writes it" in page
    assert 'value="Northlight Energy"' in page
    assert events() == []


def test_party_cannot_leave_ahead_of_time(desk: Client, gina: Person) -> None:
    party_id = gina.party_id
    ahead = timezone.localdate().replace(year=timezone.localdate().year + 1)
    page = sent(desk, f"party/{party_id}/change/", name="Northlight Energy", left_date=ahead.isoformat())
    assert "has not come yet" in page
    assert choices_of(gina)


def test_people_of_a_party_that_left_reach_nothing(desk: Client, gina: Person) -> None:
    today = timezone.localdate().isoformat()
    sent(desk, f"party/{gina.party_id}/change/", name="Northlight Energy", left_date=today)
    assert choices_of(gina) == []


# --- User IDs ----------------------------------------------------------------------------------------


def test_user_id_is_registered_and_its_roles_changed(desk: Client) -> None:
    party = PartyFactory.create()
    sent(desk, "userid/add/", party=party.pk, eui=FREE_EUI, user_roles=["IS", "GS"], descriptor="North")
    user_id = UserId.objects.get(eui=FREE_EUI)
    assert sorted(user_id.roles.values_list("user_role", flat=True)) == ["GS", "IS"]
    sent(desk, f"userid/{FREE_EUI}/change/", user_roles=["IS", "ES"], descriptor="North east")
    user_id.refresh_from_db()
    assert sorted(user_id.roles.values_list("user_role", flat=True)) == ["ES", "IS"]
    assert user_id.descriptor == "North east"
    assert events() == ["user_id.registered", "user_id.changed"]
    assert FREE_EUI in desk.get(f"/admin/accounts/party/{party.pk}/change/").content.decode()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"eui": NORTHLIGHT.user_id, "user_roles": ["IS"]}, "is registered already, for Northlight Energy"),
        ({"eui": FREE_EUI}, "none was chosen"),
        ({"eui": FREE_EUI, "user_roles": ["XX"]}, "Choose"),
        ({"eui": "90-B3", "user_roles": ["IS"]}, "Not a Device ID or User ID"),
        ({"eui": FREE_EUI, "user_roles": ["IS"], "descriptor": "x" * 31}, "30 characters"),
    ],
)
def test_bad_user_id_is_refused(desk: Client, gina: Person, fields: dict[str, Any], said: str) -> None:
    page = sent(desk, "userid/add/", party=PartyFactory.create().pk, **fields)
    assert said in page
    assert UserId.objects.count() == 1
    assert events() == []


def test_user_id_stays_with_its_party(desk: Client, gina: Person) -> None:
    other = PartyFactory.create()
    fields = {"party": other.pk, "eui": FREE_EUI, "user_roles": ["IS", "GS"], "descriptor": NORTHLIGHT.descriptor}
    sent(desk, f"userid/{NORTHLIGHT.user_id}/change/", **fields)
    assert UserId.objects.get().party == gina.party
    assert events() == []


# --- People ------------------------------------------------------------------------------------------


def test_account_is_opened_with_a_link(desk: Client) -> None:
    party = PartyFactory.create()
    sent(desk, "person/add/", email="Mo@Tern.example", name="Mo Tern", party=party.pk, password="")
    person = Person.objects.get(email="mo@tern.example")
    assert not person.has_usable_password()
    assert "/password/new/" in OutboxMessage.objects.get(recipient="mo@tern.example").text
    assert events() == ["person.account_opened"]


def test_the_desk_never_knows_a_persons_password(desk: Client) -> None:
    party = PartyFactory.create()
    fields = {"email": "mo@tern.example", "name": "Mo Tern", "party": party.pk}
    sent(desk, "person/add/", **fields, password="Quiet-Half-Hour-48")
    assert not Person.objects.get(email="mo@tern.example").has_usable_password()
    assert 'type="password"' not in desk.get("/admin/accounts/person/add/").content.decode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"email": "GINA@northlight.example"}, "There is an account with the e-mail address"),
        ({"party": ""}, "A person belongs to one party or to DCC"),
        ({"is_dcc_staff": "on"}, "A person belongs to one party or to DCC"),
        ({"email": "nonsense"}, "e-mail"),
        ({"name": ""}, "required"),
    ],
)
def test_bad_account_is_refused(desk: Client, gina: Person, change: dict[str, str], said: str) -> None:
    before = Person.objects.count()
    fields = {"email": "mo@tern.example", "name": "Mo Tern", "party": gina.party_id, "password": "", **change}
    assert said.lower() in sent(desk, "person/add/", **fields).lower()
    assert Person.objects.count() == before
    assert events() == []


def test_account_is_closed_and_reopened(desk: Client, gina: Person) -> None:
    browser = client_of(gina)
    sent(desk, f"person/{gina.pk}/close/")
    assert browser.get("/access/").status_code == 302
    assert "is closed" in sent(desk, f"person/{gina.pk}/close/")
    sent(desk, f"person/{gina.pk}/reopen/")
    assert Person.objects.get(pk=gina.pk).is_active
    assert events() == ["person.account_closed", "person.account_reopened"]


def test_nobody_locks_themselves_out(desk: Client, dana: Person) -> None:
    assert "You cannot close the account that you are signed in with." in sent(desk, f"person/{dana.pk}/close/")
    assert Person.objects.get(pk=dana.pk).is_active


def test_name_is_corrected_and_nothing_else(desk: Client, gina: Person) -> None:
    fields = {"name": "Gina Moor", "email": "x@y.example", "is_dcc_staff": "on", "is_active": "", "password": "x"}
    sent(desk, f"person/{gina.pk}/change/", **fields)
    after = Person.objects.get(pk=gina.pk)
    assert after.name == "Gina Moor"
    assert (after.email, after.is_dcc_staff, after.is_active) == (gina.email, False, True)
    assert after.password == gina.password
    assert events() == ["person.renamed"]


def test_password_link_is_sent_again(desk: Client, gina: Person) -> None:
    assert "is on its way to gina@northlight.example" in sent(desk, f"person/{gina.pk}/password-link/")
    assert events() == ["person.password_link_sent"]


# --- Grants ------------------------------------------------------------------------------------------


def test_role_is_granted_counts_at_once_and_is_ended(desk: Client, vera: Person) -> None:
    user_id = only_user_id(vera)
    sent(desk, "rolegrant/add/", email=vera.email, acting_for=user_id.pk, job_type_role="OPS")
    grant = RoleGrant.objects.get(person=vera, job_type_role="OPS")
    assert grant.granted_by == "dana@dcc.example"
    assert JobTypeRole.OPS in choices_of(vera)[0].job_type_roles
    sent(desk, f"rolegrant/{grant.pk}/end/")
    assert choices_of(vera)[0].job_type_roles == {JobTypeRole.VIEW}
    assert "ended already" in sent(desk, f"rolegrant/{grant.pk}/end/")
    assert events() == ["role_grant.granted", "role_grant.ended"]


@pytest.mark.parametrize("job_type_role", ["ARO", "SRO"])
def test_aro_and_sro_are_not_granted_past_the_register(desk: Client, vera: Person, job_type_role: str) -> None:
    form = desk.get(f"/admin/accounts/rolegrant/add/?person={vera.pk}").content.decode()
    assert f'value="{job_type_role}"' not in form
    user_id = only_user_id(vera)
    sent(desk, "rolegrant/add/", email=vera.email, acting_for=user_id.pk, job_type_role=job_type_role)
    assert not RoleGrant.objects.filter(job_type_role=job_type_role).exists()
    assert events() == []


def test_grant_of_an_officer_leads_to_the_register(desk: Client, aroha: Person) -> None:
    officer = officer_in_register(aroha)
    page = desk.get(f"/admin/accounts/rolegrant/{officer.grant_id}/change/").content.decode()
    assert f"/admin/accounts/officer/{officer.pk}/change/" in page
    assert "End the grant" not in page
    assert officer.reference in sent(desk, f"rolegrant/{officer.grant_id}/end/")
    assert RoleGrant.objects.get(person=aroha).ended_at is None


@pytest.mark.parametrize(
    ("who", "user_id_of", "role", "said"),
    [
        ("gina", "gina", "OPS", "holds OPS for"),
        ("gina", "ivan", "OPS", "is not one of its User IDs"),
        ("dana", "gina", "OPS", "is DCC staff, who act for no User ID"),
        ("nobody", "gina", "OPS", "No account has this address."),
        ("closed", "gina", "OPS", "is closed"),
    ],
)
def test_bad_grant_is_refused(
    desk: Client, gina: Person, ivan: Person, dana: Person, who: str, user_id_of: str, role: str, said: str
) -> None:
    PersonFactory.create(email="closed@northlight.example", party=gina.party, is_active=False)
    emails = {"gina": gina.email, "dana": dana.email, "closed": "closed@northlight.example"}
    user_id = only_user_id({"gina": gina, "ivan": ivan}[user_id_of])
    before = RoleGrant.objects.count()
    email = emails.get(who, "nobody@x.example")
    page = sent(desk, "rolegrant/add/", email=email, acting_for=user_id.pk, job_type_role=role)
    assert said in page
    assert RoleGrant.objects.count() == before
    assert events() == []


def test_persons_page_leads_to_a_grant_of_their_own_party(desk: Client, gina: Person, ivan: Person) -> None:
    page = desk.get(f"/admin/accounts/person/{gina.pk}/change/").content.decode()
    assert f"/admin/accounts/rolegrant/add/?person={gina.pk}" in page
    form = desk.get(f"/admin/accounts/rolegrant/add/?person={gina.pk}").content.decode()
    assert 'value="gina@northlight.example"' in form
    assert "Brightgrid" not in form


# --- Tokens, history, and what there is not ------------------------------------------------------------


def test_token_is_ended_and_never_shown(desk: Client, gina: Person) -> None:
    token = issue(person=gina, can_reveal=True, by=Actor.system())
    row = ApiToken.objects.get()
    page = desk.get(f"/admin/accounts/apitoken/{row.pk}/change/").content.decode()
    assert token not in page
    assert "digest" not in page.lower()
    assert "works no more" in sent(desk, f"apitoken/{row.pk}/end/")
    assert desk.get("/admin/accounts/apitoken/add/").status_code == 403


def test_history_is_the_audit_log(desk: Client, vera: Person) -> None:
    sent(desk, f"person/{vera.pk}/close/")
    page = desk.get(f"/admin/accounts/person/{vera.pk}/history/").content.decode()
    assert "Account closed" in page
    assert "dana@dcc.example" in page


def test_audit_log_is_read_only(desk: Client, vera: Person) -> None:
    sent(desk, f"person/{vera.pk}/close/")
    event = AuditEvent.objects.get()
    assert desk.get("/admin/audit/auditevent/").status_code == 200
    assert desk.get(f"/admin/audit/auditevent/?q={vera.email}").status_code == 200
    assert desk.get(f"/admin/audit/auditevent/{event.pk}/change/").status_code == 200
    assert desk.post(f"/admin/audit/auditevent/{event.pk}/change/", {"event": "x"}).status_code == 403
    assert desk.get("/admin/audit/auditevent/add/").status_code == 403


def test_audit_log_is_searched_by_reference_and_by_person(desk: Client, vera: Person, dana: Person) -> None:
    def found(typed: str) -> list[str]:
        rows = desk.get("/admin/audit/auditevent/", {"q": typed}).context["cl"].result_list
        return [f"{row.event} {row.reference}" for row in rows]

    other = PersonFactory.create()
    assert other.party is not None
    log.record("party.corrected", by=actor_of(vera), about=other.party)
    log.record("person.corrected", by=actor_of(dana), about=other)
    party = other.party.audit_ref
    assert found(party) == found(vera.email) == found(vera.email.upper()) == [f"party.corrected {party}"]
    assert found(other.email) == [f"person.corrected {other.email}"]
    assert found(other.email[:-1]) == []
    assert found(dana.email) == [f"person.corrected {other.email}"]
    assert len(found(" ")) == 2


@pytest.mark.parametrize("make", [PartyFactory.create, PersonFactory.create, RoleGrantFactory.create])
def test_nothing_is_deleted(desk: Client, make: Callable[[], Any]) -> None:
    thing = make()
    page = f"/admin/accounts/{thing._meta.model_name}/{thing.pk}/delete/"
    assert desk.post(page, {"post": "yes"}).status_code == 403
    assert type(thing).objects.filter(pk=thing.pk).exists()


def test_moves_are_posts_and_need_a_thing(desk: Client, gina: Person) -> None:
    assert desk.get(f"/admin/accounts/person/{gina.pk}/close/").status_code == 405
    assert desk.post("/admin/accounts/person/4711/close/").status_code == 404


def test_no_page_of_the_desk_has_an_inline_script_or_style(desk: Client, gina: Person) -> None:
    for page in ("", "accounts/party/", f"accounts/party/{gina.party_id}/change/", "accounts/person/add/"):
        html = desk.get(f"/admin/{page}").content.decode()
        assert "<style" not in html
        assert ' style="' not in html
        assert "onclick" not in html
        assert all("src=" in tag.split(">")[0] for tag in html.split("<script")[1:])


@pytest.mark.parametrize("persona", ["gina", "vera", "aroha", "sunil", "adam", "olu"])
def test_users_never_come_near(persona: str, request: pytest.FixtureRequest) -> None:
    person = request.getfixturevalue(persona)
    browser = client_of(person)
    for page in ("", "accounts/party/", "accounts/person/add/", "audit/auditevent/", "nowhere/"):
        assert browser.get(f"/admin/{page}").status_code == 403
    assert browser.post(f"/admin/accounts/person/{person.pk}/close/").status_code == 403
    assert Person.objects.get(pk=person.pk).is_active


def test_desk_has_no_second_sign_in(desk: Client) -> None:
    names = {getattr(each, "name", None) for each in admin.site.get_urls()}
    assert not names & {"login", "logout", "password_change"}
    assert Client().get("/admin/")["Location"] == "/sign-in/?next=/admin/"
