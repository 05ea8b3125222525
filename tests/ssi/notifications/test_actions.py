"""The desk sends again what was given up; through the admin page as well."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.notifications import actions, delivery
from ssi.notifications.actions.outbox import MessageUnknown, NothingLeftToSend
from ssi.notifications.admin import OutboxMessageAdmin
from ssi.notifications.models import OutboxMessage
from ssi.refusals import NotAllowed, NotInThisState
from tests.factories.notifications import OutboxMessageFactory
from tests.personas import actor_of, client_of
from tests.ssi.notifications.mail_server import MailServer

pytestmark = pytest.mark.django_db
LIST = "/admin/notifications/outboxmessage/"


@pytest.fixture
def given_up() -> OutboxMessage:
    return OutboxMessageFactory.create(
        dead_at=timezone.now(), attempts=3, last_error="The mail server refused the address: 550."
    )


@pytest.fixture
def bounced() -> OutboxMessage:
    now = timezone.now()
    return OutboxMessageFactory.create(
        delivered_at=now, handled_at=now, bounced_at=now, bounce="5.1.1: there is no such mailbox"
    )


def test_the_desk_sends_a_given_up_email_again(
    mail_server: MailServer, given_up: OutboxMessage, dana: Person
) -> None:
    actions.send_again(message_id=given_up.pk, by=actor_of(dana))
    assert delivery.deliver_waiting().delivered == 1
    assert mail_server.accepted[0]["Message-ID"] == given_up.message_id
    event = AuditEvent.objects.get()
    assert (event.event, event.reference) == ("outbox_message.sent_again", given_up.message_id)
    assert event.detail == {"tells_of": given_up.reference}


def test_others_may_not(given_up: OutboxMessage, gina: Person) -> None:
    with pytest.raises(NotAllowed):
        actions.send_again(message_id=given_up.pk, by=actor_of(gina))
    given_up.refresh_from_db()
    assert given_up.dead_at is not None
    assert not AuditEvent.objects.exists()


def test_the_desk_sends_a_bounced_email_again(
    mail_server: MailServer, bounced: OutboxMessage, dana: Person
) -> None:
    actions.send_again(message_id=bounced.pk, by=actor_of(dana))
    bounced.refresh_from_db()
    assert (bounced.delivered_at, bounced.handled_at, bounced.bounced_at, bounced.bounce) == (None, None, None, "")
    assert delivery.deliver_waiting().delivered == 1
    assert mail_server.accepted[0]["Message-ID"] == bounced.message_id


def test_an_email_whose_link_is_not_kept_cannot_be_sent_again(bounced: OutboxMessage, dana: Person) -> None:
    bounced.html = ""
    bounced.save(update_fields=["html"])
    with pytest.raises(NothingLeftToSend) as refused:
        actions.send_again(message_id=bounced.pk, by=actor_of(dana))
    assert "Send the person a new link" in str(refused.value)
    bounced.refresh_from_db()
    assert bounced.bounced_at is not None


@pytest.mark.parametrize("facts", [{}, {"delivered_at": timezone.now()}])
def test_only_what_was_given_up_can_be_sent_again(facts: dict[str, object], dana: Person) -> None:
    message = OutboxMessageFactory.create(**facts)
    with pytest.raises(NotInThisState):
        actions.send_again(message_id=message.pk, by=actor_of(dana))
    with pytest.raises(MessageUnknown):
        actions.send_again(message_id=message.pk + 1, by=actor_of(dana))


def test_the_page_shows_what_did_not_arrive_first(
    given_up: OutboxMessage, bounced: OutboxMessage, dana: Person
) -> None:
    newer = OutboxMessageFactory.create_batch(2)
    page = client_of(dana).get(LIST).content.decode()
    places = [page.index(message.reference) for message in (bounced, given_up, newer[1], newer[0])]
    assert places == sorted(places)
    for words in ("Not delivered, given up", "Bounced", given_up.last_error, bounced.bounce):
        assert words in page


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("not-arrived", {"F", "B"}),
        ("failed", {"F"}),
        ("bounced", {"B"}),
        ("failing", {"G"}),
        ("waiting", {"W"}),
        ("unhandled", {"U"}),
        ("delivered", {"D"}),
    ],
)
def test_the_page_filters_by_state(state: str, shown: set[str], dana: Person) -> None:
    now = timezone.now()
    every_state: dict[str, dict[str, Any]] = {
        "F": {"dead_at": now, "last_error": "refused"},
        "B": {"delivered_at": now, "handled_at": now, "bounced_at": now},
        "G": {"last_error": "busy"},
        "W": {},
        "U": {"delivered_at": now},
        "D": {"delivered_at": now, "handled_at": now},
    }
    for reference, facts in every_state.items():
        OutboxMessageFactory.create(reference=reference, **facts)
    response = client_of(dana).get(LIST, {"state": state})
    assert {row.reference for row in response.context["cl"].result_list} == shown


@pytest.mark.parametrize("field", ["reference", "recipient", "message_id"])
def test_the_page_finds_what_is_named_in_full(field: str, given_up: OutboxMessage, dana: Person) -> None:
    sought = OutboxMessageFactory.create(reference="INC000000000042", recipient="somebody@example.example")
    browser = client_of(dana)
    for typed in (getattr(sought, field), f" {getattr(sought, field)} "):
        assert shown_by(browser, q=typed) == [sought]
    assert shown_by(browser, q="inc000000000042") == shown_by(browser, q="Somebody@Example.EXAMPLE") == [sought]
    assert shown_by(browser, q=getattr(sought, field), state="failed") == []
    assert shown_by(browser, q=getattr(sought, field)[:-1]) == []


def test_the_page_counts_no_emails(dana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OutboxMessageAdmin, "list_per_page", 2)
    emails = OutboxMessageFactory.create_batch(3)
    page = client_of(dana).get(LIST)
    assert [row.pk for row in page.context["cl"].result_list] == [each.pk for each in emails[:0:-1]]
    assert "The first 2 are shown." in page.content.decode()
    assert "0 of 2 selected" in page.content.decode()
    assert "Click here to select the objects across all pages" not in page.content.decode()


def shown_by(browser: Client, **asked: str) -> list[OutboxMessage]:
    return list(browser.get(LIST, asked).context["cl"].result_list)


def test_the_page_sends_again_and_says_what_it_could_not(given_up: OutboxMessage, dana: Person) -> None:
    delivered = OutboxMessageFactory.create(delivered_at=timezone.now())
    response = client_of(dana).post(
        LIST, {"action": "send_again", "_selected_action": [given_up.pk, delivered.pk]}, follow=True
    )
    given_up.refresh_from_db()
    assert given_up.dead_at is None
    said = response.content.decode()
    assert f"The e-mail about {given_up.reference} will be sent again." in said
    assert "is delivered" in said


def test_the_page_changes_nothing_else(given_up: OutboxMessage, dana: Person) -> None:
    browser = client_of(dana)
    for path in (f"{LIST}add/", f"{LIST}{given_up.pk}/delete/"):
        assert browser.get(path).status_code == 403
    assert browser.get(f"{LIST}{given_up.pk}/change/").status_code == 200
    assert browser.post(f"{LIST}{given_up.pk}/change/", {"recipient": "x@b.example"}).status_code == 403


def test_the_page_is_the_desk_s_alone(given_up: OutboxMessage, gina: Person) -> None:
    for browser in (Client(), client_of(gina)):
        response = browser.get(LIST)
        assert response.status_code in {302, 403, 404}
        assert given_up.reference not in response.content.decode()
