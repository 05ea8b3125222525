"""The whole way of one install code between two competitors, in a real browser, with a third looking on."""

import re
from collections.abc import Callable

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, Page, expect
from playwright.sync_api import Error as PlaywrightError

from incidents.models import InstallCodeRequest
from incidents.models.choices import State
from ssi.accounts.demo_accounts import DEMO_PASSWORD
from ssi.accounts.models import Person
from tests.factories.incidents import CODE, CODE_WITH_CRC, MISTYPED, device_of, raised, request_in
from tests.journeys.conftest import OpenAs
from tests.journeys.going import follow, press, press_enter
from tests.journeys.watching import look_at, watch
from tests.personas import actor_of

AN_HOUR = 3_600


def sign_in(page: Page, person: Person) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    look_at(page)
    press(page, "Sign in", exact=True)


def let_time_pass(seconds: int) -> None:
    """Make every sign-in older, as a morning of other work does."""
    for row in Session.objects.all():
        session = SessionStore(session_key=row.session_key)
        for record in session.get("account_authentication_methods", []):
            record["at"] -= seconds
        session.modified = True
        session.save()


def test_an_install_code_goes_from_one_supplier_to_another(
    new_browser_window: Callable[..., BrowserContext],
    open_as: OpenAs,
    gina: Person,
    ivan: Person,
    rhea: Person,
) -> None:
    device_id = str(device_of(ivan).device_id)
    window = new_browser_window(permissions=["clipboard-read", "clipboard-write"])
    ginas = watch(window.new_page())

    reference = gina_raises(ginas, gina, device_id)
    rhea_sees_nothing(open_as(rhea), reference, device_id)
    ivan_answers(open_as(ivan), reference)
    gina_reads_and_closes(ginas, reference)

    assert InstallCodeRequest.objects.get().state == "closed"


def gina_raises(page: Page, gina: Person, device_id: str) -> str:
    sign_in(page, gina)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Gina")
    look_at(page)

    page.get_by_role("searchbox").first.fill(device_id.replace("-", "").lower())
    press_enter(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text(device_id)
    look_at(page)
    follow(page, "Ask for the install code")
    expect(page.get_by_label("Device ID")).to_have_value(device_id)
    look_at(page)

    press(page, "Check your answers")
    expect(page.locator(".error-summary")).to_be_focused()
    look_at(page)
    page.get_by_label("We are, or will be").check()
    page.get_by_label("Note for").fill("Our engineer is there on Friday.")
    press(page, "Check your answers")
    expect(page.get_by_text("pre-notified this device")).to_be_visible()
    look_at(page)

    press(page, "Raise the request")
    expect(page.get_by_role("heading", level=1)).to_have_text("Request raised")
    look_at(page)
    found = re.search(r"INC\d{12}", page.locator("main").inner_text())
    assert found
    follow(page, "See the request")
    expect(page.get_by_text("Reveal the install code")).to_be_visible()
    expect(page.get_by_text("It is not answered yet.")).to_be_visible()
    look_at(page)
    return found[0]


def rhea_sees_nothing(page: Page, reference: str, device_id: str) -> None:
    response = page.goto(f"/incidents/{reference}/")
    assert response is not None
    assert response.status == 404
    look_at(page)
    page.goto(f"/devices/{device_id}/")
    assert reference not in page.content()


def ivan_answers(page: Page, reference: str) -> None:
    page.goto("/")
    look_at(page)
    follow(page, reference)
    expect(page.get_by_text("Our engineer is there on Friday.")).to_be_visible()
    look_at(page)
    follow(page, "Answer with the install code")
    look_at(page)
    code = page.get_by_label("Install code", exact=True)
    code.fill(MISTYPED)
    press(page, "Seal and send")
    expect(page.locator(".error-summary")).to_contain_text("The check digits do not match.")
    expect(code).to_have_value("")
    look_at(page)
    code.fill(" ".join(CODE_WITH_CRC[at : at + 4] for at in range(0, 36, 4)))
    press(page, "Seal and send")
    expect(page.get_by_role("heading", level=1)).to_have_text("Install code sealed and sent")
    look_at(page)


def gina_reads_and_closes(page: Page, reference: str) -> None:
    let_time_pass(AN_HOUR)
    page.goto("/")
    follow(page, reference)
    follow(page, "Reveal the install code")
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm that it is you")
    look_at(page)
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    press(page, "Confirm")
    expect(page.get_by_role("heading", level=1)).to_have_text("Reveal the install code")
    look_at(page)
    page.get_by_label("What do you need the code for?").fill("To commission the meter on Friday.")
    press(page, "Reveal the code")
    expect(page.locator(".secret")).to_contain_text(CODE[:4])
    look_at(page)
    page.get_by_role("button", name="Copy 32 digits").click()
    expect(page.get_by_role("status")).to_have_text("Copied the 32 digits")
    assert page.evaluate("navigator.clipboard.readText()") == CODE
    assert CODE not in page.url

    follow(page, "Back to the request")
    expect(page.locator(".timeline")).to_contain_text("Install code revealed")
    assert CODE[:8] not in page.content()
    look_at(page)
    follow(page, "Close the request")
    look_at(page)
    page.get_by_label("The code worked").check()
    press(page, "Confirm")
    expect(page.get_by_role("heading", level=1)).to_have_text("Request closed")
    look_at(page)


def test_without_any_script_it_works_the_same(open_as: OpenAs, gina: Person, ivan: Person) -> None:
    device = device_of(ivan)
    page = open_as(gina, java_script_enabled=False)
    page.goto(f"/install-code-requests/raise/?device_id={device.device_id}")
    page.get_by_label("We are, or will be").check()
    press(page, "Check your answers")
    press(page, "Change your answers")
    page.get_by_label("Note for").fill("Changed my mind.")
    press(page, "Check your answers")
    press(page, "Raise the request")
    expect(page.get_by_role("heading", level=1)).to_have_text("Request raised")
    follow(page, "See the request")
    expect(page.get_by_text("Changed my mind.")).to_be_visible()
    follow(page, "Withdraw the request")
    page.get_by_label("Why do you withdraw it?").fill("It was a test.")
    press(page, "Withdraw the request")
    expect(page.get_by_role("heading", level=1)).to_have_text("Request withdrawn")


def test_the_code_is_gone_when_one_goes_back(open_as: OpenAs, gina: Person, ivan: Person) -> None:
    request = request_in(State.ANSWERED, gina, ivan)
    page = open_as(gina)
    page.goto(f"{request.get_absolute_url()}reveal/")
    page.get_by_label("What do you need the code for?").fill("To join it.")
    press(page, "Reveal the code")
    expect(page.locator(".secret")).to_contain_text(CODE[:4])
    follow(page, "Back to the request")
    with pytest.raises(PlaywrightError, match="ERR_CACHE_MISS"):  # neither kept nor fetched again
        page.go_back(wait_until="commit")
    expect(page.locator("body")).not_to_contain_text(CODE[:4])


def test_a_double_click_raises_one_request(open_as: OpenAs, gina: Person, ivan: Person) -> None:
    device = device_of(ivan)
    page = open_as(gina)
    page.goto(f"/install-code-requests/raise/?device_id={device.device_id}")
    page.get_by_label("We are, or will be").check()
    press(page, "Check your answers")
    page.get_by_role("button", name="Raise the request").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Request raised")
    assert InstallCodeRequest.objects.count() == 1


def test_the_desk_re_routes_from_its_own_pages(
    open_as: OpenAs, gina: Person, ivan: Person, rhea: Person, dana: Person
) -> None:
    request = request_in(State.WITH_SERVICE_DESK, gina, ivan)
    page = open_as(dana)
    page.goto("/")
    look_at(page)
    page.goto("/admin/incidents/installcoderequest/")
    follow(page, request.reference)
    follow(page, "Re-route the request")
    look_at(page)
    page.get_by_label("User ID that is asked").select_option(str(actor_of(rhea).user_id))
    page.get_by_label("Why this User ID?").fill("Harbourline took the depot over.")
    press(page, "Re-route the request")
    expect(page.get_by_role("heading", level=1)).to_have_text("Request re-routed")
    look_at(page)
    rheas = open_as(rhea)
    rheas.goto("/")
    expect(rheas.get_by_role("link", name=request.reference)).to_be_visible()


def test_slash_goes_to_the_search_box(open_as: OpenAs, gina: Person, ivan: Person) -> None:
    request = raised(gina, ivan)
    page = open_as(gina)
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type(request.reference)
    press_enter(page)
    page.wait_for_url(f"**/incidents/{request.reference}/")
