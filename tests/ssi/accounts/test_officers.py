"""The register of officers: who may enter, confirm and end whom, once, and what it entails."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from ssi.access.actor import Actor
from ssi.access.roles import JobTypeRole
from ssi.accounts.actions import grants, officers, parties, people
from ssi.accounts.models import Officer, Party, Person, RoleGrant, UserId
from ssi.accounts.models.officers import Capacity, EndedBecause, Standing
from ssi.audit.models import AuditEvent
from ssi.eui64 import Eui64
from ssi.notifications.models import OutboxMessage
from ssi.refusals import NotAllowed, NotInThisState
from tests.factories.accounts import (
    PersonFactory,
    RoleGrantFactory,
    UserIdFactory,
    officer_in_register,
)
from tests.personas import actor_of
from tests.ssi.accounts.registering import (
    NEW,
    events,
    nominated,
    nomination_of,
    registered,
    user_id_of,
    written_to,
)

pytestmark = pytest.mark.django_db
TABLES = (Party, UserId, Person, RoleGrant, Officer, OutboxMessage)


def rows() -> list[list[dict[str, object]]]:
    return [[dict(row) for row in table.objects.order_by("pk").values()] for table in TABLES]


# --- Who may -----------------------------------------------------------------------------------------

ACTIONS: dict[str, tuple[Callable[[Officer, Officer, Actor], object], set[str]]] = {
    "register an SRO": (
        lambda nomination, entry, by: officers.register_sro(
            eui=nomination.acting_for_id,
            email="noor@northlight.example",
            name="Noor",
            nominated_by="H. Ward",
            nominated_as=Capacity.DIRECTOR,
            by=by,
        ),
        {"dana"},
    ),
    "nominate": (
        lambda nomination, entry, by: officers.nominate_aro(
            user_ids=[nomination.acting_for_id], email="x@northlight.example", name="X", by=by
        ),
        {"sunil"},
    ),
    "confirm": (lambda nomination, entry, by: officers.confirm(reference=nomination.reference, by=by), {"dana"}),
    "refuse": (
        lambda nomination, entry, by: officers.refuse(reference=nomination.reference, answer="No.", by=by),
        {"dana"},
    ),
    "withdraw": (
        lambda nomination, entry, by: officers.withdraw(reference=nomination.reference, by=by),
        {"sunil"},
    ),
    "end": (
        lambda nomination, entry, by: officers.end(reference=entry.reference, because=EndedBecause.LEFT, by=by),
        {"sunil", "dana"},
    ),
}


@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize(
    "persona", ["adam", "gina", "vera", "aroha", "sunil", "bela", "ivan", "other_sro", "no_role", "dana"]
)
def test_only_those_who_may(
    name: str, persona: str, aroha: Person, sunil: Person, request: pytest.FixtureRequest
) -> None:
    act, may = ACTIONS[name]
    if persona == "other_sro":
        by = actor_of(RoleGrantFactory.create(job_type_role="SRO").person)
    elif persona == "no_role":
        by = actor_of(PersonFactory.create(party=sunil.party))
    else:
        by = actor_of(request.getfixturevalue(persona))
    nomination, entry = nomination_of(sunil), officer_in_register(aroha)
    before = rows()
    if persona in may:
        act(nomination, entry, by)
        assert rows() != before
        return
    with pytest.raises((NotAllowed, officers.OfficerUnknown, officers.NotYourUserId)):
        act(nomination, entry, by)
    assert rows() == before
    assert not AuditEvent.objects.exists()


def test_sro_cannot_end_or_withdraw_an_sro(sunil: Person, dana: Person) -> None:
    entry = registered(dana, sunil)
    with pytest.raises(NotAllowed):
        officers.end(reference=entry.reference, because=EndedBecause.OTHER, by=actor_of(sunil))
    officers.end(reference=entry.reference, because=EndedBecause.OTHER, by=actor_of(dana))
    assert JobTypeRole.SRO not in actor_of(Person.objects.get(email=entry.email)).job_type_roles


@pytest.mark.parametrize("name", [name for name in ACTIONS if name not in {"nominate", "register an SRO"}])
def test_nothing_is_done_twice(name: str, aroha: Person, sunil: Person, dana: Person) -> None:
    act, may = ACTIONS[name]
    by = actor_of(sunil if "sunil" in may else dana)
    nomination, entry = nomination_of(sunil), officer_in_register(aroha)
    act(nomination, entry, by)
    before = rows()
    with pytest.raises(NotInThisState):
        act(nomination, entry, by)
    assert rows() == before


@pytest.mark.parametrize("role", ["ARO", "SRO"])
@pytest.mark.parametrize("persona", ["dana", "adam", "sunil"])
def test_neither_role_is_granted_past_the_register(
    role: str, persona: str, vera: Person, request: pytest.FixtureRequest
) -> None:
    by = actor_of(request.getfixturevalue(persona))
    with pytest.raises((grants.OfficersAreRegistered, NotAllowed)):
        grants.grant_role(person_id=vera.pk, eui=user_id_of(vera), job_type_role=JobTypeRole(role), by=by)
    assert not RoleGrant.objects.filter(person=vera, job_type_role=role).exists()


# --- Registering an SRO ------------------------------------------------------------------------------


def test_sro_is_registered_at_once_with_account_and_link(gina: Person, dana: Person) -> None:
    entry = registered(dana, gina, " Noor@Northlight.example ")
    person = Person.objects.get(email="noor@northlight.example")
    assert actor_of(person).job_type_roles == {JobTypeRole.SRO}
    assert (entry.standing, entry.person, entry.decided_by) == (Standing.CONFIRMED, person, dana.email)
    assert (entry.nominated_by, entry.get_nominated_as_display()) == (
        "Helena Ward",
        "Chief Information Security Officer",
    )
    assert not person.has_usable_password()
    assert written_to("person.password_link") == [person.email]
    assert written_to("officer.confirmed") == [person.email]
    assert events() == ["person.account_opened", "role_grant.granted", "officer.nominated", "officer.confirmed"]
    event = AuditEvent.objects.get(event="officer.nominated")
    assert event.detail["nominated_by"] == "Helena Ward"
    assert event.reference == entry.reference


def test_sro_with_an_account_keeps_it(gina: Person, dana: Person) -> None:
    registered(dana, gina, gina.email)
    assert actor_of(gina).job_type_roles == {"OPS", "SVCM", "SRO"}
    assert written_to("person.password_link") == []


def test_an_sro_does_not_make_sros(gina: Person, dana: Person) -> None:
    for capacity in (Capacity.SRO, Capacity.BEFORE):
        with pytest.raises(officers.CannotNominateSros):
            officers.register_sro(
                eui=user_id_of(gina),
                email=NEW,
                name="X",
                nominated_by="X",
                nominated_as=capacity,
                by=actor_of(dana),
            )


def test_sro_of_the_register_is_not_entered_again(gina: Person, dana: Person) -> None:
    registered(dana, gina)
    before = rows()
    with pytest.raises(officers.AlreadyInTheRegister):
        registered(dana, gina)
    assert rows() == before


@pytest.mark.parametrize("whose", ["ivan", "dana", "feed"])
def test_address_of_another_is_not_registered(
    whose: str, gina: Person, dana: Person, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(whose)
    before = rows()
    with pytest.raises(officers.AddressOfAnother, match="does not belong to Northlight Energy"):
        registered(dana, gina, person.email)
    assert rows() == before


def test_closed_account_is_reopened_first(gina: Person, dana: Person) -> None:
    people.close_account(person_id=gina.pk, by=actor_of(dana))
    with pytest.raises(people.AccountClosed):
        registered(dana, gina, gina.email)


def test_party_that_left_gets_no_officer(gina: Person, sunil: Person, dana: Person) -> None:
    nomination = nominated(sunil)
    sro = actor_of(sunil)
    parties.mark_left(party_id=gina.party_id or 0, left_date=timezone.localdate(), by=actor_of(dana))
    with pytest.raises(parties.PartyHasLeft):
        registered(dana, gina)
    with pytest.raises(parties.PartyHasLeft):
        officers.confirm(reference=nomination.reference, by=actor_of(dana))
    with pytest.raises(officers.NotYourUserId):
        officers.nominate_aro(user_ids=[user_id_of(gina)], email="y@y.example", name="Y", by=sro)


# --- Nominating an ARO -------------------------------------------------------------------------------


def test_nomination_counts_for_nothing_and_asks_the_desk(sunil: Person, dana: Person) -> None:
    officer = nominated(sunil)
    assert (officer.standing, officer.person, officer.grant) == (Standing.NOMINATED, None, None)
    assert (officer.nominated_by, officer.nominated_as) == (sunil.email, Capacity.SRO)
    assert not Person.objects.filter(email=NEW).exists()
    assert events() == ["officer.nominated"]
    email = OutboxMessage.objects.get()
    assert (email.recipient, email.event, email.reference) == (dana.email, "officer.nominated", officer.reference)
    assert f"/incidents/{officer.reference}/" in email.text
    for told in ("Tamsin", "tamsin", "Northlight", "ARO", "Sunil", str(officer.acting_for_id)):
        assert told not in f"{email.subject}{email.text}{email.html}"


def test_nomination_for_several_user_ids_has_an_entry_each(sunil: Person) -> None:
    second = UserIdFactory.create(party=sunil.party)
    made = officers.nominate_aro(
        user_ids=[user_id_of(sunil), second.eui], email=NEW, name="Tamsin", by=actor_of(sunil)
    )
    assert {each.acting_for_id for each in made} == {user_id_of(sunil), second.eui}
    assert len({each.reference for each in made}) == 2
    with pytest.raises(officers.AlreadyInTheRegister):
        officers.nominate_aro(user_ids=[second.eui], email=NEW.upper(), name="Tamsin", by=actor_of(sunil))
    with pytest.raises(officers.AlreadyInTheRegister):
        officers.check_nomination(user_ids=[second.eui], email=NEW.upper(), by=actor_of(sunil))


@pytest.mark.parametrize("act", [officers.check_nomination, officers.nominate_aro])
def test_user_id_of_another_and_an_unknown_one_read_the_same(
    act: Callable[..., object], sunil: Person, ivan: Person
) -> None:
    said = []
    name = {} if act is officers.check_nomination else {"name": "X"}
    for eui in (user_id_of(ivan), Eui64.parse("90-B3-D5-1F-3E-00-00-01")):
        with pytest.raises(officers.NotYourUserId) as refused:
            act(user_ids=[user_id_of(sunil), eui], email=NEW, by=actor_of(sunil), **name)
        said.append(str(refused.value).replace(str(eui), "…"))
    assert said[0] == said[1]
    assert not Officer.objects.exists()


@pytest.mark.parametrize("email", ["sunil@northlight.example", " SUNIL@Northlight.example "])
def test_nobody_nominates_themselves(sunil: Person, email: str) -> None:
    with pytest.raises(officers.NobodyNominatesThemselves):
        nominated(sunil, email)


def test_another_sro_may_nominate_an_sro(sunil: Person, dana: Person) -> None:
    registered(dana, sunil)
    other = Person.objects.get(email="noor@northlight.example")
    officer = nominated(other, sunil.email)
    officers.confirm(reference=officer.reference, by=actor_of(dana))
    assert actor_of(sunil).job_type_roles == {"ARO", "SRO"}


def test_address_of_another_company_is_told_to_dcc_alone(sunil: Person, ivan: Person, dana: Person) -> None:
    """The SRO sees the same whether or not somebody elsewhere has an account; DCC cannot confirm it."""
    theirs, nobodys = nominated(sunil, ivan.email), nominated(sunil, "nobody@brightgrid.example")
    assert theirs.standing == nobodys.standing == Standing.NOMINATED
    before = rows()
    with pytest.raises(officers.AddressOfAnother):
        officers.confirm(reference=theirs.reference, by=actor_of(dana))
    assert rows() == before
    officers.refuse(reference=theirs.reference, answer="Not yours.", by=actor_of(dana))
    assert written_to("officer.refused") == [sunil.email]  # and not ivan


# --- Confirming, refusing, withdrawing, ending -------------------------------------------------------


def test_confirmed_nomination_counts_and_opens_the_account(sunil: Person, dana: Person) -> None:
    officer = officers.confirm(reference=nominated(sunil).reference, by=actor_of(dana))
    person = Person.objects.get(email=NEW)
    assert actor_of(person).job_type_roles == {JobTypeRole.ARO}
    assert (officer.person, officer.decided_by) == (person, dana.email)
    assert written_to("officer.confirmed") == [sunil.email, NEW]
    assert written_to("person.password_link") == [NEW]
    assert written_to("officer.nominated") == []  # nobody needs to confirm any more
    assert events()[1:] == ["person.account_opened", "role_grant.granted", "officer.confirmed"]
    email = OutboxMessage.objects.filter(event="officer.confirmed")[0]
    assert f"/incidents/{officer.reference}/" in email.text
    assert "Tamsin" not in f"{email.subject}{email.text}{email.html}"


@pytest.mark.parametrize("answer", ["", "   "])
def test_refusing_needs_a_reason(sunil: Person, dana: Person, answer: str) -> None:
    officer = nominated(sunil)
    with pytest.raises(officers.ReasonMissing):
        officers.refuse(reference=officer.reference, answer=answer, by=actor_of(dana))


def test_refused_person_of_the_party_is_told(sunil: Person, vera: Person, dana: Person) -> None:
    officer = officers.refuse(
        reference=nominated(sunil, vera.email).reference, answer=" Not matched. ", by=actor_of(dana)
    )
    assert (officer.standing, officer.answer) == (Standing.REFUSED, "Not matched.")
    assert written_to("officer.refused") == [sunil.email, vera.email]
    assert "Not matched" not in OutboxMessage.objects.filter(event="officer.refused")[0].text
    assert actor_of(vera).job_type_roles == {JobTypeRole.VIEW}


def test_withdrawn_nomination_need_not_be_confirmed_and_can_be_made_anew(sunil: Person, dana: Person) -> None:
    officer = nominated(sunil)
    officers.withdraw(reference=officer.reference, by=actor_of(sunil))
    assert not OutboxMessage.objects.exists()
    with pytest.raises(NotInThisState):
        officers.confirm(reference=officer.reference, by=actor_of(dana))
    assert nominated(sunil).standing == Standing.NOMINATED


def test_ended_role_is_gone_told_and_can_be_given_anew(aroha: Person, sunil: Person, dana: Person) -> None:
    entry = officer_in_register(aroha)
    officers.end(reference=entry.reference, because=EndedBecause.OTHER_WORK, by=actor_of(sunil))
    entry.refresh_from_db()
    assert (entry.standing, entry.ended_by, entry.ended_because) == (Standing.ENDED, sunil.email, "other_work")
    assert actor_of(aroha).job_type_roles == set()
    assert written_to("officer.ended") == [aroha.email, sunil.email]
    assert events() == ["role_grant.ended", "officer.ended"]
    again = nominated(sunil, aroha.email)
    officers.confirm(reference=again.reference, by=actor_of(dana))
    assert actor_of(aroha).job_type_roles == {JobTypeRole.ARO}


def test_grant_of_an_officer_ends_in_the_register_alone(aroha: Person, dana: Person) -> None:
    entry = officer_in_register(aroha)
    with pytest.raises(grants.InTheRegister, match=entry.reference):
        grants.end_grant(grant_id=entry.grant_id or 0, by=actor_of(dana))
