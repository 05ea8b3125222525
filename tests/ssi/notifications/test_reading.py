"""Every e-mail reads well in a plain reader, aloud and in the dark, and both its parts say the same."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.utils import timezone

from ssi.notifications import delivery
from ssi.notifications.models import OutboxMessage
from ssi.notifications.outbox import Email
from ssi.notifications.writing import LONGEST_LINE
from tests.factories.notifications import OutboxMessageFactory
from tests.reading import Page, refuse_bad_html, refuse_bad_text
from tests.ssi.notifications.mail_server import MailServer
from tests.ssi.notifications.rendering import NAME, every_email, templates_of

EVERY = every_email()
SIGNATURE = {"--", "Self-Service Interface"}
each = pytest.mark.parametrize("name", EVERY)


def words(text: str) -> str:
    """Return what is said, without how it is set."""
    return " ".join(re.sub(r"[:]", " ", text).split())


def paragraphs(email: Email) -> list[str]:
    """Return what the text part says, without its links and its signature."""
    lines = ["" if "://" in line or line in SIGNATURE else line for line in email.text.splitlines()]
    return [part for part in (words(part) for part in "\n".join(lines).split("\n\n")) if part]


def test_every_email_has_both_parts() -> None:
    assert templates_of("txt") == templates_of("html")
    assert len(EVERY) > 10


@each
def test_the_text_part_suits_a_plain_reader(name: str) -> None:
    refuse_bad_text(EVERY[name].text)


@each
def test_the_html_part_asks_nothing_of_the_reader(name: str) -> None:
    refuse_bad_html(EVERY[name].html)
    page = Page(EVERY[name].html)
    assert page.tags <= {
        *("html", "head", "meta", "title", "style", "body", "table", "tr", "td", "div"),
        *("h1", "h2", "p", "strong", "a", "ul", "li"),
    }


@each
def test_both_parts_lead_to_the_same_places(name: str) -> None:
    text, html = EVERY[name].text, EVERY[name].html
    assert set(re.findall(r"https?://\S+", text)) == Page(html).addresses


@each
def test_both_parts_say_the_same(name: str) -> None:
    shown = words(Page(EVERY[name].html).text)
    for paragraph in paragraphs(EVERY[name]):
        assert paragraph in shown


@each
def test_nothing_is_said_in_markup(name: str) -> None:
    for part in (EVERY[name].text, Page(EVERY[name].html).text):
        assert not re.search(r"&(amp|lt|gt|quot|#39|#x27);", part)
        assert "{" not in part
        assert "\N{EM DASH}" not in part


@pytest.mark.parametrize("name", ["accounts/emails/set_your_password", "accounts/emails/forgotten_password"])
def test_a_name_is_text_in_both_parts(name: str) -> None:
    email = EVERY[name]
    assert NAME in " ".join(email.text.split())
    assert NAME in Page(email.html).text
    assert "< a very" not in email.html


@each
def test_what_a_person_should_do_and_why_they_were_written_to_is_said(name: str) -> None:
    shown = Page(EVERY[name].html).text
    assert "You get this because" in shown
    assert "How soon you are written to, you choose in the portal under your name." in shown
    assert "We never ask for a password or an install code by e-mail." in shown
    if name.startswith("incidents/"):
        assert "What to do:" in shown


@pytest.mark.django_db
@each
def test_it_arrives_as_two_parts_the_plain_one_first(name: str, mail_server: MailServer) -> None:
    email = EVERY[name]
    OutboxMessageFactory.create(subject=email.subject, text=email.text, html=email.html)
    assert delivery.deliver_waiting().delivered == 1
    raw = bytes(mail_server.accepted[0])
    assert max(len(line) for line in raw.splitlines()) <= 998  # RFC 5322 2.1.1
    arrived = message_from_bytes(raw, policy=policy.default)
    assert isinstance(arrived, EmailMessage)
    assert arrived.get_content_type() == "multipart/alternative"
    plain, html = arrived.iter_parts()
    assert [part.get_content_type() for part in (plain, html)] == ["text/plain", "text/html"]
    assert {part.get_content_charset() for part in (plain, html)} == {"utf-8"}
    text = plain.get_content().replace("\r\n", "\n")
    assert text == email.text
    assert all(len(line) <= LONGEST_LINE for line in text.splitlines() if "://" not in line)
    assert Page(html.get_content()).text == Page(email.html).text
    assert (arrived["To"], arrived["Subject"]) == (OutboxMessage.objects.get().recipient, email.subject)
    assert abs((timezone.now() - arrived["Date"].datetime).total_seconds()) < 600
