"""Everybody may say how soon they want which e-mail, as far as the law lets them, for themselves alone."""

import uuid
from html.parser import HTMLParser

import pytest
from django.test import Client

from incidents import notices
from ssi.access.actor import Actor
from ssi.accounts.models import Person
from ssi.accounts.search import notices_reaching
from ssi.audit.models import AuditEvent
from ssi.notifications import preferences
from ssi.notifications.actions import choose_paces
from ssi.notifications.actions.preferences import EmailMustArrive
from ssi.notifications.models import Preference
from ssi.notifications.notices import DIGEST, Notice, Pace, declared
from ssi.refusals import NotAllowed
from tests.personas import actor_of, client_of
from tests.query_counts import counted

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("query_counts")]
PAGE = "/account/e-mails/"


class Radios(HTMLParser):
    """The radio buttons of the form: which is checked and which are grey, by field."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.checked: dict[str, str] = {}
        self.grey: dict[str, set[str]] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a radio button."""
        values = dict(attrs)
        if tag == "input" and values.get("type") == "radio" and values["name"] != "theme":
            name, value = str(values["name"]), str(values["value"])
            grey = self.grey.setdefault(name, set())
            if "checked" in values:
                self.checked[name] = value
            if "disabled" in values:
                grey.add(value)


def radios(browser: Client) -> Radios:
    response = browser.get(PAGE)
    assert response.status_code == 200
    return Radios(response.content.decode())


def sent(browser: Client, **changes: str) -> dict[str, str]:
    """Return what the page's form sends after `changes`, by field."""
    return {"idempotency_key": str(uuid.uuid4()), **radios(browser).checked, **changes}


def fields_of(person: Person) -> set[str]:
    return {notice.field for notice in notices_reaching(actor_of(person)) if notice.least != Pace.AT_ONCE}


def test_one_is_asked_about_what_one_may_get_and_starts_at_once(gina: Person) -> None:
    shown = radios(client_of(gina))
    assert set(shown.checked) == fields_of(gina) >= {notices.NOTE_ADDED.field, notices.ANSWERED.field}
    assert set(shown.checked.values()) == {Pace.AT_ONCE}


def test_a_choice_is_kept_shown_and_recorded(gina: Person) -> None:
    browser = client_of(gina)
    changes = {notices.NOTE_ADDED.field: "never", notices.ANSWERED.field: "daily"}
    response = browser.post(PAGE, sent(browser, **changes), follow=True)
    assert "Your choice is kept." in response.content.decode()
    chosen = {notices.NOTE_ADDED.event: Pace.NEVER, notices.ANSWERED.event: Pace.DAILY}
    assert preferences.chosen_by(gina.email) == chosen
    shown = radios(browser).checked
    assert {name for name, pace in shown.items() if pace != Pace.AT_ONCE} == set(changes)
    event = AuditEvent.objects.get(event="email_preference.chosen")
    assert (event.person_email, event.about, event.reference) == (gina.email, "email_preference", gina.email)
    assert event.detail == chosen


def test_going_back_to_at_once_leaves_no_trace_but_in_the_audit_log(gina: Person) -> None:
    by = actor_of(gina)
    assert choose_paces(paces={notices.NOTE_ADDED: Pace.NEVER}, by=by) == [notices.NOTE_ADDED]
    assert choose_paces(paces={notices.NOTE_ADDED: Pace.AT_ONCE}, by=by) == [notices.NOTE_ADDED]
    assert not Preference.objects.exists()
    assert AuditEvent.objects.count() == 2


def test_choosing_the_same_again_changes_and_records_nothing(gina: Person) -> None:
    paces = {notices.NOTE_ADDED: Pace.DAILY, notices.CLOSED: Pace.AT_ONCE}
    choose_paces(paces=paces, by=actor_of(gina))
    before = list(Preference.objects.values())
    assert choose_paces(paces=paces, by=actor_of(gina)) == []
    assert list(Preference.objects.values()) == before
    assert AuditEvent.objects.count() == 1


def test_a_choice_is_ones_own(gina: Person, rhea: Person) -> None:
    choose_paces(paces={notices.NOTE_ADDED: Pace.NEVER}, by=actor_of(gina))
    assert preferences.chosen_by(rhea.email) == {}
    people = [gina.email, rhea.email]
    assert preferences.paces_of(notices.NOTE_ADDED, people) == {gina.email: Pace.NEVER}


def test_what_comes_at_once_always_is_said_with_the_reason_and_not_asked(ivan: Person) -> None:
    page = client_of(ivan).get(PAGE).content.decode()
    for notice in (notices.INSTALLER_ASKED, notices.REMINDER):
        assert notice.name in page
        assert notice.because in page.replace("&#x27;", "'")
        assert f'name="{notice.field}"' not in page
    assert notices.OVERDUE.name not in page, "the desk's alone"
    assert DIGEST.name not in page


def test_what_may_not_be_turned_off_is_grey_with_the_reason(gina: Person) -> None:
    browser = client_of(gina)
    assert radios(browser).grey[notices.ANSWERED.field] == {Pace.NEVER}
    assert radios(browser).grey[notices.NOTE_ADDED.field] == set()
    assert notices.ANSWERED.because in browser.get(PAGE).content.decode()


def test_what_is_grey_is_refused_as_well(gina: Person) -> None:
    browser = client_of(gina)
    response = browser.post(PAGE, sent(browser, **{notices.ANSWERED.field: "never"}))
    page = response.content.decode()
    assert "DCC must pass the answer on" in page
    assert "Choose one of these: “At once” or “In one summary each Working Day”." in page
    assert not Preference.objects.exists()


@pytest.mark.parametrize("notice", [each for each in declared() if each.least == Pace.AT_ONCE], ids=str)
@pytest.mark.parametrize("pace", [Pace.DAILY, Pace.NEVER])
def test_nobody_turns_off_or_delays_what_the_law_wants_at_once(
    notice: Notice, pace: Pace, ivan: Person, dana: Person
) -> None:
    for person in (ivan, dana):
        with pytest.raises(EmailMustArrive):
            choose_paces(paces={notice: pace}, by=actor_of(person))
    assert not Preference.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("pace", ["", "hourly"])
def test_a_damaged_form_is_shown_again(pace: str, gina: Person) -> None:
    browser = client_of(gina)
    response = browser.post(PAGE, sent(browser, **{notices.NOTE_ADDED.field: pace}))
    assert response.status_code == 200
    assert "Error:" in response.content.decode()
    assert not Preference.objects.exists()


def test_the_desk_and_readers_have_little_to_choose(dana: Person, vera: Person) -> None:
    for person in (dana, vera):
        browser = client_of(person)
        assert radios(browser).checked.keys() == fields_of(person)
    assert notices.OVERDUE in notices_reaching(actor_of(dana))
    assert fields_of(vera) == set()
    assert "There is nothing to choose" in client_of(vera).get(PAGE).content.decode()


def test_the_portal_itself_chooses_nothing() -> None:
    with pytest.raises(NotAllowed):
        choose_paces(paces={notices.NOTE_ADDED: Pace.NEVER}, by=Actor.system())


def test_the_page_stands_in_the_menu_under_ones_name(gina: Person) -> None:
    assert f'href="{PAGE}"' in client_of(gina).get("/access/").content.decode()


def test_the_page_asks_the_database_the_same_however_much_was_chosen(gina: Person) -> None:
    browser = client_of(gina)
    browser.get(PAGE)
    for pace in (Pace.AT_ONCE, Pace.DAILY):
        choose_paces(paces={notice: pace for notice in declared() if pace in notice.paces}, by=actor_of(gina))
        with counted("e-mails to me"):
            assert browser.get(PAGE).status_code == 200
