"""The demo's people are those that the contract promises."""

import pytest
from django.test import Client

from ssi.accounts import demo
from ssi.accounts.acting import choices_of
from ssi.accounts.demo_accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
from ssi.accounts.models import Officer, Party, Person, RoleGrant, UserId
from ssi.accounts.models.officers import Standing
from ssi.audit.models import AuditEvent
from ssi.notifications.models import OutboxMessage

pytestmark = pytest.mark.django_db

NORTHLIGHT, BRIGHTGRID, PENNINE = "90-B3-D5-1F-30-03-00-00", "90-B3-D5-1F-30-01-00-00", "90-B3-D5-1F-30-02-00-00"
PROMISED = {
    "gina@northlight.example": (NORTHLIGHT, {"IS", "GS"}, {"OPS", "SVCM"}),
    "vera@northlight.example": (NORTHLIGHT, {"IS", "GS"}, {"VIEW"}),
    "aroha@northlight.example": (NORTHLIGHT, {"IS", "GS"}, {"ARO"}),
    "sunil@northlight.example": (NORTHLIGHT, {"IS", "GS"}, {"SRO"}),
    "adam@northlight.example": (NORTHLIGHT, {"IS", "GS"}, {"ADMIN"}),
    "ivan@brightgrid.example": (BRIGHTGRID, {"IS", "GS"}, {"OPS", "INST", "SVCM"}),
    "bela@brightgrid.example": (BRIGHTGRID, {"IS", "GS"}, {"ARO"}),
    "rhea@harbourline.example": (None, {"IS", "GS"}, {"OPS", "SVCM"}),
    "nils@pennine.example": (PENNINE, {"ED"}, {"OPS", "VIEW"}),
    "olu@thirdways.example": (None, {"OU"}, {"VIEW"}),
    "dana@dcc.example": (None, set(), set()),
    "feed@dcc.example": (None, set(), set()),
}


def test_everybody_is_as_promised() -> None:
    demo.load()
    assert {person.email for person in Person.objects.all()} == PROMISED.keys()
    for email, (user_id, user_roles, job_type_roles) in PROMISED.items():
        choices = choices_of(Person.objects.get(email=email))
        assert {choice.user_role for choice in choices} == user_roles
        assert {str(choice.user_id) for choice in choices} <= {user_id} or user_id is None
        assert {role for choice in choices for role in choice.job_type_roles} == job_type_roles


def test_everybody_signs_in_with_the_published_password() -> None:
    demo.load()
    for account in DEMO_ACCOUNTS:
        answer = Client().post("/sign-in/", {"login": account.email, "password": DEMO_PASSWORD})
        assert answer.status_code == 302, account.email
        assert answer["Location"] == "/"


def test_loading_again_changes_nothing() -> None:
    assert demo.load() == "7 parties and 12 accounts"
    counts = [model.objects.count() for model in (Party, UserId, Person, RoleGrant, AuditEvent)]
    assert demo.load() == ""
    assert [model.objects.count() for model in (Party, UserId, Person, RoleGrant, AuditEvent)] == counts


def test_loading_sends_no_mail_and_leaves_a_trail() -> None:
    demo.load()
    assert not OutboxMessage.objects.exists()
    assert AuditEvent.objects.filter(event="officer.confirmed").count() == 3


def test_register_of_officers_is_as_the_job_type_roles() -> None:
    demo.load()
    registered = Officer.objects.filter(standing=Standing.CONFIRMED)
    assert set(registered.values_list("email", "job_type_role", "nominated_by")) == {
        ("aroha@northlight.example", "ARO", "sunil@northlight.example"),
        ("sunil@northlight.example", "SRO", "Helena Ward"),
        ("bela@brightgrid.example", "ARO", "The portal"),
    }
    waiting = Officer.objects.get(standing=Standing.NOMINATED)
    assert (waiting.party.name, waiting.nominated_by) == ("Northlight Energy", "sunil@northlight.example")
    assert not Person.objects.filter(email=waiting.email).exists()


def test_a_name_that_was_corrected_stays() -> None:
    demo.load()
    Person.objects.filter(email="gina@northlight.example").update(name="Gina Moor")
    Person.objects.filter(email="vera@northlight.example").delete()
    assert demo.load() == "0 parties and 1 accounts"
    assert Person.objects.get(email="gina@northlight.example").name == "Gina Moor"
