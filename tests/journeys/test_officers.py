"""An officer's way through the register in a real browser: nominated, confirmed, ended."""

from playwright.sync_api import Page, expect

from ssi.accounts.models import Officer, Person
from ssi.accounts.models.officers import Standing
from tests.factories.accounts import OfficerFactory, officer_in_register
from tests.journeys.conftest import OpenAs
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
    sro.get_by_role("link", name="Nominate an ARO").click()
    look_at(sro)
    sro.get_by_label("Name", exact=True).fill("Tamsin Reed")
    sro.get_by_label("E-mail address").fill("tamsin")
    sro.get_by_role("button", name="Check your answers").click()
    look_at(sro)
    sro.get_by_label("E-mail address").fill(NEW)
    sro.get_by_role("button", name="Check your answers").click()
    look_at(sro)
    sro.get_by_role("button", name="Nominate").click()
    expect(sro.get_by_role("heading", name="Nominated")).to_be_visible()
    look_at(sro)


def _confirm(desk: Page) -> None:
    nomination = Officer.objects.get(email=NEW)
    desk.goto(f"/incidents/{nomination.reference}/")  # as the e-mail links
    look_at(desk)
    desk.get_by_role("button", name="Confirm: DCC has matched the person").click()
    expect(desk.get_by_text("acts as ARO of Northlight Energy from now on")).to_be_visible()
    look_at(desk)
    desk.goto("/admin/accounts/officer/")
    look_at(desk)
    desk.goto("/admin/accounts/officer/add/")
    look_at(desk)


def _end_the_role_of_aroha(sro: Page) -> None:
    sro.goto("/officers/")
    sro.get_by_role("row", name="Aroha Tane").get_by_role("link").click()
    look_at(sro)
    sro.get_by_role("link", name="End the role").click()
    look_at(sro)
    sro.get_by_label("Their signing key is lost, or somebody else may have it").check()
    sro.get_by_role("button", name="End the role").click()
    expect(sro.get_by_text("acts for your company as ARO no more")).to_be_visible()


def test_nomination_is_withdrawn(open_as: OpenAs, sunil: Person) -> None:
    officer = OfficerFactory.create(acting_for=officer_in_register(sunil).acting_for, name="Tamsin Reed")
    sro = open_as(sunil)
    sro.goto("/officers/earlier/")
    look_at(sro)
    sro.goto(f"/officers/{officer.reference}/withdraw/")
    look_at(sro)
    sro.get_by_role("button", name="Withdraw the nomination").click()
    expect(sro.get_by_text("is withdrawn")).to_be_visible()
    look_at(sro)
    sro.goto("/officers/earlier/")
    look_at(sro)
    officer.refresh_from_db()
    assert officer.standing == Standing.WITHDRAWN
