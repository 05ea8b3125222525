"""A real browser for the journeys: Chromium against the portal, its static files and its policy included."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from ssi.accounts.models import Person
from tests.journeys.watching import watch
from tests.personas import client_of

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = ViewportSize(width=1280, height=900)
AT_MOST = 20_000
"""Milliseconds that a page may take, on a machine that is busy with other tests."""

# Playwright's loop runs in this thread, which makes Django refuse the database here unless told that we know.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

expect.set_options(timeout=AT_MOST)

OpenAs = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the journeys, keep them in one process with one browser, and skip them where there is none."""
    for item in items:
        if "/journeys/" not in str(item.path):
            continue
        item.add_marker(pytest.mark.journey)
        item.add_marker(pytest.mark.xdist_group("journeys"))
        item.add_marker(pytest.mark.django_db(transaction=True))
        if CHROMIUM is None and not os.environ.get("CI"):
            item.add_marker(pytest.mark.skip(reason="There is no Chromium here; install it to run the journeys."))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Tell Playwright which Chromium to start, once for all journeys."""
    return {"executable_path": CHROMIUM, "headless": True, "args": SWITCHES}


@pytest.fixture
def new_browser_window(browser: Browser, live_server: LiveServer) -> Iterator[Callable[..., BrowserContext]]:
    """Return what opens a window of its own, with its own cookies; all are closed at the end."""
    windows: list[BrowserContext] = []

    def open_window(**options: Any) -> BrowserContext:
        window = browser.new_context(base_url=live_server.url, viewport=DESKTOP, locale="en-GB", **options)
        window.set_default_timeout(AT_MOST)
        windows.append(window)
        return window

    yield open_window
    for window in windows:
        window.close()


@pytest.fixture
def open_as(new_browser_window: Callable[..., BrowserContext], live_server: LiveServer) -> OpenAs:
    """Return what opens the portal for a person who signed in already, without the sign-in page."""

    def open_page(person: Person | None, *, fresh: bool = True, **options: Any) -> Page:
        window = new_browser_window(**options)
        if person is not None:
            cookies = client_of(person, fresh=fresh).cookies
            window.add_cookies(
                [{"name": name, "value": morsel.value, "url": live_server.url} for name, morsel in cookies.items()]
            )
        return watch(window.new_page())

    return open_page
