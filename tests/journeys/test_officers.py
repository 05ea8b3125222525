"""An officer's way through the register in a real browser: nominated, confirmed, ended."""

from playwright.sync_api import Page, expect

from ssi.accounts.models import Officer, Person
from ssi.accounts.models.officers import Standing
from tests.factories.accounts import OfficerFactory, officer_in_register
from tests.journeys.conftest import OpenAs
from tests.journeys.going import follow, go, press
from tests.journeys.watching import look_at

NEW = "tamsin@northlight.example"


def test_aro_is_nominated_confirmed_and_ended(open_as: OpenAs, sunil: Person, aroha: Person, dana: Person) -> None:
    officer_in_register(sunil)
    officer_in_register(aroha)
    sro, desk, aro = open_as(sunil), open_as(dana), open_as(aroha)
    _nominate(sro)
    _confirm(desk)
    aro.goto("/access/")
    _end_the_role_of_aroha(sro)
    aro.goto("/uploads/")
    expect(aro.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(aro.get_by_text("You were signed out because a role of yours ended")).to_be_visible()
    look_at(aro)


def _nominate(sro: Page) -> None:
    sro.goto("/officers/")
    look_at(sro)
    follow(sro, "Nominate an ARO")
    look_at(sro)
    sro.get_by_label("Name", exact=True).fill("Tamsin Reed")
    sro.get_by_label("E-mail address").fill("tamsin")
    press(sro, "Check your answers")
    look_at(sro)
    sro.get_by_label("E-mail address").fill(NEW)
    press(sro, "Check your answers")
    look_at(sro)
    press(sro, "Nominate")
    expect(sro.get_by_role("heading", name="Nominated")).to_be_visible()
    look_at(sro)


def _confirm(desk: Page) -> None:
    nomination = Officer.objects.get(email=NEW)
    desk.goto(f"/incidents/{nomination.reference}/")  # as the e-mail links
    look_at(desk)
    press(desk, "Confirm: DCC has matched the person")
    expect(desk.get_by_text("acts as ARO of Northlight Energy from now on")).to_be_visible()
    look_at(desk)
    desk.goto("/admin/accounts/officer/")
    look_at(desk)
    desk.goto("/admin/accounts/officer/add/")
    look_at(desk)


def _end_the_role_of_aroha(sro: Page) -> None:
    sro.goto("/officers/")
    go(sro.get_by_role("row", name="Aroha Tane").get_by_role("link"))
    look_at(sro)
    follow(sro, "End the role")
    look_at(sro)
    sro.get_by_label("Their signing key is lost, or somebody else may have it").check()
    press(sro, "End the role")
    expect(sro.get_by_text("acts for your company as ARO no more")).to_be_visible()


def test_nomination_is_withdrawn(open_as: OpenAs, sunil: Person) -> None:
    officer = OfficerFactory.create(acting_for=officer_in_register(sunil).acting_for, name="Tamsin Reed")
    sro = open_as(sunil)
    sro.goto("/officers/earlier/")
    look_at(sro)
    sro.goto(f"/officers/{officer.reference}/withdraw/")
    look_at(sro)
    press(sro, "Withdraw the nomination")
    expect(sro.get_by_text("is withdrawn")).to_be_visible()
    look_at(sro)
    sro.goto("/officers/earlier/")
    look_at(sro)
    officer.refresh_from_db()
    assert officer.standing == Standing.WITHDRAWN
