"""What every page of a journey is held to: accessible in both themes and on a narrow screen, and quiet."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, ViewportSize

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": False,  # axe would fetch imported sheets and put them back inline, which our policy blocks
}
NARROW = ViewportSize(width=320, height=640)
_AXE = Axe().axe_script
_RUN = """async (rules) => (await axe.run(rules)).violations.map(
    (each) => `${each.id} at ${each.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", ")}`
)"""
_said: dict[Page, list[str]] = {}


def watch(page: Page) -> Page:
    """Listen to what the browser complains of: blocked scripts and styles, errors of ours."""
    said = _said[page] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            said.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("close", _forget)
    return page


def _forget(page: Page) -> None:
    _said.pop(page, None)


def look_at(page: Page) -> None:
    """Fail unless a page is quiet, accessible (wide in light, narrow in dark) and fits 320 px; restore it."""
    wide = page.viewport_size
    findings = [f"the browser says: {said}" for said in _said[page]]
    findings += [f"light: {each}" for each in _violations(page, "light")]
    page.set_viewport_size(NARROW)
    findings += [f"dark, 320 px: {each}" for each in _violations(page, "dark")]
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if overflow:
        findings.append(f"320 px: the page is {overflow} px too wide")
    if wide is not None:
        page.set_viewport_size(wide)
    page.emulate_media(color_scheme="light")
    _said[page].clear()  # what axe itself does to a page is not the page's doing
    assert not findings, f"{page.url}\n" + "\n".join(findings)


def _violations(page: Page, theme: str) -> list[str]:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE)
    found: list[str] = page.evaluate(_RUN, RULES)
    return found
