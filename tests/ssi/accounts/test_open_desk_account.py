"""The way into a portal that nobody can sign in to yet."""

import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.notifications.models import OutboxMessage

pytestmark = pytest.mark.django_db
PASSWORD = "Three-Quiet-Harbours-9"


def test_the_first_of_the_desk_is_let_in() -> None:
    call_command("open_desk_account", "mo@dcc.example", "Mo Tern")
    link = re.search(r"https?://[^/]+(/password/new/\S+)", OutboxMessage.objects.get().text)
    assert link
    browser = Client()
    form = browser.get(link[1], follow=True)
    browser.post(form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    browser = Client()
    browser.post("/sign-in/", {"login": "mo@dcc.example", "password": PASSWORD})
    assert browser.get("/admin/").status_code == 200
    assert AuditEvent.objects.filter(event="person.account_opened", via="system").count() == 1


@pytest.mark.parametrize(("email", "says"), [("nonsense", "not an e-mail address"), ("mo@dcc.example", "mo@dcc")])
def test_what_cannot_be_an_account_is_refused(email: str, says: str) -> None:
    call_command("open_desk_account", "mo@dcc.example", "Mo Tern")
    with pytest.raises(CommandError, match=says):
        call_command("open_desk_account", email, "Mo Tern")
    assert Person.objects.count() == 1
