"""Going from page to page: Playwright's click does not wait for the page that it leads to."""

from playwright.sync_api import Locator, Page


def go(there: Locator) -> None:
    """Click, and wait until the next page has come: only then is committed what the click asked for."""
    with there.page.expect_navigation():
        there.click()


def press(page: Page, name: str, *, exact: bool = False) -> None:
    """Press a button that leads to another page, and wait for that page."""
    go(page.get_by_role("button", name=name, exact=exact))


def follow(page: Page, name: str, *, exact: bool = False) -> None:
    """Follow a link to another page, and wait for that page."""
    go(page.get_by_role("link", name=name, exact=exact))


def press_enter(page: Page) -> None:
    """Send the form that has the focus with the keyboard, and wait for the page that it leads to."""
    with page.expect_navigation():
        page.keyboard.press("Enter")
