"""E-mails in a real browser: accessible and readable in both themes and on a phone, and nothing is fetched."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.journeys.conftest import OpenAs
from tests.journeys.watching import NARROW
from tests.ssi.notifications.rendering import every_email

EVERY = every_email()
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "preload": False}


def findings(page: Page, theme: Any) -> list[str]:
    """Return what is wrong with the e-mail on `page` in a theme."""
    page.emulate_media(color_scheme=theme)
    return [violation["id"] for violation in Axe().run(page, options=RULES).response["violations"]]


@pytest.mark.parametrize("name", ["emails/digest", "incidents/emails/installer_asked", "incidents/emails/many"])
def test_an_email_is_accessible_in_light_and_dark_and_on_a_phone(name: str, open_as: OpenAs) -> None:
    page = open_as(None)
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.set_content(EVERY[name].html)
    assert findings(page, "light") == []
    light = page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor")
    page.set_viewport_size(NARROW)
    assert findings(page, "dark") == []
    assert page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor") != light
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert fetched == []
